/// Distances between Gaussian laws, and what they say of any laws.
///
/// Gelbrich, 1990; Bakry, Émery, 1985; Otto, Villani, 2000. The functions stand in `Theory.Problems.Gaussians`.
/// Problem: ρ = N(m1, S1), π = N(m2, A⁻¹), μ = λmin(A), L = λmax(A), F(x) = ½(x − m2)ᵀA(x − m2).
module Theory.Algorithms.SamplingAndDynamics.GaussianLaws

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems

// ---- SD-GAUSS.1 ------------------------------------------------------------------------------------------------

/// A product of laws with finitely many atoms against a Gaussian, in a random frame.
[<NoComparison>]
type AtomsSpec = {
    Dimension: int
    /// Atoms per coordinate.
    Atoms: int
    /// Scale of the atoms.
    Scale: float
    /// Distance of the means.
    Shift: float
    Seed: int
}

/// W2² of a law on the line with atoms a_1 ≤ … ≤ a_k, of the mass between the quantiles t_0 = −∞ < t_1 < … < t_k = ∞ of
/// N(0, 1), to N(0, v): the monotone coupling sends √v·ξ ∈ √v·[t_{i−1}, t_i] to a_i.
let private lineWasserstein (atoms: float[]) (thresholds: float[]) v =
    let density t =
        if Double.IsInfinity t then
            0.0
        else
            exp (-0.5 * t * t) / sqrt (2.0 * Math.PI)

    let mass =
        Array.pairwise thresholds
        |> Array.map (fun (a, b) -> Gaussians.cumulative b - Gaussians.cumulative a)

    let cross =
        Array.pairwise thresholds |> Array.map (fun (a, b) -> density a - density b)

    let second = Array.fold2 (fun sum a p -> sum + p * a * a) 0.0 atoms mass
    let mean = Array.fold2 (fun sum a p -> sum + p * a) 0.0 atoms mass

    second - 2.0 * sqrt v * Array.fold2 (fun sum a c -> sum + a * c) 0.0 atoms cross
    + v,
    mean,
    second - mean * mean

/// True W2² of the product law to the Gaussian against the formula on its mean and covariance.
let private lowerBound (spec: AtomsSpec) =
    let d = spec.Dimension

    let parts =
        Array.init d (fun j ->
            let numbers =
                Linear.gaussians spec.Seed j (2 * spec.Atoms) |> Array.chunkBySize spec.Atoms

            let atoms =
                numbers[0] |> Array.map (fun a -> spec.Shift + spec.Scale * a) |> Array.sort

            let inside = Array.sort (Array.tail numbers[1])
            let v = 0.3 + float j
            v, lineWasserstein atoms [| -infinity; yield! inside; infinity |] v)

    let frame = Linear.rotation spec.Seed 50 d

    let turned values =
        LinearAlgebra.FromSpectrum(frame, ReadOnlySpan(values: float[]))

    let mean =
        LinearAlgebra.Multiply(frame, ReadOnlySpan(parts |> Array.map (fun (_, (_, m, _)) -> m)))

    let rho = Gaussians.law mean (turned (parts |> Array.map (fun (_, (_, _, s)) -> s)))
    let pi = Gaussians.law (Array.zeroCreate d) (turned (parts |> Array.map fst))
    let truth = parts |> Array.sumBy (fun (_, (w, _, _)) -> w)
    let formula = Gaussians.wassersteinSquared rho pi

    let bound =
        [
            Evidence.row Relation.AtLeast (d * d) 1 "true W2² of the product law against the formula" truth formula
        ]
        |> Evidence.ofRows Rung.Moments Relation.AtLeast

    // The usual form of the formula, and one that uses no matrix function.
    let forms =
        let commuting =
            parts |> Array.sumBy (fun (v, (_, m, s)) -> m * m + (sqrt s - sqrt v) ** 2.0)

        [
            Evidence.row Relation.Equal (d * d) 1 "the trace form" (Gaussians.gelbrich rho pi) formula
            Evidence.row Relation.Equal (d * d) 1 "commuting covariances: ‖m‖² + Σ(√s − √v)²" commuting formula
        ]
        |> Evidence.ofRows Rung.Moments Relation.Equal

    {
        Evidence.all [ bound; forms ] with
            Tightness = bound.Tightness
    }

/// The two-point law ±√v against N(0, 1): W2² = 1 + v − 2√v·c with c = √(2/π), at least (√v − 1)² and at least 0.
let private twoPoints c =
    [ 0.25; 0.8; 1.0; 1.2; 4.0 ]
    |> List.map (fun v ->
        let truth = 1.0 + v - 2.0 * sqrt v * c

        let exact, _, _ =
            lineWasserstein [| -sqrt v; sqrt v |] [| -infinity; 0.0; infinity |] 1.0

        [
            Evidence.row
                Relation.AtLeast
                1
                1
                $"v = {v}: 1 + v − 2√v·{c:G4} against (√v − 1)²"
                truth
                ((sqrt v - 1.0) ** 2.0)
            Evidence.row Relation.AtLeast 1 1 $"v = {v}: against the monotone coupling" truth exact
        ]
        |> Evidence.ofRows Rung.Moments Relation.AtLeast)
    |> Evidence.all

let private atoms =
    let generator =
        gen {
            let! dimension = Gen.choose (1, 4)
            let! count = Gen.choose (2, 8)
            let! scale = Gen.elements [ 0.3; 1.0; 3.0 ]
            let! shift = Gen.elements [ 0.0; 1.0; 10.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Dimension = dimension
                Atoms = count
                Scale = scale
                Shift = shift
                Seed = seed
            }
        }

    let shrink (spec: AtomsSpec) =
        seq {
            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Atoms > 2 then
                { spec with Atoms = spec.Atoms - 1 }

            if spec.Shift > 0.0 then
                { spec with Shift = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    Instances.generated generator shrink |> Instances.counts 4 20 200

let private far: AtomsSpec = {
    Dimension = 2
    Atoms = 4
    Scale = 1.0
    Shift = 10.0
    Seed = 1
}

let gelbrich: Claim =
    Claim.create {
        Claim.spec
            "SD-GAUSS.1"
            ClaimKind.Law
            "W2(ρ, π) is at least the Gaussian formula on the means and covariances, for any laws; products of discrete laws in random frames"
            (atoms |> Instances.startingWith [ far ])
            (fun _ spec ->
                let general = lowerBound spec

                {
                    Evidence.all [ general; twoPoints (sqrt (2.0 / Math.PI)) ] with
                        Tightness = general.Tightness
                }) with
            Formula = @"W_2(\rho,\pi)^2 \ge \|m\|^2+\operatorname{tr}\bigl(S_1+S_2-2(S_2^{1/2}S_1S_2^{1/2})^{1/2}\bigr)"
            Assumptions = "finite second moments; equality for Gaussians and for affine images of one law"
            Source = "Gelbrich, 1990"
            Falsifiers = [
                Falsifier.check "two points: √(2/π) → 1.05" (fun _ _ -> twoPoints 1.05)
                Falsifier.check "two points: √(2/π) → 0.82" (fun _ _ -> twoPoints 0.82)
            ]
            Tight = Some { Instance = far; AtLeast = 0.99 }
    }

// ---- SD-GAUSS.2 ------------------------------------------------------------------------------------------------

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

let inequalitiesClaim: Claim =
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

let paper: Paper = {
    Key = "SD-GAUSS"
    Title = "Distances between Gaussian laws"
    Citation = "Gelbrich, 1990; Bakry, Émery, 1985; Otto, Villani, 2000"
    Family = "sampling-and-dynamics"
    Problem = "ρ = N(m1, S1), π = N(m2, A⁻¹)"
    Methods = []
    Claims = [ gelbrich; inequalitiesClaim ]
}
