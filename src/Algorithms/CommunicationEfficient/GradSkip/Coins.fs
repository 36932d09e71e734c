namespace Theory.Algorithms.CommunicationEfficient

open System
open Theory
open Theory.Numerics

/// Independent coins of the workers with probabilities of their own.
[<RequireQualifiedAccess>]
module UnequalCoins =

    /// The sides that each coin can show, with probabilities.
    let private sides (p: float) = [
        if p < 1.0 then
            1.0 - p, false

        if p > 0.0 then
            p, true
    ]

    /// Worker i's coin shows heads with probability p_i.
    let draw (probabilities: float[]) : Draw<Mask> =
        let workers = probabilities.Length
        let each = probabilities |> Array.map sides

        let outcomes () =
            each
            |> Array.fold
                (fun all coin ->
                    all
                    |> Seq.collect (fun (weight, values) ->
                        coin |> Seq.map (fun (p, side) -> weight * p, side :: values)))
                (Seq.singleton (1.0, []))
            |> Seq.map (fun (weight, values) -> {
                Probability = weight
                Outcome = Mask(workers, 1, values |> List.rev |> Array.ofList)
            })

        Draw(
            1,
            (fun address lanes -> Sampler.Coin(address, workers, lanes, ReadOnlySpan probabilities)),
            Law.Finite(each |> Array.fold (fun count coin -> count * float coin.Length) 1.0, outcomes)
        )
