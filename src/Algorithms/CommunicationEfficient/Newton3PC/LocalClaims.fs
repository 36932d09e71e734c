/// Newton-3PC near the solution (CE-NEWTON3PC.2, .3 and .5).
///
/// Islamov, Qian, Hanzely, Safaryan, Richtárik, 2022, arXiv 2206.03588. x⁺ − x* = [H]_μ⁻¹([H]_μ(x − x*) − ∇f(x)), and raising
/// eigenvalues is the Frobenius projection onto {⪰ μI}, which holds ∇²f(x*): it is not expansive.
module Theory.Algorithms.CommunicationEfficient.LocalClaims

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.NewtonInstances
open Theory.Algorithms.CommunicationEfficient.Newton3PC

/// E m(s⁺) ≤ b(s) over the coins, at the given states and worse ones.
let private oneStep ctx proc (states: State) keep search (measure: State -> Block) (bound: State -> Block) =
    Enumerated.oneStep ctx {
        Process = proc
        States = states
        Measure = fun _ next -> measure next
        Bound = bound
        Relation = Relation.AtMost
        Keep = keep
        Search = search
    }

let private frozen (proc: Process<State, 'D>) : Process<State, 'D> = {
    proc with
        Step = fun draw s -> { proc.Step draw s with H = s.H }
}

// ---- CE-NEWTON3PC.2 --------------------------------------------------------------------------------------------

/// ‖x⁺ − x*‖ ≤ (1/μ)‖x − x*‖(‖H − ∇²f(x*)‖_F + (L_*/2)‖x − x*‖) for any estimates; `clip` is what eigenvalues are raised to.
let private everyStep (clip: float) (zero: bool) (ctx: CheckContext) (spec: NewtonSpec) =
    let f = problem spec
    let mu = f.StrongConvexity

    let p = {
        parameters spec f with
            Mu = clip * mu
    }

    let states = states ctx f Reference.Solution 2.0 0.0 4.0 12
    let states = if zero then { states with H = 0.0 * states.H } else states
    let optimal = f.Hessians f.Minimiser

    // The coins move H only: one outcome says all.
    let proc: Process<State, unit> = {
        Name = "one Newton step"
        Draw = Draw.none
        Step =
            fun () s -> {
                s with
                    X = s.X - direction p.Mu (Block.mean s.H) (f.Gradient s.X)
            }
        Cost = fun () -> []
    }

    oneStep
        ctx
        proc
        states
        id
        (if zero then 0 else CheckContext.pick 10 20 200 ctx)
        (fun s -> Block.norm (s.X - f.Minimiser))
        (fun s ->
            let e = Block.norm (s.X - f.Minimiser)
            let learned = Block.norm (Block.mean s.H - Block.mean optimal)
            (1.0 / mu) * (e * (learned + (0.5 * f.HessianLipschitz) * e)))

let stepClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-NEWTON3PC.2"
            ClaimKind.Sure
            "‖x⁺−x*‖ ≤ (1/μ)‖x−x*‖(‖H−∇²f(x*)‖_F + (L_*/2)‖x−x*‖) at every step, for any H"
            (instances [ "ef21" ]
             |> Instances.counts 1 4 30
             |> Instances.startingWith (own [ "ef21", 2, 1.0 ]))
            (everyStep 1.0 false) with
            Formula = @"\|x^+-x_*\|\le\tfrac1\mu\|x-x_*\|\big(\|H-\nabla^2f(x_*)\|_F+\tfrac{L_*}{2}\|x-x_*\|\big)"
            Assumptions = "logistic regression with λ = μ; L_* = max_i mean_j ‖a_ij‖³/(6√3)"
            Source =
                "derived; the Frobenius norm is needed, in the spectral norm raising eigenvalues may double distances"
            Falsifiers = [
                Falsifier.check "eigenvalues raised to μ/100 only, at H = 0" (everyStep 0.01 true)
            ]
    }

// ---- CE-NEWTON3PC.3 --------------------------------------------------------------------------------------------

/// From ‖x − x*‖ ≤ μ/(2L_*), Φ ≤ μ²/16: one step halves ‖x − x*‖, contracts E Φ by 1 − ᾱ/2 and keeps the region.
let private learns
    (change: Process<State, Mechanisms.MechanismDraw> -> Process<State, Mechanisms.MechanismDraw>)
    ctx
    spec
    =
    let f = problem spec
    let p = parameters spec f
    let mu, l = f.StrongConvexity, f.HessianLipschitz
    let kept = p.Mechanism.Kept(f.Dimension * f.Dimension)
    let weight = 12.0 / kept * f.HessianLipschitzFrobenius ** 2.0
    let radius, limit = mu / (2.0 * l), mu * mu / 16.0
    let proc = change (Method.on f p method)
    let states = states ctx f Reference.Solution radius weight limit 8
    let keep = pullIn f Reference.Solution radius weight limit
    let phi = potentialAtSolution f p
    let e s = Block.norm (s.X - f.Minimiser)

    let step search measure bound =
        oneStep ctx proc states keep search measure bound

    let run =
        Trajectories.bound ctx proc states 10 Relation.AtMost 0 (Bounds.linear "‖x_k − x*‖²" false (distance f) 0.25)

    [
        step (CheckContext.pick 3 6 100 ctx) phi (fun s -> (1.0 - kept / 2.0) * phi s)
        step 0 e (fun s -> 0.5 * e s)
        step 0 e (fun s -> (1.0 / mu) * (e s * ((phi s).SquareRoot() + (0.5 * l) * e s)))
        Trajectories.everyStep ctx proc states 6 Relation.AtMost (fun _ next -> phi next) (fun _ -> Block.scalar limit)
        run
    ]
    |> Evidence.all

let learningClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-NEWTON3PC.3"
            ClaimKind.Mean
            "from ‖x−x*‖ ≤ μ/(2L_*), Φ ≤ μ²/16: ‖x_k−x*‖ ≤ 2^{−k}‖x_0−x*‖ surely, E Φ_{k+1} ≤ (1−ᾱ/2)Φ_k, ‖x_{k+1}−x*‖/‖x_k−x*‖ ≤ (√Φ_k+(L_*/2)‖x_k−x*‖)/μ → 0"
            (instances [ "ef21"; "cbag" ]
             |> Instances.counts 1 2 20
             |> Instances.startingWith (own [ "ef21", 2, 1.0; "ef21", 5, 1.0; "cbag", 2, 0.5; "cbag", 5, 0.5 ]))
            (learns id) with
            Formula =
                @"\|x_k-x_*\|\le2^{-k}\|x_0-x_*\|,\quad\mathbb E\Phi_{k+1}\le(1-\tfrac{\bar\alpha}2)\Phi_k,\quad\Phi=\tfrac1n\sum\|H_i-\nabla^2f_i(x_*)\|_F^2+\tfrac{12}{\bar\alpha}L_F^2\|x-x_*\|^2"
            Assumptions = "EF21 (p = 1) or CBAG with C ∈ B(α), ᾱ = pα; logistic regression"
            Source = "arXiv 2206.03588 in shape; constants derived, Young with ᾱ/4"
            Falsifiers = [ Falsifier.check "H_i never updated" (learns frozen) ]
    }

// ---- CE-NEWTON3PC.5 --------------------------------------------------------------------------------------------

/// The claims with the Hessians' errors at the current point, for weights cL_F² of ‖x − x*‖².
let private anyMechanism (weights: Parameters -> float * float -> float list) change ctx spec =
    let f = problem spec
    let p = parameters spec f
    let mu, l = f.StrongConvexity, f.HessianLipschitz
    let a, b = p.Mechanism.Constants(f.Dimension * f.Dimension)
    let radius, limit = mu / (sqrt 2.0 * l), mu * mu / 8.0
    let proc = change (Method.on f p method)
    let states = states ctx f Reference.Iterate radius 0.0 limit 8
    let keep = pullIn f Reference.Iterate radius 0.0 limit

    let step search measure bound =
        oneStep ctx proc states keep search measure bound

    let always (s: State) =
        let e = distance f s
        (1.0 / (mu * mu)) * (e * (2.0 * errorAtIterate f s + (0.5 * l * l) * e))

    let contraction = 1.0 - min a (1.0 / 3.0)

    let runs c =
        let weight = c * f.HessianLipschitzFrobenius ** 2.0
        let near = pullIn f Reference.Iterate radius weight limit states
        let phi = potential f c

        let along measure factor =
            Trajectories.bound ctx proc near 10 Relation.AtMost 0 (Bounds.linear "along the run" false measure factor)

        // (2 + L_*²/(2cL_F²))Φ/μ² bounds the ratio of the squared distances, so it vanishes with Φ.
        let ratio (s: State) =
            ((2.0 + l * l / (2.0 * weight)) / (mu * mu)) * (phi s * distance f s)

        [
            along (distance f) 0.5
            along phi contraction
            oneStep ctx proc near id 0 (distance f) ratio
        ]

    [
        step 0 (distance f) always
        step 0 (distance f) (fun s -> 0.5 * distance f s)
        for c in weights p (a, b) do
            step (CheckContext.pick 2 4 100 ctx) (potential f c) (fun s -> contraction * potential f c s)

            if p.Mechanism.P = 1.0 && c > 0.0 then
                yield! runs c
    ]
    |> Evidence.all

let private bothWeights (_: Parameters) (a, b) = [ 18.0 * b; 6.0 * (1.0 / a + 3.0 * b) ]

let currentClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-NEWTON3PC.5"
            ClaimKind.Sure
            "every 3PC(A, B), 𝓗 = (1/n)Σ‖H_i−∇²f_i(x)‖²: ‖x⁺−x*‖² ≤ (2𝓗+½L_*²‖x−x*‖²)‖x−x*‖²/μ² always; where 𝓗 ≤ μ²/8 and ‖x−x*‖ ≤ μ/(√2L_*): ‖x⁺−x*‖² ≤ ½‖x−x*‖² and E Φ⁺ ≤ (1−min{A, 1/3})Φ, Φ = 𝓗 + cL_F²‖x−x*‖², c ≥ 18B; for ever for deterministic mechanisms from Φ_0 ≤ μ²/8"
            (instances [ "ef21"; "threshold"; "lag"; "clag"; "cbag" ]
             |> Instances.counts 1 1 20
             |> Instances.startingWith (
                 own [
                     "ef21", 2, 1.0
                     "ef21", 7, 1.0
                     "lag", 1, 1.0
                     "clag", 5, 1.0
                     "cbag", 5, 0.5
                 ]
             ))
            (anyMechanism bothWeights id) with
            Formula =
                @"\mathbb E\Phi_{k+1}\le(1-\min\{A,\tfrac13\})\Phi_k,\quad\|x_{k+1}-x_*\|^2\le\tfrac12\|x_k-x_*\|^2,\quad\frac{\|x_{k+1}-x_*\|^2}{\|x_k-x_*\|^2}\le\Big(2+\frac{L_*^2}{2cL_F^2}\Big)\frac{\Phi_k}{\mu^2}"
            Assumptions = "0 < A ≤ 1, B > 0, s = α/2; c = 18B and the paper's c = 6(1/A + 3B); logistic regression"
            Source = "arXiv 2206.03588; constants derived: 3B + c/2 ≤ 2c/3"
            Falsifiers = [
                Falsifier.check "H_i never updated" (anyMechanism bothWeights frozen)
                Falsifier.check "c = 0" (anyMechanism (fun _ _ -> [ 0.0 ]) id)
            ]
    }
