/// The rates of OPT-MASHA (VI-OPTMASHA.1 and .5).
module Theory.Algorithms.VariationalInequalities.OptMashaRates

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.VariationalInequalities.OptMasha

let private standard: SimilarRotationSpec = {
    Workers = 2
    Blocks = 1
    Mu = 0.1
    MuSpread = 0.5
    Skew = 1.0
    Delta = 0.3
    ToServer = false
    Offset = 1.0
    Seed = 1
}

/// PermK deals 4 coordinates to 3 workers in 90 ways, and has at most 24 outcomes else.
let private few (spec: SimilarRotationSpec) = spec.Workers <> 3 || spec.Blocks = 1

/// n and d in every relation, δ against L in every relation.
let private shapes = [
    standard
    { standard with Workers = 4 }
    {
        standard with
            Workers = 4
            Blocks = 2
    }
    {
        standard with
            Blocks = 2
            Delta = 1.0
    }
]

/// L large, δ small: the step is limited by L alone, and so a compressor whose noise grows with L must show. μ/L is small so
/// that the contraction leaves no room.
let private alike = {
    standard with
        Workers = 4
        Mu = 0.01
        Delta = 0.001
}

let private instances =
    SimilarOperators.instances 4 2 false
    |> Instances.startingWith shapes
    |> Instances.counts 1 3 20

let private probabilities = [ 0.01; 0.1; 1.0 / 3.0 ]

let private each (spec: SimilarRotationSpec) (check: ISimilarOperator -> float -> Evidence) =
    let f = SimilarOperators.rotations spec :> ISimilarOperator
    probabilities |> List.map (check f) |> Pieces.all

/// The method at parameters `run` against a Lyapunov function at the parameters `p` of the theorem.
let private contracts (f: ISimilarOperator) method (run: Parameters) lyapunov (p: Parameters) =
    Spectral.contraction (Method.on f run method) (init f.Solution) None (lyapunov f p) (contraction f p) 0.0

/// `small`·‖z − z*‖² ≤ V, and V = `start`·R0² at the start.
let private frames (f: ISimilarOperator) (lyapunov: State -> Block) small start =
    let rest: Process<State, unit> = {
        Name = "no step"
        Draw = Draw.none
        Step = fun () s -> s
        Cost = fun () -> []
    }

    let compare measure bound relation keeps =
        Spectral.oneStep {
            Process = rest
            Centre = init f.Solution
            Keeps = keeps
            Measure = measure
            Bound = bound
            Relation = relation
            MatchMoments = false
        }

    let atStart (s: State) =
        Block.ConcatDimension(s.PastZ - s.Z, s.W - s.Z, s.PastW - s.Z)

    let positive = compare (fun s -> small * distance f s) lyapunov Relation.AtMost None

    // The equality is attained by nature: the inequality's tightness is told.
    {
        Evidence.all [
            positive
            compare lyapunov (fun s -> start * distance f s) Relation.Equal (Some atStart)
        ] with
            Tightness = positive.Tightness
            Note = positive.Note
    }

// ---- VI-OPTMASHA.1 ---------------------------------------------------------------------------------------------

let private plain spec scale =
    each spec (fun f p ->
        let own = plainParameters p f
        contracts f method { own with Gamma = scale f own.Gamma } plainLyapunov own)

/// Independent Rand-K with as many floats in place of PermK.
let private independent spec =
    each spec (fun f p ->
        let own = plainParameters p f
        let q = randK (max 1 (f.Dimension / f.Count))

        let proc = {
            Name = "OPT-MASHA with Rand-K"
            Draw = Draw.both (q.Draw f.Count f.Dimension) (Draw.coin p)
            Step = fun (draw, bit) s -> stepWith (q.Apply draw) differences f own bit s
            Cost = fun _ -> []
        }

        Spectral.contraction proc (init f.Solution) None (plainLyapunov f own) (contraction f own) 0.0)

let plainClaim: Claim =
    Claim.create {
        Claim.spec "VI-OPTMASHA.1" ClaimKind.Mean "α = 1: E V_{k+1} ≤ (1 − γμ/4)V_k" instances (fun _ spec ->
            plain spec (fun _ gamma -> gamma)) with
            Formula =
                @"\mathbb EV_{k+1}\le(1-\gamma\mu/4)V_k,\ V_k=(1+2\gamma\mu)\|z_k-z_*\|^2+(1+\gamma\mu/p)\|w_k-z_*\|^2-2\gamma\langle\Delta_k,z_k-z_*\rangle+(1-p-\gamma L)\|z_k-z_{k-1}\|^2+p\|z_k-w_{k-1}\|^2"
            Assumptions = "p ≤ 1/3, γ = min{1/(8L), √p/(2√2 δ), p/μ}, PermK"
            Source =
                "derived: the noise of PermK is 2δ²(‖z_k−w_{k−1}‖²+‖z_k−z_{k−1}‖²), and Δ telescopes as in reflected-gradient methods; the paper's order O((1/p + L/μ + δ/(√p μ)) log 1/ε)"
            Valid = few
            Falsifiers = [
                Falsifier.check "γ = 1/L" (fun _ spec -> plain spec (fun f _ -> 1.0 / f.Lipschitz))
                Falsifier.check "independent Rand-K in place of PermK" (fun _ spec -> independent spec)
                |> Falsifier.at [ alike ]
            ]
            Tight = Some { Instance = standard; AtLeast = 0.99 }
    }

let plainFrame: Claim =
    let holds spec small =
        each spec (fun f p ->
            let own = plainParameters p f
            frames f (plainLyapunov f own) small (plainStart f own))

    Claim.create {
        Claim.spec
            "VI-OPTMASHA.1b"
            ClaimKind.Sure
            "α = 1: V_0 = (2 + 2γμ + γμ/p)R0² and ‖z_k − z*‖² ≤ (8/7)V_k, for every state"
            instances
            (fun _ spec -> holds spec (7.0 / 8.0)) with
            Formula = @"\tfrac78\|z_k-z_*\|^2\le V_k,\quad V_0=(2+2\gamma\mu+\gamma\mu/p)R_0^2"
            Assumptions = "as VI-OPTMASHA.1"
            Source = "Young's inequality on the inner product, γL ≤ 1/8"
            Falsifiers = [ Falsifier.check "7/8 → 1.1" (fun _ spec -> holds spec 1.1) ]
    }

// ---- VI-OPTMASHA.5 ---------------------------------------------------------------------------------------------

let private dampedAt spec scale =
    each spec (fun f p ->
        let own = dampedParameters p (dampedGamma f p) f
        contracts f damped (dampedParameters p (scale * own.Gamma) f) dampedLyapunov own)

let dampedClaim: Claim =
    Claim.create {
        Claim.spec "VI-OPTMASHA.5" ClaimKind.Mean "α = 1 − γμ/4: E Ψ_{k+1} ≤ (1 − γμ/4)Ψ_k" instances (fun _ spec ->
            dampedAt spec 1.0) with
            Formula =
                @"\mathbb E\Psi_{k+1}\le(1-\gamma\mu/4)\Psi_k,\ \Psi_k=(1+\gamma\mu)\|z_k-z_*\|^2+(1+\tfrac{\gamma\mu}{2p})\|w_k-z_*\|^2-2\gamma\langle D_k,z_k-z_*\rangle+\gamma(L+8\gamma\delta^2)\|z_k-z_{k-1}\|^2+\tfrac p2\|z_k-w_{k-1}\|^2"
            Assumptions = "p ≤ 1/3, γ = min{1/(4L), √p/(4δ), p/μ}, PermK"
            Source =
                "derived; with p = 1/n it gives O((L/(nμ) + δ/(√n μ) + 1)d log 1/ε) floats per device, the order of the paper's theorem"
            Valid = few
            Falsifiers = [
                Falsifier.check "γ × 2" (fun _ spec -> dampedAt spec 2.0)
                Falsifier.check "γ × 4" (fun _ spec -> dampedAt spec 4.0)
            ]
            Tight = Some { Instance = standard; AtLeast = 0.99 }
    }

let dampedFrame: Claim =
    let holds spec small =
        each spec (fun f p ->
            let own = dampedParameters p (dampedGamma f p) f
            frames f (dampedLyapunov f own) small (dampedStart f own))

    Claim.create {
        Claim.spec
            "VI-OPTMASHA.5b"
            ClaimKind.Sure
            "α = 1 − γμ/4: Ψ_0 = (2 + γμ + γμ/(2p))R0² and ¾‖z_k − z*‖² ≤ Ψ_k, for every state"
            instances
            (fun _ spec -> holds spec 0.75) with
            Formula = @"\tfrac34\|z_k-z_*\|^2\le\Psi_k,\quad \Psi_0=(2+\gamma\mu+\tfrac{\gamma\mu}{2p})R_0^2"
            Assumptions = "as VI-OPTMASHA.5"
            Source = "Young's inequality on the inner product, γL ≤ 1/4"
            Falsifiers = [ Falsifier.check "¾ → 1.1" (fun _ spec -> holds spec 1.1) ]
    }
