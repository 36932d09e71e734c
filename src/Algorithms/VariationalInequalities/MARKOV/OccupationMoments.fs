/// Exact first two moments of weighted visits of a Markov chain: what the expectations of VI-MARKOV are computed from,
/// jointly with an iterate that they move.
module Theory.Algorithms.VariationalInequalities.OccupationMoments

open Theory
open Theory.Problems

/// Moments of W ∈ R^{r·m}, W_{(k,a)} = Σ_i c_i[k]·1[Z_i = a], i = 1 … n, for coefficients c_i ∈ R^r.
type VisitMoments = {
    /// E W.
    Mean: float[]
    /// E W Wᵀ.
    Second: float[,]
}

/// The moments from a law of Z_0, by the recursion V_i = E[W_i·1(Z_i)ᵀ] = V_{i−1}P + c_i ⊗ diag(law of Z_i).
let compute (chain: MarkovChain) (start: float[]) (coefficients: float[][]) : VisitMoments =
    let m = chain.States
    let r = coefficients[0].Length
    let size = r * m
    let kernel = chain.Kernel
    let mean = Array.zeroCreate size
    let second = Array2D.zeroCreate size size

    let later (law: float[]) =
        Array.init m (fun b -> Seq.sum (Seq.init m (fun a -> law[a] * kernel[a, b])))

    let visit (law: float[], cross: float[,]) (c: float[]) =
        let law = later law

        let cross =
            Array2D.init size m (fun u b -> Seq.sum (Seq.init m (fun a -> cross[u, a] * kernel[a, b])))

        for u in 0 .. size - 1 do
            mean[u] <- mean[u] + c[u / m] * law[u % m]

            for v in 0 .. size - 1 do
                let again =
                    if u % m = v % m then
                        c[u / m] * c[v / m] * law[u % m]
                    else
                        0.0

                second[u, v] <- second[u, v] + c[v / m] * cross[u, v % m] + c[u / m] * cross[v, u % m] + again

        for u in 0 .. size - 1 do
            cross[u, u % m] <- cross[u, u % m] + c[u / m] * law[u % m]

        law, cross

    coefficients |> Array.fold visit (start, Array2D.zeroCreate size m) |> ignore
    { Mean = mean; Second = second }

/// A quadratic form of (u, W, 1), u ∈ R^d fixed, with W integrated out: a form of (u, 1).
let integrate (d: int) (form: float[,]) (visits: VisitMoments) : float[,] =
    let size = visits.Mean.Length
    let total = Array2D.zeroCreate (d + 1) (d + 1)

    /// Where a coordinate ends: u stays, W and 1 become the constant.
    let place k = min k d

    let visit k =
        if k >= d && k < d + size then Some(k - d) else None

    for i in 0 .. d + size do
        for j in 0 .. d + size do
            let mean =
                match visit i, visit j with
                | Some a, Some b -> visits.Second[a, b]
                | Some a, None
                | None, Some a -> visits.Mean[a]
                | None, None -> 1.0

            total[place i, place j] <- total[place i, place j] + form[i, j] * mean

    total

/// ‖E Σ c_i n(Z_i)‖² and E‖Σ c_i n(Z_i)‖² from a law of Z_0.
let ofNoise (noise: MarkovNoise) (start: float[]) (coefficients: float[]) : float * float =
    let m, values = noise.Chain.States, noise.Values
    let moments = compute noise.Chain start (coefficients |> Array.map Array.singleton)

    let over (weight: int -> int -> float) =
        Seq.sum (
            seq {
                for a in 0 .. m - 1 do
                    for b in 0 .. m - 1 -> weight a b * Array.fold2 (fun sum x y -> sum + x * y) 0.0 values[a] values[b]
            }
        )

    over (fun a b -> moments.Mean[a] * moments.Mean[b]), over (fun a b -> moments.Second[a, b])

/// All mass on state z.
let at (chain: MarkovChain) (z: int) : float[] =
    Array.init chain.States (fun j -> if j = z then 1.0 else 0.0)

/// (1/n, …, 1/n).
let uniform (n: int) : float[] = Array.create n (1.0 / float n)

/// (1 + 16τ/3)σ².
let constant (noise: MarkovNoise) : float =
    (1.0 + 16.0 * float noise.Chain.MixingTime / 3.0) * noise.Sigma ** 2.0

/// A comparison for every start state.
let fromEveryState (chain: MarkovChain) (rows: float[] -> string -> Row list) : Row list =
    [ 0 .. chain.States - 1 ]
    |> List.collect (fun z -> rows (at chain z) $"from state {z}")
