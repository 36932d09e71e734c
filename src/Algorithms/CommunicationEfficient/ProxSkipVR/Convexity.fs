/// CE-PSVR.6: the hub theorem needs convex samples.
module Theory.Algorithms.CommunicationEfficient.ProxSkipVRConvexity

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.ProxSkipVRRecursion
open Theory.Algorithms.CommunicationEfficient.ProxSkipVREstimators

/// φ_j = ½a_j x² for two samples of one hub, minibatches of one, no compression; started at x = 1, y = 0, h = 0.
[<NoComparison>]
type TwoSpec = {
    A1: float
    A2: float
    /// Probability with which the reference moves.
    Q: float
}

let private setting (spec: TwoSpec) =
    let f = ClientSamples.scalar [ spec.A1; spec.A2 ] [ 0.0; 0.0 ] :> IClientSamples

    let p = {
        Gamma = 0.0
        P = 1.0
        Q = spec.Q
        Tau = 1
        Compressor = identity
    }

    f, { p with Gamma = hubGamma f p }

/// x = 1, y = 0.
let private start (f: IClientSamples) : State = {
    fixedPoint f with
        X = Block.scalar 1.0
}

let private expected proc measure state =
    (Enumerated.expectation proc (fun _ next -> measure next) state)[0]

let private value measure (state: State) = (Block.lanes (measure state))[0]

/// E σ(y⁺) = q·mean(a_j²) and E Ψ_1 = 1 − 2γ·mean(a_j) + 9γ²·mean(a_j²), by running every outcome.
let private closedForms (reference: float) (spec: TwoSpec) =
    let f, p = setting spec
    let proc = Method.on f p hub
    let mean = (spec.A1 + spec.A2) / 2.0
    let square = (spec.A1 ** 2.0 + spec.A2 ** 2.0) / 2.0

    Evidence.ofRows Rung.Enumerated Relation.Equal [
        Evidence.row
            Relation.Equal
            1
            4
            "E σ(y⁺)"
            (expected proc (fun s -> spread f f.Minimiser s.Y) (start f))
            (spec.Q * square)
        Evidence.row
            Relation.Equal
            1
            4
            "E Ψ_1"
            (expected proc (hubLyapunov f p) (start f))
            (1.0 - 2.0 * p.Gamma * mean + (1.0 + reference) * p.Gamma ** 2.0 * square)
    ]

/// The second inequality of the estimator and the theorem's step at the start.
let private bounds (spec: TwoSpec) =
    let f, p = setting spec
    let proc = Method.on f p hub
    let e = hubConstants f p.Q p.Tau p.Compressor
    let s = start f

    Evidence.ofRows Rung.Enumerated Relation.AtMost [
        Evidence.row
            Relation.AtMost
            1
            4
            "E σ(y⁺) ≤ 2Ã·D_f + B̃σ"
            (expected proc (fun next -> spread f f.Minimiser next.Y) s)
            (2.0 * e.ATilde * value (bregman f) s
             + e.BTilde * value (fun s -> spread f f.Minimiser s.Y) s)
        Evidence.row
            Relation.AtMost
            1
            4
            "E Ψ_1 ≤ max{1−γμ, 1−q/2}Ψ_0"
            (expected proc (hubLyapunov f p) s)
            (hubContraction f p * value (hubLyapunov f p) s)
    ]

/// The numbers of the convex twin: γ = 1/48, E Ψ_1 = 1 − 6/48 + 90/48² ≤ 45/48.
let private convex = { A1 = 4.0; A2 = 2.0; Q = 0.5 }

/// The counterexample: E σ(y⁺) = 5 > 2, E Ψ_1 = .997396 > .979167.
let private nonconvex = { convex with A2 = -2.0 }

let private flip (spec: TwoSpec) = { spec with A2 = -spec.A2 }

let private instances =
    Instances.generated
        (gen {
            let! a1 = Gen.choose (3, 12)
            let! a2 = Gen.choose (0, 12)
            let! q = Gen.elements [ 0.1; 0.5; 0.9 ]

            return {
                A1 = float a1 / 2.0
                A2 = float a2 / 2.0
                Q = q
            }
        })
        (fun spec ->
            seq {
                if spec.Q <> 0.5 then
                    { spec with Q = 0.5 }
            })

let convexity: Claim =
    Claim.create {
        Claim.spec
            "CE-PSVR.6"
            ClaimKind.Exact
            "two samples ½a_jx², τ = 1, from (x, y) = (1, 0): E σ(y⁺) = q·mean a², E Ψ_1 = 1 − 2γ·mean a + 9γ²·mean a²; with a_j ≥ 0 both stay below the bounds of CE-PSVR.2"
            (instances |> Instances.startingWith [ convex ])
            (fun _ spec -> Evidence.all [ closedForms 8.0 spec; closedForms 8.0 nonconvex; bounds spec ]) with
            Formula =
                @"\mathbb E\sigma(y^+)=q\,\overline{a^2}\le 2\tilde A D_f,\quad \mathbb E\Psi_1=1-2\gamma\bar a+9\gamma^2\overline{a^2}\le(1-\gamma\mu)\Psi_0"
            Assumptions = "M = 1, m = 2, ω = 0, r = 0, h_0 = 0; a_j ≥ 0"
            Source = "derived"
            Valid = fun spec -> spec.A1 > 0.0 && spec.A2 >= 0.0
            Falsifiers = [
                Falsifier.check "a_2 negative" (fun _ spec -> bounds (flip spec))
                |> Falsifier.at [ convex ]
                Falsifier.check "σ weighed by 7/q for 8/q" (fun _ -> closedForms 7.0)
            ]
    }

let printed: Claim =
    Claim.create {
        Claim.spec
            "CE-PSVR.6-printed"
            ClaimKind.Mean
            "the hub theorem as printed: every φ̃_j smooth, f μ-strongly convex, no convexity of the φ̃_j: the bounds of CE-PSVR.2"
            (Instances.only [ nonconvex ])
            (fun _ -> bounds) with
            Formula =
                @"\mathbb E\sigma(y^+)\le 2\tilde A D_f+\tilde B\sigma(y),\quad \mathbb E\Psi_1\le\max\{1-\gamma\mu,1-\tfrac q2\}\Psi_0"
            Assumptions = "a = (4, −2): f = ½x², Lmax = 4"
            Source = "arXiv 2207.04338, theorem 9, as printed in the submission"
            Erratum =
                Some
                    "smoothness of the φ̃_j gives no E‖∇φ̃_j(x)−∇φ̃_j(x*)‖² ≤ 2Lmax·D_f: E σ(y⁺) = 5 > 2 and E Ψ_1 = .997396 > .979167 at (x, y) = (1, 0); convex φ_ij repair it (CE-PSVR.2)"
    }
