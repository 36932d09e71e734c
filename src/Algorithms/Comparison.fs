namespace Theory.Algorithms

open Theory
open Theory.Problems

/// A method in a comparison, with what it overrides of its theorem's parameters.
[<NoComparison>]
type Contender = {
    Method: string
    Parameters: (string * float) list
} with

    /// "GD", or "GD (Gamma = 0.1)" where something is overridden.
    override c.ToString() =
        match c.Parameters with
        | [] -> c.Method
        | parameters ->
            let changed =
                parameters
                |> List.map (fun (name, value) -> $"{name} = {value:G4}")
                |> String.concat ", "

            $"{c.Method} ({changed})"

/// A claim of a paper that some methods spend less than others until an accuracy: an instance of it, to be run.
[<NoComparison>]
type Comparison = {
    /// As papers' claims are named: "VI-X1".
    Key: string
    Family: string
    /// What is claimed, in one sentence.
    Claim: string
    /// The paper that claims it.
    Source: string
    /// The instance, as the command line names it.
    Problem: string
    /// From the one that should spend least to the one that should spend most.
    Order: Contender list
    By: Spending
    /// Relative ‖x − x*‖² to reach.
    Target: float
    /// Steps after which a method has not reached it.
    Steps: int
    /// Independent runs to average over.
    Lanes: int
    /// The least ratio of what two neighbours in the order spend.
    Ratio: float
}

/// What the contenders of a comparison spent, in its order; None: not reached, or not counted.
[<NoComparison>]
type Compared = {
    Comparison: Comparison
    Spent: (Contender * Spent * float option) list
    /// Whether the order is as claimed.
    AsClaimed: bool
}

[<RequireQualifiedAccess>]
module Comparison =

    /// A contender with its theorem's parameters.
    let by name = { Method = name; Parameters = [] }

    /// Runs a comparison. A method that does not reach the target counts as spending infinitely much, but the first must
    /// reach it. Raises ArgumentException on a method or problem that does not exist or does not fit.
    let run (ctx: CheckContext) (papers: Paper list) (comparison: Comparison) : Compared =
        let problem = ProblemCatalogue.build comparison.Problem
        let methods = papers |> List.collect (fun p -> p.Methods)

        let spend (contender: Contender) =
            match methods |> List.tryFind (fun m -> m.Name = contender.Method) with
            | None -> invalidArg (nameof comparison) $"{comparison.Key}: there is no method '{contender.Method}'."
            | Some entry ->
                match entry.Prepare problem contender.Parameters with
                | Error reason -> invalidArg (nameof comparison) $"{comparison.Key}: {reason}"
                | Ok prepared ->
                    let spent =
                        Spend.until ctx problem prepared comparison.Lanes comparison.Target comparison.Steps

                    contender,
                    spent,
                    (Spend.amount problem comparison.By spent
                     |> Option.filter (fun _ -> spent.Reached))

        let spent = comparison.Order |> List.map spend
        let amounts = spent |> List.map (fun (_, _, amount) -> amount)

        let inOrder (first, second) =
            match first, second with
            | Some a, Some b -> b >= comparison.Ratio * a
            | Some _, None -> true
            | None, _ -> false

        {
            Comparison = comparison
            Spent = spent
            AsClaimed = amounts |> List.pairwise |> List.forall inOrder
        }
