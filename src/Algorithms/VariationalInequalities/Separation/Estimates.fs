/// The claims on the estimates of VRCS and of the baseline: means and second moments.
/// Bylinkin, Skorik, Bystrov et al., 2026; constants derived.
module Theory.Algorithms.VariationalInequalities.VRCSEstimates

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.SimilarityEpochs
open Theory.Algorithms.VariationalInequalities.VRCS

let internal standard: GroupedSpec = {
    Dimension = 2
    Mu = 0.1
    Smoothness = 5.0
    DeltaF = 0.3
    DeltaG = 0.9
    Convex = false
    Spread = 1.0
    Seed = 1
}

/// Both differences stretch every vector by the same factor.
let internal scalar: GroupedSpec = { standard with Dimension = 1 }

let internal instances: Instances<GroupedSpec> =
    GroupedSums.instances 4
    |> Instances.startingWith [ standard; scalar ]
    |> Instances.counts 2 5 40

// ---- VI-SEPAR.3 ------------------------------------------------------------------------------------------------

/// The estimate's difference part in X, beside the reference.
let private differences (f: IGroupedSum) pi weightF weightG : Process<Inner, Mask> = {
    Name = "estimate"
    Draw = Draw.coin pi
    Step =
        fun coin s -> {
            s with
                X = difference f weightF weightG coin s
        }
    Cost = fun _ -> []
}

let private changes (f: IGroupedSum) (s: Inner) =
    apartF f s.X - apartF f s.Start, apartG f s.X - apartG f s.Start

/// Mean and second moment of the estimate with probability π of the first group.
let private estimator weighted (spec: GroupedSpec) pi =
    let f = GroupedSums.quadratic spec :> IGroupedSum
    let weight p = if weighted then 1.0 / p else 1.0
    let proc = differences f pi (weight pi) (weight (1.0 - pi))

    let centre: Inner = { X = f.Minimiser; Start = f.Minimiser }

    let second relation bound =
        Spectral.oneStep {
            Process = proc
            Centre = centre
            Keeps = None
            Measure = fun s -> Block.normSquared s.X
            Bound = bound
            Relation = relation
            MatchMoments = false
        }

    [
        AffineIdentity.mean proc centre None (fun s -> s.X + apartF f s.Start + apartG f s.Start) (fun s ->
            apartF f s.X + apartG f s.X)
        second Relation.Equal (fun s ->
            let a, b = changes f s

            (1.0 / pi) * Block.normSquared a + (1.0 / (1.0 - pi)) * Block.normSquared b)
        second Relation.AtMost (fun s -> variance f pi * Block.normSquared (s.X - s.Start))
    ]

/// σ² is least at π = δ_f/(δ_f + δ_g), where it is (δ_f + δ_g)².
let private bestProbability (spec: GroupedSpec) =
    let f = GroupedSums.quadratic spec :> IGroupedSum
    let sum = f.SimilarityF + f.SimilarityG
    let row = Evidence.row Relation.AtLeast 1 1

    Evidence.ofRows Rung.Spectral Relation.AtLeast [
        row "σ² at the best π" (variance f (f.SimilarityF / sum)) (sum ** 2.0)
        row "the least σ² at the best π" (sum ** 2.0) (variance f (f.SimilarityF / sum))
        for pi in 0.05..0.05..0.95 do
            row $"σ² at π = {pi:G2}" (variance f pi) (sum ** 2.0)
    ]

let private estimates weighted spec =
    bestProbability spec
    :: ([ 0.2; 0.5; spec.DeltaF / (spec.DeltaF + spec.DeltaG) ]
        |> List.collect (estimator weighted spec))
    |> Pieces.all

let estimatorClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SEPAR.3"
            ClaimKind.Exact
            "the estimate of ∇(h−h_1)(x) is unbiased; its difference part has second moment ‖a‖²/π + ‖b‖²/(1−π) ≤ (δ_f²/π + δ_g²/(1−π))‖x−w‖², least at π = δ_f/(δ_f+δ_g), for all x and w"
            instances
            (fun _ spec -> estimates true spec) with
            Formula =
                @"\mathbb E\|\hat g-\mathbb E\ldots\|^2=\tfrac{\|a\|^2}{\pi}+\tfrac{\|b\|^2}{1-\pi}\le\big(\tfrac{\delta_f^2}{\pi}+\tfrac{\delta_g^2}{1-\pi}\big)\|x-w\|^2"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "1/π and 1/(1−π) forgotten" (fun _ spec -> estimates false spec)
            ]
            Tight = Some { Instance = scalar; AtLeast = 1.0 }
    }

/// The baseline's drawn gradient is unbiased, and at x* its mean square is that of ∇f(x*) times 1/π + 1/(1−π).
let private floor (controlled: bool) (spec: GroupedSpec) =
    let f = GroupedSums.quadratic spec :> IGroupedSum
    let pi = 0.3

    let proc: Process<Inner, Mask> = {
        differences f pi (1.0 / pi) (1.0 / (1.0 - pi)) with
            Step =
                fun coin s ->
                    let noisy = drawn f pi coin s.X

                    {
                        s with
                            X =
                                if controlled then
                                    noisy - drawn f pi coin s.Start
                                else
                                    noisy
                    }
    }

    let centre: Inner = { X = f.Minimiser; Start = f.Minimiser }

    let seen =
        Enumerated.expectation proc (fun _ next -> Block.normSquared next.X) centre
        |> Array.head

    let atSolution =
        Block.normSquared (Block.mean (f.GradientsF f.Minimiser))
        |> Block.lanes
        |> Array.head

    Pieces.all [
        AffineIdentity.mean proc centre (Some(fun s -> s.Start - f.Minimiser)) (fun s -> s.X) (fun s -> f.Gradient s.X)
        Evidence.ofRows Rung.Spectral Relation.Equal [
            Evidence.row Relation.Equal f.Dimension 2 "E‖ĝ(x*)‖²" seen (atSolution * (1.0 / pi + 1.0 / (1.0 - pi)))
        ]
    ]

let baselineClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SEPAR.3b"
            ClaimKind.Exact
            "SC-Extragradient: E ĝ(x) = ∇h(x) for every x, and E‖ĝ(x*)‖² = ‖∇f(x*)‖²(1/π + 1/(1−π)), which keeps a floor unless ∇f(x*) = ∇g(x*) = 0"
            instances
            (fun _ spec -> floor false spec) with
            Formula = @"\mathbb E\|\hat g(x_*)\|^2=\|\nabla f(x_*)\|^2\big(\tfrac1\pi+\tfrac1{1-\pi}\big)"
            Source = "derived"
            Valid = fun spec -> spec.Spread > 0.0
            Falsifiers = [
                Falsifier.check "with a control variate at x*" (fun _ spec -> floor true spec)
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }
