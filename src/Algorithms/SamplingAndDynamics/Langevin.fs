/// The unadjusted Langevin algorithm.
///
/// Dalalyan, Karagulyan, "User-friendly guarantees for the Langevin Monte Carlo with inaccurate gradient", SPA 129(12),
/// 2019, arXiv 1710.00095; Vempala, Wibisono, "Rapid convergence of the unadjusted Langevin algorithm", NeurIPS 2019,
/// arXiv 1903.08568.
/// Problem: π ∝ e^{−F}, F L-smooth and μ-strongly convex (so π satisfies LSI(μ)). On quadratics every law is Gaussian.
module Theory.Algorithms.SamplingAndDynamics.Langevin

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems

type Parameters = { H: float }

/// h = 1/(6L), the largest step of SD-ULA.5.
let parameters (f: IObjective) : Parameters = { H = 1.0 / (6.0 * f.Smoothness) }

type State = {
    /// The sample x_k.
    X: Block
}

let init (x0: Block) : State = { X = x0 }

let step (f: IObjective) (p: Parameters) (xi: Block) (s: State) : State = {
    X = s.X - p.H * f.Gradient s.X + sqrt (2.0 * p.H) * xi
}

let method: Method<IObjective, Parameters, State, Block> = {
    Name = "ULA"
    Summary = "x⁺ = x − h∇F(x) + √(2h)ξ"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "h" p.H
            Condition.atMost "h" p.H "2/L" (2.0 / f.Smoothness)
        ]
    Draw = fun f _ -> Draw.gaussians 1 f.Dimension
    Init = fun _ _ x0 -> init x0
    Step = step
    Output = fun s -> s.X
    Cost = fun _ _ _ -> [ Charge.each Counter.Gradients 1.0 ]
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}

// ---- The exact law on quadratics ---------------------------------------------------------------------------------

/// A Gaussian target and a Gaussian start in a common frame.
[<NoComparison>]
type LangevinSpec = {
    Dimension: int
    /// λmin(A).
    Mu: float
    /// λmax(A)/λmin(A).
    Kappa: float
    /// h as a share of the largest step that the claim allows.
    Step: float
    /// Scale of the start's mean around the target's.
    Shift: float
    /// Scale of the start's standard deviations.
    Width: float
    Seed: int
}

/// A target with its constants, and the exact laws of ULA on it.
type Target(spec: LangevinSpec) =
    let d = spec.Dimension
    let spectrum = Linear.geometric spec.Mu (spec.Mu * spec.Kappa) d
    let frame = Linear.rotation spec.Seed 1 d

    let turned (values: float[]) =
        LinearAlgebra.FromSpectrum(frame, ReadOnlySpan values)

    let centre = Linear.gaussians spec.Seed 2 d
    let a = turned spectrum

    let f =
        Quadratic($"Gaussian target, d = {d}, κ = {spec.Kappa:G4}", [| a |], [| centre |])

    let shift = Linear.gaussians spec.Seed 3 d |> Array.map ((*) spec.Shift)

    let variances =
        Linear.gaussians spec.Seed 4 d
        |> Array.map (fun g -> (spec.Width * exp (0.5 * g)) ** 2.0)

    /// F.
    member _.Objective = f :> IObjective
    /// Eigenvalues of A, increasing.
    member _.Spectrum = spectrum
    /// λmin(A), λmax(A).
    member _.Mu = spectrum[0]
    /// λmax(A).
    member _.L = spectrum[d - 1]
    /// The eigenvector of the j-th eigenvalue.
    member _.Mode(j: int) = LinearAlgebra.Column(frame, j)
    /// The mean of the start along mode j, around the target's; its variance.
    member _.Start(j: int) = shift[j], variances[j]
    /// N(b, A⁻¹).
    member _.Pi = Gaussians.law centre (turned (spectrum |> Array.map (fun v -> 1.0 / v)))
    /// The Gaussian with the given variances of the modes, around b.
    member _.Law(values: float[]) = Gaussians.law centre (turned values)

    /// N(b + shift, …), commuting with A.
    member _.Rho0 =
        Gaussians.law (Array.map2 (+) centre (LinearAlgebra.Multiply(frame, ReadOnlySpan shift))) (turned variances)

    /// The laws of steps 0 … K of a process on the state.
    member t.Laws(proc: Process<State, Block>, steps: int) : StateLaw[] =
        match Moments.laws proc { X = t.Objective.Minimiser } t.Rho0 steps with
        | Ok laws -> laws
        | Error reason -> invalidOp reason

let private ula (t: Target) h = Method.on t.Objective { H = h } method

/// Variance of mode λ at stationarity: 1/(λ(1 − hλ/2)), larger than the target's 1/λ.
let private stationary h lambda =
    1.0 / (lambda * (1.0 - h * lambda / 2.0))

let private rows rung relation values =
    values
    |> List.map (fun (label, d, k, measured, bound) -> Evidence.row relation d k label measured bound)
    |> Evidence.ofRows rung relation

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

let private instances =
    let generator =
        gen {
            let! dimension = Gen.choose (1, 5)
            let! mu = Gen.elements [ 0.1; 1.0; 5.0 ]
            let! kappa = Gen.elements [ 1.0; 3.0; 10.0; 100.0 ]
            let! step = Gen.elements [ 0.02; 0.1; 0.5; 0.9 ]
            let! shift = Gen.elements [ 0.0; 1.0; 5.0 ]
            let! width = Gen.elements [ 0.1; 1.0; 3.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Dimension = dimension
                Mu = mu
                Kappa = kappa
                Step = step
                Shift = shift
                Width = width
                Seed = seed
            }
        }

    let shrink (spec: LangevinSpec) =
        seq {
            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Kappa > 1.0 then
                { spec with Kappa = 1.0 }

            if spec.Shift > 0.0 then
                { spec with Shift = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    Instances.generated generator shrink

let private standard: LangevinSpec = {
    Dimension = 4
    Mu = 1.0
    Kappa = 10.0
    Step = 0.25
    Shift = 3.0
    Width = 2.0
    Seed = 1
}

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

// ---- SD-ULA.3 to .5 ----------------------------------------------------------------------------------------------

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

let paper: Paper = {
    Key = "SD-ULA"
    Title = "Unadjusted Langevin algorithm"
    Citation = "Dalalyan, Karagulyan, SPA 129(12), 2019; Vempala, Wibisono, NeurIPS 2019"
    Family = "sampling-and-dynamics"
    Problem = "π ∝ e^{−F}, F L-smooth and μ-strongly convex"
    Methods = [ MethodEntry.create method ]
    Claims = [ exact; closed; bias; contraction; wasserstein; entropy; sharpEntropy ]
}
