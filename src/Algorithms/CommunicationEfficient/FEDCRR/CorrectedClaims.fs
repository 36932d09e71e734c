/// FedCRR-VR-2: corrected local steps leave client drift only (CE-FEDCRR.4).
module Theory.Algorithms.CommunicationEfficient.FEDCRRCorrected

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.PassSpecs

/// Clients with summands of little curvature, δ and messages.
[<NoComparison>]
type CorrectedSpec = {
    Clients: int
    Summands: int
    /// In dimension 1 half of each client's summands have curvature 1 and half κ.
    Dimension: int
    Kappa: float
    /// The clients' distance from each other.
    Shift: float
    Delta: float
    Omega: float
    Seed: int
}

let private clientsOf (spec: CorrectedSpec) : IClientSum =
    let n = spec.Summands

    if spec.Dimension = 1 then
        let centre m i =
            (if m % 2 = 0 then spec.Shift else -spec.Shift / 3.0)
            + (Linear.gaussians spec.Seed m n)[i]

        ClientSums.scalar
            (Array.init spec.Clients (fun _ -> Array.init n (fun i -> if 2 * i < n then 1.0 else spec.Kappa)))
            (Array.init spec.Clients (fun m -> Array.init n (centre m)))
    else
        ClientSums.quadratic {
            Clients = spec.Clients
            Summands = n
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Flat = false
            Spread = spec.Shift
            Scatter = 1.0
            Seed = spec.Seed
        }

/// Orders up to exchanges of summands with the same curvature, which a corrected pass cannot tell apart.
let private orders (spec: CorrectedSpec) =
    if spec.Dimension = 1 then
        ClientOrders.arrangements
            spec.Clients
            (Array.init spec.Summands (fun i -> if 2 * i < spec.Summands then 0 else 1))
    else
        ClientOrders.independent spec.Clients spec.Summands

let private parametersOf (spec: CorrectedSpec) f =
    FEDCRRVR2.parametersAt (messages spec.Omega) f spec.Delta

/// E Ψ⁺ ≤ (1−a/2)Ψ + noise over each of the given laws of orders.
let private contracts
    (spec: CorrectedSpec)
    (stepOf: IClientSum -> FEDCRRVR2.Parameters -> FEDCRR.Outcome -> FEDCRRVR.State -> FEDCRRVR.State)
    (laws: Draw<Indices> list)
    =
    let f = clientsOf spec
    let p = parametersOf spec f
    let centre = FEDCRRVR.ideal f (FEDCRRVR2.receiving p)
    let lyapunov = FEDCRRVR2.lyapunov f p
    let factor, noise = 1.0 - FEDCRRVR2.rate f p / 2.0, FEDCRRVR2.epochNoise f p

    let under law =
        let proc: Process<FEDCRRVR.State, FEDCRR.Outcome> = {
            Name = "a corrected epoch"
            Draw = Draw.both law (p.Compressor.Draw f.Count f.Dimension)
            Step = stepOf f p
            Cost = fun _ -> []
        }

        Spectral.contraction proc centre None lyapunov factor noise

    laws |> List.map under |> Evidence.all |> Evidence.note ""

/// Every order on its own: the bound does not need fresh orders.
let private everyOrder (spec: CorrectedSpec) =
    contracts spec FEDCRRVR2.step [ for o in (orders spec).Outcomes -> Draw.always o.Outcome ]

let private stretched f (p: FEDCRRVR2.Parameters) =
    FEDCRRVR2.step f { p with Eta = 40.0 * p.Eta }

let private plain f (p: FEDCRRVR2.Parameters) = FEDCRRVR.step f (FEDCRRVR2.receiving p)

let private eight delta omega : CorrectedSpec = {
    Clients = 1
    Summands = 8
    Dimension = 1
    Kappa = 1.3
    Shift = 3.0
    Delta = delta
    Omega = omega
    Seed = 1
}

let private two = {
    eight 0.2 1.0 with
        Clients = 2
        Summands = 4
}

let private instances =
    let generator =
        gen {
            let! clients, summands, dimension =
                Gen.elements [ 1, 6, 1; 1, 4, 1; 2, 4, 1; 2, 2, 1; 1, 3, 2; 2, 2, 2 ]

            let! kappa = Gen.elements [ 1.0; 1.1; 1.3; 2.0 ]
            let! shift = Gen.elements [ 0.0; 1.0; 3.0 ]
            let! delta = Gen.elements [ 0.05; 0.1; 0.2; 0.3 ]
            let! omega = Gen.elements [ 0.0; 1.0; 4.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Clients = clients
                Summands = summands
                Dimension = dimension
                Kappa = kappa
                Shift = shift
                Delta = delta
                Omega = omega
                Seed = seed
            }
        }

    Instances.generated generator (fun spec ->
        seq {
            if spec.Clients > 1 then
                { spec with Clients = spec.Clients - 1 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        })
    |> Instances.counts 2 5 30
    |> Instances.startingWith [ { eight 0.2 0.0 with Summands = 6 }; eight 0.33 4.0; two ]

let correctedClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-FEDCRR.4"
            ClaimKind.Mean
            "FedCRR-VR-2: E Ψ_T ≤ (1−a/2)^TΨ_0 + (2/a)(η+6η²ω/M)(2γ²L(1−ρ)/μ)(1/M)Σ‖∇F_m(x*)‖², a = min{α, η(1−√ρ)}; an epoch at a time, for every order and from every state; no floor for one client"
            instances
            (fun _ spec -> everyOrder spec) with
            Formula =
                @"\mathbb E\Psi^+\le(1-\tfrac a2)\Psi+(\eta+\tfrac{6\eta^2\omega}{M})\tfrac{2\gamma^2L(1-\rho)}{\mu}\tfrac1M\sum_m\|\nabla F_m(x_*)\|^2"
            Assumptions =
                "δ² ≤ √ρ(1−√ρ), γ ≤ (δ/L)√(μ/(2nL)), α ≤ 1/(1+ω), η ≤ min{1, (1−√ρ)M/(12ω√ρ)}, f_m^i μ-strongly convex and L-smooth"
            Source = "arXiv 2205.03914, theorem 4 and lemma 4 with general δ, the constant as in CE-FEDCRR.3"
            Valid =
                fun spec ->
                    let f = clientsOf spec
                    FEDCRRVR2.room f spec.Delta >= spec.Delta ** 2.0
            Falsifiers = [
                Falsifier.check "η × 40" (fun _ spec -> contracts spec stretched [ orders spec ])
                Falsifier.check "local steps not corrected" (fun _ spec -> contracts spec plain [ orders spec ])
            ]
            Tight =
                Some {
                    Instance = { eight 0.33 4.0 with Summands = 4 }
                    AtLeast = 0.95
                }
    }

// ---- As printed --------------------------------------------------------------------------------------------------

/// ½ ≤ √ρ(1−√ρ) at γ = (1/(2L))√(μ/(nL)).
let private printedCondition (spec: CorrectedSpec) =
    let f = clientsOf spec
    let r = FEDCRRVR2.rootRho f (FEDCRRVR2.gammaOf f (sqrt 0.5))

    Evidence.ofRows Rung.Enumerated Relation.AtLeast [
        Evidence.row Relation.AtLeast 1 spec.Summands "√ρ(1−√ρ)" (r * (1.0 - r)) 0.5
    ]

let printedClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-FEDCRR.4-printed"
            ClaimKind.Exact
            "the conditions γ ≤ (1/(2L))√(μ/(nL)) and ½ ≤ √ρ(1−√ρ) can be met"
            (Instances.only [
                for n in [ 8; 64; 512 ] ->
                    {
                        eight 0.5 0.0 with
                            Summands = n
                            Kappa = 1.0
                    }
            ])
            (fun _ spec -> printedCondition spec) with
            Formula = @"\tfrac12\le\sqrt\rho(1-\sqrt\rho)"
            Assumptions = "ρ = (1−γμ)^n"
            Source = "arXiv 2205.03914 (workshop version), theorem 4"
            Erratum = Some "t(1−t) ≤ ¼ for every t: no ρ meets it; CE-FEDCRR.4 has δ² ≤ √ρ(1−√ρ) with δ ≤ ½"
    }
