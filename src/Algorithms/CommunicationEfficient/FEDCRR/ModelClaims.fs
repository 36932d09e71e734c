/// FedCRR's neighbourhood, and what its printed form loses (CE-FEDCRR.1 and .2).
module Theory.Algorithms.CommunicationEfficient.FEDCRRModels

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.PassSpecs

let private centre (f: IClientSum) : FEDCRR.State = { X = f.Minimiser }

/// γ of the specification, ω as a share of the largest allowed.
let private parametersOf (spec: PassSpec) (f: IClientSum) : FEDCRR.Parameters =
    let gamma = gammaOf spec f

    {
        Gamma = gamma
        Compressor = messages (spec.Omega * FEDCRR.largestOmega f gamma)
    }

/// An epoch over all orders and messages, from every state; and q ≤ √ρ.
let private epoch (spec: PassSpec) (noise: IClientSum -> FEDCRR.Parameters -> float) =
    let f = clientsOf spec
    let p = parametersOf spec f

    let factor =
        Evidence.row Relation.AtMost 1 1 "q against √ρ" (FEDCRR.contraction f p) (sqrt (FEDCRR.rho f p.Gamma))

    Evidence.all [
        Spectral.contraction
            (Method.on f p FEDCRR.method)
            (centre f)
            None
            (FEDCRR.distance f)
            (FEDCRR.contraction f p)
            (noise f p)
        Evidence.ofRows Rung.Spectral Relation.AtMost [ factor ]
    ]

/// Every order on its own: an epoch adds the noise of that order. Orders that are drawn once keep their noise.
let private everyOrder (spec: PassSpec) =
    let f = clientsOf spec
    let p = parametersOf spec f
    let mu = QRR.convexity f
    let law = ClientOrders.independent f.Count f.Summands

    let pieces =
        law.Outcomes
        |> Array.map (fun o ->
            let own = Draw.always o.Outcome
            let pass = ShufflingRadius.localNoise f p.Gamma mu own

            let evidence =
                Spectral.contraction
                    (Method.on f p FEDCRR.method |> ordered own p.Compressor f)
                    (centre f)
                    None
                    (FEDCRR.distance f)
                    (FEDCRR.contraction f p)
                    (FEDCRR.epochNoise f p pass)

            evidence, o.Probability * pass)

    let mean =
        Evidence.row
            Relation.AtMost
            f.Dimension
            f.Summands
            "mean noise of a pass over the orders"
            (pieces |> Array.sumBy snd)
            (FEDCRR.passNoise f p.Gamma)

    Evidence.all [
        yield! pieces |> Array.map fst
        Evidence.ofRows Rung.Spectral Relation.AtMost [ mean ]
    ]
    |> Evidence.note ""

let private wholeNoise f (p: FEDCRR.Parameters) =
    FEDCRR.epochNoise f p (FEDCRR.passNoise f p.Gamma)

let private withoutModels f (p: FEDCRR.Parameters) =
    wholeNoise f p
    - 2.0 * QRR.omegaShare p.Compressor f * FEDCRR.modelSize f p.Gamma

/// The factor √ρ does not hold for every ω.
let private overCompressed (spec: PassSpec) =
    let f = clientsOf spec
    let p = parametersOf { spec with Omega = 40.0 } f

    Spectral.contraction
        (Method.on f p FEDCRR.method)
        (centre f)
        None
        (FEDCRR.distance f)
        (sqrt (FEDCRR.rho f p.Gamma))
        (wholeNoise f p)

let private small: PassSpec = { sized 2 2 1 5.0 with GammaL = 0.1 }

let private listed = [
    sized 2 2 1 5.0
    sized 2 2 2 5.0
    sized 2 3 1 5.0
    sized 1 3 1 5.0
    { sized 2 2 2 5.0 with Omega = 0.3 }
]

let epochClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-FEDCRR.1"
            ClaimKind.Mean
            "FedCRR: E‖x_T−x*‖² ≤ q^T‖x_0−x*‖² + (1−q^T)[(2ω/M)X + 2(1+2ω/M)γ²σ_rad²(1−ρ)/μ]/(1−q), q = ρ(1+2ω/M) ≤ √ρ; an epoch at a time, from every state; FedCSO with the noise of its orders"
            (instances [ 1.0; 0.3; 0.01 ] listed)
            (fun _ spec -> Evidence.all [ epoch spec wholeNoise; everyOrder spec ]) with
            Formula =
                @"\mathbb E\|x^+-x_*\|^2\le\rho(1+\tfrac{2\omega}{M})\|x-x_*\|^2+\tfrac{2\omega}{M}X+2(1+\tfrac{2\omega}{M})\tfrac{\gamma^2\sigma_{rad}^2(1-\rho)}{\mu}"
            Assumptions =
                "f_m^i μ-strongly convex and L-smooth, γ ≤ 1/L, ω ≤ M(1−√ρ)/(2√ρ), ρ = (1−γμ)^n, X = (1/M)Σ‖x*−γ∇F_m(x*)‖²"
            Source = "arXiv 2205.03914 (workshop version), proof of theorem 2, summed"
            Valid = contractsPartly
            Falsifiers = [
                Falsifier.check "no X-term" (fun _ spec -> epoch spec withoutModels)
                Falsifier.check "ω forty times its largest, factor √ρ" (fun _ spec -> overCompressed spec)
                |> Falsifier.at [ small ]
            ]
            Tight =
                Some {
                    Instance = pair 0.99 0.0
                    AtLeast = 0.97
                }
    }

// ---- The local lemma ---------------------------------------------------------------------------------------------

/// (1/M) Σ E‖T_m(x; π) − x_m°‖² ≤ ρ‖x−x*‖² + share·2γ²σ_rad²(1−ρ)/μ for every x, and σ_rad² ≤ L·(1/M) Σ δ_m.
let private localPass (spec: PassSpec) (share: float) =
    let f = clientsOf spec
    let gamma = gammaOf spec f
    let ends = LocalPass.frozenEnd f gamma
    // A client's end depends on its own order alone.
    let outcomes = (ClientOrders.common f.Summands).Outcomes

    let spread (s: FEDCRR.State) =
        outcomes
        |> Array.map (fun o ->
            o.Probability
            * Block.meanNormSquared (LocalPass.gradients f gamma o.Outcome s.X - ends))
        |> Array.reduce (+)

    let still: Process<FEDCRR.State, unit> = {
        Name = "a pass"
        Draw = Draw.none
        Step = fun () s -> s
        Cost = fun () -> []
    }

    let radius = ShufflingRadius.local f gamma (ClientOrders.common f.Summands)
    let l = QRR.largest f
    // Both sides are L times squares of gradients, whose rounding errors are those of L·x*.
    let noise =
        l
        * Rounding.resolution (float (f.Dimension * f.Summands)) (l * (1.0 + (Block.lanes (Block.norm f.Minimiser))[0]))

    Evidence.all [
        Spectral.oneStep {
            Process = still
            Centre = centre f
            Keeps = None
            Measure = spread
            Bound =
                fun s ->
                    FEDCRR.rho f gamma * FEDCRR.distance f s
                    + Block.scalar (share * FEDCRR.passNoise f gamma)
            Relation = Relation.AtMost
            MatchMoments = false
        }
        Evidence.ofRowsAbove noise Rung.Enumerated Relation.AtMost [
            Evidence.row
                Relation.AtMost
                f.Dimension
                f.Summands
                "σ_rad² against L·(1/M) Σ δ_m"
                radius
                (share * QRR.largest f * ShufflingRadius.delta f)
        ]
    ]

let passClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-FEDCRR.1b"
            ClaimKind.Mean
            "a local pass: (1/M)Σ E‖T_m(x; π)−x_m°‖² ≤ ρ‖x−x*‖² + 2γ²σ_rad²(1−ρ)/μ for every x, and σ_rad² ≤ L·(1/M)Σδ_m"
            (instances [ 0.0 ] listed)
            (fun _ spec -> localPass spec 1.0) with
            Formula =
                @"\tfrac1M\sum_m\mathbb E\|T_m(x)-x_m^\circ\|^2\le\rho\|x-x_*\|^2+\tfrac{2\gamma^2\sigma_{rad}^2(1-\rho)}{\mu},\quad\sigma_{rad}^2\le\tfrac LM\sum_m\delta_m"
            Assumptions = "as CE-FEDCRR.1; δ_m = ‖∇F_m(x*)‖² + (n/4)σ_m²"
            Source = "arXiv 2205.03914, lemmas 1 and 2"
            // Else both sides may vanish, up to squares of rounding errors.
            Valid = contractsPartly
            Falsifiers = [
                Falsifier.check "noise × 0.95" (fun _ spec -> localPass spec 0.95)
                |> Falsifier.at [ pair 0.99 0.0 ]
            ]
            Tight =
                Some {
                    Instance = pair 0.99 0.0
                    AtLeast = 1.0
                }
    }

// ---- CE-FEDCRR.2 -------------------------------------------------------------------------------------------------

/// E x_1² = (1+ω)γ⁴ from x_0 = x* = 0 on the pair, and the bound of CE-FEDCRR.1 along the run.
let private onPair (spec: PassSpec) (share: float) =
    let f = clientsOf spec
    let p = parametersOf spec f
    let omega = spec.Omega * FEDCRR.largestOmega f p.Gamma
    let q = FEDCRR.contraction f p
    let proc = Method.on f p FEDCRR.method
    let first = (Enumerated.series proc (centre f) 1 (FEDCRR.distance f))[1]
    let noise = share * wholeNoise f p

    let run: RunBound<FEDCRR.State> = {
        Bounds.linear "CE-FEDCRR.1" true (FEDCRR.distance f) q with
            Bound = fun k start -> q ** float k * start + (1.0 - q ** float k) * noise / (1.0 - q)
    }

    Evidence.all [
        Evidence.ofRows Rung.Enumerated Relation.Equal [
            Evidence.row Relation.Equal 1 1 "E x_1²" first ((1.0 + omega) * p.Gamma ** 4.0)
        ]
        Moments.bound proc (centre f) (centre f) 60 Relation.AtMost run
    ]

let pairClaim: Claim =
    let listed = [ for gamma in [ 0.9; 0.5; 0.7 ] -> pair gamma 1.0 ]

    Claim.create {
        Claim.spec
            "CE-FEDCRR.2"
            ClaimKind.Exact
            "½(x−1)², ½(x+1)² at one client, x_0 = x* = 0: X = 0, E x_1² = (1+ω)γ⁴, and CE-FEDCRR.1 holds along the run"
            (Instances.only listed)
            (fun _ spec -> onPair spec 1.0) with
            Formula = @"\mathbb E x_1^2=(1+\omega)\gamma^4"
            Assumptions = "M = 1, n = 2, ω = γ/(2(1−γ))"
            Source = "derived"
            Falsifiers = [ Falsifier.check "noise × 0.4" (fun _ spec -> onPair spec 0.4) ]
            Tight =
                Some {
                    Instance = pair 0.9 1.0
                    AtLeast = 1.0
                }
    }

/// ρ^{T/2}‖x_0−x*‖² + (2/μ)γ²L(1/M)Σδ_m + (2ω/M)X/(γμ).
let private asPrinted (spec: PassSpec) =
    let f = clientsOf spec
    let p = parametersOf spec f
    let root = sqrt (FEDCRR.rho f p.Gamma)
    let mu = QRR.convexity f

    let floor =
        2.0 / mu * p.Gamma ** 2.0 * QRR.largest f * ShufflingRadius.delta f
        + 2.0 * QRR.omegaShare p.Compressor f * FEDCRR.modelSize f p.Gamma
          / (p.Gamma * mu)

    Moments.bound
        (Method.on f p FEDCRR.method)
        (centre f)
        (centre f)
        60
        Relation.AtMost
        (Bounds.linearToFloor "as printed" true (FEDCRR.distance f) root floor)

let printedClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-FEDCRR.2-printed"
            ClaimKind.Mean
            "FedCRR: E‖x_T−x*‖² ≤ ρ^{T/2}‖x_0−x*‖² + (2/μ)γ²L(1/M)Σδ_m + (2ω/M)X/(γμ)"
            // It holds at γ = ½.
            (Instances.only [ pair 0.5 1.0; pair 0.9 1.0; pair 0.7 1.0 ])
            (fun _ spec -> asPrinted spec) with
            Formula =
                @"\mathbb E\|x_T-x_*\|^2\le\rho^{T/2}\|x_0-x_*\|^2+\tfrac2\mu\gamma^2L\tfrac1M\sum_m\delta_m+\tfrac{2\omega}{M}\tfrac{X}{\gamma\mu}"
            Assumptions = "γ ≤ 1/L, ω ≤ M(1−√ρ)/(2√ρ)"
            Source = "arXiv 2205.03914 (workshop version), theorem 2"
            Erratum = Some "the summation loses (1+2ω/M)(1−ρ)/(1−√ρ) at the shuffling term; CE-FEDCRR.1 keeps it"
    }
