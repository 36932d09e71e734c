/// What ALSO's weight step is, and how fast weights come close to the best ones.
module Theory.Algorithms.VariationalInequalities.ALSOWeights

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.WeightSteps

let private standard: WeightSpec = {
    Groups = 4
    Product = 0.5
    Lambda = 0.3
    Loss = 1.0
    First = 0.1
    Seed = 1
}

/// Any γλ > 0.
let private any = instances [ 0.1; 0.5; 1.0; 10.0 ]

// ---- VI-ALSO.1 -------------------------------------------------------------------------------------------------

/// The gradient in π of γ⟨ℓ, π⟩ − KL(π‖π_t) − γλKL(π‖π̂).
let private proximalGradient (r: Regulariser) gamma (losses: float[]) (prior: float[]) (logs: float[]) (pi: float[]) =
    Array.init pi.Length (fun m ->
        let own = log pi[m]

        gamma * losses[m]
        - (own - logs[m] + 1.0)
        - gamma * r.Lambda * (own - prior[m] + 1.0))

let private maximised ctx spec (rule: Regulariser -> float -> Rule) =
    let r, gamma, losses = moment spec
    maximises ctx r losses (rule r gamma) (1.0 + spec.Product) (proximalGradient r gamma)

let stepClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-ALSO.1"
            ClaimKind.Exact
            "argmax_π γ⟨ℓ, π⟩ − KL(π‖π_t) − γλKL(π‖π̂) is π⁺ ∝ (π_t π̂^{γλ} e^{γℓ})^{1/(1+γλ)}, against a numerical maximiser"
            (any |> Instances.startingWith [ standard ])
            (fun ctx spec -> maximised ctx spec implicit) with
            Formula = @"\pi^+\propto(\pi_t\,\hat\pi^{\gamma\lambda}e^{\gamma\ell})^{1/(1+\gamma\lambda)}"
            Assumptions = "γ, λ > 0, π_t and π̂ positive"
            Source = "the authors' public code; its maximiser derived"
            Falsifiers = [
                Falsifier.check "explicit form π^{1−γλ}π̂^{γλ}e^{γℓ}" (fun ctx spec -> maximised ctx spec explicit)
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }

/// implicit − explicit = c·log(π_t/π*) up to constants, for every π_t.
let private differs spec (coefficient: float -> float) =
    let r, gamma, losses = moment spec
    let target = best r losses

    AffineIdentity.forEveryState
        target
        None
        (fun y -> centred (implicit r gamma losses y - explicit r gamma losses y))
        (fun y -> coefficient spec.Product * centred (y - target))

let orderClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-ALSO.1b"
            ClaimKind.Exact
            "implicit and explicit weight steps differ at order γ²: their log-ratio is (γλ)²/(1+γλ)·log(π/π*) up to constants, for every π"
            (any |> Instances.startingWith [ standard ])
            (fun _ spec -> differs spec (fun a -> a * a / (1.0 + a))) with
            Formula =
                @"\log\frac{\pi^+_{\mathrm{impl}}}{\pi^+_{\mathrm{expl}}}=\frac{(\gamma\lambda)^2}{1+\gamma\lambda}\log\frac{\pi}{\pi^*}+\text{const}"
            Assumptions = "π* ∝ π̂e^{ℓ/λ}"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "order γ" (fun _ spec -> differs spec (fun a -> a / (1.0 + a)))
                |> Falsifier.at [ standard ]
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }

// ---- VI-ALSO.2 -------------------------------------------------------------------------------------------------

let private spans spec (factor: float -> float) =
    let r, gamma, losses = moment spec
    spanShrinks r losses (implicit r gamma) (1.0 - factor spec.Product)

let spanClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-ALSO.2"
            ClaimKind.Exact
            "fixed losses: π* ∝ π̂e^{ℓ/λ} is the fixed point and log(π/π*) is multiplied by 1/(1+γλ) up to constants; every π, any γ > 0"
            (any |> Instances.startingWith [ standard ])
            (fun _ spec -> spans spec (fun a -> 1.0 / (1.0 + a))) with
            Formula = @"s(\pi^+,\pi^*)=\frac{1}{1+\gamma\lambda}\,s(\pi,\pi^*)"
            Assumptions = "γ, λ > 0"
            Source = "derived: π⁺ ∝ π^{1−a}(π*)^a, a = γλ/(1+γλ)"
            Falsifiers = [
                Falsifier.check "1/(1+2γλ)" (fun _ spec -> spans spec (fun a -> 1.0 / (1.0 + 2.0 * a)))
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }

let private divergences ctx spec (factor: float -> float) =
    let r, gamma, losses = moment spec
    divergenceShrinks ctx r losses (implicit r gamma) (factor spec.Product)

let divergenceClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-ALSO.2b"
            ClaimKind.Sure
            "fixed losses: KL(π*‖π⁺) ≤ KL(π*‖π)/(1+γλ), any γ > 0"
            (any |> Instances.startingWith [ standard ] |> Instances.counts 1 4 20)
            (fun ctx spec -> divergences ctx spec (fun a -> 1.0 / (1.0 + a))) with
            Formula = @"\mathrm{KL}(\pi^*\|\pi^+)\le\frac{1}{1+\gamma\lambda}\mathrm{KL}(\pi^*\|\pi)"
            Assumptions = "γ, λ > 0"
            Source = "derived as VI-PINN.3b"
            Falsifiers = [
                Falsifier.check "1/(1+2γλ)" (fun ctx spec -> divergences ctx spec (fun a -> 1.0 / (1.0 + 2.0 * a)))
            ]
            Tight = Some { Instance = standard; AtLeast = 0.9 }
    }

// ---- VI-ALSO.4: limits of the weight step ----------------------------------------------------------------------

/// λ = 0: multiplicative weights π⁺ ∝ π e^{cγℓ}, for every π.
let private multiplicative spec c =
    let r, _, losses = moment spec
    let gamma = spec.Product

    AffineIdentity.forEveryState
        r.LogPrior
        None
        (fun y -> centred (implicit { r with Lambda = 0.0 } gamma losses y))
        (fun y -> centred (y + c * gamma * losses))

let multiplicativeClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-ALSO.4b"
            ClaimKind.Exact
            "λ = 0: the weight step is that of multiplicative weights, π⁺ ∝ π e^{γℓ}, for every π"
            (any |> Instances.startingWith [ standard ])
            (fun _ spec -> multiplicative spec 1.0) with
            Formula = @"\lambda=0:\quad\pi^+\propto\pi e^{\gamma\ell}"
            Assumptions = "γ > 0"
            Source = "derived"
            Falsifiers = [ Falsifier.check "e^{2γℓ}" (fun _ spec -> multiplicative spec 2.0) ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }

/// λ so large that 1/λ is below rounding: π⁺ = π̂.
let private returns ctx spec scale =
    let r, _, losses = moment spec
    let logs = randomLogs ctx 3 spec.Groups 8 2.0
    let next = implicit { r with Lambda = scale } spec.Product losses logs

    agree "π⁺ against π̂" (float spec.Groups) 1.0 (next.Exp()) (r.LogPrior.Exp())
    |> ofIdentities

let priorClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-ALSO.4c"
            ClaimKind.Exact
            "λ → ∞: π⁺ → π̂ (at λ = 1e16, where they differ by less than rounding)"
            (any |> Instances.startingWith [ standard ])
            (fun ctx spec -> returns ctx spec 1e16) with
            Formula = @"\lambda\to\infty:\quad\pi^+\to\hat\pi"
            Assumptions = "γ > 0 fixed"
            Source = "derived"
            Falsifiers = [ Falsifier.check "λ = 1" (fun ctx spec -> returns ctx spec 1.0) ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }
