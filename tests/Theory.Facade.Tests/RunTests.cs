using Theory.Api;
using Theory.Numerics;
using Xunit;

namespace FacadeTests;

public sealed class RunTests
{
    private static FiniteSum Two => Problems.Quadratics(
        [new[,] { { 3.0, 1.0 }, { 1.0, 2.0 } }, new[,] { { 2.0, 0.0 }, { 0.0, 5.0 } }],
        [[1.0, -1.0], [0.5, 2.0]]);

    [Fact]
    public void Gradient_descent_runs_on_a_problem_built_in_CSharp_and_keeps_its_bound()
    {
        FiniteSum f = Problems.Quadratic(new[,] { { 3.0, 1.0 }, { 1.0, 2.0 } }, [1.0, -1.0]);
        RunReport run = Methods.Find("GD").On(f).Run(RunOptions.Default.WithSteps(60));
        Assert.Equal(Enumerable.Range(0, 61), run.Steps);
        Series distance = run.Measure("‖x − x*‖²");
        Assert.Equal(2.0, distance[0, 0], 12);
        Assert.True(distance.Last < 1e-18);
        Assert.Equal(1.0, run.Output[0, 0, 0], 8);
        Assert.Equal(-1.0, run.Output[0, 0, 1], 8);
        Assert.Equal(60.0, run.Counters[Counter.Gradients].Last);
        Assert.Null(Assert.Single(run.DivergedAt));
        BoundReport bound = Assert.Single(run.Bounds);
        Assert.False(bound.InExpectation);
        for (int k = 0; k <= 15; k++)
        {
            Assert.True(bound.Measured![k, 0] <= bound.Bound[k, 0] * (1.0 + 1e-9), $"step {k}");
        }
    }

    [Fact]
    public void DIANA_runs_on_workers_built_in_CSharp_with_lanes_and_counters()
    {
        RunOptions options = RunOptions.Default.WithSteps(400).WithEvery(100).WithLanes(8).WithSeed(5);
        RunReport run = Methods.Find("DIANA").On(Two).Run(options);
        Assert.Equal([0, 100, 200, 300, 400], run.Steps);
        Assert.Equal(8, run.Lanes);
        Series gap = run.Measure("f(x) − f*");
        Assert.True(gap.Mean().Span[^1] < 1e-6 * gap.Mean().Span[0]);
        Assert.NotEqual(gap[1, 0], gap[1, 1]);
        Assert.Equal(400.0, run.Counters[Counter.Rounds][4, 7]);
        Assert.Equal(5, gap.Lane(3).Length);

        RunReport again = Methods.Find("DIANA").On(Two).Run(options.WithThreads(2));
        Assert.Equal(gap.Lane(7).ToArray(), again.Measure("f(x) − f*").Lane(7).ToArray());
        RunReport other = Methods.Find("DIANA").On(Two).Run(options.WithSeed(6));
        Assert.NotEqual(gap.Lane(7).ToArray(), other.Measure("f(x) − f*").Lane(7).ToArray());
    }

    [Fact]
    public void Exact_rates_stand_beside_the_certified_ones()
    {
        FiniteSum f = Problems.Quadratic(new[,] { { 4.0, 0.0 }, { 0.0, 1.0 } }, [1.0, -1.0]);
        RateReport rates = Methods.Find("GD").On(f).With("gamma", 0.1).Rates();
        Assert.Equal(0.81, rates.LongRun, 9);
        BoundRate bound = Assert.Single(rates.Bounds);
        Assert.Equal(0.81, bound.WorstStep!.Value, 9);
        Assert.True(bound.Certified >= bound.WorstStep.Value - 1e-12);
        Assert.Equal(1.0, Methods.Find("GD").On(f).StepCost()[Counter.Gradients]);
        var none = Assert.Throws<InvalidOperationException>(() => Methods.Find("EF21").On(Two).Rates());
        Assert.Contains("not affine", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_violated_condition_is_named_with_its_numbers_unless_forced()
    {
        MethodSetup setup = Methods.Find("DIANA").On(Two).With("gamma", 10.0);
        Assert.Contains(setup.Conditions, c => !c.Holds);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => setup.Run());
        Assert.Equal("gamma", error.ParamName);
        Assert.Equal(10.0, error.ActualValue);
        Assert.Contains("γ ≤ 1/(L+6ωLmax/n)", error.Message, StringComparison.Ordinal);
        Assert.Contains("got 10", error.Message, StringComparison.Ordinal);
        RunReport forced = setup.Force().Run(RunOptions.Default.WithSteps(600));
        Assert.NotNull(forced.DivergedAt[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => setup.With("alpha", 0.1).Run());
    }

    [Fact]
    public void A_setup_is_immutable()
    {
        MethodSetup setup = Methods.Find("GD").On(Problems.Diagonal(1.0, 4.0));
        MethodSetup slower = setup.With("GAMMA", 0.1);
        Assert.Equal("0.4", Assert.Single(setup.Parameters).Value);
        Assert.Equal(new Parameter("Gamma", "0.1"), Assert.Single(slower.Parameters));
        RunOptions.Default.WithSteps(7).WithStart(1.0, 2.0);
        Assert.Equal((100, null), (RunOptions.Default.Steps, RunOptions.Default.Start));
    }

    [Fact]
    public async Task A_run_reports_progress_and_stops_when_cancelled()
    {
        MethodSetup setup = Methods.Find("GD").On(Problems.Diagonal(1.0, 4.0));
        var progress = new Collector<RunProgress>();
        RunReport run = await setup.RunAsync(RunOptions.Default.WithSteps(20).WithEvery(10), progress);
        Assert.Equal([0, 10, 20], progress.Items.Select(p => p.Step));
        Assert.Equal(run.Measure("f(x) − f*").Last, progress.Items[^1].Measures["f(x) − f*"]);

        using var stop = new CancellationTokenSource();
        var stopping = new Collector<RunProgress>(p => { if (p.Step == 3) { stop.Cancel(); } });
        Task<RunReport> task = setup.RunAsync(RunOptions.Default.WithSteps(1_000_000), stopping, stop.Token);
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
        Assert.True(task.IsCanceled);
        Assert.Equal(3, stopping.Items[^1].Step);
        Assert.ThrowsAny<OperationCanceledException>(() => setup.Run(cancellationToken: stop.Token));
    }

    [Fact]
    public void A_problem_class_of_ones_own_runs_with_the_librarys_methods()
    {
        var f = new Ellipsoid(4, 20.0, 3);
        Assert.All(f.Constants, c => Assert.True(c.TryCheck(out string? failure), failure));
        RunReport run = Methods.Find("GD").On(f).Run(RunOptions.Default.WithSteps(300));
        Assert.True(run.Measure("‖∇f(x)‖²").Last < 1e-18);
        Assert.All(Methods.Find("GD").CheckContract(f), c => Assert.Null(c.Failure));
        Assert.False(Methods.Find("DIANA").Accepts(f));
        Assert.True(Methods.Find("DIANA").Accepts(Two));
    }

    [Fact]
    public void A_sum_of_ones_own_runs_with_the_librarys_methods()
    {
        var f = new Spheres([1.0, 4.0], [[1.0, 0.0, 2.0], [0.0, -1.0, 1.0]]);
        Assert.All(f.Constants, c => Assert.True(c.TryCheck(out string? failure), failure));
        Assert.All(Methods.Find("DIANA").CheckContract(f), c => Assert.Null(c.Failure));
        RunReport run = Methods.Find("DIANA").On(f).Run(RunOptions.Default.WithSteps(2000).WithEvery(2000));
        Assert.True(run.Measure("‖x − x*‖²").Last < 1e-12);
        var picked = Indices.Constant(2, 1, 1);
        Block x = Block.FromVector(1.0, 1.0, 1.0);
        Assert.Equal(f.Gradients(x).Worker(1).ToArray(), f.GradientAt(picked, x).ToArray());
    }

    [Fact]
    public void Constants_that_are_wrong_are_found_out()
    {
        CertifiedConstant smoothness = new Ellipsoid(3, 50.0, 1, stated: 0.2).Constants.Single(c => c.Symbol == "L");
        Assert.False(smoothness.TryCheck(out string? failure));
        Assert.Contains("L = 10", failure, StringComparison.Ordinal);
        Assert.Equal(Certainty.UpperBound, smoothness.Certainty);
        Assert.All(Two.Constants, c => Assert.True(c.TryCheck(out string? wrong), wrong));
    }

    [Fact]
    public void Bad_arguments_are_named()
    {
        FiniteSum f = Problems.Diagonal(1.0, 2.0);
        MethodSetup setup = Methods.Find("GD").On(f);
        var name = Assert.Throws<ArgumentException>(() => setup.With("gama", 0.1));
        Assert.Equal("parameter", name.ParamName);
        Assert.Contains("Gamma", name.Message, StringComparison.Ordinal);
        Assert.Equal("value", Assert.Throws<ArgumentOutOfRangeException>(() => setup.With("gamma", double.NaN)).ParamName);
        Assert.Equal("problem", Assert.Throws<ArgumentException>(() => Methods.Find("DIANA").On(new Ellipsoid(2, 2.0, 1))).ParamName);
        Assert.Equal("problem", Assert.Throws<ArgumentNullException>(() => Methods.Find("GD").On(null!)).ParamName);
        Assert.Equal("steps", Assert.Throws<ArgumentOutOfRangeException>(() => RunOptions.Default.WithSteps(-1)).ParamName);
        Assert.Equal("lanes", Assert.Throws<ArgumentOutOfRangeException>(() => RunOptions.Default.WithLanes(0)).ParamName);
        Assert.Contains("dimension 3", Assert.Throws<ArgumentException>(() => setup.Run(RunOptions.Default.WithStart(1.0, 2.0, 3.0))).Message, StringComparison.Ordinal);
        RunReport run = setup.Run(RunOptions.Default.WithSteps(2));
        Assert.Contains("'f(x) − f*'", Assert.Throws<ArgumentException>(() => run.Measure("f")).Message, StringComparison.Ordinal);
        Assert.Equal("lane", Assert.Throws<ArgumentOutOfRangeException>(() => run.Measures[0].Lane(1)).ParamName);
        Assert.Equal("record", Assert.Throws<ArgumentOutOfRangeException>(() => run.Measures[0][3, 0]).ParamName);
    }

    [Fact]
    public void Problems_of_the_command_line_are_built_by_name()
    {
        Assert.Contains("quadratic", Problems.Names);
        Assert.All(
            Problems.Names,
            name => Assert.True(Methods.All.Any(method => method.Accepts(Problems.Build(name))), name));
        var f = Assert.IsType<FiniteSum>(Problems.Build("logistic:n=3,rows=20,d=4"), exactMatch: false);
        Assert.Equal((3, 4), (f.Count, f.Dimension));
        RunReport run = Methods.Find("GD").On(f).Run(RunOptions.Default.WithSteps(10));
        Assert.Equal(f.Gap(run.Output)[0, 0, 0], run.Measure("f(x) − f*").Last);
        Assert.Contains("quadratic", Assert.Throws<ArgumentException>(() => Problems.Build("cubic")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_that_are_none_are_named()
    {
        double[,] one = { { 1.0 } };
        Assert.Equal("a", Assert.Throws<ArgumentException>(() => Problems.Quadratic(new[,] { { 1.0, 2.0 }, { 0.0, 1.0 } }, [0.0, 0.0])).ParamName);
        Assert.Equal("a", Assert.Throws<ArgumentException>(() => Problems.Quadratic(new[,] { { -1.0 } }, [0.0])).ParamName);
        Assert.Equal("a", Assert.Throws<ArgumentOutOfRangeException>(() => Problems.Quadratic(new[,] { { double.NaN } }, [0.0])).ParamName);
        Assert.Equal("b", Assert.Throws<ArgumentException>(() => Problems.Quadratic(one, [0.0, 1.0])).ParamName);
        Assert.Equal("b", Assert.Throws<ArgumentException>(() => Problems.Quadratics([one, one], [[0.0]])).ParamName);
        Assert.Equal("b[1]", Assert.Throws<ArgumentException>(() => Problems.Quadratics([one, one], [[0.0], []])).ParamName);
        Assert.Equal("spectrum", Assert.Throws<ArgumentOutOfRangeException>(() => Problems.Diagonal(1.0, -1.0)).ParamName);
        Assert.Equal("kappa", Assert.Throws<ArgumentOutOfRangeException>(() => Problems.RandomQuadratics(2, 2, 0.5)).ParamName);
    }

    /// <summary>A field of the problem that is still a pending combination when a step first asks for its values: it
    /// belongs to the problem, not to the step whose memory is reused.</summary>
    [Fact]
    public void What_a_problem_keeps_outlives_the_step_that_first_asks_for_it()
    {
        var f = new Shifted(300);
        var options = RunOptions.Default.WithSteps(40).WithStart([.. Enumerable.Repeat(1.0, 300)]);
        var method = MethodDefinition.Create(
            "Half steps", "x⁺ = x − ½∇f(x)", (Shifted g) => new Stepsize(0.5), (g, p, x0) => x0, (g, p, x) => x - p.Length * (x - 1.0 * g.Centre.Abs()), x => x);
        RunReport run = method.On(f).Run(options);
        Assert.Equal(0.0, run.Measure("‖x − x*‖²").Last, 1e-20);
    }

    private sealed class Shifted(int dimension) : Objective
    {
        /// <summary>Pending: 2 − ½.</summary>
        public Block Centre { get; } =
            Block.Fill(Shape.Vector(1, 1, dimension), 2.0) - 0.5 * Block.Fill(Shape.Vector(1, 1, dimension), 1.0);

        public override string Name => "shifted sphere";

        public override int Dimension => dimension;

        public override Block Minimiser => Block.Fill(Shape.Vector(1, 1, dimension), 1.5);

        public override double Infimum => 0.0;

        public override double Smoothness => 1.0;

        public override double StrongConvexity => 1.0;

        public override Block Value(Block x) => 0.5 * (x - Minimiser).NormSquared();

        public override Block Gradient(Block x) => x - Minimiser;
    }

    /// <summary>f_i(x) = ½ L_i ‖x − c_i‖²: only what cannot be derived is given.</summary>
    private sealed class Spheres(double[] curvatures, double[][] centres) : FiniteSum
    {
        private readonly Block scale = Block.FromValues(Shape.Vector(curvatures.Length, 1, 1), curvatures);
        private readonly Block centre = Block.FromValues(
            Shape.Vector(centres.Length, 1, centres[0].Length), [.. centres.SelectMany(c => c)]);

        public override string Name => "spheres";

        public override int Dimension => centres[0].Length;

        public override int Count => curvatures.Length;

        public override IReadOnlyList<double> Smoothnesses => curvatures;

        public override IReadOnlyList<double> StrongConvexities => curvatures;

        public override double Smoothness => curvatures.Average();

        public override double StrongConvexity => curvatures.Average();

        public override Block Minimiser => (scale * centre).MeanOverWorkers() / curvatures.Average();

        public override Block Value(Block x) => (0.5 * (scale * (x - centre).NormSquared())).MeanOverWorkers();

        public override Block Gradients(Block x) => scale * (x - centre);
    }
}
