using Xunit;

namespace Theory.Numerics.Tests;

/// <summary>A draw is a function of its address: nothing here is statistical.</summary>
public class SamplerAddressTests
{
    private static readonly DrawAddress Address = new(0x0123456789ABCDEF, 7, 3, 2, 0);

    /// <summary>Every law, as the bits of a block workers × lanes × width.</summary>
    public static TheoryData<string> Laws => [.. Draws.Keys];

    private static readonly Dictionary<string, Func<DrawAddress, int, int, double[]>> Draws = new()
    {
        ["Uniform"] = (a, w, l) => Sampler.Uniform(a, w, l, 5).ToArray(),
        ["Gaussian"] = (a, w, l) => Sampler.Gaussian(a, w, l, 77).ToArray(),
        ["SymmetricPareto"] = (a, w, l) => Sampler.SymmetricPareto(a, w, l, 5, 1.5, 2.0).ToArray(),
        ["StudentT"] = (a, w, l) => Sampler.StudentT(a, w, l, 5, 3.0).ToArray(),
        ["ThreePoint"] = (a, w, l) => Sampler.ThreePoint(a, w, l, 5, 2.0, 0.5).ToArray(),
        ["Laplace"] = (a, w, l) => Sampler.Laplace(a, w, l, 5, 1.0).ToArray(),
        ["SymmetricAlphaStable"] = (a, w, l) => Sampler.SymmetricAlphaStable(a, w, l, 5, 1.5).ToArray(),
        ["Index"] = (a, w, l) => AsDoubles(Sampler.Index(a, w, l, 5, 1000)),
        ["WeightedIndex"] = (a, w, l) => AsDoubles(Sampler.WeightedIndex(a, w, l, 5, [0.25, 0.25, 0.5])),
        ["Coin"] = (a, w, l) => [.. Sampler.Coin(a, w, l, 0.5).Values.ToArray().Select(v => v ? 1.0 : 0.0)],
        ["Subset"] = (a, w, l) => AsDoubles(Sampler.Subset(a, w, l, 5, 70)),
        ["Permutation"] = (a, w, l) => AsDoubles(Sampler.Permutation(a, w, l, 9)),
    };

    [Theory]
    [MemberData(nameof(Laws))]
    public void SameAddressSameBits(string law) => Assert.Equal(Draws[law](Address, 3, 8), Draws[law](Address, 3, 8));

    [Theory]
    [MemberData(nameof(Laws))]
    public void ChunksOfLanesGiveTheBitsOfTheWhole(string law)
    {
        const int workers = 3;
        const int lanes = 11;
        double[] whole = Draws[law](Address, workers, lanes);
        int width = whole.Length / (workers * lanes);
        foreach ((int from, int count) in new[] { (0, 4), (4, 1), (5, 6) })
        {
            double[] part = Draws[law](Address.AtLane(from), workers, count);
            for (int w = 0; w < workers; w++)
            {
                Assert.Equal(
                    whole[((w * lanes + from) * width)..((w * lanes + from + count) * width)],
                    part[(w * count * width)..((w + 1) * count * width)]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Laws))]
    public void EveryPartOfTheAddressMatters(string law)
    {
        double[] here = Draws[law](Address, 2, 16);
        foreach (DrawAddress other in new[]
        {
            Address with { Seed = Address.Seed ^ 1 }, Address with { Seed = Address.Seed ^ (1UL << 40) },
            Address.OnStream(8), Address.AtStep(4), Address.AtStep(-3), Address.AtSite(1), Address.AtLane(16),
        })
        {
            Assert.NotEqual(here, Draws[law](other, 2, 16));
        }

        int half = here.Length / 2;
        Assert.NotEqual(here[..half], here[half..]);
    }

    /// <summary>The first coordinates do not depend on how many are drawn.</summary>
    [Fact]
    public void LongerVectorsExtendShorterOnes()
    {
        double[] five = Sampler.Gaussian(Address, 1, 1, 5).ToArray();
        double[] many = Sampler.Gaussian(Address, 1, 1, 100).ToArray();
        Assert.Equal(five, many[..5]);
    }

    /// <summary>The vectors and the plain loop give the same bits, whatever the dimension.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(1001)]
    public void VectorsAgreeWithThePlainLoop(int dimension)
    {
        AssertSamePaths<BoxMuller>(dimension);
        AssertSamePaths<UniformPair>(dimension);
    }

    private static void AssertSamePaths<TLaw>(int dimension)
        where TLaw : struct, IPairLaw
    {
        var plain = new double[dimension * 501];
        var fast = new double[plain.Length];
        PairSampler.Fill<TLaw>(plain, dimension, uint.MaxValue - 7, 3, 4, 5, 6, vectors: false);
        PairSampler.Fill<TLaw>(fast, dimension, uint.MaxValue - 7, 3, 4, 5, 6, vectors: true);
        Assert.Equal(plain.Select(BitConverter.DoubleToInt64Bits), fast.Select(BitConverter.DoubleToInt64Bits));
    }

    [Fact]
    public void SubsetsIncreaseAndPermutationsAreComplete()
    {
        foreach ((int k, int d) in new[] { (1, 1), (3, 3), (64, 64), (1, 64), (63, 64), (40, 130), (100, 130) })
        {
            Indices subsets = Sampler.Subset(Address, 2, 20, k, d);
            Indices permutations = Sampler.Permutation(Address, 2, 20, d);
            for (int w = 0; w < 2; w++)
            {
                for (int lane = 0; lane < 20; lane++)
                {
                    int[] subset = subsets.At(w, lane).ToArray();
                    Assert.Equal(subset.Distinct().Order(), subset);
                    Assert.Equal(Enumerable.Range(0, d), permutations.At(w, lane).ToArray().Order());
                }
            }
        }
    }

    [Fact]
    public void EdgesOfTheLaws()
    {
        Assert.DoesNotContain(true, Sampler.Coin(Address, 2, 50, 0.0).Values.ToArray());
        Assert.DoesNotContain(false, Sampler.Coin(Address, 2, 50, 1.0).Values.ToArray());
        Assert.All(Sampler.WeightedIndex(Address, 1, 50, 4, [0.0, 0.5, 0.0, 0.5, 0.0]).Values.ToArray(), i => Assert.True(i is 1 or 3));
        Assert.All(Sampler.Index(Address, 1, 5, 4, 1).Values.ToArray(), i => Assert.Equal(0, i));
        Assert.Throws<ArgumentException>(() => Sampler.WeightedIndex(Address, 1, 1, 1, [0.5, 0.6]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sampler.Coin(Address, 1, 1, 1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sampler.Subset(Address, 1, 1, 4, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sampler.SymmetricAlphaStable(Address, 1, 1, 1, 2.5));
    }

    /// <summary>
    /// First values, computed apart from this code with big integers and the C library's functions: a change of the
    /// generator or of the laws is a change of every seed.
    /// </summary>
    [Fact]
    public void KnownFirstValues()
    {
        DrawAddress address = DrawAddress.Of(1);
        Assert.Equal(StoredUniform, Sampler.Uniform(address, 1, 1, 2).ToArray());
        Assert.Equal(StoredGaussian, Sampler.Gaussian(address, 1, 1, 3).ToArray(), (x, y) => Math.Abs(x - y) < 1e-15);
    }

    private static readonly double[] StoredUniform = [0.4783447618215074, 0.5069873615045951];
    private static readonly double[] StoredGaussian = [0.9094720200874783, 1.0477103944483002, -0.17838646947723838];

    private static double[] AsDoubles(Indices indices) => [.. indices.Values.ToArray().Select(i => (double)i)];
}
