/// PAGE.
///
/// Li, Bao, Zhang, Richtárik, "PAGE: A Simple and Optimal Probabilistic Gradient Estimator for Nonconvex Optimization", ICML
/// 2021, arXiv 2008.10898.
/// Problem: f = (1/n) Σ f_i, mean-squared smoothness L̃, f L-smooth and bounded below; PL with μ in (2).
module Theory.Algorithms.StochasticVarianceReduction.PAGE

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    Gamma: float
    P: float
    /// b: indices drawn a step, with replacement.
    Batch: int
}

/// L̃ ≤ √(mean L_i²), with what every finite sum certifies.
let meanSquaredSmoothness (f: IFiniteSum) =
    f.Smoothnesses |> Array.averageBy (fun l -> l * l) |> sqrt

/// The largest γ of SV-PAGE.1: 1/(L + L̃√((1−p)/(pb))).
let stepsize (smoothness: float) (meanSquared: float) (p: float) (batch: int) =
    1.0 / (smoothness + meanSquared * sqrt ((1.0 - p) / (p * float batch)))

/// b = ⌊√n⌋, p = b/(n + b), γ of SV-PAGE.1.
let parameters (f: IFiniteSum) : Parameters =
    let batch = max 1 (int (sqrt (float f.Count)))
    let p = float batch / float (f.Count + batch)

    {
        Gamma = stepsize f.Smoothness (meanSquaredSmoothness f) p batch
        P = p
        Batch = batch
    }

type State = {
    /// The iterate x.
    X: Block
    /// The gradient estimator g.
    G: Block
}

let init (f: IFiniteSum) (x0: Block) : State = { X = x0; G = f.Gradient x0 }

let step (f: IFiniteSum) (p: Parameters) (coin: Mask, i: Indices) (s: State) : State =
    let x = s.X - p.Gamma * s.G

    {
        X = x
        G = Branch.choose coin (fun () -> f.Gradient x) (fun () -> s.G + f.GradientAt i x - f.GradientAt i s.X)
    }

/// f(x) − f^inf.
let gap (f: IFiniteSum) (s: State) = f.Value s.X - Block.scalar f.Infimum

/// ‖g − ∇f(x)‖².
let error (f: IFiniteSum) (s: State) =
    Block.normSquared (s.G - f.Gradient s.X)

/// SV-PAGE.1: (1/K) Σ E‖∇f(x_k)‖² ≤ 2(f(x_0) − f^inf)/(γK).
let gradientRate (f: IFiniteSum) (p: Parameters) =
    Bounds.averaged
        "SV-PAGE.1: mean of E‖∇f(x_k)‖²"
        true
        (fun (s: State) -> Block.normSquared (f.Gradient s.X))
        (gap f)
        (2.0 / p.Gamma)

let method: Method<IFiniteSum, Parameters, State, Mask * Indices> = {
    Name = "PAGE"
    Summary = "x⁺ = x − γg; g⁺ = ∇f(x⁺) with probability p, else g + ∇f_I(x⁺) − ∇f_I(x)"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.probability "p" p.P
            Condition.atMost
                "γ"
                p.Gamma
                "1/(L+L̃√((1−p)/(pb)))"
                (stepsize f.Smoothness (meanSquaredSmoothness f) p.P p.Batch)
        ]
    Draw = fun f p -> Draw.both (Draw.coin p.P) (Draw.indices f.Count p.Batch)
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.X
    Cost =
        fun _ p (coin, _) ->
            let tails = Mask(coin.Workers, coin.Lanes, coin.Values.ToArray() |> Array.map not)

            [
                Charge.whenHeads Counter.Gradients 1.0 coin
                Charge.whenHeads Counter.ComponentGradients (2.0 * float p.Batch) tails
            ]
    FixedPoint = fun f _ -> Some(init f f.Minimiser)
    Bounds = fun f p -> [ gradientRate f p ]
}
