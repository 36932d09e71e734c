/// Special cases of OPT-MASHA and the variance of PermK (VI-OPTMASHA.2 and .3).
module Theory.Algorithms.VariationalInequalities.OptMashaIdentities

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.VariationalInequalities.OptMasha

// ---- VI-OPTMASHA.3 ---------------------------------------------------------------------------------------------

/// From every state, g = 2F(z_k) − F(z_{k−1}) in every outcome; with p = 0 the step is that of OGDA. `sent` are the vectors
/// that devices compress.
let private reduces (spec: SimilarRotationSpec) sent =
    let f = SimilarOperators.rotations spec :> ISimilarOperator
    let q = PermK.permK f.Count

    let proc (p: Parameters) = {
        Method.on f p method with
            Step = fun (draw, bit) s -> stepWith (q.Apply draw) sent f p bit s
    }

    let p = plainParameters 0.25 f

    let expected (s: State) =
        s.Z + p.P * (s.W - s.Z) - p.Gamma * (2.0 * f.Operator s.Z - f.Operator s.PastZ)

    let view (s: State) : PastExtragradient.OptimisticState = {
        Y = s.Z
        PastValue = f.Operator s.PastZ
    }

    let joined (s: PastExtragradient.OptimisticState) = Block.ConcatDimension(s.Y, s.PastValue)

    let ogda = PastExtragradient.optimistic.Step f { Gamma = p.Gamma } ()

    let still = { p with P = 0.0 }
    let centre = init f.Solution

    Pieces.all [
        yield AffineIdentity.everyOutcome (proc p) centre None (fun s -> s.Z) expected

        for o in (proc still).Draw.Outcomes do
            yield
                AffineIdentity.forEveryState
                    centre
                    None
                    ((proc still).Step o.Outcome >> view >> joined)
                    (view >> ogda >> joined)
    ]
    |> Evidence.note "equal for every state in every outcome"

/// Devices take w_k where the server adds F(w_{k−1}).
let private ahead f p (s: State) = differences f p { s with PastW = s.W }

let private identical: SimilarRotationSpec = {
    Workers = 2
    Blocks = 2
    Mu = 0.1
    MuSpread = 0.5
    Skew = 1.0
    Delta = 0.0
    ToServer = false
    Offset = 1.0
    Seed = 1
}

let private alone = {
    identical with
        Workers = 1
        Blocks = 1
}

let reductionClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-OPTMASHA.3"
            ClaimKind.Exact
            "n = 1 or δ = 0: g = 2F(z_k) − F(z_{k−1}) in every round; with p = 0 the method is OGDA"
            (SimilarOperators.instances 4 1 false
             |> Instances.startingWith [ alone; identical ]
             |> Instances.counts 1 2 12)
            (fun _ spec -> reduces { spec with Delta = 0.0 } differences) with
            Formula = @"g_k = 2F(z_k)-F(z_{k-1})"
            Assumptions = "identical operators, α = 1; PermK, so that what devices send fits together without noise"
            Source = "insert F_i = F"
            Falsifiers = [
                Falsifier.check "devices use w_k, the server w_{k−1}" (fun _ spec ->
                    reduces { spec with Delta = 0.0 } ahead)
            ]
            Tight = Some { Instance = identical; AtLeast = 1.0 }
    }

// ---- VI-OPTMASHA.2 ---------------------------------------------------------------------------------------------

/// n workers and dimension d.
[<NoComparison>]
type SizeSpec = { Workers: int; Dimension: int }

/// E‖(1/n)ΣQ_i(a_i) − ā‖² of PermK and of independent Rand-K with K = d/n, each against a formula in the a_i.
let private variances (spec: SizeSpec) permFormula randFormula =
    let n, d = spec.Workers, spec.Dimension
    let q = randK (d / n)

    Pieces.all [
        ReceivedMoments.second n d (PermK.draw n d) ReceivedMoments.meanOf ReceivedMoments.deviation permFormula
        ReceivedMoments.second
            n
            d
            (q.Draw n d)
            (fun draw a -> Block.mean (q.Apply draw a))
            ReceivedMoments.deviation
            randFormula
    ]

let private scattered (a: Block) =
    (float (a.Workers - 1) / float a.Workers) * Block.meanNormSquared a

let varianceClaim: Claim =
    let sizes n d = { Workers = n; Dimension = d }

    Claim.create {
        Claim.spec
            "VI-OPTMASHA.2"
            ClaimKind.Exact
            "E‖(1/n)ΣQ_i(a_i) − ā‖² = (1/n)Σ‖a_i − ā‖² for PermK, ((n−1)/n²)Σ‖a_i‖² for independent Rand-K with K = d/n"
            (Instances.only [ sizes 2 2; sizes 2 4; sizes 3 3; sizes 4 4 ])
            (fun _ spec -> variances spec ReceivedMoments.spread scattered) with
            Formula =
                @"\mathbb E\|\tfrac1n\textstyle\sum Q_i(a_i)-\bar a\|^2=\tfrac1n\sum\|a_i-\bar a\|^2\ \text{(PermK)},\quad \tfrac{n-1}{n^2}\sum\|a_i\|^2\ \text{(Rand-}K)"
            Assumptions = "n divides d"
            Source = "expand; coordinates of PermK are sent by one device each"
            Falsifiers = [
                Falsifier.check "formulas exchanged" (fun _ spec -> variances spec scattered ReceivedMoments.spread)
            ]
            Tight = Some { Instance = sizes 2 2; AtLeast = 1.0 }
    }
