/// Identities of L2GD and CL2GD, and the paper.
module Theory.Algorithms.CommunicationEfficient.L2GDIdentities

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations
open Theory.Algorithms.CommunicationEfficient.L2GDClaims

// ---- CE-L2GD.3: the error of the received mean -------------------------------------------------------------------

/// Parameters that only compress.
let private sending device master : CompressedL2GD.Parameters = {
    Eta = 1.0
    P = 0.5
    Device = device
    Master = master
}

let private sendingDraw (p: CompressedL2GD.Parameters) n d =
    Draw.both (p.Device.Draw n d) (p.Master.Draw 1 d)

/// ω_M‖x̄‖² + (1+ω_M)(ω/n²) Σ‖x_i‖², or with (1 + `product`·ω_M).
let private error product (device: Compressor) (master: Compressor) (x: Block) =
    let omega, omegaM = omegaOf device x.Dimension, omegaOf master x.Dimension
    let n = float x.Workers

    omegaM * Block.normSquared (Block.mean x)
    + ((1.0 + product * omegaM) * omega / (n * n)) * Block.totalNormSquared x

let private compressors (spec: PersonalSpec) = [
    compressor spec.Dimension spec.DeviceK, compressor spec.Dimension spec.MasterK
    bernoulli spec.P, compressor spec.Dimension spec.MasterK
    compressor spec.Dimension spec.DeviceK, bernoulli spec.P
]

/// Equality for every x_1 … x_n where compressors attain ω.
let private received product (spec: PersonalSpec) =
    compressors spec
    |> List.map (fun (device, master) ->
        let p = sending device master

        ReceivedMoments.second
            spec.Clients
            spec.Dimension
            (sendingDraw p spec.Clients spec.Dimension)
            (CompressedL2GD.receive p)
            ReceivedMoments.deviation
            (error product device master))
    |> Evidence.all

/// The inequality for natural compression, at random models, over all roundings.
let private rounded (spec: PersonalSpec) =
    let n, d = spec.Clients, min 2 spec.Dimension
    let square (v: float[]) = v |> Array.sumBy (fun a -> a * a)

    let one seed =
        let models = Array.init n (fun i -> Linear.gaussians (spec.Seed + seed) i d)

        let mean = Array.init d (fun k -> models |> Array.averageBy (fun v -> v[k]))

        // The law of (1/n) Σ Q_i(x_i).
        let sums =
            ([ (1.0, Array.zeroCreate d) ], models)
            ||> Array.fold (fun law model -> [
                for p, sum in law do
                    for q, sent in natural.ExactLaw model -> p * q, Array.map2 (fun s v -> s + v / float n) sum sent
            ])

        let measured =
            sums
            |> List.sumBy (fun (p, sum) ->
                natural.ExactLaw sum
                |> List.sumBy (fun (q, y) -> p * q * square (Array.map2 (-) y mean)))

        let bound = (Block.lanes (error 1.0 natural natural (Block.ofWorkers models)))[0]
        Evidence.row Relation.AtMost d 1 $"E‖ȳ−x̄‖² with natural compression, models {seed}" measured bound

    Evidence.ofRows Rung.Enumerated Relation.AtMost (List.map one [ 0; 1; 2 ])

let errorClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-L2GD.3"
            ClaimKind.Exact
            "E‖ȳ−x̄‖² = ω_M‖x̄‖² + (1+ω_M)(ω/n²) Σ‖x_i‖² for Rand-k and Bernoulli, at most that for every unbiased compressor"
            (instances 3 3
             |> Instances.counts 1 3 20
             |> Instances.startingWith [ { twoClients with Dimension = 3 } ])
            (fun _ spec -> Evidence.all [ received 1.0 spec; rounded spec ]) with
            Formula =
                @"\mathbb E\|\bar y-\bar x\|^2=\omega_M\|\bar x\|^2+(1+\omega_M)\tfrac{\omega}{n^2}\sum_i\|x_i\|^2"
            Assumptions = "independent compressors; equality for every x_1 … x_n, inequality by natural compression"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "without the product ω_Mω/n²" (fun _ -> received 0.0)
                |> Falsifier.at [ { twoClients with Dimension = 3 } ]
            ]
    }

// ---- CE-L2GD.6: the received mean used again ---------------------------------------------------------------------

/// The models after j heads in a row that follow tails, the first with the given draws.
let private headsInARow
    step
    f
    (p: CompressedL2GD.Parameters)
    j
    (draws: CompressorDraw * CompressorDraw)
    (x: Block)
    : Block =
    let start = {
        CompressedL2GD.init f (Block.zeros 1 x.Lanes x.Dimension) with
            X = x
    }

    let final =
        (start, seq { 1..j })
        ||> Seq.fold (fun s _ -> step f p (Mask.Constant true, draws) s)

    final.X

let private rowSetting (spec: PersonalSpec) =
    let f, p = compressed spec

    f,
    {
        p with
            Eta = 0.4 * float spec.Clients * spec.P / spec.Lambda
    }

/// x_i^{(j)} = ȳ + (1−θ)^j(x_i − ȳ) on every outcome of the compressors and from every state; or the mean of the models,
/// if `mean` claims something of it.
let private row step (claim: float -> Block -> Block -> Block) (view: Block -> Block) (spec: PersonalSpec) =
    let f, p = rowSetting spec
    let theta = L2GD.pull f (CompressedL2GD.uncompressed p)
    let outcomes = (sendingDraw p spec.Clients spec.Dimension).Outcomes

    [
        for j in 1..5 do
            for o in outcomes ->
                AffineIdentity.forEveryState
                    (Block.zeros spec.Clients 1 spec.Dimension)
                    None
                    (fun x -> view (headsInARow step f p j o.Outcome x))
                    (fun x -> claim ((1.0 - theta) ** float j) (CompressedL2GD.receive p o.Outcome x) x)
    ]
    |> Evidence.all
    |> MaskChecks.summarised

/// The mean after j heads: its expectation is x̄, its error (1−(1−θ)^j)²E‖ȳ−x̄‖².
let private meanMoves share (spec: PersonalSpec) =
    let f, p = rowSetting spec
    let theta = L2GD.pull f (CompressedL2GD.uncompressed p)
    let draw = sendingDraw p spec.Clients spec.Dimension

    [
        for j in 1..5 do
            let mean outcome x =
                Block.mean (headsInARow CompressedL2GD.step f p j outcome x)

            let weight = share theta j
            ReceivedMoments.unbiased spec.Clients spec.Dimension draw mean

            ReceivedMoments.second spec.Clients spec.Dimension draw mean ReceivedMoments.deviation (fun x ->
                weight * error 1.0 p.Device p.Master x)
    ]
    |> Evidence.all
    |> MaskChecks.summarised

let private moved theta (j: int) = (1.0 - (1.0 - theta) ** float j) ** 2.0

let private pulled kept (y: Block) (x: Block) = y + kept * (x - y)

let private pulledMean kept (y: Block) (x: Block) =
    Block.mean x + (1.0 - kept) * (y - Block.mean x)

let cached: Claim =
    Claim.create {
        Claim.spec
            "CE-L2GD.6"
            ClaimKind.Exact
            "CL2GD after j heads in a row: x_i = ȳ + (1−θ)^j(x_i − ȳ); the mean moves by (1−(1−θ)^j)(ȳ−x̄), zero in expectation, with second moment (1−(1−θ)^j)²E‖ȳ−x̄‖²"
            (instances 2 2
             |> Instances.counts 1 2 20
             |> Instances.startingWith [
                 {
                     twoClients with
                         Clients = 3
                         Dimension = 2
                 }
             ])
            (fun _ spec ->
                Evidence.all [
                    row CompressedL2GD.step pulled id spec
                    row CompressedL2GD.step pulledMean Block.mean spec
                    meanMoves moved spec
                ]) with
            Formula =
                @"x_i^{(j)}=\bar y+(1-\theta)^j(x_i-\bar y),\quad \bar x^{(j)}-\bar x=(1-(1-\theta)^j)(\bar y-\bar x),\quad \theta=\tfrac{\eta\lambda}{np}"
            Assumptions = "Rand-k; every outcome, every state, j ≤ 5"
            Source =
                "derived: a step at heads after heads points to ȳ, not to x̄, so given the past it is biased and CE-L2GD.4 does not cover it"
            Falsifiers = [
                Falsifier.check "the mean does not move at heads" (fun _ ->
                    row CompressedL2GD.step (fun _ _ x -> Block.mean x) Block.mean)
                |> Falsifier.at [ twoClients ]
                Falsifier.check "a new ȳ at every heads" (fun _ -> row CompressedL2GD.freshStep pulled id)
                |> Falsifier.at [ twoClients ]
                Falsifier.check "second moment of independent errors, Σ_j θ²(1−θ)^{2(j−i)}" (fun _ ->
                    meanMoves (fun theta j ->
                        Seq.init j (fun i -> theta * theta * (1.0 - theta) ** float (2 * i)) |> Seq.sum))
                |> Falsifier.at [ twoClients ]
            ]
    }

/// E[1{step k+1 communicates}·‖x_k−x*‖²] over all strings of coins, against p·E[(1−ξ_k)‖x_k−x*‖²] or another value of the
/// laws of x_k and of its last coin.
let private switches (expected: float -> (float * float * float)[] -> float) (spec: PersonalSpec) =
    let f = personal spec

    let p: L2GD.Parameters = {
        Eta = 1.0 / (2.0 * L2GD.expectedSmoothness f spec.P)
        P = spec.P
    }

    let proc = Method.on f p L2GD.method
    let start = L2GD.init f (Block.zeros 1 1 spec.Dimension)
    let distance (s: L2GD.State) = L2GD.distance f s.X

    [
        for k in 1..6 do
            let weights, states = Enumerated.law proc start k

            let switching =
                Enumerated.expectation
                    proc
                    (fun before after -> (after.Communications - before.Communications) * distance before)
                    states

            let lanes (b: Block) =
                Block.stretch weights.Length b |> Block.lanes

            // Weight, last coin, distance.
            let law = Array.zip3 weights (lanes states.Previous) (lanes (distance states))
            let measured = Array.fold2 (fun sum w v -> sum + w * v) 0.0 weights switching
            Evidence.row Relation.Equal spec.Dimension k $"k = {k}" measured (expected spec.P law)
    ]
    |> Evidence.ofRows Rung.Enumerated Relation.Equal

let dependence: Claim =
    Claim.create {
        Claim.spec
            "CE-L2GD.6b"
            ClaimKind.Exact
            "E[1{ξ_k = 0, ξ_{k+1} = 1}‖x_k−x*‖²] = p·E[1{ξ_k = 0}‖x_k−x*‖²], which is not p(1−p)E‖x_k−x*‖²: x_k depends on its last coin"
            (instances 2 2 |> Instances.counts 1 3 20)
            (fun _ -> switches (fun p law -> p * (law |> Array.sumBy (fun (w, coin, v) -> w * (1.0 - coin) * v)))) with
            Formula =
                @"\mathbb E\bigl[1_{\{\xi_k=0,\xi_{k+1}=1\}}\|x_k-x^*\|^2\bigr]=p\,\mathbb E\bigl[1_{\{\xi_k=0\}}\|x_k-x^*\|^2\bigr]"
            Assumptions = "L2GD from 0, k ≤ 6, all strings of coins"
            Source =
                "derived: a proof that gives a communication the probability p(1−p) must condition on the last coin"
            Falsifiers = [
                Falsifier.check "probability p(1−p), independent of x_k" (fun _ ->
                    switches (fun p law -> p * (1.0 - p) * (law |> Array.sumBy (fun (w, _, v) -> w * v))))
            ]
    }

let paper: Paper = {
    Key = "CE-L2GD"
    Title = "Personalized Federated Learning with Communication Compression"
    Citation = "Bergou, Burlachenko, Dutta, Richtárik, TMLR 2023, arXiv 2209.05148; L2GD: Hanzely, Richtárik, 2020"
    Family = "communication-efficient"
    Problem = "min (1/n) Σ f_i(x_i) + (λ/(2n)) Σ‖x_i − x̄‖², f_i L-smooth and μ-strongly convex; unbiased compressors"
    Methods = [
        MethodEntry.create L2GD.method
        MethodEntry.create CompressedL2GD.method
        MethodEntry.create CompressedL2GD.fresh
    ]
    Claims = [
        rateClaim
        communicationsClaim
        errorClaim
        freshClaim
        L2GDLimits.limits
        cached
        dependence
    ]
}
