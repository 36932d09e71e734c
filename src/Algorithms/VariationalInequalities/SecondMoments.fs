namespace Theory.Algorithms.VariationalInequalities

open Theory
open Theory.Numerics
open Theory.Problems

/// Rates of random linear maps where no Lyapunov function is given: one is computed, and then proved.
[<RequireQualifiedAccess>]
module SecondMoments =

    let private congruence (t: Matrix) (p: Matrix) =
        LinearAlgebra.Multiply(t.Transpose(), LinearAlgebra.Multiply(p, t))

    /// X = Q + AᵀXA through A, A², A⁴, …, for each Q that is asked.
    let private stein (a: Matrix) : Matrix -> Matrix =
        let powers =
            a
            |> List.unfold (fun power ->
                if LinearAlgebra.FrobeniusNorm power < 1e-9 then
                    None
                else
                    Some(power, LinearAlgebra.Multiply(power, power)))

        fun q ->
            (q, powers)
            ||> List.fold (fun x power -> LinearAlgebra.Add(x, congruence power x))

    /// Σ p_o T_o.
    let private average (maps: (float * Matrix)[]) =
        Linear.combine (Array.map fst maps) (Array.map snd maps)

    /// P ⪰ I with Σ p_o T_oᵀPT_o ⪯ ρP, when the mean map contracts faster than √ρ and one is found in `rounds` rounds of
    /// P ← X(P), X = I + T̄ᵀXT̄/ρ + (the part of the second moments beside the mean's, of P)/ρ.
    let private certificate rounds (maps: (float * Matrix)[]) (rho: float) : Matrix option =
        let mean = average maps
        let solve = stein (LinearAlgebra.Scale(1.0 / sqrt rho, mean))

        let noise (p: Matrix) =
            let all =
                maps
                |> Array.map (fun (weight, t) -> LinearAlgebra.Scale(weight / rho, congruence t p))
                |> Array.reduce (fun x y -> LinearAlgebra.Add(x, y))

            LinearAlgebra.Combine(1.0, all, -1.0 / rho, congruence mean p)

        let identity = Matrix.Identity mean.Rows

        // Each P solves with the noise of the P before it; half of the slack I may be what that leaves.
        let rec improve (noiseOfP: Matrix) left =
            let next = solve (LinearAlgebra.Add(identity, noiseOfP)) |> LinearAlgebra.Symmetrise
            let noiseOfNext = noise next

            if
                LinearAlgebra.FrobeniusNorm(LinearAlgebra.Subtract(noiseOfNext, noiseOfP))
                <= 0.5
            then
                Some next
            elif left = 0 || not (System.Double.IsFinite(LinearAlgebra.MaxAbs next)) then
                None
            else
                improve noiseOfNext (left - 1)

        improve (noise identity) rounds

    /// R with V(u) = ‖Ru‖² contracting. The coordinates in which the first certificate is the identity bring parts of the
    /// state of very different sizes together; the second certificate, made in them, has room that rounding cannot use up.
    let private factor (maps: (float * Matrix)[]) (rho: float) : Matrix option =
        let upper (p: Matrix) = Decompositions.Cholesky(p).Transpose()

        certificate 100 maps rho
        |> Option.bind (fun first ->
            let r = upper first
            let inverse = Decompositions.Solve(r, Matrix.Identity r.Rows)

            maps
            |> Array.map (fun (weight, t) -> weight, LinearAlgebra.Multiply(r, LinearAlgebra.Multiply(t, inverse)))
            |> fun scaled -> certificate 100 scaled rho
            |> Option.map (fun second -> LinearAlgebra.Multiply(upper second, r)))

    /// The second moments contract by ρ: there is a quadratic V ≥ ‖·‖² of the state with E V(s⁺) ≤ ρV(s) for every state on
    /// which `keeps` stays zero. V is computed and the inequality proved; that the mean map's spectral radius r has
    /// r² ≤ ρ is necessary, and refutes where it fails.
    let contract (proc: Process<'S, 'D>) (centre: 'S) (keeps: ('S -> Block) option) (rho: float) : Evidence =
        let codec = Codec.ofTemplate centre

        match Affine.outcomes false codec centre proc with
        | Error reason -> Evidence.undecided Rung.Spectral reason
        | Ok outcomes ->
            let basis = Affine.admissible codec centre keeps
            let d, size = Array2D.length1 basis - 1, Array2D.length2 basis - 1
            let frame = Matrix.Create(d, size, (fun i j -> basis[i, j]))

            let reduced (t: Matrix) =
                LinearAlgebra.Multiply(frame.Transpose(), LinearAlgebra.Multiply(t, frame))

            let maps =
                outcomes
                |> Array.map (fun (weight, t) -> weight, reduced (Matrix.Create(d, d, (fun i j -> t[i, j]))))

            let radius = Decompositions.SpectralRadius(average maps)

            let necessary =
                [
                    Evidence.row Relation.AtMost size 1 "squared spectral radius of the mean map" (radius * radius) rho
                ]
                |> Evidence.ofRows Rung.Spectral Relation.AtMost

            let proof () =
                match factor maps rho with
                | None -> Evidence.undecided Rung.Spectral "no quadratic function of the state was found that contracts"
                | Some own ->
                    let origin = (codec.Pack centre)[0]
                    let root = LinearAlgebra.Multiply(own, frame.Transpose())

                    let v (s: 'S) =
                        codec.Pack s
                        |> Array.map (fun row -> Array.map2 (-) row origin)
                        |> Block.ofRows
                        |> fun u -> Block.normSquared (u.Apply root)

                    Spectral.contraction proc centre keeps v rho 0.0

            if necessary.Violation.IsSome then
                necessary
            else
                Evidence.all [ necessary; proof () ]
