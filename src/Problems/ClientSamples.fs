namespace Theory.Problems

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics

/// f = (1/M) Σ f_i over clients (hubs), each the mean of its own samples: f_i = (1/m) Σ_j φ_ij. Every f_i is convex.
type IClientSamples =
    inherit IStronglyConvexSum
    /// m.
    abstract Samples: int
    /// The mean of ∇φ_ij(x_i) over client i's own indices j: indices 1|M × lanes × b in [0, m), points 1|M × lanes × d;
    /// result M × lanes × d.
    abstract SampleGradients: Indices -> Block -> Block
    /// The largest smoothness constant of a φ_ij.
    abstract SampleSmoothness: float
    /// The least A″ known with (1/m) Σ_j ‖∇φ_ij(x) − ∇φ_ij(x*)‖² ≤ 2A″·D_{f_i}(x, x*) for every client.
    abstract ExpectedSmoothness: float
    /// Whether every φ_ij is convex.
    abstract ConvexSamples: bool

/// φ_ij(x) = ½(x − b_ij)ᵀA_ij(x − b_ij) with matrices[i].[j] and centres[i].[j]; the mean matrix of every client must be
/// positive definite, the A_ij need not be.
[<Sealed>]
type QuadraticSamples(name: string, matrices: Matrix[][], centres: float[][][]) =
    let clients, samples = matrices.Length, matrices[0].Length
    let d = matrices[0].[0].Rows

    let offsets =
        Array.map2
            (Array.map2 (fun (a: Matrix) (b: float[]) -> LinearAlgebra.Multiply(a, ReadOnlySpan b)))
            matrices
            centres

    /// ½xᵀAx − gᵀx as (A, its minimiser).
    let centred (a: Matrix) (g: float[]) =
        let solved = Decompositions.Solve(a, Matrix(d, 1, g))
        Array.init d (fun k -> solved[k, 0])

    let averaged (vectors: float[][]) =
        Array.init d (fun k -> vectors |> Array.averageBy (fun v -> v[k]))

    let joined name (parts: (Matrix[] * float[][])[]) =
        let means = parts |> Array.map (fst >> Linear.mean)
        let middles = parts |> Array.map (snd >> averaged)
        Quadratic(name, means, Array.map2 centred means middles)

    let mean = joined name (Array.zip matrices offsets)
    let f = mean :> IFiniteSum
    let flat = Array.concat matrices
    let rows = Matrix(clients * samples, d, offsets |> Array.collect Array.concat)

    let extremes =
        flat
        |> Array.map (fun a -> Array.ofSeq (Decompositions.SymmetricEigen(a).Values))

    let smoothness =
        extremes |> Array.map (fun v -> max (abs v[0]) (abs v[d - 1])) |> Array.max

    let squares =
        matrices
        |> Array.map (Array.map (fun a -> LinearAlgebra.Multiply(a, a)) >> Linear.mean)

    let expected =
        Array.map2
            (fun square m -> Decompositions.GeneralizedEigen(square, m, Rounding.rank).Supremum)
            squares
            mean.Matrices
        |> Array.max

    /// The same by bisection: the least t with t·A_i − (1/m) Σ A_ij² positive semidefinite for every client.
    let expectedByBisection () =
        let fits t =
            Array.forall2
                (fun square m -> Linear.smallestByBisection (Linear.combine [| t; -1.0 |] [| m; square |]) >= 0.0)
                squares
                mean.Matrices

        let rec bisect low high rounds =
            if rounds = 0 then
                high
            else
                let middle = 0.5 * (low + high)

                if fits middle then
                    bisect low middle (rounds - 1)
                else
                    bisect middle high (rounds - 1)

        bisect 0.0 (2.0 * expected) 60

    /// Sample j of client i as index i·m + j of all samples, one of each client's b at a time.
    let single (indices: Indices) at =
        let lanes = indices.Lanes

        Indices(
            clients,
            lanes,
            1,
            clients * samples,
            Array.init (clients * lanes) (fun k ->
                let i = k / lanes
                i * samples + indices.At(i, k % lanes)[at])
        )

    let gradientAt (indices: Indices) (x: Block) at =
        let own = single indices at

        // The offset's row is gathered where x lives.
        x.ApplyAt(flat, own)
        - ((Block.scalar 1.0).On x.Engine).RowCombination(rows, own)

    /// The A_ij.
    member _.Matrices = matrices
    /// The clients' f_i, up to constants.
    member _.Clients = mean

    /// (1/m) Σ_j of the means over clients: the same f, as a sum over samples.
    member _.AcrossClients: Quadratic =
        joined
            $"{name}, summed over clients"
            (Array.init samples (fun j -> matrices |> Array.map (fun a -> a[j]), offsets |> Array.map (fun b -> b[j])))

    interface IClientSamples with
        member _.Samples = samples

        member _.SampleGradients indices x =
            (Seq.init indices.Count (gradientAt indices x) |> Seq.reduce (fun a b -> a + b))
            / float indices.Count

        member _.SampleSmoothness = smoothness
        member _.ExpectedSmoothness = expected
        member _.ConvexSamples = extremes |> Array.forall (fun v -> v[0] >= 0.0)

    interface IStronglyConvexSum with
        member _.StrongConvexities = (mean :> IStronglyConvexSum).StrongConvexities

    interface IFiniteSum with
        member _.Count = clients
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
        member _.Name = name
        member _.Dimension = d

        member _.Constants =
            f.Constants
            @ [
                Constant.exact "Lsample" "largest |eigenvalue| over the A_ij" smoothness (fun () ->
                    flat |> Array.map Linear.spectralRadiusByBisection |> Array.max)
                Constant.exact
                    "A''"
                    "largest generalised eigenvalue of ((1/m) Σ_j A_ij², (1/m) Σ_j A_ij)"
                    expected
                    expectedByBisection
            ]

/// Clients with samples of their own, by a few numbers.
[<NoComparison>]
type ClientSamplesSpec = {
    /// M ≥ 1.
    Clients: int
    /// m ≥ 1.
    Samples: int
    /// d ≥ 1.
    Dimension: int
    /// Spectrum 1 … κ of every sample's Hessian, before it is scaled.
    Kappa: float
    /// "rotated": frames of their own; "scaled": one frame, sizes between ½ and 1½; "shared": one Hessian a client, so
    /// that sampling is additive noise.
    Hessians: string
    Seed: int
}

/// Builders of clients with samples.
[<RequireQualifiedAccess>]
module ClientSamples =

    let private hessian (spec: ClientSamplesSpec) i j =
        let spectrum = Linear.geometric 1.0 spec.Kappa spec.Dimension

        let rotated site =
            LinearAlgebra.FromSpectrum(Linear.rotation spec.Seed site spec.Dimension, ReadOnlySpan spectrum)

        match spec.Hessians with
        | "rotated" -> rotated (i * spec.Samples + j)
        | "shared" -> rotated i
        | "scaled" ->
            let draw = Linear.gaussians spec.Seed (3 * (i * spec.Samples + j)) 1
            let size = 1.0 + 0.5 * tanh draw[0]

            LinearAlgebra.Diagonal(spectrum |> Array.map ((*) size))
        | other -> invalidArg (nameof spec) $"Hessians are rotated, scaled or shared, not '{other}'."

    /// Quadratic samples, centres Gaussian of scale 3.
    let quadratic (spec: ClientSamplesSpec) : QuadraticSamples =
        if
            spec.Clients < 1
            || spec.Samples < 1
            || spec.Dimension < 1
            || not (spec.Kappa >= 1.0)
        then
            invalidArg
                (nameof spec)
                $"Clients, Samples, Dimension and Kappa must be at least 1; got {spec.Clients}, {spec.Samples}, {spec.Dimension}, {spec.Kappa}."

        let each f =
            Array.init spec.Clients (fun i -> Array.init spec.Samples (f i))

        let centre i j =
            Linear.gaussians spec.Seed (3 * (i * spec.Samples + j) + 1) spec.Dimension
            |> Array.map ((*) 3.0)

        QuadraticSamples(
            $"{spec.Clients} clients with {spec.Samples} samples each, d = {spec.Dimension}, κ = {spec.Kappa:G4}",
            each (hessian spec),
            each centre
        )

    /// One client in one dimension: φ_j(x) = ½a_j(x − b_j)².
    let scalar (curvatures: float list) (centres: float list) : QuadraticSamples =
        QuadraticSamples(
            $"{curvatures.Length} parabolas",
            [| curvatures |> List.map (fun a -> Matrix(1, 1, [| a |])) |> Array.ofList |],
            [| centres |> List.map (fun b -> [| b |]) |> Array.ofList |]
        )

    /// The k-th index of every worker and lane.
    let nth (indices: Indices) (k: int) : Indices =
        Indices(
            indices.Workers,
            indices.Lanes,
            1,
            indices.Bound,
            Array.init (indices.Workers * indices.Lanes) (fun at -> indices.Values[at * indices.Count + k])
        )
