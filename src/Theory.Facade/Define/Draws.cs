namespace Theory.Api;

/// <summary>The draws that methods are made of. Outcomes carry a lane each; an outcome with one worker or one lane serves
/// all.</summary>
public static class Draws
{
    /// <summary>Nothing is drawn.</summary>
    public static Draw<Nothing> None { get; } = Always(default(Nothing));

    /// <summary>The same value always.</summary>
    public static Draw<T> Always<T>(T value) => new(Core.Draw.always(value));

    /// <summary>One uniform index in [0, n), the same for all workers.</summary>
    public static Draw<Indices> Index(int n) => new(Core.Draw.index(Check.AtLeast(1, n)));

    /// <summary>One index with these probabilities.</summary>
    /// <exception cref="ArgumentException">The probabilities are negative or do not sum to 1.</exception>
    public static Draw<Indices> WeightedIndex(params double[] probabilities)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        Array.ForEach(probabilities, p => Check.Probability(p, nameof(probabilities)));
        double sum = probabilities.Sum();
        return Math.Abs(sum - 1.0) <= 1e-9
            ? new(Core.Draw.weightedIndex([.. probabilities]))
            : throw new ArgumentException($"The probabilities sum to {sum}, not 1.", nameof(probabilities));
    }

    /// <summary><paramref name="count"/> independent uniform indices in [0, n), with replacement.</summary>
    public static Draw<Indices> Indices(int n, int count) => new(Core.Draw.indices(Check.AtLeast(1, n), Check.AtLeast(1, count)));

    /// <summary>One coin for all workers, true with probability p.</summary>
    public static Draw<Mask> Coin(double p) => new(Core.Draw.coin(Check.Probability(p)));

    /// <summary>One coin a worker, independent.</summary>
    public static Draw<Mask> Coins(int workers, double p) => new(Core.Draw.coins(Check.AtLeast(1, workers), Check.Probability(p)));

    /// <summary>A uniform k-subset of [0, n), the same for all workers, in increasing order.</summary>
    public static Draw<Indices> Subset(int k, int n) => Subsets(1, k, n);

    /// <summary>A uniform k-subset of [0, n) for each worker, independent, in increasing order.</summary>
    public static Draw<Indices> Subsets(int workers, int k, int n)
    {
        _ = Check.AtLeast(1, n);
        return k >= 1 && k <= n
            ? new(Core.Draw.subsets(Check.AtLeast(1, workers), k, n))
            : throw new ArgumentOutOfRangeException(nameof(k), k, $"A subset of {n} has between 1 and {n} members.");
    }

    /// <summary>A uniform permutation of [0, n).</summary>
    public static Draw<Indices> Permutation(int n) => new(Core.Draw.permutation(Check.AtLeast(1, n)));

    /// <summary>Independent uniform numbers in (0, 1): workers × lanes × dimension.</summary>
    public static Draw<Block> Uniform(int dimension, int workers = 1) =>
        new(Core.Draw.uniforms(Check.AtLeast(1, workers), Check.AtLeast(1, dimension)));

    /// <summary>Independent standard Gaussians: workers × lanes × dimension.</summary>
    public static Draw<Block> Gaussian(int dimension, int workers = 1) =>
        new(Core.Draw.gaussians(Check.AtLeast(1, workers), Check.AtLeast(1, dimension)));

    /// <summary>One vector ±σ e_j with j uniform and a fair sign: mean 0, E‖ξ‖² = σ²; finitely many outcomes.</summary>
    public static Draw<Block> SignedCoordinate(int dimension, double sigma) =>
        new(Core.Draw.signedCoordinate(Check.AtLeast(1, dimension), Check.Finite(sigma)));

    /// <summary>Two independent draws.</summary>
    public static Draw<(T1 First, T2 Second)> Both<T1, T2>(Draw<T1> first, Draw<T2> second) =>
        new(Core.Draw.map(
            Fs.Func((Tuple<T1, T2> pair) => (pair.Item1, pair.Item2)),
            Core.Draw.both(Check.NotNull(first).ToCore, Check.NotNull(second).ToCore)));

    /// <summary>Three independent draws.</summary>
    public static Draw<(T1 First, T2 Second, T3 Third)> Three<T1, T2, T3>(Draw<T1> first, Draw<T2> second, Draw<T3> third) =>
        new(Core.Draw.map(
            Fs.Func((Tuple<T1, T2, T3> all) => (all.Item1, all.Item2, all.Item3)),
            Core.Draw.three(Check.NotNull(first).ToCore, Check.NotNull(second).ToCore, Check.NotNull(third).ToCore)));

    /// <summary>A law known by its samples alone: a pure function of an address and a number of lanes (see
    /// <see cref="Sampler"/>), which may use the sites from the address's on.</summary>
    /// <param name="sites">Number of draw sites that it uses.</param>
    /// <param name="sample">The outcomes; lane l of the batch that starts at lane 0 is lane 0 of the batch that starts at l.</param>
    public static Draw<T> Sampled<T>(int sites, Func<DrawAddress, int, T> sample) =>
        new(Core.Draw.sampled(Check.AtLeast(1, sites), Fs.Func(Check.NotNull(sample))));
}
