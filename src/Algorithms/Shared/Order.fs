namespace Theory.Algorithms

open Theory.Numerics

/// Lists of indices that a method goes through one after the other.
[<RequireQualifiedAccess>]
module Order =

    /// The t-th index of each lane's list.
    let at (t: int) (indices: Indices) : Indices =
        if indices.Count = 1 then
            indices
        else
            Indices(
                indices.Workers,
                indices.Lanes,
                1,
                indices.Bound,
                Array.init (indices.Workers * indices.Lanes) (fun lane -> indices.Values[lane * indices.Count + t])
            )
