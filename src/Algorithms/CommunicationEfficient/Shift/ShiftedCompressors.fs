/// Shifted compressors (CE-SHIFT.4): C_h(x) = h + Q(x − h), whose error is measured from the shift h.
///
/// Shulgin, Richtárik, 2022, arXiv 2206.10452.
module Theory.Algorithms.CommunicationEfficient.ShiftedCompressors

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

/// The unbiased Q, and the contractive C that may move the shift first.
[<NoComparison>]
type ShiftedSpec = {
    Dimension: int
    /// "rand", "bernoulli", "natural", "ternary".
    Q: string
    /// "none", "rand", "top".
    C: string
    K: int
}

let private unbiased (spec: ShiftedSpec) =
    match spec.Q with
    | "rand" -> randK spec.K
    | "bernoulli" -> bernoulli (float spec.K / float (spec.Dimension + 1))
    | "natural" -> natural
    | "ternary" -> ternary
    | other -> invalidArg (nameof spec) $"There is no compressor '{other}'."

let private contractive (spec: ShiftedSpec) =
    match spec.C with
    | "none" -> None
    | "rand" -> Some(contractiveRandK spec.K)
    | "top" -> Some(topK spec.K)
    | other -> invalidArg (nameof spec) $"There is no contractive compressor '{other}'."

/// What is applied to x − h: Q, or C + Q(· − C) which moves the shift by C first.
let private applied (spec: ShiftedSpec) =
    match contractive spec with
    | Some c -> induced c (unbiased spec)
    | None -> unbiased spec

/// ω, or ω(1−δ).
let private constant (spec: ShiftedSpec) = omegaOf (applied spec) spec.Dimension

/// C_h(x), h and the x that was compressed.
type private Compressed = { Value: Block; Shift: Block; X: Block }

let private shiftAndCompress (c: Compressor) d : Process<Compressed, CompressorDraw> = {
    Name = $"h + {c.Name} of x − h"
    Draw = c.Draw 1 d
    Step =
        fun draw s -> {
            Value = s.Shift + c.Apply draw (s.X - s.Shift)
            Shift = s.Shift
            X = s.X
        }
    Cost = fun _ -> []
}

let private origin d =
    let zero = Block.zeros 1 1 d
    { Value = zero; Shift = zero; X = zero }

/// E C_h(x) = x, C_h(h) = h on every outcome, and the variance against `bound`, for every x and h.
let private everyVector (bound: ShiftedSpec -> Compressed -> Block) (spec: ShiftedSpec) =
    let proc = shiftAndCompress (applied spec) spec.Dimension

    let atShift = {
        proc with
            Step = fun draw s -> proc.Step draw { s with Shift = s.X }
    }

    Evidence.all [
        Spectral.oneStep {
            Process = proc
            Centre = origin spec.Dimension
            Keeps = None
            Measure = fun s -> Block.normSquared (s.Value - s.X)
            Bound = bound spec
            Relation = Relation.Equal
            MatchMoments = false
        }
        AffineIdentity.mean proc (origin spec.Dimension) None (fun s -> s.Value) (fun s -> s.X)
        AffineIdentity.everyOutcome atShift (origin spec.Dimension) None (fun s -> s.Value) (fun s -> s.X)
    ]
    |> Evidence.note ""

let private fromShift spec s =
    constant spec * Block.normSquared (s.X - s.Shift)

let private case = {
    Dimension = 3
    Q = "rand"
    C = "none"
    K = 1
}

let private instances qs cs =
    Instances.generated
        (gen {
            let! dimension = Gen.choose (2, 4)
            let! q = Gen.elements qs
            let! c = Gen.elements cs
            let! k = Gen.choose (1, 2)

            return {
                Dimension = dimension
                Q = q
                C = c
                K = k
            }
        })
        (fun _ -> Seq.empty)

let private formula =
    @"\mathbb E C_h(x)=x,\quad\mathbb E\|C_h(x)-x\|^2=\omega\|x-h\|^2"

let variance: Claim =
    Claim.create {
        Claim.spec
            "CE-SHIFT.4"
            ClaimKind.Exact
            "C_h(x) = h+Q(x−h): unbiased, exact at x = h, E‖C_h(x)−x‖² = ω‖x−h‖² (Rand-k); h moved by a contractive C first: ω(1−δ)‖x−h‖²"
            (instances [ "rand"; "bernoulli" ] [ "none"; "rand" ]
             |> Instances.startingWith [ case; { case with C = "rand" }; { case with Q = "bernoulli" } ])
            (fun _ -> everyVector fromShift) with
            Formula = formula
            Assumptions = "Rand-k or Bernoulli Q, contractive Rand-k as C: both attain their constants on every vector"
            Source = "derived; arXiv 2206.10452, section 3, for the inequalities"
            Falsifiers = [
                Falsifier.check "ω‖x‖² for ω‖x−h‖²" (fun _ ->
                    everyVector (fun spec s -> constant spec * Block.normSquared s.X))
                Falsifier.check "ω without 1−δ" (fun _ spec ->
                    everyVector (fun own s -> omegaOf (unbiased own) own.Dimension * Block.normSquared (s.X - s.Shift)) {
                        spec with
                            C = "rand"
                    })
            ]
            Tight =
                Some {
                    Instance = case
                    AtLeast = 1.0 - 1e-9
                }
    }

/// E‖C_h(x) − x‖² ≤ factor·ω(1−δ)‖x−h‖² over the exact law, for random x − h and the ones that are worst for Top-k
/// (equal entries) and for natural compression (4/3).
let private someVectors (factor: float) ctx (spec: ShiftedSpec) =
    let c = applied spec
    let d = spec.Dimension

    let differences = [
        Array.create d (4.0 / 3.0)
        yield! CheckContext.gaussianStarts ctx 1 12 d 2.0 |> Block.rows
    ]

    let shifts =
        CheckContext.gaussianStarts ctx 2 differences.Length d 5.0 |> Block.rows

    Evidence.ofRows Rung.Enumerated Relation.AtMost [
        for x, h in Seq.zip differences shifts do
            let point = Array.map2 (+) x h
            let sent = Array.map2 (-) point h

            let error =
                c.ExactLaw sent
                |> List.sumBy (fun (p, y) ->
                    p
                    * (Array.map3 (fun y h point -> (h + y - point) ** 2.0) y h point |> Array.sum))

            let size = sent |> Array.sumBy (fun v -> v * v)
            Evidence.row Relation.AtMost (d * d) 1 "E‖C_h(x) − x‖²" error (factor * constant spec * size)
    ]

let nonlinear: Claim =
    let natural = { case with Q = "natural" }

    Claim.create {
        Claim.spec
            "CE-SHIFT.4b"
            ClaimKind.Exact
            "the classes: E‖C_h(x)−x‖² ≤ ω‖x−h‖² for Q ∈ U(ω), ≤ ω(1−δ)‖x−h‖² with C ∈ B(δ) first, not linear ones too"
            (instances [ "rand"; "natural"; "ternary" ] [ "none"; "top" ]
             |> Instances.startingWith [ natural; { natural with C = "top" }; { case with C = "top" } ])
            (someVectors 1.0) with
            Formula = @"\mathbb E\|C_h(x)-x\|^2\le\omega(1-\delta)\|x-h\|^2"
            Assumptions = "Q ∈ U(ω), C ∈ B(δ); exact laws"
            Source = "arXiv 2206.10452, section 3"
            Valid = fun spec -> spec.K < spec.Dimension
            Falsifiers = [
                // Entries of 4/3 attain natural compression's constant, so nothing is left to give away.
                Falsifier.check "a tenth less" (someVectors 0.9)
            ]
            Tight =
                Some {
                    Instance = natural
                    AtLeast = 1.0 - 1e-9
                }
    }
