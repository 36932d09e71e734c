/// Randomised multilevel batching of samples along a Markov chain, the estimator of VI-MARKOV.
///
/// Beznosikov, Samsonov, Sheshukova, Gasnikov, Naumov, Moulines, "First Order Methods with Markovian Noise: from
/// Acceleration to Variational Inequalities", NeurIPS 2023, arXiv 2305.15938.
///
/// J ~ Geom(1/2) on {1, 2, …}; g_j is the mean over the next 2^j·B states, all g_j over the same consecutive states;
/// g = g_0 + 2^J(g_J − g_{J−1}) when 2^J ≤ M, else g_0. So g is the operator over signed frequencies of visits.
module Theory.Algorithms.VariationalInequalities.Multilevel

open Theory
open Theory.Numerics
open Theory.Problems

/// What one estimate draws.
type Sampling = {
    /// J where 2^J ≤ M, and 0 where J is larger.
    Level: Indices
    /// Transitions of the chain; a lane uses as many as its level needs.
    Transitions: Indices
}

/// ⌊log2 M⌋ for M ≥ 1.
let levels (m: float) : int =
    Seq.initInfinite (fun l -> l + 1)
    |> Seq.find (fun l -> 2.0 ** float l > m)
    |> (fun l -> l - 1)

/// The law of `Level`: 2^−j for j = 1 … ⌊log2 M⌋, and the rest at 0.
let probabilities (top: int) : float[] =
    Array.init (top + 1) (fun j -> if j = 0 then 0.5 ** float top else 0.5 ** float j)

/// States that an estimate at this level visits: 2^J·B, or B.
let length (batch: int) (level: int) = batch * pown 2 level

/// The share of visit i = 0, 1, … in g: g_0 + factor(J)·(g_J − g_{J−1}).
let shareWith (factor: int -> float) (batch: int) (level: int) (i: int) : float =
    let mean n = if i < n then 1.0 / float n else 0.0
    let first = mean batch

    if level = 0 then
        first
    else
        first
        + factor level * (mean (length batch level) - mean (length batch (level - 1)))

/// The share of visit i in g; the factor is 2^J.
let share (batch: int) (level: int) (i: int) : float =
    shareWith (fun level -> 2.0 ** float level) batch level i

/// J and the transitions. Enumerated, every level comes with just the transitions that it uses.
let draw (chain: MarkovChain) (batch: int) (top: int) : Draw<Sampling> =
    let longest = chain.Transitions(length batch top)
    let law = probabilities top
    let level = Draw.weightedIndex law

    let sample (address: DrawAddress) lanes = {
        Level = level.Sample(address, lanes)
        Transitions = longest.Sample(address.AtSite(address.Site + 1), lanes)
    }

    let own j = chain.Transitions(length batch j)

    let outcomes () =
        seq {
            for j in 0..top do
                for o in (own j).Outcomes ->
                    {
                        Probability = law[j] * o.Probability
                        Outcome = {
                            Level = Indices.Constant(top + 1, j)
                            Transitions = o.Outcome
                        }
                    }
        }

    Draw(2, sample, Law.Finite(Seq.sum (Seq.init (top + 1) (fun j -> (own j).Count)), outcomes))

/// Σ_i share(i)·Z_i over the visits that follow `start`, and the state that the chain stops at.
let visitsWith
    (share: int -> int -> int -> float)
    (chain: MarkovChain)
    batch
    (o: Sampling)
    (start: Block)
    : Block * Block =
    let lanes = o.Level.Lanes
    let levels = Array.init lanes (fun lane -> o.Level.At(0, lane)[0])
    let lengths = levels |> Array.map (length batch)

    let visit (present: Block, total: Block, last: Block) i =
        let next = (chain.Move o.Transitions i present).Materialise()
        let stops = Mask(1, lanes, lengths |> Array.map ((=) (i + 1)))

        let shares =
            Block.Own(Shape.Vector(1, lanes, 1), levels |> Array.map (fun level -> share batch level i)).On start.Engine

        next, (total + shares * next).Materialise(), Block.choose stops next last

    let _, total, last =
        Seq.init (Array.max lengths) id |> Seq.fold visit (start, 0.0 * start, start)

    total, last

/// The signed frequencies of visits that make g, and the state that the chain stops at: it advances by 2^J·B, or by B
/// when 2^J > M.
let visits (chain: MarkovChain) (batch: int) (o: Sampling) (start: Block) : Block * Block =
    visitsWith share chain batch o start

/// The frequencies of the next B states, and the last of them.
let plain (chain: MarkovChain) (batch: int) (transitions: Indices) (start: Block) : Block * Block =
    visits
        chain
        batch
        {
            Level = Indices.Constant(1, 0)
            Transitions = transitions
        }
        start

/// Samples that an estimate takes, per lane.
let samples (batch: int) (level: Indices) : Amount =
    Amount.ByLane(Array.init level.Lanes (fun lane -> float (length batch (level.At(0, lane)[0]))))
