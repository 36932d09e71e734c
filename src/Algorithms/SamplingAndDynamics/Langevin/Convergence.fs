/// Convergence of the Langevin algorithm in W2 and KL (SD-ULA.3 to .5), on targets where both are known exactly.
module Theory.Algorithms.SamplingAndDynamics.LangevinConvergence

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.SamplingAndDynamics.ULA
open Theory.Algorithms.SamplingAndDynamics.GaussianTarget

/// A distance to π along the exact laws against a bound.
let private along
    (t: Target)
    proc
    steps
    every
    (distance: StateLaw -> StateLaw -> float)
    (bound: float -> int -> float)
    =
    let laws = t.Laws(proc, steps)
    let start = distance laws[0] t.Pi

    rows Rung.Moments Relation.AtMost [
        for k in [ 1..9 ] @ [ 10..every..steps ] ->
            $"k = {k}", t.Spectrum.Length, k, distance laws[k] t.Pi, bound start k
    ]

let private transport (spec: LangevinSpec) constant =
    let t = Target spec
    let h = spec.Step * 2.0 / (t.Mu + t.L)
    let floor = constant * t.L / t.Mu * sqrt (h * float t.Spectrum.Length)
    // Long enough for the transient to vanish.
    let steps = min 2000 (max 200 (int (15.0 / (h * t.Mu))))

    along t (ula t h) steps (steps / 20) Gaussians.wasserstein (fun start k ->
        (1.0 - t.Mu * h) ** float k * start + floor)

let wasserstein: Claim =
    Claim.create {
        Claim.spec
            "SD-ULA.3"
            ClaimKind.Law
            "W2(ρ_k, π) ≤ (1 − μh)^k W2(ρ_0, π) + 1.65(L/μ)√(hd) for h ≤ 2/(μ+L)"
            (instances
             |> Instances.counts 1 4 40
             |> Instances.startingWith [ standard; { standard with Step = 1.0 } ])
            (fun _ spec -> transport spec 1.65) with
            Formula = @"W_2(\rho_k,\pi)\le(1-\mu h)^kW_2(\rho_0,\pi)+1.65\tfrac L\mu\sqrt{hd}"
            Assumptions = "F μ-strongly convex and L-smooth, 0 < h ≤ 2/(μ+L); 1.65 stands for 7√2/6"
            Source = "Dalalyan, Karagulyan, Theorem 1; loose on Gaussians, where the bias is O(h)"
            Falsifiers = [ Falsifier.check "no second term" (fun _ spec -> transport spec 0.0) ]
    }

let private relativeEntropy (spec: LangevinSpec) constant =
    let t = Target spec
    let h = spec.Step * t.Mu / (4.0 * t.L ** 2.0)
    let floor = constant * h * float t.Spectrum.Length * t.L ** 2.0 / t.Mu
    let steps = min 4000 (max 100 (int (25.0 / (h * t.Mu))))

    along t (ula t h) steps (steps / 20) Gaussians.kullbackLeibler (fun start k ->
        exp (-t.Mu * h * float k) * start + floor)

let entropy: Claim =
    Claim.create {
        Claim.spec
            "SD-ULA.4"
            ClaimKind.Law
            "KL(ρ_k|π) ≤ e^{−μhk}KL(ρ_0|π) + 8hdL²/μ for h ≤ μ/(4L²)"
            (instances
             |> Instances.counts 1 3 40
             |> Instances.startingWith [
                 { standard with Step = 1.0 }
                 {
                     standard with
                         Step = 1.0
                         Kappa = 2.0
                 }
             ])
            (fun _ spec -> relativeEntropy spec 8.0) with
            Formula = @"\mathrm{KL}(\rho_k|\pi)\le e^{-\mu hk}\mathrm{KL}(\rho_0|\pi)+8hdL^2/\mu"
            Assumptions = "π satisfies LSI(μ), F L-smooth, 0 < h ≤ μ/(4L²)"
            Source = "Vempala, Wibisono, Theorem 1"
            Falsifiers = [
                Falsifier.check "no second term" (fun _ spec -> relativeEntropy spec 0.0)
                |> Falsifier.at [
                    {
                        standard with
                            Step = 1.0
                            Kappa = 1.0
                    }
                ]
            ]
    }

/// One step and the whole run; the gradient scaled for the falsifier.
let private sharp (spec: LangevinSpec) gradient steps =
    let t = Target spec
    let d = float t.Spectrum.Length
    let h = spec.Step / (6.0 * t.L)
    let f = t.Objective

    let proc = {
        ula t h with
            Step =
                fun xi s -> {
                    X = s.X - (h * gradient) * f.Gradient s.X + sqrt (2.0 * h) * xi
                }
    }

    let laws = t.Laws(proc, steps)
    let kl = laws |> Array.map (fun law -> Gaussians.kullbackLeibler law t.Pi)
    let kept = exp (-t.Mu * h)
    let added = 36.0 / 11.0 * t.L ** 2.0 * h ** 2.0 * d

    rows Rung.Moments Relation.AtMost [
        for k in 1..steps do
            $"one step, k = {k}", t.Spectrum.Length, k, kl[k], kept * kl[k - 1] + added
            $"from the start, k = {k}", t.Spectrum.Length, k, kl[k], kept ** float k * kl[0] + added / (1.0 - kept)
    ]

let private isotropic: LangevinSpec = {
    standard with
        Kappa = 1.0
        Step = 0.1
        Shift = 0.0
        Width = 1.0
}

let sharpEntropy: Claim =
    Claim.create {
        Claim.spec
            "SD-ULA.5"
            ClaimKind.Law
            "KL(ρ_{k+1}|π) ≤ e^{−μh}KL(ρ_k|π) + (36/11)L²h²d for h ≤ 1/(6L), and its sum"
            (instances
             |> Instances.counts 2 8 100
             |> Instances.startingWith [ standard; { standard with Step = 1.0 } ])
            (fun _ spec -> sharp spec 1.0 60) with
            Formula = @"\mathrm{KL}(\rho_{k+1}|\pi)\le e^{-\mu h}\mathrm{KL}(\rho_k|\pi)+\tfrac{36}{11}L^2h^2d"
            Assumptions = "π satisfies LSI(μ), F L-smooth, 0 < h ≤ 1/(6L)"
            Source = "derived: along the interpolation d/dt KL ≤ −¾J + E‖∇F(x_t) − ∇F(x_k)‖², then LSI"
            Falsifiers = [
                Falsifier.check "gradient × 0.5" (fun _ spec -> sharp spec 0.5 300)
                |> Falsifier.at [ isotropic ]
            ]
    }
