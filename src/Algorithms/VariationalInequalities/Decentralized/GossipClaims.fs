/// What gossip does, for every vector on the nodes at once (VI-DECENTR.3 and .4).
module Theory.Algorithms.VariationalInequalities.GossipClaims

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

/// A graph and a number of exchanges.
[<NoComparison>]
type GossipSpec = {
    /// M.
    Nodes: int
    /// path, ring, star, complete, grid or random.
    Graph: string
    /// Exchanges T; 0 for the paper's number.
    Rounds: int
    Seed: int
}

/// What the nodes hold: one number each.
type private Held = { X: Block }

let private zero nodes = { X = Block.zeros nodes 1 1 }

let private apart (s: Held) = Block.sum s.X

let private size (s: Held) = Block.totalNormSquared s.X

let private graph (spec: GossipSpec) =
    Graphs.named spec.Graph spec.Nodes spec.Seed

let private mapping (multiply: Block -> Block) = {
    Name = "exchanges"
    Draw = Draw.none
    Step = fun () s -> { X = multiply s.X }
    Cost = fun () -> []
}

/// measure(s⁺) against bound(s) for every s of mean zero.
let private forAll nodes multiply relation (measure: Held -> Block) (bound: Held -> Block) =
    Spectral.oneStep {
        Process = mapping multiply
        Centre = zero nodes
        Keeps = Some apart
        Measure = measure
        Bound = bound
        Relation = relation
        MatchMoments = false
    }

/// The mean of what the nodes hold is 0 after a multiplication that annihilates 1, whatever they held; and consensus is
/// annihilated: the two sides of W1 = 0.
let private annihilates nodes (multiply: Block -> Block) =
    let alike (s: Held) =
        multiply (Block.repeatWorkers nodes (Block.mean s.X))

    Pieces.all [
        AffineIdentity.forEveryState (zero nodes) None (fun s -> Block.mean (multiply s.X)) (fun s ->
            0.0 * Block.mean s.X)
        AffineIdentity.forEveryState (zero nodes) None alike (fun s -> 0.0 * s.X)
    ]

// ---- VI-DECENTR.3 ----------------------------------------------------------------------------------------------

/// c = (√χ−1)/(√χ+1).
let private c (gossip: Gossip) =
    (sqrt gossip.Chi - 1.0) / (sqrt gossip.Chi + 1.0)

/// ε = 2c^T/(1 + c^{2T}).
let private epsilon gossip rounds =
    let power = c gossip ** float rounds
    2.0 * power / (1.0 + power * power)

let private roundsOf (spec: GossipSpec) gossip =
    if spec.Rounds > 0 then
        spec.Rounds
    else
        Chebyshev.rounds gossip

/// The matrix of a multiplication: one unit vector a lane.
let private matrixOf nodes (multiply: Block -> Block) =
    let units =
        Block.Own(
            Shape.Vector(nodes, nodes, 1),
            Array.init (nodes * nodes) (fun at -> if at / nodes = at % nodes then 1.0 else 0.0)
        )

    let image = (multiply units).Materialise()
    LinearAlgebra.Symmetrise(Matrix.Create(nodes, nodes, (fun i j -> image[i, j, 0])))

/// Largest over smallest eigenvalue of a multiplication on the complement of 1.
let private conditionNumber nodes (multiply: Block -> Block) =
    let values = Decompositions.SymmetricEigen(matrixOf nodes multiply).Values
    values[nodes - 1] / values[1]

let private below nodes label measured bound =
    [ Evidence.row Relation.AtMost nodes 1 label measured bound ]
    |> Evidence.ofRows Rung.Spectral Relation.AtMost

/// P_T(W): annihilates 1 and has its other eigenvalues in [1 − ε, 1 + ε]; its condition number.
let private polynomial (gossip: Gossip) rounds (multiply: Block -> Block) =
    let nodes = gossip.Nodes
    let power = c gossip ** float rounds
    let epsilon = epsilon gossip rounds

    let middle (s: Held) =
        Block.sum (Block.dot s.X (multiply s.X))

    let form relation factor =
        forAll nodes id relation middle (fun s -> factor * size s)

    Pieces.all [
        form Relation.AtMost (1.0 + epsilon)
        form Relation.AtLeast (1.0 - epsilon)
        below nodes "χ(P_T)" (conditionNumber nodes multiply) (((1.0 + power) / (1.0 - power)) ** 2.0)
    ]

/// ((1 + e⁻²)/(1 − e⁻²))², below 1.73.
let private promised = ((1.0 + exp -2.0) / (1.0 - exp -2.0)) ** 2.0

let private chebyshev (spec: GossipSpec) (rounds: int -> int) =
    let gossip = Gossip.ofGraph (graph spec)
    let t = rounds (roundsOf spec gossip)
    // The exchanges are made once for every unit vector; from then on they are a matrix.
    let multiply = Mixing.multiply (matrixOf spec.Nodes (Chebyshev.multiply gossip t))

    Pieces.all [
        annihilates spec.Nodes multiply

        if gossip.Chi > 1.0 + Rounding.certificate then
            polynomial gossip t multiply

        if spec.Rounds = 0 then
            below spec.Nodes "χ(P_T) at T = ⌈√χ⌉" (conditionNumber spec.Nodes multiply) promised

        if spec.Graph = "path" then
            [
                Evidence.row
                    Relation.Equal
                    spec.Nodes
                    spec.Nodes
                    "χ of a path"
                    gossip.Chi
                    (1.0 / tan (Math.PI / (2.0 * float spec.Nodes)) ** 2.0)
            ]
            |> Evidence.ofRows Rung.Spectral Relation.Equal
    ]

/// I − (I − W)^T.
let private power (gossip: Gossip) rounds (x: Block) =
    let rest =
        Seq.init rounds id
        |> Seq.fold (fun y _ -> (y - gossip.Multiply y).Materialise()) x

    x - rest

let private graphSpec kind nodes rounds = {
    Nodes = nodes
    Graph = kind
    Rounds = rounds
    Seed = 1
}

let private instances maxNodes maxRounds =
    let generator =
        gen {
            let! nodes = Gen.choose (3, maxNodes)
            let! kind = Gen.elements Graphs.names
            let! rounds = Gen.choose (0, maxRounds)
            let! seed = Gen.choose (0, 10000)

            return {
                Nodes = nodes
                Graph = kind
                Rounds = rounds
                Seed = seed
            }
        }

    let shrink (spec: GossipSpec) =
        seq {
            if spec.Nodes > 3 then
                { spec with Nodes = spec.Nodes - 1 }

            if spec.Graph <> "path" then
                { spec with Graph = "path" }

            if spec.Rounds > 1 then
                { spec with Rounds = spec.Rounds - 1 }
        }

    Instances.generated generator shrink

let private longPath = graphSpec "path" 30 0

let polynomialClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-DECENTR.3"
            ClaimKind.Exact
            "P_T(W) annihilates 1 and has its other eigenvalues in [1−ε, 1+ε], ε = 2c^T/(1+c^{2T}); χ(P_T) < 1.73 at T = ⌈√χ⌉; a path of M has χ = cot²(π/(2M))"
            (instances 12 6
             |> Instances.counts 2 4 30
             |> Instances.startingWith [
                 longPath
                 graphSpec "path" 5 0
                 graphSpec "ring" 12 0
                 graphSpec "star" 12 0
                 graphSpec "ring" 5 2
             ])
            (fun _ spec -> chebyshev spec id) with
            Formula = @"\chi(P_T)\le\Big(\frac{1+c^T}{1-c^T}\Big)^2,\quad c=\frac{\sqrt\chi-1}{\sqrt\chi+1}"
            Assumptions = "P_T(W) = I − T_T(((λmax+λmin⁺)I − 2W)/(λmax−λmin⁺))/T_T(a), by T exchanges"
            Source = "derived: |T_T| ≤ 1 on [−1, 1] and T_T(a) = (c^{-T} + c^T)/2"
            Falsifiers = [
                Falsifier.check "T = ⌈√χ⌉/2" (fun _ spec ->
                    let gossip = Gossip.ofGraph (graph spec)

                    below
                        spec.Nodes
                        "χ(P_T) at half of the exchanges"
                        (conditionNumber spec.Nodes (Chebyshev.multiply gossip (max 1 (Chebyshev.rounds gossip / 2))))
                        promised)
                Falsifier.check "the power I − (I − W)^T in place of P_T" (fun _ spec ->
                    let gossip = Gossip.ofGraph (graph spec)
                    let t = roundsOf spec gossip
                    polynomial gossip t (Mixing.multiply (matrixOf spec.Nodes (power gossip t))))
            ]
            Tight =
                Some {
                    Instance = longPath
                    AtLeast = 0.999999
                }
    }

// ---- VI-DECENTR.4 ----------------------------------------------------------------------------------------------

/// ‖Π(I − W^{(t)})x‖² ≤ (1 − 1/χ)^{2T}‖x‖² for x ⟂ 1 and any x keeps its mean; T = ⌈(χ/2) ln(1/ρ)⌉ exchanges give ρ.
let private averages (graphs: Graph[]) chi rounds rho =
    let nodes = graphs[0].Nodes

    // Not `Gossip.ofGraph`, which refuses what is not connected.
    let multiplications =
        graphs
        |> Array.map (fun g ->
            let l = Graphs.laplacian g
            Mixing.multiply (LinearAlgebra.Scale(1.0 / Decompositions.SymmetricEigen(l).Values[nodes - 1], l)))

    let advance count (x: Block) =
        Seq.init count (fun t -> multiplications[t % multiplications.Length])
        |> Seq.fold (fun (y: Block) multiply -> (y - multiply y).Materialise()) x

    let factor = (1.0 - 1.0 / chi) ** (2.0 * float rounds)
    let enough = int (ceil (chi / 2.0 * log (1.0 / rho)))

    Pieces.all [
        forAll nodes (advance rounds) Relation.AtMost size (fun s -> factor * size s)
        forAll nodes (advance enough) Relation.AtMost size (fun s -> rho * size s)
        AffineIdentity.forEveryState (zero nodes) None (fun s -> Block.mean (advance rounds s.X)) (fun s ->
            Block.mean s.X)
    ]

let private changing (spec: GossipSpec) (change: Graph[] -> Graph[]) rounds =
    let own = graph spec
    let graphs = Gossip.permuted 3 spec.Seed own |> change
    averages graphs (Gossip.ofGraph own).Chi rounds 0.2

/// A graph that does not change: exact, by its slowest eigenvector.
let private constant (spec: GossipSpec) rounds =
    changing spec (fun all -> [| all[0] |]) rounds

let private path4 = graphSpec "path" 4 3

/// The graph without the edges of its first node.
let private isolated (g: Graph) = {
    g with
        Edges = g.Edges |> Array.filter (fun (i, _) -> i > 0)
        Extremes = None
}

let multistepClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-DECENTR.4"
            ClaimKind.Sure
            "gossip over changing graphs: ‖Π_{t≤T}(I − W^{(t)})x‖² ≤ (1 − 1/χ)^{2T}‖x‖² for x ⟂ 1, means are kept, and T = ⌈(χ/2) ln(1/ρ)⌉ gives ρ"
            (instances 8 6
             |> Instances.counts 2 4 30
             |> Instances.startingWith [ path4; graphSpec "ring" 5 4; graphSpec "star" 6 4 ])
            (fun _ spec ->
                let t = max 1 spec.Rounds
                Pieces.all [ changing spec id t; constant spec t ]) with
            Formula = @"\Big\|\prod_{t\le T}(I-W^{(t)})x\Big\|^2\le(1-1/\chi)^{2T}\|x\|^2"
            Assumptions =
                "x ⟂ 1, each W^{(t)} ⪰ 0 with λmax = 1 and λmin⁺ ≥ 1/χ: ‖I − W^{(t)}‖ = 1 − 1/χ on the complement of 1"
            Source = "derived: submultiplicativity"
            // A complete graph averages in one exchange, where 0 ≤ 0 says nothing.
            Valid = fun spec -> (Gossip.ofGraph (graph spec)).Chi > 1.0 + Rounding.certificate
            Falsifiers = [
                Falsifier.check "a disconnected graph, T = 1" (fun _ spec ->
                    changing spec (fun all -> [| isolated all[0] |]) 1)
                Falsifier.check "(1 − 1/χ)^{3T}" (fun _ spec ->
                    let own = graph spec
                    let gossip = Gossip.ofGraph own
                    let t = max 1 spec.Rounds

                    forAll own.Nodes (fun x -> x - power gossip t x) Relation.AtMost size (fun s ->
                        (1.0 - 1.0 / gossip.Chi) ** (3.0 * float t) * size s))
            ]
            Tight = Some { Instance = path4; AtLeast = 0.999999 }
    }
