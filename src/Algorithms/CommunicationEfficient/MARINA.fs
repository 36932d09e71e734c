/// MARINA: compressed gradient differences with occasional full gradients.
///
/// Gorbunov, Burlachenko, Li, Richtárik, "MARINA: Faster Non-Convex Distributed Learning with Compression", ICML 2021,
/// arXiv 2102.07845. Problem: f = (1/n) Σ f_i bounded below, f_i L_i-smooth, L² = (1/n) Σ L_i², independent Q_i ∈ U(ω).
module Theory.Algorithms.CommunicationEfficient.MARINA

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

[<NoComparison; NoEquality>]
type Parameters = {
    Gamma: float
    /// Probability of a full gradient.
    P: float
    Compressor: Compressor
}

/// γ = 1/(L(1 + √((1−p)ω/(pn)))) for a given p.
let largestGamma (f: IFiniteSum) (p: float) (compressor: Compressor) =
    let omega = omegaOf compressor f.Dimension
    let l = f.Smoothnesses |> Array.averageBy (fun l -> l * l) |> sqrt
    1.0 / (l * (1.0 + sqrt ((1.0 - p) * omega / (p * float f.Count))))

/// p = 1/(1+ω) and the longest step.
let parametersFor (compressor: Compressor) (f: IFiniteSum) : Parameters =
    let p = 1.0 / (1.0 + omegaOf compressor f.Dimension)

    {
        Gamma = largestGamma f p compressor
        P = p
        Compressor = compressor
    }

type State = {
    /// The iterate x.
    X: Block
    /// The gradient estimate g.
    G: Block
}

let init (f: IFiniteSum) (x0: Block) : State = { X = x0; G = f.Gradient x0 }

let step (f: IFiniteSum) (p: Parameters) (full: Mask, draw: CompressorDraw) (s: State) : State =
    let x = s.X - p.Gamma * s.G
    let gradients = f.Gradients x
    let differences = p.Compressor.Apply draw (gradients - f.Gradients s.X)

    {
        X = x
        G = Block.choose full (Block.mean gradients) (s.G + Block.mean differences)
    }

/// ‖g − ∇f(x)‖².
let estimationError (f: IFiniteSum) (s: State) =
    Block.normSquared (s.G - f.Gradient s.X)

let private gap (f: IFiniteSum) (s: State) = f.Value s.X - Block.scalar f.Infimum

/// Φ = f − f* + (γ/(2p))‖g − ∇f(x)‖², with E Φ⁺ ≤ Φ − (γ/2)‖∇f(x)‖²: summed over the steps, CE-MARINA.1.
let potential (f: IFiniteSum) (p: Parameters) (s: State) =
    gap f s + (p.Gamma / (2.0 * p.P)) * estimationError f s

/// (1/T) Σ_{t<T} E‖∇f(x_t)‖² ≤ 2(f(x_0) − f*)/(γT) from g_0 = ∇f(x_0).
let averagedBound (f: IFiniteSum) (p: Parameters) : RunBound<State> =
    Bounds.averaged
        "CE-MARINA.1: mean of E‖∇f(x_t)‖²"
        true
        (fun s -> Block.normSquared (f.Gradient s.X))
        (gap f)
        (2.0 / p.Gamma)

let methodWith (compressor: Compressor) : Method<IFiniteSum, Parameters, State, Mask * CompressorDraw> = {
    Name = "MARINA"
    Summary = "x⁺ = x − γg; g⁺ = ∇f(x⁺) with probability p, else g + mean Q_i(∇f_i(x⁺) − ∇f_i(x))"
    Rule = parametersFor compressor
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.probability "p" p.P
            Condition.atMost "γ" p.Gamma "1/(L(1+√((1−p)ω/(pn))))" (largestGamma f p.P p.Compressor)
        ]
    Draw = fun f p -> Draw.both (Draw.coin p.P) (p.Compressor.Draw f.Count f.Dimension)
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.X
    Cost =
        fun f p (full, _) ->
            let sent whenFull otherwise =
                Amount.ByLane [|
                    for lane in 0 .. full.Lanes - 1 -> if full[0, lane] then whenFull else otherwise
                |]

            let d = float f.Dimension

            [
                // ∇f_i(x) is the last step's; only ∇f_i(x⁺) is new.
                Charge.each Counter.Gradients 1.0
                Charge.each Counter.Rounds 1.0
                {
                    Counter = Counter.UplinkFloats
                    Amount = sent d (p.Compressor.Floats f.Dimension)
                }
                {
                    Counter = Counter.UplinkBits
                    Amount = sent (identity.Bits f.Dimension) (p.Compressor.Bits f.Dimension)
                }
                Charge.each Counter.DownlinkFloats d
            ]
    FixedPoint =
        fun f _ ->
            Some {
                X = f.Minimiser
                G = f.Gradient f.Minimiser
            }
    Bounds = fun f p -> [ averagedBound f p ]
}

/// With Rand-k, k a tenth of the dimension.
let method = {
    methodWith (randK 1) with
        Rule = fun f -> parametersFor (randK (tenth f.Dimension)) f
}

// ---- Claims ----------------------------------------------------------------------------------------------------

/// Indefinite quadratics with a convex mean (L = 1), Rand-k and the coin.
type CoinSpec = {
    Workers: int
    Dimension: int
    /// k of Rand-k; k = d is no compression.
    K: int
    P: float
    Seed: int
}

let private setting (spec: CoinSpec) =
    let f = Quadratic.indefinite spec.Workers spec.Dimension spec.Seed :> IFiniteSum
    let compressor = if spec.K = spec.Dimension then identity else randK spec.K

    f,
    {
        Gamma = largestGamma f spec.P compressor
        P = spec.P
        Compressor = compressor
    }

let private solution (f: IFiniteSum) = {
    X = f.Minimiser
    G = f.Gradient f.Minimiser
}

let private oneStep (f: IFiniteSum) proc relation measure bound =
    Spectral.oneStep {
        Process = proc
        Centre = solution f
        Keeps = None
        Measure = measure
        Bound = bound
        Relation = relation
        MatchMoments = false
    }

let private descends (spec: CoinSpec) =
    let f, p = setting spec

    let after s =
        potential f p s - (p.Gamma / 2.0) * Block.normSquared (f.Gradient s.X)

    oneStep f (Method.on f p method) Relation.AtMost (potential f p) after

/// A longer step against the theorem's bound, in exact expectation along the trajectory.
let private averages (stretch: float) (spec: CoinSpec) =
    let f, p = setting spec
    let start = init f (Block.Fill(Shape.Vector(1, 1, spec.Dimension), 2.0))

    Moments.bound
        (Method.on f { p with Gamma = stretch * p.Gamma } method)
        (solution f)
        start
        400
        Relation.AtMost
        (averagedBound f p)

/// E‖g⁺−∇f(x⁺)‖² = (1−p)(‖g−∇f(x)‖² + (ω/n²) Σ‖∇f_i(x⁺)−∇f_i(x)‖²).
let private recursion (shared: bool) (spec: CoinSpec) =
    let f, p = setting spec
    let omega, n = omegaOf p.Compressor f.Dimension, float f.Count
    let own = Method.on f p method
    let workers = if shared then 1 else f.Count

    let proc = {
        own with
            Draw = Draw.both (Draw.coin p.P) (p.Compressor.Draw workers f.Dimension)
    }

    let bound (s: State) =
        let differences = f.Gradients(s.X - p.Gamma * s.G) - f.Gradients s.X

        (1.0 - p.P)
        * (estimationError f s + (omega / (n * n)) * Block.totalNormSquared differences)

    oneStep f proc Relation.Equal (estimationError f) bound

let private usual = {
    Workers = 3
    Dimension = 2
    K = 1
    P = 0.5
    Seed = 1
}

let private instances =
    Instances.generated
        (gen {
            let! workers = Gen.choose (1, 3)
            let! dimension = Gen.choose (2, 3)
            let! k = Gen.choose (1, 3)
            let! p = Gen.elements [ 0.1; 0.2; 0.5; 0.9; 1.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Dimension = dimension
                K = k
                P = p
                Seed = seed
            }
        })
        (fun spec ->
            seq {
                if spec.Workers > 1 then
                    { spec with Workers = spec.Workers - 1 }

                if spec.Dimension > 2 && spec.K < spec.Dimension then
                    {
                        spec with
                            Dimension = spec.Dimension - 1
                    }

                if spec.Seed > 0 then
                    { spec with Seed = spec.Seed / 2 }
            })
    |> Instances.startingWith [ usual; { usual with P = 0.2 }; { usual with K = 2 }; { usual with P = 1.0 } ]

let nonconvex: Claim =
    Claim.create {
        Claim.spec
            "CE-MARINA.1"
            ClaimKind.Mean
            "γ ≤ 1/(L(1+√((1−p)ω/(pn)))): (1/T)Σ_{t<T} E‖∇f(x_t)‖² ≤ 2(f(x_0)−f*)/(γT)"
            instances
            (fun _ -> descends) with
            Formula = @"\frac1T\sum_{t<T}\mathbb E\|\nabla f(x_t)\|^2\le\frac{2(f(x_0)-f_*)}{\gamma T}"
            Assumptions = "f_i L_i-smooth, L² = (1/n) Σ L_i², Q_i ∈ U(ω) independent, g_0 = ∇f(x_0)"
            Source =
                "arXiv 2102.07845, theorem 2.1; checked as E Φ⁺ ≤ Φ − (γ/2)‖∇f(x)‖² for every state, Φ = f−f*+(γ/(2p))‖g−∇f(x)‖²"
            Valid = fun spec -> spec.K <= spec.Dimension
            Falsifiers = [ Falsifier.check "γ × 4" (fun _ -> averages 4.0) ]
            // At g = 0 the iterate rests and both sides are equal.
            Tight =
                Some {
                    Instance = usual
                    AtLeast = 1.0 - 1e-9
                }
    }

let recursionClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-MARINA.2"
            ClaimKind.Exact
            "Rand-k: E‖g⁺−∇f(x⁺)‖² = (1−p)(‖g−∇f(x)‖² + (ω/n²)Σ‖∇f_i(x⁺)−∇f_i(x)‖²); so p = 1, or ω = 0 and g_0 = ∇f(x_0), is GD"
            instances
            (fun _ -> recursion false) with
            Formula =
                @"\mathbb E\|g^+-\nabla f(x^+)\|^2=(1-p)\bigl(\|g-\nabla f(x)\|^2+\tfrac{\omega}{n^2}\sum_i\|\nabla f_i(x^+)-\nabla f_i(x)\|^2\bigr)"
            Assumptions = "independent Rand-k, one coin for all workers"
            Source = "derived: mean and variance of the estimate"
            Valid = fun spec -> spec.K <= spec.Dimension
            Falsifiers = [ Falsifier.check "the same masks on all workers" (fun _ -> recursion true) ]
            Tight =
                Some {
                    Instance = usual
                    AtLeast = 1.0 - 1e-9
                }
    }

let paper: Paper = {
    Key = "CE-MARINA"
    Title = "MARINA: Faster Non-Convex Distributed Learning with Compression"
    Citation = "Gorbunov, Burlachenko, Li, Richtárik, ICML 2021, arXiv 2102.07845"
    Family = "communication-efficient"
    Problem = "f = (1/n) Σ f_i bounded below, f_i L_i-smooth (not convex); independent unbiased compressors Q_i ∈ U(ω)"
    Methods = [ MethodEntry.create method ]
    Claims = [ nonconvex; recursionClaim ]
}
