/// The lower bound of W2 by means and covariances (SD-GAUSS.1).
module Theory.Algorithms.SamplingAndDynamics.Gelbrich

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems

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

let claim: Claim =
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
