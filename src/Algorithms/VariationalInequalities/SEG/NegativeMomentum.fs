/// Extragradient with negative momentum.
///
/// Mishchenko, Kovalev, Shulgin, Richtárik, Malitsky, AISTATS 2020, arXiv 1905.11373.
/// Problem: F(z) = 0; claims on bilinear games.
module Theory.Algorithms.VariationalInequalities.NegativeMomentum

open System.Numerics
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    /// Stepsize γ_1 of the extrapolation.
    Gamma1: float
    /// Stepsize γ_2 of the step.
    Gamma2: float
    /// β ≤ 0.
    Beta: float
}

/// γ_1 = γ_2 = √3/(2L), β = −1/4: optimal on a bilinear game whose singular values are equal.
let parameters (f: IOperator) : Parameters =
    let gamma = sqrt 3.0 / (2.0 * f.Lipschitz)

    {
        Gamma1 = gamma
        Gamma2 = gamma
        Beta = -0.25
    }

type State = {
    /// The iterate z_k.
    Z: Block
    /// z_{k−1}.
    Past: Block
}

let init (z0: Block) : State = { Z = z0; Past = z0 }

let step (f: IOperator) (p: Parameters) (s: State) : State =
    let y = s.Z - p.Gamma1 * f.Operator s.Z

    {
        Z = s.Z - p.Gamma2 * f.Operator y + p.Beta * (s.Z - s.Past)
        Past = s.Z
    }

let method: Method<IOperator, Parameters, State, unit> = {
    Name = "EG-NM"
    Summary = "y = z_k − γ_1F(z_k); z_{k+1} = z_k − γ_2F(y) + β(z_k − z_{k−1}), β ≤ 0"
    Rule = parameters
    Conditions =
        fun _ p -> [
            Condition.positive "γ_1" p.Gamma1
            Condition.positive "γ_2" p.Gamma2
            Condition.atMost "β" p.Beta "0" 0.0
        ]
    Draw = fun _ _ -> Draw.none
    Init = fun _ _ z0 -> init z0
    Step = fun f p () s -> step f p s
    Output = fun s -> s.Z
    Cost = fun _ _ () -> [ Charge.each Counter.OperatorCalls 2.0 ]
    FixedPoint = fun f _ -> Some(init f.Solution)
    Bounds = fun _ _ -> []
}

// ---- VI-SEG.5 --------------------------------------------------------------------------------------------------

/// measure(s⁺) = factor·measure(s), or another relation, for every state.
let private changes (f: IOperator) (p: Parameters) relation (measure: State -> Block) (factor: float) =
    Spectral.oneStep {
        Process = Method.on f p method
        Centre = init f.Solution
        Keeps = None
        Measure = measure
        Bound = fun s -> factor * measure s
        Relation = relation
        MatchMoments = false
    }

/// With J the game's matrix (J² = −I) the recursion is that of (E − r_+)(E − r_−), E the shift, r_± = ±1/4 − (√3/4)J. So
/// ‖e_k − r_∓e_{k−1}‖² is multiplied by |r_±|² = 1/4 each step; the two together vanish only at the solution.
let private halves (f: IOperator) (p: Parameters) (factor: float) =
    let along sign (s: State) =
        let e = s.Z - f.Solution
        let past = s.Past - f.Solution
        let turned = sign * 0.25 * past - (sqrt 3.0 / 4.0) * f.Operator s.Past
        Block.normSquared (e - turned)

    [ 1.0; -1.0 ]
    |> List.map (fun sign -> changes f p Relation.Equal (along sign) factor)

/// The largest modulus of an eigenvalue of the two-step recursion.
let private radius (f: IOperator) (p: Parameters) =
    let centre = init f.Solution

    match Affine.map (Codec.ofTemplate centre) centre (step f p) with
    | Error reason -> invalidOp reason
    | Ok map ->
        let d = Array2D.length1 map - 1
        Decompositions.SpectralRadius(Matrix.Create(d, d, (fun i j -> map[i, j])))

let private ofRadius label relation (measured: float) (bound: float) =
    [ Evidence.row relation 8 8 label measured bound ]
    |> Evidence.ofRows Rung.Spectral relation

/// ‖z⁺ − z*‖² of EG with equal steps γ, on states without history: never below ¾, and ¾ at γ = 1/√2.
let private plain (f: IOperator) =
    let distance (s: State) = Block.normSquared (s.Z - f.Solution)

    let eg gamma = {
        Gamma1 = gamma
        Gamma2 = gamma
        Beta = 0.0
    }

    [
        changes f (eg (sqrt 0.5)) Relation.Equal distance 0.75
        for gamma in [ 0.1; 0.5; 0.65; 0.75; 0.9; 1.2; 2.0 ] do
            changes f (eg gamma) Relation.AtLeast distance 0.75
    ]

/// EG-NM with its β scaled, on a bilinear game whose singular values are all 1.
let private half (spec: BilinearSpec) (scale: float) =
    let f =
        Games.bilinear {
            spec with
                SigmaMin = 1.0
                SigmaMax = 1.0
        }
        :> IOperator

    let rule = parameters f
    let p = { rule with Beta = scale * rule.Beta }

    Pieces.all [
        yield! halves f p 0.25
        ofRadius "spectral radius of the two-step recursion" Relation.Equal (radius f p) 0.5
        yield! plain f
    ]

let private unit: BilinearSpec = {
    Dimension = 2
    SigmaMin = 1.0
    SigmaMax = 1.0
    Spread = 1.0
    Seed = 1
}

let radiusClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SEG.5"
            ClaimKind.Exact
            "bilinear game with σ_j = 1: EG-NM with γ_1 = γ_2 = √3/2, β = −1/4 has spectral radius 1/2; EG with equal steps at best √3/2, at γ = 1/√2"
            (BilinearSpec.instances 2 |> Instances.startingWith [ unit ])
            (fun _ spec -> half spec 1.0) with
            Formula =
                @"\rho = \tfrac12\ \text{at}\ \gamma=\tfrac{\sqrt3}2,\ \beta=-\tfrac14;\qquad \min_\gamma(1-\gamma^2+\gamma^4)=\tfrac34"
            Assumptions = "F(z) = J(z − z*), J skew with J² = −I"
            Source = "the recursion's characteristic polynomial r² + γJr − 1/4 = (r − 1/4 + (√3/4)J)(r + 1/4 + (√3/4)J)"
            Falsifiers = [ Falsifier.check "β = +1/4" (fun _ spec -> half spec -1.0) ]
            Tight = Some { Instance = unit; AtLeast = 1.0 }
    }

/// The modulus of the larger root of r² − (λ + β)r + β = 0, λ = 1 − iγσ − γ²σ².
let private rootModulus gamma beta sigma =
    let middle = Complex(1.0 + beta - (gamma * sigma) ** 2.0, -gamma * sigma)
    let discriminant = Complex.Sqrt(middle * middle - Complex(4.0 * beta, 0.0))

    max
        (Complex.Abs((middle + discriminant) / Complex(2.0, 0.0)))
        (Complex.Abs((middle - discriminant) / Complex(2.0, 0.0)))

/// The best stepsize and radius on singular values {low, …, 1} for a β, over a grid of stepsizes.
let private bestOver (sigmas: float[]) beta =
    Seq.init 141 (fun i -> 0.6 + 0.005 * float i)
    |> Seq.map (fun gamma -> gamma, sigmas |> Array.map (rootModulus gamma beta) |> Array.max)
    |> Seq.minBy snd

/// Singular values between `Low` and 1.
[<NoComparison>]
type SpreadSpec = { Low: float; Count: int }

/// Games with singular values from Low to 1, on the axes.
let private spreadGame (spec: SpreadSpec) =
    let sigmas =
        Array.init spec.Count (fun j -> spec.Low + (1.0 - spec.Low) * float j / float (spec.Count - 1))

    let game =
        BilinearGame("singular values on the axes", LinearAlgebra.Diagonal sigmas, Array.zeroCreate (2 * spec.Count))

    sigmas, game :> IOperator

/// The best radius without momentum in closed form, the best β of a grid against it.
let private helps (spec: SpreadSpec) (betas: float list) =
    let sigmas, f = spreadGame spec
    let q = spec.Low ** 2.0

    let at gamma beta =
        radius f {
            Gamma1 = gamma
            Gamma2 = gamma
            Beta = beta
        }

    let closed = sqrt (1.0 + q + q * q) / (1.0 + q)

    let gamma, beta, _ =
        betas
        |> List.map (fun beta ->
            let gamma, value = bestOver sigmas beta
            gamma, beta, value)
        |> List.minBy (fun (_, _, value) -> value)

    Pieces.all [
        ofRadius "radius at β = 0, γ = 1/√(1+Low²)" Relation.Equal (at (1.0 / sqrt (1.0 + q)) 0.0) closed
        for gamma in [ 0.5; 0.8; 0.9; 1.0; 1.1 ] do
            ofRadius $"radius at β = 0, γ = {gamma}" Relation.AtLeast (at gamma 0.0) closed
        ofRadius
            $"radius at γ = {gamma:G3}, β = {beta:G3}"
            Relation.AtMost
            (at gamma beta)
            (closed - 0.2 * (1.0 - closed))
    ]

let private spreads =
    let generator =
        gen {
            let! low = Gen.elements [ 0.2; 0.3; 0.4; 0.5; 0.7 ]
            let! count = Gen.choose (2, 4)
            return { Low = low; Count = count }
        }

    Instances.generated generator (fun _ -> Seq.empty)
    |> Instances.startingWith [ { Low = 0.3; Count = 3 } ]

let private negative = [ for i in 1..9 -> -0.05 * float i ]

let spreadClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SEG.5b"
            ClaimKind.Exact
            "bilinear game with σ ∈ [q^{1/2}, 1]: EG with equal steps has radius √(1+q+q²)/(1+q) at best; a negative β raises its gap to 1 by a fifth at least"
            spreads
            (fun _ spec -> helps spec negative) with
            Formula =
                @"\min_\gamma\max_\sigma|1-i\gamma\sigma-\gamma^2\sigma^2| = \frac{\sqrt{1+q+q^2}}{1+q},\quad q=\sigma_{\min}^2,\ \sigma_{\max}=1"
            Assumptions = "γ_1 = γ_2 from a grid, β from −0.05, …, −0.45"
            Source = "1 − t + t² at both ends of [γ²q, γ²] agrees for γ² = 1/(1+q)"
            Falsifiers = [
                Falsifier.check "β ≥ 0" (fun _ spec -> helps spec [ for b in negative -> -b ])
            ]
    }
