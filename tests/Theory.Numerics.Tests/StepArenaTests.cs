using Xunit;

namespace Theory.Numerics.Tests;

public sealed class StepArenaTests
{
    private const int Dimension = 300;

    private static Block Constant(double value) => Block.Fill(Shape.Vector(1, 1, Dimension), value);

    [Fact]
    public void A_pending_block_older_than_the_arena_keeps_what_a_step_computes()
    {
        Block older = Constant(2.0) - 0.5 * Constant(1.0);
        using (var arena = StepArena.Open())
        {
            for (int step = 0; step < 3; step++)
            {
                Block state = (older.Abs() + 0.0 * Constant(1.0)).Materialise();
                arena.EndStep([state]);
            }
        }

        Assert.All(older.ToArray(), v => Assert.Equal(1.5, v));
    }

    [Fact]
    public void A_block_made_inside_a_step_is_an_error_after_it()
    {
        using var arena = StepArena.Open();
        Block pending = Constant(2.0) - 0.5 * Constant(1.0);
        Block state = pending.Abs();
        arena.EndStep([state]);
        Assert.Throws<InvalidOperationException>(() => pending.ToArray());
        Assert.All(state.ToArray(), v => Assert.Equal(1.5, v));
    }
}
