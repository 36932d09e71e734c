namespace Theory.Problems

open Theory
open Theory.Numerics

/// Σ_m F_m(z) = 0 over a network of M nodes, F_m = (1/n) Σ_j F_mj. Every F_m is L-Lipschitz and μ-strongly monotone,
/// (1/n) Σ_j ‖F_mj(u) − F_mj(v)‖² ≤ L̄²‖u − v‖². What nodes hold is stacked as workers: M × lanes × d.
type INetworkedOperator =
    inherit IProblem
    /// M.
    abstract Nodes: int
    /// n.
    abstract Summands: int
    /// F_m(z_m) for every node: points 1 × lanes × d or M × lanes × d; result M × lanes × d.
    abstract NodeOperators: Block -> Block
    /// The mean of F_mj(z_m) over node m's own indices j: indices M × lanes × b in [0, n).
    abstract NodeOperatorsAt: Indices -> Block -> Block
    /// z* (1 × 1 × d).
    abstract Solution: Block
    /// F_m(z*), M × 1 × d; their sum vanishes.
    abstract ValuesAtSolution: Block
    /// L of every node's operator.
    abstract Lipschitz: float
    /// L̄ of every node's summands.
    abstract MeanSquareLipschitz: float
    /// μ of every node's operator.
    abstract Monotonicity: float
    /// The network, where it does not change.
    abstract Gossip: Gossip
    /// The network, where it does.
    abstract Changing: GossipSequence

/// Affine summands F_mj(z) = A_mj z − b_mj (matrices[m].[j], offsets[m].[j]) on a network. Every node's mean matrix must
/// have a positive semidefinite symmetric part.
[<Sealed>]
type NetworkedOperator
    (name: string, matrices: Matrix[][], offsets: float[][][], gossip: Gossip, changing: GossipSequence) =
    let nodes, summands = matrices.Length, matrices[0].Length
    let d = matrices[0].[0].Rows

    do
        if gossip.Nodes <> nodes || changing.Nodes <> nodes then
            invalidArg
                (nameof gossip)
                $"{nodes} nodes need networks of as many, not {gossip.Nodes} and {changing.Nodes}."

    let means = matrices |> Array.map Linear.mean

    let meanOffsets =
        offsets
        |> Array.map (fun own -> Array.init d (fun i -> own |> Array.averageBy (fun b -> b[i])))

    let central = AffineOperator($"{name}, the mean over nodes", means, meanOffsets, [])
    let shift = Block.ofWorkers meanOffsets
    let flat = Array.concat matrices
    let rows = Matrix(nodes * summands, d, offsets |> Array.collect Array.concat)

    let gram (a: Matrix) =
        LinearAlgebra.Multiply(a.Transpose(), a)

    let root v = sqrt (max v 0.0)
    let grams = lazy (matrices |> Array.map (Array.map gram >> Linear.mean))
    let over (f: 'T -> float) (items: 'T[]) = items |> Array.map f |> Array.max

    let top (a: Matrix) =
        Decompositions.SymmetricEigen(a).Values[d - 1]

    let lipschitz = lazy (means |> over (gram >> top >> root))
    let meanSquare = lazy (grams.Value |> over (top >> root))

    let monotonicity =
        lazy
            (let least =
                means
                |> Array.map (fun a -> Decompositions.SymmetricEigen(LinearAlgebra.Symmetrise a).Values[0])
                |> Array.min

             if least < -1e-10 * lipschitz.Value then
                 invalidOp $"A node's operator is not monotone: its symmetric part has the eigenvalue {least:G6}."
             else
                 max least 0.0)

    let values (z: Block) = z.Apply means - shift
    let point = (central :> IOperator).Solution
    let atSolution = lazy ((values point).Materialise())

    /// Index j of node m as index mn + j of all summands, one of each node's b at a time.
    let global' (indices: Indices) at =
        let own =
            Array.init (nodes * indices.Lanes) (fun k ->
                let m = k / indices.Lanes
                m * summands + indices.At(m, k % indices.Lanes)[at])

        Indices(nodes, indices.Lanes, 1, nodes * summands, own)

    let valueAt (indices: Indices) (z: Block) at =
        let own = global' indices at

        z.ApplyAt(flat, own)
        - ((Block.scalar 1.0).On z.Engine).RowCombination(rows, own)

    /// A_mj.
    member _.Matrices = matrices
    /// b_mj.
    member _.Offsets = offsets
    /// The mean of all summands, as one operator with the nodes for workers.
    member _.Central = central

    interface INetworkedOperator with
        member _.Nodes = nodes
        member _.Summands = summands
        member _.NodeOperators z = values z

        member _.NodeOperatorsAt indices z =
            (Seq.init indices.Count (valueAt indices z) |> Seq.reduce (fun a b -> a + b))
            / float indices.Count

        member _.Solution = point
        member _.ValuesAtSolution = atSolution.Value
        member _.Lipschitz = lipschitz.Value
        member _.MeanSquareLipschitz = meanSquare.Value
        member _.Monotonicity = monotonicity.Value
        member _.Gossip = gossip
        member _.Changing = changing

    // The mean operator, for methods that know no network.
    interface IOperator with
        member _.Operator z = (central :> IOperator).Operator z
        member _.Solution = point
        member _.Lipschitz = (central :> IOperator).Lipschitz
        member _.Monotonicity = (central :> IOperator).Monotonicity

    interface IProblem with
        member _.Name = $"{name}, {gossip.Name}"
        member _.Dimension = d

        member _.Constants =
            [
                Constant.exact "L" "largest singular value of the nodes' matrices" lipschitz.Value (fun () ->
                    means |> over (gram >> Linear.largestByBisection >> root))
                Constant.exact
                    "mu + L"
                    "least eigenvalue of the symmetric parts of the nodes' matrices, plus L"
                    (monotonicity.Value + lipschitz.Value)
                    (fun () ->
                        let least =
                            means
                            |> Array.map (LinearAlgebra.Symmetrise >> Linear.smallestByBisection)
                            |> Array.min

                        max least 0.0 + (means |> over (gram >> Linear.largestByBisection >> root)))
                Constant.exact "Lbar" "largest √λmax((1/n) Σ_j A_mjᵀA_mj)" meanSquare.Value (fun () ->
                    grams.Value |> over (Linear.largestByBisection >> root))
            ]
            @ gossip.Constants
            @ changing.Constants
