namespace Theory.Numerics.Tests.Engines;

/// <summary>Elementwise functions against their definitions, and their values' independence of place and neighbours.</summary>
public class ElementwiseFunctions
{
    private static readonly double[] Special =
    [
        0.0, -0.0, 1.0, -1.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, -double.Epsilon,
        1e-310, 1e-300, 1e300, -1e300, 709.78, 709.79, -745.13, -745.14, -708.5, 36.8, -36.8, double.MaxValue, 0.5, 1e-9,
    ];

    public static TheoryData<Unary> Functions => [.. Enum.GetValues<Unary>()];

    [Xunit.Theory]
    [MemberData(nameof(Functions))]
    public void A_value_s_result_does_not_depend_on_its_neighbours(Unary function)
    {
        var random = new Random(7);
        double[] values = [.. Special, .. Enumerable.Range(0, 200).Select(i => (random.NextDouble() - 0.5) * (i < 100 ? 4 : 1600))];
        for (int length = 1; length <= values.Length; length += length < 20 ? 1 : 13)
        {
            double[] some = [.. values.OrderBy(_ => random.Next()).Take(length)];
            double[] together = Block.FromVector(some).Map(function, 0.5, 2.0).ToArray();
            for (int i = 0; i < length; i++)
            {
                double alone = Block.FromVector(some[i]).Map(function, 0.5, 2.0)[0, 0, 0];
                double reference = Block.FromVector(some[i]).On(Numerics.Engines.Reference).Map(function, 0.5, 2.0)[0, 0, 0];
                Assert.True(Values.SameBits(alone, together[i]), $"{function}({some[i]:R}): {alone:R} alone, {together[i]:R} together");
                Assert.True(Values.SameBits(reference, alone), $"{function}({some[i]:R}): {reference:R} by reference, {alone:R} by cpu");
            }
        }
    }

    [Fact]
    public void Transcendental_functions_are_accurate()
    {
        var random = new Random(11);
        for (int i = 0; i < 20000; i++)
        {
            double x = (random.NextDouble() - 0.5) * (i % 2 == 0 ? 4.0 : 1400.0);
            Close(Math.Exp(x), Evaluate(Unary.Exp, x), 1.5);
            Close(Math.Log(Math.Abs(x)), Evaluate(Unary.Log, Math.Abs(x)), 1.5);
            double decay = Math.Exp(-Math.Abs(x));
            Close((x >= 0 ? 1.0 : decay) / (1.0 + decay), Evaluate(Unary.Sigmoid, x), 4.0);
            Close(Math.Tanh(x), Evaluate(Unary.Tanh, x), 2.0);
        }
    }

    [Fact]
    public void Softplus_and_log_cosh_are_accurate_at_both_ends()
    {
        Assert.Equal(Math.Log(2.0), Evaluate(Unary.Softplus, 0.0), 1e-16);
        Close(Math.Exp(-40.0), Evaluate(Unary.Softplus, -40.0), 2.0);
        Close(Math.Exp(-700.0), Evaluate(Unary.Softplus, -700.0), 2.0);
        Close(800.0, Evaluate(Unary.Softplus, 800.0), 1.0);
        Close(0.5e-16, Evaluate(Unary.LogCosh, 1e-8), 4.0);
        Close(1000.0 - Math.Log(2.0), Evaluate(Unary.LogCosh, -1000.0), 1.0);
        Close(Math.Log(Math.Cosh(0.999)), Evaluate(Unary.LogCosh, 0.999), 4.0);
        Close(Math.Log(Math.Cosh(1.001)), Evaluate(Unary.LogCosh, 1.001), 4.0);
    }

    [Fact]
    public void Extreme_arguments_of_the_exponential()
    {
        Assert.Equal(0.0, Evaluate(Unary.Exp, double.NegativeInfinity));
        Assert.Equal(0.0, Evaluate(Unary.Exp, -745.14));
        Assert.Equal(double.Epsilon, Evaluate(Unary.Exp, -745.13));
        Assert.Equal(double.PositiveInfinity, Evaluate(Unary.Exp, 709.79));
        Assert.Equal(double.PositiveInfinity, Evaluate(Unary.Exp, double.PositiveInfinity));
        Assert.True(double.IsNaN(Evaluate(Unary.Exp, double.NaN)));
        Assert.Equal(1.0, Evaluate(Unary.Exp, 0.0));
    }

    private static double Evaluate(Unary function, double x) => Block.FromVector(x).Map(function)[0, 0, 0];

    /// <summary>Equal within a number of units in the last place.</summary>
    private static void Close(double expected, double actual, double units)
    {
        double allowed = units * (Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected));
        Assert.True(Math.Abs(expected - actual) <= allowed, $"{expected:R} expected, {actual:R} found");
    }
}
