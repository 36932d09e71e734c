/// The papers' bounds on a problem made of real data: constants certified from the data, each method run with its
/// theorem's parameters, each of its bounds held against the run.
[<RequireQualifiedAccess>]
module Theory.Algorithms.OnData

open System
open Theory
open Theory.Numerics

/// What is run: a method of the catalogue by name, for a number of steps.
type DataRun = { Method: string; Steps: int }

let private claimOf (name: string) (problem: IProblem) (entry: MethodEntry) (steps: int) : Claim =
    let check (ctx: CheckContext) (spec: DataRun) =
        match entry.Prepare problem [] with
        | Error reason -> Evidence.undecided Rung.Trajectories reason
        | Ok prepared ->
            let replicates = CheckContext.pick 8 20 100 ctx
            // All lanes in one chunk: a pass over the data costs more than the lanes' states.
            let ctx = { ctx with ChunkLanes = Some replicates }

            let probe =
                prepared.Run ctx {
                    Steps = 0
                    Every = 1
                    Lanes = 1
                    Start = None
                    Progress = None
                }

            let random = probe.Bounds |> List.exists (fun b -> b.InExpectation)

            let run =
                prepared.Run ctx {
                    Steps = spec.Steps
                    Every = 1
                    Lanes = (if random then replicates else 1)
                    Start = None
                    Progress = None
                }

            run.Bounds
            |> List.map (fun b ->
                if b.InExpectation then
                    [ spec.Steps / 4; spec.Steps / 2; spec.Steps ]
                    |> List.map (fun k -> $"{b.Name}, k = {k}", b.Measured[k], b.Bound[k].[0])
                    |> Replicates.means ctx.Alpha
                else
                    let first = b.Bound[0].[0]

                    [ 0 .. spec.Steps ]
                    |> List.map (fun k -> Evidence.row Relation.AtMost problem.Dimension k $"{b.Name}, k = {k}" (b.Measured[k].[0]) (b.Bound[k].[0]))
                    |> Evidence.ofRowsAbove (Rounding.resolution (float problem.Dimension) (1.0 + sqrt (abs first))) Rung.Trajectories Relation.AtMost)
            |> Evidence.all

    /// The stepsize far outside the theorem must break the bound (or diverge).
    let tooLong factor (ctx: CheckContext) (spec: DataRun) =
        match entry.Prepare problem [] with
        | Error reason -> Evidence.undecided Rung.Trajectories reason
        | Ok prepared ->
            match prepared.Parameters |> List.tryFind (fun (n, _) -> n = "Gamma") with
            | None -> Evidence.undecided Rung.Trajectories $"{entry.Name} has no parameter Gamma"
            | Some(_, text) ->
                let gamma = Double.Parse(text, Globalization.CultureInfo.InvariantCulture)

                let request = {
                    Steps = spec.Steps
                    Every = 1
                    Lanes = 1
                    Start = None
                    Progress = None
                }

                match entry.Prepare problem [ "Gamma", factor * gamma ] with
                | Error reason -> Evidence.undecided Rung.Trajectories reason
                | Ok changed ->
                    let within = prepared.Run ctx request
                    let run = changed.Run ctx request

                    List.zip run.Bounds within.Bounds
                    |> List.map (fun (b, theorem) ->
                        [ 0 .. spec.Steps ]
                        |> List.map (fun k -> Evidence.row Relation.AtMost problem.Dimension k $"{b.Name}, k = {k}" (b.Measured[k].[0]) (theorem.Bound[k].[0]))
                        |> Evidence.ofRows Rung.Trajectories Relation.AtMost)
                    |> Evidence.all

    let sample =
        match entry.Prepare problem [] with
        | Ok prepared ->
            (prepared.Run CheckContext.standard {
                Steps = 0
                Every = 1
                Lanes = 1
                Start = None
                Progress = None
            })
                .Bounds
        | Error _ -> []

    Claim.create {
        Claim.spec
            $"{name}/{entry.Name}"
            (if sample |> List.exists (fun b -> b.InExpectation) then ClaimKind.Mean else ClaimKind.Sure)
            ("along the run: " + (sample |> List.map (fun b -> b.Name) |> String.concat "; "))
            (Instances.only [ { Method = entry.Name; Steps = steps } ])
            check with
            Assumptions = problem.Name
            Source = "the bounds of the method's paper, at every step of a run on the data"
            Statistical = sample |> List.exists (fun b -> b.InExpectation)
            Falsifiers = [ Falsifier.check "γ × 1000" (tooLong 1000.0) ]
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
            ("certified and recomputed: " + (problem.Constants |> List.map (fun c -> $"{c.Symbol} = {c.Value:G6}") |> String.concat ", "))
            (Instances.only [ { Method = ""; Steps = 0 } ])
            (fun _ _ -> rows 1.0) with
            Assumptions = problem.Name
            Source = "each constant by a second computation"
            Falsifiers = [ Falsifier.check "constants 1 % off" (fun _ _ -> rows 1.01) ]
    }

/// The methods whose bounds make sense on a strongly convex finite sum, and the steps of each.
let private methods = [ "GD", 500; "L-SVRG", 500; "DIANA", 500; "EF21", 500; "ProxSkip", 1000 ]

/// A paper made of data: its constants, and the bounds of GD, L-SVRG (over samples), DIANA, EF21 and ProxSkip (over
/// workers), each at every step.
let paper (name: string) (workers: IProblem) (samples: IProblem) (catalogue: Catalogue) : Paper =
    let claims =
        methods
        |> List.choose (fun (method, steps) ->
            catalogue.Methods
            |> List.tryFind (fun (_, m) -> String.Equals(m.Name, method, StringComparison.OrdinalIgnoreCase))
            |> Option.map (fun (_, entry) -> claimOf name (if method = "L-SVRG" then samples else workers) entry steps))

    {
        Key = name
        Title = workers.Name
        Citation = "data given by path"
        Family = "data"
        Problem = workers.Name
        Methods = []
        Claims = constantsOf name workers :: claims
    }
