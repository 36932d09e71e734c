/// The extragradient method over devices without compression: what compressed methods are compared with.
module Theory.Algorithms.VariationalInequalities.UncompressedExtragradient

open Theory
open Theory.Algorithms

/// Every device sends F_m(z) and F_m(u); the server returns their means.
let method: Method<IFiniteSumOperator, Extragradient.Parameters, Extragradient.State, unit> = {
    Name = "EG-distributed"
    Summary = "u = z − γ mean F_m(z); z⁺ = z − γ mean F_m(u), the F_m(z) and F_m(u) sent whole"
    Rule = fun f -> Extragradient.parameters f
    Conditions = fun f p -> Extragradient.method.Conditions f p
    Draw = fun _ _ -> Draw.none
    Init = fun _ _ z0 -> Extragradient.init z0
    Step = fun f p () s -> Extragradient.step f p s
    Output = fun s -> s.Z
    Cost =
        fun f _ () ->
            let d = float f.Dimension

            [
                Charge.each Counter.OperatorCalls 2.0
                Charge.each Counter.Rounds 2.0
                Charge.each Counter.UplinkFloats (2.0 * d)
                Charge.each Counter.DownlinkFloats (2.0 * d)
            ]
    FixedPoint = fun f _ -> Some { Z = f.Solution }
    Bounds = fun f p -> Extragradient.method.Bounds f p
}
