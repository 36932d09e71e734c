namespace Theory.Problems

open System
open Theory
open Theory.Numerics

/// Multiplications by matrices that mix nodes.
[<RequireQualifiedAccess>]
module Mixing =

    /// The rows of W as weights of the nodes: M × 1 × 1 each.
    let weights (w: Matrix) : Block[] =
        Array.init w.Rows (fun m -> Block.ofWorkers (Array.init w.Columns (fun k -> [| w[m, k] |])))

    /// (Wz)_m = Σ_k W[m, k] z_k by W's weights: each node combines what its neighbours sent. z is M × lanes × d.
    let combine (weights: Block[]) (z: Block) : Block =
        let z = z.Materialise()
        Block.ConcatWorkers(weights |> Array.map (fun row -> Block.sum (row * z)))

    /// Wz.
    let multiply (w: Matrix) : Block -> Block = combine (weights w)

    /// 11ᵀ/M, the projection on what all nodes share.
    let consensus (nodes: int) : Matrix =
        Matrix.Create(nodes, nodes, (fun _ _ -> 1.0 / float nodes))

/// A gossip matrix: symmetric, W ⪰ 0, W1 = 0 and nothing else in its kernel, scaled to λmax(W) = 1. One multiplication
/// takes `rounds` exchanges between neighbours. `extremes` gives (λmin⁺, λmax) of the unscaled matrix in closed form where
/// it is known: the second computation of χ.
[<Sealed>]
type Gossip(name: string, unscaled: Matrix, rounds: int, extremes: (float * float) option) =
    let nodes = unscaled.Rows
    let eigen = Decompositions.SymmetricEigen unscaled
    let largest = eigen.Values[nodes - 1]

    do
        if nodes < 2 || not (largest > 0.0) then
            invalidArg (nameof unscaled) $"A gossip matrix needs two nodes that talk; '{name}' has none."

        if eigen.Values[1] <= 1e-12 * largest then
            invalidArg
                (nameof unscaled)
                $"'{name}' is not connected: the kernel of its matrix has more than one dimension."

    let matrix = LinearAlgebra.Scale(1.0 / largest, unscaled)
    let smallest = eigen.Values[1] / largest

    let pseudoInverse =
        lazy
            (Matrix.Create(
                nodes,
                nodes,
                fun i j ->
                    Seq.sum (
                        seq {
                            for k in 1 .. nodes - 1 ->
                                eigen.Vectors[i, k] * eigen.Vectors[j, k] * largest / eigen.Values[k]
                        }
                    )
            ))

    let again () =
        match extremes with
        | Some(low, high) -> high / low
        | None ->
            // The projection on the kernel lifts the eigenvalue 0 to 1.
            let lifted = LinearAlgebra.Add(matrix, Mixing.consensus nodes)
            Linear.largestByBisection matrix / Linear.smallestByBisection lifted

    let mix = Mixing.multiply matrix
    let dual = lazy (Mixing.multiply pseudoInverse.Value)

    /// What network and which power or polynomial of its matrix.
    member _.Name = name
    /// M.
    member _.Nodes = nodes
    /// W, with λmax = 1.
    member _.Matrix = matrix
    /// λmin⁺(W), the algebraic connectivity over the largest eigenvalue.
    member _.SmallestPositive = smallest
    /// χ = λmax/λmin⁺.
    member _.Chi = 1.0 / smallest
    /// Exchanges between neighbours that one multiplication takes.
    member _.Rounds = rounds
    /// W†.
    member _.PseudoInverse = pseudoInverse.Value
    /// An eigenvector of λmin⁺: what gossip averages out most slowly.
    member _.Slowest = Array.init nodes (fun i -> eigen.Vectors[i, 1])
    /// Wz for z of M × lanes × d.
    member _.Multiply(z: Block) : Block = mix z

    /// Σ_m ⟨y_m, (W†y)_m⟩, one number per lane.
    member _.DualNormSquared(y: Block) : Block = Block.sum (Block.dot y (dual.Value y))

    /// χ with its certificate.
    member _.Constants = [
        Constant.exact "chi" "λmax/λmin⁺ of the gossip matrix" (1.0 / smallest) again
    ]

/// Chebyshev polynomials of gossip matrices: the best that T exchanges can do.
[<RequireQualifiedAccess>]
module Chebyshev =

    /// Below this relative gap all positive eigenvalues are one: there is nothing to accelerate.
    let private single = 1e-9

    /// T = ⌈√χ⌉, which brings the condition number of P_T(W) below ((1+e⁻²)/(1−e⁻²))² < 1.73.
    let rounds (gossip: Gossip) : int =
        if gossip.Chi <= 1.0 + single then
            1
        else
            int (ceil (sqrt gossip.Chi))

    /// P_T(W)z with P_T(W) = I − T_T(((1+λ)I − 2W)/(1−λ))/T_T((1+λ)/(1−λ)), λ = λmin⁺ and λmax = 1: the three-term recurrence,
    /// one exchange between neighbours a term.
    let multiply (gossip: Gossip) (degree: int) (z: Block) : Block =
        let low = gossip.SmallestPositive

        if gossip.Chi <= 1.0 + single then
            gossip.Multiply z
        else
            let a = (1.0 + low) / (1.0 - low)

            let mapped (x: Block) =
                a * x - (2.0 / (1.0 - low)) * gossip.Multiply x

            let term (before: Block, now: Block, valueBefore, value) =
                now, (2.0 * mapped now - before).Materialise(), value, 2.0 * a * value - valueBefore

            let _, last, _, scale =
                Seq.init (degree - 1) id
                |> Seq.fold (fun terms _ -> term terms) (z, (mapped z).Materialise(), 1.0, a)

            z - (1.0 / scale) * last

    /// P_T(W) by its eigenvalues, not scaled.
    let matrix (gossip: Gossip) (degree: int) : Matrix =
        let m = gossip.Nodes

        // One unit vector a lane: the columns.
        let units =
            Block.Own(Shape.Vector(m, m, 1), Array.init (m * m) (fun at -> if at / m = at % m then 1.0 else 0.0))

        let image = (multiply gossip degree units).Materialise()
        LinearAlgebra.Symmetrise(Matrix.Create(m, m, (fun i j -> image[i, j, 0])))

    /// P_T(W), scaled to λmax = 1, as a gossip matrix that takes T exchanges.
    let accelerate (degree: int) (gossip: Gossip) : Gossip =
        if degree = 1 || gossip.Chi <= 1.0 + single then
            gossip
        else
            Gossip(
                $"{gossip.Name}, Chebyshev polynomial of degree {degree}",
                matrix gossip degree,
                degree * gossip.Rounds,
                None
            )

/// Gossip matrices that change with time: at each step one of W_0 … W_{R−1}, each with W_k1 = 0 and 1ᵀW_k = 0 and
/// ‖W_kx − x‖² ≤ (1 − 1/χ)‖x‖² for x ⟂ 1. They need not be symmetric.
[<Sealed>]
type GossipSequence(name: string, matrices: Matrix[], rounds: int) =
    let nodes = matrices[0].Rows

    let rest (w: Matrix) =
        LinearAlgebra.Subtract(LinearAlgebra.Subtract(Matrix.Identity nodes, w), Mixing.consensus nodes)

    let contraction =
        matrices |> Array.map (rest >> Decompositions.SpectralNorm) |> Array.max

    do
        if not (contraction < 1.0) then
            invalidArg (nameof matrices) $"'{name}' has a step after which nodes may be as far apart as before."

    let chi = 1.0 / (1.0 - contraction * contraction)
    let kronecker = Collections.Concurrent.ConcurrentDictionary<int, Matrix[]>()

    let wide d =
        kronecker.GetOrAdd(d, (fun d -> matrices |> Array.map (fun w -> LinearAlgebra.Kronecker(w, Matrix.Identity d))))

    /// What network.
    member _.Name = name
    /// M.
    member _.Nodes = nodes
    /// The W_k.
    member _.Matrices = matrices
    /// The least χ of the definition.
    member _.Chi = chi
    /// Exchanges between neighbours that one multiplication takes.
    member _.Rounds = rounds
    /// One of the matrices, each as likely.
    member _.Draw = Draw.index matrices.Length

    /// W_kz with each lane's own k; z is M × lanes × d.
    member _.Multiply (index: Indices) (z: Block) : Block =
        let d = z.Dimension
        let flat = Block.ConcatDimension(Array.init nodes z.Worker)
        let image = flat.ApplyAt(wide d, index).Materialise()
        Block.ConcatWorkers(Array.init nodes (fun m -> image.SliceDimension(m * d, d)))

    /// χ with its certificate.
    member _.Constants = [
        Constant.exact "chi (varying)" "1/(1 − max ‖I − W_k‖²) on the complement of 1" chi (fun () ->
            let worst =
                matrices
                |> Array.map (fun w ->
                    Linear.largestByBisection (LinearAlgebra.Multiply((rest w).Transpose(), rest w)))
                |> Array.max

            1.0 / (1.0 - worst))
    ]

/// Builders of gossip matrices.
[<RequireQualifiedAccess>]
module Gossip =

    /// The Laplacian of a connected graph, scaled to λmax = 1.
    let ofGraph (graph: Graph) : Gossip =
        Gossip(graph.Name, Graphs.laplacian graph, 1, graph.Extremes)

    /// The same matrix at every step.
    let constant (gossip: Gossip) : GossipSequence =
        GossipSequence(gossip.Name, [| gossip.Matrix |], gossip.Rounds)

    /// One matrix a graph.
    let sequence name (graphs: Graph[]) : GossipSequence =
        GossipSequence(name, graphs |> Array.map (fun g -> (ofGraph g).Matrix), 1)

    /// A random order of the nodes.
    let private order seed site nodes =
        Linear.gaussians seed site nodes
        |> Array.indexed
        |> Array.sortBy snd
        |> Array.map fst

    /// `count` copies of a graph with the labels of its nodes permuted at random, the first as it is.
    let permuted (count: int) (seed: int) (graph: Graph) : Graph[] =
        Array.init count (fun k ->
            if k = 0 then
                graph
            else
                Graphs.relabel (order seed (0x6c61 + k) graph.Nodes) graph)

    /// T = ⌈(χ/2) ln(1/ρ)⌉ exchanges make distances to the mean smaller by the factor ρ in squared norm; here ρ = factor⁻².
    let roundsFor (factor: float) (graph: Graph) : int =
        max 1 (int (ceil ((ofGraph graph).Chi * log factor)))

    /// I − Π_{t<T}(I − W^{(t)}): T steps of gossip as one.
    let several (matrices: Matrix[]) : Matrix =
        let identity = Matrix.Identity matrices[0].Rows

        let product =
            (identity, matrices)
            ||> Array.fold (fun done' w -> LinearAlgebra.Multiply(LinearAlgebra.Subtract(identity, w), done'))

        LinearAlgebra.Subtract(identity, product)

    /// Multi-step gossip over changing graphs: `count` products of T matrices, each of a graph drawn from the list.
    let multistep (steps: int) (count: int) (seed: int) (graphs: Graph[]) : GossipSequence =
        let matrices = graphs |> Array.map (fun g -> (ofGraph g).Matrix)

        let product k =
            let draws =
                Sampler.Index(DrawAddress(uint64 (uint32 seed), 0x676f7373u, k, 0, 0), 1, 1, steps, matrices.Length)

            several (draws.Values.ToArray() |> Array.map (fun g -> matrices[g]))

        GossipSequence($"{graphs[0].Name}, labels changing, {steps} exchanges a step", Array.init count product, steps)
