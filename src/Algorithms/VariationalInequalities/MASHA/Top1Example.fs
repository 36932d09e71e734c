/// Contractive compression without error feedback diverges on three quadratics (VI-MASHA.10).
module Theory.Algorithms.VariationalInequalities.Top1Example

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.MASHA2

/// A stepsize for the example that compressed gradient descent fails on.
[<NoComparison>]
type ExampleSpec = { Gamma: float }

/// f_m(w) = ⟨a_m, w⟩² + ¼‖w‖² with a_1 = (−3, 2, 2) and its rotations: minimised at 0 by every f_m.
let private example =
    let a = [| [| -3.0; 2.0; 2.0 |]; [| 2.0; -3.0; 2.0 |]; [| 2.0; 2.0; -3.0 |] |]

    let hessian (v: float[]) =
        Matrix.Create(3, 3, fun i j -> 2.0 * v[i] * v[j] + (if i = j then 0.5 else 0.0))

    AffineOperator(
        "three quadratics on which Top1 fails",
        a |> Array.map hessian,
        Array.init 3 (fun _ -> Array.zeroCreate 3),
        []
    )

/// A multiple t of (1, 1, 1).
type private Ray = { T: Block }

let private onRay (s: Ray) = s.T * Block.vector [| 1.0; 1.0; 1.0 |]

/// w − γ(1/3) Σ C(∇f_m(w)) from w = t(1, 1, 1) against growth·w, for every t.
let private naive gamma (compress: Block -> Block) growth =
    let f = example :> IFiniteSumOperator

    AffineIdentity.forEveryState
        { T = Block.scalar 0.0 }
        None
        (fun s ->
            let w = onRay s
            w - gamma * Block.mean (compress (f.Operators w)))
        (fun s -> growth * onRay s)

/// MASHA2 with the same Top1: each of eight runs from (1, 1, 1), with coins of their own, ends below 1e-3 of the start.
let private converges ctx scale =
    let f = example :> IFiniteSumOperator
    let p = parameters f
    let p = { p with Gamma = scale * p.Gamma }
    let start = init f (Block.Fill(Shape.Vector(1, 8, 3), 1.0))
    let steps = 8000

    let last =
        (Run.trajectories ctx (Method.on f p method) start {
            Steps = steps
            Every = steps
            Measures = [ fun s -> Block.norm s.Z ]
            Progress = None
        })
            .Measures[0]

    Array.map2
        (fun first final -> {
            Label = $"MASHA2, γ = {p.Gamma:G4}: ‖z_{steps}‖ against 1e-3·‖z_0‖"
            Measured = final
            Bound = 1e-3 * first
            Holds = final <= 1e-3 * first
        })
        last[0]
        (Array.last last)
    |> List.ofArray
    |> Evidence.ofRows Rung.Trajectories Relation.AtMost

let private top (x: Block) = x.TopK 1

let private stepsizes =
    let generator =
        Gen.elements [ 0.0001; 0.001; 0.003; 0.03; 0.1; 0.3; 1.0; 3.0 ]
        |> Gen.map (fun gamma -> ({ Gamma = gamma }: ExampleSpec))

    Instances.generated generator (fun _ -> Seq.empty)
    |> Instances.startingWith [ ({ Gamma = 0.01 }: ExampleSpec) ]

let naiveClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.10"
            ClaimKind.Exact
            "w⁺ = w − (γ/3)ΣTop1(∇f_m(w)) multiplies w = t(1,1,1) by 1 + 11γ/6, for every t and γ > 0"
            stepsizes
            (fun _ spec -> naive spec.Gamma top (1.0 + 11.0 * spec.Gamma / 6.0)) with
            Formula = @"w_k = (1+\tfrac{11\gamma}6)^k w_0"
            Assumptions = "f_m = ⟨a_m, w⟩² + ¼‖w‖², a_1 = (−3,2,2), a_2 = (2,−3,2), a_3 = (2,2,−3): the minimiser is 0"
            Source = "the authors' slides"
            Falsifiers = [
                Falsifier.check "no compression" (fun _ spec -> naive spec.Gamma id (1.0 + 11.0 * spec.Gamma / 6.0))
            ]
            Tight =
                Some {
                    Instance = ({ Gamma = 0.01 }: ExampleSpec)
                    AtLeast = 1.0
                }
    }

let feedbackClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.10b"
            ClaimKind.Sure
            "MASHA2 with the same Top1 converges on that example: ‖z_k‖ ≤ 1e-3·‖z_0‖ after 8000 steps"
            (Instances.only [ ({ Gamma = 1.0 }: ExampleSpec) ])
            (fun ctx spec -> converges ctx spec.Gamma) with
            Formula = @"\|z_{8000}\| \le 10^{-3}\,\|z_0\|"
            Assumptions = "γ = α√p/(4L̃) times the instance's factor, p = α = 1/3"
            Source = "the authors' slides"
            Falsifiers = [ Falsifier.check "γ × 30" (fun ctx spec -> converges ctx (30.0 * spec.Gamma)) ]
    }

/// ∇f_1(t(1, 1, 1)) against factor·t·(−11, 9, 9).
let private firstGradient factor =
    let f = example :> IFiniteSumOperator

    AffineIdentity.forEveryState { T = Block.scalar 0.0 } None (fun s -> (f.Operators(onRay s)).Worker 0) (fun s ->
        factor * s.T * Block.vector [| -11.0; 9.0; 9.0 |])

let printedGradient: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.10c"
            ClaimKind.Exact
            "as printed: ∇f_1(t(1,1,1)) = 2t(−11, 9, 9)"
            (Instances.only [ ({ Gamma = 1.0 }: ExampleSpec) ])
            (fun _ _ -> firstGradient 2.0) with
            Formula = @"\nabla f_1(w_0) = 2t(-11,9,9)"
            Source = "the authors' slides"
            Erratum = Some "the factor is t/2, not 2t; the printed growth 1 + 11γ/6 is that of t/2 (VI-MASHA.10)"
    }

let gradientClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.10d"
            ClaimKind.Exact
            "corrected: ∇f_1(t(1,1,1)) = (t/2)(−11, 9, 9)"
            (Instances.only [ ({ Gamma = 1.0 }: ExampleSpec) ])
            (fun _ _ -> firstGradient 0.5) with
            Formula = @"\nabla f_1(w_0) = \tfrac t2(-11,9,9)"
            Source = "2⟨a_1, w_0⟩a_1 + w_0/2 with ⟨a_1, w_0⟩ = t"
            Falsifiers = [ Falsifier.check "the printed factor 2" (fun _ _ -> firstGradient 2.0) ]
    }
