/// BGDA's descent on Φ: the bound along runs, its limits, and scaled descent.
module Theory.Algorithms.VariationalInequalities.PINNDescent

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.ScaledDescent

let private explicit (f: IGroupSaddle) share =
    WeightSteps.explicit (WeightSteps.regulariser f) (share / f.Lambda)

let private shares = [ 0.1; 0.5; 1.0 ]

// ---- VI-PINN.5 -------------------------------------------------------------------------------------------------

let private bounded ctx (spec: SineSpec) (change: IGroupSaddle -> Run -> Run) =
    let f = Groups.sines spec :> IGroupSaddle

    plainRuns (explicit f) shares spec.Seed (horizon ctx)
    |> List.map (change f >> evidence ctx f)
    |> Pieces.all

let descentClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-PINN.5"
            ClaimKind.Sure
            "BGDA: the mean, hence the least, of ‖∇Φ(θ_t)‖² over t < K is at most 2(Φ(θ_0)−inf Φ)/(γ_θK) + G²s_0²/(4aK), both orders"
            sines
            (fun ctx spec -> bounded ctx spec (fun _ run -> run)) with
            Formula =
                @"\min_{t<K}\|\nabla\Phi(\theta_t)\|^2\le\frac{2(\Phi(\theta_0)-\inf\Phi)}{\gamma_\theta K}+\frac{G^2s_0^2}{4aK}"
            Assumptions =
                "‖∇L_m‖ ≤ G, L_m L_1-smooth, a = γ_πλ ∈ (0, 1], γ_θ ≤ min{1/(2L_Φ), aλ/(√2G²)}, L_Φ = L_1 + G²/λ; s_0 the span of the first weights used; inf Φ by a lower bound"
            Source =
                "derived: descent lemma with ‖∇Φ − g‖ ≤ Gs/2 and s⁺ ≤ (1−a)s + (2G/λ)‖θ⁺−θ‖; the paper states ‖∇Φ‖ ≤ ε within O((κ⁴LΔ + κ²L²D)/ε²)"
            Falsifiers = [
                Falsifier.check "ascent with the sign flipped" (fun ctx spec ->
                    bounded ctx spec (fun f run -> {
                        run with
                            Rule = fun losses -> explicit f run.Share (-1.0 * losses)
                    }))
                |> Falsifier.at [ opposite 1.0 ]
                Falsifier.check "γ_θ = 10/L_1" (fun ctx spec ->
                    bounded ctx spec (fun f run -> {
                        run with
                            GammaFactor = 10.0 / f.Smoothness / stepLimit f f.GradientBound run.Share 1.0
                    }))
                |> Falsifier.at [ opposite 0.05 ]
            ]
    }

// ---- VI-PINN.6 -------------------------------------------------------------------------------------------------

/// θ alone, as the state of gradient descent.
type private Point = {
    /// θ.
    X: Block
}

let private gradientDescent gamma (gradient: Block -> Block) : Process<Point, unit> = {
    Name = "gradient descent"
    Draw = Draw.none
    Step = fun () s -> { X = s.X - gamma * gradient s.X }
    Cost = fun () -> []
}

let private starts ctx (f: IGroupSaddle) lanes : BGDA.State = {
    Theta = CheckContext.gaussianStarts ctx 1 lanes f.Dimension 2.0
    Logs = WeightSteps.randomLogs ctx 2 f.Groups lanes 1.0
}

/// BGDA with a = 1 against gradient descent on Φ, from the same θ_0 and any π_0.
let private sameAsDescent ctx (f: IGroupSaddle) order =
    let gamma = 1.0 / GroupSaddle.smoothness f
    let start = starts ctx f 5

    let p: BGDA.Parameters = {
        GammaTheta = gamma
        GammaPi = 1.0 / f.Lambda
    }

    let proc = Method.on f p (BGDA.methodWith order)

    Trajectories.same
        ctx
        proc
        start
        (fun (s: BGDA.State) -> s.Theta)
        (gradientDescent gamma (GroupSaddle.gradient f))
        { X = start.Theta }
        (fun s -> s.X)
        (horizon ctx)

/// Φ(θ⁺) + (γ/2)‖∇Φ(θ)‖² ≤ Φ(θ) for gradient descent on Φ with γ ≤ 1/L_Φ. Both sides are counted from one below the lower
/// bound of Φ: the losses are sines, and near a minimum Φ is known relative to their size, not to its gap.
let private decreases ctx (f: IGroupSaddle) factor =
    let gamma = factor / GroupSaddle.smoothness f

    let height x =
        GroupSaddle.value f x - Block.scalar (f.Infimum - 1.0)

    let half x =
        0.5 * gamma * Block.normSquared (GroupSaddle.gradient f x)

    Trajectories.everyStep
        ctx
        (gradientDescent gamma (GroupSaddle.gradient f))
        { X = (starts ctx f 5).Theta }
        (horizon ctx)
        Relation.AtMost
        (fun s next -> height next.X + half s.X)
        (fun s -> height s.X)

let descentOnMaximum: Claim =
    let check ctx spec order factor =
        let f = Groups.sines spec :> IGroupSaddle
        Evidence.all [ sameAsDescent ctx f order; decreases ctx f factor ]

    Claim.create {
        Claim.spec
            "VI-PINN.6"
            ClaimKind.Exact
            "γ_π = 1/λ: π_{t+1} = π*(θ_t), BGDA is gradient descent on Φ, and Φ(θ⁺) ≤ Φ(θ) − (γ/2)‖∇Φ‖² for γ ≤ 1/L_Φ"
            sines
            (fun ctx spec -> check ctx spec NewWeights 1.0) with
            Formula = @"\Phi(\theta_{t+1})\le\Phi(\theta_t)-\tfrac{\gamma}{2}\|\nabla\Phi(\theta_t)\|^2"
            Assumptions = "γ_π = 1/λ, new weights first, γ_θ ≤ 1/L_Φ"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "θ step with the old π" (fun ctx spec -> check ctx spec OldWeights 1.0)
                Falsifier.check "γ_θ = 10/L_Φ" (fun ctx spec -> check ctx spec NewWeights 10.0)
                |> Falsifier.at [ opposite 0.05 ]
            ]
            Tight =
                Some {
                    Instance = sines.Fixed.Head
                    AtLeast = 1.0
                }
    }

/// λ so large that weights and prior differ by less than rounding: gradient descent on Σπ̂_mL_m.
let private plain ctx (spec: SineSpec) (firstWeights: BGDA.State -> BGDA.State) =
    let f = Groups.sines { spec with Lambda = 1e14 } :> IGroupSaddle
    let gamma = 1.0 / f.Smoothness
    let start = BGDA.init f (starts ctx f 5).Theta |> firstWeights

    let p: BGDA.Parameters = {
        GammaTheta = gamma
        GammaPi = 0.5 / f.Lambda
    }

    let proc = Method.on f p BGDA.method
    let logPrior = GroupSaddle.logPrior f

    Trajectories.same
        ctx
        proc
        start
        (fun (s: BGDA.State) -> s.Theta)
        (gradientDescent gamma (GroupSaddle.weighted f logPrior))
        { X = start.Theta }
        (fun s -> s.X)
        50

let plainLimit: Claim =
    Claim.create {
        Claim.spec
            "VI-PINN.6b"
            ClaimKind.Exact
            "λ → ∞ with π_0 = π̂: gradient descent on Σπ̂_mL_m (at λ = 1e14, where weights and prior differ by rounding)"
            sines
            (fun ctx spec -> plain ctx spec id) with
            Formula =
                @"\lambda\to\infty,\ \pi_0=\hat\pi:\quad \theta^+=\theta-\gamma_\theta\sum_m\hat\pi_m\nabla L_m(\theta)"
            Assumptions = "γ_πλ ≤ 1, π_0 = π̂"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "π_0 ≠ π̂" (fun ctx spec ->
                    plain ctx spec (fun s -> {
                        s with
                            Logs = WeightSteps.randomLogs ctx 2 s.Logs.Workers s.Logs.Lanes 1.0
                    }))
            ]
            Tight =
                Some {
                    Instance = sines.Fixed.Head
                    AtLeast = 1.0
                }
    }

// ---- VI-PINN.8 -------------------------------------------------------------------------------------------------

let private scaled ctx (spec: SineSpec) factor =
    let f = Groups.sines spec :> IGroupSaddle

    scaledRuns (explicit f) shares spec.Seed (horizon ctx)
    |> List.map (fun run -> evidence ctx f { run with ScalingFactor = factor })
    |> Pieces.all

let scaledClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-PINN.8"
            ClaimKind.Sure
            "scaled descent θ⁺ = θ − γD⁻¹Σπ_m∇L_m, eI ⪯ D ⪯ ΓI chosen in any way: mean of ‖∇Φ‖² ≤ 2Γ(Φ(θ_0)−inf Φ)/(γK) + ΓG²s_0²/(4eaK)"
            sines
            (fun ctx spec -> scaled ctx spec 1.0) with
            Formula =
                @"\min_{t<K}\|\nabla\Phi(\theta_t)\|^2\le\frac{2\Gamma(\Phi(\theta_0)-\inf\Phi)}{\gamma_\theta K}+\frac{\Gamma G^2s_0^2}{4eaK}"
            Assumptions = "as VI-PINN.5, γ_θ ≤ e·min{1/(2L_Φ), aλ/(√2G²)}, no momentum"
            Source = "derived: VI-PINN.5 in the norm of D⁻¹"
            Falsifiers = [
                Falsifier.check "D × 300, outside [e, Γ]" (fun ctx spec -> scaled ctx spec 300.0)
                |> Falsifier.at [ opposite 1.0 ]
            ]
    }
