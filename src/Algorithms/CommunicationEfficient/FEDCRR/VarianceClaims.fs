/// FedCRR-VR and FedCSO-VR: learned shifts leave shuffling noise only (CE-FEDCRR.3).
module Theory.Algorithms.CommunicationEfficient.FEDCRRVariance

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.PassSpecs

/// The method's parameters on an instance, and a change of them for falsifiers.
let private parametersOf (spec: PassSpec) (f: IClientSum) : FEDCRRVR.Parameters =
    let gamma = gammaOf spec f
    FEDCRRVR.parametersAt (messages spec.Omega) f gamma (FEDCRR.rho f gamma)

/// E Ψ⁺ ≤ (1−a/2)Ψ + noise over the given orders, with Ψ and a of `p` and the method run with `run`.
let private contracts (f: IClientSum) (p: FEDCRRVR.Parameters) (run: FEDCRRVR.Parameters) law noise =
    let a = FEDCRRVR.rate p (FEDCRR.rho f p.Gamma)

    Spectral.contraction
        (Method.on f run FEDCRRVR.method |> ordered law p.Compressor f)
        (FEDCRRVR.ideal f p)
        None
        (FEDCRRVR.lyapunov f p)
        (1.0 - a / 2.0)
        noise

let private fresh (spec: PassSpec) (change: FEDCRRVR.Parameters -> FEDCRRVR.Parameters) (share: float) =
    let f = clientsOf spec
    let p = parametersOf spec f

    FEDCRRVR.epochNoise f p (share * FEDCRR.passNoise f p.Gamma)
    |> contracts f p (change p) (ClientOrders.independent f.Count f.Summands)

/// Every order on its own with its own noise, whose mean is that of fresh orders or less.
let private everyOrder (spec: PassSpec) =
    let f = clientsOf spec
    let p = parametersOf spec f

    let pieces =
        (ClientOrders.independent f.Count f.Summands).Outcomes
        |> Array.map (fun o ->
            let own = Draw.always o.Outcome
            let pass = ShufflingRadius.localNoise f p.Gamma (QRR.convexity f) own
            contracts f p p own (FEDCRRVR.epochNoise f p pass), o.Probability * pass)

    Evidence.all [
        yield! pieces |> Array.map fst
        Evidence.ofRows Rung.Spectral Relation.AtMost [
            Evidence.row
                Relation.AtMost
                f.Dimension
                f.Summands
                "mean noise of a pass over the orders"
                (pieces |> Array.sumBy snd)
                (FEDCRR.passNoise f p.Gamma)
        ]
    ]
    |> Evidence.note ""

let private standard = sized 2 2 1 5.0

let varianceClaim: Claim =
    let listed = [
        standard
        { sized 2 2 2 5.0 with Omega = 10.0 }
        sized 2 3 1 5.0
        { sized 1 3 1 5.0 with Omega = 0.5 }
        { sized 1 3 1 8.0 with Omega = 4.0 }
        { sized 1 4 1 20.0 with Omega = 0.0 }
        pair 0.95 10.0
        pair 0.9 4.0
    ]

    Claim.create {
        Claim.spec
            "CE-FEDCRR.3"
            ClaimKind.Mean
            "FedCRR-VR: E Ψ_T ≤ (1−a/2)^TΨ_0 + (1−(1−a/2)^T)(2/a)(η+6η²ω/M)·2γ²σ_rad²(1−ρ)/μ, a = min{α, η(1−ρ)}; an epoch at a time, from every state; FedCSO-VR with the noise of its orders"
            (instances [ 0.0; 0.5; 1.0; 4.0; 10.0 ] listed)
            (fun _ spec -> Evidence.all [ fresh spec id 1.0; everyOrder spec ]) with
            Formula =
                @"\mathbb E\Psi^+\le(1-\tfrac a2)\Psi+(\eta+\tfrac{6\eta^2\omega}{M})\tfrac{2\gamma^2\sigma_{rad}^2(1-\rho)}{\mu}"
            Assumptions = "f_m^i μ-strongly convex and L-smooth, γ ≤ 1/L, α ≤ 1/(1+ω), η ≤ min{1, (1−ρ)M/(12ωρ)}"
            Source = "arXiv 2205.03914, theorem 3 and its lemmas, the constant corrected"
            Falsifiers = [
                Falsifier.check "η × 40" (fun _ spec -> fresh spec (fun p -> { p with Eta = 40.0 * p.Eta }) 1.0)
                Falsifier.check "no shuffling term" (fun _ spec -> fresh spec id 0.0)
            ]
            // γ = 1/L = 1: a pass ends at its last function's minimiser.
            Tight =
                Some {
                    Instance = pair 1.0 0.0
                    AtLeast = 1.0 - 1e-9
                }
    }

/// The neighbourhood 2(α+η+2η²ω/M)γ³L(1/M)Σδ_m/a along the run from x_0 = h_0 = 0.
let private asPrinted (spec: PassSpec) =
    let f = clientsOf spec
    let p = parametersOf spec f
    let a = FEDCRRVR.rate p (FEDCRR.rho f p.Gamma)

    let floor =
        2.0
        * (p.Alpha + p.Eta + 2.0 * p.Eta ** 2.0 * QRR.omegaShare p.Compressor f)
        * p.Gamma ** 3.0
        * QRR.largest f
        * ShufflingRadius.delta f
        / a

    Moments.bound
        (Method.on f p FEDCRRVR.method)
        (FEDCRRVR.ideal f p)
        (FEDCRRVR.init f (Block.zeros 1 1 f.Dimension))
        300
        Relation.AtMost
        (Bounds.linearToFloor "as printed" true (FEDCRRVR.lyapunov f p) (1.0 - a / 2.0) floor)

let printedClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-FEDCRR.3-printed"
            ClaimKind.Mean
            "FedCRR-VR: E Ψ_T ≤ (1−a/2)^TΨ_0 + 2(α+η+2η²ω/M)γ³L·(1/M)Σδ_m/a"
            (Instances.only [ pair 0.95 10.0; pair 0.95 0.5; pair 0.9 4.0 ])
            (fun _ spec -> asPrinted spec) with
            Formula =
                @"\mathbb E\Psi_T\le(1-\tfrac a2)^T\Psi_0+\tfrac2a(\alpha+\eta+\tfrac{2\eta^2\omega}{M})\gamma^3L\tfrac1M\sum_m\delta_m"
            Assumptions = "as CE-FEDCRR.3"
            Source = "arXiv 2205.03914 (workshop version), theorem 3"
            Erratum =
                Some
                    "the lemmas add up to η+6η²ω/M in the bracket, and a factor 2Σ_{j<n}(1−γμ)^j is dropped; CE-FEDCRR.3 has both"
    }
