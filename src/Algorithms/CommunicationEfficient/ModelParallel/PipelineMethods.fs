/// Training a model that lies on two devices, with compressed activations and gradients.
///
/// Rudakov, Beznosikov, Kholodov, Gasnikov, "Activations and Gradients Compression for Model-Parallel Training", 2023,
/// arXiv 2401.07788.
/// Each step visits one sample s: a = Wx_s; the first device sends m in place of a; the second sends C'(∂ℓ/∂m) back; both
/// take a gradient step, the compressor being differentiated as the identity.
module Theory.Algorithms.CommunicationEfficient.PipelineMethods

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

[<NoComparison; NoEquality>]
type Parameters = {
    /// Stepsize of the second device.
    Gamma: float
    /// Stepsize of the first device; 0 freezes it.
    GammaFirst: float
    /// C, forward.
    Forward: Compressor
    /// C', backward.
    Backward: Compressor
}

/// γ = 1/(10·max ‖x_s‖²) on both devices, Top-k of a tenth of the activations both ways.
let parameters (f: IPipeline) : Parameters =
    let largest =
        Seq.init f.Samples (fun s -> LinearAlgebra.Dot(f.Inputs.Row s, f.Inputs.Row s))
        |> Seq.max

    let gamma = 0.1 / max largest 1e-300

    {
        Gamma = gamma
        GammaFirst = gamma
        Forward = topK (tenth f.Width)
        Backward = topK (tenth f.Width)
    }

type State = {
    /// W, row by row.
    W: Block
    /// u.
    U: Block
    /// EF's e, EF21's m, or AQ-SGD's m_1 … m_S as workers.
    Buffer: Block
    /// 1 for each sample that was visited (AQ-SGD), 0 else.
    Seen: Block
}

/// How activations become messages: the sample's index, C, the state's buffers, a ↦ m and the new buffers.
type Protocol = {
    Name: string
    Rule: string
    /// One buffer a sample (AQ-SGD), else one.
    PerSample: bool
    Send: Indices -> Messages.Compress -> Block * Block -> Block -> Block * (Block * Block)
}

let private plainly = {
    Name = "Pipeline-Plain"
    Rule = "m = C(a)"
    PerSample = false
    Send = fun _ c buffers a -> Messages.plain c a, buffers
}

let private withFeedback = {
    Name = "Pipeline-EF"
    Rule = "m = C(a + e), e⁺ = a + e − m, one e a position of the batch"
    PerSample = false
    Send =
        fun _ c (e, seen) a ->
            let m, rest = Messages.feedback c e a
            m, (rest, seen)
}

let private byPosition = {
    Name = "Pipeline-EF21"
    Rule = "m⁺ = m + C(a − m), one m a position of the batch"
    PerSample = false
    Send =
        fun _ c (m, seen) a ->
            let next = (Messages.difference c m a).Materialise()
            next, (next, seen)
}

/// First visits go uncompressed.
let private bySample = {
    Name = "AQ-SGD"
    Rule = "m_s⁺ = m_s + C(a_s − m_s), m_s = a_s at the first visit of s"
    PerSample = true
    Send =
        fun s c (buffers, seen) a ->
            let m, known = buffers.PickWorkers s, seen.PickWorkers s
            let learned = Messages.difference c m a
            let next = (a + known * (learned - a)).Materialise()
            let once = (0.0 * known).AddConstant 1.0
            next, (buffers.PutWorkers(s, next), seen.PutWorkers(s, once))
}

let init (protocol: Protocol) (f: IPipeline) (x0: Block) : State =
    let first = f.Dimension - f.Width
    let count = if protocol.PerSample then f.Samples else 1

    {
        W = x0.SliceDimension(0, first)
        U = x0.SliceDimension(first, f.Width)
        Buffer = Block.zeros count x0.Lanes f.Width
        Seen = Block.zeros count x0.Lanes 1
    }

/// Rows of the lane's own sample: x_s and y_s.
let private sample (f: IPipeline) (s: Indices) (like: Block) =
    let one = (Block.scalar 1.0).On like.Engine
    let targets = Matrix(f.Samples, 1, f.Targets)
    one.RowCombination(f.Inputs, s), one.RowCombination(targets, s)

let step
    (protocol: Protocol)
    (f: IPipeline)
    (p: Parameters)
    (s: Indices, (forward: CompressorDraw, backward: CompressorDraw))
    (state: State)
    : State =
    let x, y = sample f s state.U
    let inputs = f.Inputs.Columns
    let a = x.Times(state.W.Reshape(f.Width, inputs), transposeY = true)

    let m, (buffer, seen) =
        protocol.Send s (p.Forward.Apply forward) (state.Buffer, state.Seen) a

    let residual = Block.dot state.U m - y
    let back = p.Backward.Apply backward (state.U * residual)

    let first =
        (back.Materialise().Times(x, transposeX = true)).Reshape(1, f.Width * inputs)

    {
        W = state.W - p.GammaFirst * first
        U = state.U - p.Gamma * (m * residual)
        Buffer = buffer
        Seen = seen
    }

let private methodOf
    (protocol: Protocol)
    : Method<IPipeline, Parameters, State, Indices * (CompressorDraw * CompressorDraw)> = {
    Name = protocol.Name
    Summary = $"a = Wx_s; {protocol.Rule}; W and u take gradient steps on ½(⟨u, m⟩ − y_s)² with C'(∂ℓ/∂m) sent back"
    Rule = parameters
    Conditions =
        fun _ p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "−γ_1" -p.GammaFirst "0" 0.0
        ]
    Draw =
        fun f p -> Draw.both (Draw.index f.Samples) (Draw.both (p.Forward.Draw 1 f.Width) (p.Backward.Draw 1 f.Width))
    Init = fun f _ x0 -> init protocol f x0
    Step = step protocol
    Output = fun s -> Block.ConcatDimension(s.W, s.U)
    // First visits of AQ-SGD go uncompressed, which the account leaves out.
    Cost =
        fun f p _ -> [
            Charge.each Counter.Samples 1.0
            Charge.each Counter.Messages 2.0
            Charge.each Counter.UplinkFloats (p.Forward.Floats f.Width)
            Charge.each Counter.UplinkBits (p.Forward.Bits f.Width)
            Charge.each Counter.DownlinkFloats (p.Backward.Floats f.Width)
            Charge.each Counter.DownlinkBits (p.Backward.Bits f.Width)
        ]
    // Errors of compression and noise of samples move every point.
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}

let plainMethod = methodOf plainly
let feedbackMethod = methodOf withFeedback
let positionMethod = methodOf byPosition
let sampleMethod = methodOf bySample
