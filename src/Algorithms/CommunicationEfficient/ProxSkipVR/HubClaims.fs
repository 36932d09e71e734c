/// CE-PSVR.2: compressed minibatches at the hubs, and what a prox step keeps.
module Theory.Algorithms.CommunicationEfficient.ProxSkipVRHub

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.ProxSkipVRRecursion
open Theory.Algorithms.CommunicationEfficient.ProxSkipVREstimators
open Theory.Algorithms.CommunicationEfficient.ProxSkipVRInstances

/// Compression and minibatch of a specification, the largest γ.
let parameters (f: IClientSamples) (spec: VRSpec) : HubParameters =
    let p = {
        Gamma = 0.0
        P = spec.P
        Q = spec.Q
        Tau = spec.Tau
        Compressor = if spec.K = spec.Dimension then identity else randK spec.K
    }

    { p with Gamma = hubGamma f p }

let private oneStep proc centre keeps relation measure bound =
    Spectral.oneStep {
        Process = proc
        Centre = centre
        Keeps = keeps
        Measure = measure
        Bound = bound
        Relation = relation
        MatchMoments = false
    }

/// The estimator where the kept gradient stands, so that a step's outcome shows it.
let private estimates (f: IClientSamples) (p: HubParameters) : Process<State, Indices * CompressorDraw> = {
    Name = "the estimator"
    Draw = hubDraw f p
    Step =
        fun draw s -> {
            s with
                G = hubEstimator f p draw { s with G = f.Gradients s.Y }
        }
    Cost = fun _ -> []
}

/// E‖g − ∇f(x*)‖² ≤ 2A·D_f(x, x*) + B·σ(y).
let firstInequality (share: float) (f: IClientSamples) (p: HubParameters) =
    let e = hubConstants f p.Q p.Tau p.Compressor
    let ideal = fixedPoint f

    oneStep
        (estimates f p)
        ideal
        (Some(consistent f))
        Relation.AtMost
        (fun s -> Block.totalNormSquared (s.G - ideal.G))
        (fun s -> (share * 2.0 * e.A) * bregman f s + (share * e.B) * spread f f.Minimiser s.Y)

/// E σ(y⁺) ≤ 2Ã·D_f(x, x*) + B̃·σ(y).
let secondInequality (f: IClientSamples) (p: HubParameters) =
    let e = hubConstants f p.Q p.Tau p.Compressor

    let proc: Process<State, Mask> = {
        Name = "the reference"
        Draw = Draw.coin p.Q
        Step = fun coin s -> refresh f coin s s
        Cost = fun _ -> []
    }

    oneStep proc (fixedPoint f) (Some(consistent f)) Relation.AtMost (fun s -> spread f f.Minimiser s.Y) (fun s ->
        (2.0 * e.ATilde) * bregman f s + e.BTilde * spread f f.Minimiser s.Y)

/// E Ψ⁺ ≤ max{1−γμ, 1−p², 1−q/2}Ψ.
let contracts (f: IClientSamples) (p: HubParameters) =
    Spectral.contraction
        (Method.on f p hub)
        (fixedPoint f)
        (Some(ProxSkipVRRate.admissible f))
        (hubLyapunov f p)
        (hubContraction f p)
        0.0

let private theorem (spec: VRSpec) =
    let f = problem spec :> IClientSamples
    let p = parameters f spec
    Evidence.all [ firstInequality 1.0 f p; secondInequality f p; contracts f p ]

let private changed (change: HubParameters -> HubParameters) (spec: VRSpec) =
    let f = problem spec :> IClientSamples
    contracts f (change (parameters f spec))

/// Outcomes of a step; the check runs every one.
let private outcomes (spec: VRSpec) =
    let choose n k =
        Seq.init k (fun i -> float (n - i) / float (i + 1)) |> Seq.fold (*) 1.0

    let masks =
        if spec.K = spec.Dimension then
            1.0
        else
            choose spec.Dimension spec.K ** float spec.Tau

    (choose spec.Samples spec.Tau * masks) ** float spec.Clients

let private compressed = { standard with Q = 1.0 / 3.0 }

let hubRate: Claim =
    Claim.create {
        Claim.spec
            "CE-PSVR.2"
            ClaimKind.Mean
            "hubs: minibatches of τ of m samples, compressed by Q ∈ U(ω), convex φ_ij: both inequalities with A = 4(L_τ+(ω/τ)Lmax), B = 4(1+ω/τ), Ã = qLmax, B̃ = 1−q; E Ψ⁺ ≤ max{1−γμ, 1−p², 1−q/2}Ψ"
            (instances 2 3 2 [ "rotated"; "scaled" ] [ 2.0 ]
             |> Instances.startingWith [
                 compressed
                 {
                     compressed with
                         Clients = 1
                         Tau = 2
                         Q = 0.1
                 }
                 {
                     compressed with
                         Clients = 1
                         Tau = 3
                         P = 1.0
                 }
                 { compressed with K = 2; Tau = 2 }
             ])
            (fun _ -> theorem) with
            Formula =
                @"\mathbb E\Psi_T\le\max\{1-\gamma\mu,1-p^2,1-\tfrac q2\}^T\Psi_0,\quad \gamma\le\min\Bigl\{\tfrac1\mu,\tfrac1{A+W\tilde A}\Bigr\},\ W=\tfrac8q\bigl(1+\tfrac\omega\tau\bigr)"
            Assumptions =
                "every φ_ij convex (without it: CE-PSVR.6), Lmax-smooth, f μ-strongly convex; L_τ = ((m−τ)Lmax+m(τ−1)L)/(τ(m−1))"
            Source = "arXiv 2207.04338, theorem 9, with convex samples"
            Valid = fun spec -> spec.Tau <= spec.Samples && spec.K <= spec.Dimension && outcomes spec <= 36.0
            Falsifiers = [
                Falsifier.check "A and B divided by 4" (fun _ spec ->
                    let f = problem spec :> IClientSamples
                    firstInequality 0.25 f (parameters f spec))
                Falsifier.check "γ × 8" (fun _ -> changed (fun p -> { p with Gamma = 8.0 * p.Gamma }))
            ]
            Tight =
                Some {
                    Instance = compressed
                    AtLeast = 0.95
                }
    }

// ---- What a prox step keeps --------------------------------------------------------------------------------------

/// ‖x⁺−x*‖² + (γ²/p²)‖h⁺−h*‖² = ‖u−u*‖² with u = x̂ − (γ/p)h, for every x, h and g.
let private reflects (theta: bool) (scale: float) (spec: VRSpec) =
    let f = problem spec :> IClientSamples
    let gamma, p = lsvrgGamma f spec.Q 2.0, spec.P
    let ideal = fixedPoint f

    let u (s: State) =
        s.X - gamma * (s.G - s.H) - (gamma / p) * s.H

    let proc: Process<State, Mask> = {
        Name = "a prox step with g in the state"
        Draw = Draw.always (Mask.Constant theta)
        Step = fun theta s -> skip gamma (scale * p) ProxSkip.consensus s.G theta s
        Cost = fun _ -> []
    }

    oneStep proc ideal None Relation.Equal (lyapunov f gamma p 0.0 ideal) (fun s ->
        Block.totalNormSquared (u s - u ideal))

let proxStep: Claim =
    Claim.create {
        Claim.spec
            "CE-PSVR.2b"
            ClaimKind.Exact
            "a prox step of the consensus form, u = x̂ − (γ/p)h: ‖x⁺−x*‖² + (γ²/p²)‖h⁺−h*‖² = ‖u−u*‖² for every x, h, g"
            (instances 3 3 3 [ "rotated"; "scaled" ] [ 2.0 ]
             |> Instances.startingWith [ standard ])
            (fun _ -> reflects true 1.0) with
            Formula = @"\|x^+-x^*\|^2+\tfrac{\gamma^2}{p^2}\|h^+-h^*\|^2=\|u-u^*\|^2,\quad u=\hat x-\tfrac\gamma p h"
            Assumptions = "r the indicator of x_1 = … = x_M"
            Source = "derived: x⁺ = Pu and (γ/p)h⁺ = −(I−P)u with P the projection on the consensus"
            Falsifiers = [
                Falsifier.check "no prox step" (fun _ -> reflects false 1.0)
                Falsifier.check "p halved in the step" (fun _ -> reflects true 0.5)
            ]
            Tight =
                Some {
                    Instance = standard
                    AtLeast = 1.0 - 1e-9
                }
    }
