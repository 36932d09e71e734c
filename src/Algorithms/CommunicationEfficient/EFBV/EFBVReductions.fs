/// EF-BV at its extremes (CE-EFBV.2): λ = ν = 1 is EF21 with the index of its memory shifted, λ = ν is EF21 with the scaled
/// compressor, ν = 1 is DIANA.
module Theory.Algorithms.CommunicationEfficient.EFBVReductions

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations
open Theory.Algorithms.CommunicationEfficient.JointCompression
open Theory.Algorithms.CommunicationEfficient.EFBVMethod

/// Quadratics, a compressor by name, and the scale of EF21's.
[<NoComparison>]
type ReductionSpec = {
    Workers: int
    Dimension: int
    Kappa: float
    /// "rand", "top", "comp", "natural", "ternary".
    Compressor: string
    /// λ = ν of EF21's side.
    Lambda: float
    Seed: int
}

let private compressorOf (spec: ReductionSpec) =
    match spec.Compressor with
    | "rand" -> randK 1
    | "top" -> topK 1
    | "comp" -> comp 1 2
    | "natural" -> natural
    | "ternary" -> ternary
    | other -> invalidArg (nameof spec) $"There is no compressor '{other}'."

let private functionOf (spec: ReductionSpec) : IFiniteSum =
    Quadratic.distributed {
        Workers = spec.Workers
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        Spread = 3.0
        Seed = spec.Seed
    }

/// Any stepsize serves the identities; this one keeps the runs bounded.
let private gammaOf (f: IFiniteSum) (c: Compressor) =
    let _, omega = c.Relative f.Dimension
    0.1 / ((1.0 + omega) * Array.max f.Smoothnesses)

let private parameters lambda nu (f: IFiniteSum) (c: Compressor) : Parameters = {
    Gamma = gammaOf f c
    Lambda = lambda
    Nu = nu
    OmegaAv = snd (c.Relative f.Dimension) / float f.Count
    Compressor = c
}

/// λ = 1/(1+ω), ν = 1, as EF-BV and as DIANA.
let private dianaPair (f: IFiniteSum) (c: Compressor) : Parameters * DIANA.Parameters =
    let lambda = 1.0 / (1.0 + snd (c.Relative f.Dimension))

    parameters lambda 1.0 f c,
    {
        Gamma = gammaOf f c
        Alpha = lambda
        Compressor = c
    }

/// λ = ν, as EF-BV with C and as EF21 with λC.
let private feedbackPair lambda (f: IFiniteSum) (c: Compressor) : Parameters * EF21.Parameters =
    parameters lambda lambda f c,
    {
        Gamma = gammaOf f c
        P = 1.0
        S = 1.0
        Rho = 1.0
        Compressor = if lambda = 1.0 then c else scaled lambda c
    }

/// The memory with which EF21 has to start: h⁺.
let private memoryAfter f (p: Parameters) draw (s: State) : EF21.State = { X = s.X; G = (step f p draw s).H }

/// EF-BV whose estimate uses the control variates of the next step.
let private shifted (f: IFiniteSum) (p: Parameters) draw (s: State) : State =
    let next = step f p draw s
    let d = p.Compressor.Apply draw (f.Gradients s.X - s.H)

    {
        next with
            X = s.X - p.Gamma * Block.mean (next.H + p.Nu * d)
    }

// ---- On the same draws, bit for bit -------------------------------------------------------------------------------

let private steps = 100

/// The workers' vectors as one.
let private inRow (h: Block) =
    Block.ConcatDimension [| for i in 0 .. h.Workers - 1 -> h.Worker i |]

/// x and h of EF-BV (with a step in place of its own, for falsifiers) and of DIANA.
let private equalsDIANA (alter: (IFiniteSum -> Parameters -> CompressorDraw -> State -> State) option) ctx spec =
    let f, c = functionOf spec, compressorOf spec
    let p, diana = dianaPair f c
    let own = Method.on f p (methodWith (independent c))

    let first =
        match alter with
        | Some step -> { own with Step = step f p }
        | None -> own

    let second = Method.on f diana (DIANA.methodWith c)
    let x0 = (CheckContext.gaussianStarts ctx 1 3 spec.Dimension 2.0).Materialise()
    // Any control variates, the same for both.
    let h0 =
        (5.0
         * Sampler.Gaussian(CheckContext.address ctx 2, spec.Workers, 3, spec.Dimension))
            .Materialise()

    let start: State = { X = x0; H = h0 }
    let other: DIANA.State = { X = x0; H = h0 }

    Evidence.all [
        BitForBit.same ctx first start (fun s -> s.X) second other (fun s -> s.X) steps
        BitForBit.same ctx first start (fun s -> inRow s.H) second other (fun s -> inRow s.H) steps
    ]

/// x of EF-BV and of EF21, which starts from EF-BV's first h⁺ (or from h⁰, for a falsifier) and draws one step later.
let private equalsEF21 (shift: int) lambda ctx spec =
    let f, c = functionOf spec, compressorOf spec
    let p, feedback = feedbackPair lambda f c
    let first = Method.on f p (methodWith (independent c))
    let own = Method.on f feedback (EF21.methodWith c)

    let later (a: DrawAddress) =
        DrawAddress(a.Seed, a.Stream, a.Step + shift, a.Site, a.FirstLane)

    let second = {
        own with
            Draw = Draw.sampled own.Draw.Sites (fun address lanes -> own.Draw.Sample(later address, lanes))
    }

    let lanes = 3
    let x0 = (CheckContext.gaussianStarts ctx 1 lanes spec.Dimension 2.0).Materialise()
    let start = init f x0
    let draw = first.Draw.Sample(DrawAddress(ctx.Seed, ctx.Stream, 0, 0, 0), lanes)

    let other: EF21.State =
        if shift = 0 then
            { X = x0; G = start.H }
        else
            memoryAfter f p draw start

    BitForBit.same ctx first start (fun s -> s.X) second other (fun s -> s.X) steps

let private sameRuns ctx (spec: ReductionSpec) =
    Evidence.all [
        equalsEF21 1 1.0 ctx spec
        equalsEF21 1 spec.Lambda ctx spec
        equalsDIANA None ctx spec
    ]

let private standard: ReductionSpec = {
    Workers = 3
    Dimension = 3
    Kappa = 10.0
    Compressor = "rand"
    Lambda = 0.5
    Seed = 1
}

let private instancesOf maxWorkers maxDimension compressors =
    Instances.generated
        (gen {
            let! workers = Gen.choose (1, maxWorkers)
            let! dimension = Gen.choose (2, maxDimension)
            let! kappa = Gen.elements [ 2.0; 10.0; 100.0 ]
            let! compressor = Gen.elements compressors
            let! lambda = Gen.elements [ 0.1; 0.3; 0.5; 0.9 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Dimension = dimension
                Kappa = kappa
                Compressor = compressor
                Lambda = lambda
                Seed = seed
            }
        })
        (fun spec ->
            seq {
                if spec.Workers > 1 then
                    { spec with Workers = spec.Workers - 1 }

                if spec.Dimension > 2 then
                    { spec with Dimension = 2 }
            })

let private statement =
    "λ = ν: EF21 with λC, its memory g_i = h_i⁺; ν = 1, λ = 1/(1+ω): DIANA"

let private formula =
    @"\lambda=\nu:\ x^k_{\rm EFBV}=x^k_{\rm EF21(\lambda C)},\ h_i^{k+1}=g_i^k;\qquad\nu=1:\ (x^k,h^k)_{\rm EFBV}=(x^k,h^k)_{\rm DIANA}"

let runsClaim: Claim =
    let compressors = [ "rand"; "top"; "comp"; "natural"; "ternary" ]

    Claim.create {
        Claim.spec
            "CE-EFBV.2"
            ClaimKind.Exact
            $"{statement}: the same iterates on the same draws, bit for bit"
            (instancesOf 4 6 compressors
             |> Instances.startingWith [ for name in compressors -> { standard with Compressor = name } ])
            sameRuns with
            Formula = formula
            Assumptions = "any stepsize, any compressor, quadratics; 100 steps"
            Source = "arXiv 2205.04180, section 3; by substitution"
            Falsifiers = [
                Falsifier.check "h⁺ in the estimate" (equalsDIANA (Some shifted))
                Falsifier.check "EF21 without the shift of its memory" (equalsEF21 0 1.0)
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }

// ---- For every state and every outcome ----------------------------------------------------------------------------

let private together (x: Block) (h: Block) = Block.ConcatWorkers(x, h)

let private everyState (spec: ReductionSpec) (lambda: float) (alter: bool) =
    let f, c = functionOf spec, compressorOf spec

    let outcomes =
        (c.Draw f.Count f.Dimension).Outcomes |> Array.map (fun o -> o.Outcome)

    let centre = fixedPoint f f.Minimiser
    let diana, asDIANA = dianaPair f c
    let p, feedback = feedbackPair lambda f c
    let all = Mask.Constant true
    let advance = if alter then shifted else step

    Evidence.all [
        for draw in outcomes do
            AffineIdentity.forEveryState
                centre
                None
                (fun s -> let next = advance f diana draw s in together next.X next.H)
                (fun s -> let next = DIANA.step f asDIANA draw { X = s.X; H = s.H } in together next.X next.H)

            for later in outcomes do
                AffineIdentity.forEveryState
                    centre
                    None
                    (fun s -> let next = memoryAfter f p later (advance f p draw s) in together next.X next.G)
                    (fun s ->
                        let next = EF21.step f feedback (all, later) (memoryAfter f p draw s)
                        together next.X next.G)
    ]
    |> Evidence.note ""

let statesClaim: Claim =
    let small = {
        standard with
            Workers = 2
            Dimension = 2
    }

    Claim.create {
        Claim.spec
            "CE-EFBV.2b"
            ClaimKind.Exact
            $"{statement}: one step of each from every state, for every outcome"
            (instancesOf 2 2 [ "rand" ] |> Instances.startingWith [ small ])
            (fun _ spec -> Evidence.all [ everyState spec 1.0 false; everyState spec spec.Lambda false ]) with
            Formula = formula
            Assumptions = "linear compressors (Rand-1), quadratics"
            Source = "arXiv 2205.04180, section 3; by substitution"
            Falsifiers = [
                Falsifier.check "h⁺ in the estimate" (fun _ spec -> everyState spec spec.Lambda true)
            ]
            Tight = Some { Instance = small; AtLeast = 1.0 }
    }
