namespace Theory.Algorithms.VariationalInequalities

open Theory
open Theory.Numerics
open Theory.Problems

/// The stochastic oracle of the decentralised methods: batches of summands around a reference point.
[<RequireQualifiedAccess>]
module Batches =

    /// b indices of [0, n) for each of M nodes, all independent and with replacement: M × lanes × b.
    let draw (nodes: int) (summands: int) (batch: int) : Draw<Indices> =
        let reshape (all: Indices) =
            let own =
                Array.init (nodes * all.Lanes * batch) (fun at ->
                    let node, rest = at / (all.Lanes * batch), at % (all.Lanes * batch)
                    all.At(0, rest / batch)[node * batch + rest % batch])

            Indices(nodes, all.Lanes, batch, summands, own)

        Draw.indices summands (nodes * batch) |> Draw.map reshape

    /// δ = (1/b) Σ_{j∈S} [F_j(z) − F_j(w₋) + α(F_j(z) − F_j(z₋))] + F(w₋).
    let extrapolated (f: INetworkedOperator) alpha (sample: Indices) (z: Block) (pastZ: Block) (pastW: Block) : Block =
        let at = f.NodeOperatorsAt sample
        (1.0 + alpha) * at z - at pastW - alpha * at pastZ + f.NodeOperators pastW

    /// δ' = (1/b) Σ_{j∈S'} [F_j(z⁺) − F_j(w)] + F(w).
    let corrected (f: INetworkedOperator) (sample: Indices) (next: Block) (w: Block) : Block =
        f.NodeOperatorsAt sample next - f.NodeOperatorsAt sample w + f.NodeOperators w

    /// Component calls of one step per node: F_j at z, z₋ and w₋ for S and at z⁺ and w for S'; a full operator when w moves.
    let cost batch (renew: Mask) = [
        Charge.each Counter.ComponentCalls (5.0 * float batch)
        Charge.whenHeads Counter.OperatorCalls 1.0 renew
    ]
