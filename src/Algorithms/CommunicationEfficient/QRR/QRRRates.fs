/// The rates of Q-RR and DIANA-RR, an epoch at a time and from every start (CE-QRR.1 and .2).
module Theory.Algorithms.CommunicationEfficient.QRRRates

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.EpochSpecs

// ---- CE-QRR.1 ----------------------------------------------------------------------------------------------------

/// One worker with one summand of curvature 1 in dimension 10.
let private tenEntries = {
    standard with
        Clients = 1
        Summands = 1
        Dimension = 10
        Kappa = 1.0
}

let private qrrAt (f: IClientSum) gamma =
    Method.on
        f
        ({
            Gamma = gamma
            Compressor = compressor
        }
        : QRR.Parameters)
        QRR.method

let private qrr (spec: EpochSpec) (floorOf: IClientSum -> QRR.Parameters -> float) =
    let f = clientsOf spec :> IClientSum

    let p: QRR.Parameters = {
        Gamma = spec.Share * (QRR.parametersFor compressor f).Gamma
        Compressor = compressor
    }

    settles
        (qrrAt f p.Gamma)
        ({ X = f.Minimiser }: QRR.State)
        (QRR.distance f)
        (QRR.contraction f p.Gamma)
        (floorOf f p)

let private wholeFloor f (p: QRR.Parameters) =
    QRR.shufflingFloor f p.Gamma + QRR.compressionFloor f p

let private qrrStretched (spec: EpochSpec) =
    let f = clientsOf spec :> IClientSum
    let p = QRR.parametersFor compressor f
    neverGrows (qrrAt f (4.0 * p.Gamma)) ({ X = f.Minimiser }: QRR.State) (QRR.distance f) (wholeFloor f p)

let qrrClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-QRR.1"
            ClaimKind.Mean
            "Q-RR: E‖x_T−x*‖² ≤ (1−γμ̃)^{nT}‖x_0−x*‖² + 2γ²σ_rad²/μ̃ + (2γω/(μ̃M))(ζ*²+σ*²); an epoch at a time, from every state"
            (instances false)
            (fun _ spec -> qrr spec wholeFloor) with
            Formula =
                @"\mathbb E\|x_T-x_*\|^2\le(1-\gamma\tilde\mu)^{nT}\|x_0-x_*\|^2+\frac{2\gamma^2\sigma_{rad}^2}{\tilde\mu}+\frac{2\gamma\omega}{\tilde\mu M}(\zeta_*^2+\sigma_*^2)"
            Assumptions =
                "f_m^i Lmax-smooth and μ̃-strongly convex, γ ≤ 1/((1+2ω/M)Lmax), one order for each client and epoch"
            Source = "arXiv 2206.07021, theorem 2.1; σ_rad² over all orders"
            Valid = fun spec -> not spec.Flat
            Falsifiers = [
                Falsifier.check "γ × 4 grows" (fun _ spec -> qrrStretched spec)
                Falsifier.check "no ω-term" (fun _ spec -> qrr spec (fun f p -> QRR.shufflingFloor f p.Gamma))
                |> Falsifier.at [ { standard with Share = 0.1 } ]
            ]
            // One vector compressed to one of its ten entries: w = 9 gives (4w²+w)/(4w²+2w).
            Tight =
                Some {
                    Instance = tenEntries
                    AtLeast = 0.97
                }
    }

/// The refined theorem: L̃ and μ̃ of every mean over one summand a client has.
let private qrrChoices (spec: EpochSpec) (stretch: float) =
    let q = clientsOf spec
    let f = q :> IClientSum
    let share = QRR.omegaShare compressor f
    let gamma = spec.Share / (q.ChoiceSmoothness + 2.0 * share * QRR.largest f)
    let mu = q.ChoiceConvexity
    let factor = (1.0 - gamma * mu) ** float f.Summands

    let floor =
        2.0 * gamma ** 2.0 * QRR.radius f gamma / mu
        + 2.0 * gamma * share / mu
          * (ShufflingRadius.betweenClients f + ShufflingRadius.withinClients f)

    let centre: QRR.State = { X = f.Minimiser }

    if stretch = 1.0 then
        settles (qrrAt f gamma) centre (QRR.distance f) factor floor
    else
        neverGrows (qrrAt f (stretch * gamma)) centre (QRR.distance f) floor

let choicesClaim: Claim =
    let flat = { standard with Flat = true }

    Claim.create {
        Claim.spec
            "CE-QRR.1b"
            ClaimKind.Mean
            "the same with L̃ and μ̃ of the means (1/M) Σ_m f_m^{j_m} over every choice of one summand a client, for γ ≤ 1/(L̃+2ωLmax/M)"
            (instances true |> Instances.startingWith [ flat ])
            (fun _ spec -> qrrChoices spec 1.0) with
            Formula = @"\gamma\le\frac{1}{\tilde L+2\omega L_{\max}/M}"
            Assumptions = "the means μ̃-strongly convex, the f_m^i convex and Lmax-smooth"
            Source = "arXiv 2206.07021, theorem C.1"
            // A single flat summand makes no strongly convex mean.
            Valid = fun spec -> not spec.Flat || (spec.Clients >= spec.Dimension)
            Falsifiers = [ Falsifier.check "γ × 4 grows" (fun _ spec -> qrrChoices spec 4.0) ]
            // One vector compressed to one of its ten entries: w = 9 gives (4w²+w)/(4w²+2w).
            Tight =
                Some {
                    Instance = tenEntries
                    AtLeast = 0.97
                }
    }

// ---- CE-QRR.2 ----------------------------------------------------------------------------------------------------

let private dianaRR (spec: EpochSpec) (change: DIANARR.Parameters -> DIANARR.Parameters) grows =
    let f = clientsOf spec :> IClientSum
    let rule = DIANARR.parametersFor compressor f

    let p: DIANARR.Parameters = {
        rule with
            Gamma = spec.Share * rule.Gamma
    }

    let proc = Method.on f (change p) DIANARR.method

    let centre: DIANARR.State = {
        X = f.Minimiser
        H = f.SummandGradients f.Minimiser
    }

    let floor = QRR.shufflingFloor f p.Gamma

    if grows then
        neverGrows proc centre (DIANARR.lyapunov f p) floor
    else
        settles proc centre (DIANARR.lyapunov f p) (QRR.contraction f p.Gamma) floor

let dianaRRClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-QRR.2"
            ClaimKind.Mean
            "DIANA-RR: E Ψ_T ≤ (1−γμ̃)^{nT}Ψ_0 + 2γ²σ_rad²/μ̃; an epoch at a time, from every state"
            (instances false)
            (fun _ spec -> dianaRR spec id false) with
            Formula = @"\mathbb E\Psi_T\le(1-\gamma\tilde\mu)^{nT}\Psi_0+\frac{2\gamma^2\sigma_{rad}^2}{\tilde\mu}"
            Assumptions =
                "as CE-QRR.1, α ≤ 1/(1+ω), γ ≤ min{α/(2nμ̃), 1/((1+6ω/M)Lmax)}; Ψ averaged over the orders of its epoch"
            Source = "arXiv 2206.07021, theorem 2.2"
            // The shifts of more summands make the forms large.
            Valid = fun spec -> not spec.Flat && spec.Clients * spec.Summands <= 4
            Falsifiers = [
                Falsifier.check "γ × 8 grows" (fun _ spec ->
                    dianaRR spec (fun (p: DIANARR.Parameters) -> { p with Gamma = 8.0 * p.Gamma }) true)
                Falsifier.check "shifts stay" (fun _ spec ->
                    dianaRR spec (fun (p: DIANARR.Parameters) -> { p with Alpha = 0.0 }) false)
            ]
            Tight =
                Some {
                    Instance = { standard with Share = 0.1 }
                    AtLeast = 0.95
                }
    }
