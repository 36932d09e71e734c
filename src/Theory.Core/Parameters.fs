namespace Theory

open System

/// A method's parameter record seen by name: what the command line shows and overrides.
[<RequireQualifiedAccess>]
module Parameters =

    let private fields (parameterType: Type) =
        match Records.shape parameterType with
        | Some(fields, _) -> fields
        | None -> [||]

    let private isNumber (t: Type) = t = typeof<float> || t = typeof<int>

    /// Names and values of the numeric fields; other fields by their text.
    let describe (parameters: 'P) : (string * string) list = [
        for f in fields typeof<'P> do
            match f.GetValue(box parameters) with
            | :? float as v -> f.Name, v.ToString "G8"
            | null -> ()
            | :? int as v -> f.Name, string v
            | other ->
                // A compressor or another named part shows its name; functions have nothing to show.
                match other.GetType().GetProperty "Name" with
                | null -> ()
                | named when named.PropertyType = typeof<string> -> f.Name, string (named.GetValue other)
                | _ -> ()
    ]

    /// Names and values of the numeric fields, exactly.
    let numbers (parameters: 'P) : (string * float) list = [
        for f in fields typeof<'P> do
            match f.GetValue(box parameters) with
            | :? float as v -> f.Name, v
            | :? int as v -> f.Name, float v
            | _ -> ()
    ]

    /// Names of the fields that can be set.
    let names<'P> () : string list = [
        for f in fields typeof<'P> do
            if isNumber f.PropertyType then
                f.Name
    ]

    /// The parameters with one numeric field changed (name without regard to case). Error names the fields there are.
    let set (name: string) (value: float) (parameters: 'P) : Result<'P, string> =
        let all = fields typeof<'P>

        match
            all
            |> Array.tryFindIndex (fun f ->
                isNumber f.PropertyType
                && String.Equals(f.Name, name, StringComparison.OrdinalIgnoreCase))
        with
        | None ->
            let known = names<'P>() |> String.concat ", "
            Error $"There is no parameter '{name}'; this method has {known}."
        | Some at when all[at].PropertyType = typeof<int> && value <> Math.Floor value ->
            Error $"Parameter {all[at].Name} is an integer, got {value}."
        | Some at ->
            let values =
                all
                |> Array.mapi (fun i f ->
                    if i <> at then f.GetValue(box parameters)
                    elif f.PropertyType = typeof<int> then box (int value)
                    else box value)

            match Records.shape typeof<'P> with
            | Some(_, construct) -> Ok(unbox<'P>(construct values))
            | None -> Error $"Parameters of type {typeof<'P>.Name} cannot be rebuilt."
