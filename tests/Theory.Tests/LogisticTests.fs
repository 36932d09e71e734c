namespace Theory.Tests

open System
open Theory
open Theory.Numerics
open Theory.Problems
open Xunit
open Xunit.Abstractions

type LogisticTests(output: ITestOutputHelper) =

    let spec: LogisticSpec = {
        Workers = 3
        RowsPerWorker = 7
        Dimension = 4
        Kappa = 50.0
        Spread = 1.0
        Seed = 5
    }

    let data = Logistic.synthetic spec

    /// 21 rows over 4 workers: parts of 6, 5, 5 and 5.
    let uneven = Logistic.workers 4 (Logistic.options 0.02) data
    let even = Logistic.distributed spec
    let single = Logistic.finiteSum spec
    let all = [ even; single; uneven ]

    let points lanes dimension =
        CheckContext.gaussianStarts CheckContext.standard 3 lanes dimension 1.5

    /// Largest difference of two blocks relative to their size.
    let apart (a: Block) (b: Block) =
        Assert.Equal(a.Shape, b.Shape)
        let x, y = a.ToArray(), b.ToArray()
        let size = Array.map2 (fun (u: float) v -> max (abs u) (abs v)) x y |> Array.max

        (Array.map2 (fun (u: float) v -> abs (u - v)) x y |> Array.max)
        / max size 1e-300

    let same a b = Assert.InRange(apart a b, 0.0, 1e-12)

    /// The mean loss of rows [from, until) of the synthetic data, as its definition reads.
    let meanLoss (from: int) until lambda (x: float[]) =
        let rows = Design.toDense data.Rows

        let losses =
            Array.init (until - from) (fun k ->
                let j = from + k
                Math.Log(1.0 + Math.Exp(-data.Labels[j] * LinearAlgebra.Dot(rows.Row j, ReadOnlySpan x))))

        Array.average losses + 0.5 * lambda * Array.sumBy (fun v -> v * v) x

    let bits (x: Block) =
        x.ToArray() |> Array.map BitConverter.DoubleToInt64Bits

    [<Fact>]
    member _.``rows are split in order, the remainder over the first workers``() =
        Assert.Equal<int[]>([| 0; 6; 11; 16; 21 |], Split.contiguous 21 4)
        Assert.Equal<int[]>([| 0; 6; 11; 16; 21 |], uneven.Starts)
        Assert.Equal<int[]>([| 0; 7; 14; 21 |], Split.contiguous 21 3)

        Assert.Throws<ArgumentException>(fun () -> Split.contiguous 3 4 |> ignore)
        |> ignore

    [<Fact>]
    member _.``f is the mean over workers of their mean losses``() =
        let x = points 3 4
        let f = uneven :> IObjective

        let direct =
            Block.rows x
            |> Array.map (fun row ->
                Array.pairwise uneven.Starts
                |> Array.averageBy (fun (from, until) -> meanLoss from until 0.02 row))

        Array.iter2 (fun a (b: float) -> Assert.Equal(a, b, 1e-13)) direct (Block.lanes (f.Value x))

    [<Fact>]
    member _.``the samples' view is the same function``() =
        let x = points 4 4
        same ((even :> IObjective).Value x) ((single :> IObjective).Value x)
        same ((even :> IObjective).Gradient x) ((single :> IObjective).Gradient x)
        same (even :> IObjective).Minimiser (single :> IObjective).Minimiser

    [<Fact>]
    member _.``gradients are the differences of values``() =
        for f in all |> List.map (fun f -> f :> IObjective) do
            let x = points 3 4
            let g = f.Gradient x
            let h = 1e-5

            for k in 0..3 do
                let e = Block.vector (Array.init 4 (fun j -> if j = k then h else 0.0))
                let slope = (f.Value(x + e) - f.Value(x - e)) / (2.0 * h)
                Array.iteri (fun lane s -> Assert.Equal(g[0, lane, k], s, 1e-9)) (Block.lanes slope)

    [<Fact>]
    member _.``component gradients are the differences of component losses``() =
        let x = points 1 4
        let row = x.ToArray()
        let g = (uneven :> IFiniteSum).Gradients x
        let h = 1e-5

        Array.pairwise uneven.Starts
        |> Array.iteri (fun i (from, until) ->
            for k in 0..3 do
                let at t =
                    row |> Array.mapi (fun j v -> if j = k then v + t else v)

                let slope =
                    (meanLoss from until 0.02 (at h) - meanLoss from until 0.02 (at -h)) / (2.0 * h)

                Assert.Equal(g[i, 0, k], slope, 1e-9))

    [<Fact>]
    member _.``the gradient is the mean of the components' gradients``() =
        for f in all |> List.map (fun f -> f :> IFiniteSum) do
            let x = points 3 4
            same (f.Gradient x) (Block.mean (f.Gradients x))

    [<Fact>]
    member _.``each component may have its own point``() =
        for f in all |> List.map (fun f -> f :> IFiniteSum) do
            let x = Sampler.Gaussian(DrawAddress.Of 4UL, f.Count, 2, 4)
            let g = f.Gradients x

            for i in 0 .. f.Count - 1 do
                same (g.Worker i) ((f.Gradients(x.Worker i)).Worker i)

    [<Fact>]
    member _.``GradientAt averages the lane's own components with multiplicity``() =
        for f in all |> List.map (fun f -> f :> IFiniteSum) do
            let x = points 3 4
            let last = f.Count - 1
            let indices = Indices(1, 3, 3, f.Count, [| 0; 0; last; 1; 2; 2; last; 1; 0 |])
            let picked = (f.Gradients x).PickWorkers indices
            same (f.GradientAt indices x) (Block.mean picked)
            // One list for all lanes.
            let shared = Indices.Constant(f.Count, 1, last)
            same (f.GradientAt shared x) (Block.mean ((f.Gradients x).PickWorkers shared))

    [<Fact>]
    member _.``a lane does not depend on its neighbours, bit for bit``() =
        for f in all |> List.map (fun f -> f :> IFiniteSum) do
            let x = points 5 4

            for lane in 0..4 do
                Assert.Equal<int64[]>(bits ((f.Gradients x).Lane lane), bits (f.Gradients(x.Lane lane)))
                Assert.Equal<int64[]>(bits ((f.Value x).Lane lane), bits (f.Value(x.Lane lane)))

    [<Fact>]
    member _.``engines agree``() =
        for f in all |> List.map (fun f -> f :> IFiniteSum) do
            let x = points 3 4
            let indices = Indices.Constant(f.Count, 1, 0)

            let results (engine: IEngine) =
                let x = x.On engine
                [ f.Gradients x; f.GradientAt indices x; f.Value x; f.Gradient x ]

            List.iter2 same (results Engines.Cpu) (results Engines.Reference)

    [<Fact>]
    member _.``dense and sparse storage give the same problem``() =
        let rows = Design.toDense data.Rows
        // Two thirds of the entries removed, one row emptied.
        let thin =
            Matrix.Create(rows.Rows, rows.Columns, (fun r c -> if (r + c) % 3 = 0 && r <> 6 then rows[r, c] else 0.0))

        let thinData = { data with Rows = Design.Dense thin }

        let inStorage storage view =
            view { Lambda = 0.02; Storage = storage } thinData

        for view in [ Logistic.workers 4; Logistic.samples ] do
            let a: EmpiricalRisk = inStorage Storage.Dense view
            let b: EmpiricalRisk = inStorage Storage.Sparse view
            let f, g = a :> IFiniteSum, b :> IFiniteSum
            Assert.True(a.Rows.IsDense)
            Assert.True(b.Rows.IsSparse)
            let x = points 3 4
            let indices = Indices.Constant(f.Count, 2, 1, 1)
            same (f.Gradients x) (g.Gradients x)
            same (f.GradientAt indices x) (g.GradientAt indices x)
            same (f.Value x) (g.Value x)
            same f.Minimiser g.Minimiser
            Assert.Equal(f.Smoothness, g.Smoothness, 1e-14)
            Array.iter2 (fun (u: float) v -> Assert.Equal(u, v, 1e-14)) f.Smoothnesses g.Smoothnesses

    [<Fact>]
    member _.``the Hessian is the difference of gradients``() =
        let f = uneven :> IHessian
        let x = points 2 4
        let hessian = f.Hessian x
        Assert.Equal(Shape.Matrix(1, 2, 4, 4), hessian.Shape)

        for k in 0..3 do
            let e = Block.vector (Array.init 4 (fun j -> if j = k then 1e-5 else 0.0))
            let column = (f.Gradient(x + e) - f.Gradient(x - e)) / 2e-5

            for lane in 0..1 do
                for j in 0..3 do
                    Assert.Equal(hessian[0, lane, 4 * k + j], column[0, lane, j], 1e-9)

    [<Fact>]
    member _.``Newton reaches 1e-12 and the engine's gradient agrees``() =
        for seed in 1..10 do
            for kappa in [ 2.0; 1e3; 1e6 ] do
                let f = Logistic.distributed { spec with Seed = seed; Kappa = kappa }
                Assert.InRange(f.Minimisation.GradientNorm, 0.0, 1e-12)
                let g = Block.norm ((f :> IObjective).Gradient (f :> IObjective).Minimiser)
                Assert.InRange(g[0, 0, 0], 0.0, 1e-12)

    [<Fact>]
    member _.``the gap is never negative and exact where the difference of values is noise``() =
        let f = even :> IGap
        let h = Matrix(4, 4, (even :> IHessian).Hessian(f.Minimiser).ToArray())
        let direction = [| 0.3; -1.0; 0.5; 0.2 |]

        let curvature =
            LinearAlgebra.Dot(ReadOnlySpan direction, ReadOnlySpan(LinearAlgebra.Multiply(h, ReadOnlySpan direction)))

        Assert.Equal(0.0, (f.Gap f.Minimiser)[0, 0, 0])

        for t in [ 1e-5; 1e-7; 1e-9; 1e-11 ] do
            let x = f.Minimiser + t * Block.vector direction
            // Rounding of x itself shows as ε/t.
            Assert.Equal(1.0, (f.Gap x)[0, 0, 0] / (0.5 * t * t * curvature), 10.0 * t + 1e-14 / t)
            Assert.True((f.Value x)[0, 0, 0] - f.Infimum >= 0.0)

        let x = points 50 4
        let difference = f.Value x - Block.scalar f.Infimum
        same (f.Gap x) difference

    [<Fact>]
    member _.``divergences of the loss are accurate on both tails``() =
        // Reference: the defining difference, where it has digits to spare.
        for u in [ -20.0; -3.0; -0.1; 0.0; 2.0; 15.0 ] do
            for delta in [ -50.0; -5.0; -1.0; 1.0; 8.0; 29.9; 30.1; 600.0 ] do
                let s = Loss.sigmoid u
                let expected = Loss.softplus (u + delta) - Loss.softplus u - s * delta
                let scale = Loss.softplus (u + delta) + Loss.softplus u + abs (s * delta)
                Assert.Equal(expected, Loss.softplusDivergence u delta, 1e-14 * scale)

        for u in [ -30.0; 0.0; 30.0 ] do
            for delta in [ 1e-3; 1e-6; 1e-9 ] do
                let s = Loss.sigmoid u
                let second = 0.5 * s * Loss.sigmoid -u * delta * delta
                Assert.Equal(1.0, Loss.softplusDivergence u delta / second, delta)
                Assert.True(Loss.softplusDivergence u -delta > 0.0)

    [<Fact>]
    member _.``L is attained at 0 and the L_i bound the components' curvature``() =
        let f = uneven :> IFiniteSum
        let atZero = Matrix(4, 4, (uneven :> IHessian).Hessian(Block.zeros 1 1 4).ToArray())
        Assert.Equal(f.Smoothness, Decompositions.SymmetricEigen(atZero).Values[3], 1e-13)
        let x, y = points 200 4, 0.5 * points 200 4
        let ratio = (f.Gradients x - f.Gradients y).Norm() / (x - y).Norm()

        for i in 0 .. f.Count - 1 do
            let worst = (ratio.Worker i).ToArray() |> Array.max
            Assert.InRange(worst, 0.0, f.Smoothnesses[i])

    [<Fact>]
    member _.``the planted condition number is met``() =
        let f = even :> IObjective
        Assert.Equal(50.0, f.Smoothness / f.StrongConvexity, 1e-10)

    [<Fact>]
    member _.``gradients of too many samples are refused with the way out``() =
        let big = Logistic.finiteSum { spec with RowsPerWorker = 400 }
        let x = Block.zeros 1 40000 4

        let e =
            Assert.Throws<ArgumentException>(fun () -> (big :> IFiniteSum).Gradients x |> ignore)

        Assert.Contains("GradientAt", e.Message)
        Assert.Contains("1200 samples on 40000 lanes", e.Message)

    [<Fact>]
    member _.``a regulariser that is not positive is refused``() =
        for lambda in [ 0.0; -1.0; nan ] do
            let e =
                Assert.Throws<ArgumentException>(fun () -> Logistic.samples (Logistic.options lambda) data |> ignore)

            Assert.Contains("λ > 0", e.Message)

    [<Fact>]
    member _.``labels other than -1 and +1 are refused``() =
        let odd = {
            data with
                Labels = data.Labels |> Array.map (fun y -> if y > 0.0 then 2.0 else y)
        }

        Assert.Throws<ArgumentException>(fun () -> Logistic.samples (Logistic.options 1.0) odd |> ignore)
        |> ignore

    [<Theory>]
    [<InlineData("a1a", 1605)>]
    [<InlineData("mushrooms", 8124)>]
    [<InlineData("splice", 1000)>]
    [<InlineData("australian", 690)>]
    member _.``real data: Newton, dual value and constants``(name: string, rows: int) =
        DataFiles.withFile output name (fun path ->
            let read = LibSvm.read path
            let data = if name = "australian" then LibSvm.scaled read else read
            let f = Logistic.workers 10 (Logistic.options (1.0 / float rows)) data
            Assert.InRange(f.Minimisation.GradientNorm, 0.0, 1e-12)

            for constant in (f :> IProblem).Constants do
                Assert.Equal(Ok(), Constant.check constant))

    [<Fact>]
    member _.``per-sample smoothness of binary data is a quarter of the entries``() =
        DataFiles.withFile output "mushrooms" (fun path ->
            let f = Logistic.samples (Logistic.options 0.5) (LibSvm.read path)
            Assert.All((f :> IFiniteSum).Smoothnesses, fun l -> Assert.Equal(5.25 + 0.5, l)))
