/// C-AEG: two levels of accelerated gradient sliding, so that each group of clients is asked as often as its own similarity
/// needs. The outer level splits off f − f_1, the inner one g − g_1.
///
/// Bylinkin, Skorik, Bystrov et al., "Accelerated Methods with Complexity Separation Under Data Similarity for Federated
/// Learning Problems", 2026; built from AEG (Kovalev et al., arXiv 2205.15136), which its stated rates determine.
/// Problem: h = f + g μ-strongly convex, g, f_1 and f_1 + g_1 convex, f − f_1 δ_f-smooth, g − g_1 δ_g-smooth, δ_f ≤ δ_g.
module Theory.Algorithms.VariationalInequalities.CAEG

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.VRCS

/// The constants that both levels compute their stepsizes from, and the number of inner steps.
type Parameters = {
    Mu: float
    DeltaF: float
    DeltaG: float
    InnerSteps: int
}

/// AEG's parameters at the outer level.
let outer (p: Parameters) : AEG.Parameters = AEG.parametersOf p.Mu p.DeltaF

/// AEG's parameters at the inner level, whose problem is 2δ_f-strongly convex.
let inner (p: Parameters) : AEG.Parameters =
    AEG.parametersOf (2.0 * p.DeltaF) p.DeltaG

/// Inner steps that make ‖∇A(y)‖² ≤ (δ_f²/3)‖x_g − argmin A‖² sure. The inner Ψ starts at most at
/// (1/η + L_A/τ)‖x_g − argmin A‖², contracts at each step, and ‖∇A(y)‖² ≤ L_AτΨ, for L_A = 2δ_f + smoothness of f_1 + g.
let sufficientSteps (f: IGroupedSum) (p: Parameters) : int =
    let a = inner p
    let la = 2.0 * p.DeltaF + f.MixedSmoothness

    let excess = 3.0 * la * a.Tau * (1.0 / a.Eta + la / a.Tau) / p.DeltaF ** 2.0

    max 1 (int (ceil (log excess / -(log (AEG.contraction a)))))

let parameters (f: IGroupedSum) : Parameters =
    let p = {
        Mu = f.StrongConvexity
        DeltaF = f.SimilarityF
        DeltaG = f.SimilarityG
        InnerSteps = 1
    }

    {
        p with
            InnerSteps = sufficientSteps f p
    }

/// ∇A(y) for A(y) = ⟨∇p(x_g), y⟩ + δ_f‖y − x_g‖² + f_1(y) + g(y); `slope` is ∇p(x_g).
let innerGradient (f: IGroupedSum) (p: Parameters) (slope: Block) (xg: Block) (y: Block) : Block =
    slope + (2.0 * p.DeltaF) * (y - xg) + f.ServerF y + Block.mean (f.GradientsG y)

/// A split into g − g_1 and a rest that the server has: its problem with ‖y − c‖²/(2θ) is one with h_1 and both squares.
let private innerOracles (f: IGroupedSum) (p: Parameters) (slope: Block) (xg: Block) : AEG.Oracles = {
    GradientP = apartG f
    Gradient = innerGradient f p slope xg
    Solve =
        fun theta g c ->
            let weight = 2.0 * p.DeltaF
            let both = 1.0 / (1.0 / theta + weight)
            f.ServerStep both (g + slope) (both * ((1.0 / theta) * c + weight * xg))
}

/// One step of the inner loop.
let innerStep f (p: Parameters) slope xg (s: AEG.State) : AEG.State =
    let next = AEG.stepWith (innerOracles f p slope xg) (inner p) s
    next.X.Materialise() |> ignore
    next.Fast.Materialise() |> ignore
    next

/// The outer step with a given inner solver: ∇p(x_g), x_g ↦ x_f⁺.
let stepWith (f: IGroupedSum) (p: Parameters) (solve: Block -> Block -> Block) (s: AEG.State) : AEG.State =
    AEG.stepWith
        {
            GradientP = apartF f
            Gradient = f.Gradient
            Solve = fun _ slope xg -> solve slope xg
        }
        (outer p)
        s

/// The inner loop with its fixed number of steps.
let solve f (p: Parameters) (slope: Block) (xg: Block) : Block =
    let slope, xg = slope.Materialise(), xg.Materialise()

    (AEG.init xg, seq { 1 .. p.InnerSteps })
    ||> Seq.fold (fun s _ -> innerStep f p slope xg s)
    |> fun s -> s.Fast

let step f p s : AEG.State = stepWith f p (solve f p) s

/// Ψ = ‖x − x*‖²/η + (2/τ)(h(x_f) − h*).
let lyapunov (f: IObjective) (p: AEG.Parameters) (s: AEG.State) : Block =
    (1.0 / p.Eta) * Block.normSquared (s.X - f.Minimiser)
    + (2.0 / p.Tau) * Objective.gap f s.Fast

/// Rounds of an outer step with n inner ones: ∇f at x_g and x_f⁺; ∇g at x_f⁺ and twice in each inner step.
let groupRounds (n: int) = 2, 1 + 2 * n

let method: Method<IGroupedSum, Parameters, AEG.State, unit> = {
    Name = "C-AEG"
    Summary = "AEG on (f − f_1) + (f_1 + g), whose server problem is solved by AEG on (g − g_1) + the rest from x_g"
    Rule = parameters
    Conditions =
        fun f p -> [
            {
                Text = "f_1 + g and f_1 + g_1 are convex"
                Holds = f.ServerConvex
            }
            Condition.positive "δ_f" p.DeltaF
            Condition.atMost "δ_f" f.SimilarityF "its parameter" p.DeltaF
            Condition.atMost "δ_g" f.SimilarityG "its parameter" p.DeltaG
            Condition.positive "μ" p.Mu
            Condition.atMost "μ" p.Mu "μ of h" f.StrongConvexity
            Condition.atMost "sufficient inner steps" (float (sufficientSteps f p)) "inner steps" (float p.InnerSteps)
        ]
    Draw = fun _ _ -> Draw.none
    Init = fun _ _ x0 -> AEG.init x0
    Step = fun f p () s -> step f p s
    Output = fun s -> s.Fast
    Cost =
        fun f p () ->
            let struct (clientsF, clientsG) = f.Clients
            let inF, inG = groupRounds p.InnerSteps

            [
                Charge.each Counter.Rounds (float (inF + inG))
                Charge.each Counter.Messages (float (clientsF * inF + clientsG * inG))
                Charge.each Counter.ProxCalls (float p.InnerSteps)
            ]
    FixedPoint = fun f _ -> Some(AEG.init f.Minimiser)
    Bounds =
        fun f p -> [
            if f.ServerConvex then
                Bounds.linear "VI-SEPAR.1: Ψ_k" false (lyapunov f (outer p)) (AEG.contraction (outer p))
        ]
}

/// ‖∇A(y)‖ ≤ c·δ_f‖y − x_g‖ with c = 2/(1 + 2√3): implies the criterion of `sufficientSteps`, since A is 2δ_f-strongly
/// convex, and can be seen by the server.
let private closeEnough f (p: Parameters) slope xg (y: Block) =
    let size (b: Block) = Block.lanes (Block.norm b) |> Array.max

    size (innerGradient f p slope xg y)
    <= 2.0 / (1.0 + 2.0 * sqrt 3.0) * p.DeltaF * size (y - xg)

/// An outer step of one lane that stops its inner loop as soon as the point is close enough; with the inner steps made.
let adaptiveStep f (p: Parameters) (s: AEG.State) : AEG.State * int =
    let mutable made = 0

    let solve (slope: Block) (xg: Block) =
        let slope, xg = slope.Materialise(), xg.Materialise()

        let rec run (s: AEG.State) =
            made <- made + 1
            let next = innerStep f p slope xg s

            // At the solution both sides vanish, and rounding alone decides.
            if made >= p.InnerSteps || closeEnough f p slope xg next.Fast then
                next.Fast
            else
                run next

        run (AEG.init xg)

    let next = stepWith f p solve s
    next.X.Materialise() |> ignore
    next.Fast.Materialise() |> ignore
    next, made
