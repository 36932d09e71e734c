/// What the reshuffled methods turn into without compression, with one summand, with steps tied (CE-QRR.7).
module Theory.Algorithms.CommunicationEfficient.QRRReductions

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors

/// FedRR: x ← x − γ·mean ∇f_m^{π_m^i}(x), one round a step.
let private fedRR (f: IClientSum) gamma (orders: Indices) (x: Block) =
    (x, seq { 0 .. orders.Count - 1 })
    ||> Seq.fold (fun x t ->
        x
        - gamma * Block.mean (f.SummandGradientAt (ClientOrders.at f.Count t orders) x))

/// For every outcome and every state: value(s⁺) = expected(outcome, s).
let private sameFor (proc: Process<'S, 'D>) (centre: 'S) (value: 'S -> Block) (expected: 'D -> 'S -> Block) =
    proc.Draw.Outcomes
    |> Array.map (fun o ->
        AffineIdentity.forEveryState centre None (fun s -> value (proc.Step o.Outcome s)) (expected o.Outcome))
    |> List.ofArray
    |> Evidence.all
    |> Evidence.note ""

let private dianaCentre (f: IClientSum) : DIANARR.State = {
    X = f.Minimiser
    H = f.SummandGradients f.Minimiser
}

/// ω = 0: Q-RR, and DIANA-RR for any shifts, are FedRR; Q-NASTYA with η = γn is FedRR with local passes.
let private uncompressed (f: IClientSum) (eta: float -> float) =
    let gamma = (QRR.parametersFor identity f).Gamma

    let qrr =
        Method.on f ({ Gamma = gamma; Compressor = identity }: QRR.Parameters) (QRR.methodWith identity)

    let diana =
        Method.on f (DIANARR.parametersFor identity f) (DIANARR.methodWith identity)

    let dianaGamma = (DIANARR.parametersFor identity f).Gamma

    let nastya =
        Method.on
            f
            ({
                Gamma = gamma
                Eta = eta gamma
                Compressor = identity
            }
            : NASTYA.PlainParameters)
            (NASTYA.plainWith identity)

    Evidence.all [
        sameFor qrr { X = f.Minimiser } (fun s -> s.X) (fun (orders, _) s -> fedRR f gamma orders s.X)
        sameFor diana (dianaCentre f) (fun s -> s.X) (fun (orders, _) s -> fedRR f dianaGamma orders s.X)
        sameFor nastya { X = f.Minimiser } (fun s -> s.X) (fun (orders, _) s ->
            Block.mean (LocalPass.gradients f gamma orders s.X))
    ]

/// n = 1: Q-RR is DCGD and DIANA-RR is DIANA, on the clients' functions.
let private oneSummand (f: IClientSum) =
    let clients = f :> IFiniteSum
    let compressor = randK 1
    let dcgd = CompressedGD.parametersFor compressor clients
    let diana = DIANA.parametersFor compressor clients

    let qrr =
        Method.on
            f
            ({
                Gamma = dcgd.Gamma
                Compressor = compressor
            }
            : QRR.Parameters)
            QRR.method

    let dianaRR =
        Method.on
            f
            ({
                Gamma = diana.Gamma
                Alpha = diana.Alpha
                Compressor = compressor
            }
            : DIANARR.Parameters)
            DIANARR.method

    let dianaStep (_, draws: CompressorDraw list) (s: DIANARR.State) =
        DIANA.step clients diana draws.Head { X = s.X; H = s.H }

    Evidence.all [
        sameFor qrr { X = f.Minimiser } (fun s -> s.X) (fun (_, draws) s ->
            (CompressedGD.step clients dcgd draws.Head { X = s.X }).X)
        sameFor dianaRR (dianaCentre f) (fun s -> s.X) (fun o s -> (dianaStep o s).X)
        sameFor dianaRR (dianaCentre f) (fun s -> s.H) (fun o s -> (dianaStep o s).H)
    ]

/// DIANA-RR against DIANA-RR with one shift a worker, both from shifts of zero.
let private oneShift (f: IClientSum) =
    let p = DIANARR.parametersFor (randK 1) f
    let proc = Method.on f p DIANARR.method

    let from (x: Block) = DIANARR.init f x

    let whole: Process<QRR.State, QRR.Outcome> = {
        Name = proc.Name
        Draw = proc.Draw
        Step = fun o s -> { X = (proc.Step o (from s.X)).X }
        Cost = fun _ -> []
    }

    sameFor whole { X = f.Minimiser } (fun s -> s.X) (fun o s -> (DIANARR.stepWithOneShift f p o (from s.X)).X)

let private check (spec: ClientSpec) =
    let f = ClientSums.quadratic spec :> IClientSum
    let one = ClientSums.quadratic { spec with Summands = 1 } :> IClientSum

    Evidence.all [
        uncompressed f (fun gamma -> gamma * float f.Summands)
        oneSummand one
        oneShift one
    ]

let private standard: ClientSpec = {
    Clients = 2
    Summands = 2
    Dimension = 2
    Kappa = 6.0
    Flat = false
    Spread = 3.0
    Scatter = 1.0
    Seed = 1
}

let reductionsClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-QRR.7"
            ClaimKind.Exact
            "ω = 0: Q-RR and, for any shifts, DIANA-RR are FedRR, Q-NASTYA with η = γn is FedRR with local passes; n = 1: Q-RR is DCGD, DIANA-RR is DIANA; for every outcome and every state"
            (Instances.generated (ClientSums.generator 2 3 2) ClientSums.shrink
             |> Instances.counts 1 3 20
             |> Instances.startingWith [ standard ])
            (fun _ spec -> check spec) with
            Formula =
                @"\omega=0\Rightarrow x^{QRR}=x^{DIANARR}=x^{FedRR};\qquad n=1\Rightarrow x^{QRR}=x^{DCGD},\ x^{DIANARR}=x^{DIANA}"
            Assumptions = "shared orders and messages"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "one shift a worker for n > 1" (fun _ spec ->
                    oneShift (
                        ClientSums.quadratic {
                            spec with
                                Summands = max 2 spec.Summands
                        }
                    ))
                Falsifier.check "η = γ" (fun _ spec -> uncompressed (ClientSums.quadratic spec) id)
                |> Falsifier.at [ standard ]
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }
