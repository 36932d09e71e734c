/// CE-PSVR.1: the rate of ProxSkip-VR, on its L-SVRG estimator.
module Theory.Algorithms.CommunicationEfficient.ProxSkipVRRate

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.ProxSkipVRRecursion
open Theory.Algorithms.CommunicationEfficient.ProxSkipVREstimators
open Theory.Algorithms.CommunicationEfficient.ProxSkipVRInstances

/// Σ h_i = 0, and the kept gradients are those of y.
let admissible (f: IClientSamples) (s: State) =
    Block.ConcatWorkers(Block.sum s.H, consistent f s)

let private parameters (f: IClientSamples) (spec: VRSpec) : LsvrgParameters = {
    Gamma = lsvrgGamma f spec.Q spec.Constant
    P = spec.P
    Q = spec.Q
    Excess = spec.Constant
}

/// The theorem with changed parameters: Ψ and the rate are those of the changed ones.
let private contracts (change: IClientSamples -> LsvrgParameters -> LsvrgParameters) (spec: VRSpec) =
    let f = problem spec :> IClientSamples
    let p = parameters f spec |> change f

    Spectral.contraction
        (Method.on f p lsvrg)
        (fixedPoint f)
        (Some(admissible f))
        (lsvrgLyapunov f p (fixedPoint f))
        (lsvrgContraction (ProxSkip.smallestConvexity f) f p)
        0.0

/// One client and r = ½‖x‖², whose prox is x/(1+c).
let private ridge (spec: VRSpec) =
    let samples = problem { spec with Clients = 1 }
    let f = samples :> IClientSamples
    let p = parameters f spec
    let ideal = stationary f (Ridge.solution samples.Clients.Mean f)

    let proc = {
        Method.on f p lsvrg with
            Step = lsvrgStep f p Ridge.prox
    }

    Spectral.contraction
        proc
        ideal
        (Some(consistent f))
        (lsvrgLyapunov f p ideal)
        (lsvrgContraction f.StrongConvexity f p)
        0.0

let rate: Claim =
    Claim.create {
        Claim.spec
            "CE-PSVR.1"
            ClaimKind.Mean
            "W > B/(1−B̃), γ ≤ min{1/μ, 1/(A+WÃ)}: E Ψ⁺ ≤ max{1−γμ, (B+WB̃)/W, 1−p²}Ψ, Ψ = ‖x−x*‖² + (γ²/p²)‖h−h*‖² + γ²Wσ(y); L-SVRG estimator"
            (instances 2 3 2 [ "rotated"; "scaled"; "shared" ] [ 1.2; 2.0; 6.0 ]
             |> Instances.startingWith [
                 standard
                 { standard with P = 1.0 }
                 { standard with Q = 0.1 }
                 { standard with Kappa = 10.0 }
                 {
                     standard with
                         Kappa = 10.0
                         Q = 0.1
                         P = 1.0
                 }
             ])
            (fun _ spec ->
                Evidence.all [
                    contracts (fun _ p -> p) spec
                    if spec.Clients = 1 then
                        ridge spec
                ]) with
            Formula =
                @"\mathbb E\Psi_T\le\max\{(1-\gamma\mu)^T,\beta^T,(1-p^2)^T\}\Psi_0+\frac{(C+W\tilde C)\gamma^2}{\min\{\gamma\mu,p^2,1-\beta\}}"
            Assumptions =
                "E‖g−∇f(x*)‖² ≤ 2A D_f+Bσ+C, Eσ⁺ ≤ 2Ã D_f+B̃σ+C̃; L-SVRG with convex φ_ij: A = 2Lmax, B = 2, Ã = qLmax, B̃ = 1−q, C = C̃ = 0"
            Source =
                "arXiv 2207.04338, theorem 5; the constants of L-SVRG re-derived from the convexity of the samples. With noise: CE-PSVR.3S"
            Falsifiers = [
                Falsifier.check "γ × 2.5" (fun _ -> contracts (fun _ p -> { p with Gamma = 2.5 * p.Gamma }))
                Falsifier.check "γ × 6" (fun _ -> contracts (fun _ p -> { p with Gamma = 6.0 * p.Gamma }))
                Falsifier.check "γ = 1/A: W forgotten" (fun _ ->
                    contracts (fun f p -> {
                        p with
                            Gamma = 1.0 / (lsvrgConstants f p.Q).A
                    }))
            ]
            Tight =
                Some {
                    Instance = { standard with P = 1.0 }
                    AtLeast = 0.95
                }
    }
