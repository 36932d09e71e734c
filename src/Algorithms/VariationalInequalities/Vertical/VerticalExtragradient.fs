/// Vertical federated learning by the extragradient method on its saddle.
///
/// Beznosikov, Kormakov, Grigorievskiy, Rudakov, Nazykov, Rogozin, Vakhrushev, Savchenko, Takáč, Gasnikov, "Exploring New
/// Frontiers in Vertical Federated Learning: the Role of Saddle Point Reformulation", 2026, arXiv 2602.15996.
/// Problem: min over (x, z), max over y of ℓ(z) + Σ r_i(x_i) + ⟨y, Σ A_ix_i − z⟩; party i holds A_i and x_i, the server z, y and
/// the labels.
module Theory.Algorithms.VariationalInequalities.VerticalExtragradient

open Theory
open Theory.Numerics
open Theory.Problems

type Parameters = { Gamma: float }

/// γ = 1/L.
let parameters (f: IVerticalOperator) : Parameters = { Gamma = 1.0 / f.Lipschitz }

type State = {
    /// v_k = (x, z, y).
    V: Block
}

/// y of a point (x, z, y).
let dual (f: IVerticalOperator) (v: Block) =
    v.SliceDimension(f.Dimension - f.Samples, f.Samples)

/// F(v): every party sends A_ix_i to the server and receives y.
let evaluate (f: IVerticalOperator) (v: Block) : Block =
    f.Local v + f.Coupled (f.Predictions v) (dual f v)

/// u = v − γF(v); v⁺ = v − γF(u).
let step (f: IVerticalOperator) (p: Parameters) (s: State) : State =
    let u = s.V - p.Gamma * evaluate f s.V
    { V = s.V - p.Gamma * evaluate f u }

let method: Method<IVerticalOperator, Parameters, State, unit> = {
    Name = "VFL-EG"
    Summary = "u = v − γF(v); v⁺ = v − γF(u) on v = (x, z, y); parties send A_ix_i and receive y"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/L" (parameters f).Gamma
        ]
    Draw = fun _ _ -> Draw.none
    Init = fun _ _ v0 -> { V = v0 }
    Step = fun f p () s -> step f p s
    Output = fun s -> s.V
    Cost =
        fun f _ () -> [
            Charge.each Counter.OperatorCalls 2.0
            Charge.each Counter.Rounds 2.0
            Charge.each Counter.UplinkFloats (2.0 * float f.Samples)
            Charge.each Counter.DownlinkFloats (2.0 * float f.Samples)
        ]
    FixedPoint = fun f _ -> Some { V = f.Solution }
    // VI-VFL.3 bounds a gap over all test points, which is no measure of one state; that ‖v − v*‖ never grows is the
    // extragradient step's own.
    Bounds = fun _ _ -> []
}
