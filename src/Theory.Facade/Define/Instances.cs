using FsCheck;
using FsCheck.Fluent;

namespace Theory.Api;

/// <summary>Where instances of a claim come from; immutable. An instance is a small record of numbers and texts that
/// survives JSON, because counterexamples are replayed from it.</summary>
/// <typeparam name="T">The instance.</typeparam>
public sealed class Instances<T>
    where T : notnull
{
    private readonly T[] first;
    private readonly Func<InstanceGenerator, T>? generate;
    private readonly Func<T, IEnumerable<T>> shrink;
    private readonly (int Quick, int Standard, int Deep) counts;

    internal Instances(
        T[] first, Func<InstanceGenerator, T>? generate, Func<T, IEnumerable<T>> shrink, (int Quick, int Standard, int Deep) counts)
    {
        this.first = first;
        this.generate = generate;
        this.shrink = shrink;
        this.counts = counts;
    }

    /// <summary>Always checked, before any generated one.</summary>
    public IReadOnlyList<T> Given => first;

    /// <summary>With other instances before these.</summary>
    public Instances<T> StartingWith(params IEnumerable<T> instances) =>
        new([.. Instances.Replayable(Check.Items(instances)), .. first], generate, shrink, counts);

    /// <summary>With other numbers of generated instances in the quick, standard and deep profile.</summary>
    public Instances<T> WithCounts(int quick, int standard, int deep) =>
        new(first, generate, shrink, (Check.AtLeast(0, quick), Check.AtLeast(0, standard), Check.AtLeast(0, deep)));

    internal Core.Instances<T> ToCore()
    {
        Gen<T>? generator = generate is null ? null : Gen.Choose(0, int.MaxValue).Select(seed => generate(new InstanceGenerator(seed)));
        return new(
            Fs.List(first),
            Fs.Option(generator),
            Fs.Func<T, IEnumerable<T>>(shrink),
            Tuple.Create(counts.Quick, counts.Standard, counts.Deep));
    }
}

/// <summary>Makes instances of claims.</summary>
public static class Instances
{
    /// <summary>Only the given instances.</summary>
    /// <exception cref="ArgumentException">There are none, or one does not survive JSON.</exception>
    public static Instances<T> Of<T>(params IEnumerable<T> instances)
        where T : notnull
    {
        T[] items = Check.Items(instances);
        return items.Length > 0
            ? new(Replayable(items), null, _ => [], (0, 0, 0))
            : throw new ArgumentException("At least one instance is needed.", nameof(instances));
    }

    /// <summary>Generated instances: 2, 6 and 40 of them in the quick, standard and deep profile.</summary>
    /// <param name="generate">Makes an instance; a pure function of the generator's numbers.</param>
    /// <param name="shrink">Smaller instances to try when one refutes; none when null.</param>
    /// <exception cref="ArgumentException">What it generates does not survive JSON.</exception>
    public static Instances<T> Generated<T>(Func<InstanceGenerator, T> generate, Func<T, IEnumerable<T>>? shrink = null)
        where T : notnull
    {
        _ = Check.NotNull(generate);
        _ = Replayable([generate(new InstanceGenerator(0))]);
        return new([], generate, shrink ?? (_ => []), (2, 6, 40));
    }

    /// <summary>The instances, if JSON gives them back.</summary>
    internal static T[] Replayable<T>(T[] instances)
        where T : notnull
    {
        foreach (T instance in instances)
        {
            string text = typeof(T).Name;
            string again;
            try
            {
                text = Core.Token.instanceText(instance);
                again = Core.Token.instanceText(Core.Token.instanceOf<T>(text));
            }
            catch (Exception error) when (error is System.Text.Json.JsonException or NotSupportedException)
            {
                throw Lost(error);
            }

            if (again != text || text == "{}")
            {
                throw Lost(null);
            }

            ArgumentException Lost(Exception? error) => new(
                $"An instance must be a record that survives JSON, since tokens replay it; {typeof(T).Name} becomes {text}."
                + $"{(error is null ? "" : " " + error.Message)}",
                nameof(instances),
                error);
        }

        return instances;
    }
}
