/// No decentralised method is faster than the time that news take from one end of the network to the other
/// (VI-DECENTR.7).
module Theory.Algorithms.VariationalInequalities.NetworkLowerBound

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems

/// The split chain on a path, or on a star whose centre changes.
[<NoComparison>]
type SplitSpec = {
    /// M.
    Nodes: int
    /// Nodes g at each end that hold a half of the chain; 2g < M.
    Group: int
    /// dim x = dim y.
    Size: int
    Mu: float
    C: float
    /// Whether the network is a star with the nodes between the groups as centres in turn, instead of a path.
    Changing: bool
}

/// The graphs of a period.
let graphs (spec: SplitSpec) =
    if spec.Changing then
        Array.init (spec.Nodes - 2 * spec.Group) (fun k -> Graphs.starAt (spec.Group + k) spec.Nodes)
    else
        [| Graphs.path spec.Nodes |]

/// Exchanges that news need from one group to the other: D = M − 2g + 1. On the path these are the edges between them; on the
/// star a centre learns it at once and tells it a period later.
let delay (spec: SplitSpec) = spec.Nodes - 2 * spec.Group + 1

/// Leading coordinates of x after k exchanges: ⌊k/(2D)⌋ + 1.
let private reachable spec k = k / (2 * delay spec) + 1

/// The split chain on these graphs in turn.
let problem (spec: SplitSpec) (graphs: Graph[]) =
    let changing = Gossip.sequence "the network" graphs
    Networks.splitChain spec.Size spec.Mu spec.C 1.0 spec.Group (Gossip.ofGraph graphs[0]) changing

let private leading size (known: bool[]) =
    1 + Array.FindLastIndex(known[.. size - 1], id)

/// Largest number of leading coordinates over the nodes after 0 … k exchanges when every node combines all that it has in
/// any way and tells its neighbours everything.
let private flooding (f: NetworkedOperator) (graphs: Graph[]) size exchanges =
    let d = 2 * size

    let neighbours =
        Array.init f.Matrices.Length (fun m ->
            Array.init d (fun i -> [|
                for j in 0 .. d - 1 do
                    if f.Matrices[m].[0][i, j] <> 0.0 || f.Matrices[m].[0][j, i] <> 0.0 then
                        j
            |]))

    /// Closed under the pattern of the node's own matrix and its transpose: any local computation.
    let rec computed m (known: bool[]) =
        let next =
            Array.init d (fun i ->
                known[i]
                || f.Offsets[m].[0].[i] <> 0.0
                || neighbours[m].[i] |> Array.exists (fun j -> known[j]))

        if next = known then known else computed m next

    let exchange (all: bool[][]) t =
        let told = all |> Array.map Array.copy

        for i, j in graphs[t % graphs.Length].Edges do
            for c in 0 .. d - 1 do
                told[i].[c] <- told[i].[c] || all[j].[c]
                told[j].[c] <- told[j].[c] || all[i].[c]

        told |> Array.mapi computed

    let start =
        Array.init f.Matrices.Length (fun m -> computed m (Array.create d false))

    (start, Seq.init exchanges id)
    ||> Seq.scan exchange
    |> Seq.map (fun all -> all |> Array.map (leading size) |> Array.max)
    |> Array.ofSeq

/// The nodes' points after each step of a method from 0, with the exchanges made so far. Outcome k of the network is used at
/// step k: its matrices come in turn.
let private points
    (f: INetworkedOperator)
    (method: Method<INetworkedOperator, 'P, 'S, 'D>)
    (nodes: 'S -> Block)
    outcome
    steps
    =
    let p = method.Rule f
    let proc = Method.on f p method

    let exchanges k =
        proc.Cost(outcome k)
        |> List.filter (fun c -> c.Counter = Counter.GossipSteps)
        |> List.sumBy (Charge.forLane 0)
        |> int

    (((0, method.Init f p (Block.zeros 1 1 f.Dimension)), seq { 0 .. steps - 1 })
     ||> Seq.scan (fun (made, s) k ->
         let next = proc.Step (outcome k) s
         (Codec.ofTemplate next).Materialise next
         made + exchanges k, next))
    |> Seq.map (fun (made, s) -> made, nodes s)
    |> List.ofSeq

/// Every node's support and error against what k exchanges allow.
let private judged (spec: SplitSpec) (f: INetworkedOperator) name (points: (int * Block) list) =
    let solution = f.Solution.ToArray()

    let tail from =
        Seq.sum (seq { for j in from .. spec.Size - 1 -> solution[j] ** 2.0 })

    let of' (z: Block) m =
        let own = (z.Worker m).ToArray()

        1 + Array.FindLastIndex(own[.. spec.Size - 1], (fun v -> v <> 0.0)),
        Array.fold2 (fun sum a b -> sum + (a - b) ** 2.0) 0.0 own solution

    let rows = [
        for k, z in points do
            for m in 0 .. spec.Nodes - 1 do
                let support, error = of' z m
                let allowed = reachable spec k
                let label = $"{name}, node {m + 1}, {k} exchanges"

                Evidence.row Relation.AtMost 1 1 $"{label}: leading coordinates of x" (float support) (float allowed),
                Evidence.row Relation.AtLeast f.Dimension (k + 1) $"{label}: ‖z − z*‖²" error (tail allowed)
    ]

    [
        rows |> List.map fst |> Evidence.ofRows Rung.Trajectories Relation.AtMost
        rows |> List.map snd |> Evidence.ofRows Rung.Trajectories Relation.AtLeast
    ]

/// One summand, no batch to choose: the coin shows tails.
let private changingOutcome (f: INetworkedOperator) k =
    let first = Indices(f.Nodes, 1, 1, 1, Array.zeroCreate f.Nodes)
    let count = f.Changing.Matrices.Length
    (first, first, Mask.Constant false), Indices.Constant(count, k % count)

/// ⌊k/(2D)⌋ + 1 leading coordinates after k = 0 … exchanges, by any method whatever, and no fewer.
let anyMethod (spec: SplitSpec) (f: NetworkedOperator) graphs exchanges =
    flooding f graphs spec.Size exchanges
    |> Array.mapi (fun k reached ->
        Evidence.row
            Relation.Equal
            1
            1
            $"{k} exchanges, any method: leading coordinates of x"
            (float reached)
            (float (reachable spec k)))
    |> List.ofArray
    |> Evidence.ofRows Rung.Trajectories Relation.Equal

let private family (spec: SplitSpec) (change: Graph -> Graph) =
    let graphs = graphs spec |> Array.map change
    let problem = problem spec graphs
    let f = problem :> INetworkedOperator
    let steps = min 40 (2 * delay spec * (spec.Size - 1))
    let judged = judged spec f

    [
        anyMethod spec problem graphs steps
        yield!
            points f ChangingNetwork.method (fun s -> s.Z) (changingOutcome f) steps
            |> judged "Algorithm 2"

        if not spec.Changing then
            yield! points f FixedNetwork.method (fun s -> s.Z) ignore steps |> judged "Algorithm 1"

            yield!
                points f FixedNetwork.chebyshev (fun s -> s.Z) ignore (steps / 2)
                |> judged "Algorithm 1 with Chebyshev gossip"

            yield!
                points f GossipExtragradient.method (fun s -> s.Z) ignore steps
                |> judged "gossip extragradient"
    ]
    |> Pieces.all

let private standard = {
    Nodes = 4
    Group = 1
    Size = 12
    Mu = 0.1
    C = 1.0
    Changing = false
}

let private instances =
    let generator =
        gen {
            let! group = Gen.choose (1, 2)
            let! between = Gen.choose (1, 3)
            let! size = Gen.choose (4, 10)
            let! mu = Gen.elements [ 0.03; 0.1; 0.3; 1.0 ]
            let! changing = Gen.elements [ false; true ]

            return {
                Nodes = 2 * group + between
                Group = group
                Size = size
                Mu = mu
                C = 1.0
                Changing = changing
            }
        }

    let shrink (spec: SplitSpec) =
        seq {
            if spec.Size > 4 then
                {
                    spec with
                        Size = max 4 (spec.Size / 2)
                }

            if spec.Nodes > 2 * spec.Group + 1 then
                { spec with Nodes = spec.Nodes - 1 }
        }

    Instances.generated generator shrink

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-DECENTR.7"
            ClaimKind.Lower
            "chain split between the ends of a network: k exchanges reach at most ⌊k/(2D)⌋+1 leading coordinates of x at any node, D the delay between the ends, so ‖z_m − z*‖² ≥ Σ_{j>⌊k/(2D)⌋+1}(x*_j)²"
            (instances
             |> Instances.counts 1 2 20
             |> Instances.startingWith [
                 standard
                 { standard with Nodes = 5; Size = 8 }
                 {
                     standard with
                         Nodes = 5
                         Size = 8
                         Changing = true
                 }
             ])
            (fun _ spec -> family spec id) with
            Formula = @"\|z_m-z_*\|^2\ge\sum_{j>\lfloor k/(2D)\rfloor+1}(x^*_j)^2"
            Assumptions =
                "any local computations, one exchange with all neighbours a round, start 0; on a path with one node at each end D = M − 1"
            Source =
                "derived after the paper's propagation argument: a new coordinate needs news from one end to the other and back"
            Falsifiers = [
                Falsifier.check "an edge between the ends" (fun _ spec ->
                    family spec (Graphs.withEdge 0 (spec.Nodes - 1)))
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }
