/// What EF-BV gains from many workers (CE-EFBV.3): longer stepsizes than EF21's, and fewer floats sent.
module Theory.Algorithms.CommunicationEfficient.EFBVStepsizes

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations
open Theory.Algorithms.CommunicationEfficient.JointCompression
open Theory.Algorithms.CommunicationEfficient.EFBVMethod

// ---- Stepsizes -------------------------------------------------------------------------------------------------

/// comp-(k, k′) in dimension d.
[<NoComparison>]
type CompSpec = {
    Dimension: int
    K: int
    /// k′ > k.
    Top: int
}

let private workers = [ 1; 10; 100; 1000 ]

/// EF21's stepsize with the scaled compressor λ*C, L = L̃ = 1: λ = ν = λ* and ω_av = ω.
let private feedbackGamma (spec: CompSpec) =
    linearGamma spec.Dimension 1.0 1.0 (bestScales (common (comp spec.K spec.Top)) 1 spec.Dimension)

/// EF-BV's stepsizes for the numbers of workers: equal to EF21's for one, and longer with every factor 10.
let private grows (joint: Compressor -> JointCompressor) (spec: CompSpec) =
    let gamma n =
        linearGamma spec.Dimension 1.0 1.0 (bestScales (joint (comp spec.K spec.Top)) n spec.Dimension)

    Evidence.all [
        Evidence.ofRows Rung.Enumerated Relation.Equal [
            Evidence.row Relation.Equal 1 1 "γ for one worker, against EF21's" (gamma 1) (feedbackGamma spec)
        ]
        Evidence.ofRows Rung.Enumerated Relation.AtMost [
            for n, more in List.pairwise workers ->
                {
                    Label = $"γ for {n} workers, against γ for {more}"
                    Measured = gamma n
                    Bound = gamma more
                    // Strictly, and not by rounding.
                    Holds = gamma n * (1.0 + Rounding.certificate) < gamma more
                }
        ]
    ]

let stepsizesClaim: Claim =
    let case = { Dimension = 8; K = 1; Top = 4 }

    Claim.create {
        Claim.spec
            "CE-EFBV.3"
            ClaimKind.Count
            "comp-(k, k′), independent workers: the stepsize of CE-EFBV.1 with λ*, ν* is EF21's (λ = ν = λ*) for n = 1 and grows with n"
            (Instances.generated
                (gen {
                    let! dimension = Gen.choose (3, 40)
                    let! k = Gen.choose (1, dimension - 1)
                    let! top = Gen.choose (k + 1, dimension)

                    return {
                        Dimension = dimension
                        K = k
                        Top = top
                    }
                })
                (fun _ -> Seq.empty)
             |> Instances.startingWith [ case ]
             |> Instances.counts 5 30 200)
            (fun _ -> grows independent) with
            Formula = @"\gamma(1)=\gamma_{\rm EF21},\quad\gamma(10n)>\gamma(n)"
            Assumptions = "L = L̃ = 1, ω_av = ω/n"
            Source = "arXiv 2205.04180, section 4.1; arithmetic on theorem 1"
            Falsifiers = [ Falsifier.check "ω_av = ω" (fun _ -> grows common) ]
            Tight = Some { Instance = case; AtLeast = 1.0 }
    }

// ---- Floats ------------------------------------------------------------------------------------------------------

/// Quadratics and Rand-k; f − f* is to fall below `Share` of its start.
[<NoComparison>]
type FloatsSpec = {
    Workers: int
    Dimension: int
    K: int
    Kappa: float
    Share: float
    Seed: int
}

let private limit = 4000

/// Floats that a worker has sent when E(f − f*) ≤ target, and what one message holds.
let private floats (proc: Process<'S, 'D>) centre start (measure: 'S -> Block) target =
    let outcome = proc.Draw.Sample(DrawAddress(1UL, 1u, 0, 0, 0), 1)
    let each = Costs.total Counter.UplinkFloats (proc.Cost outcome)

    Costs.firstBelow proc centre start limit measure target
    |> Result.map (fun rounds -> each * float rounds, each)

/// EF-BV with ω_av of `joint` sends fewer floats than EF21 with λ*C, the stepsizes those of CE-EFBV.1.
let private sendsFewer (joint: Compressor -> JointCompressor) (spec: FloatsSpec) =
    let f =
        Quadratic.distributed {
            Workers = spec.Workers
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Spread = 3.0
            Seed = spec.Seed
        }
        :> IFiniteSum

    let c = randK spec.K
    let x0 = f.Minimiser + Block.Fill(Shape.Vector(1, 1, spec.Dimension), 2.0)
    let target = spec.Share * (Block.lanes (f.Value x0))[0]

    let ours =
        let stated = bestScales (joint c) f.Count f.Dimension |> withLinearGamma f
        // The workers draw independently whatever ω_av was assumed.
        let proc = Method.on f { stated with Compressor = c } (methodWith (independent c))
        floats proc (fixedPoint f f.Minimiser) (init f x0) (fun s -> f.Value s.X) target

    let theirs =
        let stated = bestScales (common c) f.Count f.Dimension |> withLinearGamma f

        let p: EF21.Parameters = {
            Gamma = stated.Gamma
            P = 1.0
            S = 1.0
            Rho = 1.0
            Compressor = scaled stated.Lambda c
        }

        let proc = Method.on f p (EF21.methodWith c)
        floats proc (EF21.fixedPoint f) (EF21.init f p x0) (fun s -> f.Value s.X) target

    match ours, theirs with
    | Ok(sent, each), Ok(others, _) ->
        Evidence.ofRows Rung.Moments Relation.AtMost [
            {
                Label = "floats a worker sends until E(f − f*) is small, against EF21"
                Measured = sent
                Bound = others
                // EF21's memory starts one message late: that is not what is counted.
                Holds = sent < others - each
            }
        ]
    | Error reason, _
    | _, Error reason -> Evidence.undecided Rung.Moments reason

let floatsClaim: Claim =
    let case = {
        Workers = 3
        Dimension = 3
        K = 1
        Kappa = 3.0
        Share = 1e-3
        Seed = 1
    }

    Claim.create {
        Claim.spec
            "CE-EFBV.3b"
            ClaimKind.Count
            "Rand-k, n > 1 independent workers: EF-BV sends fewer floats than EF21 with λ*C until E(f−f*) is a given share of its start, both at the stepsize of CE-EFBV.1"
            (Instances.generated
                (gen {
                    let! workers = Gen.choose (2, 3)
                    let! dimension = Gen.choose (2, 3)
                    let! kappa = Gen.elements [ 1.0; 2.0; 5.0 ]
                    let! share = Gen.elements [ 1e-1; 1e-2; 1e-3 ]
                    let! seed = Gen.choose (0, 10000)

                    return {
                        Workers = workers
                        Dimension = dimension
                        K = 1
                        Kappa = kappa
                        Share = share
                        Seed = seed
                    }
                })
                (fun _ -> Seq.empty)
             |> Instances.startingWith [ case ]
             |> Instances.counts 1 3 20)
            (fun _ -> sendsFewer independent) with
            Formula = @"\nu^*>\lambda^*\Rightarrow\text{floats}_{\rm EFBV}<\text{floats}_{\rm EF21}"
            Assumptions = "quadratics, h_i = g_i = 0 at the start; exact expectations, counted by the methods"
            Source = "arXiv 2205.04180, section 4.1"
            Falsifiers = [ Falsifier.check "ω_av = ω" (fun _ -> sendsFewer common) ]
    }
