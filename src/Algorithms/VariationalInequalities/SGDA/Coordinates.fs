/// One coordinate of F a step: CSGDA without and SEGA-SGDA with a control variate.
///
/// Source and problem as in Parametric.fs; ‖F(z)‖² ≤ ℓ⟨F(z), z − z*⟩.
module Theory.Algorithms.VariationalInequalities.CoordinateSGDA

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.VariationalInequalities.ParametricSGDA

type Parameters = { Gamma: float }

/// One of d coordinates of F: the d-th part of a call. The problem's interface computes all of F.
let private cost (f: IOperator) = [ Charge.each Counter.OperatorCalls (1.0 / float f.Dimension) ]

// ---- CSGDA -----------------------------------------------------------------------------------------------------

/// A = dℓ, D_1 = 2d‖F(z*)‖² = 0.
let constants (f: IOperator) : Constants = {
    A = float f.Dimension * Cocoercivity.star f
    B = 0.0
    C = 0.0
    D1 = 0.0
    D2 = 0.0
    Rho = 1.0
}

/// γ = 1/(2dℓ).
let parameters (f: IOperator) : Parameters = { Gamma = usualStep f (constants f) }

let step (f: IOperator) (p: Parameters) (j: Indices) (s: State) : State =
    let g = float f.Dimension * (f.Operator s.Z).Keep j
    { Z = s.Z - p.Gamma * g }

let method: Method<IOperator, Parameters, State, Indices> = {
    Name = "CSGDA"
    Summary = "z⁺ = z − γd·e_jF_j(z), j uniform"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/(2dℓ)" (parameters f).Gamma
        ]
    Draw = fun f _ -> Draw.index f.Dimension
    Init = fun _ _ z0 -> { Z = z0 }
    Step = step
    Output = fun s -> s.Z
    Cost = fun f _ _ -> cost f
    FixedPoint = fun f _ -> Some { Z = f.Solution }
    Bounds =
        fun f p ->
            bounds "VI-SGDA.15: E‖z_k − z*‖²" f (constants f) p.Gamma (fun s -> s.Z) (fun s ->
                0.0 * Block.normSquared s.Z)
}

/// CSGDA with stepsize γ under the assumption.
let case (f: IOperator) (gamma: float) : Case<State, Indices> =
    memoryless f gamma (Method.on f { Gamma = gamma } method) (constants f)

// ---- SEGA-SGDA -------------------------------------------------------------------------------------------------

type SegaState = {
    /// The iterate z.
    Z: Block
    /// What is known of F(z), coordinate by coordinate.
    H: Block
}

/// A = dℓ, B = 2d, C = ℓ/(2d), ρ = 1/d, no noise.
let segaConstants (f: IOperator) : Constants =
    let d, ell = float f.Dimension, Cocoercivity.star f

    {
        A = d * ell
        B = 2.0 * d
        C = ell / (2.0 * d)
        D1 = 0.0
        D2 = 0.0
        Rho = 1.0 / d
    }

/// γ = 1/(6dℓ).
let segaParameters (f: IOperator) : Parameters = {
    Gamma = usualStep f (segaConstants f)
}

/// h = 0.
let segaInit (z0: Block) : SegaState = { Z = z0; H = 0.0 * z0 }

let segaStep (f: IOperator) (p: Parameters) (j: Indices) (s: SegaState) : SegaState =
    let seen = (f.Operator s.Z - s.H).Keep j
    let g = s.H + float f.Dimension * seen

    {
        Z = s.Z - p.Gamma * g
        H = s.H + seen
    }

/// z*, and F(z*) = 0.
let segaFixedPoint (f: IOperator) : SegaState = segaInit f.Solution

/// σ² = ‖h‖².
let segaSigma (s: SegaState) = Block.normSquared s.H

let sega: Method<IOperator, Parameters, SegaState, Indices> = {
    Name = "SEGA-SGDA"
    Summary = "g = h + d·e_j(F(z)−h)_j; z⁺ = z − γg; h⁺ = h + e_j(F(z)−h)_j; j uniform"
    Rule = segaParameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/(6dℓ)" (segaParameters f).Gamma
        ]
    Draw = fun f _ -> Draw.index f.Dimension
    Init = fun _ _ z0 -> segaInit z0
    Step = segaStep
    Output = fun s -> s.Z
    Cost = fun f _ _ -> cost f
    FixedPoint = fun f _ -> Some(segaFixedPoint f)
    Bounds = fun f p -> bounds "VI-SGDA.7: E V_k" f (segaConstants f) p.Gamma (fun s -> s.Z) segaSigma
}

/// SEGA-SGDA with stepsize γ under the assumption.
let segaCase (f: IOperator) (gamma: float) : Case<SegaState, Indices> = {
    Operator = f
    Gamma = gamma
    Process = Method.on f { Gamma = gamma } sega
    Centre = segaFixedPoint f
    Keeps = None
    Iterate = fun s -> s.Z
    WithIterate = fun z s -> { s with Z = z }
    Sigma = segaSigma
    Constants = segaConstants f
}

// ---- VI-SGDA.15 ------------------------------------------------------------------------------------------------

let private twoBlocks: RotationSpec = {
    UniformSGDA.standard with
        Workers = 1
}

let private coordinates (spec: RotationSpec) scale =
    let f = Games.rotationBlocks spec
    holds (case f (scale * (parameters f).Gamma))

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.15"
            ClaimKind.Mean
            "CSGDA: E‖z⁺ − z*‖² ≤ (1−γμ)‖z − z*‖² for γ ≤ 1/(2dℓ)"
            (RotationSpec.instances 2 3 |> Instances.startingWith [ twoBlocks ])
            (fun _ spec -> coordinates spec 1.0) with
            Formula = @"\mathbb E\|z_{k+1}-z_*\|^2 \le (1-\gamma\mu)\|z_k-z_*\|^2"
            Assumptions = "F ℓ-star-cocoercive, F(z*) = 0; A = dℓ, D_1 = 2d‖F(z*)‖² = 0, γ ≤ 1/(2dℓ)"
            Source = "arXiv 2202.07262, Proposition H.1 and Theorem H.2"
            Falsifiers = [ Falsifier.check "γ × 5" (fun _ spec -> coordinates spec 5.0) ]
            Tight = Some { Instance = twoBlocks; AtLeast = 0.97 }
    }

// ---- VI-SGDA.7 -------------------------------------------------------------------------------------------------

/// g without its factor d.
let private biased (f: IOperator) (p: Parameters) (j: Indices) (s: SegaState) =
    let seen = (f.Operator s.Z - s.H).Keep j

    {
        Z = s.Z - p.Gamma * (s.H + seen)
        H = s.H + seen
    }

let private exactly (c: Case<SegaState, Indices>) (step: Indices -> SegaState -> SegaState) measure bound =
    Spectral.oneStep {
        Process = { c.Process with Step = step }
        Centre = c.Centre
        Keeps = None
        Measure = measure
        Bound = bound
        Relation = Relation.Equal
        MatchMoments = false
    }

/// E‖g‖² = ‖F(z)‖² + (d−1)‖F(z)−h‖² and E‖h⁺‖² = (1−1/d)‖h‖² + ‖F(z)‖²/d, for every z and h.
let private identities (f: IOperator) (c: Case<SegaState, Indices>) =
    let d = float f.Dimension
    let value (s: SegaState) = f.Operator s.Z

    let estimate j (s: SegaState) = {
        s with
            Z = (s.Z - (c.Process.Step j s).Z) / c.Gamma
    }

    [
        exactly c estimate (fun s -> Block.normSquared s.Z) (fun s ->
            Block.normSquared (value s) + (d - 1.0) * Block.normSquared (value s - s.H))
        exactly c c.Process.Step segaSigma (fun s ->
            (1.0 - 1.0 / d) * segaSigma s + (1.0 / d) * Block.normSquared (value s))
    ]

let private segaHolds
    (spec: RotationSpec)
    scale
    (changed: IOperator -> Parameters -> Indices -> SegaState -> SegaState)
    =
    let f = Games.rotationBlocks spec
    let gamma = scale * (segaParameters f).Gamma
    let c = segaCase f gamma

    let c = {
        c with
            Process = {
                c.Process with
                    Step = changed f { Gamma = gamma }
            }
    }

    onTop (holds c) (identities f c)

let segaClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.7"
            ClaimKind.Mean
            "SEGA-SGDA: E V⁺ ≤ (1 − min{γμ, 1/(2d)})V, V = ‖z−z*‖² + 4d²γ²‖h‖², γ ≤ 1/(6dℓ); E‖g‖² and E‖h⁺‖² exactly"
            (RotationSpec.instances 2 2 |> Instances.startingWith [ twoBlocks ])
            (fun _ spec -> segaHolds spec 1.0 segaStep) with
            Formula =
                @"\mathbb E V_{k+1} \le (1-\min\{\gamma\mu,\,\tfrac1{2d}\})V_k,\quad \mathbb E\|g\|^2=\|F(z)\|^2+(d-1)\|F(z)-h\|^2"
            Assumptions = "F ℓ-star-cocoercive; A = dℓ, B = 2d, C = ℓ/(2d), ρ = 1/d, M = 4d², γ ≤ 1/(6dℓ)"
            Source = "arXiv 2202.07262, Proposition H.9 and Theorem H.10"
            Falsifiers = [
                Falsifier.check "factor d dropped in g" (fun _ spec -> segaHolds spec 1.0 biased)
                Falsifier.check "γ × 6" (fun _ spec -> segaHolds spec 6.0 segaStep)
            ]
            Tight = Some { Instance = twoBlocks; AtLeast = 0.99 }
    }
