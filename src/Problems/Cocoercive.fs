namespace Theory.Problems

open Theory
open Theory.Numerics

/// F = (1/n) Σ F_i whose summands are cocoercive on their own.
type ICocoerciveSum =
    inherit IFiniteSumOperator
    /// The ℓ_i with ‖F_i(u) − F_i(v)‖² ≤ ℓ_i⟨F_i(u) − F_i(v), u − v⟩.
    abstract Cocoercivities: float[]

/// Constants of F and of the average of the F_i against ⟨F(z), z − z*⟩, and what the F_i leave at the solution.
[<RequireQualifiedAccess>]
module Cocoercivity =

    let private certified symbol (f: IProblem) =
        f.Constants
        |> List.tryFind (fun c -> c.Symbol = symbol)
        |> Option.map (fun c -> c.Value)

    /// ℓ with ‖F(z)‖² ≤ ℓ⟨F(z), z − z*⟩: the certified constant ell, else L²/μ, which is exact where ⟨F(z), z − z*⟩ is
    /// μ‖z − z*‖² (rotation blocks) and holds for every strongly monotone F. Infinite for μ = 0.
    let star (f: IOperator) : float =
        certified "ell" f
        |> Option.defaultWith (fun () -> f.Lipschitz ** 2.0 / f.Monotonicity)

    /// ℓ̂ with (1/n) Σ ‖F_i(z) − F_i(z*)‖² ≤ ℓ̂⟨F(z), z − z*⟩: the certified constant ellhat, else L̄²/μ likewise.
    let averaged (f: IFiniteSumOperator) : float =
        certified "ellhat" f
        |> Option.defaultWith (fun () -> OperatorConstants.meanSquareLipschitz f ** 2.0 / f.Monotonicity)

    /// σ*² = (1/n) Σ ‖F_i(z*)‖², since F(z*) = 0.
    let residual (f: IFiniteSumOperator) : float =
        (Block.lanes (Block.meanNormSquared (f.Operators f.Solution)))[0]

/// An affine game whose summands are strongly monotone, with all its cocoercivity constants certified.
[<Sealed>]
type CocoerciveGame(game: AffineOperator) =
    let f = game :> IFiniteSumOperator
    let d = f.Dimension

    do
        for a in game.Matrices do
            let least = Decompositions.SymmetricEigen(LinearAlgebra.Symmetrise a).Values[0]

            if not (least > 0.0) then
                invalidArg
                    (nameof game)
                    $"Every summand must be strongly monotone; the symmetric part of one has the eigenvalue {least:G4}."

    let gram (a: Matrix) =
        LinearAlgebra.Multiply(a.Transpose(), a)

    let constantOf (a: Matrix) =
        Decompositions.GeneralizedEigen(gram a, LinearAlgebra.Symmetrise a, 1e-12).Supremum

    // With y = Au the inequality ‖Au‖² ≤ ℓ⟨Au, u⟩ says that the symmetric part of A⁻¹ is at least 1/ℓ.
    let again (a: Matrix) =
        let inverse = Decompositions.Solve(a, Matrix.Identity d)
        1.0 / Linear.smallestByBisection (LinearAlgebra.Symmetrise inverse)

    // The smallest t for which t·(symmetric part of the mean) − (1/n) Σ A_iᵀA_i is positive semidefinite.
    let averagedAgain () =
        let squares = Linear.mean (Array.map gram game.Matrices)

        let enough t =
            Linear.smallestByBisection (Linear.combine [| t; -1.0 |] [| game.SymmetricPart; squares |])
            >= 0.0

        let rec bisect low high rounds =
            if rounds = 0 then
                high
            else
                let middle = 0.5 * (low + high)

                if enough middle then
                    bisect low middle (rounds - 1)
                else
                    bisect middle high (rounds - 1)

        bisect 0.0 (2.0 * game.MeanSquareLipschitz ** 2.0 / f.Monotonicity) 60

    let own = lazy (game.Matrices |> Array.map constantOf)

    /// The game itself.
    member _.Game = game

    interface ICocoerciveSum with
        member _.Cocoercivities = Array.copy own.Value

    interface IFiniteSumOperator with
        member _.Count = f.Count
        member _.Operators z = f.Operators z
        member _.OperatorAt indices z = f.OperatorAt indices z

    interface IOperator with
        member _.Operator z = f.Operator z
        member _.Solution = f.Solution
        member _.Lipschitz = f.Lipschitz
        member _.Monotonicity = f.Monotonicity

    interface IAffineSum with
        member _.Matrices = game.Matrices

    interface IProblem with
        member _.Name = f.Name + ", cocoercive summands"
        member _.Dimension = d

        member _.Constants =
            f.Constants
            @ [
                Constant.exact "ell" "largest ‖Āu‖²/⟨Āu, u⟩" game.Cocoercivity (fun () -> again game.Mean)
                Constant.exact "ellhat" "largest (1/n) Σ ‖A_iu‖² over ⟨Āu, u⟩" game.AveragedCocoercivity averagedAgain
                Constant.exact "ell_max" "largest of the summands' constants" (Array.max own.Value) (fun () ->
                    game.Matrices |> Array.map again |> Array.max)
                Constant.exact "ell_mean" "mean of the summands' constants" (Array.average own.Value) (fun () ->
                    game.Matrices |> Array.map again |> Array.average)
            ]
