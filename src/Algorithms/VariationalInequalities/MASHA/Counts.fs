/// What MASHA1 sends (VI-MASHA.7 and .9): floats per device against the uncompressed extragradient method.
module Theory.Algorithms.VariationalInequalities.MASHACounts

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.VariationalInequalities.MASHAPoints

// ---- VI-MASHA.7 ------------------------------------------------------------------------------------------------

/// Rotation blocks with skew parts 1 + 0.3·N(0, 1).
[<NoComparison>]
type FloatsSpec = {
    /// Devices M.
    Workers: int
    /// Rotation blocks; d = 2·Blocks.
    Blocks: int
    /// K of RandK.
    K: int
    Mu: float
    Seed: int
}

/// The problem restricted to some of its blocks.
let private restricted (spec: FloatsSpec) (blocks: int[]) =
    let skews =
        Array.init spec.Workers (fun i ->
            let all = Linear.gaussians spec.Seed (10 + i) spec.Blocks
            blocks |> Array.map (fun b -> 1.0 + 0.3 * all[b]))

    let offsets =
        Array.init spec.Workers (fun i ->
            let all = Linear.gaussians spec.Seed (1000 + i) (2 * spec.Blocks)
            blocks |> Array.collect (fun b -> [| all[2 * b]; all[2 * b + 1] |]))

    Games.rotations (Array.create spec.Workers spec.Mu) skews offsets :> IFiniteSumOperator

/// The laws of RandK's diagonal on two of d coordinates: both are kept with probability K(K−1)/(d(d−1)), and so on.
let private pairLaw k d =
    let scale, k', d' = float d / float k, float k, float d
    let both = k' * (k' - 1.0) / (d' * (d' - 1.0))
    let one = k' * (d' - k') / (d' * (d' - 1.0))

    [
        both, [| scale; scale |]
        one, [| scale; 0.0 |]
        one, [| 0.0; scale |]
        1.0 - both - 2.0 * one, [| 0.0; 0.0 |]
    ]

/// Diagonals of all M devices with the mean and covariance of independent ones: a random device deviates √M times as much
/// from 1 as it would, and the others do not.
let private oneDeviates k d n () =
    let around device (entries: float[]) m =
        entries
        |> Array.map (fun v -> if m = device then 1.0 + sqrt (float n) * (v - 1.0) else 1.0)

    seq {
        for device in 0 .. n - 1 do
            for probability, entries in pairLaw k d ->
                {
                    Probability = probability / float n
                    Outcome = CompressorDraw.Numbers(Block.ofWorkers (Array.init n (around device entries)))
                }
    }

/// RandK in dimension d, as two of its coordinates see it. The step is linear in the diagonals, so a law of the same mean and
/// covariance gives the same second moments.
let private onPair k d : Compressor =
    let q = randK k

    let sample n address lanes =
        let ones = Block.Fill(Shape.Vector(n, 1, d), 1.0)
        let all = q.Apply ((q.Draw n d).Sample(address, lanes)) ones
        CompressorDraw.Numbers(all.SliceDimension(0, 2))

    {
        q with
            Draw = fun n _ -> Draw(1, sample n, Law.MatchedMoments(4.0 * float n, oneDeviates k d n))
            Apply =
                fun outcome x ->
                    match outcome with
                    | CompressorDraw.Numbers diagonal -> diagonal * x
                    | _ -> invalidArg (nameof outcome) "This compressor draws diagonals."
    }

/// The first step at which E‖z_k − z*‖² ≤ share·R0² for MASHA1 with RandK from z* + (1, …, 1), exactly: the moments of each
/// block evolve by themselves, since RandK couples coordinates by known covariances only.
let private masha1Steps (spec: FloatsSpec) (p: MASHA1.Parameters) limit share =
    let block b =
        let f = restricted spec [| b |]

        let p = {
            p with
                Devices = onPair spec.K (2 * spec.Blocks)
        }

        let start = f.Solution + Block.Fill(Shape.Vector(1, 1, 2), 1.0)

        Costs.expectations (onPoints f p) { Z = f.Solution; W = f.Solution } { Z = start; W = start } limit (fun s ->
            Block.normSquared (s.Z - f.Solution))

    let blocks = Array.init spec.Blocks block

    match
        blocks
        |> Array.tryPick (function
            | Error e -> Some e
            | Ok _ -> None)
    with
    | Some error -> Error error
    | None ->
        let series =
            blocks
            |> Array.choose (function
                | Ok values -> Some(values.GetEnumerator())
                | Error _ -> None)

        let next _ =
            series
            |> Array.sumBy (fun values -> if values.MoveNext() then values.Current else infinity)

        Seq.init (limit + 1) next
        |> Seq.tryFindIndex (fun v -> v <= share * float (2 * spec.Blocks))
        |> Option.defaultValue (limit + 1)
        |> Ok

/// The steps of EG until ‖z_k − z*‖² ≤ share·R0² from z* + (1, …, 1).
let private egSteps ctx (f: IOperator) (p: Extragradient.Parameters) limit share =
    let start: Extragradient.State = {
        Z = f.Solution + Block.Fill(Shape.Vector(1, 1, f.Dimension), 1.0)
    }

    let series =
        (Run.series ctx (Method.on f p Extragradient.method) start limit [ Extragradient.distance f ])[0]

    series |> Array.tryFindIndex (fun v -> v[0] <= share * float f.Dimension)

let private accuracy = 1e-6

/// MASHA1's floats against √(1/M + 1/β) times those of EG, and both runs against their certified counts. `devices` is M of
/// the run; the bound keeps the instance's.
let private floats ctx (spec: FloatsSpec) devices =
    let run = { spec with Workers = devices }
    let f = restricted run [| 0 .. spec.Blocks - 1 |]
    let p = MASHA1.parametersFor (randK spec.K) identity f
    let eg = Extragradient.parameters f
    let d = f.Dimension
    let certified = Costs.certified 2.0 (MASHA1.contraction f p) accuracy
    let certifiedEG = Costs.certified 1.0 (Extragradient.contraction f eg) accuracy
    let limit = int (ceil certified)
    let factor = sqrt (1.0 / float spec.Workers + float spec.K / float d)

    match masha1Steps run p limit accuracy, egSteps ctx f eg (int (ceil certifiedEG)) accuracy with
    | Error reason, _ -> Evidence.undecided Rung.Moments reason
    | _, None -> Evidence.undecided Rung.Moments "EG does not converge"
    | Ok rounds, Some egRounds ->
        let sent = float rounds * uplink f p
        let sentEG = float egRounds * uncompressed f eg
        let row = Evidence.row Relation.AtMost d limit

        Evidence.ofRows Rung.Moments Relation.AtMost [
            row "floats of MASHA1, against √(1/M + 1/β) times EG's" sent (factor * sentEG)
            row "floats of MASHA1, against the certified number" sent ((certified + 1.0) * uplink f p)
            row "floats of EG, against the certified number" sentEG ((certifiedEG + 1.0) * uncompressed f eg)
        ]
        |> Evidence.note $"EG sends {sentEG:G6} floats a device, MASHA1 {sent:G6}"

let private wide = {
    Workers = 16
    Blocks = 16
    K = 2
    Mu = 0.1
    Seed = 1
}

let floatsClaim: Claim =
    let generator =
        gen {
            let! workers = Gen.elements [ 8; 12; 16 ]
            let! blocks = Gen.elements [ 4; 6; 8 ]
            let! mu = Gen.elements [ 0.05; 0.1; 0.2 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Blocks = blocks
                K = 1
                Mu = mu
                Seed = seed
            }
        }

    Claim.create {
        Claim.spec
            "VI-MASHA.7"
            ClaimKind.Count
            "RandK, p = K/d, M ≥ ω: until E‖z − z*‖² ≤ 1e-6 R0² a device of MASHA1 sends at most √(1/M + 1/β) times EG's floats"
            (Instances.generated generator (fun _ -> Seq.empty)
             |> Instances.startingWith [ wide ]
             |> Instances.counts 1 1 10)
            (fun ctx spec -> floats ctx spec spec.Workers) with
            Formula = @"\text{floats}(\text{MASHA1})\le\sqrt{1/M+1/\beta}\;\text{floats}(\text{EG}),\quad\beta=d/K"
            Assumptions =
                "rotation blocks with skew parts 1 + 0.3·N(0,1), so that L̃ ≈ L; each method at its certified step"
            Source = "the paper's abstract; direction and factor checked by exact propagation of all blocks"
            Valid = fun spec -> float spec.Workers >= float (2 * spec.Blocks) / float spec.K - 1.0
            Falsifiers = [ Falsifier.check "one device" (fun ctx spec -> floats ctx spec 1) ]
    }

// ---- VI-MASHA.9 ------------------------------------------------------------------------------------------------

/// β, M and L/μ.
[<NoComparison>]
type RateSpec = {
    /// Compression ratio β = d/K, so that ω = β − 1.
    Beta: float
    /// Devices M.
    Workers: int
    /// L/μ.
    Condition: float
}

/// A compressor that sends a share 1/β of the floats, with the ω of RandK.
let private ratio beta : Compressor = {
    randK 1 with
        Name = $"RandK of ratio {beta:G3}"
        Omega = fun _ -> Some(beta - 1.0)
        Floats = fun d -> float d / beta
}

/// Full vectors per device and factor e: MASHA1 of `devices` devices and EG, each by its own rule and account.
let private rates (spec: RateSpec) devices =
    let beta, m, kappa = spec.Beta, float spec.Workers, spec.Condition
    let mu = 1.0 / kappa
    let skew = sqrt (1.0 - mu * mu)

    let f =
        Games.rotations
            (Array.create devices mu)
            (Array.create devices [| skew |])
            (Array.create devices [| 1.0; 1.0 |])
        :> IFiniteSumOperator

    let p = MASHA1.parametersFor (ratio beta) identity f
    let eg = Extragradient.parameters f
    let vectors = uplink f p / float f.Dimension * 2.0 / (p.Gamma * mu)

    let vectorsEG = uncompressed f eg / float f.Dimension / (eg.Gamma * mu)

    let heterogeneity = sqrt (1.0 / beta + (1.0 - 1.0 / beta) / m)

    let formula =
        max (4.0 * sqrt 2.0 * heterogeneity * kappa) (max 8.0 (4.0 / (beta - 1.0)))

    let factor = sqrt (1.0 / m + 1.0 / beta)

    let rows relation list =
        list
        |> List.map (fun (label, a, b) -> Evidence.row relation 1 1 label a b)
        |> Evidence.ofRows Rung.Trajectories relation

    let order =
        rows Relation.AtMost [
            "MASHA1, against 8(1 + √(1/M + 1/β) L/μ)", vectors, 8.0 * (1.0 + factor * kappa)
            "MASHA1, against EG", vectors, 8.0 + factor * vectorsEG
        ]

    {
        Evidence.all [
            order
            rows Relation.Equal [ "MASHA1", vectors, formula; "EG", vectorsEG, 8.0 * kappa ]
        ] with
            Tightness = order.Tightness
    }

let ratesClaim: Claim =
    let instances = [
        for beta in [ 2.0; 8.0; 64.0; 512.0 ] do
            for workers in [ 1; 16; 400 ] do
                for condition in [ 1.0; 10.0; 1e4 ] ->
                    {
                        Beta = beta
                        Workers = workers
                        Condition = condition
                    }
    ]

    let far = {
        Beta = 64.0
        Workers = 16
        Condition = 1e4
    }

    Claim.create {
        Claim.spec
            "VI-MASHA.9"
            ClaimKind.Count
            "certified vectors per device and factor e: max{4√2 √(1/β + (1−1/β)/M) L/μ, 8, 4/(β−1)} ≤ 8(1 + √(1/M + 1/β) L/μ) for MASHA1, 8L/μ for EG"
            (Instances.only instances)
            (fun _ spec -> rates spec spec.Workers) with
            Formula =
                @"\max\{4\sqrt2\sqrt{1/\beta+(1-1/\beta)/M}\,L/\mu,\,8,\,4/(\beta-1)\}\le 8\bigl[1+\sqrt{1/M+1/\beta}\,L/\mu\bigr]"
            Assumptions =
                "every F_m L-Lipschitz and F μ-strongly monotone, p = 1/β, no compression by the server; numbers of the methods' own rules and accounts"
            // The slides' O(1 + L/μ) of MASHA2 comes without a step; the step of VI-MASHA.5 would give √β L/μ.
            Source = "orders: authors' slides; constants from the certified step of VI-MASHA.1"
            Falsifiers = [
                Falsifier.check "one device" (fun _ spec -> rates spec 1)
                |> Falsifier.at [ far ]
            ]
            Tight = Some { Instance = far; AtLeast = 0.5 }
    }
