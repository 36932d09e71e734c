module Theory.Tests.SimilarTests

open System
open Theory
open Theory.Numerics
open Theory.Problems
open Xunit

let private spec: SimilarSpec = {
    Workers = 4
    Dimension = 5
    Kappa = 30.0
    Delta = 0.2
    Spread = 1.0
    Seed = 3
}

[<Fact>]
let ``the farthest Hessian lies exactly delta from the mean`` () =
    for delta in [ 0.01; 0.2; 5.0 ] do
        let f = Quadratic.similar { spec with Delta = delta }
        Assert.Equal(delta, f.Similarity, 1e-13)

        let distances =
            f.Quadratic.Matrices
            |> Array.map (fun a -> Decompositions.SpectralNorm(LinearAlgebra.Subtract(a, f.Quadratic.Mean)))

        Assert.Equal(delta, Array.max distances, 1e-13)

[<Fact>]
let ``the mean has the prescribed spectrum`` () =
    let f = Quadratic.similar spec
    let expected = Linear.geometric 1.0 30.0 5
    let values = Decompositions.SymmetricEigen(f.Quadratic.Mean).Values
    Seq.iter2 (fun (a: float) b -> Assert.Equal(a, b, 1e-12)) expected values

[<Fact>]
let ``gradients differ from the mean's by at most delta times the distance`` () =
    let f = Quadratic.similar spec
    let g = f :> IFiniteSum
    let x = CheckContext.gaussianStarts CheckContext.standard 1 100 5 1.0
    let y = CheckContext.gaussianStarts CheckContext.standard 2 100 5 1.0
    let drift = g.Gradients x - g.Gradients y - (g.Gradient x - g.Gradient y)
    let ratio = (drift.Norm() / (x - y).Norm()).ToArray() |> Array.max
    Assert.InRange(ratio, 0.25 * spec.Delta, spec.Delta)

[<Fact>]
let ``delta 0 makes all Hessians equal`` () =
    let f = Quadratic.similar { spec with Delta = 0.0 }
    Assert.Equal(0.0, f.Similarity, 1e-13)

[<Fact>]
let ``one worker with positive delta is refused`` () =
    let e =
        Assert.Throws<ArgumentException>(fun () -> Quadratic.similar { spec with Workers = 1 } |> ignore)

    Assert.Contains("its own mean", e.Message)

let private quadratics =
    Quadratic.distributed {
        Workers = 4
        Dimension = 3
        Kappa = 10.0
        Spread = 1.0
        Seed = 2
    }

[<Fact>]
let ``quadratics have the heterogeneity that is prescribed, and the same Hessians`` () =
    for zeta in [ 0.0; 0.01; 7.0 ] do
        let f = Quadratic.withHeterogeneity zeta quadratics
        Assert.Equal(zeta, Quadratic.heterogeneity f, 1e-12 * (1.0 + zeta))
        Assert.Same(quadratics.Matrices[2], f.Matrices[2])
        let sum = f :> IFiniteSum
        Assert.True((Block.lanes (Block.norm (sum.Gradient sum.Minimiser)))[0] < 1e-10 * (1.0 + zeta))

    let built = ProblemCatalogue.build "heterogeneous:n=3,d=4,kappa=5,zeta=2.5"
    Assert.Equal(2.5, Quadratic.heterogeneity (built :?> Quadratic), 1e-10)

[<Fact>]
let ``a heterogeneity that no instance has is refused`` () =
    let alone =
        Quadratic.distributed {
            Workers = 1
            Dimension = 2
            Kappa = 3.0
            Spread = 1.0
            Seed = 1
        }

    Assert.Contains(
        "share",
        Assert.Throws<ArgumentException>(fun () -> Quadratic.withHeterogeneity 1.0 alone |> ignore).Message
    )

    Assert.Throws<ArgumentException>(fun () -> Quadratic.withHeterogeneity -1.0 quadratics |> ignore)
    |> ignore
