/// Runs: lanes, chunks, threads, divergence, counters; states as vectors; instances and shrinking.
module Theory.Tests.RunTests

open System
open System.Threading
open FsCheck.FSharp
open Xunit
open Theory
open Theory.Numerics
open Theory.Problems

[<NoComparison>]
type Pair = {
    /// An iterate.
    X: Block
    /// A block with workers.
    H: Block
    /// Carried along.
    Count: int
}

let private squaring: Process<RungTests.Point, unit> = {
    Name = "x⁺ = x²"
    Draw = Draw.none
    Step = fun () s -> { X = s.X * s.X }
    Cost = fun () -> [ Charge.each Counter.Gradients 2.0 ]
}

let private plan steps : RunPlan<RungTests.Point> = {
    Steps = steps
    Every = 1
    Measures = [ fun s -> Block.normSquared s.X ]
    Progress = None
}

[<Fact>]
let ``a lane that overflows is reported at its step and harms no other`` () =
    let start: RungTests.Point = {
        X = Block.ofRows [| [| 0.5 |]; [| 1e100 |]; [| 0.9 |] |]
    }

    let result = Run.trajectories CheckContext.standard squaring start (plan 6)
    Assert.Equal(None, result.DivergedAt[0])
    // 1e100 → 1e200 → 1e400 = ∞ after step 2.
    Assert.Equal(Some 2, result.DivergedAt[1])
    Assert.Equal(None, result.DivergedAt[2])

    let alone =
        Run.trajectories CheckContext.standard squaring { X = Block.vector [| 0.9 |] } (plan 6)

    Assert.Equal(alone.Measures[0].[6].[0], result.Measures[0].[6].[2])

[<Fact>]
let ``counters add up over steps and lanes`` () =
    let result =
        Run.trajectories
            CheckContext.standard
            squaring
            {
                X = Block.ofRows [| [| 0.5 |]; [| 0.1 |] |]
            }
            (plan 10)

    Assert.Equal(20.0, result.Counters[Counter.Gradients].[10].[1])
    Assert.Equal(6.0, result.Counters[Counter.Gradients].[3].[0])

[<Fact>]
let ``results are the same bits for every chunk size and thread count`` () =
    let f =
        Quadratic.distributed {
            Workers = 3
            Dimension = 5
            Kappa = 20.0
            Spread = 1.0
            Seed = 4
        }

    let entry = Theory.Algorithms.CommunicationEfficient.DIANA.paper.Methods[0]

    let outcome threads chunk =
        let ctx = {
            CheckContext.standard with
                Threads = threads
                ChunkLanes = chunk
        }

        match entry.Prepare f [] with
        | Ok prepared ->
            (prepared.Run ctx {
                Steps = 30
                Every = 1
                Lanes = 13
                Start = None
                Progress = None
            })
                .Output.ToArray()
            |> Array.map BitConverter.DoubleToInt64Bits
        | Error reason -> failwith reason

    let expected = outcome 1 None

    for threads in [ 1; 2 ] do
        for chunk in [ None; Some 1; Some 3; Some 7; Some 13; Some 100 ] do
            Assert.Equal<int64[]>(expected, outcome threads chunk)

[<Fact>]
let ``a step that hides a block outside its state is an error, not a wrong number`` () =
    let mutable hidden: Block option = None

    let proc: Process<RungTests.Point, unit> = {
        Name = "hiding"
        Draw = Draw.none
        Step =
            fun () s ->
                let fresh = (s.X * s.X).Materialise()
                let used = hidden |> Option.defaultValue fresh
                hidden <- Some fresh
                { X = s.X + 0.1 * used }
        Cost = fun () -> []
    }

    let start: RungTests.Point = {
        X = Block.Fill(Shape.Vector(1, 1, 300), 0.1)
    }

    let error =
        Assert.Throws<InvalidOperationException>(fun () ->
            Run.trajectories CheckContext.standard proc start (plan 5) |> ignore)

    Assert.Contains("state only", error.Message)

[<Fact>]
let ``results of a run stay valid after other runs have reused its memory`` () =
    let start: RungTests.Point = {
        X = Block.Fill(Shape.Vector(1, 3, 300), 0.5)
    }

    let first = Run.trajectories CheckContext.standard squaring start (plan 4)
    let before = first.Final.X.ToArray()

    Run.trajectories
        CheckContext.standard
        squaring
        {
            X = Block.Fill(Shape.Vector(1, 3, 300), 0.7)
        }
        (plan 4)
    |> ignore

    Assert.Equal<float[]>(before, first.Final.X.ToArray())
    Assert.Equal(0.5 ** 16.0, before[0], 15)

[<Fact>]
let ``a cancelled run stops`` () =
    use source = new CancellationTokenSource()
    source.Cancel()

    let ctx = {
        CheckContext.standard with
            Cancellation = source.Token
    }

    Assert.ThrowsAny<OperationCanceledException>(fun () ->
        Run.trajectories ctx squaring { X = Block.vector [| 0.5 |] } (plan 5) |> ignore)
    |> ignore

[<Fact>]
let ``a state packs into rows and comes back`` () =
    let state = {
        X = Block.ofRows [| [| 1.0; 2.0 |]; [| 3.0; 4.0 |] |]
        H = Block.ofWorkers [| [| 5.0 |]; [| 6.0 |] |]
        Count = 3
    }

    let codec = Codec.ofTemplate state
    Assert.Equal(4, codec.Dimension)
    let rows = codec.Pack state
    Assert.Equal<float[]>([| 1.0; 2.0; 5.0; 6.0 |], rows[0])
    Assert.Equal<float[]>([| 3.0; 4.0; 5.0; 6.0 |], rows[1])
    let back = codec.Unpack state rows
    Assert.Equal(3, back.Count)
    Assert.Equal<float[]>(rows[1], (codec.Pack back)[1])

[<Fact>]
let ``a state without blocks is refused`` () =
    let error =
        Assert.Throws<ArgumentException>(fun () -> Codec.ofTemplate {| A = 1 |} |> ignore)

    Assert.Contains("no field of type Block", error.Message)

let private wrongClaim =
    Claim.create {
        Claim.spec
            "TEST.1"
            ClaimKind.Sure
            "‖x⁺ − x*‖² ≤ (1 − 1.1γμ)²‖x − x*‖², which is false from two dimensions on"
            (Quadratic.instances 3 6)
            (fun _ spec ->
                let f = Quadratic.distributed spec :> IObjective
                let gamma = 1.0 / f.Smoothness

                let proc: Process<RungTests.Point, unit> = {
                    Name = "GD"
                    Draw = Draw.none
                    Step = fun () s -> { X = s.X - gamma * f.Gradient s.X }
                    Cost = fun () -> []
                }

                Spectral.contraction
                    proc
                    { X = f.Minimiser }
                    None
                    (fun s -> Block.normSquared (s.X - f.Minimiser))
                    ((1.0 - 1.1 * gamma * f.StrongConvexity) ** 2.0)
                    0.0) with
            Valid = fun spec -> spec.Dimension > 1
    }

[<Fact>]
let ``a wrong constant is refuted with a small instance that replays`` () =
    let result = wrongClaim.Verify CheckContext.standard
    Assert.Equal(Verdict.Refuted, result.Verdict)
    let found = result.Counterexample.Value
    let spec = Token.instanceOf<QuadraticSpec> found.Instance
    Assert.Equal(2, spec.Dimension)
    Assert.Equal(1, spec.Workers)
    let payload = Token.read found.Token

    let replayed =
        wrongClaim.Replay CheckContext.standard payload.Falsifier (payload.Instance.GetRawText())

    Assert.Equal(Verdict.Refuted, replayed.Verdict)

[<Fact>]
let ``a check that throws is inconclusive and names the instance`` () =
    let claim =
        Claim.create (
            Claim.spec "TEST.2" ClaimKind.Sure "" (Instances.only [ 7 ]) (fun _ _ -> invalidOp "no such thing")
        )

    let result = claim.Verify CheckContext.standard
    Assert.Equal(Verdict.Inconclusive, result.Verdict)
    Assert.Contains("no such thing", result.Note)

[<Fact>]
let ``a claim without a valid instance is inconclusive and says so`` () =
    let spec =
        Claim.spec "TEST.5" ClaimKind.Sure "" (Quadratic.instances 2 2) (fun _ _ -> failwith "never reached")

    let result =
        (Claim.create { spec with Valid = fun _ -> false }).Verify CheckContext.standard

    Assert.Equal(Verdict.Inconclusive, result.Verdict)
    Assert.Contains("no instance within the claim's assumptions", result.Note)

    let result =
        (Claim.create {
            spec with
                Valid = fun _ -> invalidOp "broken predicate"
        })
            .Verify
            CheckContext.standard

    Assert.Equal(Verdict.Inconclusive, result.Verdict)
    Assert.Contains("broken predicate", result.Note)

[<Fact>]
let ``a falsifier that survives makes the claim not as claimed`` () =
    let holds _ (_: int) =
        Evidence.ofRows Rung.Trajectories Relation.AtMost [ Evidence.row Relation.AtMost 1 1 "1 ≤ 2" 1.0 2.0 ]

    let claim =
        Claim.create {
            Claim.spec "TEST.3" ClaimKind.Sure "" (Instances.only [ 1 ]) holds with
                Falsifiers = [ Falsifier.check "nothing changed" holds ]
        }

    let result = claim.Verify CheckContext.standard
    Assert.Equal(Verdict.Held, result.Verdict)
    Assert.False(result.AsClaimed)

[<Fact>]
let ``an erratum is as claimed only when it is refuted`` () =
    let spec bound = {
        Claim.spec "TEST.4" ClaimKind.Sure "" (Instances.only [ 1 ]) (fun _ _ ->
            Evidence.ofRows Rung.Trajectories Relation.AtMost [ Evidence.row Relation.AtMost 1 1 "" 1.0 bound ]) with
            Erratum = Some "test"
    }

    Assert.True((Claim.create (spec 0.5)).Verify(CheckContext.standard).AsClaimed)
    Assert.False((Claim.create (spec 2.0)).Verify(CheckContext.standard).AsClaimed)

[<Fact>]
let ``parameters are set by name and unknown ones are refused with the known ones`` () =
    let p: Theory.Algorithms.StochasticVarianceReduction.GradientDescent.Parameters = { Gamma = 1.0 }

    match Parameters.set "gamma" 0.5 p with
    | Ok changed -> Assert.Equal(0.5, changed.Gamma)
    | Error reason -> failwith reason

    match Parameters.set "beta" 0.5 p with
    | Ok _ -> failwith "accepted"
    | Error reason -> Assert.Contains("Gamma", reason)

[<Fact>]
let ``a problem text with an unknown name, parameter or value is refused and says what is right`` () =
    let message text =
        Assert.Throws<ArgumentException>(fun () -> ProblemCatalogue.build text |> ignore).Message

    Assert.Contains("quadratic", message "quadrtic")
    Assert.Contains("kappa", message "quadratic:kapa=3")
    Assert.Contains("at least 1", message "quadratic:d=0")
    Assert.Contains("at least 1", message "quadratic:d=-3")
    Assert.Contains("number", message "quadratic:kappa=x")
