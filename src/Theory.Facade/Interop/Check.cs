using System.Runtime.CompilerServices;

namespace Theory.Api;

/// <summary>Arguments that do not fit, in one wording: the parameter, the value, and what would be right.</summary>
internal static class Check
{
    public static string Text(string value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        ArgumentNullException.ThrowIfNull(value, name);
        return string.IsNullOrWhiteSpace(value)
            ? throw new ArgumentException($"{name} must not be empty.", name)
            : value;
    }

    public static int AtLeast(int least, int value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value >= least ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least {least}.");

    public static double Finite(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be a finite number.");

    public static double Probability(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value is >= 0.0 and <= 1.0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be a probability, between 0 and 1.");

    public static double Share(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value is > 0.0 and < 1.0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must lie strictly between 0 and 1.");

    public static T NotNull<T>(T? value, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : class
    {
        ArgumentNullException.ThrowIfNull(value, name);
        return value;
    }

    public static T[] Items<T>(IEnumerable<T> values, [CallerArgumentExpression(nameof(values))] string name = "")
    {
        ArgumentNullException.ThrowIfNull(values, name);
        T[] items = [.. values];
        int missing = Array.FindIndex(items, item => item is null);
        return missing < 0 ? items : throw new ArgumentException($"Item {missing} of {name} is null.", name);
    }

    /// <summary>What a function of the user's returned, which must be something.</summary>
    public static T Returned<T>(T? value, string owner, string function)
        where T : class => value ?? throw new InvalidOperationException($"{owner}: {function} returned null.");
}
