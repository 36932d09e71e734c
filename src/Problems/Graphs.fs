namespace Theory.Problems

open System
open Theory.Numerics

/// An undirected graph without loops.
[<NoComparison; NoEquality>]
type Graph = {
    Name: string
    /// Number of nodes.
    Nodes: int
    /// Edges (i, j) with i < j, each once.
    Edges: (int * int)[]
    /// The extreme positive eigenvalues of the Laplacian, (smallest, largest), where a closed form is known.
    Extremes: (float * float) option
}

/// Graphs that papers on decentralised methods use.
[<RequireQualifiedAccess>]
module Graphs =

    let private atLeast (least: int) (nodes: int) name =
        if nodes < least then
            invalidArg (nameof nodes) $"A {name} needs at least {least} nodes, got {nodes}."

    let private square x = x * x

    /// 1 – 2 – … – M. The Laplacian has the eigenvalues 4 sin²(πk/(2M)), k < M.
    let path (nodes: int) : Graph =
        atLeast 2 nodes "path"
        let angle = Math.PI / (2.0 * float nodes)

        {
            Name = $"path of {nodes}"
            Nodes = nodes
            Edges = Array.init (nodes - 1) (fun i -> i, i + 1)
            Extremes = Some(4.0 * square (sin angle), 4.0 * square (cos angle))
        }

    /// The path closed to a ring: eigenvalues 4 sin²(πk/M), k < M.
    let ring (nodes: int) : Graph =
        atLeast 3 nodes "ring"

        let eigenvalue k =
            4.0 * square (sin (Math.PI * float k / float nodes))

        {
            Name = $"ring of {nodes}"
            Nodes = nodes
            Edges = Array.init nodes (fun i -> min i ((i + 1) % nodes), max i ((i + 1) % nodes))
            Extremes = Some(eigenvalue 1, eigenvalue (nodes / 2))
        }

    /// A rows × columns grid: eigenvalues are sums of those of two paths.
    let grid (rows: int) (columns: int) : Graph =
        if rows < 1 || columns < 1 || rows * columns < 2 then
            invalidArg (nameof rows) $"A grid needs at least two nodes, got {rows}×{columns}."

        let largest side =
            4.0 * square (cos (Math.PI / (2.0 * float side)))

        let longest = max rows columns

        {
            Name = $"grid of {rows}×{columns}"
            Nodes = rows * columns
            Edges = [|
                for r in 0 .. rows - 1 do
                    for c in 0 .. columns - 1 do
                        if c + 1 < columns then
                            r * columns + c, r * columns + c + 1

                        if r + 1 < rows then
                            r * columns + c, (r + 1) * columns + c
            |]
            Extremes =
                Some(
                    4.0 * square (sin (Math.PI / (2.0 * float longest))),
                    (if rows = 1 then 0.0 else largest rows)
                    + (if columns = 1 then 0.0 else largest columns)
                )
        }

    /// Every node joined to `centre`: eigenvalues 0, 1 (M − 2 times) and M.
    let starAt (centre: int) (nodes: int) : Graph =
        atLeast 2 nodes "star"

        {
            Name = $"star of {nodes}"
            Nodes = nodes
            Edges = [|
                for i in 0 .. nodes - 1 do
                    if i <> centre then
                        min i centre, max i centre
            |]
            Extremes = Some((if nodes = 2 then 2.0 else 1.0), float nodes)
        }

    /// Every node joined to the first.
    let star (nodes: int) : Graph = starAt 0 nodes

    /// Every pair joined: eigenvalues 0 and M.
    let complete (nodes: int) : Graph =
        atLeast 2 nodes "complete graph"

        {
            Name = $"complete graph of {nodes}"
            Nodes = nodes
            Edges = [|
                for i in 0 .. nodes - 1 do
                    for j in i + 1 .. nodes - 1 -> i, j
            |]
            Extremes = Some(float nodes, float nodes)
        }

    /// The nodes that `from` reaches, with their distances; −1 where there is no way.
    let distances (graph: Graph) (from: int) : int[] =
        let found = Array.create graph.Nodes -1
        found[from] <- 0

        for round in 1 .. graph.Nodes - 1 do
            for i, j in graph.Edges do
                for a, b in [ i, j; j, i ] do
                    if found[a] = round - 1 && found[b] < 0 then
                        found[b] <- round

        found

    /// Is there a way between any two nodes?
    let isConnected (graph: Graph) : bool =
        distances graph 0 |> Array.forall (fun d -> d >= 0)

    /// Each pair joined with probability `chance`, drawn anew until the graph is connected.
    let erdosRenyi (nodes: int) (chance: float) (seed: int) : Graph =
        atLeast 2 nodes "random graph"

        if not (chance > 0.0 && chance <= 1.0) then
            invalidArg (nameof chance) $"The probability of an edge must lie in (0, 1], got {chance}."

        let pairs = (complete nodes).Edges

        let attempt at =
            let uniforms =
                Sampler.Uniform(DrawAddress(uint64 (uint32 seed), 0x67726170u, at, 0, 0), 1, 1, pairs.Length).ToArray()

            {
                Name = $"random graph of {nodes}, edges with probability {chance:G3}"
                Nodes = nodes
                Edges =
                    pairs
                    |> Array.indexed
                    |> Array.filter (fun (e, _) -> uniforms[e] <= chance)
                    |> Array.map snd
                Extremes = None
            }

        match Seq.init 10000 attempt |> Seq.tryFind isConnected with
        | Some graph -> graph
        | None -> invalidArg (nameof chance) $"No graph of {nodes} nodes was connected in 10,000 draws at {chance:G3}."

    /// The same graph with node i called order[i].
    let relabel (order: int[]) (graph: Graph) : Graph = {
        graph with
            Name = $"{graph.Name}, relabelled"
            Edges =
                graph.Edges
                |> Array.map (fun (i, j) -> min order[i] order[j], max order[i] order[j])
    }

    /// The graph with one more edge.
    let withEdge (i: int) (j: int) (graph: Graph) : Graph = {
        graph with
            Name = $"{graph.Name} with the edge {min i j + 1}–{max i j + 1}"
            Edges = Array.distinct (Array.append graph.Edges [| min i j, max i j |])
            Extremes = None
    }

    /// The Laplacian: degrees on the diagonal, −1 at edges.
    let laplacian (graph: Graph) : Matrix =
        let joined = Array2D.zeroCreate graph.Nodes graph.Nodes

        for i, j in graph.Edges do
            joined[i, j] <- 1.0
            joined[j, i] <- 1.0

        let degree i = Array.sum joined[i, *]
        Matrix.Create(graph.Nodes, graph.Nodes, (fun i j -> if i = j then degree i else -joined[i, j]))

    /// The names that `named` knows.
    let names = [ "path"; "ring"; "star"; "complete"; "grid"; "random" ]

    /// A graph by its kind: path, ring, star, complete, grid (two rows where the number is even) or random (each edge with
    /// probability ½). Raises ArgumentException on another name.
    let named (kind: string) (nodes: int) (seed: int) : Graph =
        match kind with
        | "path" -> path nodes
        | "ring" -> if nodes = 2 then path 2 else ring nodes
        | "star" -> star nodes
        | "complete" -> complete nodes
        | "grid" -> if nodes % 2 = 0 then grid 2 (nodes / 2) else grid 1 nodes
        | "random" -> erdosRenyi nodes 0.5 seed
        | other ->
            let known = String.concat ", " names
            invalidArg (nameof kind) $"There is no graph '{other}'; there are {known}."
