/// The gap of the averaged iterates in the monotone case (VI-SGDA.17).
///
/// Source and problem as in Parametric.fs. Gap_C(z) = max over u ∈ C of ⟨F(u), z − u⟩, C a ball of radius r around z*, and
/// z̄_K the average of z_1 … z_K.
module Theory.Algorithms.VariationalInequalities.MonotoneGapSGDA

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.VariationalInequalities.ParametricSGDA

/// A game of one rotation block, where the method starts and how long it runs.
[<NoComparison>]
type GapSpec = {
    Workers: int
    Mu: float
    MuSpread: float
    Skew: float
    SkewSpread: float
    Offset: float
    /// ‖z_0 − z*‖.
    Distance: float
    /// Radius of C.
    Radius: float
    /// K.
    Steps: int
    /// γ over the largest that the theorem allows.
    Share: float
    Seed: int
}

/// max over ‖e‖ ≤ r of ⟨Āe, s − e⟩ for s = z − z*: with the symmetric part μI and v = ‖Āᵀs‖ it is v²/(4μ) where
/// v ≤ 2μr, else vr − μr².
let private gap (f: AffineOperator) (radius: float) (z: Block) : float[] =
    let mu = (f :> IOperator).Monotonicity

    (z - (f :> IOperator).Solution).Apply(f.Mean, true)
    |> Block.norm
    |> Block.lanes
    |> Array.map (fun v ->
        if v <= 2.0 * mu * radius then
            v * v / (4.0 * mu)
        else
            v * radius - mu * radius * radius)

/// E Gap_C(z̄_K) over all sequences of outcomes, from a start.
let private expectedGap (f: AffineOperator) (c: Case<'S, 'D>) (start: 'S) (spec: GapSpec) =
    let k = float spec.Steps

    // Every path through the tree of outcomes carries the sum of its z_1 … z_j.
    let outcomes = c.Process.Draw.Outcomes

    let rec walk depth (state: 'S) (total: Block) =
        if depth = spec.Steps then
            (gap f spec.Radius (total / k))[0]
        else
            outcomes
            |> Array.sumBy (fun o ->
                let next = c.Process.Step o.Outcome state
                o.Probability * walk (depth + 1) next (total + c.Iterate next))

    walk 0 start (0.0 * c.Iterate start)

/// Which terms of the bound are kept.
type private Terms =
    | All
    | First

/// The right sides of (i), F monotone and ℓ-star-cocoercive, and (ii), F ℓ-cocoercive.
let private rightSides (c: Case<'S, 'D>) (start: 'S) (spec: GapSpec) terms =
    let k, gamma, ell = c.Constants, c.Gamma, Cocoercivity.star c.Operator
    let steps = float spec.Steps
    let control = if k.B = 0.0 then 0.0 else k.B / k.Rho
    let first = 3.0 * (spec.Distance + spec.Radius) ** 2.0 / (2.0 * gamma * steps)
    let sigma0 = (Block.lanes (c.Sigma start))[0]

    // `a` stands for 4A+ℓ+8BC/ρ or 6A+3ℓ+12BC/ρ.
    let rest a four two =
        a * spec.Distance ** 2.0 / steps
        + (four + a * gamma) * gamma * control * sigma0 / steps
        + gamma * (two + gamma * a) * (k.D1 + 2.0 * control * k.D2)

    let star = 8.0 * gamma * ell ** 2.0 * (2.0 * spec.Radius) ** 2.0 / steps
    let product = control * k.C

    match terms with
    | First -> first, first
    | All ->
        first + star + rest (4.0 * k.A + ell + 8.0 * product) 4.0 2.0,
        first + rest (6.0 * k.A + 3.0 * ell + 12.0 * product) 6.0 3.0

let private gameOf (spec: GapSpec) =
    Games.rotationBlocks {
        Workers = spec.Workers
        Blocks = 1
        Mu = spec.Mu
        MuSpread = spec.MuSpread
        Skew = spec.Skew
        SkewSpread = spec.SkewSpread
        Offset = spec.Offset
        Seed = spec.Seed
    }

/// The gap of one method; γ ≤ 1/(2(A+BC/ρ)), which is at most 1/ℓ here since A ≥ ℓ/2.
let private compare (f: AffineOperator) (case: float -> Case<'S, 'D>) (begin': Case<'S, 'D> -> Block -> 'S) spec terms =
    let k = (case 1.0).Constants
    let control = if k.B = 0.0 then 0.0 else k.B / k.Rho
    let gamma = spec.Share / (2.0 * (k.A + control * k.C))
    let c = case gamma
    let z0 = c.Operator.Solution + Block.vector [| spec.Distance; 0.0 |]
    let start = begin' c z0
    let measured = expectedGap f c start spec
    let star, full = rightSides c start spec terms

    Evidence.ofRows Rung.Enumerated Relation.AtMost [
        Evidence.row Relation.AtMost 2 spec.Steps "F star-cocoercive: E Gap" measured star
        if gamma * Cocoercivity.star c.Operator <= 1.0 then
            Evidence.row Relation.AtMost 2 spec.Steps "F cocoercive: E Gap" measured full
    ]

/// SGDA over K steps, L-SVRGDA (twice as many outcomes a step) over half of them.
let private check (spec: GapSpec) terms =
    let f = gameOf spec

    Evidence.all [
        compare f (UniformSGDA.case f) (fun _ z0 -> { Z = z0 }) spec terms
        compare
            f
            (LSVRGDA.case f)
            (fun _ z0 -> LSVRGDA.init f z0)
            {
                spec with
                    Steps = max 1 (spec.Steps / 2)
            }
            terms
    ]

let private standard: GapSpec = {
    Workers = 2
    Mu = 1.0
    MuSpread = 1.0
    Skew = 1.0
    SkewSpread = 0.5
    Offset = 1.0
    Distance = 1.0
    Radius = 1.0
    Steps = 10
    Share = 1.0
    Seed = 1
}

/// At the solution, with much noise and a small ball: the first term alone does not see the noise.
let private noisy = {
    standard with
        Distance = 0.0
        Radius = 0.1
        Offset = 3.0
}

let private generator =
    gen {
        let! workers = Gen.choose (1, 2)
        let! mu = Gen.elements [ 0.01; 0.1; 1.0 ]
        let! skew = Gen.elements [ 0.0; 1.0; 3.0 ]
        let! spread = Gen.elements [ 0.0; 0.5; 1.0 ]
        let! offset = Gen.elements [ 0.0; 1.0; 3.0 ]
        let! distance = Gen.elements [ 0.0; 1.0; 3.0 ]
        let! radius = Gen.elements [ 0.1; 1.0; 5.0 ]
        let! steps = Gen.choose (1, 7)
        let! share = Gen.elements [ 0.1; 1.0 ]
        let! seed = Gen.choose (0, 10000)

        return {
            Workers = workers
            Mu = mu
            MuSpread = 1.0
            Skew = skew
            SkewSpread = spread
            Offset = offset
            Distance = distance
            Radius = radius
            Steps = steps
            Share = share
            Seed = seed
        }
    }

let private shrink (spec: GapSpec) =
    seq {
        if spec.Steps > 1 then
            { spec with Steps = spec.Steps - 1 }

        if spec.Workers > 1 then
            { spec with Workers = spec.Workers - 1 }

        if spec.Offset > 0.0 then
            { spec with Offset = 0.0 }

        if spec.Distance > 0.0 then
            { spec with Distance = 0.0 }
    }

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.17"
            ClaimKind.Mean
            "monotone F, average of z_1 … z_K: E Gap_C(z̄_K) is at most the bounds for star-cocoercive and for cocoercive F"
            (Instances.generated generator shrink
             |> Instances.startingWith [ standard; noisy ]
             |> Instances.counts 2 4 30)
            (fun _ spec -> check spec All) with
            Formula =
                @"\mathbb E\,\mathrm{Gap}_C(\bar z_K) \le \frac{3\max_{u\in C}\|z_0-u\|^2}{2\gamma K}+\frac{8\gamma\ell^2\Omega_C^2}K+\frac{a R_0^2}K+\frac{(4+a\gamma)\gamma B\sigma_0^2}{\rho K}+\gamma(2+\gamma a)\left(D_1+\frac{2BD_2}\rho\right),\quad a=4A+\ell+\frac{8BC}\rho"
            Assumptions =
                "γ ≤ 1/(2(A+BC/ρ)), F(z*) = 0; for cocoercive F also γ ≤ 1/ℓ, no second term, and (6A+3ℓ+12BC/ρ, 6, 3) for (a, 4, 2)"
            Source = "arXiv 2202.07262, Theorems 2.5 and 2.6"
            Falsifiers = [
                Falsifier.check "the first term alone" (fun _ spec -> check spec First)
                |> Falsifier.at [ noisy ]
            ]
    }
