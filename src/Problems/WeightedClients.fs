namespace Theory.Problems

open System
open Theory
open Theory.Numerics

/// f = Σ_i w_i f_i over n clients, Σ w_i = 1, where client i holds N_i samples: f_i = (1/N_i) Σ_j f_ij.
type IWeightedClients =
    inherit IObjective
    /// N_1 … N_n.
    abstract Sizes: int[]
    /// w_1 … w_n.
    abstract Weights: float[]
    /// ∇f_i(x) of every client: points 1 × lanes × d or n × lanes × d; result n × lanes × d.
    abstract ClientGradients: Block -> Block
    /// Mean of ∇f_ij(x) over the lane's own samples j of one client: 1 × lanes × d.
    abstract SampleGradient: client: int -> samples: Indices -> x: Block -> Block
    /// L_i of the f_i.
    abstract ClientSmoothnesses: float[]
    /// max_j L_ij of each client's samples.
    abstract SampleSmoothnesses: float[]
    /// The largest μ ≥ 0 with every f_ij μ-strongly convex; 0 also where some f_ij is not convex.
    abstract SampleConvexity: float

/// Quadratic samples f_ij(x) = ½(x − b_ij)ᵀA_ij(x − b_ij) with symmetric A_ij (matrices[i].[j]) of any sign around a positive
/// definite Σ_i w_i (1/N_i) Σ_j A_ij; w_i = N_i/ΣN. Shifted by a constant so that inf f = 0.
[<Sealed>]
type WeightedClients(name: string, matrices: Matrix[][], centres: float[][][]) =
    let n = matrices.Length
    let d = matrices[0].[0].Rows
    let sizes = matrices |> Array.map Array.length

    do
        if
            centres.Length <> n
            || Array.exists2 (fun (b: float[][]) size -> b.Length <> size) centres sizes
        then
            invalidArg (nameof centres) $"{n} clients need a centre for every one of their samples."

    let weights = sizes |> Array.map (fun size -> float size / float (Array.sum sizes))

    let clients =
        Array.init n (fun i ->
            let offsets =
                Array.map2
                    (fun (a: Matrix) (b: float[]) -> LinearAlgebra.Multiply(a, ReadOnlySpan b))
                    matrices[i]
                    centres[i]

            AffineOperator($"gradients of client {i}", matrices[i], offsets, []))

    let means = clients |> Array.map (fun c -> c.Mean)

    let offsetOf (client: AffineOperator) =
        Array.init d (fun j -> client.Offsets |> Array.averageBy (fun v -> v[j]))

    let meanOffsets = clients |> Array.map offsetOf
    let hessian = LinearAlgebra.Symmetrise(Linear.combine weights means)
    let spectrum = Array.ofSeq (Decompositions.SymmetricEigen(hessian).Values)

    do
        if not (spectrum[0] > 0.0) then
            invalidArg (nameof matrices) $"f must be strongly convex; its Hessian has the eigenvalue {spectrum[0]:G6}."

    let minimiser =
        let total =
            Array.init d (fun j -> Seq.sum (Seq.init n (fun i -> weights[i] * meanOffsets[i].[j])))

        Block.vector (Decompositions.Solve(hessian, Matrix(d, 1, total)).Values.ToArray())

    let shifts = Block.ofWorkers meanOffsets

    let size (a: Matrix) =
        let values = Decompositions.SymmetricEigen(a).Values
        max (abs values[0]) (abs values[d - 1])

    let sampleSizes = matrices |> Array.map (Array.map size >> Array.max)
    let clientSizes = means |> Array.map size

    let least =
        matrices
        |> Seq.concat
        |> Seq.map (fun a -> Decompositions.SymmetricEigen(a).Values[0])
        |> Seq.min

    /// The A_ij.
    member _.Matrices = matrices
    /// ∇²f.
    member _.HessianMatrix = hessian

    interface IWeightedClients with
        member _.Sizes = sizes
        member _.Weights = weights
        member _.ClientGradients x = x.Apply means - shifts

        member _.SampleGradient client samples x =
            (clients[client] :> IFiniteSumOperator).OperatorAt samples x

        member _.ClientSmoothnesses = clientSizes
        member _.SampleSmoothnesses = sampleSizes
        member _.SampleConvexity = max least 0.0

    interface IObjective with
        member _.Value x =
            let e = x - minimiser
            0.5 * Block.dot e (e.Apply hessian)

        member _.Gradient x = (x - minimiser).Apply hessian
        member _.Minimiser = minimiser
        member _.Infimum = 0.0
        member _.Smoothness = spectrum[d - 1]
        member _.StrongConvexity = spectrum[0]

    interface IProblem with
        member _.Name = name
        member _.Dimension = d

        member _.Constants = [
            Constant.exact "L" "largest eigenvalue of the Hessian" spectrum[d - 1] (fun () ->
                Linear.largestByBisection hessian)
            Constant.exact "mu + L" "extreme eigenvalues of the Hessian" (spectrum[0] + spectrum[d - 1]) (fun () ->
                Linear.smallestByBisection hessian + Linear.largestByBisection hessian)
            Constant.exact
                "Lclient"
                "largest |eigenvalue| over the clients' mean Hessians"
                (Array.max clientSizes)
                (fun () -> means |> Array.map Linear.spectralRadiusByBisection |> Array.max)
            Constant.exact "Lmax" "largest |eigenvalue| over the A_ij" (Array.max sampleSizes) (fun () ->
                matrices |> Seq.concat |> Seq.map Linear.spectralRadiusByBisection |> Seq.max)
        ]
