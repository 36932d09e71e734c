/// Orders that stay: linear convergence to the passes' own fixed point (CE-FEDCRR.6).
module Theory.Algorithms.CommunicationEfficient.FEDCRRFixedOrders

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.PassSpecs

/// x̂ = (1/M) Σ T_m(x̂; π_m) for given orders.
let private fixedPoint (f: IClientSum) gamma orders : Block =
    let centre: FEDCRR.State = { X = f.Minimiser }

    let pass (s: FEDCRR.State) : FEDCRR.State = {
        X = Block.mean (LocalPass.gradients f gamma orders s.X)
    }

    match Affine.map (Codec.ofTemplate centre) centre pass with
    | Error reason -> invalidOp reason
    | Ok map ->
        let d = f.Dimension

        let rest =
            Matrix.Create(d, d, (fun i j -> (if i = j then 1.0 else 0.0) - map[i, j]))

        let away = Decompositions.Solve(rest, Matrix.Create(d, 1, (fun i _ -> map[i, d])))
        f.Minimiser + Block.vector (Array.init d (fun i -> away[i, 0]))

/// The largest β: min{1, M(1−ρ)/(12ωρ²)}.
let private largestBeta (f: IClientSum) (compressor: Compressor) rho =
    let share = QRR.omegaShare compressor f

    if share * rho = 0.0 then
        1.0
    else
        min 1.0 ((1.0 - rho) / (12.0 * share * rho ** 2.0))

/// Given orders: E V⁺ ≤ max{1−β(1−ρ)/2, 1−α/2}V from every state, and ‖x̂−x*‖ ≤ ‖T̄(x*)−x*‖/(1−ρ).
let private converges (spec: PassSpec) (f: IClientSum) (orders: Indices) (stretch: float) (share: float) =
    let gamma = gammaOf spec f
    let rho = FEDCRR.rho f gamma
    let compressor = if spec.Dimension > 1 then randK 1 else messages spec.Omega

    let p = {
        FEDCRRVR.parametersAt compressor f gamma rho with
            Eta = largestBeta f compressor rho
    }

    let x = fixedPoint f gamma orders

    let ideal: FEDCRRVR.State = {
        X = x
        H = LocalPass.gradients f gamma orders x
    }

    let number (b: Block) = (Block.lanes (Block.norm b))[0]

    let moved =
        number (Block.mean (LocalPass.gradients f gamma orders f.Minimiser) - f.Minimiser)

    let noise =
        sqrt (Rounding.resolution (float (f.Dimension * f.Summands)) (1.0 + number f.Minimiser))
        / (1.0 - rho)

    Evidence.all [
        Spectral.contraction
            (Method.on f { p with Eta = stretch * p.Eta } FEDCRRVR.method
             |> ordered (Draw.always orders) compressor f)
            ideal
            None
            (FEDCRRVR.lyapunovAround f p ideal)
            (1.0 - FEDCRRVR.rate p rho / 2.0)
            0.0
        // A pass may end at x* to rounding.
        Evidence.ofRowsAbove noise Rung.Spectral Relation.AtMost [
            Evidence.row
                Relation.AtMost
                f.Dimension
                f.Summands
                "‖x̂ − x*‖"
                (number (x - f.Minimiser))
                (share * moved / (1.0 - rho))
        ]
    ]

let private everyOrder (spec: PassSpec) stretch share =
    let f = clientsOf spec

    (ClientOrders.independent f.Count f.Summands).Outcomes
    |> Array.map (fun o -> converges spec f o.Outcome stretch share)
    |> List.ofArray
    |> Evidence.all
    |> Evidence.note ""

let fixedOrdersClaim: Claim =
    let standard = { sized 2 2 2 5.0 with GammaL = 0.5 }

    Claim.create {
        Claim.spec
            "CE-FEDCRR.6"
            ClaimKind.Mean
            "known orders that stay: FedCSO-VR converges to x̂ = (1/M)ΣT_m(x̂), E V⁺ ≤ max{1−β(1−ρ)/2, 1−α/2}V; ‖x̂−x*‖ ≤ ‖T̄(x*)−x*‖/(1−ρ); for all orders, from every state"
            (instances [ 1.0; 4.0 ] [ standard; sized 2 2 2 5.0 ] |> Instances.counts 2 5 30)
            (fun _ spec -> everyOrder spec 1.0 1.0) with
            Formula =
                @"\mathbb EV^+\le\max\{1-\tfrac{\beta(1-\rho)}2,1-\tfrac\alpha2\}V,\quad V=\|x-\hat x\|^2+\tfrac{4\beta^2\omega}{\alpha M}\tfrac1M\sum_m\|h_m-T_m(\hat x)\|^2"
            Assumptions = "orders fixed, γ ≤ 1/L, α ≤ 1/(1+ω), β = η ≤ min{1, M(1−ρ)/(12ωρ²)}"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "β × 12" (fun _ spec -> everyOrder spec 12.0 1.0)
                Falsifier.check "x̂ ten times as close" (fun _ spec -> everyOrder spec 1.0 0.1)
            ]
            Tight =
                Some {
                    Instance = { standard with GammaL = 0.1 }
                    AtLeast = 0.8
                }
    }
