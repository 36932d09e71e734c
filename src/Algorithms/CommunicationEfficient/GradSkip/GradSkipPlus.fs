/// GradSkip+: GradSkip with any unbiased compressors in place of the coins.
///
/// Same paper. Problem: min f(x) + ψ(x), f μ-strongly convex and L-smooth (L a matrix), ψ proximable. Federated: x =
/// (x_1, …, x_n), f(x) = Σ f_i(x_i), ψ the indicator of x_1 = … = x_n.
module Theory.Algorithms.CommunicationEfficient.GradSkipPlus

open System
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

/// C_Ω: unbiased, E‖C_Ω(x)‖² ≤ ‖x‖² in the norm of (I+Ω)⁻¹, Ω ⪰ 0 diagonal over workers and coordinates. It is held as
/// (I+Ω)⁻¹C_Ω, which stays finite where Ω is not.
[<NoEquality; NoComparison>]
type ShiftCompressor = {
    Name: string
    /// What n workers draw for vectors of dimension d.
    Draw: int -> int -> Draw<CompressorDraw>
    /// (I+Ω)⁻¹C_Ω for every worker and lane.
    Scaled: CompressorDraw -> Block -> Block
    /// The diagonal of (I+Ω)⁻¹ for n workers and dimension d: workers × coordinates.
    Kept: int -> int -> float[][]
}

/// Ω = 0.
let everything: ShiftCompressor = {
    Name = "Identity"
    Draw = identity.Draw
    Scaled = identity.Apply
    Kept = fun n d -> Array.init n (fun _ -> Array.create d 1.0)
}

/// Rand-k of every worker: Ω = (d/k − 1)I.
let randomCoordinates (k: int) : ShiftCompressor =
    let kept = contractiveRandK k

    {
        Name = $"Rand-{k}"
        Draw = kept.Draw
        Scaled = kept.Apply
        Kept = fun n d -> Array.init n (fun _ -> Array.create d (float k / float d))
    }

/// Worker i keeps all of x_i with probability q_i, else nothing: Ω = (1/q_i − 1)I on its block.
let workerCoins (q: float[]) : ShiftCompressor = {
    Name = "Bernoulli a worker"
    Draw = fun _ _ -> UnequalCoins.draw q |> Draw.map CompressorDraw.Coins
    Scaled =
        fun draw x ->
            match draw with
            | CompressorDraw.Coins eta -> Block.choose eta x (0.0 * x)
            | _ -> invalidArg (nameof draw) "This compressor draws coins."
    Kept = fun _ d -> q |> Array.map (Array.create d)
}

/// Coordinate c of every worker is kept with probability π_c: Ω = diag(1/π_c − 1).
let coordinateCoins (pi: float[]) : ShiftCompressor =
    let draw n d =
        // One coin a coordinate: n·d workers of one coordinate each.
        UnequalCoins.draw (Array.init (n * d) (fun at -> pi[at % d]))
        |> Draw.map (fun coins ->
            let lanes = coins.Lanes

            let values =
                Array.init (n * lanes * d) (fun at ->
                    let worker, lane, c = at / (lanes * d), at / d % lanes, at % d
                    if coins[worker * d + c, lane] then 1.0 else 0.0)

            CompressorDraw.Numbers(Block.Own(Shape.Vector(n, lanes, d), values)))

    {
        Name = "Bernoulli a coordinate"
        Draw = draw
        Scaled =
            fun draw x ->
                match draw with
                | CompressorDraw.Numbers kept -> kept.On x.Engine * x
                | _ -> invalidArg (nameof draw) "This compressor draws numbers."
        Kept = fun n _ -> Array.init n (fun _ -> pi)
    }

[<NoEquality; NoComparison>]
type Parameters = {
    Gamma: float
    /// C_ω, the same for all workers.
    Outer: Compressor
    /// C_Ω.
    Shift: ShiftCompressor
}

let private omega (f: IFiniteSum) (p: Parameters) = omegaOf p.Outer f.Dimension

/// 1/λmax(L(I + ω(ω+2)Ω(I+Ω)⁻¹)), with the Hessians for L where f is quadratic, else with L_i I.
let largestGamma (f: IFiniteSum) (p: Parameters) =
    let omega, d = omega f p, f.Dimension

    let factors =
        p.Shift.Kept f.Count d
        |> Array.map (Array.map (fun kept -> 1.0 + omega * (omega + 2.0) * (1.0 - kept)))

    let own i (factor: float[]) =
        match f with
        | :? Quadratic as q ->
            Decompositions
                .GeneralizedEigen(q.Matrices[i], LinearAlgebra.Diagonal(factor |> Array.map (fun v -> 1.0 / v)))
                .Supremum
        | _ -> f.Smoothnesses[i] * Array.max factor

    1.0 / (factors |> Array.mapi own |> Array.max)

/// Parameters with the longest step.
let longest (outer: Compressor) (shift: ShiftCompressor) (f: IFiniteSum) : Parameters =
    let p = {
        Gamma = 0.0
        Outer = outer
        Shift = shift
    }

    { p with Gamma = largestGamma f p }

/// A coin with p = √(μ/Lmax) (1/10 where no μ is certified) and Rand-k, k half of the dimension.
let parameters (f: IFiniteSum) : Parameters =
    let mu = ProxSkip.smallestConvexity f

    let p =
        if mu > 0.0 then
            sqrt (mu / Array.max f.Smoothnesses)
        else
            0.1

    longest (bernoulli p) (randomCoordinates (max 1 (f.Dimension / 2))) f

/// The state is ProxSkip's: x and h.
type State = ProxSkip.State

/// One step with any gradient and prox.
let general
    (omega: float)
    (p: Parameters)
    (gradient: Block -> Block)
    (prox: float -> Block -> Block)
    (outer: CompressorDraw, shift: CompressorDraw)
    (s: State)
    : State =
    let g = gradient s.X
    let h = g - p.Shift.Scaled shift (g - s.H)
    let moved = s.X - p.Gamma * (g - h)
    let tau = p.Gamma * (1.0 + omega)
    // γĝ.
    let correction =
        p.Outer.Apply outer (moved - prox tau (moved - tau * h)) / (1.0 + omega)

    {
        X = moved - correction
        H = h - correction / tau
    }

/// One step in the consensus form.
let step (f: IFiniteSum) (p: Parameters) =
    general (omega f p) p f.Gradients ProxSkip.consensus

/// Ψ = ‖x − x*‖² + γ²(1+ω)²‖h − ∇f(x*)‖².
let lyapunovAround (f: IFiniteSum) (p: Parameters) (ideal: State) =
    ProxSkip.lyapunovAround
        {
            Gamma = p.Gamma
            P = 1.0 / (1.0 + omega f p)
        }
        ideal

/// δ = 1 − (1 − 1/(1+ω)²)/(1 + λmin(Ω)).
let delta (f: IFiniteSum) (p: Parameters) =
    let largest = p.Shift.Kept f.Count f.Dimension |> Array.map Array.max |> Array.max
    1.0 - largest * (1.0 - 1.0 / (1.0 + omega f p) ** 2.0)

/// min{γμ, δ}.
let rate (mu: float) (f: IFiniteSum) (p: Parameters) = min (p.Gamma * mu) (delta f p)

/// Who sends: with a coin its heads, else everyone at every step.
let private sent (f: IFiniteSum) (p: Parameters) (draw: CompressorDraw) =
    match draw with
    | CompressorDraw.Coins theta -> GradSkip.communication f theta
    | _ -> [
        Charge.each Counter.Rounds 1.0
        Charge.each Counter.UplinkFloats (p.Outer.Floats f.Dimension)
        Charge.each Counter.UplinkBits (p.Outer.Bits f.Dimension)
        Charge.each Counter.DownlinkFloats (p.Outer.Floats f.Dimension)
      ]

/// GradSkip+ in the consensus form.
let method: Method<IFiniteSum, Parameters, State, CompressorDraw * CompressorDraw> = {
    Name = "GradSkip+"
    Summary =
        "ĥ = ∇f − (I+Ω)⁻¹C_Ω(∇f − h); x̂ = x − γ(∇f − ĥ); x⁺ = x̂ − C_ω(x̂ − prox(x̂ − γ(1+ω)ĥ))/(1+ω); h⁺ = ĥ + (x⁺ − x̂)/(γ(1+ω))"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/λmax(L(I+ω(ω+2)Ω(I+Ω)⁻¹))" (largestGamma f p)
        ]
    Draw = fun f p -> Draw.both (p.Outer.Draw 1 f.Dimension) (p.Shift.Draw f.Count f.Dimension)
    Init = fun f _ x0 -> ProxSkip.init f x0
    Step = step
    Output = ProxSkip.method.Output
    Cost = fun f p (outer, _) -> Charge.each Counter.Gradients 1.0 :: sent f p outer
    FixedPoint = fun f _ -> Some(ProxSkip.fixedPoint f)
    Bounds =
        fun f p ->
            let mu = ProxSkip.smallestConvexity f

            [
                if mu > 0.0 then
                    Bounds.linear
                        "CE-GRADSKIP.3: E Ψ_t"
                        true
                        (lyapunovAround f p (ProxSkip.fixedPoint f))
                        (1.0 - rate mu f p)
            ]
}
