/// CE-GRADSKIP.4: what GradSkip and GradSkip+ become for special coins and compressors.
module Theory.Algorithms.CommunicationEfficient.GradSkipReductions

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.GradSkipClients

let private steps = 100

let private starts ctx (f: IFiniteSum) =
    CheckContext.gaussianStarts ctx 1 3 f.Dimension 3.0

/// GradSkip with the given q_i against ProxSkip on the same θ.
let private isProxSkip ctx (f: IFiniteSum) (p: GradSkip.Parameters) =
    let x0 = starts ctx f

    Trajectories.same
        ctx
        (Method.on f p GradSkip.method)
        (ProxSkip.init f x0)
        GradSkip.method.Output
        (Method.on
            f
            {
                ProxSkip.Gamma = p.Gamma
                ProxSkip.P = p.P
            }
            ProxSkip.method)
        (ProxSkip.init f x0)
        ProxSkip.method.Output
        steps

/// All q_i = q, and the rule's q_i for equal condition numbers.
let private equalProbabilities q ctx (spec: SkipSpec) =
    let f = problem spec :> IFiniteSum

    let p: GradSkip.Parameters = {
        Gamma = 1.0 / Array.max f.Smoothnesses
        P = spec.P
        Q = Array.create f.Count q
    }

    let alike = problem { spec with Kappa2 = spec.Kappa1 } :> IFiniteSum

    Evidence.all [ isProxSkip ctx f p; isProxSkip ctx alike (GradSkip.parameters alike) ]

/// GradSkip+ with coins for both compressors against GradSkip; `change` acts on GradSkip's step.
let private isGradSkip (change: IFiniteSum -> Process<ProxSkip.State, Mask * Mask> -> Process<_, _>) ctx spec =
    let f = problem spec :> IFiniteSum
    let p = parameters f { spec with Optimal = false }

    let plus: GradSkipPlus.Parameters = {
        Gamma = p.Gamma
        Outer = bernoulli p.P
        Shift = GradSkipPlus.workerCoins p.Q
    }

    let x0 = starts ctx f

    Trajectories.same
        ctx
        (change f (Method.on f p GradSkip.method))
        (ProxSkip.init f x0)
        (fun s -> Block.sum (Block.ConcatDimension(s.X, s.H)))
        (Method.on f plus GradSkipPlus.method)
        (ProxSkip.init f x0)
        (fun s -> Block.sum (Block.ConcatDimension(s.X, s.H)))
        steps

/// h_i kept where η_i = 0: the control variates never see the gradients.
let private keepsShift (_: IFiniteSum) (proc: Process<ProxSkip.State, Mask * Mask>) = {
    proc with
        Step = fun (theta, _) s -> proc.Step (theta, Mask.Constant true) s
}

/// RandProx in its own, dual form: u = −h, the conjugate's prox, and the compressor on the dual step.
let private randProx (f: IFiniteSum) gamma (outer: Compressor) : Process<ProxSkip.State, CompressorDraw> =
    let omega = CompressorCombinations.omegaOf outer f.Dimension
    let tau = 1.0 / (gamma * (1.0 + omega))
    // ψ* is the indicator of Σ u_i = 0.
    let dualProx (u: Block) = u - ProxSkip.consensus 0.0 u

    {
        Name = "RandProx"
        Draw = outer.Draw 1 f.Dimension
        Step =
            fun draw s ->
                let u = -s.H
                let moved = s.X - gamma * f.Gradients s.X - gamma * u
                let dual = outer.Apply draw (dualProx (u + tau * moved) - u)

                {
                    X = moved - gamma * dual
                    H = -(u + dual / (1.0 + omega))
                }
        Cost = fun _ -> []
    }

/// GradSkip+ with a given C_Ω against RandProx, for a coin and for Rand-1.
let private isRandProx (shift: GradSkipPlus.ShiftCompressor) ctx (spec: SkipSpec) =
    let f = problem spec :> IFiniteSum
    let gamma = 1.0 / Array.max f.Smoothnesses
    let x0 = starts ctx f

    let one outer =
        let p: GradSkipPlus.Parameters = {
            Gamma = gamma
            Outer = outer
            Shift = shift
        }

        Trajectories.same
            ctx
            (Method.on f p GradSkipPlus.method)
            (ProxSkip.init f x0)
            GradSkipPlus.method.Output
            (randProx f gamma outer)
            (ProxSkip.init f x0)
            ProxSkip.method.Output
            steps

    Evidence.all [ one (bernoulli spec.P); one (randK 1) ]

/// ω = 0 and Ω = 0: x⁺ = prox_γ(x − γ∇f(x)) from every (x, h).
let private isProximalGradient (outer: Compressor) (spec: SkipSpec) =
    let f = problem spec :> IFiniteSum

    let p: GradSkipPlus.Parameters = {
        Gamma = 1.0 / Array.max f.Smoothnesses
        Outer = outer
        Shift = GradSkipPlus.everything
    }

    AffineIdentity.everyOutcome
        (Method.on f p GradSkipPlus.method)
        (ProxSkip.fixedPoint f)
        None
        (fun s -> s.X)
        (fun s -> ProxSkip.consensus p.Gamma (s.X - p.Gamma * f.Gradients s.X))

let reductions: Claim =
    Claim.create {
        Claim.spec
            "CE-GRADSKIP.4"
            ClaimKind.Exact
            "q_i = 1 (so with equal κ_i): ProxSkip; GradSkip+ with Ω = 0: RandProx; with coins for both compressors: GradSkip; with ω = 0, Ω = 0: proximal gradient"
            (instances |> Instances.counts 1 3 20)
            (fun ctx spec ->
                Evidence.all [
                    equalProbabilities 1.0 ctx spec
                    isGradSkip (fun _ proc -> proc) ctx spec
                    isRandProx GradSkipPlus.everything ctx spec
                    isProximalGradient identity spec
                ]) with
            Formula =
                @"q_i=1\Rightarrow\text{ProxSkip};\quad \Omega=0\Rightarrow\text{RandProx};\quad \omega=0,\ \Omega=0\Rightarrow x^+=\mathrm{prox}_{\gamma\psi}(x-\gamma\nabla f(x))"
            Assumptions = "shared coins, 100 steps; the consensus indicator for ψ, RandProx in its dual form"
            Source = "by substitution; RandProx: Condat, Richtárik, arXiv 2207.12891"
            Falsifiers = [
                Falsifier.check "h kept at η_i = 0" (isGradSkip keepsShift)
                Falsifier.check "q_i = 1/2 against ProxSkip" (equalProbabilities 0.5)
                Falsifier.check "Rand-1 shifts against RandProx" (isRandProx (GradSkipPlus.randomCoordinates 1))
                Falsifier.check "a coin against proximal gradient" (fun _ -> isProximalGradient (bernoulli 0.5))
            ]
    }
