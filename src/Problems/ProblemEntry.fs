namespace Theory.Problems

open System
open System.Globalization
open Theory

/// A parameter of a problem on the command line.
type ProblemParameter = {
    Name: string
    Default: string
    Meaning: string
}

/// A problem that can be built from a text such as `quadratic:n=10,d=20,kappa=100`.
[<NoEquality; NoComparison>]
type ProblemEntry = {
    Name: string
    Summary: string
    Parameters: ProblemParameter list
    /// Builds the problem from all parameters (defaults filled in). Raises ArgumentException on a value that no instance has.
    Build: (string -> string) -> IProblem
}

/// How entries declare and read their parameters.
module internal ProblemParameters =

    let parameter name value meaning = {
        Name = name
        Default = value
        Meaning = meaning
    }

    let number (name: string) (text: string) =
        match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, v when Double.IsFinite v -> v
        | _ -> invalidArg name $"Parameter {name} must be a finite number, got '{text}'."

    let integer (name: string) (text: string) =
        match Int32.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture) with
        | true, v -> v
        | _ -> invalidArg name $"Parameter {name} must be an integer, got '{text}'."

    let positive name text =
        let v = integer name text

        if v >= 1 then
            v
        else
            invalidArg name $"Parameter {name} must be at least 1, got {v}."

    let kappaOf text =
        let kappa = number "kappa" text

        if kappa >= 1.0 then
            kappa
        else
            invalidArg "kappa" $"A condition number κ must be at least 1, got {kappa}."

    /// A number above 0, in words.
    let above what name text =
        let v = number name text

        if v > 0.0 then
            v
        else
            invalidArg name $"{what} must be positive, got {v}."
