/// Clipping with a constant level on linear operators: claim 2 of RP-CLIPHP. Citation and methods: ClippedMethods.fs.
module Theory.Algorithms.RobustAndPrivate.ClippedLinear

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.RobustAndPrivate.ClippedMethods
open Theory.Algorithms.RobustAndPrivate.LinearOperators

// ---- 2: clipping with a constant level on linear operators ---------------------------------------------------------

[<NoComparison>]
type LinearSpec = {
    /// SGDA (SGD when A is symmetric) or SEG.
    Method: string
    /// A = Diagonal·I with the second entry scaled by Ratio, plus Rotation·J.
    Diagonal: float
    Ratio: float
    Rotation: float
    /// three | pareto | student.
    Noise: string
    Order: float
    Sigma: float
    Gamma: float
    Radius: float
    Steps: int
}

let private matrixOf (s: LinearSpec) =
    Matrix(2, 2, [| s.Diagonal; -s.Rotation; s.Rotation; s.Diagonal * s.Ratio |])

let private beta = 0.05

/// The level, the offset, and the noise that is worst for unclipped steps: hits that jump twice the offset.
let private design (s: LinearSpec) =
    let a = matrixOf s
    let identity = Matrix.Identity 2
    let extragradient = s.Method = "SEG"

    let map =
        if extragradient then
            let square = LinearAlgebra.Multiply(a, a)

            LinearAlgebra.Add(
                LinearAlgebra.Subtract(identity, LinearAlgebra.Scale(s.Gamma, a)),
                LinearAlgebra.Scale(s.Gamma * s.Gamma, square)
            )
        else
            LinearAlgebra.Subtract(identity, LinearAlgebra.Scale(s.Gamma, a))

    let factor = Decompositions.SpectralNorm map
    let lipschitz = Decompositions.SpectralNorm a
    let plain = HeavyTails.threePoint 2 s.Order s.Sigma 0.5

    bestLevel extragradient s.Gamma lipschitz factor plain s.Steps beta s.Radius
    |> Option.map (fun (level, away) ->
        let hits = 0.9 * (s.Gamma * s.Sigma / (2.0 * away)) ** s.Order

        let noise =
            match s.Noise with
            | "three" -> HeavyTails.threePoint 2 s.Order s.Sigma hits
            | "pareto" -> HeavyTails.pareto 2 s.Order (1.05 * s.Order) s.Sigma
            | "student" -> HeavyTails.student 2 s.Order (1.05 * s.Order) s.Sigma
            | other -> invalidArg (nameof s) $"There is no noise '{other}'."

        linear a, factor, level, away, noise)

/// P(some k ≤ K has ‖z_k‖ > q^k R + offset) ≤ β, with a changed level.
let private staysClose (change: float -> float) ctx (spec: LinearSpec) =
    match design spec with
    | None -> Evidence.undecided Rung.Replicates "no clipping level satisfies the condition on these constants"
    | Some(f, factor, level, away, noise) ->
        let p = {
            Gamma = spec.Gamma
            Lambda = change level
            Noise = noise
        }

        let start = {
            X = Block.vector [| spec.Radius; 0.0 |]
        }

        let replicates = CheckContext.pick 50 70 400 ctx

        let bound: RunBound<State> = {
            Name = "‖z_k‖"
            Measure = fun s -> Block.norm s.X
            Summary = Summary.Last
            Scale = fun s -> Block.norm s.X
            Bound = fun k radius -> factor ** float k * radius + away
            InExpectation = false
        }

        let evidence =
            if spec.Method = "SEG" then
                Replicates.withProbability ctx (Method.on f p seg) start spec.Steps replicates beta bound
            else
                Replicates.withProbability ctx (Method.on f p sgda) start spec.Steps replicates beta bound

        Evidence.note $"λ = {level:G4}, offset {away:G4}; {evidence.Note}" evidence

let private diagonal = {
    Method = "SGDA"
    Diagonal = 1.0
    Ratio = 0.5
    Rotation = 0.0
    Noise = "three"
    Order = 1.5
    Sigma = 1.0
    Gamma = 0.01
    Radius = 0.5
    Steps = 4000
}

let private spiral = {
    diagonal with
        Diagonal = 0.5
        Ratio = 1.0
        Rotation = 1.0
        Gamma = 0.02
}

/// F = J: merely monotone, where only the extragradient step contracts.
let private rotating = {
    spiral with
        Method = "SEG"
        Diagonal = 0.0
        Sigma = 0.01
        Steps = 2000
}

let private others = [
    { diagonal with Noise = "pareto" }
    { spiral with Noise = "student" }
    {
        spiral with
            Method = "SEG"
            Sigma = 0.5
    }
]

let linearOperators: Claim =
    Claim.create {
        Claim.spec
            "RP-CLIPHP.2"
            ClaimKind.Prob
            "F(z) = Az, λ with L(R+γb/(1−q)+t) ≤ λ/2: with probability ≥ 1−β, ‖z_k‖ ≤ q^k R + γb/(1−q) + t for all k ≤ K"
            (Instances.generated (Gen.elements others) (fun _ -> Seq.empty)
             |> Instances.counts 0 0 8
             |> Instances.startingWith [ diagonal; rotating ])
            (staysClose id) with
            Formula =
                @"\|z^k\| \le q^k R + \frac{\gamma b}{1-q} + t,\; b = 2^{a-1}\sigma^a\lambda^{1-a},\; t = F^*(\tfrac{\gamma^2 v}{1-q^2}, 2\gamma\lambda, \ln\tfrac{2K}{\beta})"
            Assumptions = "E‖ξ‖^a ≤ σ^a, q = ‖I−γA‖ < 1 (SEG: ‖I−γA+γ²A²‖, twice the bias and variance)"
            Source = "derived: bias and martingale of clipped steps, Freedman stopped at the first exit, union over k"
            Statistical = true
            Falsifiers = [
                Falsifier.check "λ = ∞ (plain SGD)" (staysClose always)
                Falsifier.check "λ a thousand times smaller" (staysClose (fun level -> 0.001 * level))
                |> Falsifier.at [
                    {
                        diagonal with
                            Sigma = 0.01
                            Radius = 20.0
                            Steps = 400
                    }
                ]
            ]
    }
