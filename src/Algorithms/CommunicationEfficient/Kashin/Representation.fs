/// Kashin representations: how fast they converge and how small their coefficients are (CE-KASHIN.2).
///
/// Lyubarskii, Vershynin, 2010, arXiv math/0611343; used by Safaryan, Shulgin, Richtárik, 2020, arXiv 2002.08958.
module Theory.Algorithms.CommunicationEfficient.Representation

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.CommunicationEfficient.Compressors

let private norm (x: float[]) = LinearAlgebra.Norm(ReadOnlySpan x)
let private largest (x: float[]) = x |> Array.map abs |> Array.max

/// Gaussian vectors, every other one heavy-tailed.
let vectors (seed: int) (d: int) (count: int) : float[] list = [
    for j in 0 .. count - 1 ->
        Linear.gaussians seed (200 + j) d
        |> Array.map (fun v -> if j % 2 = 0 then v else v * v * v)
]

/// The i-th unit vector.
let unit (d: int) (i: int) : float[] =
    Array.init d (fun j -> if j = i then 1.0 else 0.0)

/// The frame [I, H]/√2.
type PairSpec = {
    /// d, a power of two.
    Dimension: int
    /// δD, the nonzeros of the uncertainty principle.
    Nonzeros: int
    Seed: int
}

let rec private subsets (k: int) (from: int) (d: int) : int list list =
    if k = 0 then
        [ [] ]
    else
        [
            for i in from .. d - k do
                for rest in subsets (k - 1) (i + 1) d -> i :: rest
        ]

/// The largest ‖Ua‖²/‖a‖² over all a with k ≤ 5 nonzeros, every support tried. The columns of a support that lie in one half
/// are orthogonal, so only the products of the two halves matter: ½(1 + largest singular value of 2U_SᵀU_T).
let private largestOnSupports (u: FrameMatrix) (k: int) : float =
    let d = u.Synthesis.Rows
    let product = LinearAlgebra.Multiply(u.Analysis, u.Synthesis)

    // λmax of the Gram matrix of at most two rows.
    let squaredNorm (rows: int[]) (columns: int[]) =
        let gram a b =
            columns |> Array.sumBy (fun c -> 4.0 * product[a, c] * product[b, c])

        match rows with
        | [||] -> 0.0
        | [| a |] -> gram a a
        | [| a; b |] ->
            let p, q, r = gram a a, gram b b, gram a b
            0.5 * (p + q + sqrt ((p - q) ** 2.0 + 4.0 * r * r))
        | _ -> invalidArg (nameof k) $"At most five nonzeros, got {k}."

    let worst =
        [
            for i in 0..k do
                let first = subsets i 0 d |> List.map Array.ofList
                let second = subsets (k - i) 0 d |> List.map (List.map ((+) d) >> Array.ofList)

                for s in first do
                    for t in second ->
                        if s.Length <= t.Length then
                            squaredNorm s t
                        else
                            squaredNorm t s
        ]
        |> List.max

    0.5 * (1.0 + sqrt worst)

/// Changes of the algorithm and of what is claimed of it.
type private Variant = {
    Frame: Frame -> Frame
    /// Factor on the clipping level B.
    Clip: float
}

let private asPrinted = { Frame = id; Clip = 1.0 }

/// y = x − Ua, ‖y‖ ≤ η^j‖x‖, ‖a‖_∞ ≤ K‖x‖/√D and #{|b_i| > B} ≤ δD after every round from one x.
let private along (variant: Variant) (frame: Frame) (x: float[]) =
    let d = x.Length
    let u = frame.At d
    let eta, delta = frame.Levels d
    let size, k = norm x, 1.0 / ((1.0 - eta) * sqrt delta)

    let first =
        let s = Kashin.start u delta x

        {
            s with
                Level = variant.Clip * s.Level
        }

    let states = List.scan (fun s _ -> Kashin.round u eta s) first [ 1..12 ]

    let exact =
        [
            for s in states ->
                let back = LinearAlgebra.Multiply(u.Synthesis, ReadOnlySpan s.Coefficients)
                let gap = norm (Array.mapi (fun i v -> x[i] - v - s.Residual[i]) back)

                {
                    Label = "‖x − Ua − y‖"
                    Measured = gap
                    Bound = 0.0
                    Holds = gap <= Rounding.identity (float (24 * u.Size)) size
                }
        ]
        |> Evidence.ofRows Rung.Trajectories Relation.Equal

    let bounded =
        states
        |> List.mapi (fun j s ->
            let above =
                Kashin.analyse u s |> Array.filter (fun b -> abs b > s.Level) |> Array.length

            let row name =
                Evidence.row Relation.AtMost u.Size (j + 1) $"{name}, round {j}"

            [
                row "‖y‖" (norm s.Residual) (eta ** float j * size)
                row "‖a‖_∞" (largest s.Coefficients) (k * size / sqrt (float u.Size))
                row "entries above B" (float above) (delta * float u.Size)
            ])
        |> List.concat
        // The start has ‖y‖ = ‖x‖: nothing is tested there.
        |> List.tail
        |> Evidence.ofRows Rung.Trajectories Relation.AtMost

    Evidence.all [ { exact with Tightness = nan }; bounded ]

let private representation (variant: Variant) (spec: PairSpec) =
    let d, k = spec.Dimension, spec.Nonzeros
    let frame = variant.Frame(Frames.hadamardPair k)
    let eta, _ = frame.Levels d

    let principle =
        [
            Evidence.row
                Relation.Equal
                (2 * d)
                1
                "largest ‖Ua‖²/‖a‖² over all supports, against η²"
                (largestOnSupports (frame.At d) k)
                (eta * eta)
        ]
        |> Evidence.ofRows Rung.Enumerated Relation.Equal

    let starts = [
        yield! vectors spec.Seed d 20
        unit d 0
        Array.create d 1.0
        // More equal entries than δD, each above half the clipping level.
        Array.init d (fun i -> if i < min d (k + 2) then 1.0 else 0.0)
    ]

    Evidence.all [
        { principle with Tightness = nan }
        yield! starts |> List.map (along variant frame)
    ]

let private pairSpec d k = {
    Dimension = d
    Nonzeros = k
    Seed = 1
}

let representationClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-KASHIN.2"
            ClaimKind.Sure
            "U = [I, H/√d]/√2: ‖Ua‖² ≤ ½(1 + k/(2√d))‖a‖² for k nonzeros, exactly; after j rounds y = x − Ua, ‖y‖ ≤ η^j‖x‖, ‖a‖_∞ ≤ K‖x‖/√D, and at most δD entries are clipped"
            (Instances.generated
                (gen {
                    let! d = Gen.elements [ 4; 16; 64 ]
                    let! k = Gen.elements [ 2; 4 ]
                    let! seed = Gen.choose (0, 10000)

                    return {
                        Dimension = d
                        Nonzeros = k
                        Seed = seed
                    }
                })
                (fun spec ->
                    seq {
                        if spec.Dimension > 4 then
                            {
                                spec with
                                    Dimension = 4
                                    Nonzeros = 2
                            }
                    })
             |> Instances.counts 1 4 20
             |> Instances.startingWith [ pairSpec 16 2; pairSpec 16 4 ])
            (fun _ spec -> representation asPrinted spec) with
            Formula =
                @"\|y_j\|\le\eta^j\|x\|,\quad\|a\|_\infty\le\frac{\|x\|}{(1-\eta)\sqrt{\delta D}},\quad\eta^2=\tfrac12\big(1+\tfrac{k}{2\sqrt d}\big)"
            Assumptions =
                "UP(η, δ): ‖Ua‖ ≤ η‖a‖ for every a with at most δD nonzeros; UUᵀ = I; B = ‖x‖/√(δD), then ηB, …"
            Source =
                "Lyubarskii and Vershynin, 2010; the entries above B number at most ‖y‖²/B² ≤ δD, so y − Ub̂ = U(b − b̂) with a sparse b − b̂"
            Valid =
                fun spec ->
                    spec.Nonzeros * spec.Nonzeros <= spec.Dimension
                    && spec.Nonzeros * spec.Dimension <= 128
            Falsifiers = [
                Falsifier.check "B halved" (fun _ spec -> representation { asPrinted with Clip = 0.5 } spec)
                |> Falsifier.at [ pairSpec 16 4 ]
                Falsifier.check "η = ½" (fun _ spec ->
                    representation
                        {
                            asPrinted with
                                Frame =
                                    fun frame -> {
                                        frame with
                                            Levels = fun d -> 0.5, snd (frame.Levels d)
                                    }
                        }
                        spec)
            ]
    }
