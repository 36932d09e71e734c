using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Theory.Api;

/// <summary>The way to F# values and back; nothing outside this assembly sees them.</summary>
internal static class Fs
{
    public static FSharpFunc<A, R> Func<A, R>(Func<A, R> f) => FuncConvert.FromFunc(f);

    public static FSharpFunc<A, FSharpFunc<B, R>> Func<A, B, R>(Func<A, B, R> f) => FuncConvert.FromFunc(f);

    public static FSharpFunc<A, FSharpFunc<B, FSharpFunc<C, R>>> Func<A, B, C, R>(Func<A, B, C, R> f) =>
        FuncConvert.FromFunc(f);

    public static FSharpFunc<A, Unit> Action<A>(Action<A> f) => FuncConvert.FromAction(f);

    public static FSharpFunc<A, FSharpFunc<B, Unit>> Action<A, B>(Action<A, B> f) => FuncConvert.FromAction(f);

    public static FSharpList<T> List<T>(IEnumerable<T> items) => ListModule.OfSeq(items);

    public static FSharpOption<T>? Option<T>(T? value)
        where T : class => value is null ? null : FSharpOption<T>.Some(value);

    public static T? Reference<T>(FSharpOption<T>? option)
        where T : class => option?.Value;

    public static T? Value<T>(FSharpOption<T>? option)
        where T : struct => option?.Value;
}
