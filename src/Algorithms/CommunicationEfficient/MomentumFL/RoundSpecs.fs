/// Instances of FedAvg-M's and SCAFFOLD-M's claims: quadratics and the parameters of a round.
module Theory.Algorithms.CommunicationEfficient.MomentumSpecs

open FsCheck.FSharp
open Theory
open Theory.Problems
open Theory.Algorithms.CommunicationEfficient.MomentumFL

/// Quadratics (the standard ones, or indefinite F_i with a convex mean) and the parameters of a round.
type MomentumSpec = {
    Workers: int
    Dimension: int
    Kappa: float
    /// Scale of the clients' centres.
    Spread: float
    /// Indefinite F_i; κ and the spread do not matter then.
    Indefinite: bool
    LocalSteps: int
    Beta: float
    /// ηL.
    EtaL: float
    Participants: int
    Sigma: float
    Rounds: int
    Seed: int
}

/// The quadratics of a specification.
let problem (spec: MomentumSpec) : Quadratic =
    if spec.Indefinite then
        Quadratic.indefinite spec.Workers spec.Dimension spec.Seed
    else
        Quadratic.distributed {
            Workers = spec.Workers
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Spread = spec.Spread
            Seed = spec.Seed
        }

/// The quadratics with γ at its limit and the specification's η.
let setting (spec: MomentumSpec) =
    let q = problem spec
    let f = q :> IFiniteSum

    q,
    {
        parametersFor spec.Beta spec.LocalSteps spec.Sigma spec.Rounds f with
            Eta = spec.EtaL / LocalPasses.smoothness f
            Participants = spec.Participants
    }

/// Three clients, d = 2, κ = 10, K = 5, η = 0.02.
let usual = {
    Workers = 3
    Dimension = 2
    Kappa = 10.0
    Spread = 3.0
    Indefinite = false
    LocalSteps = 5
    Beta = 1.0
    EtaL = 0.2
    Participants = 3
    Sigma = 0.0
    Rounds = 100
    Seed = 1
}

/// Smaller specifications.
let shrink (spec: MomentumSpec) =
    seq {
        if spec.Workers > 2 && spec.Participants = spec.Workers then
            {
                spec with
                    Workers = spec.Workers - 1
                    Participants = spec.Participants - 1
            }

        if spec.LocalSteps > 1 then
            {
                spec with
                    LocalSteps = spec.LocalSteps - 1
            }

        if spec.Dimension > 2 then
            {
                spec with
                    Dimension = spec.Dimension - 1
            }

        if spec.Rounds > 2 then
            { spec with Rounds = spec.Rounds / 2 }

        if spec.Seed > 0 then
            { spec with Seed = spec.Seed / 2 }
    }

/// Specifications with ηL and σ from the given values, all clients.
let generator (etas: float list) (sigmas: float list) =
    gen {
        let! workers = Gen.choose (2, 3)
        let! dimension = Gen.choose (2, 3)
        let! kappa = Gen.elements [ 2.0; 10.0; 50.0 ]
        let! indefinite = Gen.elements [ false; true ]
        let! steps, beta = Gen.elements [ 1, 1.0; 5, 0.3; 5, 0.1; 3, 0.5; 5, 1.0; 10, 0.05 ]
        let! etaL = Gen.elements etas
        let! sigma = Gen.elements sigmas
        let! rounds = Gen.choose (2, 120)
        let! seed = Gen.choose (0, 10000)

        return {
            Workers = workers
            Dimension = dimension
            Kappa = kappa
            Spread = 3.0
            Indefinite = indefinite
            LocalSteps = steps
            Beta = beta
            EtaL = etaL
            Participants = workers
            Sigma = sigma
            Rounds = rounds
            Seed = seed
        }
    }

/// Claims' instances.
let instances etas sigmas fixedOnes =
    Instances.generated (generator etas sigmas) shrink
    |> Instances.startingWith fixedOnes
