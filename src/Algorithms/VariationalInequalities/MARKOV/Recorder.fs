/// Which weights a method gives to the samples that it has seen: it is run on ½‖x‖² in R^N with the i-th sample of the
/// gradient x − e_i, on a chain that walks 0 → 1 → … → N. On E[½(x − m − n(Z))²] the same run returns
/// Σ_i w_i(m + n(Z_i)), with w the recorder's output.
module Theory.Algorithms.VariationalInequalities.Recorder

open Theory
open Theory.Numerics
open Theory.Problems

/// The recorder of N samples.
[<Sealed>]
type Recorder(samples: int) =
    let chain = MarkovChains.walk samples

    /// Reads e_i off the state i ≥ 1.
    let reader =
        Matrix.Create(samples, samples + 1, (fun row state -> if state = row + 1 then 1.0 else 0.0))

    let origin = Block.zeros 1 1 samples
    let over (weights: Block) (x: Block) = x - weights.Apply reader

    interface IMarkovOperator with
        member _.Chain = chain
        member _.Sigma = 1.0
        member _.OperatorOver weights x = over weights x

    interface IOperator with
        member _.Operator x = x
        member _.Solution = origin
        member _.Lipschitz = 1.0
        member _.Monotonicity = 1.0

    interface IMarkovObjective with
        member _.Chain = chain
        member _.Sigma = 1.0
        member _.GradientOver weights x = over weights x

    interface IObjective with
        member _.Value x = 0.5 * Block.normSquared x
        member _.Gradient x = x
        member _.Minimiser = origin
        member _.Infimum = 0.0
        member _.Smoothness = 1.0
        member _.StrongConvexity = 1.0

    interface IProblem with
        member _.Name = $"recorder of {samples} samples"
        member _.Dimension = samples
        member _.Constants = []

/// A run's name with its weights, one for each sample seen.
type Recorded = { Name: string; Weights: float[] }

/// Weights that sum to 1; None when they sum to 0 or no sample was seen.
let private normalised name (samples: int) (weights: float[]) =
    let used = Array.truncate samples weights
    let total = Array.sum used

    if samples = 0 || total = 0.0 then
        None
    else
        Some {
            Name = $"{name}, {samples} samples"
            Weights = used |> Array.map (fun w -> w / total)
        }

/// A method's run from 0 whose estimates take the given levels; `outcome` makes a level the method's draw, where the
/// recorder's chain has one transition only.
let private ofRun
    (problem: 'Q)
    (parameters: 'P)
    (method: Method<'Q, 'P, 'S, 'D>)
    (outcome: int -> 'D)
    (dimension: int)
    (levels: int list)
    =
    let advance (s: 'S, count: float) level =
        let o = outcome level

        let spent =
            method.Cost problem parameters o
            |> List.filter (fun c -> c.Counter = Counter.Samples)
            |> List.sumBy (Charge.forLane 0)

        method.Step problem parameters o s, count + spent

    let final, count =
        levels
        |> List.fold advance (method.Init problem parameters (Block.zeros 1 1 dimension), 0.0)

    let name = levels |> List.map string |> String.concat ", "
    normalised $"{method.Name}, levels {name}" (int count) ((method.Output final).ToArray())

let private still count =
    Indices.Constant(1, Array.zeroCreate<int>(max count 1))

let private sampling batch top level : Multilevel.Sampling = {
    Level = Indices.Constant(top + 1, [| level |])
    Transitions = still (Multilevel.length batch level)
}

let rec private sequences top steps : int list list =
    if steps = 0 then
        [ [] ]
    else
        [
            for level in 0..top do
                for rest in sequences top (steps - 1) -> level :: rest
        ]

/// REG and RASGD with every sequence of levels over `steps` steps.
let registered (batch: int) (top: int) (steps: int) : Recorded list =
    let most = steps * (batch + Multilevel.length batch top)
    let recorder = Recorder most
    let m = 2.0 ** float top

    let reg: REG.Parameters = {
        Gamma = 1.0 / 3.0
        Batch = batch
        M = m
    }

    let rasgd = RASGD.coupled 1.0 0.75 1.0 batch m

    [
        for levels in sequences top steps do
            ofRun
                (recorder :> IMarkovOperator)
                reg
                REG.method
                (fun level -> still batch, sampling batch top level)
                most
                levels

            ofRun (recorder :> IMarkovObjective) rasgd RASGD.method (sampling batch top) most levels
    ]
    |> List.choose id

/// One estimate g of ∇f at every level, as x⁺ = x − g from 0.
let estimates (batch: int) (top: int) : Recorded list = [
    for level in 0..top do
        let count = Multilevel.length batch level

        yield!
            Array.init count (Multilevel.share batch level)
            |> normalised $"MLMC, level {level}" count
            |> Option.toList
]

/// Weights of SGD x⁺ = x − γ∇f(x, Z) averaged over its iterates, after 1 … N samples.
let averaged (gamma: float) (samples: int) : Recorded list =
    let f = Recorder samples :> IMarkovObjective

    let advance (x: Block, state: Block, total: Block) _ =
        let next = f.Chain.Move (still 1) 0 state
        let x = (x - gamma * f.GradientOver next x).Materialise()
        x, next.Materialise(), (total + x).Materialise()

    let origin = f.Minimiser

    Seq.init samples id
    |> Seq.scan advance (origin, f.Chain.State 0, origin)
    |> Seq.mapi (fun n (_, _, total) -> normalised $"averaged SGD, γ = {gamma:G3}" n (total.ToArray()))
    |> Seq.choose id
    |> List.ofSeq

/// (1/N, …, 1/N).
let plain (samples: int) : Recorded = {
    Name = $"mean, {samples} samples"
    Weights = OccupationMoments.uniform samples
}
