namespace Theory.Problems

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics

/// Quadratics of prescribed similarity, described by a few numbers.
[<NoComparison>]
type SimilarSpec = {
    /// n ≥ 2 (one worker is δ = 0).
    Workers: int
    /// d ≥ 1.
    Dimension: int
    /// Condition number of the mean; its spectrum is geometric from 1 to κ.
    Kappa: float
    /// δ = max_i ‖A_i − Ā‖ ≥ 0. Above 1 the f_i may be nonconvex; f stays strongly convex.
    Delta: float
    /// Scale of the centres b_i.
    Spread: float
    Seed: int
}

/// A quadratic with its similarity constant δ = max_i ‖A_i − Ā‖ among the certified ones.
[<Sealed>]
type SimilarQuadratic(quadratic: Quadratic) =
    inherit ForwardedSum(quadratic)

    let f = quadratic :> IFiniteSum

    let apart =
        quadratic.Matrices
        |> Array.map (fun a -> LinearAlgebra.Subtract(a, quadratic.Mean))

    let delta =
        let size (a: Matrix) =
            let values = Decompositions.SymmetricEigen(a).Values
            max (abs values[0]) (abs values[values.Count - 1])

        apart |> Array.map size |> Array.max

    /// The quadratic itself.
    member _.Quadratic = quadratic
    /// δ.
    member _.Similarity = delta

    override _.Title = $"{f.Name}, similarity δ = {delta:G4}"

    override _.Certified =
        let again () =
            apart |> Array.map Linear.spectralRadiusByBisection |> Array.max

        f.Constants
        @ [
            if delta > 1e-6 * f.Smoothness then
                Constant.exact "delta" "largest ‖A_i − mean‖" delta again
            else
                // Relative to L: the differences carry the rounding of the matrices.
                Constant.exact "delta + L" "largest ‖A_i − mean‖, and L" (delta + f.Smoothness) (fun () ->
                    again () + Linear.largestByBisection quadratic.Mean)
        ]

    interface IHessian with
        member _.Hessian x = (quadratic :> IHessian).Hessian x

/// Builders of similar quadratics, also found as `Quadratic.similar`.
[<RequireQualifiedAccess>]
module Similar =

    /// Random symmetric matrices of mean zero whose largest spectral norm is δ.
    let private deviations workers d delta seed =
        let raw =
            Array.init workers (fun i ->
                let g = Linear.gaussians seed (3 * i + 2) (d * d)
                Matrix.Create(d, d, (fun r c -> 0.5 * (g[r * d + c] + g[c * d + r]))))

        let drift = Linear.mean raw
        let centred = raw |> Array.map (fun a -> LinearAlgebra.Subtract(a, drift))
        let largest = centred |> Array.map Decompositions.SpectralNorm |> Array.max

        centred
        |> Array.map (fun a -> LinearAlgebra.Scale((if delta = 0.0 then 0.0 else delta / largest), a))

    /// n quadratics whose mean Hessian has the given spectrum in a random frame and whose Hessians lie at most δ from it,
    /// the farthest exactly δ; centres Gaussian of the given scale.
    let withSpectrum (spectrum: float[]) (workers: int) (delta: float) (spread: float) (seed: int) : SimilarQuadratic =
        if
            workers < 1
            || spectrum.Length = 0
            || not (delta >= 0.0 && Double.IsFinite delta)
        then
            invalidArg
                (nameof delta)
                $"Similar quadratics need n ≥ 1, d ≥ 1 and a finite δ ≥ 0; got {workers}, {spectrum.Length}, {delta}."

        if workers = 1 && delta > 0.0 then
            invalidArg (nameof delta) $"One worker is its own mean: δ = {delta} needs n ≥ 2."

        let d = spectrum.Length

        let mean =
            LinearAlgebra.FromSpectrum(Linear.rotation seed 0 d, ReadOnlySpan spectrum)

        let matrices =
            deviations workers d delta seed
            |> Array.map (fun e -> LinearAlgebra.Add(mean, e))

        let centres =
            Array.init workers (fun i -> Linear.gaussians seed (3 * i + 1) d |> Array.map ((*) spread))

        SimilarQuadratic(Quadratic($"{workers} quadratics, d = {d}", matrices, centres))

    /// n quadratics of similarity δ, the spectrum of the mean geometric from 1 to κ.
    let distributed (spec: SimilarSpec) : SimilarQuadratic =
        if spec.Dimension < 1 || not (spec.Kappa >= 1.0) then
            invalidArg
                (nameof spec)
                $"Similar quadratics need Dimension ≥ 1 and Kappa ≥ 1; got {spec.Dimension}, {spec.Kappa}."

        withSpectrum (Linear.geometric 1.0 spec.Kappa spec.Dimension) spec.Workers spec.Delta spec.Spread spec.Seed

    /// Specifications with 2 to the given number of workers; δ from far below μ to above it.
    let generator maxWorkers maxDimension : FsCheck.Gen<SimilarSpec> =
        gen {
            let! workers = Gen.choose (2, max 2 maxWorkers)
            let! dimension = Gen.choose (1, maxDimension)
            let! kappa = Gen.elements [ 1.0; 2.0; 10.0; 30.0; 100.0 ]
            let! delta = Gen.elements [ 0.0; 0.01; 0.1; 0.5; 1.0; 3.0 ]
            let! spread = Gen.elements [ 0.0; 1.0; 3.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Dimension = dimension
                Kappa = kappa
                Delta = delta
                Spread = spread
                Seed = seed
            }
        }

    /// Smaller specifications.
    let shrink (spec: SimilarSpec) : SimilarSpec seq =
        seq {
            if spec.Workers > 2 then
                { spec with Workers = spec.Workers - 1 }

            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Kappa > 2.0 then
                {
                    spec with
                        Kappa = Math.Round(max 2.0 (spec.Kappa / 2.0))
                }

            if spec.Spread > 1.0 then
                { spec with Spread = 1.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Generated specifications, as a claim's instances.
    let instances maxWorkers maxDimension : Instances<SimilarSpec> =
        Instances.generated (generator maxWorkers maxDimension) shrink

/// Lets `Quadratic.similar` stand beside the other builders of quadratics.
[<AutoOpen>]
module SimilarExtensions =

    type Quadratic with

        /// n quadratics of similarity δ, the spectrum of the mean geometric from 1 to κ.
        static member similar(spec: SimilarSpec) : SimilarQuadratic = Similar.distributed spec
