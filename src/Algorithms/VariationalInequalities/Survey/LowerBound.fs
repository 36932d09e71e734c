/// No method of the family is faster than L/μ (VI-SURVEY.7).
module Theory.Algorithms.VariationalInequalities.LowerBound

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems

/// The chain of the lower bound.
[<NoComparison>]
type ChainSpec = {
    /// dim x = dim y.
    Size: int
    Mu: float
    C: float
    C0: float
}

/// Iterates from the origin: the number of evaluations of F that each used, and the point.
let private iterates (ctx: CheckContext) (f: 'Q) (method: Method<'Q, 'P, 'S, 'D>) dimension evaluations steps =
    let p = method.Rule f
    let proc = Method.on f p method
    let start = method.Init f p (Block.zeros 1 1 dimension)

    Seq.init steps id
    |> Seq.scan (fun (s: 'S) k -> proc.Step (proc.Draw.Sample(DrawAddress(ctx.Seed, ctx.Stream, k, 0, 0), 1)) s) start
    |> Seq.mapi (fun k s -> evaluations k, (method.Output s).ToArray())
    |> List.ofSeq

/// Leading coordinates of x that any method in the span of F-values can have reached after 0 … k evaluations, by the
/// pattern of the matrix.
let private reachable (game: AffineOperator) m evaluations =
    let d = 2 * m
    let offset = game.Offsets[0]

    let spread (set: bool[]) =
        Array.init d (fun i ->
            set[i]
            || offset[i] <> 0.0
            || Seq.exists (fun j -> set[j] && game.Mean[i, j] <> 0.0) (seq { 0 .. d - 1 }))

    Seq.init evaluations id
    |> Seq.scan (fun s _ -> spread s) (Array.create d false)
    |> Seq.map (fun set -> 1 + System.Array.FindLastIndex(set[.. m - 1], id))
    |> Array.ofSeq

let private support m (z: float[]) =
    1 + System.Array.FindLastIndex(z[.. m - 1], fun v -> v <> 0.0)

let private half evaluations = (evaluations + 1) / 2

/// Rows of one method: leading coordinates against ⌈k/2⌉, error against the tail.
let private judged (game: AffineOperator) m name relation slack points =
    let solution = (game :> IOperator).Solution.ToArray()

    let tail from =
        Seq.sum (seq { for j in from .. m - 1 -> solution[j] ** 2.0 })

    let error z =
        Array.fold2 (fun sum a b -> sum + (a - b) ** 2.0) 0.0 z solution

    [
        points
        |> List.map (fun (k, z) ->
            Evidence.row
                relation
                1
                1
                $"{name}, {k} evaluations: leading coordinates"
                (float (support m z))
                (float (max 0 (half k - slack))))
        |> Evidence.ofRows Rung.Trajectories relation

        points
        |> List.map (fun (k, z) ->
            Evidence.row
                Relation.AtLeast
                (2 * m)
                (k + 1)
                $"{name}, {k} evaluations: ‖z − z*‖²"
                (error z)
                (tail (half k)))
        |> Evidence.ofRows Rung.Trajectories Relation.AtLeast
    ]

/// z_{k+1} = z_k − γF(u_k) + β(z_k − z_{k−1}), u_k = z_k − γF(z_k): the extragradient method with momentum β, at −0.3.
let private negativeMomentum (f: IOperator) steps =
    let p = Extragradient.parameters f
    let start = 0.0 * f.Solution

    let advance (z: Block, before: Block) _ =
        let u = Extragradient.extrapolate f p z
        (z - p.Gamma * f.Operator u - 0.3 * (z - before)).Materialise(), z

    Seq.init steps id
    |> Seq.scan advance (start, start)
    |> Seq.mapi (fun k (z, _) -> 2 * k, z.ToArray())
    |> List.ofSeq

/// A method of the class at random: F is evaluated at random combinations of the values seen before.
let private randomSpan (ctx: CheckContext) (f: IOperator) evaluations =
    let weights =
        Block.rows (CheckContext.gaussianStarts ctx 5 evaluations evaluations 1.0)

    let combine (row: float[]) (values: Block list) =
        values
        |> List.mapi (fun j (v: Block) -> row[j] / (1.0 + (Block.lanes (Block.norm v))[0]) * v)
        |> List.fold (fun a b -> a + b) (0.0 * f.Solution)

    let advance (values: Block list) k =
        values @ [ (f.Operator(combine weights[k] values)).Materialise() ]

    Seq.init evaluations id
    |> Seq.scan advance []
    |> Seq.mapi (fun k values -> k, (combine weights[0] values).ToArray())
    |> List.ofSeq

/// The best point of the class, which no method can compute: z* projected on the span of the first k values of F, each
/// taken at the projection before it.
let private projections (f: IOperator) evaluations =
    let number (x: Block) = (Block.lanes x)[0]

    let project (basis: Block list) (z: Block) =
        basis |> List.fold (fun sum q -> sum + number (Block.dot q z) * q) (0.0 * z)

    let extend (basis: Block list) _ =
        let value = f.Operator(project basis f.Solution)
        // Twice is enough for orthogonality to rounding.
        let once = value - project basis value
        let rest = (once - project basis once).Materialise()
        let size = number (Block.norm rest)

        if size <= Rounding.rank * number (Block.norm value) then
            basis
        else
            basis @ [ (rest / size).Materialise() ]

    Seq.init evaluations id
    |> Seq.scan extend []
    |> Seq.mapi (fun k basis -> k, (project basis f.Solution).ToArray())
    |> List.ofSeq

let private family ctx (spec: ChainSpec) egSlack =
    let game = Games.chain spec.Size spec.Mu spec.C spec.C0
    let f = game :> IOperator
    let m = spec.Size
    let steps = min 20 (m / 2)

    let run f method evaluations count =
        iterates ctx f method (2 * m) evaluations count

    [
        // Any method whatever in the span of F-values.
        reachable game m (2 * steps)
        |> Array.mapi (fun k reached ->
            Evidence.row
                Relation.Equal
                1
                1
                $"{k} evaluations, any method: reachable coordinates of x"
                (float reached)
                (float (half k)))
        |> List.ofArray
        |> Evidence.ofRows Rung.Trajectories Relation.Equal

        // EG reaches every coordinate that it may.
        yield!
            run f Extragradient.method (fun k -> 2 * k) steps
            |> judged game m "EG" Relation.Equal egSlack
        yield! run f GDA.method id (2 * steps) |> judged game m "GDA" Relation.AtMost 0
        yield!
            run f PastExtragradient.method (fun k -> if k = 0 then 0 else k + 1) (2 * steps - 1)
            |> judged game m "PEG" Relation.AtMost 0
        yield!
            run f PastExtragradient.optimistic id (2 * steps)
            |> judged game m "OGDA" Relation.AtMost 0

        yield!
            negativeMomentum f steps
            |> judged game m "EG with momentum −0.3" Relation.AtMost 0
        yield!
            randomSpan ctx f (min 10 (2 * steps))
            |> judged game m "random combinations" Relation.AtMost 0
        yield!
            projections f (2 * steps)
            |> judged game m "projection on the span" Relation.AtMost 0

        yield!
            run (game :> IFiniteSumOperator) VarianceReducedExtragradient.method (fun k -> 2 * k) steps
            |> judged game m "VR-EG" Relation.AtMost 0
    ]
    |> Pieces.all

/// One evaluation of F and a linear system: not a method of the class.
let private newton (spec: ChainSpec) =
    let game = Games.chain spec.Size spec.Mu spec.C spec.C0

    judged game spec.Size "Newton" Relation.AtMost 0 [ 1, (game :> IOperator).Solution.ToArray() ]
    |> Pieces.all

let private chains =
    let generator =
        gen {
            let! size = Gen.choose (8, 60)
            let! mu = Gen.elements [ 0.03; 0.1; 0.3 ]
            let! c = Gen.elements [ 0.5; 1.0; 2.0 ]
            let! c0 = Gen.elements [ 1.0; 3.0 ]
            return { Size = size; Mu = mu; C = c; C0 = c0 }
        }

    let shrink spec =
        seq {
            if spec.Size > 8 then
                {
                    spec with
                        Size = max 8 (spec.Size / 2)
                }
        }

    Instances.generated generator shrink
    |> Instances.counts 1 2 20
    |> Instances.startingWith [
        {
            Size = 60
            Mu = 0.1
            C = 1.0
            C0 = 1.0
        }
    ]

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-SURVEY.7"
            ClaimKind.Lower
            "chain: k evaluations of F from 0 reach at most ⌈k/2⌉ leading coordinates of x, so ‖z_k − z*‖² ≥ Σ_{j>⌈k/2⌉}(x*_j)²"
            chains
            (fun ctx spec -> family ctx spec 0) with
            Formula = @"\|z_k-z_*\|^2 \ge \sum_{j>\lceil k/2\rceil}(x^*_j)^2"
            Assumptions =
                "iterates in the span of the start 0 and past values of F; x*_j ∝ q^j with q + 1/q = 2 + μ²/c² away from the end, so k ≥ Ω(L/μ · log 1/ε)"
            Source = "derived: (μ²I + c²TTᵀ)x* = μc₀e_1 with TTᵀ tridiagonal"
            Falsifiers = [
                Falsifier.check "a method that solves a linear system" (fun _ spec -> newton spec)
                Falsifier.check "EG reaches one coordinate less" (fun ctx spec -> family ctx spec 1)
            ]
    }
