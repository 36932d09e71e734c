/// SAGA-SGDA: a table of the summands' last values.
///
/// Source and problem as in Parametric.fs; F = (1/n) Σ F_i, averaged cocoercivity ℓ̂, z* unique.
module Theory.Algorithms.VariationalInequalities.SAGASGDA

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.ParametricSGDA

type Parameters = { Gamma: float }

type State = {
    /// The iterate z.
    Z: Block
    /// The table F_1(w_1) … F_n(w_n).
    Table: Block
}

/// A = ℓ̂, B = 2, C = ℓ̂/(2n), ρ = 1/n: L-SVRGDA's with p = 1/n.
let constants (f: IFiniteSumOperator) : Constants =
    LSVRGDA.constants f (1.0 / float f.Count)

/// γ = 1/(6ℓ̂).
let parameters (f: IFiniteSumOperator) : Parameters = { Gamma = usualStep f (constants f) }

let init (f: IFiniteSumOperator) (z0: Block) : State = { Z = z0; Table = f.Operators z0 }

let step (f: IFiniteSumOperator) (p: Parameters) (i: Indices) (s: State) : State =
    let fresh = f.OperatorAt i s.Z
    let g = fresh - s.Table.PickWorkers i + Block.mean s.Table

    {
        Z = s.Z - p.Gamma * g
        Table = s.Table.PutWorkers(i, fresh)
    }

/// z* and the F_i(z*).
let fixedPoint (f: IFiniteSumOperator) : State = init f f.Solution

/// σ² = (1/n) Σ ‖F_i(w_i) − F_i(z*)‖².
let sigma (f: IFiniteSumOperator) (s: State) =
    Block.meanNormSquared (s.Table - f.Operators f.Solution)

let method: Method<IFiniteSumOperator, Parameters, State, Indices> = {
    Name = "SAGA-SGDA"
    Summary = "g = F_i(z) − F_i(w_i) + mean F_j(w_j); z⁺ = z − γg; w_i⁺ = z"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/(6ℓ̂)" (parameters f).Gamma
        ]
    Draw = fun f _ -> Draw.index f.Count
    Init = fun f _ z0 -> init f z0
    Step = step
    Output = fun s -> s.Z
    Cost = fun _ _ _ -> [ Charge.each Counter.ComponentCalls 1.0 ]
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds = fun f p -> bounds "VI-SGDA.4: E V_k" f (constants f) p.Gamma (fun s -> s.Z) (sigma f)
}

/// The method with stepsize γ under the assumption. The table may hold any vectors.
let case (f: IFiniteSumOperator) (gamma: float) : Case<State, Indices> = {
    Operator = f
    Gamma = gamma
    Process = Method.on f { Gamma = gamma } method
    Centre = fixedPoint f
    Keeps = None
    Iterate = fun s -> s.Z
    WithIterate = fun z s -> { s with Z = z }
    Sigma = sigma f
    Constants = constants f
}

// ---- VI-SGDA.4 -------------------------------------------------------------------------------------------------

/// The table is renewed before g reads it.
let private early (f: IFiniteSumOperator) (p: Parameters) (i: Indices) (s: State) =
    let table = s.Table.PutWorkers(i, f.OperatorAt i s.Z)

    {
        Z = s.Z - p.Gamma * Block.mean table
        Table = table
    }

let private check (spec: RotationSpec) scale (changed: IFiniteSumOperator -> Parameters -> Indices -> State -> State) =
    let f = Games.rotationBlocks spec :> IFiniteSumOperator
    let gamma = scale * (parameters f).Gamma
    let c = case f gamma

    holds {
        c with
            Process = {
                c.Process with
                    Step = changed f { Gamma = gamma }
            }
    }

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.4"
            ClaimKind.Mean
            "SAGA-SGDA: E V⁺ ≤ (1 − min{γμ, 1/(2n)})V, V = ‖z−z*‖² + 4nγ²σ², σ² = mean‖F_i(w_i)−F_i(z*)‖², γ ≤ 1/(6ℓ̂)"
            (RotationSpec.instances 4 2 |> Instances.startingWith [ UniformSGDA.standard ])
            (fun _ spec -> check spec 1.0 step) with
            Formula = @"\mathbb E V_{k+1} \le (1-\min\{\gamma\mu,\,\tfrac1{2n}\})V_k"
            Assumptions = "averaged cocoercivity ℓ̂; A = ℓ̂, B = 2, C = ℓ̂/(2n), ρ = 1/n, M = 4n, γ ≤ 1/(6ℓ̂)"
            Source = "arXiv 2202.07262, Proposition F.12 and Theorem F.13; re-derived"
            Falsifiers = [
                Falsifier.check "γ × 6" (fun _ spec -> check spec 6.0 step)
                Falsifier.check "table renewed before use" (fun _ spec -> check spec 1.0 early)
            ]
            Tight =
                Some {
                    Instance = UniformSGDA.standard
                    AtLeast = 0.95
                }
    }
