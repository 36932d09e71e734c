namespace Theory

open Theory.Numerics

/// A search for bad states: a population of states (one a lane) climbs a ratio by random moves; each lane keeps a move
/// that raises its own ratio and adapts the size of its moves to its success. Deterministic for a seed.
[<RequireQualifiedAccess>]
module Search =

    /// Raises `ratio` (one number per lane; NaN counts as −∞) from `starts` for `rounds` rounds; returns the states with
    /// the ratios reached. `keep` projects a moved state back to what the claim allows.
    let climb (ctx: CheckContext) (rounds: int) (keep: 'S -> 'S) (ratio: 'S -> float[]) (starts: 'S) : 'S * float[] =
        let codec = Codec.ofTemplate starts
        let lanes = codec.Lanes starts

        let clean (values: float[]) =
            values |> Array.map (fun v -> if System.Double.IsNaN v then -infinity else v)

        let mutable rows = codec.Pack starts
        let mutable best = clean (ratio starts)
        let dimension = codec.Dimension
        // Relative sizes of the moves, one a lane: grown by a success, shrunk by a failure, in balance at one success in five.
        let sizes = Array.create lanes 0.7

        for round in 1..rounds do
            ctx.Cancellation.ThrowIfCancellationRequested()
            let address = DrawAddress(ctx.Seed, ctx.Stream ^^^ 0x9e3779b9u, -2, round, 0)
            let moves = Sampler.Gaussian(address, 1, lanes, dimension) |> Block.rows

            let moved =
                rows
                |> Array.mapi (fun lane row ->
                    let scale = (row |> Array.sumBy (fun v -> v * v) |> sqrt) / sqrt (float dimension)
                    Array.map2 (fun v m -> v + sizes[lane] * max scale 1e-12 * m) row moves[lane])

            let candidate = keep (codec.Unpack starts moved)
            let reached = clean (ratio candidate)
            let candidateRows = codec.Pack candidate

            for lane in 0 .. lanes - 1 do
                sizes[lane] <- sizes[lane] * (if reached[lane] > best[lane] then 1.5 else 0.9)

            rows <-
                rows
                |> Array.mapi (fun lane row ->
                    if reached[lane] > best[lane] then
                        candidateRows[lane]
                    else
                        row)

            best <- Array.map2 max best reached

        codec.Unpack starts rows, best
