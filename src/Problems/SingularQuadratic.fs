namespace Theory.Problems

open System
open Theory
open Theory.Numerics

/// Convex quadratics that are not strongly convex.
[<RequireQualifiedAccess>]
module SingularQuadratic =

    /// n convex quadratics in dimension d ≥ 2 that share one direction of curvature 0; across it the spectrum of each is
    /// geometric from L/κ to L = 1, in random frames. Reads the specification as `Quadratic.distributed` does.
    let distributed (spec: QuadraticSpec) : Quadratic =
        if spec.Workers < 1 || spec.Dimension < 2 || not (spec.Kappa >= 1.0) then
            invalidArg
                (nameof spec)
                $"A singular quadratic needs Workers ≥ 1, Dimension ≥ 2, Kappa ≥ 1; got {spec.Workers}, {spec.Dimension}, {spec.Kappa}."

        let d = spec.Dimension
        let spectrum = Linear.geometric (1.0 / spec.Kappa) 1.0 (d - 1)
        let outer = Linear.rotation spec.Seed 0 d

        // The frame of a summand turns only the d − 1 curved directions: outer · diag(1, inner).
        let frame i =
            let inner = Linear.rotation spec.Seed (2 * i + 2) (d - 1)

            let embedded =
                Matrix.Create(
                    d,
                    d,
                    fun r c ->
                        if r = 0 || c = 0 then
                            (if r = c then 1.0 else 0.0)
                        else
                            inner[r - 1, c - 1]
                )

            LinearAlgebra.Multiply(outer, embedded)

        let eigenvalues = Array.append [| 0.0 |] spectrum

        let matrices =
            Array.init spec.Workers (fun i -> LinearAlgebra.FromSpectrum(frame i, ReadOnlySpan eigenvalues))

        let centres =
            Array.init spec.Workers (fun i -> Linear.gaussians spec.Seed (2 * i + 1) d |> Array.map ((*) spec.Spread))

        Quadratic($"{spec.Workers} singular quadratics, d = {d}, κ⁺ = {spec.Kappa:G4}", matrices, centres)
