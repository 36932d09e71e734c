/// What buffers do to messages (CE-MODELPAR.1, .2, .3 and .7).
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

let private compress (c: Compressor) : Compress = c.Apply CompressorDraw.Nothing

/// Equality of two numbers made of values up to `scale` in `operations` roundings.
let private close label operations scale measured bound = {
    Label = label
    Measured = measured
    Bound = bound
    Holds = Evidence.holds Relation.Equal (Rounding.identity operations scale) measured bound
}

let private exact (rows: Row list) = {
    Evidence.ofRows Rung.Trajectories Relation.Equal rows with
        Tightness = nan
}

let private number (x: Block) = (x.ToArray())[0]

let private instances =
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

let private own = { Dimension = 6; K = 2; Seed = 1 }

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

// ---- CE-MODELPAR.3 ---------------------------------------------------------------------------------------------

/// A gradient at the cut.
type private Gradient = { G: Block }

/// ‖J_1ᵀ(C'(g) − g)‖ ≤ ‖J_1‖·share(1 − k/d)·‖g‖, for a linear first stage and for J_1 = I.
let private backward (share: float -> float) (ctx: CheckContext) (spec: MessageSpec) =
    let d = spec.Dimension
    let c = topK spec.K
    let j = Matrix(d, 3, Linear.gaussians spec.Seed 7 (3 * d))

    let one (jacobian: Matrix) (states: Block) search =
        let size = Decompositions.SpectralNorm jacobian

        Enumerated.oneStep ctx {
            Process = {
                Name = "backward message"
                Draw = Draw.none
                Step = fun () s -> { G = compress c s.G - s.G }
                Cost = fun () -> []
            }
            States = { G = states }
            Measure = fun _ next -> Block.norm (next.G.Apply(jacobian, transposed = true))
            Bound = fun s -> (size * share (1.0 - float spec.K / float d)) * Block.norm s.G
            Relation = Relation.AtMost
            Keep = id
            Search = search
        }

    Evidence.all [
        one j (CheckContext.gaussianStarts ctx 1 16 d 1.0) (CheckContext.pick 10 40 200 ctx)
        one (Matrix.Identity d) (Block.vector (Array.create d 1.5)) 0
    ]

let gradientClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-MODELPAR.3"
            ClaimKind.Sure
            "the first device's gradient is off by J_1ᵀ(C'(g) − g), with Top-k at most ‖J_1‖√(1−k/d)‖g‖; equality at flat g, J_1 = I"
            (instances |> Instances.startingWith [ for k in 1..5 -> { own with K = k } ])
            (backward sqrt) with
            Formula = @"\|J_1^\top(C'(g)-g)\|\le\|J_1\|\sqrt{1-k/d}\,\|g\|"
            Assumptions = "linear first stage, Top-k"
            Source = "Top-k ∈ B(k/d)"
            Falsifiers = [
                Falsifier.check "1 − k/d in place of its root" (backward id)
                |> Falsifier.at [ own ]
            ]
            Tight =
                Some {
                    Instance = own
                    AtLeast = 1.0 - 1e-12
                }
    }

// ---- CE-MODELPAR.7 ---------------------------------------------------------------------------------------------

/// Two samples that visit in turn: activations ±c(1, 1).
type TurnSpec = { Scale: float; Visits: int }

let private turns (perSample: bool) (spec: TurnSpec) =
    let c = compress (topK 1)
    let a = Block.vector [| spec.Scale; spec.Scale |]
    let activation visit = if visit % 2 = 0 then a else -a

    // Buffers of the two samples; a shared one stands in both places.
    let visit (buffers: Block list) at =
        let next = (difference c buffers[at % 2] (activation at)).Materialise()

        if perSample then
            List.updateAt (at % 2) next buffers
        else
            [ next; next ]

    let states =
        List.scan visit [ 0.0 * a; 0.0 * a ] [ 0 .. spec.Visits - 1 ] |> List.tail

    [ for at, buffers in List.indexed states -> buffers[at % 2], activation at ]

let private alternates (shared: bool) (spec: TurnSpec) =
    let scale = abs spec.Scale

    let stuck = [
        for at, (m, a) in List.indexed (turns (not shared) spec) do
            let expected =
                Block.vector [| (if at % 2 = 0 then spec.Scale else -spec.Scale); 0.0 |]

            close $"visit {at}: ‖m − a_s‖" 8.0 scale (number (Block.norm (m - a))) scale
            close $"visit {at}: distance of m to (±c, 0)" 8.0 scale (number (Block.norm (m - expected))) 0.0
    ]

    // The third and the fourth visit are the second of each sample.
    let learned = [
        for at, (m, a) in List.indexed (turns true spec) |> List.skip 2 ->
            close $"visit {at}, a buffer a sample: ‖m − a_s‖" 8.0 scale (number (Block.norm (m - a))) 0.0
    ]

    {
        exact (stuck @ learned) with
            Tightness = 1.0
    }

let turnsClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-MODELPAR.7"
            ClaimKind.Exact
            "two samples with a_1 = −a_2 = c(1, 1) visit one EF21 buffer in turn, Top-1: it alternates between (c, 0) and (−c, 0) and ‖m − a_s‖ = c at every visit, while AQ-SGD is exact at the second visit of each"
            (Instances.only [
                { Scale = 1.0; Visits = 20 }
                { Scale = 0.3; Visits = 21 }
                { Scale = -7.0; Visits = 12 }
            ])
            (fun _ spec -> alternates true spec) with
            Formula = @"m\in\{(c,0),(-c,0)\},\quad\|m-a_s\|=c"
            Assumptions = "m_0 = 0, ties by lowest index"
            Source = "by hand: the update sees a − m with m the other sample's reconstruction"
            Falsifiers = [ Falsifier.check "one buffer a sample" (fun _ spec -> alternates false spec) ]
    }
