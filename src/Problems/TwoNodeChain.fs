namespace Theory.Problems

open Theory
open Theory.Numerics

/// Two nodes that hold a chain together: f = (f_1 + f_2)/2 with
/// f_1(x) = (c/2)[x_1² − 2x_1 + Σ_{j even}(x_j − x_{j+1})²] + (μ/2)‖x‖² and
/// f_2(x) = (c/2)Σ_{j odd}(x_j − x_{j+1})² + (μ/2)‖x‖². Neither node alone can reach more than one new coordinate, so each
/// costs a round of communication. As a split, q = f_1 is the server's function. Gradients are Hx − b and not H(x − x*), so
/// that coordinates that no information has reached are exactly 0.
[<Sealed>]
type TwoNodeChain(dimension: int, mu: float, c: float) =
    do
        if dimension < 2 || not (mu > 0.0 && c > 0.0) then
            invalidArg (nameof dimension) $"A chain of two nodes needs d ≥ 2 and μ, c > 0; got {dimension}, {mu}, {c}."

    /// Links (x_j − x_{j+1})² of one parity (j counted from 1).
    let links parity =
        let node =
            Matrix.Create(dimension, dimension, (fun i j -> if i = j then mu else 0.0))

        let link j (m: Matrix) =
            Matrix.Create(
                dimension,
                dimension,
                fun r s ->
                    let at k =
                        if k = j then 1.0
                        elif k = j + 1 then -1.0
                        else 0.0

                    m[r, s] + c * at r * at s
            )

        Seq.init (dimension - 1) id
        |> Seq.filter (fun j -> (j + 1) % 2 = parity)
        |> Seq.fold (fun m j -> link j m) node

    let server =
        let m = links 0
        Matrix.Create(dimension, dimension, (fun i j -> m[i, j] + (if i = 0 && j = 0 then c else 0.0)))

    let other = links 1
    let mean = Linear.mean [| server; other |]
    let apart = LinearAlgebra.Subtract(mean, server)
    let unit = Array.init dimension (fun j -> if j = 0 then c else 0.0)
    let offset = Block.vector unit

    let solution =
        Decompositions.Solve(mean, Matrix(dimension, 1, unit |> Array.map ((*) 0.5))).Values.ToArray()

    let minimiser = Block.vector solution
    let spectrum = Decompositions.SymmetricEigen(mean).Values
    let own = Decompositions.SymmetricEigen(server).Values
    let delta = Decompositions.SpectralNorm apart
    let resolvents = Resolvents server

    /// ∇²f_1, the server's.
    member _.Server = server
    /// ∇²f_2.
    member _.Other = other
    /// δ = ‖∇²f_1 − ∇²f‖.
    member _.Similarity = delta

    interface ISplit with
        member _.GradientP x = x.Apply apart + 0.5 * offset
        member _.GradientQ x = x.Apply server - offset

        member _.ProxQ theta x =
            (x + theta * offset).Apply(resolvents.At theta)

        member _.SmoothnessP = delta
        member _.SmoothnessQ = own[dimension - 1]

    interface IObjective with
        member _.Value x =
            let e = x - minimiser
            0.5 * Block.dot e (e.Apply mean)

        member _.Gradient x = x.Apply mean - 0.5 * offset
        member _.Minimiser = minimiser
        member _.Infimum = 0.0
        member _.Smoothness = spectrum[dimension - 1]
        member _.StrongConvexity = spectrum[0]

    interface IProblem with
        member _.Name = $"chain of {dimension} held by two nodes"
        member _.Dimension = dimension

        member _.Constants = [
            Constant.exact "L" "largest eigenvalue of the mean Hessian" spectrum[dimension - 1] (fun () ->
                Linear.largestByBisection mean)
            Constant.exact "mu" "least eigenvalue of the mean Hessian" spectrum[0] (fun () ->
                Linear.smallestByBisection mean)
            Constant.exact "delta" "‖∇²f_1 − ∇²f‖" delta (fun () -> Linear.spectralRadiusByBisection apart)
            Constant.upper "c" "δ ≤ c" c (fun () -> Linear.spectralRadiusByBisection apart)
        ]
