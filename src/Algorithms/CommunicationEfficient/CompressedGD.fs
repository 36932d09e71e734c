/// Gradient descent, plain and with compressed gradients (DCGD).
///
/// GD: folklore; exact constants of the convex case: Drori, Teboulle, Mathematical Programming 145 (2014). DCGD:
/// Khirirat, Feyzmahdavian, Johansson, 2018, arXiv 1806.06573.
/// Problem: f = (1/n) Σ f_i, f_i convex and L_i-smooth, f L-smooth (and μ-strongly convex); with the identity compressor
/// the method is GD on f.
module Theory.Algorithms.CommunicationEfficient.CompressedGD

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

[<NoComparison; NoEquality>]
type Parameters = { Gamma: float; Compressor: Compressor }

/// γ = 1/(L + 2ωLmax/n); 1/L for the identity.
let parametersFor (compressor: Compressor) (f: IFiniteSum) : Parameters =
    let omega = omegaOf compressor f.Dimension

    {
        Gamma = 1.0 / (f.Smoothness + 2.0 * omega * Array.max f.Smoothnesses / float f.Count)
        Compressor = compressor
    }

type State = {
    /// The iterate x.
    X: Block
}

let init (x0: Block) : State = { X = x0 }

let step (f: IFiniteSum) (p: Parameters) (draw: CompressorDraw) (s: State) : State =
    let g = Block.mean (p.Compressor.Apply draw (f.Gradients s.X))
    { X = s.X - p.Gamma * g }

/// ‖x − x*‖².
let distance (f: IObjective) (s: State) = Block.normSquared (s.X - f.Minimiser)

/// max{(1−γμ)², (1−γL)²} for GD; 1 − γμ with compression.
let contraction (f: IFiniteSum) (p: Parameters) =
    if omegaOf p.Compressor f.Dimension = 0.0 then
        max ((1.0 - p.Gamma * f.StrongConvexity) ** 2.0) ((1.0 - p.Gamma * f.Smoothness) ** 2.0)
    else
        1.0 - p.Gamma * f.StrongConvexity

/// What one step adds to E‖x − x*‖² at most: (2γ²ω/n²) Σ ‖∇f_i(x*)‖².
let noise (f: IFiniteSum) (p: Parameters) =
    let atSolution = (Block.lanes (Block.totalNormSquared (f.Gradients f.Minimiser)))[0]

    2.0 * p.Gamma ** 2.0 * omegaOf p.Compressor f.Dimension
    / float (f.Count * f.Count)
    * atSolution

/// The neighbourhood that DCGD reaches: (2γω/(μn²)) Σ ‖∇f_i(x*)‖².
let neighbourhood (f: IFiniteSum) (p: Parameters) =
    let noise = noise f p

    if noise = 0.0 then
        0.0
    else
        noise / (p.Gamma * f.StrongConvexity)

/// f(x_k) − f* ≤ L‖x_0 − x*‖²/(4k+2) for γ = 1/L, convex f.
let valueBound (f: IObjective) : RunBound<State> = {
    Name = "CE-GD.2: f(x_k) − f*"
    Measure = fun s -> f.Value s.X - Block.scalar f.Infimum
    Summary = Summary.Last
    Scale = distance f
    Bound = fun k start -> f.Smoothness * start / float (4 * k + 2)
    InExpectation = false
}

/// ‖∇f(x_k)‖ ≤ L‖x_0 − x*‖/(k+1) for γ = 1/L, convex f.
let gradientBound (f: IObjective) : RunBound<State> = {
    Name = "CE-GD.2: ‖∇f(x_k)‖"
    Measure = fun s -> Block.norm (f.Gradient s.X)
    Summary = Summary.Last
    Scale = fun s -> Block.norm (s.X - f.Minimiser)
    Bound = fun k start -> f.Smoothness * start / float (k + 1)
    InExpectation = false
}

let methodWith (compressor: Compressor) : Method<IFiniteSum, Parameters, State, CompressorDraw> = {
    Name = "DCGD"
    Summary = "x⁺ = x − γ·mean Q_i(∇f_i(x))"
    Rule = parametersFor compressor
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            if omegaOf p.Compressor f.Dimension = 0.0 then
                Condition.atMost "γ" p.Gamma "2/L" (2.0 / f.Smoothness)
            else
                Condition.atMost "γ" p.Gamma "1/(L+2ωLmax/n)" (parametersFor p.Compressor f).Gamma
        ]
    Draw = fun f p -> p.Compressor.Draw f.Count f.Dimension
    Init = fun _ _ x0 -> init x0
    Step = step
    Output = fun s -> s.X
    Cost =
        fun f p _ -> [
            Charge.each Counter.Gradients 1.0
            Charge.each Counter.Rounds 1.0
            Charge.each Counter.UplinkFloats (p.Compressor.Floats f.Dimension)
            Charge.each Counter.UplinkBits (p.Compressor.Bits f.Dimension)
            Charge.each Counter.DownlinkFloats (float f.Dimension)
        ]
    // Compression moves x* unless all ∇f_i(x*) vanish.
    FixedPoint =
        fun f p ->
            if omegaOf p.Compressor f.Dimension = 0.0 then
                Some { X = f.Minimiser }
            else
                None
    Bounds =
        fun f p ->
            let omega = omegaOf p.Compressor f.Dimension

            [
                if f.StrongConvexity > 0.0 then
                    Bounds.linearToFloor "E‖x_k − x*‖²" (omega > 0.0) (distance f) (contraction f p) (neighbourhood f p)

                if omega = 0.0 && abs (p.Gamma * f.Smoothness - 1.0) < 1e-12 then
                    valueBound f
                    gradientBound f
            ]
}

/// Gradient descent: DCGD without compression.
let gradientDescent = methodWith identity

/// With Rand-k, k a tenth of the dimension.
let method = {
    methodWith (randK 1) with
        Rule = fun f -> parametersFor (randK (tenth f.Dimension)) f
}

// ---- Claims ----------------------------------------------------------------------------------------------------

/// A quadratic and a stepsize.
type StepSpec = {
    Dimension: int
    Kappa: float
    /// γL ∈ (0, 2).
    GammaL: float
    Seed: int
}

let private contracts (spec: StepSpec) (gammaL: float) (factor: IFiniteSum -> Parameters -> float) =
    let quadratic: QuadraticSpec = {
        Workers = 1
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        Spread = 1.0
        Seed = spec.Seed
    }

    let f = Quadratic.distributed quadratic :> IFiniteSum

    let p = {
        Gamma = gammaL / f.Smoothness
        Compressor = identity
    }

    Spectral.contraction (Method.on f p gradientDescent) { X = f.Minimiser } None (distance f) (factor f p) 0.0

let private usual: StepSpec = {
    Dimension = 3
    Kappa = 10.0
    GammaL = 0.5
    Seed = 1
}

let private stepInstances =
    Instances.generated
        (gen {
            let! dimension = Gen.choose (1, 6)
            let! kappa = Gen.elements [ 1.0; 3.0; 10.0; 100.0 ]
            let! gammaL = Gen.elements [ 0.1; 0.5; 1.0; 1.5; 1.9; 1.99 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Dimension = dimension
                Kappa = kappa
                GammaL = gammaL
                Seed = seed
            }
        })
        (fun spec ->
            seq {
                if spec.Dimension > 1 then
                    {
                        spec with
                            Dimension = spec.Dimension - 1
                    }

                if spec.Seed > 0 then
                    { spec with Seed = spec.Seed / 2 }
            })

let stronglyConvex: Claim =
    Claim.create {
        Claim.spec
            "CE-GD.1"
            ClaimKind.Sure
            "‖x_k − x*‖² ≤ max{(1−γμ)², (1−γL)²}^k ‖x_0 − x*‖² for 0 < γ < 2/L"
            (stepInstances |> Instances.startingWith [ usual; { usual with GammaL = 1.9 } ])
            (fun _ spec -> contracts spec spec.GammaL contraction) with
            Formula = @"\|x_k-x_*\|^2\le\max\{(1-\gamma\mu)^2,(1-\gamma L)^2\}^k\|x_0-x_*\|^2"
            Assumptions = "f μ-strongly convex and L-smooth, 0 < γ < 2/L"
            Source = "textbook; attained along the extreme eigenvectors"
            Falsifiers = [
                Falsifier.check "γ = 2.1/L does not contract" (fun _ spec -> contracts spec 2.1 (fun _ _ -> 1.0))
                Falsifier.check "factor with 2μ" (fun _ spec ->
                    contracts spec spec.GammaL (fun f p ->
                        max ((1.0 - 2.0 * p.Gamma * f.StrongConvexity) ** 2.0) ((1.0 - p.Gamma * f.Smoothness) ** 2.0)))
            ]
            Tight =
                Some {
                    Instance = usual
                    AtLeast = 1.0 - 1e-9
                }
    }

/// Σ_j L_j·huber_τ(x_j): quadratic for |x_j| ≤ τ, linear beyond; L = max L_j, minimised at 0.
type private Huber(curvatures: float[], tau: float) =
    let weights = Block.vector curvatures
    let gradient (x: Block) = weights * x.Clamp(-tau, tau)
    let largest = Array.max curvatures

    interface IFiniteSum with
        member _.Count = 1
        member _.Gradients x = gradient x
        member _.GradientAt _ x = gradient x
        member _.Smoothnesses = [| largest |]

    interface IObjective with
        member _.Value x =
            let inner = x.Clamp(-tau, tau)
            Block.dot weights (0.5 * inner.Square() + tau * (x - inner).Abs())

        member _.Gradient x = gradient x
        member _.Minimiser = Block.zeros 1 1 curvatures.Length
        member _.Infimum = 0.0
        member _.Smoothness = largest
        member _.StrongConvexity = 0.0

    interface IProblem with
        member _.Name = $"Huber function, d = {curvatures.Length}, τ = {tau:G4}"
        member _.Dimension = curvatures.Length

        member _.Constants = [
            // The slope between 0 and τ/2 along the steepest axis.
            Constant.exact "L" "largest curvature at 0" largest (fun () ->
                let points =
                    Block.ofRows (
                        Array.init curvatures.Length (fun j ->
                            Array.init curvatures.Length (fun i -> if i = j then tau / 2.0 else 0.0))
                    )

                (gradient points |> Block.norm |> Block.lanes |> Array.max) / (tau / 2.0))
        ]

/// A Huber function and how long to run on it.
type HuberSpec = {
    Dimension: int
    L: float
    /// Where the function turns linear; the first start is (1, 0, …).
    Tau: float
    Steps: int
    Seed: int
}

let private sublinear (scale: float) (which: string) (ctx: CheckContext) (spec: HuberSpec) =
    let f =
        Huber(
            Linear.geometric spec.L (spec.L / 20.0) spec.Dimension
            |> Array.mapi (fun i l -> if i = 0 then spec.L else l),
            spec.Tau
        )
        :> IFiniteSum

    let proc = Method.on f (parametersFor identity f) gradientDescent

    let axis =
        Block.vector (Array.init spec.Dimension (fun i -> if i = 0 then 1.0 else 0.0))

    let starts =
        init (Block.ConcatLanes(axis, CheckContext.gaussianStarts ctx 1 3 spec.Dimension 2.0))

    let scaled (bound: RunBound<State>) : RunBound<State> = {
        bound with
            Bound = fun k start -> scale * bound.Bound k start
    }

    [
        if which <> "gradient" then
            valueBound f
        if which <> "value" then
            gradientBound f
    ]
    |> List.map (fun bound -> Trajectories.bound ctx proc starts spec.Steps Relation.AtMost 6 (scaled bound))
    |> Evidence.all

let private huber k tau : HuberSpec = {
    Dimension = 1
    L = 2.0
    Tau = tau
    Steps = k + 3
    Seed = 0
}

let private attained = [
    for k in [ 1; 5; 20 ] do
        huber k (1.0 / float (2 * k + 1))
        huber k (1.0 / float (k + 1))
]

let private huberInstances =
    Instances.generated
        (gen {
            let! dimension = Gen.choose (1, 4)
            let! l = Gen.elements [ 0.1; 1.0; 7.0 ]
            let! tau = Gen.elements [ 0.01; 0.05; 0.3; 1.0; 10.0 ]
            let! steps = Gen.choose (1, 40)
            let! seed = Gen.choose (0, 10000)

            return {
                Dimension = dimension
                L = l
                Tau = tau
                Steps = steps
                Seed = seed
            }
        })
        (fun spec ->
            seq {
                if spec.Dimension > 1 then
                    {
                        spec with
                            Dimension = spec.Dimension - 1
                    }

                if spec.Steps > 1 then
                    { spec with Steps = spec.Steps / 2 }
            })

let convex: Claim =
    Claim.create {
        Claim.spec
            "CE-GD.2"
            ClaimKind.Sure
            "γ = 1/L, convex f: f(x_k) − f* ≤ L‖x_0−x*‖²/(4k+2) and ‖∇f(x_k)‖ ≤ L‖x_0−x*‖/(k+1)"
            (huberInstances |> Instances.startingWith attained)
            (sublinear 1.0 "both") with
            Formula = @"f(x_k)-f_*\le\frac{L\|x_0-x_*\|^2}{4k+2},\quad \|\nabla f(x_k)\|\le\frac{L\|x_0-x_*\|}{k+1}"
            Assumptions = "f convex and L-smooth, γ = 1/L"
            Source = "Drori, Teboulle, 2014; attained by Huber functions with τ = 1/(2k+1) and τ = 1/(k+1)"
            Falsifiers = [
                Falsifier.check "value bound × 0.99" (sublinear 0.99 "value")
                Falsifier.check "gradient bound × 0.99" (sublinear 0.99 "gradient")
            ]
            Tight =
                Some {
                    Instance = huber 5 (1.0 / 11.0)
                    AtLeast = 1.0 - 1e-12
                }
    }

let paper: Paper = {
    Key = "CE-GD"
    Title = "Gradient descent, plain and compressed"
    Citation = "folklore; Drori, Teboulle, 2014; Khirirat, Feyzmahdavian, Johansson, 2018, arXiv 1806.06573"
    Family = "communication-efficient"
    Problem = "f = (1/n) Σ f_i, f_i convex and L_i-smooth, f L-smooth, convex or μ-strongly convex"
    Methods = [ MethodEntry.create method ]
    Claims = [ stronglyConvex; convex ]
}
