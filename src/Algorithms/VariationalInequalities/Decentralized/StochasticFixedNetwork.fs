/// The optimal decentralised method on a fixed network: Algorithm 1 with batches and variance reduction.
///
/// Kovalev, Beznosikov, Sadiev, Persiianov, Richtárik, Gasnikov, NeurIPS 2022, arXiv 2202.02771, Algorithm 1.
/// Problem: Σ_m F_m(z) = 0 over a network, F_m = (1/n) Σ_j F_mj with mean-square Lipschitz constant L̄.
module Theory.Algorithms.VariationalInequalities.StochasticFixedNetwork

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

/// p is the probability that the reference point moves, ω its weight, b the batch.
type Parameters = {
    Eta: float
    Beta: float
    Theta: float
    Alpha: float
    Omega: float
    P: float
    Batch: int
}

/// η = min{1/(8L√χ), √(pb)/(4L̄), p/μ}, β = min{μ/L², 2pb/(3ηL̄²)}, θ = min{1/(2β), 1/(8η)}, α = 1 − min{ημ/4, 1/(2χ)}, ω = p.
let parametersWith (f: INetworkedOperator) (gossip: Gossip) (p: float) (batch: int) : Parameters =
    let l, mu, lbar = f.Lipschitz, f.Monotonicity, f.MeanSquareLipschitz
    let pb = p * float batch

    let eta =
        min (min (1.0 / (8.0 * l * sqrt gossip.Chi)) (sqrt pb / (4.0 * lbar))) (p / mu)

    let beta = min (mu / (l * l)) (2.0 * pb / (3.0 * eta * lbar * lbar))

    {
        Eta = eta
        Beta = beta
        Theta = min (1.0 / (2.0 * beta)) (1.0 / (8.0 * eta))
        Alpha = 1.0 - min (eta * mu / 4.0) (1.0 / (2.0 * gossip.Chi))
        Omega = p
        P = p
        Batch = batch
    }

/// b ≈ √n L̄/L between 1 and n and p = min{b/n, 1/3}, which balance communications and local calls.
let parametersOn (f: INetworkedOperator) (gossip: Gossip) : Parameters =
    let n = float f.Summands
    let batch = max 1.0 (min n (round (sqrt n * f.MeanSquareLipschitz / f.Lipschitz)))
    parametersWith f gossip (min (batch / n) (1.0 / 3.0)) (int batch)

type State = {
    /// The iterates z_m of the nodes.
    Z: Block
    /// The iterates before them.
    PastZ: Block
    /// The reference points w_m.
    W: Block
    /// The reference points before them.
    PastW: Block
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
        W = z
        PastW = z
        Y = 0.0 * z
        PastY = 0.0 * z
    }

let stepWith
    (multiply: Block -> Block)
    (f: INetworkedOperator)
    (p: Parameters)
    (first: Indices, second: Indices, renew: Mask)
    (s: State)
    : State =
    let delta = Batches.extrapolated f p.Alpha first s.Z s.PastZ s.PastW
    let direction = delta - (s.Y + p.Alpha * (s.Y - s.PastY))
    let z = s.Z + p.Omega * (s.W - s.Z) - p.Eta * direction
    let delta' = Batches.corrected f second z s.W

    {
        Z = z
        PastZ = s.Z
        W = Block.choose renew s.Z s.W
        PastW = s.W
        Y = s.Y - p.Theta * multiply (z - p.Beta * (delta' - s.Y))
        PastY = s.Y
    }

/// z = w = 1 ⊗ z*, y = F(1 ⊗ z*).
let fixedPoint (f: INetworkedOperator) : State =
    let z = Block.repeatWorkers f.Nodes f.Solution

    {
        Z = z
        PastZ = z
        W = z
        PastW = z
        Y = f.ValuesAtSolution
        PastY = f.ValuesAtSolution
    }

/// Σ_m ‖z_m − z*‖².
let distance (f: INetworkedOperator) (s: State) =
    Block.totalNormSquared (s.Z - f.Solution)

/// Ψ = (1/η+μ)‖z−z*‖² + (1/η)(1+ημ/(2p))‖w−z*‖² + (1/θ)‖y−y*‖²_{W†} − 2⟨D, z−z*⟩ + A‖z−z₋‖² + (1/(2θ))‖y−y₋‖² +
/// (p/(2η))‖z−w₋‖², A = L + 8ηL̄²/b, D = F(z) − F(z₋) − (y − y₋); norms over all nodes.
let lyapunov (f: INetworkedOperator) (gossip: Gossip) (p: Parameters) (s: State) =
    let e = s.Z - f.Solution
    let d = f.NodeOperators s.Z - f.NodeOperators s.PastZ - (s.Y - s.PastY)
    let mu = f.Monotonicity
    let a = f.Lipschitz + 8.0 * p.Eta * f.MeanSquareLipschitz ** 2.0 / float p.Batch

    (1.0 / p.Eta + mu) * Block.totalNormSquared e
    + ((1.0 + p.Eta * mu / (2.0 * p.P)) / p.Eta)
      * Block.totalNormSquared (s.W - f.Solution)
    + (1.0 / p.Theta) * gossip.DualNormSquared(s.Y - f.ValuesAtSolution)
    - 2.0 * Block.sum (Block.dot d e)
    + a * Block.totalNormSquared (s.Z - s.PastZ)
    + (0.5 / p.Theta) * Block.totalNormSquared (s.Y - s.PastY)
    + (p.P / (2.0 * p.Eta)) * Block.totalNormSquared (s.Z - s.PastW)

let private describe
    name
    summary
    (network: INetworkedOperator -> Gossip)
    : Method<INetworkedOperator, Parameters, State, Indices * Indices * Mask> = {
    Name = name
    Summary = summary
    Rule = fun f -> parametersOn f (network f)
    Conditions =
        fun f p ->
            let rule = parametersWith f (network f) p.P p.Batch

            [
                Condition.positive "p" p.P
                Condition.atMost "p" p.P "1/3" (1.0 / 3.0)
                Condition.atMost "|ω − p|" (abs (p.Omega - p.P)) "0" 0.0
                Condition.positive "η" p.Eta
                Condition.atMost "η" p.Eta "min{1/(8L√χ), √(pb)/(4L̄), p/μ}" rule.Eta
                Condition.positive "β" p.Beta
                Condition.atMost "β" p.Beta "min{μ/L², 2pb/(3ηL̄²)}" rule.Beta
                Condition.positive "θ" p.Theta
                Condition.atMost "θ" p.Theta "min{1/(2β), 1/(8η)}" rule.Theta
                Condition.atMost "1 − α" (1.0 - p.Alpha) "min{ημ/4, 1/(2χ)}" (1.0 - rule.Alpha)
            ]
    Draw =
        fun f p ->
            let batch () = Batches.draw f.Nodes f.Summands p.Batch
            Draw.three (batch ()) (batch ()) (Draw.coin p.P)
    Init = fun f _ z0 -> init f z0
    Step =
        fun f p ->
            let gossip = network f
            fun outcome s -> stepWith gossip.Multiply f p outcome s
    Output = fun s -> Block.mean s.Z
    Cost =
        fun f p ->
            let rounds = float (network f).Rounds

            fun (_, _, renew) ->
                Batches.cost p.Batch renew
                @ [
                    Charge.each Counter.GossipSteps rounds
                    Charge.each Counter.UplinkFloats (rounds * float f.Dimension)
                ]
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds =
        fun f p ->
            if p = parametersWith f (network f) p.P p.Batch then
                [ Bounds.linear "VI-DECENTR.8: E Ψ_k" true (lyapunov f (network f) p) p.Alpha ]
            else
                []
}

let method =
    describe
        "SDVI"
        "DVI with batches around reference points: F(w₋) + (1/b)Σ[F_j(z) − F_j(w₋) + α(F_j(z) − F_j(z₋))]; w⁺ = z with probability p"
        (fun f -> f.Gossip)

let chebyshev =
    describe "SDVI-Chebyshev" "SDVI with P_T(W), T = ⌈√χ⌉ exchanges, in place of W" FixedNetwork.accelerated

// ---- VI-DECENTR.8 ----------------------------------------------------------------------------------------------

let private balanced (s: State) =
    Block.ConcatDimension(Block.sum s.Y, Block.sum s.PastY)

/// E Ψ⁺ ≤ αΨ and (5/(8η))‖z − z*‖² ≤ Ψ for every state with Σ y = 0.
let private contracts (f: INetworkedOperator) (p: Parameters) =
    let proc = Method.on f p method
    let psi = lyapunov f f.Gossip p

    Pieces.all [
        Spectral.contraction proc (fixedPoint f) (Some balanced) psi p.Alpha 0.0
        Spectral.oneStep {
            Process = {
                Name = "present state"
                Draw = Draw.none
                Step = fun () s -> s
                Cost = fun () -> []
            }
            Centre = fixedPoint f
            Keeps = Some balanced
            Measure = fun s -> (5.0 / (8.0 * p.Eta)) * distance f s
            Bound = psi
            Relation = Relation.AtMost
            MatchMoments = false
        }
    ]

/// Several probabilities p ≤ 1/3.
let private atSeveral (spec: NetworkSpec) (change: Parameters -> Parameters) =
    let f = Networks.rotationBlocks spec :> INetworkedOperator

    [ 1.0 / 3.0; 0.1 ]
    |> List.map (fun p -> contracts f (change (parametersWith f f.Gossip p 1)))
    |> Pieces.all

let private standard: NetworkSpec = {
    FixedNetwork.standard with
        Nodes = 2
        Summands = 2
        SummandSpread = 0.3
}

/// Equal nodes and summands, well conditioned: where the bounds on the stepsizes are closest.
let private even = {
    standard with
        Mu = 1.0
        Skew = 0.0
        NodeSpread = 0.0
        SummandSpread = 0.0
}

let private longer f (p: Parameters) = { p with Eta = f * p.Eta }

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-DECENTR.8"
            ClaimKind.Mean
            "Algorithm 1 with batches: E Ψ_{k+1} ≤ αΨ_k and (5/(8η))‖z_k − z*‖² ≤ Ψ_k; affine F, every state"
            (NetworkSpec.instances 2 2 1
             |> Instances.counts 1 2 20
             |> Instances.startingWith [ standard; even; { standard with Nodes = 3 } ])
            (fun _ spec -> atSeveral spec id) with
            Formula = @"\mathbb E\Psi_{k+1}\le\alpha\,\mathbb E\Psi_k,\quad \tfrac5{8\eta}\|z_k-z_*\|^2\le\Psi_k"
            Assumptions =
                "p ≤ 1/3, ω = p, batches with replacement; η = min{1/(8L√χ), √(pb)/(4L̄), p/μ}, β = min{μ/L², 2pb/(3ηL̄²)}, θ = min{1/(2β), 1/(8η)}, α = 1 − min{ημ/4, 1/(2χ)}; Σ_m y_m = 0"
            Source = "derived with these constants; the paper's own for the stochastic method were not found"
            Falsifiers = [
                Falsifier.check "η × 2" (fun _ spec -> atSeveral spec (longer 2.0))
                Falsifier.check "η × 4" (fun _ spec -> atSeveral spec (longer 4.0))
            ]
    }
