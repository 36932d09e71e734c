/// Claims on AEG with sampled clients: one step, the floor, the estimator, rounds and messages.
module Theory.Algorithms.VariationalInequalities.ASEGClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

/// Clients, how many of them are asked, and their noise.
[<NoComparison>]
type Sampling = {
    Problem: ClientSplitSpec
    /// B.
    Asked: int
    Sigma: float
}

let internal problem clients d mu delta deviation : ClientSplitSpec = {
    Clients = clients
    Dimension = d
    Mu = mu
    Delta = delta
    Stiffness = 3.0
    Deviation = deviation
    Spread = 1.0
    Seed = 1
}

let internal instances maxClients deviations =
    let generator =
        gen {
            let! spec = ClientSplit.generator maxClients 2 deviations
            let! asked = Gen.choose (1, (if spec.Clients > 3 then 1 else 2))
            let! sigma = Gen.elements [ 0.0; if asked = 1 then 0.5 else 0.0 ]

            return {
                Problem = spec
                Asked = asked
                Sigma = sigma
            }
        }

    let shrink spec =
        seq {
            if spec.Sigma > 0.0 then
                { spec with Sigma = 0.0 }

            if spec.Asked > 1 then
                { spec with Asked = 1 }

            for smaller in ClientSplit.shrink spec.Problem do
                { spec with Problem = smaller }
        }

    Instances.generated generator shrink

let internal build (spec: Sampling) =
    let f = ClientSplit.proxy spec.Problem :> IClientSplit

    f,
    {
        ASEG.parameters f with
            Clients = spec.Asked
            Sigma = spec.Sigma
    }

/// The same sample serves both rounds of a step.
let internal once (f: IClientSplit) (p: ASEG.Parameters) : Draw<ASEG.Sample * ASEG.Sample> =
    ASEG.sample f p |> Draw.map (fun s -> s, s)

// ---- VI-ASEG.1: one step ---------------------------------------------------------------------------------------

type private Errors = {
    X: Block
    Fast: Block
    /// s − ∇p(x_g) of the last step.
    S: Block
    /// t − ∇f(x_f⁺) of the last step.
    T: Block
}

/// The method with its two errors kept.
let private watched (f: IClientSplit) (p: ASEG.Parameters) draw : Process<Errors, ASEG.Sample * ASEG.Sample> =
    let step (first, second) (s: Errors) =
        let slow: AEG.State = { X = s.X; Fast = s.Fast }
        let next = ASEG.step f p (first, second) slow
        let xg = AEG.extrapolate (ASEG.outer p) slow

        let error sample x =
            ASEG.estimate f p sample x - f.Gradient x

        {
            X = next.X
            Fast = next.Fast
            S = error first xg
            T = error second next.Fast
        }

    {
        Name = "ASEG"
        Draw = draw
        Step = step
        Cost = fun _ -> []
    }

/// E Ψ⁺ ≤ ρΨ + weight·[(2θ/τ)E‖s − ∇p(x_g)‖² + ηE‖t − ∇f(x_f⁺)‖²] from every state, the expectations over every sample; and t
/// is unbiased given x_f⁺: E⟨t − ∇f(x_f⁺), x_f⁺ − x*⟩ = 0 from every state.
let private oneStep (spec: Sampling) (draw: IClientSplit -> ASEG.Parameters -> Draw<_>) weight =
    let f, p = build spec
    let outer = ASEG.outer p
    let proc = watched f p (draw f p)
    let zero = 0.0 * f.Minimiser

    let centre = {
        X = f.Minimiser
        Fast = f.Minimiser
        S = zero
        T = zero
    }

    let psi (s: Errors) =
        AEG.lyapunov f outer { X = s.X; Fast = s.Fast }

    let outcomes = proc.Draw.MomentOutcomes

    let mean (value: Errors -> Block) s =
        outcomes
        |> Array.map (fun o -> o.Probability * value (proc.Step o.Outcome s))
        |> Array.reduce (fun a b -> (a + b).Materialise())

    let noise (s: Errors) =
        (2.0 * p.Theta / p.Tau) * Block.normSquared s.S + p.Eta * Block.normSquared s.T

    let statement measure bound relation =
        Spectral.oneStep {
            Process = proc
            Centre = centre
            Keeps = None
            Measure = measure
            Bound = bound
            Relation = relation
            MatchMoments = true
        }

    [
        statement psi (fun s -> AEG.contraction outer * psi s + weight * mean noise s) Relation.AtMost
        statement (fun s -> Block.dot s.T (s.Fast - f.Minimiser)) (fun s -> 0.0 * Block.normSquared s.X) Relation.Equal
    ]

let private standardDraw f p = ASEG.method.Draw f p

/// The tightness is that of the inequality; the equality only has to hold.
let private both (pieces: Evidence list) = {
    Evidence.all pieces with
        Tightness = (List.head pieces).Tightness
        Note = (List.head pieces).Note
}

let oneStepClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-ASEG.1"
            ClaimKind.Mean
            "E Ψ⁺ ≤ (1−½min{1, √(μ/δ)})Ψ + (2θ/τ)E‖s−∇p(x_g)‖² + ηE‖t−∇f(x_f⁺)‖², t unbiased given x_f⁺"
            (instances 4 [ 0.0; 0.3 ]
             |> Instances.counts 1 3 20
             |> Instances.startingWith [
                 {
                     Problem = problem 3 2 0.1 1.0 0.3
                     Asked = 2
                     Sigma = 0.0
                 }
                 {
                     Problem = problem 4 2 0.1 1.0 0.0
                     Asked = 1
                     Sigma = 0.5
                 }
             ])
            (fun _ spec -> both (oneStep spec standardDraw 1.0)) with
            Formula =
                @"\mathbb E\Psi_{k+1}\le\bigl(1-\tfrac12\min\{1,\sqrt{\mu/\delta}\}\bigr)\Psi_k+\tfrac{2\theta}{\tau}\mathbb E\|s-\nabla p(x_g)\|^2+\eta\,\mathbb E\|t-\nabla f(x_f^+)\|^2"
            Assumptions = "parameters of VI-SLIDE with L_p = δ; S and S′ independent, with replacement; Gaussian noise"
            Source =
                "derived: VI-SLIDE.1 with ‖∇r(x_f⁺) − (x_g−x_f⁺)/θ‖² ≤ 2δ²‖x_f⁺−x_g‖² + 2‖s−∇p(x_g)‖²; the paper's own theorem was not found"
            Falsifiers = [
                Falsifier.check "the same sample for s and t" (fun _ spec -> both (oneStep spec once 1.0))
                Falsifier.check "noise terms dropped" (fun _ spec -> both (oneStep spec standardDraw 0.0))
            ]
    }

// ---- VI-ASEG.1b: the floor -------------------------------------------------------------------------------------

/// E Ψ_k ≤ ρ^k Ψ_0 + scale·5(ζ²+σ²)/(μB) from every start.
let private floors (spec: Sampling) scale =
    let f, p = build spec

    let bound =
        Bounds.linearToFloor
            "VI-ASEG.1: E Ψ_k"
            true
            (AEG.lyapunov f (ASEG.outer p))
            (AEG.contraction (ASEG.outer p))
            (scale * ASEG.floor f p)

    AllStarts.ofMethod f p ASEG.method f.Minimiser [ 1; 3; 10; 50; 200 ] bound

let internal similar: Sampling = {
    Problem = problem 3 2 0.1 1.0 0.0
    Asked = 1
    Sigma = 0.5
}

let internal muAtMostDelta (spec: Sampling) =
    let f, _ = build spec
    // δ is computed from the matrices, μ to its own rounding.
    f.StrongConvexity <= f.SmoothnessP * (1.0 + Rounding.parameter)
    && f.GradientSpread > 0.0

let floorClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-ASEG.1b"
            ClaimKind.Mean
            "E Ψ_k ≤ (1−½√(μ/δ))^k Ψ_0 + 5(ζ²+σ²)/(μB) for μ ≤ δ"
            (instances 3 [ 0.0 ]
             |> Instances.counts 1 3 20
             |> Instances.startingWith [ similar ])
            (fun _ spec -> floors spec 1.0) with
            Formula =
                @"\mathbb E\Psi_k\le\bigl(1-\tfrac12\sqrt{\mu/\delta}\bigr)^k\Psi_0+\frac{5(\zeta^2+\sigma^2)}{\mu B}"
            Assumptions = "as VI-ASEG.1, μ ≤ δ, (1/M)Σ‖∇f_m(x) − ∇f(x)‖² ≤ ζ² for every x (common Hessians here)"
            Source = "derived from VI-ASEG.1"
            Valid = muAtMostDelta
            Falsifiers = [ Falsifier.check "a tenth of the floor" (fun _ spec -> floors spec 0.1) ]
    }
