/// The plain way to decentralise: an extragradient step after one exchange with the neighbours. What the optimal methods are
/// compared with.
///
/// Folklore (decentralised gradient descent of Nedić and Ozdaglar, 2009, with Korpelevich's step).
/// Problem: Σ_m F_m(z) = 0 over a network. At a fixed stepsize the nodes settle at a distance of order γ from z*.
module Theory.Algorithms.VariationalInequalities.GossipExtragradient

open Theory
open Theory.Numerics
open Theory.Problems

type Parameters = { Gamma: float }

/// γ = 1/(4L).
let parameters (f: INetworkedOperator) : Parameters = { Gamma = 1.0 / (4.0 * f.Lipschitz) }

type State = {
    /// The iterates z_m of the nodes.
    Z: Block
}

let init (f: INetworkedOperator) (z0: Block) : State = { Z = Block.repeatWorkers f.Nodes z0 }

/// z̃ = z − Wz; u = z̃ − γF(z̃); z⁺ = z̃ − γF(u).
let step (f: INetworkedOperator) (p: Parameters) (s: State) : State =
    let mixed = s.Z - f.Gossip.Multiply s.Z
    let u = mixed - p.Gamma * f.NodeOperators mixed

    {
        Z = mixed - p.Gamma * f.NodeOperators u
    }

let method: Method<INetworkedOperator, Parameters, State, unit> = {
    Name = "Gossip-EG"
    Summary = "z̃ = z − Wz; u = z̃ − γF(z̃); z⁺ = z̃ − γF(u)"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/(4L)" (parameters f).Gamma
        ]
    Draw = fun _ _ -> Draw.none
    Init = fun f _ z0 -> init f z0
    Step = fun f p () s -> step f p s
    Output = fun s -> Block.mean s.Z
    Cost =
        fun f _ () -> [
            Charge.each Counter.OperatorCalls 2.0
            Charge.each Counter.GossipSteps (float f.Gossip.Rounds)
            Charge.each Counter.UplinkFloats (float (f.Gossip.Rounds * f.Dimension))
        ]
    // The nodes' operators pull the iterates apart: z* is fixed only where every F_m vanishes there.
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}
