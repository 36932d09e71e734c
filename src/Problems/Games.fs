namespace Theory.Problems

open System
open Theory
open Theory.Numerics

/// Builders of games.
[<RequireQualifiedAccess>]
module Games =

    /// U diag(σ) Vᵀ with random orthogonal U, V; σ geometric from `low` to `high`.
    let coupling (seed: int) (site: int) (low: float) (high: float) (size: int) : Matrix =
        let sigma =
            if high = 0.0 then
                Array.zeroCreate size
            else
                Linear.geometric low high size

        let left =
            LinearAlgebra.Multiply(Linear.rotation seed site size, LinearAlgebra.Diagonal sigma)

        LinearAlgebra.Multiply(left, (Linear.rotation seed (site + 1) size).Transpose())

    /// The bilinear game of a specification.
    let bilinear (spec: BilinearSpec) : BilinearGame =
        let b = coupling spec.Seed 0 spec.SigmaMin spec.SigmaMax spec.Dimension

        let saddle =
            Linear.gaussians spec.Seed 3 (2 * spec.Dimension) |> Array.map ((*) spec.Spread)

        BilinearGame(
            $"bilinear game, {spec.Dimension}+{spec.Dimension}, σ from {spec.SigmaMin:G3} to {spec.SigmaMax:G3}",
            b,
            saddle
        )

    /// [[P, B], [−Bᵀ, Q]].
    let private assemble (p: Matrix) (b: Matrix) (q: Matrix) =
        let m = p.Rows

        Matrix.Create(
            2 * m,
            2 * m,
            fun i j ->
                match i < m, j < m with
                | true, true -> p[i, j]
                | true, false -> b[i, j - m]
                | false, true -> -b[j, i - m]
                | false, false -> q[i - m, j - m]
        )

    /// The quadratic game of a specification. μ = spec.Mu exactly; the D_i change neither F nor μ nor L.
    let quadratic (spec: GameSpec) : AffineOperator =
        let m = spec.Dimension

        let spectrum =
            Array.init m (fun i ->
                if m = 1 then
                    spec.Mu
                else
                    spec.Mu + (spec.Curvature - spec.Mu) * float i / float (m - 1))

        let half site =
            LinearAlgebra.FromSpectrum(Linear.rotation spec.Seed site m, ReadOnlySpan spectrum)

        let mean =
            assemble (half 10) (coupling spec.Seed 0 (0.3 * spec.Coupling) spec.Coupling m) (half 11)

        let raw =
            Array.init spec.Workers (fun i ->
                Matrix(
                    2 * m,
                    2 * m,
                    Linear.gaussians spec.Seed (100 + i) (4 * m * m)
                    |> Array.map ((*) spec.Deviation)
                ))

        let drift = Linear.mean raw

        let matrices =
            raw
            |> Array.map (fun r -> Linear.combine [| 1.0; 1.0; -1.0 |] [| mean; r; drift |])

        let offsets =
            Array.init spec.Workers (fun i ->
                Linear.gaussians spec.Seed (200 + i) (2 * m) |> Array.map ((*) spec.Offset))

        AffineOperator($"{spec.Workers} quadratic games, {m}+{m}, μ = {spec.Mu:G3}", matrices, offsets, [])

    /// Rotation blocks with the given μ_i and s_ij; every constant is known in closed form. As complex numbers the blocks
    /// are a_ij = μ_i + i s_ij.
    let rotations (mus: float[]) (skews: float[][]) (offsets: float[][]) : AffineOperator =
        let n, m = mus.Length, skews[0].Length
        let mean (values: float[]) = Array.average values

        let meanSkew j =
            mean (Array.init n (fun i -> skews[i][j]))

        let mu = mean mus
        let over f = Seq.max (Seq.init m f)
        let average f = mean (Array.init n f)

        let lipschitz () =
            over (fun j -> sqrt (mu * mu + meanSkew j ** 2.0))

        let meanSquare () =
            over (fun j -> sqrt (average (fun i -> mus[i] ** 2.0 + skews[i][j] ** 2.0)))

        let similarity () =
            over (fun j -> sqrt (average (fun i -> (mus[i] - mu) ** 2.0 + (skews[i][j] - meanSkew j) ** 2.0)))

        let matrix i =
            Matrix.Create(
                2 * m,
                2 * m,
                fun r c ->
                    if r = c then mus[i]
                    elif r / 2 <> c / 2 then 0.0
                    elif r < c then skews[i][r / 2]
                    else -skews[i][r / 2]
            )

        AffineOperator(
            $"{n} operators of {m} rotation blocks, μ = {mu:G3}",
            Array.init n matrix,
            offsets,
            [
                "L", lipschitz
                "mu + L", (fun () -> mu + lipschitz ())
                "Lbar", meanSquare
                "delta + Lbar", (fun () -> similarity () + meanSquare ())
            ]
        )

    /// The rotation blocks of a specification.
    let rotationBlocks (spec: RotationSpec) : AffineOperator =
        let noise site count = Linear.gaussians spec.Seed site count

        let mus =
            let raw = noise 1 spec.Workers |> Array.map tanh
            let mean = Array.average raw
            raw |> Array.map (fun v -> spec.Mu * (1.0 + 0.5 * spec.MuSpread * (v - mean)))

        let skews =
            Array.init spec.Workers (fun i ->
                noise (10 + i) spec.Blocks
                |> Array.mapi (fun j v -> spec.Skew * (0.5 ** float j) + spec.SkewSpread * v))

        rotations
            mus
            skews
            (Array.init spec.Workers (fun i -> noise (100 + i) (2 * spec.Blocks) |> Array.map ((*) spec.Offset)))

    /// The game of the lower bound: (μ/2)‖x‖² − (μ/2)‖y‖² + c·xᵀTy − c₀·x_1, T upper bidiagonal with 1 on the diagonal and
    /// −1 above it, dim x = dim y = m.
    let chain (m: int) (mu: float) (c: float) (c0: float) : AffineOperator =
        let t =
            Matrix.Create(
                m,
                m,
                fun i j ->
                    if i = j then c
                    elif j = i + 1 then -c
                    else 0.0
            )

        let diagonal = LinearAlgebra.Scale(mu, Matrix.Identity m)
        let offset = Array.init (2 * m) (fun j -> if j = 0 then c0 else 0.0)
        AffineOperator($"chain of {m}, μ = {mu:G3}, c = {c:G3}", [| assemble diagonal t diagonal |], [| offset |], [])

    /// The log-cosh game of a specification.
    let logCosh (spec: LogCoshSpec) : LogCoshGame =
        let b = coupling spec.Seed 0 (0.3 * spec.Coupling) spec.Coupling spec.Dimension

        let saddle =
            Linear.gaussians spec.Seed 3 (2 * spec.Dimension) |> Array.map ((*) spec.Spread)

        LogCoshGame($"log-cosh game, {spec.Dimension}+{spec.Dimension}, μ = {spec.Mu:G3}", spec.Mu, b, saddle)
