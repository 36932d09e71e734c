/// The unadjusted Langevin algorithm.
///
/// Dalalyan, Karagulyan, "User-friendly guarantees for the Langevin Monte Carlo with inaccurate gradient", SPA 129(12),
/// 2019, arXiv 1710.00095; Vempala, Wibisono, "Rapid convergence of the unadjusted Langevin algorithm", NeurIPS 2019,
/// arXiv 1903.08568.
/// Problem: π ∝ e^{−F}, F L-smooth and μ-strongly convex (so π satisfies LSI(μ)). On quadratics every law is Gaussian.
module Theory.Algorithms.SamplingAndDynamics.ULA

open Theory
open Theory.Numerics

type Parameters = { H: float }

/// h = 1/(6L), the largest step of SD-ULA.5.
let parameters (f: IObjective) : Parameters = { H = 1.0 / (6.0 * f.Smoothness) }

type State = {
    /// The sample x_k.
    X: Block
}

let init (x0: Block) : State = { X = x0 }

let step (f: IObjective) (p: Parameters) (xi: Block) (s: State) : State = {
    X = s.X - p.H * f.Gradient s.X + sqrt (2.0 * p.H) * xi
}

let method: Method<IObjective, Parameters, State, Block> = {
    Name = "ULA"
    Summary = "x⁺ = x − h∇F(x) + √(2h)ξ"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "h" p.H
            Condition.atMost "h" p.H "2/L" (2.0 / f.Smoothness)
        ]
    Draw = fun f _ -> Draw.gaussians 1 f.Dimension
    Init = fun _ _ x0 -> init x0
    Step = step
    Output = fun s -> s.X
    Cost = fun _ _ _ -> [ Charge.each Counter.Gradients 1.0 ]
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}
