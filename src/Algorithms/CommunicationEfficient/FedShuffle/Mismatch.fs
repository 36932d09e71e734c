/// Which objective equal and balanced local stepsizes solve (CE-FEDSHUFFLE.1).
module Theory.Algorithms.CommunicationEfficient.FedShuffleMismatch

open System
open System.Globalization
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.FedShuffleRounds

/// Scalar clients whose samples all are ½h(x − b_i)².
type MismatchSpec = {
    /// N_1, …, N_n.
    Sizes: string
    /// b_1, …, b_n.
    Centres: string
    /// h.
    Curvature: float
    Epochs: int
    /// η_l.
    LocalStep: float
}

let private numbers (text: string) =
    text.Split(',', StringSplitOptions.RemoveEmptyEntries)
    |> Array.map (fun v -> Double.Parse(v, CultureInfo.InvariantCulture))

let private sizesOf (spec: MismatchSpec) = numbers spec.Sizes |> Array.map int

let private problem (spec: MismatchSpec) =
    WeightedClientSpec.isotropic spec.Curvature (sizesOf spec) (numbers spec.Centres |> Array.map Array.singleton)
    :> IWeightedClients

let private parameters (f: IWeightedClients) (spec: MismatchSpec) : Parameters = {
    LocalStep = spec.LocalStep
    ServerStep = 1.0
    Epochs = spec.Epochs
    MostSteps = 0
    Participation = Participation.full f.Sizes.Length
}

/// Σ v_ib_i/Σ v_i.
let private weightedMean (v: float[]) (b: float[]) =
    Array.fold2 (fun sum v b -> sum + v * b) 0.0 v b / Array.sum v

/// What a round multiplies b_i − x by for every client: the weight of its pass 1 − (1−ηh)^{K_i}.
let private pull stepsizes (f: IWeightedClients) (p: Parameters) (spec: MismatchSpec) weights =
    let steps = localSteps f p

    Array.init steps.Length (fun i ->
        weights i steps[i]
        * (1.0 - (1.0 - (stepsizes f p: float[])[i] * spec.Curvature) ** float steps[i]))

/// A round of `run` takes every x to z + (1−Σv_i)(x−z) with z = Σv_ib_i/Σv_i.
let private roundIs (run: Method<IWeightedClients, Parameters, State, RoundDraw>) (v: float[]) (spec: MismatchSpec) =
    let f = problem spec
    let p = parameters f spec
    let z = Block.scalar (weightedMean v (numbers spec.Centres))
    // All samples of a client are the same, so any orders will do.
    let outcome = (run.Draw f p).Sample(DrawAddress(1UL, 0u, 0, 0, 0), 1)

    AffineIdentity.forEveryState { State.X = f.Minimiser } None (fun s -> (run.Step f p outcome s).X) (fun s ->
        z + (1.0 - Array.sum v) * (s.X - z))

/// The v_i of the three methods.
let private fedAvgPull f p spec =
    pull sameStepsize f p spec (fun i _ -> f.Weights[i])

let private fedShufflePull f p spec =
    pull balancedStepsize f p spec (fun i _ -> f.Weights[i])

let private fedNovaPull (f: IWeightedClients) p spec =
    let mean = weightedMean f.Weights (localSteps f p |> Array.map float)
    pull sameStepsize f p spec (fun i k -> f.Weights[i] * mean / float k)

/// |Σv_ir_ib_i/Σv_ir_i − z| for r_i within [1−t, 1], z = Σv_ib_i/Σv_i: at most t·Σv_i|b_i−z|/((1−t)Σv_i).
let private atMost (t: float) (v: float[]) (b: float[]) =
    let z = weightedMean v b
    let spread = weightedMean v (b |> Array.map (fun b -> abs (b - z)))
    t * spread / (1.0 - t)

/// One comparison of distances, squared.
let private distances label measured bound =
    Evidence.row Relation.AtMost 8 1 label (measured * measured) (bound * bound)

/// Comparisons of squared distances on points as large as the centres.
let private compared (spec: MismatchSpec) rows =
    let largest = numbers spec.Centres |> Array.map abs |> Array.max
    Evidence.ofRowsAbove (Rounding.resolution 8.0 (1.0 + largest)) Rung.Spectral Relation.AtMost rows

/// The distance of the fixed point with the v_i from x*, and the bound of a balanced pass: (η̂h/2)-small.
let private balancedError (f: IWeightedClients) p spec (v: float[]) =
    let b = numbers spec.Centres
    let solution = weightedMean f.Weights b
    let t = totalStep p * spec.Curvature / 2.0

    distances "fixed point to x*" (weightedMean v b - solution) (atMost t f.Weights b)

/// FedAvg's fixed point lies at Σw_iN_ib_i/Σw_iN_i up to O(η), so its error does not vanish with η.
let private fedAvgLimit (f: IWeightedClients) p spec =
    let b = numbers spec.Centres
    let solution = weightedMean f.Weights b
    let squares = Array.map2 (fun w n -> w * float n) f.Weights f.Sizes
    let limit = weightedMean squares b
    let t = totalStep p * spec.Curvature * float (Array.max f.Sizes) / 2.0
    let reached = weightedMean (fedAvgPull f p spec) b

    [
        if t < 1.0 then
            let near = atMost t squares b
            distances "FedAvg's fixed point to its limit" (reached - limit) near

            distances
                "limit to x*, less that, against FedAvg's error"
                (max 0.0 (abs (limit - solution) - near))
                (reached - solution)
    ]

let private mismatch (spec: MismatchSpec) =
    let f = problem spec
    let p = parameters f spec

    Evidence.all [
        roundIs FedShuffleMethods.fedAvg (fedAvgPull f p spec) spec
        roundIs FedShuffleMethods.fedShuffle (fedShufflePull f p spec) spec
        roundIs FedShuffleMethods.fedNova (fedNovaPull f p spec) spec
        compared spec (balancedError f p spec (fedShufflePull f p spec) :: fedAvgLimit f p spec)
    ]

let private errorOfFedAvg (spec: MismatchSpec) =
    let f = problem spec
    let p = parameters f spec
    compared spec [ balancedError f p spec (fedAvgPull f p spec) ]

let private toy step = {
    Sizes = "1,4,10"
    Centres = "5,-1,2"
    Curvature = 1.0
    Epochs = 2
    LocalStep = step
}

let private instances =
    let generator =
        gen {
            let! clients = Gen.choose (1, 5)
            let! sizes = Gen.listOfLength clients (Gen.choose (1, 12))
            let! centres = Gen.listOfLength clients (Gen.choose (-5, 5))
            let! curvature = Gen.elements [ 0.3; 1.0; 2.0 ]
            let! epochs = Gen.choose (1, 3)
            let! step = Gen.elements [ 0.1; 0.03; 0.01; 0.001; 0.0001 ]

            return {
                Sizes = WeightedClientSpec.text sizes
                Centres = String.Join(",", centres)
                Curvature = curvature
                Epochs = epochs
                LocalStep = step
            }
        }

    let shrink (spec: MismatchSpec) =
        seq {
            let sizes, centres = sizesOf spec, numbers spec.Centres

            if sizes.Length > 1 then
                {
                    spec with
                        Sizes = WeightedClientSpec.text (Array.tail sizes)
                        Centres = String.Join(",", Array.tail centres)
                }

            if spec.Epochs > 1 then
                { spec with Epochs = 1 }
        }

    Instances.generated generator shrink

let mismatchClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-FEDSHUFFLE.1"
            ClaimKind.Exact
            "samples ½h‖x−b_i‖²: a round has the fixed point Σw_ic_ib_i/Σw_ic_i, c_i = 1−(1−ηh)^{EN_i} for FedAvg-RR, 1−(1−ηh/N_i)^{EN_i} for FedShuffle; as η→0 the first tends to Σw_iN_ib_i/Σw_iN_i, the second to x*; FedNova has c_i/K_i"
            (instances |> Instances.startingWith [ toy 0.1; toy 0.01; toy 0.001 ])
            (fun _ -> mismatch) with
            Formula =
                @"x_\infty=\frac{\sum w_ic_ib_i}{\sum w_ic_i},\quad c_i=1-(1-\eta h/N_i)^{EN_i}\in[1-\tfrac{\eta hE}2,1]\,\eta hE"
            Assumptions = "all clients take part, η_g = 1, ηhE < 2"
            Source = "derived"
            Valid = fun spec -> spec.LocalStep * spec.Curvature * float spec.Epochs < 1.0
            Falsifiers = [
                Falsifier.check "FedShuffle with FedAvg's stepsizes" (fun _ spec ->
                    let f = problem spec
                    roundIs FedShuffleMethods.fedAvg (fedShufflePull f (parameters f spec) spec) spec)
                Falsifier.check "FedAvg within FedShuffle's distance of x*" (fun _ -> errorOfFedAvg)
                |> Falsifier.at [ toy 0.001 ]
            ]
            Tight = Some { Instance = toy 0.01; AtLeast = 1.0 }
    }
