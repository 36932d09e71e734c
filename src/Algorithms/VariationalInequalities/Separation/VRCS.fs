/// VRCS and AccVRCS: epochs that contact one of two client groups at random, with a control variate; and the baseline
/// without one.
///
/// Bylinkin, Skorik, Bystrov et al., "Accelerated Methods with Complexity Separation Under Data Similarity for Federated
/// Learning Problems", 2026. The paper's boxes were not seen: the methods are those that its stated rates determine.
/// Problem: h = f + g μ-strongly convex over two groups of clients, f − f_1 δ_f-smooth and g − g_1 δ_g-smooth.
module Theory.Algorithms.VariationalInequalities.VRCS

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.SimilarityEpochs

type Parameters = {
    Theta: float
    /// Probability p that an epoch stops after a step.
    P: float
    /// Probability q of contacting the first group.
    Q: float
    /// Outer weight and stepsize (AccVRCS).
    Tau: float
    Alpha: float
}

let weightsOf (p: Parameters) : Weights = {
    Theta = p.Theta
    P = p.P
    Tau = p.Tau
    Alpha = p.Alpha
}

/// σ² = δ_f²/q + δ_g²/(1−q).
let variance (f: IGroupedSum) (q: float) =
    f.SimilarityF ** 2.0 / q + f.SimilarityG ** 2.0 / (1.0 - q)

/// min{1/(2(δ_f+δ_g)), √p/(4σ)}.
let thetaLimit (f: IGroupedSum) (p: float) (q: float) =
    min (1.0 / (2.0 * (f.SimilarityF + f.SimilarityG))) (sqrt p / (4.0 * sqrt (variance f q)))

/// The largest θ for given p and q, with τ = ¼min{√(μθ/p), 1} and α = θ/(8pτ).
let parametersAt (f: IGroupedSum) (p: float) (q: float) : Parameters =
    let w = weights 0.25 8.0 f.StrongConvexity (thetaLimit f p q) p

    {
        Theta = w.Theta
        P = p
        Q = q
        Tau = w.Tau
        Alpha = w.Alpha
    }

/// q = p = min{½, (δ_f/δ_g)²}.
let parameters (f: IGroupedSum) : Parameters =
    let p = min 0.5 ((f.SimilarityF / f.SimilarityG) ** 2.0)
    parametersAt f p p

/// ∇(f − f_1)(x).
let apartF (f: IGroupedSum) (x: Block) : Block =
    Block.mean (f.GradientsF x) - f.ServerF x

/// ∇(g − g_1)(x).
let apartG (f: IGroupedSum) (x: Block) : Block =
    Block.mean (f.GradientsG x) - f.ServerG x

/// ∇ψ for ψ = h_1 − h + ‖·‖²/(2θ).
let gradientPsi (f: IGroupedSum) (theta: float) (x: Block) : Block =
    (1.0 / theta) * x - apartF f x - apartG f x

/// The side that the coin shows, rounded alike whether or not other lanes take the other side.
let private either coin (heads: unit -> Block) (tails: unit -> Block) : Block =
    Branch.choose coin (fun () -> heads().Materialise()) (fun () -> tails().Materialise())

/// The contacted group's change since x_0, over the group's probability.
let difference (f: IGroupedSum) (weightF: float) (weightG: float) (coin: Mask) (s: Inner) : Block =
    either coin (fun () -> weightF * (apartF f s.X - apartF f s.Start)) (fun () ->
        weightG * (apartG f s.X - apartG f s.Start))

/// The server's step with the estimate d + ∇(h − h_1)(x_0).
let serverStep (f: IGroupedSum) (theta: float) (d: Block) (s: Inner) : Inner =
    let t = d + apartF f s.Start + apartG f s.Start

    { s with X = f.ServerStep theta t s.X }

/// One step of an epoch; the coin shows heads for the first group.
let innerStep (f: IGroupedSum) (p: Parameters) (coin: Mask) (s: Inner) : Inner =
    serverStep f p.Theta (difference f (1.0 / p.Q) (1.0 / (1.0 - p.Q)) coin s) s

/// An epoch without its stopping rule.
let inner (f: IGroupedSum) (p: Parameters) : Process<Inner, Mask> = {
    Name = "VRCS epoch"
    Draw = Draw.coin p.Q
    Step = innerStep f p
    Cost = fun _ -> []
}

let private epochFrom f p (epoch: Epoch<Mask>) (x: Block) : Block =
    (GeometricStop.run epoch (innerStep f p) { X = x; Start = x }).X

/// Rounds with the two groups in an epoch of n steps, `heads` of them with the first; `ends` points beside the steps where
/// both are asked for full gradients.
let groupRounds (ends: int) (n: int) (heads: int) = ends + heads, ends + n - heads

let private heads (epoch: Epoch<Mask>) lane =
    epoch.Steps[.. epoch.Lengths[lane] - 1]
    |> Array.sumBy (fun coin -> if coin[0, lane] then 1 else 0)

/// Rounds, messages (one a client and round) and server's problems of an epoch.
let private cost ends (f: IGroupedSum) (epoch: Epoch<Mask>) : Charge list =
    let struct (clientsF, clientsG) = f.Clients

    let byLane value = {
        Counter = Counter.Rounds
        Amount =
            Amount.ByLane(
                epoch.Lengths
                |> Array.mapi (fun lane n -> value (groupRounds ends n (heads epoch lane)))
            )
    }

    [
        byLane (fun (inF, inG) -> float (inF + inG))
        {
            byLane (fun (inF, inG) -> float (clientsF * inF + clientsG * inG)) with
                Counter = Counter.Messages
        }
        GeometricStop.charge Counter.ProxCalls 1.0 epoch
    ]

let private conditions (f: IGroupedSum) (p: Parameters) : Condition list = [
    Condition.probability "p" p.P
    Condition.probability "q" p.Q
    Condition.probability "1−q" (1.0 - p.Q)
    Condition.positive "θ" p.Theta
    Condition.atMost "θ" p.Theta "min{1/(2(δ_f+δ_g)), √p/(4σ)}" (thetaLimit f p.P p.Q)
]

// ---- VRCS ------------------------------------------------------------------------------------------------------

type State = {
    /// The end of the last epoch.
    X: Block
}

/// Ψ = h(x) − h* + pD_ψ(x*, x), ψ quadratic.
let lyapunov (f: IGroupedSum) (p: Parameters) (s: State) : Block =
    let apart =
        Block.dot (gradientPsi f p.Theta s.X - gradientPsi f p.Theta f.Minimiser) (s.X - f.Minimiser)

    Objective.gap f s.X + (0.5 * p.P) * apart

/// max{½, 1/(1 + 2μθ/(3p))}.
let contraction (f: IGroupedSum) (p: Parameters) =
    max 0.5 (1.0 / (1.0 + 2.0 * f.StrongConvexity * p.Theta / (3.0 * p.P)))

let method: Method<IGroupedSum, Parameters, State, Epoch<Mask>> = {
    Name = "VRCS"
    Summary =
        "epoch of N ~ Geom(p) server steps from x; each asks the first group with probability q, else the second, for its change since x, over its probability"
    Rule = parameters
    Conditions = conditions
    Draw = fun _ p -> GeometricStop.draw p.P (Draw.coin p.Q)
    Init = fun _ _ x0 -> { X = x0 }
    Step = fun f p epoch s -> { X = epochFrom f p epoch s.X }
    Output = fun s -> s.X
    Cost = fun f _ epoch -> cost 1 f epoch
    FixedPoint = fun f _ -> Some { X = f.Minimiser }
    Bounds = fun f p -> [ Bounds.linear "VI-SEPAR.5: E Ψ_k" true (lyapunov f p) (contraction f p) ]
}

// ---- AccVRCS ---------------------------------------------------------------------------------------------------

let accelerated: Method<IGroupedSum, Parameters, Outer, Epoch<Mask>> = {
    Name = "AccVRCS"
    Summary = "x = τz + (1−τ)y; VRCS epoch from x to y⁺; z⁺ from G = p(∇ψ(x) − ∇ψ(y⁺)), ψ = h_1 − h + ‖·‖²/(2θ)"
    Rule = parameters
    Conditions =
        fun f p ->
            conditions f p
            @ [
                Condition.probability "τ" p.Tau
                Condition.positive "α" p.Alpha
                Condition.atMost "4αpτ" (4.0 * p.Alpha * p.P * p.Tau) "θ" p.Theta
            ]
    Draw = method.Draw
    Init = fun _ _ x0 -> { Y = x0; Z = x0 }
    Step =
        fun f p epoch s ->
            let w = weightsOf p
            let x = extrapolate w s
            outerStep f.StrongConvexity w (gradientPsi f p.Theta) x (epochFrom f p epoch x) s.Z
    Output = fun s -> s.Y
    // Both groups give full gradients at x and at y⁺.
    Cost = fun f _ epoch -> cost 2 f epoch
    FixedPoint = fun f _ -> Some { Y = f.Minimiser; Z = f.Minimiser }
    Bounds =
        fun f p ->
            let w = weightsOf p

            [
                if 1.0 / (1.0 + f.StrongConvexity * p.Alpha) <= 1.0 - p.Tau then
                    Bounds.linear "VI-SEPAR.6: E[Y_k + Z_k]" true (SimilarityEpochs.lyapunov f w) (1.0 - p.Tau)
            ]
}

// ---- SC-Extragradient ------------------------------------------------------------------------------------------

type BaselineParameters = {
    Gamma: float
    /// Probability π of the first group.
    Pi: float
}

/// ∇f/π or ∇g/(1−π).
let drawn (f: IGroupedSum) (pi: float) (coin: Mask) (x: Block) : Block =
    either coin (fun () -> (1.0 / pi) * Block.mean (f.GradientsF x)) (fun () ->
        (1.0 / (1.0 - pi)) * Block.mean (f.GradientsG x))

/// An extragradient step with one drawn group for both half steps; without a control variate it keeps a noise floor.
let baseline: Method<IGroupedSum, BaselineParameters, State, Mask> = {
    Name = "SC-Extragradient"
    Summary = "u = x − γĝ(x); x⁺ = x − γĝ(u), ĝ the gradient of one random group over its probability"
    Rule =
        fun f ->
            let pi = f.SimilarityF / (f.SimilarityF + f.SimilarityG)

            {
                // The drawn gradients are at most L/min{π, 1−π}-Lipschitz where f and g are convex.
                Gamma = 0.5 * min pi (1.0 - pi) / f.Smoothness
                Pi = pi
            }
    Conditions =
        fun _ p -> [
            Condition.positive "γ" p.Gamma
            Condition.probability "π" p.Pi
            Condition.probability "1−π" (1.0 - p.Pi)
        ]
    Draw = fun _ p -> Draw.coin p.Pi
    Init = fun _ _ x0 -> { X = x0 }
    Step =
        fun f p coin s ->
            let u = s.X - p.Gamma * drawn f p.Pi coin s.X

            {
                X = s.X - p.Gamma * drawn f p.Pi coin u
            }
    Output = fun s -> s.X
    // One group, at x and at u.
    Cost = fun _ _ _ -> [ Charge.each Counter.Rounds 2.0; Charge.each Counter.Gradients 2.0 ]
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}
