/// The rates of L2GD and of its compressed form, and how often they communicate.
module Theory.Algorithms.CommunicationEfficient.L2GDClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors

/// Quadratic clients with μ_i = 1 and L_i = κ, a penalty and a coin.
type PersonalSpec = {
    Clients: int
    Dimension: int
    Kappa: float
    Lambda: float
    P: float
    /// η over its largest value.
    EtaShare: float
    /// k of the devices' Rand-k; the dimension for no compression.
    DeviceK: int
    /// k of the master's Rand-k.
    MasterK: int
    Seed: int
}

/// The problem of a specification.
let personal (spec: PersonalSpec) : IPersonalisedSum =
    PersonalisedQuadratic(
        Quadratic.distributed {
            Workers = spec.Clients
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Spread = 3.0
            Seed = spec.Seed
        },
        spec.Lambda
    )

let private plain (spec: PersonalSpec) : IPersonalisedSum * L2GD.Parameters =
    let f = personal spec

    f,
    {
        Eta = spec.EtaShare / (2.0 * L2GD.expectedSmoothness f spec.P)
        P = spec.P
    }

/// Rand-k, or nothing at k = d.
let compressor (dimension: int) (k: int) =
    if k >= dimension then identity else randK k

/// The compressed form of a specification.
let compressed (spec: PersonalSpec) : IPersonalisedSum * CompressedL2GD.Parameters =
    let f = personal spec
    let device = compressor spec.Dimension spec.DeviceK
    let master = compressor spec.Dimension spec.MasterK

    f,
    {
        Eta = spec.EtaShare / (2.0 * CompressedL2GD.expectedSmoothness f spec.P device master)
        P = spec.P
        Device = device
        Master = master
    }

/// The state of L2GD at the solution.
let private solution (f: IPersonalisedSum) : L2GD.State = {
    L2GD.init f (Block.zeros 1 1 f.Dimension) with
        X = f.PersonalSolution
}

let private compressedSolution (f: IPersonalisedSum) : CompressedL2GD.State = {
    CompressedL2GD.init f (Block.zeros 1 1 f.Dimension) with
        X = f.PersonalSolution
}

/// Two clients, κ = 8, λ = 3.
let twoClients = {
    Clients = 2
    Dimension = 2
    Kappa = 8.0
    Lambda = 3.0
    P = 0.3
    EtaShare = 1.0
    DeviceK = 1
    MasterK = 1
    Seed = 1
}

let private shrink (spec: PersonalSpec) =
    seq {
        if spec.Clients > 2 then
            { spec with Clients = spec.Clients - 1 }

        if spec.Dimension > 1 then
            {
                spec with
                    Dimension = spec.Dimension - 1
            }

        if spec.Seed > 0 then
            { spec with Seed = spec.Seed / 2 }
    }

/// Specifications with at most the given numbers of clients and coordinates.
let instances clients dimension =
    Instances.generated
        (gen {
            let! clients = Gen.choose (2, clients)
            let! dimension = Gen.choose (1, dimension)
            let! kappa = Gen.elements [ 1.0; 3.0; 8.0; 50.0 ]
            let! lambda = Gen.elements [ 0.1; 1.0; 3.0; 30.0 ]
            let! p = Gen.elements [ 0.1; 0.3; 0.6; 0.9 ]
            let! eta = Gen.elements [ 0.3; 1.0 ]
            let! deviceK = Gen.choose (1, dimension)
            let! masterK = Gen.choose (1, dimension)
            let! seed = Gen.choose (0, 10000)

            return {
                Clients = clients
                Dimension = dimension
                Kappa = kappa
                Lambda = lambda
                P = p
                EtaShare = eta
                DeviceK = deviceK
                MasterK = masterK
                Seed = seed
            }
        })
        shrink
    |> Instances.startingWith [ twoClients; { twoClients with P = 0.6 } ]

/// E‖x⁺−x*‖² ≤ (1−ημ/n)‖x−x*‖² + 2η²·noise from every state; noise 2η² a step sums to 2nη/μ.
let private descends proc centre distance factor eta noise =
    Spectral.contraction proc centre None distance factor (2.0 * eta * eta * noise)

/// The bound itself at a few steps along a run from 0, in exact expectation.
let private along proc centre start (claim: RunBound<'S>) =
    Moments.bound proc centre start 300 Relation.AtMost claim

let private plainRate share (spec: PersonalSpec) =
    let f, p = plain spec

    descends
        (Method.on f p L2GD.method)
        (solution f)
        (fun s -> L2GD.distance f s.X)
        (L2GD.contraction f p.Eta)
        p.Eta
        (share * L2GD.variance f p)

/// E‖G(x*)‖² by a step from the solution: ‖x⁺−x*‖²/η² over all outcomes.
let private enumerated (proc: Process<'S, 'D>) (state: 'S) (x: 'S -> Block) (eta: float) =
    (Enumerated.expectation proc (fun before after -> Block.totalNormSquared (x after - x before)) state)[0]
    / (eta * eta)

/// An equality beside an inequality: its ratio of 1 says nothing of how tight that is.
let private asides (evidence: Evidence) = { evidence with Tightness = nan }

let private plainNoise (spec: PersonalSpec) =
    let f, p = plain spec

    let measured =
        enumerated (Method.on f p L2GD.method) (solution f) (fun s -> s.X) p.Eta

    Evidence.ofRows Rung.Spectral Relation.Equal [
        Evidence.row Relation.Equal spec.Dimension 1 "E‖G(x*)‖² against σ²" measured (L2GD.variance f p)
    ]
    |> asides

let rateClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-L2GD.1"
            ClaimKind.Mean
            "η ≤ 1/(2ℒ), ℒ = (1/n)max{L/(1−p), λ/p}: E‖x_k−x*‖² ≤ (1−ημ/n)^k‖x_0−x*‖² + 2nησ²/μ"
            (instances 3 3)
            (fun _ spec -> Evidence.all [ plainRate 1.0 spec; plainNoise spec ]) with
            Formula =
                @"\mathbb E\|x^k-x^*\|^2\le(1-\tfrac{\eta\mu}n)^k\|x^0-x^*\|^2+\tfrac{2n\eta\sigma^2}\mu,\quad \sigma^2=\tfrac1{n^2}\sum_i\bigl(\tfrac{\|\nabla f_i(x_i^*)\|^2}{1-p}+\tfrac{\lambda^2}p\|x_i^*-\bar x^*\|^2\bigr)"
            Assumptions = "f_i L-smooth and μ-strongly convex; norms over all clients"
            Source =
                "arXiv 2002.05516; checked as E‖x⁺−x*‖² ≤ (1−ημ/n)‖x−x*‖² + 2η²σ² for every state, σ² = E‖G(x*)‖² enumerated"
            Falsifiers = [
                Falsifier.check "without σ²" (fun _ -> plainRate 0.0)
                Falsifier.check "without σ², along the run" (fun _ spec ->
                    let f, p = plain spec

                    along
                        (Method.on f p L2GD.method)
                        (solution f)
                        (L2GD.init f (Block.zeros 1 1 spec.Dimension))
                        (Bounds.linear "E‖x_k−x*‖²" true (fun s -> L2GD.distance f s.X) (L2GD.contraction f p.Eta)))
                |> Falsifier.at [ twoClients ]
                Falsifier.check "η × 4" (fun _ spec ->
                    plainRate 1.0 {
                        spec with
                            EtaShare = 4.0 * spec.EtaShare
                    })
                |> Falsifier.at [ twoClients ]
            ]
    }

// ---- CE-L2GD.2: communications -----------------------------------------------------------------------------------

/// E communications over all strings of k ≤ 10 coins, by the state's own count and by the account.
let private communications expected (spec: PersonalSpec) =
    let f, p = plain spec
    let proc = Method.on f p L2GD.method
    let start = L2GD.init f (Block.zeros 1 1 spec.Dimension)
    let series = Enumerated.series proc start 10 (fun s -> s.Communications)
    let charged = Costs.overCoin Counter.Rounds p.P proc.Cost

    [
        for k in 1..10 do
            Evidence.row Relation.Equal 1 k $"E communications in {k} steps" series[k] (expected p.P k)

            // The account knows no first step, so it is (1−p)p for every later one.
            Evidence.row
                Relation.Equal
                1
                k
                $"the account from the second step to step {k}"
                (float (k - 1) * charged)
                (series[k] - series[1])
    ]
    |> Evidence.ofRows Rung.Enumerated Relation.Equal

let private exactly p (k: int) = p + float (k - 1) * p * (1.0 - p)

/// ℒ at p* = λ/(L+λ) times `factor`, against (L+λ)/n and against other p.
let private best factor (spec: PersonalSpec) =
    let f, _ = plain spec
    let p = factor * L2GD.bestP f
    let l = L2GD.smoothness f
    let least = L2GD.expectedSmoothness f p

    Evidence.all [
        Evidence.ofRows Rung.Enumerated Relation.Equal [
            Evidence.row Relation.Equal 1 1 "ℒ(p*)" least ((l + f.Lambda) / float f.Count)
            Evidence.row Relation.Equal 1 1 "1/p*" (1.0 / p) (1.0 + l / f.Lambda)
        ]
        Evidence.ofRows Rung.Enumerated Relation.AtMost [
            for other in 0.02..0.02..0.98 ->
                Evidence.row Relation.AtMost 1 1 $"ℒ(p*) against ℒ({other:F2})" least (L2GD.expectedSmoothness f other)
        ]
    ]

let communicationsClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-L2GD.2"
            ClaimKind.Exact
            "k steps communicate p + (k−1)p(1−p) times in expectation; p* = λ/(L+λ) minimises ℒ, with value (L+λ)/n and 1/p* = 1 + L/λ"
            (instances 2 2 |> Instances.counts 1 3 20)
            (fun _ spec -> Evidence.all [ communications exactly spec; best 1.0 spec ]) with
            Formula = @"p+(k-1)p(1-p),\qquad p^*=\frac\lambda{L+\lambda},\quad \mathcal L(p^*)=\frac{L+\lambda}n"
            Assumptions = "a communication is heads after tails; the coin before the first counts as tails"
            Source = "derived; all 2^k strings of coins for k ≤ 10"
            Falsifiers = [
                Falsifier.check "kp: every heads counted" (fun _ -> communications (fun p k -> p * float k))
                Falsifier.check "p 1.1 times p*" (fun _ -> best 1.1)
            ]
    }

// ---- CE-L2GD.4: a new mean at every heads ------------------------------------------------------------------------

let private freshProcess f p = Method.on f p CompressedL2GD.fresh

let private freshRate noise (spec: PersonalSpec) =
    let f, p = compressed spec

    descends
        (freshProcess f p)
        (compressedSolution f)
        (fun s -> L2GD.distance f s.X)
        (L2GD.contraction f p.Eta)
        p.Eta
        (noise f p)

let private freshNoise (spec: PersonalSpec) =
    let f, p = compressed spec

    let measured =
        enumerated (freshProcess f p) (compressedSolution f) (fun s -> s.X) p.Eta

    Evidence.ofRows Rung.Spectral Relation.Equal [
        Evidence.row Relation.Equal spec.Dimension 1 "E‖G(x*)‖² against S" measured (CompressedL2GD.variance f p)
    ]
    |> asides

let freshClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-L2GD.4"
            ClaimKind.Mean
            "a new ȳ at every heads, η ≤ 1/(2𝒜), 𝒜 = ℒ + λ²Ω/(npμ), Ω = ω_M+(1+ω_M)ω/n: E‖x_k−x*‖² ≤ (1−ημ/n)^k‖x_0−x*‖² + 2nηS/μ"
            (instances 2 2 |> Instances.startingWith [ { twoClients with Clients = 3 } ])
            (fun _ spec -> Evidence.all [ freshRate CompressedL2GD.variance spec; freshNoise spec ]) with
            Formula =
                @"\mathbb E\|x^k-x^*\|^2\le(1-\tfrac{\eta\mu}n)^k\|x^0-x^*\|^2+\tfrac{2n\eta S}\mu,\quad S=\mathbb E\|G(x^*)\|^2"
            Assumptions = "unbiased compressors; S is attained by Rand-k and enumerated"
            Source = "derived, after arXiv 2209.05148; checked for every state as CE-L2GD.1"
            Falsifiers = [
                Falsifier.check "S without the compressors' error" (fun _ ->
                    freshRate (fun f p -> L2GD.variance f (CompressedL2GD.uncompressed p)))
                |> Falsifier.at [ twoClients ]
                Falsifier.check "S without the compressors' error, enumerated" (fun _ spec ->
                    let f, p = compressed spec

                    let measured =
                        enumerated (freshProcess f p) (compressedSolution f) (fun s -> s.X) p.Eta

                    Evidence.ofRows Rung.Enumerated Relation.AtMost [
                        Evidence.row
                            Relation.AtMost
                            spec.Dimension
                            1
                            "E‖G(x*)‖²"
                            measured
                            (L2GD.variance f (CompressedL2GD.uncompressed p))
                    ])
                |> Falsifier.at [ twoClients ]
            ]
    }
