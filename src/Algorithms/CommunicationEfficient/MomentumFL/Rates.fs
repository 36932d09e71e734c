/// The rates of FedAvg-M: means of squared gradients along runs, from every start.
module Theory.Algorithms.CommunicationEfficient.MomentumRates

open System
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.MomentumFL
open Theory.Algorithms.CommunicationEfficient.MomentumSpecs

// ---- CE-MOMFL.1 ------------------------------------------------------------------------------------------------

/// (1/R) Σ ‖∇f(x^r)‖² and (1/R) Σ U_r over R rounds with exact gradients from every lane of starts (g⁰ = 0).
let private means (f: IFiniteSum) (p: Parameters) rounds (x0: Block) =
    let xi = Block.zeros 1 1 1
    let zero = Block.zeros 1 x0.Lanes 1

    let add (state: State, gradients: Block, drifts: Block) _ =
        let points = localPoints f p xi state
        let next = step f p xi state
        next.X.Materialise() |> ignore
        next.G.Materialise() |> ignore

        next,
        (gradients + Block.normSquared (f.Gradient state.X)).Materialise(),
        (drifts + LocalPasses.drift state.X points).Materialise()

    let _, gradients, drifts = List.fold add (init x0, zero, zero) [ 1..rounds ]

    gradients / float rounds, drifts / float rounds

/// 2(f(x⁰)−f*)/(γR) + 2‖e_0‖²/(βR) with e_0 = ∇f(x⁰) − g¹.
let private startOver (f: IFiniteSum) (p: Parameters) rounds (x0: Block) =
    let g = (step f p (Block.zeros 1 1 1) (init x0)).G

    ((2.0 / p.Gamma) * Objective.gap f x0
     + (2.0 / p.Beta) * Block.normSquared (f.Gradient x0 - g))
    / float rounds

/// Both sides after R rounds are quadratic functions of x⁰: the bound for every start is one matrix inequality.
let private fromEveryStart (drift: float) (stretch: float) rounds (spec: MomentumSpec) =
    let q, own = setting spec
    let f = q :> IFiniteSum
    let l = LocalPasses.smoothness f
    // γ at the limit of this claim, β/(4L).
    let p = {
        own with
            Gamma = spec.Beta / (4.0 * l)
    }

    let run = { p with Gamma = stretch * p.Gamma }

    Spectral.oneStep {
        Process = {
            Name = "start"
            Draw = Draw.none
            Step = fun () x -> x
            Cost = fun () -> []
        }
        Centre = f.Minimiser
        Keeps = None
        Measure = fun x0 -> fst (means f run rounds x0)
        Bound = fun x0 -> startOver f p rounds x0 + (drift * 2.0 * l * l) * snd (means f run rounds x0)
        Relation = Relation.AtMost
        MatchMoments = false
    }

let private averages (spec: MomentumSpec) =
    // Long local passes move away from the saddle of an indefinite client; both sides then grow by orders of magnitude a
    // round, and the forms of a long run keep their largest direction only.
    let resolved =
        if spec.Indefinite && spec.EtaL * float spec.LocalSteps > 1.0 then
            [ 1; 3 ]
        else
            [ 1; 3; 20; spec.Rounds ]

    resolved
    |> List.distinct
    |> List.map (fun rounds -> fromEveryStart 1.0 1.0 rounds spec)
    |> Evidence.all

let driftClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-MOMFL.1"
            ClaimKind.Sure
            "σ = 0, γ ≤ β/(4L), any K and η: (1/R)Σ‖∇f(x^r)‖² ≤ 2(f(x⁰)−f*)/(γR) + 2‖e_0‖²/(βR) + (2L²/R)ΣU_r"
            (instances [ 0.02; 0.2; 1.0 ] [ 0.0 ] [
                for beta in [ 1.0; 0.3; 0.1 ] do
                    for steps in [ 1; 5 ] do
                        {
                            usual with
                                Beta = beta
                                LocalSteps = steps
                                Rounds = (if steps = 5 && beta = 1.0 then 600 else 60)
                        }
             ]
             |> Instances.counts 1 4 30)
            (fun _ -> averages) with
            Formula =
                @"\frac1R\sum_{r<R}\|\nabla f(x^r)\|^2\le\frac{2(f(x^0)-f_*)}{\gamma R}+\frac{2\|e_0\|^2}{\beta R}+\frac{2L^2}R\sum_{r<R}U_r"
            Assumptions = "F_i L-smooth, exact gradients, all clients; U_r is the measured drift, e_0 = ∇f(x⁰) − g¹"
            Source = "derived: descent lemma and ‖e_r‖² ≤ (1−β/2)‖e_{r−1}‖² + (2/β)L²γ²‖g^r‖² + βL²U_r"
            Falsifiers = [
                Falsifier.check "γ = 5/L at β = 1" (fun _ spec ->
                    fromEveryStart 1.0 20.0 20 { spec with Beta = 1.0; LocalSteps = 1 })
                Falsifier.check "the drift dropped, K = 5 and β = 1" (fun _ spec ->
                    fromEveryStart 0.0 1.0 600 { spec with Beta = 1.0; LocalSteps = 5 })
            ]
    }

// ---- CE-MOMFL.6 ------------------------------------------------------------------------------------------------

/// The mean over R rounds against the theorem's sum of terms, R up to the horizon, from every start. `noisy` weighs σ².
let private theorem (stretch: float) (noisy: float) (rounds: int list) (spec: MomentumSpec) =
    let q, own = setting spec
    let f = q :> IFiniteSum

    let p = {
        own with
            Eta = min own.Eta (largestEta f own)
    }

    let proc = Method.on f { p with Gamma = stretch * p.Gamma } method
    let centre = init f.Minimiser

    let after count : RunBound<State> = {
        Name = $"mean over {count} rounds"
        Measure = fun s -> Block.normSquared (f.Gradient s.X)
        Summary = Summary.RunningMean
        Scale = fun s -> (1.0 / float count) * startTerm f p s.X + spreadTerm f p s.X
        Bound = fun _ start -> start + noisy * noiseFloor f p
        InExpectation = true
    }

    rounds
    |> List.map (fun count -> AllStarts.bound proc centre init f.Minimiser None [ count ] Relation.AtMost (after count))
    |> Evidence.all

let theoremClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-MOMFL.6"
            ClaimKind.Mean
            "FedAvg-M, g⁰ = 0: (1/R)ΣE‖∇f(x^r)‖² ≤ 3.3Δ/(γR) + 2.3‖∇f(x⁰)‖²/(βR) + 4.6βσ²/(NK) + 9.2L²η²β²(4e²K²·mean‖∇F_i(x⁰)‖² + Kσ²(1+2K³L²η²β²)); no heterogeneity constant"
            (instances [ 1.0 ] [ 0.0; 1.0; 5.0 ] [
                for steps, beta in [ 1, 1.0; 5, 0.3; 5, 0.1; 3, 0.5; 10, 0.05 ] do
                    {
                        usual with
                            Workers = 2
                            Participants = 2
                            LocalSteps = steps
                            Beta = beta
                            EtaL = 1.0
                            Sigma = 1.0
                            Rounds = 150
                            Indefinite = (steps = 5)
                    }
             ]
             |> Instances.counts 1 3 30)
            (fun _ spec -> theorem 1.0 1.0 [ 1; spec.Rounds ] spec) with
            Formula =
                @"\frac1R\sum_{r<R}\mathbb E\|\nabla f(x^r)\|^2\le\frac{3.3\Delta}{\gamma R}+\frac{2.3\|\nabla f(x^0)\|^2}{\beta R}+\frac{4.6\beta\sigma^2}{NK}+9.2L^2\eta^2\beta^2\Bigl(4e^2K^2G_0+K\sigma^2(1+2K^3L^2\eta^2\beta^2)\Bigr)"
            Assumptions =
                "F_i L-smooth, γ = min{1/(24L), β/(6L)}, ηKL ≤ 1/β, 288e(ηKL)²((1−β)²+e(βγLR)²) ≤ 1; from every start x⁰"
            Source = "arXiv 2306.16504, theorem 1 (orders); constants derived by adding the lemmas of CE-MOMFL.4"
            Falsifiers = [
                Falsifier.check "γ × 200 at β = 1" (fun _ spec ->
                    theorem 200.0 1.0 [ 20 ] {
                        spec with
                            Beta = 1.0
                            LocalSteps = 1
                            Rounds = 20
                    })
                Falsifier.check "σ² dropped at large R" (fun _ spec ->
                    theorem 1.0 0.0 [ 300 ] {
                        spec with
                            Beta = 1.0
                            LocalSteps = 1
                            Sigma = 10.0
                            Rounds = 300
                    })
                |> Falsifier.at [ { usual with Spread = 0.3; EtaL = 1.0 } ]
            ]
    }

// ---- CE-MOMFL.7 ------------------------------------------------------------------------------------------------

/// (1/R) Σ_{r<R} ‖∇f(x^r)‖² and the last ‖∇f(x^R)‖² from x⁰ = (5, −4), g⁰ = 0, propagated exactly.
let private gradients (q: Quadratic) (p: Parameters) rounds =
    let f = q :> IFiniteSum
    let start = init (Block.vector [| 5.0; -4.0 |])

    Moments.series (Method.on f p method) (init f.Minimiser) start rounds [
        fun s -> Block.normSquared (f.Gradient s.X)
    ]
    |> Result.map (fun all -> Array.average all[0].[.. rounds - 1], Array.last all[0])

/// η = `eta`/R^power: the slope of the mean between R = 100 and 10,000 is at most −0.9.
let private decreasing eta (power: float) (spec: MomentumSpec) =
    let q, own = setting spec

    let mean (rounds: int) =
        gradients
            q
            {
                own with
                    Eta = eta / float rounds ** power
            }
            rounds
        |> Result.map fst

    match mean 100, mean 10000 with
    | Ok few, Ok many ->
        let slope = log (many / few) / log 100.0

        Evidence.ofRows Rung.Moments Relation.AtMost [
            Evidence.row Relation.AtMost 2 10000 "slope of the mean in R" slope -0.9
        ]
        |> fun e -> { e with Tightness = 0.9 / abs slope }
        |> Evidence.note $"slope {slope:F4}"
    | Error reason, _
    | _, Error reason -> Evidence.undecided Rung.Moments reason

/// η fixed, β = 1: the last ‖∇f(x^r)‖² is that of FedAvg's fixed point.
let private stalls (target: Quadratic -> Parameters -> Block) (spec: MomentumSpec) =
    let q, own = setting { spec with Beta = 1.0 }
    let f = q :> IFiniteSum
    let rounds = 10000

    match gradients q own rounds with
    | Error reason -> Evidence.undecided Rung.Moments reason
    | Ok(_, last) ->
        let limit = (Block.lanes (Block.normSquared (f.Gradient(target q own))))[0]

        Evidence.all [
            Evidence.ofRows Rung.Moments Relation.Equal [
                Evidence.row Relation.Equal 2 rounds "‖∇f(x^R)‖² and its limit" last limit
            ]
            Evidence.ofRows Rung.Moments Relation.AtLeast [
                Evidence.row Relation.AtLeast 2 1 "the limit" limit (Rounding.allowance 4.0 1.0)
            ]
            |> fun e -> { e with Tightness = nan }
        ]

let private standing (q: Quadratic) (p: Parameters) =
    LocalPasses.averagedPassFixedPoint p.LocalSteps (p.Eta * p.Beta) q

let scalingClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-MOMFL.7"
            ClaimKind.Scaling
            "η = 0.02/√R: the mean of ‖∇f(x^r)‖² over R rounds falls like 1/R (slope at most −0.9 on [100, 10000]); η fixed, β = 1: ‖∇f(x^r)‖² → ‖∇f(x_FA)‖² > 0"
            (Instances.only [ usual; { usual with Beta = 0.3 } ])
            (fun _ spec -> Evidence.all [ decreasing 0.02 0.5 spec; stalls standing spec ]) with
            Formula =
                @"\eta\propto R^{-1/2}\Rightarrow\frac1R\sum_{r<R}\|\nabla f(x^r)\|^2=O(1/R);\quad \eta\ \text{fixed}:\ \|\nabla f(x^r)\|^2\to\|\nabla f(x_{FA})\|^2"
            Assumptions = "σ = 0, K = 5, κ = 10, d = 2, three clients, x⁰ = (5, −4), g⁰ = 0, γ = min{1/(24L), β/(6L)}"
            Source =
                "derived; SCAFFOLD-M's rate under partial participation is an order, (LΔ/R)(1+N^{2/3}/S), and is not asserted"
            Falsifiers = [
                Falsifier.check "the limit is 0" (fun _ -> stalls (fun q _ -> (q :> IObjective).Minimiser))
                Falsifier.check "η = 0.1 at every R" (fun _ spec -> decreasing 0.1 0.0 { spec with Beta = 1.0 })
            ]
    }
