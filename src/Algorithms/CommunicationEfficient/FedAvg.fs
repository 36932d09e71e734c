/// FedAvg with full participation (local gradient descent) and the drift of its clients.
///
/// McMahan, Moore, Ramage, Hampson, Agüera y Arcas, "Communication-Efficient Learning of Deep Networks from Decentralized
/// Data", AISTATS 2017, arXiv 1602.05629; the fixed point and its expansion are derived.
/// Problem: f = (1/n) Σ f_i, f_i L-smooth; exact statements for quadratics f_i = ½(x−b_i)ᵀA_i(x−b_i), μI ≼ A_i ≼ LI.
module Theory.Algorithms.CommunicationEfficient.FedAvg

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    /// η, the local stepsize.
    Eta: float
    /// K, the local steps of a round.
    LocalSteps: int
}

/// K = 5, η = 1/(2KL).
let parameters (f: IFiniteSum) : Parameters = {
    Eta = 0.1 / LocalPasses.smoothness f
    LocalSteps = 5
}

type State = {
    /// The server's iterate x.
    X: Block
}

let init (x0: Block) : State = { X = x0 }

let step (f: IFiniteSum) (p: Parameters) () (s: State) : State =
    let y =
        Block.repeatWorkers f.Count s.X
        |> LocalPasses.pass p.LocalSteps p.Eta (fun _ y -> f.Gradients y)

    { X = Block.mean y }

/// x_FA on quadratics; x* when K = 1; unknown else.
let fixedPoint (f: IFiniteSum) (p: Parameters) : State option =
    match box f with
    | :? Quadratic as q when (q :> IObjective).StrongConvexity > 0.0 ->
        Some {
            X = LocalPasses.averagedPassFixedPoint p.LocalSteps p.Eta q
        }
    | _ when p.LocalSteps = 1 -> Some { X = f.Minimiser }
    | _ -> None

/// ‖x − x_FA‖².
let distance (target: State) (s: State) = Block.normSquared (s.X - target.X)

/// (1 − ημ)^{2K}, μ that of every f_i.
let contraction (f: IFiniteSum) (p: Parameters) =
    (1.0 - p.Eta * LocalPasses.strongConvexity f) ** float (2 * p.LocalSteps)

/// 2/(L+μ).
let largestEta (f: IFiniteSum) =
    2.0 / (LocalPasses.smoothness f + LocalPasses.strongConvexity f)

let method: Method<IFiniteSum, Parameters, State, unit> = {
    Name = "FedAvg"
    Summary = "every client: y = x, K times y ← y − η∇f_i(y); x⁺ = mean y_i"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "η" p.Eta
            Condition.positive "K" (float p.LocalSteps)
            Condition.atMost "η" p.Eta "2/(L+μ)" (largestEta f)
        ]
    Draw = fun _ _ -> Draw.none
    Init = fun _ _ x0 -> init x0
    Step = step
    Output = fun s -> s.X
    Cost = fun f p () -> LocalPasses.cost f p.LocalSteps f.Count 1 1
    FixedPoint = fixedPoint
    Bounds =
        fun f p -> [
            match fixedPoint f p with
            | Some target when LocalPasses.strongConvexity f > 0.0 && p.Eta <= largestEta f ->
                Bounds.linear "CE-FEDAVG.1: ‖x_r − x_FA‖²" false (distance target) (contraction f p)
            | _ -> ()
        ]
}
