/// SGDA with one uniformly drawn summand a step.
///
/// Source and problem as in Parametric.fs; F = (1/n) Σ F_i with (1/n) Σ ‖F_i(z) − F_i(z*)‖² ≤ ℓ̂⟨F(z), z − z*⟩.
module Theory.Algorithms.VariationalInequalities.UniformSGDA

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.ParametricSGDA

type Parameters = { Gamma: float }

/// A = ℓ̂, D_1 = 2σ*².
let constants (f: IFiniteSumOperator) : Constants = {
    A = Cocoercivity.averaged f
    B = 0.0
    C = 0.0
    D1 = 2.0 * Cocoercivity.residual f
    D2 = 0.0
    Rho = 1.0
}

/// γ = 1/(2ℓ̂).
let parameters (f: IFiniteSumOperator) : Parameters = { Gamma = usualStep f (constants f) }

let init (z0: Block) : State = { Z = z0 }

let step (f: IFiniteSumOperator) (p: Parameters) (i: Indices) (s: State) : State =
    let g = f.OperatorAt i s.Z
    { Z = s.Z - p.Gamma * g }

let method: Method<IFiniteSumOperator, Parameters, State, Indices> = {
    Name = "SGDA"
    Summary = "z⁺ = z − γF_i(z), i uniform"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/(2ℓ̂)" (parameters f).Gamma
        ]
    Draw = fun f _ -> Draw.index f.Count
    Init = fun _ _ z0 -> init z0
    Step = step
    Output = fun s -> s.Z
    Cost = fun _ _ _ -> [ Charge.each Counter.ComponentCalls 1.0 ]
    // The F_i do not vanish at z*.
    FixedPoint = fun _ _ -> None
    Bounds =
        fun f p ->
            bounds "VI-SGDA.2: E‖z_k − z*‖²" f (constants f) p.Gamma (fun s -> s.Z) (fun s ->
                0.0 * Block.normSquared s.Z)
}

/// The method with stepsize γ under the assumption.
let case (f: IFiniteSumOperator) (gamma: float) : Case<State, Indices> =
    memoryless f gamma (Method.on f { Gamma = gamma } method) (constants f)

// ---- VI-SGDA.2 -------------------------------------------------------------------------------------------------

/// Four operators of two rotation blocks whose μ_i and s_ij differ.
let standard: RotationSpec = {
    Workers = 4
    Blocks = 2
    Mu = 1.0
    MuSpread = 1.0
    Skew = 1.0
    SkewSpread = 0.5
    Offset = 1.0
    Seed = 1
}

let private check (spec: RotationSpec) scale (noise: float) =
    let f = Games.rotationBlocks spec
    let c = case f (scale * usualStep f (constants f))

    holds {
        c with
            Constants = {
                c.Constants with
                    D1 = noise * c.Constants.D1
            }
    }

/// E‖z_K − z*‖² after many steps against `share` of the floor 2γσ*²/μ: the noise is felt at the steady state too.
let private steady (spec: RotationSpec) (share: float) =
    let f = Games.rotationBlocks spec :> IFiniteSumOperator
    let p = parameters f
    let k = constants f
    let floor = share * p.Gamma * k.D1 / f.Monotonicity
    let factor = 1.0 - p.Gamma * f.Monotonicity

    Bounds.linearToFloor "E‖z_k − z*‖²" true (fun (s: State) -> Block.normSquared (s.Z - f.Solution)) factor floor
    |> AllStarts.ofMethod f p method f.Solution [ 1; 10; 100 ]

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.2"
            ClaimKind.Mean
            "SGDA, uniform i: E‖z⁺ − z*‖² ≤ (1−γμ)‖z − z*‖² + 2γ²σ*², γ ≤ 1/(2ℓ̂); along the run to the floor 2γσ*²/μ"
            (RotationSpec.instances 5 2 |> Instances.startingWith [ standard ])
            (fun _ spec -> onTop (check spec 1.0 1.0) [ steady spec 1.0 ]) with
            Formula = @"\mathbb E\|z_{k+1}-z_*\|^2 \le (1-\gamma\mu)\|z_k-z_*\|^2+2\gamma^2\sigma_*^2"
            Assumptions = "averaged cocoercivity ℓ̂; A = ℓ̂, B = C = 0, D_1 = 2σ*², γ ≤ 1/(2ℓ̂)"
            Source = "arXiv 2202.07262, Proposition 3.2 and Theorem E.2 with ℓ̂ for ℓ_D"
            Falsifiers = [
                Falsifier.check "noise term dropped" (fun _ spec -> check spec 1.0 0.0)
                Falsifier.check "noise term × 0.3" (fun _ spec -> check spec 1.0 0.3)
                Falsifier.check "floor × 0.2 along the run" (fun _ spec -> steady spec 0.2)
                Falsifier.check "γ × 6" (fun _ spec -> check spec 6.0 1.0)
            ]
            Tight = Some { Instance = standard; AtLeast = 0.8 }
    }
