/// What the saddle of a vertical split is and what its messages cost (VI-VFL.1 to .4, .6 and .7).
module Theory.Algorithms.VariationalInequalities.VerticalClaims

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type private Weights = { X: Block }

let private standard: VerticalSpec = {
    Samples = 6
    Parties = 2
    Features = 5
    Lambda = 0.1
    Scale = 1.0
    Seed = 1
}

let private instances =
    VerticalSpec.instances 6 3 5
    |> Instances.counts 1 4 30
    |> Instances.startingWith [ standard ]

let private rows relation (all: (string * float * float) list) =
    all
    |> List.map (fun (label, measured, bound) -> Evidence.row relation 16 1 label measured bound)
    |> Evidence.ofRows Rung.Spectral relation

// ---- VI-VFL.1 --------------------------------------------------------------------------------------------------

/// F(x, Ax, sign·∇ℓ(Ax)) = (∇f(x), 0, 0) for every x, with ∇f(x) = (AᵀA/m + λI)(x − x*): the zeros of F are the minimisers.
let private reformulates (spec: VerticalSpec) sign =
    let problem = VerticalRegression spec
    let f = problem :> IOperator
    let labels = Block.vector problem.Labels
    let weights = Block.vector problem.Weights

    let lifted (s: Weights) =
        let z = s.X.Apply problem.Data
        Block.ConcatDimension(s.X, z, (sign * problem.LossSmoothness) * (z - labels))

    let gradient (s: Weights) =
        let own = (s.X - weights).Apply problem.Hessian
        Block.ConcatDimension(own, 0.0 * (s.X.Apply problem.Data), 0.0 * (s.X.Apply problem.Data))

    let saddle = lifted { X = weights }

    Pieces.all [
        AffineIdentity.forEveryState { X = weights } None (lifted >> f.Operator) gradient
        // The zero is unique: the one by F's matrix is the lifted minimiser.
        AffineIdentity.forEveryState { X = weights } None (fun s -> f.Solution + 0.0 * lifted s) (fun s ->
            saddle + 0.0 * lifted s)
    ]

let reformulation: Claim =
    Claim.create {
        Claim.spec
            "VI-VFL.1"
            ClaimKind.Exact
            "F(x, Ax, ∇ℓ(Ax)) = (∇f(x), 0, 0) for every x: F vanishes exactly at x* = (AᵀA/m + λI)⁻¹Aᵀb/m, z* = Ax*, y* = ∇ℓ(Ax*)"
            instances
            (fun _ spec -> reformulates spec 1.0) with
            Formula = @"F(x,Ax,\nabla\ell(Ax))=(\nabla f(x),0,0)"
            Assumptions =
                "ridge: ℓ(z) = ‖z − b‖²/(2m), r = (λ/2)‖·‖²; a zero of F has z = Ax and y = ∇ℓ(z) by its last two parts"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "y with the other sign" (fun _ spec -> reformulates spec -1.0)
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }

// ---- VI-VFL.2 and .7 -------------------------------------------------------------------------------------------

/// ‖[A, −block·I]‖ against √(λmax(AAᵀ) + 1).
let private coupling (spec: VerticalSpec) block =
    let problem = VerticalRegression spec
    let m, d = spec.Samples, spec.Features

    let joined =
        Matrix.Create(
            m,
            d + m,
            (fun i j ->
                if j < d then problem.Data[i, j]
                elif j - d = i then -block
                else 0.0)
        )

    rows Relation.Equal [
        ("‖[A, −I]‖", Decompositions.SpectralNorm joined, sqrt (problem.LargestSquare + 1.0))
    ]

let private lipschitz (spec: VerticalSpec) =
    let problem = VerticalRegression spec
    rows Relation.AtMost [ ("L", (problem :> IOperator).Lipschitz, problem.LipschitzBound) ]

let constantClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-VFL.2"
            ClaimKind.Exact
            "‖[A, −I]‖ = √(λmax(AAᵀ)+1), so L ≤ max{L_ℓ, L_r} + √(λmax(AAᵀ)+1)"
            instances
            (fun _ spec -> Pieces.all [ coupling spec 1.0; lipschitz spec ]) with
            Formula = @"L\le\max\{L_\ell,L_r\}+\sqrt{\lambda_{\max}(AA^\top)+1}"
            Source = "derived: [A, −I][A, −I]ᵀ = AAᵀ + I"
            Falsifiers = [ Falsifier.check "without the block −I" (fun _ spec -> coupling spec 0.0) ]
            Tight =
                Some {
                    Instance = standard
                    AtLeast = 0.999999
                }
    }

/// The constants of the saddle and of gradient descent when the data are multiplied by s.
let private scaling (spec: VerticalSpec) coupled =
    let problem s =
        VerticalRegression { spec with Scale = s * spec.Scale }

    let bound (p: VerticalRegression) =
        if coupled then
            p.LipschitzBound
        else
            max p.LossSmoothness spec.Lambda

    let one = problem 1.0

    let descent (p: VerticalRegression) =
        let values = Decompositions.SymmetricEigen(p.Hessian).Values
        values[values.Count - 1]

    Pieces.all [
        rows Relation.AtMost [
            for s in [ 1.0; 10.0; 100.0 ] do
                let p = problem s
                $"saddle's L at s = {s}", (p :> IOperator).Lipschitz, bound p
                $"saddle's bound against s times that at 1, s = {s}", bound p, s * bound one
        ]
        // At least s√λmax: the growth is by s, no less.
        rows Relation.AtLeast [
            for s in [ 10.0; 100.0 ] ->
                $"saddle's L at s = {s} against s‖A‖", (problem s :> IOperator).Lipschitz, s * sqrt one.LargestSquare
        ]
        rows Relation.Equal [
            for s in [ 1.0; 10.0; 100.0 ] ->
                $"gradient descent's constant at s = {s}",
                descent (problem s),
                one.LossSmoothness * s * s * one.LargestSquare + spec.Lambda
        ]
    ]

let scalingClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-VFL.7"
            ClaimKind.Count
            "data times s: the saddle's constant grows by at most s (iterations to a gap ε: LR²/(2ε)), gradient descent's L_ℓs²λmax + L_r by about s²"
            instances
            (fun _ spec -> scaling spec true) with
            Formula =
                @"\max\{L_\ell,L_r\}+\sqrt{s^2\lambda_{\max}+1}\quad\text{against}\quad L_\ell s^2\lambda_{\max}+L_r"
            Assumptions = "EG with γ = 1/L and VI-VFL.3; gradient descent with 1/L and f − f* ≤ LR²/(2K)"
            Source = "reviews of an earlier version state the dependence; constants derived"
            Falsifiers = [ Falsifier.check "L without the coupling" (fun _ spec -> scaling spec false) ]
    }

// ---- VI-VFL.3 --------------------------------------------------------------------------------------------------

let private gaps (spec: VerticalSpec) share descend =
    let problem = VerticalRegression spec

    [ 1; 2; 10; 100 ]
    |> List.map (fun k -> Extragradient.gapsOf problem problem.Affine k share descend)
    |> Pieces.all

let private small = {
    standard with
        Samples = 3
        Features = 3
}

let gapClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-VFL.3"
            ClaimKind.Sure
            "VFL-EG, γ = 1/L: ⟨F(v), ū_K − v⟩ and the duality gap at any (x', z', y') are at most ‖v − v_0‖²/(2γK), for every v and v_0"
            (VerticalSpec.instances 3 2 3
             |> Instances.counts 1 1 12
             |> Instances.startingWith [ small ])
            (fun _ spec -> gaps spec 1.0 false) with
            Formula = @"\langle F(v),\bar u_K-v\rangle\le\frac{\|v-v_0\|^2}{2\gamma K}\quad\forall v"
            Assumptions = "ū_K the average of the extrapolated points"
            Source = "as VI-SURVEY.5: the supremum over v is a concave quadratic problem"
            Falsifiers = [
                Falsifier.check "right side halved" (fun _ spec -> gaps spec 0.5 false)
                Falsifier.check "average of the iterates of GDA" (fun _ spec -> gaps spec 1.0 true)
            ]
    }
