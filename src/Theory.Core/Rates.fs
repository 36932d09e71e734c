namespace Theory

open System
open Theory.Numerics

/// A geometric bound beside what the method does exactly. Both are factors per step of the bound's own measure, floors
/// of noise left out.
[<NoComparison>]
type BoundRate = {
    Bound: string
    InExpectation: bool
    /// The factor that the bound promises.
    Certified: float
    /// The worst factor of one step over every state that a run can reach; None where the measure is no nonnegative
    /// quadratic function.
    Worst: float option
}

/// Exact rates of a method on an instance.
[<NoComparison>]
type ExactRates = {
    /// The factor per step of E‖x_k − x*‖², x_k the method's output, in the long run, floors of noise left out: the spectral
    /// radius of the second-moment map on the states that a run can reach and that the output can see.
    Asymptotic: float
    /// The geometric bounds of the method.
    Bounds: BoundRate list
}

/// Exact rates of methods whose step is affine in the state for each outcome: no claim, no instance search, only what
/// the method does on one problem.
[<RequireQualifiedAccess>]
module Rates =

    /// Largest size of the second-moment map, r(r+1)/2 for r reachable dimensions.
    let private limit = 700

    let private dot (a: float[]) (b: float[]) =
        let mutable total = 0.0

        for i in 0 .. a.Length - 1 do
            total <- total + a[i] * b[i]

        total

    let private apply (m: float[,]) (v: float[]) =
        Array.init v.Length (fun i ->
            let mutable total = 0.0

            for j in 0 .. v.Length - 1 do
                total <- total + m[i, j] * v[j]

            total)

    /// What is left of v beside an orthonormal basis, normalised; None where it is at most `least`.
    let private beside (least: float) (basis: ResizeArray<float[]>) (v: float[]) =
        let rest = Array.copy v

        // Twice is enough for orthogonality to rounding.
        for _ in 1..2 do
            for b in basis do
                let c = dot b rest

                for i in 0 .. rest.Length - 1 do
                    rest[i] <- rest[i] - c * b[i]

        let left = sqrt (dot rest rest)

        if left <= least then
            None
        else
            Some(rest |> Array.map (fun x -> x / left))

    let private largest (a: float[,]) =
        a |> Seq.cast<float> |> Seq.map abs |> Seq.max

    /// Orthonormal basis of the smallest subspace that holds the directions and that no linear part leaves. An image may be
    /// small; its rounding is that of the part it was made with.
    let private reachable (parts: float[,][]) (directions: float[][]) =
        let basis = ResizeArray<float[]>()

        // A direction is normalised, and its rounding with it: what is accepted must stay far above that.
        let add size v =
            beside (1e-6 * size) basis v |> Option.iter basis.Add

        directions |> Array.iter (fun v -> add (sqrt (dot v v)) v)
        let sizes = parts |> Array.map largest
        let whole = if directions.Length = 0 then 0 else directions[0].Length
        let mutable at = 0

        while at < basis.Count && basis.Count < whole do
            parts |> Array.iteri (fun i a -> add sizes[i] (apply a basis[at]))
            at <- at + 1

        basis.ToArray()

    /// The linear part of a homogeneous map, in the coordinates of a basis.
    let private within (basis: float[][]) (a: float[,]) =
        let images = basis |> Array.map (apply a)
        Matrix.Create(basis.Length, basis.Length, (fun i j -> dot basis[i] images[j]))

    /// S ↦ Σ p B S Bᵀ on symmetric matrices, in the coordinates S_ij, i ≤ j.
    let private secondMoments (maps: (float * Matrix)[]) =
        let r = (snd maps[0]).Rows
        let size = r * (r + 1) / 2

        let at i j =
            let i, j = min i j, max i j
            i * r - i * (i - 1) / 2 + j - i

        let total = Array.zeroCreate (size * size)

        for weight, b in maps do
            for k in 0 .. r - 1 do
                for l in k .. r - 1 do
                    let column = at k l

                    for i in 0 .. r - 1 do
                        for j in i .. r - 1 do
                            let value =
                                if k = l then
                                    b[i, k] * b[j, k]
                                else
                                    b[i, k] * b[j, l] + b[i, l] * b[j, k]

                            let row = at i j
                            total[row * size + column] <- total[row * size + column] + weight * value

        Matrix(size, size, total)

    /// The spectral radius as lim ‖K^m‖^(1/m), m = 2^40: no eigenvector is needed, and peripheral eigenvalues of one
    /// modulus do no harm.
    let private spectralRadius (k: Matrix) =
        let mutable power = k
        let mutable logarithm = 0.0
        let mutable share = 1.0
        let mutable vanished = false

        for _ in 0..40 do
            let norm = LinearAlgebra.MaxAbs power

            if norm = 0.0 || vanished then
                vanished <- true
            else
                logarithm <- logarithm + share * log norm
                let scaled = LinearAlgebra.Scale(1.0 / norm, power)

                let rows =
                    Block.ofRows (Array.init scaled.Rows (fun i -> Array.init scaled.Columns (fun j -> scaled[i, j])))

                // The factors have entries up to 1: what is left of a cancellation is rounding, which would give a nilpotent
                // map a radius of its square root.
                let squared =
                    (rows.Apply(scaled.Transpose())).ToArray()
                    |> Array.map (fun v -> if abs v <= Rounding.vanishing then 0.0 else v)

                power <- Matrix(k.Rows, k.Rows, squared)
                share <- share / 2.0

        if vanished then 0.0 else exp logarithm

    /// The operator Kᵀ on the smallest subspace that holds a functional of second moments and that Kᵀ does not leave, by
    /// Arnoldi's iteration: what the functional can see of K.
    let private seen (k: Matrix) (functional: float[]) =
        let transposed = k.Transpose()
        let size = LinearAlgebra.MaxAbs k
        let basis = ResizeArray<float[]>()

        beside 0.0 basis functional |> Option.iter basis.Add

        // A functional that vanishes sees nothing, which is a map to zero.
        if basis.Count = 0 then
            basis.Add(Array.zeroCreate functional.Length)

        let images = ResizeArray<float[]>()

        while images.Count < basis.Count do
            let image = LinearAlgebra.Multiply(transposed, ReadOnlySpan basis[images.Count])

            images.Add image
            beside (1e-7 * size) basis image |> Option.iter basis.Add

        Matrix.Create(basis.Count, basis.Count, (fun i j -> dot basis[i] images[j]))

    /// A quadratic form as a functional of second moments in the coordinates S_ij, i ≤ j.
    let private functional (form: Matrix) = [|
        for i in 0 .. form.Rows - 1 do
            for j in i .. form.Rows - 1 -> if i = j then form[i, i] else form[i, j] + form[j, i]
    |]

    let private restricted (basis: float[][]) (form: QuadraticForm) =
        let d = basis[0].Length
        let linear = Array2D.init d d (fun i j -> form.Matrix[i, j])
        let images = basis |> Array.map (apply linear)
        Matrix.Create(basis.Length, basis.Length, (fun i j -> dot basis[i] images[j]))

    /// sup E m(s⁺)/m(s) over the reachable states around the centre.
    let private worst (maps: (float * Matrix)[]) (form: Matrix) =
        let expected =
            maps
            |> Array.map (fun (p, b) ->
                LinearAlgebra.Scale(p, LinearAlgebra.Multiply(b.Transpose(), LinearAlgebra.Multiply(form, b))))
            |> Array.reduce (fun a b -> LinearAlgebra.Add(a, b))

        let form = LinearAlgebra.Symmetrise form
        let scale = LinearAlgebra.MaxAbs form

        if
            scale = 0.0
            || Decompositions.SymmetricEigen(form).Values[0] < -(Rounding.allowance (float form.Rows) scale)
        then
            None
        else
            let pencil =
                Decompositions.GeneralizedEigen(LinearAlgebra.Symmetrise expected, form, Rounding.rank)

            if pencil.NullDefect <= Rounding.allowance (float (form.Rows * form.Rows)) scale then
                Some pencil.Value
            else
                None

    /// The factor a step of a bound of the form factor^k · scale + floor(k); None for other bounds.
    let certified (bound: RunBound<'S>) : float option =
        let slope k = bound.Bound k 1.0 - bound.Bound k 0.0
        let one, two, ten = slope 1, slope 2, slope 10

        let near a b = abs (a - b) <= 1e-9 * (abs a + abs b)

        if
            bound.Summary = Summary.Last
            && one >= 0.0
            && near (one * one) two
            && near (one ** 10.0) ten
        then
            Some one
        else
            None

    /// The exact rates of a process around `centre`, from the starts `init x⁰` with x⁰ near `solution`, as the output sees
    /// them (the whole state where the output is not affine in it). Error says why there are none: a step that is not affine, draws without a finite law, a map that varies from step to step, too many
    /// dimensions.
    let exact
        (proc: Process<'S, 'D>)
        (centre: 'S)
        (init: Block -> 'S)
        (solution: Block)
        (output: 'S -> Block)
        (bounds: RunBound<'S> list)
        : Result<ExactRates, string> =
        let codec = Codec.ofTemplate centre
        let d = codec.Dimension
        let origin = (Block.rows solution)[0]

        let starts =
            Array.init (origin.Length + 1) (fun i -> origin |> Array.mapi (fun j v -> if j = i - 1 then v + 1.0 else v))

        Affine.outcomes true codec centre proc
        |> Result.bind (fun maps ->
            let packed = codec.Pack(codec.Stretch starts.Length (init (Block.ofRows starts)))
            let middle = (codec.Pack centre)[0]

            let directions = [|
                yield! Array.init origin.Length (fun i -> Array.map2 (-) packed[i + 1] packed[0])
                yield Array.map2 (-) packed[0] middle
                yield! maps |> Array.map (fun (_, m) -> Array.init d (fun i -> m[i, d]))
            |]

            // Rounding of the starts and of the solution is no direction.
            let size = 1.0 + (packed |> Array.map (Array.map abs >> Array.max) |> Array.max)

            let directions = directions |> Array.filter (fun v -> sqrt (dot v v) > 1e-9 * size)

            let parts = maps |> Array.map (fun (_, m) -> Array2D.init d d (fun i j -> m[i, j]))

            let basis = reachable parts directions
            let r = basis.Length

            if r = 0 then
                Error "no start is away from the solution"
            elif r * (r + 1) / 2 > limit then
                Error $"{r} reachable dimensions are too many for the exact second-moment map"
            else
                let inside = Array.map2 (fun (p, _) a -> p, within basis a) maps parts

                let moments = secondMoments inside

                let asSeen =
                    match Affine.quadratic codec centre (fun s -> Block.normSquared (output s - solution)) with
                    | Ok form -> seen moments (functional (restricted basis form))
                    | Error _ -> moments

                Ok {
                    Asymptotic = spectralRadius asSeen
                    Bounds =
                        bounds
                        |> List.choose (fun b ->
                            certified b
                            |> Option.map (fun factor -> {
                                Bound = b.Name
                                InExpectation = b.InExpectation
                                Certified = factor
                                Worst =
                                    match Affine.quadratic codec centre b.Measure with
                                    | Ok form -> worst inside (restricted basis form)
                                    | Error _ -> None
                            }))
                })

    /// The exact rates of a method, around its fixed point or, where noise moves it, its state at the solution.
    let ofMethod (problem: 'Q) (parameters: 'P) (method: Method<'Q, 'P, 'S, 'D>) (solution: Block) =
        let init = method.Init problem parameters

        let centre =
            method.FixedPoint problem parameters
            |> Option.defaultWith (fun () -> init solution)

        try
            exact
                (Method.on problem parameters method)
                centre
                init
                solution
                method.Output
                (method.Bounds problem parameters)
        with :? ArgumentException as e ->
            // An index kept as numbers in the state, say.
            Error $"the step does not accept states around the centre: {e.Message}"

    /// What a step is charged in expectation: exactly where the draws have a finite law, else the mean of 4096 samples.
    let stepCost (proc: Process<'S, 'D>) : (Counter * float) list =
        let sum (weighted: (float * Charge list) seq) =
            weighted
            |> Seq.collect (fun (p, charges) -> charges |> List.map (fun c -> c.Counter, p * Charge.forLane 0 c))
            |> Seq.groupBy fst
            |> Seq.map (fun (counter, amounts) -> counter, amounts |> Seq.sumBy snd)
            |> Seq.sortBy fst
            |> List.ofSeq

        match proc.Draw.Law with
        | Law.Finite(count, outcomes) when count <= 20000.0 ->
            outcomes () |> Seq.map (fun o -> o.Probability, proc.Cost o.Outcome) |> sum
        | _ ->
            let samples = 4096

            Seq.init samples (fun k ->
                1.0 / float samples, proc.Cost(proc.Draw.Sample(DrawAddress(20250101UL, 79u, k, 0, 0), 1)))
            |> sum
