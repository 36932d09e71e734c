/// DIANA: compressed gradient differences.
///
/// Mishchenko, Gorbunov, Takáč, Richtárik, "Distributed Learning with Compressed Gradient Differences", 2019,
/// arXiv 1901.09269; Horváth, Kovalev, Mishchenko, Stich, Richtárik, 2019, arXiv 1904.05115.
/// Problem: f = (1/n) Σ f_i, f_i convex and L_i-smooth, f μ-strongly convex and L-smooth; independent Q_i ∈ U(ω).
module Theory.Algorithms.CommunicationEfficient.DIANA

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors

[<NoComparison; NoEquality>]
type Parameters = {
    Gamma: float
    Alpha: float
    Compressor: Compressor
}

let private omegaOf (f: IFiniteSum) (compressor: Compressor) =
    match compressor.Omega f.Dimension with
    | Some omega -> omega
    | None -> invalidArg (nameof compressor) $"DIANA needs an unbiased compressor; {compressor.Name} is biased."

/// α = 1/(1+ω), γ = 1/(L + 6ωLmax/n).
let parametersFor (compressor: Compressor) (f: IFiniteSum) : Parameters =
    let omega = omegaOf f compressor

    {
        Gamma = 1.0 / (f.Smoothness + 6.0 * omega * Array.max f.Smoothnesses / float f.Count)
        Alpha = 1.0 / (1.0 + omega)
        Compressor = compressor
    }

type State = {
    /// The iterate x.
    X: Block
    /// The shifts h_1 … h_n, which learn ∇f_i(x*).
    H: Block
}

let init (f: IFiniteSum) (x0: Block) : State = {
    X = x0
    H = Block.zeros f.Count x0.Lanes f.Dimension
}

let step (f: IFiniteSum) (p: Parameters) (draw: CompressorDraw) (s: State) : State =
    let m = p.Compressor.Apply draw (f.Gradients s.X - s.H)
    let g = Block.mean (s.H + m)

    {
        X = s.X - p.Gamma * g
        H = s.H + p.Alpha * m
    }

/// x*, h_i* = ∇f_i(x*).
let fixedPoint (f: IFiniteSum) : State = {
    X = f.Minimiser
    H = f.Gradients f.Minimiser
}

/// V = ‖x−x*‖² + (4ωγ²/(αn))·(1/n) Σ ‖h_i − h_i*‖².
let lyapunov (f: IFiniteSum) (p: Parameters) (s: State) =
    let omega = omegaOf f p.Compressor
    let ideal = fixedPoint f
    let weight = 4.0 * omega * p.Gamma ** 2.0 / (p.Alpha * float f.Count)
    Block.normSquared (s.X - ideal.X) + weight * Block.meanNormSquared (s.H - ideal.H)

/// max{1 − γμ, 1 − α/2}.
let contraction (f: IFiniteSum) (p: Parameters) =
    max (1.0 - p.Gamma * f.StrongConvexity) (1.0 - p.Alpha / 2.0)

let methodWith (compressor: Compressor) : Method<IFiniteSum, Parameters, State, CompressorDraw> = {
    Name = $"DIANA"
    Summary = "m_i = Q_i(∇f_i(x) − h_i); x⁺ = x − γ·mean(h_i + m_i); h_i⁺ = h_i + αm_i"
    Rule = parametersFor compressor
    Conditions =
        fun f p ->
            let omega = omegaOf f p.Compressor

            [
                Condition.positive "γ" p.Gamma
                Condition.atMost "γ" p.Gamma "1/(L+6ωLmax/n)" (parametersFor p.Compressor f).Gamma
                Condition.positive "α" p.Alpha
                Condition.atMost "α" p.Alpha "1/(1+ω)" (1.0 / (1.0 + omega))
            ]
    Draw = fun f p -> p.Compressor.Draw f.Count f.Dimension
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.X
    Cost =
        fun f p _ -> [
            Charge.each Counter.Gradients 1.0
            Charge.each Counter.Rounds 1.0
            Charge.each Counter.UplinkFloats (p.Compressor.Floats f.Dimension)
            Charge.each Counter.UplinkBits (p.Compressor.Bits f.Dimension)
            Charge.each Counter.DownlinkFloats (float f.Dimension)
        ]
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds = fun f p -> [ Bounds.linear "CE-DIANA.1: E V_k" true (lyapunov f p) (contraction f p) ]
}

let method = methodWith (randK 1)

// ---- Claims ----------------------------------------------------------------------------------------------------

/// The method on a quadratic instance with changed parameters, its Lyapunov function and factor.
let private contracts (spec: QuadraticSpec) (change: Parameters -> Parameters) =
    let f = Quadratic.distributed spec :> IFiniteSum
    let p = change (parametersFor (randK 1) f)
    Spectral.contraction (Method.on f p method) (fixedPoint f) None (lyapunov f p) (contraction f p) 0.0

let private standard: QuadraticSpec = {
    Workers = 2
    Dimension = 2
    Kappa = 10.0
    Spread = 3.0
    Seed = 1
}

let lyapunovClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-DIANA.1"
            ClaimKind.Mean
            "E V_{k+1} ≤ max{1−γμ, 1−α/2} E V_k, V = ‖x−x*‖² + (4ωγ²/(αn))·mean‖h_i−h_i*‖²"
            (Quadratic.instances 3 3 |> Instances.startingWith [ standard ])
            (fun _ spec -> contracts spec id) with
            Formula = @"\mathbb E V_{k+1} \le \max\{1-\gamma\mu,\,1-\alpha/2\}\,V_k"
            Assumptions = "f_i convex L_i-smooth, f μ-strongly convex, α ≤ 1/(1+ω), γ ≤ 1/(L+6ωLmax/n)"
            Source = "arXiv 1901.09269; derived here with L in place of Lmax"
            Valid = fun spec -> spec.Dimension > 1
            Falsifiers = [
                Falsifier.check "γ doubled, the bound's γ kept" (fun _ spec ->
                    let f = Quadratic.distributed spec :> IFiniteSum
                    let p = parametersFor (randK 1) f
                    let twice = { p with Gamma = 2.0 * p.Gamma }
                    Spectral.contraction (Method.on f twice method) (fixedPoint f) None (lyapunov f twice) (contraction f twice) 0.0)
                Falsifier.check "α = 1" (fun _ spec -> contracts spec (fun p -> { p with Alpha = 1.0 }))
            ]
    }

let paper: Paper = {
    Key = "CE-DIANA"
    Title = "Distributed Learning with Compressed Gradient Differences"
    Citation = "Mishchenko, Gorbunov, Takáč, Richtárik, 2019, arXiv 1901.09269; Horváth et al., 2019"
    Family = "communication-efficient"
    Problem = "f = (1/n) Σ f_i, f_i convex and L_i-smooth, f μ-strongly convex; independent unbiased compressors Q_i ∈ U(ω)"
    Methods = [ MethodEntry.create method ]
    Claims = [ lyapunovClaim ]
}
