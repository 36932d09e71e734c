/// Methods that combine gradients of the past: Nesterov's two forms and, for quadratics, conjugate gradients.
///
/// Nesterov, Soviet Math. Doklady 27 (1983), and "Introductory Lectures on Convex Optimization", 2004; Beck, Teboulle, SIAM
/// J. Imaging Sci. 2 (2009); Hestenes, Stiefel, J. Res. Nat. Bur. Standards 49 (1952). Their claims are in `Nesterov`.
module Theory.Algorithms.StochasticVarianceReduction.AcceleratedGradient

open Theory
open Theory.Numerics
open Theory.Algorithms

type Parameters = { Gamma: float; Beta: float }

/// γ = 1/L, β = (√κ − 1)/(√κ + 1).
let parameters (f: IObjective) : Parameters =
    let root = sqrt (f.StrongConvexity / f.Smoothness)

    {
        Gamma = 1.0 / f.Smoothness
        Beta = (1.0 - root) / (1.0 + root)
    }

type State = {
    /// The iterate x_k.
    X: Block
    /// The iterate before, x_{k−1}.
    Previous: Block
}

let init (x0: Block) : State = { X = x0; Previous = x0 }

let step (f: IObjective) (p: Parameters) (s: State) : State =
    let y = s.X + p.Beta * (s.X - s.Previous)

    {
        X = y - p.Gamma * f.Gradient y
        Previous = s.X
    }

/// f(x) − f*.
let gapAt (f: IObjective) x = f.Value x - Block.scalar f.Infimum

/// SV-NAG.1: f(x_k) − f* ≤ (1 − 1/√κ)^k (f(x_0) − f* + (μ/2)‖x_0 − x*‖²).
let stronglyRate (f: IObjective) : RunBound<State> =
    let mu = f.StrongConvexity

    {
        Name = "SV-NAG.1: f(x_k) − f*"
        Measure = fun s -> gapAt f s.X
        Summary = Summary.Last
        Scale = fun s -> gapAt f s.X + 0.5 * mu * Block.normSquared (s.X - f.Minimiser)
        Bound = fun k start -> (1.0 - sqrt (mu / f.Smoothness)) ** float k * start
        InExpectation = false
    }

let method: Method<IObjective, Parameters, State, unit> = {
    Name = "NAG-SC"
    Summary = "y = x + β(x − x₋); x⁺ = y − γ∇f(y)"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/L" (1.0 / f.Smoothness)
            Condition.positive "μ" f.StrongConvexity
        ]
    Draw = fun _ _ -> Draw.none
    Init = fun _ _ x0 -> init x0
    Step = fun f p () s -> step f p s
    Output = fun s -> s.X
    Cost = fun _ _ () -> [ Charge.each Counter.Gradients 1.0 ]
    FixedPoint = fun f _ -> Some(init f.Minimiser)
    Bounds =
        fun f _ -> [
            if f.StrongConvexity > 0.0 then
                stronglyRate f
        ]
}

/// The convex form's stepsize.
type ConvexParameters = { Gamma: float }

type ConvexState = {
    /// The iterate x_k.
    X: Block
    /// Where the next gradient is taken, y_{k+1}.
    Y: Block
    /// t_{k+1}; the same in every lane.
    T: float
}

let convexInit (x0: Block) : ConvexState = { X = x0; Y = x0; T = 1.0 }

let convexStep (f: IObjective) (p: ConvexParameters) (s: ConvexState) : ConvexState =
    let x = s.Y - p.Gamma * f.Gradient s.Y
    let t = (1.0 + sqrt (1.0 + 4.0 * s.T * s.T)) / 2.0

    {
        X = x
        Y = x + ((s.T - 1.0) / t) * (x - s.X)
        T = t
    }

/// SV-NAG.2: f(x_k) − f* ≤ 2‖x_0 − x*‖²/(γ(k+1)²).
let convexRate (f: IObjective) (p: ConvexParameters) : RunBound<ConvexState> = {
    Name = "SV-NAG.2: f(x_k) − f*"
    Measure = fun s -> gapAt f s.X
    Summary = Summary.Last
    Scale = fun s -> Block.normSquared (s.X - f.Minimiser)
    Bound = fun k start -> 2.0 * start / (p.Gamma * float (k + 1) ** 2.0)
    InExpectation = false
}

let convexMethod: Method<IObjective, ConvexParameters, ConvexState, unit> = {
    Name = "NAG-C"
    Summary = "x = y − γ∇f(y); t⁺ = (1+√(1+4t²))/2; y⁺ = x + ((t−1)/t⁺)(x − x₋)"
    Rule = fun f -> { Gamma = 1.0 / f.Smoothness }
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/L" (1.0 / f.Smoothness)
        ]
    Draw = fun _ _ -> Draw.none
    Init = fun _ _ x0 -> convexInit x0
    Step = fun f p () s -> convexStep f p s
    Output = fun s -> s.X
    Cost = fun _ _ () -> [ Charge.each Counter.Gradients 1.0 ]
    FixedPoint = fun f _ -> Some(convexInit f.Minimiser)
    Bounds = fun f p -> [ convexRate f p ]
}

/// Conjugate gradients have nothing to choose.
type ConjugateState = {
    /// The iterate x_k.
    X: Block
    /// The residual −∇f(x_k).
    Residual: Block
    /// The search direction.
    Direction: Block
}

/// The state at x0: the first direction is the steepest descent.
let conjugateInit (f: IObjective) (x0: Block) : ConjugateState =
    let r = -(f.Gradient x0)
    { X = x0; Residual = r; Direction = r }

// a/b per lane; 0 where the method has arrived and both vanish.
let private ratio (a: Block) (b: Block) =
    a.Zip(b, (fun a b -> if b > 0.0 then a / b else 0.0))

/// One step on a quadratic: the Hessian's product with the direction is a difference of gradients.
let conjugateStep (f: IObjective) (s: ConjugateState) : ConjugateState =
    let image = f.Gradient(s.X + s.Direction) - f.Gradient s.X
    let square = Block.normSquared s.Residual
    let alpha = ratio square (Block.dot s.Direction image)
    let residual = s.Residual - alpha * image

    {
        X = s.X + alpha * s.Direction
        Residual = residual
        Direction = residual + ratio (Block.normSquared residual) square * s.Direction
    }
