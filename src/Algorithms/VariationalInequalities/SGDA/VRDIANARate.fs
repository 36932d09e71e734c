/// The paper's Lyapunov function for VR-DIANA-SGDA, and its rate as printed and as proved (VI-SGDA.13).
///
/// Source and problem as in VRDIANASGDA.fs.
module Theory.Algorithms.VariationalInequalities.VRDIANASGDARate

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.VariationalInequalities.ParametricSGDA
open Theory.Algorithms.VariationalInequalities.VRDIANASGDA
open Theory.Algorithms.VariationalInequalities.VRDIANASGDAClaims

/// ℓ̂ of the workers' operators.
let workersAveraged (f: AffineOperator) (workers: int) =
    let m = f.Matrices.Length / workers

    let of' i =
        Linear.mean f.Matrices[i * m .. i * m + m - 1]

    let zero = Array.create workers (Array.zeroCreate (f :> IProblem).Dimension)
    Cocoercivity.averaged (AffineOperator("workers", Array.init workers of', zero, []))

/// α = min{p/3, 1/(1+ω)} and the theorem's γ, with the case.
let private paperCase (f: AffineOperator) workers prob scale =
    let averaged = workersAveraged f workers
    let p = parametersFor (randK 1) workers f

    let p = {
        p with
            P = prob
            Alpha = min (prob / 3.0) p.Alpha
    }

    let w = QSGDA.omega f p.Compressor
    let n, all = float workers, Cocoercivity.averaged f

    let step =
        1.0
        / (Cocoercivity.star f
           + 10.0 * (w + 1.0) * (averaged + all) / n
           + 4.0 * (w + 1.0) * p.P * all / (p.Alpha * n))

    let p = { p with Gamma = scale * step }
    p, caseOf f p averaged

let private paperHolds (spec: TwoLevelSpec) =
    holds (snd (paperCase (gameOf spec) spec.Workers spec.P 1.0))

let private paperContracts (spec: TwoLevelSpec) scale =
    let c = snd (paperCase (gameOf spec) spec.Workers spec.P scale)
    contracts c (usualWeight c.Constants)

/// One worker with F_1(z) = 0.4z and F_2(z) = 1.6z in one dimension, so that ω = 0.
let private pairOnALine =
    AffineOperator(
        "0.4z and 1.6z",
        [| Matrix(1, 1, [| 0.4 |]); Matrix(1, 1, [| 1.6 |]) |],
        [| [| 0.0 |]; [| 0.0 |] |],
        []
    )

/// Probability of a new reference point and number of steps on the line.
[<NoComparison>]
type LineSpec = { P: float; Steps: int }

/// E‖z_K − z*‖² ≤ (1−r)^K V_0 from every start z_0 = w_0, h_0 = 0.
let private onTheLine (spec: LineSpec) (rateOf: Parameters -> float) =
    let f = pairOnALine :> IFiniteSumOperator
    let p, c = paperCase pairOnALine 1 spec.P 1.0
    let m = usualWeight c.Constants

    let bound: RunBound<State> = {
        Name = "E‖z_k − z*‖²"
        Measure = fun s -> Block.normSquared (s.Z - f.Solution)
        Summary = Summary.Last
        Scale = fun s -> ParametricSGDA.lyapunov f m p.Gamma s.Z (c.Sigma s)
        Bound = fun k start -> (1.0 - rateOf p) ** float k * start
        InExpectation = true
    }

    AllStarts.ofMethod f p method f.Solution [ spec.Steps ] bound

let private printedRate (p: Parameters) =
    min p.Gamma (1.0 / (p.Alpha * float p.Workers))

let private rightRate (p: Parameters) = min p.Gamma (p.Alpha / 2.0)

let private line = { P = 0.01; Steps = 1000 }

let private lines =
    Instances.generated
        (gen {
            let! p = Gen.elements [ 0.01; 0.02; 0.05 ]
            let! steps = Gen.elements [ 1000; 500 ]
            return { P = p; Steps = steps }
        })
        (fun _ -> Seq.empty)
    |> Instances.startingWith [ line ]
    |> Instances.counts 1 2 6

let printedClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.13-printed"
            ClaimKind.Mean
            "as printed: VR-DIANA-SGDA, α ≤ min{p/3, 1/(1+ω)}: E‖z_k − z*‖² ≤ (1 − min{γμ, 1/(αn)})^k V_0"
            (Instances.only [ line ])
            (fun _ spec -> onTheLine spec printedRate) with
            Formula = @"\mathbb E V_k \le (1-\min\{\gamma\mu,\,\tfrac1{\alpha n}\})^kV_0"
            Assumptions = "as VI-SGDA.13"
            Source = "arXiv 2202.07262, Theorem G.19"
            Erratum = Some "1/(αn) is to be α/2, as in the proof and in Corollary G.20 (VI-SGDA.13)"
    }

let paperClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.13"
            ClaimKind.Mean
            "VR-DIANA-SGDA, α ≤ min{p/3, 1/(1+ω)}: E V⁺ ≤ (1 − min{γμ, α/2})V, V = ‖z−z*‖² + (4(ω+1)γ²/(nα))·(both errors)"
            (instances [ standard; { standard with P = 0.2 } ])
            (fun _ spec -> paperHolds spec) with
            Formula = @"\mathbb E V_{k+1} \le (1-\min\{\gamma\mu,\,\alpha/2\})V_k"
            Assumptions =
                "A = ℓ/2+ℓ̃/n+ω(ℓ̂+ℓ̃)/n, B = 2(ω+1)/n, C = pℓ̃/2+α(ℓ̃+ℓ̂), ρ = α, γ ≤ 1/(ℓ+10(ω+1)(ℓ̂+ℓ̃)/n+4(ω+1)pℓ̃/(αn))"
            Source =
                "arXiv 2202.07262, Proposition 5.6 and Corollary G.20; the main text's g_i misses the index of F_i(w_i)"
            Falsifiers = [ Falsifier.check "γ × 12" (fun _ spec -> paperContracts spec 12.0) ]
            Tight = Some { Instance = standard; AtLeast = 0.99 }
    }

let correctedClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.13b"
            ClaimKind.Mean
            "corrected: E‖z_k − z*‖² ≤ (1 − min{γμ, α/2})^k V_0 where the printed rate fails"
            lines
            (fun _ spec -> onTheLine spec rightRate) with
            Formula = @"\mathbb E V_k \le (1-\min\{\gamma\mu,\,\alpha/2\})^kV_0"
            Assumptions = "n = 1, ω = 0, F_1(z) = 0.4z, F_2(z) = 1.6z, α = p/3, h_0 = 0, w_0 = z_0"
            Source = "arXiv 2202.07262, proof of Theorem G.19"
            Falsifiers = [
                Falsifier.check "the printed rate" (fun _ spec -> onTheLine spec printedRate)
            ]
    }
