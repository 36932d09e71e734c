namespace Theory.Problems

open System
open Theory.Numerics

/// Extreme eigenvalues of symmetric positive semidefinite matrices of a few hundred dimensions.
[<RequireQualifiedAccess>]
module Spectrum =

    /// Up to this size a full eigendecomposition costs nothing.
    let private small = 48

    /// Relative room that the certificate leaves for the rounding of a Cholesky factorisation.
    let private margin = 1e-12

    let private dot (x: float[]) (y: float[]) =
        LinearAlgebra.Dot(ReadOnlySpan x, ReadOnlySpan y)

    let private plus c (x: float[]) (y: float[]) = Array.map2 (fun u v -> u + c * v) y x

    /// Is A ≺ bound·I? A Cholesky factor of bound·I − A is the proof.
    let isBelow (bound: float) (a: Matrix) : bool =
        let gap =
            Matrix.Create(a.Rows, a.Rows, (fun i j -> (if i = j then bound else 0.0) - a[i, j]))

        try
            Decompositions.Cholesky gap |> ignore
            true
        with :? ArgumentException ->
            false

    /// Lanczos's largest Ritz value after at most `steps` steps with full reorthogonalisation, from a fixed start.
    let private ritz (steps: int) (a: Matrix) : float =
        let d = a.Rows
        let start = Linear.gaussians 1 0 d
        let basis = ResizeArray [ start |> Array.map (fun v -> v / sqrt (dot start start)) ]
        let diagonal = ResizeArray<float>()
        let off = ResizeArray<float>()
        let mutable running = true

        while running do
            let image = LinearAlgebra.Multiply(a, ReadOnlySpan basis[basis.Count - 1])
            diagonal.Add(dot basis[basis.Count - 1] image)
            // Twice is enough: the second pass removes what the first left by rounding.
            let clean v =
                basis |> Seq.fold (fun rest q -> plus -(dot rest q) q rest) v

            let rest = clean (clean image)
            let beta = sqrt (dot rest rest)

            if basis.Count = min steps d || beta <= 1e-14 * Seq.max (Seq.map abs diagonal) then
                running <- false
            else
                off.Add beta
                basis.Add(rest |> Array.map (fun v -> v / beta))

        let k = diagonal.Count

        let tridiagonal =
            Matrix.Create(
                k,
                k,
                (fun i j ->
                    if i = j then diagonal[i]
                    elif abs (i - j) = 1 then off[min i j]
                    else 0.0)
            )

        Decompositions.SymmetricEigen(tridiagonal).Values[k - 1]

    /// λmax(A) of a symmetric A ⪰ 0, to rounding: a Ritz value (never above λmax) that a Cholesky factorisation certifies
    /// from above, else the full decomposition.
    let largest (a: Matrix) : float =
        let full () =
            Decompositions.SymmetricEigen(a).Values[a.Rows - 1]

        if a.Rows <= small then
            max (full ()) 0.0
        else
            let value = ritz 120 a

            if value > 0.0 && isBelow (value * (1.0 + margin)) a then
                value
            else
                max (full ()) 0.0

    /// λmax(A) on another way: bisection on Cholesky's success, or for larger matrices the full decomposition.
    let largestAgain (a: Matrix) : float =
        if a.Rows <= 2 * small then
            Linear.largestByBisection a
        else
            Decompositions.SymmetricEigen(a).Values[a.Rows - 1]
