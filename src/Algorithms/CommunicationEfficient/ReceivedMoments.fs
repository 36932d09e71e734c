namespace Theory.Algorithms.CommunicationEfficient

open Theory
open Theory.Numerics
open Theory.Algorithms

/// First and second moments of what a server receives when n workers compress vectors a_1 … a_n: exact identities in the
/// vectors, proved for all of them at once.
[<RequireQualifiedAccess>]
module ReceivedMoments =

    /// The state: vectors a_i, and the block that a step makes of them.
    type private Sent = { Vectors: Block; Received: Block }

    let private centre workers dimension = {
        Vectors = Block.zeros workers 1 dimension
        Received = Block.zeros 1 1 dimension
    }

    let private round draw (receive: 'D -> Block -> Block) : Process<Sent, 'D> = {
        Name = "one round"
        Draw = draw
        Step =
            fun outcome s -> {
                s with
                    Received = receive outcome s.Vectors
            }
        Cost = fun _ -> []
    }

    /// E measure(a, received) = bound(a) for all a, both quadratic.
    let second
        workers
        dimension
        (draw: Draw<'D>)
        (receive: 'D -> Block -> Block)
        (measure: Block -> Block -> Block)
        (bound: Block -> Block)
        : Evidence =
        Spectral.oneStep {
            Process = round draw receive
            Centre = centre workers dimension
            Keeps = None
            Measure = fun s -> measure s.Vectors s.Received
            Bound = fun s -> bound s.Vectors
            Relation = Relation.Equal
            MatchMoments = false
        }

    /// E received = ā for all a.
    let unbiased workers dimension (draw: Draw<'D>) (receive: 'D -> Block -> Block) : Evidence =
        AffineIdentity.mean (round draw receive) (centre workers dimension) None (fun s -> s.Received) (fun s ->
            Block.mean s.Vectors)

    /// ‖received‖².
    let squared (_: Block) (received: Block) = Block.normSquared received

    /// ‖received − ā‖².
    let deviation (vectors: Block) (received: Block) =
        Block.normSquared (received - Block.mean vectors)

    /// (1/n) Σ ‖a_i − ā‖².
    let spread (vectors: Block) =
        Block.meanNormSquared (vectors - Block.mean vectors)

    /// The mean of what workers send with diagonal compressors.
    let meanOf (diagonals: Block) (vectors: Block) = Block.mean (diagonals * vectors)
