namespace Theory.Algorithms

open System
open Theory
open Theory.Numerics

/// A law of which of n clients take part in a round.
[<NoEquality; NoComparison>]
type Participation = {
    Name: string
    /// Who takes part: n × lanes.
    Draw: Draw<Mask>
    /// p_i = P(i takes part).
    Probabilities: float[]
    /// P(i and j take part), i ≠ j.
    Joint: int -> int -> float
} with

    override p.ToString() = p.Name

/// Participation laws, and what a round with them costs.
[<RequireQualifiedAccess>]
module Participation =

    /// The members of a drawn subset as a mask.
    let members (clients: int) (subset: Indices) : Mask =
        let values = Array.create (clients * subset.Lanes) false

        for lane in 0 .. subset.Lanes - 1 do
            for client in subset.At(0, lane) do
                values[client * subset.Lanes + lane] <- true

        Mask(clients, subset.Lanes, values)

    /// s-nice: a uniform subset of s of n clients.
    let nice (s: int) (n: int) : Participation =
        let share = float s / float n

        {
            Name = $"{s} of {n} clients"
            Draw = Draw.subset s n |> Draw.map (members n)
            Probabilities = Array.create n share
            Joint = fun _ _ -> if s = n then 1.0 else share * float (s - 1) / float (n - 1)
        }

    /// All n clients.
    let full (n: int) : Participation = {
        nice n n with
            Name = $"all {n} clients"
    }

    /// Client i takes part with probability p_i, independently of the others.
    let independent (probabilities: float[]) : Participation =
        let n = probabilities.Length

        if probabilities |> Array.exists (fun p -> not (p > 0.0 && p <= 1.0)) then
            invalidArg (nameof probabilities) "Every client must take part with a probability in (0, 1]."

        let outcomes () =
            seq {
                for code in 0 .. (1 <<< n) - 1 do
                    let takes = Array.init n (fun i -> code >>> i &&& 1 = 1)

                    let probability =
                        Array.fold2
                            (fun product take p -> product * if take then p else 1.0 - p)
                            1.0
                            takes
                            probabilities

                    if probability > 0.0 then
                        {
                            Probability = probability
                            Outcome = Mask(n, 1, takes)
                        }
            }

        {
            Name = "independent clients"
            Draw =
                Draw(
                    1,
                    (fun address lanes -> Sampler.Coin(address, n, lanes, ReadOnlySpan probabilities)),
                    Law.Finite(2.0 ** float n, outcomes)
                )
            Probabilities = probabilities
            Joint = fun i j -> probabilities[i] * probabilities[j]
        }

    /// p_i = min{1, c·size_i} with Σ p_i = s, found by filling up the largest first.
    let proportional (s: float) (sizes: int[]) : float[] =
        let rec fill full =
            let total =
                Seq.sum (Seq.init sizes.Length (fun i -> if Set.contains i full then 0.0 else float sizes[i]))

            let c = (s - float (Set.count full)) / total

            let over =
                [ 0 .. sizes.Length - 1 ]
                |> List.filter (fun i -> not (Set.contains i full) && c * float sizes[i] > 1.0)

            if over.IsEmpty then
                Array.init sizes.Length (fun i -> if Set.contains i full then 1.0 else c * float sizes[i])
            else
                fill (Set.union full (Set.ofList over))

        if s >= float sizes.Length then
            Array.create sizes.Length 1.0
        else
            fill Set.empty

    /// How many take part, per lane.
    let count (takesPart: Mask) : float[] =
        Array.init takesPart.Lanes (fun lane ->
            Seq.init takesPart.Workers id
            |> Seq.sumBy (fun i -> if takesPart[i, lane] then 1.0 else 0.0))

    /// `amount` for every client that takes part.
    let charge counter (amount: float) (takesPart: Mask) : Charge = {
        Counter = counter
        Amount = Amount.ByLane(count takesPart |> Array.map ((*) amount))
    }

    /// `amount` of a client that takes part, averaged over all clients.
    let chargeMean counter (amount: float) (takesPart: Mask) : Charge =
        charge counter (amount / float takesPart.Workers) takesPart

/// Draws made of several.
[<RequireQualifiedAccess>]
module Draws =

    /// Independent draws, one after the other.
    let each (draws: Draw<'D>[]) : Draw<'D[]> =
        (draws, Draw.always [])
        ||> Array.foldBack (fun first rest -> Draw.both first rest |> Draw.map (fun (one, others) -> one :: others))
        |> Draw.map Array.ofList

    /// Entries from … from + count − 1 of each lane's list.
    let slice (from: int) (count: int) (list: Indices) : Indices =
        Indices(
            list.Workers,
            list.Lanes,
            count,
            list.Bound,
            Array.init (list.Workers * list.Lanes * count) (fun at ->
                list.Values[at / count * list.Count + from + at % count])
        )

    /// All ordered partitions of the items into blocks of a size.
    let rec private partitions (size: int) (items: int list) : int list list =
        let rec choose k list =
            match k, list with
            | 0, _ -> [ [] ]
            | _, [] -> []
            | _, first :: rest -> (choose (k - 1) rest |> List.map (fun s -> first :: s)) @ choose k rest

        if items.IsEmpty then
            [ [] ]
        else
            choose size items
            |> List.collect (fun block ->
                partitions size (items |> List.filter (fun i -> not (List.contains i block)))
                |> List.map (fun rest -> block @ rest))

    /// Regularised participation: a uniform ordered partition of n clients into cohorts of a size, as a list of n clients, one
    /// cohort after the other, increasing in each.
    let cohorts (size: int) (n: int) : Draw<Indices> =
        if size < 1 || n % size <> 0 then
            invalidArg (nameof size) $"The size of a cohort must divide the number of clients; got {size} and {n}."

        let sorted (order: int[]) =
            order |> Array.chunkBySize size |> Array.collect Array.sort

        let sample address lanes =
            let drawn = Sampler.Permutation(address, 1, lanes, n)

            Indices(
                1,
                lanes,
                n,
                n,
                Array.init lanes (fun lane -> sorted (drawn.At(0, lane).ToArray()))
                |> Array.concat
            )

        let all = lazy (partitions size [ 0 .. n - 1 ])

        // M!/(C!)^R
        let count =
            Seq.init n (fun i -> float (i + 1) / float (i % size + 1)) |> Seq.fold (*) 1.0

        Draw(
            1,
            sample,
            Law.Finite(
                count,
                fun () ->
                    all.Value
                    |> Seq.map (fun order -> {
                        Probability = 1.0 / count
                        Outcome = Indices.Constant(n, Array.ofList order)
                    })
            )
        )
