namespace Theory

open Theory.Numerics

/// A problem instance: its size, its certified constants.
type IProblem =
    /// What the instance is, in one line.
    abstract Name: string
    /// Dimension d of the variable.
    abstract Dimension: int
    /// All constants with their certificates.
    abstract Constants: Constant list

/// min f(x). Blocks of points are 1 × lanes × d.
type IObjective =
    inherit IProblem
    /// f(x), one number per lane.
    abstract Value: Block -> Block
    /// ∇f(x).
    abstract Gradient: Block -> Block
    /// A minimiser (1 × 1 × d), exact to rounding or, for logistic regression, to ‖∇f‖ ≤ 1e-12.
    abstract Minimiser: Block
    /// inf f.
    abstract Infimum: float
    /// Smoothness constant L of f.
    abstract Smoothness: float
    /// Strong convexity (or PL) constant μ of f; 0 when f is not known to have one.
    abstract StrongConvexity: float

/// f = (1/n) Σ f_i over n workers or samples.
type IFiniteSum =
    inherit IObjective
    /// n.
    abstract Count: int
    /// ∇f_i(x_i) for every i: points 1 × lanes × d or n × lanes × d; result n × lanes × d.
    abstract Gradients: Block -> Block
    /// Mean of ∇f_i(x) over the lane's own indices i (with multiplicity).
    abstract GradientAt: Indices -> Block -> Block
    /// Smoothness constants L_i.
    abstract Smoothnesses: float[]

/// A finite sum whose every summand is strongly convex on its own (or convex, with constant 0).
type IStronglyConvexSum =
    inherit IFiniteSum
    /// Strong convexity constants μ_i of the f_i, certified.
    abstract StrongConvexities: float[]

/// F(z) = 0: a variational inequality without constraints. Blocks of points are 1 × lanes × d.
type IOperator =
    inherit IProblem
    /// F(z).
    abstract Operator: Block -> Block
    /// The solution z* (1 × 1 × d).
    abstract Solution: Block
    /// Lipschitz constant L of F.
    abstract Lipschitz: float
    /// Strong monotonicity constant μ; 0 for a merely monotone F.
    abstract Monotonicity: float

/// F = (1/n) Σ F_i.
type IFiniteSumOperator =
    inherit IOperator
    /// n.
    abstract Count: int
    /// F_i(z_i) for every i: points 1 × lanes × d or n × lanes × d; result n × lanes × d.
    abstract Operators: Block -> Block
    /// Mean of F_i(z) over the lane's own indices i.
    abstract OperatorAt: Indices -> Block -> Block

/// ∇²f(x), per lane a d × d matrix.
type IHessian =
    inherit IObjective
    /// ∇²f(x) at points 1 × lanes × d.
    abstract Hessian: Block -> Block

/// min f(x) + ψ(x) with a proximable ψ.
type IProx =
    inherit IProblem
    /// argmin_u ψ(u) + ‖u − x‖²/(2γ).
    abstract Prox: gamma: float -> x: Block -> Block

/// A linear minimisation oracle over the unit ball of a norm.
type ILinearMinimisation =
    /// argmin of ⟨g, u⟩ over ‖u‖ ≤ 1.
    abstract Minimise: g: Block -> Block
    /// The dual norm ‖g‖_*, one number per worker and lane.
    abstract DualNorm: g: Block -> Block

/// Additive noise of a gradient or operator oracle, as a draw.
[<NoEquality; NoComparison>]
type NoiseOracle = {
    /// The law in words.
    Name: string
    /// Draws ξ (1 × lanes × d) with E ξ = 0.
    Draw: Draw<Block>
    /// The moment order a of E‖ξ‖^a ≤ σ^a; 2 for bounded variance.
    Order: float
    /// σ, certified.
    Sigma: Constant
}
