/// Log-Sobolev, Talagrand and gradient inequalities on Gaussians (SD-GAUSS.2).
module Theory.Algorithms.SamplingAndDynamics.GaussianInequalities

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems

/// Two Gaussians; π has the precision A.
[<NoComparison>]
type PairSpec = {
    Dimension: int
    /// Condition number of A; μ = 1.
    Kappa: float
    /// Condition number of S1.
    Width: float
    /// Scale of S1.
    Scale: float
    /// Distance of the means, along a random direction; along the eigenvector of λmin(A) when S1 = A⁻¹.
    Shift: float
    /// S1 = A⁻¹.
    SameCovariance: bool
    Seed: int
}

/// Factors on the constants of the inequalities; all 1 in the claim.
type private Factors = {
    Mu: float
    Gradient: float
    Root: float
}

let private inequalities (spec: PairSpec) (c: Factors) =
    let d = spec.Dimension
    let spectrum = Linear.geometric 1.0 spec.Kappa d
    let frame = Linear.rotation spec.Seed 1 d
    let a = LinearAlgebra.FromSpectrum(frame, ReadOnlySpan spectrum)

    let s2 =
        LinearAlgebra.FromSpectrum(frame, ReadOnlySpan(spectrum |> Array.map (fun v -> 1.0 / v)))

    let mu, l = spectrum[0], spectrum[d - 1]

    let s1, direction =
        if spec.SameCovariance then
            s2, LinearAlgebra.Column(frame, 0)
        else
            let widths = Linear.geometric spec.Scale (spec.Scale * spec.Width) d

            LinearAlgebra.FromSpectrum(Linear.rotation spec.Seed 2 d, ReadOnlySpan widths),
            Linear.gaussians spec.Seed 3 d

    let centre = Linear.gaussians spec.Seed 4 d
    let pi = Gaussians.law centre s2

    let rho =
        Gaussians.law (Array.map2 (fun b v -> b + spec.Shift * v) centre direction) s1

    let kl, fisher, w =
        Gaussians.kullbackLeibler rho pi, Gaussians.fisher rho pi, Gaussians.wasserstein rho pi

    let gradient = Gaussians.meanSquaredGradient a centre rho

    let row label measured bound =
        Evidence.row Relation.AtMost (d * d) 1 label measured bound

    [
        row "2μ·KL ≤ J" (2.0 * c.Mu * mu * kl) fisher
        row "W2² ≤ (2/μ)KL" (w * w) (2.0 / (c.Mu * mu) * kl)
        row "E‖∇F‖² ≤ J + 2dL" gradient (fisher + c.Gradient * 2.0 * float d * l)
        row "E_π‖∇F‖² = tr A ≤ dL" (Gaussians.meanSquaredGradient a centre pi) (float d * l)
        row "√E‖∇F‖² ≤ L·W2 + √(dL)" (sqrt gradient) (l * w + c.Root * sqrt (float d * l))
    ]
    // Equal laws are at distance 0 to rounding.
    |> Evidence.ofRowsAbove
        (Rounding.resolution (float (d * d)) (1.0 + sqrt (LinearAlgebra.Trace s1 + LinearAlgebra.Trace s2)))
        Rung.Moments
        Relation.AtMost

let private ones = { Mu = 1.0; Gradient = 1.0; Root = 1.0 }

let private pairs =
    let generator =
        gen {
            let! dimension = Gen.choose (1, 5)
            let! kappa = Gen.elements [ 1.0; 3.0; 30.0 ]
            let! width = Gen.elements [ 1.0; 10.0; 1000.0 ]
            let! scale = Gen.elements [ 0.01; 1.0; 100.0 ]
            let! shift = Gen.elements [ 0.0; 0.1; 1.0; 10.0 ]
            let! same = Gen.elements [ false; false; true ]
            let! seed = Gen.choose (0, 10000)

            return {
                Dimension = dimension
                Kappa = kappa
                Width = width
                Scale = scale
                Shift = shift
                SameCovariance = same
                Seed = seed
            }
        }

    let shrink (spec: PairSpec) =
        seq {
            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Kappa > 1.0 then
                { spec with Kappa = 1.0 }

            if spec.Width > 1.0 then
                { spec with Width = 1.0 }

            if spec.Shift > 1.0 then
                { spec with Shift = 1.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    Instances.generated generator shrink |> Instances.counts 10 60 600

let private shifted: PairSpec = {
    Dimension = 3
    Kappa = 10.0
    Width = 1.0
    Scale = 1.0
    Shift = 1.0
    SameCovariance = true
    Seed = 1
}

let private wide: PairSpec = {
    shifted with
        Dimension = 1
        Kappa = 1.0
        Scale = 100.0
        Shift = 0.0
        SameCovariance = false
}

let claim: Claim =
    Claim.create {
        Claim.spec
            "SD-GAUSS.2"
            ClaimKind.Law
            "2μ·KL ≤ J, W2² ≤ (2/μ)KL, E_ρ‖∇F‖² ≤ J + 2dL, √E_ρ‖∇F‖² ≤ L·W2 + √(dL) on Gaussians"
            (pairs |> Instances.startingWith [ shifted; wide ])
            (fun _ spec -> inequalities spec ones) with
            Formula =
                @"2\mu\,\mathrm{KL}\le J,\quad W_2^2\le\tfrac2\mu\mathrm{KL},\quad \mathbb E_\rho\|\nabla F\|^2\le J+2dL"
            Assumptions = "π = N(b, A⁻¹), μ = λmin(A), L = λmax(A)"
            Source = "Bakry, Émery; Otto, Villani; the gradient lemma from E‖∇F‖² = E⟨∇F, ∇log(ρ/π)⟩ + E ΔF"
            Falsifiers = [
                Falsifier.check "μ → 1.01μ" (fun _ spec -> inequalities spec { ones with Mu = 1.01 })
                Falsifier.check "2dL → 1.9dL" (fun _ spec -> inequalities spec { ones with Gradient = 0.95 })
                |> Falsifier.at [ wide ]
                Falsifier.check "√(dL) → 0.95√(dL)" (fun _ spec -> inequalities spec { ones with Root = 0.95 })
                |> Falsifier.at [ wide ]
            ]
            Tight =
                Some {
                    Instance = shifted
                    AtLeast = 0.999999
                }
    }
