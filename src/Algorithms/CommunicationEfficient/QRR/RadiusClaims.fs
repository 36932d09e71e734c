/// Two-sided bounds on the shuffling radius, with one order for all workers and with one each (CE-QRR.5).
module Theory.Algorithms.CommunicationEfficient.RadiusClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

/// Workers and their summands.
[<NoComparison>]
type RadiusSpec = {
    /// "random"; "opposite" and "same": scalar pairs ½(x∓1)², in turned order at every second worker, or in the same.
    Kind: string
    Clients: int
    /// n ≥ 2.
    Summands: int
    Dimension: int
    Kappa: float
    Spread: float
    Scatter: float
    Seed: int
}

let private clientsOf (spec: RadiusSpec) : IClientSum =
    let pairs turned =
        Array.init spec.Clients (fun m ->
            if turned && m % 2 = 1 then
                [| -1.0; 1.0 |]
            else
                [| 1.0; -1.0 |])

    let ones = Array.init spec.Clients (fun _ -> [| 1.0; 1.0 |])

    match spec.Kind with
    | "opposite" -> ClientSums.scalar ones (pairs true)
    | "same" -> ClientSums.scalar ones (pairs false)
    | _ ->
        ClientSums.quadratic {
            Clients = spec.Clients
            Summands = spec.Summands
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Flat = false
            Spread = spec.Spread
            Scatter = spec.Scatter
            Seed = spec.Seed
        }

let private common (f: IClientSum) = ClientOrders.common f.Summands

let private independent (f: IClientSum) =
    ClientOrders.independent f.Count f.Summands

/// Summands are quadratic, so the radius does not depend on γ.
let private radiusUnder law (f: IClientSum) = ShufflingRadius.common f 0.1 (law f)

/// (μ̃n/8)v ≤ σ_rad² ≤ Lmax·u(n)·v ≤ (Lmax n/4)v.
let private between (spec: RadiusSpec) (law: IClientSum -> Draw<Indices>) (variance: IClientSum -> float) =
    let f = clientsOf spec
    let n, v = float f.Summands, variance f
    let radius = radiusUnder law f
    let upper = QRR.largest f * ShufflingRadius.halfSpan f.Summands * v

    let row relation label measured bound =
        Evidence.row relation f.Dimension f.Summands label measured bound

    Evidence.all [
        Evidence.ofRows Rung.Enumerated Relation.AtMost [
            row Relation.AtMost "σ_rad² from above, u(n)" radius upper
            row Relation.AtMost "u(n) against n/4" upper (QRR.largest f * n / 4.0 * v)
        ]
        Evidence.ofRows Rung.Enumerated Relation.AtLeast [
            row Relation.AtLeast "σ_rad² from below" radius (QRR.convexity f * n / 8.0 * v)
        ]
    ]

let private overWorkers (f: IClientSum) =
    ShufflingRadius.withinClients f / float f.Count

let private opposite: RadiusSpec = {
    Kind = "opposite"
    Clients = 2
    Summands = 2
    Dimension = 1
    Kappa = 1.0
    Spread = 0.0
    Scatter = 0.0
    Seed = 0
}

let private same clients = {
    opposite with
        Kind = "same"
        Clients = clients
}

let private instances =
    let generator =
        gen {
            let! clients, summands = Gen.elements [ 1, 2; 1, 4; 2, 2; 2, 3; 3, 2; 3, 3; 2, 4 ]
            let! dimension = Gen.choose (1, 3)
            let! kappa = Gen.elements [ 1.0; 2.0; 10.0 ]
            let! spread = Gen.elements [ 0.0; 1.0; 3.0 ]
            let! scatter = Gen.elements [ 0.3; 1.0; 3.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Kind = "random"
                Clients = clients
                Summands = summands
                Dimension = dimension
                Kappa = kappa
                Spread = spread
                Scatter = scatter
                Seed = seed
            }
        }

    Instances.generated generator (fun spec ->
        seq {
            if spec.Clients > 1 then
                { spec with Clients = spec.Clients - 1 }

            if spec.Summands > 2 then
                {
                    spec with
                        Summands = spec.Summands - 1
                }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        })
    |> Instances.counts 10 60 300

let commonClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-QRR.5"
            ClaimKind.Mean
            "one order shared by all workers: (μ̃n/8)σ_{*,n}² ≤ σ_rad² ≤ Lmax·u(n)·σ_{*,n}² ≤ (Lmax n/4)σ_{*,n}²"
            (instances |> Instances.startingWith [ opposite; same 2; same 4 ])
            (fun _ spec -> between spec common ShufflingRadius.ofColumns) with
            Formula =
                @"\tfrac{\tilde\mu n}{8}\sigma_{*,n}^2\le\sigma_{rad}^2\le\tfrac{L_{\max}n}{4}\sigma_{*,n}^2,\quad\sigma_{*,n}^2=\tfrac1n\sum_i\|\tfrac1M\sum_m\nabla f_m^i(x_*)\|^2"
            Assumptions = "n ≥ 2, π_1 = … = π_M uniform, u(n) = n²/(8(n−1))"
            Source = "arXiv 2206.07021, lemma 2.1, with the order shared; u(n) derived"
            Falsifiers = [
                Falsifier.check "orders of their own" (fun _ spec -> between spec independent ShufflingRadius.ofColumns)
            ]
            Tight = Some { Instance = same 2; AtLeast = 1.0 }
    }

let independentClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-QRR.5b"
            ClaimKind.Mean
            "an order for each worker: (μ̃n/8)σ*²/M ≤ σ_rad² ≤ Lmax·u(n)·σ*²/M"
            (instances |> Instances.startingWith [ opposite; same 2; same 4 ])
            (fun _ spec -> between spec independent overWorkers) with
            Formula = @"\tfrac{\tilde\mu n}{8M}\sigma_*^2\le\sigma_{rad}^2\le\tfrac{L_{\max}n^2}{8(n-1)M}\sigma_*^2"
            Assumptions = "n ≥ 2, π_1, …, π_M independent and uniform"
            Source = "derived: x_*^i − x* has variance γ²σ*²i(n−i)/((n−1)M)"
            Falsifiers = [
                Falsifier.check "one order for all" (fun _ spec -> between spec common overWorkers)
            ]
            Tight = Some { Instance = same 4; AtLeast = 1.0 }
    }

/// One side of the lemma as printed, with an order for each worker.
let private printed id statement formula relation (spec: RadiusSpec) (side: IClientSum -> float) =
    let check (spec: RadiusSpec) =
        let f = clientsOf spec
        let bound = side f * float f.Summands * ShufflingRadius.ofColumns f

        Evidence.ofRows Rung.Enumerated relation [
            Evidence.row relation 1 f.Summands "σ_rad², an order each" (radiusUnder independent f) bound
        ]

    Claim.create {
        Claim.spec id ClaimKind.Mean statement (Instances.only [ spec ]) (fun _ spec -> check spec) with
            Formula = formula
            Assumptions = "π_1, …, π_M independent and uniform, as the methods draw them"
            Source = "arXiv 2206.07021, lemma 2.1 as printed"
            Erratum =
                Some
                    "holds for one order shared by all workers (CE-QRR.5); with an order each the right variance is σ*²/M (CE-QRR.5b)"
    }

let printedUpper: Claim =
    printed
        "CE-QRR.5-printed"
        "σ_rad² ≤ (Lmax n/4)σ_{*,n}² for an order each"
        @"\sigma_{rad}^2\le\tfrac{L_{\max}n}{4}\sigma_{*,n}^2"
        Relation.AtMost
        opposite
        (fun f -> QRR.largest f / 4.0)

let printedLower: Claim =
    printed
        "CE-QRR.5b-printed"
        "σ_rad² ≥ (μ̃n/8)σ_{*,n}² for an order each"
        @"\sigma_{rad}^2\ge\tfrac{\tilde\mu n}{8}\sigma_{*,n}^2"
        Relation.AtLeast
        (same 4)
        (fun f -> QRR.convexity f / 8.0)

/// ½ and 0 with a shared order; ½/M and ¼ with an order for each of M and of two workers.
let private values (spec: RadiusSpec) (shared: IClientSum -> Draw<Indices>) (own: IClientSum -> Draw<Indices>) =
    let f = clientsOf spec

    let expectedShared, expectedOwn =
        if spec.Kind = "same" then
            0.5, 0.5 / float spec.Clients
        else
            0.0, 0.25

    let row label law expected =
        Evidence.row Relation.Equal 1 spec.Summands label (radiusUnder law f) expected

    Evidence.ofRows Rung.Enumerated Relation.Equal [
        row "σ_rad², one order" shared expectedShared
        row "σ_rad², an order each" own expectedOwn
    ]

let valuesClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-QRR.5c"
            ClaimKind.Exact
            "pairs ½(x∓1)²: in the same order at all M workers σ_rad² is ½ with a shared order and ½/M with an order each; turned at the second of two workers it is 0 and ¼"
            (Instances.only [ opposite; same 2; same 3; same 4 ])
            (fun _ spec -> values spec common independent) with
            Formula = @"\sigma_{rad}^2\in\{\tfrac12,\tfrac1{2M}\},\qquad\sigma_{rad}^2\in\{0,\tfrac14\}"
            Assumptions = "n = 2, d = 1"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "laws exchanged" (fun _ spec -> values spec independent common)
            ]
            Tight = Some { Instance = opposite; AtLeast = 1.0 }
    }
