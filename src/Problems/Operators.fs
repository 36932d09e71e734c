namespace Theory.Problems

open Theory
open Theory.Numerics

/// Operators whose summands are affine, by their matrices.
type IAffineSum =
    /// The A_i.
    abstract Matrices: Matrix[]

/// F = (1/n) Σ F_i with F_i(z) = A_i z − b_i. The mean Ā must be invertible with a positive semidefinite symmetric part;
/// the A_i may be anything. `second` gives closed forms of constants by symbol, where the instance has them: they are
/// then the certificates' second computation.
[<Sealed>]
type AffineOperator(name: string, matrices: Matrix[], offsets: float[][], second: (string * (unit -> float)) list) =
    let n = matrices.Length
    let d = matrices[0].Rows

    do
        if offsets.Length <> n || offsets |> Array.exists (fun b -> b.Length <> d) then
            invalidArg (nameof offsets) $"{n} matrices of size {d} need {n} offsets of dimension {d}."

        for a in matrices do
            if a.Rows <> d || a.Columns <> d then
                invalidArg (nameof matrices) $"A matrix is {a.Rows}×{a.Columns}; all must be {d}×{d}."

    let mean = Linear.mean matrices
    let symmetric = LinearAlgebra.Symmetrise mean

    let gram (a: Matrix) =
        LinearAlgebra.Multiply(a.Transpose(), a)

    let root v = sqrt (max v 0.0)

    let top (a: Matrix) =
        Decompositions.SymmetricEigen(a).Values[a.Rows - 1]

    let deviations =
        lazy (matrices |> Array.map (fun a -> LinearAlgebra.Subtract(a, mean)))

    let meanGram = lazy (Linear.mean (matrices |> Array.map gram))
    let deviationGram = lazy (Linear.mean (deviations.Value |> Array.map gram))
    let lipschitz = lazy (root (top (gram mean)))
    let smallest = lazy (Decompositions.SymmetricEigen(symmetric).Values[0])

    let monotonicity =
        lazy
            (if smallest.Value < -1e-10 * lipschitz.Value then
                 invalidOp
                     $"The mean operator is not monotone: its symmetric part has the eigenvalue {smallest.Value:G6}."
             else
                 max smallest.Value 0.0)

    let meanSquare = lazy (root (top meanGram.Value))
    let similarity = lazy (root (top deviationGram.Value))

    let meanOffset =
        Array.init d (fun j -> (offsets |> Array.sumBy (fun v -> v[j])) / float n)

    let solution =
        Decompositions.Solve(mean, Matrix(d, 1, Array.copy meanOffset)).Values.ToArray()

    let point = Block.vector solution
    let shifts = Block.ofWorkers offsets
    let meanShift = Block.vector meanOffset

    let certified symbol certificate value (otherwise: unit -> float) =
        let way = second |> List.tryFind (fun (s, _) -> s = symbol) |> Option.map snd
        Constant.exact symbol certificate value (Option.defaultValue otherwise way)

    /// The A_i.
    member _.Matrices = matrices
    /// Ā = (1/n) Σ A_i.
    member _.Mean = mean
    /// The b_i.
    member _.Offsets = offsets
    /// The symmetric part of Ā.
    member _.SymmetricPart = symmetric
    /// The skew part of Ā.
    member _.SkewPart = LinearAlgebra.Subtract(mean, symmetric)
    /// The least L̄ with (1/n) Σ ‖F_i(u) − F_i(v)‖² ≤ L̄²‖u − v‖².
    member _.MeanSquareLipschitz = meanSquare.Value
    /// The least δ with (1/n) Σ ‖(F_i − F)(u) − (F_i − F)(v)‖² ≤ δ²‖u − v‖².
    member _.Similarity = similarity.Value
    /// The Lipschitz constants L_i of the F_i.
    member _.Lipschitzes = matrices |> Array.map (fun a -> root (top (gram a)))

    /// The least ℓ with ‖F(u) − F(v)‖² ≤ ℓ⟨F(u) − F(v), u − v⟩; infinite for a game without a symmetric part.
    member _.Cocoercivity =
        if LinearAlgebra.MaxAbs symmetric = 0.0 then
            infinity
        else
            Decompositions.GeneralizedEigen(gram mean, symmetric, 1e-12).Supremum

    /// The least ℓ̂ with (1/n) Σ ‖F_i(z) − F_i(z*)‖² ≤ ℓ̂⟨F(z), z − z*⟩.
    member _.AveragedCocoercivity =
        if LinearAlgebra.MaxAbs symmetric = 0.0 then
            infinity
        else
            Decompositions.GeneralizedEigen(meanGram.Value, symmetric, 1e-12).Supremum

    interface IAffineSum with
        member _.Matrices = matrices

    interface IFiniteSumOperator with
        member _.Count = n
        member _.Operators z = z.Apply matrices - shifts

        member _.OperatorAt indices z =
            let one j =
                let own =
                    if indices.Count = 1 then
                        indices
                    else
                        let values =
                            Array.init (indices.Workers * indices.Lanes) (fun at ->
                                indices.Values[at * indices.Count + j])

                        Indices(indices.Workers, indices.Lanes, 1, indices.Bound, values)

                // Host values go where z lives.
                let there = shifts.On z.Engine

                z.ApplyAt(matrices, own)
                - there.RepeatLanes(max z.Lanes own.Lanes).PickWorkers own

            (Seq.init indices.Count one |> Seq.reduce (fun a b -> a + b))
            / float indices.Count

    interface IJacobianOperator with
        member _.JacobianVector _ v = v.Apply mean

    interface IOperator with
        member _.Operator z = z.Apply mean - meanShift
        member _.Solution = point
        member _.Lipschitz = lipschitz.Value
        member _.Monotonicity = monotonicity.Value

    interface IProblem with
        member _.Name = name
        member _.Dimension = d

        member _.Constants = [
            certified "L" "largest singular value of the mean matrix" lipschitz.Value (fun () ->
                root (Linear.largestByBisection (gram mean)))
            // Relative to L: a vanishing μ has no relative accuracy of its own.
            certified
                "mu + L"
                "least eigenvalue of the symmetric part of the mean, plus L"
                (monotonicity.Value + lipschitz.Value)
                (fun () ->
                    max (Linear.smallestByBisection symmetric) 0.0
                    + root (Linear.largestByBisection (gram mean)))
            certified "Lbar" "√λmax((1/n) Σ A_iᵀA_i)" meanSquare.Value (fun () ->
                root (Linear.largestByBisection meanGram.Value))
            if n > 1 then
                certified
                    "delta + Lbar"
                    "√λmax((1/n) Σ (A_i − Ā)ᵀ(A_i − Ā)), plus Lbar"
                    (similarity.Value + meanSquare.Value)
                    (fun () ->
                        root (Linear.largestByBisection deviationGram.Value)
                        + root (Linear.largestByBisection meanGram.Value))
        ]

/// A bilinear game min_x max_y (x − x*)ᵀB(y − y*) on z = (x, y): F(z) = (B(y − y*), −Bᵀ(x − x*)). Two products with B and
/// Bᵀ instead of one with a matrix of twice the size.
[<Sealed>]
type BilinearGame(name: string, b: Matrix, saddle: float[]) =
    let dx, dy = b.Rows, b.Columns

    do
        if saddle.Length <> dx + dy then
            invalidArg (nameof saddle) $"A {dx}×{dy} game has a saddle of dimension {dx + dy}, not {saddle.Length}."

    let svd = lazy (Decompositions.Svd b)
    let negatedTranspose = LinearAlgebra.Scale(-1.0, b.Transpose())
    let point = Block.vector saddle

    let linear (z: Block) =
        Block.ConcatDimension(z.SliceDimension(dx, dy).Apply b, z.SliceDimension(0, dx).Apply negatedTranspose)

    // As host values, which meet blocks of any engine.
    let shift = Block.vector ((linear point).ToArray())
    let value z = linear z - shift
    let lipschitz = lazy (Seq.max svd.Value.Values)

    /// B.
    member _.Coupling = b

    /// The singular values σ_j of B, with the 2 × d matrix that reads z's coordinates (⟨u_j, x⟩, ⟨v_j, y⟩).
    member _.SingularBlocks: (float * Matrix)[] =
        let factors = svd.Value

        Array.init factors.Values.Count (fun j ->
            factors.Values[j],
            Matrix.Create(
                2,
                dx + dy,
                fun row at ->
                    if row = 0 && at < dx then factors.Left[at, j]
                    elif row = 1 && at >= dx then factors.Right[at - dx, j]
                    else 0.0
            ))

    interface IFiniteSumOperator with
        member _.Count = 1
        member _.Operators z = value z

        member _.OperatorAt indices z =
            value (Block.stretch (max z.Lanes indices.Lanes) z)

    interface IJacobianOperator with
        member _.JacobianVector _ v = linear v

    interface IOperator with
        member _.Operator z = value z
        member _.Solution = point
        member _.Lipschitz = lipschitz.Value
        member _.Monotonicity = 0.0

    interface IProblem with
        member _.Name = name
        member _.Dimension = dx + dy

        member _.Constants = [
            Constant.exact "L" "largest singular value of B" lipschitz.Value (fun () ->
                sqrt (Linear.largestByBisection (LinearAlgebra.Multiply(b.Transpose(), b))))
        ]

/// A strongly monotone game that is not affine: with e = z − z* and S = [[0, B], [−Bᵀ, 0]],
/// F(z) = μe + tanh(e) + Se, the game of f(x) + xᵀBy − g(y) with f, g = (μ/2)‖·‖² + Σ log cosh.
[<Sealed>]
type LogCoshGame(name: string, mu: float, b: Matrix, saddle: float[]) =
    let dx, dy = b.Rows, b.Columns
    let d = dx + dy

    let skew =
        Matrix.Create(
            d,
            d,
            fun i j ->
                if i < dx && j >= dx then b[i, j - dx]
                elif i >= dx && j < dx then -b[j, i - dx]
                else 0.0
        )

    let point = Block.vector saddle

    let jacobian (slopes: int -> float) =
        Matrix.Create(d, d, fun i j -> skew[i, j] + (if i = j then mu + slopes i else 0.0))

    // The Jacobian is μI + D + S with D diagonal, its entries independent and dense in [0, 1]; its norm is convex in D, so
    // the supremum is at a corner.
    let lipschitz =
        lazy
            (Seq.init (pown 2 d) (fun corner ->
                Decompositions.SpectralNorm(jacobian (fun i -> float ((corner >>> i) &&& 1))))
             |> Seq.max)

    interface IJacobianOperator with
        // tanh' = 1 − tanh².
        member _.JacobianVector z v =
            (1.0 + mu) * v - (z - point).Tanh().Square() * v + v.Apply skew

    interface IOperator with
        member _.Operator z =
            let e = (z - point).Materialise()
            mu * e + e.Tanh() + e.Apply skew

        member _.Solution = point
        member _.Lipschitz = lipschitz.Value
        member _.Monotonicity = mu

    interface IProblem with
        member _.Name = name
        member _.Dimension = d

        member _.Constants = [
            Constant.upper
                "L"
                "largest norm of the Jacobian, over the corners of its diagonal part"
                lipschitz.Value
                (fun () ->
                    Seq.init 200 (fun s ->
                        let slopes = Linear.gaussians s 9 d |> Array.map (fun g -> 1.0 / (cosh g ** 2.0))
                        Decompositions.SpectralNorm(jacobian (fun i -> slopes[i])))
                    |> Seq.max)
            Constant.lower "mu" "the quadratic part; tanh' has infimum 0" mu (fun () ->
                Seq.init 200 (fun s ->
                    let slopes =
                        Linear.gaussians s 9 d |> Array.map (fun g -> 1.0 / (cosh (4.0 * g) ** 2.0))

                    Decompositions.SymmetricEigen(LinearAlgebra.Symmetrise(jacobian (fun i -> slopes[i]))).Values[0])
                |> Seq.min)
        ]

/// Constants of finite sums of operators, by their certificates.
[<RequireQualifiedAccess>]
module OperatorConstants =

    /// L̄ with (1/n) Σ ‖F_i(u) − F_i(v)‖² ≤ L̄²‖u − v‖²: the instance's certified constant Lbar, or L when n = 1.
    let meanSquareLipschitz (f: IFiniteSumOperator) : float =
        match f.Constants |> List.tryFind (fun c -> c.Symbol = "Lbar") with
        | Some constant -> constant.Value
        | None when f.Count = 1 -> f.Lipschitz
        | None -> invalidArg (nameof f) $"'{f.Name}' certifies no mean-square Lipschitz constant Lbar."
