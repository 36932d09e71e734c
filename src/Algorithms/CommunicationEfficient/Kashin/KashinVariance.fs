/// The variance of Kashin compression (CE-KASHIN.3 and .5).
///
/// Safaryan, Shulgin, Richtárik, 2020, arXiv 2002.08958; the order in λ = D/d as restated with QUIC-FL, 2022,
/// arXiv 2205.13341.
module Theory.Algorithms.CommunicationEfficient.KashinVariance

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

let private square (x: float[]) = x |> Array.sumBy (fun v -> v * v)
let private largest (x: float[]) = x |> Array.map abs |> Array.max

/// Plain unbiased rounding of x itself on m levels of [−‖x‖_∞, ‖x‖_∞]: Kashin compression in the frame I.
let private plain (levels: int) : Compressor =
    let identity: Frame = {
        Name = "no frame"
        At =
            fun d -> {
                Synthesis = Matrix.Identity d
                Analysis = Matrix.Identity d
                Columns = Array.create d 1.0
            }
        Levels = fun _ -> 0.9, 1.0
        Proved = false
    }

    kashinWith levels 0 identity

/// E‖C(x) − x‖²/‖x‖² of an unbiased compressor, from its second moment.
let private omegaAt (c: Compressor) (x: float[]) = c.SecondMoment.Value x / square x - 1.0

/// ‖E C(x) − x‖ and E‖C(x) − x‖² of a law.
let private moments (law: (float * float[]) list) (x: float[]) =
    let mean = Array.init x.Length (fun i -> law |> List.sumBy (fun (p, y) -> p * y[i]))

    sqrt (square (Array.map2 (-) mean x)), law |> List.sumBy (fun (p, y) -> p * square (Array.map2 (-) y x))

let private close label operations scale measured bound = {
    Label = label
    Measured = measured
    Bound = bound
    Holds = Evidence.holds Relation.Equal (Rounding.identity operations scale) measured bound
}

// ---- CE-KASHIN.3 -----------------------------------------------------------------------------------------------

type VarianceSpec = {
    /// d of the vectors whose variance is computed in closed form, a power of two.
    Dimension: int
    /// δD of the frame [I, H]/√2.
    Nonzeros: int
    /// m ≥ 2.
    Levels: int
    /// Rounds with clipping.
    Rounds: int
    Seed: int
}

let private changeNothing (c: Compressor) = c

/// A frame of R⁴ in which unit vectors are clipped for several rounds.
let private small: Frame = {
    Frames.hadamardPair 2 with
        Levels = fun _ -> 0.9, 1.0
        Proved = false
}

/// The exact law against the closed form of the variance, and unbiasedness; `change` may break the compressor.
let private enumerated (change: Compressor -> Compressor) (ctx: CheckContext) (spec: VarianceSpec) =
    let small, plain, usual =
        change (kashinWith spec.Levels spec.Rounds small), change (plain spec.Levels), change (kashin spec.Levels)

    // Two coefficients an entry: m levels give 2^D outcomes whatever m.
    let cases =
        (Representation.vectors spec.Seed 4 4 @ [ Representation.unit 4 0 ]
         |> List.collect (fun x -> [ small, x; plain, x; usual, x ]))

    [
        for c, x in cases do
            let law = c.ExactLaw x
            let bias, error = moments law x

            let sampled =
                c.Apply ((c.Draw 1 x.Length).Sample(CheckContext.address ctx 0, 4)) ((Block.vector x).RepeatLanes 4)
                |> Block.rows
                |> Array.map (fun y -> law |> List.map (fun (_, z) -> square (Array.map2 (-) y z)) |> List.min)
                |> Array.max

            close $"{c.Name}: squared distance of samples to the law" 64.0 (square x) sampled 0.0
            close $"{c.Name}: ‖E C(x) − x‖" 4096.0 (sqrt (square x)) bias 0.0
            close $"{c.Name}: E‖C(x) − x‖²" 4096.0 (c.SecondMoment.Value x) error (omegaAt c x * square x)

            if c.Name = plain.Name && spec.Levels = 2 then
                let most = largest x

                close
                    "two levels of x itself: d‖x‖_∞² − ‖x‖²"
                    4096.0
                    (4.0 * most * most)
                    error
                    (4.0 * most * most - square x)
    ]
    |> Evidence.ofRows Rung.Enumerated Relation.Equal

/// E‖KC(x) − x‖² ≤ E‖C(a) − a‖² ≤ share·D(A/(m−1))² ≤ (K/(m−1))²‖x‖² at larger d, and the compressor's own ω.
let private chain (share: int -> float) (spec: VarianceSpec) =
    let d = spec.Dimension
    let frame = Frames.hadamardPair spec.Nonzeros
    let u = frame.At d
    let c = kashinWith spec.Levels spec.Rounds frame
    let eta, delta = frame.Levels d
    let k = 1.0 / ((1.0 - eta) * sqrt delta)
    let top = float (spec.Levels - 1)

    let one (x: float[]) =
        let a = Kashin.represent frame spec.Rounds x
        let bound = share u.Size * (largest a / top) ** 2.0
        // The same a in the frame I of R^D.
        let coefficients = omegaAt (plain spec.Levels) a * square a
        let error = omegaAt c x * square x

        [
            Evidence.row Relation.AtMost u.Size 1 "E‖KC(x) − x‖² ≤ E‖C(a) − a‖²" error coefficients
            Evidence.row Relation.AtMost u.Size 1 "E‖C(a) − a‖² ≤ D(A/(m−1))²" coefficients bound
            Evidence.row Relation.AtMost u.Size 1 "E‖KC(x) − x‖² ≤ (K/(m−1))²‖x‖²" error ((k / top) ** 2.0 * square x)
            Evidence.row Relation.AtMost u.Size 1 "E‖KC(x) − x‖² ≤ ω‖x‖²" error (omegaOf c d * square x)
        ]

    Representation.vectors spec.Seed d 20
    @ [ Representation.unit d 0; Array.create d 1.0 ]
    |> List.collect one
    |> Evidence.ofRows Rung.Enumerated Relation.AtMost

let private variance change share ctx spec =
    Evidence.all [
        {
            enumerated change ctx spec with
                Tightness = nan
        }
        chain share spec
    ]

/// Each coefficient rounded to its nearest level.
let private nearest (c: Compressor) : Compressor = {
    c with
        ExactLaw = fun x -> [ 1.0, c.ExactLaw x |> List.maxBy fst |> snd ]
}

/// Without the last round: a represents x − y only.
let private residualKept (rounds: int) (c: Compressor) : Compressor =
    if c.Name.EndsWith "no frame" then
        c
    else
        {
            c with
                ExactLaw =
                    fun x ->
                        let last = List.last (Kashin.rounds small rounds x)
                        c.ExactLaw(Array.map2 (-) x last.Residual)
        }

let private varianceSpec levels = {
    Dimension = 16
    Nonzeros = 4
    Levels = levels
    Rounds = 3
    Seed = 1
}

let varianceClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-KASHIN.3"
            ClaimKind.Mean
            "KC is unbiased with E‖KC(x)−x‖² = Σ v_i‖U_i‖² ≤ E‖C(a)−a‖² ≤ D(A/(m−1))² ≤ (K/(m−1))²‖x‖²; two levels of x itself have ω(x) = d‖x‖_∞²/‖x‖² − 1"
            (Instances.generated
                (gen {
                    let! d = Gen.elements [ 16; 64 ]
                    let! k = Gen.elements [ 1; 2; 4 ]
                    let! levels = Gen.elements [ 2; 3; 5; 9; 17 ]
                    let! rounds = Gen.choose (1, 6)
                    let! seed = Gen.choose (0, 10000)

                    return {
                        Dimension = d
                        Nonzeros = k
                        Levels = levels
                        Rounds = rounds
                        Seed = seed
                    }
                })
                (fun spec ->
                    seq {
                        if spec.Dimension > 16 then
                            { spec with Dimension = 16 }

                        if spec.Rounds > 1 then
                            { spec with Rounds = 1 }
                    })
             |> Instances.startingWith [ varianceSpec 2; varianceSpec 3; varianceSpec 9 ])
            (variance changeNothing float) with
            Formula =
                @"\mathbb E\|KC(x)-x\|^2\le D\Big(\frac{\|a\|_\infty}{m-1}\Big)^2\le\frac{K^2}{(m-1)^2}\|x\|^2,\quad K=\frac1{(1-\eta)\sqrt\delta}"
            Assumptions = "U = [I, H/√d]/√2, an exact representation Ua = x, m levels of [−‖a‖_∞, ‖a‖_∞]"
            Source = "arXiv 2002.08958; the variance of rounding is at most a quarter of the squared spacing, ‖U‖ = 1"
            Falsifiers = [
                Falsifier.check "(A/(m−1))² without D" (variance changeNothing (fun _ -> 1.0))
                Falsifier.check "the nearest level" (variance nearest float)
                Falsifier.check "the residual dropped" (fun ctx spec ->
                    variance (residualKept spec.Rounds) float ctx spec)
                |> Falsifier.at [ { varianceSpec 2 with Rounds = 1 } ]
            ]
    }

// ---- CE-KASHIN.5 -----------------------------------------------------------------------------------------------

type RedundancySpec = { Dimension: int; Seed: int }

let private lambdas = [ 1.25; 1.5; 2.0; 4.0 ]

/// One bit a coefficient in random rows, λd of them.
let private oneBit (seed: int) (lambda: float) =
    kashinWith 2 40 (Frames.orthonormalRows lambda seed)

/// The mean of n independent users' messages on one vector has ω(x)/n: by the laws, at d = 2.
let private averages (seed: int) =
    let c = oneBit seed 2.0

    [
        for x in Representation.vectors seed 2 3 do
            let _, error = moments ((averaged 2 c).ExactLaw x) x
            close "E‖mean of two − x‖²" 4096.0 (c.SecondMoment.Value x) error (omegaAt c x * square x / 2.0)
    ]
    |> Evidence.ofRows Rung.Enumerated Relation.Equal

let private redundancy (compressor: int -> float -> Compressor) (spec: RedundancySpec) =
    let d = spec.Dimension

    let all = Representation.unit d 0 :: Representation.vectors spec.Seed d 20

    let worst =
        lambdas
        |> List.map (fun lambda ->
            let c = compressor spec.Seed lambda
            all |> List.map (omegaAt c) |> List.max)

    let rows = [
        for lambda, omega in List.zip lambdas worst do
            let order = (10.0 * sqrt lambda / (sqrt lambda - 1.0)) ** 4.0
            Evidence.row Relation.AtMost d 40 $"λ = {lambda}: largest ω(x) against (10√λ/(√λ−1))⁴" omega order

        for (_, before), (lambda, after) in List.pairwise (List.zip lambdas worst) do
            Evidence.row Relation.AtMost d 40 $"λ = {lambda}: not above the one before" after before

        Evidence.row Relation.AtMost d 40 "λ = 4: at most half of λ = 1.25" (List.last worst) (0.5 * worst.Head)
    ]

    Evidence.all [
        Evidence.ofRows Rung.Enumerated Relation.AtMost rows
        {
            averages spec.Seed with
                Tightness = nan
        }
    ]

let redundancyClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-KASHIN.5"
            ClaimKind.Scaling
            "one bit a coefficient, random rows, λ = D/d ∈ {1.25, 1.5, 2, 4}: ω(x) ≤ (10√λ/(√λ−1))⁴, falling in λ and at λ = 4 at most half of that at 1.25; n users average to ω(x)/n"
            (Instances.only [ { Dimension = 64; Seed = 1 }; { Dimension = 32; Seed = 2 } ])
            (fun _ spec -> redundancy oneBit spec) with
            Formula = @"\omega(x)\le\Big(\frac{10\sqrt\lambda}{\sqrt\lambda-1}\Big)^4,\quad\text{free of }d"
            Assumptions =
                "m = 2, η = 0.8, δ = 0.2, 40 rounds and the last without clipping; unit, Gaussian and heavy-tailed x"
            Source = "arXiv 2002.08958 as restated in arXiv 2205.13341; the bound is loose by orders of magnitude"
            Falsifiers = [
                Falsifier.check "two levels of x itself" (fun _ spec -> redundancy (fun _ _ -> plain 2) spec)
            ]
    }
