/// The law of the Langevin algorithm on Gaussian targets: its modes, its stationary bias, its contraction (SD-ULA.1 and .2).
module Theory.Algorithms.SamplingAndDynamics.StationaryLaw

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.SamplingAndDynamics.ULA
open Theory.Algorithms.SamplingAndDynamics.GaussianTarget

// ---- SD-ULA.1 --------------------------------------------------------------------------------------------------

/// E[⟨v_j, x⁺ − b⟩² − v] = q²(⟨v_j, x − b⟩² − v) for every x, with v the stationary variance: by induction the closed form
/// of the variance at every step, from every start.
let private modes (t: Target) h (proc: Process<State, Block>) variance = [
    for j in 0 .. t.Spectrum.Length - 1 do
        let lambda = t.Spectrum[j]
        let q = 1.0 - h * lambda
        let v = variance h lambda

        let along (s: State) =
            Block.dot (s.X - t.Objective.Minimiser) (Block.vector (t.Mode j))

        let identity measure factor =
            Spectral.oneStep {
                Process = proc
                Centre = { X = t.Objective.Minimiser }
                Keeps = None
                Measure = measure
                Bound = fun s -> factor * measure s
                Relation = Relation.Equal
                MatchMoments = true
            }

        identity along q
        identity (fun s -> let m = along s in m * m - Block.scalar v) (q * q)
]

/// The exact laws against the closed form, and the bias at stationarity in W2 and KL.
let private closedForms (t: Target) h proc =
    let d = t.Spectrum.Length
    let steps = [ 1; 10; 100 ]
    let laws = t.Laws(proc, List.max steps)

    let modeOf (law: StateLaw) j =
        let v = t.Mode j
        let centre = t.Pi.Mean
        let mean = Seq.sum (Seq.init d (fun i -> v[i] * (law.Mean[i] - centre[i])))

        let variance =
            Seq.sum (Seq.init d (fun i -> Seq.sum (Seq.init d (fun l -> v[i] * law.Covariance[i, l] * v[l]))))

        mean, variance

    let excess r = r - 1.0 - log r
    let limit = t.Law(t.Spectrum |> Array.map (stationary h))
    let shares = t.Spectrum |> Array.map (fun lambda -> 1.0 - h * lambda / 2.0)

    rows Rung.Moments Relation.Equal [
        for k in steps do
            for j in 0 .. d - 1 do
                let mean, variance = modeOf laws[k] j
                let m0, s0 = t.Start j
                let q = 1.0 - h * t.Spectrum[j]
                let kept = q ** float (2 * k)
                // E⟨v_j, x − b⟩², in which a mean that has vanished does no harm.
                $"second moment of mode {j}, k = {k}",
                d,
                k,
                mean * mean + variance,
                kept * (m0 * m0 + s0) + (1.0 - kept) * stationary h t.Spectrum[j]
        "W2² of the bias",
        d,
        1,
        Gaussians.wassersteinSquared limit t.Pi,
        Array.fold2 (fun sum lambda r -> sum + (1.0 / sqrt r - 1.0) ** 2.0 / lambda) 0.0 t.Spectrum shares
        "KL of the bias",
        d,
        1,
        Gaussians.kullbackLeibler limit t.Pi,
        shares |> Array.sumBy (fun r -> 0.5 * excess (1.0 / r))
    ]

/// A check on the target and ULA with its noise scaled.
let private withNoise (spec: LangevinSpec) noise check : Evidence =
    let t = Target spec
    let h = spec.Step * 2.0 / t.L

    let proc = {
        ula t h with
            Step = fun xi s -> step t.Objective { H = h } (noise * xi) s
    }

    check t h proc

let private everyMode variance t h proc =
    modes t h proc variance |> Evidence.all |> Evidence.note "equal for every state"

let exact: Claim =
    Claim.create {
        Claim.spec
            "SD-ULA.1"
            ClaimKind.Exact
            "mode λ, q = 1 − hλ, v = 1/(λ(1−hλ/2)): E⟨·⟩⁺ = q⟨·⟩ and E⟨·⟩²⁺ − v = q²(⟨·⟩² − v) from every x, so the law of every step"
            (instances |> Instances.startingWith [ standard ])
            (fun _ spec -> withNoise spec 1.0 (everyMode stationary)) with
            Formula = @"\mathrm{var}_k = q^{2k}s_0 + (1-q^{2k})\tfrac{1}{\lambda(1-h\lambda/2)}"
            Assumptions = "F = ½(x−b)ᵀA(x−b), 0 < h < 2/L"
            Source = "geometric series, 2h/(1−q²)"
            Falsifiers = [
                Falsifier.check "noise √h" (fun _ spec -> withNoise spec (sqrt 0.5) (everyMode stationary))
                Falsifier.check "stationary variance 1/λ" (fun _ spec ->
                    withNoise spec 1.0 (everyMode (fun _ lambda -> 1.0 / lambda)))
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }

let closed: Claim =
    Claim.create {
        Claim.spec
            "SD-ULA.1b"
            ClaimKind.Law
            "variance of mode λ after k steps, W2(ρ_∞,π)² = Σλ⁻¹((1−hλ/2)^{−½}−1)² and KL(ρ_∞|π) = ½Σ(r−1−ln r), r = 1/(1−hλ/2)"
            (instances |> Instances.startingWith [ standard ])
            (fun _ spec -> withNoise spec 1.0 closedForms) with
            Formula = @"W_2(\rho_\infty,\pi)^2=\textstyle\sum\lambda^{-1}((1-h\lambda/2)^{-1/2}-1)^2"
            Assumptions = "as SD-ULA.1, x_0 Gaussian and commuting with A"
            Source = "as SD-ULA.1"
            Falsifiers = [
                Falsifier.check "noise √h" (fun _ spec -> withNoise spec (sqrt 0.5) closedForms)
            ]
            Tight =
                Some {
                    Instance = standard
                    AtLeast = 0.999999
                }
    }

// ---- SD-ULA.2 --------------------------------------------------------------------------------------------------

/// Two chains on the same noise.
type private Coupled = { First: Block; Second: Block }

let private rateOf (t: Target) h =
    t.Spectrum |> Array.map (fun lambda -> abs (1.0 - h * lambda)) |> Array.max

/// ‖x − y‖ contracts by max|1 − hλ| on the same noise, for all x and y: so does W2 between any two laws.
let private coupling (spec: LangevinSpec) rate =
    let t = Target spec
    let h = spec.Step * 2.0 / t.L
    let chain = step t.Objective { H = h }

    Spectral.oneStep {
        Process = {
            Name = "two chains on the same noise"
            Draw = Draw.gaussians 1 t.Spectrum.Length
            Step =
                fun xi s -> {
                    First = (chain xi { X = s.First }).X
                    Second = (chain xi { X = s.Second }).X
                }
            Cost = fun _ -> []
        }
        Centre = {
            First = t.Objective.Minimiser
            Second = t.Objective.Minimiser
        }
        Keeps = None
        Measure = fun s -> Block.normSquared (s.First - s.Second)
        Bound = fun s -> (rate * rateOf t h) ** 2.0 * Block.normSquared (s.First - s.Second)
        Relation = Relation.AtMost
        MatchMoments = true
    }

/// The bias against its bound, and the exact laws on their way to ρ_∞.
let private biasAndLaws (spec: LangevinSpec) constant rate =
    let t = Target spec
    let h = spec.Step * 2.0 / t.L
    let d = t.Spectrum.Length
    let q = rate * rateOf t h
    let limit = t.Law(t.Spectrum |> Array.map (stationary h))
    let laws = t.Laws(ula t h, 60)
    let start = Gaussians.wassersteinSquared laws[0] limit
    // W2² between computed laws is resolved to the rounding of the covariances.
    let resolution =
        Rounding.allowance
            (float (d * d))
            (LinearAlgebra.Trace(Gaussians.covariance t.Rho0)
             + LinearAlgebra.Trace(Gaussians.covariance limit))

    let distances =
        [
            for k in [ 1; 2; 5; 20; 60 ] ->
                Evidence.row
                    Relation.AtMost
                    d
                    k
                    $"W2(ρ_k, ρ_∞)², k = {k}"
                    (Gaussians.wassersteinSquared laws[k] limit)
                    (q ** float (2 * k) * start)
        ]
        |> Evidence.ofRowsAbove resolution Rung.Moments Relation.AtMost

    let bias =
        rows Rung.Moments Relation.AtMost [
            "W2(ρ_∞, π)",
            d,
            1,
            Gaussians.wasserstein limit t.Pi,
            constant * h * sqrt (Array.sum t.Spectrum) / (1.0 - h * t.L / 2.0)
        ]

    {
        Evidence.all [ bias; distances ] with
            Tightness = bias.Tightness
    }

let private small = { standard with Step = 0.01 }

let bias: Claim =
    Claim.create {
        Claim.spec
            "SD-ULA.2"
            ClaimKind.Law
            "W2(ρ_∞, π) ≤ (h/4)√(tr A)/(1 − hL/2) and W2(ρ_k, ρ_∞) ≤ max|1 − hλ|^k W2(ρ_0, ρ_∞)"
            (instances |> Instances.startingWith [ standard; small ])
            (fun _ spec -> biasAndLaws spec 0.25 1.0) with
            Formula =
                @"W_2(\rho_\infty,\pi)\le\frac h4\frac{\sqrt{\operatorname{tr}A}}{1-hL/2},\quad W_2(\rho_k,\rho_\infty)\le\max_i|1-h\lambda_i|^kW_2(\rho_0,\rho_\infty)"
            Assumptions = "as SD-ULA.1"
            Source = "derived: (1−u)^{−½} − 1 ≤ (u/2)/(1−u), u = hλ/2"
            Falsifiers = [
                Falsifier.check "1/4 → 1/5" (fun _ spec -> biasAndLaws spec 0.2 1.0)
                |> Falsifier.at [ small ]
                Falsifier.check "rate × 0.98" (fun _ spec -> biasAndLaws spec 0.25 0.98)
            ]
            Tight = Some { Instance = small; AtLeast = 0.9 }
    }

let contraction: Claim =
    Claim.create {
        Claim.spec
            "SD-ULA.2b"
            ClaimKind.Sure
            "two chains on the same noise: ‖x⁺ − y⁺‖ ≤ max|1 − hλ|·‖x − y‖ for all x, y; hence W2 contracts from any two laws"
            (instances |> Instances.startingWith [ standard ])
            (fun _ spec -> coupling spec 1.0) with
            Formula = @"W_2(\rho_{k+1},\rho'_{k+1})\le\max_i|1-h\lambda_i|\,W_2(\rho_k,\rho'_k)"
            Assumptions = "as SD-ULA.1, any starting laws"
            Source = "synchronous coupling"
            Falsifiers = [ Falsifier.check "rate × 0.98" (fun _ spec -> coupling spec 0.98) ]
            Tight =
                Some {
                    Instance = standard
                    AtLeast = 0.999999
                }
    }
