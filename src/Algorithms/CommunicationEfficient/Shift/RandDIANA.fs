/// RAND-DIANA: shifts that are refreshed by coins.
///
/// Shulgin, Richtárik, "Shifted Compression Framework: Generalizations and Improvements", UAI 2022, arXiv 2206.10452.
/// Problem: f = (1/n) Σ f_i, f L-smooth and μ-strongly convex, f_i convex and L_i-smooth, independent Q_i ∈ U(ω).
module Theory.Algorithms.CommunicationEfficient.RandDIANA

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

[<NoComparison; NoEquality>]
type Parameters = {
    Gamma: float
    /// Probabilities p_1 … p_n of the workers' coins.
    Probabilities: float[]
    Compressor: Compressor
}

/// The same probability for every worker, and the step of CE-SHIFT.3: 1/(L + 6ωLmax/n).
let withProbability (compressor: Compressor) (p: float) (f: IFiniteSum) : Parameters =
    let omega = omegaOf compressor f.Dimension

    {
        Gamma = 1.0 / (f.Smoothness + 6.0 * omega * Array.max f.Smoothnesses / float f.Count)
        Probabilities = Array.create f.Count p
        Compressor = compressor
    }

/// p = 1/(1+ω), for which RAND-DIANA does what DIANA does.
let parametersFor (compressor: Compressor) (f: IFiniteSum) : Parameters =
    withProbability compressor (1.0 / (1.0 + omegaOf compressor f.Dimension)) f

type State = {
    /// The iterate x.
    X: Block
    /// The shifts h_1 … h_n, each a gradient ∇f_i at an earlier iterate.
    H: Block
}

let init (f: IFiniteSum) (x0: Block) : State = {
    X = x0
    H = Block.zeros f.Count x0.Lanes f.Dimension
}

let step (f: IFiniteSum) (p: Parameters) (refresh: Mask, draw: CompressorDraw) (s: State) : State =
    let gradients = f.Gradients s.X
    let m = p.Compressor.Apply draw (gradients - s.H)

    {
        X = s.X - p.Gamma * Block.mean (s.H + m)
        H = Block.choose refresh gradients s.H
    }

/// x*, h_i* = ∇f_i(x*).
let fixedPoint (f: IFiniteSum) : State = {
    X = f.Minimiser
    H = f.Gradients f.Minimiser
}

/// ‖x−x*‖² + weight·(1/n) Σ ‖h_i − ∇f_i(x*)‖².
let weighted (f: IFiniteSum) (weight: float) (s: State) =
    let ideal = fixedPoint f

    Block.normSquared (s.X - ideal.X)
    + weight * Block.meanNormSquared (s.H - ideal.H)

/// V of equal probabilities: the weight is 4ωγ²/(np).
let lyapunov (f: IFiniteSum) (p: Parameters) =
    let omega = omegaOf p.Compressor f.Dimension
    weighted f (4.0 * omega * p.Gamma ** 2.0 / (float f.Count * Array.min p.Probabilities))

/// max{1 − γμ, 1 − p/2}.
let contraction (f: IFiniteSum) (p: Parameters) =
    max (1.0 - p.Gamma * f.StrongConvexity) (1.0 - Array.min p.Probabilities / 2.0)

/// Independent coins with a probability for each worker.
let private coins (probabilities: float[]) : Draw<Mask> =
    let stack (first: Mask) (second: Mask) =
        let lanes = max first.Lanes second.Lanes

        Mask(
            first.Workers + second.Workers,
            lanes,
            Array.init ((first.Workers + second.Workers) * lanes) (fun at ->
                let w, lane = at / lanes, at % lanes

                if w < first.Workers then
                    first[w, lane]
                else
                    second[w - first.Workers, lane])
        )

    if Array.min probabilities = Array.max probabilities then
        Draw.coins probabilities.Length probabilities[0]
    else
        probabilities
        |> Array.map Draw.coin
        |> Array.reduce (fun all one -> Draw.both all one |> Draw.map (fun (a, b) -> stack a b))

let methodWith (compressor: Compressor) : Method<IFiniteSum, Parameters, State, Mask * CompressorDraw> = {
    Name = "RAND-DIANA"
    Summary = "m_i = Q_i(∇f_i(x) − h_i); x⁺ = x − γ·mean(h_i + m_i); h_i⁺ = ∇f_i(x) with probability p_i, else h_i"
    Rule = parametersFor compressor
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.probability "min p_i" (Array.min p.Probabilities)
            Condition.probability "max p_i" (Array.max p.Probabilities)
            Condition.atMost "γ" p.Gamma "1/(L+6ωLmax/n)" (parametersFor p.Compressor f).Gamma
        ]
    Draw = fun f p -> Draw.both (coins p.Probabilities) (p.Compressor.Draw f.Count f.Dimension)
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.X
    Cost =
        fun f p (refresh, _) ->
            // A worker whose coin shows heads sends ∇f_i(x) beside its message; the mean over workers is charged.
            let share lane =
                Seq.averageBy (fun w -> if refresh[w, lane] then 1.0 else 0.0) [ 0 .. f.Count - 1 ]

            let sent message whole =
                Amount.ByLane(Array.init refresh.Lanes (fun lane -> message + whole * share lane))

            [
                Charge.each Counter.Gradients 1.0
                Charge.each Counter.Rounds 1.0
                {
                    Counter = Counter.UplinkFloats
                    Amount = sent (p.Compressor.Floats f.Dimension) (float f.Dimension)
                }
                {
                    Counter = Counter.UplinkBits
                    Amount = sent (p.Compressor.Bits f.Dimension) (identity.Bits f.Dimension)
                }
                Charge.each Counter.DownlinkFloats (float f.Dimension)
            ]
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds =
        fun f p -> [
            if Array.min p.Probabilities = Array.max p.Probabilities then
                Bounds.linear "CE-SHIFT.3: E V_k" true (lyapunov f p) (contraction f p)
        ]
}

/// With Rand-k, k a tenth of the dimension.
let method = {
    methodWith (randK 1) with
        Rule = fun f -> parametersFor (randK (tenth f.Dimension)) f
}
