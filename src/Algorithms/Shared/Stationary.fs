namespace Theory.Algorithms

open Theory
open Theory.Numerics
open Theory.Problems

/// The law that a contracting random affine step comes to rest in.
[<RequireQualifiedAccess>]
module Stationary =

    /// E‖s − centre‖² of the stationary law, exactly: with e = s − centre and e⁺ = Ae + c the mean solves m = E[A]m + E[c], and
    /// the second moment S = E[ASAᵀ + A m cᵀ + c mᵀAᵀ + ccᵀ]. Raises InvalidOperationException when the step is not affine.
    let secondMoment (proc: Process<'S, 'D>) (centre: 'S) : float =
        let codec = Codec.ofTemplate centre
        let d = codec.Dimension

        match Affine.outcomes false codec centre proc with
        | Error reason -> invalidOp reason
        | Ok maps ->
            let linear (map: float[,]) =
                Matrix.Create(d, d, (fun i j -> map[i, j]))

            let shift (map: float[,]) =
                Matrix.Create(d, 1, (fun i _ -> map[i, d]))

            let average (part: float[,] -> Matrix) =
                Linear.combine (maps |> Array.map fst) (maps |> Array.map (snd >> part))

            let mean =
                Decompositions.Solve(LinearAlgebra.Subtract(Matrix.Identity d, average linear), average shift)

            let forcing (map: float[,]) =
                let c = shift map
                let am = LinearAlgebra.Multiply(linear map, mean)

                let outer (a: Matrix) (b: Matrix) =
                    LinearAlgebra.Multiply(a, b.Transpose())

                let sum = Linear.combine [| 1.0; 1.0; 1.0 |] [| outer am c; outer c am; outer c c |]
                Matrix.Create(d * d, 1, (fun at _ -> sum[at / d, at % d]))

            let twice (map: float[,]) =
                LinearAlgebra.Kronecker(linear map, linear map)

            let second =
                Decompositions.Solve(LinearAlgebra.Subtract(Matrix.Identity(d * d), average twice), average forcing)

            Seq.sum (Seq.init d (fun i -> second[i * d + i, 0]))
