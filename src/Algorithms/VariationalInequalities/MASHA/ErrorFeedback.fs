/// What the error memories of MASHA2 do (VI-MASHA.3 to .5).
module Theory.Algorithms.VariationalInequalities.ErrorFeedback

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.VariationalInequalities.MASHA2

let private pOf (f: IFiniteSumOperator) = {
    Gamma = 0.2 / OperatorConstants.meanSquareLipschitz f
    P = 0.5
    DeviceK = 1
    ServerK = max 1 (f.Dimension / 2)
}

/// Random states: points, consistent values F_m(w), error memories of all sizes.
let private states ctx (f: IFiniteSumOperator) lanes : State =
    let gaussians site =
        CheckContext.gaussianStarts ctx site lanes f.Dimension 1.0

    let w = f.Solution + gaussians 2

    let many site =
        Block.ConcatWorkers(Array.init f.Count (fun m -> gaussians (site + m)))

    {
        Z = f.Solution + gaussians 1
        W = w
        Values = f.Operators w
        Errors = 0.3 * many 10
        ServerError = 0.3 * gaussians 3
    }

/// The run with the virtual iterate ẑ beside it, by the recursion that the claim states.
type private Shadow = {
    Point: Block
    Reference: Block
    Stored: Block
    Memory: Block
    ServerMemory: Block
    Virtual: Block
}

let private inner (s: Shadow) : State = {
    Z = s.Point
    W = s.Reference
    Values = s.Stored
    Errors = s.Memory
    ServerError = s.ServerMemory
}

let private shadow (s: State) v = {
    Point = s.Z
    Reference = s.W
    Stored = s.Values
    Memory = s.Errors
    ServerMemory = s.ServerError
    Virtual = v
}

/// ẑ = z − e − (1/M) Σ e_m.
let private virtualIterate (s: State) =
    s.Z - s.ServerError - Block.mean s.Errors

let private virtualRuns ctx (spec: RotationSpec) forget =
    let f = Games.rotationBlocks spec :> IFiniteSumOperator
    let p = pOf f
    let start = states ctx f (CheckContext.pick 4 8 32 ctx)

    let seen (s: State) =
        if forget then
            s.Z - Block.mean s.Errors
        else
            virtualIterate s

    let recursion bit (s: Shadow) =
        let m = inner s
        let u = extrapolate p m

        let uncompressed =
            u
            - m.ServerError
            - Block.mean m.Errors
            - p.Gamma * Block.mean (f.Operators u - m.Values)

        shadow (step f p bit m) uncompressed

    let proc = Method.on f p method

    let other = {
        Name = "virtual iterate"
        Draw = proc.Draw
        Step = recursion
        Cost = fun _ -> []
    }

    Trajectories.same ctx proc start seen other (shadow start (seen start)) (fun s -> s.Virtual) 30

let private standard: RotationSpec = {
    Workers = 3
    Blocks = 2
    Mu = 0.5
    MuSpread = 0.5
    Skew = 1.0
    SkewSpread = 0.3
    Offset = 1.0
    Seed = 1
}

let private single = {
    standard with
        Workers = 1
        Blocks = 1
}

let private instances =
    RotationSpec.instances 4 3
    |> Instances.counts 1 2 20
    |> Instances.startingWith [ standard; single ]

let virtualClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.3"
            ClaimKind.Exact
            "MASHA2: ẑ = z − e − (1/M)Σe_m makes the uncompressed correction, ẑ⁺ = u − e − (1/M)Σe_m − γ(F(u) − F(w)), on every run"
            instances
            (fun ctx spec -> virtualRuns ctx spec false) with
            Formula = @"\hat z^+ = u - e - \tfrac1M\textstyle\sum e_m - \gamma(F(u)-F(w))"
            Source = "add up what is sent and what stays"
            Falsifiers = [
                Falsifier.check "the server's memory forgotten in ẑ" (fun ctx spec -> virtualRuns ctx spec true)
            ]
    }

/// The same with memories whose entries are equal in size, where TopK loses most, in every other lane.
let private flat (s: State) : State =
    let even = Mask(1, s.Z.Lanes, Array.init s.Z.Lanes (fun lane -> lane % 2 = 0))

    {
        s with
            Errors = Block.choose even (Block.sign s.Errors) s.Errors
    }

/// Ē⁺ ≤ (1 − shrink·α)Ē + (2γ²/α)(1/M) Σ ‖F_m(u) − F_m(w)‖², α = K/d, at random states and the worst found.
let private memory ctx (spec: RotationSpec) shrink =
    let f = Games.rotationBlocks spec :> IFiniteSumOperator
    let p = pOf f
    let alpha = float p.DeviceK / float f.Dimension

    let change (s: State) =
        Block.meanNormSquared (f.Operators(extrapolate p s) - s.Values)

    Enumerated.oneStep ctx {
        Process = Method.on f p method
        States = flat (states ctx f (CheckContext.pick 16 32 96 ctx))
        Measure = fun _ next -> Block.meanNormSquared next.Errors
        Bound =
            fun s ->
                (1.0 - shrink * alpha) * Block.meanNormSquared s.Errors
                + (2.0 * p.Gamma ** 2.0 / alpha) * change s
        Relation = Relation.AtMost
        Keep = fun s -> { s with Values = f.Operators s.W }
        Search = CheckContext.pick 20 25 80 ctx
    }

let memoryClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.4"
            ClaimKind.Sure
            "MASHA2 with TopK: Ē⁺ ≤ (1−α/2)Ē + (2γ²/α)(1/M)Σ‖F_m(u) − F_m(w)‖², Ē = (1/M)Σ‖e_m‖², α = K/d"
            instances
            (fun ctx spec -> memory ctx spec 0.5) with
            Formula =
                @"\bar E^+ \le (1-\tfrac\alpha2)\bar E + \tfrac{2\gamma^2}{\alpha}\tfrac1M\textstyle\sum\|F_m(u)-F_m(w)\|^2"
            Assumptions = "C_m contractive: ‖C(x) − x‖² ≤ (1−α)‖x‖² for every x"
            Source = "derived by Young's inequality with s = α/(2(1−α))"
            Falsifiers = [
                Falsifier.check "1 − α/2 → 1 − α" (fun ctx spec -> memory ctx spec 1.0)
                |> Falsifier.at [ single ]
            ]
    }

// ---- VI-MASHA.5 ------------------------------------------------------------------------------------------------

/// K' = 4 + 2γμ + 4γ²L² + 12p²/(γμ).
let private weightOf (f: IFiniteSumOperator) (p: Parameters) =
    let gm = p.Gamma * f.Monotonicity
    4.0 + 2.0 * gm + 4.0 * (p.Gamma * f.Lipschitz) ** 2.0 + 12.0 * p.P ** 2.0 / gm

let private alphaOf (f: IFiniteSumOperator) (p: Parameters) = float p.DeviceK / float f.Dimension

/// The conditions of the claim on γ; each stays true when γ shrinks.
let private admissible (f: IFiniteSumOperator) (p: Parameters) =
    let gm, alpha = p.Gamma * f.Monotonicity, alphaOf f p
    let gl = (p.Gamma * f.Lipschitz) ** 2.0
    let gt = (p.Gamma * OperatorConstants.meanSquareLipschitz f) ** 2.0

    0.375 * gm <= (1.0 - p.P) / 4.0
    && p.P / 2.0 - 4.0 * gl - 0.375 * gm >= p.P / 8.0
    && 4.0 * gt <= alpha ** 2.0 / 4.0
    && 256.0 * weightOf f p * gt <= p.P * alpha ** 2.0
    && gm <= 2.0 * alpha

/// The largest γ that the conditions allow, by bisection, with p = K/d and no compression by the server.
let private cautious (f: IFiniteSumOperator) k : Parameters =
    let at gamma = {
        Gamma = gamma
        P = float k / float f.Dimension |> min 0.5
        DeviceK = k
        ServerK = f.Dimension
    }

    let rec bisect low high rounds =
        let middle = sqrt (low * high)

        if rounds = 0 then
            low
        elif admissible f (at middle) then
            bisect middle high (rounds - 1)
        else
            bisect low middle (rounds - 1)

    at (bisect (1e-9 / f.Lipschitz) (1.0 / f.Lipschitz) 60)

/// Ψ = ‖ẑ − z*‖² + ‖w − z*‖² + RĒ, R = 8K'/α.
let private potential (f: IFiniteSumOperator) (p: Parameters) (s: State) =
    Block.normSquared (virtualIterate s - f.Solution)
    + Block.normSquared (s.W - f.Solution)
    + (8.0 * weightOf f p / alphaOf f p) * Block.meanNormSquared s.Errors

/// E Ψ⁺ ≤ (1 − share·γμ)Ψ over both values of the bit; γ scaled for the falsifier, Ψ and the rate kept.
let private decreases ctx (spec: RotationSpec) scale share =
    let f = Games.rotationBlocks spec :> IFiniteSumOperator

    [ 1; 2 ]
    |> List.filter (fun k -> k < f.Dimension)
    |> List.map (fun k ->
        let p = cautious f k
        let psi = potential f p
        let calm = states ctx f (CheckContext.pick 8 16 64 ctx)
        // Every other lane starts where the method is slowest: the points agree and nothing is kept back.
        let even = Mask(1, calm.Z.Lanes, Array.init calm.Z.Lanes (fun lane -> lane % 2 = 0))

        let start = {
            calm with
                Z = Block.choose even calm.W calm.Z
                Errors = Block.choose even (0.0 * calm.Errors) (1e-3 * calm.Errors)
                ServerError = 0.0 * calm.ServerError
        }

        Enumerated.oneStep ctx {
            Process = Method.on f { p with Gamma = scale * p.Gamma } method
            States = start
            Measure = fun _ next -> psi next
            Bound = fun s -> (1.0 - share * p.Gamma * f.Monotonicity) * psi s
            Relation = Relation.AtMost
            Keep =
                fun s -> {
                    s with
                        Values = f.Operators s.W
                        ServerError = 0.0 * s.ServerError
                }
            Search = CheckContext.pick 10 20 80 ctx
        })
    |> Evidence.all

let private mild = {
    single with
        Mu = 1.0
        MuSpread = 0.0
        Skew = 0.3
        SkewSpread = 0.0
        Offset = 0.0
        Seed = 0
}

let lyapunovClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.5"
            ClaimKind.Mean
            "MASHA2 with TopK devices: E Ψ_{k+1} ≤ (1 − γμ/16)Ψ_k, Ψ = ‖ẑ−z*‖² + ‖w−z*‖² + RĒ"
            (RotationSpec.instances 3 2
             |> Instances.counts 1 2 20
             |> Instances.startingWith [ { standard with Blocks = 1 } ])
            (fun ctx spec -> decreases ctx spec 1.0 (1.0 / 16.0)) with
            Formula = @"\mathbb E\Psi_{k+1} \le (1-\gamma\mu/16)\Psi_k"
            Assumptions =
                "R = 8K'/α, K' = 4+2γμ+4γ²L²+12p²/(γμ); 256K'γ²L̃² ≤ pα² and four milder conditions on γ; no compression by the server"
            Source = "derived on ẑ, with VI-MASHA.4; conservative, the paper's order is O(L/(αμ√p))"
            Falsifiers = [
                Falsifier.check "1 − γμ/16 → 1 − 1.1γμ" (fun ctx spec -> decreases ctx spec 1.0 1.1)
                // At 1 − γμ itself only terms of order γ² decide; they do so where the skew part is small.
                Falsifier.check "1 − γμ/16 → 1 − γμ" (fun ctx spec -> decreases ctx spec 1.0 1.0)
                |> Falsifier.at [ mild ]
                Falsifier.check "γ × 10⁴" (fun ctx spec -> decreases ctx spec 1e4 (1.0 / 16.0))
            ]
    }
