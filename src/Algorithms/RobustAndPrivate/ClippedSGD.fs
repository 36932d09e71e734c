/// Clipped SGD, SGDA, SEG and SSTM: the claims. Citation and methods: ClippedMethods.fs.
module Theory.Algorithms.RobustAndPrivate.ClippedSGD

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.RobustAndPrivate.ClippedMethods

// ---- 1: plain SGD fails polynomially often -------------------------------------------------------------------------

/// f = ½x², noise ±1/γ with probability q/2 each, q = (γσ)^a.
[<NoComparison>]
type HitSpec = {
    Gamma: float
    Sigma: float
    Order: float
    Radius: float
    Steps: int
}

let private hitProbability (s: HitSpec) = (s.Gamma * s.Sigma) ** s.Order

/// Both lower bounds against the exact law of x_K.
let private failsOften (level: HitSpec -> float) (scale: float) (spec: HitSpec) =
    let f = Quadratic.diagonal [| 1.0 |] :> IObjective
    let q = hitProbability spec

    let p = {
        Gamma = spec.Gamma
        Lambda = level spec
        Noise = HeavyTails.threePoint 1 spec.Order spec.Sigma q
    }

    let weights, states =
        Enumerated.law (Method.on f p sgd) { X = Block.vector [| spec.Radius |] } spec.Steps

    let distances = Block.lanes (Block.norm states.X)

    // A path that lands on the threshold lands there up to rounding.
    let reaches threshold =
        let allowed = Rounding.identity (float spec.Steps) (max threshold 1.0)
        Array.fold2 (fun sum w x -> if x >= threshold - allowed then sum + w else sum) 0.0 weights distances

    Evidence.ofRows Rung.Enumerated Relation.AtLeast [
        Evidence.row Relation.AtLeast 1 spec.Steps "P(|x_K| ≥ 1)" (reaches 1.0) (scale * 0.5 * q)
        Evidence.row
            Relation.AtLeast
            1
            spec.Steps
            "P(|x_K| ≥ (1−γ)^K R)"
            (reaches ((1.0 - spec.Gamma) ** float spec.Steps * spec.Radius))
            (scale * 0.5)
    ]

let private always _ = Double.PositiveInfinity

let private hit gamma sigma order radius steps = {
    Gamma = gamma
    Sigma = sigma
    Order = order
    Radius = radius
    Steps = steps
}

let private certainHit = hit 0.5 2.0 1.5 10.0 1

let private hitInstances: Instances<HitSpec> =
    Instances.generated
        (gen {
            let! gamma = Gen.elements [ 0.02; 0.1; 0.5; 1.0 ]
            let! share = Gen.elements [ 0.05; 0.2; 0.7; 1.0 ]
            let! order = Gen.elements [ 1.1; 1.5; 2.0 ]
            let! radius = Gen.elements [ 0.0; 0.5; 3.0 ]
            let! steps = Gen.choose (1, 6)
            return hit gamma (share / gamma) order radius steps
        })
        (fun s ->
            seq {
                if s.Steps > 1 then
                    { s with Steps = s.Steps - 1 }

                if s.Radius > 0.0 then
                    { s with Radius = 0.0 }
            })
    |> Instances.startingWith [ hit 0.1 2.0 1.5 0.0 1; hit 0.1 2.0 1.5 0.0 3; hit 0.1 2.0 1.5 0.0 7 ]

let polynomialFailure: Claim =
    Claim.create {
        Claim.spec
            "RP-CLIPHP.1"
            ClaimKind.Lower
            "SGD on ½μx²: P(x_K² ≥ t) ≥ ½(γσ/√t)^a and P(|x_K| ≥ (1−γμ)^K R) ≥ ½ for a noise with E|ξ|^a = σ^a"
            hitInstances
            (fun _ spec -> failsOften always 1.0 spec) with
            Formula = @"\mathbb P(|x^K|^2 \ge t) \ge \tfrac12(\gamma\sigma/\sqrt t)^a"
            Assumptions = "γ ≤ 1/μ, (γσ/√t)^a ≤ 1; here μ = t = 1"
            Source = "arXiv 2302.00999 for a = 2; derived: a hit in the last step keeps |x_K| ≥ √t for one of its signs"
            Valid = fun spec -> hitProbability spec <= 1.0 && spec.Gamma <= 1.0
            Falsifiers = [
                Falsifier.check "clipped at √t/(4γ)" (fun _ spec -> failsOften (fun s -> 0.25 / s.Gamma) 1.0 spec)
                |> Falsifier.at [ hit 0.1 2.0 1.5 0.0 3 ]
                Falsifier.check "bounds × 1.05" (fun _ spec -> failsOften always 1.05 spec)
                |> Falsifier.at [ certainHit ]
            ]
            Tight =
                Some {
                    Instance = certainHit
                    AtLeast = 0.999999
                }
    }

// ---- 2: clipping with a constant level on linear operators ---------------------------------------------------------

[<NoComparison>]
type LinearSpec = {
    /// SGDA (SGD when A is symmetric) or SEG.
    Method: string
    /// A = Diagonal·I with the second entry scaled by Ratio, plus Rotation·J.
    Diagonal: float
    Ratio: float
    Rotation: float
    /// three | pareto | student.
    Noise: string
    Order: float
    Sigma: float
    Gamma: float
    Radius: float
    Steps: int
}

let private matrixOf (s: LinearSpec) =
    Matrix(2, 2, [| s.Diagonal; -s.Rotation; s.Rotation; s.Diagonal * s.Ratio |])

/// F(z) = Az.
let private linear (a: Matrix) : IOperator =
    let symmetric = LinearAlgebra.Scale(0.5, LinearAlgebra.Add(a, a.Transpose()))
    let lipschitz = Decompositions.SpectralNorm a
    let mu = Decompositions.SymmetricEigen(symmetric).Values[0]

    {
        new IOperator with
            member _.Operator z = z.Apply a
            member _.Solution = Block.zeros 1 1 a.Rows
            member _.Lipschitz = lipschitz
            member _.Monotonicity = mu
        interface IProblem with
            member _.Name = "linear operator"
            member _.Dimension = a.Rows

            member _.Constants = [
                Constant.exact "L" "‖A‖" lipschitz (fun () ->
                    sqrt (Linear.largestByBisection (LinearAlgebra.Multiply(a.Transpose(), a))))
                Constant.exact "mu + L" "least eigenvalue of the symmetric part" (mu + lipschitz) (fun () ->
                    Linear.smallestByBisection symmetric + lipschitz)
            ]
    }

let private beta = 0.05

/// The level, the offset, and the noise that is worst for unclipped steps: hits that jump twice the offset.
let private design (s: LinearSpec) =
    let a = matrixOf s
    let identity = Matrix.Identity 2
    let extragradient = s.Method = "SEG"

    let map =
        if extragradient then
            let square = LinearAlgebra.Multiply(a, a)

            LinearAlgebra.Add(
                LinearAlgebra.Subtract(identity, LinearAlgebra.Scale(s.Gamma, a)),
                LinearAlgebra.Scale(s.Gamma * s.Gamma, square)
            )
        else
            LinearAlgebra.Subtract(identity, LinearAlgebra.Scale(s.Gamma, a))

    let factor = Decompositions.SpectralNorm map
    let lipschitz = Decompositions.SpectralNorm a
    let plain = HeavyTails.threePoint 2 s.Order s.Sigma 0.5

    bestLevel extragradient s.Gamma lipschitz factor plain s.Steps beta s.Radius
    |> Option.map (fun (level, away) ->
        let hits = 0.9 * (s.Gamma * s.Sigma / (2.0 * away)) ** s.Order

        let noise =
            match s.Noise with
            | "three" -> HeavyTails.threePoint 2 s.Order s.Sigma hits
            | "pareto" -> HeavyTails.pareto 2 s.Order (1.05 * s.Order) s.Sigma
            | "student" -> HeavyTails.student 2 s.Order (1.05 * s.Order) s.Sigma
            | other -> invalidArg (nameof s) $"There is no noise '{other}'."

        linear a, factor, level, away, noise)

/// P(some k ≤ K has ‖z_k‖ > q^k R + offset) ≤ β, with a changed level.
let private staysClose (change: float -> float) ctx (spec: LinearSpec) =
    match design spec with
    | None -> Evidence.undecided Rung.Replicates "no clipping level satisfies the condition on these constants"
    | Some(f, factor, level, away, noise) ->
        let p = {
            Gamma = spec.Gamma
            Lambda = change level
            Noise = noise
        }

        let start = {
            X = Block.vector [| spec.Radius; 0.0 |]
        }

        let replicates = CheckContext.pick 50 70 400 ctx

        let bound: RunBound<State> = {
            Name = "‖z_k‖"
            Measure = fun s -> Block.norm s.X
            Summary = Summary.Last
            Scale = fun s -> Block.norm s.X
            Bound = fun k radius -> factor ** float k * radius + away
            InExpectation = false
        }

        let evidence =
            if spec.Method = "SEG" then
                Replicates.withProbability ctx (Method.on f p seg) start spec.Steps replicates beta bound
            else
                Replicates.withProbability ctx (Method.on f p sgda) start spec.Steps replicates beta bound

        Evidence.note $"λ = {level:G4}, offset {away:G4}; {evidence.Note}" evidence

let private diagonal = {
    Method = "SGDA"
    Diagonal = 1.0
    Ratio = 0.5
    Rotation = 0.0
    Noise = "three"
    Order = 1.5
    Sigma = 1.0
    Gamma = 0.01
    Radius = 0.5
    Steps = 4000
}

let private spiral = {
    diagonal with
        Diagonal = 0.5
        Ratio = 1.0
        Rotation = 1.0
        Gamma = 0.02
}

/// F = J: merely monotone, where only the extragradient step contracts.
let private rotating = {
    spiral with
        Method = "SEG"
        Diagonal = 0.0
        Sigma = 0.01
        Steps = 2000
}

let private others = [
    { diagonal with Noise = "pareto" }
    { spiral with Noise = "student" }
    {
        spiral with
            Method = "SEG"
            Sigma = 0.5
    }
]

let linearOperators: Claim =
    Claim.create {
        Claim.spec
            "RP-CLIPHP.2"
            ClaimKind.Prob
            "F(z) = Az, λ with L(R+γb/(1−q)+t) ≤ λ/2: with probability ≥ 1−β, ‖z_k‖ ≤ q^k R + γb/(1−q) + t for all k ≤ K"
            (Instances.generated (Gen.elements others) (fun _ -> Seq.empty)
             |> Instances.counts 0 0 8
             |> Instances.startingWith [ diagonal; rotating ])
            (staysClose id) with
            Formula =
                @"\|z^k\| \le q^k R + \frac{\gamma b}{1-q} + t,\; b = 2^{a-1}\sigma^a\lambda^{1-a},\; t = F^*(\tfrac{\gamma^2 v}{1-q^2}, 2\gamma\lambda, \ln\tfrac{2K}{\beta})"
            Assumptions = "E‖ξ‖^a ≤ σ^a, q = ‖I−γA‖ < 1 (SEG: ‖I−γA+γ²A²‖, twice the bias and variance)"
            Source = "derived: bias and martingale of clipped steps, Freedman stopped at the first exit, union over k"
            Statistical = true
            Falsifiers = [
                Falsifier.check "λ = ∞ (plain SGD)" (staysClose always)
                Falsifier.check "λ a thousand times smaller" (staysClose (fun level -> 0.001 * level))
                |> Falsifier.at [
                    {
                        diagonal with
                            Sigma = 0.01
                            Radius = 20.0
                            Steps = 400
                    }
                ]
            ]
    }

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

// ---- 8: how failures scale with β ----------------------------------------------------------------------------------

[<NoComparison>]
type TailSpec = {
    Tail: float
    Gamma: float
    Steps: int
}

let private often, private seldom = 0.02, 0.001

/// Confidence interval of the quantile exceeded with probability `beta`, each end wrong with probability ≤ alpha.
let private quantile (alpha: float) (beta: float) (descending: float[]) =
    let n = descending.Length

    let below =
        seq { 1..n }
        |> Seq.find (fun j -> ExactBinomial.UpperTail(int64 j, int64 n, beta) <= alpha)

    let above =
        seq { 1..n }
        |> Seq.takeWhile (fun j -> ExactBinomial.LowerTail(int64 (j - 1), int64 n, beta) <= alpha)
        |> Seq.tryLast

    descending[below - 1],
    (match above with
     | Some j -> descending[j - 1]
     | None -> Double.PositiveInfinity)

/// Interval of quantile(seldom)/quantile(often) of |x_K| on ½x² from the origin under Pareto noise.
let private growth ctx alpha level (spec: TailSpec) =
    let f = Quadratic.diagonal [| 1.0 |] :> IObjective

    let p = {
        Gamma = spec.Gamma
        Lambda = level
        Noise = HeavyTails.pareto 1 (0.5 * (1.0 + spec.Tail)) spec.Tail 1.0
    }

    let lanes = CheckContext.pick 15000 20000 400000 ctx
    let start = { X = Block.zeros 1 lanes 1 }

    let final =
        (Run.trajectories ctx (Method.on f p sgd) start {
            Steps = spec.Steps
            Every = spec.Steps
            Measures = []
            Progress = None
        })
            .Final

    let sizes = Block.lanes (Block.norm final.X) |> Array.sortDescending
    let lowOften, highOften = quantile alpha often sizes
    let lowSeldom, highSeldom = quantile alpha seldom sizes
    lowSeldom / highOften, highSeldom / lowOften

/// SGD's fitted exponent against 1/tail, the clipped method's growth against ln(1/β).
let private scales plainLevel clippedLevel (ctx: CheckContext) (spec: TailSpec) =
    let alpha = ctx.Alpha / 8.0
    let low, high = growth ctx alpha plainLevel spec
    let clippedLow, _ = growth ctx alpha clippedLevel spec
    let decades = log (often / seldom)

    Evidence.all [
        Evidence.ofRows Rung.Replicates Relation.AtMost [
            Evidence.row
                Relation.AtMost
                1
                spec.Steps
                "SGD: lower end of the fitted exponent"
                (log low / decades)
                (1.0 / spec.Tail)
            Evidence.row
                Relation.AtMost
                1
                spec.Steps
                "clipped: lower end of the quantiles' ratio"
                clippedLow
                (log (1.0 / seldom) / log (1.0 / often))
        ]
        Evidence.ofRows Rung.Replicates Relation.AtLeast [
            Evidence.row
                Relation.AtLeast
                1
                spec.Steps
                "SGD: upper end of the fitted exponent"
                (log high / decades)
                (1.0 / spec.Tail)
        ]
    ]
    |> Evidence.note $"exponent in [{log low / decades:F3}, {log high / decades:F3}], 1/tail = {1.0 / spec.Tail:F3}"

let scaling: Claim =
    Claim.create {
        Claim.spec
            "RP-CLIPHP.8"
            ClaimKind.Scaling
            "the (1−β)-quantile of |x_K| grows like β^{−1/a} for SGD under Pareto noise and no faster than ln(1/β) when clipped"
            (Instances.generated
                (Gen.elements [
                    { Tail = 1.2; Gamma = 0.7; Steps = 5 }
                    { Tail = 1.8; Gamma = 0.5; Steps = 5 }
                ])
                (fun _ -> Seq.empty)
             |> Instances.counts 0 0 3
             |> Instances.startingWith [ { Tail = 1.5; Gamma = 0.5; Steps = 5 } ])
            (scales Double.PositiveInfinity 1.0) with
            Formula = @"q_{1-\beta}(|x^K|) \propto \beta^{-1/a}"
            Assumptions = "f = ½x², Pareto noise of tail index a; β from 0.02 to 0.001"
            Source = "arXiv 2302.00999 (orders); intervals from order statistics"
            Statistical = true
            Falsifiers = [
                Falsifier.check "the clipped method with λ = ∞" (scales Double.PositiveInfinity Double.PositiveInfinity)
                Falsifier.check "SGD with λ = 1" (scales 1.0 1.0)
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
    Claims = [ polynomialFailure; linearOperators; sstmRate; rotation; scaling ]
}
