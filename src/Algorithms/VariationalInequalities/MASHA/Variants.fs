/// VR-MASHA1 and PP-MASHA1: MASHA1 with one component per device, and with few devices a round (VI-MASHA.8b).
///
/// In the problem of VR-MASHA1 the summands are those of all devices together, device by device.
module Theory.Algorithms.VariationalInequalities.MASHAVariants

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

type State = {
    /// The iterate z.
    Z: Block
    /// The reference point w, where F is known to everyone.
    W: Block
}

let init (z0: Block) : State = { Z = z0; W = z0 }

/// Φ = ‖z − z*‖² + ‖w − z*‖².
let lyapunov (f: IOperator) (s: State) =
    Block.normSquared (s.Z - f.Solution) + Block.normSquared (s.W - f.Solution)

/// 1 − γμ/2.
let contraction (f: IOperator) gamma = 1.0 - gamma * f.Monotonicity / 2.0

/// u = z̄ − γF(w), z⁺ = u − γg, w⁺ = z when the bit shows 1; `estimate` is g at u and w.
let private move (f: IOperator) gamma p estimate (bit: Mask) (s: State) : State =
    let u = (1.0 - p) * s.Z + p * s.W - gamma * f.Operator s.W
    let g: Block = estimate u s.W

    {
        Z = u - gamma * g
        W = Block.choose bit s.Z s.W
    }

let private conditions gamma p limit = [
    Condition.probability "p" p
    Condition.positive "γ" gamma
    Condition.atMost "γ" gamma "min{√(p/2)/C, p/(2μ), (1−p)/μ}" limit
]

// ---- VR-MASHA1 -------------------------------------------------------------------------------------------------

[<NoComparison; NoEquality>]
type ComponentParameters = {
    Gamma: float
    /// Probability of an uncompressed round.
    P: float
    /// Devices M, which divides the number of summands.
    Devices: int
    Compressor: Compressor
}

/// C² = L² + (1+ω)L̂²/M with the mean-square Lipschitz constant L̂ of all components.
let componentMoment (f: IFiniteSumOperator) (devices: int) (compressor: Compressor) =
    f.Lipschitz ** 2.0
    + (1.0 + omegaOf compressor f.Dimension)
      * OperatorConstants.meanSquareLipschitz f ** 2.0
      / float devices

/// p = min{1/(1+ω), ½} and the longest step.
let componentParameters (devices: int) (compressor: Compressor) (f: IFiniteSumOperator) : ComponentParameters =
    if devices < 1 || f.Count % devices <> 0 then
        invalidArg (nameof devices) $"{f.Count} components cannot be split evenly over {devices} devices."

    let p = min (1.0 / (1.0 + omegaOf compressor f.Dimension)) 0.5

    {
        Gamma = MASHA1.largestGamma f p (componentMoment f devices compressor)
        P = p
        Devices = devices
        Compressor = compressor
    }

/// Two components a device, or one where their number is odd.
let private pairs (f: IFiniteSumOperator) =
    if f.Count % 2 = 0 then f.Count / 2 else f.Count

/// F_{m, j_m}(z) for every device m, from the drawn j_m.
let private componentsAt (f: IFiniteSumOperator) devices (j: Indices) (z: Block) : Block =
    let each = f.Count / devices

    let own m =
        let values = Array.init j.Lanes (fun lane -> m * each + j.At(0, lane)[m])
        Indices(1, j.Lanes, 1, f.Count, values)

    Block.ConcatWorkers(Array.init devices (fun m -> f.OperatorAt (own m) z))

let private componentStep compress (f: IFiniteSumOperator) (p: ComponentParameters) (j, (draw, bit)) (s: State) =
    let at = componentsAt f p.Devices j
    move f p.Gamma p.P (fun u w -> Block.mean (compress p draw (at u) (at w))) bit s

let private compressed (p: ComponentParameters) draw (u: Block) (w: Block) = p.Compressor.Apply draw (u - w)

let components: Method<IFiniteSumOperator, ComponentParameters, State, Indices * (CompressorDraw * Mask)> = {
    Name = "VR-MASHA1"
    Summary =
        "u = (1−p)z + pw − γF(w); z⁺ = u − γ mean Q_m(F_{m,j}(u) − F_{m,j}(w)), j random; w⁺ = z with probability p"
    Rule = fun f -> componentParameters (pairs f) (randK 1) f
    Conditions =
        fun f p -> conditions p.Gamma p.P (MASHA1.largestGamma f p.P (componentMoment f p.Devices p.Compressor))
    Draw =
        fun f p ->
            Draw.both
                (Draw.indices (f.Count / p.Devices) p.Devices)
                (Draw.both (p.Compressor.Draw p.Devices f.Dimension) (Draw.coin p.P))
    Init = fun _ _ z0 -> init z0
    Step = componentStep compressed
    Output = fun s -> s.Z
    Cost =
        fun f p (_, (_, bit)) ->
            let d = float f.Dimension

            [
                Charge.each Counter.ComponentCalls 2.0
                Charge.whenHeads Counter.OperatorCalls 1.0 bit
                Charge.each Counter.Rounds 1.0
                Charge.whenHeads Counter.Rounds 1.0 bit
                Charge.each Counter.UplinkFloats (p.Compressor.Floats f.Dimension)
                Charge.whenHeads Counter.UplinkFloats d bit
                Charge.each Counter.DownlinkFloats d
                Charge.whenHeads Counter.DownlinkFloats d bit
            ]
    FixedPoint = fun f _ -> Some(init f.Solution)
    Bounds = fun f p -> [ Bounds.linear "VI-MASHA.8b: E Φ_k" true (lyapunov f) (contraction f p.Gamma) ]
}

// ---- PP-MASHA1 -------------------------------------------------------------------------------------------------

type PartialParameters = {
    Gamma: float
    /// Probability of a round in which all devices send.
    P: float
    /// Devices r that send in a round.
    Sampled: int
}

/// C² = L² + (M−r)/(r(M−1))·L̃².
let partialMoment (f: IFiniteSumOperator) (sampled: int) =
    let m, r = float f.Count, float sampled
    let factor = if f.Count = 1 then 0.0 else (m - r) / (r * (m - 1.0))
    f.Lipschitz ** 2.0 + factor * OperatorConstants.meanSquareLipschitz f ** 2.0

/// p = r/M, at most ½: as many devices send in full rounds as in the others.
let partialParameters (sampled: int) (f: IFiniteSumOperator) : PartialParameters =
    let p = min (float sampled / float f.Count) 0.5

    {
        Gamma = MASHA1.largestGamma f p (partialMoment f sampled)
        P = p
        Sampled = sampled
    }

let private partialStep
    (answer: Block -> Block -> Block)
    (f: IFiniteSumOperator)
    (p: PartialParameters)
    (devices: Indices, bit)
    (s: State)
    =
    let difference u w =
        Block.mean (answer ((f.Operators u).PickWorkers devices) ((f.Operators w).PickWorkers devices))

    move f p.Gamma p.P difference bit s

let partial: Method<IFiniteSumOperator, PartialParameters, State, Indices * Mask> = {
    Name = "PP-MASHA1"
    Summary =
        "u = (1−p)z + pw − γF(w); z⁺ = u − γ mean of F_m(u) − F_m(w) over r random devices; w⁺ = z with probability p"
    Rule = fun f -> partialParameters (max 1 (f.Count / 2)) f
    Conditions =
        fun f p ->
            conditions p.Gamma p.P (MASHA1.largestGamma f p.P (partialMoment f p.Sampled))
            @ [ Condition.atMost "r" (float p.Sampled) "M" (float f.Count) ]
    Draw = fun f p -> Draw.both (Draw.subset p.Sampled f.Count) (Draw.coin p.P)
    Init = fun _ _ z0 -> init z0
    Step = partialStep (-)
    Output = fun s -> s.Z
    Cost =
        fun f p (_, bit) ->
            let d = float f.Dimension
            let share = float p.Sampled / float f.Count

            [
                // Values at w are kept from the last full round.
                Charge.each Counter.OperatorCalls share
                Charge.whenHeads Counter.OperatorCalls 1.0 bit
                Charge.each Counter.Rounds 1.0
                Charge.whenHeads Counter.Rounds 1.0 bit
                Charge.each Counter.UplinkFloats (share * d)
                Charge.whenHeads Counter.UplinkFloats d bit
                Charge.each Counter.DownlinkFloats d
                Charge.whenHeads Counter.DownlinkFloats d bit
            ]
    FixedPoint = fun f _ -> Some(init f.Solution)
    Bounds = fun f p -> [ Bounds.linear "VI-MASHA.8b: E Φ_k" true (lyapunov f) (contraction f p.Gamma) ]
}

// ---- VI-MASHA.8b -----------------------------------------------------------------------------------------------

let private against (f: IFiniteSumOperator) gamma (proc: Process<State, 'D>) =
    Spectral.contraction proc (init f.Solution) None (lyapunov f) (contraction f gamma) 0.0

/// Both methods with γ multiplied by `scale`; `compress` and `answer` are what devices send.
let private contracts (spec: RotationSpec) scale compress answer =
    let f = Games.rotationBlocks spec :> IFiniteSumOperator
    let vr = components.Rule f

    Pieces.all [
        yield
            against f vr.Gamma {
                Method.on f vr components with
                    Step = componentStep compress f { vr with Gamma = scale * vr.Gamma }
            }

        for sampled in 1 .. f.Count - 1 do
            let p = partialParameters sampled f

            yield
                against f p.Gamma {
                    Method.on f p partial with
                        Step = partialStep answer f { p with Gamma = scale * p.Gamma }
                }
    ]

let private standard: RotationSpec = {
    Workers = 4
    Blocks = 1
    Mu = 0.1
    MuSpread = 0.5
    Skew = 1.0
    SkewSpread = 1.0
    Offset = 1.0
    Seed = 1
}

let variantsClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.8b"
            ClaimKind.Mean
            "VR-MASHA1 and PP-MASHA1: E Φ_{k+1} ≤ (1 − γμ/2)Φ_k with their own C"
            (RotationSpec.instances 4 1
             |> Instances.startingWith [ standard; { standard with Workers = 3 } ]
             |> Instances.counts 1 2 20)
            (fun _ spec -> contracts spec 1.0 compressed (-)) with
            Formula = @"\mathbb E\Phi_{k+1}\le(1-\gamma\mu/2)\Phi_k"
            Assumptions = "γ = min{√(p/2)/C, p/(2μ), (1−p)/μ} with C² = L² + (1+ω)L̂²/M, and C² = L² + (M−r)/(r(M−1))·L̃²"
            Source = "VI-MASHA.1 with the second moments of VI-MASHA.8"
            Valid = fun spec -> spec.Workers > 1
            Falsifiers = [
                Falsifier.check "γ × 3" (fun _ spec -> contracts spec 3.0 compressed (-))
                Falsifier.check "values at u alone" (fun _ spec ->
                    contracts spec 1.0 (fun p draw u _ -> p.Compressor.Apply draw u) (fun u _ -> u))
            ]
            Tight = Some { Instance = standard; AtLeast = 0.95 }
    }
