/// Extragradient with a diagonal preconditioner that follows the run, as in Adam, RMSProp, OASIS and AdaHessian.
///
/// Beznosikov, Alanov, Kovalev, Takáč, Gasnikov, "On Scaled Methods for Saddle Point Problems", 2022, arXiv 2206.08303.
/// Problem: F(z) = 0, F L-Lipschitz and μ-strongly monotone; preconditioners with eI ⪯ D̂ ⪯ ΓI.
module Theory.Algorithms.VariationalInequalities.ScaledExtragradient

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    Gamma: float
    /// β of the preconditioner's average.
    Beta: float
    /// e, the least entry of D̂.
    Floor: float
    /// Γ: |H_k| is clipped to it, which the theorem assumes.
    Ceiling: float
    /// Adam's β_k = (β − β^{k+1})/(1 − β^{k+1}) in place of the constant β of RMSProp and OASIS.
    BiasCorrected: bool
    /// β_m ≤ 0, the momentum of the variant that has one.
    Momentum: float
}

/// How D_{k+1} comes from D_k and H_k.
[<RequireQualifiedAccess>]
type Averaging =
    /// D² ← βD² + (1−β)H².
    | Squares
    /// D ← βD + (1−β)H.
    | Values

/// D̂_{k+1} ⪯ (1 + (1−β)C)D̂_k: C = Γ²/(2e²) for squares, Γ/e for values.
let drift averaging (p: Parameters) =
    match averaging with
    | Averaging.Squares -> p.Ceiling ** 2.0 / (2.0 * p.Floor ** 2.0)
    | Averaging.Values -> p.Ceiling / p.Floor

/// The largest 1 − β that VI-SCALED.3 allows: γμ/(2ΓC).
let largestRenewal averaging (f: IOperator) (p: Parameters) =
    p.Gamma * f.Monotonicity / (2.0 * p.Ceiling * drift averaging p)

/// Γ = L, e = L/2, γ = e/(4L) and the smallest β allowed.
let parametersFor averaging (f: IOperator) : Parameters =
    let p = {
        Gamma = 0.125
        Beta = 1.0
        Floor = f.Lipschitz / 2.0
        Ceiling = f.Lipschitz
        BiasCorrected = false
        Momentum = 0.0
    }

    {
        p with
            Beta = 1.0 - largestRenewal averaging f p
    }

type State = {
    /// The iterate z_k.
    Z: Block
    /// The diagonal of D_k.
    D: Block
    /// k.
    Step: int
}

/// D_0 = e in every entry.
let init (p: Parameters) (z0: Block) : State = {
    Z = z0
    D = Block.Fill(Shape.Vector(1, z0.Lanes, z0.Dimension), p.Floor)
    Step = 0
}

/// D̂ = max{e, |D|}, entry by entry.
let clipped (p: Parameters) (d: Block) : Block = (Block.abs d).Clamp(p.Floor, infinity)

/// u = z − γD̂⁻¹F(z); z⁺ = z − γD̂⁻¹F(u).
let scaledStep (f: IOperator) (gamma: float) (dHat: Block) (z: Block) : Block =
    let u = z - gamma * (f.Operator z / dHat)
    z - gamma * (f.Operator u / dHat)

/// D_{k+1} from D_k and the diagonal of H_k.
let renew averaging (p: Parameters) (k: int) (d: Block) (h: Block) : Block =
    let h = h.Clamp(-p.Ceiling, p.Ceiling)

    let beta =
        if p.BiasCorrected && p.Beta < 1.0 then
            let power = p.Beta ** float (k + 1)
            (p.Beta - power) / (1.0 - power)
        else
            p.Beta

    match averaging with
    | Averaging.Squares -> (beta * d.Square() + (1.0 - beta) * h.Square()).SquareRoot()
    | Averaging.Values -> beta * d + (1.0 - beta) * h

/// One step, with the diagonal that `curvature` gives at z_k.
let stepWith averaging (curvature: Block -> Block) (f: IOperator) (p: Parameters) (s: State) : State = {
    Z = scaledStep f p.Gamma (clipped p s.D) s.Z
    D = renew averaging p s.Step s.D (curvature s.Z)
    Step = s.Step + 1
}

/// H_k = diag(F_i(z_k)).
let squaresStep (f: IFiniteSumOperator) (p: Parameters) (i: Indices) (s: State) : State =
    stepWith Averaging.Squares (f.OperatorAt i) f p s

/// d independent signs as a block of one vector: a finite law of 2^d outcomes.
let signs (d: int) : Draw<Block> =
    Draw.coins d 0.5
    |> Draw.map (fun coins ->
        let lanes = coins.Lanes

        Block.Own(
            Shape.Vector(1, lanes, d),
            Array.init (lanes * d) (fun at -> if coins[at % d, at / d] then 1.0 else -1.0)
        ))

/// H_k = diag(v ⊙ ∇F(z_k)v).
let hutchinsonStep (f: IJacobianOperator) (p: Parameters) (v: Block) (s: State) : State =
    let along (z: Block) =
        let v = v.On z.Engine
        v * f.JacobianVector z v

    stepWith Averaging.Values along f p s

/// ‖z − z*‖²_D̂.
let distance (f: IOperator) (p: Parameters) (s: State) =
    let e = s.Z - f.Solution
    Block.dot e (clipped p s.D * e)

/// 1 − γμ/(2Γ).
let contraction (f: IOperator) (p: Parameters) =
    1.0 - p.Gamma * f.Monotonicity / (2.0 * p.Ceiling)

let private conditions averaging (f: IOperator) (p: Parameters) = [
    Condition.positive "γ" p.Gamma
    Condition.atMost "γ" p.Gamma "e/(4L)" (p.Floor / (4.0 * f.Lipschitz))
    Condition.atMost "e" p.Floor "Γ" p.Ceiling
    Condition.atMost "1 − β" (1.0 - p.Beta) "γμ/(2ΓC)" (largestRenewal averaging f p)
]

let private bounds averaging (f: IOperator) (p: Parameters) : RunBound<State> list = [
    // The correction renews D faster than 1 − β at first.
    if
        f.Monotonicity > 0.0
        && not p.BiasCorrected
        && (conditions averaging f p |> List.forall (fun c -> c.Holds))
    then
        Bounds.linear "VI-SCALED.3: ‖z_k − z*‖² in the norm of D̂_k" false (distance f p) (contraction f p)
]

let squares: Method<IFiniteSumOperator, Parameters, State, Indices> = {
    Name = "SCALED-EG (squares)"
    Summary = "u = z − γD̂⁻¹F(z); z⁺ = z − γD̂⁻¹F(u); D² ← βD² + (1−β)F_i(z)², D̂ = max{e, |D|}"
    Rule = fun f -> parametersFor Averaging.Squares f
    Conditions = fun f p -> conditions Averaging.Squares f p
    Draw = fun f _ -> Draw.index f.Count
    Init = fun _ p z0 -> init p z0
    Step = squaresStep
    Output = fun s -> s.Z
    Cost =
        fun _ _ _ -> [
            Charge.each Counter.OperatorCalls 2.0
            Charge.each Counter.ComponentCalls 1.0
        ]
    FixedPoint = fun _ _ -> None
    Bounds = fun f p -> bounds Averaging.Squares f p
}

let adam: Method<IFiniteSumOperator, Parameters, State, Indices> = {
    squares with
        Name = "SCALED-EG (Adam)"
        Summary = "u = z − γD̂⁻¹F(z); z⁺ = z − γD̂⁻¹F(u); D² ← β_kD² + (1−β_k)F_i(z)², β_k = (β − β^{k+1})/(1 − β^{k+1})"
        Rule =
            fun f -> {
                parametersFor Averaging.Squares f with
                    Beta = 0.999
                    BiasCorrected = true
            }
        // The first β_k are below what VI-SCALED.3 asks.
        Conditions =
            fun f p -> [
                Condition.positive "γ" p.Gamma
                Condition.atMost "γ" p.Gamma "e/(4L)" (p.Floor / (4.0 * f.Lipschitz))
                Condition.probability "β" p.Beta
            ]
}

let hutchinson: Method<IJacobianOperator, Parameters, State, Block> = {
    Name = "SCALED-EG (Hutchinson)"
    Summary = "u = z − γD̂⁻¹F(z); z⁺ = z − γD̂⁻¹F(u); D ← βD + (1−β)v⊙∇F(z)v, D̂ = max{e, |D|}"
    Rule = fun f -> parametersFor Averaging.Values f
    Conditions = fun f p -> conditions Averaging.Values f p
    Draw = fun f _ -> signs f.Dimension
    Init = fun _ p z0 -> init p z0
    Step = hutchinsonStep
    Output = fun s -> s.Z
    // The product with the Jacobian is counted as a Hessian.
    Cost = fun _ _ _ -> [ Charge.each Counter.OperatorCalls 2.0; Charge.each Counter.HessianCalls 1.0 ]
    FixedPoint = fun _ _ -> None
    Bounds = fun f p -> bounds Averaging.Values f p
}

/// The state of the variant with momentum.
type MomentumState = {
    /// The iterate z_k.
    Z: Block
    /// z_{k−1}.
    Past: Block
    /// The diagonal of D_k.
    D: Block
    /// k.
    Step: int
}

/// The step of squares, and β_m(z_k − z_{k−1}) on top.
let momentumStep (f: IFiniteSumOperator) (p: Parameters) (i: Indices) (s: MomentumState) : MomentumState =
    let plain =
        squaresStep f p i {
            State.Z = s.Z
            D = s.D
            Step = s.Step
        }

    {
        Z = plain.Z + p.Momentum * (s.Z - s.Past)
        Past = s.Z
        D = plain.D
        Step = plain.Step
    }

let momentum: Method<IFiniteSumOperator, Parameters, MomentumState, Indices> = {
    Name = "SCALED-EG-NM"
    Summary = "u = z − γD̂⁻¹F(z); z⁺ = z − γD̂⁻¹F(u) + β_m(z − z₋), β_m ≤ 0; D² ← βD² + (1−β)F_i(z)²"
    Rule =
        fun f -> {
            parametersFor Averaging.Squares f with
                Momentum = -0.25
        }
    Conditions = fun f p -> conditions Averaging.Squares f p @ [ Condition.atMost "β_m" p.Momentum "0" 0.0 ]
    Draw = squares.Draw
    Init =
        fun _ p z0 ->
            let s = init p z0

            { Z = z0; Past = z0; D = s.D; Step = 0 }
    Step = momentumStep
    Output = fun s -> s.Z
    Cost = squares.Cost
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}
