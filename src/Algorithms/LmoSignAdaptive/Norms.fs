namespace Theory.Algorithms.LmoSignAdaptive

open Theory
open Theory.Numerics

/// A norm with its dual and the linear minimisation oracle of its unit ball. Matrix norms act on matrix variables
/// (blocks of shape rows × columns); one number per worker and lane.
[<Sealed>]
type Norm(name: string, primal: Block -> Block, dual: Block -> Block, minimise: Block -> Block) =

    member _.Name = name
    /// ‖u‖.
    member _.Primal u = primal u
    /// ‖g‖_* = max ⟨g, u⟩ over ‖u‖ ≤ 1.
    member _.Dual g = dual g
    /// argmin ⟨g, u⟩ over ‖u‖ ≤ 1; 0 at g = 0.
    member _.Minimise g = minimise g

    interface ILinearMinimisation with
        member _.Minimise g = minimise g
        member _.DualNorm g = dual g

/// The table of norms.
[<RequireQualifiedAccess>]
module Norm =

    let private sumAbs (x: Block) = x.Reduce Reduction.SumAbs
    let private maxAbs (x: Block) = x.Reduce Reduction.MaxAbs

    /// 1/v, and 0 for v = 0.
    let private inverse (v: Block) =
        v.Map(fun r -> if r = 0.0 then 0.0 else 1.0 / r)

    /// ℓ2: −g/‖g‖.
    let euclidean =
        Norm("ℓ2", Block.norm, Block.norm, (fun g -> (-1.0 * inverse (Block.norm g)) * g))

    /// ℓ∞, dual ℓ1: −sign(g).
    let maximum = Norm("ℓ∞", maxAbs, sumAbs, (fun g -> -1.0 * g.Sign()))

    /// ℓ1, dual ℓ∞: −sign(g_j)e_j at the largest |g_j|.
    let taxicab = Norm("ℓ1", sumAbs, maxAbs, (fun g -> -1.0 * (g.TopK 1).Sign()))

    let private singularValues (x: Block) =
        let struct (_, values, _) = Decompositions.Svd x
        values

    let private nuclearNorm (x: Block) = (singularValues x).Sum()
    let private spectralNorm (x: Block) = maxAbs (singularValues x)

    /// Spectral norm, dual nuclear: −UVᵀ over the nonzero singular values.
    let spectral =
        Norm("spectral", spectralNorm, nuclearNorm, (fun g -> -1.0 * Decompositions.PolarFactor g))

    /// −u_1v_1ᵀ.
    let private leading (g: Block) =
        let struct (left, values, right) = Decompositions.Svd g
        let rows, columns = g.Shape.Rows, g.Shape.Columns
        let r = min rows columns

        let first (m: Block) count =
            let all = m.ToArray()
            let entries = Array.init (m.Workers * m.Lanes * count) (fun i -> all[i * r])
            Block.Own(Shape.Matrix(m.Workers, m.Lanes, count, 1), entries)

        let positive = (maxAbs values).Map(fun s -> if s = 0.0 then 0.0 else -1.0 + 0.0 * s)
        positive * (first left rows).Times(first right columns, false, true)

    /// Nuclear norm, dual spectral: −u_1v_1ᵀ.
    let nuclear = Norm("nuclear", nuclearNorm, spectralNorm, leading)

    let private ones rows columns =
        Block.Fill(Shape.Matrix(1, 1, rows, columns), 1.0)

    /// ‖g_j‖ for each column j: 1 × columns matrices.
    let private columnNorms (g: Block) =
        ((ones 1 g.Shape.Rows).Times(g.Square())).SquareRoot()

    /// Largest ℓ2 norm of a column, dual the sum of them: every column normalised.
    let columns =
        Norm(
            "columns",
            columnNorms >> maxAbs,
            columnNorms >> sumAbs,
            (fun g -> -1.0 * (g * (ones g.Shape.Rows 1).Times(inverse (columnNorms g))))
        )

    /// Largest ℓ2 norm of a row, dual the sum of them: every row normalised.
    let rows =
        let transposed (f: Block -> Block) (g: Block) = f (g.Transposed())

        Norm(
            "rows",
            transposed columns.Primal,
            transposed columns.Dual,
            (fun g -> (columns.Minimise(g.Transposed())).Transposed())
        )

    /// Norms of vectors.
    let vectors = [ euclidean; maximum; taxicab ]

    /// Norms of matrices.
    let matrices = [ spectral; nuclear; columns; rows ]

    /// The smallest L with ‖D‖_* ≤ (L/λ)·‖λD‖ for λ times the identity on rows × columns matrices: the smoothness of
    /// (λ/2)‖X − C‖_F² is λ times this number.
    let identitySmoothness (norm: Norm) rows columns =
        match norm.Name with
        | "ℓ2"
        | "ℓ1"
        | "nuclear" -> 1.0
        | "ℓ∞" -> float (rows * columns)
        | "spectral" -> float (min rows columns)
        | "columns" -> float columns
        | "rows" -> float rows
        | other -> invalidArg (nameof norm) $"The smoothness in the norm '{other}' is not known."

    /// The smoothness of ½Σ λ_i x_i² in a norm of vectors: max λ (ℓ2, ℓ1) or Σ λ (ℓ∞).
    let diagonalSmoothness (norm: Norm) (spectrum: float[]) =
        match norm.Name with
        | "ℓ2"
        | "ℓ1" -> Array.max spectrum
        | "ℓ∞" -> Array.sum spectrum
        | other -> invalidArg (nameof norm) $"'{other}' is no norm of vectors."

/// Newton–Schulz iterations for the polar factor: odd polynomials of a matrix, which act on its singular values alone.
[<RequireQualifiedAccess>]
module NewtonSchulz =

    /// X ↦ aX + b(XXᵀ)X + c(XXᵀ)²X.
    [<NoComparison>]
    type Polynomial = { A: float; B: float; C: float }

    /// 1.5X − 0.5XXᵀX.
    let cubic = { A = 1.5; B = -0.5; C = 0.0 }

    /// (15X − 10XXᵀX + 3(XXᵀ)²X)/8.
    let quintic = {
        A = 15.0 / 8.0
        B = -10.0 / 8.0
        C = 3.0 / 8.0
    }

    /// Muon's coefficients, which do not converge to the polar factor.
    let muon = { A = 3.4445; B = -4.7750; C = 2.0315 }

    /// The polynomial on one singular value.
    let scalar (p: Polynomial) (s: float) = s * (p.A + s * s * (p.B + s * s * p.C))

    /// One iteration on matrix variables.
    let step (p: Polynomial) (x: Block) : Block =
        let gram = x.Times(x, false, true)

        let mixed =
            if p.C = 0.0 then
                p.B * gram
            else
                p.B * gram + p.C * gram.Times gram

        p.A * x + mixed.Times x

    /// `count` iterations from X_0 = M/(‖M‖_F + 1e-7), on the transpose where M has more rows than columns.
    let run (p: Polynomial) (count: int) (m: Block) : Block =
        let tall = m.Shape.Rows > m.Shape.Columns
        let wide = if tall then m.Transposed() else m
        let start = (Block.norm wide).AddConstant(1e-7).Reciprocal() * wide

        let reached =
            (start, seq { 1..count }) ||> Seq.fold (fun x _ -> (step p x).Materialise())

        if tall then reached.Transposed() else reached
