/// Steps of adversarial group weights in the geometry of KL, and the evidence that papers on them share: a step towards
/// π* ∝ π̂ e^{ℓ/λ} is π⁺ ∝ π^{1−a}(π*)^a with a share a, for which the log-ratio span to π* shrinks by 1 − a exactly.
/// Weights are given by their logarithms: groups × lanes × 1.
module Theory.Algorithms.VariationalInequalities.WeightSteps

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

/// What a weight step knows beside losses and weights: λ and log π̂.
[<NoEquality; NoComparison>]
type Regulariser = { Lambda: float; LogPrior: Block }

/// λ and log π̂ of a problem.
let regulariser (f: IGroupSaddle) : Regulariser = {
    Lambda = f.Lambda
    LogPrior = GroupSaddle.logPrior f
}

/// A weight step: losses and log π to log π⁺.
type Rule = Block -> Block -> Block

/// π⁺ ∝ π^{1−γλ} π̂^{γλ} e^{γℓ}: the regulariser is linearised. The share is γλ.
let explicit (r: Regulariser) (gamma: float) : Rule =
    fun losses logs ->
        let a = gamma * r.Lambda
        GroupSaddle.normalise ((1.0 - a) * logs + a * r.LogPrior + gamma * losses)

/// π⁺ ∝ (π π̂^{γλ} e^{γℓ})^{1/(1+γλ)}: the regulariser is taken at π⁺. The share is γλ/(1+γλ).
let implicit (r: Regulariser) (gamma: float) : Rule =
    fun losses logs ->
        let a = gamma * r.Lambda
        GroupSaddle.normalise ((logs + a * r.LogPrior + gamma * losses) / (1.0 + a))

/// log π*, π* ∝ π̂ e^{ℓ/λ}.
let best (r: Regulariser) (losses: Block) : Block =
    GroupSaddle.normalise (r.LogPrior + losses / r.Lambda)

/// Logarithms without their mean over the groups, which normalisation fixes.
let centred (y: Block) : Block = y - Block.mean y

/// max log(π/π') − min log(π/π').
let span (y: Block) (other: Block) : Block =
    let ratio = y - other
    GroupSaddle.largest ratio - GroupSaddle.smallest ratio

/// t·e^t − (e^t − 1) ≥ 0, to relative accuracy near 0 too.
let private excess (t: float) =
    if abs t < 0.01 then
        t
        * t
        * (1.0 / 2.0
           + t
             * (1.0 / 3.0 + t * (1.0 / 8.0 + t * (1.0 / 30.0 + t * (1.0 / 144.0 + t / 840.0)))))
    else
        t * exp t - (exp t - 1.0)

/// KL(π‖π') as Σ (π_m log r − π_m + π'_m), r = π/π': the sum of π log r alone loses everything to cancellation near
/// π = π'. Terms with r > e are summed as they stand, since π'_m may be too small to represent.
let divergence (y: Block) (other: Block) : Block =
    let apart = y - other
    let far = apart.Map(fun t -> if t > 1.0 then 1.0 else 0.0)
    let near = other.Exp() * apart.Map(fun t -> excess (min t 1.0))
    let whole = y.Exp() * (apart - Block.scalar 1.0) + other.Exp()
    (far * whole + (Block.scalar 1.0 - far) * near).SumWorkers()

// ---- Instances ---------------------------------------------------------------------------------------------------

/// Losses and weights of one moment by a few numbers.
[<NoComparison>]
type WeightSpec = {
    /// M ≥ 2.
    Groups: int
    /// γλ.
    Product: float
    Lambda: float
    /// Scale of the losses.
    Loss: float
    /// π̂_1; the other groups share the rest. 0 for the uniform prior.
    First: float
    Seed: int
}

/// Generated moments with γλ among the given products.
let instances (products: float list) : Instances<WeightSpec> =
    let generator =
        gen {
            let! groups = Gen.choose (2, 6)
            let! product = Gen.elements products
            let! lambda = Gen.elements [ 0.05; 0.3; 1.0; 3.0 ]
            let! loss = Gen.elements [ 0.3; 1.0 ]
            let! first = Gen.elements [ 0.0; 0.1; 0.8 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Groups = groups
                Product = product
                Lambda = lambda
                Loss = loss
                First = first
                Seed = seed
            }
        }

    let shrink spec =
        seq {
            if spec.Groups > 2 then
                { spec with Groups = spec.Groups - 1 }

            if spec.First > 0.0 then
                { spec with First = 0.0 }

            if spec.Lambda <> 1.0 then
                { spec with Lambda = 1.0 }
        }

    Instances.generated generator shrink

/// λ, log π̂, γ and losses of a moment.
let moment (spec: WeightSpec) : Regulariser * float * Block =
    let prior =
        GroupSaddle.prior spec.Groups spec.First |> Array.map (fun p -> [| log p |])

    let losses =
        Linear.gaussians spec.Seed 800 spec.Groups
        |> Array.map (fun v -> [| spec.Loss * v |])

    {
        Lambda = spec.Lambda
        LogPrior = Block.ofWorkers prior
    },
    spec.Product / spec.Lambda,
    Block.ofWorkers losses

/// Random weights of the whole simplex, one a lane: logarithms, Gaussian with the given scale before normalisation.
let randomLogs (ctx: CheckContext) site groups lanes (scale: float) : Block =
    GroupSaddle.normalise (scale * Sampler.Gaussian(CheckContext.address ctx site, groups, lanes, 1))

// ---- Evidence ----------------------------------------------------------------------------------------------------

/// Two blocks of numbers agree, lane by lane: their largest difference against the allowance of an identity between
/// values up to `scale` made by `operations` operations.
let agree label (operations: float) (scale: float) (first: Block) (second: Block) : Row list =
    let gap = (first - second).ToArray() |> Array.map abs |> Array.max

    [
        {
            Label = $"{label}: largest difference"
            Measured = gap
            Bound = 0.0
            Holds = gap <= Rounding.identity operations scale
        }
    ]

/// Evidence of identities: attained where they hold.
let ofIdentities (rows: Row list) : Evidence =
    let evidence = Evidence.ofRows Rung.Trajectories Relation.Equal rows

    {
        evidence with
            Tightness = if evidence.Violation.IsNone then 1.0 else infinity
    }

/// log(π⁺/π*) = (1 − share)·log(π/π*) up to a constant, for every π: the span shrinks by exactly 1 − share.
let spanShrinks (r: Regulariser) (losses: Block) (rule: Rule) (share: float) : Evidence =
    let target = best r losses

    AffineIdentity.forEveryState target None (fun y -> centred (rule losses y - target)) (fun y ->
        (1.0 - share) * centred (y - target))

/// Weights as the state of a process with fixed losses.
type private Logs = {
    /// log π.
    Y: Block
}

/// KL(π*‖π⁺) ≤ factor · KL(π*‖π) from random weights of the whole simplex and from the worst that a search finds.
let divergenceShrinks ctx (r: Regulariser) (losses: Block) (rule: Rule) (factor: float) : Evidence =
    let target = best r losses

    let proc: Process<Logs, unit> = {
        Name = "weights"
        Draw = Draw.none
        Step = fun () s -> { Y = rule losses s.Y }
        Cost = fun () -> []
    }

    // Weights closer to π* than a span of 1e-2 are moved away from it to that: there both sides are of the second order in
    // the span, the next one has (1−a)² of it, and logarithms do not resolve the difference.
    let normal s =
        let apart = s.Y - target

        let push =
            (span s.Y target).Map(fun v -> if v < 1e-2 then 1e-2 / max v 1e-300 else 1.0)

        {
            Y = GroupSaddle.normalise (target + push * apart)
        }

    let check lanes scale rounds =
        OneStep.contraction
            ctx
            proc
            (normal {
                Y = randomLogs ctx 2 losses.Workers lanes scale
            })
            1
            rounds
            normal
            (fun s -> divergence target s.Y)
            factor

    // Many points of moderate weights; few far out, where the ratio comes close to 1 − a, and a climb from there.
    Pieces.all [
        check (CheckContext.pick 500 5000 20000 ctx) 2.0 0
        check 20 30.0 (CheckContext.pick 5 20 60 ctx)
    ]

/// The maximiser over the simplex of a concave function with the Hessian −κ diag(1/π), given by its gradient: damped
/// Newton steps from uniform weights.
let maximise (groups: int) (kappa: float) (gradient: float[] -> float[]) : float[] =
    let rec iterate (pi: float[]) rounds =
        let slope = gradient pi
        let mean = Array.map2 (*) pi slope |> Array.sum
        // Relative moves; each weight keeps at least a tenth of itself.
        let moves = slope |> Array.map (fun v -> (v - mean) / kappa)
        let length = min 1.0 (0.9 / max 1e-300 -(Array.min moves))
        let raw = Array.map2 (fun p m -> p * (1.0 + length * m)) pi moves
        let total = Array.sum raw
        let next = raw |> Array.map (fun v -> v / total)

        if
            rounds = 0
            || (length = 1.0 && Array.forall2 (fun p m -> p * abs m < 1e-17) pi moves)
        then
            next
        else
            iterate next (rounds - 1)

    iterate (Array.create groups (1.0 / float groups)) 500

/// π⁺ of the rule against the numerical maximiser of an objective, from random weights; the objective's gradient in π is
/// given from the losses, log π̂ and log π_t.
let maximises
    ctx
    (r: Regulariser)
    (losses: Block)
    (rule: Rule)
    kappa
    (gradient: float[] -> float[] -> float[] -> float[] -> float[])
    : Evidence =
    let groups, lanes = losses.Workers, 8
    let logs = randomLogs ctx 3 groups lanes 2.0

    let column (b: Block) lane =
        Array.init groups (fun m -> b[m, (if b.Lanes = 1 then 0 else lane), 0])

    let l, prior = column losses 0, column r.LogPrior 0

    let found =
        Array.init lanes (fun lane -> maximise groups kappa (gradient l prior (column logs lane)))

    let expected =
        Block.Own(
            Shape.Vector(groups, lanes, 1),
            Array.init (groups * lanes) (fun at -> found[at % lanes].[at / lanes])
        )

    ofIdentities (agree "weights against the maximiser" (float groups) 1.0 ((rule losses logs).Exp()) expected)
