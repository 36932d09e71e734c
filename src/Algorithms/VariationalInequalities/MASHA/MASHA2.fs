/// MASHA2: compressed extragradient with contractive compressors and error feedback, and why the feedback is needed.
///
/// Source and problem as in MASHA1.fs.
module Theory.Algorithms.VariationalInequalities.MASHA2

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

/// TopK of devices and server; the server's K = d sends everything.
type Parameters = {
    Gamma: float
    /// Probability of an uncompressed round.
    P: float
    DeviceK: int
    ServerK: int
}

/// p = K/d with K = 1 and γ = α√p/(4L̃), α = K/d, the paper's order; no compression by the server.
let parameters (f: IFiniteSumOperator) : Parameters =
    let alpha = 1.0 / float f.Dimension

    {
        Gamma = alpha * sqrt alpha / (4.0 * OperatorConstants.meanSquareLipschitz f)
        P = alpha
        DeviceK = 1
        ServerK = f.Dimension
    }

type State = {
    /// The iterate z.
    Z: Block
    /// The reference point w.
    W: Block
    /// F_1(w) … F_M(w).
    Values: Block
    /// The devices' error memories e_1 … e_M.
    Errors: Block
    /// The server's error memory e.
    ServerError: Block
}

let init (f: IFiniteSumOperator) (z0: Block) : State = {
    Z = z0
    W = z0
    Values = f.Operators z0
    Errors = Block.zeros f.Count z0.Lanes f.Dimension
    ServerError = Block.zeros 1 z0.Lanes f.Dimension
}

/// u = (1−p)z + pw − γF(w).
let extrapolate (p: Parameters) (s: State) : Block =
    (1.0 - p.P) * s.Z + p.P * s.W - p.Gamma * Block.mean s.Values

let step (f: IFiniteSumOperator) (p: Parameters) (bit: Mask) (s: State) : State =
    let u = extrapolate p s
    let message = p.Gamma * (f.Operators u - s.Values) + s.Errors
    let sent = message.TopK p.DeviceK
    let total = Block.mean sent + s.ServerError
    let broadcast = total.TopK p.ServerK

    {
        Z = u - broadcast
        W = Block.choose bit s.Z s.W
        Values = Block.choose bit (f.Operators s.Z) s.Values
        Errors = message - sent
        ServerError = total - broadcast
    }

/// z*, F_m(z*), no errors.
let fixedPoint (f: IFiniteSumOperator) : State = init f f.Solution

let method: Method<IFiniteSumOperator, Parameters, State, Mask> = {
    Name = "MASHA2"
    Summary = "as MASHA1 with TopK of γ(F_m(u) − F_m(w)) + e_m; what is not sent stays in e_m"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.probability "p" p.P
            Condition.positive "γ" p.Gamma
            Condition.atMost "K" (float p.DeviceK) "d" (float f.Dimension)
        ]
    Draw = fun _ p -> Draw.coin p.P
    Init = fun f _ z0 -> init f z0
    Step = step
    Output = fun s -> s.Z
    Cost =
        fun f p bit ->
            let d = float f.Dimension

            [
                Charge.each Counter.OperatorCalls 1.0
                Charge.whenHeads Counter.OperatorCalls 1.0 bit
                Charge.each Counter.UplinkFloats (float p.DeviceK)
                Charge.whenHeads Counter.UplinkFloats d bit
                Charge.each Counter.DownlinkFloats (float p.ServerK)
                Charge.whenHeads Counter.DownlinkFloats d bit
            ]
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds = fun _ _ -> []
}

// ---- VI-MASHA.3 and .4 -----------------------------------------------------------------------------------------

let private pOf (f: IFiniteSumOperator) = {
    Gamma = 0.2 / OperatorConstants.meanSquareLipschitz f
    P = 0.5
    DeviceK = 1
    ServerK = max 1 (f.Dimension / 2)
}

/// Random states: points, consistent values F_m(w), error memories of all sizes.
let private states ctx (f: IFiniteSumOperator) lanes : State =
    let gaussians site =
        CheckContext.gaussianStarts ctx site lanes f.Dimension 1.0

    let w = f.Solution + gaussians 2

    let many site =
        Block.ConcatWorkers(Array.init f.Count (fun m -> gaussians (site + m)))

    {
        Z = f.Solution + gaussians 1
        W = w
        Values = f.Operators w
        Errors = 0.3 * many 10
        ServerError = 0.3 * gaussians 3
    }

/// The run with the virtual iterate ẑ beside it, by the recursion that the claim states.
type private Shadow = {
    Point: Block
    Reference: Block
    Stored: Block
    Memory: Block
    ServerMemory: Block
    Virtual: Block
}

let private inner (s: Shadow) : State = {
    Z = s.Point
    W = s.Reference
    Values = s.Stored
    Errors = s.Memory
    ServerError = s.ServerMemory
}

let private shadow (s: State) v = {
    Point = s.Z
    Reference = s.W
    Stored = s.Values
    Memory = s.Errors
    ServerMemory = s.ServerError
    Virtual = v
}

/// ẑ = z − e − (1/M) Σ e_m.
let private virtualIterate (s: State) =
    s.Z - s.ServerError - Block.mean s.Errors

let private virtualRuns ctx (spec: RotationSpec) forget =
    let f = Games.rotationBlocks spec :> IFiniteSumOperator
    let p = pOf f
    let start = states ctx f (CheckContext.pick 4 8 32 ctx)

    let seen (s: State) =
        if forget then
            s.Z - Block.mean s.Errors
        else
            virtualIterate s

    let recursion bit (s: Shadow) =
        let m = inner s
        let u = extrapolate p m

        let uncompressed =
            u
            - m.ServerError
            - Block.mean m.Errors
            - p.Gamma * Block.mean (f.Operators u - m.Values)

        shadow (step f p bit m) uncompressed

    let proc = Method.on f p method

    let other = {
        Name = "virtual iterate"
        Draw = proc.Draw
        Step = recursion
        Cost = fun _ -> []
    }

    Trajectories.same ctx proc start seen other (shadow start (seen start)) (fun s -> s.Virtual) 30

let private standard: RotationSpec = {
    Workers = 3
    Blocks = 2
    Mu = 0.5
    MuSpread = 0.5
    Skew = 1.0
    SkewSpread = 0.3
    Offset = 1.0
    Seed = 1
}

let private single = {
    standard with
        Workers = 1
        Blocks = 1
}

let private instances =
    RotationSpec.instances 4 3
    |> Instances.counts 1 2 20
    |> Instances.startingWith [ standard; single ]

let virtualClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.3"
            ClaimKind.Exact
            "MASHA2: ẑ = z − e − (1/M)Σe_m makes the uncompressed correction, ẑ⁺ = u − e − (1/M)Σe_m − γ(F(u) − F(w)), on every run"
            instances
            (fun ctx spec -> virtualRuns ctx spec false) with
            Formula = @"\hat z^+ = u - e - \tfrac1M\textstyle\sum e_m - \gamma(F(u)-F(w))"
            Source = "add up what is sent and what stays"
            Falsifiers = [
                Falsifier.check "the server's memory forgotten in ẑ" (fun ctx spec -> virtualRuns ctx spec true)
            ]
    }

/// The same with memories whose entries are equal in size, where TopK loses most, in every other lane.
let private flat (s: State) : State =
    let even = Mask(1, s.Z.Lanes, Array.init s.Z.Lanes (fun lane -> lane % 2 = 0))

    {
        s with
            Errors = Block.choose even (Block.sign s.Errors) s.Errors
    }

/// Ē⁺ ≤ (1 − shrink·α)Ē + (2γ²/α)(1/M) Σ ‖F_m(u) − F_m(w)‖², α = K/d, at random states and the worst found.
let private memory ctx (spec: RotationSpec) shrink =
    let f = Games.rotationBlocks spec :> IFiniteSumOperator
    let p = pOf f
    let alpha = float p.DeviceK / float f.Dimension

    let change (s: State) =
        Block.meanNormSquared (f.Operators(extrapolate p s) - s.Values)

    Enumerated.oneStep ctx {
        Process = Method.on f p method
        States = flat (states ctx f (CheckContext.pick 16 32 256 ctx))
        Measure = fun _ next -> Block.meanNormSquared next.Errors
        Bound =
            fun s ->
                (1.0 - shrink * alpha) * Block.meanNormSquared s.Errors
                + (2.0 * p.Gamma ** 2.0 / alpha) * change s
        Relation = Relation.AtMost
        Keep = fun s -> { s with Values = f.Operators s.W }
        Search = CheckContext.pick 20 25 200 ctx
    }

let memoryClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.4"
            ClaimKind.Sure
            "MASHA2 with TopK: Ē⁺ ≤ (1−α/2)Ē + (2γ²/α)(1/M)Σ‖F_m(u) − F_m(w)‖², Ē = (1/M)Σ‖e_m‖², α = K/d"
            instances
            (fun ctx spec -> memory ctx spec 0.5) with
            Formula =
                @"\bar E^+ \le (1-\tfrac\alpha2)\bar E + \tfrac{2\gamma^2}{\alpha}\tfrac1M\textstyle\sum\|F_m(u)-F_m(w)\|^2"
            Assumptions = "C_m contractive: ‖C(x) − x‖² ≤ (1−α)‖x‖² for every x"
            Source = "derived by Young's inequality with s = α/(2(1−α))"
            Falsifiers = [
                Falsifier.check "1 − α/2 → 1 − α" (fun ctx spec -> memory ctx spec 1.0)
                |> Falsifier.at [ single ]
            ]
    }

// ---- VI-MASHA.10 -----------------------------------------------------------------------------------------------

/// A stepsize for the example that compressed gradient descent fails on.
[<NoComparison>]
type ExampleSpec = { Gamma: float }

/// f_m(w) = ⟨a_m, w⟩² + ¼‖w‖² with a_1 = (−3, 2, 2) and its rotations: minimised at 0 by every f_m.
let private example =
    let a = [| [| -3.0; 2.0; 2.0 |]; [| 2.0; -3.0; 2.0 |]; [| 2.0; 2.0; -3.0 |] |]

    let hessian (v: float[]) =
        Matrix.Create(3, 3, fun i j -> 2.0 * v[i] * v[j] + (if i = j then 0.5 else 0.0))

    AffineOperator(
        "three quadratics on which Top1 fails",
        a |> Array.map hessian,
        Array.init 3 (fun _ -> Array.zeroCreate 3),
        []
    )

/// A multiple t of (1, 1, 1).
type private Ray = { T: Block }

let private onRay (s: Ray) = s.T * Block.vector [| 1.0; 1.0; 1.0 |]

/// w − γ(1/3) Σ C(∇f_m(w)) from w = t(1, 1, 1) against growth·w, for every t.
let private naive gamma (compress: Block -> Block) growth =
    let f = example :> IFiniteSumOperator

    AffineIdentity.forEveryState
        { T = Block.scalar 0.0 }
        None
        (fun s ->
            let w = onRay s
            w - gamma * Block.mean (compress (f.Operators w)))
        (fun s -> growth * onRay s)

/// MASHA2 with the same Top1: a run from (1, 1, 1) ends below 1e-3 of the start.
let private converges ctx scale =
    let f = example :> IFiniteSumOperator
    let p = parameters f
    let p = { p with Gamma = scale * p.Gamma }
    let start = init f (Block.vector [| 1.0; 1.0; 1.0 |])
    let steps = 8000

    let last =
        (Run.trajectories ctx (Method.on f p method) start {
            Steps = steps
            Every = steps
            Measures = [ fun s -> Block.norm s.Z ]
            Progress = None
        })
            .Measures[0]

    let first, final = last[0].[0], last[last.Length - 1].[0]

    [
        {
            Label = $"MASHA2, γ = {p.Gamma:G4}: ‖z_{steps}‖ against 1e-3·‖z_0‖"
            Measured = final
            Bound = 1e-3 * first
            Holds = final <= 1e-3 * first
        }
    ]
    |> Evidence.ofRows Rung.Trajectories Relation.AtMost

let private top (x: Block) = x.TopK 1

let private stepsizes =
    let generator =
        Gen.elements [ 0.0001; 0.001; 0.003; 0.03; 0.1; 0.3; 1.0; 3.0 ]
        |> Gen.map (fun gamma -> ({ Gamma = gamma }: ExampleSpec))

    Instances.generated generator (fun _ -> Seq.empty)
    |> Instances.startingWith [ ({ Gamma = 0.01 }: ExampleSpec) ]

let naiveClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.10"
            ClaimKind.Exact
            "w⁺ = w − (γ/3)ΣTop1(∇f_m(w)) multiplies w = t(1,1,1) by 1 + 11γ/6, for every t and γ > 0"
            stepsizes
            (fun _ spec -> naive spec.Gamma top (1.0 + 11.0 * spec.Gamma / 6.0)) with
            Formula = @"w_k = (1+\tfrac{11\gamma}6)^k w_0"
            Assumptions = "f_m = ⟨a_m, w⟩² + ¼‖w‖², a_1 = (−3,2,2), a_2 = (2,−3,2), a_3 = (2,2,−3): the minimiser is 0"
            Source = "the authors' slides"
            Falsifiers = [
                Falsifier.check "no compression" (fun _ spec -> naive spec.Gamma id (1.0 + 11.0 * spec.Gamma / 6.0))
            ]
            Tight =
                Some {
                    Instance = ({ Gamma = 0.01 }: ExampleSpec)
                    AtLeast = 1.0
                }
    }

let feedbackClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.10b"
            ClaimKind.Sure
            "MASHA2 with the same Top1 converges on that example: ‖z_k‖ ≤ 1e-3·‖z_0‖ after 8000 steps"
            (Instances.only [ ({ Gamma = 1.0 }: ExampleSpec) ])
            (fun ctx spec -> converges ctx spec.Gamma) with
            Assumptions = "γ = α√p/(4L̃) times the instance's factor, p = α = 1/3"
            Source = "the authors' slides"
            Falsifiers = [ Falsifier.check "γ × 30" (fun ctx spec -> converges ctx (30.0 * spec.Gamma)) ]
    }

/// ∇f_1(t(1, 1, 1)) against factor·t·(−11, 9, 9).
let private firstGradient factor =
    let f = example :> IFiniteSumOperator

    AffineIdentity.forEveryState { T = Block.scalar 0.0 } None (fun s -> (f.Operators(onRay s)).Worker 0) (fun s ->
        factor * s.T * Block.vector [| -11.0; 9.0; 9.0 |])

let printedGradient: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.10c"
            ClaimKind.Exact
            "as printed: ∇f_1(t(1,1,1)) = 2t(−11, 9, 9)"
            (Instances.only [ ({ Gamma = 1.0 }: ExampleSpec) ])
            (fun _ _ -> firstGradient 2.0) with
            Formula = @"\nabla f_1(w_0) = 2t(-11,9,9)"
            Source = "the authors' slides"
            Erratum = Some "the factor is t/2, not 2t; the printed growth 1 + 11γ/6 is that of t/2 (VI-MASHA.10)"
    }

let gradientClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.10d"
            ClaimKind.Exact
            "corrected: ∇f_1(t(1,1,1)) = (t/2)(−11, 9, 9)"
            (Instances.only [ ({ Gamma = 1.0 }: ExampleSpec) ])
            (fun _ _ -> firstGradient 0.5) with
            Formula = @"\nabla f_1(w_0) = \tfrac t2(-11,9,9)"
            Source = "2⟨a_1, w_0⟩a_1 + w_0/2 with ⟨a_1, w_0⟩ = t"
            Falsifiers = [ Falsifier.check "the printed factor 2" (fun _ _ -> firstGradient 2.0) ]
    }
