/// How many clients a round needs: the loss falls in the mean as under the full gradient.
module Theory.Algorithms.CommunicationEfficient.NeededClients

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.ParticipantRules
open Theory.Algorithms.CommunicationEfficient.SampledAverages

/// n = 9 functions (L/2)‖x − b_i‖² at a point where the rule asks for exactly `Size` clients.
type EqualitySpec = {
    Size: int
    L: float
    Theta: float
    Dimension: int
    Seed: int
}

let private spheres (spec: EqualitySpec) =
    Quadratic(
        "spheres",
        Array.replicate 9 (LinearAlgebra.Diagonal(Array.create spec.Dimension spec.L)),
        Array.init 9 (fun i -> Linear.gaussians spec.Seed i spec.Dimension)
    )

/// E f(x⁺) with `taken` clients against f(x) − (γ/2)‖∇f(x)‖².
let private atEquality relation (taken: int) (spec: EqualitySpec) =
    let f = spheres spec :> IFiniteSum
    let n = f.Count
    let spread = (Block.lanes (heterogeneity f f.Minimiser))[0]

    // ‖∇f‖ = L‖x − x*‖ with ((n−s)/(s(n−1)))ζ² = ϑ‖∇f‖².
    let distance = sqrt (withoutReplacement n spec.Size * spread / spec.Theta) / spec.L

    let x =
        f.Minimiser
        + Block.vector (Array.init spec.Dimension (fun j -> if j = 0 then distance else 0.0))

    let gamma = 1.0 / (spec.L * (1.0 + spec.Theta))
    let state = { FixedState.X = x }

    let reached =
        (Enumerated.expectation (roundOf f gamma taken) (fun _ (s: FixedState) -> f.Value s.X) state)[0]

    let bound =
        (Block.lanes (f.Value x - (gamma / 2.0) * Block.normSquared (f.Gradient x)))[0]

    Evidence.ofRows Rung.Enumerated relation [
        Evidence.row relation spec.Dimension n $"E f(x⁺) with {taken} clients" reached bound
    ]

/// E f(x⁺) ≤ f(x) − (γ/2)‖∇f(x)‖² with the rule's s, at many points and at the worst found, and its sum over three rounds.
let private ruleDescends theta stretch (ctx: CheckContext) (spec: SampleSpec) =
    let f = problem spec :> IFiniteSum

    let p = {
        Gamma = 1.0 / (f.Smoothness * (1.0 + theta))
        Theta = theta
    }

    let lanes = 12
    let scales = Array.init lanes (fun lane -> 0.1 * 1.8 ** float lane)

    let states: RuleState = {
        X =
            f.Minimiser
            + CheckContext.gaussianStarts ctx 1 lanes f.Dimension 1.0
              * Block.Own(Shape.Vector(1, lanes, 1), scales)
        Uploads = Block.zeros 1 lanes 1
    }

    let proc = Method.on f { p with Gamma = stretch * p.Gamma } ruleMethod
    let squared (s: RuleState) = Block.normSquared (f.Gradient s.X)

    let single =
        Enumerated.oneStep ctx {
            Process = proc
            States = states
            Measure = fun before next -> f.Value next.X + (p.Gamma / 2.0) * squared before
            Bound = fun s -> f.Value s.X
            Relation = Relation.AtMost
            Keep = id
            Search = CheckContext.pick 5 12 100 ctx
        }

    let averaged start =
        let gradients = Enumerated.series proc start 2 squared |> Array.average

        Evidence.ofRows Rung.Enumerated Relation.AtMost [
            Evidence.row
                Relation.AtMost
                f.Dimension
                3
                "mean of E‖∇f‖² over three rounds"
                gradients
                (2.0 * (Block.lanes (f.Value start.X))[0] / (3.0 * p.Gamma))
        ]

    Evidence.all [
        single
        if f.Count <= 4 then
            averaged ((Codec.ofTemplate states).Slice 5 1 states)
    ]

let descentClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-ISP.2"
            ClaimKind.Mean
            "s ≥ nζ²/(ζ²+(n−1)ϑ‖∇f(x)‖²) and γ = 1/(L(1+ϑ)): E f(x⁺) ≤ f(x) − (γ/2)‖∇f(x)‖², so the mean of E‖∇f(x_t)‖² over T rounds is at most 2L(1+ϑ)(f(x⁰)−f*)/T"
            (instances 4 [
                {
                    usual with
                        Workers = 4
                        Indefinite = true
                }
                {
                    usual with
                        Workers = 3
                        Indefinite = true
                }
                { usual with Workers = 4 }
            ])
            (fun ctx spec -> Evidence.all [ ruleDescends 0.5 1.0 ctx spec; ruleDescends 0.1 1.0 ctx spec ]) with
            Formula =
                @"s\ge\frac{n\zeta^2}{\zeta^2+(n-1)\vartheta\|\nabla f(x)\|^2}\Rightarrow\mathbb E f(x^+)\le f(x)-\tfrac\gamma2\|\nabla f(x)\|^2"
            Assumptions =
                "f L-smooth (not convex), uniform S, ζ²(x) = (1/n) Σ‖∇f_i−∇f‖²; all permutations of the clients"
            Source = "derived; the abstract of arXiv 2508.13803 claims this scaling"
            Falsifiers = [
                Falsifier.check "one client fewer than the rule, at spheres" (fun _ spec ->
                    [ 2; 5; 8 ]
                    |> List.map (fun size ->
                        atEquality Relation.AtMost (size - 1) {
                            Size = size
                            L = 1.0
                            Theta = 0.5
                            Dimension = 2
                            Seed = spec.Seed
                        })
                    |> Evidence.all)
                Falsifier.check "γ = 3/L" (ruleDescends 0.5 4.5)
            ]
    }

// ---- CE-ISP.2b -------------------------------------------------------------------------------------------------

/// E f(x⁺) against f − γ‖∇f‖² + (Lγ²/2)(‖∇f‖² + ((n−s)/(s(n−1)))ζ²) for every x and s.
let private everyPoint relation gamma (q: Quadratic) =
    let f = q :> IFiniteSum

    [
        for s in 1 .. f.Count do
            Spectral.oneStep {
                Process = roundOf f gamma s
                Centre = { FixedState.X = f.Minimiser }
                Keeps = None
                Measure = fun (s: FixedState) -> f.Value s.X
                Bound =
                    fun (before: FixedState) ->
                        let squared = Block.normSquared (f.Gradient before.X)

                        f.Value before.X - gamma * squared
                        + (0.5 * f.Smoothness * gamma * gamma)
                          * (squared + withoutReplacement f.Count s * heterogeneity f before.X)
                Relation = relation
                MatchMoments = false
            }
    ]
    |> Evidence.all

let private equality fewer (spec: EqualitySpec) =
    Evidence.all [
        everyPoint Relation.Equal (1.0 / (spec.L * (1.0 + spec.Theta))) (spheres spec)
        atEquality Relation.Equal (spec.Size - fewer) spec
        // Other Hessians: the same as an upper bound.
        everyPoint Relation.AtMost (1.0 / (1.0 + spec.Theta)) (Quadratic.indefinite 4 (max 2 spec.Dimension) spec.Seed)
    ]

let private sphere = {
    Size = 5
    L = 1.0
    Theta = 0.5
    Dimension = 2
    Seed = 1
}

let equalityClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-ISP.2b"
            ClaimKind.Exact
            "E f(x⁺) ≤ f − γ‖∇f‖² + (Lγ²/2)(‖∇f‖² + ((n−s)/(s(n−1)))ζ²) for every x and s, with equality for f_i = (L/2)‖x−b_i‖²; there the rule of CE-ISP.2 is attained where it asks for an integer s"
            (Instances.generated
                (gen {
                    let! size = Gen.choose (2, 8)
                    let! l = Gen.elements [ 0.5; 1.0; 10.0 ]
                    let! theta = Gen.elements [ 0.1; 0.5; 1.0 ]
                    let! dimension = Gen.choose (1, 3)
                    let! seed = Gen.choose (0, 10000)

                    return {
                        Size = size
                        L = l
                        Theta = theta
                        Dimension = dimension
                        Seed = seed
                    }
                })
                (fun spec ->
                    seq {
                        if spec.Seed > 0 then
                            { spec with Seed = spec.Seed / 2 }
                    })
             |> Instances.startingWith [ { sphere with Size = 2 }; sphere; { sphere with Size = 8 } ]
             |> Instances.counts 1 2 20)
            (fun _ -> equality 0) with
            Formula =
                @"\mathbb E f(x^+)=f-\gamma\|\nabla f\|^2+\tfrac{L\gamma^2}2\Bigl(\|\nabla f\|^2+\tfrac{n-s}{s(n-1)}\zeta^2\Bigr)"
            Assumptions = "n = 9 spheres, γ = 1/(L(1+ϑ)); indefinite f_i for the inequality"
            Source = "derived: descent lemma and the variance of a mean without replacement"
            Falsifiers = [ Falsifier.check "one client fewer at the rule's point" (fun _ -> equality 1) ]
            Tight =
                Some {
                    Instance = sphere
                    AtLeast = 1.0 - 1e-9
                }
    }
