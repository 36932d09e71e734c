/// What averages over sampled clients do to the loss, exactly, and the number of clients that a descent needs.
module Theory.Algorithms.CommunicationEfficient.SampledAverages

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.ParticipantRules

/// Quadratics (the standard ones, or indefinite f_i with a convex mean).
type SampleSpec = {
    Workers: int
    Dimension: int
    Kappa: float
    Spread: float
    Indefinite: bool
    /// γL.
    GammaL: float
    Seed: int
}

/// The quadratics of a specification.
let problem (spec: SampleSpec) : Quadratic =
    if spec.Indefinite then
        Quadratic.indefinite spec.Workers spec.Dimension spec.Seed
    else
        Quadratic.distributed {
            Workers = spec.Workers
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Spread = spec.Spread
            Seed = spec.Seed
        }

/// Seven clients, d = 3, κ = 10.
let usual = {
    Workers = 7
    Dimension = 3
    Kappa = 10.0
    Spread = 3.0
    Indefinite = false
    GammaL = 0.5
    Seed = 1
}

/// Specifications with up to the given number of clients.
let instances largest fixedOnes =
    Instances.generated
        (gen {
            let! workers = Gen.choose (2, largest)
            let! dimension = Gen.choose (2, 3)
            let! kappa = Gen.elements [ 2.0; 10.0; 50.0 ]
            let! indefinite = Gen.elements [ false; true ]
            let! gammaL = Gen.elements [ 0.1; 0.5; 1.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Dimension = dimension
                Kappa = kappa
                Spread = 3.0
                Indefinite = indefinite
                GammaL = gammaL
                Seed = seed
            }
        })
        (fun spec ->
            seq {
                if spec.Workers > 2 then
                    { spec with Workers = spec.Workers - 1 }

                if spec.Seed > 0 then
                    { spec with Seed = spec.Seed / 2 }
            })
    |> Instances.startingWith fixedOnes

/// A round of s clients.
let roundOf (f: IFiniteSum) gamma participants =
    Method.on
        f
        {
            Gamma = gamma
            Participants = participants
        }
        fixedMethod

/// (n−s)/(s(n−1)): the variance of a mean of s of n.
let withoutReplacement n s =
    if n = 1 then
        0.0
    else
        float (n - s) / (float s * float (n - 1))

/// v = (1/n) Σ (Δ_i − Δ̄)ᵀA(Δ_i − Δ̄), A = ∇²f, Δ_i = −γ∇f_i(x).
let private curvedSpread (q: Quadratic) gamma (x: Block) =
    let f = q :> IFiniteSum
    let e = gamma * (f.Gradients x - f.Gradient x)
    Block.mean (Block.dot e (e.Apply q.Mean))

let private meanStep (f: IFiniteSum) gamma (x: Block) = x - gamma * f.Gradient x

// ---- CE-ISP.1 --------------------------------------------------------------------------------------------------

let private everySize (q: Quadratic) gamma relation measure bound =
    let f = q :> IFiniteSum

    [
        for s in 1 .. f.Count do
            Spectral.oneStep {
                Process = roundOf f gamma s
                Centre = { FixedState.X = f.Minimiser }
                Keeps = None
                Measure = measure
                Bound = bound s
                Relation = relation
                MatchMoments = false
            }
    ]
    |> Evidence.all

let private expectedLoss (variance: int -> int -> float) (spec: SampleSpec) =
    let q = problem spec
    let f = q :> IFiniteSum
    let gamma = spec.GammaL / f.Smoothness

    everySize q gamma Relation.Equal (fun (s: FixedState) -> f.Value s.X) (fun participants (s: FixedState) ->
        f.Value(meanStep f gamma s.X)
        + (0.5 * variance f.Count participants) * curvedSpread q gamma s.X)

let lossClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-ISP.1"
            ClaimKind.Exact
            "quadratic F, uniform S: E F(x+Δ_S) = F(x+Δ̄) + ½((n−s)/(s(n−1)))·mean (Δ_i−Δ̄)ᵀA(Δ_i−Δ̄), for every x and s"
            (instances 6 [ usual ])
            (fun _ -> expectedLoss withoutReplacement) with
            Formula =
                @"\mathbb E_SF(x+\Delta_S)=F(x+\bar\Delta)+\tfrac12\tfrac{n-s}{s(n-1)}\tfrac1n\sum_i(\Delta_i-\bar\Delta)^\top A(\Delta_i-\bar\Delta)"
            Assumptions = "Hessian A of F, Δ_i = −γ∇f_i(x), S uniform of size s without replacement"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "1/s, the factor of draws with replacement" (fun _ ->
                    expectedLoss (fun _ s -> 1.0 / float s))
            ]
            Tight = Some { Instance = usual; AtLeast = 1.0 }
    }

/// The first size with B − E F(x+Δ_S) > 0, by enumeration of all subsets, against the closed form (0 for none).
let private picks (closed: int -> float -> float -> int) (ctx: CheckContext) (spec: SampleSpec) =
    let q = problem spec
    let f = q :> IFiniteSum
    let n = f.Count
    let gamma = spec.GammaL / f.Smoothness
    let lanes = 40

    let x =
        f.Minimiser
        + CheckContext.gaussianStarts ctx 1 lanes f.Dimension 1.0
          * Block.Own(Shape.Vector(1, lanes, 1), Array.init lanes (fun lane -> 0.3 * 1.1 ** float lane))

    let present = Block.lanes (f.Value x)
    let share = (Sampler.Uniform(CheckContext.address ctx 2, 1, lanes, 1)).ToArray()

    let means =
        Array.init n (fun at ->
            Enumerated.expectation (roundOf f gamma (at + 1)) (fun _ (s: FixedState) -> f.Value s.X) {
                FixedState.X = x
            })

    let centre = Block.lanes (f.Value(meanStep f gamma x))
    let spread = Block.lanes (curvedSpread q gamma x)

    let rows = [
        for lane in 0 .. lanes - 1 do
            let baseline = (0.9 + 0.15 * share[lane]) * present[lane]

            let scanned =
                ISP.firstBetter baseline [| 1..n |] (means |> Array.map (fun m -> m[lane]))

            Evidence.row
                Relation.Equal
                1
                1
                $"start {lane}: picked size"
                (float (defaultArg scanned 0))
                (float (closed n spread[lane] (baseline - centre[lane])))
    ]

    let chosen =
        rows |> List.map (fun r -> int r.Measured) |> List.countBy id |> List.sort

    Evidence.ofRows Rung.Enumerated Relation.Equal rows
    |> Evidence.note $"sizes picked and how often: {chosen}"

/// None for G ≤ 0, else max{1, ⌊nv/(v + 2(n−1)G)⌋ + 1}.
let private closedPick n v gain =
    if gain <= 0.0 then
        0
    else
        max 1 (int (floor (float n * v / (v + 2.0 * float (n - 1) * gain))) + 1)

/// The same with replacement: the least s > v/(2G), if it is at most n.
let private replacedPick n v gain =
    let s = floor (v / (2.0 * gain)) + 1.0
    if gain <= 0.0 || s > float n then 0 else int s

let pickClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-ISP.1b"
            ClaimKind.Exact
            "with exact means and grid 1 … n the rule picks no size if G = B − F(x+Δ̄) ≤ 0, else s = max{1, ⌊nv/(v+2(n−1)G)⌋ + 1}"
            (instances 6 [ usual; { usual with GammaL = 1.0; Seed = 2 } ])
            (picks closedPick) with
            Formula = @"s=\max\Bigl\{1,\Bigl\lfloor\frac{nv}{v+2(n-1)G}\Bigr\rfloor+1\Bigr\},\quad G=B-F(x+\bar\Delta)"
            Assumptions = "as CE-ISP.1; B between 0.9 and 1.05 of F(x), 40 points an instance, all subsets"
            Source = "derived from CE-ISP.1: B − E F(x+Δ_S) > 0 is linear in 1/s"
            Falsifiers = [
                Falsifier.check "1/s, the factor of draws with replacement" (picks replacedPick)
            ]
            Tight = Some { Instance = usual; AtLeast = 1.0 }
    }
