/// The claims of CompressedScaffnew.
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
let private independentColumns (spec: MaskedSpec) : Draw<Block> =
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

let private instances workers dimension =
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

// ---- CE-CSCAF.2: masks and special cases -------------------------------------------------------------------------

/// x_i and h_i next to each other.
let pack (s: State) = Block.ConcatDimension(s.X, s.H)

/// s = n and χ = 1: on every outcome and from every state the step of Scaffnew with the same coin.
let private isScaffnew (ones: int) (spec: MaskedSpec) =
    let f, p =
        setting {
            spec with
                Ones = ones
                ChiShare = 1.0
        }

    let proc = Method.on f p method
    let local: ProxSkip.Parameters = { Gamma = p.Gamma; P = p.P }

    let scaffnew (theta, _) (s: State) =
        let next = ProxSkip.step f local theta { X = s.X; H = s.H }
        { X = next.X; H = next.H }

    let outcomes = proc.Draw.Outcomes |> Seq.map (fun o -> o.Outcome)
    MaskChecks.sameSteps (fixedPoint f) sumOfShifts outcomes pack proc.Step scaffnew

/// A communication keeps Σ h_i, from every state.
let private keepsSum (masks: MaskedSpec -> Draw<Block>) (spec: MaskedSpec) =
    let f, p = setting { spec with P = 1.0 }
    let total (s: State) = Block.sum s.H

    AffineIdentity.everyOutcome (withMasks f p (masks spec)) (fixedPoint f) None total total
    |> MaskChecks.summarised

let private everyone (spec: MaskedSpec) (masks: Draw<Block>) : Draw<ColumnMasks.Cohort> =
    masks
    |> Draw.map (fun q -> {
        Members = Mask(spec.Workers, q.Lanes, Array.create (spec.Workers * q.Lanes) true)
        Masks = q
    })

let private maskStatistics (masks: Draw<Block>) (spec: MaskedSpec) =
    MaskChecks.law spec.Workers spec.Workers spec.Ones spec.Dimension (everyone spec masks)

let private columns (spec: MaskedSpec) =
    ColumnMasks.masks spec.Workers spec.Ones spec.Dimension

let private large = {
    usual with
        Workers = 20
        Dimension = 33
        Ones = 7
}

let specialCases: Claim =
    Claim.create {
        Claim.spec
            "CE-CSCAF.2"
            ClaimKind.Exact
            "s = n, χ = 1: Scaffnew; Σ h_i is kept; P(q_ki = 1) = s/n, senders of a coordinate are a uniform s-subset, a client sends ⌊sd/n⌋ or ⌈sd/n⌉ floats"
            (instances 4 3
             |> Instances.counts 1 4 30
             |> Instances.startingWith [
                 {
                     usual with
                         Workers = 4
                         Dimension = 5
                 }
                 {
                     usual with
                         Workers = 5
                         Dimension = 3
                         Ones = 3
                 }
             ])
            (fun ctx spec ->
                let masks = columns spec

                Evidence.all [
                    isScaffnew spec.Workers spec
                    keepsSum columns spec
                    maskStatistics masks spec
                    MaskChecks.messages spec.Ones spec.Dimension (everyone spec masks)
                ]) with
            Formula =
                @"\sum_i q_i\odot(\bar x-\hat x_i)=0,\quad \mathbb P(q_{ki}=1)=\tfrac sn,\quad \|q_i\|_0\in\{\lfloor\tfrac{sd}n\rfloor,\lceil\tfrac{sd}n\rceil\}"
            Assumptions = "all permutations of the template's columns"
            Source = "derived; for every outcome and every state"
            Falsifiers = [
                Falsifier.check "every client draws its column on its own: Σ h_i" (fun _ -> keepsSum independentColumns)
                |> Falsifier.at [ usual ]
                Falsifier.check "every client draws its column on its own: the law" (fun _ spec ->
                    maskStatistics (independentColumns spec) spec)
                |> Falsifier.at [ usual ]
                Falsifier.check "s = n − 1 against Scaffnew" (fun _ spec -> isScaffnew (spec.Workers - 1) spec)
                |> Falsifier.at [ usual ]
            ]
    }

/// Masks too large to enumerate.
let sampledMasks: Claim =
    let check masks ctx (spec: MaskedSpec) =
        MaskChecks.samples ctx spec.Workers spec.Ones (everyone spec (masks spec))

    Claim.create {
        Claim.spec
            "CE-CSCAF.2b"
            ClaimKind.Sure
            "in every sampled mask s clients send a coordinate and a client sends ⌊sd/n⌋ or ⌈sd/n⌉ floats"
            (Instances.only [ large; { large with Dimension = 5; Ones = 3 } ])
            (check columns) with
            Formula = @"\sum_i q_{ki}=s,\quad \|q_i\|_0\in\{\lfloor\tfrac{sd}n\rfloor,\lceil\tfrac{sd}n\rceil\}"
            Assumptions = "20 clients: 20! permutations"
            Source = "the template's construction"
            Falsifiers = [
                Falsifier.check "every client draws its column on its own" (check independentColumns)
            ]
    }
