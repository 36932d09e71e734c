/// The rates of RAND-DIANA (CE-SHIFT.3 and .8), and what it shares with DIANA.
module Theory.Algorithms.CommunicationEfficient.RandDIANAClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations
open Theory.Algorithms.CommunicationEfficient.RandDIANA

/// Quadratics, Rand-1 and the coins: the probability goes linearly from the first worker's to the last's.
[<NoComparison>]
type CoinsSpec = {
    Workers: int
    Dimension: int
    Kappa: float
    First: float
    Last: float
    /// M as a multiple of 2ω/(n·min p_i), more than 1 (CE-SHIFT.8).
    M: float
    Seed: int
}

let private functionOf (spec: CoinsSpec) : IFiniteSum =
    Quadratic.distributed {
        Workers = spec.Workers
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        Spread = 3.0
        Seed = spec.Seed
    }

let private probabilities (spec: CoinsSpec) =
    Array.init spec.Workers (fun i ->
        spec.First
        + (spec.Last - spec.First) * float i / float (max 1 (spec.Workers - 1)))

let private standard = {
    Workers = 2
    Dimension = 2
    Kappa = 10.0
    First = 0.5
    Last = 0.5
    M = 2.0
    Seed = 1
}

let private instances equal =
    Instances.generated
        (gen {
            let! workers = Gen.choose (1, 3)
            let! dimension = Gen.choose (2, 3)
            let! kappa = Gen.elements [ 1.0; 3.0; 10.0; 100.0 ]
            let! first = Gen.elements [ 0.1; 0.2; 0.5; 0.9 ]
            let! last = Gen.elements [ 0.1; 0.5; 0.8; 1.0 ]
            let! m = Gen.elements [ 1.1; 1.2; 2.0; 5.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Dimension = dimension
                Kappa = kappa
                First = first
                Last = if equal then first else last
                M = m
                Seed = seed
            }
        })
        (fun spec ->
            seq {
                if spec.Workers > 1 then
                    { spec with Workers = spec.Workers - 1 }

                if spec.Dimension > 2 then
                    { spec with Dimension = 2 }

                if spec.Seed > 0 then
                    { spec with Seed = spec.Seed / 2 }
            })

// ---- CE-SHIFT.3 ------------------------------------------------------------------------------------------------

let private equalCoins (stretch: float) (spec: CoinsSpec) =
    let f = functionOf spec
    let rule = withProbability (randK 1) spec.First f

    let p = {
        rule with
            Gamma = stretch * rule.Gamma
    }

    Spectral.contraction (Method.on f p method) (fixedPoint f) None (lyapunov f p) (contraction f p) 0.0

let equalClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-SHIFT.3"
            ClaimKind.Mean
            "RAND-DIANA, equal p, γ ≤ 1/(L+6ωLmax/n): E V_{k+1} ≤ max{1−γμ, 1−p/2} E V_k, V = ‖x−x*‖²+(4ωγ²/(np))·mean‖h_i−∇f_i(x*)‖²"
            (instances true
             |> Instances.startingWith [ standard; { standard with First = 0.9 } ])
            (fun _ -> equalCoins 1.0) with
            Formula =
                @"\mathbb E V_{k+1}\le\max\{1-\gamma\mu,1-\tfrac p2\}V_k,\quad V=\|x-x_*\|^2+\tfrac{4\omega\gamma^2}{np}\tfrac1n\sum_i\|h_i-\nabla f_i(x_*)\|^2"
            Assumptions = "f_i convex L_i-smooth, f μ-strongly convex, Q_i ∈ U(ω) independent, independent coins"
            Source = "derived: Eσ²⁺ ≤ (1−p)σ² + 2pLmax(f(x)−f*); one step from every state"
            Falsifiers = [ Falsifier.check "γ × 2" (fun _ -> equalCoins 2.0) ]
            // ω = 1, n = 2, p = 1/2: γ = 1/4, and both terms of the factor are 3/4.
            Tight =
                Some {
                    Instance = { standard with Kappa = 1.0 }
                    AtLeast = 1.0 - 1e-9
                }
    }

/// E V(s⁺) of RAND-DIANA with coins of probability share/(1+ω), against that of DIANA with α = 1/(1+ω), for V of DIANA's.
let private likeDIANA (share: float) (spec: CoinsSpec) =
    let f = functionOf spec
    let diana = DIANA.parametersFor (randK 1) f
    let p = withProbability (randK 1) (share * diana.Alpha) f
    let other = Method.on f diana DIANA.method
    let asDIANA (s: State) : DIANA.State = { X = s.X; H = s.H }

    let expected s =
        other.Draw.Outcomes
        |> Array.map (fun o -> o.Probability * DIANA.lyapunov f diana (other.Step o.Outcome (asDIANA s)))
        |> Array.reduce (+)

    Spectral.oneStep {
        Process = Method.on f p method
        Centre = fixedPoint f
        Keeps = None
        Measure = asDIANA >> DIANA.lyapunov f diana
        Bound = expected
        Relation = Relation.Equal
        MatchMoments = false
    }

let dianaClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-SHIFT.3b"
            ClaimKind.Exact
            "Rand-k, α = p = 1/(1+ω), the same γ: E V of RAND-DIANA after a step from any state is that of DIANA, so their factors agree"
            (instances true |> Instances.startingWith [ standard ])
            (fun _ -> likeDIANA 1.0) with
            Formula = @"\mathbb E_{\rm RAND\text{-}DIANA}V(x^+,h^+)=\mathbb E_{\rm DIANA}V(x^+,h^+)\quad\forall(x,h)"
            Assumptions = "E‖Q(x)‖² = (1+ω)‖x‖² for every x, as for Rand-k"
            Source = "derived: with α = 1/(1+ω), E‖h+αm−h*‖² = (1−α)‖h−h*‖² + α‖∇f_i(x)−h*‖²"
            Falsifiers = [ Falsifier.check "p = 0.9/(1+ω)" (fun _ -> likeDIANA 0.9) ]
            Tight =
                Some {
                    Instance = standard
                    AtLeast = 1.0 - 1e-9
                }
    }

// ---- CE-SHIFT.8 ------------------------------------------------------------------------------------------------

let private ownCoins (stretch: float) (spec: CoinsSpec) =
    let f = functionOf spec
    let compressor = randK 1
    let omega, n = omegaOf compressor f.Dimension, float f.Count
    let ps = probabilities spec
    let least = Array.min ps
    let m = spec.M * 2.0 * omega / (n * least)
    let refreshed = Array.map2 (*) ps f.Smoothnesses |> Array.max

    let p = {
        Gamma = stretch / ((1.0 + 2.0 * omega / n) * Array.max f.Smoothnesses + m * refreshed)
        Probabilities = ps
        Compressor = compressor
    }

    let factor =
        max (1.0 - p.Gamma * f.StrongConvexity) (1.0 - least + 2.0 * omega / (n * m))

    Spectral.contraction (Method.on f p method) (fixedPoint f) None (weighted f (m * p.Gamma ** 2.0)) factor 0.0

let ownClaim: Claim =
    let pairs = [ 0.5, 0.5; 0.2, 0.8; 0.9, 0.9 ]

    Claim.create {
        Claim.spec
            "CE-SHIFT.8"
            ClaimKind.Mean
            "RAND-DIANA, own p_i, M > 2ω/(np_min), γ ≤ 1/((1+2ω/n)Lmax+M max p_iL_i): E V_{k+1} ≤ max{1−γμ, 1−p_min+2ω/(nM)} E V_k, V = ‖x−x*‖²+Mγ²·mean‖h_i−∇f_i(x*)‖²"
            (instances false
             |> Instances.startingWith [
                 for first, last in pairs do
                     for m in [ 1.2; 2.0 ] do
                         {
                             standard with
                                 First = first
                                 Last = last
                                 M = m
                         }
             ])
            (fun _ -> ownCoins 1.0) with
            Formula =
                @"\mathbb E V_{k+1}\le\max\{1-\gamma\mu,1-p_m+\tfrac{2\omega}{nM}\}V_k,\quad V=\|x-x_*\|^2+M\gamma^2\tfrac1n\sum_i\|h_i-\nabla f_i(x_*)\|^2"
            Assumptions = "f_i convex L_i-smooth, f μ-strongly convex, Q_i ∈ U(ω) independent, independent coins"
            Source = "arXiv 2206.10452, theorem 4; one step from every state"
            Falsifiers = [ Falsifier.check "γ × 4" (fun _ -> ownCoins 4.0) ]
            // κ = 1 and ω = 1, n = 2, p = 1/2, M = 4/(np): γ = 1/4, both terms of the factor 3/4.
            Tight =
                Some {
                    Instance = { standard with Kappa = 1.0 }
                    AtLeast = 1.0 - 1e-9
                }
    }
