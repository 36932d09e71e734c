/// What methods share that run epochs of a geometric number of inner steps under similarity (OLGA, VRCS): an inner loop
/// from x_0 = x to x_N on the server's proximal steps, an accelerated outer loop around it, and the two inequalities that
/// both papers rest on, proved over the exact law of an epoch for all starts at once.
module Theory.Algorithms.VariationalInequalities.SimilarityEpochs

open Theory
open Theory.Numerics
open Theory.Algorithms

/// Parameters of both loops.
type Weights = {
    /// Stepsize θ of the inner proximal steps.
    Theta: float
    /// Probability p that an epoch stops after an inner step.
    P: float
    /// Weight τ of z in the epoch's start.
    Tau: float
    /// Stepsize α of z.
    Alpha: float
}

/// τ = share·min{√(μθ/p), 1}, α = θ/(divisor·pτ).
let weights (share: float) (divisor: float) (mu: float) (theta: float) (p: float) : Weights =
    let tau = share * min (sqrt (mu * theta / p)) 1.0

    {
        Theta = theta
        P = p
        Tau = tau
        Alpha = theta / (divisor * p * tau)
    }

/// State of an inner loop.
type Inner = {
    /// The iterate x_k.
    X: Block
    /// Its start x_0.
    Start: Block
}

/// State of the outer loop.
type Outer = {
    /// The end y of the last epoch.
    Y: Block
    /// The slow sequence z.
    Z: Block
}

/// x = τz + (1−τ)y, where the next epoch starts.
let extrapolate (w: Weights) (s: Outer) : Block = w.Tau * s.Z + (1.0 - w.Tau) * s.Y

/// argmin_z ‖z − z_k‖²/(2α) + ⟨g, z⟩ + (μ/2)‖z − y⁺‖².
let descend (mu: float) (w: Weights) (g: Block) (z: Block) (y: Block) : Block =
    (1.0 / (1.0 + mu * w.Alpha)) * (z - w.Alpha * g + (mu * w.Alpha) * y)

/// The outer state after an epoch from x to y, with ∇h for the proximal function h of the inner loop.
let outerStep (mu: float) (w: Weights) (gradientH: Block -> Block) (x: Block) (y: Block) (z: Block) : Outer = {
    Y = y
    Z = descend mu w (w.P * (gradientH x - gradientH y)) z y
}

/// Y = (α/τ)(f(y) − f*).
let valuePart (f: IObjective) (w: Weights) (s: Outer) = (w.Alpha / w.Tau) * Objective.gap f s.Y

/// Z = ((1+μα)/2)‖z − x*‖².
let distancePart (f: IObjective) (w: Weights) (s: Outer) =
    (0.5 * (1.0 + f.StrongConvexity * w.Alpha))
    * Block.normSquared (s.Z - f.Minimiser)

/// Y + Z.
let lyapunov f w s = valuePart f w s + distancePart f w s

/// (1−τ)Y + Z/(1+μα), the theorems' bound on E[Y⁺ + Z⁺].
let bound (f: IObjective) (w: Weights) (s: Outer) =
    (1.0 - w.Tau) * valuePart f w s
    + (1.0 / (1.0 + f.StrongConvexity * w.Alpha)) * distancePart f w s

/// (1−τ)(Y + Z).
let contractedBound (f: IObjective) (w: Weights) (s: Outer) = (1.0 - w.Tau) * lyapunov f w s

// ---- Exact statements on affine inner steps ---------------------------------------------------------------------

/// An inner loop together with the outer state that started it.
type Whole = {
    /// The iterate x_k.
    X: Block
    /// Its start x_0 = τz + (1−τ)y.
    Start: Block
    Y: Block
    Z: Block
}

let outerOf (s: Whole) : Outer = { Y = s.Y; Z = s.Z }

/// An epoch about to start.
let begun (w: Weights) (s: Outer) : Whole =
    let x = extrapolate w s

    { X = x; Start = x; Y = s.Y; Z = s.Z }

/// The inner process on larger states.
let wholeProcess (inner: Process<Inner, 'D>) : Process<Whole, 'D> = {
    Name = inner.Name
    Draw = inner.Draw
    Step =
        fun draw s -> {
            s with
                X = (inner.Step draw { X = s.X; Start = s.Start }).X
        }
    Cost = inner.Cost
}

/// Zero on states in which an epoch is about to start.
let private beginning (w: Weights) (s: Whole) =
    Block.ConcatDimension(s.X - s.Start, s.Start - extrapolate w (outerOf s))

/// The outer state that follows the end of an epoch.
let ended (f: IObjective) (w: Weights) gradientH (s: Whole) : Outer =
    outerStep f.StrongConvexity w gradientH s.Start s.X s.Z

/// E[Y⁺ + Z⁺] ≤ limit(y, z) over one epoch, from every (y, z).
let outerInequality
    (f: IObjective)
    (w: Weights)
    gradientH
    (inner: Process<Inner, 'D>)
    (limit: Outer -> Block)
    : Evidence =
    GeometricStop.oneEpoch w.P {
        Process = wholeProcess inner
        Centre = begun w { Y = f.Minimiser; Z = f.Minimiser }
        Keeps = Some(beginning w)
        Measure = ended f w gradientH >> lyapunov f w
        Bound = outerOf >> limit
        Relation = Relation.AtMost
        MatchMoments = false
    }

/// An inner loop next to a fixed test point.
type Tested = {
    /// The iterate x_k.
    X: Block
    /// Its start x_0.
    Start: Block
    /// The test point x.
    Test: Block
}

/// E[f(x_N) − f(x)] ≤ E[c⟨x − x_0, ∇h(x_N) − ∇h(x_0)⟩ − (p/2)D_h(x_0, x_N) − (μ/2)‖x_N − x‖²] for every x_0 and every
/// test point x, f and h quadratic; the negative terms stand on the left. c = p where the statement is right.
let innerInequality (f: IObjective) (p: float) (factor: float) gradientH (inner: Process<Inner, 'D>) : Evidence =
    let divergence (s: Tested) =
        0.5 * Block.dot (gradientH s.X - gradientH s.Start) (s.X - s.Start)

    GeometricStop.oneEpoch p {
        Process = {
            Name = inner.Name
            Draw = inner.Draw
            Step =
                fun draw (s: Tested) -> {
                    s with
                        X = (inner.Step draw { X = s.X; Start = s.Start }).X
                }
            Cost = inner.Cost
        }
        Centre = {
            X = f.Minimiser
            Start = f.Minimiser
            Test = f.Minimiser
        }
        Keeps = Some(fun s -> s.X - s.Start)
        Measure =
            fun s ->
                Objective.gap f s.X
                + (0.5 * p) * divergence s
                + (0.5 * f.StrongConvexity) * Block.normSquared (s.X - s.Test)
        Bound =
            fun s ->
                Objective.gap f s.Test
                + factor * Block.dot (s.Test - s.Start) (gradientH s.X - gradientH s.Start)
        Relation = Relation.AtMost
        MatchMoments = false
    }
