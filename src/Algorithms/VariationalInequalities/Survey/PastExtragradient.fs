/// Past extragradient and optimistic gradient descent–ascent: one evaluation of F a step.
///
/// Popov, 1980; Daskalakis et al., 2018; as in Beznosikov, Polyak, Gorbunov, Kovalev, Gasnikov, 2022, arXiv 2208.13592.
/// Problem: F(z) = 0, F L-Lipschitz and μ-strongly monotone.
module Theory.Algorithms.VariationalInequalities.PastExtragradient

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = { Gamma: float }

/// γ = 1/(4L).
let parameters (f: IOperator) : Parameters = { Gamma = 1.0 / (4.0 * f.Lipschitz) }

let private conditions (f: IOperator) (p: Parameters) = [
    Condition.positive "γ" p.Gamma
    Condition.atMost "γ" p.Gamma "1/(4L)" (parameters f).Gamma
]

type State = {
    /// The iterate x_k.
    X: Block
    /// The point y_{k−1} at which F was evaluated last; y_{−1} = x_0.
    Past: Block
    /// F(y_{k−1}).
    Value: Block
}

let init (f: IOperator) (x0: Block) : State = {
    X = x0
    Past = x0
    Value = f.Operator x0
}

let step (f: IOperator) (p: Parameters) (s: State) : State =
    let y = s.X - p.Gamma * s.Value
    let value = f.Operator y

    {
        X = s.X - p.Gamma * value
        Past = y
        Value = value
    }

/// All three at the solution.
let fixedPoint (f: IOperator) : State = {
    X = f.Solution
    Past = f.Solution
    Value = 0.0 * f.Solution
}

/// V = ‖x_k − z*‖² + (1/5)‖x_k − y_{k−1}‖².
let lyapunov (f: IOperator) (s: State) =
    Block.normSquared (s.X - f.Solution) + 0.2 * Block.normSquared (s.X - s.Past)

/// 1 − γμ.
let contraction (f: IOperator) (p: Parameters) = 1.0 - p.Gamma * f.Monotonicity

let method: Method<IOperator, Parameters, State, unit> = {
    Name = "PEG"
    Summary = "y_k = x_k − γF(y_{k−1}); x_{k+1} = x_k − γF(y_k)"
    Rule = parameters
    Conditions = conditions
    Draw = fun _ _ -> Draw.none
    Init = fun f _ x0 -> init f x0
    Step = fun f p () s -> step f p s
    Output = fun s -> s.X
    Cost = fun _ _ () -> [ Charge.each Counter.OperatorCalls 1.0 ]
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds =
        fun f p -> [
            Bounds.linear "VI-SURVEY.4: ‖x_k − z*‖² + ‖x_k − y_{k−1}‖²/5" false (lyapunov f) (contraction f p)
        ]
}

/// The state of the optimistic method.
type OptimisticState = {
    /// The iterate y_k.
    Y: Block
    /// F(y_{k−1}).
    PastValue: Block
}

/// y_{k+1} = y_k − 2γF(y_k) + γF(y_{k−1}), with another coefficient than 2 for the falsifier.
let private optimisticStep coefficient (f: IOperator) (p: Parameters) (s: OptimisticState) : OptimisticState =
    let value = f.Operator s.Y

    {
        Y = s.Y - (coefficient * p.Gamma) * value + p.Gamma * s.PastValue
        PastValue = value
    }

let optimistic: Method<IOperator, Parameters, OptimisticState, unit> = {
    Name = "OGDA"
    Summary = "y_{k+1} = y_k − 2γF(y_k) + γF(y_{k−1})"
    Rule = parameters
    Conditions = conditions
    Draw = fun _ _ -> Draw.none
    // F(y_{−1}) = F(y_0): the first step is a plain one.
    Init = fun f _ y0 -> { Y = y0; PastValue = f.Operator y0 }
    Step = fun f p () s -> optimisticStep 2.0 f p s
    Output = fun s -> s.Y
    Cost = fun _ _ () -> [ Charge.each Counter.OperatorCalls 1.0 ]
    FixedPoint =
        fun f _ ->
            Some {
                Y = f.Solution
                PastValue = 0.0 * f.Solution
            }
    Bounds = fun _ _ -> []
}

// ---- Claims ----------------------------------------------------------------------------------------------------

/// F(y_{k−1}) is stored: admissible states have Value = F(Past).
let private stored (f: IOperator) (s: State) = s.Value - f.Operator s.Past

/// y_k of PEG with the value before it: what OGDA carries.
let private view (p: Parameters) (s: State) : OptimisticState = {
    Y = s.X - p.Gamma * s.Value
    PastValue = s.Value
}

let private joined (s: OptimisticState) = Block.ConcatDimension(s.Y, s.PastValue)

/// PEG, then seen as OGDA, is OGDA after seeing: for every state of an affine game.
let private coincide (spec: GameSpec) coefficient =
    let f = Games.quadratic spec :> IOperator
    let p = parameters f

    AffineIdentity.forEveryState
        (fixedPoint f)
        (Some(stored f))
        (step f p >> view p >> joined)
        (view p >> optimisticStep coefficient f p >> joined)

/// The same along runs of a game that is not affine: y_k of PEG is OGDA one step later.
let private coincideOnRuns ctx (spec: LogCoshSpec) coefficient =
    let f = Games.logCosh spec :> IOperator
    let p = parameters f

    let starts =
        CheckContext.gaussianStarts ctx 1 (CheckContext.pick 4 8 32 ctx) f.Dimension 3.0

    let other = {
        Method.on f p optimistic with
            Step = fun () s -> optimisticStep coefficient f p s
    }

    let first = optimisticStep 2.0 f p (optimistic.Init f p starts)
    Trajectories.same ctx (Method.on f p method) (init f starts) (fun s -> (view p s).Y) other first (fun s -> s.Y) 50

let private game mu curvature coupling : GameSpec = {
    Workers = 1
    Dimension = 2
    Mu = mu
    Curvature = curvature
    Coupling = coupling
    Deviation = 0.0
    Offset = 1.0
    Seed = 1
}

let private identity =
    "the points y_k of PEG are the iterates of OGDA started from y_0 = x_0 − γF(x_0), y_{−1} = x_0"

let same: Claim =
    Claim.create {
        Claim.spec
            "VI-SURVEY.3"
            ClaimKind.Exact
            $"{identity}; affine F, every state"
            (GameSpec.instances 1 4 |> Instances.startingWith [ game 0.1 1.0 1.0 ])
            (fun _ spec -> coincide spec 2.0) with
            Formula = @"y_{k+1} = y_k - 2\gamma F(y_k) + \gamma F(y_{k-1})"
            Source = "subtract two consecutive updates of PEG"
            Valid = fun spec -> spec.Mu > 0.0 || spec.Coupling > 0.0
            Falsifiers = [ Falsifier.check "2γ → 1.9γ" (fun _ spec -> coincide spec 1.9) ]
            Tight =
                Some {
                    Instance = game 0.1 1.0 1.0
                    AtLeast = 1.0
                }
    }

let sameNonlinear: Claim =
    Claim.create {
        Claim.spec
            "VI-SURVEY.3b"
            ClaimKind.Exact
            $"{identity}; F of a log-cosh game"
            (LogCoshSpec.instances 3 |> Instances.counts 1 4 20)
            (fun ctx spec -> coincideOnRuns ctx spec 2.0) with
            Formula = @"y_{k+1} = y_k - 2\gamma F(y_k) + \gamma F(y_{k-1})"
            Source = "as VI-SURVEY.3"
            Falsifiers = [ Falsifier.check "2γ → 1.9γ" (fun ctx spec -> coincideOnRuns ctx spec 1.9) ]
    }

let private contracts (spec: GameSpec) (gamma: IOperator -> float) (v: IOperator -> State -> Block) =
    let f = Games.quadratic spec :> IOperator
    let p = { Gamma = gamma f }
    Spectral.contraction (Method.on f p method) (fixedPoint f) (Some(stored f)) (v f) (contraction f p) 0.0

let private quarter f = (parameters f).Gamma

let lyapunovClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SURVEY.4"
            ClaimKind.Sure
            "PEG, γ = 1/(4L): V_{k+1} ≤ (1−γμ)V_k, V_k = ‖x_k − z*‖² + ‖x_k − y_{k−1}‖²/5; affine F, every state"
            (GameSpec.instances 1 4
             |> Instances.startingWith [ game 1.0 1.0 0.0; game 0.01 0.01 10.0 ])
            (fun _ spec -> contracts spec quarter lyapunov) with
            Formula = @"V_{k+1} \le (1-\gamma\mu)V_k,\quad V_k=\|x_k-z_*\|^2+\tfrac15\|x_k-y_{k-1}\|^2"
            Assumptions = "F μ-strongly monotone and L-Lipschitz, γ = 1/(4L); V_0 = ‖x_0 − z*‖²"
            Source = "derived from the basic inequality of the step and ‖x_{k+1} − y_k‖ = γ‖F(y_k) − F(y_{k−1})‖"
            Valid = fun spec -> spec.Mu > 0.0
            Falsifiers = [
                Falsifier.check "γ = 1/L" (fun _ spec -> contracts spec (fun f -> 1.0 / f.Lipschitz) lyapunov)
                Falsifier.check "V without its second term" (fun _ spec ->
                    contracts spec quarter (fun f s -> Block.normSquared (s.X - f.Solution)))
            ]
    }

let private alongRuns ctx (spec: LogCoshSpec) (gamma: IOperator -> float) =
    let f = Games.logCosh spec :> IOperator
    let p = { Gamma = gamma f }

    let starts =
        init
            f
            (f.Solution
             + CheckContext.gaussianStarts ctx 1 (CheckContext.pick 4 8 32 ctx) f.Dimension 3.0)

    // A search moves x and y₋; the stored value follows.
    let keep (s: State) = { s with Value = f.Operator s.Past }

    OneStep.contraction
        ctx
        (Method.on f p method)
        starts
        30
        (CheckContext.pick 4 12 40 ctx)
        keep
        (lyapunov f)
        (contraction f p)

let nonlinear: Claim =
    Claim.create {
        Claim.spec
            "VI-SURVEY.4b"
            ClaimKind.Sure
            "PEG, γ = 1/(4L): V_{k+1} ≤ (1−γμ)V_k, V_0 = ‖x_0 − z*‖²; F of a log-cosh game"
            (LogCoshSpec.instances 3 |> Instances.counts 1 4 20)
            (fun ctx spec -> alongRuns ctx spec quarter) with
            Formula = @"V_{k+1} \le (1-\gamma\mu)V_k"
            Assumptions = "as VI-SURVEY.4"
            Source = "as VI-SURVEY.4"
            Falsifiers = [
                Falsifier.check "γ = 1/L" (fun ctx spec -> alongRuns ctx spec (fun f -> 1.0 / f.Lipschitz))
            ]
    }
