/// What travels between the two devices of a pipeline: compressed activations, with and without buffers, and the
/// compressors of the paper's experiments.
///
/// Rudakov, Beznosikov, Kholodov, Gasnikov, 2023, arXiv 2401.07788; AQ-SGD: Wang et al., 2022, arXiv 2206.01299.
module Theory.Algorithms.CommunicationEfficient.Messages

open System
open Theory
open Theory.Numerics

/// C of activations, for every worker and lane.
type Compress = Block -> Block

/// PLAIN: m = C(a).
let plain (c: Compress) (a: Block) : Block = c a

/// EF: m = C(a + e), e⁺ = a + e − m. Returns m and e⁺.
let feedback (c: Compress) (e: Block) (a: Block) : Block * Block =
    let m = c (a + e)
    m, a + e - m

/// m⁺ = m + C(a − m): EF21 with the buffer of a position in the batch, AQ-SGD with the buffer of a sample.
let difference (c: Compress) (m: Block) (a: Block) : Block = m + c (a - m)

/// Top-K by a pivot, L = ⌊d(1 − κ)⌋: every entry not above the L-th smallest magnitude becomes 0, ties included.
let pivotTop (kappa: float) (x: float[]) : float[] =
    let dropped = int (floor (float x.Length * (1.0 - kappa)))

    if dropped < 1 then
        x
    else
        let pivot = (x |> Array.map abs |> Array.sort)[dropped - 1]
        x |> Array.map (fun v -> if abs v <= pivot then 0.0 else v)

/// k bits between the smallest and the largest entry of the whole batch.
let minMax (bits: int) (batch: float[][]) : float[][] =
    let all = Array.concat batch
    let lo, hi = Array.min all, Array.max all
    let steps = 2.0 ** float bits - 1.0

    if hi = lo then
        batch
    else
        batch
        |> Array.map (Array.map (fun v -> Math.Round(steps * (v - lo) / (hi - lo)) / steps * (hi - lo) + lo))

/// The largest magnitude of each coordinate over the batch.
let scales (batch: float[][]) : float[] =
    Array.init batch[0].Length (fun j -> batch |> Array.map (fun x -> abs x[j]) |> Array.max)

/// k bits with sign, each coordinate in units of its largest magnitude over the batch.
let absMax (bits: int) (batch: float[][]) : float[][] =
    let half = 2.0 ** float (bits - 1)

    let code s v =
        if s = 0.0 then
            0.0
        else
            max -half (min (half - 1.0) (Math.Round(half * v / s))) * s / half

    batch |> Array.map (Array.map2 code (scales batch))
