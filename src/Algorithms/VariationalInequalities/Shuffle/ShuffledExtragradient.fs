/// Extragradient over shuffled components: an epoch of n steps in a random order, a kept order, or independent indices.
///
/// Medyakov, Molodtsov, Evseev et al., "Shuffling Heuristic in Variational Inequalities: Establishing New Convergence
/// Guarantees", 2025.
/// Problem: F = (1/n) Σ F_i(z) = 0, every F_i L_m-Lipschitz, F L-Lipschitz and μ-strongly monotone.
module Theory.Algorithms.VariationalInequalities.ShuffledExtragradient

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = { Gamma: float }

/// The largest h = γn of VI-SHUFFLE.6: min{1/(8L_m), μ/(L² + (8/3)L_m²)}; 1/(8L_m) where μ = 0.
let largestEpochStep (f: IFiniteSumOperator) =
    let lm = Summands.lipschitz f
    let own = 1.0 / (8.0 * lm)

    if f.Monotonicity > 0.0 then
        min own (f.Monotonicity / (f.Lipschitz ** 2.0 + 8.0 / 3.0 * lm ** 2.0))
    else
        own

/// γ = h/n with the largest h.
let parameters (f: IFiniteSumOperator) : Parameters = {
    Gamma = largestEpochStep f / float f.Count
}

type State = {
    /// The iterate at the end of an epoch.
    Z: Block
}

/// n steps of the same-sample extragradient, through the components of `order`.
let epoch (f: IFiniteSumOperator) (p: Parameters) (order: Indices) (z: Block) : Block =
    let same: SampledExtragradient.Parameters = { Gamma = p.Gamma }

    (({ Z = z }: SampledExtragradient.State), seq { 0 .. order.Count - 1 })
    ||> Seq.fold (fun s t -> SampledExtragradient.step f same (Order.at t order) s)
    |> fun s -> s.Z

/// ‖z − z*‖.
let radius (f: IFiniteSumOperator) (z: Block) = Block.norm (z - f.Solution)

/// 1 − hμ/2.
let contraction (f: IFiniteSumOperator) (p: Parameters) =
    1.0 - p.Gamma * float f.Count * f.Monotonicity / 2.0

/// (4/3)h²L_mσ̄: how far an epoch's noise may move the iterate.
let displacement (f: IFiniteSumOperator) (p: Parameters) =
    let h = p.Gamma * float f.Count
    4.0 / 3.0 * h ** 2.0 * Summands.lipschitz f * Summands.meanNoise f

let private conditions (f: IFiniteSumOperator) (p: Parameters) = [
    Condition.positive "γ" p.Gamma
    Condition.atMost "γn" (p.Gamma * float f.Count) "min{1/(8L_m), μ/(L² + (8/3)L_m²)}" (largestEpochStep f)
]

/// r_K ≤ (1−hμ/2)^K r_0 + (8/3)hL_mσ̄/μ, for every order in every epoch.
let private bounds (output: 'S -> Block) (f: IFiniteSumOperator) (p: Parameters) : RunBound<'S> list = [
    if f.Monotonicity > 0.0 && p.Gamma <= (parameters f).Gamma then
        Bounds.linearToFloor
            "VI-SHUFFLE.6: ‖z_K − z*‖"
            false
            (output >> radius f)
            (contraction f p)
            (displacement f p / (1.0 - contraction f p))
]

let private cost (f: IFiniteSumOperator) _ _ = [ Charge.each Counter.ComponentCalls (2.0 * float f.Count) ]

let reshuffled: Method<IFiniteSumOperator, Parameters, State, Indices> = {
    Name = "EG-RR"
    Summary = "an epoch: draw a permutation π; n times y = z − γF_{π_t}(z), z ← z − γF_{π_t}(y)"
    Rule = parameters
    Conditions = conditions
    Draw = fun f _ -> Draw.permutation f.Count
    Init = fun _ _ z0 -> { Z = z0 }
    Step = fun f p order s -> { Z = epoch f p order s.Z }
    Output = fun s -> s.Z
    Cost = cost
    FixedPoint = fun _ _ -> None
    Bounds = bounds (fun (s: State) -> s.Z)
}

let independent: Method<IFiniteSumOperator, Parameters, State, Indices> = {
    reshuffled with
        Name = "EG-IID"
        Summary = "an epoch: draw n independent indices; n times y = z − γF_i(z), z ← z − γF_i(y)"
        Draw = fun f _ -> Draw.indices f.Count f.Count
        Bounds = fun _ _ -> []
}

/// The iterate with the order that a lane keeps.
type OnceState = {
    /// The iterate at the end of an epoch.
    Z: Block
    /// The lane's permutation as numbers, 1 × lanes × n; −1 before the first epoch.
    Order: Block
}

/// Each lane's kept permutation, or the drawn one where it keeps none yet.
let private keptOrder (drawn: Indices) (s: OnceState) : Indices =
    let n = drawn.Count
    let lanes = max drawn.Lanes (max s.Order.Lanes s.Z.Lanes)
    let kept = Block.rows (Block.stretch lanes s.Order)

    let order lane =
        // A lane that holds no number is no permutation either.
        if kept[lane] |> Array.forall (fun v -> v >= 0.0) then
            kept[lane] |> Array.map int
        else
            (drawn.At(0, (if drawn.Lanes = 1 then 0 else lane))).ToArray()

    Indices(1, lanes, n, drawn.Bound, Array.collect order [| 0 .. lanes - 1 |])

let once: Method<IFiniteSumOperator, Parameters, OnceState, Indices> = {
    Name = "EG-SO"
    Summary = "draw a permutation once; every epoch goes through it: y = z − γF_{π_t}(z), z ← z − γF_{π_t}(y)"
    Rule = parameters
    Conditions = conditions
    Draw = fun f _ -> Draw.permutation f.Count
    Init =
        fun f _ z0 -> {
            Z = z0
            Order = Block.Fill(Shape.Vector(1, z0.Lanes, f.Count), -1.0)
        }
    Step =
        fun f p drawn s ->
            let order = keptOrder drawn s

            let asNumbers =
                Block.Own(Shape.Vector(1, order.Lanes, order.Count), order.Values.ToArray() |> Array.map float)

            {
                Z = epoch f p order s.Z
                Order = asNumbers.On s.Z.Engine
            }
    Output = fun s -> s.Z
    Cost = cost
    FixedPoint = fun _ _ -> None
    Bounds = bounds (fun (s: OnceState) -> s.Z)
}
