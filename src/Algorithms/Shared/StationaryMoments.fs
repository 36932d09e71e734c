namespace Theory.Algorithms

open Theory
open Theory.Numerics
open Theory.Problems

/// Where a random affine map comes to rest: second moments of its stationary law, by solving for them.
[<RequireQualifiedAccess>]
module StationaryMoments =

    /// E m(s) under the stationary law for a quadratic measure m. With u⁺ = Au + c around the centre, the mean solves
    /// v = E[A]v + E[c] and the second moment S = E[ASAᵀ + Avcᵀ + cvᵀAᵀ + ccᵀ]. Error when the step is not affine or its
    /// second moments do not settle.
    let expectation (proc: Process<'S, 'D>) (centre: 'S) (measure: 'S -> Block) : Result<float, string> =
        let codec = Codec.ofTemplate centre
        let d = codec.Dimension

        let solve (maps: (float * float[,])[]) =
            let weights = maps |> Array.map fst

            let linear (t: float[,]) =
                Matrix.Create(d, d, (fun i j -> t[i, j]))

            let shift (t: float[,]) =
                Matrix.Create(d, 1, (fun i _ -> t[i, d]))

            let average (part: float[,] -> Matrix) =
                Linear.combine weights (maps |> Array.map (snd >> part))

            let twice = average (fun t -> LinearAlgebra.Kronecker(linear t, linear t))

            if Decompositions.SpectralRadius twice >= 1.0 then
                Error $"the second moments of {proc.Name} do not settle"
            else
                let mean =
                    Decompositions.Solve(LinearAlgebra.Subtract(Matrix.Identity d, average linear), average shift)

                let forcing (t: float[,]) =
                    let c = shift t
                    let moved = LinearAlgebra.Multiply(linear t, mean)

                    Matrix.Create(
                        d * d,
                        1,
                        (fun at _ ->
                            let i, j = at / d, at % d
                            moved[i, 0] * c[j, 0] + c[i, 0] * moved[j, 0] + c[i, 0] * c[j, 0])
                    )

                let second =
                    Decompositions.Solve(LinearAlgebra.Subtract(Matrix.Identity(d * d), twice), average forcing)

                Ok(mean, second)

        Affine.outcomes false codec centre proc
        |> Result.bind solve
        |> Result.bind (fun (mean, second) ->
            Affine.quadratic codec centre measure
            |> Result.map (fun form ->
                let q = form.Matrix

                let moment i j =
                    if i < d && j < d then second[i * d + j, 0]
                    elif i < d then mean[i, 0]
                    elif j < d then mean[j, 0]
                    else 1.0

                Seq.sum (Seq.init (d + 1) (fun i -> Seq.sum (Seq.init (d + 1) (fun j -> q[i, j] * moment i j))))))
