/// How many exchanges ADOM needs (CE-ADOM.3).
module Theory.Algorithms.CommunicationEfficient.ADOMCounts

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.ADOM

/// A star whose centre moves to the next node at every step.
type StarSpec = { Nodes: int; Kappa: float; Seed: int }

let private stars (nodes: int) =
    Array.init nodes (fun centre -> Graphs.starAt centre nodes)

let private movingStar (spec: StarSpec) =
    NetworkedFunctions.on (stars spec.Nodes) {
        Nodes = spec.Nodes
        Dimension = 2
        Graph = "star"
        Orders = 1
        Kappa = spec.Kappa
        Scale = 1.0
        Spread = 3.0
        Seed = spec.Seed
    }
    :> INetworkedDual

let private share = 1e-10

/// (7λmax/λmin⁺)√(L/μ) ln(Ψ_0/ε).
let private promised (spec: StarSpec) =
    let f = movingStar spec

    7.0 * f.LargestEigenvalue / f.SmallestPositive
    * sqrt (f.NodeSmoothness / f.NodeStrongConvexity)
    * log (1.0 / share)

/// The same network with the Hessian diag(1, κ) at every node, so that the condition number of what gossip leaves is κ.
let private equalHessians (spec: StarSpec) =
    let matrices =
        Array.create spec.Nodes (LinearAlgebra.Diagonal [| 1.0; spec.Kappa |])

    let centres =
        Array.init spec.Nodes (fun m -> Linear.gaussians spec.Seed m 2 |> Array.map ((*) 3.0))

    let gossip =
        GossipSequence("moving star", stars spec.Nodes |> Array.map (fun g -> (Gossip.ofGraph g).Matrix), 1)

    NetworkedQuadratic(Quadratic($"equal quadratics, κ = {spec.Kappa:G4}", matrices, centres), gossip) :> INetworkedDual

/// Exchanges until Ψ ≤ 1e-10·Ψ_0, by the method's own account; ∞ when `limit` steps are not enough.
let private exchanges (f: INetworkedDual) (limit: int) =
    let nodes = f.Count
    let p = parameters f
    let multiplications = f.Changing.Matrices |> Array.map Mixing.multiply
    let value s = (Block.lanes (lyapunov f p s))[0]
    // z⁰ = 0: with equal Hessians the start from any x⁰ would be z* itself.
    let start =
        let zero = 0.0 * f.DualSolution

        {
            Z = zero
            Zf = zero
            M = zero
            X = f.DualGradients zero
        }

    let target = share * value start

    let perStep =
        Costs.total Counter.GossipSteps (method.Cost f p (Indices.Constant(1, 0)))

    let rec go k s =
        if value s <= target then float k * perStep
        elif k = limit then infinity
        else go (k + 1) (stepWith multiplications[k % nodes] f p s)

    go 0 start

let private counted (divide: float) (_: CheckContext) (spec: StarSpec) =
    let bound = promised spec / divide

    [
        Evidence.row
            Relation.AtMost
            (2 * spec.Nodes)
            1
            $"exchanges, κ = {spec.Kappa}, star of {spec.Nodes}"
            (exchanges (movingStar spec) (int (ceil bound) + 1))
            bound
    ]
    |> Evidence.ofRows Rung.Trajectories Relation.AtMost

let private star nodes kappa = {
    Nodes = nodes
    Kappa = kappa
    Seed = 1
}

let countClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-ADOM.3"
            ClaimKind.Count
            "exchanges until Ψ ≤ 1e-10·Ψ_0 are at most (7λmax/λmin⁺)√(L/μ) ln(1e10), on a star whose centre moves every step"
            (Instances.only [ star 4 10.0; star 4 100.0; star 4 1000.0; star 7 30.0 ])
            (counted 1.0) with
            Formula = @"k\le\frac{7\lambda_{\max}}{\lambda_{\min}^+}\sqrt{L/\mu}\,\ln\frac{\Psi_0}{\varepsilon}"
            Assumptions = "as CE-ADOM.1"
            Source = "arXiv 2102.09234, corollary of theorem 1"
            Falsifiers = [ Falsifier.check "the count divided by 20" (counted 20.0) ]
    }

/// Slope of the logarithm of the count between two instances.
let private slope (low: StarSpec) (high: StarSpec) (over: StarSpec -> float) =
    let count spec =
        exchanges (equalHessians spec) (int (ceil (promised spec)) + 1)

    log (count high / count low) / log (over high / over low)

let private chi (spec: StarSpec) =
    let f = equalHessians spec
    f.LargestEigenvalue / f.SmallestPositive

/// Exponents within 0.1 of `inKappa` in κ and of `inChi` in χ.
let private exponents (inKappa: float) (inChi: float) (_: CheckContext) (spec: StarSpec) =
    let kappaSlope =
        slope spec { spec with Kappa = 10.0 * spec.Kappa } (fun s -> s.Kappa)

    let chiSlope = slope spec { spec with Nodes = 2 * spec.Nodes } chi

    [
        Evidence.row
            Relation.AtMost
            1
            1
            $"exponent of κ, {kappaSlope:G4}, from {inKappa}"
            (abs (kappaSlope - inKappa))
            0.1
        Evidence.row Relation.AtMost 1 1 $"exponent of χ, {chiSlope:G4}, from {inChi}" (abs (chiSlope - inChi)) 0.1
    ]
    |> Evidence.ofRows Rung.Trajectories Relation.AtMost

let exponentClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-ADOM.3b"
            ClaimKind.Scaling
            "exchanges to Ψ ≤ 1e-10·Ψ_0 grow with exponent ½ ± 0.1 in κ at fixed graphs and 1 ± 0.1 in χ at fixed κ (stars with a moving centre and equal Hessians)"
            (Instances.only [ star 4 15.0 ])
            (exponents 0.5 1.0) with
            Formula = @"k\sim\sqrt\kappa,\qquad k\sim\chi"
            Assumptions = "A_m = diag(1, κ) at every node, κ ∈ {15, 150}, χ ∈ {4, 8}"
            Source = "arXiv 2102.09234, corollary of theorem 1"
            Falsifiers = [
                Falsifier.check "exponent 1 in κ" (exponents 1.0 1.0)
                Falsifier.check "exponent ½ in χ" (exponents 0.5 0.5)
            ]
    }
