using Microsoft.FSharp.Core;
using Microsoft.FSharp.Reflection;

namespace Theory.Api;

/// <summary>A union of F# without fields and its enumeration of the same names.</summary>
internal static class Cases<TUnion, TEnum>
    where TUnion : notnull
    where TEnum : struct, Enum
{
    private static readonly FSharpFunc<object, int> TagOf = FSharpValue.PreComputeUnionTagReader(typeof(TUnion), null);

    private static readonly (TEnum Name, TUnion Case)[] ByTag =
    [
        .. FSharpType.GetUnionCases(typeof(TUnion), null)
            .OrderBy(c => c.Tag)
            .Select(c => (Enum.Parse<TEnum>(c.Name), (TUnion)FSharpValue.MakeUnion(c, [], null))),
    ];

    public static TEnum Of(TUnion value) => ByTag[TagOf.Invoke(value)].Name;

    public static TUnion Core(TEnum value, string parameter)
    {
        foreach ((TEnum name, TUnion matching) in ByTag)
        {
            if (name.Equals(value))
            {
                return matching;
            }
        }

        throw new ArgumentOutOfRangeException(
            parameter, value, $"{typeof(TEnum).Name} is one of {string.Join(", ", Enum.GetNames<TEnum>())}.");
    }
}
