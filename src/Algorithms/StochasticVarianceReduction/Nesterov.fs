/// Nesterov's acceleration, strongly convex and convex, and the lower bound that it meets.
///
/// Nesterov, Soviet Math. Doklady 27 (1983), and "Introductory Lectures on Convex Optimization", 2004; the convex form as in
/// Beck, Teboulle, "A fast iterative shrinkage-thresholding algorithm", SIAM J. Imaging Sci. 2 (2009).
/// Problem: min f on R^d, f convex and L-smooth, μ-strongly convex in (1); the lower bound (3) is Nesterov's chain.
module Theory.Algorithms.StochasticVarianceReduction.Nesterov

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.StochasticVarianceReduction.AcceleratedGradient


/// A quadratic for SV-NAG.1.
let private conditioned kappa : QuadraticSpec = {
    Workers = 1
    Dimension = 4
    Kappa = kappa
    Spread = 1.0
    Seed = 5
}

/// The bound at steps up to 20√κ, as long as it stays well above rounding, from every start.
let private accelerates (change: Parameters -> Parameters) (spec: QuadraticSpec) =
    let f = Quadratic.distributed spec :> IObjective
    let factor = 1.0 - sqrt (f.StrongConvexity / f.Smoothness)

    let steps =
        [ 1; 2; 3; 5; 10; 20; 50; 100; 200; 500 ]
        |> List.filter (fun k -> k = 1 || factor ** float k > 1e-8)

    AllStarts.ofMethod f (change (parameters f)) method f.Minimiser steps (stronglyRate f)

/// SV-NAG.1 on a function that is no quadratic, from random starts.
let private acceleratesBeyond ctx =
    let f = PiecewiseQuadratic() :> IObjective
    // No search: it would move x_{−1} away from x_0.
    let starts = init (CheckContext.gaussianStarts ctx 1 16 1 3.0)
    Trajectories.bound ctx (Method.on f (parameters f) method) starts 200 Relation.AtMost 0 (stronglyRate f)

let private stronglyInstances =
    Quadratic.instances 3 4
    |> Instances.startingWith [ conditioned 1000.0; conditioned 50.0; conditioned 10.0 ]

let strongly: Claim =
    Claim.create {
        Claim.spec
            "SV-NAG.1"
            ClaimKind.Sure
            "f(x_k) − f* ≤ (1−1/√κ)^k (f(x_0) − f* + (μ/2)‖x_0 − x*‖²)"
            stronglyInstances
            (fun ctx spec -> Evidence.all [ accelerates id spec; acceleratesBeyond ctx ]) with
            Formula = @"f(x_k)-f_* \le (1-1/\sqrt\kappa)^k\left(f(x_0)-f_*+\tfrac\mu2\|x_0-x_*\|^2\right)"
            Assumptions = "f μ-strongly convex and L-smooth, γ = 1/L, β = (√κ−1)/(√κ+1)"
            Source = "Nesterov 2004, Theorem 2.2.3"
            Falsifiers = [
                Falsifier.check "β = 0" (fun _ spec -> accelerates (fun p -> { p with Beta = 0.0 }) spec)
                Falsifier.check "β halved" (fun _ spec -> accelerates (fun p -> { p with Beta = 0.5 * p.Beta }) spec)
            ]
    }

/// SV-NAG.2 held against a method that keeps a state of type 'S: a quadratic from every start, the others from given ones.
let private boundedBy
    ctx
    (spec: ConvexSpec)
    (f: IObjective)
    parameters
    (method: Method<IObjective, 'P, 'S, unit>)
    (claim: RunBound<'S>)
    =
    if spec.Kind = "quadratic" then
        AllStarts.ofMethod f parameters method f.Minimiser [ 1; 2; 5; spec.Steps ] claim
    else
        let starts = method.Init f parameters (ConvexInstances.starts ctx spec)
        // No search: it would move the parts of the first state apart.
        Trajectories.bound ctx (Method.on f parameters method) starts spec.Steps Relation.AtMost 0 claim

/// NAG-C held against its bound times `change`.
let private convexBound (change: float) ctx spec =
    let f = ConvexInstances.problem spec
    let p = convexMethod.Rule f
    let claim = convexRate f p

    boundedBy ctx spec f p convexMethod {
        claim with
            Bound = fun k start -> change * claim.Bound k start
    }

/// Gradient descent with γ = 1/L held against the accelerated bound.
let private descentInstead ctx spec =
    let f = ConvexInstances.problem spec
    let p: GradientDescent.Parameters = { Gamma = 1.0 / f.Smoothness }
    let claim = convexRate f { Gamma = p.Gamma }

    boundedBy ctx spec f p GradientDescent.method {
        Name = claim.Name
        Measure = GradientDescent.gap f
        Summary = Summary.Last
        Scale = GradientDescent.distance f
        Bound = claim.Bound
        InExpectation = false
    }

let convex: Claim =
    Claim.create {
        Claim.spec
            "SV-NAG.2"
            ClaimKind.Sure
            "f(x_k) − f* ≤ 2L‖x_0 − x*‖²/(k+1)²"
            (ConvexInstances.generated
             |> Instances.startingWith [ ConvexInstances.chain 101 150 ])
            (convexBound 1.0) with
            Formula = @"f(x_k)-f_* \le \frac{2L\|x_0-x_*\|^2}{(k+1)^2}"
            Assumptions = "f convex and L-smooth, γ = 1/L"
            Source = "Beck, Teboulle 2009, Theorem 4.4"
            Falsifiers = [
                Falsifier.check "GD with γ = 1/L" descentInstead
                |> Falsifier.at [ ConvexInstances.chain 201 200 ]
                Falsifier.check "bound × 0.1" (convexBound 0.1)
            ]
    }

/// An instance of SV-NAG.3: a chain of `Dimension` coordinates, L = `Smoothness`.
type ChainSpec = { Dimension: int; Smoothness: float }

let private chains =
    let generator =
        gen {
            let! dimension = Gen.choose (1, 24)
            let! smoothness = Gen.elements [ 0.5; 1.0; 10.0 ]

            return {
                ChainSpec.Dimension = dimension
                Smoothness = smoothness
            }
        }

    let shrink (spec: ChainSpec) =
        seq {
            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Smoothness <> 1.0 then
                { spec with Smoothness = 1.0 }
        }

    Instances.generated generator shrink

/// The lower bound (L/8)(1/(k+1) − 1/(D+1)) for k < D gradients.
let chainBound (spec: ChainSpec) k =
    spec.Smoothness / 8.0 * (1.0 / float (k + 1) - 1.0 / float (spec.Dimension + 1))

/// f(x_k) − f* of a method from the origin of the chain, for k = 0 .. D − 1.
let private gaps ctx (f: Chain) (proc: Process<'S, unit>) (start: 'S) (output: 'S -> Block) =
    let steps = (f :> IObjective).Dimension - 1

    (Run.series ctx proc start steps [ fun s -> gapAt f (output s) ])[0]
    |> Array.map Array.head

/// Every method that moves in the span of its gradients, by name.
let private spanMethods ctx (f: Chain) =
    let zero = Block.zeros 1 1 (f :> IObjective).Dimension
    let objective = f :> IObjective
    let gamma = 1.0 / objective.Smoothness

    let run (method: Method<IObjective, 'P, 'S, unit>) (parameters: 'P) =
        gaps ctx f (Method.on objective parameters method) (method.Init objective parameters zero) method.Output

    let conjugate = {
        Name = "CG"
        Draw = Draw.none
        Step = fun () s -> conjugateStep f s
        Cost = fun () -> []
    }

    [
        "GD", run GradientDescent.method { Gamma = gamma }
        "HB", run HeavyBall.method (HeavyBall.parameters f)
        "NAG-SC", run method (parameters f)
        "NAG-C", run convexMethod (convexMethod.Rule f)
        "CG", gaps ctx f conjugate (conjugateInit f zero) (fun s -> s.X)
    ]

/// All methods against the bound at every k < D, and where D = 2k + 1 against 3L‖x_0 − x*‖²/(32(k+1)²); for conjugate
/// gradients the first bound is an equality.
let private slow (scale: float) ctx (spec: ChainSpec) =
    let f = Chain(spec.Smoothness, spec.Dimension)
    let radius = (Block.lanes (Block.normSquared (f :> IObjective).Minimiser))[0]
    let runs = spanMethods ctx f
    let row relation = Evidence.row relation spec.Dimension

    let below = [
        for name, values in runs do
            for k in 0 .. spec.Dimension - 1 do
                row Relation.AtLeast (k + 1) $"{name}, k = {k}" values[k] (scale * chainBound spec k)

                if spec.Dimension = 2 * k + 1 then
                    row
                        Relation.AtLeast
                        (k + 1)
                        $"{name}, k = {k}, D = 2k+1"
                        values[k]
                        (scale * 3.0 * spec.Smoothness * radius / (32.0 * float (k + 1) ** 2.0))
    ]

    let conjugate = runs |> List.find (fun (name, _) -> name = "CG") |> snd

    let attained = [
        for k in 0 .. spec.Dimension - 1 ->
            row Relation.Equal (k + 1) $"CG attains the bound, k = {k}" conjugate[k] (scale * chainBound spec k)
    ]

    Evidence.all [
        Evidence.ofRows Rung.Trajectories Relation.AtLeast below
        Evidence.ofRows Rung.Trajectories Relation.Equal attained
    ]

let private chain15 = {
    ChainSpec.Dimension = 15
    Smoothness = 1.0
}

let lower: Claim =
    Claim.create {
        Claim.spec
            "SV-NAG.3"
            ClaimKind.Lower
            "on the chain, from 0, any method in the span of its k < D gradients has f(x_k) − f* ≥ (L/8)(1/(k+1) − 1/(D+1)); CG attains it"
            (chains |> Instances.startingWith [ chain15 ])
            (slow 1.0) with
            Formula =
                @"f(x_k)-f_* \ge \frac L8\left(\frac1{k+1}-\frac1{D+1}\right),\quad D=2k+1:\ \ge \frac{3L\|x_0-x_*\|^2}{32(k+1)^2}"
            Assumptions =
                "f(x) = (L/4)(½xᵀTx − x_1), T tridiagonal (−1, 2, −1) of size D, x_0 = 0, x_k ∈ span of k gradients"
            Source = "Nesterov 2004, Theorem 2.1.7; the minimum over the first k coordinates is −(L/8)(1 − 1/(k+1))"
            Falsifiers = [ Falsifier.check "bound × 1.01" (slow 1.01) ]
            Tight =
                Some {
                    Instance = chain15
                    AtLeast = 0.999999
                }
    }

let paper: Paper = {
    Key = "SV-NAG"
    Title = "Nesterov acceleration"
    Citation = "Nesterov 1983, 2004; Beck, Teboulle, SIAM J. Imaging Sci. 2 (2009)"
    Family = "stochastic-variance-reduction"
    Problem = "min f on R^d, f convex and L-smooth, μ-strongly convex (1); Nesterov's chain (3)"
    Methods = [ MethodEntry.create method; MethodEntry.create convexMethod ]
    Claims = [ strongly; convex; lower ]
}
