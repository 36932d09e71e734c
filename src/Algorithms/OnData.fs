/// The papers' bounds on a problem made of real data: constants certified from the data, each method run with its
/// theorem's parameters, each of its bounds held against the run.
[<RequireQualifiedAccess>]
module Theory.Algorithms.OnData

open System
open Theory
open Theory.Numerics

/// What is run: a method of the catalogue by name, for a number of steps.
type DataRun = { Method: string; Steps: int }

let private request steps every lanes : RunRequest = {
    Steps = steps
    Every = every
    Lanes = lanes
    Start = None
    Progress = None
}

/// Numbers that one block of all components' gradients may hold.
let private componentLimit = 3e7

let private claimOf (name: string) (problem: IProblem) (entry: MethodEntry) (steps: int) : Claim =
    let check (ctx: CheckContext) (spec: DataRun) =
        match entry.Prepare problem [] with
        | Error reason -> Evidence.undecided Rung.Trajectories reason
        | Ok prepared ->
            let replicates = CheckContext.pick 8 20 100 ctx
            // As many lanes in one chunk as memory allows: a pass over the data costs more than the lanes' states.
            let components =
                match problem with
                | :? IFiniteSum as f -> float f.Count * float f.Dimension
                | _ -> float problem.Dimension

            let ctx = {
                ctx with
                    ChunkLanes = Some(max 1 (min replicates (int (componentLimit / components))))
            }

            let bounds = prepared.Bounds()
            let random = bounds |> List.exists (fun b -> b.InExpectation)

            // A bound on an expectation is looked at a few times; a mean over steps needs them all.
            let every =
                if random && bounds |> List.forall (fun b -> b.Summary = Summary.Last) then
                    spec.Steps / 4
                else
                    1

            let run =
                prepared.Run ctx (request spec.Steps every (if random then replicates else 1))

            run.Bounds
            |> List.map (fun b ->
                if b.InExpectation then
                    [ 1; 2; 4 ]
                    |> List.map (fun quarters ->
                        let at = quarters * (run.Steps.Length - 1) / 4
                        $"{b.Name}, k = {run.Steps[at]}", b.Measured[at], b.Bound[at].[0])
                    |> Replicates.means ctx.Alpha
                else
                    let first = b.Bound[0].[0]

                    [ 1 .. spec.Steps ]
                    |> List.map (fun k ->
                        Evidence.row
                            Relation.AtMost
                            problem.Dimension
                            k
                            $"{b.Name}, k = {k}"
                            (b.Measured[k].[0])
                            (b.Bound[k].[0]))
                    |> Evidence.ofRowsAbove
                        (Rounding.resolution (float problem.Dimension) (1.0 + sqrt (abs first)))
                        Rung.Trajectories
                        Relation.AtMost)
            |> Evidence.all

    /// The stepsize far outside the theorem must break the bound (or diverge).
    let tooLong factor (ctx: CheckContext) (spec: DataRun) =
        match entry.Prepare problem [] with
        | Error reason -> Evidence.undecided Rung.Trajectories reason
        | Ok prepared ->
            match prepared.Numbers |> List.tryFind (fun (n, _) -> n = "Gamma") with
            | None -> Evidence.undecided Rung.Trajectories $"{entry.Name} has no parameter Gamma"
            | Some(_, gamma) ->
                match entry.Prepare problem [ "Gamma", factor * gamma ] with
                | Error reason -> Evidence.undecided Rung.Trajectories reason
                | Ok changed ->
                    let within = prepared.Run ctx (request spec.Steps 1 1)
                    let run = changed.Run ctx (request spec.Steps 1 1)

                    List.zip run.Bounds within.Bounds
                    |> List.map (fun (b, theorem) ->
                        [ 0 .. spec.Steps ]
                        |> List.map (fun k ->
                            Evidence.row
                                Relation.AtMost
                                problem.Dimension
                                k
                                $"{b.Name}, k = {k}"
                                (b.Measured[k].[0])
                                (theorem.Bound[k].[0]))
                        |> Evidence.ofRows Rung.Trajectories Relation.AtMost)
                    |> Evidence.all

    let bounds =
        match entry.Prepare problem [] with
        | Ok prepared -> prepared.Bounds()
        | Error _ -> []

    Claim.create {
        Claim.spec
            $"{name}/{entry.Name}"
            (if bounds |> List.exists (fun b -> b.InExpectation) then
                 ClaimKind.Mean
             else
                 ClaimKind.Sure)
            ("along the run: " + (bounds |> List.map (fun b -> b.Name) |> String.concat "; "))
            (Instances.only [ { Method = entry.Name; Steps = steps } ])
            check with
            Assumptions = problem.Name
            Source = "the bounds of the method's paper, at every step of a run on the data"
            Statistical = bounds |> List.exists (fun b -> b.InExpectation)
            Falsifiers = [ Falsifier.check "γ × 10⁶" (tooLong 1e6) ]
    }

let private constantsOf (name: string) (problem: IProblem) : Claim =
    let rows tamper =
        problem.Constants
        |> List.map (fun c ->
            let c = { c with Value = tamper * c.Value }

            {
                Label = $"{c.Symbol}: {c.Certificate}"
                Measured = c.Recompute()
                Bound = c.Value
                Holds = Result.isOk (Constant.check c)
            })
        |> Evidence.ofRows Rung.Trajectories Relation.Equal

    Claim.create {
        Claim.spec
            $"{name}/constants"
            ClaimKind.Exact
            ("certified and recomputed: "
             + (problem.Constants
                |> List.map (fun c -> $"{c.Symbol} = {c.Value:G6}")
                |> String.concat ", "))
            (Instances.only [ { Method = ""; Steps = 0 } ])
            (fun _ _ -> rows 1.0) with
            Assumptions = problem.Name
            Source = "each constant by a second computation"
            Falsifiers = [ Falsifier.check "constants 1 % off" (fun _ _ -> rows 1.01) ]
    }

/// Rounds until the squared distance to the solution is `target` of the start's; None when `limit` steps do not reach it.
let private rounds ctx problem (prepared: PreparedMethod) target limit =
    let spent = Spend.until ctx problem prepared 1 target limit

    if spent.Reached then
        Spend.amount problem Spending.Rounds spent
    else
        None

/// ProxSkip communicates less often than gradient descent: of order √κ against κ.
let private roundsOf (name: string) (problem: IProblem) (gd: MethodEntry) (proxSkip: MethodEntry) : Claim =
    let compare (settings: (string * float) list) (ctx: CheckContext) (spec: DataRun) =
        match gd.Prepare problem [], proxSkip.Prepare problem settings with
        | Ok plain, Ok local ->
            match rounds ctx problem local 1e-3 spec.Steps, rounds ctx problem plain 1e-3 spec.Steps with
            | Some few, Some many ->
                Evidence.ofRows Rung.Trajectories Relation.AtMost [
                    Evidence.row Relation.AtMost 1 1 "rounds of ProxSkip against half of GD's" few (0.5 * many)
                ]
                |> Evidence.note $"rounds: ProxSkip {few}, GD {many}"
            | _ -> Evidence.undecided Rung.Trajectories $"the target was not reached in {spec.Steps} steps"
        | Error reason, _
        | _, Error reason -> Evidence.undecided Rung.Trajectories reason

    Claim.create {
        Claim.spec
            $"{name}/rounds"
            ClaimKind.Count
            "until ‖x−x*‖² is a thousandth of the start's, ProxSkip needs at most half of GD's rounds"
            (Instances.only [ { Method = "ProxSkip"; Steps = 200000 } ])
            (compare []) with
            Assumptions = problem.Name
            Source = "the abstract of CE-SCAF's paper: communication of order √κ against κ"
            Falsifiers = [
                Falsifier.check "p = 1, which communicates in every step" (compare [ "P", 1.0 ])
            ]
    }

/// The methods whose bounds make sense on a strongly convex finite sum, and the steps of each.
let private methods = [
    "GD", 500
    "L-SVRG", 500
    "DIANA", 500
    "RAND-DIANA", 500
    "EF21", 500
    "ProxSkip", 1000
]

/// A paper made of data: its constants, and the bounds of gradient descent, L-SVRG (over samples), compressed methods and
/// local training (over workers), each along a run.
let paper (name: string) (workers: IProblem) (samples: IProblem) (catalogue: Catalogue) : Paper =
    let entry method =
        catalogue.Methods
        |> List.pick (fun (_, m) -> if m.Name = method then Some m else None)

    let claims =
        methods
        |> List.map (fun (method, steps) ->
            claimOf name (if method = "L-SVRG" then samples else workers) (entry method) steps)

    {
        Key = name
        Title = workers.Name
        Citation = "data given by path"
        Family = "data"
        Problem = workers.Name
        Methods = []
        Claims =
            constantsOf name workers :: claims
            @ [ roundsOf name workers (entry "GD") (entry "ProxSkip") ]
    }
