namespace Theory

open System
open Theory.Numerics

/// An outcome with its probability. Outcomes have one lane and stretch over all lanes of a state.
[<NoEquality; NoComparison>]
type Weighted<'D> = { Probability: float; Outcome: 'D }

/// What is known of the law of a draw.
[<NoEquality; NoComparison; RequireQualifiedAccess>]
type Law<'D> =
    /// Finitely many outcomes, enumerated on demand; `Count` is known before.
    | Finite of count: float * outcomes: (unit -> Weighted<'D> seq)
    /// A continuous law, with finitely many weighted outcomes that have the same mean and covariance: exact for second
    /// moments of a step that is affine in the outcome, and for nothing else.
    | MatchedMoments of count: float * outcomes: (unit -> Weighted<'D> seq)
    /// Only samples.
    | Sampled

/// Randomness as data: what a method draws each step. The same step runs on sampled outcomes, on every outcome with
/// its probability, or on one replayed outcome.
[<Sealed; NoEquality; NoComparison>]
type Draw<'D>(sites: int, sample: DrawAddress -> int -> 'D, law: Law<'D>) =

    /// Number of draw sites; the parts of a compound draw get sites of their own.
    member _.Sites = sites

    /// The outcomes of `lanes` lanes at an address. Any lane can be recomputed alone.
    member _.Sample(address: DrawAddress, lanes: int) : 'D = sample address lanes

    /// What is known of the law.
    member _.Law = law

    /// Number of outcomes of the exact law, or infinity.
    member _.Count =
        match law with
        | Law.Finite(count, _) -> count
        | Law.MatchedMoments _
        | Law.Sampled -> Double.PositiveInfinity

    /// Every outcome of the exact law. Raises InvalidOperationException when the law is not finite.
    member _.Outcomes: Weighted<'D>[] =
        match law with
        | Law.Finite(_, outcomes) -> Array.ofSeq (outcomes ())
        | Law.MatchedMoments _
        | Law.Sampled -> invalidOp "This draw has no finite law; use samples."

    /// Outcomes with the exact first two moments. Raises InvalidOperationException when none are known.
    member _.MomentOutcomes: Weighted<'D>[] =
        match law with
        | Law.Finite(_, outcomes)
        | Law.MatchedMoments(_, outcomes) -> Array.ofSeq (outcomes ())
        | Law.Sampled -> invalidOp "The first two moments of this draw are not known; use samples."

/// The draws that the catalogue needs, and how to combine them.
[<RequireQualifiedAccess>]
module Draw =

    let private finite sites sample count outcomes =
        Draw(sites, sample, Law.Finite(count, outcomes))

    let private weigh probability outcome = {
        Probability = probability
        Outcome = outcome
    }

    /// Nothing is drawn.
    let none: Draw<unit> =
        finite 0 (fun _ _ -> ()) 1.0 (fun () -> Seq.singleton (weigh 1.0 ()))

    /// The same value always.
    let always (value: 'D) : Draw<'D> =
        finite 0 (fun _ _ -> value) 1.0 (fun () -> Seq.singleton (weigh 1.0 value))

    /// The outcome seen through a function.
    let map (f: 'A -> 'B) (draw: Draw<'A>) : Draw<'B> =
        let through outcomes () =
            outcomes () |> Seq.map (fun o -> weigh o.Probability (f o.Outcome))

        let law =
            match draw.Law with
            | Law.Finite(count, outcomes) -> Law.Finite(count, through outcomes)
            | Law.MatchedMoments(count, outcomes) -> Law.MatchedMoments(count, through outcomes)
            | Law.Sampled -> Law.Sampled

        Draw(draw.Sites, (fun address lanes -> f (draw.Sample(address, lanes))), law)

    /// Two independent draws.
    let both (first: Draw<'A>) (second: Draw<'B>) : Draw<'A * 'B> =
        let sample (address: DrawAddress) lanes =
            first.Sample(address, lanes),
            second.Sample(
                DrawAddress(address.Seed, address.Stream, address.Step, address.Site + first.Sites, address.FirstLane),
                lanes
            )

        let product (a: unit -> Weighted<'A> seq) (b: unit -> Weighted<'B> seq) () =
            let others = Array.ofSeq (b ())

            seq {
                for x in a () do
                    for y in others -> weigh (x.Probability * y.Probability) (x.Outcome, y.Outcome)
            }

        let law =
            match first.Law, second.Law with
            | Law.Finite(m, a), Law.Finite(n, b) -> Law.Finite(m * n, product a b)
            | (Law.Finite(m, a) | Law.MatchedMoments(m, a)), (Law.Finite(n, b) | Law.MatchedMoments(n, b)) ->
                Law.MatchedMoments(m * n, product a b)
            | _ -> Law.Sampled

        Draw(first.Sites + second.Sites, sample, law)

    /// Three independent draws.
    let three a b c =
        both a (both b c) |> map (fun (x, (y, z)) -> x, y, z)

    /// One uniform index in [0, n), the same for all workers.
    let index (n: int) : Draw<Indices> =
        finite 1 (fun address lanes -> Sampler.Index(address, 1, lanes, 1, n)) (float n) (fun () ->
            Seq.init n (fun i -> weigh (1.0 / float n) (Indices.Constant(n, i))))

    /// One index with the given probabilities.
    let weightedIndex (probabilities: float[]) : Draw<Indices> =
        let n = probabilities.Length

        finite 1 (fun address lanes -> Sampler.WeightedIndex(address, 1, lanes, 1, probabilities)) (float n) (fun () ->
            Seq.init n (fun i -> weigh probabilities[i] (Indices.Constant(n, i))))

    let private tuples (bound: int) (count: int) =
        Seq.init (pown bound count) (fun code -> Array.init count (fun j -> code / pown bound j % bound))

    /// `count` independent uniform indices in [0, n), with replacement.
    let indices (n: int) (count: int) : Draw<Indices> =
        finite 1 (fun address lanes -> Sampler.Index(address, 1, lanes, count, n)) (float n ** float count) (fun () ->
            tuples n count
            |> Seq.map (fun list -> weigh (float n ** -(float count)) (Indices.Constant(n, list))))

    /// A coin that is no chance: the same for every worker and lane, with nothing drawn.
    let private certain (p: float) : Draw<Mask> option =
        if p >= 1.0 then Some(always (Mask.Constant true))
        elif p <= 0.0 then Some(always (Mask.Constant false))
        else None

    /// One coin for all workers, heads with probability p.
    let coin (p: float) : Draw<Mask> =
        certain p
        |> Option.defaultWith (fun () ->
            finite 1 (fun address lanes -> Sampler.Coin(address, 1, lanes, p)) 2.0 (fun () ->
                seq {
                    weigh p (Mask.Constant true)
                    weigh (1.0 - p) (Mask.Constant false)
                }))

    /// One coin a worker, independent.
    let coins (workers: int) (p: float) : Draw<Mask> =
        certain p
        |> Option.defaultWith (fun () ->
            finite 1 (fun address lanes -> Sampler.Coin(address, workers, lanes, p)) (2.0 ** float workers) (fun () ->
                tuples 2 workers
                |> Seq.map (fun code ->
                    let heads = Array.sum code

                    weigh
                        (p ** float heads * (1.0 - p) ** float (workers - heads))
                        (Mask(workers, 1, Array.map ((=) 1) code)))))

    /// All k-subsets of [0, d) in increasing order.
    let rec private subsetsOf k d : int list list =
        if k = 0 then
            [ [] ]
        elif k > d then
            []
        else
            subsetsOf k (d - 1)
            @ (subsetsOf (k - 1) (d - 1) |> List.map (fun s -> s @ [ d - 1 ]))

    let private binomial d k =
        Seq.init k (fun i -> float (d - i) / float (i + 1)) |> Seq.fold (*) 1.0

    /// A uniform k-subset of [0, d) for each worker, independent.
    let subsets (workers: int) (k: int) (d: int) : Draw<Indices> =
        let each = binomial d k

        let outcomes () =
            let all = subsetsOf k d |> List.map Array.ofList |> Array.ofList

            tuples all.Length workers
            |> Seq.map (fun code ->
                weigh
                    (float all.Length ** -(float workers))
                    (Indices(workers, 1, k, d, code |> Array.collect (fun c -> all[c]))))

        finite 1 (fun address lanes -> Sampler.Subset(address, workers, lanes, k, d)) (each ** float workers) outcomes

    /// A uniform k-subset of [0, n), the same for all workers.
    let subset (k: int) (n: int) : Draw<Indices> = subsets 1 k n

    let rec private permutationsOf (items: int list) : int list list =
        match items with
        | [] -> [ [] ]
        | _ ->
            items
            |> List.collect (fun x -> permutationsOf (List.filter ((<>) x) items) |> List.map (fun rest -> x :: rest))

    /// A uniform permutation of [0, n).
    let permutation (n: int) : Draw<Indices> =
        let count = Seq.init n (fun i -> float (i + 1)) |> Seq.fold (*) 1.0

        finite 1 (fun address lanes -> Sampler.Permutation(address, 1, lanes, n)) count (fun () ->
            permutationsOf [ 0 .. n - 1 ]
            |> Seq.map (fun order -> weigh (1.0 / count) (Indices.Constant(n, Array.ofList order))))

    /// Independent uniform numbers in (0, 1): workers × lanes × dimension.
    let uniforms (workers: int) (dimension: int) : Draw<Block> =
        Draw(1, (fun address lanes -> Sampler.Uniform(address, workers, lanes, dimension)), Law.Sampled)

    /// Vectors ±√D e_j with D = workers × dimension: mean 0, covariance the identity.
    let private isotropicAtoms workers dimension () =
        let size = workers * dimension

        seq {
            for j in 0 .. size - 1 do
                for sign in [ -1.0; 1.0 ] ->
                    weigh
                        (0.5 / float size)
                        (Block.Own(
                            Shape.Vector(workers, 1, dimension),
                            Array.init size (fun i -> if i = j then sign * sqrt (float size) else 0.0)
                        ))
        }

    /// Independent standard Gaussians: workers × lanes × dimension.
    let gaussians (workers: int) (dimension: int) : Draw<Block> =
        Draw(
            1,
            (fun address lanes -> Sampler.Gaussian(address, workers, lanes, dimension)),
            Law.MatchedMoments(2.0 * float (workers * dimension), isotropicAtoms workers dimension)
        )

    /// One vector ±σ e_j with j uniform and a fair sign: mean 0, E‖ξ‖² = σ². A finite law.
    let signedCoordinate (dimension: int) (sigma: float) : Draw<Block> =
        both (index dimension) (coin 0.5)
        |> map (fun (j, heads) ->
            let lanes = max j.Lanes heads.Lanes
            let values = Array.zeroCreate (lanes * dimension)

            for lane in 0 .. lanes - 1 do
                values[lane * dimension + j.At(0, lane)[0]] <- if heads[0, lane] then sigma else -sigma

            Block.Own(Shape.Vector(1, lanes, dimension), values))

    /// A law known by its samples alone.
    let sampled (sites: int) (sample: DrawAddress -> int -> 'D) : Draw<'D> = Draw(sites, sample, Law.Sampled)

    /// A finite law given by its outcomes (one lane each) and how to sample it.
    let custom (sample: DrawAddress -> int -> 'D) (outcomes: Weighted<'D> list) : Draw<'D> =
        finite 1 sample (float outcomes.Length) (fun () -> outcomes)
