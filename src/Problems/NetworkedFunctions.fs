namespace Theory.Problems

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics

/// f = (1/M) Σ f_m, f_m at node m of a network, every f_m L-smooth and μ-strongly convex, with the oracle of the conjugates
/// f_m*. What nodes hold is stacked as workers: M × lanes × d. The gossip matrices are symmetric.
type INetworkedDual =
    inherit IFiniteSum
    /// ∇f_m*(z_m) for every node: M × lanes × d to M × lanes × d.
    abstract DualGradients: Block -> Block
    /// F*(z) − F*(z*) for z with Σ z_m = 0, F*(z) = Σ f_m*(z_m); one number a lane, without cancellation.
    abstract DualGap: Block -> Block
    /// z*, M × 1 × d: z_m* = ∇f_m(x*), whose sum vanishes.
    abstract DualSolution: Block
    /// L of every node's function.
    abstract NodeSmoothness: float
    /// μ of every node's function.
    abstract NodeStrongConvexity: float
    /// The gossip matrices, one a step.
    abstract Changing: GossipSequence
    /// Least positive eigenvalue of all gossip matrices.
    abstract SmallestPositive: float
    /// Largest eigenvalue of all gossip matrices.
    abstract LargestEigenvalue: float

/// Quadratics f_m(x) = ½(x − b_m)ᵀA_m(x − b_m) with positive definite A_m at the nodes of a network:
/// ∇f_m*(z) = A_m⁻¹z + b_m.
[<Sealed>]
type NetworkedQuadratic(quadratic: Quadratic, changing: GossipSequence) =
    let matrices = quadratic.Matrices
    let nodes = matrices.Length
    let f = quadratic :> IFiniteSum

    do
        if changing.Nodes <> nodes then
            invalidArg (nameof changing) $"{nodes} nodes need a network of as many, not {changing.Nodes}."

    let spectra =
        matrices |> Array.map (fun a -> Decompositions.SymmetricEigen(a).Values)

    let smoothness = spectra |> Array.map Seq.last |> Array.max
    let convexity = spectra |> Array.map Seq.head |> Array.min

    do
        if not (convexity > 0.0) then
            invalidArg (nameof quadratic) $"A node's function is not strongly convex: least eigenvalue {convexity:G6}."

    let inverses =
        matrices
        |> Array.map (fun a -> LinearAlgebra.Symmetrise(Decompositions.Solve(a, Matrix.Identity a.Rows)))

    let centres = Block.ofWorkers quadratic.Centres
    let dualSolution = lazy ((f.Gradients f.Minimiser).Materialise())

    let gossip =
        changing.Matrices
        |> Array.map (fun w -> Decompositions.SymmetricEigen(w).Values)

    let smallest = gossip |> Array.map (fun values -> values[1]) |> Array.min
    let largest = gossip |> Array.map Seq.last |> Array.max

    interface INetworkedDual with
        member _.DualGradients z = z.Apply inverses + centres

        // ∇F*(z*) = (x*, …, x*) is orthogonal to every z − z* with Σ z_m = 0.
        member _.DualGap z =
            let e = z - dualSolution.Value
            0.5 * Block.sum (Block.dot e (e.Apply inverses))

        member _.DualSolution = dualSolution.Value
        member _.NodeSmoothness = smoothness
        member _.NodeStrongConvexity = convexity
        member _.Changing = changing
        member _.SmallestPositive = smallest
        member _.LargestEigenvalue = largest

    interface IFiniteSum with
        member _.Count = nodes
        member _.Smoothnesses = f.Smoothnesses
        member _.Gradients x = f.Gradients x
        member _.GradientAt indices x = f.GradientAt indices x

    interface IObjective with
        member _.Value x = f.Value x
        member _.Gradient x = f.Gradient x
        member _.Minimiser = f.Minimiser
        member _.Infimum = f.Infimum
        member _.Smoothness = f.Smoothness
        member _.StrongConvexity = f.StrongConvexity

    interface IProblem with
        member _.Name = $"{f.Name}, {changing.Name}"
        member _.Dimension = f.Dimension

        member _.Constants =
            [
                Constant.exact "node L" "largest eigenvalue of the nodes' Hessians" smoothness (fun () ->
                    matrices |> Array.map Linear.largestByBisection |> Array.max)
                Constant.exact
                    "node mu + L"
                    "least eigenvalue of the nodes' Hessians, plus L"
                    (convexity + smoothness)
                    (fun () -> (matrices |> Array.map Linear.smallestByBisection |> Array.min) + smoothness)
                Constant.exact "lambda_max" "largest eigenvalue of the gossip matrices" largest (fun () ->
                    changing.Matrices |> Array.map Linear.largestByBisection |> Array.max)
                Constant.exact "lambda_min+" "least positive eigenvalue of the gossip matrices" smallest (fun () ->
                    // Twice the projection on the kernel lifts the eigenvalue 0 above the rest.
                    changing.Matrices
                    |> Array.map (fun w ->
                        LinearAlgebra.Add(w, LinearAlgebra.Scale(2.0 * largest, Mixing.consensus nodes))
                        |> Linear.smallestByBisection)
                    |> Array.min)
            ]
            @ f.Constants
            @ changing.Constants

/// Quadratics on a network by a few numbers.
[<NoComparison>]
type NetworkedQuadraticSpec = {
    /// M ≥ 2 (a ring needs 3).
    Nodes: int
    /// d ≥ 1.
    Dimension: int
    /// path, ring, star, complete, grid or random.
    Graph: string
    /// Orders of the nodes among which the network changes; 1 for a fixed one.
    Orders: int
    /// Condition number of every node's function; μ = 1.
    Kappa: float
    /// λmax of the gossip matrices, in (0, 2): they must contract.
    Scale: float
    /// Scale of the centres b_m.
    Spread: float
    Seed: int
}

/// Builders of functions at the nodes of networks.
[<RequireQualifiedAccess>]
module NetworkedFunctions =

    /// The quadratics of a specification on given graphs, one a step.
    let on (graphs: Graph[]) (spec: NetworkedQuadraticSpec) : NetworkedQuadratic =
        let matrices =
            graphs
            |> Array.map (fun g -> LinearAlgebra.Scale(spec.Scale, (Gossip.ofGraph g).Matrix))

        let quadratic =
            Quadratic.distributed {
                Workers = spec.Nodes
                Dimension = spec.Dimension
                Kappa = spec.Kappa
                Spread = spec.Spread
                Seed = spec.Seed
            }

        NetworkedQuadratic(quadratic, GossipSequence($"{graphs[0].Name}, {graphs.Length} orders", matrices, 1))

    /// The quadratics of a specification; the nodes of its graph swap places among `Orders` orders.
    let quadratics (spec: NetworkedQuadraticSpec) : NetworkedQuadratic =
        on (Gossip.permuted spec.Orders spec.Seed (Graphs.named spec.Graph spec.Nodes spec.Seed)) spec

    /// Specifications with at most the given numbers of nodes and dimensions.
    let generator maxNodes maxDimension : FsCheck.Gen<NetworkedQuadraticSpec> =
        gen {
            let! nodes = Gen.choose (2, maxNodes)
            let! dimension = Gen.choose (1, maxDimension)
            let! graph = Gen.elements Graphs.names
            let! orders = Gen.choose (1, 3)
            let! kappa = Gen.elements [ 1.0; 5.0; 20.0; 100.0 ]
            let! scale = Gen.elements [ 0.5; 1.0; 1.5 ]
            let! spread = Gen.elements [ 0.0; 1.0; 3.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Nodes = nodes
                Dimension = dimension
                Graph = graph
                Orders = orders
                Kappa = kappa
                Scale = scale
                Spread = spread
                Seed = seed
            }
        }

    /// Smaller specifications.
    let shrink (spec: NetworkedQuadraticSpec) : NetworkedQuadraticSpec seq =
        seq {
            if spec.Nodes > 2 then
                { spec with Nodes = spec.Nodes - 1 }

            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Orders > 1 then
                { spec with Orders = 1 }

            if spec.Graph <> "path" then
                { spec with Graph = "path" }

            if spec.Scale <> 1.0 then
                { spec with Scale = 1.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Specifications as a claim's instances.
    let instances maxNodes maxDimension =
        Instances.generated (generator maxNodes maxDimension) shrink
