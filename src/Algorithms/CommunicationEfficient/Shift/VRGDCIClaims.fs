/// Compressed iterates with short steps: GDCI's neighbourhood (CE-SHIFT.5), which VR-GDCI does not have (.6).
module Theory.Algorithms.CommunicationEfficient.VRGDCIClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

/// Quadratics with Rand-1; γ and β as shares of their limits.
[<NoComparison>]
type IteratesSpec = {
    Workers: int
    Dimension: int
    Kappa: float
    /// γLmax ∈ (0, 1].
    GammaShare: float
    /// β as a share of min{1, γμn/(4ω)}, in (0, 1].
    BetaShare: float
    Seed: int
}

let private functionOf (spec: IteratesSpec) : IFiniteSum =
    Quadratic.distributed {
        Workers = spec.Workers
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        Spread = 3.0
        Seed = spec.Seed
    }

/// γ, and β = share·min{1, γμn/(constant·ω)}.
let private weights constant (f: IFiniteSum) (spec: IteratesSpec) =
    let gamma = spec.GammaShare / Array.max f.Smoothnesses
    gamma, spec.BetaShare * VRGDCI.largestBeta constant (randK 1) f gamma

let private plain (f: IFiniteSum) (spec: IteratesSpec) : GDCI.Parameters =
    let gamma, beta = weights 4.0 f spec

    {
        Gamma = gamma
        Eta = beta
        Compressor = randK 1
    }

let private reduced constant (f: IFiniteSum) (spec: IteratesSpec) : VRGDCI.Parameters =
    let gamma, beta = weights constant f spec

    {
        Gamma = gamma
        Beta = beta
        Alpha = 1.0 / (1.0 + omegaOf (randK 1) f.Dimension)
        Compressor = randK 1
    }

let private case = {
    Workers = 2
    Dimension = 2
    Kappa = 10.0
    GammaShare = 1.0
    BetaShare = 1.0
    Seed = 1
}

let private instances =
    Instances.generated
        (gen {
            let! workers = Gen.choose (1, 3)
            let! dimension = Gen.choose (2, 3)
            let! kappa = Gen.elements [ 1.0; 3.0; 10.0; 100.0 ]
            let! gamma = Gen.elements [ 0.2; 0.5; 1.0 ]
            let! beta = Gen.elements [ 0.3; 1.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Dimension = dimension
                Kappa = kappa
                GammaShare = gamma
                BetaShare = beta
                Seed = seed
            }
        })
        (fun spec ->
            seq {
                if spec.Workers > 1 then
                    { spec with Workers = spec.Workers - 1 }

                if spec.Dimension > 2 then
                    { spec with Dimension = 2 }

                if spec.Seed > 0 then
                    { spec with Seed = spec.Seed / 2 }
            })
    |> Instances.startingWith [ case; { case with Kappa = 1.0 } ]

/// The spectral radius of the second-moment operator Σ p A⊗A on the states that runs reach is below 1: without noise at the
/// centre E‖x_k − x*‖² → 0.
let private radiusBelowOne proc centre init output (f: IFiniteSum) =
    match Rates.exact proc centre init f.Minimiser output [] with
    | Error reason -> Evidence.undecided Rung.Spectral reason
    | Ok rates ->
        Evidence.ofRows Rung.Spectral Relation.AtMost [
            {
                Label = "spectral radius of Σ p A⊗A"
                Measured = rates.Asymptotic
                Bound = 1.0
                // Below 1, and not by rounding.
                Holds = rates.Asymptotic < 1.0 - Rounding.certificate
            }
        ]
        // How near it is to 1 says nothing of the claim's bounds.
        |> fun e -> { e with Tightness = nan }

// ---- CE-SHIFT.5 ------------------------------------------------------------------------------------------------

let private neighbourhood (share: float) (change: GDCI.Parameters -> GDCI.Parameters) (spec: IteratesSpec) =
    let f = functionOf spec
    let rule = plain f spec
    let taken = change rule

    Spectral.contraction
        (Method.on f taken GDCI.method)
        { X = f.Minimiser }
        None
        (GDCI.distance f)
        (1.0 - rule.Eta * rule.Gamma * f.StrongConvexity / 2.0)
        (share * GDCI.noise f taken)

/// The radius of GDCI with β = 1.
let private withoutAveraging (spec: IteratesSpec) =
    let f = functionOf spec
    let p = { plain f spec with Eta = 1.0 }
    radiusBelowOne (Method.on f p GDCI.method) { GDCI.X = f.Minimiser } GDCI.init (fun s -> s.X) f

let compressedIterates: Claim =
    let fiveDimensions = {
        case with
            Dimension = 5
            Kappa = 10.0
    }

    Claim.create {
        Claim.spec
            "CE-SHIFT.5"
            ClaimKind.Mean
            "GDCI, γ ≤ 1/Lmax, β ≤ min{1, γμn/(4ω)}: E‖x⁺−x*‖² ≤ (1−βγμ/2)‖x−x*‖² + (2β²ω/n)·mean‖x*−γ∇f_i(x*)‖²"
            (instances |> Instances.startingWith [ fiveDimensions ])
            (fun _ -> neighbourhood 1.0 id) with
            Formula =
                @"\mathbb E\|x_k-x_*\|^2\le(1-\tfrac{\beta\gamma\mu}2)^k\|x_0-x_*\|^2+\frac{4\beta\omega}{n\gamma\mu}\cdot\frac1n\sum_i\|x_*-\gamma\nabla f_i(x_*)\|^2"
            Assumptions = "f_i convex L_i-smooth, f μ-strongly convex, Q_i ∈ U(ω) independent"
            Source = "derived; here for one step and every x, which sums to the claim"
            Falsifiers = [
                Falsifier.check "β = 1" (fun _ -> neighbourhood 1.0 (fun p -> { p with Eta = 1.0 }))
                // ω = 4: the second moment grows without end.
                Falsifier.check "β = 1, and the second moment stays bounded" (fun _ -> withoutAveraging)
                Falsifier.check "no neighbourhood" (fun _ -> neighbourhood 0.0 id)
                // x = x* attains half of the term.
                Falsifier.check "0.49 of the neighbourhood" (fun _ -> neighbourhood 0.49 id)
            ]
    }

// ---- CE-SHIFT.6 ------------------------------------------------------------------------------------------------

/// No outcome moves (x*, h*).
let private stands (f: IFiniteSum) (p: VRGDCI.Parameters) =
    let proc = Method.on f p VRGDCI.method
    let point = VRGDCI.fixedPoint f p
    let codec = Codec.ofTemplate point
    let here = (codec.Pack point)[0]
    let size = here |> Array.map abs |> Array.max

    Evidence.ofRows Rung.Spectral Relation.Equal [
        for o in proc.Draw.Outcomes do
            let there = (codec.Pack(codec.Stretch 1 (proc.Step o.Outcome point)))[0]
            let moved = Array.map2 (fun a b -> abs (a - b)) here there |> Array.max

            {
                Label = "how far an outcome moves (x*, h*)"
                Measured = moved
                Bound = 0.0
                Holds = moved <= Rounding.allowance (float here.Length) (1.0 + size)
            }
    ]
    |> fun e -> { e with Tightness = nan }

/// GDCI's E‖x_k − x*‖² stays above (β²ω/n)·mean‖x*−γ∇f_i(x*)‖²: what is compressed has mean x* − γ∇f_i(x*) in the limit,
/// and Rand-k has its full variance on it. Every state counts: what a step adds, E‖x⁺−x*‖² − ‖E x⁺−x*‖², is
/// (β²ω/n²) Σ ‖x−γ∇f_i(x)‖².
let private plainFloor (share: float) (f: IFiniteSum) (p: GDCI.Parameters) =
    let proc = Method.on f p GDCI.method
    let omega, n = omegaOf p.Compressor f.Dimension, float f.Count

    let mean (s: GDCI.State) =
        (1.0 - p.Eta) * s.X + p.Eta * (s.X - p.Gamma * f.Gradient s.X)

    Spectral.oneStep {
        Process = proc
        Centre = { X = f.Minimiser }
        Keeps = None
        Measure = GDCI.distance f
        Bound =
            fun s ->
                Block.normSquared (mean s - f.Minimiser)
                + (share * p.Eta ** 2.0 * omega / n)
                  * Block.meanNormSquared (s.X - p.Gamma * f.Gradients s.X)
        Relation = Relation.Equal
        MatchMoments = false
    }

let private leavesNoNeighbourhood (alpha: float) (share: float) (spec: IteratesSpec) =
    let f = functionOf spec
    let rule = reduced 4.0 f spec

    let p = { rule with Alpha = alpha * rule.Alpha }

    let proc = Method.on f p VRGDCI.method

    Evidence.all [
        stands f p
        radiusBelowOne proc (VRGDCI.fixedPoint f p) (VRGDCI.init f) (fun (s: VRGDCI.State) -> s.X) f
        plainFloor share f (plain f spec)
    ]
    |> Evidence.note ""

let vanishes: Claim =
    Claim.create {
        Claim.spec
            "CE-SHIFT.6"
            ClaimKind.Mean
            "VR-GDCI, α = 1/(1+ω), β ≤ min{1, γμn/(4ω)}: no outcome moves (x*, x*−γ∇f_i(x*)), and E‖x_k−x*‖² → 0 (second-moment radius < 1); each GDCI step adds (β²ω/n)·mean‖x−γ∇f_i(x)‖²"
            instances
            (fun _ -> leavesNoNeighbourhood 1.0 1.0) with
            Formula = @"\rho\Bigl(\sum_\xi p_\xi A_\xi\otimes A_\xi\Bigr)<1,\qquad h_i^*=x_*-\gamma\nabla f_i(x_*)"
            Assumptions = "γ ≤ 1/Lmax, quadratics, Rand-1"
            Source = "derived; the operator is built on the states that runs from h = 0 reach"
            Falsifiers = [
                Falsifier.check "α = 0" (fun _ -> leavesNoNeighbourhood 0.0 1.0)
                Falsifier.check "GDCI adds nothing" (fun _ -> leavesNoNeighbourhood 1.0 0.0)
            ]
    }

let private contracts (change: VRGDCI.Parameters -> VRGDCI.Parameters) (spec: IteratesSpec) =
    let f = functionOf spec
    let rule = reduced 12.0 f spec
    let p = change rule

    Spectral.contraction
        (Method.on f p VRGDCI.method)
        (VRGDCI.fixedPoint f p)
        None
        (VRGDCI.lyapunov f p)
        (VRGDCI.contraction f p)
        0.0

let lyapunovClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-SHIFT.6b"
            ClaimKind.Mean
            "VR-GDCI, γ ≤ 1/Lmax, β ≤ min{1, γμn/(12ω)}, α ≤ 1/(1+ω): E V_{k+1} ≤ max{1−βγμ/2, 1−α/2} E V_k, V = ‖x−x*‖²+(4β²ω/(nα))·mean‖h_i−h_i*‖²"
            instances
            (fun _ -> contracts id) with
            Formula =
                @"\mathbb E V_{k+1}\le\max\{1-\tfrac{\beta\gamma\mu}2,1-\tfrac\alpha2\}V_k,\quad V=\|x-x_*\|^2+\tfrac{4\beta^2\omega}{n\alpha}\tfrac1n\sum_i\|h_i-h_i^*\|^2"
            Assumptions = "f_i convex L_i-smooth, f μ-strongly convex, Q_i ∈ U(ω) independent"
            Source =
                "derived: E‖x⁺−x*‖² ≤ (1−βγμ+2β²ω/n)‖x−x*‖² + (2β²ω/n)σ², Eσ²⁺ ≤ (1−α)σ² + α‖x−x*‖², σ² = mean‖h_i−h_i*‖²"
            Falsifiers = [
                Falsifier.check "α = 1" (fun _ -> contracts (fun p -> { p with Alpha = 1.0 }))
                Falsifier.check "β = 1" (fun _ -> contracts (fun p -> { p with Beta = 1.0 }))
            ]
    }
