/// No method of local solves and communication rounds needs fewer than √(δ/μ) rounds (VI-SLIDE.4).
module Theory.Algorithms.VariationalInequalities.SlidingLowerBound

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.StochasticVarianceReduction

/// The chain of the lower bound.
[<NoComparison>]
type ChainSpec = { Size: int; Mu: float; C: float }

/// Coordinates that a node reaches by itself from those it has: everything that its Hessian's pattern connects.
let private closure (h: Matrix) (have: bool[]) =
    let d = have.Length

    let spread (set: bool[]) =
        Array.init d (fun i -> set[i] || Seq.exists (fun j -> set[j] && h[i, j] <> 0.0) (seq { 0 .. d - 1 }))

    let rec run set =
        let next = spread set
        if next = set then set else run next

    run have

let private leading (set: bool[]) = 1 + System.Array.LastIndexOf(set, true)

/// Leading coordinates of any vector at any node after 0 … K rounds, by the pattern of the matrices the nodes see: local
/// work is without limit, and a round tells every node everything.
let private reachable (server: Matrix) (other: Matrix) rounds =
    let d = server.Rows
    // Only the server's f_1 has a linear term: −c x_1.
    let first = closure server (Array.init d (fun j -> j = 0)), Array.create d false

    let exchange (a, b) =
        let all = Array.map2 (||) a b
        closure server all, closure other all

    Seq.init rounds id
    |> Seq.scan (fun nodes _ -> exchange nodes) first
    |> Seq.map (fun (a, b) -> max (leading a) (leading b))
    |> Array.ofSeq

/// Outputs after each step from the origin.
let private outputs (f: 'Q) (method: Method<'Q, 'P, 'S, unit>) dimension steps =
    let p = method.Rule f

    Seq.init steps id
    |> Seq.scan (fun s _ -> method.Step f p () s) (method.Init f p (Block.zeros 1 1 dimension))
    |> Seq.map (fun s -> (method.Output s).ToArray())
    |> List.ofSeq

let private support (x: float[]) =
    1 + System.Array.FindLastIndex(x, fun v -> v <> 0.0)

let private squares (x: float[]) = x |> Array.sumBy (fun v -> v * v)

/// Σ_{j > from} (x*_j)².
let private tail (solution: float[]) from =
    squares solution[min from solution.Length ..]

/// One method's points: support at most K + 1 and error at least the tail after K = roundsPerStep·k rounds.
let private judged (f: IObjective) name roundsPerStep (points: float[] list) =
    let solution = f.Minimiser.ToArray()
    let reach k = roundsPerStep * k + 1

    [
        points
        |> List.mapi (fun k x ->
            Evidence.row
                Relation.AtMost
                1
                1
                $"{name}, {roundsPerStep * k} rounds: leading coordinates"
                (float (support x))
                (float (reach k)))
        |> Evidence.ofRows Rung.Trajectories Relation.AtMost

        points
        |> List.mapi (fun k x ->
            Evidence.row
                Relation.AtLeast
                f.Dimension
                (k + 1)
                $"{name}, {roundsPerStep * k} rounds: ‖x − x*‖²"
                (squares (Array.map2 (-) x solution))
                (tail solution (reach k)))
        |> Evidence.ofRows Rung.Trajectories Relation.AtLeast
    ]

/// Rows that are equalities or one-sided facts of the instance itself.
let private facts (spec: ChainSpec) (chain: TwoNodeChain) (reached: int[]) =
    let solution = (chain :> IObjective).Minimiser.ToArray()
    // q + 1/q = 2 + 2μ/c; away from the end x*_j ∝ q^j.
    let half = 1.0 + spec.Mu / spec.C
    let q = half - sqrt (half * half - 1.0)

    [
        reached
        |> Array.mapi (fun k r ->
            Evidence.row
                Relation.Equal
                1
                1
                $"{k} rounds, any method: reachable coordinates"
                (float r)
                (float (min spec.Size (k + 1))))
        |> List.ofArray
        |> Evidence.ofRows Rung.Trajectories Relation.Equal

        [
            Evidence.row Relation.Equal spec.Size 1 "x*_2/x*_1 = q, up to the far end" (solution[1] / solution[0]) q
        ]
        |> Evidence.ofRows Rung.Trajectories Relation.Equal

        [ Evidence.row Relation.AtMost spec.Size 1 "δ ≤ c" chain.Similarity spec.C ]
        |> Evidence.ofRows Rung.Trajectories Relation.AtMost
    ]

/// AEG's fast sequence after k ≥ 1 steps has exactly 2k − 1 leading coordinates.
let private exactSupport (points: float[] list) =
    points
    |> List.indexed
    |> List.tail
    |> List.map (fun (k, x) ->
        Evidence.row Relation.Equal 1 1 $"AEG, {k} steps: leading coordinates" (float (support x)) (float (2 * k - 1)))
    |> Evidence.ofRows Rung.Trajectories Relation.Equal

let private family (spec: ChainSpec) serverSeesAll =
    let chain = TwoNodeChain(spec.Size, spec.Mu, spec.C)
    let f = chain :> ISplit
    let d = spec.Size
    let steps = d / 4

    let sees =
        if serverSeesAll then
            LinearAlgebra.Add(chain.Server, chain.Other)
        else
            chain.Server

    let aeg = outputs f AEG.method d steps

    [
        yield! facts spec chain (reachable sees chain.Other (d / 2))
        yield! judged f "AEG" 2 aeg
        yield exactSupport aeg
        yield! judged f "AEG-OGMG" 2 (outputs f InnerLoop.method d steps)
        yield! judged f "AEG-A" 2 (outputs f AEGA.method d steps)
        yield! judged f "NAG-SC" 1 (outputs (f :> IObjective) AcceleratedGradient.method d (2 * steps))
    ]
    |> Pieces.all

/// The whole of f minimised after one round: no method of the class.
let private centralised (spec: ChainSpec) =
    let f = TwoNodeChain(spec.Size, spec.Mu, spec.C) :> IObjective

    judged f "centralised" 1 [ Array.zeroCreate spec.Size; f.Minimiser.ToArray() ]
    |> Pieces.all

let private chains =
    let generator =
        gen {
            let! size = Gen.choose (40, 60)
            let! mu = Gen.elements [ 0.3; 0.5; 1.0 ]
            let! c = Gen.elements [ 0.5; 1.0 ]
            return { Size = size; Mu = mu; C = c }
        }

    Instances.generated generator (fun spec ->
        seq {
            if spec.Size > 40 then
                { spec with Size = 40 }
        })
    |> Instances.counts 1 2 20
    |> Instances.startingWith [ { Size = 80; Mu = 0.01; C = 1.0 } ]

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-SLIDE.4"
            ClaimKind.Lower
            "two-node chain: after K rounds, with local work without limit, every vector lives on K+1 coordinates, so ‖x − x*‖² ≥ Σ_{j>K+1}(x*_j)²"
            chains
            (fun _ spec -> family spec false) with
            Formula = @"\|x-x_*\|^2\ge\sum_{j>K+1}(x^*_j)^2,\qquad x^*_j\propto q^j,\ q+1/q=2+2\mu/c"
            Assumptions =
                "start 0, a round tells every node everything; δ ≤ c, so K ≥ Ω(√(δ/μ) log 1/ε); run on AEG with both inner solvers, AEG-A and NAG-SC"
            Source = "derived: a chain of the kind of Arjevani, Shamir, 2015"
            Falsifiers = [
                Falsifier.check "the server sees f_2's Hessian" (fun _ spec -> family spec true)
                Falsifier.check "f minimised after one round" (fun _ spec -> centralised spec)
            ]
    }
