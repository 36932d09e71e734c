namespace Theory

/// In what a comparison of methods counts.
[<RequireQualifiedAccess>]
type Spending =
    | Steps
    /// Communication rounds with a server; every step is one where a method names none.
    | Rounds
    /// Gradients or operator values in units of full ones: a component counts 1/n.
    | Gradients
    /// Floats from one worker to the server.
    | Floats
    /// Bits from one worker to the server.
    | Bits
    /// Exchanges with neighbours over a network.
    | Gossip
    /// Messages between the server and single clients.
    | Messages
    | LocalSteps
    | Samples
    /// Simulated seconds.
    | Seconds

/// What a method spent until a target; means over lanes.
[<NoComparison>]
type Spent = {
    /// Whether every lane reached the target.
    Reached: bool
    Steps: float
    Totals: Map<Counter, float>
    /// ‖x − x*‖² at the end, relative to the start's.
    Error: float
}

/// What methods spend until they reach an accuracy.
[<RequireQualifiedAccess>]
module Spend =

    let private counters (spending: Spending) : Counter list =
        match spending with
        | Spending.Steps -> []
        | Spending.Rounds -> [ Counter.Rounds ]
        | Spending.Gradients -> [
            Counter.Gradients
            Counter.OperatorCalls
            Counter.ComponentGradients
            Counter.ComponentCalls
          ]
        | Spending.Floats -> [ Counter.UplinkFloats ]
        | Spending.Bits -> [ Counter.UplinkBits ]
        | Spending.Gossip -> [ Counter.GossipSteps ]
        | Spending.Messages -> [ Counter.Messages ]
        | Spending.LocalSteps -> [ Counter.LocalSteps ]
        | Spending.Samples -> [ Counter.Samples ]
        | Spending.Seconds -> [ Counter.Seconds ]

    let private components (problem: IProblem) =
        match problem with
        | :? IFiniteSum as f -> f.Count
        | :? IFiniteSumOperator as f -> f.Count
        | _ -> 1

    /// The amount in a unit; None where the method's account does not name it.
    let amount (problem: IProblem) (spending: Spending) (spent: Spent) : float option =
        let weight counter =
            match counter with
            | Counter.ComponentGradients
            | Counter.ComponentCalls -> 1.0 / float (components problem)
            | _ -> 1.0

        match
            counters spending
            |> List.choose (fun c -> spent.Totals.TryFind c |> Option.map (fun v -> v * weight c))
        with
        | [] when spending = Spending.Steps || spending = Spending.Rounds -> Some spent.Steps
        | [] -> None
        | amounts -> Some(List.sum amounts)

    /// The measure ‖x − x*‖² (or ‖z − z*‖²) of a run; None where the problem's solution is not known.
    let distance (run: MethodRun) =
        run.Measures
        |> List.tryFind (fun m -> m.Name.StartsWith '‖' && m.Name.Contains '*')

    /// Runs a method, in doubling stretches, until ‖x − x*‖² is at most `target` times the start's in every lane, at most
    /// `steps` steps. Raises ArgumentException when the problem has no known solution.
    let until (ctx: CheckContext) (problem: IProblem) (prepared: PreparedMethod) lanes (target: float) steps : Spent =
        let rec attempt count =
            let run =
                prepared.Run ctx {
                    Steps = count
                    Every = 1
                    Lanes = lanes
                    Start = None
                    Progress = None
                }

            match distance run with
            | None -> invalidArg (nameof problem) $"{problem.Name} has no known solution, so no distance to compare by."
            | Some errors ->
                let first lane =
                    errors.Values
                    |> Array.tryFindIndex (fun v -> v[lane] <= target * errors.Values[0].[lane])

                let reached = Array.init lanes first

                if Array.forall Option.isSome reached || count = steps then
                    let ends = reached |> Array.map (Option.defaultValue (run.Steps.Length - 1))

                    let mean (f: int -> int -> float) =
                        Array.average (Array.mapi (fun lane at -> f lane at) ends)

                    {
                        Reached = Array.forall Option.isSome reached
                        Steps = mean (fun _ at -> float run.Steps[at])
                        Totals =
                            run.Counters
                            |> Map.map (fun _ series -> mean (fun lane at -> series[at].[lane]))
                        Error = mean (fun lane at -> errors.Values[at].[lane] / errors.Values[0].[lane])
                    }
                else
                    attempt (min (2 * count) steps)

        attempt (min 64 steps)
