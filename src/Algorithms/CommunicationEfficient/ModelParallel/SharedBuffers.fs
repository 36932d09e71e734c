/// The error of backward messages, and buffers that samples share (CE-MODELPAR.3 and .7).
module Theory.Algorithms.CommunicationEfficient.SharedBuffers

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.Messages
open Theory.Algorithms.CommunicationEfficient.MessageClaims

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
