/// L-SVRG: loopless SVRG.
///
/// Kovalev, Horváth, Richtárik, "Don't Jump Through Hoops and Remove Those Loops: SVRG and Katyusha are Better Without the
/// Outer Loop", ALT 2020, arXiv 1901.08689.
/// Problem: f = (1/n) Σ f_i, f_i convex and L_i-smooth, f μ-strongly convex.
module Theory.Algorithms.StochasticVarianceReduction.LSVRG

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = { Gamma: float; P: float }

/// γ = 1/(6Lmax), p = 1/n.
let parameters (f: IFiniteSum) : Parameters = {
    Gamma = 1.0 / (6.0 * Array.max f.Smoothnesses)
    P = 1.0 / float f.Count
}

type State = {
    /// The iterate x.
    X: Block
    /// The reference point w.
    W: Block
    /// ∇f(w), kept so that it is computed only when w moves.
    G: Block
}

let init (f: IFiniteSum) (x0: Block) : State = { X = x0; W = x0; G = f.Gradient x0 }

let step (f: IFiniteSum) (p: Parameters) (i: Indices, coin: Mask) (s: State) : State =
    let g = f.GradientAt i s.X - f.GradientAt i s.W + s.G

    {
        X = s.X - p.Gamma * g
        // The reference moves to the old x.
        W = Block.choose coin s.X s.W
        G = Branch.choose coin (fun () -> f.Gradient s.X) (fun () -> s.G)
    }

/// Φ = ‖x−x*‖² + (4γ²/(pn)) Σ ‖∇f_i(w) − ∇f_i(x*)‖².
let lyapunov (f: IFiniteSum) (p: Parameters) (s: State) =
    let spread = Block.meanNormSquared (f.Gradients s.W - f.Gradients f.Minimiser)
    Block.normSquared (s.X - f.Minimiser) + (4.0 * p.Gamma ** 2.0 / p.P) * spread

/// max{1 − γμ, 1 − p/2}.
let contraction (f: IFiniteSum) (p: Parameters) =
    max (1.0 - p.Gamma * f.StrongConvexity) (1.0 - p.P / 2.0)

let method: Method<IFiniteSum, Parameters, State, Indices * Mask> = {
    Name = "L-SVRG"
    Summary = "g = ∇f_i(x) − ∇f_i(w) + ∇f(w); x⁺ = x − γg; w⁺ = x with probability p"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/(6Lmax)" (parameters f).Gamma
            Condition.probability "p" p.P
        ]
    Draw = fun f p -> Draw.both (Draw.index f.Count) (Draw.coin p.P)
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.X
    Cost =
        fun _ _ (_, coin) -> [
            Charge.each Counter.ComponentGradients 2.0
            Charge.whenHeads Counter.Gradients 1.0 coin
        ]
    FixedPoint = fun f _ -> Some(init f f.Minimiser)
    Bounds =
        fun f p -> [
            if f.StrongConvexity > 0.0 then
                Bounds.linear "SV-LSVRG.1: E Φ_k" true (lyapunov f p) (contraction f p)
        ]
}

// ---- Claims ----------------------------------------------------------------------------------------------------

/// States are those whose kept gradient is that of w.
let private consistent (f: IFiniteSum) (s: State) = s.G - f.Gradient s.W

/// The method with parameters `run` against Φ and its factor at the parameters `p` of the theorem.
let private contracts (spec: QuadraticSpec) (change: Parameters -> Parameters) =
    let f = Quadratic.distributed spec :> IFiniteSum
    let p = parameters f

    Spectral.contraction
        (Method.on f (change p) method)
        (init f f.Minimiser)
        (Some(consistent f))
        (lyapunov f p)
        (contraction f p)
        0.0

let private standard: QuadraticSpec = {
    Workers = 3
    Dimension = 2
    Kappa = 10.0
    Spread = 1.0
    Seed = 1
}

let lyapunovClaim: Claim =
    Claim.create {
        Claim.spec
            "SV-LSVRG.1"
            ClaimKind.Mean
            "E Φ_{k+1} ≤ max{1−γμ, 1−p/2} E Φ_k, Φ = ‖x−x*‖² + (4γ²/(pn)) Σ‖∇f_i(w)−∇f_i(x*)‖²"
            (Quadratic.instances 5 3 |> Instances.startingWith [ standard ])
            (fun _ spec -> contracts spec id) with
            Formula = @"\mathbb E\Phi_{k+1} \le \max\{1-\gamma\mu,\,1-p/2\}\,\Phi_k"
            Assumptions = "f_i convex L_i-smooth, f μ-strongly convex, γ ≤ 1/(6Lmax)"
            Source = "arXiv 1901.08689, Theorem 5; re-derived"
            Falsifiers = [
                Falsifier.check "γ = 6/Lmax" (fun _ spec -> contracts spec (fun p -> { p with Gamma = 36.0 * p.Gamma }))
                Falsifier.check "w never moves" (fun _ spec -> contracts spec (fun p -> { p with P = 0.0 }))
            ]
    }

/// E g = ∇f(x) from every (x, w); with one summand every outcome is the gradient step. `withReference` keeps ∇f(w).
let private unbiased (withReference: bool) (spec: QuadraticSpec) =
    let f = Quadratic.distributed spec :> IFiniteSum
    let p = parameters f
    let proc = Method.on f p method

    let proc =
        if withReference then
            proc
        else
            {
                proc with
                    Step = fun o s -> proc.Step o { s with G = 0.0 * s.G }
            }

    let gradientStep (s: State) = s.X - p.Gamma * f.Gradient s.X
    let centre = init f f.Minimiser

    if f.Count = 1 then
        AffineIdentity.everyOutcome proc centre (Some(consistent f)) (fun s -> s.X) gradientStep
    else
        AffineIdentity.mean proc centre (Some(consistent f)) (fun s -> s.X) gradientStep

let unbiasedClaim: Claim =
    Claim.create {
        Claim.spec
            "SV-LSVRG.2"
            ClaimKind.Exact
            "E[x⁺ | x, w] = x − γ∇f(x) from every (x, w); for n = 1 every step is a gradient step, whatever p"
            (Quadratic.instances 5 3
             |> Instances.startingWith [ standard; { standard with Workers = 1 } ])
            (fun _ spec -> unbiased true spec) with
            Formula = @"\mathbb E_i[\nabla f_i(x)-\nabla f_i(w)+\nabla f(w)]=\nabla f(x)"
            Assumptions = "i uniform"
            Source = "derived"
            Falsifiers = [ Falsifier.check "∇f(w) dropped" (fun _ spec -> unbiased false spec) ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }

let paper: Paper = {
    Key = "SV-LSVRG"
    Title = "Don't Jump Through Hoops and Remove Those Loops"
    Citation = "Kovalev, Horváth, Richtárik, ALT 2020, arXiv 1901.08689"
    Family = "stochastic-variance-reduction"
    Problem = "f = (1/n) Σ f_i, f_i convex and L_i-smooth, f μ-strongly convex"
    Methods = [ MethodEntry.create method ]
    Claims = [ lyapunovClaim; unbiasedClaim ]
}
