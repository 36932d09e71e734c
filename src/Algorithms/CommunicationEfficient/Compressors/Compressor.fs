namespace Theory.Algorithms.CommunicationEfficient.Compressors

open System
open Theory
open Theory.Numerics

/// The outcome of a compressor's own randomness, the same type for all compressors.
[<RequireQualifiedAccess; NoEquality; NoComparison>]
type CompressorDraw =
    | Nothing
    | Coins of Mask
    | Coordinates of Indices
    | Numbers of Block
    | Pair of CompressorDraw * CompressorDraw

/// How a compressed vector travels. Seeds are shared: the receiver knows which coordinates, coins and permutations were
/// drawn, but not how entries were rounded.
[<NoEquality; NoComparison>]
type Encoding = {
    /// What the first worker sends of a vector, its randomness drawn.
    Encode: CompressorDraw -> float[] -> bool[]
    /// The compressed vector of dimension d, in single precision.
    Decode: int -> CompressorDraw -> bool[] -> float[]
}

/// A compressor C of R^d for n workers, each with its own randomness.
[<NoEquality; NoComparison>]
type Compressor = {
    Name: string
    /// What n workers draw for vectors of dimension d.
    Draw: int -> int -> Draw<CompressorDraw>
    /// C applied for every worker and lane.
    Apply: CompressorDraw -> Block -> Block
    /// ω with E‖C(x) − x‖² ≤ ω‖x‖² and E C(x) = x; None for a biased compressor.
    Omega: int -> float option
    /// α with E‖C(x) − x‖² ≤ (1 − α)‖x‖²; None where none holds (an unbiased compressor with ω ≥ 1).
    Alpha: int -> float option
    /// η and ω_r with ‖E C(x) − x‖ ≤ η‖x‖ and E‖C(x) − E C(x)‖² ≤ ω_r‖x‖².
    Relative: int -> float * float
    /// E‖C(x)‖² in closed form; None where there is none.
    SecondMoment: (float[] -> float) option
    /// The law of C(x) given x: outputs with probabilities (outputs may repeat).
    ExactLaw: float[] -> (float * float[]) list
    /// Floats that one worker sends for a vector of dimension d, at most on average; quantised entries count as bits/32.
    Floats: int -> float
    /// Bits that one worker sends, at most on average, with floats of 32 bits as papers count them; seeds are shared and
    /// cost nothing.
    Bits: int -> float
    /// The format of what it sends.
    Encoding: Encoding
} with

    override c.ToString() = c.Name

/// What the compressors of this folder are built from.
module internal Building =

    let floatBits = 32.0

    /// Bits of an index in [0, d).
    let indexWidth (d: int) = int (ceil (Math.Log2(float d)))

    let indexBits (d: int) = float (indexWidth d)
    let ratio (k: int) (d: int) = float k / float d

    let square (x: float[]) = x |> Array.sumBy (fun v -> v * v)

    /// The law of a compressor whose draws have a finite law.
    let lawOf (draw: int -> int -> Draw<CompressorDraw>) (apply: CompressorDraw -> Block -> Block) (x: float[]) = [
        for o in (draw 1 x.Length).Outcomes -> o.Probability, (apply o.Outcome (Block.vector x)).ToArray()
    ]

    /// C(x) of the first worker.
    let first (apply: CompressorDraw -> Block -> Block) draw (x: float[]) =
        let all = (apply draw (Block.vector x)).ToArray()
        all[.. x.Length - 1]

    /// Every entry as a float.
    let dense (apply: CompressorDraw -> Block -> Block) : Encoding = {
        Encode =
            fun draw x ->
                let writer = MessageWriter()
                first apply draw x |> Array.iter (writer.WriteFloat >> ignore)
                writer.ToMessage()
        Decode =
            fun d _ message ->
                let reader = MessageReader message
                Array.init d (fun _ -> reader.ReadFloat())
    }

    /// Entries of C(x) at coordinates that the receiver knows, as floats.
    let atKnown (known: CompressorDraw -> int -> int[]) (apply: CompressorDraw -> Block -> Block) : Encoding = {
        Encode =
            fun draw x ->
                let y = first apply draw x
                let writer = MessageWriter()
                known draw x.Length |> Array.iter (fun i -> writer.WriteFloat y[i] |> ignore)
                writer.ToMessage()
        Decode =
            fun d draw message ->
                let reader = MessageReader message
                let y = Array.zeroCreate d
                known draw d |> Array.iter (fun i -> y[i] <- reader.ReadFloat())
                y
    }

    /// Index and float of `entries`; the receiver counts them by the message's length.
    let writeEntries (writer: MessageWriter) (y: float[]) (entries: int[]) =
        for i in entries do
            writer.Write(uint64 i, indexWidth y.Length).WriteFloat y[i] |> ignore

    let readEntries (reader: MessageReader) (y: float[]) count =
        for _ in 1..count do
            let i = int (reader.Read(indexWidth y.Length))
            y[i] <- reader.ReadFloat()

    let unbiased name draw apply omega secondMoment floats encoding : Compressor = {
        Name = name
        Draw = draw
        Apply = apply
        Omega = fun d -> Some(omega d)
        Alpha = fun d -> if omega d < 1.0 then Some(1.0 - omega d) else None
        Relative = fun d -> 0.0, omega d
        SecondMoment = Some secondMoment
        ExactLaw = lawOf draw apply
        Floats = floats
        Bits = fun d -> floatBits * floats d
        Encoding = encoding
    }

    let biased name draw apply alpha relative secondMoment floats encoding : Compressor = {
        unbiased name draw apply (fun _ -> 0.0) secondMoment floats encoding with
            Omega = fun _ -> None
            Alpha = alpha
            Relative = relative
    }

    let nothing: int -> int -> Draw<CompressorDraw> =
        fun _ _ -> Draw.always CompressorDraw.Nothing

    let deterministic name apply alpha secondMoment floats encoding =
        let apply _ x = apply x

        biased
            name
            nothing
            apply
            (alpha >> Some)
            (fun d -> sqrt (max 0.0 (1.0 - alpha d)), 0.0)
            secondMoment
            floats
            (encoding apply)

    let coordinates draw =
        match draw with
        | CompressorDraw.Coordinates c -> c
        | _ -> invalidArg (nameof draw) "This compressor draws coordinates."

    let coordinateDraw k n d =
        Draw.subsets n k d |> Draw.map CompressorDraw.Coordinates

    /// The first worker's drawn coordinates.
    let drawn draw (_: int) = ((coordinates draw).At(0, 0)).ToArray()

    /// A function of one vector applied to every worker and lane (workers and lanes at least those asked for).
    let eachVector workers lanes (f: int -> int -> float[] -> float[]) (x: Block) : Block =
        let workers, lanes, d = max workers x.Workers, max lanes x.Lanes, x.Dimension
        let values = x.ToArray()
        let result = Array.zeroCreate (workers * lanes * d)

        for w in 0 .. workers - 1 do
            for lane in 0 .. lanes - 1 do
                let from =
                    ((if x.Workers = 1 then 0 else w) * x.Lanes + (if x.Lanes = 1 then 0 else lane))
                    * d

                Array.blit (f w lane (Array.sub values from d)) 0 result ((w * lanes + lane) * d) d

        let block = Block.Own((x.Shape.WithWorkers workers).WithLanes lanes, result)
        // Back to where x lives.
        if x.IsHost then block else block.On x.Engine

    /// Indices by decreasing magnitude, ties by lowest index.
    let ranking (x: float[]) =
        [| 0 .. x.Length - 1 |] |> Array.sortBy (fun i -> -(abs x[i]), i)
