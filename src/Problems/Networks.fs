namespace Theory.Problems

open FsCheck.FSharp
open Theory
open Theory.Numerics

/// Rotation blocks on a network by a few numbers: F_mj has blocks [[a, s], [−s, a]], a and s of its node and its own.
[<NoComparison>]
type NetworkSpec = {
    /// M ≥ 2 (a ring needs 3).
    Nodes: int
    /// n ≥ 1.
    Summands: int
    /// path, ring, star, complete, grid or random.
    Graph: string
    /// m ≥ 1; the dimension is 2m.
    Blocks: int
    /// Strong monotonicity of the weakest node.
    Mu: float
    /// Common part of the s.
    Skew: float
    /// How far nodes lie apart: their s by about this, their μ_m by up to this share of μ.
    NodeSpread: float
    /// How far the summands of a node lie apart.
    SummandSpread: float
    /// Scale of the offsets b_mj.
    Offset: float
    Seed: int
}

/// Specifications of networks and their generators.
[<RequireQualifiedAccess>]
module NetworkSpec =

    /// Networks with 2 to the given numbers of nodes, summands and blocks.
    let generator maxNodes maxSummands maxBlocks : FsCheck.Gen<NetworkSpec> =
        gen {
            let! nodes = Gen.choose (2, maxNodes)
            let! summands = Gen.choose (1, maxSummands)
            let! graph = Gen.elements Graphs.names
            let! blocks = Gen.choose (1, maxBlocks)
            let! mu = Gen.elements [ 0.001; 0.01; 0.1; 1.0 ]
            let! skew = Gen.elements [ 0.0; 0.3; 1.0 ]
            let! nodeSpread = Gen.elements [ 0.0; 0.3; 1.0 ]
            let! summandSpread = Gen.elements [ 0.0; 0.3; 1.0 ]
            let! offset = Gen.elements [ 0.0; 1.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Nodes = nodes
                Summands = summands
                Graph = graph
                Blocks = blocks
                Mu = mu
                Skew = skew
                NodeSpread = nodeSpread
                SummandSpread = summandSpread
                Offset = offset
                Seed = seed
            }
        }

    /// Smaller networks.
    let shrink (spec: NetworkSpec) : NetworkSpec seq =
        seq {
            if spec.Nodes > 2 then
                { spec with Nodes = spec.Nodes - 1 }

            if spec.Summands > 1 then
                {
                    spec with
                        Summands = spec.Summands - 1
                }

            if spec.Blocks > 1 then
                { spec with Blocks = spec.Blocks - 1 }

            if spec.Graph <> "path" then
                { spec with Graph = "path" }

            if spec.NodeSpread > 0.0 then
                { spec with NodeSpread = 0.0 }

            if spec.SummandSpread > 0.0 then
                { spec with SummandSpread = 0.0 }

            if spec.Offset > 0.0 then
                { spec with Offset = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Networks as a claim's instances.
    let instances maxNodes maxSummands maxBlocks =
        Instances.generated (generator maxNodes maxSummands maxBlocks) shrink

/// Builders of networked operators.
[<RequireQualifiedAccess>]
module Networks =

    /// Deviations of mean zero, one a summand.
    let private deviations seed site count scale =
        let raw = Linear.gaussians seed site count
        let mean = Array.average raw
        raw |> Array.map (fun v -> scale * (v - mean))

    let private rotation (a: float) (skews: float[]) =
        Matrix.Create(
            2 * skews.Length,
            2 * skews.Length,
            fun r c ->
                if r = c then a
                elif r / 2 <> c / 2 then 0.0
                elif r < c then skews[r / 2]
                else -skews[r / 2]
        )

    /// The gossip matrix of a specification's graph.
    let gossip (spec: NetworkSpec) : Gossip =
        Gossip.ofGraph (Graphs.named spec.Graph spec.Nodes spec.Seed)

    /// The rotation blocks of a specification on given networks. The node means are (μ_m, s_m) in every block; summands
    /// deviate by numbers of mean zero.
    let on (gossip: Gossip) (changing: GossipSequence) (spec: NetworkSpec) : NetworkedOperator =
        let noise site count = Linear.gaussians spec.Seed site count

        let mus =
            let raw = noise 1 spec.Nodes |> Array.map (fun v -> abs (tanh v))
            let least = Array.min raw
            raw |> Array.map (fun v -> spec.Mu * (1.0 + spec.NodeSpread * (v - least)))

        let matrices m =
            let skews =
                noise (10 + m) spec.Blocks
                |> Array.mapi (fun j v -> spec.Skew * (0.5 ** float j) + spec.NodeSpread * v)

            let real = deviations spec.Seed (100 + m) spec.Summands spec.SummandSpread

            let imaginary =
                Array.init spec.Blocks (fun j ->
                    deviations spec.Seed (1000 + 100 * m + j) spec.Summands spec.SummandSpread)

            Array.init spec.Summands (fun i ->
                rotation (mus[m] + real[i]) (skews |> Array.mapi (fun j s -> s + imaginary[j].[i])))

        let offsets m =
            Array.init spec.Summands (fun i ->
                noise (10000 + 100 * m + i) (2 * spec.Blocks) |> Array.map ((*) spec.Offset))

        NetworkedOperator(
            $"{spec.Nodes} nodes with {spec.Summands} summands, {spec.Blocks} rotation blocks, μ = {spec.Mu:G3}",
            Array.init spec.Nodes matrices,
            Array.init spec.Nodes offsets,
            gossip,
            changing
        )

    /// The rotation blocks of a specification; where the network changes, its nodes swap places among three orders.
    let rotationBlocks (spec: NetworkSpec) : NetworkedOperator =
        let graph = Graphs.named spec.Graph spec.Nodes spec.Seed

        let changing =
            Gossip.sequence $"{graph.Name}, labels changing" (Gossip.permuted 3 spec.Seed graph)

        on (Gossip.ofGraph graph) changing spec

    /// The lower bound's chain of size m (see `Games.chain`) split between the first `group` nodes of a network and the last:
    /// with S the upper shift, each of the first holds (M/g)(c⟨x, y⟩ − c₀x_1), each of the last −(M/g)c⟨x, Sy⟩, and every node
    /// (μ/2)(‖x‖² − ‖y‖²). The mean over nodes is the chain.
    let splitChain
        (size: int)
        (mu: float)
        (c: float)
        (c0: float)
        (group: int)
        (gossip: Gossip)
        (changing: GossipSequence)
        : NetworkedOperator =
        let nodes = gossip.Nodes

        if group < 1 || 2 * group > nodes then
            invalidArg (nameof group) $"Two groups of {group} do not fit {nodes} nodes."

        let share = float nodes / float group

        // ∇_x of ⟨x, By⟩ is By, and −∇_y is −Bᵀx.
        let coupled (b: int -> int -> float) =
            Matrix.Create(
                2 * size,
                2 * size,
                fun i j ->
                    if i = j then mu
                    elif i < size && j >= size then b i (j - size)
                    elif i >= size && j < size then -(b j (i - size))
                    else 0.0
            )

        let matrix m =
            if m < group then
                coupled (fun i j -> if i = j then share * c else 0.0)
            elif m >= nodes - group then
                coupled (fun i j -> if j = i + 1 then -share * c else 0.0)
            else
                coupled (fun _ _ -> 0.0)

        let offset m =
            Array.init (2 * size) (fun i -> if i = 0 && m < group then share * c0 else 0.0)

        NetworkedOperator(
            $"chain of {size} split between the ends of {nodes} nodes, μ = {mu:G3}, c = {c:G3}",
            Array.init nodes (fun m -> [| matrix m |]),
            Array.init nodes (fun m -> [| offset m |]),
            gossip,
            changing
        )
