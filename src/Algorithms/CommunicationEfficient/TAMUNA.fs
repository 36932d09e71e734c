/// TAMUNA: local steps, compressed communication and partial participation.
///
/// Condat, Agarský, Malinovsky, Richtárik, "TAMUNA: Doubly Accelerated Distributed Optimization with Local Training,
/// Compression, and Partial Participation", 2023, arXiv 2302.09832.
/// Problem: f = (1/n) Σ f_i, every f_i L-smooth and μ-strongly convex; 2 ≤ s ≤ c ≤ n.
module Theory.Algorithms.CommunicationEfficient.TAMUNA

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.ColumnMasks

type Parameters = {
    Gamma: float
    /// A round has Geom(p) local steps.
    P: float
    /// Factor χ of the control variates' step pχ/γ.
    Chi: float
    /// s, how many clients send one coordinate.
    S: int
    /// c, clients that take part in a round.
    C: int
}

/// γ, p, χ and s as CompressedScaffnew has them for all n clients; the cohort does not enter.
let local (p: Parameters) : CompressedScaffnew.Parameters = {
    Gamma = p.Gamma
    P = p.P
    Chi = p.Chi
    S = p.S
}

/// A cohort of c of the n clients and s senders a coordinate.
let parametersFor (c: int) (s: int) (f: IFiniteSum) : Parameters =
    let p = CompressedScaffnew.parametersFor s f

    {
        Gamma = p.Gamma
        P = p.P
        Chi = p.Chi
        S = s
        C = c
    }

/// A fifth of the clients, but at least two, and s = max{2, ⌊c/d⌋}.
let parameters (f: IFiniteSum) : Parameters =
    let c = min f.Count (max 2 (f.Count / 5))
    parametersFor c (min c (max 2 (c / f.Dimension))) f

type State = {
    /// The server's model x̄.
    X: Block
    /// The control variates h_1 … h_n; their sum stays zero.
    H: Block
}

let init (f: IFiniteSum) (x0: Block) : State = {
    X = x0
    H = Block.zeros f.Count x0.Lanes f.Dimension
}

/// The local models x_i after the round's number of steps from x̄, the same number for the whole cohort. The batch
/// computes idle clients too; nothing reads what it finds for them.
let train (f: IFiniteSum) (p: Parameters) (epoch: Epoch<unit>) (s: State) : Block =
    let localStep () (x: Block) =
        x - p.Gamma * f.Gradients x + p.Gamma * s.H

    GeometricStop.run epoch localStep (Block.repeatWorkers f.Count s.X)

/// One round: the cohort with its masks, and the number of local steps.
let step (f: IFiniteSum) (p: Parameters) (cohort: Cohort, epoch: Epoch<unit>) (s: State) : State =
    let x = train f p epoch s
    let mean = (1.0 / float p.S) * Block.sum (cohort.Masks * x)
    let corrected = s.H + (p.P * p.Chi / p.Gamma) * (cohort.Masks * (mean - x))

    {
        X = mean
        // Idle clients do nothing at all.
        H = Block.choose cohort.Members corrected s.H
    }

let fixedPoint (f: IFiniteSum) : State = {
    X = f.Minimiser
    H = f.Gradients f.Minimiser
}

/// Ψ after a communication: (n/γ)‖x̄−x*‖² + (γ/(p²χ))((n−1)/(s−1)) Σ‖h_i−h_i*‖².
let lyapunov (f: IFiniteSum) (p: Parameters) =
    let ideal = fixedPoint f

    fun (s: State) ->
        (float f.Count / p.Gamma) * Block.normSquared (s.X - ideal.X)
        + CompressedScaffnew.weight f.Count (local p)
          * Block.totalNormSquared (s.H - ideal.H)

let private conditions (f: IFiniteSum) (p: Parameters) = [
    yield! CompressedScaffnew.conditions p.C f (local p)
    Condition.atMost "c" (float p.C) "n" (float f.Count)
]

let method: Method<IFiniteSum, Parameters, State, Cohort * Epoch<unit>> = {
    Name = "TAMUNA"
    Summary =
        "a cohort of c clients makes L ~ Geom(p) steps x_i ← x_i − γ∇f_i(x_i) + γh_i from x̄; x̄⁺ = (1/s) Σ q_i⊙x_i; h_i⁺ = h_i + (pχ/γ) q_i⊙(x̄⁺ − x_i) in the cohort"
    Rule = parameters
    Conditions = conditions
    Draw = fun f p -> Draw.both (ColumnMasks.cohort f.Count p.C p.S f.Dimension) (GeometricStop.draw p.P Draw.none)
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.X
    Cost =
        fun f p (_, epoch) ->
            let d = float f.Dimension
            let sent = ColumnMasks.meanFloats p.C p.S f.Dimension

            [
                // Of one participant; idle clients cost nothing.
                GeometricStop.charge Counter.Gradients 1.0 epoch
                GeometricStop.charge Counter.LocalSteps 1.0 epoch
                Charge.each Counter.Rounds 1.0
                Charge.each Counter.Messages (2.0 * float p.C)
                Charge.each Counter.UplinkFloats sent
                Charge.each Counter.UplinkBits (32.0 * sent)
                Charge.each Counter.DownlinkFloats d
                Charge.each Counter.DownlinkBits (32.0 * d)
            ]
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds =
        fun f p -> [
            if
                ProxSkip.smallestConvexity f > 0.0
                && conditions f p |> List.forall (fun c -> c.Holds)
            then
                // τ^{−t}Ψ_t is a supermartingale in local steps t, and a round has at least one.
                Bounds.linear
                    "CE-TAMUNA.1b: E Ψ after a round"
                    true
                    (lyapunov f p)
                    (CompressedScaffnew.contraction f (local p))
        ]
}

/// The process that the analysis follows, one local step at a time: all n clients make it, and at a communication all
/// restart at x̄, but only the cohort sends and corrects its variates. It is CompressedScaffnew with other masks.
let virtualProcess (f: IFiniteSum) (p: Parameters) : Process<CompressedScaffnew.State, Mask * Block> = {
    Method.on f (local p) CompressedScaffnew.method with
        Name = "TAMUNA, one local step at a time"
        Draw =
            Draw.both
                (Draw.coin p.P)
                (ColumnMasks.cohort f.Count p.C p.S f.Dimension
                 |> Draw.map (fun cohort -> cohort.Masks))
}
