namespace Theory.Report

open Theory
open Theory.Algorithms
open Theory.Problems
open Theory.Views

/// The declared comparisons, run and counted by everything that their methods count.
[<RequireQualifiedAccess>]
module ComparisonCharts =

    /// Every counter, in the order in which the page offers them.
    let counters: Spending list = [
        Spending.Steps
        Spending.Rounds
        Spending.Gradients
        Spending.Floats
        Spending.Bits
        Spending.Messages
        Spending.Gossip
        Spending.LocalSteps
        Spending.Samples
        Spending.Seconds
    ]

    /// Points of a run that a chart needs.
    let private points = 400

    /// A contender's run up to where its comparison stopped it.
    let private rerun ctx (papers: Paper list) (problem: IProblem) lanes (contender: Contender) (spent: Spent) =
        let entry =
            papers
            |> List.collect (fun p -> p.Methods)
            |> List.find (fun m -> m.Name = contender.Method)

        let steps = max 1 (int (ceil spent.Steps))

        match entry.Prepare problem contender.Parameters with
        | Error reason -> invalidOp reason
        | Ok prepared ->
            prepared.Run ctx {
                Steps = steps
                Every = max 1 (steps / points)
                Lanes = lanes
                Start = None
                Progress = None
            }

    /// The comparison with another counter: the same runs, other amounts.
    let private countedBy problem by (compared: Compared) = {
        compared with
            Comparison = { compared.Comparison with By = by }
            Spent =
                compared.Spent
                |> List.map (fun (contender, spent, _) ->
                    contender, spent, Spend.amount problem by spent |> Option.filter (fun _ -> spent.Reached))
    }

    let private charts problem (compared: Compared) runs by =
        let counted =
            compared.Spent
            |> List.forall (fun (_, spent, _) -> (Spend.amount problem by spent).IsSome)

        if counted then
            Some(
                by,
                [
                    Charts.comparison (countedBy problem by compared)
                    Charts.runs problem by runs
                ]
            )
        else
            None

    /// Runs a comparison and draws it by every counter that all its contenders have.
    let run (ctx: CheckContext) (papers: Paper list) (comparison: Comparison) : ComparisonPart =
        let compared = Comparison.run ctx papers comparison
        let problem = ProblemCatalogue.build comparison.Problem

        let runs =
            compared.Spent
            |> List.map (fun (contender, spent, _) ->
                string contender, rerun ctx papers problem comparison.Lanes contender spent)

        {
            Compared = compared
            Spent =
                compared.Spent
                |> List.map (fun (contender, spent, _) ->
                    string contender,
                    counters
                    |> List.map (fun by -> by, Spend.amount problem by spent |> Option.filter (fun _ -> spent.Reached)))
            Charts = counters |> List.choose (charts problem compared runs)
        }
