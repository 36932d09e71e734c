/// Convergence of REG (VI-MARKOV.5): one step from every iterate and every state of the chain, and whole runs.
module Theory.Algorithms.VariationalInequalities.REGClaims

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.OccupationMoments
open Theory.Algorithms.VariationalInequalities.MarkovGames

let private parameters (f: IMarkovOperator) share batch levels : REG.Parameters = {
    Gamma = share / (3.0 * f.Lipschitz)
    Batch = batch
    M = 2.0 ** float levels
}

/// An iterate with the frequencies of visits that move it.
type private Joint = {
    X: Block
    First: Block
    Second: Block
}

/// Coefficients of the visits of one step at a level: those of the first batch, then those of the estimator.
let private coefficients batch level = [|
    yield! Array.create batch [| 1.0 / float batch; 0.0 |]
    yield! Array.init (Multilevel.length batch level) (fun i -> [| 0.0; Multilevel.share batch level i |])
|]

/// E[‖x⁺ − x*‖² | x, Z_0 = z] as a quadratic form of (x − x*, 1): the visits integrated out with their exact moments.
let private expected (f: IMarkovOperator) (p: REG.Parameters) (start: float[]) : float[,] =
    let m, d = f.Chain.States, f.Dimension
    let nothing = Block.zeros 1 1 m

    let centre = {
        X = f.Solution
        First = nothing
        Second = nothing
    }

    let next s =
        Block.normSquared (REG.update f p s.X s.First s.Second - f.Solution)

    let form =
        match Affine.quadratic (Codec.ofTemplate centre) centre next with
        | Ok form -> form.Matrix
        | Error reason -> invalidOp reason

    let total = Array2D.zeroCreate (d + 1) (d + 1)

    Multilevel.probabilities (Multilevel.levels p.M)
    |> Array.iteri (fun level weight ->
        compute f.Chain start (coefficients p.Batch level)
        |> integrate d form
        |> Array2D.iteri (fun i j v -> total[i, j] <- total[i, j] + weight * v))

    total

/// vᵀHv at (v, 1), one number per lane.
let private evaluate (h: float[,]) (v: Block) : Block =
    let matrix =
        Matrix.Create(Array2D.length1 h, Array2D.length2 h, (fun i j -> h[i, j]))

    let z = Block.ConcatDimension(v, Block.Fill(Shape.Vector(1, v.Lanes, 1), 1.0))

    Block.dot z (z.Apply matrix)

/// One step from every x and every state of the chain against rate·‖x − x*‖² + floor.
let private oneStep (f: IMarkovOperator) (p: REG.Parameters) (rate: float) (floor: float) =
    [ 0 .. f.Chain.States - 1 ]
    |> List.map (fun z ->
        let form = expected f p (at f.Chain z)

        Spectral.oneStep {
            Process = {
                Name = "the offset x − x*"
                Draw = Draw.none
                Step = fun () (v: Block) -> v
                Cost = fun () -> []
            }
            Centre = Block.zeros 1 1 f.Dimension
            Keeps = None
            Measure = evaluate form
            Bound = fun v -> rate * Block.normSquared v + Block.scalar floor
            Relation = Relation.AtMost
            MatchMoments = false
        })
    |> Pieces.all

let private oneSteps (spec: MarkovGameSpec) rate floor =
    let f = problem spec :> IMarkovOperator

    [ 1.0; 0.3 ]
    |> List.map (fun share ->
        let p = parameters f share spec.Batch spec.Levels
        oneStep f p (rate f p) (floor f p))
    |> Pieces.all

let strongly: Claim =
    Claim.create {
        Claim.spec
            "VI-MARKOV.5"
            ClaimKind.Mean
            "REG: E‖x⁺−x*‖² ≤ (1−¾γμ)‖x−x*‖² + 3γ²c(3+12⌊log2 M⌋)/B + (2γ/μ)(8τσ/(3N))², from every x and chain state"
            (instances |> Instances.startingWith [ standard; calm ])
            (fun _ spec -> oneSteps spec REG.contraction REG.noise) with
            Formula =
                @"\mathbb E\|x^+-x_*\|^2\le(1-\tfrac34\gamma\mu)\|x-x_*\|^2+\frac{3\gamma^2c(3+12\lfloor\log_2M\rfloor)}{B}+\frac{2\gamma}{\mu}\Big(\frac{8\tau\sigma}{3N}\Big)^2"
            Assumptions =
                "F μ-strongly monotone and L-Lipschitz, γ ≤ 1/(3L), N = 2^⌊log2 M⌋B, c = (1+16τ/3)σ², additive noise"
            Source =
                "derived: extragradient step with noises ε1, ε2, of which only the bias of ε2 meets u − x*; the visits' moments are exact"
            Falsifiers = [
                Falsifier.check "both noise terms dropped" (fun _ spec ->
                    oneSteps spec REG.contraction (fun _ _ -> 0.0))
                |> Falsifier.at [ standard ]
                Falsifier.check "σ = 0, factor 1 − 2γμ" (fun _ spec ->
                    oneSteps { spec with Sigma = 0.0 } (fun f p -> 1.0 - 2.0 * p.Gamma * f.Monotonicity) REG.noise)
                |> Falsifier.at [ calm ]
            ]
    }

/// The registered method, every outcome enumerated, from every x⁰ and every state of the chain.
let private alongRuns (spec: MarkovGameSpec) (floor: IMarkovOperator -> REG.Parameters -> float) scale =
    let f = problem spec :> IMarkovOperator
    let p = parameters f 1.0 1 1
    let proc = Method.on f { p with Gamma = scale * p.Gamma } REG.method
    let rho = REG.contraction f p

    let bound: RunBound<REG.State> =
        Bounds.linearToFloor "E‖x_k − x*‖²" true (REG.distance f) rho (floor f p / (1.0 - rho))

    [ 0 .. f.Chain.States - 1 ]
    |> List.map (fun z ->
        let init x0 : REG.State = { X = x0; Chain = f.Chain.State z }
        AllStarts.bound proc (init f.Solution) init f.Solution None [ 1; 10; 60 ] Relation.AtMost bound)
    |> Pieces.all

let private short = { standard with Batch = 1; Levels = 1 }

let along: Claim =
    Claim.create {
        Claim.spec
            "VI-MARKOV.5b"
            ClaimKind.Mean
            "REG, B = 1, M = 2: E‖x_k−x*‖² ≤ (1−¾γμ)^k‖x_0−x*‖² + floor at k = 1, 10, 60, the chain's state carried along"
            (instances |> Instances.counts 1 3 20 |> Instances.startingWith [ short ])
            (fun _ spec -> alongRuns spec REG.noise 1.0) with
            Formula =
                @"\mathbb E\|x_k-x_*\|^2\le(1-\tfrac34\gamma\mu)^k\|x_0-x_*\|^2+\frac{4}{3\gamma\mu}\Big[\frac{45\gamma^2c}{B}+\frac{2\gamma}{\mu}\Big(\frac{8\tau\sigma}{3N}\Big)^2\Big]"
            Assumptions = "as VI-MARKOV.5; here ⌊log2 M⌋ = 1"
            Source = "VI-MARKOV.5 at every step, whatever state the chain is in"
            Valid = fun spec -> spec.Kernel <> "lazy"
            Falsifiers = [
                Falsifier.check "both noise terms dropped" (fun _ spec -> alongRuns spec (fun _ _ -> 0.0) 1.0)
                |> Falsifier.at [ short ]
                Falsifier.check "γ = 8/(3L)" (fun _ spec -> alongRuns spec REG.noise 8.0)
                |> Falsifier.at [ short ]
            ]
    }

/// E‖x⁺ − x*‖² over every outcome of the registered method against the visits' moments, for every x. `separate` draws the
/// estimator's states anew from the step's start.
let private agrees (spec: MarkovGameSpec) separate =
    let f = problem spec :> IMarkovOperator
    let p = parameters f 1.0 spec.Batch spec.Levels

    let step z (transitions, sampling) (v: Block) =
        let s: REG.State = {
            X = f.Solution + v
            Chain = (f.Chain.State z).On v.Engine
        }

        if separate then
            let first, _ = Multilevel.plain f.Chain p.Batch transitions s.Chain
            let second, _ = Multilevel.visits f.Chain p.Batch sampling s.Chain
            REG.update f p s.X first second - f.Solution
        else
            (REG.step f p (transitions, sampling) s).X - f.Solution

    [ 0 .. f.Chain.States - 1 ]
    |> List.map (fun z ->
        Spectral.oneStep {
            Process = {
                Name = "the offset x − x*"
                Draw = (Method.on f p REG.method).Draw
                Step = step z
                Cost = fun _ -> []
            }
            Centre = Block.zeros 1 1 f.Dimension
            Keeps = None
            Measure = Block.normSquared
            Bound = evaluate (expected f p (at f.Chain z))
            Relation = Relation.Equal
            MatchMoments = false
        })
    |> Pieces.all

let exact: Claim =
    Claim.create {
        Claim.spec
            "VI-MARKOV.5c"
            ClaimKind.Exact
            "E‖x⁺−x*‖² of REG over every J and every transition equals the quadratic form that the visits' moments give, for every x"
            (instances
             |> Instances.startingWith [
                 short
                 {
                     short with
                         Kernel = "flip"
                         States = 2
                         Move = 0.1
                         Batch = 2
                 }
             ])
            (fun _ spec -> agrees spec false) with
            Formula = @"\mathbb E\|x^+-x_*\|^2=\operatorname{tr}\big(Q\,\mathbb E[(x,W,1)(x,W,1)^\top]\big)"
            Assumptions = "W the frequencies of visits in the first batch and in the estimator"
            Source = "derived: x⁺ is affine in (x, W); what VI-MARKOV.5 is computed with"
            // The outcomes must be few enough to enumerate.
            Valid =
                fun spec ->
                    spec.Kernel <> "lazy"
                    && spec.Sigma > 0.0
                    && spec.Batch * (1 + pown 2 spec.Levels) <= (if spec.Kernel = "flip" then 6 else 4)
            Falsifiers = [
                Falsifier.check "the estimator starts where the first batch did" (fun _ spec -> agrees spec true)
                |> Falsifier.at [ short ]
            ]
            Tight = Some { Instance = short; AtLeast = 1.0 }
    }
