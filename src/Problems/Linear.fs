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

    /// A diagonal matrix.
    let diagonal (values: float[]) : Matrix =
        Matrix.Create(values.Length, values.Length, (fun i j -> if i = j then values[i] else 0.0))

    /// A · B.
    let multiply (a: Matrix) (b: Matrix) : Matrix =
        Matrix.Create(a.Rows, b.Columns, (fun i j ->
            let mutable sum = 0.0

            for k in 0 .. a.Columns - 1 do
                sum <- sum + a[i, k] * b[k, j]

            sum))

    /// A · x.
    let apply (a: Matrix) (x: float[]) : float[] =
        Array.init a.Rows (fun i ->
            let mutable sum = 0.0

            for k in 0 .. a.Columns - 1 do
                sum <- sum + a[i, k] * x[k]

            sum)

    /// Σ weight · matrix.
    let combine (weights: float[]) (matrices: Matrix[]) : Matrix =
        Matrix.Create(matrices[0].Rows, matrices[0].Columns, (fun i j ->
            Array.fold2 (fun sum w (m: Matrix) -> sum + w * m[i, j]) 0.0 weights matrices))

    /// (1/n) Σ matrices.
    let mean (matrices: Matrix[]) : Matrix =
        combine (Array.create matrices.Length (1.0 / float matrices.Length)) matrices

    /// A random orthogonal matrix: Gram–Schmidt (twice, for orthogonality to rounding) on Gaussian rows.
    let rotation (seed: int) (site: int) (size: int) : Matrix =
        let raw = gaussians seed site (size * size) |> Array.chunkBySize size
        let rows: float[][] = Array.zeroCreate size

        for i in 0 .. size - 1 do
            let mutable row = raw[i]

            for _ in 1..2 do
                for j in 0 .. i - 1 do
                    let along = Array.fold2 (fun s a b -> s + a * b) 0.0 row rows[j]
                    row <- Array.map2 (fun a b -> a - along * b) row rows[j]

            let norm = row |> Array.sumBy (fun v -> v * v) |> sqrt
            rows[i] <- row |> Array.map (fun v -> v / norm)

        Matrix(size, size, Array.concat rows)

    /// U diag(spectrum) Uᵀ, symmetrised to the last bit.
    let withSpectrum (rotation: Matrix) (spectrum: float[]) : Matrix =
        let raw = multiply rotation (multiply (diagonal spectrum) (rotation.Transpose()))
        Matrix.Create(raw.Rows, raw.Columns, (fun i j -> 0.5 * (raw[i, j] + raw[j, i])))

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
        let radius = Seq.max (Seq.init a.Rows (fun i -> Seq.sum (Seq.init a.Columns (fun j -> abs a[i, j]))))

        let rec bisect low high rounds =
            if rounds = 0 then
                0.5 * (low + high)
            else
                let middle = 0.5 * (low + high)
                if positiveAbove a middle then bisect middle high (rounds - 1) else bisect low middle (rounds - 1)

        bisect (-1.01 * radius - 1e-300) (1.01 * radius + 1e-300) 60

    /// The largest eigenvalue of a symmetric matrix, likewise.
    let largestByBisection (a: Matrix) : float =
        -(smallestByBisection (Matrix.Create(a.Rows, a.Columns, (fun i j -> -a[i, j]))))

    /// The largest |eigenvalue| of a symmetric matrix, likewise.
    let spectralRadiusByBisection (a: Matrix) : float =
        max (largestByBisection a) -(smallestByBisection a)
