/// A stand-in for the part of .NET Interactive that extension.dib calls: the same namespace, names and signatures.
namespace Microsoft.DotNet.Interactive.Formatting

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices

/// Where a kernel writes.
type FormatContext(writer: TextWriter) =
    member _.Writer = writer

/// Writes a value; false when it declines.
type FormatDelegate<'T> = delegate of value: 'T * context: FormatContext -> bool

/// Formatters registered with the stand-in.
[<AbstractClass; Sealed>]
type Formatter private () =

    static let registered = List<Type * string * Action<obj, TextWriter>>()
    static let preferred = Dictionary<Type, string[]>()

    /// What was registered, in order.
    static member Registered = registered

    /// What was preferred.
    static member Preferred = preferred

    static member Register
        (
            ``type``: Type,
            formatter: FormatDelegate<obj>,
            [<Optional; DefaultParameterValue("text/plain")>] mimeType: string
        ) =
        let write value (writer: TextWriter) =
            formatter.Invoke(value, FormatContext writer) |> ignore

        registered.Add(``type``, mimeType, Action<obj, TextWriter>(write))

    static member Register
        (
            ``type``: Type,
            formatter: Action<obj, TextWriter>,
            [<Optional; DefaultParameterValue("text/plain")>] mimeType: string
        ) =
        registered.Add(``type``, mimeType, formatter)

    static member Register<'T>
        (formatter: Action<'T, TextWriter>, [<Optional; DefaultParameterValue("text/plain")>] mimeType: string)
        =
        registered.Add(typeof<'T>, mimeType, Action<obj, TextWriter>(fun v w -> formatter.Invoke(unbox<'T> v, w)))

    static member Register<'T>
        (formatter: Func<'T, string>, [<Optional; DefaultParameterValue("text/plain")>] mimeType: string)
        =
        registered.Add(typeof<'T>, mimeType, Action<obj, TextWriter>(fun v w -> w.Write(formatter.Invoke(unbox<'T> v))))

    static member SetPreferredMimeTypesFor(``type``: Type, [<ParamArray>] preferredMimeTypes: string[]) =
        preferred[``type``] <- preferredMimeTypes
