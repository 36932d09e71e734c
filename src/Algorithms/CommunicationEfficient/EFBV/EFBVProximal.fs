/// EF-BV with a prox (CE-EFBV.4): ridge, where the step is affine, and lasso, where it is not.
module Theory.Algorithms.CommunicationEfficient.EFBVProximal

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.EFBVMethod
open Theory.Algorithms.CommunicationEfficient.EFBVInstances

/// A penalised quadratic and t·(Rand-k mask).
[<NoComparison>]
type PenaltySpec = {
    Workers: int
    Dimension: int
    Kappa: float
    /// ρ of the ridge or τ of the lasso.
    Weight: float
    Lasso: bool
    K: int
    /// tk/d ∈ (0, 1].
    Kept: float
    /// "mask", or another compressor of the claims without prox.
    Compressor: string
    Seed: int
}

let private scaleSpec (spec: PenaltySpec) = {
    standard with
        Workers = spec.Workers
        Dimension = spec.Dimension
        K = spec.K
        Kept = spec.Kept
        Compressor = spec.Compressor
}

let private problemOf (spec: PenaltySpec) : ICompositeSum =
    Composite.penalised {
        Workers = spec.Workers
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        Weight = spec.Weight
        Lasso = spec.Lasso
        Seed = spec.Seed
    }

/// E Ψ⁺ ≤ factor·Ψ for a stepsize `stretch` times the longest.
let private decreases (stretch: float) ctx (spec: PenaltySpec) =
    let problem, scale = problemOf spec, scaleSpec spec
    let rule = withProximalGamma problem (scalesOf scale)

    let p = {
        rule with
            Gamma = stretch * rule.Gamma
    }

    let factor = proximalContraction problem p
    let psi = proximalLyapunov problem p
    let centre = fixedPoint problem.Smooth problem.Minimiser
    let proc = Method.on problem p (proximalWith (compressorOf scale))
    let linear = isLinear scale && not spec.Lasso
    oneStep ctx linear proc problem.Smooth centre psi (fun s -> factor * psi s)

/// The step without its prox: the iterate forgets R.
let private withoutProx ctx (spec: PenaltySpec) =
    let problem, scale = problemOf spec, scaleSpec spec
    let p = withProximalGamma problem (scalesOf scale)
    let factor = proximalContraction problem p
    let psi = proximalLyapunov problem p
    let centre = fixedPoint problem.Smooth problem.Minimiser
    let proc = Method.on problem.Smooth p (methodWith (compressorOf scale))
    // Near the solution, which the prox alone keeps in place.
    oneStepWithin 1e-6 ctx (isLinear scale && not spec.Lasso) proc problem.Smooth centre psi (fun s -> factor * psi s)

let private usual = {
    Workers = 2
    Dimension = 3
    Kappa = 10.0
    Weight = 0.5
    Lasso = false
    K = 1
    Kept = 1.0
    Compressor = "mask"
    Seed = 1
}

let private instances lasso compressors =
    Instances.generated
        (gen {
            let! workers = Gen.choose (1, 3)
            let! dimension = Gen.choose (2, 3)
            let! kappa = Gen.elements [ 2.0; 10.0; 100.0 ]
            let! weight = Gen.elements [ 0.2; 0.3; 0.5; 1.0; 3.0 ]
            let! k = Gen.choose (1, 2)
            let! kept = Gen.elements [ 0.2; 0.5; 0.8; 1.0 ]
            let! compressor = Gen.elements compressors
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Dimension = dimension
                Kappa = kappa
                Weight = weight
                Lasso = lasso
                K = k
                Kept = kept
                Compressor = compressor
                Seed = seed
            }
        })
        (fun spec ->
            seq {
                if spec.Workers > 1 then
                    { spec with Workers = spec.Workers - 1 }

                if spec.Dimension > 2 then
                    { spec with Dimension = 2 }

                if spec.Seed > 0 then
                    { spec with Seed = spec.Seed / 2 }
            })

let private formula =
    @"\mathbb E\Psi_{t+1}\le\max\{\tfrac1{1+\gamma\mu/2},\tfrac{1+r}2\}\Psi_t,\quad\Psi=f(x)+R(x)-F_*+\tfrac{\gamma}{2\theta n}\sum_i\|\nabla f_i(x)-h_i\|^2"

let private assumptions =
    "f L-smooth, f_i L_i-smooth, R convex, f+R KŁ with μ, C_i ∈ C(η, ω) with averaged variance ω_av, r < 1"

let ridgeClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-EFBV.4"
            ClaimKind.Mean
            "KŁ(μ), γ ≤ 1/(2L+L̃√(r_av/r)/s): E Ψ_{t+1} ≤ max{1/(1+γμ/2), (1+r)/2} Ψ_t; R = (ρ/2)‖x‖²"
            (instances false [ "mask"; "common"; "nice" ]
             |> Instances.startingWith [
                 usual
                 {
                     usual with
                         Workers = 3
                         Dimension = 2
                         Weight = 3.0
                 }
                 {
                     usual with
                         Kappa = 100.0
                         K = 2
                         Weight = 0.2
                 }
                 { usual with Kept = 1.0 / 3.0 }
             ])
            (decreases 1.0) with
            Formula = formula
            Assumptions = assumptions
            Source = "arXiv 2205.04180, theorem 2; one step from every state"
            Valid = fun spec -> valid (scaleSpec spec)
            Falsifiers = [
                Falsifier.check "γ × 3" (decreases 3.0)
                Falsifier.check "no prox" withoutProx
            ]
    }

let lassoClaim: Claim =
    let case = {
        usual with
            Weight = 3.0
            Lasso = true
    }

    Claim.create {
        Claim.spec
            "CE-EFBV.4b"
            ClaimKind.Mean
            "the same with R = τ‖x‖₁, whose prox is not affine, and with Top-k, comp and mix"
            (instances true [ "mask"; "top"; "comp"; "mix" ]
             |> Instances.startingWith [
                 case
                 { case with Compressor = "top" }
                 {
                     usual with
                         Compressor = "comp"
                         Workers = 3
                 }
             ]
             |> Instances.counts 2 3 30)
            (decreases 1.0) with
            Formula = formula
            Assumptions = assumptions
            Source =
                "arXiv 2205.04180, theorem 2; one step, all outcomes, from many states and the worst that a search finds"
            Valid = fun spec -> valid (scaleSpec spec)
            Falsifiers = [
                Falsifier.check "γ × 10" (decreases 10.0)
                Falsifier.check "no prox" withoutProx
            ]
    }
