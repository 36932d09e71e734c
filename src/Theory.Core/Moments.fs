namespace Theory

open System
open Theory.Numerics

/// The mean and covariance of a state.
[<NoEquality; NoComparison>]
type StateLaw = { Mean: float[]; Covariance: float[,] }

/// The rung Moments: when the step is affine in the state for each outcome, S = E[(u,1)(u,1)ᵀ] obeys
/// S⁺ = Σ p_o T_o S T_oᵀ exactly, and the expectation of every quadratic measure at every step follows.
[<RequireQualifiedAccess>]
module Moments =

    let private propagate (maps: (float * float[,])[]) (s: float[,]) =
        let size = Array2D.length1 s
        let total = Array2D.zeroCreate size size

        for weight, t in maps do
            let ts = Array2D.zeroCreate size size

            for i in 0 .. size - 1 do
                for k in 0 .. size - 1 do
                    let v = t[i, k]

                    if v <> 0.0 then
                        for j in 0 .. size - 1 do
                            ts[i, j] <- ts[i, j] + v * s[k, j]

            for i in 0 .. size - 1 do
                for j in 0 .. size - 1 do
                    let v = weight * t[j, i]

                    if v <> 0.0 then
                        for k in 0 .. size - 1 do
                            total[k, j] <- total[k, j] + v * ts[k, i]

        total

    /// Σ p T ⊗ T acting on vec(S): cheaper than the outcomes one by one when there are many.
    let private superoperator (maps: (float * float[,])[]) =
        let size = Array2D.length1 (snd maps[0])
        let square = size * size
        let values = Array.zeroCreate (square * square)

        for weight, t in maps do
            for i in 0 .. size - 1 do
                for k in 0 .. size - 1 do
                    if t[i, k] <> 0.0 then
                        for j in 0 .. size - 1 do
                            let v = weight * t[i, k]

                            for l in 0 .. size - 1 do
                                values[(i * size + j) * square + k * size + l] <-
                                    values[(i * size + j) * square + k * size + l] + v * t[j, l]

        fun (s: float[,]) ->
            let flat = Array.init square (fun c -> s[c / size, c % size])
            let result = Array2D.zeroCreate size size

            for r in 0 .. square - 1 do
                let mutable sum = 0.0
                let row = r * square

                for c in 0 .. square - 1 do
                    sum <- sum + values[row + c] * flat[c]

                result[r / size, r % size] <- sum

            result

    let private inner (a: float[,]) (b: float[,]) =
        let mutable total = 0.0

        for i in 0 .. Array2D.length1 a - 1 do
            for j in 0 .. Array2D.length2 a - 1 do
                total <- total + a[i, j] * b[i, j]

        total

    let private stepper (maps: (float * float[,])[]) =
        let size = Array2D.length1 (snd maps[0])

        if size <= 24 && maps.Length * 2 > size then
            superoperator maps
        else
            propagate maps

    /// The propagation of step k; one set of maps serves every step.
    let private stepAt (maps: (float * float[,])[][]) : int -> float[,] -> float[,] =
        if maps.Length = 1 then
            let step = stepper maps[0]
            fun _ -> step
        else
            fun k -> propagate maps[k]

    /// Second-moment matrices S_0 .. S_K around a centre, from a start of one lane.
    let matrices (proc: Process<'S, 'D>) (centre: 'S) (start: 'S) (steps: int) : Result<float[,] seq, string> =
        let codec = Codec.ofTemplate centre

        Affine.path true codec centre proc steps
        |> Result.map (fun (_, maps) ->
            let u =
                Array.map2 (-) (Array.head (codec.Pack start)) (Array.head (codec.Pack centre))

            let z = Array.append u [| 1.0 |]
            let first = Array2D.init z.Length z.Length (fun i j -> z[i] * z[j])
            let step = stepAt maps

            (first, seq { 0 .. steps - 1 }) ||> Seq.scan (fun s k -> step k s) |> Seq.cache)

    /// E[m(s_k)] for k = 0 .. K and each measure (quadratic functions of the state), from one start.
    let series proc (centre: 'S) (start: 'S) steps (measures: ('S -> Block) list) : Result<float[][], string> =
        let codec = Codec.ofTemplate centre
        let forms = measures |> List.map (Affine.quadratic codec centre)

        match
            forms
            |> List.tryPick (function
                | Error e -> Some e
                | Ok _ -> None)
        with
        | Some error -> Error error
        | None ->
            matrices proc centre start steps
            |> Result.map (fun all ->
                let all = Array.ofSeq all

                forms
                |> List.map (function
                    | Ok form -> all |> Array.map (fun s -> inner form.Matrix s)
                    | Error _ -> [||])
                |> Array.ofList)

    /// Mean and covariance of the state at steps 0 .. K; the start may itself be random, given by its law around the
    /// centre. Coordinates are those of the state, not of the centre.
    let laws (proc: Process<'S, 'D>) (centre: 'S) (start: StateLaw) (steps: int) : Result<StateLaw[], string> =
        let codec = Codec.ofTemplate centre
        let origin = (codec.Pack centre)[0]
        let d = origin.Length

        Affine.path true codec centre proc steps
        |> Result.map (fun (_, maps) ->
            let m = Array.map2 (-) start.Mean origin

            let first =
                Array2D.init (d + 1) (d + 1) (fun i j ->
                    if i < d && j < d then start.Covariance[i, j] + m[i] * m[j]
                    elif i < d then m[i]
                    elif j < d then m[j]
                    else 1.0)

            let step = stepAt maps

            (first, seq { 0 .. steps - 1 })
            ||> Seq.scan (fun s k -> step k s)
            |> Seq.map (fun s ->
                let mean = Array.init d (fun i -> s[i, d])

                {
                    Mean = Array.map2 (+) mean origin
                    Covariance = Array2D.init d d (fun i j -> s[i, j] - mean[i] * mean[j])
                })
            |> Array.ofSeq)

    /// A bound on expectations along the trajectory, exactly, from each lane of `starts`.
    let bound
        (proc: Process<'S, 'D>)
        (centre: 'S)
        (starts: 'S)
        (steps: int)
        (relation: Relation)
        (claim: RunBound<'S>)
        : Evidence =
        let codec = Codec.ofTemplate centre
        let lanes = codec.Lanes starts

        let one lane =
            let start = if lanes = 1 then starts else codec.Slice lane 1 starts
            let scale = (Block.lanes (claim.Scale start))[0]

            match series proc centre start steps [ claim.Measure ] with
            | Error reason -> Evidence.undecided Rung.Moments reason
            | Ok all ->
                let measured = all[0] |> Array.map (fun v -> [| v |]) |> Run.summarise claim.Summary
                // At k = 0 both sides are the start's own value: nothing is tested, and the ratio 1 would hide the tightness.
                let first = 1

                [ first..steps ]
                |> List.map (fun k ->
                    Evidence.row relation codec.Dimension k $"k = {k}" (measured[k][0]) (claim.Bound k scale))
                |> Evidence.ofRowsAbove
                    (Rounding.resolution (float (codec.Dimension * steps)) (1.0 + sqrt (abs scale)))
                    Rung.Moments
                    relation

        [ 0 .. lanes - 1 ] |> List.map one |> Evidence.all
