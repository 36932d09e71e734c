namespace Theory.Algorithms.VariationalInequalities

open Theory
open Theory.Numerics

/// Bounds r⁺ ≤ a·r + b on the distance r = ‖z − z*‖ over an affine epoch, from every start and for every outcome.
[<RequireQualifiedAccess>]
module EpochNorm =

    /// The epoch is e ↦ Me + c in e = z − z*, and ‖Me + c‖ ≤ a‖e‖ + b for every e iff ‖M‖ ≤ a and ‖c‖ ≤ b: the triangle
    /// inequality one way, e = 0 and e → ∞ the other. `centre` is a state of z* alone, `factor` is a, `floor` is b.
    let atMost (proc: Process<'S, 'D>) (centre: 'S) (factor: float) (floor: float) : Evidence =
        let codec = Codec.ofTemplate centre

        match Affine.outcomes false codec centre proc with
        | Error reason -> Evidence.undecided Rung.Spectral reason
        | Ok maps ->
            let d = codec.Dimension
            let solution = (codec.Pack centre)[0]
            let operations = float (d * d)
            // At the solution an epoch without noise rounds to something next to 0.
            let rounding =
                Rounding.allowance operations (1.0 + (solution |> Array.map abs |> Array.max))

            maps
            |> List.ofArray
            |> List.collect (fun (_, map) ->
                let linear = Matrix.Create(d, d, (fun i j -> map[i, j]))
                let shift = sqrt (Seq.sum (Seq.init d (fun i -> map[i, d] ** 2.0)))

                [
                    Evidence.row Relation.AtMost d d "‖M‖" (Decompositions.SpectralNorm linear) factor
                    {
                        Label = "‖c‖, the displacement from the solution"
                        Measured = (if shift <= rounding then 0.0 else shift)
                        Bound = floor
                        Holds = shift <= floor + Rounding.allowance operations floor + rounding
                    }
                ])
            |> Evidence.ofRows Rung.Spectral Relation.AtMost
