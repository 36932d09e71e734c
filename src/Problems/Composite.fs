namespace Theory.Problems

open System
open Theory
open Theory.Numerics

/// min F(x) = f(x) + R(x): f = (1/n) Σ f_i smooth, R convex and proximable. Blocks of points are 1 × lanes × d.
type ICompositeSum =
    inherit IProx
    /// f.
    abstract Smooth: IFiniteSum
    /// The minimiser x* of F (1 × 1 × d); ∇f(x*) need not vanish.
    abstract Minimiser: Block
    /// F(x) − F*, one number per lane, without cancellation near x*.
    abstract Gap: Block -> Block
    /// μ > 0 of the Kurdyka–Łojasiewicz inequality ‖∇f(x) + u‖² ≥ 2μ(F(x) − F*) for every u ∈ ∂R(x).
    abstract Growth: float

/// What is added to a quadratic.
[<RequireQualifiedAccess>]
type Penalty =
    /// R(x) = (ρ/2)‖x‖²: the prox x/(1+γρ) is affine.
    | Ridge of rho: float
    /// R(x) = τ‖x‖₁: the prox is soft thresholding.
    | Lasso of tau: float

/// Quadratics with a penalty. The mean Hessian of a lasso must be diagonal, so that its solution has a closed form: soft
/// thresholding of the mean's minimiser, coordinate by coordinate.
[<Sealed>]
type PenalisedQuadratic(quadratic: Quadratic, penalty: Penalty) =
    let f = quadratic :> IFiniteSum
    let d = f.Dimension

    let weight =
        match penalty with
        | Penalty.Ridge v
        | Penalty.Lasso v -> v

    let diagonal = Array.init d (fun j -> quadratic.Mean[j, j])

    do
        if not (weight >= 0.0) then
            invalidArg (nameof penalty) $"The weight of a penalty must be nonnegative, got {weight}."

        for r in 0 .. d - 1 do
            for c in 0 .. d - 1 do
                if penalty.IsLasso && r <> c && quadratic.Mean[r, c] <> 0.0 then
                    invalidArg
                        (nameof quadratic)
                        $"The mean Hessian of a lasso must be diagonal; entry ({r}, {c}) is {quadratic.Mean[r, c]}."

    let minimiser =
        let centre = f.Minimiser.ToArray()

        match penalty with
        | Penalty.Ridge rho ->
            // F is the sum of two quadratics: that of f around its minimiser and R around 0.
            let ridge = LinearAlgebra.Diagonal(Array.create d rho)

            (Quadratic("f + R", [| quadratic.Mean; ridge |], [| centre; Array.zeroCreate d |]) :> IObjective).Minimiser
        | Penalty.Lasso tau ->
            Array.map2 (fun c a -> Math.CopySign(max (abs c - tau / a) 0.0, c)) centre diagonal
            |> Block.vector

    let growth =
        match penalty with
        | Penalty.Ridge rho -> f.StrongConvexity + rho
        | Penalty.Lasso _ -> f.StrongConvexity

    // −∇f(x*)/τ is a subgradient of ‖·‖₁: ± 1 where x* does not vanish, to the last bit.
    let slope =
        match penalty with
        | Penalty.Ridge _ -> Block.zeros 1 1 d
        | Penalty.Lasso tau ->
            Array.map2
                (fun g x -> if x = 0.0 then g else Math.CopySign(tau, -x))
                ((f.Gradient minimiser).ToArray())
                (minimiser.ToArray())
            |> Block.vector

    /// The penalty.
    member _.Penalty = penalty

    interface ICompositeSum with
        member _.Smooth = f
        member _.Minimiser = minimiser
        member _.Growth = growth

        member _.Gap x =
            let e = x - minimiser
            let curved = 0.5 * Block.dot e (e.Apply quadratic.Mean)

            match penalty with
            | Penalty.Ridge rho -> curved + (rho / 2.0) * Block.normSquared e
            // τ|x_j| + ∇_jf(x*) x_j ≥ 0, with equality at x*.
            | Penalty.Lasso tau -> curved + (slope * x + tau * Block.abs x).Sum()

    interface IProx with
        member _.Prox gamma x =
            match penalty with
            | Penalty.Ridge rho -> x / (1.0 + gamma * rho)
            | Penalty.Lasso tau -> x.SoftThreshold(gamma * tau)

    interface IProblem with
        member _.Name = $"{f.Name}, {penalty}"
        member _.Dimension = d

        member _.Constants =
            f.Constants
            @ [
                Constant.exact "growth" "strong convexity of f + R" growth (fun () ->
                    let rho = growth - f.StrongConvexity
                    Linear.smallestByBisection quadratic.Mean + rho)
            ]

/// A penalised quadratic described by a few numbers.
[<NoComparison>]
type PenalisedSpec = {
    Workers: int
    Dimension: int
    /// Condition number of every A_i; μ = 1, L = κ.
    Kappa: float
    /// ρ of the ridge, or τ of the lasso.
    Weight: float
    /// True for τ‖x‖₁ (with diagonal A_i), false for (ρ/2)‖x‖².
    Lasso: bool
    Seed: int
}

/// Builders of penalised quadratics.
[<RequireQualifiedAccess>]
module Composite =

    /// n quadratics with spectrum geometric from 1 to κ, centres Gaussian of scale 3, and the penalty. A ridge has random
    /// frames; a lasso's Hessians are diagonal, with the spectrum in another order on every worker.
    let penalised (spec: PenalisedSpec) : PenalisedQuadratic =
        let base' = {
            QuadraticSpec.Workers = spec.Workers
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Spread = 3.0
            Seed = spec.Seed
        }

        let f = Quadratic.distributed base'

        if spec.Lasso then
            let spectrum = Linear.geometric 1.0 spec.Kappa spec.Dimension

            let turned i =
                LinearAlgebra.Diagonal(Array.init spec.Dimension (fun j -> spectrum[(i + j) % spec.Dimension]))

            let name =
                $"{spec.Workers} diagonal quadratics, d = {spec.Dimension}, κ = {spec.Kappa:G4}"

            PenalisedQuadratic(Quadratic(name, Array.init spec.Workers turned, f.Centres), Penalty.Lasso spec.Weight)
        else
            PenalisedQuadratic(f, Penalty.Ridge spec.Weight)
