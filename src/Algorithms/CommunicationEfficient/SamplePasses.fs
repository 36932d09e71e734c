namespace Theory.Algorithms.CommunicationEfficient

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

/// What a client does between two exchanges with the server: steps through its samples in drawn orders.
[<RequireQualifiedAccess>]
module SamplePasses =

    /// For every client, an independent permutation of its samples for each epoch.
    let draw (sizes: int[]) (epochs: int) : Draw<Indices[][]> =
        Draws.each (
            sizes
            |> Array.map (fun size -> Draws.each (Array.replicate epochs (Draw.permutation size)))
        )

    /// The sample of step k, through one epoch's order after the other.
    let private sampleAt (orders: Indices[]) (k: int) : Indices =
        let size = orders[0].Count
        Draws.slice (k % size) 1 orders[k / size]

    /// x = y_0, y_1, …, y_K with y_{k+1} = y_k − stepsize·direction(sample of step k, y_k).
    let path (direction: Indices -> Block -> Block) (stepsize: float) (orders: Indices[]) (steps: int) (x: Block) =
        LocalPasses.points steps stepsize (fun k y -> direction (sampleAt orders k) y) x

    /// y_K.
    let last direction stepsize orders steps x : Block =
        List.last (path direction stepsize orders steps x)
