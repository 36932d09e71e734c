/// FedAvg-M and SCAFFOLD-M: the server's momentum inside the local steps.
///
/// Cheng, Huang, Wu, Yuan, "Momentum Benefits Non-IID Federated Learning Simply and Provably", ICLR 2024, arXiv 2306.16504.
/// Problem: f = (1/N) Σ F_i bounded below, F_i L-smooth (not convex), no bound on heterogeneity; additive gradient noise of
/// variance σ² a sample.
module Theory.Algorithms.CommunicationEfficient.MomentumFL

open System
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    /// η, the local stepsize.
    Eta: float
    /// γ, the server's stepsize.
    Gamma: float
    /// β, the share of the local gradient in a local direction; 1 is no momentum.
    Beta: float
    /// K, the local steps of a round.
    LocalSteps: int
    /// S, the clients of a round (SCAFFOLD-M).
    Participants: int
    /// σ: a stochastic gradient is ∇F_i + ξ with E‖ξ‖² = σ².
    Sigma: float
    /// R, the rounds for which η is chosen.
    Horizon: int
}

/// The longest η of the theorem for the other parameters: ηKL ≤ 1/β and 288e(ηKL)²((1−β)² + e(βγLR)²) ≤ 1.
let largestEta (f: IFiniteSum) (p: Parameters) =
    let l = LocalPasses.smoothness f
    let travelled = p.Beta * p.Gamma * l * float p.Horizon
    let split = (1.0 - p.Beta) ** 2.0 + Math.E * travelled ** 2.0

    min (1.0 / p.Beta) (1.0 / sqrt (288.0 * Math.E * split))
    / (float p.LocalSteps * l)

/// The longest γ of the theorem: min{1/(24L), β/(6L)}.
let largestGamma (f: IFiniteSum) (beta: float) =
    min (1.0 / 24.0) (beta / 6.0) / LocalPasses.smoothness f

/// γ and η at their limits for given β, K, σ, R, all clients.
let parametersFor beta steps sigma horizon (f: IFiniteSum) : Parameters =
    let p = {
        Eta = 0.0
        Gamma = largestGamma f beta
        Beta = beta
        LocalSteps = steps
        Participants = f.Count
        Sigma = sigma
        Horizon = horizon
    }

    { p with Eta = largestEta f p }

/// β = 0.3, K = 5, R = 1000, exact gradients.
let parameters (f: IFiniteSum) : Parameters = parametersFor 0.3 5 0.0 1000 f

/// ξ of every client and local step: (nK) × lanes × d; nothing for exact gradients.
let private noise (f: IFiniteSum) (p: Parameters) : Draw<Block> =
    if p.Sigma = 0.0 then
        Draw.always (Block.zeros 1 1 1)
    else
        let scale = p.Sigma / sqrt (float f.Dimension)

        Draw.gaussians (f.Count * p.LocalSteps) f.Dimension
        |> Draw.map (fun xi -> scale * xi)

/// ∇F_i(y) + ξ in local step k.
let private sampledGradients (f: IFiniteSum) (p: Parameters) (xi: Block) k y =
    if p.Sigma = 0.0 then
        f.Gradients y
    else
        f.Gradients y + xi.SliceWorkers(k * f.Count, f.Count)

let private conditions (f: IFiniteSum) (p: Parameters) = [
    Condition.positive "η" p.Eta
    Condition.positive "γ" p.Gamma
    Condition.probability "β" p.Beta
    Condition.positive "K" (float p.LocalSteps)
    Condition.atMost "γ" p.Gamma "min{1/(24L), β/(6L)}" (largestGamma f p.Beta)
    Condition.atMost "η" p.Eta "its limit for R rounds" (largestEta f p)
]

// ---- FedAvg-M --------------------------------------------------------------------------------------------------

type State = {
    /// The server's iterate x.
    X: Block
    /// The direction g of the last round.
    G: Block
}

let init (x0: Block) : State = { X = x0; G = 0.0 * x0 }

/// y_0 … y_K: y ← y − η(β∇F_i(y; ξ) + (1−β)g).
let localPoints (f: IFiniteSum) (p: Parameters) (xi: Block) (s: State) : Block list =
    Block.repeatWorkers f.Count s.X
    |> LocalPasses.points p.LocalSteps p.Eta (fun k y -> p.Beta * sampledGradients f p xi k y + (1.0 - p.Beta) * s.G)

let step (f: IFiniteSum) (p: Parameters) (xi: Block) (s: State) : State =
    let y = List.last (localPoints f p xi s)
    let g = (1.0 / (p.Eta * float p.LocalSteps)) * Block.mean (s.X - y)
    { X = s.X - p.Gamma * g; G = g }

/// FedAvg's fixed point for the local stepsize ηβ, at rest; x* for K = 1.
let fixedPoint (f: IFiniteSum) (p: Parameters) : State option =
    if p.Sigma > 0.0 then
        None
    else
        FedAvg.fixedPoint f {
            Eta = p.Eta * p.Beta
            LocalSteps = p.LocalSteps
        }
        |> Option.map (fun s -> init s.X)

/// What noise adds to the theorem's bound: 4.6βσ²/(NK) + 9.2L²η²β²·Kσ²(1 + 2K³L²η²β²).
let noiseFloor (f: IFiniteSum) (p: Parameters) =
    let k, l = float p.LocalSteps, LocalPasses.smoothness f
    let local = (l * p.Eta * p.Beta) ** 2.0

    p.Sigma ** 2.0
    * (4.6 * p.Beta / (float f.Count * k)
       + 9.2 * local * k * (1.0 + 2.0 * k ** 3.0 * local))

/// 3.3(f(x⁰)−f*)/γ + 2.3‖∇f(x⁰)‖²/β, which the bound divides by the number of rounds.
let startTerm (f: IFiniteSum) (p: Parameters) (x: Block) =
    (3.3 / p.Gamma) * Objective.gap f x
    + (2.3 / p.Beta) * Block.normSquared (f.Gradient x)

/// 9.2L²η²β²·4e²K²·mean‖∇F_i(x⁰)‖²: what heterogeneity adds.
let spreadTerm (f: IFiniteSum) (p: Parameters) (x: Block) =
    let k, l = float p.LocalSteps, LocalPasses.smoothness f

    (9.2 * (l * p.Eta * p.Beta) ** 2.0 * 4.0 * Math.E ** 2.0 * k * k)
    * Block.meanNormSquared (f.Gradients x)

/// The theorem along a run of at most R rounds: its terms at R rounds, for fewer rounds no smaller.
let private averagedBound (f: IFiniteSum) (p: Parameters) : RunBound<State> =
    let rounds = float p.Horizon

    {
        Bounds.averaged
            "CE-MOMFL.6: mean of E‖∇f(x_r)‖²"
            (p.Sigma > 0.0)
            (fun (s: State) -> Block.normSquared (f.Gradient s.X))
            (fun s -> startTerm f p s.X + rounds * spreadTerm f p s.X)
            1.0 with
            Bound =
                fun k start ->
                    if k > p.Horizon then
                        infinity
                    else
                        start / float (max k 1) + noiseFloor f p
    }

let method: Method<IFiniteSum, Parameters, State, Block> = {
    Name = "FedAvg-M"
    Summary = "clients: K times y ← y − η(β∇F_i(y) + (1−β)g); g⁺ = mean(x−y_i)/(ηK); x⁺ = x − γg⁺"
    Rule = parameters
    Conditions = conditions
    Draw = noise
    Init = fun _ _ x0 -> init x0
    Step = step
    Output = fun s -> s.X
    // Down: x and g.
    Cost = fun f p _ -> LocalPasses.cost f p.LocalSteps f.Count 1 2
    FixedPoint = fixedPoint
    Bounds =
        fun f p -> [
            if conditions f p |> List.forall (fun c -> c.Holds) then
                averagedBound f p
        ]
}

// ---- SCAFFOLD-M ------------------------------------------------------------------------------------------------

type CorrectedState = {
    /// The server's iterate x.
    X: Block
    /// The direction g of the last round.
    G: Block
    /// The control variates c_1 … c_n; the server's c is their mean.
    C: Block
}

let initCorrected (f: IFiniteSum) (x0: Block) : CorrectedState = {
    X = x0
    G = 0.0 * x0
    C = Block.zeros f.Count x0.Lanes f.Dimension
}

/// x*, g = 0, c_i = ∇F_i(x*).
let correctedFixedPoint (f: IFiniteSum) : CorrectedState = {
    X = f.Minimiser
    G = 0.0 * f.Minimiser
    C = f.Gradients f.Minimiser
}

/// One local step of every client: y ↦ y⁺ and the sampled gradient, which c_i⁺ averages.
let private correctedPass (f: IFiniteSum) (p: Parameters) xi (s: CorrectedState) =
    let constant = p.Beta * (Block.mean s.C - s.C) + (1.0 - p.Beta) * s.G

    (([], Block.repeatWorkers f.Count s.X), [ 0 .. p.LocalSteps - 1 ])
    ||> List.fold (fun (gradients, y) k ->
        let gradient = sampledGradients f p xi k y
        gradient :: gradients, y - p.Eta * (p.Beta * gradient + constant))

let correctedStep (f: IFiniteSum) (p: Parameters) (drawn: Indices, xi: Block) (s: CorrectedState) : CorrectedState =
    let takesPart = Participation.members f.Count drawn
    let gradients, y = correctedPass f p xi s
    let k = float p.LocalSteps

    let g =
        (1.0 / (p.Eta * k * float p.Participants))
        * LocalPasses.sumOver takesPart (s.X - y)

    {
        X = s.X - p.Gamma * g
        G = g
        C = Block.choose takesPart ((1.0 / k) * List.reduce (fun a b -> a + b) gradients) s.C
    }

/// The paper's bound for SCAFFOLD-M is an order without constants: no bound is stated here.
let private corrected name rule : Method<IFiniteSum, Parameters, CorrectedState, Indices * Block> = {
    Name = name
    Summary =
        "clients: K times y ← y − η(β(∇F_i(y)−c_i+c) + (1−β)g); c_i⁺ = mean ∇F_i(y_k); g⁺ = mean(x−y_i)/(ηK); x⁺ = x − γg⁺"
    Rule = rule
    Conditions =
        fun f p -> [
            yield! conditions f p
            Condition.atMost "S" (float p.Participants) "N" (float f.Count)
        ]
    Draw = fun f p -> Draw.both (LocalPasses.sample p.Participants f.Count) (noise f p)
    Init = fun f _ x0 -> initCorrected f x0
    Step = correctedStep
    Output = fun s -> s.X
    // Up: y_i and c_i⁺; down: x and βc + (1−β)g.
    Cost = fun f p _ -> LocalPasses.cost f p.LocalSteps p.Participants 2 2
    FixedPoint = fun f p -> if p.Sigma > 0.0 then None else Some(correctedFixedPoint f)
    Bounds = fun _ _ -> []
}

/// All clients in every round.
let correctedMethod = corrected "SCAFFOLD-M" parameters

/// Half of the clients in every round.
let sampledMethod =
    corrected "SCAFFOLD-M, sampled clients" (fun f -> {
        parameters f with
            Participants = (f.Count + 1) / 2
    })
