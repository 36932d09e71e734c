namespace Theory.Algorithms

open System
open Theory
open Theory.Numerics

/// What an epoch of a geometric number of steps draws.
[<NoEquality; NoComparison>]
type Epoch<'D> = {
    /// One outcome a step, for all lanes.
    Steps: 'D[]
    /// Steps of each lane, at least one; a single entry serves all lanes.
    Lengths: int[]
}

/// Epochs of N inner steps, N ~ Geom(p) on {1, 2, …}: P(N = k) = p(1−p)^{k−1}. The law of an epoch is infinite, but means
/// of quadratics over it are exact: with T* the map that pulls a quadratic form back through one step,
/// E m(s_N) = Σ p(1−p)^{k−1} (T*)^k m = p(I − (1−p)T*)^{−1}T* m.
[<RequireQualifiedAccess>]
module GeometricStop =

    /// An epoch stops with its first head of a coin of probability p, tossed after every step.
    let draw (p: float) (step: Draw<'D>) : Draw<Epoch<'D>> =
        if not (p > 0.0) then
            invalidArg (nameof p) $"An epoch ends with probability p > 0 after each step, got {p}."

        let coin = Draw.coin p

        let sample (address: DrawAddress) lanes =
            let lengths = Array.zeroCreate lanes

            let rec grow k outcomes =
                let site = address.Site + k * (step.Sites + 1)
                let outcome = step.Sample(address.AtSite site, lanes)
                let heads = coin.Sample(address.AtSite(site + step.Sites), lanes)

                for lane in 0 .. lanes - 1 do
                    if lengths[lane] = 0 && heads[0, lane] then
                        lengths[lane] <- k + 1

                let outcomes = outcome :: outcomes

                if Array.contains 0 lengths then
                    grow (k + 1) outcomes
                else
                    Array.ofList (List.rev outcomes)

            let steps = grow 0 []
            { Steps = steps; Lengths = lengths }

        // Sites without end: an epoch is the last part of whatever draws it.
        Draw.sampled (1 <<< 28) sample

    /// The state after an epoch: every lane stands still after its own last step.
    let run (epoch: Epoch<'D>) (step: 'D -> 'S -> 'S) (start: 'S) : 'S =
        let codec = Codec.ofTemplate start

        let advance (s: 'S) (k, outcome) =
            let next = step outcome s
            codec.Materialise next

            if epoch.Lengths |> Array.forall (fun n -> n > k) then
                next
            else
                let going =
                    Mask(1, epoch.Lengths.Length, epoch.Lengths |> Array.map (fun n -> n > k))

                let chosen = Array.map2 (Block.choose going) (codec.Blocks next) (codec.Blocks s)

                for b in chosen do
                    b.Materialise() |> ignore

                codec.WithBlocks next chosen

        codec.Materialise start
        Array.fold advance start (Array.indexed epoch.Steps)

    /// Per lane, a number charged for each inner step.
    let charge counter (amount: float) (epoch: Epoch<'D>) : Charge = {
        Counter = counter
        Amount = Amount.ByLane(epoch.Lengths |> Array.map (fun n -> amount * float n))
    }

    /// E c(N) over the law of the number of steps, to rounding, for a cost c that grows at most linearly.
    let meanOverLengths (p: float) (cost: int -> float) : float =
        let rec add k weight sum =
            if weight * float k <= Rounding.epsilon * p * 1e-3 then
                sum
            else
                add (k + 1) (weight * (1.0 - p)) (sum + weight * cost k)

        add 1 p 0.0

    // ---- Exact means of quadratics, from all starts --------------------------------------------------------------

    let private pairs size = [|
        for i in 0 .. size - 1 do
            for j in i .. size - 1 -> i, j
    |]

    let private flatten (m: float[,]) =
        pairs (Array2D.length1 m) |> Array.map (fun (i, j) -> m[i, j])

    let private unflatten size (values: float[]) =
        let m = Array2D.zeroCreate size size

        pairs size
        |> Array.iteri (fun at (i, j) ->
            m[i, j] <- values[at]
            m[j, i] <- values[at])

        m

    /// A linear map of symmetric forms as a matrix on their upper triangles.
    let private onTriangles size (map: float[,] -> float[,]) : Matrix =
        let columns =
            pairs size
            |> Array.map (fun (i, j) ->
                let basis = Array2D.zeroCreate size size
                basis[i, j] <- 1.0
                basis[j, i] <- 1.0
                flatten (map basis))

        Matrix.Create(columns.Length, columns.Length, (fun r c -> columns[c].[r]))

    /// P ↦ p(I − (1−p)T*)^{−1}T* P, or None when the epoch's second moments are infinite. They are finite exactly when
    /// some R with R − (1−p)T* R = I is positive definite: the Stein inequality of the positive map (1−p)T*.
    let private resolvent p size (maps: (float * float[,])[]) : (float[,] -> float[,]) option =
        let pulled = onTriangles size (Spectral.expected maps)
        let m = pulled.Rows

        let system =
            Matrix.Create(m, m, (fun i j -> (if i = j then 1.0 else 0.0) - (1.0 - p) * pulled[i, j]))

        let unit = flatten (Array2D.init size size (fun i j -> if i = j then 1.0 else 0.0))

        let solved =
            Decompositions.Solve(
                system,
                Matrix.Create(m, m + 1, (fun i j -> if j = m then unit[i] else p * pulled[i, j]))
            )

        let stein = unflatten size (Array.init m (fun i -> solved[i, m]))

        let least =
            Decompositions.SymmetricEigen(Matrix.Create(size, size, (fun i j -> stein[i, j]))).Values[0]

        if least > 0.0 then
            let epoch = Matrix.Create(m, m, (fun i j -> solved[i, j]))

            Some(fun form -> LinearAlgebra.Multiply(epoch, ReadOnlySpan(flatten form)) |> unflatten size)
        else
            None

    /// (u, 1)ᵀH(u, 1) of the states' coordinates u around a centre, one number per lane.
    let private evaluate (codec: Codec<'S>) (centre: 'S) (h: float[,]) (s: 'S) : Block =
        let origin = (codec.Pack centre)[0]
        let size = origin.Length + 1

        let values =
            codec.Pack s
            |> Array.map (fun row ->
                let z = Array.append (Array.map2 (-) row origin) [| 1.0 |]
                Seq.sum (Seq.init size (fun i -> z[i] * Seq.sum (Seq.init size (fun j -> h[i, j] * z[j])))))

        Block.Own(Shape.Vector(1, values.Length, 1), values)

    /// Pulls forms back through one epoch: Error when the inner step is not affine, None when its moments are infinite.
    let private epoch p (codec: Codec<'S>) (centre: 'S) (proc: Process<'S, 'D>) =
        Affine.outcomes true codec centre proc
        |> Result.map (resolvent p (codec.Dimension + 1))

    let private infinite relation : Evidence =
        Evidence.ofRows Rung.Spectral relation [
            {
                Label = "second moments at the end of an epoch"
                Measured = infinity
                Bound = 0.0
                Holds = false
            }
        ]
        |> Evidence.note "the epoch's second moments are infinite"

    /// E[m(s_N)] against E[b(s_N)] over an epoch of the inner process from every start on which `Keeps` vanishes; both
    /// sides may use what the state keeps of its start. The measure must grow in every direction in which the states
    /// can: where their second moments are infinite, so is the measured side.
    let oneEpoch (p: float) (claim: Spectral.OneStep<'S, 'D>) : Evidence =
        let codec = Codec.ofTemplate claim.Centre
        let form = Affine.quadratic codec claim.Centre

        match epoch p codec claim.Centre claim.Process, form claim.Measure, form claim.Bound with
        | Error reason, _, _
        | _, Error reason, _
        | _, _, Error reason -> Evidence.undecided Rung.Spectral reason
        | Ok None, _, _ -> infinite claim.Relation
        | Ok(Some pull), Ok measure, Ok bound ->
            let at (f: QuadraticForm) =
                evaluate codec claim.Centre (pull f.Matrix)

            Spectral.oneStep {
                Process = {
                    Name = claim.Process.Name
                    Draw = Draw.none
                    Step = fun () s -> s
                    Cost = fun () -> []
                }
                Centre = claim.Centre
                Keeps = claim.Keeps
                Measure = at measure
                Bound = at bound
                Relation = claim.Relation
                MatchMoments = false
            }

    /// E m after 0, 1, 2, … epochs from a start of one lane, computed as far as it is asked for; `finish` turns the state at
    /// the end of an epoch into the start of the next, and is affine. Error when a map is not affine or the moments are
    /// infinite.
    let series p (proc: Process<'S, 'D>) centre (finish: 'S -> 'S) (measure: 'S -> Block) (start: 'S) =
        let codec = Codec.ofTemplate centre
        let size = codec.Dimension + 1

        match epoch p codec centre proc, Affine.map codec centre finish, Affine.quadratic codec centre measure with
        | Error reason, _, _
        | _, Error reason, _
        | _, _, Error reason -> Error reason
        | Ok None, _, _ -> Error "the epoch's second moments are infinite"
        | Ok(Some pull), Ok map, Ok form ->
            let whole = onTriangles size (fun h -> pull (Spectral.expected [| 1.0, map |] h))

            let away =
                Array.map2 (-) (Array.head (codec.Pack start)) (Array.head (codec.Pack centre))

            let z = Array.append away [| 1.0 |]

            let weights =
                pairs size
                |> Array.map (fun (i, j) -> (if i = j then 1.0 else 2.0) * z[i] * z[j])

            Seq.initInfinite id
            |> Seq.scan (fun (h: float[]) _ -> LinearAlgebra.Multiply(whole, ReadOnlySpan h)) (flatten form.Matrix)
            |> Seq.map (fun h -> LinearAlgebra.Dot(ReadOnlySpan h, ReadOnlySpan weights))
            |> Ok

    // ---- Steps that are not affine --------------------------------------------------------------------------------

    /// E m(s_N) for each measure m and every lane of `starts`, for a step without randomness: the sum over N until what is
    /// left weighs less than rounding; +∞ where it never does.
    let expectations (p: float) (step: 'S -> 'S) (measures: ('S -> Block) list) (starts: 'S) : float[] list =
        let codec = Codec.ofTemplate starts
        let lanes = codec.Lanes starts

        let numbers s =
            measures
            |> List.map (fun m -> (m s |> Block.stretch lanes).Materialise() |> Block.lanes)

        // Far beyond any weight that counts: what has not died out by then never does.
        let last = int (ceil (150.0 / p))

        let rec add k weight (s: 'S) (sums: float[] list) =
            let next = step s
            codec.Materialise next
            let values = numbers next

            let sums = List.map2 (Array.map2 (fun t v -> t + weight * v)) sums values

            let left = weight * (1.0 - p) / p

            let small v t =
                left * abs v <= Rounding.epsilon * (abs t + Rounding.epsilon)

            if left <= Rounding.epsilon && List.forall2 (Array.forall2 small) values sums then
                sums
            elif k = last then
                sums |> List.map (Array.map (fun _ -> infinity))
            else
                add (k + 1) (weight * (1.0 - p)) next sums

        add 1 p starts (measures |> List.map (fun _ -> Array.zeroCreate lanes))

    /// E[m(s_N)] against E[b(s_N)] over an epoch whose step draws nothing, from each lane of `starts` and from the worst
    /// starts that a search finds in `rounds` rounds; `keep` makes a moved start admissible.
    let fromStarts
        (ctx: CheckContext)
        (p: float)
        rounds
        keep
        (claim: Spectral.OneStep<'S, 'D>)
        (starts: 'S)
        : Evidence =
        let codec = Codec.ofTemplate starts
        let lanes = codec.Lanes starts
        let step = claim.Process.Step (Array.exactlyOne claim.Process.Draw.Outcomes).Outcome

        let sides states =
            match expectations p step [ claim.Measure; claim.Bound ] states with
            | [ measured; bound ] -> measured, bound
            | _ -> invalidOp "two sides have two means"

        let rows name states =
            let measured, bound = sides states

            [
                for lane in 0 .. lanes - 1 ->
                    Evidence.row
                        claim.Relation
                        codec.Dimension
                        (int (1.0 / p))
                        $"{name} {lane}"
                        measured[lane]
                        bound[lane]
            ]

        // How much of its own size the larger side lacks, negated.
        let closeness states =
            sides states ||> Array.map2 (fun m b -> (m - b) / (abs m + abs b))

        let given = rows "start" starts

        let found =
            if rounds > 0 && given |> List.forall (fun r -> r.Holds) then
                let worst, _ = Search.climb ctx rounds keep closeness starts
                rows "searched start" worst
            else
                []

        Evidence.ofRows Rung.Enumerated claim.Relation (given @ found)
