/// SAGA.
///
/// Defazio, Bach, Lacoste-Julien, "SAGA: A Fast Incremental Gradient Method With Support for Non-Strongly Convex Composite
/// Objectives", NIPS 2014, arXiv 1407.0202.
/// Problem: f = (1/n) Σ f_i, f_i convex and L_i-smooth; f μ-strongly convex in (1), every f_i μ-strongly convex in (2).
module Theory.Algorithms.StochasticVarianceReduction.SAGA

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = { Gamma: float }

/// γ = 1/(6Lmax).
let parameters (f: IFiniteSum) : Parameters = {
    Gamma = 1.0 / (6.0 * Array.max f.Smoothnesses)
}

type State = {
    /// The iterate x.
    X: Block
    /// The table's points φ_1 … φ_n: where each summand's gradient was last taken.
    Phi: Block
}

let init (f: IFiniteSum) (x0: Block) : State = {
    X = x0
    Phi = Block.repeatWorkers f.Count x0
}

let step (f: IFiniteSum) (p: Parameters) (j: Indices) (s: State) : State =
    let table = Block.mean (f.Gradients s.Phi)
    let g = f.GradientAt j s.X - f.GradientAt j (s.Phi.PickWorkers j) + table

    {
        X = s.X - p.Gamma * g
        Phi = s.Phi.PutWorkers(j, s.X)
    }

/// V = ‖x−x*‖² + 4γ² Σ ‖∇f_i(φ_i) − ∇f_i(x*)‖².
let lyapunov (f: IFiniteSum) (p: Parameters) (s: State) =
    let spread = Block.totalNormSquared (f.Gradients s.Phi - f.Gradients f.Minimiser)
    Block.normSquared (s.X - f.Minimiser) + (4.0 * p.Gamma ** 2.0) * spread

/// max{1 − γμ, 1 − 1/(2n)}.
let contraction (f: IFiniteSum) (p: Parameters) =
    max (1.0 - p.Gamma * f.StrongConvexity) (1.0 - 0.5 / float f.Count)

let method: Method<IFiniteSum, Parameters, State, Indices> = {
    Name = "SAGA"
    Summary = "g = ∇f_j(x) − ∇f_j(φ_j) + mean ∇f_i(φ_i); x⁺ = x − γg; φ_j⁺ = x"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/(6Lmax)" (parameters f).Gamma
        ]
    Draw = fun f _ -> Draw.index f.Count
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.X
    // The paper keeps the gradients of the table, so a step costs one.
    Cost = fun _ _ _ -> [ Charge.each Counter.ComponentGradients 1.0 ]
    FixedPoint = fun f _ -> Some(init f f.Minimiser)
    Bounds =
        fun f p -> [
            if f.StrongConvexity > 0.0 then
                Bounds.linear "SV-SAGA.1: E V_k" true (lyapunov f p) (contraction f p)
        ]
}

// ---- Claims ----------------------------------------------------------------------------------------------------

/// A step without the table's mean.
let private uncorrected (f: IFiniteSum) (p: Parameters) (j: Indices) (s: State) =
    let next = step f p j s

    {
        next with
            X = next.X + p.Gamma * Block.mean (f.Gradients s.Phi)
    }

/// The method with γ multiplied by `stretch`, and perhaps another step, against V and its factor.
let private contracts (spec: QuadraticSpec) stretch (changed: IFiniteSum -> Parameters -> Indices -> State -> State) =
    let f = Quadratic.distributed spec :> IFiniteSum
    let p = parameters f

    let proc =
        Method.on f { p with Gamma = stretch * p.Gamma } { method with Step = changed }

    Spectral.contraction proc (init f f.Minimiser) None (lyapunov f p) (contraction f p) 0.0

let private standard: QuadraticSpec = {
    Workers = 4
    Dimension = 2
    Kappa = 10.0
    Spread = 1.0
    Seed = 1
}

let lyapunovClaim: Claim =
    Claim.create {
        Claim.spec
            "SV-SAGA.1"
            ClaimKind.Mean
            "E V_{k+1} ≤ max{1−γμ, 1−1/(2n)} E V_k, V = ‖x−x*‖² + 4γ² Σ‖∇f_i(φ_i)−∇f_i(x*)‖²"
            (Quadratic.instances 4 3 |> Instances.startingWith [ standard ])
            (fun _ spec -> contracts spec 1.0 step) with
            Formula = @"\mathbb E V_{k+1} \le \max\{1-\gamma\mu,\,1-\tfrac1{2n}\}\,V_k"
            Assumptions = "f_i convex L_i-smooth, f μ-strongly convex, γ ≤ 1/(6Lmax)"
            Source = "derived as SV-LSVRG.1 with p = 1/n"
            Falsifiers = [
                Falsifier.check "γ = 1.5/Lmax" (fun _ spec -> contracts spec 9.0 step)
                Falsifier.check "table average omitted" (fun _ spec -> contracts spec 1.0 uncorrected)
            ]
    }

/// SV-SAGA.2: E‖x_k−x*‖² ≤ (1 − min{1/(4n), μ/(3Lmax)})^k (‖x_0−x*‖² + (2n/(3Lmax))(f(x_0) − f*)), ∇f(x*) = 0.
let originalRate (f: IFiniteSum) (mu: float) : RunBound<State> =
    let largest = Array.max f.Smoothnesses
    let n = float f.Count
    let factor = 1.0 - min (0.25 / n) (mu / (3.0 * largest))

    {
        Name = "SV-SAGA.2: E‖x_k − x*‖²"
        Measure = fun s -> Block.normSquared (s.X - f.Minimiser)
        Summary = Summary.Last
        Scale =
            fun s ->
                Block.normSquared (s.X - f.Minimiser)
                + (2.0 * n / (3.0 * largest)) * (f.Value s.X - Block.scalar f.Infimum)
        Bound = fun k start -> factor ** float k * start
        InExpectation = true
    }

/// γ = 1/(3Lmax), all φ_i = x_0, from every start.
let private original (spec: QuadraticSpec) stretch (changed: IFiniteSum -> Parameters -> Indices -> State -> State) =
    let q = Quadratic.distributed spec
    let f = q :> IFiniteSum

    let p = {
        Gamma = stretch / (3.0 * Array.max f.Smoothnesses)
    }

    let claim = originalRate f (Array.min q.StrongConvexities)
    AllStarts.ofMethod f p { method with Step = changed } f.Minimiser [ 1; 2; 5; 10; 20; 50; 100; 150 ] claim

let originalClaim: Claim =
    Claim.create {
        Claim.spec
            "SV-SAGA.2"
            ClaimKind.Mean
            "E‖x_k−x*‖² ≤ (1−min{1/(4n), μ/(3Lmax)})^k (‖x_0−x*‖² + (2n/(3Lmax))(f(x_0)−f*)) for γ = 1/(3Lmax)"
            (Quadratic.instances 4 3 |> Instances.startingWith [ standard ])
            (fun _ spec -> original spec 1.0 step) with
            Formula =
                @"\mathbb E\|x_k-x_*\|^2 \le \left(1-\min\{\tfrac1{4n},\tfrac\mu{3L_{\max}}\}\right)^k\left[\|x_0-x_*\|^2+\tfrac{2n}{3L_{\max}}\left(f(x_0)-f_*-\langle\nabla f(x_*),x_0-x_*\rangle\right)\right]"
            Assumptions = "every f_i μ-strongly convex and L_i-smooth, γ = 1/(3Lmax), φ_i = x_0"
            Source = "arXiv 1407.0202, Corollary 1"
            Falsifiers = [
                Falsifier.check "table average omitted" (fun _ spec -> original spec 1.0 uncorrected)
                Falsifier.check "γ × 9" (fun _ spec -> original spec 9.0 step)
            ]
    }

let paper: Paper = {
    Key = "SV-SAGA"
    Title = "SAGA: A Fast Incremental Gradient Method With Support for Non-Strongly Convex Composite Objectives"
    Citation = "Defazio, Bach, Lacoste-Julien, NIPS 2014, arXiv 1407.0202"
    Family = "stochastic-variance-reduction"
    Problem = "f = (1/n) Σ f_i, f_i convex and L_i-smooth; f μ-strongly convex (1), every f_i μ-strongly convex (2)"
    Methods = [ MethodEntry.create method ]
    Claims = [ lyapunovClaim; originalClaim ]
}
