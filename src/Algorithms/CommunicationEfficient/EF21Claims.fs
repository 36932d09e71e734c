/// The claims of EF21.
module Theory.Algorithms.CommunicationEfficient.EF21Claims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.EF21

/// Indefinite quadratics with a convex mean (L = 1), and a compressor.
type IndefiniteSpec = {
    Workers: int
    Dimension: int
    /// k of Top-k or of contractive Rand-k.
    K: int
    Random: bool
    /// Participation.
    P: float
    Seed: int
}

let private compressorOf (spec: IndefiniteSpec) =
    if spec.Random then contractiveRandK spec.K else topK spec.K

/// E m(s⁺) ≤ b(s): for every state at once when the compressor is linear, else from many states and the worst found.
let private oneStep ctx (f: IFiniteSum) (p: Parameters) (measure: State -> Block) (bound: State -> Block) =
    let proc = Method.on f p method

    if (p.Compressor.Draw 1 f.Dimension).Sites > 0 then
        Spectral.oneStep {
            Process = proc
            Centre = fixedPoint f
            Keeps = None
            Measure = measure
            Bound = bound
            Relation = Relation.AtMost
            MatchMoments = false
        }
    else
        let lanes = 24
        let x = CheckContext.gaussianStarts ctx 1 lanes f.Dimension 3.0

        let noise =
            Sampler.Gaussian(CheckContext.address ctx 2, f.Count, lanes, f.Dimension)

        Enumerated.oneStep ctx {
            Process = proc
            // Estimates near the gradients and far from them.
            States = {
                X = f.Minimiser + x
                G = f.Gradients(f.Minimiser + x) + Block.norm x * noise
            }
            Measure = fun _ next -> measure next
            Bound = bound
            Relation = Relation.AtMost
            Keep = id
            Search = CheckContext.pick 20 60 300 ctx
        }

/// E Φ⁺ ≤ Φ − (γ/2)‖∇f(x)‖², which sums to the claim for every T.
let private descends ctx (spec: IndefiniteSpec) =
    let f = Quadratic.indefinite spec.Workers spec.Dimension spec.Seed :> IFiniteSum
    let p = participating (compressorOf spec) spec.P f
    oneStep ctx f p (potential f p) (potentialAfter f p)

/// The average of ‖∇f‖² along runs with a longer step, against the theorem's bound: every step for Top-k, the exact
/// expectation for Rand-k.
let private averages (stretch: float) (steps: int) (ctx: CheckContext) (spec: IndefiniteSpec) =
    let f = Quadratic.indefinite spec.Workers spec.Dimension spec.Seed :> IFiniteSum
    let rule = participating (compressorOf spec) spec.P f

    let proc =
        Method.on
            f
            {
                rule with
                    Gamma = stretch * rule.Gamma
            }
            method

    let start = init f rule (CheckContext.gaussianStarts ctx 1 1 spec.Dimension 2.0)

    if spec.Random then
        Moments.bound proc (fixedPoint f) start steps Relation.AtMost (averagedBound f rule)
    else
        Trajectories.bound ctx proc start steps Relation.AtMost 0 (averagedBound f rule)

let private shrinkIndefinite (spec: IndefiniteSpec) =
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
    }

let private topCase = {
    Workers = 3
    Dimension = 4
    K = 1
    Random = false
    P = 1.0
    Seed = 1
}

let private generator maxWorkers maxDimension random participations =
    gen {
        let! workers = Gen.choose (1, maxWorkers)
        let! dimension = Gen.choose (2, maxDimension)
        let! k = Gen.choose (1, 2)
        let! random = Gen.elements random
        let! p = Gen.elements participations
        let! seed = Gen.choose (0, 10000)

        return {
            Workers = workers
            Dimension = dimension
            K = k
            Random = random
            P = p
            Seed = seed
        }
    }

let nonconvex: Claim =
    Claim.create {
        Claim.spec
            "CE-EF21.1"
            ClaimKind.Sure
            "γ ≤ 1/(L+L̃√(β/θ)): (1/T)Σ_{t<T} ‖∇f(x_t)‖² ≤ 2(f(x_0)−f*)/(γT) + G_0/(θT)"
            (Instances.generated (generator 4 4 [ false; false; true ] [ 1.0 ]) shrinkIndefinite
             |> Instances.startingWith [
                 topCase
                 { topCase with K = 2 }
                 {
                     topCase with
                         Random = true
                         Workers = 2
                         Dimension = 2
                 }
             ])
            descends with
            Formula = @"\frac1T\sum_{t<T}\|\nabla f(x_t)\|^2\le\frac{2(f(x_0)-f_*)}{\gamma T}+\frac{G_0}{\theta T}"
            Assumptions = "f L-smooth, f_i L_i-smooth, C ∈ B(α), θ = 1−√(1−α), β = (1−α)/θ; in expectation for random C"
            Source =
                "arXiv 2106.05203, theorem 1; checked as its one-step form E Φ⁺ ≤ Φ − (γ/2)‖∇f(x)‖², Φ = f−f*+(γ/(2θ))G"
            Valid =
                fun spec ->
                    spec.K <= spec.Dimension
                    && (not spec.Random || spec.Workers * spec.Dimension <= 9)
            Falsifiers = [
                Falsifier.check "γ × 60" (averages 60.0 400)
                Falsifier.check "γ × 20 with Top-2" (fun ctx spec -> averages 20.0 400 ctx { spec with K = 2 })
            ]
    }

// ---- CE-EF21.2 -------------------------------------------------------------------------------------------------

let private standard: QuadraticSpec = {
    Workers = 3
    Dimension = 4
    Kappa = 10.0
    Spread = 3.0
    Seed = 1
}

let private underPL (compressor: Compressor) (spec: QuadraticSpec) =
    let f = Quadratic.distributed spec :> IFiniteSum
    let rule = parametersFor compressor f

    f,
    {
        rule with
            Gamma = largestGammaUnderPL f rule
    }

let private contractsUnderPL ctx (spec: QuadraticSpec) =
    let one compressor =
        let f, p = underPL compressor spec
        oneStep ctx f p (lyapunov f p) (fun s -> (1.0 - p.Gamma * f.StrongConvexity) * lyapunov f p s)

    Evidence.all [
        one (topK 1)
        if spec.Workers * spec.Dimension <= 6 then
            one (contractiveRandK 1)
    ]

/// g_i⁺ = C(∇f_i(x⁺)): nothing is fed back.
let private withoutFeedback (ctx: CheckContext) (spec: QuadraticSpec) =
    let f, p = underPL (topK 1) spec

    let proc = {
        Method.on f p method with
            Step =
                fun _ s ->
                    let x = s.X - p.Gamma * Block.mean s.G
                    { X = x; G = (f.Gradients x).TopK 1 }
    }

    let starts = init f p (CheckContext.gaussianStarts ctx 1 4 spec.Dimension 3.0)
    Trajectories.bound ctx proc starts 1000 Relation.AtMost 0 (linearBound f p)

let polyakLojasiewicz: Claim =
    Claim.create {
        Claim.spec
            "CE-EF21.2"
            ClaimKind.Sure
            "PL(μ), γ ≤ min{1/(L+L̃√(2β/θ)), θ/(2μ)}: Ψ_T ≤ (1−γμ)^T Ψ_0, Ψ = f−f*+(γ/θ)G"
            (Quadratic.instances 4 5
             |> Instances.startingWith [ standard ]
             |> Instances.counts 1 4 30)
            contractsUnderPL with
            Formula = @"\Psi_T\le(1-\gamma\mu)^T\Psi_0,\quad \Psi=f-f_*+\tfrac{\gamma}{\theta}G"
            Assumptions = "f L-smooth and PL with μ, f_i L_i-smooth, Top-1 and contractive Rand-1"
            Source = "arXiv 2106.05203, theorem 2; checked for one step from every state"
            Falsifiers = [ Falsifier.check "no feedback: g_i⁺ = C(∇f_i(x⁺))" withoutFeedback ]
    }

// ---- CE-EF21.3 -------------------------------------------------------------------------------------------------

/// A quadratic and the factor of the linear compressor C(x) = cx.
type LinearSpec = {
    Workers: int
    Dimension: int
    Kappa: float
    C: float
    Seed: int
}

/// C = identity gives GD; n = 1 and C(x) = cx gives g⁺ = (1−c)g + c∇f(x⁺).
let private reduces (compressor: Compressor) (ctx: CheckContext) (spec: LinearSpec) =
    let f =
        Quadratic.distributed {
            Workers = spec.Workers
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Spread = 3.0
            Seed = spec.Seed
        }
        :> IFiniteSum

    let p = {
        parametersFor compressor f with
            Gamma = 0.5 / f.Smoothness
    }

    let x0 = CheckContext.gaussianStarts ctx 1 3 spec.Dimension 2.0

    let gd =
        Method.on
            f
            {
                CompressedGD.Gamma = p.Gamma
                CompressedGD.Compressor = identity
            }
            CompressedGD.gradientDescent

    let asGradientDescent =
        Trajectories.same
            ctx
            (Method.on f p method)
            (init f p x0)
            (fun s -> s.X)
            gd
            (CompressedGD.init x0)
            (fun s -> s.X)
            50

    if spec.Workers > 1 then
        asGradientDescent
    else
        let heavy: Process<State, unit> = {
            Name = "g⁺ = (1−c)g + c∇f(x⁺)"
            Draw = Draw.none
            Step =
                fun () s ->
                    let x = s.X - p.Gamma * s.G in

                    {
                        X = x
                        G = (1.0 - spec.C) * s.G + spec.C * f.Gradient x
                    }
            Cost = fun () -> []
        }

        let c = {
            CompressorCombinations.scaled spec.C identity with
                Relative = fun _ -> 1.0 - spec.C, 0.0
        }

        let q = { p with Compressor = c }
        let start = { X = x0; G = spec.C * f.Gradients x0 }

        Evidence.all [
            asGradientDescent
            Trajectories.same ctx (Method.on f q method) (init f q x0) (fun s -> s.X) heavy start (fun s -> s.X) 50
        ]

let private linearCase = {
    Workers = 1
    Dimension = 2
    Kappa = 10.0
    C = 0.3
    Seed = 1
}

let reductions: Claim =
    Claim.create {
        Claim.spec
            "CE-EF21.3"
            ClaimKind.Exact
            "C = identity: EF21 is GD; n = 1 and C(x) = cx: g⁺ = (1−c)g + c∇f(x⁺)"
            (Instances.generated
                (gen {
                    let! workers = Gen.choose (1, 3)
                    let! dimension = Gen.choose (2, 5)
                    let! kappa = Gen.elements [ 1.0; 10.0; 100.0 ]
                    let! c = Gen.elements [ 0.05; 0.5; 1.0 ]
                    let! seed = Gen.choose (0, 10000)

                    return {
                        Workers = workers
                        Dimension = dimension
                        Kappa = kappa
                        C = c
                        Seed = seed
                    }
                })
                (fun spec ->
                    seq {
                        if spec.Workers > 1 then
                            { spec with Workers = 1 }

                        if spec.Dimension > 2 then
                            { spec with Dimension = 2 }
                    })
             |> Instances.startingWith [ linearCase; { linearCase with Workers = 3 } ])
            (reduces identity) with
            Formula = @"C=\mathrm{Id}\Rightarrow x_{k+1}=x_k-\gamma\nabla f(x_k)"
            Assumptions = "quadratics, any γ"
            Source = "by substitution"
            Falsifiers = [ Falsifier.check "Top-1 is not GD" (reduces (topK 1)) ]
    }

// ---- CE-EF21.5: partial participation ---------------------------------------------------------------------------

let private randomCase = {
    Workers = 3
    Dimension = 2
    K = 1
    Random = true
    P = 0.5
    Seed = 1
}

let participation: Claim =
    Claim.create {
        Claim.spec
            "CE-EF21.5"
            ClaimKind.Mean
            "EF21-PP, γ ≤ 1/(L+√(B/θ_p)): (1/T)Σ_{t<T} E‖∇f(x_t)‖² ≤ 2(f(x_0)−f*)/(γT) + G_0/(θ_pT)"
            (Instances.generated (generator 3 2 [ true ] [ 0.2; 0.5; 0.9; 1.0 ]) shrinkIndefinite
             |> Instances.startingWith [ randomCase; { randomCase with K = 2; P = 0.2 } ]
             |> Instances.counts 1 3 20)
            descends with
            Formula =
                @"\frac1T\sum_{t<T}\mathbb E\|\nabla f(x_t)\|^2\le\frac{2(f(x_0)-f_*)}{\gamma T}+\frac{G_0}{\theta_pT}"
            Assumptions =
                "independent coins of probability p; θ_p = pθ−ρ(1−p), B = (pβ+(1+1/ρ)(1−p))L̃², θ = 1−(1+s)(1−α), β = (1+1/s)(1−α)"
            Source = "arXiv 2110.03294; the case of equal probabilities re-derived; checked as its one-step form"
            Falsifiers = [ Falsifier.check "γ × 60" (averages 60.0 150) ]
    }

let paper: Paper = {
    Key = "CE-EF21"
    Title = "EF21: A New, Simpler, Theoretically Better, and Practically Faster Error Feedback"
    Citation = "Richtárik, Sokolov, Fatkhullin, NeurIPS 2021, arXiv 2106.05203"
    Family = "communication-efficient"
    Problem = "f = (1/n) Σ f_i bounded below, f L-smooth, f_i L_i-smooth (not convex), contractive compressor C ∈ B(α)"
    Methods = [ MethodEntry.create method; MethodEntry.create participationMethod ]
    Claims = [
        nonconvex
        polyakLojasiewicz
        reductions
        EF21Divergence.feedbackNeeded
        participation
    ]
}
