/// SCAFFOLD: local steps whose drift is corrected by control variates.
///
/// Karimireddy, Kale, Mohri, Reddi, Stich, Suresh, "SCAFFOLD: Stochastic Controlled Averaging for Federated Learning",
/// ICML 2020, arXiv 1910.06378. The rates without noise are derived; they need no bound on heterogeneity.
/// Problem: f = (1/n) Σ f_i, f_i convex and L-smooth, f PL(μ): ‖∇f‖² ≥ 2μ(f − f*).
module Theory.Algorithms.CommunicationEfficient.SCAFFOLD

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    /// η, the local stepsize.
    Eta: float
    /// η_g, the server's.
    EtaG: float
    /// K, the local steps of a round.
    LocalSteps: int
    /// s, the clients of a round.
    Participants: int
}

/// η̃ = η_gKη, the effective step of a round.
let effectiveStep (p: Parameters) = p.EtaG * float p.LocalSteps * p.Eta

/// Stepsizes whose effective step is `effective`.
let withStep effective etaG steps participants : Parameters = {
    Eta = effective / (etaG * float steps)
    EtaG = etaG
    LocalSteps = steps
    Participants = participants
}

/// K = 5, η_g = 1, everyone takes part, η̃ = 1/(2L).
let parameters (f: IFiniteSum) : Parameters =
    withStep (0.5 / LocalPasses.smoothness f) 1.0 5 f.Count

/// K = 5, η_g = 1, half of the clients take part, η̃ = p/(8L) with p = s/n.
let sampledParameters (f: IFiniteSum) : Parameters =
    let s = (f.Count + 1) / 2
    withStep (float s / float f.Count / (8.0 * LocalPasses.smoothness f)) 1.0 5 s

type State = {
    /// The server's iterate x.
    X: Block
    /// The control variates c_1 … c_n; the server's c is their mean.
    C: Block
}

let init (f: IFiniteSum) (x0: Block) : State = {
    X = x0
    C = Block.zeros f.Count x0.Lanes f.Dimension
}

/// y_0 … y_K on every client: y ← y − η(∇f_i(y) − c_i + c).
let localPoints (f: IFiniteSum) (p: Parameters) (s: State) : Block list =
    let correction = Block.mean s.C - s.C

    Block.repeatWorkers f.Count s.X
    |> LocalPasses.points p.LocalSteps p.Eta (fun _ y -> f.Gradients y + correction)

let step (f: IFiniteSum) (p: Parameters) (drawn: Indices) (s: State) : State =
    let takesPart = Participation.members f.Count drawn
    let moved = s.X - List.last (localPoints f p s)
    let c = s.C - Block.mean s.C + (1.0 / (float p.LocalSteps * p.Eta)) * moved

    {
        X = s.X - (p.EtaG / float p.Participants) * LocalPasses.sumOver takesPart moved
        C = Block.choose takesPart c s.C
    }

/// x*, c_i = ∇f_i(x*).
let fixedPoint (f: IFiniteSum) : State = {
    X = f.Minimiser
    C = f.Gradients f.Minimiser
}

/// p = s/n.
let share (f: IFiniteSum) (p: Parameters) = float p.Participants / float f.Count

/// Ψ = f(x) − f* + w·(1/n) Σ ‖∇f_i(x) − c_i‖², with w = η̃/2 when all take part and η̃/p when s < n do.
let lyapunov (f: IFiniteSum) (p: Parameters) (s: State) =
    let weight = if p.Participants = f.Count then 0.5 else 1.0 / share f p

    Objective.gap f s.X
    + (weight * effectiveStep p) * Block.meanNormSquared (f.Gradients s.X - s.C)

/// With all clients max{1 − μη̃(1−h²), h²}, h = Lη̃; with s < n of them max{1 − (9/10)μη̃, 1 − p/4}. μ is the PL constant.
let contractionWith (mu: float) (f: IFiniteSum) (p: Parameters) =
    let step = effectiveStep p

    if p.Participants = f.Count then
        let h = LocalPasses.smoothness f * step
        max (1.0 - mu * step * (1.0 - h * h)) (h * h)
    else
        max (1.0 - 0.9 * mu * step) (1.0 - share f p / 4.0)

/// The longest effective step: 1/(2L), or p/(8L) with sampled clients.
let largestStep (f: IFiniteSum) (p: Parameters) =
    (if p.Participants = f.Count then 0.5 else share f p / 8.0)
    / LocalPasses.smoothness f

let private conditions (f: IFiniteSum) (p: Parameters) = [
    Condition.positive "η" p.Eta
    Condition.positive "K" (float p.LocalSteps)
    Condition.positive "s" (float p.Participants)
    Condition.atMost "s" (float p.Participants) "n" (float f.Count)
    Condition.atMost "1/η_g" (1.0 / p.EtaG) "1" 1.0
    Condition.atMost "η̃ = η_gKη" (effectiveStep p) "1/(2L), or p/(8L) with sampled clients" (largestStep f p)
]

let private named name rule : Method<IFiniteSum, Parameters, State, Indices> = {
    Name = name
    Summary = "clients: K times y ← y − η(∇f_i(y) − c_i + c); c_i⁺ = c_i − c + (x−y)/(Kη); x⁺ = x + η_g·mean(y_i − x)"
    Rule = rule
    Conditions = conditions
    Draw = fun f p -> LocalPasses.sample p.Participants f.Count
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.X
    // Up: y_i − x and c_i⁺ − c_i; down: x and c.
    Cost = fun f p _ -> LocalPasses.cost f p.LocalSteps p.Participants 2 2
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds =
        fun f p -> [
            // The proof needs convex f_i.
            match box f with
            | :? Quadratic as q when
                Array.min q.StrongConvexities >= 0.0
                && f.StrongConvexity > 0.0
                && conditions f p |> List.forall (fun c -> c.Holds)
                ->
                let all = p.Participants = f.Count
                let id = if all then "CE-SCAFFOLD.2: Ψ_r" else "CE-SCAFFOLD.3: E Ψ_r"
                Bounds.linear id (not all) (lyapunov f p) (contractionWith f.StrongConvexity f p)
            | _ -> ()
        ]
}

/// Everyone takes part in every round.
let method = named "SCAFFOLD" parameters

/// Half of the clients take part in a round.
let sampledMethod = named "SCAFFOLD, sampled clients" sampledParameters
