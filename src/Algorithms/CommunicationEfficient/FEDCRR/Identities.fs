/// One epoch in closed form, divergence by compression alone, and reductions (CE-FEDCRR.5).
module Theory.Algorithms.CommunicationEfficient.FEDCRRIdentities

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations
open Theory.Algorithms.CommunicationEfficient.PassSpecs

/// For given orders: E‖(1/M) Σ C(T_m) − x*‖² = ‖T̄ − x*‖² + factor·(ω/M²) Σ ‖T_m‖² from every state.
let private variance (f: IClientSum) gamma (compressor: Compressor) orders (factor: float) =
    let p: FEDCRR.Parameters = {
        Gamma = gamma
        Compressor = compressor
    }

    let share = factor * omegaOf compressor f.Dimension / float f.Count

    let ends (s: FEDCRR.State) = LocalPass.gradients f gamma orders s.X

    Spectral.oneStep {
        Process = Method.on f p FEDCRR.method |> ordered (Draw.always orders) compressor f
        Centre = { X = f.Minimiser }
        Keeps = None
        Measure = FEDCRR.distance f
        Bound =
            fun s ->
                Block.normSquared (Block.mean (ends s) - f.Minimiser)
                + share * Block.meanNormSquared (ends s)
        Relation = Relation.Equal
        MatchMoments = false
    }

/// ω = 0, η = 1: the epoch of FedCRR-VR is the mean of the passes, for every h.
let private uncompressed (f: IClientSum) gamma (eta: float) orders =
    let p: FEDCRRVR.Parameters = {
        Gamma = gamma
        Alpha = 1.0
        Eta = eta
        Compressor = identity
    }

    AffineIdentity.forEveryState
        (FEDCRRVR.ideal f p)
        None
        (fun s -> (FEDCRRVR.step f p (orders, CompressorDraw.Nothing) s).X)
        (fun s -> Block.mean (LocalPass.gradients f gamma orders s.X))

/// With one client a corrected pass from x* stays there, whatever the order.
let private standsStill (f: IClientSum) gamma (pass: IClientSum -> float -> Indices -> Block -> Block) =
    let orders, _ = ClientOrders.asLanes 1 (ClientOrders.independent 1 f.Summands)

    let moved = pass f gamma orders f.Minimiser - f.Minimiser

    let size = 1.0 + (Block.lanes (Block.norm f.Minimiser))[0]

    Block.rows moved
    |> Array.mapi (fun order row ->
        let gap = row |> Array.sumBy (fun v -> v * v) |> sqrt

        {
            Label = $"order {order}: distance from x*"
            Measured = gap
            Bound = 0.0
            Holds = gap <= Rounding.allowance (float f.Summands) size
        })
    |> List.ofArray
    |> Evidence.ofRows Rung.Enumerated Relation.Equal
    |> fun e -> { e with Tightness = nan }

let private pieces (spec: PassSpec) (factor: float) (eta: float) pass =
    let f = clientsOf spec
    let one = clientsOf { spec with Clients = 1 }
    let gamma = gammaOf spec f

    Evidence.all [
        for o in (ClientOrders.independent f.Count f.Summands).Outcomes do
            variance f gamma (messages spec.Omega) o.Outcome factor

            if spec.Dimension > 1 then
                variance f gamma (randK 1) o.Outcome factor

            uncompressed f gamma eta o.Outcome
        standsStill one gamma pass
    ]
    |> Evidence.note ""

let identityClaim: Claim =
    let standard = { sized 2 2 2 5.0 with Spread = 3.0 }

    Claim.create {
        Claim.spec
            "CE-FEDCRR.5"
            ClaimKind.Exact
            "given the orders, E‖(1/M)ΣC(T_m)−x*‖² = ‖T̄−x*‖² + (ω/M²)Σ‖T_m‖²; ω = 0, η = 1: FedCRR-VR averages the passes whatever h; one client: corrected passes stand still at x*; from every state"
            (instances [ 0.5; 1.0; 4.0 ] [ standard; sized 1 4 1 5.0 ]
             |> Instances.counts 1 4 20)
            (fun _ spec -> pieces spec 1.0 1.0 FEDCRRVR2.pass) with
            Formula =
                @"\mathbb E\|\tfrac1M\sum_m\mathcal C(T_m)-x_*\|^2=\|\bar T-x_*\|^2+\tfrac{\omega}{M^2}\sum_m\|T_m\|^2"
            Assumptions = "Bernoulli or Rand-k messages, independent"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "ω/M in place of ω/M²" (fun _ spec ->
                    pieces spec (float (clientsOf spec).Count) 1.0 FEDCRRVR2.pass)
                Falsifier.check "η = 0.9" (fun _ spec -> pieces spec 1.0 0.9 FEDCRRVR2.pass)
                Falsifier.check "local steps not corrected" (fun _ spec -> pieces spec 1.0 1.0 LocalPass.gradients)
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }

// ---- Divergence --------------------------------------------------------------------------------------------------

/// All functions ½x²: E|x⁺|² = (1−γ)^{2n}(1+ω/M)|x|² for every x, and growth once the factor exceeds 1.
let private flow (spec: PassSpec) (exponent: float) =
    let f =
        let rows value =
            Array.init spec.Clients (fun _ -> Array.create spec.Summands value)

        ClientSums.scalar (rows 1.0) (rows 0.0) :> IClientSum

    let gamma = spec.GammaL
    let kept = (1.0 - gamma) ** (exponent * float spec.Summands)
    // Twice what would balance the passes.
    let omega =
        float spec.Clients * (2.0 / (1.0 - gamma) ** (2.0 * float spec.Summands) - 1.0)

    let p: FEDCRR.Parameters = {
        Gamma = gamma
        Compressor = messages omega
    }

    let order = Indices.Constant(spec.Summands, [| 0 .. spec.Summands - 1 |])

    // All orders are one.
    let proc = Method.on f p FEDCRR.method |> ordered (Draw.always order) p.Compressor f

    let factor = kept * (1.0 + omega / float spec.Clients)
    let start: FEDCRR.State = { X = Block.vector [| 1.0 |] }
    let centre: FEDCRR.State = { X = f.Minimiser }

    let doubled: RunBound<FEDCRR.State> = {
        Bounds.linear "doubles in every epoch" true (FEDCRR.distance f) 2.0 with
            Bound = fun k scale -> 2.0 ** float k * scale
    }

    Evidence.all [
        Spectral.oneStep {
            Process = proc
            Centre = centre
            Keeps = None
            Measure = FEDCRR.distance f
            Bound = fun s -> factor * FEDCRR.distance f s
            Relation = Relation.Equal
            MatchMoments = false
        }
        Moments.bound proc centre start 20 Relation.AtLeast doubled
    ]

let divergenceClaim: Claim =
    let standard = { sized 2 2 1 1.0 with GammaL = 0.5 }

    Claim.create {
        Claim.spec
            "CE-FEDCRR.5b"
            ClaimKind.Exact
            "all functions ½x²: E|x_t|² = ((1−γ)^{2n}(1+ω/M))^t|x_0|²: FedCRR diverges without any noise where the factor exceeds 1"
            (instances [ 1.0 ] [
                standard
                {
                    standard with
                        Summands = 1
                        GammaL = 0.1
                }
             ]
             |> Instances.counts 2 8 30)
            (fun _ spec -> flow spec 2.0) with
            Formula = @"\mathbb E|x_t|^2=\bigl((1-\gamma)^{2n}(1+\tfrac\omega M)\bigr)^t|x_0|^2"
            Assumptions = "f_m^i(x) = x²/2, ω = M(2(1−γ)^{−2n} − 1)"
            Source = "derived"
            Valid = fun spec -> spec.GammaL < 1.0
            Falsifiers = [
                Falsifier.check "(1−γ)^n in place of (1−γ)^{2n}" (fun _ spec -> flow spec 1.0)
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }
