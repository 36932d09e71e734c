/// Where shuffled and independent sampling come to rest (VI-SHUFFLE.2 and .5).
module Theory.Algorithms.VariationalInequalities.StationaryError

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.ShuffledExtragradient

/// E‖z − z*‖² of an epoch's stationary law, exactly.
let private stationary (f: IFiniteSumOperator) (gamma: float) (draw: Draw<Indices>) : float =
    let proc = {
        Method.on f { Gamma = gamma } reshuffled with
            Draw = draw
    }

    match StationaryMoments.expectation proc { Z = f.Solution } (fun s -> Block.normSquared (s.Z - f.Solution)) with
    | Error reason -> invalidOp reason
    | Ok error -> error

let private permutations (f: IFiniteSumOperator) = Draw.permutation f.Count
let private replaced (f: IFiniteSumOperator) = Draw.indices f.Count f.Count

/// Independent draws come to the same rest step by step as epoch by epoch.
let private single (f: IFiniteSumOperator) = Draw.indices f.Count 1

/// Components that differ, and disagree at the solution.
let private game spec =
    Games.rotationBlocks spec :> IFiniteSumOperator

let private standard: RotationSpec = {
    Workers = 4
    Blocks = 1
    Mu = 1.0
    MuSpread = 0.5
    Skew = 1.0
    SkewSpread = 0.3
    Offset = 1.0
    Seed = 1
}

let private instances maxWorkers =
    let generator =
        gen {
            let! workers = Gen.choose (2, maxWorkers)
            let! mu = Gen.elements [ 0.5; 1.0 ]
            let! muSpread = Gen.elements [ 0.3; 1.0 ]
            let! skew = Gen.elements [ 0.0; 0.5; 1.0 ]
            let! skewSpread = Gen.elements [ 0.1; 0.5 ]
            let! offset = Gen.elements [ 1.0; 3.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Blocks = 1
                Mu = mu
                MuSpread = muSpread
                Skew = skew
                SkewSpread = skewSpread
                Offset = offset
                Seed = seed
            }
        }

    Instances.generated generator (fun spec ->
        seq {
            if spec.Workers > 2 then
                { spec with Workers = spec.Workers - 1 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        })
    |> Instances.startingWith [ { standard with Workers = maxWorkers } ]

// ---- VI-SHUFFLE.2 ----------------------------------------------------------------------------------------------

/// Local slopes of the stationary error over halved stepsizes.
let private slopes (spec: RotationSpec) (shuffled: IFiniteSumOperator -> Draw<Indices>) =
    let f = game spec
    let gammas = Array.init 5 (fun j -> 0.02 / Summands.lipschitz f * 0.5 ** float j)

    let floors draw =
        gammas |> Array.map (fun gamma -> stationary f gamma (draw f))

    let rr, iid = floors shuffled, floors single
    let slope (e: float[]) j = System.Math.Log2(e[j] / e[j + 1])

    let exactly relation label measured bound =
        Evidence.row relation 16 100 label measured bound

    let above = [
        for j in 0..3 do
            exactly Relation.AtLeast $"slope of EG-RR between γ_{j} and γ_{j + 1}" (slope rr j) 1.9
            exactly Relation.AtLeast $"slope of EG-IID between γ_{j} and γ_{j + 1}" (slope iid j) 0.9
    ]

    let below = [
        for j in 0..3 do
            exactly Relation.AtMost $"slope of EG-IID between γ_{j} and γ_{j + 1}" (slope iid j) 1.1
        for j in 0..4 do
            exactly Relation.AtMost $"E‖z − z*‖² of EG-RR against EG-IID, γ_{j}" rr[j] iid[j]
    ]

    Evidence.all [
        Evidence.ofRows Rung.Moments Relation.AtLeast above
        Evidence.ofRows Rung.Moments Relation.AtMost below
    ]

let slopeClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SHUFFLE.2"
            ClaimKind.Scaling
            "stationary E‖z − z*‖²: slope in γ within [0.9, 1.1] for EG-IID, at least 1.9 for EG-RR, and EG-RR's below EG-IID's at every γ"
            (instances 4)
            (fun _ spec -> slopes spec permutations) with
            Formula = @"\mathbb E\|z_\infty-z_*\|^2 = \Theta(\gamma)\ \text{(IID)},\qquad O(\gamma^2)\ \text{(RR)}"
            Assumptions = "affine F_i, γ = 0.02·2^{−j}/L_m, j = 0, …, 4"
            Source =
                "derived: variance O(γ) of independent draws; O(γ²) displacement an epoch, over γnμ, of permutations"
            Valid = fun spec -> spec.Workers > 1 && spec.Offset > 0.0
            Falsifiers = [
                Falsifier.check "permutations replaced by draws with replacement" (fun _ spec -> slopes spec replaced)
                |> Falsifier.at [ { standard with Workers = 2 } ]
            ]
    }

// ---- VI-SHUFFLE.5 ----------------------------------------------------------------------------------------------

/// E‖z_k − z*‖² after 0, 1, … epochs, from far away.
let private series (f: IFiniteSumOperator) gamma (draw: Draw<Indices>) epochs =
    let proc = {
        Method.on f { Gamma = gamma } reshuffled with
            Draw = draw
    }

    let centre: State = { Z = f.Solution }

    let start: State = {
        Z = f.Solution + Block.Fill(Shape.Vector(1, 1, f.Dimension), 10.0)
    }

    match Moments.series proc centre start epochs [ fun (s: State) -> Block.normSquared (s.Z - f.Solution) ] with
    | Error reason -> invalidOp reason
    | Ok all -> all[0]

/// Every F_i replaced by F.
let private identical (f: AffineOperator) : IFiniteSumOperator =
    let n = f.Matrices.Length

    let mean =
        Array.init f.Mean.Rows (fun j -> f.Offsets |> Array.averageBy (fun b -> b[j]))

    AffineOperator("one operator n times", Array.replicate n f.Mean, Array.replicate n mean, [])

/// ε is a tenth of EG-IID's floor on the given components; the runs are on `others`.
let private reaches (spec: RotationSpec) (others: AffineOperator -> IFiniteSumOperator) =
    let components = Games.rotationBlocks spec
    let f = components :> IFiniteSumOperator
    let gamma = 0.05 / Summands.lipschitz f
    let floor = stationary f gamma (single f)
    let epsilon = 0.1 * floor
    let epochs = int (ceil (20.0 / (gamma * float f.Count * f.Monotonicity)))

    let run draw =
        series (others components) gamma (draw f) epochs

    let rr, iid = run permutations, run replaced

    let first =
        rr
        |> Array.tryFindIndex (fun e -> e <= epsilon)
        |> Option.map float
        |> Option.defaultValue infinity

    Evidence.all [
        Evidence.ofRows Rung.Moments Relation.AtMost [
            Evidence.row Relation.AtMost 2 epochs "epochs until EG-RR is at ε" first (float epochs)
            Evidence.row Relation.AtMost 2 epochs "EG-RR at the end" (Array.last rr) epsilon
        ]
        Evidence.ofRows Rung.Moments Relation.AtLeast [
            Evidence.row Relation.AtLeast 2 epochs "least E‖z_k − z*‖² of EG-IID" (Array.min iid) epsilon
            // From here on it stays at its floor.
            Evidence.row
                Relation.AtLeast
                2
                epochs
                "EG-IID at the end, against its floor"
                (Array.last iid)
                (0.999 * floor)
        ]
    ]

let epochsClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SHUFFLE.5"
            ClaimKind.Count
            "ε a tenth of EG-IID's floor at the same γ: EG-RR comes to E‖z − z*‖² ≤ ε within 20/(γnμ) epochs, EG-IID stays above it and is at its floor then"
            (instances 3)
            (fun _ spec -> reaches spec (fun f -> f)) with
            Formula = @"\mathbb E\|z_k-z_*\|^2 \le \tfrac1{10}\,\mathrm{floor}_{\mathrm{IID}}(\gamma)"
            Assumptions = "affine F_i that differ at z*, γ = 0.05/L_m, second moments epoch by epoch"
            Source = "derived from VI-SHUFFLE.2"
            Valid = fun spec -> spec.Workers > 1 && spec.Offset > 0.0
            Falsifiers = [ Falsifier.check "identical F_i" (fun _ spec -> reaches spec identical) ]
    }
