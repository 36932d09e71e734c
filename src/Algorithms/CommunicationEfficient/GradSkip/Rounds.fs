/// GradSkip with one step a communication round, so that the gradients that clients need can be charged.
module Theory.Algorithms.CommunicationEfficient.GradSkipRounds

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.GradSkip

/// The last steps of a round: the communication that follows the steps of all clients.
let private communicate (p: Parameters) (s: State) : State =
    let x = ProxSkip.consensus 0.0 (s.X - (p.Gamma / p.P) * s.H)

    {
        X = x
        H = s.H + (p.P / p.Gamma) * (x - s.X)
    }

/// N ~ Geom(p) local steps of every client, then the communication.
let step (f: IFiniteSum) (p: Parameters) (round: Epoch<Mask>) (s: State) : State =
    let silent = Mask.Constant false

    GeometricStop.run round (fun eta inner -> GradSkip.step f p (silent, eta) inner) s
    |> communicate p

/// Gradients that a client needs in a round: until its first η_i = 0, or to the end.
let needed (client: int) (round: Epoch<Mask>) (lane: int) : float =
    let length = round.Lengths[if round.Lengths.Length = 1 then 0 else lane]

    let rec count k =
        if k = length then length
        elif round.Steps[k][client, lane] then count (k + 1)
        else k + 1

    float (count 0)

/// Gradients of a round, over the clients' mean: one is a gradient of each.
let private gradients (f: IFiniteSum) (round: Epoch<Mask>) : Charge = {
    Counter = Counter.Gradients
    Amount =
        Amount.ByLane(
            Array.init round.Lengths.Length (fun lane ->
                (Seq.init f.Count (fun i -> needed i round lane) |> Seq.sum) / float f.Count)
        )
}

/// GradSkip, one step a communication round.
let method: Method<IFiniteSum, Parameters, State, Epoch<Mask>> = {
    Name = "GradSkip by rounds"
    Summary = "N ~ Geom(p) steps of GradSkip, the last with the communication; a client pays until its first η_i = 0"
    Rule = parameters
    Conditions = conditions
    Draw = fun _ p -> GeometricStop.draw p.P (UnequalCoins.draw p.Q)
    Init = fun f _ x0 -> ProxSkip.init f x0
    Step = step
    Output = ProxSkip.method.Output
    Cost = fun f _ round -> gradients f round :: communication f (Mask.Constant true)
    FixedPoint = fun f _ -> Some(ProxSkip.fixedPoint f)
    // (1−ρ)^{−t}Ψ_t is a supermartingale and a round has at least one step.
    Bounds =
        fun f p -> [
            if ProxSkip.smallestConvexity f > 0.0 then
                Bounds.linear "CE-GRADSKIP.1: E Ψ after rounds" true (lyapunov f p) (1.0 - rate f p)
        ]
}
