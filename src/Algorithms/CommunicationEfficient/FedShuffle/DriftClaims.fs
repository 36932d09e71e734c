/// How far a client drifts in an epoch (CE-FEDSHUFFLE.3).
module Theory.Algorithms.CommunicationEfficient.FedShuffleDrift

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.FedShuffleRounds

/// One client and its epoch.
type EpochSpec = {
    /// N.
    Samples: int
    Dimension: int
    Kappa: float
    /// Indefinite samples instead of convex ones.
    Indefinite: bool
    /// Scale of the samples' centres around the client's.
    Scatter: float
    /// sL: the stepsize in units of 1/L.
    StepL: float
    Seed: int
}

let private client (spec: EpochSpec) =
    let plain: WeightedClientSpec = {
        Sizes = string spec.Samples
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        Spread = 1.0
        Scatter = spec.Scatter
        Seed = spec.Seed
    }

    (if spec.Indefinite then
         WeightedClientSpec.indefinite plain
     else
         WeightedClientSpec.convex plain)
    :> IWeightedClients

/// max_j ‖∇f_ij(x)‖ of one client.
let largestGradient (f: IWeightedClients) i (x: Block) =
    Seq.init f.Sizes[i] (fun j -> Block.norm (f.SampleGradient i (Indices.Constant(f.Sizes[i], j)) x))
    |> Seq.reduce (fun a b -> Block.Max(a, b))

/// max over all orders of ‖Δ/(sN) + ∇f(x)‖ after an epoch with stepsize s.
let private drift (f: IWeightedClients) s (x: Block) =
    let n = f.Sizes[0]

    [
        for o in (Draw.permutation n).Outcomes ->
            let moved = SamplePasses.last (f.SampleGradient 0) s [| o.Outcome |] n x - x
            Block.norm (moved / (s * float n) + f.Gradient x)
    ]
    |> List.reduce (fun a b -> Block.Max(a, b))

/// The drift against share·(Ls/2)(N−1)G e^{LsN} from many x and the worst ones found.
let private driftsAtMost (bound: float -> float -> float) (ctx: CheckContext) (spec: EpochSpec) =
    let f = client spec
    let l = f.SampleSmoothnesses[0]
    let s = spec.StepL / l

    Enumerated.oneStep ctx {
        Process = {
            Name = "an epoch in every order"
            Draw = Draw.none
            Step = fun () (s: State) -> s
            Cost = fun () -> []
        }
        States = {
            X = f.Minimiser + CheckContext.gaussianStarts ctx 1 8 spec.Dimension 3.0
        }
        Measure = fun state _ -> drift f s state.X
        Bound = fun state -> bound (l * s) (float spec.Samples) * largestGradient f 0 state.X
        Relation = Relation.AtMost
        Keep = id
        Search = CheckContext.pick 5 15 100 ctx
    }

/// One sample: an epoch is a gradient step.
let private singleSample (spec: EpochSpec) =
    let f = client spec
    let s = spec.StepL / f.SampleSmoothnesses[0]
    let order = [| Indices.Constant(1, 0) |]

    AffineIdentity.forEveryState
        { State.X = f.Minimiser }
        None
        (fun state -> SamplePasses.last (f.SampleGradient 0) s order 1 state.X)
        (fun state -> state.X - s * f.Gradient state.X)

/// (Ls/2)(N−1)e^{LsN}.
let private epochBound (ls: float) (n: float) = ls / 2.0 * (n - 1.0) * exp (ls * n)

/// One sample N times, from which every order drifts the same.
let private copies samples stepL = {
    Samples = samples
    Dimension = 1
    Kappa = 1.0
    Indefinite = false
    Scatter = 0.0
    StepL = stepL
    Seed = 1
}

let private epochInstances =
    let generator =
        gen {
            let! samples = Gen.choose (1, 4)
            let! dimension = Gen.choose (1, 2)
            let! kappa = Gen.elements [ 1.0; 4.0; 20.0 ]
            let! indefinite = Gen.elements [ false; true ]
            let! scatter = Gen.elements [ 0.0; 1.0 ]
            let! stepL = Gen.elements [ 0.001; 0.02; 0.1; 0.3 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Samples = samples
                Dimension = dimension
                Kappa = kappa
                Indefinite = indefinite
                Scatter = scatter
                StepL = stepL
                Seed = seed
            }
        }

    let shrink (spec: EpochSpec) =
        seq {
            if spec.Samples > 1 then
                { spec with Samples = spec.Samples - 1 }

            if spec.Dimension > 1 then
                { spec with Dimension = 1 }
        }

    Instances.generated generator shrink
    |> Instances.startingWith [
        for step in [ 0.02; 0.1; 0.3 ] ->
            {
                copies 4 step with
                    Dimension = 2
                    Kappa = 4.0
                    Scatter = 1.0
            }
    ]

let driftClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-FEDSHUFFLE.3"
            ClaimKind.Sure
            "an epoch with stepsize s in any order: ‖Δ_i/(sN_i)+∇f_i(x)‖ ≤ (Ls/2)(N_i−1)Ge^{LsN_i}, G = max_j‖∇f_ij(x)‖; with s = η_l/N_i at most (Lη_l/2)Ge^{Lη_l} whatever N_i"
            epochInstances
            (fun ctx spec ->
                Evidence.all [
                    if spec.Samples = 1 then
                        singleSample spec
                    else
                        driftsAtMost epochBound ctx spec

                    driftsAtMost (fun ls n -> ls * n / 2.0 * exp (ls * n)) ctx spec
                ]) with
            Formula = @"\bigl\|\tfrac{\Delta_i}{sN_i}+\nabla f_i(x)\bigr\|\le\tfrac{Ls}2(N_i-1)Ge^{LsN_i}"
            Assumptions = "f_ij L-smooth, convex or not"
            Source = "derived: after j steps the drift is at most sjGe^{LsN}"
            Falsifiers = [
                Falsifier.check "a third of the bound" (driftsAtMost (fun ls n -> epochBound ls n / 3.0))
                |> Falsifier.at [ copies 2 0.02 ]
                // s = η_l for every N: (Lη_l/2)e^{Lη_l} without N.
                Falsifier.check
                    "equal stepsizes within the bound of balanced ones"
                    (driftsAtMost (fun ls _ -> ls / 2.0 * exp ls))
                |> Falsifier.at [ copies 4 0.02 ]
            ]
            Tight =
                Some {
                    Instance = copies 4 0.001
                    AtLeast = 0.98
                }
    }
