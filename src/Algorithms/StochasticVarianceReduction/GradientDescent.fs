/// Gradient descent.
///
/// Folklore; the exact constant of the convex case is due to Drori and Teboulle, "Performance of first-order methods
/// for smooth convex minimization", Mathematical Programming 145 (2014).
/// Problem: min f on R^d with f L-smooth; μ-strongly convex in (1), convex in (2), bounded below in (3).
module Theory.Algorithms.StochasticVarianceReduction.GradientDescent

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = { Gamma: float }

/// γ = 2/(L + μ): the best constant stepsize on quadratics.
let parameters (f: IObjective) : Parameters = {
    Gamma = 2.0 / (f.Smoothness + f.StrongConvexity)
}

type State = {
    /// The iterate x_k.
    X: Block
}

let init (x0: Block) : State = { X = x0 }

let step (f: IObjective) (p: Parameters) (s: State) : State = {
    X = s.X - p.Gamma * f.Gradient s.X
}

/// ‖x − x*‖².
let distance (f: IObjective) (s: State) = Block.normSquared (s.X - f.Minimiser)

/// (1 − γμ)², the factor of SV-GD.1 for γ ≤ 2/(L + μ).
let contraction (f: IObjective) (p: Parameters) = (1.0 - p.Gamma * f.StrongConvexity) ** 2.0

let method: Method<IObjective, Parameters, State, unit> = {
    Name = "GD"
    Summary = "x⁺ = x − γ∇f(x)"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "2/(L+μ)" (2.0 / (f.Smoothness + f.StrongConvexity))
        ]
    Draw = fun _ _ -> Draw.none
    Init = fun _ _ x0 -> init x0
    Step = fun f p () s -> step f p s
    Output = fun s -> s.X
    Cost = fun _ _ () -> [ Charge.each Counter.Gradients 1.0 ]
    FixedPoint = fun f _ -> Some { X = f.Minimiser }
    Bounds = fun f p -> [ Bounds.linear "SV-GD.1: ‖x_k − x*‖²" false (distance f) (contraction f p) ]
}

// ---- Claims ----------------------------------------------------------------------------------------------------

/// Spectral evidence for a factor on ‖x − x*‖² on one quadratic.
let private contracts (spec: QuadraticSpec) (stepsize: IObjective -> float) (factor: IObjective -> Parameters -> float) =
    let f = Quadratic.distributed spec
    let p = { Gamma = stepsize f }
    Spectral.contraction (Method.on (f :> IObjective) p method) { X = (f :> IObjective).Minimiser } None (distance f) (factor f p) 0.0

let private best (f: IObjective) = (parameters f).Gamma

let private tight: QuadraticSpec = {
    Workers = 1
    Dimension = 2
    Kappa = 10.0
    Spread = 1.0
    Seed = 1
}

let strongly: Claim =
    Claim.create {
        Claim.spec
            "SV-GD.1"
            ClaimKind.Sure
            "‖x_k − x*‖² ≤ (1−γμ)^{2k} ‖x_0 − x*‖² for γ ≤ 2/(L+μ)"
            (Quadratic.instances 3 5 |> Instances.startingWith [ tight ])
            (fun _ spec -> contracts spec best contraction) with
            Formula = @"\|x_k-x_*\|^2 \le (1-\gamma\mu)^{2k}\|x_0-x_*\|^2"
            Assumptions = "f μ-strongly convex and L-smooth, 0 < γ ≤ 2/(L+μ)"
            Source = "folklore; from ⟨∇f(x), x−x*⟩ ≥ μL/(μ+L)‖x−x*‖² + ‖∇f(x)‖²/(μ+L)"
            Falsifiers = [
                Falsifier.check "γ = 2.01/L" (fun _ spec -> contracts spec (fun f -> 2.01 / f.Smoothness) (fun _ _ -> 1.0))
                Falsifier.check "factor (1−1.05γμ)²" (fun _ spec ->
                    contracts spec best (fun f p -> (1.0 - 1.05 * p.Gamma * f.StrongConvexity) ** 2.0))
            ]
            Tight = Some { Instance = tight; AtLeast = 0.999999 }
    }

let paper: Paper = {
    Key = "SV-GD"
    Title = "Gradient descent"
    Citation = "folklore; Drori, Teboulle, Mathematical Programming 145 (2014)"
    Family = "stochastic-variance-reduction"
    Problem = "min f on R^d, f L-smooth; μ-strongly convex (1), convex (2), bounded below (3)"
    Methods = [ MethodEntry.create method ]
    Claims = [ strongly ]
}
