/// Epochs that longer passes save (CE-FEDCRR.7).
module Theory.Algorithms.CommunicationEfficient.FEDCRRCounts

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.PassSpecs

/// Condition, messages and clients of a count.
[<NoComparison>]
type CountSpec = {
    Clients: int
    Kappa: float
    Omega: float
}

/// 1/a at γ = 1/L and the largest α and η, when a pass contracts by ρ.
let private epochsPerFold (spec: CountSpec) (rho: float) =
    let eta = min 1.0 ((1.0 - rho) * float spec.Clients / (12.0 * spec.Omega * rho))
    1.0 / min (1.0 / (1.0 + spec.Omega)) (eta * (1.0 - rho))

/// 1/a falls in n to 1+ω, and is at most the sum of its three regimes.
let private falls (spec: CountSpec) (rhoOf: int -> float) =
    let last = 64
    let each = Array.init last (fun i -> epochsPerFold spec (rhoOf (i + 1)))
    let least = 1.0 + spec.Omega
    let row = Evidence.row Relation.AtMost 1 1

    let regimes n =
        let rho = rhoOf n

        least
        + 1.0 / (1.0 - rho)
        + 12.0 * spec.Omega / float spec.Clients * rho / (1.0 - rho) ** 2.0

    Evidence.ofRows Rung.Enumerated Relation.AtMost [
        for n in 1 .. last - 1 do
            row $"1/a, n = {n + 1} against {n}" each[n] each[n - 1]
        for n in 1..last do
            row $"1/a against its regimes, n = {n}" each[n - 1] (regimes n)
        row "1/a at the end against 1+ω" each[last - 1] least
    ]

/// Rounds until E Ψ ≤ 10⁻⁶Ψ_0, on functions that share their minimiser 0, against the certified number, for n = 1, 2, 4, 8.
let private measured (spec: CountSpec) (passOf: int -> int) =
    let rounds n =
        let curvatures = Linear.geometric 1.0 spec.Kappa 8 |> Array.truncate n

        // The first curvature and the last hold for every n.
        let own =
            Array.init n (fun i -> if i = n - 1 && n > 1 then spec.Kappa else curvatures[i])

        let f =
            ClientSums.scalar (Array.init 2 (fun _ -> own)) (Array.init 2 (fun _ -> Array.zeroCreate n)) :> IClientSum

        let gamma = 1.0 / spec.Kappa
        let rho = (1.0 - gamma) ** float n
        let p = FEDCRRVR.parametersAt (messages 1.0) f gamma rho
        let factor = 1.0 - FEDCRRVR.rate p rho / 2.0
        // Scalars commute, so every order is the same.
        let order = Indices.Constant(n, [| 0 .. passOf n - 1 |])

        let proc =
            Method.on f p FEDCRRVR.method |> ordered (Draw.always order) p.Compressor f

        let start = FEDCRRVR.init f (Block.vector [| 1.0 |])
        let target = 1e-6 * (Block.lanes (FEDCRRVR.lyapunov f p start))[0]
        let certified = Costs.certified 1.0 factor 1e-6

        match
            Costs.firstBelow proc (FEDCRRVR.ideal f p) start (int certified + 1000) (FEDCRRVR.lyapunov f p) target
        with
        | Error reason -> invalidOp reason
        | Ok epochs ->
            let perEpoch =
                Costs.total Counter.Rounds (proc.Cost(order, Compressors.CompressorDraw.Nothing))

            float epochs * perEpoch, ceil certified

    let counts = [ 1; 2; 4; 8 ] |> List.map (fun n -> n, rounds n)
    let row = Evidence.row Relation.AtMost 1 1

    Evidence.ofRows Rung.Moments Relation.AtMost [
        for n, (made, certified) in counts do
            row $"rounds, n = {n}" made certified
        for (_, (before, _)), (n, (after, _)) in List.pairwise counts do
            row $"rounds, n = {n} against half as many functions" after (0.9 * before)
    ]

let private check (spec: CountSpec) =
    Evidence.all [ falls spec (fun n -> (1.0 - 1.0 / spec.Kappa) ** float n); measured spec id ]

let countClaim: Claim =
    let standard = {
        Clients = 4
        Kappa = 10.0
        Omega = 10.0
    }

    Claim.create {
        Claim.spec
            "CE-FEDCRR.7"
            ClaimKind.Count
            "FedCRR-VR at γ = 1/L needs of the order of (1/a)·log(1/ε) epochs, 1/a ≤ (1+ω) + 1/(1−ρ) + (12ω/M)ρ/(1−ρ)², which falls in n to 1+ω; rounds made fall with it"
            (Instances.only [
                standard
                {
                    standard with
                        Kappa = 6.0
                        Clients = 2
                        Omega = 3.0
                }
            ])
            (fun _ spec -> check spec) with
            Formula = @"(\omega+1)\frac{(1-1/\kappa)^n}{(1-(1-1/\kappa)^n)^2}\log\tfrac1\varepsilon"
            Assumptions = "α and η at their largest; rounds counted on functions with a common minimiser, ω = 1, M = 2"
            Source = "arXiv 2205.03914, corollaries (orders); constants from CE-FEDCRR.3"
            Falsifiers = [
                Falsifier.check "ρ = 1−γμ whatever n" (fun _ spec -> falls spec (fun _ -> 1.0 - 1.0 / spec.Kappa))
                Falsifier.check "passes of one step" (fun _ spec -> measured spec (fun _ -> 1))
            ]
    }
