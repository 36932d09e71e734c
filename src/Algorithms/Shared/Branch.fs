namespace Theory.Algorithms

open System
open Theory
open Theory.Numerics

/// Coins whose sides cost different amounts.
[<RequireQualifiedAccess>]
module Branch =

    /// Per lane, `heads` where the coin shows heads and `tails` elsewhere; a side that no lane takes is not computed.
    let choose (coin: Mask) (heads: unit -> Block) (tails: unit -> Block) : Block =
        let coins = coin.Values.ToArray()

        if Array.forall id coins then
            heads ()
        elif Array.exists id coins then
            Block.choose coin (heads ()) (tails ())
        else
            tails ()
