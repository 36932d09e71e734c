/// MASHA2: compressed extragradient with contractive compressors and error feedback.
///
/// Source and problem as in MASHA1.fs.
module Theory.Algorithms.VariationalInequalities.MASHA2

open Theory
open Theory.Numerics
open Theory.Problems

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
                Charge.each Counter.Rounds 1.0
                Charge.whenHeads Counter.Rounds 1.0 bit
                Charge.each Counter.UplinkFloats (float p.DeviceK)
                Charge.whenHeads Counter.UplinkFloats d bit
                Charge.each Counter.DownlinkFloats (float p.ServerK)
                Charge.whenHeads Counter.DownlinkFloats d bit
            ]
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds = fun _ _ -> []
}
