/// The optimal decentralised method on a network that changes with time: Algorithm 2.
///
/// Kovalev, Beznosikov, Sadiev, Persiianov, Richtárik, Gasnikov, NeurIPS 2022, arXiv 2202.02771, Algorithm 2.
/// Problem: Σ_m F_m(z) = 0 over a network, F_m = (1/n) Σ_j F_mj; the gossip matrix W_k of step k obeys
/// ‖W_kx − x‖² ≤ (1 − 1/χ)‖x‖² for x ⟂ 1.
module Theory.Algorithms.VariationalInequalities.ChangingNetwork

open Theory
open Theory.Numerics
open Theory.Problems

/// p is the probability that the reference point moves, ω its weight, b the batch; ν < μ is the part of the strong
/// monotonicity that the consensus problem takes.
type Parameters = {
    EtaZ: float
    EtaY: float
    EtaX: float
    Gamma: float
    Beta: float
    Tau: float
    Theta: float
    Nu: float
    Alpha: float
    Omega: float
    P: float
    Batch: int
}

/// The paper's rule: θ = ½, ν = μ/4, α = ½, ω = p, γ = min{μ/(16L²), bω/(24L̄²η_z)}, β = 5γ, τ = min{μ/(32Lχ), μ√(bp)/(32L̄)},
/// η_x = min{1/(900χγ), ν/(36τχ²)}, η_y = min{1/(4γ), ν/(8τ)}, η_z = min{1/(8Lχ), 1/(32η_y), √(αbω)/(8L̄)}.
let parametersWith (f: INetworkedOperator) (p: float) (batch: int) : Parameters =
    let l, mu, lbar, chi =
        f.Lipschitz, f.Monotonicity, f.MeanSquareLipschitz, f.Changing.Chi

    let b = float batch
    let nu, alpha, omega = mu / 4.0, 0.5, p
    let tau = min (mu / (32.0 * l * chi)) (mu * sqrt (b * p) / (32.0 * lbar))

    let etaY gamma =
        min (1.0 / (4.0 * gamma)) (nu / (8.0 * tau))

    let etaZ gamma =
        List.min [
            1.0 / (8.0 * l * chi)
            1.0 / (32.0 * etaY gamma)
            sqrt (alpha * b * omega) / (8.0 * lbar)
        ]

    // γ and η_z refer to each other: a smaller γ gives a larger η_y, so a smaller η_z, which allows γ. One pass is enough.
    let widest = mu / (16.0 * l * l)
    let gamma = min widest (b * omega / (24.0 * lbar * lbar * etaZ widest))

    {
        EtaZ = etaZ gamma
        EtaY = etaY gamma
        EtaX = min (1.0 / (900.0 * chi * gamma)) (nu / (36.0 * tau * chi * chi))
        Gamma = gamma
        Beta = 5.0 * gamma
        Tau = tau
        Theta = 0.5
        Nu = nu
        Alpha = alpha
        Omega = omega
        P = p
        Batch = batch
    }

/// p = 1/16, one summand a batch.
let parameters (f: INetworkedOperator) : Parameters = parametersWith f (1.0 / 16.0) 1

type State = {
    /// The iterates z_m of the nodes.
    Z: Block
    /// The iterates before them.
    PastZ: Block
    /// The reference points w_m.
    W: Block
    /// The reference points before them.
    PastW: Block
    /// Tends to F_m(z*) − νz*.
    Y: Block
    /// y before.
    PastY: Block
    /// The averaged y, of the accelerated scheme.
    AverageY: Block
    /// Tends to −F_m(z*) up to what the nodes share: Σ_m x_m = 0.
    X: Block
    /// The averaged x.
    AverageX: Block
    /// What gossip has not yet brought to the neighbours; its mean over nodes drifts and meets nothing.
    M: Block
}

/// All nodes at z⁰, nothing before, everything else 0.
let init (f: INetworkedOperator) (z0: Block) : State =
    let z = Block.repeatWorkers f.Nodes z0
    let zero = 0.0 * z

    {
        Z = z
        PastZ = z
        W = z
        PastW = z
        Y = zero
        PastY = zero
        AverageY = zero
        X = zero
        AverageX = zero
        M = zero
    }

/// One step; `multiply` is W_k.
let stepWith
    (multiply: Block -> Block)
    (f: INetworkedOperator)
    (p: Parameters)
    (first: Indices, second: Indices, renew: Mask)
    (s: State)
    : State =
    let delta = Batches.extrapolated f p.Alpha first s.Z s.PastZ s.PastW
    let dual = s.Y + p.Alpha * (s.Y - s.PastY)
    let z = s.Z + p.Omega * (s.W - s.Z) - p.EtaZ * (delta - p.Nu * s.Z - dual)
    let yc = p.Tau * s.Y + (1.0 - p.Tau) * s.AverageY
    let xc = p.Tau * s.X + (1.0 - p.Tau) * s.AverageX
    let both = (yc + xc).Materialise()
    let delta' = Batches.corrected f second z s.W
    let deltaY = both / p.Nu + z + p.Gamma * (s.Y + s.X + p.Nu * s.Z)
    let deltaX = both / p.Nu + p.Beta * (s.X + delta')
    let y = s.Y - p.EtaY * deltaY
    let pending = (p.EtaX * deltaX + s.M).Materialise()
    let sent = multiply pending

    {
        Z = z
        PastZ = s.Z
        W = Block.choose renew s.Z s.W
        PastW = s.W
        Y = y
        PastY = s.Y
        AverageY = yc + p.Tau * (y - s.Y)
        X = s.X - sent
        AverageX = xc - p.Theta * multiply both
        M = pending - sent
    }

/// z = w = 1 ⊗ z*, y = y_f = F(1 ⊗ z*) − ν1 ⊗ z*, x = x_f = −F(1 ⊗ z*), m = 0 (which drifts along 1).
let solved (f: INetworkedOperator) (p: Parameters) : State =
    let z = Block.repeatWorkers f.Nodes f.Solution
    let y = f.ValuesAtSolution - p.Nu * z

    {
        Z = z
        PastZ = z
        W = z
        PastW = z
        Y = y
        PastY = y
        AverageY = y
        X = -f.ValuesAtSolution
        AverageX = -f.ValuesAtSolution
        M = 0.0 * z
    }

let method: Method<INetworkedOperator, Parameters, State, (Indices * Indices * Mask) * Indices> = {
    Name = "DVI-Changing"
    Summary =
        "SDVI's z with −νz; accelerated averages y_f, x_f of the dual variables; x⁺ = x − q, m⁺ = η_xΔ_x + m − q with q = W_k(η_xΔ_x + m)"
    Rule = parameters
    Conditions =
        fun f p ->
            let rule = parametersWith f p.P p.Batch

            [
                Condition.positive "p" p.P
                Condition.atMost "p" p.P "1/16" (1.0 / 16.0)
                Condition.atMost "|ω − p|" (abs (p.Omega - p.P)) "0" 0.0
                Condition.positive "ν" p.Nu
                Condition.atMost "ν" p.Nu "μ/4" rule.Nu
                Condition.positive "τ" p.Tau
                Condition.atMost "τ" p.Tau "min{μ/(32Lχ), μ√(bp)/(32L̄)}" rule.Tau
                Condition.positive "γ" p.Gamma
                Condition.atMost "γ" p.Gamma "min{μ/(16L²), bω/(24L̄²η_z)}" rule.Gamma
                Condition.atMost "|β − 5γ|" (abs (p.Beta - 5.0 * p.Gamma)) "0" 0.0
                Condition.positive "η_x" p.EtaX
                Condition.atMost "η_x" p.EtaX "min{1/(900χγ), ν/(36τχ²)}" rule.EtaX
                Condition.positive "η_y" p.EtaY
                Condition.atMost "η_y" p.EtaY "min{1/(4γ), ν/(8τ)}" rule.EtaY
                Condition.positive "η_z" p.EtaZ
                Condition.atMost "η_z" p.EtaZ "min{1/(8Lχ), 1/(32η_y), √(αbω)/(8L̄)}" rule.EtaZ
            ]
    Draw =
        fun f p ->
            let batch () = Batches.draw f.Nodes f.Summands p.Batch
            Draw.both (Draw.three (batch ()) (batch ()) (Draw.coin p.P)) f.Changing.Draw
    Init = fun f _ z0 -> init f z0
    Step = fun f p (sample, k) s -> stepWith (f.Changing.Multiply k) f p sample s
    Output = fun s -> Block.mean s.Z
    // Both multiplications by W_k travel in the same exchanges.
    Cost =
        fun f p ((_, _, renew), _) ->
            let rounds = float f.Changing.Rounds

            Batches.cost p.Batch renew
            @ [
                Charge.each Counter.GossipSteps rounds
                Charge.each Counter.UplinkFloats (2.0 * rounds * float f.Dimension)
            ]
    // At the solution the mean of m still drifts, by −η_x z* a step.
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}
