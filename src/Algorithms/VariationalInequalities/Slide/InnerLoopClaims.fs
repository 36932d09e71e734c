/// Claims on the inner loop of AEG: it meets the criterion after a number of steps that depends on L_q/L_p alone.
module Theory.Algorithms.VariationalInequalities.InnerLoopClaims

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.InnerLoop

// ---- VI-SLIDE.6 ------------------------------------------------------------------------------------------------

type private Solved = {
    /// x_g.
    Extrapolated: Block
    /// The inner loop's output.
    Output: Block
}

/// ‖∇A(output)‖² ≤ (L_p²/3)‖x_g − argmin A‖² from every x_g.
let private meets (spec: SplitSpec) (inner: ISplit -> int -> float -> Block -> Block -> Block) =
    let f = Splits.quadratic spec :> ISplit
    let lp = f.SmoothnessP
    let theta = 1.0 / (2.0 * lp)
    let steps = innerSteps lp f.SmoothnessQ

    Spectral.oneStep {
        Process = {
            Name = "inner loop"
            Draw = Draw.none
            Step =
                fun () (s: Solved) -> {
                    s with
                        Output = inner f steps theta (f.GradientP s.Extrapolated) s.Extrapolated
                }
            Cost = fun () -> []
        }
        Centre =
            {
                Extrapolated = f.Minimiser
                Output = f.Minimiser
            }
            : Solved
        Keeps = None
        Measure = fun s -> Block.normSquared (gradientA f theta (f.GradientP s.Extrapolated) s.Extrapolated s.Output)
        Bound =
            fun s ->
                let root = (AEG.exact f).Solve theta (f.GradientP s.Extrapolated) s.Extrapolated
                (lp ** 2.0 / 3.0) * Block.normSquared (s.Extrapolated - root)
        Relation = Relation.AtMost
        MatchMoments = false
    }

/// One step of each method instead of N.
let private single f _ theta g c = solve f 1 theta g c

let private stiff ratio : SplitSpec = {
    AEGClaims.scan 0.01 ratio with
        Dimension = 4
}

let criterion: Claim =
    Claim.create {
        Claim.spec
            "VI-SLIDE.6"
            ClaimKind.Sure
            "N + 1 ≥ 24^{1/4}√(2 + L_q/L_p): N fast gradient steps and N of OGM-G meet AEG's criterion, from every x_g, whatever ε and μ"
            (Splits.instances [ 0.001; 0.1; 1.0 ] 4
             |> Instances.startingWith [ stiff 0.0; stiff 1.0; stiff 100.0; stiff 1e4 ])
            (fun _ spec -> meets spec solve) with
            Formula =
                @"N+1\ge 24^{1/4}\sqrt{2+L_q/L_p}\ \Rightarrow\ \|\nabla A(x_f^+)\|^2\le\tfrac{L_p^2}{3}\|x_g-\arg\min A\|^2"
            Assumptions = "A is 2L_p-strongly convex and (2L_p + L_q)-smooth; 2N gradients of q a step"
            Source = "derived: ‖∇A‖² ≤ 2L_A(A(y_N) − A*)/θ_0² ≤ 8L_A²‖x_g − argmin A‖²/(N+1)⁴"
            Falsifiers = [ Falsifier.check "one step of each" (fun _ spec -> meets spec single) ]
    }

/// OGM-G on Huber's function.
[<NoComparison>]
type HuberSpec = {
    Steps: int
    Smoothness: float
    /// Half the width of the quadratic part.
    Threshold: float
}

type private Point = { X: Block }

/// ‖∇A(x_N)‖² ≤ share·2L(A(x_0) − A*)/θ_0² from starts in and beyond the quadratic part, and the worst that a search finds.
let private onHuber ctx (spec: HuberSpec) (order: float[] -> float[]) share =
    let f = Huber(1, spec.Smoothness, spec.Threshold) :> IObjective
    let theta = GradientSolvers.weights spec.Steps

    let proc: Process<Point, unit> = {
        Name = "OGM-G"
        Draw = Draw.none
        Step =
            fun () s -> {
                X = GradientSolvers.gradientNorm f.Gradient f.Smoothness (order theta) s.X
            }
        Cost = fun () -> []
    }

    // From (θ_0² + 1)/2 thresholds away every gradient but the last has its largest size: the worst function.
    let worst = 0.5 * (theta[0] ** 2.0 + 1.0)

    let starts =
        [| worst; 0.5; 1.0; 2.0; 0.9 * worst; 1.1 * worst; 3.0 * worst; -worst |]
        |> Array.map (fun x -> [| spec.Threshold * x |])

    Trajectories.bound ctx proc { X = Block.ofRows starts } 1 Relation.AtMost 10 {
        Name = "‖∇A(x_N)‖²"
        Measure = fun s -> Block.normSquared (f.Gradient s.X)
        Summary = Summary.Last
        Scale = fun s -> Objective.gap f s.X
        Bound = fun _ gap -> share * 2.0 * f.Smoothness * gap / theta[0] ** 2.0
        InExpectation = false
    }

let private hubers =
    let spec steps = {
        Steps = steps
        Smoothness = 1.0
        Threshold = 1.0
    }

    let all = [ 1; 2; 3; 5; 10; 20 ] |> List.map spec

    Instances.only (
        all
        @ [
            {
                Steps = 7
                Smoothness = 10.0
                Threshold = 0.3
            }
        ]
    )

let gradientNormClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SLIDE.6b"
            ClaimKind.Sure
            "OGM-G: ‖∇A(x_N)‖² ≤ 2L_A(A(x_0) − A*)/θ_0², attained by Huber's function; θ_0² ≥ (N+1)²/2"
            hubers
            (fun ctx spec ->
                let growth =
                    Evidence.row
                        Relation.AtLeast
                        1
                        spec.Steps
                        "θ_0²"
                        ((GradientSolvers.weights spec.Steps)[0] ** 2.0)
                        (float (spec.Steps + 1) ** 2.0 / 2.0)

                Evidence.all [
                    onHuber ctx spec id 1.0
                    Evidence.ofRows Rung.Trajectories Relation.AtLeast [ growth ]
                ]) with
            Formula = @"\|\nabla A(x_N)\|^2\le\frac{2L_A(A(x_0)-A^*)}{\theta_0^2},\quad\theta_0^2\ge\tfrac12(N+1)^2"
            Assumptions = "A convex and L_A-smooth"
            Source = "Kim, Fessler, 2021"
            Falsifiers = [
                Falsifier.check "weights in increasing order" (fun ctx spec -> onHuber ctx spec Array.rev 1.0)
                Falsifier.check "bound × 0.9" (fun ctx spec -> onHuber ctx spec id 0.9)
            ]
            Tight =
                Some {
                    Instance = {
                        Steps = 20
                        Smoothness = 1.0
                        Threshold = 1.0
                    }
                    AtLeast = 0.999999
                }
    }

// ---- AEG with the inner loop -----------------------------------------------------------------------------------

/// Ψ contracts with the inner loop in place of exact solves.
let private contracts (spec: SplitSpec) steps =
    let f = Splits.quadratic spec :> ISplit
    let p = parameters f
    let q = AEG.parameters f
    let own = { p with Inner = steps p.Inner }

    Spectral.contraction (Method.on f own method) (AEG.init f.Minimiser) None (AEG.lyapunov f q) (AEG.contraction q) 0.0

let whole: Claim =
    Claim.create {
        Claim.spec
            "VI-SLIDE.6c"
            ClaimKind.Sure
            "AEG with the inner loop: Ψ⁺ ≤ (1 − ½min{1, √(μ/L_p)})Ψ with 2N + 1 gradients of q a step"
            (Splits.instances [ 0.001; 0.1; 1.0 ] 4
             |> Instances.startingWith [ stiff 1.0; stiff 1e4 ])
            (fun _ spec -> contracts spec id) with
            Formula = @"\Psi_{k+1}\le\bigl(1-\tfrac12\min\{1,\sqrt{\mu/L_p}\}\bigr)\Psi_k"
            Assumptions = "as VI-SLIDE.1, N + 1 ≥ 24^{1/4}√(2 + L_q/L_p)"
            Source = "derived from VI-SLIDE.1 and VI-SLIDE.6"
            Falsifiers = [
                Falsifier.check "one step of each" (fun _ spec -> contracts spec (fun _ -> 1))
            ]
    }
