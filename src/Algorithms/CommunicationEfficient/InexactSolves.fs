/// Local problems of a dual splitting solved inexactly: two rules on what a solver may leave over, the gradient steps that
/// meet them, and one-step statements for every residual within a rule.
module Theory.Algorithms.CommunicationEfficient.InexactSolves

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.DualSplitting

/// What a solver may leave over, e_m = ∇ψ_m(y_m) being the leftover gradient and y_m* the exact proximal point.
[<RequireQualifiedAccess>]
type Rule =
    /// Σ[(4μL_F²/(3Mτ²))‖y_m − y_m*‖² + (L_F/τ²)‖e_m‖²] ≤ excess·(μ/(6M))Σ‖x̂ − y_m*‖².
    | Summed of excess: float
    /// L_FΣ‖e_m‖² ≤ excess·(τ/2)Σ‖∇F_m(y_m) − u_m‖²: weaker than asking it of every client.
    | Tested of excess: float

/// A method whose rounds solve local problems, and its one-step statement E Ψ⁺ ≤ factor·Ψ.
[<NoComparison; NoEquality>]
type Rounds<'D> = {
    Problem: IClientProx
    Mu: float
    Gamma: float
    Tau: float
    DualSmoothness: float
    Draw: Draw<'D>
    /// Outcome, ∇F_m(y_m), x̂ and state ↦ next state.
    Advance: 'D -> Block -> Block -> State -> State
    Psi: State -> Block
    Factor: float
}

/// Both sides of a rule: what may not exceed what. One number a lane.
let sides (r: Rounds<'D>) (rule: Rule) (xHat: Block) (u: Block) (y: Block) : Block * Block =
    let f = r.Problem
    let m = float f.Count
    let e = localGradients f r.Mu r.Tau xHat u y

    match rule with
    | Rule.Tested excess ->
        let moved = dualGradients f r.Mu y - u
        r.DualSmoothness * Block.totalNormSquared e, (excess * 0.5 * r.Tau) * Block.totalNormSquared moved
    | Rule.Summed excess ->
        let best = prox f r.Mu (Array.create f.Count r.Tau) xHat u

        (4.0 * r.Mu * r.DualSmoothness ** 2.0 / (3.0 * m * r.Tau ** 2.0))
        * Block.totalNormSquared (y - best)
        + (r.DualSmoothness / r.Tau ** 2.0) * Block.totalNormSquared e,
        (excess * r.Mu / (6.0 * m)) * Block.totalNormSquared (xHat - best)

/// The rule after `steps` gradient steps on every local problem, for every state.
let meets (r: Rounds<'D>) (rule: Rule) (steps: int) : Evidence =
    let reached (s: State) =
        let xHat = (serverProx r.Mu r.Gamma s).Materialise()
        sides r rule xHat s.U (descend r.Problem r.Mu r.DualSmoothness r.Tau steps xHat s.U)

    Spectral.oneStep {
        Process = {
            Name = "state"
            Draw = Draw.none
            Step = fun () s -> s
            Cost = fun () -> []
        }
        Centre = fixedPoint r.Problem r.Mu
        Keeps = None
        Measure = reached >> fst
        Bound = reached >> snd
        Relation = Relation.AtMost
        MatchMoments = false
    }

/// The fewest gradient steps that meet the rule from every state.
let fewestSteps (r: Rounds<'D>) (rule: Rule) : int =
    let enough k = (meets r rule k).Violation.IsNone

    let rec bisect low high =
        // low steps are too few, high are enough.
        if high - low <= 1 then
            high
        else
            let middle = (low + high) / 2

            if enough middle then
                bisect low middle
            else
                bisect middle high

    let rec double k =
        if enough k then bisect (k / 2) k else double (2 * k)

    if enough 0 then 0 else double 1

/// E Ψ⁺ ≤ factor·Ψ with a given local solver x̂, u ↦ y, for every state.
let contracts (r: Rounds<'D>) (solve: Block -> Block -> Block) : Evidence =
    let step outcome (s: State) =
        let xHat = (serverProx r.Mu r.Gamma s).Materialise()
        r.Advance outcome (dualGradients r.Problem r.Mu (solve xHat s.U)) xHat s

    Spectral.contraction
        {
            Name = "rounds"
            Draw = r.Draw
            Step = step
            Cost = fun _ -> []
        }
        (fixedPoint r.Problem r.Mu)
        None
        r.Psi
        r.Factor
        0.0

/// The same with `steps` gradient steps.
let contractsAfter (r: Rounds<'D>) (steps: int) : Evidence =
    contracts r (descend r.Problem r.Mu r.DualSmoothness r.Tau steps)

// ---- Every residual within a rule ------------------------------------------------------------------------------

type private Inexact = {
    X: Block
    U: Block
    /// e_m, chosen by an adversary; no step moves it.
    Leftover: Block
    /// What the rule's right side is made of, of the last round.
    Gap: Block
}

let private plain (s: Inexact) : State = { X = s.X; U = s.U }

/// argmin ψ_m − ⟨e_m, ·⟩: where ∇ψ_m = e_m.
let private point (r: Rounds<'D>) xHat (s: Inexact) =
    prox r.Problem r.Mu (Array.create r.Problem.Count r.Tau) xHat (s.U + s.Leftover)

let private inexactly (r: Rounds<'D>) (rule: Rule) : Process<Inexact, 'D> =
    let step outcome (s: Inexact) =
        let xHat = (serverProx r.Mu r.Gamma (plain s)).Materialise()
        let fresh = (dualGradients r.Problem r.Mu (point r xHat s)).Materialise()
        let next = r.Advance outcome fresh xHat (plain s)

        {
            X = next.X
            U = next.U
            Leftover = s.Leftover
            Gap =
                match rule with
                | Rule.Tested _ -> fresh - s.U
                | Rule.Summed _ -> xHat - prox r.Problem r.Mu (Array.create r.Problem.Count r.Tau) xHat s.U
        }

    {
        Name = "inexact rounds"
        Draw = r.Draw
        Step = step
        Cost = fun _ -> []
    }

/// E Ψ⁺ ≤ factor·Ψ for every state and all residuals within the rule, by the S-lemma.
let everyResidual (r: Rounds<'D>) (rule: Rule) : Evidence =
    let ideal = fixedPoint r.Problem r.Mu
    let m = float r.Problem.Count

    // The multipliers of the proof.
    let unit, weight =
        match rule with
        | Rule.Tested excess -> 1.0 / r.Tau ** 2.0, excess * 0.5 * r.Tau
        | Rule.Summed excess -> 1.0, excess * r.Mu / (6.0 * m)

    let left (s: Inexact) =
        let xHat = (serverProx r.Mu r.Gamma (plain s)).Materialise()
        sides r rule xHat s.U (point r xHat s) |> fst

    Multiplier.oneStep
        (inexactly r rule)
        {
            X = ideal.X
            U = ideal.U
            Leftover = 0.0 * ideal.U
            Gap = 0.0 * ideal.U
        }
        unit
        (fun s -> r.Psi(plain s))
        (fun s -> weight * Block.totalNormSquared s.Gap)
        (fun s -> r.Factor * r.Psi(plain s))
        left
