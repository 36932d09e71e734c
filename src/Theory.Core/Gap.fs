namespace Theory

open Theory.Numerics

/// An objective that knows its gap f(x) − inf f without forming the difference of two nearly equal numbers.
type IGap =
    inherit IObjective
    /// f(x) − inf f, one nonnegative number per lane, accurate relative to itself however close x is to the minimiser.
    abstract Gap: Block -> Block

/// Functions of objectives.
[<RequireQualifiedAccess>]
module Objective =

    /// f(x) − inf f, one number per lane: the objective's own gap where it has one, else the difference.
    let gap (f: IObjective) (x: Block) : Block =
        match f with
        | :? IGap as g -> g.Gap x
        | _ -> f.Value x - Block.scalar f.Infimum
