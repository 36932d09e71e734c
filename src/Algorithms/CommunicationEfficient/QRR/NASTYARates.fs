/// The rates of Q-NASTYA and DIANA-NASTYA, a round at a time and from every start (CE-QRR.3 and .4).
module Theory.Algorithms.CommunicationEfficient.NASTYARates

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.EpochSpecs

// ---- CE-QRR.3 ----------------------------------------------------------------------------------------------------

let private qNastya (spec: EpochSpec) (stretch: float) (omegaTerm: float) =
    let f = clientsOf spec :> IClientSum
    let rule = NASTYA.plainParametersFor compressor f

    let p: NASTYA.PlainParameters = {
        rule with
            Gamma = spec.Share * rule.Gamma
            Eta = spec.Share * rule.Eta
    }

    let proc =
        Method.on
            f
            {
                p with
                    Gamma = stretch * p.Gamma
                    Eta = stretch * p.Eta
            }
            NASTYA.plain

    let centre: NASTYA.PlainState = { X = f.Minimiser }
    let floor = omegaTerm * NASTYA.compressionFloor f p + NASTYA.passFloor f p.Gamma

    if stretch = 1.0 then
        settles proc centre (NASTYA.distance f) (NASTYA.contraction f p.Eta) floor
    else
        neverGrows proc centre (NASTYA.distance f) floor

let qNastyaClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-QRR.3"
            ClaimKind.Mean
            "Q-NASTYA: E‖x_T−x*‖² ≤ (1−ημ/2)^T‖x_0−x*‖² + (8ηω/(μM))ζ*² + (9/2)(γ²nLmax/μ)((n+1)ζ*²+σ*²); a round at a time, from every state"
            (instances true |> Instances.startingWith [ { standard with Flat = true } ])
            (fun _ spec -> qNastya spec 1.0 1.0) with
            Formula =
                @"\mathbb E\|x_T-x_*\|^2\le(1-\eta\mu/2)^T\|x_0-x_*\|^2+\frac{8\eta\omega}{\mu M}\zeta_*^2+\frac{9\gamma^2nL_{\max}}{2\mu}((n+1)\zeta_*^2+\sigma_*^2)"
            Assumptions = "f μ-strongly convex, f_m^i convex and Lmax-smooth, η ≤ 1/(16Lmax(1+ω/M)), γ ≤ 1/(5nLmax)"
            Source = "arXiv 2206.07021, theorem 2.3"
            Falsifiers = [
                Falsifier.check "γ and η × 64 grow" (fun _ spec -> qNastya spec 64.0 1.0)
                Falsifier.check "no ω-term" (fun _ spec -> qNastya spec 1.0 0.0)
                |> Falsifier.at [
                    {
                        standard with
                            Share = 0.1
                            Scatter = 0.0
                    }
                ]
            ]
            Tight = Some { Instance = standard; AtLeast = 0.9 }
    }

// ---- CE-QRR.4 ----------------------------------------------------------------------------------------------------

let private dianaNastya (spec: EpochSpec) (change: NASTYA.Parameters -> NASTYA.Parameters) grows =
    let f = clientsOf spec :> IClientSum
    let rule = NASTYA.parametersFor compressor f

    let p: NASTYA.Parameters = {
        rule with
            Gamma = spec.Share * rule.Gamma
            Eta = spec.Share * rule.Eta
    }

    let proc = Method.on f (change p) NASTYA.method

    let centre: NASTYA.State = {
        X = f.Minimiser
        H = f.Gradients f.Minimiser
    }

    let floor = NASTYA.passFloor f p.Gamma

    if grows then
        neverGrows proc centre (NASTYA.lyapunov f p) floor
    else
        settles proc centre (NASTYA.lyapunov f p) (NASTYA.contraction f p.Eta) floor

let dianaNastyaClaim: Claim =
    let stretched (p: NASTYA.Parameters) = {
        p with
            Gamma = 128.0 * p.Gamma
            Eta = 128.0 * p.Eta
    }

    Claim.create {
        Claim.spec
            "CE-QRR.4"
            ClaimKind.Mean
            "DIANA-NASTYA: E Ψ_T ≤ (1−ημ/2)^TΨ_0 + (9/2)(γ²nLmax/μ)((n+1)ζ*²+σ*²); a round at a time, from every state"
            (instances true |> Instances.startingWith [ { standard with Flat = true } ])
            (fun _ spec -> dianaNastya spec id false) with
            Formula =
                @"\mathbb E\Psi_T\le(1-\eta\mu/2)^T\Psi_0+\frac{9\gamma^2nL_{\max}}{2\mu}((n+1)\zeta_*^2+\sigma_*^2)"
            Assumptions = "as CE-QRR.3, α ≤ 1/(1+ω), γ ≤ 1/(16nLmax), η ≤ min{α/(2μ), 1/(16Lmax(1+9ω/M))}"
            Source = "arXiv 2206.07021, theorem 2.4"
            Falsifiers = [
                Falsifier.check "γ and η × 128 grow" (fun _ spec -> dianaNastya spec stretched true)
                Falsifier.check "shifts stay" (fun _ spec ->
                    dianaNastya spec (fun (p: NASTYA.Parameters) -> { p with Alpha = 0.0 }) false)
            ]
            Tight = Some { Instance = standard; AtLeast = 0.9 }
    }
