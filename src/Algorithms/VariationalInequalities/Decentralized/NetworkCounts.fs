/// Exchanges that the decentralised methods need, counted (the complexity of VI-DECENTR.5).
module Theory.Algorithms.VariationalInequalities.NetworkCounts

open Theory
open Theory.Numerics
open Theory.Problems

/// ε of the counts.
let private accuracy = 1e-8

/// Exchanges and operator calls that a method makes from `start` until Σ_m ‖z_m − z*‖² is at most ε of its start; None when
/// `most` steps do not suffice.
let private counted
    (f: INetworkedOperator)
    (method: Method<INetworkedOperator, 'P, 'S, unit>)
    (nodes: 'S -> Block)
    start
    most
    =
    let p = method.Rule f
    let proc = Method.on f p method

    let distance s =
        (Block.lanes (Block.totalNormSquared (nodes s - f.Solution)))[0]

    let first = method.Init f p start
    let target = accuracy * distance first

    let perStep counter =
        proc.Cost()
        |> List.filter (fun c -> c.Counter = counter)
        |> List.sumBy (Charge.forLane 0)

    let rec run (s: 'S) k =
        if distance s <= target then
            Some k
        elif k = most then
            None
        else
            let next = proc.Step () s
            (Codec.ofTemplate next).Materialise next
            run next (k + 1)

    run first 0
    |> Option.map (fun k -> float k * perStep Counter.GossipSteps, float k * perStep Counter.OperatorCalls)

/// Steps after which αᵏΨ_0 ≤ (4/3)L√χ·ε·R0².
let private stepsFor (f: INetworkedOperator) (gossip: Gossip) start =
    let p = FixedNetwork.parametersOn f gossip
    let s = FixedNetwork.init f start
    let value b = (Block.lanes b)[0]
    let psi = value (FixedNetwork.lyapunov f gossip p s)

    let target =
        FixedNetwork.weight f gossip * accuracy * value (FixedNetwork.distance f s)

    ceil (log (psi / target) / log (1.0 / p.Alpha))

let private standard: NetworkSpec = {
    Nodes = 6
    Summands = 1
    Graph = "path"
    Blocks = 1
    Mu = 1.0
    Skew = 0.3
    NodeSpread = 0.3
    SummandSpread = 0.0
    Offset = 1.0
    Seed = 1
}

/// What a method makes against what the theorem promises for the Chebyshev method.
let private promised (spec: NetworkSpec) count =
    let f = Networks.rotationBlocks spec :> INetworkedOperator
    let gossip = FixedNetwork.accelerated f
    let start = f.Solution + Block.Fill(Shape.Vector(1, 1, f.Dimension), 1.0)
    let steps = stepsFor f gossip start

    let exchanges, calls =
        count f start (int steps) |> Option.defaultValue (infinity, infinity)

    [
        "exchanges until ‖z − z*‖² ≤ 1e-8 R0²", exchanges, steps * float gossip.Rounds
        "operator calls of every node", calls, steps
        // T ≤ 1 + √χ exchanges a step, and 1/(1−α) ≤ 1 + 3√1.73 L/μ steps an e-fold.
        "exchanges promised per e-fold against 4(1+√χ)(1+L/μ)",
        float gossip.Rounds / (1.0 - (FixedNetwork.parametersOn f gossip).Alpha),
        4.0 * (1.0 + sqrt f.Gossip.Chi) * (1.0 + f.Lipschitz / f.Monotonicity)
    ]
    |> List.map (fun (label, measured, bound) ->
        Evidence.row Relation.AtMost f.Dimension (int steps) label measured bound)
    |> Evidence.ofRows Rung.Trajectories Relation.AtMost

let private withChebyshev f start most =
    counted f FixedNetwork.chebyshev (fun s -> s.Z) start most

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-DECENTR.5b"
            ClaimKind.Count
            "Algorithm 1 with Chebyshev gossip reaches ε in T ln(3Ψ_0/(4L√χ'εR0²))/ln(1/α) exchanges, T = ⌈√χ⌉, at one operator call a step: O(√χ(1+L/μ) log 1/ε)"
            (NetworkSpec.instances 10 1 1
             |> Instances.counts 1 2 20
             |> Instances.startingWith [ standard; { standard with Nodes = 16 } ])
            (fun _ spec -> promised spec withChebyshev) with
            Formula = @"O(\sqrt\chi(1+L/\mu)\log\tfrac1\varepsilon)"
            Assumptions = "as VI-DECENTR.5, on the Chebyshev polynomial with condition number χ' < 1.73"
            Source = "VI-DECENTR.5 and .3"
            Valid = fun spec -> spec.Nodes >= 3 && spec.Mu >= 0.1
            Falsifiers = [
                Falsifier.check "one exchange a step: Algorithm 1 on W" (fun _ spec ->
                    promised spec (fun f start most ->
                        counted
                            f
                            FixedNetwork.method
                            (fun s -> s.Z)
                            start
                            (most * (FixedNetwork.accelerated f).Rounds)))
                |> Falsifier.at [ { standard with Nodes = 16 } ]
                Falsifier.check "gossip extragradient, which stops short of ε" (fun _ spec ->
                    promised spec (fun f start most ->
                        counted
                            f
                            GossipExtragradient.method
                            (fun s -> s.Z)
                            start
                            (most * (FixedNetwork.accelerated f).Rounds)))
            ]
    }
