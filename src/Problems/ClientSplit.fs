namespace Theory.Problems

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics

/// A split whose r = (1/M) Σ f_m is a finite sum over clients that can be asked one by one. The server's q is one of the f_m
/// or a proxy of its own; p = r − q.
type IClientSplit =
    inherit IFiniteSum
    inherit ISplit
    /// The least ζ² with (1/M) Σ ‖∇f_m(x) − ∇r(x)‖² ≤ ζ² for every x: infinite unless the ∇f_m differ by constants.
    abstract GradientSpread: float

/// Quadratic clients around the minimiser of their mean, f_m = ½eᵀA_m e + ⟨g_m, e⟩ with e = x − x* and Σ g_m = 0, and a split
/// of their mean: its H_p + H_q must be (1/M) Σ A_m. δ = ‖∇²r − ∇²q‖ is L_p.
[<Sealed>]
type ClientSplit(split: QuadraticSplit, hessians: Matrix[], gradients: float[][]) =
    let s = split :> ISplit

    // The gradients as functions of e.
    let field =
        AffineOperator("gradients", hessians, gradients |> Array.map (Array.map (~-)), [])

    let each = field :> IFiniteSumOperator

    let apart =
        hessians
        |> Array.map (fun a -> LinearAlgebra.MaxAbs(LinearAlgebra.Subtract(a, split.Sum)))
        |> Array.max

    let spread =
        if apart > 1e-12 * s.Smoothness then
            infinity
        else
            gradients |> Array.averageBy (Array.sumBy (fun v -> v * v))

    /// p and q.
    member _.Split = split
    /// The A_m.
    member _.Hessians = hessians

    interface IClientSplit with
        member _.GradientSpread = spread

    interface IFiniteSum with
        member _.Count = hessians.Length
        member _.Smoothnesses = field.Lipschitzes
        member _.Gradients x = each.Operators(x - s.Minimiser)

        member _.GradientAt indices x =
            each.OperatorAt indices (x - s.Minimiser)

    interface ISplit with
        member _.GradientP x = s.GradientP x
        member _.GradientQ x = s.GradientQ x
        member _.ProxQ theta x = s.ProxQ theta x
        member _.SmoothnessP = s.SmoothnessP
        member _.SmoothnessQ = s.SmoothnessQ

    interface IObjective with
        member _.Value x = s.Value x
        member _.Gradient x = s.Gradient x
        member _.Minimiser = s.Minimiser
        member _.Infimum = 0.0
        member _.Smoothness = s.Smoothness
        member _.StrongConvexity = s.StrongConvexity

    interface IProblem with
        member _.Name = $"{hessians.Length} clients and a server, δ = {s.SmoothnessP:G4}"
        member _.Dimension = s.Dimension
        member _.Constants = s.Constants

/// Clients and a server by a few numbers.
[<NoComparison>]
type ClientSplitSpec = {
    /// M ≥ 1.
    Clients: int
    /// d ≥ 1.
    Dimension: int
    /// Least eigenvalue of ∇²r.
    Mu: float
    /// δ = ‖∇²r − ∇²q‖, larger where r would else have more than μ.
    Delta: float
    /// Largest eigenvalue of ∇²q before it is shifted.
    Stiffness: float
    /// How far the clients' Hessians lie from their mean; with 0 their gradients differ by constants.
    Deviation: float
    /// Scale of the differences of the clients' gradients.
    Spread: float
    Seed: int
}

/// Builders of clients with a server.
[<RequireQualifiedAccess>]
module ClientSplit =

    /// Clients whose mean has the Hessian of a split and whose own Hessians lie around it; q is the split's.
    let proxy (spec: ClientSplitSpec) : ClientSplit =
        if spec.Clients < 1 then
            invalidArg (nameof spec) $"There must be a client; got {spec.Clients}."

        let split =
            Splits.quadratic {
                Dimension = spec.Dimension
                Mu = spec.Mu
                SmoothnessP = spec.Delta
                SmoothnessQ = spec.Stiffness
                Commuting = false
                Spread = spec.Spread
                Seed = spec.Seed
            }

        let d, m = spec.Dimension, spec.Clients

        let raw =
            Array.init m (fun i ->
                LinearAlgebra.Symmetrise(
                    Matrix(d, d, Linear.gaussians spec.Seed (20 + i) (d * d) |> Array.map ((*) spec.Deviation))
                ))

        let drift = Linear.mean raw

        let hessians =
            raw
            |> Array.map (fun e -> Linear.combine [| 1.0; 1.0; -1.0 |] [| split.Sum; e; drift |])

        let gradients =
            Array.init m (fun i -> Linear.gaussians spec.Seed (50 + i) d |> Array.map ((*) spec.Spread))

        let middle = Array.init d (fun j -> gradients |> Array.averageBy (fun g -> g[j]))
        ClientSplit(split, hessians, gradients |> Array.map (fun g -> Array.map2 (-) g middle))

    /// The server holds the first client's function, which must be convex.
    let firstClient (clients: Quadratic) : ClientSplit =
        let f = clients :> IFiniteSum
        let server = clients.Matrices[0]
        let gradients = Block.rows (f.Gradients f.Minimiser)

        let split =
            QuadraticSplit(
                "a mean and its first function",
                LinearAlgebra.Subtract(clients.Mean, server),
                server,
                f.Minimiser.ToArray(),
                gradients[0] |> Array.map (~-)
            )

        ClientSplit(split, clients.Matrices, gradients)

    /// Specifications with up to the given numbers of clients and dimensions; deviations to choose from.
    let generator maxClients maxDimension (deviations: float list) : FsCheck.Gen<ClientSplitSpec> =
        gen {
            let! clients = Gen.choose (2, max 2 maxClients)
            let! dimension = Gen.choose (1, maxDimension)
            let! mu = Gen.elements [ 0.01; 0.1; 0.3 ]
            let! delta = Gen.elements [ 0.3; 1.0 ]
            let! stiffness = Gen.elements [ 0.0; 3.0; 30.0 ]
            let! deviation = Gen.elements deviations
            let! seed = Gen.choose (0, 10000)

            return {
                Clients = clients
                Dimension = dimension
                Mu = mu
                Delta = delta
                Stiffness = stiffness
                Deviation = deviation
                Spread = 1.0
                Seed = seed
            }
        }

    /// Smaller specifications.
    let shrink (spec: ClientSplitSpec) : ClientSplitSpec seq =
        seq {
            if spec.Clients > 2 then
                { spec with Clients = spec.Clients - 1 }

            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Stiffness > 0.0 then
                { spec with Stiffness = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Specifications as a claim's instances.
    let instances maxClients maxDimension deviations : Instances<ClientSplitSpec> =
        Instances.generated (generator maxClients maxDimension deviations) shrink
