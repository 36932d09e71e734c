/// The rate of APDA with any local solver that meets the stop rule.
module Theory.Algorithms.CommunicationEfficient.APDAInexact

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.APDAMethods
open Theory.Algorithms.CommunicationEfficient.APDARates

type private Inexact = {
    X: Block
    Y: Block
    YBefore: Block
    Hat: Block
    Drift: Block
    /// ∇Φ(x̂), chosen by an adversary; no step moves it.
    Leftover: Block
}

/// The state of the method, duals taken to the range of Π.
let private plainState (s: Inexact) : State = {
    X = s.X
    Y = apart s.Y
    YBefore = apart s.YBefore
    Hat = s.Hat
    Drift = s.Drift
}

let private inexactProcess (f: IClientProx) (p: Parameters) : Process<Inexact, unit> = {
    Name = "APDA, any x̂"
    Draw = Draw.none
    Step =
        fun () s ->
            let own = plainState s
            let z = (extrapolated p own).Materialise()
            let next = advance f p z (innerMinimiser f p own.X z s.Leftover) own

            {
                X = next.X
                Y = next.Y
                YBefore = next.YBefore
                Hat = next.Hat
                Drift = next.Drift
                Leftover = s.Leftover
            }
    Cost = fun () -> []
}

/// θ times Ψ with its last term at its least: the rule of the step before gives ‖x − x̂⁻‖² ≤ ¼‖x̂⁻ − x⁻‖².
let private least (f: IFiniteSum) (p: Parameters) (s: State) =
    p.Theta
    * (inexactPsi f p s + (1.25 / p.EtaX) * Block.totalNormSquared (s.X - s.Hat))

/// Every state and every ∇Φ(x̂) with η_x‖∇Φ(x̂)‖ ≤ excess·½‖x̂ − x‖, the norms over all clients.
let private everyResidual (excess: float) (spec: APDASpec) =
    let f = problem spec
    let p = inexactly f (fun _ -> 0)
    let ideal = fixedPoint f

    Multiplier.oneStep
        (inexactProcess f p)
        {
            X = ideal.X
            Y = ideal.Y
            YBefore = ideal.YBefore
            Hat = ideal.Hat
            Drift = ideal.Drift
            Leftover = 0.0 * ideal.X
        }
        (1.0 / p.EtaX)
        (fun s -> wholePsi f p (plainState s))
        (fun s -> (0.25 * excess * excess) * Block.totalNormSquared s.Drift)
        (fun s -> least f p (plainState s))
        (fun s -> (p.EtaX ** 2.0) * Block.totalNormSquared s.Leftover)

/// A fixed number of local steps, for every state.
let private afterSteps (method: Method<IStronglyConvexSum, Parameters, State, unit>) skip (spec: APDASpec) =
    let f = problem spec
    let rule = method.Rule f
    let p = if skip then { rule with LocalSteps = 0 } else rule

    Spectral.oneStep {
        Process = Method.on (f :> IStronglyConvexSum) p method
        Centre = fixedPoint f
        Keeps = Some keeps
        Measure = wholePsi f p
        Bound = least f p
        Relation = Relation.AtMost
        MatchMoments = false
    }

/// 20 runs of 100 steps, gradient steps until every client's rule holds or `limit` is reached.
let private testedRuns (limit: int -> int) (ctx: CheckContext) (spec: APDASpec) =
    let f = problem spec
    let rule = tested.Rule f

    let p = {
        rule with
            LocalSteps = limit rule.LocalSteps
    }

    let starts = init f (CheckContext.gaussianStarts ctx 1 20 spec.Dimension 3.0)
    let proc = Method.on (f :> IStronglyConvexSum) p tested

    Trajectories.everyStep ctx proc starts 100 Relation.AtMost (fun _ next -> wholePsi f p next) (fun s ->
        p.Theta * wholePsi f p s)

let inexactRate: Claim =
    Claim.create {
        Claim.spec
            "CE-APDA.2"
            ClaimKind.Sure
            "κ ≥ 2, η_y = √(μL/8), η_x = 1/(8η_y), β = 1/(2L), θ = 1/(1+√(μ/L)/(4√2)), any x̂ with η_x‖∇Φ(x̂)‖ ≤ ½‖x̂−x^k‖: Ψ_{k+1} ≤ θΨ_k, Ψ = (1/η_x+μ/2)‖x−x*‖²+(1/η_y+β)‖y−y*‖²+(1/(2η_y))‖Δy‖²−2⟨x̂⁻−x*,Δy⟩+(5/(16η_x))‖x̂⁻−x⁻‖²"
            (instances [ 2.0; 10.0; 100.0 ] |> Instances.counts 1 3 20)
            (fun _ spec ->
                let gradient = afterSteps gradientSteps false spec

                {
                    Evidence.all [
                        gradient
                        afterSteps acceleratedSteps false spec
                        afterSteps gradientNormSteps false spec
                        everyResidual 1.0 spec
                    ] with
                        Tightness = gradient.Tightness
                        Note = gradient.Note
                }) with
            Formula = @"\Psi_{k+1}\le\frac{1}{1+\frac{1}{4\sqrt2}\sqrt{\mu/L}}\,\Psi_k"
            Assumptions =
                "as CE-APDA.1; every state whose last x̂ met the rule, every residual within the rule, and three local solvers with the steps of CE-APDA.3"
            Source =
                "arXiv 2207.03957, here with other constants: derived as for hybrid proximal extragradient methods; residuals through the S-lemma's multiplier"
            Falsifiers = [
                Falsifier.check "no local step, x̂ = x^k" (fun _ -> afterSteps gradientSteps true)
                |> Falsifier.at [ stiff ]
                Falsifier.check "a residual three times as large" (fun _ -> everyResidual 3.0)
            ]
            Tight = Some { Instance = stiff; AtLeast = 0.9 }
    }

/// How many steps a client makes depends on the state, so nothing spectral applies.
let inexactRuns: Claim =
    Claim.create {
        Claim.spec
            "CE-APDA.2b"
            ClaimKind.Sure
            "gradient steps until each client's stop rule: Ψ_{k+1} ≤ θΨ_k at every step, as in CE-APDA.2"
            (instances [ 2.0; 10.0; 100.0 ] |> Instances.counts 0 2 20)
            (testedRuns id) with
            Formula = @"\Psi_{k+1}\le\theta\Psi_k"
            Assumptions = "as CE-APDA.2; 20 random starts, 100 steps"
            Source = "as CE-APDA.2"
            Falsifiers = [
                Falsifier.check "no local step, x̂ = x^k" (testedRuns (fun _ -> 0))
                |> Falsifier.at [ stiff ]
            ]
    }
