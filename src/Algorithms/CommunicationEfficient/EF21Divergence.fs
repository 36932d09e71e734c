/// CE-EF21.4: why compressed gradient descent needs error feedback.
module Theory.Algorithms.CommunicationEfficient.EF21Divergence

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.EF21

/// f_i(x) = (a_iᵀx)² + ¼‖x‖² with a_1 = (−3, 2, 2) and its rotations.
let private divergent: Quadratic =
    let rows = [| [| -3.0; 2.0; 2.0 |]; [| 2.0; -3.0; 2.0 |]; [| 2.0; 2.0; -3.0 |] |]

    let hessian (a: float[]) =
        Matrix.Create(3, 3, (fun i j -> 2.0 * a[i] * a[j] + (if i = j then 0.5 else 0.0)))

    Quadratic(
        "three quadratics on which Top-1 diverges",
        rows |> Array.map hessian,
        Array.init 3 (fun _ -> Array.zeroCreate 3)
    )

/// A start (t, t, t) and a stepsize.
type DiagonalSpec = { T: float; Gamma: float }

/// Steps, at most 20, for which rounding cannot reach the allowance. The orbit is unstable: a step multiplies what rounding
/// puts orthogonal to (1, 1, 1) by |1 − 61γ/6|, and the orbit itself by 1 + 11γ/6.
let private resolvedSteps (gamma: float) =
    let amplification = abs (1.0 - 61.0 * gamma / 6.0) / (1.0 + 11.0 * gamma / 6.0)

    if amplification <= 1.0 then
        20
    else
        let decimals = log (Rounding.allowance 1.0 1.0 / (8.0 * Rounding.epsilon))
        min 20 (int (decimals / log amplification) - 1)

/// x_k = (1 + 11γ/6)^k x_0, at every step.
let private grows (compressor: Compressor) (spec: DiagonalSpec) ctx =
    let f = divergent :> IFiniteSum

    let plain =
        Method.on
            f
            {
                CompressedGD.Gamma = spec.Gamma
                CompressedGD.Compressor = compressor
            }
            (CompressedGD.methodWith compressor)

    let formula: Process<CompressedGD.State, unit> = {
        Name = "x⁺ = (1 + 11γ/6)x"
        Draw = Draw.none
        Step =
            fun () s -> {
                X = (1.0 + 11.0 * spec.Gamma / 6.0) * s.X
            }
        Cost = fun () -> []
    }

    let x0 = CompressedGD.init (Block.vector (Array.create 3 spec.T))
    Trajectories.same ctx plain x0 (fun s -> s.X) formula x0 (fun s -> s.X) (resolvedSteps spec.Gamma)

/// EF21 with the same compressor and its own stepsize: ‖∇f(x_T)‖ ≤ 1e-8·|t|, since Top-1 and so the method are homogeneous.
let private repaired (spec: DiagonalSpec) ctx =
    let f = divergent :> IFiniteSum
    let p = parametersFor (topK 1) f
    let steps = 3000

    let run =
        Run.trajectories ctx (Method.on f p method) (init f p (Block.vector (Array.create 3 spec.T))) {
            Steps = steps
            Every = steps
            Measures = [ fun s -> Block.norm (f.Gradient s.X) ]
            Progress = None
        }

    Evidence.ofRows Rung.Trajectories Relation.AtMost [
        Evidence.row
            Relation.AtMost
            3
            steps
            $"‖∇f(x_{steps})‖ of EF21"
            (Array.last run.Measures[0]).[0]
            (1e-8 * abs spec.T)
    ]

let private diagonalCase = { T = 1.0; Gamma = 0.1 }

let feedbackNeeded: Claim =
    Claim.create {
        Claim.spec
            "CE-EF21.4"
            ClaimKind.Exact
            "compressed GD with Top-1 and no feedback gives x_k = (1+11γ/6)^k x_0 from (t,t,t), although f is strongly convex; EF21 converges"
            (Instances.generated
                (gen {
                    let! t = Gen.elements [ -7.0; -1.0; 0.01; 1.0; 100.0 ]
                    let! gamma = Gen.elements [ 1e-3; 0.02; 0.1; 1.0; 3.0 ]
                    return { T = t; Gamma = gamma }
                })
                (fun spec ->
                    seq {
                        if spec.T <> 1.0 then
                            { spec with T = 1.0 }
                    })
             |> Instances.startingWith [ diagonalCase ]
             |> Instances.counts 1 2 10)
            (fun ctx spec -> Evidence.all [ grows (topK 1) spec ctx; repaired spec ctx ]) with
            Formula = @"x_k=(1+\tfrac{11\gamma}{6})^k x_0"
            Assumptions = "f_i(x) = (a_iᵀx)² + ¼‖x‖², a_1 = (−3,2,2) and its rotations, any γ > 0"
            Source = "Beznosikov, Horváth, Richtárik, Safaryan, 2020, arXiv 2002.12410, example 1"
            Falsifiers = [
                Falsifier.check "Top-3, which is the identity" (fun ctx spec -> grows (topK 3) spec ctx)
            ]
            Tight =
                Some {
                    Instance = diagonalCase
                    AtLeast = 1.0
                }
    }
