/// EF21: error feedback by compressed differences; with partial participation, EF21-PP.
///
/// Richtárik, Sokolov, Fatkhullin, "EF21: A New, Simpler, Theoretically Better, and Practically Faster Error Feedback",
/// NeurIPS 2021, arXiv 2106.05203; participation: Fatkhullin, Sokolov, Gorbunov, Li, Richtárik, 2021, arXiv 2110.03294.
/// Problem: f = (1/n) Σ f_i bounded below, f L-smooth, f_i L_i-smooth (not convex), L̃² = (1/n) Σ L_i², C ∈ B(α).
module Theory.Algorithms.CommunicationEfficient.EF21

open Theory
open Theory.Numerics
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

[<NoComparison; NoEquality>]
type Parameters = {
    Gamma: float
    /// Probability with which a worker takes part in a round; 1 is EF21.
    P: float
    /// s > 0 and ρ > 0 split the error of the participation; for P = 1 the best s is used and ρ does not matter.
    S: float
    Rho: float
    Compressor: Compressor
}

/// L̃ = √((1/n) Σ L_i²).
let rootMeanSquare (f: IFiniteSum) =
    f.Smoothnesses |> Array.averageBy (fun l -> l * l) |> sqrt

/// θ_p and B of the recursion E G⁺ ≤ (1 − θ_p)G + B‖x⁺ − x‖², G = (1/n) Σ ‖g_i − ∇f_i(x)‖².
let recursion (f: IFiniteSum) (p: Parameters) =
    let error = 1.0 - alphaOf p.Compressor f.Dimension
    let theta = 1.0 - (1.0 + p.S) * error
    // Without error nothing is split.
    let beta = if error = 0.0 then 0.0 else (1.0 + 1.0 / p.S) * error
    let rest = 1.0 - p.P
    let split = if rest = 0.0 then 0.0 else (1.0 + 1.0 / p.Rho) * rest
    p.P * theta - p.Rho * rest, (p.P * beta + split) * rootMeanSquare f ** 2.0

/// The longest stepsize for given p, s, ρ: 1/(L + √(B/θ_p)).
let largestGamma (f: IFiniteSum) (p: Parameters) =
    let theta, b = recursion f p

    if theta <= 0.0 then
        0.0
    else
        1.0 / (f.Smoothness + sqrt (b / theta))

/// The same for the linear rate: min{1/(L + √(2B/θ)), θ/(2μ)}.
let largestGammaUnderPL (f: IFiniteSum) (p: Parameters) =
    let theta, b = recursion f p
    min (1.0 / (f.Smoothness + sqrt (2.0 * b / theta))) (theta / (2.0 * f.StrongConvexity))

/// Participation p, the s and ρ that allow the longest step (s = 1/√(1−α) − 1 for p = 1), and that step.
let participating (compressor: Compressor) (p: float) (f: IFiniteSum) : Parameters =
    let error = 1.0 - alphaOf compressor f.Dimension

    let withSplit s rho = {
        Gamma = 0.0
        P = p
        S = s
        Rho = rho
        Compressor = compressor
    }

    let best =
        if p = 1.0 then
            withSplit (if error = 0.0 then 1.0 else 1.0 / sqrt error - 1.0) 1.0
        else
            // s < α/(1−α) keeps θ positive, ρ < pθ/(1−p) keeps θ_p so.
            Seq.allPairs [ 1..19 ] [ 1..19 ]
            |> Seq.map (fun (i, j) ->
                let s =
                    if error = 0.0 then
                        1.0
                    else
                        float i / 20.0 * (1.0 - error) / error

                let theta = 1.0 - (1.0 + s) * error
                withSplit s (float j / 20.0 * p * theta / (1.0 - p)))
            |> Seq.maxBy (largestGamma f)

    {
        best with
            Gamma = largestGamma f best
    }

/// EF21's own rule: γ = 1/(L + L̃√(β/θ)), θ = 1 − √(1−α), β = (1−α)/θ.
let parametersFor (compressor: Compressor) (f: IFiniteSum) : Parameters = participating compressor 1.0 f

type State = {
    /// The iterate x.
    X: Block
    /// The gradient estimates g_1 … g_n that workers and server share.
    G: Block
}

/// g_i⁰ = C(∇f_i(x⁰)) for a deterministic compressor, else 0 (any start is covered: G⁰ stands in the bounds).
let init (f: IFiniteSum) (p: Parameters) (x0: Block) : State =
    let deterministic = (p.Compressor.Draw 1 f.Dimension).Sites = 0

    {
        X = x0
        G =
            if deterministic then
                p.Compressor.Apply CompressorDraw.Nothing (f.Gradients x0)
            else
                Block.zeros f.Count x0.Lanes f.Dimension
    }

let step (f: IFiniteSum) (p: Parameters) (takesPart: Mask, draw: CompressorDraw) (s: State) : State =
    let x = s.X - p.Gamma * Block.mean s.G
    let g = s.G + p.Compressor.Apply draw (f.Gradients x - s.G)

    {
        X = x
        G = Block.choose takesPart g s.G
    }

/// x*, g_i = ∇f_i(x*).
let fixedPoint (f: IFiniteSum) : State = {
    X = f.Minimiser
    G = f.Gradients f.Minimiser
}

/// G = (1/n) Σ ‖g_i − ∇f_i(x)‖².
let estimationError (f: IFiniteSum) (s: State) =
    Block.meanNormSquared (s.G - f.Gradients s.X)

let private gap (f: IFiniteSum) (s: State) = f.Value s.X - Block.scalar f.Infimum

/// Φ = f − f* + (γ/(2θ_p))G, with E Φ⁺ ≤ Φ − (γ/2)‖∇f(x)‖²: summed over the steps, CE-EF21.1.
let potential (f: IFiniteSum) (p: Parameters) (s: State) =
    gap f s + (p.Gamma / (2.0 * fst (recursion f p))) * estimationError f s

/// Φ − (γ/2)‖∇f(x)‖².
let potentialAfter (f: IFiniteSum) (p: Parameters) (s: State) =
    potential f p s - (p.Gamma / 2.0) * Block.normSquared (f.Gradient s.X)

/// Ψ = f − f* + (γ/θ)G.
let lyapunov (f: IFiniteSum) (p: Parameters) (s: State) =
    gap f s + (p.Gamma / fst (recursion f p)) * estimationError f s

/// (1/T) Σ_{t<T} ‖∇f(x_t)‖² ≤ (2(f(x_0)−f*)/γ + G_0/θ_p)/T.
let averagedBound (f: IFiniteSum) (p: Parameters) : RunBound<State> =
    let theta, _ = recursion f p

    Bounds.averaged
        "CE-EF21.1: mean of E‖∇f(x_t)‖²"
        true
        (fun s -> Block.normSquared (f.Gradient s.X))
        (fun s -> (2.0 / p.Gamma) * gap f s + estimationError f s / theta)
        1.0

/// E Ψ_T ≤ (1 − γμ)^T Ψ_0.
let linearBound (f: IFiniteSum) (p: Parameters) : RunBound<State> =
    Bounds.linear "CE-EF21.2: E Ψ_T" true (lyapunov f p) (1.0 - p.Gamma * f.StrongConvexity)

let private methodNamed name rule : Method<IFiniteSum, Parameters, State, Mask * CompressorDraw> = {
    Name = name
    Summary = "x⁺ = x − γ·mean g_i; g_i⁺ = g_i + C(∇f_i(x⁺) − g_i) for the workers that take part"
    Rule = rule
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.probability "p" p.P
            Condition.positive "θ_p" (fst (recursion f p))
            Condition.atMost "γ" p.Gamma "1/(L+√(B/θ_p))" (largestGamma f p)
        ]
    Draw = fun f p -> Draw.both (Draw.coins f.Count p.P) (p.Compressor.Draw f.Count f.Dimension)
    Init = init
    Step = step
    Output = fun s -> s.X
    Cost =
        fun f p (takesPart, _) ->
            // Every worker pays as a share of the n: the mean over workers is charged.
            let share lane =
                Seq.averageBy (fun w -> if takesPart[w, lane] then 1.0 else 0.0) [ 0 .. takesPart.Workers - 1 ]

            let paid amount =
                Amount.ByLane(Array.init takesPart.Lanes (fun lane -> amount * share lane))

            [
                {
                    Counter = Counter.Gradients
                    Amount = paid 1.0
                }
                Charge.each Counter.Rounds 1.0
                {
                    Counter = Counter.UplinkFloats
                    Amount = paid (p.Compressor.Floats f.Dimension)
                }
                {
                    Counter = Counter.UplinkBits
                    Amount = paid (p.Compressor.Bits f.Dimension)
                }
                Charge.each Counter.DownlinkFloats (float f.Dimension)
            ]
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds =
        fun f p -> [
            averagedBound f p

            if f.StrongConvexity > 0.0 && p.Gamma <= largestGammaUnderPL f p * (1.0 + 1e-12) then
                linearBound f p
        ]
}

/// EF21 with a contractive compressor.
let methodWith (compressor: Compressor) =
    methodNamed "EF21" (parametersFor compressor)

/// EF21 in which each worker takes part with probability p.
let participationWith (compressor: Compressor) (p: float) =
    methodNamed "EF21-PP" (participating compressor p)

/// Half of the workers take part, with Top-k, k a tenth of the dimension.
let participationMethod = {
    participationWith (topK 1) 0.5 with
        Rule = fun f -> participating (topK (tenth f.Dimension)) 0.5 f
}

/// With Top-k, k a tenth of the dimension.
let method = {
    methodWith (topK 1) with
        Rule = fun f -> parametersFor (topK (tenth f.Dimension)) f
}
