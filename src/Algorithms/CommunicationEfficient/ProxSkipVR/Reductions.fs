/// CE-PSVR.4: what ProxSkip-VR becomes for extreme parameters.
module Theory.Algorithms.CommunicationEfficient.ProxSkipVRReductions

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.ProxSkipVRRecursion
open Theory.Algorithms.CommunicationEfficient.ProxSkipVREstimators
open Theory.Algorithms.CommunicationEfficient.ProxSkipVRInstances
open Theory.Algorithms.StochasticVarianceReduction

let private lsvrgAt (f: IClientSamples) p q : LsvrgParameters = {
    Gamma = lsvrgGamma f q 2.0
    P = p
    Q = q
    Excess = 2.0
}

/// Full minibatches without compression: g = ∇f(x).
let private fullAt (f: IClientSamples) p q tau : HubParameters = {
    Gamma = 1.0 / Array.max f.Smoothnesses
    P = p
    Q = q
    Tau = tau
    Compressor = identity
}

let private starts ctx (f: IClientSamples) =
    CheckContext.gaussianStarts ctx 1 3 f.Dimension 3.0

/// Minibatches of τ = m against ProxSkip, on the same coins of the server.
let private isProxSkip (tau: VRSpec -> int) ctx (spec: VRSpec) =
    let f = problem spec :> IClientSamples
    let own = fullAt f spec.P spec.Q (tau spec)
    let x0 = starts ctx f

    let skip =
        Method.on
            (f :> IFiniteSum)
            {
                ProxSkip.Gamma = own.Gamma
                ProxSkip.P = own.P
            }
            ProxSkip.method

    Trajectories.same
        ctx
        (Method.on f own hub)
        (init f x0)
        hub.Output
        skip
        (ProxSkip.init f x0)
        ProxSkip.method.Output
        60

/// q = 1: y⁺ = x, from every state and for every outcome.
let private followsX (change: State -> State) (spec: VRSpec) =
    let f = problem spec :> IClientSamples
    let own = Method.on f (lsvrgAt f spec.P 1.0) lsvrg

    let proc = {
        own with
            Step = fun o s -> change (own.Step o s)
    }

    AffineIdentity.everyOutcome proc (fixedPoint f) (Some(consistent f)) (fun s -> s.Y) (fun s -> s.X)

/// p = 1 with the full gradient: x⁺ = prox_γ(x − γ∇f(x)) whatever h.
let private isProximalGradient (p: float) (spec: VRSpec) =
    let f = problem spec :> IClientSamples
    let own = fullAt f p spec.Q spec.Samples

    AffineIdentity.everyOutcome (Method.on f own hub) (fixedPoint f) (Some(consistent f)) (fun s -> s.X) (fun s ->
        ProxSkip.consensus own.Gamma (s.X - own.Gamma * f.Gradients s.X))

/// p = 1 from equal x_i: the average is L-SVRG on (1/m) Σ_j (1/M) Σ_i φ_ij, on the same j and coins.
let private isLsvrg (p: float) ctx (spec: VRSpec) =
    let samples = problem spec
    let f = samples :> IClientSamples
    let own = lsvrgAt f p spec.Q
    let across = samples.AcrossClients :> IFiniteSum
    let x0 = starts ctx f

    let plain =
        Method.on
            across
            {
                LSVRG.Gamma = own.Gamma
                LSVRG.P = own.Q
            }
            LSVRG.method

    Trajectories.same
        ctx
        (Method.on f own lsvrg)
        (init f x0)
        lsvrg.Output
        plain
        (LSVRG.init across x0)
        LSVRG.method.Output
        60

let reductions: Claim =
    Claim.create {
        Claim.spec
            "CE-PSVR.4"
            ClaimKind.Exact
            "g = ∇f: ProxSkip, and with p = 1 proximal gradient; q = 1: y is the previous x; p = 1 and equal starts: the average is L-SVRG"
            (instances 3 4 3 [ "rotated"; "scaled" ] [ 2.0 ]
             |> Instances.startingWith [ standard ])
            (fun ctx spec ->
                Evidence.all [
                    isProxSkip (fun spec -> spec.Samples) ctx spec
                    followsX id spec
                    isProximalGradient 1.0 spec
                    isLsvrg 1.0 ctx spec
                ]) with
            Formula =
                @"g=\nabla f\Rightarrow\text{ProxSkip};\quad q=1\Rightarrow y_{t+1}=x_t;\quad p=1\Rightarrow x^+=\mathrm{prox}_{\gamma r}(x-\gamma g)"
            Assumptions = "shared draws; the consensus indicator for r"
            Source = "by substitution"
            Falsifiers = [
                Falsifier.check "q = 1 with y⁺ = x⁺" (fun _ -> followsX (fun s -> { s with Y = s.X }))
                Falsifier.check "minibatches of one" (isProxSkip (fun _ -> 1))
                Falsifier.check "p = 1/2 against proximal gradient" (fun _ -> isProximalGradient 0.5)
                Falsifier.check "p = 1/2 against L-SVRG" (isLsvrg 0.5)
            ]
    }
