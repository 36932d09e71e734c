/// Every problem builder: its constants agree with their second computations, and a constant that is off by a percent is
/// caught.
module Theory.Tests.ConstantsTests

open Theory
open Theory.Problems
open Xunit

let private logistic: LogisticSpec = {
    Workers = 3
    RowsPerWorker = 5
    Dimension = 4
    Kappa = 100.0
    Spread = 1.0
    Seed = 0
}

let private squares: LeastSquaresSpec = {
    Workers = 3
    RowsPerWorker = 5
    Dimension = 4
    Kappa = 10.0
    Spread = 1.0
    Noise = 0.5
    Seed = 0
}

let private similar: SimilarSpec = {
    Workers = 3
    Dimension = 4
    Kappa = 10.0
    Delta = 0.1
    Spread = 1.0
    Seed = 0
}

let private stored storage seed =
    let data =
        Logistic.synthetic {
            logistic with
                Seed = seed
                RowsPerWorker = 60
                Dimension = 110
        }

    Logistic.workers 3 { Lambda = 0.01; Storage = storage } data

/// Builders by name: seed ↦ problem.
let private builders: (string * (int -> IProblem)) list = [
    "Quadratic.distributed",
    fun seed ->
        Quadratic.distributed {
            Workers = 3
            Dimension = 4
            Kappa = 30.0
            Spread = 1.0
            Seed = seed
        }
    "Quadratic.distributed, one worker, d = 1",
    fun seed ->
        Quadratic.distributed {
            Workers = 1
            Dimension = 1
            Kappa = 5.0
            Spread = 0.0
            Seed = seed
        }
    "Quadratic.indefinite", fun seed -> Quadratic.indefinite 4 3 seed
    "Quadratic.diagonal", fun seed -> Quadratic.diagonal [| 0.0; 1.0; float (2 + seed) |]
    "Quadratic.similar", fun seed -> Quadratic.similar { similar with Seed = seed }
    "Quadratic.similar, δ = 0",
    fun seed ->
        Quadratic.similar {
            similar with
                Seed = seed
                Delta = 0.0
        }
    "Quadratic.similar, δ > μ",
    fun seed ->
        Quadratic.similar {
            similar with
                Seed = seed
                Delta = 4.0
        }
    "Logistic.distributed", fun seed -> Logistic.distributed { logistic with Seed = seed }
    "Logistic.distributed, ill-conditioned",
    fun seed ->
        Logistic.distributed {
            logistic with
                Seed = seed
                Kappa = 1e6
        }
    "Logistic.distributed, d = 110, dense", stored Storage.Dense >> fun f -> f
    "Logistic.distributed, d = 110, sparse", stored Storage.Sparse >> fun f -> f
    "Logistic.finiteSum", fun seed -> Logistic.finiteSum { logistic with Seed = seed }
    "LeastSquares.distributed", fun seed -> LeastSquares.distributed { squares with Seed = seed }
    "LeastSquares.finiteSum", fun seed -> LeastSquares.finiteSum { squares with Seed = seed }
    "LeastSquares.finiteSum, interpolating",
    fun seed ->
        LeastSquares.finiteSum {
            squares with
                Seed = seed
                Spread = 0.0
                Noise = 0.0
        }
    "LeastSquares.distributed, fewer rows than unknowns",
    fun seed ->
        LeastSquares.distributed {
            squares with
                Seed = seed
                RowsPerWorker = 1
        }
]

[<Fact>]
let ``every constant of every builder agrees with its second computation`` () =
    for name, build in builders do
        for seed in 1..4 do
            for constant in (build seed).Constants do
                match Constant.check constant with
                | Ok() -> ()
                | Error what -> Assert.Fail $"{name}, seed {seed}: {what}"

[<Fact>]
let ``a constant that is off by a percent is caught`` () =
    for name, build in builders do
        for constant in (build 1).Constants do
            for factor in [ 0.99; 1.01 ] do
                let tampered = {
                    constant with
                        Value = factor * constant.Value
                }

                let mustFail =
                    match constant.Certainty with
                    | Certainty.Exact -> true
                    | Certainty.UpperBound ->
                        factor < 1.0
                        && Constant.check {
                            constant with
                                Certainty = Certainty.Exact
                        }
                            =
                            Ok()
                    | Certainty.LowerBound ->
                        factor > 1.0
                        && Constant.check {
                            constant with
                                Certainty = Certainty.Exact
                        }
                            =
                            Ok()

                if mustFail then
                    match Constant.check tampered with
                    | Error what -> Assert.Contains(constant.Symbol, what)
                    | Ok() -> Assert.Fail $"{name}: {constant.Symbol} times {factor} was accepted"

[<Fact>]
let ``the largest eigenvalue is certified from above`` () =
    for seed in 1..5 do
        let d = 80
        let frame = Linear.rotation seed 0 d
        // The two largest lie close together: slow for power iterations, nothing special for Lanczos.
        let spectrum =
            Array.init d (fun k ->
                if k = d - 1 then
                    1.000001
                else
                    float (k + 1) / float (d - 1))

        let a =
            Theory.Numerics.LinearAlgebra.FromSpectrum(frame, System.ReadOnlySpan spectrum)

        let value = Spectrum.largest a
        Assert.Equal(1.000001, value, 1e-12)
        Assert.Equal(1.000001, Spectrum.largestAgain a, 1e-12)
        Assert.True(Spectrum.isBelow (value * (1.0 + 1e-9)) a)
        Assert.False(Spectrum.isBelow (value * (1.0 - 1e-9)) a)
