/// The rungs of evidence on processes whose answers are known in closed form.
module Theory.Tests.RungTests

open System
open Xunit
open Theory
open Theory.Numerics

[<NoComparison>]
type Point = { X: Block }

/// x⁺ = diag(factors)·x + noise.
let private linear (factors: float[]) (noise: Draw<Block>) : Process<Point, Block> =
    let a = LinearAlgebra.Diagonal factors

    {
        Name = "linear"
        Draw = noise
        Step = fun xi s -> { X = s.X.Apply a + xi }
        Cost = fun _ -> []
    }

let private silent d = Draw.always (Block.zeros 1 1 d)
let private square (s: Point) = Block.normSquared s.X
let private origin d = { X = Block.zeros 1 1 d }

let private close (expected: float) (actual: float) =
    Assert.InRange(actual, expected - 1e-10 * abs expected - 1e-14, expected + 1e-10 * abs expected + 1e-14)

[<Fact>]
let ``spectral evidence finds the exact worst factor and the worst start`` () =
    let e =
        Spectral.contraction (linear [| 0.5; -0.9; 0.1 |] (silent 3)) (origin 3) None square 0.81 0.0

    Assert.Equal(Verdict.Proved, Evidence.verdict e)
    close 1.0 e.Tightness

    let looser =
        Spectral.contraction (linear [| 0.5; -0.9; 0.1 |] (silent 3)) (origin 3) None square 0.9 0.0

    close 0.9 looser.Tightness

[<Fact>]
let ``spectral evidence refutes a factor that is one part in a million too small`` () =
    let e =
        Spectral.contraction (linear [| 0.5; -0.9 |] (silent 2)) (origin 2) None square (0.81 * (1.0 - 1e-6)) 0.0

    Assert.Equal(Verdict.Refuted, Evidence.verdict e)

[<Fact>]
let ``spectral evidence weighs noise exactly`` () =
    // E‖x⁺‖² = 0.25‖x‖² + σ²: attained at the origin by the noise and far away by the factor.
    let noisy = linear [| 0.5; 0.5 |] (Draw.signedCoordinate 2 0.3)
    let proved = Spectral.contraction noisy (origin 2) None square 0.25 0.09
    Assert.Equal(Verdict.Proved, Evidence.verdict proved)
    close 1.0 proved.Tightness
    Assert.Equal(Verdict.Refuted, Evidence.verdict (Spectral.contraction noisy (origin 2) None square 0.25 0.0899))
    Assert.Equal(Verdict.Refuted, Evidence.verdict (Spectral.contraction noisy (origin 2) None square 0.25 0.0))

[<Fact>]
let ``spectral evidence respects what the method keeps`` () =
    // On x₁ + x₂ = 0 the matrix [[0, 1], [1, 0]]·0.5 acts as −0.5; the all-ones direction, which grows, is excluded.
    let a = Matrix(2, 2, [| 0.75; 1.25; 1.25; 0.75 |])

    let proc: Process<Point, unit> = {
        Name = "swap"
        Draw = Draw.none
        Step = fun () s -> { X = s.X.Apply a }
        Cost = fun _ -> []
    }

    let kept (s: Point) = s.X.Sum()
    let inside = Spectral.contraction proc (origin 2) (Some kept) square 0.25 0.0
    Assert.Equal(Verdict.Proved, Evidence.verdict inside)
    close 1.0 inside.Tightness
    Assert.Equal(Verdict.Refuted, Evidence.verdict (Spectral.contraction proc (origin 2) None square 0.25 0.0))

[<Fact>]
let ``spectral evidence says that a step is not affine instead of proving nonsense`` () =
    let proc: Process<Point, unit> = {
        Name = "clip"
        Draw = Draw.none
        Step = fun () s -> { X = s.X.Clamp(-1.0, 1.0) }
        Cost = fun _ -> []
    }

    let e = Spectral.contraction proc (origin 2) None square 1.0 0.0
    Assert.Equal(Verdict.Inconclusive, Evidence.verdict e)
    Assert.Contains("not affine", e.Undecided.Value)

/// x⁺ = x/(k + 1): a state with a counter beside its blocks.
[<NoComparison>]
type Counted = { X: Block; K: int }

let private slowing: Process<Counted, unit> = {
    Name = "x⁺ = x/(k+1)"
    Draw = Draw.none
    Step =
        fun () s -> {
            X = (1.0 / float (s.K + 1)) * s.X
            K = s.K + 1
        }
    Cost = fun () -> []
}

[<Fact>]
let ``a step that depends on a counter is not proved from its first step`` () =
    let centre = { X = Block.zeros 1 1 2; K = 3 }
    let norm (s: Counted) = Block.normSquared s.X
    let e = Spectral.contraction slowing centre None norm 0.5 0.0
    Assert.Equal(Verdict.Inconclusive, Evidence.verdict e)
    Assert.Contains("varies from step to step", e.Undecided.Value)

[<Fact>]
let ``moments follow a step that depends on a counter`` () =
    let start: Counted = {
        X = Block.vector [| 3.0; 4.0 |]
        K = 0
    }

    match Moments.series slowing { start with X = Block.zeros 1 1 2 } start 4 [ fun s -> Block.normSquared s.X ] with
    | Error reason -> failwith reason
    | Ok series ->
        // 25/(k!)².
        close 25.0 (series[0].[1])
        close 6.25 (series[0].[2])
        close (25.0 / 36.0) (series[0].[3])
        close (25.0 / 576.0) (series[0].[4])

[<Fact>]
let ``spectral equality holds only for the exact identity`` () =
    let noisy = linear [| 0.5; 0.2 |] (Draw.signedCoordinate 2 0.3)

    let claim bound : Spectral.OneStep<Point, Block> = {
        Process = noisy
        Centre = origin 2
        Keeps = None
        Measure = square
        Bound = bound
        Relation = Relation.Equal
        MatchMoments = false
    }

    let exact (s: Point) =
        Block.normSquared (s.X.Apply(LinearAlgebra.Diagonal [| 0.5; 0.2 |]))
        + Block.scalar 0.09

    Assert.Equal(Verdict.Proved, Evidence.verdict (Spectral.oneStep (claim exact)))
    Assert.Equal(Verdict.Refuted, Evidence.verdict (Spectral.oneStep (claim (fun s -> exact s + 1e-6 * square s))))

[<Fact>]
let ``moments follow the closed form of a noisy contraction at every step`` () =
    let q, sigma = 0.8, 0.5
    let noisy = linear [| q; q |] (Draw.signedCoordinate 2 sigma)
    let start = { X = Block.vector [| 3.0; -1.0 |] }

    match Moments.series noisy (origin 2) start 60 [ square ] with
    | Error reason -> failwith reason
    | Ok series ->
        for k in 0..60 do
            let decay = q ** float (2 * k)
            let expected = decay * 10.0 + sigma * sigma * (1.0 - decay) / (1.0 - q * q)
            close expected series[0].[k]

[<Fact>]
let ``moments agree with the enumerated tree and with matched Gaussian noise`` () =
    let factors = [| 0.9; -0.4 |]
    let start = { X = Block.vector [| 1.0; 2.0 |] }
    let finite = linear factors (Draw.signedCoordinate 2 (sqrt 2.0))
    let tree = Enumerated.series finite start 4 square

    let gaussian = linear factors (Draw.gaussians 1 2)

    match
        Moments.series finite (origin 2) start 4 [ square ], Moments.series gaussian (origin 2) start 4 [ square ]
    with
    | Ok a, Ok b ->
        for k in 0..4 do
            close tree[k] (a[0].[k])
            close tree[k] (b[0].[k])
    | Error reason, _
    | _, Error reason -> failwith reason

[<Fact>]
let ``the enumerated law is a law`` () =
    let proc = linear [| 0.5; 0.5 |] (Draw.signedCoordinate 2 1.0)
    let weights, states = Enumerated.law proc (origin 2) 3
    Assert.Equal(64, weights.Length)
    close 1.0 (Array.sum weights)
    Assert.Equal(64, states.X.Lanes)

[<Fact>]
let ``enumeration with a search finds a worst state that random states miss`` () =
    // V⁺/V = 1 only along one coordinate of six; random directions see far less.
    let proc = linear [| 1.0; 0.1; 0.1; 0.1; 0.1; 0.1 |] (silent 6)
    let ctx = CheckContext.standard

    let evidence search =
        Enumerated.oneStep ctx {
            Process = proc
            States = {
                X = CheckContext.gaussianStarts ctx 0 8 6 1.0
            }
            Measure = fun _ next -> square next
            Bound = fun s -> 0.97 * square s
            Relation = Relation.AtMost
            Keep = id
            Search = search
        }

    Assert.Equal(Verdict.Exhausted, Evidence.verdict (evidence 0))
    Assert.Equal(Verdict.Refuted, Evidence.verdict (evidence 200))

[<Fact>]
let ``trajectories refute a bound that fails at one late step of one lane`` () =
    let proc = linear [| 0.99 |] (silent 1)

    let starts = {
        X = Block.ofRows [| [| 0.1 |]; [| 1.0 |] |]
    }

    let bound: RunBound<Point> = {
        Name = "x²"
        Measure = square
        Summary = Summary.Last
        Scale = fun _ -> Block.scalar 1.0
        Bound = fun k _ -> if k = 37 then 0.99 ** 74.0 * 0.999 else 1.0
        InExpectation = false
    }

    let e =
        Trajectories.bound CheckContext.standard proc starts 50 Relation.AtMost 0 bound

    Assert.Equal(Verdict.Refuted, Evidence.verdict e)
    Assert.Contains("k = 37", e.Violation.Value.Label)

[<Fact>]
let ``replicates refute a mean that is too large and say what they would have caught`` () =
    let samples = Array.init 2000 (fun i -> if i % 2 = 0 then 0.0 else 2.0)
    let fair = Replicates.means 1e-3 [ "fair", samples, 1.0 ]
    Assert.Equal(Verdict.Consistent, Evidence.verdict fair)
    Assert.Contains("would have been refuted", fair.Note)
    Assert.Equal(Verdict.Refuted, Evidence.verdict (Replicates.means 1e-3 [ "false", samples, 0.8 ]))

[<Fact>]
let ``too few runs for a probability claim are inconclusive`` () =
    let e = Replicates.failures 1e-4 "runs" (Array.create 3 false) 0.1
    Assert.Equal(Verdict.Inconclusive, Evidence.verdict e)

[<Fact>]
let ``every finite draw has probabilities that sum to one`` () =
    let total (draw: Draw<'D>) =
        draw.Outcomes |> Array.sumBy (fun o -> o.Probability)

    close 1.0 (total (Draw.index 7))
    close 1.0 (total (Draw.weightedIndex [| 0.1; 0.2; 0.7 |]))
    close 1.0 (total (Draw.coins 4 0.3))
    close 1.0 (total (Draw.subsets 2 2 5))
    close 1.0 (total (Draw.permutation 5))
    close 1.0 (total (Draw.both (Draw.coin 0.25) (Draw.indices 3 2)))
    Assert.Equal(100.0, (Draw.subsets 2 2 5).Count)
    Assert.Equal(120, (Draw.permutation 5).Outcomes.Length)

[<Fact>]
let ``the parts of a compound draw are independent`` () =
    let draw = Draw.both (Draw.index 2) (Draw.index 2)
    let a, b = draw.Sample(DrawAddress(1UL, 0u, 0, 0, 0), 4000)

    let same =
        Seq.init 4000 (fun l -> a.At(0, l)[0] = b.At(0, l)[0])
        |> Seq.filter id
        |> Seq.length
    // Binomial(4000, ½): outside [1850, 2150] with probability below 3e-6.
    Assert.InRange(same, 1850, 2150)
