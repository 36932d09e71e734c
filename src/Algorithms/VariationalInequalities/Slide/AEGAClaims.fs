/// Claims on AEG with weights that vary in time: a potential that never increases, and the rate 1/k².
module Theory.Algorithms.VariationalInequalities.AEGAClaims

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.AEGA

// ---- VI-SLIDE.7: the potential ---------------------------------------------------------------------------------

type private Inexact = {
    X: Block
    V: Block
    /// The gradient that the inner solve leaves over.
    Leftover: Block
    /// x⁺ − y of the last step.
    Gap: Block
    A: float
    B: float
}

let private plain (s: Inexact) : State = { X = s.X; V = s.V; A = s.A; B = s.B }

/// Where a changed step differs from the method.
[<NoEquality; NoComparison>]
type private Change = {
    /// Multiplies the weight a.
    Weight: float
    /// Multiplies λ.
    Lambda: float
    /// ∇r at y instead of x⁺.
    AtY: bool
    /// How many times the leftover gradient may exceed L_p‖x⁺ − y‖; 0 for exact solves.
    Excess: float
}

let private unchanged = {
    Weight = 1.0
    Lambda = 1.0
    AtY = false
    Excess = 1.0
}

let private changed (f: ISplit) (p: Parameters) (change: Change) (s: Inexact) : Inexact =
    let slow = plain s
    let a = change.Weight * weight p slow
    let y = extrapolate a slow
    let next = solve f p s.Leftover y
    let after = advance p a next (f.Gradient(if change.AtY then y else next)) slow

    {
        X = after.X
        V = after.V
        Leftover = s.Leftover
        Gap = next - y
        A = after.A
        B = after.B
    }

/// The potential does not increase at the steps after 0, 1, 5 and 40 steps, from every state and leftover gradient.
let private decreases (spec: SplitSpec) (change: Change) =
    let f = Splits.quadratic spec :> ISplit
    let own = parameters f

    let p = {
        own with
            Parameters.Lambda = change.Lambda * own.Lambda
    }

    let zero = 0.0 * f.Minimiser

    let proc = {
        Name = "AEG-A, inexact"
        Draw = Draw.none
        Step = fun () s -> changed f p change s
        Cost = fun () -> []
    }

    let weights =
        Seq.init 41 id
        |> Seq.scan (fun s _ -> step f p s) (init f.Minimiser)
        |> Array.ofSeq

    [ 0; 1; 5; 40 ]
    |> List.map (fun k ->
        let centre = {
            X = f.Minimiser
            V = f.Minimiser
            Leftover = zero
            Gap = zero
            A = weights[k].A
            B = weights[k].B
        }

        let measure s = potential f (plain s)

        if change.Excess = 0.0 then
            Spectral.oneStep {
                Process = {
                    proc with
                        Step = fun () s -> changed f p change { s with Leftover = 0.0 * s.Leftover }
                }
                Centre = centre
                Keeps = None
                Measure = measure
                Bound = measure
                Relation = Relation.AtMost
                MatchMoments = false
            }
        else
            // The proof weighs ‖∇r(x⁺) + λ(x⁺ − y)‖² by A_{k+1}/(2λ), and that square is at most twice the sum of two.
            Multiplier.oneStep
                proc
                centre
                ((weights[k].A + weight p weights[k]) / p.Lambda)
                measure
                (fun s -> (change.Excess * f.SmoothnessP) ** 2.0 * Block.normSquared s.Gap)
                measure
                (fun s -> Block.normSquared s.Leftover))
    |> Pieces.all

let private scan mu d : SplitSpec = {
    AEGClaims.scan mu 1000.0 with
        Dimension = d
}

let private exactly = { unchanged with Excess = 0.0 }

let potentialClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SLIDE.7"
            ClaimKind.Sure
            "AEG-A: A_k(r(x_k)−r*) + (B_k/2)‖v_k−x*‖² never increases, whatever L_q, for μ ≥ 0"
            (Splits.instances [ 0.0; 0.01; 1.0 ] 4
             |> Instances.startingWith [ scan 0.0 5; scan 0.01 5; { scan 0.0 4 with Commuting = false } ])
            (fun _ spec -> decreases spec exactly) with
            Formula =
                @"A_{k+1}(r(x_{k+1})-r^*)+\tfrac{B_{k+1}}2\|v_{k+1}-x_*\|^2\le A_k(r(x_k)-r^*)+\tfrac{B_k}2\|v_k-x_*\|^2"
            Assumptions = "r and q convex, p L_p-smooth and perhaps nonconvex, λ = 2L_p, λa² = (A+a)B; exact solves"
            Source = "derived: ⟨∇r(x⁺), y − x⁺⟩ ≥ ‖∇r(x⁺)‖²/(2λ), then an estimate sequence with a² ≤ (A+a)B/λ"
            Valid = fun spec -> spec.Dimension > 1 || spec.Mu > 0.0
            Falsifiers = [
                Falsifier.check "a doubled" (fun _ spec -> decreases spec { exactly with Weight = 2.0 })
                Falsifier.check "λ = L_p/2" (fun _ spec -> decreases spec { exactly with Lambda = 0.25 })
                Falsifier.check "∇r at y" (fun _ spec -> decreases spec { exactly with AtY = true })
            ]
            Tight =
                Some {
                    Instance = scan 0.0 5
                    AtLeast = 0.999999
                }
    }

let potentialInexact: Claim =
    Claim.create {
        Claim.spec
            "VI-SLIDE.7b"
            ClaimKind.Sure
            "AEG-A with inexact solves: the potential never increases for any leftover gradient of at most L_p‖x⁺ − y‖"
            (Splits.instances [ 0.0; 0.01 ] 2
             |> Instances.counts 1 2 20
             |> Instances.startingWith [ scan 0.0 2; scan 0.01 3 ])
            (fun _ spec -> decreases spec unchanged) with
            Formula = @"\|\nabla(\cdot)(x^+)\|\le L_p\|x^+-y\|\ \Rightarrow\ \text{the potential never increases}"
            Assumptions = "as VI-SLIDE.7; every state and every leftover gradient within the rule"
            Source = "derived; checked through the S-lemma's multiplier"
            Valid = fun spec -> spec.Dimension > 1 || spec.Mu > 0.0
            Falsifiers = [
                Falsifier.check "leftover gradient ten times as large" (fun _ spec ->
                    decreases spec { unchanged with Excess = 10.0 })
            ]
    }

// ---- VI-SLIDE.7c: the rate -------------------------------------------------------------------------------------

/// A_k ≥ k²/(8L_p), and r(x_k) − r* ≤ ‖x_0 − x*‖²/(2A_k) ≤ 4L_p‖x_0 − x*‖²/k² from every start.
let private follows (spec: SplitSpec) share =
    let f = Splits.quadratic spec :> ISplit
    let p = parameters f
    let horizons = [ 1; 2; 5; 25 ]

    let weights =
        Seq.init 200 id
        |> Seq.scan (fun s _ -> step f p s) (init f.Minimiser)
        |> Array.ofSeq

    let growth =
        [ 1..200 ]
        |> List.map (fun k ->
            Evidence.row Relation.AtLeast 1 k $"A_{k}" weights[k].A (float k ** 2.0 / (4.0 * p.Lambda)))
        |> Evidence.ofRows Rung.Spectral Relation.AtLeast

    let sharp = {
        rate f p with
            Bound = fun k start -> share * start / (2.0 * weights[k].A)
    }

    let printed = rate f p

    let bounds = [
        sharp
        {
            printed with
                Bound = fun k start -> share * printed.Bound k start
        }
    ]

    growth
    :: (bounds |> List.map (AllStarts.ofMethod f p method f.Minimiser horizons))
    |> Pieces.all

let rateClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SLIDE.7c"
            ClaimKind.Sure
            "AEG-A: A_k ≥ k²/(8L_p) and r(x_k) − r* ≤ ‖x_0−x*‖²/(2A_k) ≤ 4L_p‖x_0−x*‖²/k², whatever L_q"
            (Splits.instances [ 0.0; 0.01 ] 3
             |> Instances.counts 1 4 20
             |> Instances.startingWith [ scan 0.0 5; scan 0.01 4 ])
            (fun _ spec -> follows spec 1.0) with
            Formula = @"r(x_k)-r^*\le\frac{\|x_0-x_*\|^2}{2A_k}\le\frac{4L_p\|x_0-x_*\|^2}{k^2}"
            Assumptions = "as VI-SLIDE.7"
            Source = "derived from VI-SLIDE.7"
            Valid = fun spec -> spec.Dimension > 1 || spec.Mu > 0.0
            Falsifiers = [ Falsifier.check "half the bounds" (fun _ spec -> follows spec 0.5) ]
    }
