namespace Theory.Problems

open Theory
open Theory.Numerics

/// Constants that hold for every summand F_i of F = (1/n) Σ F_i on its own.
[<RequireQualifiedAccess>]
module Summands =

    let private symmetricPart (a: Matrix) = LinearAlgebra.Symmetrise a

    /// L_m with ‖F_i(u) − F_i(v)‖ ≤ L_m‖u − v‖ for every i: the largest singular value of the A_i of affine summands, else
    /// √n·L̄, which the mean-square constant implies.
    let lipschitz (f: IFiniteSumOperator) : float =
        match box f with
        | :? IAffineSum as a -> a.Matrices |> Array.map Decompositions.SpectralNorm |> Array.max
        | _ when f.Count = 1 -> f.Lipschitz
        | _ -> sqrt (float f.Count) * OperatorConstants.meanSquareLipschitz f

    /// The largest μ known with ⟨F_i(u) − F_i(v), u − v⟩ ≥ μ‖u − v‖² for every i, negative when some F_i is not monotone: the
    /// least eigenvalue of the symmetric parts of affine summands, else −L_m.
    let monotonicity (f: IFiniteSumOperator) : float =
        match box f with
        | :? IAffineSum as a ->
            a.Matrices
            |> Array.map (fun m -> Decompositions.SymmetricEigen(symmetricPart m).Values[0])
            |> Array.min
        | _ when f.Count = 1 -> f.Monotonicity
        | _ -> -(lipschitz f)

    /// The least ℓ known with ‖F_i(u) − F_i(v)‖² ≤ ℓ⟨F_i(u) − F_i(v), u − v⟩ for every i: a generalised eigenvalue of affine
    /// summands, else L_m²/μ; infinite when some summand is not cocoercive.
    let cocoercivity (f: IFiniteSumOperator) : float =
        let one (a: Matrix) =
            let part = symmetricPart a

            if Decompositions.SymmetricEigen(part).Values[0] <= 0.0 then
                infinity
            else
                let gram = LinearAlgebra.Multiply(a.Transpose(), a)
                Decompositions.GeneralizedEigen(gram, part, Rounding.rank).Supremum

        match box f with
        | :? IAffineSum as a -> a.Matrices |> Array.map one |> Array.max
        | _ ->
            let mu = monotonicity f
            if mu > 0.0 then lipschitz f ** 2.0 / mu else infinity

    /// σ² = (1/n) Σ ‖F_i(z*)‖².
    let noise (f: IFiniteSumOperator) : float =
        (Block.lanes (Block.meanNormSquared (f.Operators f.Solution)))[0]

    /// σ̄ = (1/n) Σ ‖F_i(z*)‖.
    let meanNoise (f: IFiniteSumOperator) : float =
        (Block.lanes (Block.mean (Block.norm (f.Operators f.Solution))))[0]

    /// F_i + c_i for values c_i (n × lanes × d) with Σ c_i = 0. F, its solution and its constants stay; the noise at the
    /// solution becomes a value that a check may vary.
    let shifted (f: IFiniteSumOperator) (c: Block) : IFiniteSumOperator = {
        new IFiniteSumOperator with
            member _.Count = f.Count
            member _.Operators z = f.Operators z + c

            member _.OperatorAt i z =
                f.OperatorAt i z
                + (Block.stretch (max c.Lanes (max z.Lanes i.Lanes)) c).PickWorkers i
        interface IOperator with
            member _.Operator z = f.Operator z + Block.mean c
            member _.Solution = f.Solution
            member _.Lipschitz = f.Lipschitz
            member _.Monotonicity = f.Monotonicity
        interface IProblem with
            member _.Name = f.Name
            member _.Dimension = f.Dimension
            member _.Constants = f.Constants
    }
