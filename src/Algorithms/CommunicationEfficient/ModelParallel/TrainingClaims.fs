/// Training the second device on compressed activations (CE-MODELPAR.4 and .5).
module Theory.Algorithms.CommunicationEfficient.TrainingClaims

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.Messages

/// The messages of all samples after each visit: PLAIN or AQ-SGD from buffers 0.
type private Buffers =
    | Without
    | PerSample

type private State = {
    /// u.
    U: Block
    /// The messages of all samples, samples × 1 × d.
    M: Block
}

/// Full-batch gradient descent on ½ mean (⟨u, m_s⟩ − y_s)² with frozen activations a_s; every step visits every sample.
let private training buffers (compressor: Compressor) (gamma: float) (a: Block) (y: Block) : Process<State, unit> =
    let c = compressor.Apply CompressorDraw.Nothing

    {
        Name = "GD on compressed activations"
        Draw = Draw.none
        Step =
            fun () s ->
                let m =
                    match buffers with
                    | Without -> plain c a
                    | PerSample -> (difference c s.M a).Materialise()

                {
                    U = s.U - gamma * Block.mean (m * (Block.dot s.U m - y))
                    M = m
                }
        Cost = fun () -> []
    }

/// ½ mean (⟨u, m_s⟩ − y_s)².
let private loss (y: Block) (m: Block) (u: Block) : float =
    let residual = Block.dot u m - y
    0.5 * (Block.lanes (Block.mean (residual * residual)))[0]

let private after steps (proc: Process<State, unit>) (start: State) =
    Seq.fold
        (fun s _ ->
            let next = proc.Step () s

            {
                U = next.U.Materialise()
                M = next.M.Materialise()
            })
        start
        [ 1..steps ]

/// A limit reached: what is left of the start's size after the steps is below rounding.
let private reached label (scale: float) measured bound = {
    Label = label
    Measured = measured
    Bound = bound
    Holds = abs (measured - bound) <= Rounding.allowance 1.0 scale
}

let private judge rows = {
    Evidence.ofRows Rung.Trajectories Relation.Equal rows with
        Tightness = nan
}

// ---- CE-MODELPAR.4 ---------------------------------------------------------------------------------------------

/// a(x) = (x, 0.9x), target x; u⁰ = (0, c).
type MismatchSpec = { Samples: int; C: float; Seed: int }

let private mismatch (compressor: Compressor) (spec: MismatchSpec) =
    let x = Linear.gaussians spec.Seed 0 spec.Samples
    let a = Block.ofWorkers (x |> Array.map (fun v -> [| v; 0.9 * v |]))
    let y = Block.ofWorkers (x |> Array.map (fun v -> [| v |]))
    let mean = x |> Array.averageBy (fun v -> v * v)
    // 1/L of the uncompressed loss, whose Hessian is mean·(1, 0.9)(1, 0.9)ᵀ.
    let gamma = 1.0 / (1.81 * mean)

    let start = {
        U = Block.vector [| 0.0; spec.C |]
        M = 0.0 * a
    }

    let steps = 400
    let scale = 1.0 + spec.C * spec.C * mean

    let plainly = after steps (training Without compressor gamma a y) start
    let learned = after steps (training PerSample (topK 1) gamma a y) start

    judge [
        reached "PLAIN: u_1" scale plainly.U[0, 0, 0] 1.0
        reached "PLAIN: u_2" scale plainly.U[0, 0, 1] spec.C
        reached "PLAIN: loss with compression" scale (loss y plainly.M plainly.U) 0.0
        reached "PLAIN: loss without compression" scale (loss y a plainly.U) (0.5 * (0.9 * spec.C) ** 2.0 * mean)
        reached "AQ-SGD: u_1 + 0.9u_2" scale (learned.U[0, 0, 0] + 0.9 * learned.U[0, 0, 1]) 1.0
        reached "AQ-SGD: loss without compression" scale (loss y a learned.U) 0.0
    ]

let private mismatched c = { Samples = 5; C = c; Seed = 1 }

let mismatchClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-MODELPAR.4"
            ClaimKind.Exact
            "a(x) = (x, 0.9x), target x, Top-1, u⁰ = (0, c): PLAIN leaves u_2 = c, its loss → 0 with compression and ½(0.9c)²E x² without; AQ-SGD reaches u_1 + 0.9u_2 = 1, loss → 0 without compression"
            (Instances.only [
                mismatched 1.0
                mismatched -2.0
                {
                    mismatched 0.5 with
                        Samples = 3
                        Seed = 2
                }
                mismatched 0.0
            ])
            (fun _ spec -> mismatch (topK 1) spec) with
            Formula = @"\ell_{\text{uncompressed}}\to\tfrac12(0.9c)^2\,\mathbb E x^2"
            Assumptions = "squared loss, full-batch GD on u with step 1/L, frozen first device"
            Source = "by hand: the second coordinate is never sent"
            Falsifiers = [
                Falsifier.check "identity compressor" (fun _ spec -> mismatch identity spec)
                |> Falsifier.at [ mismatched 1.0 ]
            ]
    }

// ---- CE-MODELPAR.5 ---------------------------------------------------------------------------------------------

/// a_1 = (1, h), a_2 = (1, −h), targets 1 and 0.
type TwinSpec = { H: float; StepShare: float }

let private twins (compressor: Compressor) (spec: TwinSpec) =
    let a = Block.ofWorkers [| [| 1.0; spec.H |]; [| 1.0; -spec.H |] |]
    let y = Block.ofWorkers [| [| 1.0 |]; [| 0.0 |] |]
    // Hessian diag(1, h²), L = 1.
    let start = {
        U = Block.vector [| 0.0; 0.0 |]
        M = 0.0 * a
    }

    let steps = 2000
    let plainly = after steps (training Without compressor spec.StepShare a y) start
    let learned = after steps (training PerSample (topK 1) spec.StepShare a y) start

    judge [
        reached "PLAIN: u_1" 1.0 plainly.U[0, 0, 0] 0.5
        reached "PLAIN: loss" 1.0 (loss y plainly.M plainly.U) 0.125
        reached "AQ-SGD: loss" 1.0 (loss y a learned.U) 0.0
        reached "AQ-SGD: u_1" 1.0 learned.U[0, 0, 0] 0.5
        reached "AQ-SGD: u_2" (1.0 / spec.H) learned.U[0, 0, 1] (0.5 / spec.H)
    ]

let twinsClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-MODELPAR.5"
            ClaimKind.Exact
            "frozen a = (1, ±h), targets 1 and 0, Top-1: PLAIN sees (1, 0) twice and its loss tends to 1/8; AQ-SGD's tends to 0 with u = (½, 1/(2h))"
            (Instances.only [
                { H = 0.5; StepShare = 1.0 }
                { H = 0.3; StepShare = 0.7 }
                { H = 0.9; StepShare = 0.5 }
            ])
            (fun _ spec -> twins (topK 1) spec) with
            Formula = @"\ell_{\text{plain}}\to\tfrac18,\qquad\ell_{\text{AQ-SGD}}\to0"
            Assumptions = "0 < h < 1, full-batch GD on u with a step of at most 1/L = 1, 2,000 steps"
            Source = "by hand"
            Falsifiers = [ Falsifier.check "Top-2" (fun _ spec -> twins (topK 2) spec) ]
    }
