/// DIANA-SGDA: every worker compresses the difference of its operator's value and what it has learnt of it.
///
/// Source and problem as in Parametric.fs; workers, compressors and local noise as in QSGDA.fs, z* unique.
module Theory.Algorithms.VariationalInequalities.DIANASGDA

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations
open Theory.Algorithms.VariationalInequalities.ParametricSGDA
open Theory.Algorithms.VariationalInequalities.QSGDA

[<NoComparison; NoEquality>]
type Parameters = {
    Gamma: float
    Alpha: float
    /// σ of the workers' own noise.
    Sigma: float
    Compressor: Compressor
}

type State = {
    /// The iterate z.
    Z: Block
    /// The shifts h_1 … h_n, which learn F_i(z*).
    H: Block
}

/// Without local noise: A = ℓ/2 + ωℓ̂/n, B = 2ω/n, C = αℓ̂/2, ρ = α.
let constants (f: IFiniteSumOperator) (compressor: Compressor) (alpha: float) : Constants =
    let n, w, averaged = float f.Count, omega f compressor, Cocoercivity.averaged f

    {
        A = Cocoercivity.star f / 2.0 + w * averaged / n
        B = 2.0 * w / n
        C = alpha * averaged / 2.0
        D1 = 0.0
        D2 = 0.0
        Rho = alpha
    }

/// With local noise, the paper's: A = (½ + ω/n)ℓ̂, D_1 = (1+ω)σ²/n, D_2 = ασ².
let noisyConstants (f: IFiniteSumOperator) (compressor: Compressor) (alpha: float) (sigma: float) : Constants =
    let n, w = float f.Count, omega f compressor

    {
        constants f compressor alpha with
            A = (0.5 + w / n) * Cocoercivity.averaged f
            D1 = (1.0 + w) * sigma ** 2.0 / n
            D2 = alpha * sigma ** 2.0
    }

let private constantsOf f (p: Parameters) =
    if p.Sigma = 0.0 then
        constants f p.Compressor p.Alpha
    else
        noisyConstants f p.Compressor p.Alpha p.Sigma

/// α = 1/(1+ω), γ = 1/(ℓ + 6ωℓ̂/n), no local noise.
let parametersFor (compressor: Compressor) (f: IFiniteSumOperator) : Parameters =
    let alpha = 1.0 / (1.0 + omega f compressor)

    {
        Gamma = usualStep f (constants f compressor alpha)
        Alpha = alpha
        Sigma = 0.0
        Compressor = compressor
    }

/// h_i = 0.
let init (f: IFiniteSumOperator) (z0: Block) : State = {
    Z = z0
    H = Block.zeros f.Count z0.Lanes f.Dimension
}

let step (f: IFiniteSumOperator) (p: Parameters) (draw: CompressorDraw, signs: Mask) (s: State) : State =
    let local = LocalNoise.add p.Sigma signs (f.Operators s.Z)
    let m = p.Compressor.Apply draw (local - s.H)
    let g = Block.mean (s.H + m)

    {
        Z = s.Z - p.Gamma * g
        H = s.H + p.Alpha * m
    }

/// z*, h_i* = F_i(z*).
let fixedPoint (f: IFiniteSumOperator) : State = {
    Z = f.Solution
    H = f.Operators f.Solution
}

/// σ_k² = (1/n) Σ ‖h_i − F_i(z*)‖².
let sigma (f: IFiniteSumOperator) (s: State) =
    Block.meanNormSquared (s.H - f.Operators f.Solution)

let methodWith (compressor: Compressor) : Method<IFiniteSumOperator, Parameters, State, Outcome> = {
    Name = "DIANA-SGDA"
    Summary = "m_i = Q_i(F_i(z) + ξ_i − h_i); z⁺ = z − γ·mean(h_i + m_i); h_i⁺ = h_i + αm_i"
    Rule = parametersFor compressor
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost
                "γ"
                p.Gamma
                (if p.Sigma = 0.0 then "1/(ℓ+6ωℓ̂/n)" else "1/((1+6ω/n)ℓ̂)")
                (usualStep f (constantsOf f p))
            Condition.positive "α" p.Alpha
            Condition.atMost "α" p.Alpha "1/(1+ω)" (1.0 / (1.0 + omega f p.Compressor))
        ]
    Draw = fun f p -> Draw.both (p.Compressor.Draw f.Count f.Dimension) (LocalNoise.draw f.Count p.Sigma)
    Init = fun f _ z0 -> init f z0
    Step = step
    Output = fun s -> s.Z
    Cost = fun f p _ -> Charge.each Counter.OperatorCalls 1.0 :: cost f p.Compressor
    FixedPoint = fun f p -> if p.Sigma = 0.0 then Some(fixedPoint f) else None
    Bounds =
        fun f p ->
            let name =
                if p.Sigma = 0.0 then
                    "VI-SGDA.6: E V_k"
                else
                    "VI-SGDA.12: E V_k"

            bounds name f (constantsOf f p) p.Gamma (fun s -> s.Z) (sigma f)
}

/// With Rand-k, k a tenth of the dimension.
let method = {
    methodWith (randK 1) with
        Rule = fun f -> parametersFor (randK (tenth f.Dimension)) f
}

/// The method with its parameters under the assumption.
let caseOf (f: IFiniteSumOperator) (p: Parameters) : Case<State, Outcome> = {
    Operator = f
    Gamma = p.Gamma
    Process = Method.on f p method
    Centre = fixedPoint f
    Keeps = None
    Iterate = fun s -> s.Z
    WithIterate = fun z s -> { s with Z = z }
    Sigma = sigma f
    Constants = constantsOf f p
}

/// With Rand-1, α = 1/(1+ω), stepsize γ and local noise.
let caseWith localNoise (f: IFiniteSumOperator) (gamma: float) : Case<State, Outcome> =
    caseOf f {
        parametersFor (randK 1) f with
            Gamma = gamma
            Sigma = localNoise
    }

/// Without local noise.
let case (f: IFiniteSumOperator) gamma = caseWith 0.0 f gamma

// ---- VI-SGDA.6 -------------------------------------------------------------------------------------------------

let private workers n blocks : RotationSpec = {
    UniformSGDA.standard with
        Workers = n
        Blocks = blocks
}

/// E mean‖h_i⁺ − h_i*‖² = (1−α) mean‖h_i − h_i*‖² + α mean‖F_i(z) − h_i*‖² for every z and h: attained by Rand-k.
let private learns (f: IFiniteSumOperator) (c: Case<State, Outcome>) (alpha: float) =
    Spectral.oneStep {
        Process = c.Process
        Centre = c.Centre
        Keeps = None
        Measure = c.Sigma
        Bound =
            fun s ->
                (1.0 - alpha) * c.Sigma s
                + alpha * Block.meanNormSquared (f.Operators s.Z - f.Operators f.Solution)
        Relation = Relation.Equal
        MatchMoments = false
    }

let private check (spec: RotationSpec) scale =
    let f = Games.rotationBlocks spec
    let p = parametersFor (randK 1) f
    let c = case f (scale * p.Gamma)
    onTop (holds c) [ learns f c p.Alpha ]

/// The method with another α against the V, the rate and the constants of the theorem's.
let private withAlpha (spec: RotationSpec) (change: float -> float) =
    let f = Games.rotationBlocks spec
    let p = parametersFor (randK 1) f

    holds {
        caseOf f { p with Alpha = change p.Alpha } with
            Constants = constants f p.Compressor p.Alpha
    }

/// α = 3/(1+ω) with constants of its own: the recursion of the shifts.
let private learnsTooFast (spec: RotationSpec) =
    let f = Games.rotationBlocks spec
    let p = parametersFor (randK 1) f
    let alpha = 3.0 * p.Alpha
    recursion (caseOf f { p with Alpha = alpha })

/// E‖z_k − z*‖² from h = 0 after k steps against (1−r)^k V_0: no floor.
let private vanishes (spec: RotationSpec) (change: float -> float) =
    let f = Games.rotationBlocks spec :> IFiniteSumOperator
    let p = parametersFor (randK 1) f
    let k = constants f p.Compressor p.Alpha
    let m = usualWeight k

    let bound: RunBound<State> = {
        Name = "E‖z_k − z*‖²"
        Measure = fun s -> Block.normSquared (s.Z - f.Solution)
        Summary = Summary.Last
        Scale = fun s -> lyapunov f m p.Gamma s.Z (sigma f s)
        Bound = fun steps start -> (1.0 - rate f k m p.Gamma) ** float steps * start
        InExpectation = true
    }

    // Until V has fallen by 1e-3, far below the floor that α = 0 leaves and far above rounding.
    let last = int (ceil (log 1e-3 / log (1.0 - rate f k m p.Gamma))) |> min 150
    AllStarts.ofMethod f { p with Alpha = change p.Alpha } method f.Solution [ 5; last ] bound

let private standard = workers 2 1

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.6"
            ClaimKind.Mean
            "DIANA-SGDA: E V⁺ ≤ (1 − min{γμ, α/2})V, V = ‖z−z*‖² + (4ωγ²/(nα))·mean‖h_i−F_i(z*)‖², γ ≤ 1/(ℓ+6ωℓ̂/n); no floor"
            (RotationSpec.instances 3 1 |> Instances.startingWith [ standard; workers 2 2 ])
            (fun _ spec -> onTop (check spec 1.0) [ vanishes spec id ]) with
            Formula = @"\mathbb E V_{k+1} \le (1-\min\{\gamma\mu,\,\alpha/2\})V_k"
            Assumptions =
                "ℓ-star-cocoercive F, averaged cocoercivity ℓ̂, α = 1/(1+ω); A = ℓ/2+ωℓ̂/n, B = 2ω/n, C = αℓ̂/2, ρ = α"
            Source =
                "derived from E‖h⁺−h*‖² ≤ (1−α)‖h−h*‖² + α‖F_i(z)−h*‖², an equality for Rand-k; sharper than the paper (VI-SGDA.12)"
            Falsifiers = [
                Falsifier.check "α = 0 in the method" (fun _ spec -> withAlpha spec (fun _ -> 0.0))
                Falsifier.check "α = 0: a floor" (fun _ spec -> vanishes spec (fun _ -> 0.0))
                Falsifier.check "α = 3/(1+ω)" (fun _ spec -> learnsTooFast spec)
                Falsifier.check "γ × 6" (fun _ spec -> check spec 6.0)
            ]
            Tight =
                Some {
                    Instance = workers 2 2
                    AtLeast = 0.99
                }
    }
