/// Bias and spread of clipping under heavy tails: claim 1 of RP-BLOCKS.
///
/// Sadiev et al., ICML 2023, arXiv 2302.00999, with sharper constants.
module Theory.Algorithms.RobustAndPrivate.ClippingBias

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.RobustAndPrivate

// ---- 1: bias and spread of clipping --------------------------------------------------------------------------------

[<NoComparison>]
type ClipSpec = {
    Order: float
    Level: float
    /// ‖x‖/λ ≤ 1/2.
    Position: float
    /// Size of the hit, over λ.
    Hit: float
    Probability: float
    /// Angle between the noise and x.
    Angle: float
    /// ±hits with equal probability, or a rare hit one way and a small drift the other way.
    Symmetric: bool
}

/// The three bounds over the atoms of the law; `sharp` scales the bias constant.
let private clipBounds (sharp: float) (spec: ClipSpec) =
    let x = Block.vector [| spec.Position * spec.Level; 0.0 |]
    let size = spec.Hit * spec.Level
    let along v = [| v * cos spec.Angle; v * sin spec.Angle |]
    let q = spec.Probability

    let noise =
        if spec.Symmetric then
            HeavyTails.atoms [| 0.5 * q; 0.5 * q; 1.0 - q |] [| along size; along -size; along 0.0 |]
        else
            HeavyTails.atoms [| q; 1.0 - q |] [| along size; along (-size * q / (1.0 - q)) |]

    let sigma = HeavyTails.moment spec.Order noise ** (1.0 / spec.Order)

    let outcomes =
        noise.Outcomes
        |> Array.map (fun o -> o.Probability, Clipping.clip spec.Level (x + o.Outcome))

    let expectation = outcomes |> Array.map (fun (w, y) -> w * y) |> Array.reduce (+)
    let norm (b: Block) = (Block.lanes (Block.norm b))[0]
    let bias = norm (expectation - x)
    let row = Evidence.row Relation.AtMost 2 outcomes.Length

    Evidence.ofRowsAbove (Rounding.identity 64.0 spec.Level) Rung.Enumerated Relation.AtMost [
        row "‖EY − x‖, sharp constant" bias (sharp * Clipping.biasBound spec.Order sigma spec.Level)
        row "‖EY − x‖" bias (Clipping.simpleBiasBound spec.Order sigma spec.Level)
        row
            "E‖Y − x‖²"
            (outcomes |> Array.sumBy (fun (w, y) -> w * norm (y - x) ** 2.0))
            (Clipping.secondMomentBound spec.Order sigma spec.Level)
        for _, y in outcomes do
            row "‖Y − EY‖" (norm (y - expectation)) (2.0 * spec.Level)
    ]

let private clipped = {
    Order = 2.0
    Level = 1.0
    Position = 0.5
    Hit = 1.0
    Probability = 1e-4
    Angle = 0.0
    Symmetric = false
}

let private clipInstances: Instances<ClipSpec> =
    Instances.generated
        (gen {
            let! order = Gen.elements [ 1.2; 1.5; 2.0 ]
            let! level = Gen.elements [ 0.3; 1.0; 7.0 ]
            let! position = Gen.elements [ 0.0; 0.2; 0.5 ]
            let! hit = Gen.elements [ 0.01; 0.5; 0.75; 1.5; 3.0; 100.0 ]
            let! q = Gen.elements [ 1e-4; 0.1; 0.5; 0.9 ]
            let! angle = Gen.elements [ 0.0; 0.7; Math.PI / 2.0; Math.PI ]
            let! symmetric = Gen.elements [ true; false ]

            return {
                Order = order
                Level = level
                Position = position
                Hit = hit
                Probability = q
                Angle = angle
                Symmetric = symmetric
            }
        })
        (fun s ->
            seq {
                if s.Angle > 0.0 then
                    { s with Angle = 0.0 }

                if s.Level <> 1.0 then
                    { s with Level = 1.0 }
            })
    |> Instances.counts 10 60 600
    |> Instances.startingWith [ clipped; { clipped with Order = 1.5; Hit = 1.5 } ]

let clipBias: Claim =
    Claim.create {
        Claim.spec
            "RP-BLOCKS.1"
            ClaimKind.Mean
            "Y = clip(x+ξ, λ), ‖x‖ ≤ λ/2: ‖EY−x‖ ≤ ((a−1)^{a−1}/a^a)(2/λ)^{a−1}σ^a, E‖Y−x‖² ≤ (3λ/2)^{2−a}σ^a, ‖Y−EY‖ ≤ 2λ"
            clipInstances
            (fun _ spec -> clipBounds 1.0 spec) with
            Formula = @"\|\mathbb E Y - x\| \le \frac{(a-1)^{a-1}}{a^a}(2/\lambda)^{a-1}\sigma^a"
            Assumptions = "E ξ = 0, E‖ξ‖^a ≤ σ^a, ‖x‖ ≤ λ/2"
            Source = "derived; sharper than the constants 2^a and 18 of arXiv 2302.00999"
            Valid = fun spec -> spec.Position <= 0.5
            Falsifiers = [
                Falsifier.check "‖x‖ = λ" (fun _ spec ->
                    clipBounds 1.0 {
                        spec with
                            Position = 1.0
                            Hit = 0.01
                            Probability = 0.999
                            Symmetric = true
                    })
                Falsifier.check "bias constant × 0.9" (fun _ spec -> clipBounds 0.9 spec)
            ]
            Tight = Some { Instance = clipped; AtLeast = 0.999 }
    }
