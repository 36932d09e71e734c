/// Gaussian targets and starts on which the law of the Langevin algorithm is known exactly at every step.
module Theory.Algorithms.SamplingAndDynamics.GaussianTarget

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.SamplingAndDynamics.ULA

/// A Gaussian target and a Gaussian start in a common frame.
[<NoComparison>]
type LangevinSpec = {
    Dimension: int
    /// λmin(A).
    Mu: float
    /// λmax(A)/λmin(A).
    Kappa: float
    /// h as a share of the largest step that the claim allows.
    Step: float
    /// Scale of the start's mean around the target's.
    Shift: float
    /// Scale of the start's standard deviations.
    Width: float
    Seed: int
}

/// A target with its constants, and the exact laws of ULA on it.
type Target(spec: LangevinSpec) =
    let d = spec.Dimension
    let spectrum = Linear.geometric spec.Mu (spec.Mu * spec.Kappa) d
    let frame = Linear.rotation spec.Seed 1 d

    let turned (values: float[]) =
        LinearAlgebra.FromSpectrum(frame, ReadOnlySpan values)

    let centre = Linear.gaussians spec.Seed 2 d
    let a = turned spectrum

    let f =
        Quadratic($"Gaussian target, d = {d}, κ = {spec.Kappa:G4}", [| a |], [| centre |])

    let shift = Linear.gaussians spec.Seed 3 d |> Array.map ((*) spec.Shift)

    let variances =
        Linear.gaussians spec.Seed 4 d
        |> Array.map (fun g -> (spec.Width * exp (0.5 * g)) ** 2.0)

    /// F.
    member _.Objective = f :> IObjective
    /// Eigenvalues of A, increasing.
    member _.Spectrum = spectrum
    /// λmin(A), λmax(A).
    member _.Mu = spectrum[0]
    /// λmax(A).
    member _.L = spectrum[d - 1]
    /// The eigenvector of the j-th eigenvalue.
    member _.Mode(j: int) = LinearAlgebra.Column(frame, j)
    /// The mean of the start along mode j, around the target's; its variance.
    member _.Start(j: int) = shift[j], variances[j]
    /// N(b, A⁻¹).
    member _.Pi = Gaussians.law centre (turned (spectrum |> Array.map (fun v -> 1.0 / v)))
    /// The Gaussian with the given variances of the modes, around b.
    member _.Law(values: float[]) = Gaussians.law centre (turned values)

    /// N(b + shift, …), commuting with A.
    member _.Rho0 =
        Gaussians.law (Array.map2 (+) centre (LinearAlgebra.Multiply(frame, ReadOnlySpan shift))) (turned variances)

    /// The laws of steps 0 … K of a process on the state.
    member t.Laws(proc: Process<State, Block>, steps: int) : StateLaw[] =
        match Moments.laws proc { X = t.Objective.Minimiser } t.Rho0 steps with
        | Ok laws -> laws
        | Error reason -> invalidOp reason

/// ULA on a target.
let ula (t: Target) h = Method.on t.Objective { H = h } method

/// Variance of mode λ at stationarity: 1/(λ(1 − hλ/2)), larger than the target's 1/λ.
let stationary h lambda =
    1.0 / (lambda * (1.0 - h * lambda / 2.0))

/// Evidence from labelled comparisons: label, dimension, step, measured, bound.
let rows rung relation values =
    values
    |> List.map (fun (label, d, k, measured, bound) -> Evidence.row relation d k label measured bound)
    |> Evidence.ofRows rung relation

/// Generated targets, steps and starts.
let instances =
    let generator =
        gen {
            let! dimension = Gen.choose (1, 5)
            let! mu = Gen.elements [ 0.1; 1.0; 5.0 ]
            let! kappa = Gen.elements [ 1.0; 3.0; 10.0; 100.0 ]
            let! step = Gen.elements [ 0.02; 0.1; 0.5; 0.9 ]
            let! shift = Gen.elements [ 0.0; 1.0; 5.0 ]
            let! width = Gen.elements [ 0.1; 1.0; 3.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Dimension = dimension
                Mu = mu
                Kappa = kappa
                Step = step
                Shift = shift
                Width = width
                Seed = seed
            }
        }

    let shrink (spec: LangevinSpec) =
        seq {
            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Kappa > 1.0 then
                { spec with Kappa = 1.0 }

            if spec.Shift > 0.0 then
                { spec with Shift = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    Instances.generated generator shrink

/// d = 4, κ = 10.
let standard: LangevinSpec = {
    Dimension = 4
    Mu = 1.0
    Kappa = 10.0
    Step = 0.25
    Shift = 3.0
    Width = 2.0
    Seed = 1
}
