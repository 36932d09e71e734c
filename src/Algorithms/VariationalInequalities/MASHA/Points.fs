/// MASHA1 as counting claims see it: on its two points, with what its steps send.
module Theory.Algorithms.VariationalInequalities.MASHAPoints

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors

/// The points of MASHA1: what remains of its state when F_m(w) is recomputed.
type Points = {
    /// The iterate z.
    Z: Block
    /// The reference point w.
    W: Block
}

/// MASHA1 on its two points, with an uncompressed server: few coordinates to propagate.
let onPoints (f: IFiniteSumOperator) (p: MASHA1.Parameters) : Process<Points, MASHA1.Outcome> =
    let own = Method.on f p (MASHA1.methodWith p.Devices p.Server)

    {
        Name = own.Name
        Draw = own.Draw
        Step =
            fun outcome s ->
                let next =
                    own.Step outcome {
                        Z = s.Z
                        W = s.W
                        Values = f.Operators s.W
                    }

                { Z = next.Z; W = next.W }
        Cost = own.Cost
    }

/// Expected floats that a device sends in a step of MASHA1, by the method's own account.
let uplink (f: IFiniteSumOperator) (p: MASHA1.Parameters) : float =
    let own = MASHA1.methodWith p.Devices p.Server

    Costs.overCoin Counter.UplinkFloats p.P (fun bit ->
        own.Cost f p (CompressorDraw.Nothing, (CompressorDraw.Nothing, bit)))

/// Floats that a device sends in a step of EG: d for every value of F.
let uncompressed (f: IOperator) (p: Extragradient.Parameters) : float =
    float f.Dimension
    * Costs.total Counter.OperatorCalls (Extragradient.method.Cost f p ())
