/// MASHA: compressed extragradient for distributed variational inequalities.
///
/// Beznosikov, Richtárik, Diskin, Ryabinin, Gasnikov, "Distributed Methods with Compressed Communication for Solving
/// Variational Inequalities, with Theoretical Guarantees", 2021 (NeurIPS 2022), arXiv 2110.03313.
/// Problem: F = (1/M) Σ F_m(z) = 0, F L-Lipschitz and μ-strongly monotone, (1/M) Σ ‖F_m(u) − F_m(v)‖² ≤ L̃²‖u − v‖²;
/// unbiased compressors of devices (ω) and server (ω_s). This is MASHA1; the error-feedback variant stands in MASHA2.fs.
module Theory.Algorithms.VariationalInequalities.MASHA1

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors

[<NoComparison; NoEquality>]
type Parameters = {
    Gamma: float
    /// Probability of an uncompressed round, 1 − τ in the paper.
    P: float
    Devices: Compressor
    Server: Compressor
}

let private omegaOf (f: IProblem) (compressor: Compressor) =
    match compressor.Omega f.Dimension with
    | Some omega -> omega
    | None -> invalidArg (nameof compressor) $"MASHA1 needs unbiased compressors; {compressor.Name} is biased."

/// C² = (1 + ω_s)(L² + ωL̃²/M), with E‖g‖² ≤ C²‖u − w‖².
let secondMoment (f: IFiniteSumOperator) (devices: Compressor) (server: Compressor) =
    let omega, omegaServer = omegaOf f devices, omegaOf f server

    (1.0 + omegaServer)
    * (f.Lipschitz ** 2.0
       + omega * OperatorConstants.meanSquareLipschitz f ** 2.0 / float f.Count)

/// γ = min{√(p/2)/C, p/(2μ), (1−p)/μ} for a given C².
let largestGamma (f: IFiniteSumOperator) p secondMoment =
    let mu = f.Monotonicity
    min (sqrt (p / 2.0 / secondMoment)) (min (p / (2.0 * mu)) ((1.0 - p) / mu))

/// The step that C² of the two compressors allows.
let gamma (f: IFiniteSumOperator) p devices server =
    largestGamma f p (secondMoment f devices server)

/// p = min{1/(1+ω), ½}: as many floats go uncompressed as compressed.
let parametersFor (devices: Compressor) (server: Compressor) (f: IFiniteSumOperator) : Parameters =
    let p = min (1.0 / (1.0 + omegaOf f devices)) 0.5

    {
        Gamma = gamma f p devices server
        P = p
        Devices = devices
        Server = server
    }

type State = {
    /// The iterate z.
    Z: Block
    /// The reference point w.
    W: Block
    /// F_1(w) … F_M(w), whose mean everyone knows.
    Values: Block
}

let init (f: IFiniteSumOperator) (z0: Block) : State = {
    Z = z0
    W = z0
    Values = f.Operators z0
}

/// What a step draws: the devices' compressors, the server's, and the bit of an uncompressed round.
type Outcome = CompressorDraw * (CompressorDraw * Mask)

/// One step; `compress` turns (F_m(u), F_m(w)) into the server's estimate g, `renewed` is the next reference point.
let private stepWith
    compress
    (renewed: State -> Block -> Block)
    (f: IFiniteSumOperator)
    (p: Parameters)
    ((devices, (server, bit)): Outcome)
    (s: State)
    : State =
    let mean = (1.0 - p.P) * s.Z + p.P * s.W
    let u = mean - p.Gamma * Block.mean s.Values

    let g: Block =
        p.Server.Apply server (compress (p.Devices.Apply devices) (f.Operators u) s.Values)

    let z = u - p.Gamma * g
    let next = renewed s z

    {
        Z = z
        W = Block.choose bit next s.W
        Values = Block.choose bit (f.Operators next) s.Values
    }

let private difference (q: Block -> Block) (atU: Block) (atW: Block) = Block.mean (q (atU - atW))

let step (f: IFiniteSumOperator) (p: Parameters) draw (s: State) : State =
    stepWith difference (fun s _ -> s.Z) f p draw s

let private drawOf (f: IFiniteSumOperator) (p: Parameters) : Draw<Outcome> =
    Draw.both (p.Devices.Draw f.Count f.Dimension) (Draw.both (p.Server.Draw 1 f.Dimension) (Draw.coin p.P))

/// z* and F_m(z*).
let fixedPoint (f: IFiniteSumOperator) : State = {
    Z = f.Solution
    W = f.Solution
    Values = f.Operators f.Solution
}

/// Φ = ‖z − z*‖² + ‖w − z*‖².
let lyapunov (f: IFiniteSumOperator) (s: State) =
    Block.normSquared (s.Z - f.Solution) + Block.normSquared (s.W - f.Solution)

/// 1 − γμ/2.
let contraction (f: IFiniteSumOperator) (p: Parameters) = 1.0 - p.Gamma * f.Monotonicity / 2.0

/// The identity, as a compressor that draws all coordinates.
let private nothing: Compressor = {
    randK 1 with
        Name = "none"
        Draw = fun n d -> (randK d).Draw n d
        Apply = fun _ x -> x
        Omega = fun _ -> Some 0.0
        Alpha = fun _ -> Some 1.0
        Floats = float
        Bits = fun d -> 64.0 * float d
}

let methodWith (devices: Compressor) (server: Compressor) : Method<IFiniteSumOperator, Parameters, State, Outcome> = {
    Name = "MASHA1"
    Summary = "z̄ = (1−p)z + pw; u = z̄ − γF(w); z⁺ = u − γQ_s(mean Q_m(F_m(u) − F_m(w))); w⁺ = z with probability p"
    Rule = parametersFor devices server
    Conditions =
        fun f p -> [
            Condition.probability "p" p.P
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "min{√(p/2)/C, p/(2μ), (1−p)/μ}" (gamma f p.P p.Devices p.Server)
        ]
    Draw = drawOf
    Init = fun f _ z0 -> init f z0
    Step = step
    Output = fun s -> s.Z
    Cost =
        fun f p (_, (_, bit)) ->
            let d = float f.Dimension

            [
                // Each device evaluates its own operator at u, and at w⁺ in an uncompressed round.
                Charge.each Counter.OperatorCalls 1.0
                Charge.whenHeads Counter.OperatorCalls 1.0 bit
                Charge.each Counter.Rounds 1.0
                Charge.whenHeads Counter.Rounds 1.0 bit
                Charge.each Counter.UplinkFloats (p.Devices.Floats f.Dimension)
                Charge.whenHeads Counter.UplinkFloats d bit
                Charge.each Counter.DownlinkFloats (p.Server.Floats f.Dimension)
                Charge.whenHeads Counter.DownlinkFloats d bit
            ]
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds = fun f p -> [ Bounds.linear "VI-MASHA.1: E Φ_k" true (lyapunov f) (contraction f p) ]
}

let method = methodWith (randK 1) nothing

// ---- VI-MASHA.1 ------------------------------------------------------------------------------------------------

let private contractsWith (f: IFiniteSumOperator) scale step server =
    let p = parametersFor (randK 1) server f
    let p = { p with Gamma = scale * p.Gamma }

    let proc = {
        Method.on f p (methodWith (randK 1) server) with
            Step = step f p
    }
    // The F_m(w) are stored: admissible states have Values = F_m(W).
    Spectral.contraction
        proc
        (fixedPoint f)
        (Some(fun s -> s.Values - f.Operators s.W))
        (lyapunov f)
        (contraction f p)
        0.0

/// Without and with compression by the server.
let private contracts (spec: RotationSpec) scale step =
    [ nothing; randK 1 ]
    |> List.map (contractsWith (Games.rotationBlocks spec) scale step)
    |> Pieces.all

let private standard: RotationSpec = {
    Workers = 2
    Blocks = 1
    Mu = 0.1
    MuSpread = 0.5
    Skew = 1.0
    SkewSpread = 0.3
    Offset = 1.0
    Seed = 1
}

let lyapunovClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.1"
            ClaimKind.Mean
            "MASHA1: E Φ_{k+1} ≤ (1 − γμ/2)Φ_k, Φ = ‖z−z*‖² + ‖w−z*‖², with and without compression by the server"
            (RotationSpec.instances 4 1
             |> Instances.startingWith [ standard; { standard with Blocks = 2 } ])
            (fun _ spec -> contracts spec 1.0 step) with
            Formula = @"\mathbb E\Phi_{k+1} \le (1-\gamma\mu/2)\Phi_k"
            Assumptions = "F μ-strongly monotone; C² = (1+ω_s)(L² + ωL̃²/M), γ = min{√(p/2)/C, p/(2μ), (1−p)/μ}"
            Source =
                "derived: one step of variance-reduced forward-backward-forward with E‖g‖² ≤ C²‖u−w‖²; the paper's order"
            Valid = fun spec -> spec.Workers > 1
            Falsifiers = [
                Falsifier.check "γ × 2" (fun _ spec -> contracts spec 2.0 step)
                Falsifier.check "F_m(u) compressed instead of the difference" (fun _ spec ->
                    contracts
                        spec
                        1.0
                        (stepWith (fun q atU atW -> Block.mean (q atU) - Block.mean atW) (fun s _ -> s.Z)))
            ]
    }

// ---- VI-MASHA.6 ------------------------------------------------------------------------------------------------

/// Without compression and with p = 1: EG from the reference point, for every state.
let private reduction (spec: RotationSpec) renewed expected =
    let f = Games.rotationBlocks spec :> IFiniteSumOperator

    let p = {
        Gamma = 1.0 / (4.0 * f.Lipschitz)
        P = 1.0
        Devices = nothing
        Server = nothing
    }

    let outcome = (drawOf f p).Outcomes[0].Outcome

    let eg z =
        (Extragradient.step f { Gamma = p.Gamma } { Z = z }).Z

    let seen (s: State) = Block.ConcatDimension(s.Z, s.W)

    AffineIdentity.forEveryState
        (fixedPoint f)
        (Some(fun s -> s.Values - f.Operators s.W))
        (stepWith difference renewed f p outcome >> seen)
        (fun s -> Block.ConcatDimension(expected eg s: Block[]))

let private oldPoint (s: State) (_: Block) = s.Z
let private newPoint (_: State) (z: Block) = z
let private fromPast (eg: Block -> Block) (s: State) = [| eg s.W; s.Z |]
let private plain (eg: Block -> Block) (s: State) = [| eg s.W; eg s.W |]

let reductionClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.6"
            ClaimKind.Exact
            "no compression, p = 1: z_{k+1} is an EG step from z_{k−1} (w⁺ = z), and from z_k when w⁺ = z⁺"
            (RotationSpec.instances 4 2 |> Instances.startingWith [ standard ])
            (fun _ spec -> Pieces.all [ reduction spec oldPoint fromPast; reduction spec newPoint plain ]) with
            Formula = @"z_{k+1} = z_{k-1}-\gamma F(z_{k-1}-\gamma F(z_{k-1}))"
            Source = "insert p = 1 and Q = I"
            Falsifiers = [
                Falsifier.check "w⁺ = z and w⁺ = z⁺ exchanged" (fun _ spec ->
                    Pieces.all [ reduction spec newPoint fromPast; reduction spec oldPoint plain ])
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }
