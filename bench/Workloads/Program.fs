/// The workloads W1 … W6 through the library's own methods and runner; `numpy_workloads.py` does the same in NumPy.
/// Prints one line a workload: name, seconds (best of three), share of time in garbage collection, growth of the large
/// object heap in bytes.
module Theory.Bench.Workloads

open System
open System.Diagnostics
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

let private largeObjects () =
    GC.Collect()
    GC.GetGCMemoryInfo(GCKind.FullBlocking).GenerationInfo[3].SizeAfterBytes

let private context threads = {
    CheckContext.standard with
        Threads = threads
}

/// Times a whole run of a method from `lanes` Gaussian or zero starts.
let private run threads (method: Method<'Q, 'P, 'S, 'D>) (problem: 'Q) (p: 'P) (x0: Block) steps =
    let start = method.Init problem p x0

    (Run.trajectories (context threads) (Method.on problem p method) start {
        Steps = steps
        Every = steps
        Measures = []
        Progress = None
    })
        .Final
    |> method.Output
    |> fun x -> x.Materialise() |> ignore

let private rotated low high dimension site =
    LinearAlgebra.FromSpectrum(Linear.rotation 1 site dimension, ReadOnlySpan(Linear.geometric low high dimension))

/// GD on a quadratic, d = 100, 256 lanes.
let private w1 =
    let f =
        Quadratic("W1", [| rotated 0.01 1.0 100 0 |], [| Linear.gaussians 1 1 100 |]) :> IObjective

    let x0 = CheckContext.gaussianStarts CheckContext.standard 0 256 100 1.0
    fun threads steps -> run threads StochasticVarianceReduction.GradientDescent.method f { Gamma = 1.0 } x0 steps

let private tenQuadratics =
    Quadratic("W3", Array.init 10 (rotated 0.1 1.0 50), Array.init 10 (fun i -> Linear.gaussians 2 i 50)) :> IFiniteSum

/// DIANA with Rand-5, 10 workers, d = 50, 128 lanes.
let private w3 =
    let compressor = CommunicationEfficient.Compressors.Sparsifiers.randK 5

    let p: CommunicationEfficient.DIANA.Parameters = {
        Gamma = 0.1
        Alpha = 0.1
        Compressor = compressor
    }

    fun threads steps ->
        run threads (CommunicationEfficient.DIANA.methodWith compressor) tenQuadratics p (Block.zeros 1 128 50) steps

/// SGD with one sample a step; the catalogue's SGD adds noise to the full gradient instead.
let private sampled: Method<IFiniteSum, float, StochasticVarianceReduction.SGD.State, Indices> = {
    Name = "single-sample SGD"
    Summary = "x⁺ = x − γ∇f_i(x)"
    Rule = fun _ -> 0.1
    Conditions = fun _ _ -> []
    Draw = fun f _ -> Draw.index f.Count
    Init = fun _ _ x0 -> { X = x0 }
    Step = fun f gamma i s -> { X = s.X - gamma * f.GradientAt i s.X }
    Output = fun s -> s.X
    Cost = fun _ _ _ -> [ Charge.each Counter.ComponentGradients 1.0 ]
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}

/// Single-sample SGD on logistic regression, 1000 rows, d = 100, 256 lanes.
let private w2 =
    let data =
        Logistic.synthetic {
            Workers = 1
            RowsPerWorker = 1000
            Dimension = 100
            Kappa = 100.0
            Spread = 0.0
            Seed = 1
        }

    let f = Logistic.samples (Logistic.options 0.01) data :> IFiniteSum
    fun threads steps -> run threads sampled f 0.1 (Block.zeros 1 256 100) steps

/// EF21 with Top-5, 10 workers, d = 50, 128 lanes.
let private w4 =
    let compressor = CommunicationEfficient.Compressors.Sparsifiers.topK 5
    let method = CommunicationEfficient.EF21.methodWith compressor

    let p = {
        method.Rule tenQuadratics with
            Gamma = 0.05
    }

    fun threads steps -> run threads method tenQuadratics p (Block.zeros 1 128 50) steps

/// Extragradient on a bilinear game, d = 50 + 50, 256 lanes.
let private w5 =
    let game =
        Games.bilinear {
            Dimension = 50
            SigmaMin = 0.1
            SigmaMax = 1.0
            Spread = 0.0
            Seed = 1
        }
        :> IOperator

    let z0 = Block.Fill(Shape.Vector(1, 256, 100), 1.0)
    fun threads steps -> run threads VariationalInequalities.Extragradient.method game { Gamma = 0.5 } z0 steps

/// f(X) = ½‖X − C‖².
let private nearness (c: Block) = {
    new IObjective with
        member _.Value x = 0.5 * Block.normSquared (x - c)
        member _.Gradient x = x - c
        member _.Minimiser = c
        member _.Infimum = 0.0
        member _.Smoothness = 1.0
        member _.StrongConvexity = 1.0
    interface IProblem with
        member _.Name = "nearness"
        member _.Dimension = c.Dimension
        member _.Constants = []
}

/// Muon on a 32 × 32 matrix variable with five Newton–Schulz steps, 64 lanes.
let private w6 =
    let f = nearness (Block.vector (Linear.gaussians 1 0 1024))

    let p: LmoSignAdaptive.Muon.Parameters = {
        Stepsize = 0.02
        Alpha = 0.1
        Sigma = 0.1 * 32.0
        Rows = 32
        Iterations = 5
    }

    fun threads steps -> run threads LmoSignAdaptive.Muon.method f p (Block.zeros 1 64 1024) steps

/// Name, steps, and the work for a number of threads and steps.
let private workloads: (string * int * (int -> int -> unit)) list = [
    "W1", 1000, w1
    "W2", 2000, w2
    "W3", 1000, w3
    "W4", 1000, w4
    "W5", 2000, w5
    "W6", 200, w6
]

[<EntryPoint>]
let main args =
    let threads =
        if args.Length > 0 then
            int args[0]
        else
            Environment.ProcessorCount

    let chosen =
        if args.Length > 1 then
            Set.ofArray args[1..]
        else
            workloads |> List.map (fun (name, _, _) -> name) |> Set.ofList

    for name, steps, work in workloads do
        if chosen.Contains name then
            work threads 20
            let before = largeObjects ()
            let pause = GC.GetTotalPauseDuration()
            let clock = Stopwatch.StartNew()

            let seconds =
                List.init 3 (fun _ ->
                    let one = Stopwatch.StartNew()
                    work threads steps
                    one.Elapsed.TotalSeconds)
                |> List.min

            let collecting =
                (GC.GetTotalPauseDuration() - pause).TotalSeconds / clock.Elapsed.TotalSeconds

            printfn $"{name} {seconds:F4} {100.0 * collecting:F2} {largeObjects () - before}"

    0
