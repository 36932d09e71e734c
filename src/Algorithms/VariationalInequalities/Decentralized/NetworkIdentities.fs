/// What the decentralised methods keep exactly (VI-DECENTR.1 and .2).
module Theory.Algorithms.VariationalInequalities.NetworkIdentities

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

// ---- VI-DECENTR.1 ----------------------------------------------------------------------------------------------

/// Every outcome of the draw returns the state; `seen` says what of it is compared.
let private returns (proc: Process<'S, 'D>) (point: 'S) (seen: 'S -> 'S) =
    let codec = Codec.ofTemplate point
    let before = (codec.Pack(seen point))[0]
    let scale = 1.0 + (before |> Array.map abs |> Array.max)
    let allowance = Rounding.allowance (float codec.Dimension) scale

    [
        for o in proc.Draw.Outcomes do
            let after = (codec.Pack(codec.Stretch 1 (seen (proc.Step o.Outcome point))))[0]

            let moved = Array.map2 (fun a b -> (a - b) ** 2.0) after before |> Array.sum |> sqrt

            {
                Label = "distance that one step moves the fixed point"
                Measured = moved
                Bound = 0.0
                Holds = moved <= allowance
            }
    ]
    |> Evidence.ofRows Rung.Enumerated Relation.Equal
    |> fun e -> {
        e with
            Tightness = if e.Violation.IsNone then 1.0 else infinity
    }

/// The three methods at their fixed points, with y multiplied by `sign`.
let private fixedPoints (spec: NetworkSpec) sign =
    let f = Networks.rotationBlocks spec :> INetworkedOperator
    let full = FixedNetwork.parametersOn f f.Gossip
    let batched = StochasticFixedNetwork.parametersWith f f.Gossip 0.25 1
    let changing = ChangingNetwork.parameters f
    let one = FixedNetwork.fixedPoint f
    let two = StochasticFixedNetwork.fixedPoint f
    let three = ChangingNetwork.solved f changing

    Pieces.all [
        returns
            (Method.on f full FixedNetwork.method)
            {
                one with
                    Y = sign * one.Y
                    PastY = sign * one.PastY
            }
            id
        returns
            (Method.on f batched StochasticFixedNetwork.method)
            {
                two with
                    Y = sign * two.Y
                    PastY = sign * two.PastY
            }
            id
        // m moves along 1, where it meets nothing.
        returns
            (Method.on f changing ChangingNetwork.method)
            {
                three with
                    Y = sign * three.Y
                    PastY = sign * three.PastY
                    AverageY = sign * three.AverageY
            }
            (fun s -> { s with M = s.M - Block.mean s.M })
    ]

let private small: NetworkSpec = {
    FixedNetwork.standard with
        Nodes = 3
        Summands = 2
        SummandSpread = 0.3
}

let fixedPointClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-DECENTR.1"
            ClaimKind.Exact
            "Algorithm 1 stays at z = 1⊗z*, y = F(1⊗z*); Algorithm 2 at z = 1⊗z*, y = y_f = F(1⊗z*) − ν1⊗z*, x = x_f = −F(1⊗z*), m ∈ span 1"
            (NetworkSpec.instances 3 2 2
             |> Instances.counts 1 3 20
             |> Instances.startingWith [ small ])
            (fun _ spec -> fixedPoints spec 1.0) with
            Formula = @"(z,y)=(1\otimes z_*,F(1\otimes z_*)),\quad \textstyle\sum_mF_m(z_*)=0"
            Source = "derived: substitute"
            Falsifiers = [
                Falsifier.check "y with the other sign" (fun _ spec -> fixedPoints spec -1.0)
            ]
            Tight = Some { Instance = small; AtLeast = 1.0 }
    }

// ---- VI-DECENTR.2 ----------------------------------------------------------------------------------------------

/// Σ_m y_m⁺ = 0 for every state with Σ_m y_m = 0, and the network mean's own recursion
/// z̄⁺ = z̄ − η[F̄ + α(F̄ − F̄₋)], F̄ = (1/M) Σ F_m(z_m).
let private meansOfFixed (f: INetworkedOperator) (multiply: Block -> Block) =
    let p = FixedNetwork.parametersOn f f.Gossip
    let centre = FixedNetwork.fixedPoint f

    let proc = {
        Method.on f p FixedNetwork.method with
            Step = fun () s -> FixedNetwork.stepWith multiply f p s
    }

    let recursion (s: FixedNetwork.State) =
        let now = Block.mean (f.NodeOperators s.Z)
        let past = Block.mean (f.NodeOperators s.PastZ)
        Block.mean s.Z - p.Eta * (now + p.Alpha * (now - past))

    let identity = AffineIdentity.everyOutcome proc centre (Some FixedNetwork.balanced)

    Pieces.all [
        identity (fun s -> Block.sum s.Y) (fun s -> 0.0 * Block.sum s.Y)
        identity (fun s -> Block.mean s.Z) recursion
    ]

/// Σ_m x_m⁺ = 0 and Σ_m (x_f)_m⁺ = 0 for every state with these sums zero.
let private meansOfChanging (f: INetworkedOperator) (spoil: Block -> Block) =
    let p = ChangingNetwork.parameters f
    let proc = Method.on f p ChangingNetwork.method

    let spoiled = {
        proc with
            Step =
                fun (sample, k) s -> ChangingNetwork.stepWith (fun z -> spoil z + f.Changing.Multiply k z) f p sample s
    }

    let sums (s: ChangingNetwork.State) =
        Block.ConcatDimension(Block.sum s.X, Block.sum s.AverageX)

    AffineIdentity.everyOutcome spoiled (ChangingNetwork.solved f p) (Some sums) sums (fun s -> 0.0 * sums s)

/// All nodes alike and y = 0: with α = 1 every node makes a step of OGDA, and gossip finds nothing to change.
let private optimistic (spec: NetworkSpec) (multiply: INetworkedOperator -> Block -> Block) =
    let own = Networks.rotationBlocks spec
    let gossip = Networks.gossip spec

    let f =
        NetworkedOperator(
            "alike nodes",
            Array.create spec.Nodes own.Matrices[0],
            Array.create spec.Nodes own.Offsets[0],
            gossip,
            Gossip.constant gossip
        )
        :> INetworkedOperator

    let alone =
        AffineOperator("one node", own.Matrices[0], own.Offsets[0], []) :> IOperator

    let p = {
        FixedNetwork.parametersOn f gossip with
            Alpha = 1.0
    }

    let proc = {
        Method.on f p FixedNetwork.method with
            Step = fun () s -> FixedNetwork.stepWith (multiply f) f p s
    }

    let apart (s: FixedNetwork.State) =
        Block.ConcatDimension(s.Z - Block.mean s.Z, s.PastZ - Block.mean s.PastZ, s.Y, s.PastY)

    let ogda (s: FixedNetwork.State) =
        let start: PastExtragradient.OptimisticState = {
            Y = s.Z.Worker 0
            PastValue = alone.Operator(s.PastZ.Worker 0)
        }

        let next = PastExtragradient.optimistic.Step alone { Gamma = p.Eta } () start

        Block.repeatWorkers f.Nodes next.Y

    let atStart = {
        FixedNetwork.init f f.Solution with
            Z = Block.repeatWorkers f.Nodes f.Solution
    }

    AffineIdentity.everyOutcome proc atStart (Some apart) (fun s -> Block.ConcatDimension(s.Z, s.Y)) (fun s ->
        Block.ConcatDimension(ogda s, 0.0 * s.Y))

let private gossip (f: INetworkedOperator) (z: Block) = f.Gossip.Multiply z

/// A multiplication that does not annihilate 1.
let private leaking f z = gossip f z + 0.01 * z

let private network (spec: NetworkSpec) =
    let graph = Graphs.named spec.Graph spec.Nodes spec.Seed

    let changing = Gossip.sequence "labels changing" (Gossip.permuted 2 spec.Seed graph)

    Networks.on (Gossip.ofGraph graph) changing spec :> INetworkedOperator

let private means (spec: NetworkSpec) =
    let f = network spec

    Pieces.all [
        meansOfFixed f (gossip f)
        meansOfChanging f (fun z -> 0.0 * z)
        optimistic spec gossip
    ]

let meanClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-DECENTR.2"
            ClaimKind.Exact
            "Σ_m y_m = 0 (Algorithm 1) and Σ_m x_m = 0 (Algorithm 2) for ever; the mean of Algorithm 1 moves by z̄⁺ = z̄ − η[F̄ + α(F̄ − F̄₋)]; alike nodes with α = 1 make OGDA and change nothing by gossip"
            (NetworkSpec.instances 3 1 1
             |> Instances.counts 1 1 12
             |> Instances.startingWith [ FixedNetwork.standard ])
            (fun _ spec -> means spec) with
            Formula = @"\bar z^+=\bar z-\eta[\bar F+\alpha(\bar F-\bar F_-)],\quad \textstyle\sum_my_m=0"
            Source = "derived: 1ᵀW = 0"
            Falsifiers = [
                Falsifier.check "W does not annihilate 1, Algorithm 1" (fun _ spec ->
                    let f = network spec
                    meansOfFixed f (leaking f))
                Falsifier.check "W does not annihilate 1, Algorithm 2" (fun _ spec ->
                    meansOfChanging (network spec) (fun z -> 0.01 * z))
                Falsifier.check "W does not annihilate 1, alike nodes" (fun _ spec -> optimistic spec leaking)
            ]
    }
