/// The uncertainty principle of compression (CE-KASHIN.1): α·4^{b/d} ≥ 1 for b bits per vector of the unit ball of R^d and
/// E‖C(x) − x‖² ≤ α.
///
/// Safaryan, Shulgin, Richtárik, 2020, arXiv 2002.08958, theorem 1. Two proofs: balls of radius √α around 2^b codewords
/// cover the unit ball; on average over the ball, no cells of given volumes beat balls.
module Theory.Algorithms.CommunicationEfficient.UncertaintyPrinciple

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.CommunicationEfficient.Compressors

/// A code for the unit ball.
type CodeSpec = {
    /// interval (equal cells, d = 1), points (random ones, d = 1), circle, wheel (a circle with its centre, d = 2), sign or
    /// dither (d = 3, the norm on a grid), or library (its compressors, d = 6).
    Code: string
    /// Codewords; for sign and dither the steps of the norm's grid.
    Size: int
    Seed: int
}

/// What a code does: log₂ of the number of codewords, the dimension, and names with errors α.
type private Measured = {
    Bits: float
    Dimension: int
    Errors: (string * float) list
}

let private square (x: float[]) = x |> Array.sumBy (fun v -> v * v)

/// Worst squared error on [−1, 1], and the mean one over E x² = 1/3, of nearest codewords.
let private onInterval (points: float[]) =
    let sorted = Array.sort points

    let borders = [|
        -1.0
        for a, b in Array.pairwise sorted do
            max -1.0 (min 1.0 (0.5 * (a + b)))
        1.0
    |]

    let cells = Array.pairwise borders |> Array.zip sorted

    let worst =
        cells
        |> Array.map (fun (p, (l, h)) -> max ((l - p) ** 2.0) ((h - p) ** 2.0))
        |> Array.max

    let mean =
        cells
        |> Array.sumBy (fun (p, (l, h)) -> ((h - p) ** 3.0 - (l - p) ** 3.0) / 6.0)

    worst, 3.0 * mean

let private intervalCode (points: float[]) =
    let worst, mean = onInterval points

    {
        Bits = Math.Log2(float points.Length)
        Dimension = 1
        Errors = [ "worst point", worst; "mean over the ball", mean ]
    }

/// m points at distance r from the centre of the unit disc, each serving its sector.
let private circle (m: int) =
    let angle = Math.PI / float m
    let r = cos angle
    // The centroid of a sector; the best distance on average.
    let centroid = 2.0 / 3.0 * sin angle / angle

    {
        Bits = Math.Log2(float m)
        Dimension = 2
        Errors = [
            "worst point", max (r * r) (1.0 + r * r - 2.0 * r * cos angle)
            "mean over the ball", 2.0 * (0.5 - centroid * centroid)
        ]
    }

/// m points on a circle of radius cos(π/m) and the centre: the worst points are those that three cells share, and the rim.
let private wheel (size: int) =
    let m = size - 1
    let angle = Math.PI / float m
    let r = cos angle

    {
        Bits = Math.Log2(float size)
        Dimension = 2
        Errors = [
            "worst point", max ((r / (2.0 * cos angle)) ** 2.0) (1.0 + r * r - 2.0 * r * cos angle)
        ]
    }

/// The points of a lattice in the unit ball of R³.
let private testGrid =
    let axis = [ -1.0; -0.6; -0.2; 0.0; 0.3; 0.7; 1.0 ]

    [
        for x in axis do
            for y in axis do
                for z in axis do
                    if x * x + y * y + z * z <= 1.0 then
                        [| x; y; z |]
    ]

/// The norm rounded up to a multiple of 1/g, then each entry rounded without bias: to ±R (sign), or to 0 and ±R (dither).
let private onGrid (letters: float) (steps: int) (entry: float -> float -> float) =
    let error (x: float[]) =
        let radius = ceil (sqrt (square x) * float steps * (1.0 - 1e-15)) / float steps
        x |> Array.sumBy (entry radius)

    {
        Bits = Math.Log2(float (steps + 1)) + 3.0 * Math.Log2 letters
        Dimension = 3
        Errors = [ "worst point of the grid", testGrid |> List.map error |> List.max ]
    }

let private signCode steps =
    onGrid 2.0 steps (fun radius v -> radius * radius - v * v)

let private ditherCode steps =
    onGrid 3.0 steps (fun radius v -> radius * abs v - v * v)

let private compressors = [
    randK 1
    randK 3
    bernoulli 0.5
    topK 2
    scaledSign
    natural
    dithering 1
    dithering 3
    ternary
    kashin 2
    kashin 5
]

/// The library's compressors: bits as declared, the error as found at vectors of every shape (ω/(1+ω) for unbiased ones).
let private library (seed: int) =
    let d = 6

    let vectors = [
        for j in 0..9 do
            Linear.gaussians seed j d
            |> Array.map (fun v -> if j % 2 = 0 then v else v * v * v)
        Array.create d 1.0
        Array.init d (fun i -> if i = 0 then 1.0 else 0.0)
    ]

    [
        for c in compressors ->
            let relative (x: float[]) =
                let error =
                    c.ExactLaw x |> List.sumBy (fun (p, y) -> p * square (Array.map2 (-) y x))

                error / square x

            let worst = vectors |> List.map relative |> List.max

            {
                Bits = c.Bits d
                Dimension = d
                Errors = [
                    c.Name,
                    (match c.Omega d with
                     | Some _ -> worst / (1.0 + worst)
                     | None -> worst)
                ]
            }
    ]

let private codes (spec: CodeSpec) : Measured list =
    let random () =
        Sampler.Uniform(DrawAddress(uint64 (uint32 spec.Seed), 0x636f6465u, 0, 0, 0), 1, 1, spec.Size).ToArray()
        |> Array.map (fun u -> 2.0 * u - 1.0)

    match spec.Code with
    | "interval" -> [
        intervalCode (Array.init spec.Size (fun i -> (2.0 * float i + 1.0) / float spec.Size - 1.0))
      ]
    | "points" -> [ intervalCode (random ()) ]
    | "circle" -> [ circle spec.Size ]
    | "wheel" -> [ wheel spec.Size ]
    | "sign" -> [ signCode spec.Size ]
    | "dither" -> [ ditherCode spec.Size ]
    | "library" -> library spec.Seed
    | other -> invalidArg (nameof spec) $"There is no code '{other}'."

/// The codewords of a search, one codebook a lane.
type private Codebook = { Points: Block }

/// The best codebooks of [−1, 1] that a search finds, by their worst point and by their mean error.
let private searched (ctx: CheckContext) (spec: CodeSpec) =
    let lanes = 6

    let starts = {
        Points =
            2.0 * Sampler.Uniform(CheckContext.address ctx 3, 1, lanes, spec.Size)
            - Block.scalar 1.0
    }

    let best (error: float[] -> float) =
        let found, _ =
            Search.climb
                ctx
                (CheckContext.pick 50 200 1000 ctx)
                id
                (fun s -> Block.rows s.Points |> Array.map (fun p -> 1.0 / error p))
                starts

        Block.rows found.Points |> Array.map intervalCode |> List.ofArray

    best (onInterval >> fst) @ best (onInterval >> snd)

/// α·base^{b/d} ≥ least.
let private principle (radix: float) (least: float) (ctx: CheckContext) (spec: CodeSpec) =
    let all =
        codes spec
        @ (if spec.Code = "points" && spec.Size <= 8 then
               searched ctx spec
           else
               [])

    [
        for code in all do
            for name, error in code.Errors ->
                Evidence.row
                    Relation.AtLeast
                    code.Dimension
                    1
                    $"{name}, {code.Bits:G4} bits: α·{radix:G3}^(b/d)"
                    (error * radix ** (code.Bits / float code.Dimension))
                    least
    ]
    |> Evidence.ofRows Rung.Enumerated Relation.AtLeast

let private code name size = { Code = name; Size = size; Seed = 1 }

let private own = [
    code "interval" 2
    code "interval" 4
    code "interval" 8
    code "points" 4
    for m in [ 2; 3; 4 ] do
        code "circle" m
    code "wheel" 7
    code "sign" 4
    code "dither" 8
    code "library" 1
]

let private generator =
    gen {
        let! name =
            Gen.elements [ "interval"; "points"; "circle"; "wheel"; "sign"; "dither" ]

        let! size = Gen.choose (4, 40)
        let! seed = Gen.choose (0, 10000)

        return {
            Code = name
            Size = size
            Seed = seed
        }
    }

let claim: Claim =
    Claim.create {
        Claim.spec
            "CE-KASHIN.1"
            ClaimKind.Lower
            "α·4^{b/d} ≥ 1 for every code of 2^b words for the unit ball of R^d, α its worst or its mean squared error over the ball (over E‖x‖²)"
            (Instances.generated generator (fun spec ->
                seq {
                    if spec.Size > 4 then
                        { spec with Size = spec.Size / 2 }
                })
             |> Instances.counts 5 20 100
             |> Instances.startingWith own)
            (principle 4.0 1.0) with
            Formula = @"\alpha\,4^{b/d}\ge1,\qquad\frac{\omega}{1+\omega}\,4^{b/d}\ge1"
            Assumptions =
                "at most 2^b codewords, randomness may be shared; unbiased compressors enter with ω/(1+ω), their error after the best scaling"
            Source = "arXiv 2002.08958, theorem 1; covering and sphere-packing arguments"
            Valid =
                fun spec ->
                    spec.Size
                    >= (match spec.Code with
                        | "wheel" -> 4
                        | "circle" -> 2
                        | _ -> 1)
            Falsifiers = [
                Falsifier.check "α·4^{b/d} ≥ 1.01" (principle 4.0 1.01)
                |> Falsifier.at [ code "interval" 2 ]
                Falsifier.check "α·3^{b/d} ≥ 1" (principle 3.0 1.0)
                |> Falsifier.at [ code "interval" 2 ]
            ]
            Tight =
                Some {
                    Instance = code "interval" 8
                    AtLeast = 1.0 - 1e-12
                }
    }
