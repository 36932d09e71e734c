namespace Theory.Algorithms

open System
open Theory
open Theory.Numerics

/// The rung Spectral for statements along a run. When every outcome's step is affine and the measure m is quadratic,
/// E[m(s_k) | s_0] is itself a quadratic form of s_0, found by pulling m back through the outcomes k times. A bound on it
/// by a quadratic function of the start is then a matrix inequality: it holds from every start x⁰ at once.
[<RequireQualifiedAccess>]
module AllStarts =

    /// (v, 1)ᵀH(v, 1), one number per lane.
    let private evaluate (h: float[,]) (v: Block) : Block =
        let values =
            Block.rows v
            |> Array.map (fun row ->
                let z = Array.append row [| 1.0 |]
                let mutable total = 0.0

                for i in 0 .. z.Length - 1 do
                    for j in 0 .. z.Length - 1 do
                        total <- total + z[i] * h[i, j] * z[j]

                total)

        Block.Own(Shape.Vector(1, values.Length, 1), values)

    /// The affine map from starts (around `solution`) to states (around `centre`): (D+1) × (d+1).
    let private embedding (codec: Codec<'S>) (centre: 'S) (solution: Block) (init: Block -> 'S) =
        let origin = (Block.rows solution)[0]
        let d = origin.Length
        let middle = (codec.Pack centre)[0]

        let probe =
            (Block.rows (Sampler.Gaussian(DrawAddress(20250101UL, 78u, 0, 0, 0), 1, 1, d)))[0]

        let starts = [|
            yield origin
            yield! Array.init d (fun i -> origin |> Array.mapi (fun j v -> if j = i then v + 1.0 else v))
            yield Array.map2 (+) origin probe
        |]

        let states = codec.Pack(codec.Stretch starts.Length (init (Block.ofRows starts)))

        let map =
            Array2D.init (middle.Length + 1) (d + 1) (fun i j ->
                if i = middle.Length then (if j = d then 1.0 else 0.0)
                elif j = d then states[0][i] - middle[i]
                else states[j + 1][i] - states[0][i])

        let worst =
            Seq.init middle.Length (fun i ->
                let predicted = states[0][i] + Seq.sum (Seq.init d (fun j -> map[i, j] * probe[j]))

                abs (states[d + 1][i] - predicted))
            |> Seq.max

        if
            worst > Rounding.allowance (float d) (1.0 + (states |> Array.map (Array.map abs >> Array.max) |> Array.max))
        then
            Error $"the initial state is not affine in the start: off by {worst:G3}"
        else
            Ok map

    let private product (a: float[,]) (b: float[,]) =
        let inner = Array2D.length2 a

        Array2D.init (Array2D.length1 a) (Array2D.length2 b) (fun i j ->
            Seq.sum (Seq.init inner (fun k -> a[i, k] * b[k, j])))

    let private transpose (a: float[,]) =
        Array2D.init (Array2D.length2 a) (Array2D.length1 a) (fun i j -> a[j, i])

    /// Jᵀ P J.
    let private congruence (j: float[,]) (p: float[,]) = product (transpose j) (product p j)

    let private largest (m: float[,]) =
        m |> Seq.cast<float> |> Seq.map abs |> Seq.max

    /// The forms of the summarised measure at each of `steps`: E m(s_k), or its mean over steps 0 .. k−1. Both maps and
    /// measures have one entry when they are the same at every step, else one a step.
    let private pulledBack (maps: (float * float[,])[][]) summary (measures: float[,][]) (steps: int list) =
        let last = List.max steps
        let size = Array2D.length1 measures[0]

        let pulled =
            if maps.Length = 1 then
                (measures[0], seq { 1..last })
                ||> Seq.scan (fun form _ -> Spectral.expected maps[0] form)
                |> Array.ofSeq
            else
                Array.init (last + 1) (fun k ->
                    (measures[k], seq { k - 1 .. -1 .. 0 })
                    ||> Seq.fold (fun form step -> Spectral.expected maps[step] form))

        steps
        |> List.map (fun k ->
            match summary with
            | Summary.Last -> k, pulled[k]
            | _ ->
                k, Array2D.init size size (fun i j -> Seq.sum (Seq.init k (fun step -> pulled[step].[i, j])) / float k))
        |> Map.ofList

    /// Bound k as slope · scale + intercept, with a scale S at which the two parts are of one size: the slope is taken
    /// there, since next to a large floor it drowns in rounding. Error when the bound is no such function.
    let private line (claim: RunBound<'S>) k =
        let intercept = claim.Bound k 0.0

        let rises s =
            abs (claim.Bound k s - intercept) >= abs intercept

        let balance =
            if intercept = 0.0 then
                1.0
            else
                Seq.init 7 (fun j -> 1e3 ** float j)
                |> Seq.tryFind rises
                |> Option.defaultValue 1.0

        let slope = (claim.Bound k balance - intercept) / balance
        let predicted = intercept + 2.0 * balance * slope
        let off = abs (claim.Bound k (2.0 * balance) - predicted)

        if off > Rounding.identity 4.0 (abs intercept + 2.0 * balance * abs slope) then
            Error $"the bound at step {k} is not affine in its scale"
        else
            Ok(slope, intercept, sqrt balance)

    /// One inequality between functions of the coordinates v of a start.
    let private compare dimension relation measure bound =
        Spectral.oneStep {
            Process = {
                Name = "start"
                Draw = Draw.none
                Step = fun () v -> v
                Cost = fun () -> []
            }
            Centre = Block.zeros 1 1 dimension
            Keeps = None
            Measure = measure
            Bound = bound
            Relation = relation
            MatchMoments = false
        }

    /// A bound on an expectation at each of `steps` (steps ≥ 1), from every start x⁰ at once.
    /// centre: the state around which coordinates are taken; init: the state of a start, affine in it; solution: the start
    /// around which starts are measured; keeps: linear quantities of the state that stay zero (None: all states).
    /// The measure and the scale must be quadratic, the bound affine in the scale, the summary no minimum.
    let bound
        (proc: Process<'S, 'D>)
        (centre: 'S)
        (init: Block -> 'S)
        (solution: Block)
        (keeps: ('S -> Block) option)
        (steps: int list)
        (relation: Relation)
        (claim: RunBound<'S>)
        : Evidence =
        let codec = Codec.ofTemplate centre

        let prepared =
            if claim.Summary = Summary.RunningMin then
                Error "the smallest of several steps is not a quadratic function of the start"
            else
                Affine.path true codec centre proc (List.max steps)
                |> Result.bind (fun (centres, maps) ->
                    let forms = centres |> Array.map (fun s -> Affine.quadratic codec s claim.Measure)

                    match
                        forms
                        |> Array.tryPick (function
                            | Error e -> Some e
                            | Ok _ -> None)
                    with
                    | Some error -> Error error
                    | None ->
                        let measures =
                            forms
                            |> Array.choose (function
                                | Ok f -> Some f.Matrix
                                | Error _ -> None)

                        embedding codec centre solution init
                        |> Result.map (fun start -> maps, measures, start))

        match prepared with
        | Error reason -> Evidence.undecided Rung.Spectral reason
        | Ok(maps, measures, embedded) ->
            // Everything in coordinates of the states that `keeps` allows: what it excludes must not drown the rest.
            let allowed = Affine.admissible codec centre keeps
            let inner = transpose allowed

            let maps =
                maps
                |> Array.map (Array.map (fun (p, t) -> p, product inner (product t allowed)))

            let measures = measures |> Array.map (congruence allowed)

            // Starts are x⁰ = solution + unit · Q v with orthonormal columns Q.
            let basis =
                Affine.admissible (Codec.ofTemplate solution) solution (keeps |> Option.map (fun zero -> init >> zero))

            let c = Array2D.length2 basis - 1
            let frame = Matrix.Create(solution.Dimension, c, (fun i j -> basis[i, j]))
            let start = product inner (product embedded basis)
            let forms = pulledBack maps claim.Summary measures steps

            // Entries that a run of k steps cannot resolve are zero: a method may land on the solution.
            let size = largest (congruence start measures[0])

            let noise k =
                Rounding.resolution (float (codec.Dimension * k)) (sqrt size)

            let one k =
                match line claim k with
                | Error reason -> k, Evidence.undecided Rung.Spectral reason
                | Ok(slope, intercept, unit) ->
                    let at (v: Block) : Block = solution + unit * v.Apply frame

                    let form =
                        congruence start forms[k]
                        |> Array2D.mapi (fun i j v ->
                            let factor = (if i < c then unit else 1.0) * (if j < c then unit else 1.0)
                            if abs v <= noise k then 0.0 else factor * v)

                    let bound (v: Block) : Block =
                        slope * claim.Scale(init (at v)) + Block.scalar intercept

                    k, compare c relation (evaluate form) bound

            let pieces = steps |> List.map one

            // The remark is that of the step where the bound is closest.
            let closest =
                pieces
                |> List.maxBy (fun (_, e) -> if Double.IsNaN e.Tightness then -infinity else e.Tightness)

            {
                Evidence.all (pieces |> List.map snd) with
                    Rows =
                        lazy
                            (pieces
                             |> List.collect (fun (k, e) ->
                                 e.Rows.Value |> List.map (fun r -> { r with Label = $"k = {k}: {r.Label}" })))
                    Note = $"k = {fst closest}: {(snd closest).Note}"
            }

    /// The bound of a method, from its own initial state, around its fixed point or another centre.
    let ofMethod
        (problem: 'Q)
        (parameters: 'P)
        (method: Method<'Q, 'P, 'S, 'D>)
        (solution: Block)
        steps
        (claim: RunBound<'S>)
        : Evidence =
        let init = method.Init problem parameters
        bound (Method.on problem parameters method) (init solution) init solution None steps Relation.AtMost claim
