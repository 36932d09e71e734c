/// Where reshuffled methods come to rest as γ → 0, beside sampling with replacement (CE-QRR.6).
module Theory.Algorithms.CommunicationEfficient.QRRStationary

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

let private compressor = randK 1

/// Stationary E‖x − x*‖².
let private rest proc centre (x: 'S -> Block) (f: IClientSum) =
    match StationaryMoments.expectation proc centre (fun s -> Block.normSquared (x s - f.Minimiser)) with
    | Ok value -> value
    | Error reason -> invalidOp reason

let private reshuffled (f: IClientSum) = QRR.draw f compressor

/// A step of sampling with replacement; as many make an epoch.
let private replaced (f: IClientSum) =
    QRR.drawWith (ClientOrders.replaced f.Count f.Summands 1) compressor 1 f

let private compressed draw (f: IClientSum) gamma =
    let p: QRR.Parameters = {
        Gamma = gamma
        Compressor = compressor
    }

    let proc = {
        Method.on f p QRR.method with
            Draw = draw f
    }

    rest proc ({ X = f.Minimiser }: QRR.State) (fun s -> s.X) f

let private parameters gamma alpha : DIANARR.Parameters = {
    Gamma = gamma
    Alpha = alpha
    Compressor = compressor
}

let private largestAlpha (f: IClientSum) =
    1.0 / (1.0 + omegaOf compressor f.Dimension)

let private dianaRR (f: IClientSum) gamma =
    let proc = Method.on f (parameters gamma (largestAlpha f)) DIANARR.method

    let centre: DIANARR.State = {
        X = f.Minimiser
        H = f.SummandGradients f.Minimiser
    }

    rest proc centre (fun s -> s.X) f

/// DIANA on one summand a worker, drawn with replacement: one shift a worker.
let private diana (f: IClientSum) gamma =
    let p = parameters gamma (largestAlpha f)

    let proc: Process<DIANARR.State, QRR.Outcome> = {
        Name = "DIANA with sampled gradients"
        Draw = replaced f
        Step = DIANARR.stepWithOneShift f p
        Cost = fun _ -> []
    }

    let centre: DIANARR.State = {
        X = f.Minimiser
        H = f.Gradients f.Minimiser
    }

    rest proc centre (fun s -> s.X) f

/// DIANA-RR whose shifts stay zero.
let private frozen (f: IClientSum) gamma =
    let p = parameters gamma 0.0

    let proc: Process<QRR.State, QRR.Outcome> = {
        Name = "DIANA-RR with frozen shifts"
        Draw = reshuffled f
        Step =
            fun outcome s ->
                let next = DIANARR.step f p outcome (DIANARR.init f s.X)
                { X = next.X }
        Cost = fun _ -> []
    }

    rest proc ({ X = f.Minimiser }: QRR.State) (fun s -> s.X) f

/// Local slopes over γ_j = 0.04·2^{−j}/((1+2ω/M)Lmax), and ratios.
let private shapes (spec: ClientSpec) (shifted: IClientSum -> float -> float) =
    let f = ClientSums.quadratic spec :> IClientSum
    let largest = (QRR.parametersFor compressor f).Gamma
    let gammas = Array.init 4 (fun j -> 0.04 * largest * 0.5 ** float j)
    let at (floor: IClientSum -> float -> float) = gammas |> Array.map (floor f)

    let qrr, qsgd, variance, sampled =
        at (compressed reshuffled), at (compressed replaced), at shifted, at diana

    let slope (e: float[]) j = System.Math.Log2(e[j] / e[j + 1])
    let ratio = Array.map2 (/) variance sampled

    let rows relation build = [
        for j in 0..2 do
            for label, measured, bound in build j do
                Evidence.row relation 16 100 $"{label}, γ_{j}" measured bound
    ]

    let below j = [
        "slope of Q-RR", slope qrr j, 1.1
        "E‖x−x*‖² of Q-RR against QSGD", qrr[j], qsgd[j]
    ]

    let above j = [
        "slope of Q-RR", slope qrr j, 0.9
        "E‖x−x*‖² of Q-RR against half of QSGD's", qrr[j], 0.5 * qsgd[j]
        "slope of DIANA-RR", slope variance j, 1.9
        "slope of DIANA-RR over DIANA", slope ratio j, 0.9
    ]

    Evidence.all [
        Evidence.ofRows Rung.Moments Relation.AtMost (rows Relation.AtMost below)
        Evidence.ofRows Rung.Moments Relation.AtLeast (rows Relation.AtLeast above)
    ]

let private standard: ClientSpec = {
    Clients = 2
    Summands = 2
    Dimension = 2
    Kappa = 3.0
    Flat = false
    Spread = 3.0
    Scatter = 1.0
    Seed = 1
}

let private instances =
    let generator =
        FsCheck.FSharp.Gen.map2
            (fun (spec: ClientSpec) kappa -> {
                standard with
                    Kappa = kappa
                    Seed = spec.Seed
            })
            (ClientSums.generator 2 2 2)
            (FsCheck.FSharp.Gen.elements [ 1.0; 3.0; 6.0 ])

    Instances.generated generator (fun spec ->
        seq {
            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        })
    |> Instances.counts 1 1 6
    |> Instances.startingWith [ standard ]

let slopeClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-QRR.6"
            ClaimKind.Scaling
            "stationary E‖x−x*‖² as γ → 0: Q-RR of order γ like QSGD, between half of it and all of it; DIANA-RR of order γ² or less, over DIANA's of order γ or less"
            instances
            (fun _ spec -> shapes spec dianaRR) with
            Formula =
                @"\mathbb E\|x_\infty-x_*\|^2=\Theta(\gamma)\ \text{(Q-RR, QSGD, DIANA)},\qquad O(\gamma^2)\ \text{(DIANA-RR)}"
            Assumptions = "ω > 0, clients that differ at x*, γ = 0.04·2^{−j}/((1+2ω/M)Lmax), j = 0, …, 3"
            Source = "arXiv 2206.07021 (shape); exact stationary moments"
            Falsifiers = [
                Falsifier.check "DIANA-RR with α = 0, h = 0" (fun _ spec -> shapes spec frozen)
            ]
    }
