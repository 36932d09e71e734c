namespace Theory.Numerics.Tests.Engines;

/// <summary>What every operation of every engine keeps, on random operands with stretched extents.</summary>
public class EngineContract
{
    private const int Trials = 12;

    private const double MachineEpsilon = 2.220446049250313e-16;

    public static TheoryData<string> Names => [.. Operation.All.Select(o => o.Name)];

    public static TheoryData<string, string> EnginesAndNames
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (IEngine engine in Numerics.Engines.All)
            {
                foreach (Operation operation in Operation.All)
                {
                    data.Add(engine.Name, operation.Name);
                }
            }

            return data;
        }
    }

    [Xunit.Theory]
    [MemberData(nameof(Names))]
    public void Engines_agree(string name)
    {
        foreach ((Operation operation, Given given) in Cases(name))
        {
            Block expected = operation.Run(Numerics.Engines.Reference, given.On(Numerics.Engines.Reference));
            foreach (IEngine engine in Numerics.Engines.All)
            {
                Block actual = operation.Run(engine, given.On(engine));
                if (operation.Exact)
                {
                    Values.AssertSameBits(expected, actual);
                    continue;
                }

                Block scale = operation.Run(Numerics.Engines.Reference, given.Magnitudes());
                AssertWithinRounding(expected, actual, scale, Terms(given));
            }
        }
    }

    [Xunit.Theory]
    [MemberData(nameof(EnginesAndNames))]
    public void One_lane_of_a_batch_is_the_lane_alone(string engineName, string name)
    {
        IEngine engine = Numerics.Engines.ByName(engineName);
        foreach ((Operation operation, Given given) in Cases(name))
        {
            Block batch = operation.Run(engine, given.On(engine));
            Assert.Equal(given.Lanes, batch.Lanes);
            for (int lane = 0; lane < batch.Lanes; lane++)
            {
                Values.AssertSameBits(operation.Run(engine, given.Lane(lane).On(engine)), Values.Lane(batch, lane));
            }
        }
    }

    [Xunit.Theory]
    [MemberData(nameof(EnginesAndNames))]
    public void A_lane_of_NaN_or_infinity_harms_no_other(string engineName, string name)
    {
        IEngine engine = Numerics.Engines.ByName(engineName);
        foreach ((Operation operation, Given given) in Cases(name))
        {
            int sick = given.Lanes / 2;
            Block[] blocks = [.. given.Blocks.Select(b => b.Lanes == given.Lanes && b.Lanes > 1 ? Poison(b, sick) : b)];
            Block healthy = operation.Run(engine, given.On(engine));
            Block mixed = operation.Run(engine, (given with { Blocks = blocks }).On(engine));
            for (int lane = 0; lane < healthy.Lanes; lane++)
            {
                if (lane != sick)
                {
                    Values.AssertSameBits(Values.Lane(healthy, lane), Values.Lane(mixed, lane));
                }
            }
        }
    }

    [Xunit.Theory]
    [MemberData(nameof(EnginesAndNames))]
    public void Operands_are_not_changed_and_results_are_the_engine_s_own(string engineName, string name)
    {
        IEngine engine = Numerics.Engines.ByName(engineName);
        foreach ((Operation operation, Given given) in Cases(name))
        {
            Given own = given.On(engine);
            double[][] before = [.. own.Blocks.Select(b => b.ToArray())];
            double[][] matrices = [.. (own.Matrices ?? []).Select(m => m.Values.ToArray())];
            Block first = operation.Run(engine, own);
            Block second = operation.Run(engine, own);
            Values.AssertSameBits(first, second);
            Assert.Same(engine, first.Engine);
            Assert.All(own.Blocks, b => Assert.NotSame(b.Storage, first.Storage));
            Assert.Equal(before, own.Blocks.Select(b => b.ToArray()));
            Assert.Equal(matrices, (own.Matrices ?? []).Select(m => m.Values.ToArray()));
        }
    }

    private static IEnumerable<(Operation Operation, Given Given)> Cases(string name)
    {
        Operation operation = Operation.All.Single(o => o.Name == name);
        for (int seed = 0; seed < Trials; seed++)
        {
            yield return (operation, operation.Make(new Random(seed)));
        }
    }

    private static int Terms(Given given)
    {
        int inner = given.Blocks.Max(b => Math.Max(b.Dimension, b.Shape.Rows));
        return Math.Max(inner, given.Indices?.Count ?? 1);
    }

    private static void AssertWithinRounding(Block expected, Block actual, Block scale, int terms)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        double[] e = expected.ToArray();
        double[] a = actual.ToArray();
        double[] s = scale.ToArray();
        for (int i = 0; i < e.Length; i++)
        {
            double allowed = 2.0 * (terms + 1) * MachineEpsilon * s[i];
            Assert.True(Math.Abs(e[i] - a[i]) <= allowed, $"entry {i}: {e[i]:R} expected, {a[i]:R} found, {allowed:E1} allowed");
        }
    }

    private static Block Poison(Block block, int lane)
    {
        double[] values = block.ToArray();
        for (int w = 0; w < block.Workers; w++)
        {
            for (int i = 0; i < block.Dimension; i++)
            {
                values[(w * block.Lanes + lane) * block.Dimension + i] = i % 3 == 0 ? double.NaN : double.PositiveInfinity;
            }
        }

        return Block.FromValues(block.Shape, values);
    }
}
