/// Instances of the papers on compressed local passes.
module Theory.Algorithms.CommunicationEfficient.PassSpecs

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors

/// Clients, a stepsize and Bernoulli messages.
[<NoComparison>]
type PassSpec = {
    /// "random", or "pair": every client holds ½(x−1)² and ½(x+1)².
    Kind: string
    Clients: int
    Summands: int
    Dimension: int
    /// L; μ is 1.
    Kappa: float
    Spread: float
    Scatter: float
    /// γL.
    GammaL: float
    /// ω of the messages, or its share of the largest that the theorem allows.
    Omega: float
    Seed: int
}

/// The clients of a specification.
let clientsOf (spec: PassSpec) : IClientSum =
    if spec.Kind = "pair" then
        ClientSums.scalar
            (Array.init spec.Clients (fun _ -> [| 1.0; 1.0 |]))
            (Array.init spec.Clients (fun _ -> [| 1.0; -1.0 |]))
    else
        ClientSums.quadratic {
            Clients = spec.Clients
            Summands = spec.Summands
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Flat = false
            Spread = spec.Spread
            Scatter = spec.Scatter
            Seed = spec.Seed
        }

/// γ of a specification.
let gammaOf (spec: PassSpec) (f: IClientSum) = spec.GammaL / QRR.largest f

/// The Bernoulli message of a given ω.
let messages omega = bernoulli (1.0 / (1.0 + omega))

/// A random instance of the given sizes at γ = 1/L.
let sized clients summands dimension kappa : PassSpec = {
    Kind = "random"
    Clients = clients
    Summands = summands
    Dimension = dimension
    Kappa = kappa
    Spread = 1.0
    Scatter = 3.0
    GammaL = 1.0
    Omega = 1.0
    Seed = 1
}

/// Two functions ½(x∓1)² at one client.
let pair gamma omega = {
    sized 1 2 1 1.0 with
        Kind = "pair"
        GammaL = gamma
        Omega = omega
}

let private shrink (spec: PassSpec) =
    seq {
        if spec.Kind = "random" then
            if spec.Clients > 1 then
                { spec with Clients = spec.Clients - 1 }

            if spec.Summands > 1 then
                {
                    spec with
                        Summands = spec.Summands - 1
                }

            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
    }

/// Random instances with the given compressions, after the listed ones.
let instances (omegas: float list) (listed: PassSpec list) : Instances<PassSpec> =
    let generator =
        gen {
            let! clients, summands =
                Gen.elements [ 1, 1; 1, 2; 1, 3; 1, 4; 2, 1; 2, 2; 2, 3; 3, 2 ]

            let! dimension = Gen.choose (1, 2)
            let! kappa = Gen.elements [ 1.0; 5.0; 20.0 ]
            let! spread = Gen.elements [ 0.0; 1.0; 10.0 ]
            let! scatter = Gen.elements [ 0.0; 1.0; 3.0 ]
            let! gammaL = Gen.elements [ 0.1; 0.5; 0.9; 1.0 ]
            let! omega = Gen.elements omegas
            let! seed = Gen.choose (0, 10000)

            return {
                sized clients summands dimension kappa with
                    Spread = spread
                    Scatter = scatter
                    GammaL = gammaL
                    Omega = omega
                    Seed = seed
            }
        }

    Instances.generated generator shrink |> Instances.startingWith listed

/// A pass at γμ = 1 ends at its last summand's minimiser: ρ = 0, and no finite ω is the largest.
let contractsPartly (spec: PassSpec) =
    spec.GammaL < 1.0
    || (spec.Kappa > 1.0 && spec.Clients * spec.Summands * spec.Dimension > 1)

/// The process with the clients' orders by another law.
let ordered (law: Draw<Indices>) (compressor: Compressor) (f: IClientSum) (proc: Process<'S, FEDCRR.Outcome>) = {
    proc with
        Draw = Draw.both law (compressor.Draw f.Count f.Dimension)
}
