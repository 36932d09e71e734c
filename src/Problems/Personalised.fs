namespace Theory.Problems

open System
open Theory
open Theory.Numerics

/// Personal models x_1 … x_n of n clients: min (1/n) Σ f_i(x_i) + (λ/(2n)) Σ‖x_i − x̄‖². As a finite sum it is the
/// problem of one model for all.
type IPersonalisedSum =
    inherit IStronglyConvexSum
    /// λ ≥ 0.
    abstract Lambda: float
    /// The solution x_1* … x_n*: clients × 1 × d.
    abstract PersonalSolution: Block

/// Quadratic clients with a penalty on their models' distances from the mean.
[<Sealed>]
type PersonalisedQuadratic(quadratic: Quadratic, lambda: float) =
    let f = quadratic :> IStronglyConvexSum
    let n, d = f.Count, f.Dimension

    do
        if not (lambda >= 0.0) then
            invalidArg (nameof lambda) $"A penalty needs λ ≥ 0, got {lambda}."

    let square entry =
        Matrix.Create(d, d, (fun i j -> entry i j))

    let unit i j = if i = j then 1.0 else 0.0

    let column (m: Matrix) = Array.init d (fun i -> m[i, 0])

    /// (A_i + λI)⁻¹ v.
    let resolve (a: Matrix) (v: Matrix) =
        Decompositions.Solve(square (fun i j -> a[i, j] + lambda * unit i j), v)

    // x_i = (A_i + λI)⁻¹(A_i b_i + λx̄), so (I − λ·mean (A_i + λI)⁻¹) x̄ = mean (A_i + λI)⁻¹A_i b_i. The left side is
    // mean (A_i + λI)⁻¹A_i, which does not cancel for large λ.
    let pulls =
        Array.map2
            (fun (a: Matrix) (b: float[]) ->
                column (resolve a (Matrix(d, 1, LinearAlgebra.Multiply(a, ReadOnlySpan b)))))
            quadratic.Matrices
            quadratic.Centres

    let middle =
        let left = quadratic.Matrices |> Array.map (fun a -> resolve a a) |> Linear.mean
        let right = Array.init d (fun j -> pulls |> Array.averageBy (fun v -> v[j]))
        column (Decompositions.Solve(left, Matrix(d, 1, right)))

    let solution =
        Array.map2
            (fun (a: Matrix) (pull: float[]) ->
                let towards = column (resolve a (Matrix(d, 1, Array.copy middle)))
                Array.map2 (fun own shared -> own + lambda * shared) pull towards)
            quadratic.Matrices
            pulls
        |> Block.ofWorkers

    /// The clients.
    member _.Quadratic = quadratic

    interface IPersonalisedSum with
        member _.Lambda = lambda
        member _.PersonalSolution = solution

    interface IStronglyConvexSum with
        member _.StrongConvexities = f.StrongConvexities

    interface IFiniteSum with
        member _.Count = n
        member _.Smoothnesses = f.Smoothnesses
        member _.Gradients x = f.Gradients x
        member _.GradientAt indices x = f.GradientAt indices x

    interface IObjective with
        member _.Value x = f.Value x
        member _.Gradient x = f.Gradient x
        member _.Minimiser = f.Minimiser
        member _.Infimum = f.Infimum
        member _.Smoothness = f.Smoothness
        member _.StrongConvexity = f.StrongConvexity

    interface IProblem with
        member _.Name = $"{f.Name}, personal models with λ = {lambda:G4}"
        member _.Dimension = d
        member _.Constants = f.Constants
