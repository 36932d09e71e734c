/// Instances of the reshuffled methods' rates, and what a rate says of one epoch.
module Theory.Algorithms.CommunicationEfficient.EpochSpecs

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors

/// Clients, their summands and a stepsize.
[<NoComparison>]
type EpochSpec = {
    /// M.
    Clients: int
    /// n.
    Summands: int
    Dimension: int
    Kappa: float
    /// Summands are convex, each flat along a direction of its own.
    Flat: bool
    Spread: float
    Scatter: float
    /// Stepsize as a share of the largest allowed.
    Share: float
    Seed: int
}

/// The clients of a specification.
let clientsOf (spec: EpochSpec) : ClientQuadratic =
    ClientSums.quadratic {
        Clients = spec.Clients
        Summands = spec.Summands
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        Flat = spec.Flat
        Spread = spec.Spread
        Scatter = spec.Scatter
        Seed = spec.Seed
    }

/// Two clients with two summands each in dimension 2.
let standard: EpochSpec = {
    Clients = 2
    Summands = 2
    Dimension = 2
    Kappa = 6.0
    Flat = false
    Spread = 3.0
    Scatter = 1.0
    Share = 1.0
    Seed = 1
}

let private shrink (spec: EpochSpec) =
    seq {
        if spec.Clients > 1 then
            { spec with Clients = spec.Clients - 1 }

        if spec.Summands > 1 then
            {
                spec with
                    Summands = spec.Summands - 1
            }

        if spec.Seed > 0 then
            { spec with Seed = spec.Seed / 2 }
    }

/// Specifications with at most 600 outcomes of an epoch of Rand-1 messages; `flat` allows summands that are merely convex.
let instances (flat: bool) : Instances<EpochSpec> =
    let generator =
        gen {
            let! clients, summands, dimension =
                Gen.elements [
                    1, 1, 3
                    1, 2, 2
                    1, 3, 2
                    2, 1, 2
                    2, 1, 3
                    2, 2, 2
                    2, 2, 3
                    3, 1, 2
                    3, 2, 2
                ]

            let! kappa = Gen.elements [ 1.0; 3.0; 6.0; 30.0 ]
            let! flat = Gen.elements [ false; flat ]
            let! spread = Gen.elements [ 0.0; 1.0; 5.0 ]
            let! scatter = Gen.elements [ 0.0; 1.0; 5.0 ]
            let! share = Gen.elements [ 1.0; 0.3; 0.1 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Clients = clients
                Summands = summands
                Dimension = dimension
                Kappa = kappa
                // A frame's flat direction is one client's alone only among several summands.
                Flat = flat && clients * summands > 1
                Spread = spread
                Scatter = scatter
                Share = share
                Seed = seed
            }
        }

    Instances.generated generator shrink
    |> Instances.startingWith [ standard; { standard with Share = 0.3 }; { standard with Share = 0.1 } ]

/// One entry of each vector.
let compressor = randK 1

/// E m(s⁺) ≤ factor·m(s) + (1−factor)·floor from every state: after T epochs E m ≤ factor^T m_0 + floor.
let settles proc centre measure factor floor =
    Spectral.contraction proc centre None measure factor ((1.0 - factor) * floor)

/// Nothing but growth is left when a stepsize is too large: E m(s⁺) ≤ m(s) + noise with any noise fails.
let neverGrows proc centre measure floor =
    Spectral.contraction proc centre None measure 1.0 floor
