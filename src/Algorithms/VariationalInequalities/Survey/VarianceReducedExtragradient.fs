/// Extragradient with variance reduction.
///
/// Alacaoglu, Malitsky, "Stochastic Variance Reduction for Variational Inequality Methods", 2022; as in Beznosikov, Polyak,
/// Gorbunov, Kovalev, Gasnikov, 2022, arXiv 2208.13592.
/// Problem: F = (1/n) Σ F_i(z) = 0, F μ-strongly monotone, (1/n) Σ ‖F_i(u) − F_i(v)‖² ≤ L̄²‖u − v‖².
module Theory.Algorithms.VariationalInequalities.VarianceReducedExtragradient

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = { Gamma: float; P: float }

/// γ = min{√(p/2)/L̄, p/(2μ)} for a given p.
let gamma (f: IFiniteSumOperator) (p: float) =
    min (sqrt (p / 2.0) / OperatorConstants.meanSquareLipschitz f) (p / (2.0 * f.Monotonicity))

/// p = 1/n and its γ.
let parameters (f: IFiniteSumOperator) : Parameters =
    let p = 1.0 / float f.Count
    { Gamma = gamma f p; P = p }

type State = {
    /// The iterate z_k.
    Z: Block
    /// The reference point w_k.
    W: Block
    /// F(w_k).
    Value: Block
}

let init (f: IFiniteSumOperator) (z0: Block) : State = {
    Z = z0
    W = z0
    Value = f.Operator z0
}

/// Another control variate than F_i(w) for the falsifier.
let private stepWith
    (control: Indices -> State -> Block)
    (f: IFiniteSumOperator)
    (p: Parameters)
    (i: Indices, renew: Mask)
    (s: State)
    : State =
    let mean = (1.0 - p.P) * s.Z + p.P * s.W
    let u = mean - p.Gamma * s.Value
    let z = mean - p.Gamma * (control i s + f.OperatorAt i u)

    {
        Z = z
        W = Block.choose renew z s.W
        Value = Block.choose renew (f.Operator z) s.Value
    }

let step (f: IFiniteSumOperator) (p: Parameters) draw (s: State) : State =
    stepWith (fun i s -> s.Value - f.OperatorAt i s.W) f p draw s

/// All at the solution.
let fixedPoint (f: IFiniteSumOperator) : State = {
    Z = f.Solution
    W = f.Solution
    Value = 0.0 * f.Solution
}

/// Φ = (1−p)‖z − z*‖² + ‖w − z*‖².
let lyapunov (f: IFiniteSumOperator) (p: Parameters) (s: State) =
    (1.0 - p.P) * Block.normSquared (s.Z - f.Solution)
    + Block.normSquared (s.W - f.Solution)

/// 1 − γμ/2.
let contraction (f: IFiniteSumOperator) (p: Parameters) = 1.0 - p.Gamma * f.Monotonicity / 2.0

let method: Method<IFiniteSumOperator, Parameters, State, Indices * Mask> = {
    Name = "VR-EG"
    Summary = "z̄ = (1−p)z + pw; u = z̄ − γF(w); z⁺ = z̄ − γ(F(w) + F_i(u) − F_i(w)); w⁺ = z⁺ with probability p"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.probability "p" p.P
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "min{√(p/2)/L̄, p/(2μ)}" (gamma f p.P)
        ]
    Draw = fun f p -> Draw.both (Draw.index f.Count) (Draw.coin p.P)
    Init = fun f _ z0 -> init f z0
    Step = step
    Output = fun s -> s.Z
    // 2 + pn component calls on average: F(w⁺) is n of them.
    Cost =
        fun _ _ (_, renew) -> [
            Charge.each Counter.ComponentCalls 2.0
            Charge.whenHeads Counter.OperatorCalls 1.0 renew
        ]
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds = fun f p -> [ Bounds.linear "VI-SURVEY.6: E Φ_k" true (lyapunov f p) (contraction f p) ]
}

// ---- Claims ----------------------------------------------------------------------------------------------------

let private contracts (f: IFiniteSumOperator) (p: Parameters) step =
    let proc = {
        Method.on f p method with
            Step = step f p
    }
    // F(w) is stored: admissible states have Value = F(W).
    Spectral.contraction
        proc
        (fixedPoint f)
        (Some(fun s -> s.Value - f.Operator s.W))
        (lyapunov f p)
        (contraction f p)
        0.0

/// At p = 1/n, 2/n and ½.
let private atSeveral (spec: RotationSpec) scale step =
    let f = Games.rotationBlocks spec :> IFiniteSumOperator
    let n = float f.Count

    [ 1.0 / n; min 1.0 (2.0 / n); 0.5 ]
    |> List.distinct
    |> List.map (fun p -> contracts f { Gamma = scale * gamma f p; P = p } step)
    |> Pieces.all

let private standard: RotationSpec = {
    Workers = 3
    Blocks = 1
    Mu = 0.1
    MuSpread = 0.5
    Skew = 1.0
    SkewSpread = 0.3
    Offset = 1.0
    Seed = 1
}

let lyapunovClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SURVEY.6"
            ClaimKind.Mean
            "VR-EG: E Φ_{k+1} ≤ (1 − γμ/2)Φ_k, Φ = (1−p)‖z−z*‖² + ‖w−z*‖²"
            (RotationSpec.instances 10 2 |> Instances.startingWith [ standard ])
            (fun _ spec -> atSeveral spec 1.0 step) with
            Formula = @"\mathbb E\Phi_{k+1} \le (1-\gamma\mu/2)\Phi_k"
            Assumptions = "F μ-strongly monotone, F_i L̄-Lipschitz in mean square, γ = min{√(p/2)/L̄, p/(2μ)}"
            Source =
                "derived: one step of variance-reduced forward-backward-forward, w⁺ = z⁺; the survey's form is γ < √p/L̄"
            Falsifiers = [
                Falsifier.check "γ × 4" (fun _ spec -> atSeveral spec 4.0 step)
                Falsifier.check "no control variate" (fun _ spec ->
                    atSeveral spec 1.0 (stepWith (fun _ s -> 0.0 * s.Z)))
            ]
    }
