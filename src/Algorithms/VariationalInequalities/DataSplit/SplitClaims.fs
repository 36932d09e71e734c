/// Claims on the split of the data: loads of the workers, the server's share, its stationarity.
module Theory.Algorithms.VariationalInequalities.SplitClaims

open FsCheck.FSharp
open Theory
open Theory.Algorithms.VariationalInequalities.SplitModel

/// A cluster of a server and three workers, or of equal workers, by a few numbers.
[<NoComparison>]
type ClusterSpec = {
    Samples: int
    /// Three workers of the given times, or (with Equal > 0) so many of time Worker1.
    Worker1: float
    Worker2: float
    Worker3: float
    Equal: int
    Server: float
    Round: float
    FastSimilarity: bool
    Mu: float
}

let private model (spec: ClusterSpec) : Model = {
    Samples = spec.Samples
    FastSimilarity = spec.FastSimilarity
    Smoothness = 1.0
    SampleSmoothness = 1.0
    Mu = spec.Mu
    Accuracy = 1e-6
    Server = spec.Server
    Workers =
        if spec.Equal > 0 then
            Array.create spec.Equal spec.Worker1
        else
            [| spec.Worker1; spec.Worker2; spec.Worker3 |]
    Round = spec.Round
}

let private small: ClusterSpec = {
    Samples = 30
    Worker1 = 1.0
    Worker2 = 2.0
    Worker3 = 5.0
    Equal = 0
    Server = 1.0
    Round = 1.0
    FastSimilarity = false
    Mu = 1e-3
}

let private smallClusters largest =
    let generator =
        gen {
            let! samples = Gen.choose (8, largest)
            let! second = Gen.elements [ 1.5; 2.0; 3.0 ]
            let! third = Gen.elements [ 2.0; 5.0; 9.0 ]
            let! server = Gen.elements [ 0.2; 1.0; 4.0 ]
            let! round = Gen.elements [ 0.0; 1.0; 30.0 ]
            let! fast = Gen.elements [ true; false ]

            return {
                small with
                    Samples = samples
                    Worker2 = second
                    Worker3 = third
                    Server = server
                    Round = round
                    FastSimilarity = fast
            }
        }

    Instances.generated generator (fun spec ->
        seq {
            if spec.Samples > 8 then
                { spec with Samples = spec.Samples - 1 }
        })

let private row relation label measured bound =
    Evidence.row relation 1 1 label measured bound

let private enumerated relation rows =
    Evidence.ofRows Rung.Enumerated relation rows

// ---- VI-SPLIT.1 ------------------------------------------------------------------------------------------------

let private slowest (m: Model) (b: float seq) = Seq.map2 (*) m.Workers b |> Seq.max

/// The levelled loads sum to N − b_1 and take one common time; no integer split is faster, and the best one is slower by at
/// most the slowest worker's time for one sample.
let private levels (spec: ClusterSpec) (chosen: Model -> float -> float[]) =
    let m = model spec
    let own = 6
    let b = chosen m (float own)
    let common = levelled m (float own)

    let integers =
        divisions (m.Samples - own) m.Workers.Length
        |> Seq.map (Seq.map float >> slowest m)

    [
        enumerated Relation.Equal [ row Relation.Equal "Σ b_i" (Array.sum b) (float (m.Samples - own)) ]
        b
        |> Array.mapi (fun i load -> row Relation.Equal $"τ_{i + 2} b_{i + 2}" (m.Workers[i] * load) common)
        |> List.ofArray
        |> enumerated Relation.Equal
        integers
        |> Seq.map (fun time -> row Relation.AtLeast "an integer split's slowest worker" time common)
        |> List.ofSeq
        |> enumerated Relation.AtLeast
        enumerated Relation.AtMost [
            row Relation.AtMost "the best integer split" (Seq.min integers) (common + Array.max m.Workers)
        ]
    ]
    |> Evidence.all

let private equalLoads (m: Model) own =
    Array.create m.Workers.Length ((float m.Samples - own) / float m.Workers.Length)

let loadsClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SPLIT.1"
            ClaimKind.Exact
            "b_i = (N−b_1)τ_i⁻¹/Σ_{j≥2}τ_j⁻¹ equalises the workers' times at (N−b_1)/Στ_j⁻¹; no split has a smaller maximum"
            (smallClusters 30
             |> Instances.startingWith [ { small with Samples = 36 }; small ])
            (fun _ spec -> levels spec loads) with
            Formula = @"\min_b\max_{i\ge2}\tau_ib_i=\frac{N-b_1}{\sum_{j\ge2}\tau_j^{-1}}"
            Assumptions =
                "b_1 fixed; real loads, integers within the slowest worker's time for one sample; all integer splits"
            Source = "derived: the maximum is at least the mean weighed by τ_i⁻¹"
            Falsifiers = [
                Falsifier.check "equal loads with unequal times" (fun _ spec -> levels spec equalLoads)
            ]
            Tight = Some { Instance = small; AtLeast = 1.0 }
    }

// ---- VI-SPLIT.2 ------------------------------------------------------------------------------------------------

/// The one-variable function against every integer split of all nodes: T(b*) is a lower bound, and the best integer split
/// exceeds the least levelled time by at most the slowest worker's time for one sample, twice a step.
let private reduces (m: Model) =
    let least = best m (float (optimum m))

    let every =
        seq { 1 .. m.Samples - 1 }
        |> Seq.map (fun own ->
            let workers =
                divisions (m.Samples - own) m.Workers.Length
                |> Seq.map (Seq.map float >> slowest m)
                |> Seq.min

            own, time m (float own) workers)
        |> List.ofSeq

    let at = float (optimum m)

    [
        every
        |> List.map (fun (own, t) -> row Relation.AtLeast $"every integer split with b_1 = {own}" t least)
        |> enumerated Relation.AtLeast
        enumerated Relation.AtMost [
            row
                Relation.AtMost
                "the best integer split"
                (every |> List.map snd |> List.min)
                (least + 2.0 * outer m at * Array.max m.Workers)
        ]
    ]

/// Uniform split, and the limits of expensive communication and of a slow server; `scan` finds b_1.
let private limits (m: Model) (scan: Model -> int) =
    let uniform = m.Samples / (m.Workers.Length + 1)
    let last = m.Samples - 1
    let b = scan m

    let enough =
        if m.FastSimilarity then
            min last (int (ceil (m.SampleSmoothness / m.Mu)))
        else
            last

    let far = scan { m with Round = 1e9 * float m.Samples }

    let lazyServer =
        scan {
            m with
                Server = 1e9 * m.Server
                FastSimilarity = false
        }

    [
        enumerated Relation.AtMost [
            row Relation.AtMost "T(b*) against the uniform split" (best m (float b)) (best m (float uniform))
        ]
        enumerated Relation.AtLeast [
            row Relation.AtLeast "b_1 when communication is expensive" (float far) (float enough)
        ]
        enumerated Relation.Equal [ row Relation.Equal "b_1 when the server is slow" (float lazyServer) 1.0 ]
    ]

let private large round fast : ClusterSpec = {
    Samples = 10000
    Worker1 = 1.0
    Worker2 = 1.0
    Worker3 = 1.0
    Equal = 19
    Server = 1.0
    Round = round
    FastSimilarity = fast
    Mu = 1e-3
}

/// The tightness is that of the comparison with all splits or with the uniform one.
let private shares (spec: ClusterSpec) scan =
    let m = model spec

    let pieces = [
        yield! limits m scan
        if m.Samples <= 30 then
            yield! reduces m
    ]

    {
        Evidence.all pieces with
            Tightness = (List.head pieces).Tightness
    }

/// T without the server's inner loop.
let private withoutServer (m: Model) = optimum { m with Server = 0.0 }

let shareClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SPLIT.2"
            ClaimKind.Count
            "T with those loads is a function of b_1 alone; its integer minimiser beats the uniform split, goes to all data that lower δ as τ_c → ∞ and to 1 as τ_1 → ∞"
            (smallClusters 20
             |> Instances.counts 1 4 20
             |> Instances.startingWith [
                 large 0.0 false
                 large 1e5 false
                 large 1e7 true
                 { small with Samples = 24 }
             ])
            (fun _ spec -> shares spec optimum) with
            Formula = @"b_1^*=\arg\min_{b_1}T(b_1),\qquad T(b_1^*)\le T(N/n)"
            Assumptions =
                "T = max{1, √(δ/μ)} ln(1/ε)[2τ_c + 2max τ_ib_i + τ_1b_1 max{1, √(L/δ)}], δ = min{L, L̂/√b_1} or min{L, L̂/b_1}; 1 ≤ b_1 ≤ N−1"
            Source = "derived; a reconstruction of the paper's time model"
            Falsifiers = [
                Falsifier.check "the server's term dropped" (fun _ spec -> shares spec withoutServer)
            ]
    }

// ---- VI-SPLIT.3 ------------------------------------------------------------------------------------------------

/// −p b^{−p−1}(2τ_c + aN) − (1−p)a b^{−p} + τ_1(L/L̂)^{1/2} with p = 1/4: T's slope in b_1 up to a constant.
let private slope (m: Model) power (b: float) =
    let a = 2.0 / speed m

    -power * b ** (-power - 1.0) * (2.0 * m.Round + a * float m.Samples)
    - (1.0 - power) * a * b ** -power
    + m.Server * sqrt (m.Smoothness / m.SampleSmoothness)

/// The root of an increasing function on [1, N − 1], or the end nearest to it.
let private root (last: float) (f: float -> float) =
    let rec bisect low high rounds =
        let middle = 0.5 * (low + high)

        if rounds = 0 then middle
        elif f middle < 0.0 then bisect middle high (rounds - 1)
        else bisect low middle (rounds - 1)

    if f 1.0 >= 0.0 then 1.0
    elif f last <= 0.0 then last
    else bisect 1.0 last 100

/// T against its closed form at every b_1, its slope increasing, and the bisection's root within one of the scan's optimum.
let private stationary (spec: ClusterSpec) power =
    let m = model spec
    let last = float (m.Samples - 1)
    let a = 2.0 / speed m
    let steps = sqrt (m.SampleSmoothness / m.Mu) * log (1.0 / m.Accuracy)

    let closed b =
        steps
        * (b ** -power * (2.0 * m.Round + a * (float m.Samples - b))
           + m.Server * sqrt (m.Smoothness / m.SampleSmoothness) * b)

    let every = [ 1..97 .. m.Samples - 1 ] |> List.map float

    [
        every
        |> List.map (fun b -> row Relation.Equal $"T at b_1 = {b}" (best m b) (closed b))
        |> enumerated Relation.Equal
        every
        |> List.pairwise
        |> List.map (fun (b, next) ->
            row Relation.AtMost $"slope at {b}, {next}" (slope m power b) (slope m power next))
        |> enumerated Relation.AtMost
        enumerated Relation.AtMost [
            row
                Relation.AtMost
                "distance of the root and the scan's optimum"
                (abs (root last (slope m power) - float (optimum m)))
                1.0
        ]
    ]
    |> fun pieces -> {
        Evidence.all pieces with
            Tightness = (List.head pieces).Tightness
    }

let private largeClusters =
    let generator =
        gen {
            let! samples = Gen.choose (500, 5000)
            let! workers = Gen.choose (2, 30)
            let! server = Gen.elements [ 0.1; 1.0; 3.0 ]
            let! round = Gen.elements [ 0.0; 100.0; 1e4 ]

            return {
                large round false with
                    Samples = samples
                    Equal = workers
                    Server = server
            }
        }

    Instances.generated generator (fun spec ->
        seq {
            if spec.Samples > 500 then
                { spec with Samples = 500 }
        })

let stationarityClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SPLIT.3"
            ClaimKind.Exact
            "T ∝ b_1^{−1/4}[2τ_c + a(N−b_1)] + τ_1(L/L̂)^{1/2}b_1; its slope increases, and its only root is the optimum"
            (largeClusters |> Instances.startingWith [ large 1e5 false; large 0.0 false ])
            (fun _ spec -> stationary spec 0.25) with
            Formula =
                @"-\tfrac14b_1^{-5/4}(2\tau_c+aN)-\tfrac34ab_1^{-1/4}+\tau_1(L/\hat L)^{1/2}=0,\quad a=2/\sum_{j\ge2}\tau_j^{-1}"
            Assumptions = "δ = L̂/√b_1 with μ ≤ δ ≤ L for every b_1; equal workers"
            Source = "derived"
            Falsifiers = [ Falsifier.check "exponent −1/2" (fun _ spec -> stationary spec 0.5) ]
            Tight =
                Some {
                    Instance = large 1e5 false
                    AtLeast = 1.0
                }
    }
