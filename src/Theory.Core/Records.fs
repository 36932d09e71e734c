namespace Theory

open System
open System.Reflection
open FSharp.Reflection

/// Records of F# and of C# seen alike: their properties, and how to build one from values.
[<RequireQualifiedAccess>]
module Records =

    let private everything = BindingFlags.Public ||| BindingFlags.NonPublic

    /// The fields of an F# record, or the properties that the longest fitting constructor of a C# record or class names
    /// (a positional record's own constructor), in order, and the constructor. None when there is no such constructor.
    let shape (recordType: Type) : (PropertyInfo[] * ((obj | null)[] -> obj | null)) option =
        if FSharpType.IsRecord(recordType, true) then
            let fields = FSharpType.GetRecordFields(recordType, everything)
            Some(fields, FSharpValue.PreComputeRecordConstructor(recordType, everything))
        else
            let properties =
                recordType.GetProperties(BindingFlags.Public ||| BindingFlags.Instance)

            let byName (p: ParameterInfo) =
                properties
                |> Array.tryFind (fun q ->
                    q.PropertyType = p.ParameterType
                    && String.Equals(p.Name, q.Name, StringComparison.OrdinalIgnoreCase))

            recordType.GetConstructors()
            |> Array.sortByDescending (fun c -> c.GetParameters().Length)
            |> Array.tryPick (fun constructor ->
                let named = constructor.GetParameters() |> Array.map byName

                if named.Length > 0 && named |> Array.forall Option.isSome then
                    Some(Array.choose id named, (fun values -> constructor.Invoke values))
                else
                    None)
