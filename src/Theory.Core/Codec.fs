namespace Theory

open System
open System.Reflection
open Theory.Numerics

/// How a method's state becomes a vector and comes back. A state is a record (F# or C#) whose fields are blocks; any
/// other field (a step counter, say) is carried along unchanged and is no part of the vector.
[<Sealed; NoEquality; NoComparison>]
type Codec<'S> internal (shapes: Shape[], read: 'S -> Block[], write: 'S -> Block[] -> 'S, same: 'S -> 'S -> bool) =

    /// Numbers per lane.
    member _.Dimension = shapes |> Array.sumBy (fun s -> s.Workers * s.Dimension)

    /// The blocks of a state, in the order of its fields.
    member _.Blocks(state: 'S) = read state

    /// Do two states carry the same beside their blocks (the same step counter, say)?
    member _.CarriesTheSame (first: 'S) (second: 'S) = same first second

    /// The state with other blocks.
    member _.WithBlocks (template: 'S) (blocks: Block[]) = write template blocks

    /// Number of lanes of a state: the largest of its blocks.
    member _.Lanes(state: 'S) =
        read state |> Array.map (fun b -> b.Lanes) |> Array.max

    /// One row of numbers per lane: the fields in order, in each the workers in order.
    member this.Pack(state: 'S) : float[][] =
        let lanes = this.Lanes state
        let arrays = read state |> Array.map (fun b -> b, b.ToArray())

        Array.init lanes (fun lane ->
            let row = Array.zeroCreate this.Dimension
            let mutable at = 0

            for b, values in arrays do
                let own = if b.Lanes = 1 then 0 else lane

                for w in 0 .. b.Workers - 1 do
                    Array.blit values ((w * b.Lanes + own) * b.Dimension) row at b.Dimension
                    at <- at + b.Dimension

            row)

    /// The state with one lane per row; what is no block comes from the template.
    member this.Unpack (template: 'S) (rows: float[][]) : 'S =
        let lanes = rows.Length
        let mutable at = 0

        let blocks =
            shapes
            |> Array.map (fun shape ->
                let values = Array.zeroCreate (shape.Workers * lanes * shape.Dimension)

                for w in 0 .. shape.Workers - 1 do
                    for lane in 0 .. lanes - 1 do
                        Array.blit rows[lane] at values ((w * lanes + lane) * shape.Dimension) shape.Dimension

                    at <- at + shape.Dimension

                Block.Own(shape.WithLanes lanes, values))

        write template blocks

    /// Every block computed; keeps pending combinations from growing over steps.
    member _.Materialise(state: 'S) : unit =
        for b in read state do
            b.Materialise() |> ignore

    /// Every block on an engine.
    member _.On (engine: IEngine) (state: 'S) =
        write state (read state |> Array.map (fun b -> b.On engine))

    /// Lanes `from` .. `from + count − 1`.
    member _.Slice (from: int) (count: int) (state: 'S) =
        write
            state
            (read state
             |> Array.map (fun b -> if b.Lanes = 1 then b else b.SliceLanes(from, count)))

    /// A state of one lane repeated over `lanes`.
    member _.Stretch (lanes: int) (state: 'S) =
        write state (read state |> Array.map (Block.stretch lanes))

    /// Per lane: is every number finite?
    member this.Finite(state: 'S) : bool[] =
        let lanes = this.Lanes state
        let finite = Array.create lanes true

        for b in read state do
            let own = b.FiniteLanes()

            for lane in 0 .. lanes - 1 do
                finite[lane] <- finite[lane] && own[if own.Length = 1 then 0 else lane]

        finite

/// Builds codecs by reflection, once per state type and template.
[<RequireQualifiedAccess>]
module Codec =

    let private describe (stateType: Type) : PropertyInfo[] * ((obj | null)[] -> obj | null) =
        if stateType = typeof<Block> then
            [||], Array.head
        else
            match Records.shape stateType with
            | Some shape -> shape
            | None ->
                invalidArg
                    (nameof stateType)
                    $"A state must be a record of blocks, or have a constructor whose parameters name its properties; {stateType.Name} has neither."

    /// The codec of states shaped like `template` (one or more lanes).
    let ofTemplate (template: 'S) : Codec<'S> =
        let fields, construct = describe typeof<'S>

        if fields.Length = 0 then
            let block = unbox<Block>(box template)

            Codec<'S>(
                [| block.Shape |],
                (fun s -> [| unbox<Block>(box s) |]),
                (fun _ blocks -> unbox<'S>(box blocks[0])),
                (fun _ _ -> true)
            )
        else
            let isBlock = fields |> Array.map (fun f -> f.PropertyType = typeof<Block>)
            let getters = fields |> Array.map (fun f -> fun (s: 'S) -> f.GetValue(box s))

            if not (Array.contains true isBlock) then
                invalidArg (nameof template) $"State {typeof<'S>.Name} has no field of type Block."

            let read (s: 'S) =
                Array.zip isBlock getters
                |> Array.choose (fun (block, get) -> if block then Some(unbox<Block>(get s)) else None)

            let write (s: 'S) (blocks: Block[]) =
                let mutable next = -1

                Array.zip isBlock getters
                |> Array.map (fun (block, get) ->
                    if block then
                        next <- next + 1
                        box blocks[next]
                    else
                        get s)
                |> construct
                |> unbox<'S>

            let same (first: 'S) (second: 'S) =
                Array.zip isBlock getters
                |> Array.forall (fun (block, get) -> block || Object.Equals(get first, get second))

            Codec<'S>(read template |> Array.map (fun b -> b.Shape), read, write, same)
