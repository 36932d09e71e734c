/// Clipped SGD, SGDA, SEG and SSTM: the noiseless claims and the entry. Citation and methods:
/// ClippedMethods.fs.
module Theory.Algorithms.RobustAndPrivate.ClippedSGD

open System
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.RobustAndPrivate.ClippedMethods
open Theory.Algorithms.RobustAndPrivate.LinearOperators

// ---- 6: SSTM without noise -----------------------------------------------------------------------------------------

/// y_K as a function of the start.
let private accelerated (f: IObjective) (p: SSTMParameters) steps (x0: Block) =
    let proc = Method.on f p sstm
    let silent = Block.zeros 1 1 f.Dimension

    (sstm.Init f p x0, seq { 1..steps })
    ||> Seq.fold (fun s _ -> proc.Step silent s)

/// A_k = k(k+3)/(4cL).
let private weightOf (p: SSTMParameters) k =
    float (k * (k + 3)) / (4.0 * p.Slowdown * p.Smoothness)

/// The one-step inequality of A_k(f(y_k)−f*) + ½‖z_k−x*‖² for every state, and the bound on f(y_K) for every start.
let private similarTriangles slowdown (spec: QuadraticSpec) =
    let f = Quadratic.distributed spec :> IObjective

    let p = {
        Slowdown = slowdown
        Level = Double.PositiveInfinity
        Smoothness = f.Smoothness
        Noise = HeavyTails.gaussian f.Dimension 0.0
    }

    let gap x = f.Value x - Block.scalar f.Infimum

    let potential k (s: SSTMState) =
        weightOf { p with Slowdown = 1.0 } k * gap s.Y
        + 0.5 * Block.normSquared (s.Z - f.Minimiser)

    let oneStep k =
        Spectral.oneStep {
            Process = Method.on f p sstm
            Centre = {
                Y = f.Minimiser
                Z = f.Minimiser
                Count = k
                Weight = weightOf p k
            }
            Keeps = None
            Measure = potential (k + 1)
            Bound = potential k
            Relation = Relation.AtMost
            MatchMoments = false
        }

    let wholeRun steps =
        Spectral.oneStep {
            Process = {
                Name = "SSTM"
                Draw = Draw.none
                Step = fun () (s: State) -> { X = (accelerated f p steps s.X).Y }
                Cost = fun () -> []
            }
            Centre = { X = f.Minimiser }
            Keeps = None
            Measure = fun s -> gap s.X
            Bound =
                fun s ->
                    (2.0 * f.Smoothness / float (steps * (steps + 3)))
                    * Block.normSquared (s.X - f.Minimiser)
            Relation = Relation.AtMost
            MatchMoments = false
        }

    let weights =
        [ 1; 2; 10; 100 ]
        |> List.map (fun k ->
            Evidence.row
                Relation.Equal
                1
                k
                $"A_{k}"
                (accelerated f p k f.Minimiser).Weight
                (weightOf { p with Slowdown = 1.0 } k))
        |> Evidence.ofRows Rung.Spectral Relation.Equal

    Evidence.all [
        yield! List.map oneStep [ 0; 1; 2; 3; 10; 50 ]
        yield! List.map wholeRun [ 1; 2; 5; 20; 100 ]
        // The identity holds with ratio 1 and would hide the tightness of the bounds.
        { weights with Tightness = nan }
    ]

let sstmRate: Claim =
    Claim.create {
        Claim.spec
            "RP-CLIPHP.6"
            ClaimKind.Sure
            "SSTM without noise, c = 1: A_K = K(K+3)/(4L), f(y_K) − f* ≤ 2LR²/(K(K+3)), A_k(f(y_k)−f*) + ½‖z_k−x*‖² never grows"
            (Quadratic.instances 2 3)
            (fun _ spec -> similarTriangles 1.0 spec) with
            Formula = @"f(y^K) - f^* \le \frac{2LR^2}{K(K+3)}"
            Assumptions = "f convex, L-smooth, no noise, no clipping"
            Source = "derived: A_{k+1} ≥ Lα_{k+1}², similar triangles"
            Falsifiers = [
                Falsifier.check "α_{k+1} = (k+2)/(0.4L)" (fun _ spec -> similarTriangles 0.2 spec)
            ]
    }

// ---- 7: rotation ---------------------------------------------------------------------------------------------------

[<NoComparison>]
type RotationSpec = { Scale: float; Gamma: float }

/// ‖z⁺‖² = growth·‖z‖² for every z, F(z) = s·Jz.
let private rotates fresh (spec: RotationSpec) =
    let f = linear (Matrix(2, 2, [| 0.0; -spec.Scale; spec.Scale; 0.0 |]))

    let p = {
        Gamma = spec.Gamma
        Lambda = Double.PositiveInfinity
        Noise = HeavyTails.gaussian 2 0.0
    }

    let equality (proc: Process<State, 'D>) growth =
        Spectral.oneStep {
            Process = proc
            Centre = { X = f.Solution }
            Keeps = None
            Measure = fun s -> Block.normSquared s.X
            Bound = fun s -> growth * Block.normSquared s.X
            Relation = Relation.Equal
            MatchMoments = false
        }

    let gs = (spec.Gamma * spec.Scale) ** 2.0
    let extragradient = Method.on f p seg
    let simultaneous = Method.on f p sgda

    let stale = {
        extragradient with
            Step = fun (first, _) s -> simultaneous.Step first s
    }

    Evidence.all [
        equality simultaneous (1.0 + gs)
        equality (if fresh then extragradient else stale) (1.0 - gs + gs * gs)
    ]

let rotation: Claim =
    Claim.create {
        Claim.spec
            "RP-CLIPHP.7"
            ClaimKind.Exact
            "F(z) = sJz: ‖z⁺‖² = (1+γ²s²)‖z‖² for SGDA and (1−γ²s²+γ⁴s⁴)‖z‖² for SEG"
            (Instances.only [
                for gamma in [ 0.01; 0.1; 0.5; 0.9 ] do
                    for scale in [ 0.3; 1.0 ] -> { Scale = scale; Gamma = gamma }
            ])
            (fun _ spec -> rotates true spec) with
            Formula = @"\|z^{k+1}\|^2 = (1-\gamma^2s^2+\gamma^4s^4)\|z^k\|^2"
            Assumptions = "no noise, no clipping"
            Source = "derived: eigenvalues ±is"
            Falsifiers = [
                Falsifier.check "SEG evaluates F at z_k in the second call" (fun _ spec -> rotates false spec)
            ]
    }

let paper: Paper = {
    Key = "RP-CLIPHP"
    Title =
        "High-Probability Bounds for Stochastic Optimization and Variational Inequalities: the Case of Unbounded Variance"
    Citation =
        "Sadiev, Danilova, Gorbunov, Horváth, Gidel, Dvurechensky, Gasnikov, Richtárik, ICML 2023, arXiv 2302.00999"
    Family = "robust-and-private"
    Problem = "min f or F(x) = 0 with an oracle whose noise has E ξ = 0, E‖ξ‖^a ≤ σ^a, a ∈ (1, 2]"
    Methods = [
        MethodEntry.create sgd
        MethodEntry.create sgda
        MethodEntry.create seg
        MethodEntry.create sstm
    ]
    Claims = [
        ClippedFailures.polynomialFailure
        ClippedLinear.linearOperators
        sstmRate
        rotation
        ClippedFailures.scaling
    ]
}
