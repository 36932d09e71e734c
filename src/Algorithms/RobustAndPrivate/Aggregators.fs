/// Robust aggregation rules and the attacks they meet, as pure functions of blocks: inputs are n × lanes × d, one worker
/// a vector; outputs 1 × lanes × d. `f` is the tolerated number of bad workers, f < n/2.
[<RequireQualifiedAccess>]
module Theory.Algorithms.RobustAndPrivate.Aggregators

open System
open MathNet.Numerics.Distributions
open Theory
open Theory.Numerics

/// The plain average.
let mean (x: Block) : Block = Block.mean x

/// Coordinate-wise median; the mean of the two middle values for even n.
let median (x: Block) : Block =
    let sorted = x.SortWorkers()
    let n = x.Workers

    if n % 2 = 1 then
        sorted.Worker(n / 2)
    else
        0.5 * (sorted.Worker(n / 2 - 1) + sorted.Worker(n / 2))

/// Coordinate-wise trimmed mean: the f smallest and f largest values dropped.
let trimmedMean (f: int) (x: Block) : Block =
    Block.mean (x.SortWorkers().SliceWorkers(f, x.Workers - 2 * f))

/// Per lane: is y an input at which the others' unit pulls are no stronger than its multiplicity? Then y is the median.
let private restsOnInput (x: Block) (y: Block) : bool[] =
    let distance = Block.norm (x - y)
    let here = distance.Map(fun r -> if r = 0.0 then 1.0 else 0.0)
    let away = distance.Map(fun r -> if r > 0.0 then 1.0 / r else 0.0)
    let pull = Block.lanes (Block.norm (Block.sum (away * (x - y))))
    Array.map2 (fun count p -> count > 0.0 && p <= count) (Block.lanes (Block.sum here)) pull

/// argmin_y Σ ‖y − x_i‖ by Weiszfeld's iteration with weights 1/max(‖x_i − y‖, 1e-10) from the coordinate-wise median. A
/// lane stops when its own step is below 1e-12 of its size, or on an input that is the median, so it does not depend on
/// the other lanes.
let geometricMedian (x: Block) : Block =
    let rec iterate rounds (y: Block) =
        if rounds = 0 then
            y
        else
            let weights = (Block.norm (x - y)).Map(fun r -> 1.0 / max r 1e-10)
            let next = Block.sum (weights * x) / Block.sum weights
            let steps = Block.lanes (Block.norm (next - y))
            let sizes = Block.lanes (Block.norm y)
            let rests = restsOnInput x y

            let moving =
                Array.init steps.Length (fun lane ->
                    not rests[lane] && not (steps[lane] <= 1e-12 * (1.0 + sizes[lane])))

            if Array.contains true moving then
                iterate (rounds - 1) ((Block.choose (Mask(1, moving.Length, moving)) next y).Materialise())
            else
                y

    iterate 300 (median x)

/// ‖x_i − x_j‖² for every i, j: result [i] is n × lanes × 1.
let private distances (x: Block) : Block[] =
    Array.init x.Workers (fun i -> Block.normSquared (x - x.Worker i))

/// The input whose `neighbours` nearest inputs (itself included) are nearest in total; least index on ties.
let private krumWith (neighbours: int) (x: Block) : Block =
    let scores =
        distances x
        |> Array.map (fun d -> Block.lanes (Block.sum (d.SortWorkers().SliceWorkers(0, neighbours))))

    let best lane =
        Seq.init x.Workers id |> Seq.minBy (fun i -> scores[i][lane], i)

    x.PickWorkers(Indices(1, x.Lanes, 1, x.Workers, Array.init x.Lanes best))

/// Krum with n − f neighbours.
let krum (f: int) (x: Block) : Block = krumWith (x.Workers - f) x

/// Krum as first published: n − f − 2 neighbours besides the input itself; it needs n ≥ 2f + 3.
let classicalKrum (f: int) (x: Block) : Block = krumWith (max 1 (x.Workers - f - 1)) x

/// Nearest-neighbour mixing: every input replaced by the mean of its n − f nearest inputs, itself included.
let nearestNeighbourMixing (f: int) (x: Block) : Block =
    let kept = x.Workers - f

    let mixed (d: Block) =
        let values = d.ToArray()

        let nearest lane =
            Array.init x.Workers id
            |> Array.sortBy (fun j -> values[j * x.Lanes + lane], j)
            |> Array.take kept
            |> Array.sort

        let picked = Array.init x.Lanes nearest |> Array.concat
        Block.mean (x.PickWorkers(Indices(1, x.Lanes, kept, x.Workers, picked)))

    Block.ConcatWorkers(Array.map mixed (distances x))

/// Means of ⌈n/s⌉ buckets of s consecutive inputs in the order of a permutation (the last bucket may be smaller).
let bucketing (s: int) (order: Indices) (x: Block) : Block =
    let shuffled = x.PickWorkers order

    let bucket b =
        Block.mean (shuffled.SliceWorkers(b * s, min s (x.Workers - b * s)))

    Block.ConcatWorkers(Array.map bucket [| 0 .. (x.Workers - 1) / s |])

/// One round of centered clipping: v + (1/n) Σ clip(x_i − v, τ), τ one number a lane.
let centeredClipping (tau: Block) (v: Block) (x: Block) : Block =
    let u = x - v

    v
    + Block.mean (Block.Min(Block.scalar 1.0, tau * (Block.norm u).Reciprocal()) * u)

// ---- Attacks: G × lanes × d good vectors ↦ f × lanes × d bad ones --------------------------------------------------

/// −ε times the mean of the good vectors: inner-product manipulation.
let innerProduct (epsilon: float) (f: int) (good: Block) : Block =
    Block.repeatWorkers f (-epsilon * Block.mean good)

/// The mean minus z standard deviations, z the largest offset that hides in the majority: "a little is enough".
let littleIsEnough (f: int) (good: Block) : Block =
    let n = good.Workers + f

    let z =
        Normal.InvCDF(0.0, 1.0, Math.Clamp(float (n - (n / 2 + 1)) / float (n - f), 1e-6, 1.0 - 1e-6))

    let centre = Block.mean good
    let spread = (Block.mean ((good - centre).Square())).SquareRoot()
    Block.repeatWorkers f (centre - z * spread)

/// Copies of one good worker.
let mimic (f: int) (good: Block) : Block = Block.repeatWorkers f (good.Worker 0)

/// The good vectors with their signs flipped, in turn.
let bitFlip (f: int) (good: Block) : Block =
    Block.ConcatWorkers(Array.init f (fun i -> -1.0 * good.Worker(i % good.Workers)))

/// A point `size` away along the first coordinate.
let far (size: float) (f: int) (good: Block) : Block =
    let d = good.Dimension
    let shift = Block.vector (Array.init d (fun j -> if j = 0 then size else 0.0))
    Block.repeatWorkers f (Block.mean good + shift)
