/// What buffers do to messages (CE-MODELPAR.1 and .2).
module Theory.Algorithms.CommunicationEfficient.MessageClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations
open Theory.Algorithms.CommunicationEfficient.Messages

/// Activations of dimension d, of which k entries are sent.
type MessageSpec = { Dimension: int; K: int; Seed: int }

/// A deterministic compressor's map.
let compress (c: Compressor) : Compress = c.Apply CompressorDraw.Nothing

/// Equality of two numbers made of values up to `scale` in `operations` roundings.
let close label operations scale measured bound = {
    Label = label
    Measured = measured
    Bound = bound
    Holds = Evidence.holds Relation.Equal (Rounding.identity operations scale) measured bound
}

/// Identities: they must hold, and say nothing of tightness.
let exact (rows: Row list) = {
    Evidence.ofRows Rung.Trajectories Relation.Equal rows with
        Tightness = nan
}

/// The value of a block of one number.
let number (x: Block) = (x.ToArray())[0]

/// Random d and k.
let instances =
    Instances.generated
        (gen {
            let! d = Gen.choose (2, 8)
            let! k = Gen.choose (1, d)
            let! seed = Gen.choose (0, 10000)
            return { Dimension = d; K = k; Seed = seed }
        })
        (fun spec ->
            seq {
                if spec.Dimension > 2 && spec.K < spec.Dimension then
                    {
                        spec with
                            Dimension = spec.Dimension - 1
                    }

                if spec.K > 1 then
                    { spec with K = 1 }
            })

/// d = 6, k = 2.
let own = { Dimension = 6; K = 2; Seed = 1 }

// ---- CE-MODELPAR.1 ---------------------------------------------------------------------------------------------

/// Messages and errors of feedback on given activations, from e_0 = 0.
let private feedbackRun (c: Compressor) (activations: Block list) =
    let zero = 0.0 * activations.Head

    activations
    |> List.scan
        (fun (_, e) a ->
            let m, rest = feedback (compress c) e a
            m.Materialise(), rest.Materialise())
        (zero, zero)
    |> List.tail

/// Unit activations of random directions, and such as point against the error so far.
let private unitActivations (spec: MessageSpec) (count: int) = [
    for t in 0 .. count - 1 ->
        let v = Block.vector (Linear.gaussians spec.Seed t spec.Dimension)
        v / number (Block.norm v)
]

let private telescopes (change: Compressor -> Compressor) (spec: MessageSpec) =
    let d = spec.Dimension
    let c = change (topK spec.K)
    let steps = 100
    let error = 1.0 - alphaOf c d
    let activations = unitActivations spec steps
    let run = feedbackRun c activations
    let total = List.reduce (fun (a: Block) b -> (a + b).Materialise())
    let gap = total (List.map fst run) + snd (List.last run) - total activations

    let limit = if error = 0.0 then 0.0 else sqrt error / (1.0 - sqrt error)

    // All ones, one entry sent: the message has one entry that is not 0.
    let ones = Block.vector (Array.create d 1.0)
    let single = change (topK 1)
    let constant = feedbackRun single (List.replicate steps ones)
    let mean = (1.0 / float steps) * total (List.map fst constant)

    Evidence.all [
        exact [
            close "‖Σ m_t + e_T − Σ a_t‖" (float (steps * d)) (float steps) (number (Block.norm gap)) 0.0
        ]
        [
            for t, (_, e) in List.indexed run ->
                Evidence.row Relation.AtMost d (t + 1) $"‖e‖ after {t + 1}" (number (Block.norm e)) limit
        ]
        @ [
            Evidence.row
                Relation.AtMost
                d
                steps
                "‖mean of m_t − a‖, a constant"
                (number (Block.norm (mean - ones)))
                (number (Block.norm (snd (List.last constant))) / float steps)
        ]
        |> Evidence.ofRows Rung.Trajectories Relation.AtMost
        {
            ([
                for t, (m, _) in List.indexed constant ->
                    Evidence.row
                        Relation.AtLeast
                        d
                        1
                        $"‖m_t − a‖² at t = {t}, a constant"
                        (number (Block.normSquared (m - ones)))
                        (float (d - 1))
             ]
             |> Evidence.ofRows Rung.Trajectories Relation.AtLeast) with
                Tightness = nan
        }
    ]

let feedbackClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-MODELPAR.1"
            ClaimKind.Exact
            "EF: Σ_{t<T} m_t + e_T = Σ_{t<T} a_t + e_0, ‖e_t‖ ≤ B√(1−α)/(1−√(1−α)); on a constant a = (1, …, 1) with Top-1 ‖m_t − a‖² ≥ d − 1 for every t, and only means converge, ‖mean − a‖ ≤ ‖e_T‖/T"
            (instances |> Instances.startingWith [ own; { own with Dimension = 2; K = 1 } ])
            (fun _ spec -> telescopes id spec) with
            Formula = @"\sum_{t<T}m_t+e_T=\sum_{t<T}a_t+e_0,\quad\|e_t\|\le\frac{B\sqrt{1-\alpha}}{1-\sqrt{1-\alpha}}"
            Assumptions = "‖a_t‖ ≤ B, Top-k, e_0 = 0"
            Source = "by telescoping; ‖e_{t+1}‖ ≤ √(1−α)(‖a_t‖ + ‖e_t‖)"
            Falsifiers = [
                Falsifier.check "identity compressor" (fun _ spec -> telescopes (fun _ -> identity) spec)
            ]
    }

// ---- CE-MODELPAR.2 ---------------------------------------------------------------------------------------------

/// A sample's activation before and after a step of training, and its buffer.
type private Visit = { A: Block; Next: Block; Buffer: Block }

/// One visit from many states: contraction for a frozen activation, tracking for one that moves.
let private tracks (weight: float) (ctx: CheckContext) (spec: MessageSpec) =
    let c = topK spec.K
    let kept = alphaOf c spec.Dimension
    let lanes = 16

    let noise site =
        CheckContext.gaussianStarts ctx site lanes spec.Dimension 1.0

    let one label (next: Block) bound =
        Enumerated.oneStep ctx {
            Process = {
                Name = label
                Draw = Draw.none
                Step =
                    fun () s -> {
                        s with
                            Buffer = difference (compress c) s.Buffer s.Next
                    }
                Cost = fun () -> []
            }
            States = {
                A = noise 1
                Next = next
                Buffer = noise 3
            }
            Measure = fun s after -> Block.normSquared (s.Next - after.Buffer)
            Bound = bound
            Relation = Relation.AtMost
            Keep = id
            Search = CheckContext.pick 10 40 200 ctx
        }

    Evidence.all [
        one "frozen" (noise 1) (fun s -> (weight * (1.0 - kept)) * Block.normSquared (s.Next - s.Buffer))
        for t in [ 0.1; 1.0; 5.0 ] do
            one "moving" (noise 2) (fun s ->
                (weight * (1.0 - kept))
                * ((1.0 + t) * Block.normSquared (s.A - s.Buffer)
                   + (1.0 + 1.0 / t) * Block.normSquared (s.Next - s.A)))
    ]

/// Messages are exact after ⌈d/k⌉ visits of a frozen activation.
let private exactAfter (run: Compress -> Block -> int -> Block) (spec: MessageSpec) =
    let d = spec.Dimension
    let visits = (d + spec.K - 1) / spec.K

    [
        for site in 0..4 ->
            let a = Block.vector (Linear.gaussians spec.Seed site d)
            let m = run (compress (topK spec.K)) a visits
            close $"‖m − a‖ after {visits} visits" (float d) (number (Block.norm a)) (number (Block.norm (m - a))) 0.0
    ]
    |> exact

let private differences c a visits =
    Seq.fold (fun m _ -> difference c m a) (0.0 * a) [ 1..visits ]

let private feedbacks c a visits =
    Seq.fold (fun (_, e) _ -> feedback c e a) (0.0 * a, 0.0 * a) [ 1..visits ]
    |> fst

let trackingClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-MODELPAR.2"
            ClaimKind.Sure
            "AQ-SGD: ‖a_s − m_s‖² contracts by 1 − α a visit while weights are frozen, with Top-k it is 0 after ⌈d/k⌉ visits; moving: ‖a⁺−m⁺‖² ≤ (1−α)(1+t)‖a−m‖² + (1−α)(1+1/t)‖a⁺−a‖²"
            (instances |> Instances.startingWith [ own ])
            (fun ctx spec -> Evidence.all [ tracks 1.0 ctx spec; exactAfter differences spec ]) with
            Formula = @"\|a_s^+-m_s^+\|^2\le(1-\alpha)(1+t)\|a_s-m_s\|^2+(1-\alpha)(1+\tfrac1t)\|a_s^+-a_s\|^2"
            Assumptions = "C ∈ B(α), any t > 0"
            Source = "EF21 sample by sample; Young's inequality"
            Falsifiers = [
                Falsifier.check "EF in place of AQ-SGD" (fun ctx spec ->
                    Evidence.all [ tracks 1.0 ctx spec; exactAfter feedbacks spec ])
                |> Falsifier.at [ own ]
                Falsifier.check "9/10 of the bound" (fun ctx spec -> tracks 0.9 ctx spec)
                |> Falsifier.at [ { own with Dimension = 2; K = 1 } ]
            ]
    }
