/// The extragradient method.
///
/// Korpelevich, 1976; as in Beznosikov, Polyak, Gorbunov, Kovalev, Gasnikov, 2022, arXiv 2208.13592.
/// Problem: F(z) = 0, F L-Lipschitz; μ-strongly monotone in (2), monotone in (5).
module Theory.Algorithms.VariationalInequalities.Extragradient

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = { Gamma: float }

/// γ = 1/(4L).
let parameters (f: IOperator) : Parameters = { Gamma = 1.0 / (4.0 * f.Lipschitz) }

type State = {
    /// The iterate z_k.
    Z: Block
}

let init (z0: Block) : State = { Z = z0 }

/// u = z − γF(z).
let extrapolate (f: IOperator) (p: Parameters) (z: Block) : Block = z - p.Gamma * f.Operator z

let step (f: IOperator) (p: Parameters) (s: State) : State =
    let u = extrapolate f p s.Z
    { Z = s.Z - p.Gamma * f.Operator u }

/// ‖z − z*‖².
let distance (f: IOperator) (s: State) = Block.normSquared (s.Z - f.Solution)

/// 1 − γμ.
let contraction (f: IOperator) (p: Parameters) = 1.0 - p.Gamma * f.Monotonicity

let method: Method<IOperator, Parameters, State, unit> = {
    Name = "EG"
    Summary = "u = z − γF(z); z⁺ = z − γF(u)"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ²L² + 2γμ" ((p.Gamma * f.Lipschitz) ** 2.0 + 2.0 * p.Gamma * f.Monotonicity) "1" 1.0
        ]
    Draw = fun _ _ -> Draw.none
    Init = fun _ _ z0 -> init z0
    Step = fun f p () s -> step f p s
    Output = fun s -> s.Z
    Cost = fun _ _ () -> [ Charge.each Counter.OperatorCalls 2.0 ]
    FixedPoint = fun f _ -> Some { Z = f.Solution }
    Bounds =
        fun f p -> [
            Bounds.linear "VI-SURVEY.2: ‖z_k − z*‖²" false (distance f) (contraction f p)
        ]
}

// ---- VI-SURVEY.2 -----------------------------------------------------------------------------------------------

/// Stepsizes allowed by γ²L² + 2γμ ≤ 1, the largest among them.
let private stepsizes (f: IOperator) =
    let l, mu = f.Lipschitz, f.Monotonicity

    [
        1.0 / (16.0 * l)
        1.0 / (4.0 * l)
        (sqrt 2.0 - 1.0) / l
        (sqrt (mu * mu + l * l) - mu) / (l * l)
    ]

/// ‖z⁺ − z*‖² ≤ factor ‖z − z*‖² for every z of an affine game, for several stepsizes.
let private contracts (spec: GameSpec) gammas (factor: IOperator -> Parameters -> float) =
    let f = Games.quadratic spec :> IOperator

    gammas f
    |> List.map (fun gamma ->
        let p = { Gamma = gamma }
        Spectral.contraction (Method.on f p method) { Z = f.Solution } None (distance f) (factor f p) 0.0)
    |> Pieces.all

let private game mu curvature coupling : GameSpec = {
    Workers = 1
    Dimension = 2
    Mu = mu
    Curvature = curvature
    Coupling = coupling
    Deviation = 0.0
    Offset = 1.0
    Seed = 1
}

let private tooLong (f: IOperator) = [ 2.0 / f.Lipschitz ]

let strongly: Claim =
    Claim.create {
        Claim.spec
            "VI-SURVEY.2"
            ClaimKind.Sure
            "EG: ‖z⁺ − z*‖² ≤ (1−γμ)‖z − z*‖² when γ²L² + 2γμ ≤ 1; affine F, every z"
            (GameSpec.instances 1 4
             |> Instances.startingWith [ game 1.0 1.0 0.0; game 1.0 1.0 1.0; game 0.01 0.01 10.0 ])
            (fun _ spec -> contracts spec stepsizes contraction) with
            Formula = @"\|z_{k+1}-z_*\|^2 \le (1-\gamma\mu)\|z_k-z_*\|^2"
            Assumptions = "F μ-strongly monotone and L-Lipschitz, γ²L² + 2γμ ≤ 1 (γ = 1/(4L) and (√2−1)/L qualify)"
            Source =
                "derived from the basic inequality of the extragradient step; the survey states exp(−μk/(4L)) for γ = 1/(4L)"
            Valid = fun spec -> spec.Mu > 0.0
            Falsifiers = [
                Falsifier.check "γ = 2/L" (fun _ spec -> contracts spec tooLong contraction)
                Falsifier.check "factor 1 − 2.5γμ" (fun _ spec ->
                    contracts spec stepsizes (fun f p -> 1.0 - 2.5 * p.Gamma * f.Monotonicity))
            ]
    }

let private alongRuns ctx (spec: LogCoshSpec) gammas factor =
    let f = Games.logCosh spec :> IOperator
    let lanes = CheckContext.pick 4 8 32 ctx

    let starts =
        init (f.Solution + CheckContext.gaussianStarts ctx 1 lanes f.Dimension 3.0)

    gammas f
    |> List.map (fun gamma ->
        let p = { Gamma = gamma }

        OneStep.contraction
            ctx
            (Method.on f p method)
            starts
            20
            (CheckContext.pick 4 12 40 ctx)
            id
            (distance f)
            (factor f p))
    |> Pieces.all

let nonlinear: Claim =
    Claim.create {
        Claim.spec
            "VI-SURVEY.2b"
            ClaimKind.Sure
            "EG: ‖z⁺ − z*‖² ≤ (1−γμ)‖z − z*‖² when γ²L² + 2γμ ≤ 1; F of a log-cosh game"
            (LogCoshSpec.instances 2 |> Instances.counts 1 3 20)
            (fun ctx spec -> alongRuns ctx spec stepsizes contraction) with
            Formula = @"\|z_{k+1}-z_*\|^2 \le (1-\gamma\mu)\|z_k-z_*\|^2"
            Assumptions = "as VI-SURVEY.2"
            Source = "as VI-SURVEY.2"
            Falsifiers = [
                Falsifier.check "γ = 2/L" (fun ctx spec -> alongRuns ctx spec tooLong contraction)
                Falsifier.check "factor 1 − 3γ(μ+1)" (fun ctx spec ->
                    alongRuns ctx spec stepsizes (fun f p -> max 0.0 (1.0 - 3.0 * p.Gamma * (f.Monotonicity + 1.0))))
            ]
    }

// ---- VI-SURVEY.5 -----------------------------------------------------------------------------------------------

/// What the gap is about: the start and the average of the points at which F was evaluated.
type private Averaged = { Start: Block; Average: Block }

/// The average of the extrapolated points of K steps (or, for the falsifier, of the iterates of GDA).
let private average (f: IOperator) gamma steps descend (z0: Block) =
    let p = { Gamma = gamma }

    let advance (z: Block, total: Block) =
        let u = extrapolate f p z
        let next = if descend then u else (step f p { Z = z }).Z
        next.Materialise(), (total + (if descend then z else u)).Materialise()

    let _, total =
        Seq.init steps id |> Seq.fold (fun state _ -> advance state) (z0, 0.0 * z0)

    total / float steps

let private resolvent (symmetric: Matrix) (weight: float) =
    let d = symmetric.Rows
    Decompositions.Solve(LinearAlgebra.Combine(1.0, symmetric, weight, Matrix.Identity d), Matrix.Identity d)

/// sup over v of gap(v) − share·‖v − z_0‖²/(2γK) ≤ 0 for every z_0. Both gaps are concave quadratics of v, so the supremum
/// is in closed form, and the inequality becomes one between quadratic forms of z_0.
/// `game` is the matrix of `f`.
let gapsOf (f: IOperator) (game: AffineOperator) steps share descend : Evidence =
    // γ = 1/L is the largest step that the claim allows.
    let gamma = 1.0 / f.Lipschitz
    let weight = share / (gamma * float steps)
    let e (s: Averaged) = s.Start - f.Solution
    let w (s: Averaged) = s.Average - f.Solution

    let proc = {
        Name = $"{steps} steps"
        Draw = Draw.none
        Step =
            fun () (s: Averaged) -> {
                s with
                    Average = average f gamma steps descend s.Start
            }
        Cost = fun () -> []
    }

    // ⟨F(v), ū − v⟩ = ⟨Āᵀ(ū − z*), v − z*⟩ − ⟨v − z*, Ā(v − z*)⟩.
    let operatorGap (s: Averaged) =
        let r = (w s).Apply(game.Mean, true) + weight * e s
        Block.dot r (r.Apply(resolvent (LinearAlgebra.Scale(2.0, game.SymmetricPart)) weight))

    // φ(x̄, y') − φ(x', ȳ) = ½⟨ū − z*, D(ū − z*)⟩ − ½⟨v − z*, D(v − z*)⟩ − ⟨v − z*, S(ū − z*)⟩ with Ā = D + S.
    let saddleGap (s: Averaged) =
        let r = weight * e s - (w s).Apply game.SkewPart

        Block.dot (w s) ((w s).Apply game.SymmetricPart)
        + Block.dot r (r.Apply(resolvent game.SymmetricPart weight))

    [ operatorGap; saddleGap ]
    |> List.map (fun gap ->
        Spectral.oneStep {
            Process = proc
            Centre = {
                Start = f.Solution
                Average = f.Solution
            }
            Keeps = None
            Measure = gap
            Bound = fun s -> weight * Block.normSquared (e s)
            Relation = Relation.AtMost
            MatchMoments = false
        })
    |> Pieces.all

let private horizons = [ 1; 2; 7; 30; 150 ]

let private allGaps (spec: GameSpec) share descend =
    let game = Games.quadratic spec
    horizons |> List.map (fun k -> gapsOf game game k share descend) |> Pieces.all

let gap: Claim =
    Claim.create {
        Claim.spec
            "VI-SURVEY.5"
            ClaimKind.Sure
            "EG, γ = 1/L: ⟨F(v), ū_K − v⟩ and φ(x̄,y') − φ(x',ȳ) are at most ‖v − z_0‖²/(2γK) for every v and z_0"
            (GameSpec.instances 1 2
             |> Instances.startingWith [ game 0.0 0.0 1.0; game 0.1 1.0 1.0 ])
            (fun _ spec -> allGaps spec 1.0 false) with
            Formula = @"\langle F(v),\bar u_K-v\rangle \le \frac{\|v-z_0\|^2}{2\gamma K}\quad\forall v"
            Assumptions = "F monotone and L-Lipschitz, γ ≤ 1/L, ū_K the average of the extrapolated points"
            Source =
                "textbook: sum 2γ⟨F(u_k), u_k − v⟩ ≤ ‖z_k − v‖² − ‖z_{k+1} − v‖²; for F skew the supremum over v is ‖z_K − z*‖² ≤ ‖z_0 − z*‖²"
            Valid = fun spec -> spec.Mu > 0.0 || spec.Coupling > 0.0
            Falsifiers = [
                Falsifier.check "right side × 0.9" (fun _ spec -> allGaps spec 0.9 false)
                Falsifier.check "average of the iterates of GDA" (fun _ spec -> allGaps spec 1.0 true)
            ]
            Tight =
                Some {
                    Instance = game 0.0 0.0 1.0
                    AtLeast = 0.999999
                }
    }
