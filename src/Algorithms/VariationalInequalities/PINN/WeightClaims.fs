/// What BGDA's weight step is, and how fast weights come close to the best ones.
module Theory.Algorithms.VariationalInequalities.PINNWeights

open System
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.WeightSteps

let private standard: WeightSpec = {
    Groups = 3
    Product = 0.5
    Lambda = 0.3
    Loss = 1.0
    First = 0.1
    Seed = 1
}

/// γλ within (0, 1].
let private within = instances [ 0.1; 0.5; 0.9; 1.0 ]

// ---- VI-PINN.1 -------------------------------------------------------------------------------------------------

/// The gradient in π of γ⟨∇_πL(θ, π_t), π⟩ − KL(π‖π_t).
let private mirrorGradient (r: Regulariser) gamma (losses: float[]) (prior: float[]) (logs: float[]) (pi: float[]) =
    Array.init pi.Length (fun m ->
        let slope = losses[m] - r.Lambda * (logs[m] - prior[m] + 1.0)
        gamma * slope - (log pi[m] - logs[m] + 1.0))

/// The Euclidean projection of every lane onto the simplex.
let private project (x: Block) : Block =
    let groups, lanes = x.Workers, x.Lanes

    let rows =
        Array.init lanes (fun lane ->
            let v = Array.init groups (fun m -> x[m, lane, 0])
            let sorted = Array.sortDescending v

            let shift =
                Seq.init groups (fun k -> (Array.sum sorted[0..k] - 1.0) / float (k + 1), sorted[k])
                |> Seq.filter (fun (shift, last) -> last > shift)
                |> Seq.last
                |> fst

            v |> Array.map (fun u -> max 0.0 (u - shift)))

    Block.Own(Shape.Vector(groups, lanes, 1), Array.init (groups * lanes) (fun at -> rows[at % lanes].[at / lanes]))

let private euclidean (r: Regulariser) gamma : Rule =
    fun losses logs ->
        let slope = losses - r.Lambda * (logs - r.LogPrior)
        (project (logs.Exp() + gamma * slope)).Map(fun p -> max -700.0 (log p))

let private maximised ctx spec (rule: Regulariser -> float -> Rule) =
    let r, gamma, losses = moment spec
    maximises ctx r losses (rule r gamma) 1.0 (mirrorGradient r gamma)

let stepClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-PINN.1"
            ClaimKind.Exact
            "the ascent step argmax_π γ⟨∇_πL, π⟩ − KL(π‖π_t) is π⁺ ∝ π^{1−γλ} π̂^{γλ} e^{γL}, against a numerical maximiser"
            (within |> Instances.startingWith [ standard ])
            (fun ctx spec -> maximised ctx spec explicit) with
            Formula =
                @"\pi^+_m \propto \pi_m^{1-\gamma_\pi\lambda}\,\hat\pi_m^{\gamma_\pi\lambda}\,e^{\gamma_\pi L_m(\theta)}"
            Assumptions = "γ > 0, π and π̂ positive"
            Source = "the paper's mirror step; its maximiser derived"
            Falsifiers = [
                Falsifier.check "Euclidean projection instead of the mirror step" (fun ctx spec ->
                    maximised ctx spec euclidean)
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }

/// The objective's gradient is the same for every group at π⁺, from every π: the condition of a maximiser of a strictly
/// concave function.
let private stationary spec (rule: Regulariser -> float -> Rule) =
    let r, gamma, losses = moment spec

    AffineIdentity.forEveryState
        r.LogPrior
        None
        (fun y -> centred (gamma * (losses - r.Lambda * (y - r.LogPrior)) + y))
        (fun y -> centred (rule r gamma losses y))

let stationarityClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-PINN.1b"
            ClaimKind.Exact
            "at π⁺ the gradient of γ⟨∇_πL, π⟩ − KL(π‖π_t) is the same for every group, for every π_t of the simplex"
            (within |> Instances.startingWith [ standard ])
            (fun _ spec -> stationary spec explicit) with
            Formula =
                @"\gamma_\pi(L_m-\lambda\log\tfrac{\pi_m}{\hat\pi_m})-\log\tfrac{\pi^+_m}{\pi_m}=\text{const over } m"
            Assumptions = "as VI-PINN.1"
            Source = "derived: the condition of the maximiser, affine in log π"
            Falsifiers = [
                Falsifier.check "π to the power 1 instead of 1 − γλ" (fun _ spec ->
                    stationary spec (fun r gamma losses y ->
                        GroupSaddle.normalise (y + gamma * r.Lambda * r.LogPrior + gamma * losses)))
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }

// ---- VI-PINN.3 -------------------------------------------------------------------------------------------------

let private spans spec (share: float -> float) =
    let r, gamma, losses = moment spec
    spanShrinks r losses (explicit r gamma) (share spec.Product)

let spanClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-PINN.3"
            ClaimKind.Exact
            "fixed θ: the ascent step multiplies log(π/π*) up to constants, hence its span, by 1 − γλ; for every π"
            (within |> Instances.startingWith [ standard; { standard with Product = 1.0 } ])
            (fun _ spec -> spans spec id) with
            Formula =
                @"s(\pi^+,\pi^*)=(1-\gamma_\pi\lambda)\,s(\pi,\pi^*),\quad s(\pi,\pi')=\max_m\log\tfrac{\pi_m}{\pi'_m}-\min_m\log\tfrac{\pi_m}{\pi'_m}"
            Assumptions = "0 ≤ γλ ≤ 1, π* ∝ π̂e^{L/λ}"
            Source = "derived: π⁺ ∝ π^{1−γλ}(π*)^{γλ}"
            Falsifiers = [
                Falsifier.check "(1 − γλ)²" (fun _ spec -> spans spec (fun a -> 1.0 - (1.0 - a) ** 2.0))
                |> Falsifier.at [ standard ]
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }

let private divergences ctx spec power =
    let r, gamma, losses = moment spec
    divergenceShrinks ctx r losses (explicit r gamma) ((1.0 - spec.Product) ** power)

let divergenceClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-PINN.3b"
            ClaimKind.Sure
            "fixed θ: KL(π*‖π⁺) ≤ (1 − γλ) KL(π*‖π) for the ascent step"
            (within |> Instances.startingWith [ standard ] |> Instances.counts 1 2 20)
            (fun ctx spec -> divergences ctx spec 1.0) with
            Formula = @"\mathrm{KL}(\pi^*\|\pi^+)\le(1-\gamma_\pi\lambda)\,\mathrm{KL}(\pi^*\|\pi)"
            Assumptions = "0 < γλ < 1 (at γλ = 1 both sides vanish)"
            Source = "derived: KL(π*‖·) along π ∝ π*e^{sv} is convex in s and 0 at s = 0"
            Valid = fun spec -> spec.Product < 1.0
            Falsifiers = [ Falsifier.check "(1 − γλ)²" (fun ctx spec -> divergences ctx spec 2.0) ]
            Tight = Some { Instance = standard; AtLeast = 0.9 }
    }
