/// CE-GRADSKIP.1 and .3: the rates of GradSkip and GradSkip+.
module Theory.Algorithms.CommunicationEfficient.GradSkipRates

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.GradSkipClients

// ---- GradSkip ------------------------------------------------------------------------------------------------------

/// The theorem with a longer step: Ψ and ρ are those of the changed parameters.
let private contracts (stretch: float) (spec: SkipSpec) =
    let f = problem spec :> IFiniteSum
    let p = parameters f spec
    let p = { p with Gamma = stretch * p.Gamma }

    Spectral.contraction
        (Method.on f p GradSkip.method)
        (ProxSkip.fixedPoint f)
        None
        (GradSkip.lyapunov f p)
        (1.0 - GradSkip.rate f p)
        0.0

let rate: Claim =
    Claim.create {
        Claim.spec
            "CE-GRADSKIP.1"
            ClaimKind.Mean
            "γ ≤ min (1/L_i)p²/(1−q_i(1−p²)): E Ψ_{t+1} ≤ (1−ρ)Ψ_t, ρ = min{γμ, 1−q_max(1−p²)}, Ψ = Σ‖x_i−x*‖² + (γ²/p²)Σ‖h_i−∇f_i(x*)‖²"
            instances
            (fun _ -> contracts 1.0) with
            Formula =
                @"\mathbb E\Psi_{t+1}\le\bigl(1-\min\{\gamma\mu,\,1-q_{\max}(1-p^2)\}\bigr)\Psi_t,\quad \gamma\le\min_i\frac1{L_i}\frac{p^2}{1-q_i(1-p^2)}"
            Assumptions = "f_i L_i-smooth and μ-strongly convex, p ∈ (0,1], q_i ∈ [0,1]; from every (x, h)"
            Source = "arXiv 2210.16402"
            Falsifiers = [ Falsifier.check "γ × 2.5" (fun _ -> contracts 2.5) ]
            Tight =
                Some {
                    Instance = standard
                    AtLeast = 1.0 - 1e-9
                }
    }

// ---- GradSkip+ -----------------------------------------------------------------------------------------------------

/// Quadratics and the two compressors.
[<NoComparison>]
type PlusSpec = {
    /// One worker: ψ = ½‖x‖²; more: the consensus indicator.
    Workers: int
    Dimension: int
    Kappa1: float
    Kappa2: float
    /// p of the outer Bernoulli compressor; 0 for Rand-1.
    P: float
    /// "none", "coordinates" (Rand-k), "workers" or "masks" (Bernoulli a worker, a coordinate).
    Shift: string
    /// k of Rand-k.
    K: int
    Seed: int
}

let private clients (spec: PlusSpec) =
    problem {
        standard with
            Workers = spec.Workers
            Dimension = spec.Dimension
            Kappa1 = spec.Kappa1
            Kappa2 = spec.Kappa2
            Seed = spec.Seed
    }

let private compressors (spec: PlusSpec) =
    let outer = if spec.P = 0.0 then randK 1 else bernoulli spec.P

    let shift =
        match spec.Shift with
        | "none" -> GradSkipPlus.everything
        | "coordinates" -> GradSkipPlus.randomCoordinates spec.K
        | "workers" -> GradSkipPlus.workerCoins (Array.init spec.Workers (fun i -> 0.4 + 0.5 / float (i + 1)))
        | "masks" -> GradSkipPlus.coordinateCoins (Array.init spec.Dimension (fun c -> 0.9 / float (c + 1)))
        | other -> invalidArg (nameof spec) $"Shifts are none, coordinates, workers or masks, not '{other}'."

    outer, shift

let private plus (stretch: float) (forgetShift: bool) (spec: PlusSpec) =
    let quadratic = clients spec
    let f = quadratic :> IFiniteSum
    let outer, shift = compressors spec
    let limit = GradSkipPlus.longest outer shift f

    let gamma =
        if forgetShift then
            1.0 / Array.max f.Smoothnesses
        else
            stretch * limit.Gamma

    let p = { limit with Gamma = gamma }
    let own = Method.on f p GradSkipPlus.method

    let ideal, proc =
        if spec.Workers = 1 then
            let x = Ridge.solution quadratic.Mean f
            let omega = CompressorCombinations.omegaOf outer f.Dimension

            ({ X = x; H = f.Gradients x }: ProxSkip.State),
            {
                own with
                    Step = GradSkipPlus.general omega p f.Gradients Ridge.prox
            }
        else
            ProxSkip.fixedPoint f, own

    Spectral.contraction
        proc
        ideal
        None
        (GradSkipPlus.lyapunovAround f p ideal)
        (1.0 - GradSkipPlus.rate (ProxSkip.smallestConvexity f) f p)
        0.0

let private plusStandard: PlusSpec = {
    Workers = 2
    Dimension = 2
    Kappa1 = 10.0
    Kappa2 = 10.0
    P = 0.3
    Shift = "coordinates"
    K = 1
    Seed = 1
}

let private plusInstances =
    Instances.generated
        (gen {
            let! workers = Gen.choose (1, 2)
            let! dimension = Gen.choose (2, 3)
            let! kappa1 = Gen.elements [ 2.0; 10.0; 50.0 ]
            let! kappa2 = Gen.elements [ 3.0; 10.0 ]
            let! p = Gen.elements [ 0.0; 0.2; 0.5; 1.0 ]
            let! shift = Gen.elements [ "none"; "coordinates"; "workers"; "masks" ]
            let! k = Gen.choose (1, 2)
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Dimension = dimension
                Kappa1 = kappa1
                Kappa2 = kappa2
                P = p
                Shift = shift
                K = k
                Seed = seed
            }
        })
        (fun spec ->
            seq {
                if spec.Workers > 1 then
                    { spec with Workers = spec.Workers - 1 }

                if spec.Dimension > 2 then
                    {
                        spec with
                            Dimension = spec.Dimension - 1
                    }

                if spec.Shift <> "none" then
                    { spec with Shift = "none" }

                if spec.Seed > 0 then
                    { spec with Seed = spec.Seed / 2 }
            })
    |> Instances.startingWith [
        plusStandard
        { plusStandard with Shift = "none" }
        { plusStandard with Shift = "masks" }
        {
            plusStandard with
                Shift = "workers"
                P = 0.0
        }
        {
            plusStandard with
                Workers = 1
                Shift = "masks"
        }
    ]

let plusRate: Claim =
    Claim.create {
        Claim.spec
            "CE-GRADSKIP.3"
            ClaimKind.Mean
            "GradSkip+, γ ≤ 1/λmax(L(I+ω(ω+2)Ω(I+Ω)⁻¹)): E Ψ_{t+1} ≤ (1−min{γμ, δ})Ψ_t, δ = 1−(1−1/(1+ω)²)/(1+λmin(Ω)), Ψ = ‖x−x*‖² + γ²(1+ω)²‖h−∇f(x*)‖²"
            plusInstances
            (fun _ -> plus 1.0 false) with
            Formula =
                @"\mathbb E\Psi_{t+1}\le(1-\min\{\gamma\mu,\delta\})\Psi_t,\quad \delta=1-\frac{1}{1+\lambda_{\min}(\Omega)}\Bigl(1-\frac1{(1+\omega)^2}\Bigr)"
            Assumptions =
                "C_ω ∈ U(ω), C_Ω unbiased with E‖C_Ω(x)‖² ≤ ‖x‖² in the norm of (I+Ω)⁻¹, Ω diagonal; L the Hessian"
            Source = "arXiv 2210.16402"
            Falsifiers = [
                Falsifier.check "γ × 2.5" (fun _ -> plus 2.5 false)
                Falsifier.check "γ = 1/Lmax: Ω forgotten" (fun _ -> plus 1.0 true)
            ]
            Tight =
                Some {
                    Instance = { plusStandard with Shift = "none" }
                    AtLeast = 1.0 - 1e-9
                }
    }
