/// How compressors combine: scaling, composition, induced compressors, averages of independent copies.
///
/// Induced compressor: Horváth, Richtárik, 2020, arXiv 2006.11077; the best scale of the classes C(η, ω_r): Condat, Yi,
/// Richtárik, 2022, arXiv 2205.04180. The constants are held against the exact laws by CE-COMPRESSORS.2.
module Theory.Algorithms.CommunicationEfficient.CompressorCombinations

open Theory
open Theory.Numerics
open Theory.Algorithms.CommunicationEfficient.Compressors

/// ω of a compressor that must be unbiased.
let omegaOf (c: Compressor) (d: int) =
    match c.Omega d with
    | Some omega -> omega
    | None -> invalidArg (nameof c) $"An unbiased compressor is needed; {c.Name} is biased."

/// α of a compressor that must be contractive.
let alphaOf (c: Compressor) (d: int) =
    match c.Alpha d with
    | Some alpha -> alpha
    | None -> invalidArg (nameof c) $"A contractive compressor is needed; {c.Name} is not: scale it by 1/(1+ω) first."

/// k = ⌊d/10⌋, at least 1: the sparsity with which registered methods run unless told otherwise.
let tenth (d: int) = max 1 (d / 10)

/// C(x) of the first worker.
let private firstOf (c: Compressor) draw (x: float[]) =
    (c.Apply draw (Block.vector x)).ToArray()[.. x.Length - 1]

let private pair draw =
    match draw with
    | CompressorDraw.Pair(a, b) -> a, b
    | _ -> invalidArg (nameof draw) "This compressor draws for two."

/// 1 − α of λC for C ∈ C(η, ω_r): (1−λ+λη)² + λ²ω_r.
let scaledError (lambda: float) (eta: float, spread: float) =
    (1.0 - lambda + lambda * eta) ** 2.0 + lambda * lambda * spread

/// λC.
let scaled (lambda: float) (c: Compressor) : Compressor = {
    c with
        Name = $"{lambda:G3}·{c.Name}"
        Apply = fun draw x -> lambda * c.Apply draw x
        Omega = fun d -> if lambda = 1.0 then c.Omega d else None
        Alpha =
            fun d ->
                let error = scaledError lambda (c.Relative d)
                if error < 1.0 then Some(1.0 - error) else None
        Relative =
            fun d ->
                let eta, spread = c.Relative d
                1.0 - lambda + lambda * eta, lambda * lambda * spread
        SecondMoment = c.SecondMoment |> Option.map (fun moment -> fun x -> lambda * lambda * moment x)
        Encoding = {
            c.Encoding with
                Decode = fun d draw message -> c.Encoding.Decode d draw message |> Array.map ((*) lambda)
        }
        ExactLaw = c.ExactLaw >> List.map (fun (p, y) -> p, Array.map ((*) lambda) y)
}

/// The scale λ = min{1, (1−η)/((1−η)²+ω_r)} that makes λC contractive with the largest α.
let bestScale (c: Compressor) (d: int) =
    let eta, spread = c.Relative d
    min 1.0 ((1.0 - eta) / ((1.0 - eta) ** 2.0 + spread))

/// λ*C: contractive for every C ∈ C(η, ω_r) with η < 1; for an unbiased C it is C/(1+ω).
let bestScaled (c: Compressor) (d: int) = scaled (bestScale c d) c

/// outer ∘ inner, independent: for unbiased ones ω ≤ (1+ω₁)(1+ω₂) − 1.
let compose (outer: Compressor) (inner: Compressor) : Compressor =
    let omega d =
        Option.map2 (fun a b -> (1.0 + a) * (1.0 + b) - 1.0) (outer.Omega d) (inner.Omega d)

    {
        outer with
            Name = $"{outer.Name} ∘ {inner.Name}"
            Draw = fun n d -> Draw.both (outer.Draw n d) (inner.Draw n d) |> Draw.map CompressorDraw.Pair
            Apply =
                fun draw x ->
                    let first, second = pair draw
                    outer.Apply first (inner.Apply second x)
            Omega = omega
            Alpha = omega >> Option.bind (fun w -> if w < 1.0 then Some(1.0 - w) else None)
            Relative = fun d -> 0.0, Option.defaultValue nan (omega d)
            SecondMoment = None
            Encoding = {
                Encode =
                    fun draw x -> let first, second = pair draw in outer.Encoding.Encode first (firstOf inner second x)
                Decode = fun d draw message -> outer.Encoding.Decode d (fst (pair draw)) message
            }
            ExactLaw =
                fun x -> [
                    for p, y in inner.ExactLaw x do
                        for q, z in outer.ExactLaw y -> p * q, z
                ]
    }

/// C_h(x) = h + C(x − h) for a vector h that sender and receiver know: E‖C_h(x) − x‖² ≤ ω‖x − h‖², zero at x = h. The
/// constants are those of C, relative to ‖x − h‖ in place of ‖x‖ (the class U(ω; h) of shifted compressors).
let shifted (h: float[]) (c: Compressor) : Compressor =
    let shift = Block.vector h
    let from (x: float[]) = Array.map2 (-) x h
    let back (y: float[]) = Array.map2 (+) y h

    {
        c with
            Name = $"{c.Name}, shifted"
            Apply =
                fun draw x ->
                    let there = shift.On x.Engine
                    there + c.Apply draw (x - there)
            // E‖h + C(x − h)‖² needs the mean of C, which is x − h for an unbiased one.
            SecondMoment =
                c.SecondMoment
                |> Option.filter (fun _ -> (c.Omega h.Length).IsSome)
                |> Option.map (fun moment ->
                    fun x ->
                        let squared v = v |> Array.sumBy (fun a -> a * a)
                        moment (from x) - squared (from x) + squared x)
            ExactLaw = from >> c.ExactLaw >> List.map (fun (p, y) -> p, back y)
            Encoding = {
                Encode = fun draw x -> c.Encoding.Encode draw (from x)
                Decode = fun d draw message -> back (c.Encoding.Decode d draw message)
            }
    }

/// x ↦ C(x) + Q(x − C(x)) with C ∈ B(α), Q ∈ U(ω): unbiased with ω(1−α).
let induced (c: Compressor) (q: Compressor) : Compressor =
    let omega d = omegaOf q d * (1.0 - alphaOf c d)

    {
        q with
            Name = $"{c.Name} + {q.Name} of the rest"
            Draw = fun n d -> Draw.both (c.Draw n d) (q.Draw n d) |> Draw.map CompressorDraw.Pair
            Apply =
                fun draw x ->
                    let first, second = pair draw
                    let y = c.Apply first x
                    y + q.Apply second (x - y)
            Omega = omega >> Some
            Alpha = fun d -> if omega d < 1.0 then Some(1.0 - omega d) else None
            Relative = fun d -> 0.0, omega d
            SecondMoment = None
            // One message after the other: the first one's length is known only to its sender, so it goes ahead.
            Encoding = {
                Encode =
                    fun draw x ->
                        let first, second = pair draw
                        let kept = c.Encoding.Encode first x
                        let rest = q.Encoding.Encode second (Array.map2 (-) x (firstOf c first x))
                        Array.concat [ MessageWriter().Write(uint64 kept.Length, 32).ToMessage(); kept; rest ]
                Decode =
                    fun d draw message ->
                        let first, second = pair draw
                        let length = int (MessageReader(message).Read 32)
                        let kept = c.Encoding.Decode d first message[32 .. 31 + length]
                        Array.map2 (+) kept (q.Encoding.Decode d second message[32 + length ..])
            }
            ExactLaw =
                fun x -> [
                    for p, y in c.ExactLaw x do
                        for r, z in q.ExactLaw(Array.map2 (-) x y) -> p * r, Array.map2 (+) y z
                ]
            Floats = fun d -> c.Floats d + q.Floats d
            Bits = fun d -> 32.0 + c.Bits d + q.Bits d
    }

/// The draw of worker w as that of a single worker.
let rec private ofWorker (w: int) (draw: CompressorDraw) : CompressorDraw =
    match draw with
    | CompressorDraw.Nothing -> draw
    | CompressorDraw.Coins coins ->
        CompressorDraw.Coins(Mask(1, coins.Lanes, Array.init coins.Lanes (fun lane -> coins[w, lane])))
    | CompressorDraw.Coordinates indices ->
        let values =
            Array.init indices.Lanes (fun lane -> indices.At(w, lane).ToArray())
            |> Array.concat

        CompressorDraw.Coordinates(Indices(1, indices.Lanes, indices.Count, indices.Bound, values))
    | CompressorDraw.Numbers numbers when numbers.Workers = 1 -> draw
    | CompressorDraw.Numbers numbers -> CompressorDraw.Numbers(numbers.SliceWorkers(w, 1))
    | CompressorDraw.Pair(a, b) -> CompressorDraw.Pair(ofWorker w a, ofWorker w b)

let rec private workersOf (draw: CompressorDraw) =
    match draw with
    | CompressorDraw.Nothing -> 1
    | CompressorDraw.Coins coins -> coins.Workers
    | CompressorDraw.Coordinates indices -> indices.Workers
    | CompressorDraw.Numbers numbers -> numbers.Workers
    | CompressorDraw.Pair(a, b) -> max (workersOf a) (workersOf b)

/// m messages, each behind its length: the mean of m copies as the first of n workers sends it.
let private several (m: int) (c: Compressor) : Encoding =
    let copies draw =
        let n = max 1 (workersOf draw / m)
        List.init m (fun j -> ofWorker (j * n) draw)

    {
        Encode =
            fun draw x ->
                copies draw
                |> List.collect (fun own ->
                    let message = c.Encoding.Encode own x
                    [ MessageWriter().Write(uint64 message.Length, 32).ToMessage(); message ])
                |> Array.concat
        Decode =
            fun d draw message ->
                let total = Array.zeroCreate d
                let mutable at = 0

                for own in copies draw do
                    let length = int (MessageReader(message[at .. at + 31]).Read 32)
                    let part = c.Encoding.Decode d own message[at + 32 .. at + 31 + length]
                    at <- at + 32 + length
                    part |> Array.iteri (fun i v -> total[i] <- total[i] + v / float m)

                total
    }

/// The average of m independent copies on the same x: for an unbiased C the variance constant is ω/m.
let averaged (m: int) (c: Compressor) : Compressor =
    let omega d =
        c.Omega d |> Option.map (fun w -> w / float m)

    let rec sums count x =
        if count = 0 then
            [ 1.0, Array.zeroCreate (Array.length x) ]
        else
            [
                for p, total in sums (count - 1) x do
                    for q, y in c.ExactLaw x -> p * q, Array.map2 (+) total y
            ]

    {
        c with
            Name = $"mean of {m} {c.Name}"
            Draw = fun n d -> c.Draw (n * m) d
            Apply =
                fun draw x ->
                    // Copies of worker w stand at w, n + w, 2n + w, …
                    let all = c.Apply draw (x.RepeatWorkers m)
                    let n = x.Workers
                    (Seq.init m (fun j -> all.SliceWorkers(j * n, n)) |> Seq.reduce (+)) / float m
            Omega = omega
            Alpha = omega >> Option.bind (fun w -> if w < 1.0 then Some(1.0 - w) else None)
            Relative = fun d -> let eta, spread = c.Relative d in eta, spread / float m
            // E‖mean‖² of an unbiased C: ‖x‖² + (E‖C(x)‖² − ‖x‖²)/m.
            SecondMoment =
                c.SecondMoment
                |> Option.map (fun moment ->
                    fun x ->
                        let size = x |> Array.sumBy (fun v -> v * v)
                        size + (moment x - size) / float m)
                |> Option.filter (fun _ -> (c.Omega 1).IsSome)
            Encoding = several m c
            ExactLaw = fun x -> sums m x |> List.map (fun (p, y) -> p, y |> Array.map (fun v -> v / float m))
            Floats = fun d -> float m * c.Floats d
            Bits = fun d -> float m * (32.0 + c.Bits d)
    }
