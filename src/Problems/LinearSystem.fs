namespace Theory.Problems

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics

/// A x = b with A of m rows and d columns, consistent or not, as the least squares f(x) = (1/m) Σ ½(⟨a_i, x⟩ − b_i)².
/// Its solution is the least-squares solution of least norm, x_LS = A⁺b, with residual r = b − A x_LS.
[<Sealed>]
type LinearSystem(name: string, matrix: Matrix, rhs: float[]) =
    let m, d = matrix.Rows, matrix.Columns

    do
        if rhs.Length <> m then
            invalidArg (nameof rhs) $"{m} rows need {m} right-hand sides, got {rhs.Length}."

    let svd = Decompositions.Svd matrix
    let threshold = 1e-12 * svd.Values[0]
    let positive = svd.Values |> Seq.filter (fun s -> s > threshold) |> Array.ofSeq
    let smallest = positive[positive.Length - 1]

    let solution =
        LinearAlgebra.Multiply(Decompositions.PseudoInverse(matrix, 1e-12), ReadOnlySpan rhs)

    let minimiser = Block.vector solution

    let residual =
        Array.map2 (-) rhs (LinearAlgebra.Multiply(matrix, ReadOnlySpan solution))

    let residualSquared =
        let square = residual |> Array.sumBy (fun v -> v * v)
        let scale = rhs |> Array.sumBy (fun v -> v * v)
        // Below rounding the system is consistent.
        if square <= Rounding.identity (float (m * d)) (sqrt scale) ** 2.0 then
            0.0
        else
            square

    let rowNorms =
        Array.init m (fun i -> Seq.sum (Seq.init d (fun j -> matrix[i, j] * matrix[i, j])))

    let frobenius = Array.sum rowNorms
    let gram = LinearAlgebra.Multiply(matrix.Transpose(), matrix)
    let all = Indices.Constant(m, Array.init m id)
    let column values = Matrix(m, 1, values)
    // One on the engine of x: right-hand sides are gathered there.
    let one (x: Block) = (Block.scalar 1.0).On x.Engine
    let targets, norms = column (Array.copy rhs), column rowNorms

    /// A.
    member _.Matrix = matrix
    /// b.
    member _.RightHandSide = rhs
    /// ‖r‖² with r = b − A x_LS; 0 for a consistent system.
    member _.ResidualSquared = residualSquared
    /// ‖A‖_F².
    member _.FrobeniusSquared = frobenius
    /// ‖a_i‖² for every row.
    member _.RowNormsSquared = rowNorms
    /// σ²min⁺: the square of the smallest singular value that is not zero.
    member _.SmallestPositiveSquared = smallest * smallest
    /// The rank of A.
    member _.Rank = positive.Length
    /// Orthonormal vectors that span the null space of A.
    member _.Kernel = Decompositions.NullSpace(matrix, 1e-12)

    /// ⟨a_i, x⟩ − b_i for each of the lane's own rows: 1 × lanes × count.
    member _.Residuals (rows: Indices) (x: Block) : Block =
        x.RowDots(matrix, rows) - (one x).RowDots(targets, rows)

    /// Σ_j c_j a_{i_j}/‖a_{i_j}‖² over the lane's own rows: 1 × lanes × d.
    member _.AlongRows (rows: Indices) (coefficients: Block) : Block =
        (coefficients / (one coefficients).RowDots(norms, rows)).RowCombination(matrix, rows)

    interface IFiniteSum with
        member _.Count = m
        member _.Smoothnesses = rowNorms

        member this.Gradients x =
            let summand i =
                let row = Indices.Constant(m, [| i |])
                let own = if x.Workers = 1 then x else x.Worker i
                (this.Residuals row own).RowCombination(matrix, row)

            Block.ConcatWorkers(Array.init m summand)

        member this.GradientAt indices x =
            (this.Residuals indices x).RowCombination(matrix, indices) / float indices.Count

    interface IObjective with
        member this.Value x =
            0.5 / float m * Block.normSquared (this.Residuals all x)

        member this.Gradient x =
            (this.Residuals all x).RowCombination(matrix, all) / float m

        member _.Minimiser = minimiser
        member _.Infimum = 0.5 / float m * residualSquared
        member _.Smoothness = svd.Values[0] * svd.Values[0] / float m

        member _.StrongConvexity =
            if positive.Length = d then
                smallest * smallest / float m
            else
                0.0

    interface IProblem with
        member _.Name = name
        member _.Dimension = d

        member _.Constants = [
            Constant.exact "L" "σmax(A)²/m" (svd.Values[0] * svd.Values[0] / float m) (fun () ->
                Linear.largestByBisection gram / float m)
            Constant.exact "||A||_F^2" "sum of the squared rows" frobenius (fun () -> LinearAlgebra.Trace gram)
            // On the range of Aᵀ the smallest eigenvalue of AᵀA + (kernel projection)·L is σ²min⁺.
            Constant.exact "L + sigma_min+^2" "singular values" (svd.Values[0] ** 2.0 + smallest * smallest) (fun () ->
                let top = svd.Values[0] ** 2.0

                let lifted =
                    Decompositions.NullSpace(matrix, 1e-12)
                    |> Seq.fold
                        (fun (g: Matrix) v -> LinearAlgebra.Combine(1.0, g, top, LinearAlgebra.Outer(v, v)))
                        gram

                Linear.smallestByBisection lifted + top)
            // The normal equations: Aᵀr = 0.
            Constant.exact "1 + ||A^T r||" "normal equations of the solution" 1.0 (fun () ->
                1.0
                + LinearAlgebra.Norm(ReadOnlySpan(LinearAlgebra.Multiply(matrix.Transpose(), ReadOnlySpan residual))))
        ]

/// A linear system described by a few numbers.
[<NoComparison>]
type LinearSystemSpec = {
    /// m ≥ 1.
    Rows: int
    /// d ≥ 1.
    Dimension: int
    /// Ratio of the largest to the smallest nonzero singular value; 1 makes them all equal.
    Kappa: float
    /// Rank of A: at most min(m, d).
    Rank: int
    /// Norm of the residual of the least-squares solution; 0 for a consistent system.
    Residual: float
    Seed: int
}

/// Builders of linear systems.
[<RequireQualifiedAccess>]
module LinearSystem =

    let private columns (matrix: Matrix) count =
        Matrix.Create(matrix.Rows, count, (fun i j -> matrix[i, j]))

    /// A with the given rank, singular values geometric from 1/κ to 1 in random frames, a random solution in the range of
    /// Aᵀ, and a residual of the given norm orthogonal to the range of A (where m exceeds the rank).
    let random (spec: LinearSystemSpec) : LinearSystem =
        if
            spec.Rank < 1
            || spec.Rank > min spec.Rows spec.Dimension
            || not (spec.Kappa >= 1.0)
        then
            invalidArg
                (nameof spec)
                $"A system of {spec.Rows}×{spec.Dimension} needs 1 ≤ rank ≤ min(m, d) and κ ≥ 1; got rank {spec.Rank}, κ = {spec.Kappa}."

        let left = Linear.rotation spec.Seed 0 spec.Rows
        let right = Linear.rotation spec.Seed 1 spec.Dimension
        let values = Linear.geometric (1.0 / spec.Kappa) 1.0 spec.Rank

        let matrix =
            LinearAlgebra.Product(
                ReadOnlySpan [|
                    columns left spec.Rank
                    LinearAlgebra.Diagonal values
                    (columns right spec.Rank).Transpose()
                |]
            )

        let solution =
            LinearAlgebra.Multiply(columns right spec.Rank, ReadOnlySpan(Linear.gaussians spec.Seed 2 spec.Rank))

        let image = LinearAlgebra.Multiply(matrix, ReadOnlySpan solution)

        // A column of the left frame beyond the rank is orthogonal to the range of A.
        let rhs =
            if spec.Rank < spec.Rows then
                image |> Array.mapi (fun i v -> v + spec.Residual * left[i, spec.Rank])
            else
                image

        LinearSystem(
            $"linear system {spec.Rows}×{spec.Dimension} of rank {spec.Rank}, ‖r‖ = {spec.Residual:G3}",
            matrix,
            rhs
        )

    /// Specifications with at most the given numbers of rows and columns.
    let generator maxRows maxDimension : FsCheck.Gen<LinearSystemSpec> =
        gen {
            let! dimension = Gen.choose (1, maxDimension)
            let! rows = Gen.choose (1, maxRows)
            let! rank = Gen.choose (1, min rows dimension)
            let! kappa = Gen.elements [ 1.0; 2.0; 5.0; 10.0 ]
            let! residual = Gen.elements [ 0.0; 0.0; 0.1; 1.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Rows = rows
                Dimension = dimension
                Kappa = kappa
                Rank = rank
                Residual = if rank < rows then residual else 0.0
                Seed = seed
            }
        }

    /// Smaller specifications.
    let shrink (spec: LinearSystemSpec) : LinearSystemSpec seq =
        seq {
            // A residual needs a row beyond the rank.
            if spec.Rows > spec.Rank + 1 || (spec.Rows > spec.Rank && spec.Residual = 0.0) then
                { spec with Rows = spec.Rows - 1 }

            if spec.Dimension > spec.Rank then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Rank > 1 then
                { spec with Rank = spec.Rank - 1 }

            if spec.Residual > 0.0 then
                { spec with Residual = 0.0 }

            if spec.Kappa > 1.0 then
                { spec with Kappa = 1.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Generated specifications, as a claim's instances.
    let instances maxRows maxDimension : Instances<LinearSystemSpec> =
        Instances.generated (generator maxRows maxDimension) shrink
