/// How similar a server's sample of the data is to all of them (VI-SPLIT.4).
module Theory.Algorithms.VariationalInequalities.SampledHessian

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.VariationalInequalities

/// Quadratic losses ½(a_jᵀx)² with unit a_j, so that every Hessian has norm L = 1.
[<NoComparison>]
type HessianSpec = {
    /// Samples; small, since every subset is enumerated.
    Samples: int
    Dimension: int
    /// b, drawn with replacement.
    Drawn: int
    Seed: int
}

let private hessians (spec: HessianSpec) =
    Array.init spec.Samples (fun j ->
        let a = Linear.gaussians spec.Seed j spec.Dimension
        let norm = LinearAlgebra.Norm(System.ReadOnlySpan a)
        let a = a |> Array.map (fun v -> v / norm)
        LinearAlgebra.Outer(a, a))

/// Every multiset of b samples with its probability, and H_server − H_all.
let private deviations (spec: HessianSpec) drawn =
    let all = hessians spec
    let mean = Linear.mean all
    let n = spec.Samples

    let logFactorial =
        Array.init (drawn + 1) (fun k -> Seq.sum (seq { for i in 2..k -> log (float i) }))

    SplitModel.divisions drawn n
    |> Seq.map (fun counts ->
        let chance =
            exp (
                logFactorial[drawn]
                - (counts |> List.sumBy (fun k -> logFactorial[k]))
                - float drawn * log (float n)
            )

        let weights = counts |> List.map (fun k -> float k / float drawn) |> Array.ofList
        chance, LinearAlgebra.Subtract(Linear.combine weights all, mean))
    |> List.ofSeq

/// P(‖H_server − H_all‖ ≥ share·L√(8 ln(2d/δ_0)/b)) ≤ δ_0, exactly, for several δ_0.
let private tails (spec: HessianSpec) share =
    let norms =
        deviations spec spec.Drawn
        |> List.map (fun (chance, e) -> chance, Decompositions.SpectralNorm e)

    [ 0.9; 0.5; 0.1; 0.01 ]
    |> List.map (fun failure ->
        let threshold =
            share
            * sqrt (8.0 * log (2.0 * float spec.Dimension / failure) / float spec.Drawn)

        let chance =
            norms
            |> List.sumBy (fun (chance, norm) -> if norm >= threshold then chance else 0.0)

        Evidence.row Relation.AtMost spec.Dimension spec.Drawn $"P(deviation ≥ {threshold:G3})" chance failure)
    |> Evidence.ofRows Rung.Enumerated Relation.AtMost

/// b·E‖H_server − H_all‖²_F = (1/N)Σ‖H_j − H_all‖²_F for every b; `rate` is the power of b.
let private decay (spec: HessianSpec) rate =
    let square (m: Matrix) = LinearAlgebra.FrobeniusNorm m ** 2.0

    let single = deviations spec 1 |> List.sumBy (fun (chance, e) -> chance * square e)

    [ 2; 5; spec.Drawn ]
    |> List.map (fun drawn ->
        let expected =
            deviations spec drawn |> List.sumBy (fun (chance, e) -> chance * square e)

        Evidence.row
            Relation.Equal
            spec.Dimension
            drawn
            $"b^{rate}·E‖H_server − H_all‖², b = {drawn}"
            (float drawn ** rate * expected)
            single)
    |> Evidence.ofRows Rung.Enumerated Relation.Equal

let private specs = [
    {
        Samples = 3
        Dimension = 2
        Drawn = 60
        Seed = 1
    }
    {
        Samples = 4
        Dimension = 3
        Drawn = 24
        Seed = 2
    }
    {
        Samples = 2
        Dimension = 2
        Drawn = 200
        Seed = 3
    }
]

let tailClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SPLIT.4"
            ClaimKind.Prob
            "b samples drawn with replacement: P(‖H_server − H_all‖ ≥ L√(8 ln(2d/δ_0)/b)) ≤ δ_0"
            (Instances.only specs)
            (fun _ spec -> tails spec 1.0) with
            Formula = @"P\Bigl(\|H_{\mathrm{server}}-H_{\mathrm{all}}\|\ge L\sqrt{8\ln(2d/\delta_0)/b}\Bigr)\le\delta_0"
            Assumptions = "‖∇²ℓ_j‖ ≤ L; every multiset of samples with its probability"
            Source = "derived: matrix Hoeffding inequality; loose by a large factor"
            Falsifiers = [
                Falsifier.check "a twentieth of the deviation" (fun _ spec -> tails spec 0.05)
            ]
    }

let decayClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SPLIT.4b"
            ClaimKind.Exact
            "b·E‖H_server − H_all‖²_F is the same for every b: deviations decay as b^{−1/2}"
            (Instances.only specs)
            (fun _ spec -> decay spec 1.0) with
            Formula =
                @"b\,\mathbb E\|H_{\mathrm{server}}-H_{\mathrm{all}}\|_F^2=\tfrac1N\sum_j\|H_j-H_{\mathrm{all}}\|_F^2"
            Assumptions = "samples drawn uniformly with replacement"
            Source = "derived"
            Falsifiers = [ Falsifier.check "decay as b^{−1}" (fun _ spec -> decay spec 2.0) ]
            Tight =
                Some {
                    Instance = List.head specs
                    AtLeast = 1.0
                }
    }
