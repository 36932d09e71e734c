/// Contraction in the preconditioner's norm, fixed or moving (VI-SCALED.1 and .3).
module Theory.Algorithms.VariationalInequalities.ScaledClaims

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.ScaledExtragradient
open Theory.Algorithms.VariationalInequalities.MetricDrift

let private gameSpec (spec: ScaledSpec) : GameSpec = {
    Workers = 2
    Dimension = spec.Dimension
    Mu = spec.Mu
    Curvature = spec.Curvature
    Coupling = spec.Coupling
    Deviation = 0.3
    Offset = 1.0
    Seed = spec.Seed
}

let private game (spec: ScaledSpec) = Games.quadratic (gameSpec spec)

/// The largest step e/(4L), and β = 1.
let private fixedParameters (f: IOperator) (spec: ScaledSpec) : Parameters = {
    Gamma = spec.Floor / (4.0 * f.Lipschitz)
    Beta = 1.0
    Floor = spec.Floor
    Ceiling = spec.Ratio * spec.Floor
    BiasCorrected = false
    Momentum = 0.0
}

/// Every preconditioner with entries e or Γ, and three between.
let private preconditioners (spec: ScaledSpec) =
    let d = 2 * spec.Dimension
    let low, high = spec.Floor, spec.Ratio * spec.Floor

    [
        for corner in 0 .. (pown 2 d) - 1 -> Array.init d (fun i -> if (corner >>> i) &&& 1 = 1 then high else low)
        for site in 1..3 ->
            Linear.gaussians spec.Seed (300 + site) d
            |> Array.map (fun g -> low + (high - low) * (0.5 + 0.5 * tanh g))
    ]

/// Almost skew, D̂ from 0.2 to 5.
let private skewed: ScaledSpec = {
    standard with
        Mu = 0.01
        Curvature = 0.01
        Floor = 0.2
        Ratio = 25.0
}

/// Scalar curvature, where every inequality on the way is nearly an equality.
let private round: ScaledSpec = {
    standard with
        Mu = 0.01
        Curvature = 1.0
        Coupling = 0.0
}

// ---- VI-SCALED.1 -----------------------------------------------------------------------------------------------

/// A step with a preconditioner that does not move, as a process of z alone.
let private fixedStep (f: IOperator) gamma (dHat: Block) : Process<Extragradient.State, unit> = {
    Name = "SCALED-EG, fixed preconditioner"
    Draw = Draw.none
    Step = fun () s -> { Z = scaledStep f gamma dHat s.Z }
    Cost = fun () -> [ Charge.each Counter.OperatorCalls 2.0 ]
}

let private weighted (f: IOperator) (weights: Block) (s: Extragradient.State) =
    let e = s.Z - f.Solution
    Block.dot e (weights * e)

/// ‖z⁺ − z*‖²_W ≤ (1 − γμ/Γ)‖z − z*‖²_W for every z, W = D̂ or another weight.
let private fixedContracts (spec: ScaledSpec) (gamma: IOperator -> Parameters -> float) (weight: Block -> Block) =
    let f = game spec :> IOperator
    let p = fixedParameters f spec
    let gamma = gamma f p

    preconditioners spec
    |> List.map (fun entries ->
        let dHat = Block.vector entries

        Spectral.contraction
            (fixedStep f gamma dHat)
            { Z = f.Solution }
            None
            (weighted f (weight dHat))
            (max 0.0 (1.0 - gamma * f.Monotonicity / p.Ceiling))
            0.0)
    |> Pieces.all

let private own _ (p: Parameters) = p.Gamma

let fixedClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SCALED.1"
            ClaimKind.Sure
            "SCALED-EG with a fixed D̂, γ ≤ e/(4L): ‖z⁺ − z*‖²_D̂ ≤ (1 − γμ/Γ)‖z − z*‖²_D̂ for every z"
            (instances |> Instances.startingWith [ standard; skewed; round ])
            (fun _ spec -> fixedContracts spec own id) with
            Formula = @"\|z^+-z_*\|_{\hat D}^2 \le (1-\gamma\mu/\Gamma)\|z-z_*\|_{\hat D}^2"
            Assumptions =
                "F L-Lipschitz and μ-strongly monotone, eI ⪯ D̂ ⪯ ΓI, γ ≤ e/(4L); every D̂ with entries e and Γ, and some between"
            Source = "derived: in the norm of D̂, D̂⁻¹F is (L/e)-Lipschitz and (μ/Γ)-strongly monotone; VI-SURVEY.2"
            Falsifiers = [
                Falsifier.check "Euclidean norm" (fun _ spec ->
                    fixedContracts spec own (fun d -> Block.vector (Array.create d.Dimension 1.0)))
                |> Falsifier.at [ skewed ]
                Falsifier.check "γ = 2Γ/L" (fun _ spec ->
                    fixedContracts spec (fun f p -> 2.0 * p.Ceiling / f.Lipschitz) id)
            ]
            Tight = Some { Instance = round; AtLeast = 0.99 }
    }

// ---- VI-SCALED.3 -----------------------------------------------------------------------------------------------

/// The theorem's parameters with β as small as it allows.
let private movingParameters averaging (f: IOperator) spec =
    let p = fixedParameters f spec

    {
        p with
            Beta = max 0.0 (1.0 - largestRenewal averaging f p)
    }

/// For every D̂ of the list, every z and every H: the largest next D̂ is that of |H| = Γ with the sign of D, and no |D| < e
/// has a larger one than |D| = e.
let private moves (spec: ScaledSpec) (change: Parameters -> Parameters) =
    let f = game spec :> IOperator

    [
        for averaging in both do
            let p = movingParameters averaging f spec
            let changed = change p

            for entries in preconditioners spec do
                let d = Block.vector entries

                let next =
                    clipped p (renew averaging changed 0 d (Block.vector (entries |> Array.map (fun _ -> p.Ceiling))))

                Spectral.oneStep {
                    Process = fixedStep f p.Gamma d
                    Centre = { Z = f.Solution }
                    Keeps = None
                    Measure = weighted f next
                    Bound = fun s -> contraction f p * weighted f d s
                    Relation = Relation.AtMost
                    MatchMoments = false
                }
    ]
    |> Pieces.all

let movingClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SCALED.3"
            ClaimKind.Sure
            "SCALED-EG, 1−β ≤ γμ/(2ΓC), γ ≤ e/(4L): ‖z⁺ − z*‖²_{D̂⁺} ≤ (1 − γμ/(2Γ))‖z − z*‖²_D̂ for every z and every |H| ≤ Γ"
            (instances |> Instances.startingWith [ standard; skewed; round ])
            (fun _ spec -> moves spec id) with
            Formula =
                @"\|z_{k+1}-z_*\|_{\hat D_{k+1}}^2 \le \Bigl(1-\frac{\gamma\mu}{2\Gamma}\Bigr)\|z_k-z_*\|_{\hat D_k}^2"
            Assumptions =
                "F L-Lipschitz and μ-strongly monotone, |H_k| ≤ Γ, C of VI-SCALED.2; so O((Γ/e)(L/μ)log 1/ε) steps"
            Source = "derived from VI-SCALED.1 and .2: (1 + a/2)(1 − a) ≤ 1 − a/2"
            Falsifiers = [
                Falsifier.check "β = 0" (fun _ spec -> moves spec (fun p -> { p with Beta = 0.0 }))
                |> Falsifier.at [ standard ]
            ]
            Tight = Some { Instance = round; AtLeast = 0.99 }
    }

/// H_k = Γ on the larger half of the entries of z_{k+1} − z*, e on the others.
let private adversary averaging (f: IOperator) (p: Parameters) : Process<State, unit> = {
    Name = "SCALED-EG against an adversary"
    Draw = Draw.none
    Step =
        fun () s ->
            let larger (z: Block) =
                let e = Block.abs (scaledStep f p.Gamma (clipped p s.D) z - f.Solution)
                let average = e.Sum() / float f.Dimension
                let above = ((e - average).Sign()).Clamp(0.0, 1.0)

                (p.Ceiling - p.Floor) * above
                + Block.Fill(Shape.Vector(1, 1, f.Dimension), p.Floor)

            stepWith averaging larger f p s
    Cost = fun () -> []
}

/// Along runs of both methods, and against the adversary.
let private alongRuns ctx (spec: ScaledSpec) (change: Parameters -> Parameters) =
    let operator = game spec
    let f = operator :> IOperator
    let steps = CheckContext.pick 10 30 100 ctx
    let lanes = CheckContext.pick 3 6 20 ctx

    let run averaging (proc: Parameters -> Process<State, 'D>) =
        let p = movingParameters averaging f spec

        let starts =
            init p (f.Solution + CheckContext.gaussianStarts ctx 1 lanes f.Dimension 3.0)

        Trajectories.everyStep ctx (proc (change p)) starts steps Relation.AtMost (fun _ s -> distance f p s) (fun s ->
            contraction f p * distance f p s)

    Pieces.all [
        run Averaging.Squares (fun p -> Method.on (operator :> IFiniteSumOperator) p squares)
        run Averaging.Values (fun p -> Method.on (operator :> IJacobianOperator) p hutchinson)
        for averaging in both do
            run averaging (adversary averaging f)
    ]

let runsClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SCALED.3b"
            ClaimKind.Sure
            "the same at every step of runs of both methods, and of runs whose H_k an adversary chooses after z_{k+1}"
            (instances |> Instances.startingWith [ standard; skewed ])
            (fun ctx spec -> alongRuns ctx spec id) with
            Formula =
                @"\|z_{k+1}-z_*\|_{\hat D_{k+1}}^2 \le \Bigl(1-\frac{\gamma\mu}{2\Gamma}\Bigr)\|z_k-z_*\|_{\hat D_k}^2"
            Assumptions = "as VI-SCALED.3; H_k = diag F_i(z_k) or v⊙∇F v, clipped to Γ"
            Source = "VI-SCALED.3"
            Falsifiers = [
                Falsifier.check "β = 0" (fun ctx spec -> alongRuns ctx spec (fun p -> { p with Beta = 0.0 }))
                |> Falsifier.at [ standard ]
            ]
    }
