using Theory.Api;
using Theory.Numerics;
using Xunit;

namespace FacadeTests;

public sealed class DrawTests
{
    private static readonly DrawAddress Address = DrawAddress.Of(11);

    [Fact]
    public void Outcomes_have_probabilities_that_sum_to_one()
    {
        static void Sums<T>(Draw<T> draw, int count)
        {
            IReadOnlyList<(double Probability, T Outcome)> outcomes = draw.Outcomes();
            Assert.Equal(count, outcomes.Count);
            Assert.Equal(count, draw.Count);
            Assert.Equal(1.0, outcomes.Sum(o => o.Probability), 12);
        }

        Sums(Draws.None, 1);
        Sums(Draws.Always("x"), 1);
        Sums(Draws.Index(5), 5);
        Sums(Draws.WeightedIndex(0.5, 0.25, 0.25), 3);
        Sums(Draws.Indices(3, 2), 9);
        Sums(Draws.Coin(0.3), 2);
        Sums(Draws.Coins(3, 0.3), 8);
        Sums(Draws.Subset(2, 4), 6);
        Sums(Draws.Subsets(2, 1, 3), 9);
        Sums(Draws.Permutation(3), 6);
        Sums(Draws.SignedCoordinate(3, 2.0), 6);
        Sums(Draws.Both(Draws.Coin(0.5), Draws.Index(3)), 6);
        Sums(Draws.Three(Draws.Coin(0.5), Draws.Index(3), Draws.None), 6);
    }

    [Fact]
    public void Samples_are_a_function_of_the_address()
    {
        Draw<(Mask First, Block Second)> draw = Draws.Both(Draws.Coin(0.5), Draws.Gaussian(3, 2));
        Assert.Equal(draw.Sample(Address, 4).Second.ToArray(), draw.Sample(Address, 4).Second.ToArray());
        Assert.NotEqual(draw.Sample(Address, 4).Second.ToArray(), draw.Sample(Address.AtStep(1), 4).Second.ToArray());
        Assert.Equal("2×4×3", draw.Sample(Address, 4).Second.Shape.ToString());
        Assert.Equal(draw.Sample(Address, 4).Second.Lane(3).ToArray(), draw.Sample(Address.AtLane(3), 1).Second.ToArray());
        Assert.Equal("1×2×5", Draws.Uniform(5).Sample(Address, 2).Shape.ToString());
        Assert.Equal(3, Draws.Index(7).Select(i => i.Lanes).Sample(Address, 3));
        Assert.Throws<InvalidOperationException>(() => Draws.Gaussian(2).Outcomes());
        Draw<Block> own = Draws.Sampled(1, (address, lanes) => Sampler.Laplace(address, 1, lanes, 2, 1.0));
        Assert.Equal("1×3×2", own.Sample(Address, 3).Shape.ToString());
        Assert.True(double.IsPositiveInfinity(own.Count));
    }

    [Fact]
    public void Laws_that_are_none_are_named()
    {
        Assert.Equal("n", Assert.Throws<ArgumentOutOfRangeException>(() => Draws.Index(0)).ParamName);
        Assert.Equal("p", Assert.Throws<ArgumentOutOfRangeException>(() => Draws.Coin(1.5)).ParamName);
        Assert.Equal("k", Assert.Throws<ArgumentOutOfRangeException>(() => Draws.Subsets(2, 4, 3)).ParamName);
        Assert.Equal("probabilities", Assert.Throws<ArgumentException>(() => Draws.WeightedIndex(0.5, 0.4)).ParamName);
        Assert.Equal("probabilities", Assert.Throws<ArgumentOutOfRangeException>(() => Draws.WeightedIndex(1.5, -0.5)).ParamName);
        Assert.Equal("dimension", Assert.Throws<ArgumentOutOfRangeException>(() => Draws.Gaussian(0)).ParamName);
        Assert.Equal("counter", Assert.Throws<ArgumentOutOfRangeException>(() => Charge.Each((Counter)99, 1.0)).ParamName);
    }

    [Fact]
    public void Instances_that_do_not_survive_JSON_are_refused()
    {
        Assert.Equal("instances", Assert.Throws<ArgumentException>(() => Instances.Of<(int, int)>((1, 2))).ParamName);
        Assert.Throws<ArgumentException>(() => Instances.Generated(random => new Ellipsoid(2, 2.0, 1)));
        Assert.Equal("instances", Assert.Throws<ArgumentException>(() => Instances.Of<EllipsoidSpec>()).ParamName);
        Assert.Equal([3, 4], Instances.Of(4).StartingWith(3).Given);
    }

    [Fact]
    public void An_instance_generator_is_a_function_of_its_seed()
    {
        static double[] Numbers(int seed)
        {
            var random = new InstanceGenerator(seed);
            return [random.Integer(2, 4), random.Real(-1.0, 1.0), random.LogUniform(1.0, 100.0), random.Choose(7.0, 8.0), random.Flip() ? 1.0 : 0.0];
        }

        Assert.Equal(Numbers(5), Numbers(5));
        double[][] many = [.. Enumerable.Range(0, 200).Select(Numbers)];
        Assert.Equal([2.0, 3.0, 4.0], many.Select(n => n[0]).Distinct().Order());
        Assert.All(many, n => Assert.InRange(n[1], -1.0, 1.0));
        Assert.All(many, n => Assert.InRange(n[2], 1.0, 100.0));
        Assert.Equal(2, many.Select(n => n[3]).Distinct().Count());
        Assert.Equal(2, many.Select(n => n[4]).Distinct().Count());
        Assert.Equal("high", Assert.Throws<ArgumentOutOfRangeException>(() => new InstanceGenerator(1).Integer(3, 2)).ParamName);
        Assert.InRange(new InstanceGenerator(1).Integer(int.MinValue, int.MaxValue), int.MinValue, int.MaxValue);
    }
}
