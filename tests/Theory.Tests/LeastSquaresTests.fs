module Theory.Tests.LeastSquaresTests

open System
open Theory
open Theory.Numerics
open Theory.Problems
open Xunit

let private spec: LeastSquaresSpec = {
    Workers = 3
    RowsPerWorker = 6
    Dimension = 4
    Kappa = 20.0
    Spread = 1.0
    Noise = 0.5
    Seed = 2
}

let private close (expected: float[]) (actual: float[]) (tolerance: float) =
    Array.iter2 (fun (a: float) b -> Assert.Equal(a, b, tolerance)) expected actual

[<Fact>]
let ``the minimiser is that of a QR factorisation`` () =
    for seed in 1..10 do
        let data = LeastSquares.synthetic { spec with Seed = seed }
        let f = LeastSquares.distributed { spec with Seed = seed }
        let factors = Decompositions.Qr(Design.toDense data.Rows)

        let projected =
            LinearAlgebra.Multiply(factors.Q.Transpose(), ReadOnlySpan data.Labels)

        let solution = Decompositions.Solve(factors.R, Matrix(4, 1, projected))
        close (solution.Values.ToArray()) f.Minimisation.Point 1e-12
        Assert.InRange(f.Minimisation.GradientNorm, 0.0, 1e-12)

[<Fact>]
let ``value, gradient and gap are the residual's`` () =
    let data = LeastSquares.synthetic spec
    let rows = Design.toDense data.Rows
    let x = CheckContext.gaussianStarts CheckContext.standard 1 5 4 1.0

    for f in [ LeastSquares.distributed spec; LeastSquares.finiteSum spec ] do
        let residual (row: float[]) =
            Array.map2 (-) (LinearAlgebra.Multiply(rows, ReadOnlySpan row)) data.Labels

        let direct =
            Block.rows x
            |> Array.map (fun row -> 0.5 * (residual row |> Array.averageBy (fun v -> v * v)))

        close direct (Block.lanes ((f :> IObjective).Value x)) 1e-12
        close direct (Block.lanes ((f :> IGap).Gap x) |> Array.map ((+) (f :> IObjective).Infimum)) 1e-12

        let gradients =
            Block.rows x
            |> Array.collect (fun row ->
                LinearAlgebra.Multiply(rows.Transpose(), ReadOnlySpan(residual row))
                |> Array.map (fun v -> v / 18.0))

        close gradients (((f :> IObjective).Gradient x).ToArray()) 1e-12

[<Fact>]
let ``component gradients average to the gradient, also at picked indices`` () =
    for f in
        [
            LeastSquares.workers 4 (LeastSquares.options 0.3) (LeastSquares.synthetic spec)
            LeastSquares.finiteSum spec
        ] do
        let f = f :> IFiniteSum
        let x = CheckContext.gaussianStarts CheckContext.standard 1 2 4 1.0
        close ((f.Gradient x).ToArray()) ((Block.mean (f.Gradients x)).ToArray()) 1e-12
        let indices = Indices(1, 2, 2, f.Count, [| 0; 3; 1; 1 |])
        close ((f.GradientAt indices x).ToArray()) ((Block.mean ((f.Gradients x).PickWorkers indices)).ToArray()) 1e-12

[<Fact>]
let ``without noise and spread every row is fitted`` () =
    let f = LeastSquares.finiteSum { spec with Noise = 0.0; Spread = 0.0 } :> IFiniteSum
    Assert.InRange(f.Infimum, 0.0, 1e-28)
    Assert.InRange((f.Gradients f.Minimiser).Norm().ToArray() |> Array.max, 0.0, 1e-13)

[<Fact>]
let ``with fewer rows than unknowns mu is 0 and the minimiser has least norm`` () =
    let few = {
        spec with
            Workers = 1
            RowsPerWorker = 2
    }

    let f = LeastSquares.distributed few
    Assert.Equal(0.0, (f :> IObjective).StrongConvexity)

    let pseudo =
        Decompositions.PseudoInverse(Design.toDense (LeastSquares.synthetic few).Rows)

    close (LinearAlgebra.Multiply(pseudo, ReadOnlySpan (LeastSquares.synthetic few).Labels)) f.Minimisation.Point 1e-12

[<Fact>]
let ``a ridge makes mu at least lambda`` () =
    let data =
        LeastSquares.synthetic {
            spec with
                Workers = 1
                RowsPerWorker = 2
        }

    let f = LeastSquares.samples (LeastSquares.options 0.25) data :> IObjective
    Assert.Equal(0.25, f.StrongConvexity, 1e-14)
