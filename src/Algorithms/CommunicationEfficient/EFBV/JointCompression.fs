/// Compressors of several workers that depend on each other, and what is left of their variance after averaging.
///
/// Condat, Yi, Richtárik, 2022, arXiv 2205.04180, sections 2.4 and 2.5.
module Theory.Algorithms.CommunicationEfficient.JointCompression

open Theory
open Theory.Numerics
open Theory.Algorithms.CommunicationEfficient.Compressors

/// A compressor for n workers and its averaged variance:
/// E‖(1/n) Σ (C_i(x_i) − E C_i(x_i))‖² ≤ (ω_av/n) Σ ‖x_i‖².
[<NoComparison; NoEquality>]
type JointCompressor = {
    Compressor: Compressor
    /// ω_av for n workers in dimension d.
    OmegaAv: int -> int -> float
}

/// Every worker draws for itself: ω_av = ω/n.
let independent (c: Compressor) : JointCompressor = {
    Compressor = c
    OmegaAv = fun n d -> snd (c.Relative d) / float n
}

/// One draw for all workers: ω_av = ω. For compressors that are the same linear map on all workers.
let common (c: Compressor) : JointCompressor = {
    Compressor = {
        c with
            Name = $"{c.Name}, drawn once"
            Draw = fun _ d -> c.Draw 1 d
    }
    OmegaAv = fun _ d -> snd (c.Relative d)
}

/// Which workers a drawn subset holds, as coins.
let private members n (chosen: Indices) =
    let lanes = Array.init chosen.Lanes (fun lane -> chosen.At(0, lane).ToArray())

    let heads =
        Array.init (n * chosen.Lanes) (fun at -> lanes[at % chosen.Lanes] |> Array.contains (at / chosen.Lanes))

    CompressorDraw.Coins(Mask(n, chosen.Lanes, heads))

/// m of n workers take part, C_i(x) = (n/m)x for them and 0 for the others; the subset is uniform. Each C_i is a Bernoulli
/// compressor, ω = (n−m)/m, but the coins depend on each other: ω_av = (n−m)/(m(n−1)).
let nice (m: int) (n: int) : JointCompressor =
    let alone = bernoulli (float m / float n)

    {
        Compressor = {
            alone with
                Name = $"{m}-nice participation of {n}"
                // A worker looked at alone tosses the coin of its margin.
                Draw =
                    fun workers d ->
                        if workers = n then
                            Draw.subset m n |> Draw.map (members n)
                        else
                            alone.Draw workers d
        }
        OmegaAv = fun _ _ -> if n = 1 then 0.0 else float (n - m) / float (m * (n - 1))
    }
