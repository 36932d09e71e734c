/// Variance-reduced extragradient over shuffled components (VI-SHUFFLE.1).
///
/// Medyakov, Molodtsov, Evseev et al., 2025; the order of the updates is a reconstruction.
/// Problem: F = (1/n) Σ F_i(z) = 0, every F_i L_m-Lipschitz, F L-Lipschitz and μ-strongly monotone.
module Theory.Algorithms.VariationalInequalities.AnchoredShuffling

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = { Gamma: float }

/// γ = μ/(4nLL_m); 1/(4nL_m) where μ = 0.
let parameters (f: IFiniteSumOperator) : Parameters =
    let whole = 1.0 / (4.0 * float f.Count * Summands.lipschitz f)

    {
        Gamma =
            if f.Monotonicity > 0.0 then
                whole * f.Monotonicity / f.Lipschitz
            else
                whole
    }

type State = {
    /// The iterate at the end of an epoch, the next one's anchor.
    Z: Block
}

/// An epoch with another estimate of F(u) than F(w) + F_π(u) − F_π(w) for the falsifier.
let private epochWith
    (estimate: Block -> Block -> Block -> Block)
    (f: IFiniteSumOperator)
    (p: Parameters)
    (order: Indices)
    (s: State)
    : State =
    let w = s.Z
    let value = f.Operator w

    let inner (z: Block) t =
        let i = Order.at t order
        let u = z - p.Gamma * value
        z - p.Gamma * estimate value (f.OperatorAt i u) (f.OperatorAt i w)

    {
        Z = Seq.fold inner w (seq { 0 .. order.Count - 1 })
    }

let private corrected (value: Block) (atU: Block) (atW: Block) = value + atU - atW

/// One epoch from the anchor w = z.
let step (f: IFiniteSumOperator) (p: Parameters) order (s: State) : State = epochWith corrected f p order s

/// ‖z − z*‖².
let distance (f: IFiniteSumOperator) (s: State) = Block.normSquared (s.Z - f.Solution)

/// (1 − γnμ/2)².
let contraction (f: IFiniteSumOperator) (p: Parameters) =
    (1.0 - p.Gamma * float f.Count * f.Monotonicity / 2.0) ** 2.0

let method: Method<IFiniteSumOperator, Parameters, State, Indices> = {
    Name = "VR-EG-RR"
    Summary = "an epoch: w = z; draw π; n times u = z − γF(w), z ← z − γ(F(w) + F_{π_t}(u) − F_{π_t}(w))"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "μ/(4nLL_m)" (parameters f).Gamma
        ]
    Draw = fun f _ -> Draw.permutation f.Count
    Init = fun _ _ z0 -> { Z = z0 }
    Step = step
    Output = fun s -> s.Z
    Cost =
        fun f _ _ -> [
            Charge.each Counter.OperatorCalls 1.0
            Charge.each Counter.ComponentCalls (2.0 * float f.Count)
        ]
    FixedPoint = fun f _ -> Some { Z = f.Solution }
    Bounds =
        fun f p -> [
            Bounds.linear "VI-SHUFFLE.1: ‖z − z*‖² after k epochs" false (distance f) (contraction f p)
        ]
}

// ---- VI-SHUFFLE.1 ----------------------------------------------------------------------------------------------

/// For every sequence of n indices: ‖z⁺ − z*‖ ≤ (1 − γnμ/2)‖z − z*‖ for every z.
let private contracts (spec: GameSpec) scale estimate =
    let f = Games.quadratic spec :> IFiniteSumOperator
    let rule = parameters f
    let p = { Gamma = scale * rule.Gamma }

    let proc = {
        Method.on f p method with
            Draw = Draw.indices f.Count f.Count
            Step = epochWith estimate f p
    }

    EpochNorm.atMost proc { Z = f.Solution } (sqrt (contraction f p)) 0.0

let private game workers mu coupling deviation : GameSpec = {
    Workers = workers
    Dimension = 1
    Mu = mu
    Curvature = mu
    Coupling = coupling
    Deviation = deviation
    Offset = 1.0
    Seed = 1
}

let everyOrder: Claim =
    Claim.create {
        Claim.spec
            "VI-SHUFFLE.1"
            ClaimKind.Sure
            "VR-EG-RR, γ = μ/(4nLL_m): ‖z⁺ − z*‖ ≤ (1 − γnμ/2)‖z − z*‖ after an epoch, for every z and every sequence of indices"
            (GameSpec.instances 4 1
             |> Instances.startingWith [ game 3 0.3 1.0 0.3; game 2 1.0 0.0 2.0 ])
            (fun _ spec -> contracts spec 1.0 corrected) with
            Formula = @"\|z^+-z_*\| \le \Bigl(1-\frac{\mu^2}{8LL_m}\Bigr)\|z-z_*\|"
            Assumptions =
                "F L-Lipschitz and μ-strongly monotone, every F_i L_m-Lipschitz (monotone or not), γ = μ/(4nLL_m)"
            Source = "derived: ‖z_t − w‖ ≤ γ‖F(w)‖Σ(1+γL_m)^j, ‖w − hF(w) − z*‖ ≤ (1 − hμ + h²L²/2)‖w − z*‖, h = γn"
            Valid = fun spec -> spec.Mu > 0.0
            Falsifiers = [
                Falsifier.check "γ × 64" (fun _ spec -> contracts spec 64.0 corrected)
                Falsifier.check "no anchor: F_π(u) alone" (fun _ spec -> contracts spec 1.0 (fun _ atU _ -> atU))
            ]
            Tight =
                Some {
                    Instance = game 3 0.01 1.0 0.3
                    AtLeast = 0.999
                }
    }
