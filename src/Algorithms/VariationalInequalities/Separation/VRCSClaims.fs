/// The claims on VRCS and AccVRCS: one epoch against every test point, both contractions, the rounds.
/// Bylinkin, Skorik, Bystrov et al., 2026; constants derived.
module Theory.Algorithms.VariationalInequalities.VRCSClaims

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.SimilarityEpochs
open Theory.Algorithms.VariationalInequalities.VRCS
open Theory.Algorithms.VariationalInequalities.VRCSEstimates

// ---- VI-SEPAR.4, VI-SEPAR.5, VI-SEPAR.6 ------------------------------------------------------------------------

/// The change of a mutant: its multiple of θ, and the weights of the two groups' differences.
type private Change = { Scale: float; Weighted: bool }

let private right = { Scale = 1.0; Weighted = true }

/// The paper's p and q and two others, each with the inner loop of a changed method.
let private each change (spec: GroupedSpec) check =
    let f = GroupedSums.quadratic spec :> IGroupedSum

    [ parameters f; parametersAt f 0.5 0.3; parametersAt f 0.2 0.7 ]
    |> List.map (fun p ->
        let run = {
            p with
                Theta = change.Scale * p.Theta
        }

        let weight q =
            if change.Weighted then 1.0 / q else 1.0

        let process' = {
            inner f run with
                Step =
                    fun coin s -> serverStep f run.Theta (difference f (weight run.Q) (weight (1.0 - run.Q)) coin s) s
        }

        check f p process' (gradientPsi f run.Theta))
    |> Pieces.all

let private lemma power change spec =
    each change spec (fun f p inner psi -> innerInequality f p.P (p.P ** power) psi inner)

let epochLemma: Claim =
    Claim.create {
        Claim.spec
            "VI-SEPAR.4"
            ClaimKind.Mean
            "VRCS epoch: E[h(x_N) − h(x)] ≤ E[p⟨x − x_0, ∇ψ(x_N) − ∇ψ(x_0)⟩ − (p/2)D_ψ(x_0, x_N) − (μ/2)‖x_N − x‖²] for every x and x_0"
            instances
            (fun _ spec -> lemma 1.0 right spec) with
            Formula =
                @"\mathbb E[h(x_N)-h(x)] \le \mathbb E\big[p\langle x-x_0,\nabla\psi(x_N)-\nabla\psi(x_0)\rangle-\tfrac p2D_\psi(x_0,x_N)-\tfrac\mu2\|x_N-x\|^2\big]"
            Assumptions =
                "h μ-strongly convex, θ = min{1/(2(δ_f+δ_g)), √p/(4σ)}, σ² = δ_f²/q + δ_g²/(1−q), any p, q in (0, 1)"
            Source = "derived: VI-OLGA.1 for an unbiased estimate whose noise is at most σ²‖x_k − x_0‖² in mean square"
            Falsifiers = [
                Falsifier.check "weights 1/q and 1/(1−q) forgotten" (fun _ spec ->
                    lemma 1.0 { right with Weighted = false } spec)
                Falsifier.check "θ × 8" (fun _ spec -> lemma 1.0 { right with Scale = 8.0 } spec)
                Falsifier.check "p left out before the inner product" (fun _ spec -> lemma 0.0 right spec)
            ]
            // Attained at x_0 = x*, x − x* along the flattest direction.
            Tight = Some { Instance = standard; AtLeast = 0.999 }
    }

/// EΨ⁺ ≤ factor·Ψ over one epoch.
let private contracts change spec =
    each change spec (fun f p inner psi ->
        let measure (s: Inner) =
            Objective.gap f s.X
            + (0.5 * p.P) * Block.dot (psi s.X - psi f.Minimiser) (s.X - f.Minimiser)

        GeometricStop.oneEpoch p.P {
            Process = inner
            Centre = { X = f.Minimiser; Start = f.Minimiser }
            Keeps = Some(fun s -> s.X - s.Start)
            Measure = measure
            Bound = fun s -> contraction f p * measure { s with X = s.Start }
            Relation = Relation.AtMost
            MatchMoments = false
        })

let contractionClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SEPAR.5"
            ClaimKind.Mean
            "VRCS: EΨ⁺ ≤ max{½, 1/(1+2μθ/(3p))}Ψ, Ψ = h(x) − h* + pD_ψ(x*, x), per epoch"
            instances
            (fun _ spec -> contracts right spec) with
            Formula = @"\mathbb E\Psi^+ \le \max\{\tfrac12,\tfrac1{1+2\mu\theta/(3p)}\}\Psi"
            Assumptions = "as VI-SEPAR.4"
            Source = "derived from VI-SEPAR.4 at x_0 and at x*"
            Falsifiers = [
                Falsifier.check "θ × 8" (fun _ spec -> contracts { right with Scale = 8.0 } spec)
                Falsifier.check "θ × 3 with the weights forgotten" (fun _ spec ->
                    contracts { Scale = 3.0; Weighted = false } spec)
            ]
            Tight = Some { Instance = standard; AtLeast = 0.9 }
    }

let private outer change limit spec =
    each change spec (fun f p inner psi -> outerInequality f (weightsOf p) psi inner (limit f (weightsOf p)))

/// Both forms of the accelerated statement.
let private accelerates change spec =
    Pieces.all [ outer change bound spec; outer change contractedBound spec ]

let acceleratedClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SEPAR.6"
            ClaimKind.Mean
            "AccVRCS: E[Y⁺ + Z⁺] ≤ (1−τ)Y + Z/(1+μα) ≤ (1−τ)(Y + Z) from every (y, z)"
            (GroupedSums.instances 2
             |> Instances.startingWith [ standard; scalar ]
             |> Instances.counts 1 3 40)
            (fun _ spec -> accelerates right spec) with
            Formula = @"\mathbb E[Y^++Z^+] \le (1-\tau)Y+\tfrac{Z}{1+\mu\alpha} \le (1-\tau)(Y+Z)"
            Assumptions = "as VI-SEPAR.4; τ = ¼min{√(μθ/p), 1}, α = θ/(8pτ)"
            Source = "derived from VI-SEPAR.4 as VI-OLGA.2 and VI-OLGA.6 from VI-OLGA.1"
            Falsifiers = [
                // The outer loop forgives much; here the forgotten weights turn the server's step around.
                Falsifier.check "weights 1/q and 1/(1−q) forgotten" (fun _ spec ->
                    accelerates { right with Weighted = false } spec)
                |> Falsifier.at [
                    {
                        scalar with
                            Mu = 0.001
                            DeltaF = 10.0
                            DeltaG = 100.0
                    }
                ]
                Falsifier.check "θ × 8" (fun _ spec -> accelerates { right with Scale = 8.0 } spec)
            ]
            Tight = Some { Instance = standard; AtLeast = 0.9 }
    }

// ---- VI-SEPAR.7 ------------------------------------------------------------------------------------------------

/// Mean rounds with the two groups in an epoch, over the exact law of its steps and coins.
let private meanRounds ends (p: Parameters) =
    let mean part =
        GeometricStop.meanOverLengths p.P (fun n ->
            // The binomial law of the heads, by its ratios.
            let ratio = p.Q / (1.0 - p.Q)

            let _, total =
                ((1.0 - p.Q) ** float n, 0.0, seq { 0..n })
                |> fun (first, zero, heads) ->
                    ((first, zero), heads)
                    ||> Seq.fold (fun (weight, sum) h ->
                        weight * float (n - h) / float (h + 1) * ratio,
                        sum + weight * float (part (groupRounds ends n h)))

            total)

    mean fst, mean snd

let private accounts ends (p: Parameters) =
    let inF, inG = meanRounds ends p

    let row name measured value =
        Evidence.row Relation.Equal 1 1000 name measured value

    Evidence.ofRows Rung.Enumerated Relation.Equal [
        row $"rounds with the first group, {ends} ends" inF (float ends + p.Q / p.P)
        row $"rounds with the second group, {ends} ends" inG (float ends + (1.0 - p.Q) / p.P)
    ]

/// Epochs until EΨ ≤ 1e-4Ψ_0 from 0, by exact means.
let private epochs (f: IGroupedSum) (p: Parameters) limit =
    let start: Inner = {
        X = 0.0 * f.Minimiser
        Start = 0.0 * f.Minimiser
    }

    let centre: Inner = { X = f.Minimiser; Start = f.Minimiser }

    let measure (s: Inner) = lyapunov f p { X = s.X }

    GeometricStop.series p.P (inner f p) centre (fun s -> { s with Start = s.X }) measure start
    |> Result.map (fun values ->
        let goal = 1e-4 * Seq.head values

        match values |> Seq.truncate (limit + 1) |> Seq.tryFindIndex (fun v -> v <= goal) with
        | Some k -> float k
        | None -> infinity)

/// Rounds with the first group: seen against certified, and against epochs with p = q = ½.
let private rounds change (spec: GroupedSpec) =
    let f = GroupedSums.quadratic (change spec) :> IGroupedSum
    let p, half = parameters f, parametersAt f 0.5 0.5
    let mu, log4 = f.StrongConvexity, log 1e4
    let order = 2.0 + 6.0 * sqrt 3.0 * f.SimilarityF / mu
    let certified = order * log4
    let times = (f.SimilarityG / f.SimilarityF) ** 2.0
    // By VI-SEPAR.7; the sum over the law would have p⁻² terms.
    let inF, inG = 1.0 + p.Q / p.P, 1.0 + (1.0 - p.Q) / p.P
    let rate = 1.0 / -(log (contraction f p))
    let root = max 1.0 (sqrt (4.0 * sqrt 3.0 * f.SimilarityF / mu))

    let row name measured value =
        Evidence.row Relation.AtMost 1 1000 name measured value

    match epochs f p (int certified + 1), epochs f half (int (log4 / -(log (contraction f half))) + 1) with
    | Ok own, Ok other ->
        Evidence.ofRows Rung.Moments Relation.AtMost [
            row "p/(μθ)" (p.P / (mu * p.Theta)) (4.0 * sqrt 3.0 * f.SimilarityF / mu)
            row "certified rounds, first group" (inF * rate) (2.0 * order)
            row "certified rounds, second group" (inG * rate) ((1.0 + times) * order)
            row "AccVRCS: 3/−ln(1−τ)" (3.0 / -(log (1.0 - p.Tau))) (12.0 * root)
            row "rounds seen, first group" (inF * own) (2.0 * certified)
            // Less than half of what epochs without separation need.
            row "rounds seen against p = q = ½" (inF * own) (0.5 * 2.0 * other)
        ]
    | Error reason, _
    | _, Error reason -> Evidence.undecided Rung.Moments reason

let private counted deltaF deltaG mu : GroupedSpec = {
    standard with
        Dimension = 3
        Mu = mu
        DeltaF = deltaF
        DeltaG = deltaG
}

let private accountsOf (spec: GroupedSpec) ends =
    let f = GroupedSums.quadratic spec :> IGroupedSum

    Pieces.all [
        accounts ends (parametersAt f 0.5 0.3)
        accounts ends (parametersAt f 0.25 0.25)
    ]

let accountClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SEPAR.7"
            ClaimKind.Count
            "rounds per epoch: 1 + q/p with the first group and 1 + (1−q)/p with the second; one more each in AccVRCS"
            (Instances.only [ standard ])
            (fun _ spec -> Pieces.all [ accountsOf spec 1; accountsOf spec 2 ]) with
            Formula = @"1+\tfrac qp,\qquad 1+\tfrac{1-q}p"
            Source = "derived; orders as publicly stated"
            Falsifiers = [
                Falsifier.check "no full gradients at the start" (fun _ spec ->
                    let f = GroupedSums.quadratic spec :> IGroupedSum
                    let p = parametersAt f 0.5 0.3
                    let inF, _ = meanRounds 0 p

                    Evidence.ofRows Rung.Enumerated Relation.Equal [
                        Evidence.row Relation.Equal 1 1000 "rounds with the first group" inF (1.0 + p.Q / p.P)
                    ])
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }

let roundsClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SEPAR.7b"
            ClaimKind.Count
            "p = q = (δ_f/δ_g)²: VRCS reaches EΨ ≤ εΨ_0 in 2(2 + 6√3δ_f/μ)ln(1/ε) rounds with the first group and (1 + δ_g²/δ_f²)(2 + 6√3δ_f/μ)ln(1/ε) with the second, AccVRCS in 12√(4√3δ_f/μ)ln(1/ε) with the first; half of the rounds of p = q = ½ at most"
            (Instances.only [ counted 0.1 1.0 0.01; counted 0.05 1.0 0.01; counted 0.2 1.0 0.02 ])
            (fun _ spec -> rounds id spec) with
            Formula =
                @"\tfrac p{\mu\theta}\le 4\sqrt3\,\tfrac{\delta_f}\mu,\quad \#M_f\le 2\big(2+6\sqrt3\tfrac{\delta_f}\mu\big)\ln\tfrac1\varepsilon"
            Assumptions = "δ_f² ≤ ½δ_g², ε = 1e-4, exact means of every epoch"
            Source = "orders as publicly stated; constants derived"
            Falsifiers = [
                Falsifier.check "δ_f = δ_g" (fun _ spec -> rounds (fun s -> { s with DeltaF = s.DeltaG }) spec)
            ]
    }
