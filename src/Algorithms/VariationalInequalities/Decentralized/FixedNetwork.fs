/// The optimal decentralised method on a fixed network, with full operators: the deterministic form of Algorithm 1.
///
/// Kovalev, Beznosikov, Sadiev, Persiianov, Richtárik, Gasnikov, "Optimal Algorithms for Decentralized Stochastic
/// Variational Inequalities", NeurIPS 2022, arXiv 2202.02771, Algorithm 1.
/// Problem: Σ_m F_m(z) = 0 over a network, F_m L-Lipschitz and μ-strongly monotone; gossip matrix W with condition number χ.
module Theory.Algorithms.VariationalInequalities.FixedNetwork

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    Eta: float
    Beta: float
    Theta: float
    Alpha: float
}

/// η = 1/(3L√χ), β = μ/L², θ = min{1/(2β), L√χ/3}, α = 1 − min{1/(1 + 3L√χ/μ), 1/(2χ)} on the given gossip matrix.
let parametersOn (f: INetworkedOperator) (gossip: Gossip) : Parameters =
    let l, mu = f.Lipschitz, f.Monotonicity
    let reach = l * sqrt gossip.Chi
    let beta = mu / (l * l)

    {
        Eta = 1.0 / (3.0 * reach)
        Beta = beta
        Theta = min (1.0 / (2.0 * beta)) (reach / 3.0)
        Alpha = 1.0 - min (1.0 / (1.0 + 3.0 * reach / mu)) (1.0 / (2.0 * gossip.Chi))
    }

type State = {
    /// The iterates z_m of the nodes.
    Z: Block
    /// The iterates before them.
    PastZ: Block
    /// What stands for F_m(z*) at each node: Σ_m y_m = 0.
    Y: Block
    /// y before.
    PastY: Block
}

/// All nodes at z⁰, nothing before, y = 0.
let init (f: INetworkedOperator) (z0: Block) : State =
    let z = Block.repeatWorkers f.Nodes z0

    {
        Z = z
        PastZ = z
        Y = 0.0 * z
        PastY = 0.0 * z
    }

/// z⁺ = z − η[F(z) + α(F(z) − F(z₋)) − (y + α(y − y₋))].
let advance (f: INetworkedOperator) (p: Parameters) (s: State) : Block =
    let value = f.NodeOperators s.Z
    let delta = value + p.Alpha * (value - f.NodeOperators s.PastZ)
    s.Z - p.Eta * (delta - (s.Y + p.Alpha * (s.Y - s.PastY)))

/// What the nodes send to their neighbours: z⁺ − β(F(z⁺) − y).
let message (f: INetworkedOperator) (p: Parameters) (s: State) (next: Block) : Block =
    next - p.Beta * (f.NodeOperators next - s.Y)

/// One step with another multiplication than by W for falsifiers.
let stepWith (multiply: Block -> Block) (f: INetworkedOperator) (p: Parameters) (s: State) : State =
    let next = advance f p s

    {
        Z = next
        PastZ = s.Z
        Y = s.Y - p.Theta * multiply (message f p s next)
        PastY = s.Y
    }

/// z = 1 ⊗ z*, y = F(1 ⊗ z*).
let fixedPoint (f: INetworkedOperator) : State = {
    Z = Block.repeatWorkers f.Nodes f.Solution
    PastZ = Block.repeatWorkers f.Nodes f.Solution
    Y = f.ValuesAtSolution
    PastY = f.ValuesAtSolution
}

/// Σ_m ‖z_m − z*‖².
let distance (f: INetworkedOperator) (s: State) =
    Block.totalNormSquared (s.Z - f.Solution)

/// Ψ = (1/η+μ)‖z−z*‖² + (1/θ)‖y−y*‖²_{W†} − 2⟨D, z−z*⟩ + L‖z−z₋‖² + (1/(2θ))‖y−y₋‖², D = F(z) − F(z₋) − (y − y₋); norms over
/// all nodes.
let lyapunov (f: INetworkedOperator) (gossip: Gossip) (p: Parameters) (s: State) =
    let e = s.Z - f.Solution
    let d = f.NodeOperators s.Z - f.NodeOperators s.PastZ - (s.Y - s.PastY)

    (1.0 / p.Eta + f.Monotonicity) * Block.totalNormSquared e
    + (1.0 / p.Theta) * gossip.DualNormSquared(s.Y - f.ValuesAtSolution)
    - 2.0 * Block.sum (Block.dot d e)
    + f.Lipschitz * Block.totalNormSquared (s.Z - s.PastZ)
    + (0.5 / p.Theta) * Block.totalNormSquared (s.Y - s.PastY)

/// Ψ ≥ (4/3)L√χ‖z − z*‖²: the factor.
let weight (f: INetworkedOperator) (gossip: Gossip) =
    4.0 / 3.0 * f.Lipschitz * sqrt gossip.Chi

let private describe
    name
    summary
    (network: INetworkedOperator -> Gossip)
    : Method<INetworkedOperator, Parameters, State, unit> = {
    Name = name
    Summary = summary
    Rule = fun f -> parametersOn f (network f)
    Conditions =
        fun f p ->
            let rule = parametersOn f (network f)

            [
                Condition.positive "η" p.Eta
                Condition.atMost "η" p.Eta "1/(3L√χ)" rule.Eta
                Condition.positive "β" p.Beta
                Condition.atMost "β" p.Beta "μ/L²" rule.Beta
                Condition.positive "θ" p.Theta
                Condition.atMost "θ" p.Theta "min{1/(2β), L√χ/3}" (min (1.0 / (2.0 * p.Beta)) (1.0 / (9.0 * rule.Eta)))
                // The momentum is also the rate.
                Condition.atMost "1 − α" (1.0 - p.Alpha) "min{1/(1+3L√χ/μ), 1/(2χ)}" (1.0 - rule.Alpha)
            ]
    Draw = fun _ _ -> Draw.none
    Init = fun f _ z0 -> init f z0
    Step =
        fun f p ->
            let gossip = network f
            fun () s -> stepWith gossip.Multiply f p s
    Output = fun s -> Block.mean s.Z
    // F at z⁺ serves the next step: one new evaluation a step.
    Cost =
        fun f _ ->
            let rounds = float (network f).Rounds

            fun () -> [
                Charge.each Counter.OperatorCalls 1.0
                Charge.each Counter.GossipSteps rounds
                Charge.each Counter.UplinkFloats (rounds * float f.Dimension)
            ]
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds =
        fun f p ->
            // Not where the parameters leave the theorem, whose rate is α.
            if p = parametersOn f (network f) then
                [ Bounds.linear "VI-DECENTR.5: Ψ_k" false (lyapunov f (network f) p) p.Alpha ]
            else
                []
}

let method =
    describe "DVI" "z⁺ = z − η(F(z) + α(F(z) − F(z₋)) − y − α(y − y₋)); y⁺ = y − θW(z⁺ − β(F(z⁺) − y))" (fun f ->
        f.Gossip)

/// The Chebyshev polynomial of degree ⌈√χ⌉ of a network.
let accelerated (f: INetworkedOperator) : Gossip =
    Chebyshev.accelerate (Chebyshev.rounds f.Gossip) f.Gossip

let chebyshev =
    describe "DVI-Chebyshev" "DVI with P_T(W), T = ⌈√χ⌉ exchanges, in place of W" accelerated

// ---- VI-DECENTR.5 ----------------------------------------------------------------------------------------------

/// Σ_m y_m = 0, also before.
let balanced (s: State) =
    Block.ConcatDimension(Block.sum s.Y, Block.sum s.PastY)

/// Ψ⁺ ≤ αΨ and (4/3)L√χ‖z − z*‖² ≤ Ψ for every state with Σ y = 0.
let private contracts (f: INetworkedOperator) (gossip: Gossip) (p: Parameters) =
    let proc = {
        Method.on f p method with
            Step = fun () s -> stepWith gossip.Multiply f p s
    }

    let psi = lyapunov f gossip p

    Pieces.all [
        Spectral.contraction proc (fixedPoint f) (Some balanced) psi p.Alpha 0.0
        Spectral.oneStep {
            Process = { proc with Step = fun () s -> s }
            Centre = fixedPoint f
            Keeps = Some balanced
            Measure = fun s -> weight f gossip * distance f s
            Bound = psi
            Relation = Relation.AtMost
            MatchMoments = false
        }
    ]

/// On the network itself and on its Chebyshev polynomial.
let private onBoth (spec: NetworkSpec) (change: Parameters -> Parameters) =
    let f = Networks.rotationBlocks spec :> INetworkedOperator

    [ f.Gossip; accelerated f ]
    |> List.distinctBy (fun g -> g.Rounds)
    |> List.map (fun g -> contracts f g (change (parametersOn f g)))
    |> Pieces.all

/// The standard network of this paper's claims.
let standard: NetworkSpec = {
    Nodes = 3
    Summands = 1
    Graph = "path"
    Blocks = 1
    Mu = 0.1
    Skew = 1.0
    NodeSpread = 0.3
    SummandSpread = 0.0
    Offset = 1.0
    Seed = 1
}

/// Equal nodes, well conditioned: where the bounds on the stepsizes are closest.
let even = {
    standard with
        Mu = 1.0
        Skew = 0.0
        NodeSpread = 0.0
}

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-DECENTR.5"
            ClaimKind.Sure
            "Algorithm 1, full operators: Ψ_{k+1} ≤ αΨ_k and (4/3)L√χ‖z_k − z*‖² ≤ Ψ_k, on W and on P_T(W); affine F, every state"
            (NetworkSpec.instances 5 1 1
             |> Instances.counts 2 4 40
             |> Instances.startingWith [ standard; even ])
            (fun _ spec -> onBoth spec id) with
            Formula = @"\Psi_{k+1}\le\alpha\Psi_k,\quad \tfrac43L\sqrt\chi\,\|z_k-z_*\|^2\le\Psi_k"
            Assumptions =
                "F_m L-Lipschitz and μ-strongly monotone; η = 1/(3L√χ), β = μ/L², θ = min{1/(2β), L√χ/3}, α = 1 − min{1/(1+3L√χ/μ), 1/(2χ)}; Σ_m y_m = 0"
            Source = "parameters of the paper's Algorithm 1; the inequality derived with them"
            Falsifiers = [
                Falsifier.check "η × 2" (fun _ spec -> onBoth spec (fun p -> { p with Eta = 2.0 * p.Eta }))
                Falsifier.check "θ × 8" (fun _ spec -> onBoth spec (fun p -> { p with Theta = 8.0 * p.Theta }))
            ]
    }
