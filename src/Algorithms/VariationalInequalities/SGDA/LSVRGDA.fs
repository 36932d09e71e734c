/// L-SVRGDA: loopless variance reduction for descent-ascent.
///
/// Source and problem as in Parametric.fs; F = (1/n) Σ F_i, averaged cocoercivity ℓ̂, z* unique.
module Theory.Algorithms.VariationalInequalities.LSVRGDA

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.ParametricSGDA

type Parameters = { Gamma: float; P: float }

type State = {
    /// The iterate z.
    Z: Block
    /// The reference point w.
    W: Block
    /// F(w), computed only when w moves.
    Value: Block
}

/// A = ℓ̂, B = 2, C = pℓ̂/2, ρ = p, no noise.
let constants (f: IFiniteSumOperator) (p: float) : Constants =
    let averaged = Cocoercivity.averaged f

    {
        A = averaged
        B = 2.0
        C = p * averaged / 2.0
        D1 = 0.0
        D2 = 0.0
        Rho = p
    }

/// p = 1/n and γ = 1/(6ℓ̂).
let parameters (f: IFiniteSumOperator) : Parameters =
    let p = 1.0 / float f.Count

    {
        Gamma = usualStep f (constants f p)
        P = p
    }

let init (f: IFiniteSumOperator) (z0: Block) : State = {
    Z = z0
    W = z0
    Value = f.Operator z0
}

let step (f: IFiniteSumOperator) (p: Parameters) (i: Indices, renew: Mask) (s: State) : State =
    let g = f.OperatorAt i s.Z - f.OperatorAt i s.W + s.Value

    {
        Z = s.Z - p.Gamma * g
        // The reference moves to the old z.
        W = Block.choose renew s.Z s.W
        Value = Branch.choose renew (fun () -> f.Operator s.Z) (fun () -> s.Value)
    }

/// All at the solution.
let fixedPoint (f: IFiniteSumOperator) : State = {
    Z = f.Solution
    W = f.Solution
    Value = 0.0 * f.Solution
}

/// σ² = (1/n) Σ ‖F_i(w) − F_i(z*)‖².
let sigma (f: IFiniteSumOperator) (s: State) =
    Block.meanNormSquared (f.Operators s.W - f.Operators f.Solution)

let method: Method<IFiniteSumOperator, Parameters, State, Indices * Mask> = {
    Name = "L-SVRGDA"
    Summary = "g = F_i(z) − F_i(w) + F(w); z⁺ = z − γg; w⁺ = z with probability p"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.probability "p" p.P
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/(6ℓ̂)" (usualStep f (constants f p.P))
        ]
    Draw = fun f p -> Draw.both (Draw.index f.Count) (Draw.coin p.P)
    Init = fun f _ z0 -> init f z0
    Step = step
    Output = fun s -> s.Z
    Cost =
        fun _ _ (_, renew) -> [
            Charge.each Counter.ComponentCalls 2.0
            Charge.whenHeads Counter.OperatorCalls 1.0 renew
        ]
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds = fun f p -> bounds "VI-SGDA.3: E V_k" f (constants f p.P) p.Gamma (fun s -> s.Z) (sigma f)
}

/// The method with stepsize γ and probability p under the assumption.
let caseWith (f: IFiniteSumOperator) (p: float) (gamma: float) : Case<State, Indices * Mask> = {
    Operator = f
    Gamma = gamma
    Process = Method.on f { Gamma = gamma; P = p } method
    Centre = fixedPoint f
    // F(w) is stored: admissible states have Value = F(W).
    Keeps = Some(fun s -> s.Value - f.Operator s.W)
    Iterate = fun s -> s.Z
    WithIterate = fun z s -> { s with Z = z }
    Sigma = sigma f
    Constants = constants f p
}

/// With p = 1/n.
let case (f: IFiniteSumOperator) gamma = caseWith f (1.0 / float f.Count) gamma

// ---- VI-SGDA.3 -------------------------------------------------------------------------------------------------

/// Without control variate: g = F_i(z).
let private plain (f: IFiniteSumOperator) (p: Parameters) (i: Indices, renew: Mask) (s: State) = {
    step f p (i, renew) s with
        Z = s.Z - p.Gamma * f.OperatorAt i s.Z
}

/// At p = 1/n and ½.
let private check (spec: RotationSpec) scale (changed: IFiniteSumOperator -> Parameters -> _ -> State -> State) =
    let f = Games.rotationBlocks spec :> IFiniteSumOperator

    [ 1.0 / float f.Count; 0.5 ]
    |> List.distinct
    |> List.map (fun p ->
        let gamma = scale * usualStep f (constants f p)
        let c = caseWith f p gamma

        holds {
            c with
                Process = {
                    c.Process with
                        Step = changed f { Gamma = gamma; P = p }
                }
        })
    |> Pieces.all

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.3"
            ClaimKind.Mean
            "L-SVRGDA: E V⁺ ≤ (1 − min{γμ, p/2})V, V = ‖z−z*‖² + (4γ²/p)σ², σ² = mean‖F_i(w)−F_i(z*)‖², γ ≤ 1/(6ℓ̂)"
            (RotationSpec.instances 5 2
             |> Instances.startingWith [ UniformSGDA.standard ]
             |> Instances.counts 1 4 40)
            (fun _ spec -> check spec 1.0 step) with
            Formula = @"\mathbb E V_{k+1} \le (1-\min\{\gamma\mu,\,p/2\})V_k"
            Assumptions = "averaged cocoercivity ℓ̂; A = ℓ̂, B = 2, C = pℓ̂/2, ρ = p, M = 4/p, γ ≤ 1/(6ℓ̂)"
            Source = "arXiv 2202.07262, Proposition 4.3 and Theorem F.4; re-derived"
            Falsifiers = [
                Falsifier.check "no control variate" (fun _ spec -> check spec 1.0 plain)
                Falsifier.check "γ × 6" (fun _ spec -> check spec 6.0 step)
            ]
            Tight =
                Some {
                    Instance = UniformSGDA.standard
                    AtLeast = 0.95
                }
    }
