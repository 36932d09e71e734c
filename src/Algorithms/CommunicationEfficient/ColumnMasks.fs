/// Masks that are the columns of a matrix with s ones in every row, dealt to clients by a random permutation: every
/// coordinate is sent by exactly s clients, and their number of floats differs by at most one.
///
/// Condat, Agarský, Richtárik, 2022, arXiv 2210.13277 (all clients); Condat, Agarský, Malinovsky, Richtárik, 2023,
/// arXiv 2302.09832 (a cohort of them).
module Theory.Algorithms.CommunicationEfficient.ColumnMasks

open Theory
open Theory.Numerics
open Theory.Algorithms.CommunicationEfficient.Compressors

/// What one communication draws.
[<NoEquality; NoComparison>]
type Cohort = {
    /// The clients that take part: clients × lanes.
    Members: Mask
    /// The diagonals q_i of ones and zeros: clients × lanes × dimension; zero for clients that do not take part.
    Masks: Block
}

/// Column j of the d × m template: row k holds its s ones in columns sk, sk + 1, …, sk + s − 1, counted modulo m.
let column (columns: int) (ones: int) (dimension: int) (j: int) : bool[] =
    Array.init dimension (fun k ->
        let place = (j - ones * k) % columns
        (if place < 0 then place + columns else place) < ones)

/// The floats that the sender of a column sends.
let floats (column: bool[]) =
    column |> Seq.filter id |> Seq.length |> float

/// The mean number of floats of a sender, sd/m: the same in every draw.
let meanFloats (columns: int) (ones: int) (dimension: int) =
    float (ones * dimension) / float columns

/// Deals the columns of a template to the members of a cohort: member j gets column `order[j]`. The template is made
/// once for all deals.
let deal clients columns ones dimension : Indices -> Indices -> Cohort =
    let template = Array.init columns (column columns ones dimension)

    fun order members ->
        let lanes = max order.Lanes members.Lanes
        let chosen = Array.create (clients * lanes) false
        let values = Array.zeroCreate (clients * lanes * dimension)

        for lane in 0 .. lanes - 1 do
            let order = order.At(0, lane)
            let members = members.At(0, lane)

            for j in 0 .. members.Length - 1 do
                let at = members[j] * lanes + lane
                let mask = template[order[j]]
                chosen[at] <- true

                for k in 0 .. dimension - 1 do
                    if mask[k] then
                        values[at * dimension + k] <- 1.0

        {
            Members = Mask(clients, lanes, chosen)
            Masks = Block.Own(Shape.Vector(clients, lanes, dimension), values)
        }

/// All different sequences of kinds with multiplicities.
let rec private arrangements (kinds: (int list) list) : int list list =
    match List.filter (List.isEmpty >> not) kinds with
    | [] -> [ [] ]
    | left -> [
        for kind in left do
            let rest =
                left
                |> List.map (fun other ->
                    if List.head other = List.head kind then
                        List.tail kind
                    else
                        other)

            for tail in arrangements rest -> List.head kind :: tail
      ]

/// A uniform permutation of the template's columns. Permutations that differ in equal columns only are one outcome.
let order (columns: int) (ones: int) (dimension: int) : Draw<Indices> =
    let kinds =
        [ 0 .. columns - 1 ]
        |> List.groupBy (column columns ones dimension >> List.ofArray)
        |> List.map snd

    let factorial k =
        Seq.init k (fun i -> float (i + 1)) |> Seq.fold (*) 1.0

    let count =
        factorial columns
        / (kinds |> List.map (List.length >> factorial) |> List.fold (*) 1.0)

    let outcomes () =
        arrangements kinds
        |> Seq.map (fun list -> {
            Probability = 1.0 / count
            Outcome = Indices.Constant(columns, Array.ofList list)
        })

    let uniform = Draw.permutation columns
    Draw(uniform.Sites, (fun address lanes -> uniform.Sample(address, lanes)), Law.Finite(count, outcomes))

/// A uniform cohort of m of n clients and the columns dealt to it. With m = n it draws the same permutation as `masks`
/// at the same address.
let cohort (clients: int) (size: int) (ones: int) (dimension: int) : Draw<Cohort> =
    let dealt = deal clients size ones dimension

    Draw.both (order size ones dimension) (Draw.subset size clients)
    |> Draw.map (fun (order, members) -> dealt order members)

/// The columns dealt to all n clients.
let masks (clients: int) (ones: int) (dimension: int) : Draw<Block> =
    let everyone = Indices.Constant(clients, [| 0 .. clients - 1 |])
    let dealt = deal clients clients ones dimension

    order clients ones dimension
    |> Draw.map (fun order -> (dealt order everyone).Masks)

/// What a client sends of x: the entries of its mask in single precision. The permutation is shared, so that no index
/// travels.
let encode (mask: bool[]) (x: float[]) : bool[] =
    let writer = MessageWriter()

    mask
    |> Array.iteri (fun k one ->
        if one then
            writer.WriteFloat x[k] |> ignore)

    writer.ToMessage()

/// q ⊙ x as the server reads it, in single precision.
let decode (mask: bool[]) (message: bool[]) : float[] =
    let reader = MessageReader message
    mask |> Array.map (fun one -> if one then reader.ReadFloat() else 0.0)

/// The masks of a draw, lane by lane: lane ↦ client ↦ coordinates.
let table (masks: Block) : bool[][][] =
    let values = masks.ToArray()

    Array.init masks.Lanes (fun lane ->
        Array.init masks.Workers (fun client ->
            Array.init masks.Dimension (fun k -> values[(client * masks.Lanes + lane) * masks.Dimension + k] <> 0.0)))
