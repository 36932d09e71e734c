/// Clients whose condition numbers differ: instances of the claims on GradSkip.
module Theory.Algorithms.CommunicationEfficient.GradSkipClients

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems

/// Quadratics with μ_i = 1, the first with L_1 = Kappa1 and the others with L_i = Kappa2; coins likewise.
[<NoComparison>]
type SkipSpec = {
    Workers: int
    /// At least 2, so that every f_i has both ends of its spectrum.
    Dimension: int
    Kappa1: float
    Kappa2: float
    /// The optimal p and q_i of the condition numbers in place of the next three.
    Optimal: bool
    P: float
    Q1: float
    Q2: float
    Seed: int
}

let private spread (spec: SkipSpec) first others =
    Array.init spec.Workers (fun i -> if i = 0 then first else others)

/// The clients of a specification.
let problem (spec: SkipSpec) : Quadratic =
    let matrices =
        spread spec spec.Kappa1 spec.Kappa2
        |> Array.mapi (fun i kappa ->
            LinearAlgebra.FromSpectrum(
                Linear.rotation spec.Seed (2 * i) spec.Dimension,
                ReadOnlySpan(Linear.geometric 1.0 kappa spec.Dimension)
            ))

    let centres =
        Array.init spec.Workers (fun i -> Linear.gaussians spec.Seed (2 * i + 1) spec.Dimension |> Array.map ((*) 3.0))

    Quadratic($"{spec.Workers} quadratics, κ = {spec.Kappa1:G4} and {spec.Kappa2:G4}", matrices, centres)

/// The coins of a specification with the longest step.
let parameters (f: IFiniteSum) (spec: SkipSpec) : GradSkip.Parameters =
    if spec.Optimal then
        GradSkip.parameters f
    else
        let q = spread spec spec.Q1 spec.Q2

        {
            Gamma = GradSkip.largestGamma f.Smoothnesses spec.P q
            P = spec.P
            Q = q
        }

/// Condition numbers 20 and 2 with the optimal coins.
let standard: SkipSpec = {
    Workers = 2
    Dimension = 2
    Kappa1 = 20.0
    Kappa2 = 2.0
    Optimal = true
    P = 0.3
    Q1 = 0.5
    Q2 = 0.9
    Seed = 1
}

let private shrink (spec: SkipSpec) : SkipSpec seq =
    seq {
        if spec.Workers > 1 then
            { spec with Workers = spec.Workers - 1 }

        if spec.Dimension > 2 then
            {
                spec with
                    Dimension = spec.Dimension - 1
            }

        if spec.Seed > 0 then
            { spec with Seed = spec.Seed / 2 }
    }

/// Instances of the claims.
let instances: Instances<SkipSpec> =
    Instances.generated
        (gen {
            let! workers = Gen.choose (1, 3)
            let! dimension = Gen.choose (2, 3)
            let! kappa1 = Gen.elements [ 2.0; 10.0; 20.0; 50.0 ]
            let! kappa2 = Gen.elements [ 1.5; 3.0; 10.0; 100.0 ]
            let! optimal = Gen.elements [ true; false ]
            let! p = Gen.elements [ 0.1; 0.3; 0.5; 1.0 ]
            let! q1 = Gen.elements [ 0.0; 0.3; 0.9; 1.0 ]
            let! q2 = Gen.elements [ 0.0; 0.5; 0.6; 1.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Dimension = dimension
                Kappa1 = kappa1
                Kappa2 = kappa2
                Optimal = optimal
                P = p
                Q1 = q1
                Q2 = q2
                Seed = seed
            }
        })
        shrink
    |> Instances.startingWith [
        standard
        {
            standard with
                Kappa1 = 10.0
                Kappa2 = 10.0
        }
        {
            standard with
                Kappa1 = 50.0
                Kappa2 = 3.0
        }
        { standard with Optimal = false }
        {
            standard with
                Optimal = false
                P = 0.5
                Q1 = 0.0
                Q2 = 1.0
        }
        {
            standard with
                Optimal = false
                P = 0.2
                Q1 = 0.3
                Q2 = 0.6
        }
    ]
