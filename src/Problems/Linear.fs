namespace Theory.Problems

open Theory.Numerics

/// Small dense matrices for building instances: prescribed spectra, random rotations, means.
[<RequireQualifiedAccess>]
module Linear =

    /// `count` numbers in geometric progression from `low` to `high`; just `high` when count is 1.
    let geometric (low: float) (high: float) (count: int) : float[] =
        if count = 1 then
            [| high |]
        else
            Array.init count (fun i -> low * (high / low) ** (float i / float (count - 1)))

    /// Standard Gaussians of a seed, row-major.
    let gaussians (seed: int) (site: int) (count: int) : float[] =
        Sampler.Gaussian(DrawAddress(uint64 (uint32 seed), 0x70726f62u, 0, site, 0), 1, 1, count).ToArray()

    /// Σ weight · matrix.
    let combine (weights: float[]) (matrices: Matrix[]) : Matrix =
        Matrix.Create(
            matrices[0].Rows,
            matrices[0].Columns,
            (fun i j -> Array.fold2 (fun sum w (m: Matrix) -> sum + w * m[i, j]) 0.0 weights matrices)
        )

    /// (1/n) Σ matrices.
    let mean (matrices: Matrix[]) : Matrix =
        combine (Array.create matrices.Length (1.0 / float matrices.Length)) matrices

    /// A random orthogonal matrix of a seed.
    let rotation (seed: int) (site: int) (size: int) : Matrix =
        LinearAlgebra.RandomOrthogonal(DrawAddress(uint64 (uint32 seed), 0x726f7461u, 0, site, 0), size)

    /// Does A − shift·I have a Cholesky factor with positive pivots?
    let private positiveAbove (a: Matrix) (shift: float) : bool =
        let d = a.Rows
        let l = Array2D.zeroCreate d d
        let mutable positive = true
        let mutable j = 0

        while positive && j < d do
            let mutable pivot = a[j, j] - shift

            for k in 0 .. j - 1 do
                pivot <- pivot - l[j, k] * l[j, k]

            if pivot > 0.0 then
                l[j, j] <- sqrt pivot

                for i in j + 1 .. d - 1 do
                    let mutable v = a[i, j]

                    for k in 0 .. j - 1 do
                        v <- v - l[i, k] * l[j, k]

                    l[i, j] <- v / l[j, j]
            else
                positive <- false

            j <- j + 1

        positive

    /// The smallest eigenvalue of a symmetric matrix by bisection on Cholesky's success: the second way to a spectrum's
    /// end, independent of eigenvalue iterations.
    let smallestByBisection (a: Matrix) : float =
        // Gershgorin's discs hold the spectrum.
        let radius =
            Seq.max (Seq.init a.Rows (fun i -> Seq.sum (Seq.init a.Columns (fun j -> abs a[i, j]))))

        let rec bisect low high rounds =
            if rounds = 0 then
                0.5 * (low + high)
            else
                let middle = 0.5 * (low + high)

                if positiveAbove a middle then
                    bisect middle high (rounds - 1)
                else
                    bisect low middle (rounds - 1)

        bisect (-1.01 * radius - 1e-300) (1.01 * radius + 1e-300) 60

    /// The largest eigenvalue of a symmetric matrix, likewise.
    let largestByBisection (a: Matrix) : float =
        -(smallestByBisection (Matrix.Create(a.Rows, a.Columns, (fun i j -> -a[i, j]))))

    /// The largest |eigenvalue| of a symmetric matrix, likewise.
    let spectralRadiusByBisection (a: Matrix) : float =
        max (largestByBisection a) -(smallestByBisection a)
