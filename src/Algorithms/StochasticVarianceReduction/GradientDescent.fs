/// Gradient descent.
///
/// Folklore; the exact constant of the convex case is due to Drori and Teboulle, "Performance of first-order methods
/// for smooth convex minimization", Mathematical Programming 145 (2014).
/// Problem: min f on R^d with f L-smooth; μ-strongly convex in (1), convex in (2), bounded below in (3).
module Theory.Algorithms.StochasticVarianceReduction.GradientDescent

open FsCheck.FSharp
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

let step (f: IObjective) (p: Parameters) (s: State) : State = { X = s.X - p.Gamma * f.Gradient s.X }

/// ‖x − x*‖².
let distance (f: IObjective) (s: State) = Block.normSquared (s.X - f.Minimiser)

/// (1 − γμ)², the factor of SV-GD.1 for γ ≤ 2/(L + μ).
let contraction (f: IObjective) (p: Parameters) =
    (1.0 - p.Gamma * f.StrongConvexity) ** 2.0

/// f(x) − f*.
let gap (f: IObjective) (s: State) = f.Value s.X - Block.scalar f.Infimum

/// SV-GD.2, for convex f and γ = 1/L: f(x_k) − f* ≤ L‖x_0 − x*‖²/(4k + 2).
let convexRate (f: IObjective) : RunBound<State> = {
    Name = "SV-GD.2: f(x_k) − f*"
    Measure = gap f
    Summary = Summary.Last
    Scale = distance f
    Bound = fun k start -> f.Smoothness * start / float (4 * k + 2)
    InExpectation = false
}

/// SV-GD.3, for any smooth f and γ ≤ 1/L: min over i < k of ‖∇f(x_i)‖² ≤ 2(f(x_0) − f^inf)/(γk).
let leastGradient (f: IObjective) (p: Parameters) : RunBound<State> = {
    Name = "SV-GD.3: min ‖∇f(x_i)‖²"
    Measure = fun s -> Block.normSquared (f.Gradient s.X)
    Summary = Summary.RunningMin
    Scale = gap f
    Bound = fun k start -> 2.0 * start / (p.Gamma * float (max k 1))
    InExpectation = false
}

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
    Bounds =
        fun f p -> [
            if f.StrongConvexity > 0.0 then
                Bounds.linear "SV-GD.1: ‖x_k − x*‖²" false (distance f) (contraction f p)

            if p.Gamma * f.Smoothness <= 1.0 + 1e-12 then
                leastGradient f p
        ]
}

// ---- Claims ----------------------------------------------------------------------------------------------------

/// Spectral evidence for a factor on ‖x − x*‖² on one quadratic.
let private contracts
    (spec: QuadraticSpec)
    (stepsize: IObjective -> float)
    (factor: IObjective -> Parameters -> float)
    =
    let f = Quadratic.distributed spec
    let p = { Gamma = stepsize f }

    Spectral.contraction
        (Method.on (f :> IObjective) p method)
        { X = (f :> IObjective).Minimiser }
        None
        (distance f)
        (factor f p)
        0.0

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
                Falsifier.check "γ = 2.01/L" (fun _ spec ->
                    contracts spec (fun f -> 2.01 / f.Smoothness) (fun _ _ -> 1.0))
                Falsifier.check "factor (1−1.05γμ)²" (fun _ spec ->
                    contracts spec best (fun f p -> (1.0 - 1.05 * p.Gamma * f.StrongConvexity) ** 2.0))
            ]
            Tight = Some { Instance = tight; AtLeast = 0.999999 }
    }

/// SV-GD.2 with its bound changed by a function of the step: quadratics from every start, the others from given ones.
let private converges (change: int -> float -> float) ctx (spec: ConvexSpec) =
    let f = ConvexInstances.problem spec
    let p = { Gamma = 1.0 / f.Smoothness }
    let claim = convexRate f

    let altered = {
        claim with
            Bound = fun k start -> change k (claim.Bound k start)
    }

    if spec.Kind = "quadratic" then
        AllStarts.ofMethod f p method f.Minimiser [ 1; 2; spec.Steps; 2 * spec.Steps ] altered
    else
        let starts = { X = ConvexInstances.starts ctx spec }
        // Beyond the horizon the bound must hold as well.
        Trajectories.bound ctx (Method.on f p method) starts (2 * spec.Steps + 5) Relation.AtMost 5 altered

let convex: Claim =
    Claim.create {
        Claim.spec
            "SV-GD.2"
            ClaimKind.Sure
            "f(x_k) − f* ≤ L‖x_0 − x*‖²/(4k+2) for γ = 1/L"
            (ConvexInstances.generated
             |> Instances.startingWith [
                 ConvexInstances.huber 1
                 ConvexInstances.huber 5
                 ConvexInstances.quadratic 20
             ])
            (converges (fun _ b -> b)) with
            Formula = @"f(x_k)-f_* \le \frac{L\|x_0-x_*\|^2}{4k+2}"
            Assumptions = "f convex and L-smooth, γ = 1/L"
            Source = "Drori, Teboulle, Mathematical Programming 145 (2014), Theorem 3.1"
            Falsifiers = [
                Falsifier.check "bound × 0.99" (converges (fun _ b -> 0.99 * b))
                Falsifier.check
                    "4k+3 in place of 4k+2"
                    (converges (fun k b -> b * float (4 * k + 2) / float (4 * k + 3)))
                |> Falsifier.at [ ConvexInstances.huber 20 ]
            ]
            Tight =
                Some {
                    Instance = ConvexInstances.huber 20
                    AtLeast = 0.999999
                }
    }

/// An instance of SV-GD.3.
type SmoothSpec = {
    Dimension: int
    /// γL, at most 1.
    RelativeStep: float
    /// Size of the random starts.
    Radius: float
    /// A quadratic with every curvature L in place of the nonconvex sum.
    Quadratic: bool
}

let private smoothInstances =
    let generator =
        gen {
            let! dimension = Gen.choose (1, 6)
            let! step = Gen.elements [ 0.1; 0.5; 0.9; 1.0 ]
            let! radius = Gen.elements [ 0.3; 1.0; 3.0 ]
            let! quadratic = Gen.frequency [ 3, Gen.constant false; 1, Gen.constant true ]

            return {
                Dimension = dimension
                RelativeStep = step
                Radius = radius
                Quadratic = quadratic
            }
        }

    let shrink spec =
        seq {
            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.RelativeStep < 1.0 then
                { spec with RelativeStep = 1.0 }

            if spec.Radius <> 1.0 then
                { spec with Radius = 1.0 }
        }

    Instances.generated generator shrink

/// f(x⁺) ≤ f(x) − (γ/2)‖∇f(x)‖² at every step, and the bound on the least gradient, with γL multiplied by `factor` and
/// the gradient's bound by `scale`.
let private descends (factor: float) (scale: float) ctx (spec: SmoothSpec) =
    let f: IObjective =
        if spec.Quadratic then
            Quadratic.diagonal (Array.create spec.Dimension 2.0)
        else
            NonconvexSum.Single spec.Dimension

    let p = {
        Gamma = factor * spec.RelativeStep / f.Smoothness
    }

    let proc = Method.on f p method

    let starts = {
        X = CheckContext.gaussianStarts ctx 1 6 spec.Dimension spec.Radius
    }

    let least = leastGradient f p

    Evidence.all [
        // Both terms on the left, so that nothing cancels near the minimum.
        Trajectories.everyStep
            ctx
            proc
            starts
            60
            Relation.AtMost
            (fun s next -> f.Value next.X + 0.5 * p.Gamma * Block.normSquared (f.Gradient s.X))
            (fun s -> f.Value s.X)
        Trajectories.bound ctx proc starts 60 Relation.AtMost 10 {
            least with
                Bound = fun k start -> scale * least.Bound k start
        }
    ]

let private parabola = {
    Dimension = 1
    RelativeStep = 1.0
    Radius = 1.0
    Quadratic = true
}

let nonconvex: Claim =
    Claim.create {
        Claim.spec
            "SV-GD.3"
            ClaimKind.Sure
            "min_{i<k} ‖∇f(x_i)‖² ≤ 2(f(x_0) − f^inf)/(γk) and f(x⁺) ≤ f(x) − (γ/2)‖∇f(x)‖² for γ ≤ 1/L"
            (smoothInstances
             |> Instances.startingWith [
                 {
                     parabola with
                         Quadratic = false
                         Dimension = 3
                 }
             ])
            (descends 1.0 1.0) with
            Formula =
                @"\min_{i<k}\|\nabla f(x_i)\|^2 \le \frac{2(f(x_0)-f^{\inf})}{\gamma k},\quad f(x_{k+1}) \le f(x_k)-\tfrac\gamma2\|\nabla f(x_k)\|^2"
            Assumptions = "f L-smooth and bounded below, 0 < γ ≤ 1/L"
            Source = "descent lemma"
            Falsifiers = [
                Falsifier.check "γ tripled" (descends 3.0 1.0) |> Falsifier.at [ parabola ]
                Falsifier.check "bound on the least gradient halved" (descends 1.0 0.5)
                |> Falsifier.at [ parabola ]
            ]
            // On the parabola f(x⁺) = 0 = f(x) − ‖∇f(x)‖²/(2L), and the gradient's bound is attained at k = 1.
            Tight =
                Some {
                    Instance = parabola
                    AtLeast = 0.999999
                }
    }

let paper: Paper = {
    Key = "SV-GD"
    Title = "Gradient descent"
    Citation = "folklore; Drori, Teboulle, Mathematical Programming 145 (2014)"
    Family = "stochastic-variance-reduction"
    Problem = "min f on R^d, f L-smooth; μ-strongly convex (1), convex (2), bounded below (3)"
    Methods = [ MethodEntry.create method ]
    Claims = [ strongly; convex; nonconvex ]
}
