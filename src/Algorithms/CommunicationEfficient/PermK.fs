/// PermK: correlated compressors of n workers. One random permutation, shared by all, deals the coordinates out, so that
/// what the workers send fits together instead of overlapping.
///
/// Szlendak, Tyurin, Richtárik, "Permutation Compressors for Provably Faster Distributed Nonconvex Optimization", 2021,
/// arXiv 2110.03300.
module Theory.Algorithms.CommunicationEfficient.PermK

open Theory
open Theory.Numerics
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.Compressors.Building

/// How many workers send one coordinate: one when d ≥ n, else ⌊n/d⌋ (a permutation of a multiset).
let senders (workers: int) (dimension: int) = max 1 (workers / dimension)

/// How many coordinates one worker sends at most: ⌈d/n⌉.
let share (workers: int) (dimension: int) = (dimension + workers - 1) / workers

/// A with E‖(1/n)ΣQ_i(a_i) − ā‖² = A·(1/n)Σ‖a_i − ā‖²: a coordinate is the mean over a uniform set of q of the n workers,
/// so A = (n − q)/(q(n − 1)); A = 1 when d ≥ n.
let varianceFactor (workers: int) (dimension: int) =
    let n, q = float workers, float (senders workers dimension)
    if workers = 1 then 0.0 else (n - q) / (q * (n - 1.0))

/// ω = n/q − 1 of one worker's compressor on its own: each coordinate is kept with probability q/n.
let omega (workers: int) (dimension: int) =
    float workers / float (senders workers dimension) - 1.0

/// What is dealt: every coordinate once for each worker that sends it, and blanks (negative) that fill up n equal hands.
/// Blanks count as different where hands have several places, so that all deals are equally likely.
let private deck workers dimension =
    let q, s = senders workers dimension, share workers dimension
    let blanks = workers * s - q * dimension

    let blankKinds =
        if blanks = 0 then []
        elif s = 1 then [ (-1, blanks) ]
        else List.init blanks (fun b -> -1 - b, 1)

    List.init dimension (fun j -> j, q) @ blankKinds

/// All ways to take `size` items out of kinds with multiplicities: what is taken, and what is left.
let rec private takes size (kinds: (int * int) list) : (int list * (int * int) list) list =
    match kinds with
    | _ when size = 0 -> [ ([], kinds) ]
    | [] -> []
    | (kind, count) :: rest -> [
        for taken in 0 .. min size count do
            for items, left in takes (size - taken) rest ->
                List.replicate taken kind @ items, (kind, count - taken) :: left
      ]

/// All ways to deal hands of `size` items, one hand a worker.
let rec private deals workers size kinds : int list list list =
    if workers = 0 then
        [ [] ]
    else
        [
            for hand, left in takes size kinds do
                for others in deals (workers - 1) size left -> hand :: others
        ]

/// The number of deals: the multinomial coefficient of hands (or, for hands of one, of kinds).
let private countOf workers dimension =
    let factorial k =
        Seq.init k (fun i -> float (i + 1)) |> Seq.fold (*) 1.0

    let s = share workers dimension

    let repeats =
        if s > 1 then
            factorial s ** float workers
        else
            deck workers dimension
            |> Seq.fold (fun all (_, count) -> all * factorial count) 1.0

    factorial (workers * s) / repeats

/// The diagonals of the compressors, workers × lanes × dimension: n/q where a worker sends the coordinate, else 0.
let private diagonals workers lanes dimension (hand: int -> int -> int seq) =
    let values = Array.zeroCreate (workers * lanes * dimension)
    let weight = float workers / float (senders workers dimension)

    for worker in 0 .. workers - 1 do
        for lane in 0 .. lanes - 1 do
            for coordinate in hand worker lane do
                values[(worker * lanes + lane) * dimension + coordinate] <- weight

    Block.Own(Shape.Vector(workers, lanes, dimension), values)

/// The diagonals of the n compressors, as a draw with all its outcomes.
let draw (workers: int) (dimension: int) : Draw<Block> =
    let q, s = senders workers dimension, share workers dimension
    let places = Draw.permutation (workers * s)

    let sample address lanes =
        let order = places.Sample(address, lanes)

        diagonals workers order.Lanes dimension (fun worker lane ->
            order.At(0, lane).Slice(worker * s, s).ToArray()
            |> Seq.filter (fun item -> item < q * dimension)
            |> Seq.map (fun item -> item % dimension))

    let count = countOf workers dimension

    let outcomes () =
        deals workers s (deck workers dimension)
        |> Seq.map (fun hands -> {
            Probability = 1.0 / count
            Outcome =
                diagonals workers 1 dimension (fun worker _ -> hands[worker] |> Seq.filter (fun item -> item >= 0))
        })

    Draw(1, sample, Law.Finite(count, outcomes))

/// PermK for n workers as a compressor. Asked for a single worker, it gives the law of one of them.
let permK (workers: int) : Compressor =
    let drawFor n d =
        if n = workers then
            draw workers d
        elif n = 1 then
            draw workers d |> Draw.map (fun all -> all.Worker 0)
        else
            invalidArg (nameof n) $"This PermK is for {workers} workers, not {n}."

    let apply outcome (x: Block) =
        match outcome with
        | CompressorDraw.Numbers diagonal -> diagonal * x
        | _ -> invalidArg (nameof outcome) "PermK draws diagonals."

    // The permutation is shared, so the receiver knows which coordinates arrive.
    let known outcome d =
        match outcome with
        | CompressorDraw.Numbers diagonal ->
            let first = diagonal.ToArray()[.. d - 1]
            [| 0 .. d - 1 |] |> Array.filter (fun i -> first[i] <> 0.0)
        | _ -> invalidArg (nameof outcome) "PermK draws diagonals."

    let floats d = float d / (1.0 + omega workers d)

    unbiased
        $"Perm-K of {workers}"
        (fun n d -> drawFor n d |> Draw.map CompressorDraw.Numbers)
        apply
        (omega workers)
        (fun x -> (1.0 + omega workers x.Length) * square x)
        floats
        (atKnown known apply)
