/// Generalised DIANA: DIANA whose messages have a contractive part C_i beside the unbiased one, which is DIANA with the
/// induced compressor x ↦ C(x) + Q(x − C(x)).
///
/// Shulgin, Richtárik, "Shifted Compression Framework: Generalizations and Improvements", UAI 2022, arXiv 2206.10452.
module Theory.Algorithms.CommunicationEfficient.GeneralisedDIANA

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

/// M > 2ω/(nα) of the Lyapunov function, as a multiple of ω/(nα).
let private usualM = 4.0

/// M = multiple·ω/(nα), with the paper's ω of Q alone.
let private weight multiple (q: Compressor) (f: IFiniteSum) alpha =
    multiple * omegaOf q f.Dimension / (float f.Count * alpha)

/// α = 1/(1+ω(1−δ)) and γ = 1/((2/n)ωLmax + (1+αM)Lmax), ω of Q and δ of C.
let parametersFor (multiple: float) (c: Compressor) (q: Compressor) (f: IFiniteSum) : DIANA.Parameters =
    let alpha = 1.0 / (1.0 + omegaOf (induced c q) f.Dimension)
    let largest = Array.max f.Smoothnesses
    let m = weight multiple q f alpha

    {
        Gamma =
            1.0
            / (2.0 / float f.Count * omegaOf q f.Dimension * largest
               + (1.0 + alpha * m) * largest)
        Alpha = alpha
        Compressor = induced c q
    }

/// V = ‖x−x*‖² + Mγ²·(1/n) Σ ‖h_i − ∇f_i(x*)‖².
let lyapunov (multiple: float) (q: Compressor) (f: IFiniteSum) (p: DIANA.Parameters) (s: DIANA.State) =
    let ideal = DIANA.fixedPoint f

    Block.normSquared (s.X - ideal.X)
    + (weight multiple q f p.Alpha * p.Gamma ** 2.0)
      * Block.meanNormSquared (s.H - ideal.H)

/// max{1 − γμ, 1 − α + 2ω/(nM)}.
let contraction (multiple: float) (f: IFiniteSum) (p: DIANA.Parameters) =
    max (1.0 - p.Gamma * f.StrongConvexity) (1.0 - p.Alpha + 2.0 * p.Alpha / multiple)

/// Top-k and Rand-k, k a tenth of the dimension.
let method =
    let parts (f: IFiniteSum) =
        let k = tenth f.Dimension in topK k, randK k

    {
        DIANA.methodWith (induced (topK 1) (randK 1)) with
            Name = "generalised DIANA"
            Summary =
                "c_i = C(∇f_i(x) − h_i), m_i = Q_i(∇f_i(x) − h_i − c_i); x⁺ = x − γ·mean(h_i + c_i + m_i); h_i⁺ = h_i + α(c_i + m_i)"
            Rule = fun f -> let c, q = parts f in parametersFor usualM c q f
            Conditions =
                fun f p ->
                    let c, q = parts f
                    let rule = parametersFor usualM c q f

                    [
                        Condition.positive "γ" p.Gamma
                        Condition.atMost "γ" p.Gamma "1/((2/n)ωLmax+(1+αM)Lmax)" rule.Gamma
                        Condition.positive "α" p.Alpha
                        Condition.atMost "α" p.Alpha "1/(1+ω(1−δ))" rule.Alpha
                    ]
            Bounds =
                fun f p ->
                    let _, q = parts f

                    [
                        Bounds.linear "CE-SHIFT.7b: E V_k" true (lyapunov usualM q f p) (contraction usualM f p)
                    ]
    }

// ---- CE-SHIFT.7b -----------------------------------------------------------------------------------------------

/// Quadratics, C contractive Rand-k and Q Rand-1.
[<NoComparison>]
type InducedSpec = {
    Workers: int
    Dimension: int
    Kappa: float
    /// k of C.
    K: int
    /// M as a multiple of ω/(nα), more than 2.
    M: float
    Seed: int
}

let private contracts (stretch: float) (spec: InducedSpec) =
    let f =
        Quadratic.distributed {
            Workers = spec.Workers
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Spread = 3.0
            Seed = spec.Seed
        }
        :> IFiniteSum

    let q = randK 1
    let rule = parametersFor spec.M (contractiveRandK spec.K) q f

    let p = {
        rule with
            DIANA.Gamma = stretch * rule.Gamma
    }

    let v = lyapunov spec.M q f p

    Spectral.contraction
        (Method.on f p (DIANA.methodWith p.Compressor))
        (DIANA.fixedPoint f)
        None
        v
        (contraction spec.M f p)
        0.0

let generalisedShifts: Claim =
    let case = {
        Workers = 2
        Dimension = 2
        Kappa = 10.0
        K = 1
        M = 4.0
        Seed = 1
    }

    Claim.create {
        Claim.spec
            "CE-SHIFT.7b"
            ClaimKind.Mean
            "generalised DIANA with C_i ∈ B(δ), α = 1/(1+ω(1−δ)), M > 2ω/(nα): E V_{k+1} ≤ max{1−γμ, 1−α+2ω/(nM)} E V_k"
            (Instances.generated
                (gen {
                    let! workers = Gen.choose (1, 2)
                    let! dimension = Gen.choose (2, 3)
                    let! kappa = Gen.elements [ 1.0; 3.0; 10.0; 100.0 ]
                    let! m = Gen.elements [ 2.1; 2.2; 4.0; 10.0 ]
                    let! seed = Gen.choose (0, 10000)

                    return {
                        Workers = workers
                        Dimension = dimension
                        Kappa = kappa
                        K = 1
                        M = m
                        Seed = seed
                    }
                })
                (fun spec ->
                    seq {
                        if spec.Workers > 1 then
                            { spec with Workers = 1 }

                        if spec.Dimension > 2 then
                            { spec with Dimension = 2 }
                    })
             |> Instances.startingWith [ case; { case with Kappa = 1.0 } ]
             |> Instances.counts 2 4 30)
            (fun _ -> contracts 1.0) with
            Formula = @"\mathbb E V_{k+1}\le\max\{1-\gamma\mu,\,1-\alpha+\tfrac{2\omega}{nM}\}V_k"
            Assumptions = "γ ≤ 1/((2/n)ωLmax+(1+αM)Lmax), ω of Q_i, V = ‖x−x*‖² + Mγ²·mean‖h_i−∇f_i(x*)‖²"
            Source = "arXiv 2206.10452, theorem 3, as in CE-SHIFT.7; one step from every state"
            Falsifiers = [ Falsifier.check "γ × 4" (fun _ -> contracts 4.0) ]
    }
