/// Instances of the claims on ProxSkip-VR.
module Theory.Algorithms.CommunicationEfficient.ProxSkipVRInstances

open FsCheck.FSharp
open Theory
open Theory.Problems

/// Clients with quadratic samples, the coins and the free constants of a claim.
[<NoComparison>]
type VRSpec = {
    Clients: int
    Samples: int
    Dimension: int
    Kappa: float
    /// "rotated", "scaled" or "shared", as in ClientSamplesSpec.
    Hessians: string
    /// Probability of a communication.
    P: float
    /// Probability with which the reference moves.
    Q: float
    /// Size of the minibatch; at most Samples.
    Tau: int
    /// k of Rand-k; Dimension is no compression.
    K: int
    /// W(1−B̃)/B of CE-PSVR.1, s of CE-PSVR.3S.
    Constant: float
    Seed: int
}

/// The problem of a specification.
let problem (spec: VRSpec) : QuadraticSamples =
    ClientSamples.quadratic {
        Clients = spec.Clients
        Samples = spec.Samples
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        Hessians = spec.Hessians
        Seed = spec.Seed
    }

/// Two clients with three samples in the plane.
let standard: VRSpec = {
    Clients = 2
    Samples = 3
    Dimension = 2
    Kappa = 5.0
    Hessians = "rotated"
    P = 0.3
    Q = 1.0 / 3.0
    Tau = 1
    K = 1
    Constant = 2.0
    Seed = 1
}

let private shrink (spec: VRSpec) : VRSpec seq =
    seq {
        if spec.Clients > 1 then
            { spec with Clients = spec.Clients - 1 }

        if spec.Samples > 1 then
            {
                spec with
                    Samples = spec.Samples - 1
                    Tau = min spec.Tau (spec.Samples - 1)
            }

        if spec.Dimension > 1 then
            {
                spec with
                    Dimension = spec.Dimension - 1
                    K = min spec.K (spec.Dimension - 1)
            }

        if spec.Seed > 0 then
            { spec with Seed = spec.Seed / 2 }
    }

/// Up to the given numbers of clients, samples and dimensions; Constant among `constants`.
let instances clients samples dimension (hessians: string list) (constants: float list) : Instances<VRSpec> =
    Instances.generated
        (gen {
            let! clients = Gen.choose (1, clients)
            let! samples = Gen.choose (1, samples)
            let! dimension = Gen.choose (1, dimension)
            let! kappa = Gen.elements [ 1.0; 5.0; 10.0; 40.0 ]
            let! hessians = Gen.elements hessians
            let! p = Gen.elements [ 0.1; 0.3; 0.7; 1.0 ]
            let! q = Gen.elements [ 0.1; 1.0 / 3.0; 0.7; 1.0 ]
            let! tau = Gen.choose (1, samples)
            let! k = Gen.choose (1, dimension)
            let! constant = Gen.elements constants
            let! seed = Gen.choose (0, 10000)

            return {
                Clients = clients
                Samples = samples
                Dimension = dimension
                Kappa = kappa
                Hessians = hessians
                P = p
                Q = q
                Tau = tau
                K = k
                Constant = constant
                Seed = seed
            }
        })
        shrink
