/// How close a round is to a gradient step on f (CE-FEDSHUFFLE.4).
module Theory.Algorithms.CommunicationEfficient.FedShuffleGradientStep

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.FedShuffleRounds

/// Clients and the epochs of a round.
type RoundSpec = {
    Sizes: string
    Dimension: int
    Kappa: float
    Epochs: int
    ServerStep: float
    Seed: int
}

let private clients (spec: RoundSpec) =
    WeightedClientSpec.convex {
        Sizes = spec.Sizes
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        Spread = 3.0
        Scatter = 1.0
        Seed = spec.Seed
    }
    :> IWeightedClients

let private parameters (f: IWeightedClients) (spec: RoundSpec) eta : Parameters = {
    LocalStep = eta
    ServerStep = spec.ServerStep
    Epochs = spec.Epochs
    MostSteps = 0
    Participation = Participation.full f.Sizes.Length
}

/// ‖x⁺ − (x − length·∇f(x))‖ from each start, for the same drawn orders at every η_l.
let private distances (f: IWeightedClients) (spec: RoundSpec) stepsizes (length: float) eta (starts: Block) =
    let p = parameters f spec eta

    let orders =
        (SamplePasses.draw f.Sizes spec.Epochs).Sample(DrawAddress(uint64 spec.Seed, 1u, 0, 0, 0), 1)

    let everybody = Mask(f.Sizes.Length, 1, Array.create f.Sizes.Length true)
    let next = round stepsizes unbiased f p (orders, everybody) { X = starts }

    Block.norm (
        next.X
        - (starts - spec.ServerStep * eta * float spec.Epochs * length * f.Gradient starts)
    )

let private total (values: Block) =
    Block.lanes values |> Array.sumBy (fun v -> v * v) |> sqrt

/// Slope over the two decades of η_l up to `largest`.
let private slope (f: IWeightedClients) spec stepsizes length largest starts =
    let at eta =
        total (distances f spec stepsizes length eta starts)

    (Math.Log10(at largest) - Math.Log10(at (largest / 100.0))) / 2.0

let private slopeRows label (value: float) (expected: float) =
    [
        Evidence.row Relation.AtMost 1 1 $"slope of {label}, from above" value (expected + 0.1)
        Evidence.row Relation.AtMost 1 1 $"slope of {label}, from below" (expected - 0.1) value
    ]
    |> Evidence.ofRows Rung.Trajectories Relation.AtMost

/// η_gΣw_iℓ_i(Lℓ_i/2)G_ie^{Lℓ_i} for local steps of lengths ℓ_i: CE-FEDSHUFFLE.3 over all clients and epochs.
let private secondOrder (f: IWeightedClients) (spec: RoundSpec) (lengths: float[]) (starts: Block) =
    let one i =
        let l = f.SampleSmoothnesses[i] * lengths[i]

        spec.ServerStep * lengths[i] * f.Weights[i] * l / 2.0
        * exp l
        * FedShuffleDrift.largestGradient f i starts

    Seq.init f.Sizes.Length one |> Seq.reduce (fun a b -> a + b)

let private startsOf (ctx: CheckContext) (f: IWeightedClients) =
    f.Minimiser + CheckContext.gaussianStarts ctx 1 16 f.Dimension 5.0

let private steps = [ 1e-2; 1e-3; 1e-4 ]

/// Every start's measured side against its bound at one η_l.
let private perStart (spec: RoundSpec) eta (measured: Block) (bound: Block) =
    Array.map2
        (fun m b -> Evidence.row Relation.AtMost spec.Dimension 100 $"a start at η_l = {eta}" m b)
        (Block.lanes measured)
        (Block.lanes bound)
    |> List.ofArray

let private nearGradientStep
    (stepsizes: IWeightedClients -> Parameters -> float[])
    (ctx: CheckContext)
    (spec: RoundSpec)
    =
    let f = clients spec
    let starts = startsOf ctx f

    let lengths eta =
        Array.create f.Sizes.Length (eta * float spec.Epochs)

    let rows =
        steps
        |> List.collect (fun eta ->
            perStart spec eta (distances f spec stepsizes 1.0 eta starts) (secondOrder f spec (lengths eta) starts))

    Evidence.all [
        slopeRows "FedShuffle" (slope f spec stepsizes 1.0 1e-2 starts) 2.0
        Evidence.ofRows Rung.Trajectories Relation.AtMost rows
    ]

/// FedAvg-RR against a gradient step as long as its clients' steps on average, N̄ = mean N_i: the distance is
/// η_gη_lE‖Σw_i(N_i−N̄)∇f_i(x)‖ up to the second order, so it is of the first.
let private fedAvgDistance (ctx: CheckContext) (spec: RoundSpec) =
    let f = clients spec
    let starts = startsOf ctx f
    let mean = Array.averageBy float f.Sizes

    let lengths eta =
        f.Sizes |> Array.map (fun n -> eta * float (spec.Epochs * n))

    let tilt =
        Array.map2 (fun w n -> w * (float n - mean)) f.Weights f.Sizes |> perClient

    let leading eta =
        spec.ServerStep
        * eta
        * float spec.Epochs
        * Block.norm (Block.sum (tilt * f.ClientGradients starts))

    let rows =
        steps
        |> List.collect (fun eta ->
            let off = distances f spec sameStepsize mean eta starts - leading eta
            perStart spec eta (Block.abs off) (secondOrder f spec (lengths eta) starts))

    Evidence.all [
        slopeRows "FedAvg-RR" (slope f spec sameStepsize mean 1e-3 starts) 1.0
        Evidence.ofRows Rung.Trajectories Relation.AtMost rows
    ]

let private standard = {
    Sizes = "1,3,6"
    Dimension = 2
    Kappa = 4.0
    Epochs = 2
    ServerStep = 1.0
    Seed = 1
}

let private roundInstances =
    let generator =
        gen {
            let! sizes = Gen.elements [ "1,3,6"; "1,2"; "2,5"; "1,1,4" ]
            let! dimension = Gen.choose (2, 3)
            let! kappa = Gen.elements [ 2.0; 4.0 ]
            let! epochs = Gen.choose (1, 2)
            let! serverStep = Gen.elements [ 0.5; 1.0; 2.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Sizes = sizes
                Dimension = dimension
                Kappa = kappa
                Epochs = epochs
                ServerStep = serverStep
                Seed = seed
            }
        }

    Instances.generated generator (fun spec ->
        seq {
            if spec.Epochs > 1 then
                { spec with Epochs = 1 }
        })
    |> Instances.startingWith [ standard ]

let roundClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-FEDSHUFFLE.4"
            ClaimKind.Scaling
            "all clients: a FedShuffle round is a gradient step of length H = η_gη_lE on f up to H·Σw_i(Lη_lE/2)G_ie^{Lη_lE}, log-log slope 2±0.1 in η_l ∈ [1e-4, 1e-2]; FedAvg-RR is off a step H·N̄ by H‖Σw_i(N_i−N̄)∇f_i(x)‖ up to O(η_l²), slope 1±0.1 in [1e-5, 1e-3]"
            roundInstances
            (fun ctx spec -> Evidence.all [ nearGradientStep balancedStepsize ctx spec; fedAvgDistance ctx spec ]) with
            Formula = @"\|x^+-(x-\eta_g\eta_lE\nabla f(x))\|=O(\eta_l^2)"
            Assumptions = "fixed orders, f_ij L-smooth, unequal N_i"
            Source = "derived from CE-FEDSHUFFLE.3"
            Falsifiers = [ Falsifier.check "equal stepsizes" (nearGradientStep sameStepsize) ]
    }
