/// The rate of the decentralised method on changing networks (VI-DECENTR.6).
module Theory.Algorithms.VariationalInequalities.ChangingNetworkRate

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.VariationalInequalities.ChangingNetwork

/// The mean of m over nodes meets nothing: left out.
let private withoutDrift (s: State) = { s with M = s.M - Block.mean s.M }

let private keeps (s: State) =
    Block.ConcatDimension(Block.sum s.X, Block.sum s.AverageX, Block.sum s.M)

let private networks (spec: NetworkSpec) =
    let graph = Graphs.named spec.Graph spec.Nodes spec.Seed

    [
        Gossip.constant (Gossip.ofGraph graph)
        Gossip.sequence $"{graph.Name}, labels changing" (Gossip.permuted 2 spec.Seed graph)
        if spec.Nodes > 2 then
            Gossip.multistep (Gossip.roundsFor 5.0 graph) 2 spec.Seed (Gossip.permuted 2 spec.Seed graph)
    ]

/// Second moments contract by 1 − τ/2, on a fixed network, on one with changing labels and with several exchanges a step.
let private contracts (spec: NetworkSpec) (change: Parameters -> Parameters) =
    networks spec
    |> List.map (fun changing ->
        let f = Networks.on (Networks.gossip spec) changing spec :> INetworkedOperator
        let p = parameters f
        let proc = Method.on f (change p) method

        SecondMoments.contract
            {
                proc with
                    Step = fun outcome s -> withoutDrift (proc.Step outcome s)
            }
            (solved f (change p))
            (Some keeps)
            (1.0 - p.Tau / 2.0))
    |> Pieces.all

let private even = { FixedNetwork.even with Nodes = 2 }

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-DECENTR.6"
            ClaimKind.Mean
            "Algorithm 2 with the paper's parameters: second moments of the state contract by 1 − τ/2 a step, fixed and changing networks"
            (NetworkSpec.instances 2 1 1
             |> Instances.counts 1 1 12
             |> Instances.startingWith [ FixedNetwork.standard; even ])
            (fun _ spec -> contracts spec id) with
            Formula = @"\rho\big(\mathbb E[T_k\otimes T_k]\big)\le 1-\tau/2"
            Assumptions =
                "full node operators (n = 1); p = ω = 1/16, θ = α = 1/2, ν = μ/4, γ = min{μ/(16L²), bω/(24L̄²η_z)}, β = 5γ, τ = min{μ/(32Lχ), μ√(bp)/(32L̄)}, η_x = min{1/(900χγ), ν/(36τχ²)}, η_y = min{1/(4γ), ν/(8τ)}, η_z = min{1/(8Lχ), 1/(32η_y), √(αbω)/(8L̄)}"
            Source =
                "parameters of the paper's Algorithm 2; its rate is O((χL/μ + L̄/(μ√(bp)) + …) log 1/ε), the constant ½ is this library's observation"
            Falsifiers = [
                Falsifier.check "η_y × 8" (fun _ spec -> contracts spec (fun p -> { p with EtaY = 8.0 * p.EtaY }))
            ]
    }
