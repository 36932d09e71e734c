/// Vertical federated learning with compression, partial participation or coordinates: variance-reduced steps on the saddle.
///
/// Beznosikov et al., 2026, arXiv 2602.15996; the step of Alacaoglu and Malitsky, 2022.
/// Problem: as VFL-EG. Three ways to thin F(u) − F(w): random coordinates, random parties, random entries of the messages.
module Theory.Algorithms.VariationalInequalities.VerticalCompression

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

/// K coordinates, or the share q of parties, as the method's compression asks for; p renews the reference point.
type Parameters = {
    Gamma: float
    P: float
    K: int
    Q: float
}

type State = {
    /// The iterate v_k.
    V: Block
    /// The reference point w_k.
    W: Block
    /// F(w_k).
    Value: Block
}

/// How the difference F(u) − F(w) is thinned.
[<NoEquality; NoComparison>]
type Compression<'D> = {
    Name: string
    Summary: string
    Draw: IVerticalOperator -> Parameters -> Draw<'D>
    /// g with E g = F(u) − F(w), from u and the state with F(w).
    Difference: IVerticalOperator -> Parameters -> 'D -> Block -> State -> Block
    /// C with E‖g‖² ≤ C²‖u − w‖².
    Constant: IVerticalOperator -> Parameters -> float
    /// Numbers that a party sends, and as many that it receives, for the difference.
    Floats: IVerticalOperator -> Parameters -> float
}

/// RandK on all coordinates: C² = (D/K)L².
let coordinates: Compression<Indices> = {
    Name = "VFL-Coordinates"
    Summary = "RandK on the coordinates of F(u) − F(w)"
    Draw = fun f p -> Draw.subset p.K f.Dimension
    Difference =
        fun f p kept u s ->
            let difference = VerticalExtragradient.evaluate f u - s.Value
            (float f.Dimension / float p.K) * difference.Keep kept
    Constant = fun f p -> f.Lipschitz * sqrt (float f.Dimension / float p.K)
    // Any coordinate needs the whole of A_ix_i or y.
    Floats = fun f _ -> float f.Samples
}

/// Weights 1/q on the features of the parties that take part, 0 on those of the others, 1 on the server's part.
let private participation (f: IVerticalOperator) q (present: Mask) : Block =
    let lanes = present.Lanes

    let row lane = [|
        for i in 0 .. f.Parties - 1 do
            yield! Array.create f.PartyDimensions[i] (if present[i, lane] then 1.0 / q else 0.0)

        yield! Array.create (2 * f.Samples) 1.0
    |]

    Block.Own(Shape.Vector(1, lanes, f.Dimension), Array.init lanes row |> Array.concat)

/// Each party's block with probability q, scaled by 1/q: C² = L²/q.
let parties: Compression<Mask> = {
    Name = "VFL-Parties"
    Summary = "each party's block of F(u) − F(w) with probability q, scaled by 1/q"
    Draw = fun f p -> Draw.coins f.Parties p.Q
    Difference =
        fun f p present u s ->
            let difference = VerticalExtragradient.evaluate f u - s.Value
            (participation f p.Q present).On(u.Engine) * difference
    Constant = fun f p -> f.Lipschitz / sqrt p.Q
    Floats = fun f _ -> float f.Samples
}

/// RandK on the differences of A_ix_i, by each party on its own, and of y, before the linear maps: C² exactly, for affine F.
let messages: Compression<Indices * Indices> = {
    Name = "VFL-Messages"
    Summary = "RandK on the differences of the messages A_ix_i and y"
    Draw = fun f p -> Draw.both (Draw.subsets f.Parties p.K f.Samples) (Draw.subset p.K f.Samples)
    Difference =
        fun f p (up, down) u s ->
            let ratio = float f.Samples / float p.K
            let apart = (u - s.W).Materialise()
            let predictions = (f.Predictions u - f.Predictions s.W).Materialise()
            let duals = (VerticalExtragradient.dual f apart).Materialise()

            f.Local u - f.Local s.W
            + f.Coupled (ratio * predictions.Keep up) (ratio * duals.Keep down)
    Constant = fun f p -> f.MessageLipschitz p.K
    Floats = fun _ p -> float p.K
}

/// γ = √p/C.
let gamma (c: Compression<'D>) f (p: Parameters) = sqrt p.P / c.Constant f p

/// p = 1/4, half of the coordinates or parties.
let parametersOf whole (c: Compression<'D>) (f: IVerticalOperator) : Parameters =
    let p = {
        Gamma = 0.0
        P = 0.25
        K = max 1 (whole f / 2)
        Q = 0.5
    }

    { p with Gamma = gamma c f p }

let init (f: IVerticalOperator) (v0: Block) : State = {
    V = v0
    W = v0
    Value = VerticalExtragradient.evaluate f v0
}

/// v̄ = (1−p)v + pw; u = v̄ − γF(w); v⁺ = u − γg; w⁺ = v (the old one) with probability p.
let step (c: Compression<'D>) (f: IVerticalOperator) (p: Parameters) (outcome: 'D, renew: Mask) (s: State) : State =
    let mean = (1.0 - p.P) * s.V + p.P * s.W
    let u = (mean - p.Gamma * s.Value).Materialise()

    {
        V = u - p.Gamma * c.Difference f p outcome u s
        W = Block.choose renew s.V s.W
        Value = Branch.choose renew (fun () -> VerticalExtragradient.evaluate f s.V) (fun () -> s.Value)
    }

/// All at the saddle.
let fixedPoint (f: IVerticalOperator) : State = {
    V = f.Solution
    W = f.Solution
    Value = 0.0 * f.Solution
}

/// Φ = ‖v − v*‖² + ‖w − v*‖².
let lyapunov (f: IVerticalOperator) (s: State) =
    Block.normSquared (s.V - f.Solution) + Block.normSquared (s.W - f.Solution)

let private describe whole (c: Compression<'D>) : Method<IVerticalOperator, Parameters, State, 'D * Mask> = {
    Name = c.Name
    Summary = $"v̄ = (1−p)v + pw; u = v̄ − γF(w); v⁺ = u − γg; w⁺ = v with probability p; g: {c.Summary}"
    Rule = parametersOf whole c
    Conditions =
        fun f p -> [
            Condition.probability "p" p.P
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "√p/C" (gamma c f p)
        ]
    Draw = fun f p -> Draw.both (c.Draw f p) (Draw.coin p.P)
    Init = fun f _ v0 -> init f v0
    Step = step c
    Output = fun s -> s.V
    Cost =
        fun f p (_, renew) ->
            let m = float f.Samples

            [
                Charge.each Counter.OperatorCalls 1.0
                Charge.whenHeads Counter.OperatorCalls 1.0 renew
                Charge.each Counter.Rounds 1.0
                Charge.whenHeads Counter.Rounds 1.0 renew
                Charge.each Counter.UplinkFloats (c.Floats f p)
                Charge.whenHeads Counter.UplinkFloats m renew
                Charge.each Counter.DownlinkFloats (c.Floats f p)
                Charge.whenHeads Counter.DownlinkFloats m renew
            ]
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds =
        fun f p ->
            if p.Gamma <= gamma c f p * (1.0 + Rounding.parameter) then
                [ Bounds.linear "VI-VFL.5: E Φ_k" true (lyapunov f) 1.0 ]
            else
                []
}

let byCoordinates = describe (fun f -> f.Dimension) coordinates
let byParties = describe (fun f -> f.Parties) parties
let byMessages = describe (fun f -> f.Samples) messages

// ---- VI-VFL.5 --------------------------------------------------------------------------------------------------

/// F(w) is stored: admissible states have Value = F(W).
let private stored (f: IVerticalOperator) (s: State) =
    s.Value - VerticalExtragradient.evaluate f s.W

/// E‖g‖² ≤ C²‖u − w‖² for every u and w, of which V plays u.
let private secondMoment (c: Compression<'D>) (f: IVerticalOperator) (p: Parameters) =
    Spectral.oneStep {
        Process = {
            Name = c.Name
            Draw = c.Draw f p
            Step =
                fun outcome s -> {
                    s with
                        V = c.Difference f p outcome s.V s
                }
            Cost = fun _ -> []
        }
        Centre = fixedPoint f
        Keeps = Some(stored f)
        Measure = fun s -> Block.normSquared s.V
        Bound = fun s -> c.Constant f p ** 2.0 * Block.normSquared (s.V - s.W)
        Relation = Relation.AtMost
        MatchMoments = false
    }

let private contracts (f: IVerticalOperator) scale whole (c: Compression<'D>) =
    let rule = { parametersOf whole c f with P = 0.3 }

    let p = {
        rule with
            Gamma = scale * gamma c f rule
    }

    Spectral.contraction (Method.on f p (describe whole c)) (fixedPoint f) (Some(stored f)) (lyapunov f) 1.0 0.0

/// Two coordinates in a draw: their subsets are enumerated.
let private few (_: IVerticalOperator) = 4

let private all (spec: VerticalSpec) scale =
    let f = VerticalRegression spec :> IVerticalOperator

    Pieces.all [
        contracts f scale few coordinates
        contracts f scale (fun f -> f.Parties) parties
        contracts f scale (fun f -> f.Samples) messages
    ]

let private moments (spec: VerticalSpec) =
    let f = VerticalRegression spec :> IVerticalOperator
    let at whole c = parametersOf whole c f

    Pieces.all [
        secondMoment coordinates f (at few coordinates)
        secondMoment parties f (at (fun f -> f.Parties) parties)
        secondMoment messages f (at (fun f -> f.Samples) messages)
    ]

/// The standard split of this paper's claims: nine coordinates.
let standard: VerticalSpec = {
    Samples = 3
    Parties = 2
    Features = 3
    Lambda = 0.1
    Scale = 1.0
    Seed = 1
}

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-VFL.5"
            ClaimKind.Mean
            "VFL with coordinates, parties or messages drawn at random: E‖g‖² ≤ C²‖u − w‖² and E Φ_{k+1} ≤ Φ_k for γ = √p/C, Φ = ‖v−v*‖² + ‖w−v*‖²; every state"
            (VerticalSpec.instances 2 2 3
             |> Instances.counts 1 1 20
             |> Instances.startingWith [ standard ])
            (fun _ spec -> Pieces.all [ moments spec; all spec 1.0 ]) with
            Formula = @"\mathbb E\Phi_{k+1}\le\mathbb E\Phi_k,\quad \gamma\le\sqrt p/C"
            Assumptions = "F monotone; C² = (D/K)L² (coordinates), L²/q (parties), λmax(E ĴᵀĴ) (messages)"
            Source = "derived: one step of variance-reduced forward-backward-forward with μ = 0, w⁺ the old iterate"
            Falsifiers = [ Falsifier.check "γ × 3" (fun _ spec -> all spec 3.0) ]
            Tight =
                Some {
                    Instance = standard
                    AtLeast = 0.999999
                }
    }

/// Φ's own factor along the run: the second moments contract by 1 − (γσ)²/share, σ the least singular value of F's matrix.
let private decays (spec: VerticalSpec) share =
    let problem = VerticalRegression spec
    let f = problem :> IVerticalOperator

    let one whole (c: Compression<'D>) =
        let p = parametersOf whole c f

        let sigma = Decompositions.Svd(problem.Affine.Mean).Values |> Seq.min

        SecondMoments.contract
            (Method.on f p (describe whole c))
            (fixedPoint f)
            (Some(stored f))
            (1.0 - (p.Gamma * sigma) ** 2.0 / share)

    Pieces.all [ one (fun f -> f.Parties) parties; one (fun f -> f.Samples) messages ]

let decayClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-VFL.5b"
            ClaimKind.Mean
            "on a ridge regression, where F's matrix is invertible, E Φ_k decays linearly: second moments contract by 1 − (γσ)²/2, σ its least singular value"
            (VerticalSpec.instances 2 2 2
             |> Instances.counts 1 2 12
             |> Instances.startingWith [
                 {
                     standard with
                         Samples = 2
                         Features = 2
                 }
             ])
            (fun _ spec -> decays spec 2.0) with
            Formula = @"\mathbb E\|v_k-v_*\|^2 = O((1-\gamma^2\sigma_{\min}^2/2)^k)"
            Assumptions =
                "as VI-VFL.5, γ = √p/C; the factor is this library's observation, the linear decay the paper's"
            Source = "exact second moments"
            Falsifiers = [ Falsifier.check "1 − 40(γσ)²" (fun _ spec -> decays spec (1.0 / 40.0)) ]
    }
