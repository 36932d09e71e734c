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
    let f = Quadratic("W1", [| rotated 0.01 1.0 100 0 |], [| Linear.gaussians 1 1 100 |]) :> IObjective
    let x0 = CheckContext.gaussianStarts CheckContext.standard 0 256 100 1.0
    fun threads steps -> run threads StochasticVarianceReduction.GradientDescent.method f { Gamma = 1.0 } x0 steps

let private tenQuadratics =
    Quadratic("W3", Array.init 10 (rotated 0.1 1.0 50), Array.init 10 (fun i -> Linear.gaussians 2 i 50)) :> IFiniteSum

/// DIANA with Rand-5, 10 workers, d = 50, 128 lanes.
let private w3 =
    let compressor = CommunicationEfficient.Compressors.randK 5

    let p: CommunicationEfficient.DIANA.Parameters = {
        Gamma = 0.1
        Alpha = 0.1
        Compressor = compressor
    }

    fun threads steps -> run threads (CommunicationEfficient.DIANA.methodWith compressor) tenQuadratics p (Block.zeros 1 128 50) steps

/// Name, steps, and the work for a number of threads and steps.
let private workloads: (string * int * (int -> int -> unit)) list = [ "W1", 1000, w1; "W3", 1000, w3 ]

[<EntryPoint>]
let main args =
    let threads = if args.Length > 0 then int args[0] else Environment.ProcessorCount
    let chosen = if args.Length > 1 then Set.ofArray args[1..] else workloads |> List.map (fun (name, _, _) -> name) |> Set.ofList

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

            let collecting = (GC.GetTotalPauseDuration() - pause).TotalSeconds / clock.Elapsed.TotalSeconds
            printfn $"{name} {seconds:F4} {100.0 * collecting:F2} {largeObjects () - before}"

    0
