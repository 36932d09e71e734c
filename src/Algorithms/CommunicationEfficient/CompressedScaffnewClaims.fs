/// The rate of CompressedScaffnew.
module Theory.Algorithms.CommunicationEfficient.CompressedScaffnewClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.CompressedScaffnew

/// Quadratics with μ_i = 1 and L_i = κ, a stepsize, a coin and masks.
type MaskedSpec = {
    Workers: int
    Dimension: int
    Kappa: float
    /// γL; 0 for γ = 2/(L+μ).
    GammaL: float
    P: float
    /// s.
    Ones: int
    /// χ over its largest value.
    ChiShare: float
    Seed: int
}

/// The problem and the parameters of a specification.
let setting (spec: MaskedSpec) : IFiniteSum * Parameters =
    let f =
        Quadratic.distributed {
            Workers = spec.Workers
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Spread = 3.0
            Seed = spec.Seed
        }
        :> IFiniteSum

    let gammaL =
        if spec.GammaL = 0.0 then
            2.0 * spec.Kappa / (spec.Kappa + 1.0)
        else
            spec.GammaL

    f,
    {
        Gamma = gammaL / smoothness f
        P = spec.P
        Chi = spec.ChiShare * largestChi spec.Workers spec.Ones
        S = spec.Ones
    }

/// Σ h_i, which stays zero.
let sumOfShifts = Some(fun (s: State) -> Block.sum s.H)

let private oneStep proc f relation measure bound =
    Spectral.oneStep {
        Process = proc
        Centre = fixedPoint f
        Keeps = sumOfShifts
        Measure = measure
        Bound = bound
        Relation = relation
        MatchMoments = false
    }

/// The method with masks of another law.
let withMasks (f: IFiniteSum) (p: Parameters) (masks: Draw<Block>) : Process<State, Mask * Block> = {
    Method.on f p method with
        Draw = Draw.both (Draw.coin p.P) masks
}

/// E Ψ⁺ ≤ τΨ from every state with Σ h_i = 0.
let contracts (f: IFiniteSum) (p: Parameters) proc : Evidence =
    oneStep proc f Relation.AtMost (lyapunov f p) (fun s -> contraction f p * lyapunov f p s)

/// E Ψ⁺ = (1/γ) Σ‖w_i‖² + (weight − γ) Σ‖h_i−h_i*‖² + (p/γ)(χ − χmax) Σ‖x̂_i − mean x̂‖² in deviations from the solution,
/// with w = x − γ(∇f(x) − h*): at the largest χ the last term vanishes and the factor is attained.
let identity (f: IFiniteSum) (p: Parameters) proc : Evidence =
    let ideal = fixedPoint f

    let expected (s: State) =
        let w = s.X - ideal.X - p.Gamma * (f.Gradients s.X - ideal.H)
        let moved = w + p.Gamma * (s.H - ideal.H)

        (1.0 / p.Gamma) * Block.totalNormSquared w
        + (weight f.Count p - p.Gamma) * Block.totalNormSquared (s.H - ideal.H)
        + (p.P / p.Gamma * (p.Chi - largestChi f.Count p.S))
          * Block.totalNormSquared (moved - Block.mean moved)

    oneStep proc f Relation.Equal (lyapunov f p) expected

/// The contraction, the identity behind it and, at the largest χ, that τ is the worst factor.
let rate (f: IFiniteSum) (p: Parameters) proc : Evidence =
    let contraction = contracts f p proc

    Evidence.all [
        contraction
        identity f p proc
        if p.Chi = largestChi f.Count p.S then
            Evidence.ofRows Rung.Spectral Relation.Equal [
                Evidence.row Relation.Equal (2 * f.Count * f.Dimension) 1 "λmax/τ" contraction.Tightness 1.0
            ]
    ]

let private own (spec: MaskedSpec) =
    let f, p = setting spec
    f, p, Method.on f p method

/// Every client's column is drawn on its own, so rows no longer hold s ones.
let independentColumns (spec: MaskedSpec) : Draw<Block> =
    let n = spec.Workers
    let everyone = Indices.Constant(n, [| 0 .. n - 1 |])

    Draw.indices n n
    |> Draw.map (fun order -> (ColumnMasks.deal n n spec.Ones spec.Dimension order everyone).Masks)

/// Three clients, κ = 10.
let usual = {
    Workers = 3
    Dimension = 2
    Kappa = 10.0
    GammaL = 0.0
    P = 0.4
    Ones = 2
    ChiShare = 1.0
    Seed = 1
}

let private listed = [
    for ones in [ 2; 3 ] do
        for gammaL in [ 1.0; 0.0 ] do
            for p in [ 1.0; 0.4; 0.2 ] ->
                {
                    usual with
                        Ones = ones
                        GammaL = gammaL
                        P = p
                }
]

/// Fewer clients, coordinates and senders.
let shrink (spec: MaskedSpec) =
    seq {
        if spec.Workers > 2 && spec.Ones < spec.Workers then
            { spec with Workers = spec.Workers - 1 }

        if spec.Ones > 2 then
            { spec with Ones = spec.Ones - 1 }

        if spec.Dimension > 1 then
            {
                spec with
                    Dimension = spec.Dimension - 1
            }

        if spec.Seed > 0 then
            { spec with Seed = spec.Seed / 2 }
    }

/// Specifications with n ≤ `workers` and 2 ≤ s ≤ n.
let generator workers dimension =
    gen {
        let! workers = Gen.choose (2, workers)
        let! dimension = Gen.choose (1, dimension)
        let! ones = Gen.choose (2, workers)
        let! kappa = Gen.elements [ 1.0; 5.0; 10.0; 100.0 ]
        let! gammaL = Gen.elements [ 0.0; 0.3; 1.0; 1.9 ]
        let! p = Gen.elements [ 0.05; 0.2; 0.4; 0.9; 1.0 ]
        let! chi = Gen.elements [ 0.2; 0.7; 1.0 ]
        let! seed = Gen.choose (0, 10000)

        return {
            Workers = workers
            Dimension = dimension
            Kappa = kappa
            GammaL = gammaL
            P = p
            Ones = ones
            ChiShare = chi
            Seed = seed
        }
    }

/// Generated specifications.
let instances workers dimension =
    Instances.generated (generator workers dimension) shrink

let rateClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-CSCAF.1"
            ClaimKind.Mean
            "0 < γ < 2/L, χ ≤ n(s−1)/(s(n−1)): E Ψ_t ≤ τ^tΨ_0, τ = max{(1−γμ)², (1−γL)², 1−p²χ(s−1)/(n−1)}; attained at the largest χ"
            (instances 4 2 |> Instances.startingWith listed)
            (fun _ spec -> own spec |||> rate) with
            Formula =
                @"\mathbb E\Psi_t\le\max\Bigl\{(1-\gamma\mu)^2,(1-\gamma L)^2,1-p^2\chi\tfrac{s-1}{n-1}\Bigr\}^t\Psi_0"
            Assumptions = "f_i μ-strongly convex and L-smooth, 2 ≤ s ≤ n, Σ h_i = 0 at the start"
            Source =
                "arXiv 2210.13277, main theorem; the identity for E Ψ⁺ and the equality at the largest χ are derived"
            Falsifiers = [
                for p in [ 1.0; 0.4; 0.2 ] do
                    Falsifier.check $"χ 1.3 times its largest value, p = {p}" (fun _ spec ->
                        let f, p, proc = own { spec with ChiShare = 1.3; P = p }
                        contracts f p proc)
                    |> Falsifier.at [ usual ]
                Falsifier.check "every client draws its column on its own" (fun _ spec ->
                    let f, p = setting spec
                    contracts f p (withMasks f p (independentColumns spec)))
                |> Falsifier.at [ usual ]
            ]
            Tight =
                Some {
                    Instance = usual
                    AtLeast = 1.0 - 1e-9
                }
    }
