namespace Theory

open System
open Theory.Numerics

/// A quadratic function of a state in coordinates u around a centre, as the symmetric matrix Q of (u, 1)ᵀQ(u, 1).
[<NoEquality; NoComparison>]
type QuadraticForm = {
    /// (D+1) × (D+1), symmetric, the constant last.
    Matrix: float[,]
}

/// Quadratic functions and affine maps of a state, found by running them.
[<RequireQualifiedAccess>]
module Affine =

    let private add (a: float[]) (b: float[]) = Array.map2 (+) a b

    let private basis dimension i scale =
        Array.init dimension (fun j -> if j = i then scale else 0.0)

    /// Random directions to test affinity and quadraticity with.
    let private probes dimension =
        let block = Sampler.Gaussian(DrawAddress(20250101UL, 77u, 0, 0, 0), 1, 4, dimension)
        Block.rows block

    /// The map of one outcome in coordinates around a centre: step(centre + u) − centre = A u + c, as the
    /// (D+1) × (D+1) matrix [[A, c], [0, 1]]. Error when running the step on random states shows that it is not affine.
    let map (codec: Codec<'S>) (centre: 'S) (step: 'S -> 'S) : Result<float[,], string> =
        let dimension = codec.Dimension
        let origin = (codec.Pack centre)[0]
        let scale = 1.0 + (origin |> Array.map abs |> Array.max)
        let tests = probes dimension |> Array.map (Array.map ((*) scale))

        let rows = [|
            yield origin
            yield! Array.init dimension (fun i -> add origin (basis dimension i scale))
            yield! tests |> Array.map (add origin)
        |]

        let stepped = rows |> codec.Unpack centre |> step
        let images = codec.Pack(codec.Stretch rows.Length stepped)
        let shift = Array.map2 (-) images[0] origin

        let matrix =
            Array2D.init (dimension + 1) (dimension + 1) (fun i j ->
                if i = dimension then (if j = dimension then 1.0 else 0.0)
                elif j = dimension then shift[i]
                else (images[j + 1][i] - images[0][i]) / scale)

        let worst =
            tests
            |> Array.mapi (fun t direction ->
                let image = images[dimension + 1 + t]

                Array.init dimension (fun i ->
                    let predicted =
                        images[0][i]
                        + Seq.sum (Seq.init dimension (fun j -> matrix[i, j] * direction[j]))

                    abs (image[i] - predicted))
                |> Array.max)
            |> Array.max

        let size = images |> Array.map (Array.map abs >> Array.max) |> Array.max

        if
            Double.IsNaN worst
            || worst > Rounding.allowance (float dimension) (size + scale)
        then
            Error
                $"the step is not affine in the state: a random state lands {worst:G3} away from the affine prediction"
        else
            Ok matrix

    /// The quadratic form of a function of the state around a centre, by polarisation. Error when random states show
    /// that the function is not quadratic.
    let quadratic (codec: Codec<'S>) (centre: 'S) (f: 'S -> Block) : Result<QuadraticForm, string> =
        let dimension = codec.Dimension
        let origin = (codec.Pack centre)[0]
        let scale = 1.0
        let tests = probes dimension

        let pairs = [|
            for i in 0 .. dimension - 1 do
                for j in i + 1 .. dimension - 1 -> i, j
        |]

        let rows = [|
            yield origin
            yield! Array.init dimension (fun i -> add origin (basis dimension i scale))
            yield! Array.init dimension (fun i -> add origin (basis dimension i -scale))
            yield!
                pairs
                |> Array.map (fun (i, j) -> add origin (add (basis dimension i scale) (basis dimension j scale)))
            yield! tests |> Array.map (add origin)
        |]

        let values =
            let block = rows |> codec.Unpack centre |> f
            Block.lanes (Block.stretch rows.Length block)

        let constant = values[0]
        let plus i = values[1 + i]
        let minus i = values[1 + dimension + i]
        let matrix = Array2D.zeroCreate (dimension + 1) (dimension + 1)
        matrix[dimension, dimension] <- constant

        for i in 0 .. dimension - 1 do
            matrix[i, i] <- 0.5 * (plus i + minus i) - constant
            let linear = 0.25 * (plus i - minus i)
            matrix[i, dimension] <- linear
            matrix[dimension, i] <- linear

        pairs
        |> Array.iteri (fun at (i, j) ->
            let both = values[1 + 2 * dimension + at]
            let cross = 0.5 * (both - plus i - plus j + constant)
            matrix[i, j] <- cross
            matrix[j, i] <- cross)

        let evaluate (u: float[]) =
            let z = Array.append u [| 1.0 |]
            let mutable total = 0.0

            for i in 0..dimension do
                for j in 0..dimension do
                    total <- total + z[i] * matrix[i, j] * z[j]

            total

        let size = values |> Array.map abs |> Array.max

        let worst =
            tests
            |> Array.mapi (fun t u -> abs (values[1 + 2 * dimension + pairs.Length + t] - evaluate u))
            |> Array.max

        // A function that vanishes is computed as squares of rounding errors, which are no quadratic.
        let noise =
            Rounding.resolution (float dimension) (1.0 + (origin |> Array.map abs |> Array.max))

        if
            Double.IsNaN worst
            || worst >
                Rounding.allowance (float (dimension * dimension)) (size * float dimension)
                + noise
        then
            Error $"the function of the state is not quadratic: off by {worst:G3} at a random state"
        else
            Ok { Matrix = matrix }

    /// The outcomes to run: all of the exact law, or (with `moments`) those of a law with the same first two moments.
    let private enumerated moments (proc: Process<'S, 'D>) : Result<Weighted<'D>[], string> =
        let limit = 20000.0

        match proc.Draw.Law with
        | Law.Sampled -> Error "the draws have no finite law"
        | Law.MatchedMoments _ when not moments -> Error "the draws are continuous"
        | Law.Finite(count, _)
        | Law.MatchedMoments(count, _) when count > limit ->
            Error $"the draws have {count:G3} outcomes, more than {limit:G3}"
        | _ when moments -> Ok proc.Draw.MomentOutcomes
        | _ -> Ok proc.Draw.Outcomes

    let private mapsAt (codec: Codec<'S>) (centre: 'S) (proc: Process<'S, 'D>) (outcomes: Weighted<'D>[]) =
        let maps =
            outcomes
            |> Array.map (fun o -> map codec centre (proc.Step o.Outcome) |> Result.map (fun m -> o.Probability, m))

        match
            maps
            |> Array.tryPick (function
                | Error e -> Some e
                | Ok _ -> None)
        with
        | Some error -> Error error
        | None ->
            Ok(
                maps
                |> Array.choose (function
                    | Ok m -> Some m
                    | Error _ -> None)
            )

    /// The affine maps of every outcome of a process around a centre, with probabilities. `moments` also accepts laws
    /// that are only matched in their first two moments (exact when the step is affine in the outcome too). Error when
    /// the step changes what the state carries beside its blocks: then the maps vary from step to step, see `path`.
    let outcomes
        moments
        (codec: Codec<'S>)
        (centre: 'S)
        (proc: Process<'S, 'D>)
        : Result<(float * float[,])[], string> =
        enumerated moments proc
        |> Result.bind (fun all ->
            if
                all
                |> Array.forall (fun o -> codec.CarriesTheSame centre (proc.Step o.Outcome centre))
            then
                mapsAt codec centre proc all
            else
                Error "the step changes what the state carries beside its blocks, so its map varies from step to step")

    /// The maps of steps 0 .. steps − 1 around the blocks of a centre, with the centres that carry each step's counters
    /// (steps + 1 of them). One entry of each serves every step when nothing carried changes.
    let path
        moments
        (codec: Codec<'S>)
        (centre: 'S)
        (proc: Process<'S, 'D>)
        (steps: int)
        : Result<'S[] * (float * float[,])[][], string> =
        enumerated moments proc
        |> Result.bind (fun all ->
            let rec walk k present centres maps =
                if k = steps then
                    Ok(Array.ofList (List.rev (present :: centres)), Array.ofList (List.rev maps))
                else
                    let next =
                        all
                        |> Array.map (fun o -> codec.WithBlocks (proc.Step o.Outcome present) (codec.Blocks present))

                    if next |> Array.exists (fun s -> not (codec.CarriesTheSame next[0] s)) then
                        Error "what the state carries beside its blocks depends on the outcome"
                    else
                        match mapsAt codec present proc all with
                        | Error error -> Error error
                        | Ok here when k = 0 && codec.CarriesTheSame present next[0] -> Ok([| present |], [| here |])
                        | Ok here -> walk (k + 1) next[0] (present :: centres) (here :: maps)

            walk 0 centre [] [])

    /// Orthonormal columns spanning the null space of a linear constraint on the state (all states when None), in
    /// homogeneous coordinates: the constant is kept.
    let admissible (codec: Codec<'S>) (centre: 'S) (keeps: ('S -> Block) option) : float[,] =
        let dimension = codec.Dimension

        match keeps with
        | None -> Array2D.init (dimension + 1) (dimension + 1) (fun i j -> if i = j then 1.0 else 0.0)
        | Some constraintOf ->
            let origin = (codec.Pack centre)[0]

            let rows = [|
                yield origin
                yield! Array.init dimension (fun i -> add origin (basis dimension i 1.0))
            |]

            let block = (rows |> codec.Unpack centre |> constraintOf).Materialise()
            let values = block.ToArray()
            let outputs = block.Workers * block.Dimension

            let at lane output =
                let worker = output / block.Dimension
                values[(worker * block.Lanes + lane) * block.Dimension + output % block.Dimension]

            let jacobian = Matrix.Create(outputs, dimension, fun o j -> at (j + 1) o - at 0 o)
            let kernel = Decompositions.NullSpace jacobian

            Array2D.init (dimension + 1) (kernel.Count + 1) (fun i j ->
                if i = dimension then
                    (if j = kernel.Count then 1.0 else 0.0)
                elif j = kernel.Count then
                    0.0
                else
                    (Seq.item j kernel)[i])
