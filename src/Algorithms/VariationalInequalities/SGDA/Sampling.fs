/// SGDA with importance sampling and with minibatches: two more cases of arbitrary sampling g = (1/n) Σ ξ_i F_i(z), E ξ_i = 1.
///
/// Source and problem as in Parametric.fs; F = (1/n) Σ F_i with ‖F_i(z) − F_i(z*)‖² ≤ ℓ_i⟨F_i(z) − F_i(z*), z − z*⟩.
module Theory.Algorithms.VariationalInequalities.SampledSGDA

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.VariationalInequalities.ParametricSGDA

type Parameters = { Gamma: float }

/// Without memory: A and D_1 alone.
let private withoutMemory a noise : Constants = {
    A = a
    B = 0.0
    C = 0.0
    D1 = 2.0 * noise
    D2 = 0.0
    Rho = 1.0
}

let private nothing (s: State) = 0.0 * Block.normSquared s.Z

// ---- Importance sampling ---------------------------------------------------------------------------------------

/// p_i = ℓ_i/Σℓ_j.
let probabilities (f: ICocoerciveSum) : float[] =
    let total = Array.sum f.Cocoercivities
    f.Cocoercivities |> Array.map (fun l -> l / total)

/// A = ℓ̄ = (1/n) Σ ℓ_i, D_1 = 2Σ ‖F_i(z*)‖²/(n²p_i).
let importanceConstants (f: ICocoerciveSum) : Constants =
    let n = float f.Count
    let sizes = Block.normSquared (f.Operators f.Solution)
    let sizes = sizes.ToArray()

    let noise =
        Array.map2 (fun size p -> size / (n * n * p)) sizes (probabilities f)
        |> Array.sum

    withoutMemory (Array.average f.Cocoercivities) noise

/// γ = 1/(2ℓ̄).
let importanceParameters (f: ICocoerciveSum) : Parameters = {
    Gamma = usualStep f (importanceConstants f)
}

/// 1/(np_i) for each lane's index.
let private weights (f: ICocoerciveSum) (i: Indices) : Block =
    let p = probabilities f

    let values =
        Array.init i.Lanes (fun lane -> 1.0 / (float f.Count * p[i.At(0, lane)[0]]))

    Block.Own(Shape.Vector(1, i.Lanes, 1), values)

let importanceStep (f: ICocoerciveSum) (p: Parameters) (i: Indices) (s: State) : State =
    let g = (weights f i).On s.Z.Engine * f.OperatorAt i s.Z
    { Z = s.Z - p.Gamma * g }

let importance: Method<ICocoerciveSum, Parameters, State, Indices> = {
    Name = "SGDA-IS"
    Summary = "z⁺ = z − (γ/(np_i))F_i(z), i with probability p_i = ℓ_i/Σℓ_j"
    Rule = importanceParameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "n/(2Σℓ_i)" (importanceParameters f).Gamma
        ]
    Draw = fun f _ -> Draw.weightedIndex (probabilities f)
    Init = fun _ _ z0 -> { Z = z0 }
    Step = importanceStep
    Output = fun s -> s.Z
    Cost = fun _ _ _ -> [ Charge.each Counter.ComponentCalls 1.0 ]
    FixedPoint = fun _ _ -> None
    Bounds = fun f p -> bounds "VI-SGDA.10: E‖z_k − z*‖²" f (importanceConstants f) p.Gamma (fun s -> s.Z) nothing
}

/// Importance sampling with stepsize γ under the assumption.
let importanceCase (f: ICocoerciveSum) (gamma: float) : Case<State, Indices> =
    memoryless f gamma (Method.on f { Gamma = gamma } importance) (importanceConstants f)

// ---- Minibatches -----------------------------------------------------------------------------------------------

type BatchParameters = { Gamma: float; Batch: int }

/// ℓ_D = n(b−1)ℓ/(b(n−1)) + (n−b)·max ℓ_i/(b(n−1)), and max ℓ_i with replacement.
let expectedCocoercivity replacement (f: ICocoerciveSum) (batch: int) =
    let n, b = float f.Count, float batch
    let largest = Array.max f.Cocoercivities

    if replacement then
        largest
    elif f.Count = 1 then
        Cocoercivity.star f
    else
        (n * (b - 1.0) * Cocoercivity.star f + (n - b) * largest) / (b * (n - 1.0))

/// E‖g(z*)‖² = (n−b)σ*²/(b(n−1)), and σ*²/b with replacement.
let batchNoise replacement (f: ICocoerciveSum) (batch: int) =
    let n, b = float f.Count, float batch

    let left =
        if replacement then 1.0
        elif f.Count = 1 then 0.0
        else (n - b) / (n - 1.0)

    left * Cocoercivity.residual f / b

/// A = ℓ_D, D_1 = 2E‖g(z*)‖².
let batchConstants replacement f batch =
    withoutMemory (expectedCocoercivity replacement f batch) (batchNoise replacement f batch)

/// b = 2 (1 where there is one summand) and γ = 1/(2ℓ_D).
let batchParameters replacement (f: ICocoerciveSum) : BatchParameters =
    let b = min 2 f.Count

    {
        Gamma = usualStep f (batchConstants replacement f b)
        Batch = b
    }

let batchStep (f: ICocoerciveSum) (p: BatchParameters) (batch: Indices) (s: State) : State =
    let g = f.OperatorAt batch s.Z
    { Z = s.Z - p.Gamma * g }

let private batchMethod replacement name how : Method<ICocoerciveSum, BatchParameters, State, Indices> = {
    Name = name
    Summary = $"z⁺ = z − γ·mean of F_i(z) over b summands drawn {how} replacement"
    Rule = batchParameters replacement
    Conditions =
        fun f p -> [
            Condition.positive "b" (float p.Batch)
            if not replacement then
                Condition.atMost "b" (float p.Batch) "n" (float f.Count)
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/(2ℓ_D)" (usualStep f (batchConstants replacement f p.Batch))
        ]
    Draw =
        fun f p ->
            if replacement then
                Draw.indices f.Count p.Batch
            else
                Draw.subset p.Batch f.Count
    Init = fun _ _ z0 -> { Z = z0 }
    Step = batchStep
    Output = fun s -> s.Z
    Cost = fun _ p _ -> [ Charge.each Counter.ComponentCalls (float p.Batch) ]
    FixedPoint = fun _ _ -> None
    Bounds =
        fun f p ->
            let k = batchConstants replacement f p.Batch
            bounds "VI-SGDA.14: E‖z_k − z*‖²" f k p.Gamma (fun s -> s.Z) nothing
}

/// Minibatches without replacement.
let minibatch = batchMethod false "SGDA-MB" "without"

/// Minibatches with replacement.
let replacementMinibatch = batchMethod true "SGDA-MBR" "with"

/// Minibatches of size b with stepsize γ under the assumption.
let batchCase replacement (f: ICocoerciveSum) (batch: int) (gamma: float) : Case<State, Indices> =
    let chosen = if replacement then replacementMinibatch else minibatch

    memoryless f gamma (Method.on f { Gamma = gamma; Batch = batch } chosen) (batchConstants replacement f batch)
