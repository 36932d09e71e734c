/// Claims on the accelerated extragradient method: its rate with exact and inexact solves, its special cases.
module Theory.Algorithms.VariationalInequalities.AEGClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

// ---- VI-SLIDE.1: exact solves ----------------------------------------------------------------------------------

/// Several one-dimensional problems at once: h_p on a grid of [−1, 1], h_q up to `stiff`.
let scan mu stiff : SplitSpec = {
    Dimension = 6
    Mu = mu
    SmoothnessP = 1.0
    SmoothnessQ = stiff
    Commuting = true
    Spread = 1.0
    Seed = 1
}

/// A split whose q is stiff and has its own frame.
let private stiff: SplitSpec = {
    scan 0.001 30.0 with
        Dimension = 4
        Commuting = false
}

/// Ψ⁺ ≤ (1 − ½min{1, √(μ/L_p)})Ψ from every state, of a step that may differ from the method's.
let private contracts (spec: SplitSpec) (change: AEG.Parameters -> AEG.Parameters) step =
    let f = Splits.quadratic spec :> ISplit
    let p = AEG.parameters f
    let own = change p

    let proc = {
        Method.on f own AEG.method with
            Step = fun () s -> step f own s
    }

    Spectral.contraction proc (AEG.init f.Minimiser) None (AEG.lyapunov f p) (AEG.contraction p) 0.0

/// Parameters of an L_p taken too small by a factor.
let private underestimated factor (p: AEG.Parameters) =
    AEG.parametersOf p.Alpha (1.0 / (2.0 * p.Theta) / factor)

/// ∇r at the extrapolated point instead of the new one.
let private atExtrapolated (f: ISplit) (p: AEG.Parameters) (s: AEG.State) : AEG.State =
    let xg = AEG.extrapolate p s
    let fast = (AEG.exact f).Solve p.Theta (f.GradientP xg) xg

    {
        X = s.X + (p.Eta * p.Alpha) * (fast - s.X) - p.Eta * f.Gradient xg
        Fast = fast
    }

let exact: Claim =
    Claim.create {
        Claim.spec
            "VI-SLIDE.1"
            ClaimKind.Sure
            "AEG: Ψ⁺ ≤ (1 − ½min{1, √(μ/L_p)})Ψ, Ψ = ‖x−x*‖²/η + (2/τ)(r(x_f)−r*), whatever L_q"
            (Splits.instances [ 0.001; 0.01; 0.1; 1.0; 10.0 ] 4
             |> Instances.startingWith [ scan 0.01 1000.0; scan 3.0 1000.0; stiff ])
            (fun _ spec -> contracts spec id AEG.step) with
            Formula = @"\Psi_{k+1}\le\bigl(1-\tfrac12\min\{1,\sqrt{\mu/L_p}\}\bigr)\Psi_k"
            Assumptions =
                "r μ-strongly convex, q convex, p L_p-smooth and perhaps nonconvex, the server's problem solved exactly"
            Source =
                "arXiv 2205.15136, Theorem 1 with its parameters; re-derived for α ≤ μ, 2ηα ≤ 1, 2ητ ≤ θ ≤ 1/(2L_p)"
            Falsifiers = [
                Falsifier.check "L_p underestimated by 8" (fun _ spec -> contracts spec (underestimated 8.0) AEG.step)
                Falsifier.check "α = 0" (fun _ spec -> contracts spec (fun p -> { p with Alpha = 0.0 }) AEG.step)
                Falsifier.check "∇r at x_g" (fun _ spec -> contracts spec id atExtrapolated)
            ]
            Tight =
                Some {
                    Instance = scan 0.01 1000.0
                    AtLeast = 0.995
                }
    }

// ---- VI-SLIDE.1b: inexact solves -------------------------------------------------------------------------------

type private Inexact = {
    X: Block
    Fast: Block
    /// The gradient e = ∇A(x_f⁺) that the inner solve leaves over.
    Leftover: Block
    /// x_g − argmin A of the last step.
    Gap: Block
}

let private inexactStep (f: ISplit) (p: AEG.Parameters) (s: Inexact) : Inexact =
    let slow: AEG.State = { X = s.X; Fast = s.Fast }
    let xg = AEG.extrapolate p slow

    let solve theta (g: Block) (c: Block) =
        f.ProxQ theta (c - theta * (g - s.Leftover))

    let next = AEG.stepWith { AEG.exact f with Solve = solve } p slow

    {
        X = next.X
        Fast = next.Fast
        Leftover = s.Leftover
        Gap = xg - (AEG.exact f).Solve p.Theta (f.GradientP xg) xg
    }

/// The same contraction with every leftover gradient that ‖e‖ ≤ excess·L_p/√3·‖x_g − argmin A‖ allows.
let private contractsInexact (spec: SplitSpec) excess =
    let f = Splits.quadratic spec :> ISplit
    let p = AEG.parameters f
    let zero = 0.0 * f.Minimiser
    let lp = 1.0 / (2.0 * p.Theta)

    let psi (s: Inexact) =
        AEG.lyapunov f p { X = s.X; Fast = s.Fast }

    let proc = {
        Name = "AEG, inexact"
        Draw = Draw.none
        Step = fun () s -> inexactStep f p s
        Cost = fun () -> []
    }

    Multiplier.oneStep
        proc
        {
            X = f.Minimiser
            Fast = f.Minimiser
            Leftover = zero
            Gap = zero
        }
        (2.0 * p.Theta / p.Tau)
        psi
        (fun s -> ((excess * lp) ** 2.0 / 3.0) * Block.normSquared s.Gap)
        (fun s -> AEG.contraction p * psi s)
        (fun s -> Block.normSquared s.Leftover)

let inexact: Claim =
    Claim.create {
        Claim.spec
            "VI-SLIDE.1b"
            ClaimKind.Sure
            "AEG with inexact solves: the same contraction for every x_f⁺ with ‖∇A(x_f⁺)‖² ≤ (L_p²/3)‖x_g − argmin A‖²"
            (Splits.instances [ 0.001; 0.01; 0.1; 1.0 ] 3
             |> Instances.counts 1 3 20
             |> Instances.startingWith [ { scan 0.01 1000.0 with Dimension = 3 } ])
            (fun _ spec -> contractsInexact spec 1.0) with
            Formula =
                @"\|\nabla A(x_f^+)\|^2\le\tfrac{L_p^2}{3}\|x_g-\arg\min A\|^2\ \Rightarrow\ \Psi_{k+1}\le\bigl(1-\tfrac12\min\{1,\sqrt{\mu/L_p}\}\bigr)\Psi_k"
            Assumptions = "as VI-SLIDE.1; every state and every leftover gradient within the criterion"
            Source = "arXiv 2205.15136, Theorem 1; re-derived; checked through the S-lemma's multiplier"
            Falsifiers = [
                Falsifier.check "leftover gradient ten times as large" (fun _ spec -> contractsInexact spec 10.0)
            ]
    }

// ---- VI-SLIDE.3: special cases ---------------------------------------------------------------------------------

/// A split in which one of the two functions vanishes.
[<NoComparison>]
type OneSided = {
    Dimension: int
    Mu: float
    /// Largest eigenvalue of what does not vanish.
    Smoothness: float
    /// The L_p that the parameters are computed from; any positive number where p vanishes.
    AssumedLp: float
    /// True when p vanishes, false when q does.
    NoP: bool
    Seed: int
}

let private oneSided (spec: OneSided) =
    let d = spec.Dimension
    let zero = LinearAlgebra.Diagonal(Array.zeroCreate d)

    let h =
        LinearAlgebra.FromSpectrum(
            Linear.rotation spec.Seed 0 d,
            System.ReadOnlySpan(Linear.geometric spec.Mu spec.Smoothness d)
        )

    let point, none = Linear.gaussians spec.Seed 1 d, Array.zeroCreate d

    let split =
        if spec.NoP then
            QuadraticSplit("p = 0", zero, h, point, none)
        else
            QuadraticSplit("q = 0", h, zero, point, none)

    split :> ISplit

/// x_f⁺ against the closed form, from every state.
let private reduces (spec: OneSided) centredAtX =
    let f = oneSided spec

    let p =
        AEG.parametersOf f.StrongConvexity (if spec.NoP then spec.AssumedLp else f.SmoothnessP)

    let proc = {
        Method.on f p AEG.method with
            Step =
                fun () s ->
                    let o = AEG.exact f

                    let solve theta g c =
                        o.Solve theta g (if centredAtX then s.X else c)

                    AEG.stepWith { o with Solve = solve } p s
    }

    let centre = AEG.init f.Minimiser

    if spec.NoP then
        // x_f⁺ = prox_{θr}(x_g), as its optimality condition.
        AffineIdentity.everyOutcome proc centre None (fun s -> s.Fast + p.Theta * f.Gradient s.Fast) (AEG.extrapolate p)
    else
        AffineIdentity.everyOutcome proc centre None (fun s -> s.Fast) (fun s ->
            let xg = AEG.extrapolate p s
            xg - p.Theta * f.Gradient xg)

let private oneSideds =
    let fixedOnes = [
        for noP in [ true; false ] ->
            {
                Dimension = 3
                Mu = 0.1
                Smoothness = 10.0
                AssumedLp = 0.5
                NoP = noP
                Seed = 1
            }
    ]

    let generator =
        gen {
            let! d = Gen.choose (1, 4)
            let! mu = Gen.elements [ 0.01; 0.1; 1.0 ]
            let! condition = Gen.elements [ 1.0; 10.0; 100.0 ]
            let! lp = Gen.elements [ 0.1; 1.0; 10.0 ]
            let! noP = Gen.elements [ true; false ]
            let! seed = Gen.choose (0, 10000)

            return {
                Dimension = d
                Mu = mu
                Smoothness = mu * condition
                AssumedLp = lp
                NoP = noP
                Seed = seed
            }
        }

    let shrink spec =
        seq {
            if spec.Dimension > 1 then
                {
                    spec with
                        OneSided.Dimension = spec.Dimension - 1
                }

            if spec.Seed > 0 then
                {
                    spec with
                        OneSided.Seed = spec.Seed / 2
                }
        }

    Instances.generated generator shrink |> Instances.startingWith fixedOnes

let reductions: Claim =
    Claim.create {
        Claim.spec
            "VI-SLIDE.3"
            ClaimKind.Exact
            "AEG: without p, x_f⁺ is the proximal point of r at x_g for any L_p > 0; without q, x_f⁺ = x_g − θ∇r(x_g)"
            oneSideds
            (fun _ spec -> reduces spec false) with
            Formula =
                @"p\equiv0:\ x_f^+=\mathrm{prox}_{\theta r}(x_g);\qquad q\equiv0:\ x_f^+=x_g-\tfrac{1}{2L_p}\nabla r(x_g)"
            Assumptions = "x_g = τx + (1−τ)x_f"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "centred at x instead of x_g" (fun _ spec -> reduces spec true)
            ]
            Tight =
                Some {
                    Instance = {
                        Dimension = 3
                        Mu = 0.1
                        Smoothness = 10.0
                        AssumedLp = 0.5
                        NoP = true
                        Seed = 1
                    }
                    AtLeast = 1.0
                }
    }
