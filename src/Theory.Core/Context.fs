namespace Theory

open System.Threading
open Theory.Numerics

/// How much a verification spends.
[<RequireQualifiedAccess>]
type Profile =
    /// For a fast loop: two generated instances a claim, unless the claim says otherwise.
    | Quick
    /// The default: six.
    | Standard
    /// Forty.
    | Deep

/// What a check may use: where it runs, its seed and its share of the error budget. Checks are pure functions of a
/// context and an instance: the same context and instance give the same evidence, bit for bit.
[<NoEquality; NoComparison>]
type CheckContext = {
    /// Where blocks are computed.
    Engine: IEngine
    /// Worker threads for trajectories; results do not depend on it.
    Threads: int
    /// Lanes in one chunk; None lets the engine choose. Results do not depend on it.
    ChunkLanes: int option
    /// How much to spend.
    Profile: Profile
    /// Chooses every draw.
    Seed: uint64
    /// Separates the draws of one claim from those of another.
    Stream: uint32
    /// Probability with which this check may refute a true statement (statistical checks only).
    Alpha: float
    /// Stops the check.
    Cancellation: CancellationToken
}

[<RequireQualifiedAccess>]
module CheckContext =

    /// A context with the defaults: CPU engine, one thread, standard profile, seed 1, α = 1e-4.
    let standard = {
        Engine = Engines.Cpu
        Threads = 1
        ChunkLanes = None
        Profile = Profile.Standard
        Seed = 1UL
        Stream = 0u
        Alpha = 1e-4
        Cancellation = CancellationToken.None
    }

    /// Picks by profile.
    let pick quick standard deep ctx =
        match ctx.Profile with
        | Profile.Quick -> quick
        | Profile.Standard -> standard
        | Profile.Deep -> deep

    /// An address for draws outside a run (starts, searches), apart from those of the run.
    let address (ctx: CheckContext) (site: int) =
        DrawAddress(ctx.Seed, ctx.Stream ^^^ 0x5bd1e995u, -1, site, 0)

    /// Random start points around the origin: 1 × lanes × d, standard Gaussian times scale.
    let gaussianStarts (ctx: CheckContext) (site: int) (lanes: int) (dimension: int) (scale: float) : Block =
        scale * Sampler.Gaussian(address ctx site, 1, lanes, dimension)
