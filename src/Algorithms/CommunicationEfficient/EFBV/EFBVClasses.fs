/// The compressor classes of EF-BV (CE-EFBV.7): the averaged variance of m-nice participation, and scaled compressors.
module Theory.Algorithms.CommunicationEfficient.EFBVClasses

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations
open Theory.Algorithms.CommunicationEfficient.JointCompression
open Theory.Algorithms.CommunicationEfficient.EFBVMethod

// ---- Participation -----------------------------------------------------------------------------------------------

/// m of n workers, vectors of dimension d.
[<NoComparison>]
type ParticipationSpec = {
    Workers: int
    Participants: int
    Dimension: int
}

/// The workers' vectors and, after a step, the mean that they had.
type private Vectors = { X: Block; Mean: Block }

/// E‖(1/n) Σ C_i(x_i) − x̄‖² against `bound` of the vectors, for all vectors on which `keeps` vanishes.
let private variance (spec: ParticipationSpec) relation keeps (bound: JointCompressor -> Vectors -> Block) =
    let joint = nice spec.Participants spec.Workers

    Spectral.oneStep {
        Process = {
            Name = joint.Compressor.Name
            Draw = joint.Compressor.Draw spec.Workers spec.Dimension
            Step =
                fun draw s -> {
                    X = joint.Compressor.Apply draw s.X
                    Mean = Block.mean s.X
                }
            Cost = fun _ -> []
        }
        Centre = {
            X = Block.zeros spec.Workers 1 spec.Dimension
            Mean = Block.zeros 1 1 spec.Dimension
        }
        Keeps = keeps
        Measure = fun s -> Block.normSquared (Block.mean s.X - s.Mean)
        Bound = bound joint
        Relation = relation
        MatchMoments = false
    }

let private averagedVariance (spec: ParticipationSpec) =
    let constant (joint: JointCompressor) =
        joint.OmegaAv spec.Workers spec.Dimension

    Evidence.all [
        // For all vectors …
        variance spec Relation.Equal None (fun joint s ->
            constant joint
            * (Block.meanNormSquared s.X - Block.normSquared (Block.mean s.X)))
        // … so ω_av bounds it, and is attained on those whose sum vanishes.
        variance spec Relation.AtMost None (fun joint s -> constant joint * Block.meanNormSquared s.X)
        variance spec Relation.Equal (Some(fun s -> Block.sum s.X)) (fun joint s ->
            constant joint * Block.meanNormSquared s.X)
    ]

/// ω_av = ω/n, as if the workers tossed coins of their own.
let private asIndependent (spec: ParticipationSpec) =
    variance spec Relation.AtMost None (fun joint s ->
        let omega = snd (joint.Compressor.Relative spec.Dimension)
        (omega / float spec.Workers) * Block.meanNormSquared s.X)

let participationClaim: Claim =
    let all = [
        for n in 3..5 do
            for m in 1..n ->
                {
                    Workers = n
                    Participants = m
                    Dimension = 2
                }
    ]

    Claim.create {
        Claim.spec
            "CE-EFBV.7"
            ClaimKind.Exact
            "m-nice participation: E‖(1/n)ΣC_i(x_i)−x̄‖² = ((n−m)/(m(n−1)))·(mean‖x_i‖²−‖x̄‖²), so ω_av = (n−m)/(m(n−1)), attained at Σx_i = 0"
            (Instances.only all)
            (fun _ -> averagedVariance) with
            Formula =
                @"\mathbb E\Bigl\|\tfrac1n\sum_iC_i(x_i)-\bar x\Bigr\|^2=\tfrac{n-m}{m(n-1)}\Bigl(\tfrac1n\sum_i\|x_i\|^2-\|\bar x\|^2\Bigr)"
            Assumptions = "Ω a uniform m-subset of the n workers, C_i(x) = (n/m)x for i ∈ Ω, else 0"
            Source = "arXiv 2205.04180, section 2.4"
            Falsifiers = [ Falsifier.check "ω_av = ω/n" (fun _ -> asIndependent) ]
            Tight =
                Some {
                    Instance = all.Head
                    AtLeast = 1.0 - 1e-9
                }
    }

// ---- Scaling -------------------------------------------------------------------------------------------------------

/// A compressor by name and a scale.
[<NoComparison>]
type ScalingSpec = {
    /// "rand", "contractive", "bernoulli", "top", "mix", "comp", "ternary", "natural".
    Compressor: string
    K: int
    Dimension: int
    Lambda: float
    Seed: int
}

let private compressorOf (spec: ScalingSpec) =
    match spec.Compressor with
    | "rand" -> randK spec.K
    | "contractive" -> contractiveRandK spec.K
    | "bernoulli" -> bernoulli (float spec.K / float spec.Dimension)
    | "top" -> topK spec.K
    | "mix" -> mix spec.K 1
    | "comp" -> comp spec.K (spec.K + 1)
    | "ternary" -> ternary
    | "natural" -> natural
    | other -> invalidArg (nameof spec) $"There is no compressor '{other}'."

let private square (v: float[]) = v |> Array.sumBy (fun t -> t * t)

/// ‖E λC(x) − x‖, E‖λC(x) − E λC(x)‖² and E‖λC(x) − x‖², over the exact law.
let private moments (lambda: float) (c: Compressor) (x: float[]) =
    let law = c.ExactLaw x |> List.map (fun (p, y) -> p, y |> Array.map ((*) lambda))

    let mean = Array.init x.Length (fun i -> law |> List.sumBy (fun (p, y) -> p * y[i]))

    let spread centre =
        law |> List.sumBy (fun (p, y) -> p * square (Array.map2 (-) y centre))

    sqrt (square (Array.map2 (-) mean x)), spread mean, spread x

/// Random vectors, and those with entries of equal size.
let private vectors (spec: ScalingSpec) = [
    for site in 1..6 do
        Linear.gaussians spec.Seed site spec.Dimension
    Array.init spec.Dimension (fun i -> if i % 2 = 0 then 1.0 else -1.0)
]

/// Bias, variance and error of λC against the given constants, as multiples of ‖x‖ and ‖x‖².
let private scaledClass (constants: float -> float * float -> float * float) (spec: ScalingSpec) =
    let c = compressorOf spec
    let eta, spread = constants spec.Lambda (c.Relative spec.Dimension)
    let residual = scaledError spec.Lambda (c.Relative spec.Dimension)
    let row = Evidence.row Relation.AtMost (spec.Dimension * spec.Dimension) 1

    Evidence.ofRows Rung.Enumerated Relation.AtMost [
        for x in vectors spec do
            let bias, variance, error = moments spec.Lambda c x
            let size = square x

            // A bias or variance that vanishes is rounding.
            if eta > 0.0 || bias > Rounding.identity (float spec.Dimension) (sqrt size) then
                row "‖E λC(x) − x‖" bias (eta * sqrt size)

            if spread > 0.0 || variance > Rounding.identity (float spec.Dimension) size then
                row "E‖λC(x) − E λC(x)‖²" variance (spread * size)

            row "E‖λC(x) − x‖²" error (residual * size)
    ]

/// No scale of a grid has a smaller (1−λ+λη)² + λ²ω than `best`.
let private leastAt (best: float -> float -> float) (spec: ScalingSpec) =
    let eta, omega = (compressorOf spec).Relative spec.Dimension
    let least = scaledError (best eta omega) (eta, omega)

    Evidence.ofRows Rung.Enumerated Relation.AtMost [
        for i in 1..50 ->
            let lambda = float i / 50.0
            Evidence.row Relation.AtMost 1 1 $"r at λ = {lambda:G3}" least (scaledError lambda (eta, omega))
    ]

let private theorem lambda (eta, omega) =
    1.0 - lambda + lambda * eta, lambda * lambda * omega

let scalingClaim: Claim =
    let case = {
        Compressor = "rand"
        K = 1
        Dimension = 4
        Lambda = 0.3
        Seed = 1
    }

    let names = [
        "rand"
        "contractive"
        "bernoulli"
        "top"
        "mix"
        "comp"
        "ternary"
        "natural"
    ]

    Claim.create {
        Claim.spec
            "CE-EFBV.7b"
            ClaimKind.Exact
            "C ∈ C(η, ω): λC ∈ C(1−λ+λη, λ²ω) ⊂ B(1−r), r = (1−λ+λη)²+λ²ω, least at λ* = min{1, (1−η)/((1−η)²+ω)}"
            (Instances.generated
                (gen {
                    let! name = Gen.elements names
                    let! k = Gen.choose (1, 2)
                    let! dimension = Gen.choose (3, 5)
                    let! lambda = Gen.elements [ 0.1; 0.3; 0.7; 1.0 ]
                    let! seed = Gen.choose (0, 10000)

                    return {
                        Compressor = name
                        K = k
                        Dimension = dimension
                        Lambda = lambda
                        Seed = seed
                    }
                })
                (fun spec ->
                    seq {
                        if spec.Dimension > 3 then
                            {
                                spec with
                                    Dimension = spec.Dimension - 1
                            }
                    })
             |> Instances.startingWith [ for name in names -> { case with Compressor = name } ])
            (fun _ spec -> Evidence.all [ scaledClass theorem spec; leastAt bestScaleFor spec ]) with
            Formula =
                @"C\in C(\eta,\omega)\Rightarrow\lambda C\in C(1-\lambda+\lambda\eta,\lambda^2\omega),\quad\lambda^*=\min\{1,\tfrac{1-\eta}{(1-\eta)^2+\omega}\}"
            Assumptions = "0 < λ ≤ 1"
            Source = "arXiv 2205.04180, section 2.5; exact laws"
            Falsifiers = [
                Falsifier.check "the bias keeps η" (fun _ -> scaledClass (fun l (eta, omega) -> eta, l * l * omega))
                Falsifier.check "the variance is λ³ω" (fun _ ->
                    scaledClass (fun l (eta, omega) -> fst (theorem l (eta, omega)), l ** 3.0 * omega))
                Falsifier.check "λ = 1 is best" (fun _ -> leastAt (fun _ _ -> 1.0))
            ]
            // Rand-k attains bias, variance and error on every x.
            Tight =
                Some {
                    Instance = case
                    AtLeast = 1.0 - 1e-9
                }
    }
