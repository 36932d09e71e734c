/// Running time of the accelerated extragradient method as a function of how the data are split.
///
/// Medyakov, Molodtsov, Beznosikov, Gasnikov, 2024, arXiv 2401.07809; the time model is a reconstruction.
module Theory.Algorithms.VariationalInequalities.SplitModel

/// A cluster and the problem that it solves. The server keeps b_1 of N samples.
[<NoEquality; NoComparison>]
type Model = {
    /// N.
    Samples: int
    /// True for δ = L̂/b_1 (Lipschitz Hessians), false for δ = L̂/√b_1 (any losses).
    FastSimilarity: bool
    /// L, which caps δ.
    Smoothness: float
    /// L̂.
    SampleSmoothness: float
    /// μ.
    Mu: float
    /// ε.
    Accuracy: float
    /// τ_1, time of the server for the gradient of one sample.
    Server: float
    /// τ_2 … τ_n of the workers.
    Workers: float[]
    /// τ_c, time of one communication.
    Round: float
}

/// Similarity δ(b_1), at most L.
let similarity (m: Model) (own: float) : float =
    min m.Smoothness (m.SampleSmoothness / (if m.FastSimilarity then own else sqrt own))

/// Steps of the method, max{1, √(δ/μ)} ln(1/ε): more similarity than μ saves nothing.
let outer (m: Model) (own: float) : float =
    max 1.0 (sqrt (similarity m own / m.Mu)) * log (1.0 / m.Accuracy)

/// The server's gradients of its own function a step, max{1, √(L/δ)}.
let inner (m: Model) (own: float) : float =
    max 1.0 (sqrt (m.Smoothness / similarity m own))

/// T: two communications a step, twice the slowest worker's pass, the server's inner loop.
let time (m: Model) (own: float) (slowest: float) : float =
    outer m own * (2.0 * m.Round + 2.0 * slowest + m.Server * own * inner m own)

/// Σ 1/τ_i over the workers.
let speed (m: Model) : float =
    m.Workers |> Array.sumBy (fun t -> 1.0 / t)

/// Loads that make all workers equally slow, b_i = (N − b_1) τ_i⁻¹/Σ τ_j⁻¹; no integers.
let loads (m: Model) (own: float) : float[] =
    m.Workers |> Array.map (fun t -> (float m.Samples - own) / (t * speed m))

/// The workers' common time with those loads, (N − b_1)/Σ τ_j⁻¹.
let levelled (m: Model) (own: float) : float = (float m.Samples - own) / speed m

/// T with the best loads, a function of b_1 alone.
let best (m: Model) (own: float) : float = time m own (levelled m own)

/// The b_1 among 1 … N − 1 with the least T.
let optimum (m: Model) : int =
    seq { 1 .. m.Samples - 1 } |> Seq.minBy (fun b -> best m (float b))

/// All ways to give `total` samples to `parts` nodes.
let rec divisions (total: int) (parts: int) : int list seq =
    if parts = 1 then
        Seq.singleton [ total ]
    else
        seq {
            for first in 0..total do
                for rest in divisions (total - first) (parts - 1) -> first :: rest
        }
