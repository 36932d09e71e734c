/// Stochastic extragradient with independent batches.
///
/// Juditsky, Nemirovski, Tauvel, 2011; as in Beznosikov, Polyak, Gorbunov, Kovalev, Gasnikov, 2022, arXiv 2208.13592.
/// Problem: F(z) = 0, F L-Lipschitz; g(z; ξ) = F(z) + ξ with E ξ = 0, E‖ξ‖² ≤ σ²/B for batches of size B.
module Theory.Algorithms.VariationalInequalities.StochasticExtragradient

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

/// σ is the deviation of one sample, B the batch.
type Parameters = {
    Gamma: float
    Sigma: float
    Batch: float
}

/// γ = 1/(4L), σ = 1, B = 1.
let parameters (f: IOperator) : Parameters = {
    Gamma = 1.0 / (4.0 * f.Lipschitz)
    Sigma = 1.0
    Batch = 1.0
}

type State = {
    /// The iterate z_k.
    Z: Block
}

let init (z0: Block) : State = { Z = z0 }

let step (f: IOperator) (p: Parameters) (xi: Block, xi': Block) (s: State) : State =
    let u = s.Z - p.Gamma * (f.Operator s.Z + xi)

    {
        Z = s.Z - p.Gamma * (f.Operator u + xi')
    }

/// ‖z − z*‖².
let distance (f: IOperator) (s: State) = Block.normSquared (s.Z - f.Solution)

/// 1 − γμ.
let contraction (f: IOperator) (p: Parameters) = 1.0 - p.Gamma * f.Monotonicity

/// 6γ²σ²/B.
let noise (p: Parameters) =
    6.0 * p.Gamma ** 2.0 * p.Sigma ** 2.0 / p.Batch

let method: Method<IOperator, Parameters, State, Block * Block> = {
    Name = "SEG-IB"
    Summary = "u = z − γ(F(z) + ξ); z⁺ = z − γ(F(u) + ξ')"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/(4L)" (parameters f).Gamma
        ]
    // One random signed coordinate: E‖ξ‖² = σ²/B exactly, with finitely many outcomes.
    Draw =
        fun f p ->
            let one = Draw.signedCoordinate f.Dimension (p.Sigma / sqrt p.Batch)
            Draw.both one one
    Init = fun _ _ z0 -> init z0
    Step = step
    Output = fun s -> s.Z
    Cost = fun _ _ _ -> [ Charge.each Counter.OperatorCalls 2.0 ]
    FixedPoint = fun _ _ -> None
    Bounds =
        fun f p ->
            let mu = f.Monotonicity

            if mu > 0.0 then
                let floor = 6.0 * p.Gamma * p.Sigma ** 2.0 / (mu * p.Batch)

                [
                    Bounds.linearToFloor "VI-SURVEY.8: E‖z_k − z*‖²" true (distance f) (contraction f p) floor
                ]
            else
                []
}

// ---- Claims ----------------------------------------------------------------------------------------------------

let private game mu curvature coupling : GameSpec = {
    Workers = 1
    Dimension = 1
    Mu = mu
    Curvature = curvature
    Coupling = coupling
    Deviation = 0.0
    Offset = 1.0
    Seed = 1
}

/// Several stepsizes and noise levels of one game.
let private each (spec: GameSpec) (gammas: float list) (check: IOperator -> Parameters -> Evidence) =
    let f = Games.quadratic spec :> IOperator

    [
        for share in gammas do
            for sigma in [ 0.0; 1.0; 5.0 ] ->
                check f {
                    Gamma = share / f.Lipschitz
                    Sigma = sigma
                    Batch = 2.0
                }
    ]
    |> Pieces.all

let private contracts spec gammas constant =
    each spec gammas (fun f p ->
        Spectral.contraction
            (Method.on f p method)
            { Z = f.Solution }
            None
            (distance f)
            (contraction f p)
            (constant / 6.0 * noise p))

let strongly: Claim =
    Claim.create {
        Claim.spec
            "VI-SURVEY.8"
            ClaimKind.Mean
            "SEG: E‖z⁺ − z*‖² ≤ (1−γμ)‖z − z*‖² + 6γ²σ²/B for γ ≤ 1/(4L)"
            (GameSpec.instances 1 2
             |> Instances.startingWith [ game 1.0 1.0 0.0; game 0.1 0.1 1.0 ])
            (fun _ spec -> contracts spec [ 0.05; 0.25 ] 6.0) with
            Formula = @"\mathbb E\|z_{k+1}-z_*\|^2 \le (1-\gamma\mu)\|z_k-z_*\|^2 + 6\gamma^2\sigma^2/B"
            Assumptions =
                "F L-Lipschitz and μ-strongly monotone, independent unbiased batches of variance σ²/B, γ ≤ 1/(4L)"
            Source = "restated in the first author's thesis on distributed saddle points"
            Valid = fun spec -> spec.Mu > 0.0
            Falsifiers = [
                Falsifier.check "γ = 2/L" (fun _ spec -> contracts spec [ 2.0 ] 6.0)
                Falsifier.check "noise constant 6 → 0.9" (fun _ spec -> contracts spec [ 0.05; 0.25 ] 0.9)
            ]
    }

/// E‖z⁺ − z*‖² ≤ ‖z − z*‖² − (γ²/2)‖F(z)‖² + c·γ²σ²/B: summed over steps, the claim.
let private decreases spec gammas constant =
    each spec gammas (fun f p ->
        Spectral.oneStep {
            Process = Method.on f p method
            Centre = { Z = f.Solution }
            Keeps = None
            Measure = distance f
            Bound =
                fun s ->
                    distance f s - 0.5 * p.Gamma ** 2.0 * Block.normSquared (f.Operator s.Z)
                    + Block.scalar (constant * p.Gamma ** 2.0 * p.Sigma ** 2.0 / p.Batch)
            Relation = Relation.AtMost
            MatchMoments = false
        })

let minty: Claim =
    Claim.create {
        Claim.spec
            "VI-SURVEY.9"
            ClaimKind.Mean
            "SEG: (1/k)Σ E‖F(z_t)‖² ≤ 2‖z_0 − z*‖²/(γ²k) + 16σ²/B for γ ≤ 1/(4L), as the one-step decrease that sums to it"
            (GameSpec.instances 1 2
             |> Instances.startingWith [ game 0.0 0.0 1.0; game 0.1 0.1 1.0 ])
            (fun _ spec -> decreases spec [ 0.05; 0.25 ] 8.0) with
            Formula =
                @"\tfrac1k\sum_{t<k}\mathbb E\|F(z_t)\|^2 \le \frac{2\|z_0-z_*\|^2}{\gamma^2k}+\frac{16\sigma^2}{B}"
            Assumptions =
                "F L-Lipschitz with ⟨F(z), z − z*⟩ ≥ 0 for all z, independent unbiased batches of variance σ²/B, γ ≤ 1/(4L)"
            Source = "as VI-SURVEY.8; one step: (γ²/2)‖F(z)‖² ≤ ‖z−z*‖² − E‖z⁺−z*‖² + 8γ²σ²/B"
            Valid = fun spec -> spec.Mu > 0.0 || spec.Coupling > 0.0
            Falsifiers = [
                Falsifier.check "γ × 5" (fun _ spec -> decreases spec [ 1.25 ] 8.0)
                Falsifier.check "noise constant 8 → 0.9" (fun _ spec -> decreases spec [ 0.05; 0.25 ] 0.9)
            ]
    }
