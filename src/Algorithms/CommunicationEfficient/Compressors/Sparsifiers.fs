namespace Theory.Algorithms.CommunicationEfficient.Compressors

open Theory
open Theory.Numerics
open Theory.Algorithms.CommunicationEfficient.Compressors.Building

/// Compressors that send some entries and drop the others.
///
/// Rand-k, Top-k: folklore; mix and comp: Condat, Yi, Richtárik, 2022, arXiv 2205.04180.
[<AutoOpen>]
module Sparsifiers =

    /// C(x) = x.
    let identity: Compressor =
        let apply (_: CompressorDraw) (x: Block) = x
        unbiased "Identity" nothing apply (fun _ -> 0.0) square float (dense apply)

    /// (d/k)·x on a uniform k-subset: ω = d/k − 1 with equality for every x.
    let randK (k: int) : Compressor =
        let apply draw (x: Block) =
            (1.0 / ratio k x.Dimension) * x.Keep(coordinates draw)

        unbiased
            $"Rand-{k}"
            (coordinateDraw k)
            apply
            (fun d -> 1.0 / ratio k d - 1.0)
            (fun x -> square x / ratio k x.Length)
            (fun _ -> float k)
            (atKnown drawn apply)

    /// x on a uniform k-subset: α = k/d with equality for every x; η = 1 − k/d, ω_r = (k/d)(1 − k/d).
    let contractiveRandK (k: int) : Compressor =
        let apply draw (x: Block) = x.Keep(coordinates draw)

        let relative d =
            1.0 - ratio k d, ratio k d * (1.0 - ratio k d)

        biased
            $"contractive Rand-{k}"
            (coordinateDraw k)
            apply
            (fun d -> Some(ratio k d))
            relative
            (fun x -> ratio k x.Length * square x)
            (fun _ -> float k)
            (atKnown drawn apply)

    /// x/p with probability p, else 0: ω = 1/p − 1 with equality for every x. The coin is shared, so tails cost nothing.
    let bernoulli (p: float) : Compressor =
        let heads draw =
            match draw with
            | CompressorDraw.Coins coins -> coins
            | _ -> invalidArg (nameof draw) "This compressor draws coins."

        let apply draw (x: Block) =
            Block.choose (heads draw) (x / p) (0.0 * x)

        let known draw d =
            if (heads draw)[0, 0] then [| 0 .. d - 1 |] else [||]

        unbiased
            $"Bernoulli-{p:G3}"
            (fun n _ -> Draw.coins n p |> Draw.map CompressorDraw.Coins)
            apply
            (fun _ -> 1.0 / p - 1.0)
            (fun x -> square x / p)
            (fun d -> p * float d)
            (atKnown known apply)

    /// The k entries of largest magnitude with their indices.
    let private largest k (apply: CompressorDraw -> Block -> Block) : Encoding = {
        Encode =
            fun draw x ->
                let writer = MessageWriter()
                writeEntries writer (first apply draw x) (Array.truncate k (ranking x))
                writer.ToMessage()
        Decode =
            fun d _ message ->
                let y = Array.zeroCreate d
                readEntries (MessageReader message) y k
                y
    }

    /// The k entries of largest magnitude (ties: lowest index): α = k/d, attained when all entries have equal size.
    let topK (k: int) : Compressor =
        let kept (x: float[]) =
            ranking x |> Array.truncate k |> Array.sumBy (fun i -> x[i] * x[i])

        {
            deterministic $"Top-{k}" (fun x -> x.TopK k) (ratio k) kept (fun _ -> float k) (largest k) with
                Bits = fun d -> float k * (floatBits + indexBits d)
        }

    /// Entries of at least λ times the largest magnitude: α ≥ max{1 − dλ², 1/d}.
    let threshold (lambda: float) : Compressor =
        let keep (x: float[]) =
            let least = lambda * (x |> Array.map abs |> Array.max)
            x |> Array.map (fun v -> if abs v >= least then v else 0.0)

        let alpha d =
            max (1.0 - float d * lambda * lambda) (1.0 / float d)

        let sparse d count = count * (32 + indexWidth d)

        // Kept entries with their indices where that is shorter than all entries; the length tells which.
        let encoding (apply: CompressorDraw -> Block -> Block) = {
            Encode =
                fun draw x ->
                    let y = first apply draw x

                    let entries = [| 0 .. x.Length - 1 |] |> Array.filter (fun i -> y[i] <> 0.0)

                    if sparse x.Length entries.Length < 32 * x.Length then
                        let writer = MessageWriter()
                        writeEntries writer y entries
                        writer.ToMessage()
                    else
                        (dense apply).Encode draw x
            Decode =
                fun d draw message ->
                    if message.Length = 32 * d then
                        (dense apply).Decode d draw message
                    else
                        let y = Array.zeroCreate d
                        readEntries (MessageReader message) y (message.Length / sparse d 1)
                        y
        }

        deterministic
            $"threshold {lambda:G3}"
            (eachVector 1 1 (fun _ _ x -> keep x))
            alpha
            (keep >> square)
            float
            encoding

    let private pickRanks draw (choose: int[] -> float[] -> float[]) (x: Block) =
        let ranks = coordinates draw
        eachVector ranks.Workers ranks.Lanes (fun w lane v -> choose (ranks.At(w, lane).ToArray()) v) x

    /// Top-k kept, plus k′ uniform ones of the other d − k entries, unscaled: η = (d−k−k′)/√((d−k)d),
    /// ω_r = k′(d−k−k′)/((d−k)d), α = (k+k′)/d; attained when all entries have equal size.
    let mix (k: int) (k': int) : Compressor =
        let rest (order: int[]) = Array.sort order[k..]

        let apply draw =
            pickRanks draw (fun ranks x ->
                let order = ranking x
                let others = rest order

                let kept =
                    Set.ofArray (Array.append order[.. k - 1] (ranks |> Array.map (fun r -> others[r])))

                x |> Array.mapi (fun i v -> if kept.Contains i then v else 0.0))

        let relative d =
            let rest, left = float (d - k), float (d - k - k')
            left / sqrt (rest * float d), float k' * left / (rest * float d)

        let secondMoment (x: float[]) =
            let order = ranking x

            let part at =
                at |> Array.sumBy (fun i -> x[i] * x[i])

            part order[.. k - 1] + ratio k' (x.Length - k) * part order[k..]

        // The receiver knows the ranks of the uniform ones among what the Top-k leaves.
        let encoding = {
            Encode =
                fun draw x ->
                    let order = ranking x
                    let others = rest order
                    let writer = MessageWriter()
                    writeEntries writer x order[.. k - 1]

                    for r in drawn draw x.Length do
                        writer.WriteFloat x[others[r]] |> ignore

                    writer.ToMessage()
            Decode =
                fun d draw message ->
                    let reader = MessageReader message
                    let y = Array.create d nan
                    readEntries reader y k
                    let others = [| 0 .. d - 1 |] |> Array.filter (fun i -> System.Double.IsNaN y[i])
                    let values = drawn draw d |> Array.map (fun r -> others[r], reader.ReadFloat())
                    others |> Array.iter (fun i -> y[i] <- 0.0)
                    values |> Array.iter (fun (i, v) -> y[i] <- v)
                    y
        }

        {
            biased
                $"mix-({k},{k'})"
                (fun n d -> coordinateDraw k' n (d - k))
                apply
                (fun d -> Some(ratio (k + k') d))
                relative
                secondMoment
                (fun _ -> float (k + k'))
                encoding with
                Bits = fun d -> floatBits * float (k + k') + float k * indexBits d
        }

    /// Rand-k, scaled by k′/k, among the Top-k′ entries: η = √((d−k′)/d), ω_r = (k′−k)/k.
    let comp (k: int) (k': int) : Compressor =
        let picked draw (x: float[]) =
            let top = (Array.truncate k' (ranking x)) |> Array.sort
            drawn draw x.Length |> Array.map (fun r -> top[r])

        let apply draw =
            pickRanks draw (fun ranks x ->
                let top = (Array.truncate k' (ranking x)) |> Array.sort
                let kept = ranks |> Array.map (fun r -> top[r]) |> Set.ofArray

                x
                |> Array.mapi (fun i v -> if kept.Contains i then (1.0 / ratio k k') * v else 0.0))

        let spread = float (k' - k) / float k
        // ‖x − Top‖² + ω_r‖Top‖² with ‖Top‖² ≥ (k′/d)‖x‖².
        let alpha d =
            if spread < 1.0 then
                Some((1.0 - spread) * ratio k' d)
            else
                None

        let encoding = {
            Encode =
                fun draw x ->
                    let writer = MessageWriter()
                    writeEntries writer (first apply draw x) (picked draw x)
                    writer.ToMessage()
            Decode =
                fun d _ message ->
                    let y = Array.zeroCreate d
                    readEntries (MessageReader message) y k
                    y
        }

        {
            biased
                $"comp-({k},{k'})"
                (fun n _ -> coordinateDraw k n k')
                apply
                alpha
                (fun d -> sqrt (1.0 - ratio k' d), spread)
                (fun x ->
                    (Array.truncate k' (ranking x))
                    |> Array.sumBy (fun i -> x[i] * x[i])
                    |> (*) (1.0 / ratio k k'))
                (fun _ -> float k)
                encoding with
                Bits = fun d -> float k * (floatBits + indexBits d)
        }
