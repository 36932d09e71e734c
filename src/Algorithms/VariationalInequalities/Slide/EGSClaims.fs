/// Claims on gradient sliding for variational inequalities: its rate and, without strong monotonicity, its gap.
module Theory.Algorithms.VariationalInequalities.EGSClaims

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

let private game mu lp lq d : SplitSpec = {
    Dimension = d
    Mu = mu
    SmoothnessP = lp
    SmoothnessQ = lq
    Commuting = false
    Spread = 1.0
    Seed = 1
}

// ---- VI-SLIDE.2 ------------------------------------------------------------------------------------------------

type private Inexact = {
    X: Block
    /// u of the last step.
    U: Block
    /// The residual B(u) that the inner solve leaves over.
    Leftover: Block
    /// What the criterion compares the residual with, of the last step.
    Gap: Block
    /// A test point v, which no step moves.
    Test: Block
}

let private inexactly f p (gap: Block -> Block -> Block) : Process<Inexact, unit> = {
    Name = "EGS, inexact"
    Draw = Draw.none
    Step =
        fun () s ->
            let u = EGS.solve f p s.Leftover s.X
            let next = EGS.advance f p u s.X

            {
                X = next.X
                U = u
                Leftover = s.Leftover
                Gap = gap s.X u
                Test = s.Test
            }
    Cost = fun () -> []
}

let private atSolution (f: ISplitOperator) : Inexact =
    let zero = 0.0 * f.Solution

    {
        X = f.Solution
        U = f.Solution
        Leftover = zero
        Gap = zero
        Test = f.Solution
    }

/// Exact solves, and every residual with ‖B(u)‖ ≤ excess·L_p/√3·‖x − root‖; η longer by a factor in the falsifier.
let private contracts (spec: SplitSpec) longer excess =
    let f = Splits.affine spec :> ISplitOperator
    let p = EGS.parameters f
    let own = { p with Eta = longer * p.Eta }
    let rho = EGS.contraction p
    let distance (s: Inexact) = Block.normSquared (s.X - f.Solution)
    let toRoot x _ = x - EGS.solve f own (0.0 * x) x

    [
        Spectral.contraction (Method.on f own EGS.method) (EGS.init f.Solution) None (EGS.distance f) rho 0.0
        Multiplier.oneStep
            (inexactly f own toRoot)
            (atSolution f)
            (p.Eta * p.Theta)
            distance
            (fun s -> ((excess * f.LipschitzP) ** 2.0 / 3.0) * Block.normSquared s.Gap)
            (fun s -> rho * distance s)
            (fun s -> Block.normSquared s.Leftover)
    ]
    |> Pieces.all

let strongly: Claim =
    Claim.create {
        Claim.spec
            "VI-SLIDE.2"
            ClaimKind.Sure
            "EGS: ‖x⁺ − x*‖² ≤ (1 − ½min{1, μ/L_p})‖x − x*‖², with exact solves and with any residual ‖B(u)‖² ≤ (L_p²/3)‖x − root‖²"
            (Splits.instances [ 0.01; 0.1; 1.0; 3.0 ] 3
             |> Instances.counts 1 3 20
             |> Instances.startingWith [ game 0.1 1.0 10.0 3; game 1.0 1.0 0.0 2; game 5.0 1.0 1.0 2 ])
            (fun _ spec -> contracts spec 1.0 1.0) with
            Formula = @"\|x_{k+1}-x_*\|^2\le\bigl(1-\tfrac12\min\{1,\mu/L_p\}\bigr)\|x_k-x_*\|^2"
            Assumptions =
                "R = P + Q μ-strongly monotone, Q monotone, P L_p-Lipschitz; θ = 1/(2L_p), η = 1/(4max{μ, L_p}), α = 2μ"
            Source =
                "arXiv 2205.15136; derived for α ≤ 2μ, 2ηα ≤ 1, 2η ≤ θ ≤ 1/(2L_p); residuals through the S-lemma's multiplier"
            Falsifiers = [
                Falsifier.check "η × 4" (fun _ spec -> contracts spec 4.0 1.0)
                Falsifier.check "residual ten times as large" (fun _ spec -> contracts spec 1.0 10.0)
            ]
    }

// ---- VI-SLIDE.8 ------------------------------------------------------------------------------------------------

/// Parameters of the monotone case: θ = η = scale/L_p.
let private monotone (f: ISplitOperator) scale : EGS.Parameters = {
    Theta = scale / f.LipschitzP
    Eta = scale / f.LipschitzP
    Alpha = 0.0
}

/// What the gap is about: the start and the average of the u's.
type private Averaged = { Start: Block; Average: Block }

let private average (f: ISplitOperator) p steps (x0: Block) =
    let advance (s: EGS.State, total: Block) =
        let next = EGS.step f p s
        next, (total + next.U).Materialise()

    let _, total =
        Seq.init steps id
        |> Seq.fold (fun state _ -> advance state) (EGS.init x0, 0.0 * x0)

    total / float steps

/// sup over v of ⟨R(v), ū_K − v⟩ − share·‖v − x_0‖²/(2ηK) ≤ 0 from every x_0: the supremum is in closed form.
let private gap (spec: SplitSpec) scale steps share =
    let split = Splits.affine spec
    let f = split :> ISplitOperator
    let p = monotone f scale
    // The bound is weight/2 ‖v − x_0‖².
    let weight = share * f.LipschitzP / (scale * float steps)
    let symmetric = LinearAlgebra.Symmetrise split.Sum
    let d = spec.Dimension

    let inverse =
        Decompositions.Solve(LinearAlgebra.Combine(2.0, symmetric, weight, Matrix.Identity d), Matrix.Identity d)

    let e (s: Averaged) = s.Start - f.Solution

    Spectral.oneStep {
        Process = {
            Name = $"{steps} steps"
            Draw = Draw.none
            Step =
                fun () s -> {
                    s with
                        Average = average f p steps s.Start
                }
            Cost = fun () -> []
        }
        Centre = {
            Start = f.Solution
            Average = f.Solution
        }
        Keeps = None
        // ⟨R(v), ū − v⟩ = ⟨Aᵀ(ū − z*), v − z*⟩ − ⟨v − z*, A(v − z*)⟩, a concave quadratic of v.
        Measure =
            fun s ->
                let r = (s.Average - f.Solution).Apply(split.Sum, true) + weight * e s
                Block.dot r (r.Apply inverse)
        Bound = fun s -> weight * Block.normSquared (e s)
        Relation = Relation.AtMost
        MatchMoments = false
    }

/// With inexact solves: 2η⟨R(v), u − v⟩ + ‖x⁺ − v‖² ≤ ‖x − v‖² for every v, every x and every residual within
/// ‖B(u)‖ ≤ excess·L_p‖u − x‖; the sum over K steps is the claim.
let private everyResidual (spec: SplitSpec) scale excess =
    let f = Splits.affine spec :> ISplitOperator
    let p = monotone f scale
    let toTest (x: Block) (s: Inexact) = Block.normSquared (x - s.Test)

    // The gap on the larger side, where u is found from the present state: both sides are then nonnegative forms.
    let room (s: Inexact) =
        let u = EGS.solve f p s.Leftover s.X
        toTest s.X s - 2.0 * p.Eta * Block.dot (f.Operator s.Test) (u - s.Test)

    Multiplier.oneStep
        (inexactly f p (fun x u -> u - x))
        (atSolution f)
        // θ²‖P(u) − P(x) + e‖² ≤ 2θ²L_p²‖u − x‖² + 2θ²‖e‖².
        (2.0 * p.Theta ** 2.0)
        (fun s -> toTest s.X s)
        (fun s -> (excess * f.LipschitzP) ** 2.0 * Block.normSquared s.Gap)
        room
        (fun s -> Block.normSquared s.Leftover)

let private gaps (spec: SplitSpec) longer share =
    [ 0.5; 1.0 ]
    |> List.collect (fun scale ->
        [ 1; 2; 5; 20; 100 ]
        |> List.map (fun steps -> gap spec (longer * scale) steps (longer * share)))
    |> Pieces.all

let private bilinear = game 0.0 1.0 3.0 2

let monotoneGap: Claim =
    Claim.create {
        Claim.spec
            "VI-SLIDE.8"
            ClaimKind.Sure
            "EGS, monotone R, α = 0, θ = η = 1/(2L_p): ⟨R(v), ū_K − v⟩ ≤ L_p‖x_0 − v‖²/K for every v and x_0; half of it for θ = η = 1/L_p"
            (Splits.instances [ 0.0; 0.0; 0.1 ] 4
             |> Instances.counts 1 4 20
             |> Instances.startingWith [ bilinear; game 0.0 1.0 30.0 4 ])
            (fun _ spec -> gaps spec 1.0 1.0) with
            // One dimension and μ = 0 leave no P.
            Valid = fun spec -> spec.Dimension > 1
            Formula = @"\langle R(v),\bar u_K-v\rangle\le\frac{L_p\|x_0-v\|^2}{K}\quad\forall v"
            Assumptions = "R and Q monotone, P L_p-Lipschitz, exact solves, ū_K the average of u_0 … u_{K−1}"
            Source = "derived: ‖x⁺ − u‖ = θ‖P(u) − P(x)‖ ≤ ‖u − x‖; the order is stated by Zhou, Ye, Luo, 2024"
            Falsifiers = [
                Falsifier.check "half the bound" (fun _ spec -> gaps spec 1.0 0.5)
                Falsifier.check "θ = η four times as long, bound unchanged" (fun _ spec -> gaps spec 4.0 1.0)
            ]
            Tight =
                Some {
                    Instance = game 0.0 1.0 0.0 2
                    AtLeast = 0.99
                }
    }

let monotoneInexact: Claim =
    Claim.create {
        Claim.spec
            "VI-SLIDE.8b"
            ClaimKind.Sure
            "EGS, monotone R, α = 0, θ = η = 1/(2L_p), any residual ‖B(u)‖ ≤ L_p‖u − x‖: 2η⟨R(v), u − v⟩ ≤ ‖x − v‖² − ‖x⁺ − v‖² for every v"
            (Splits.instances [ 0.0; 0.0; 0.1 ] 3
             |> Instances.counts 1 3 20
             |> Instances.startingWith [ bilinear; game 0.0 1.0 30.0 3 ])
            (fun _ spec -> everyResidual spec 0.5 1.0) with
            Valid = fun spec -> spec.Dimension > 1
            Formula = @"2\eta\langle R(v),u-v\rangle\le\|x-v\|^2-\|x^+-v\|^2\quad\forall v"
            Assumptions =
                "as VI-SLIDE.8, every state and every residual within the criterion; summed over K steps it is VI-SLIDE.8"
            Source =
                "derived: ‖x⁺ − u‖ ≤ θ‖P(u) − P(x)‖ + θ‖B(u)‖ ≤ ‖u − x‖; residuals through the S-lemma's multiplier"
            Falsifiers = [
                Falsifier.check "residual three times as large" (fun _ spec -> everyResidual spec 0.5 3.0)
                Falsifier.check "θ = η = 2/L_p" (fun _ spec -> everyResidual spec 2.0 1.0)
            ]
    }
