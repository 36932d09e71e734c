/// The claims of SCAFFOLD.
module Theory.Algorithms.CommunicationEfficient.SCAFFOLDClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.SCAFFOLD

/// Quadratics and a round of SCAFFOLD on them.
type RoundSpec = {
    Workers: int
    Dimension: int
    Kappa: float
    /// f_i share a direction without curvature: f is PL but not strongly convex.
    Singular: bool
    LocalSteps: int
    EtaG: float
    /// h = Lη̃ as a share of its limit.
    Step: float
    Participants: int
    Seed: int
}

let private problem (spec: RoundSpec) : Quadratic =
    let build = if spec.Singular then SingularQuadratic.distributed else Quadratic.distributed

    build {
        Workers = spec.Workers
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        Spread = 3.0
        Seed = spec.Seed
    }

let private setting (spec: RoundSpec) =
    let q = problem spec
    let f = q :> IFiniteSum

    let p = {
        parameters f with
            Participants = spec.Participants
    }

    q, f, withStep (spec.Step * largestStep f p) spec.EtaG spec.LocalSteps spec.Participants

let private usual = {
    Workers = 2
    Dimension = 2
    Kappa = 10.0
    Singular = false
    LocalSteps = 5
    EtaG = 1.0
    Step = 1.0
    Participants = 2
    Seed = 1
}

let private shrink (spec: RoundSpec) =
    seq {
        if spec.Workers > 2 && spec.Participants = spec.Workers then
            {
                spec with
                    Workers = spec.Workers - 1
                    Participants = spec.Participants - 1
            }

        if spec.LocalSteps > 1 then
            {
                spec with
                    LocalSteps = spec.LocalSteps - 1
            }

        if spec.Dimension > 2 then
            {
                spec with
                    Dimension = spec.Dimension - 1
            }

        if spec.Seed > 0 then
            { spec with Seed = spec.Seed / 2 }
    }

/// All clients take part, or (sampled) any smaller number; d ≥ 2.
let private instances sampled fixedOnes =
    Instances.generated
        (gen {
            let! workers = Gen.choose (2, (if sampled then 4 else 3))
            let! dimension = Gen.choose (2, 3)
            let! kappa = Gen.elements [ 1.0; 3.0; 20.0; 100.0 ]
            let! singular = Gen.elements [ false; false; true ]
            let! steps = Gen.elements [ 1; 2; 5; 10 ]
            let! etaG = Gen.elements [ 1.0; 1.0; 3.0 ]
            let! step = Gen.elements [ 0.3; 0.5; 1.0 ]
            let! few = Gen.choose (1, workers - 1)
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Dimension = (if workers > 3 then 2 else dimension)
                Kappa = kappa
                Singular = singular
                LocalSteps = steps
                EtaG = etaG
                Step = step
                Participants = (if sampled then few else workers)
                Seed = seed
            }
        })
        shrink
    |> Instances.startingWith fixedOnes

// ---- CE-SCAFFOLD.1 ---------------------------------------------------------------------------------------------

/// The mean over the K local steps of ∇f_i(y_k), for the clients that take part.
let private localGradients (f: IFiniteSum) (p: Parameters) drawn (s: State) : Block =
    let points = localPoints f p s

    let total =
        points
        |> List.take p.LocalSteps
        |> List.map f.Gradients
        |> List.reduce (fun a b -> a + b)

    Block.choose (LocalPasses.takesPart f.Count drawn) (total / float p.LocalSteps) s.C

/// One outcome as a process of its own.
let private given (proc: Process<State, Indices>) outcome : Process<State, unit> = {
    Name = proc.Name
    Draw = Draw.none
    Step = fun () -> proc.Step outcome
    Cost = fun () -> []
}

/// c_i⁺ with the factor 1/K lost.
let private unscaled (p: Parameters) (next: State) (s: State) =
    let kept = s.C - Block.mean s.C

    {
        next with
            C = kept + float p.LocalSteps * (next.C - kept)
    }

let private identities (change: Parameters -> State -> State -> State) (spec: RoundSpec) =
    let _, f, p = setting spec
    let own = Method.on f p method
    let centre = fixedPoint f

    let proc = {
        own with
            Step = fun drawn s -> change p (own.Step drawn s) s
    }

    let everyState proc value expected =
        AffineIdentity.everyOutcome proc centre None value expected

    let descent step (s: State) = s.X - step * f.Gradient s.X

    Evidence.all [
        for o in own.Draw.Outcomes do
            let one = given proc o.Outcome
            everyState one (fun s -> s.C) (localGradients f p o.Outcome)

            // From the fixed point nothing moves: the state whose only admissible value is the centre.
            let rest = one.Step () centre
            let size = (Block.lanes (Block.totalNormSquared centre.C))[0]

            let moved =
                (Block.lanes (Block.norm (rest.X - centre.X) + (Block.totalNormSquared (rest.C - centre.C)).SquareRoot()))[0]

            Evidence.ofRows Rung.Spectral Relation.Equal [
                {
                    Label = "the fixed point moves by"
                    Measured = moved
                    Bound = 0.0
                    Holds = moved <= Rounding.allowance (float f.Dimension) (1.0 + sqrt size)
                }
            ]
        if spec.Participants = spec.Workers then
            let drawn = (Array.exactlyOne own.Draw.Outcomes).Outcome

            everyState (given proc drawn) (fun s -> s.X) (fun s ->
                s.X
                - effectiveStep p * Block.mean (localGradients f p drawn s))

            if spec.LocalSteps = 1 && spec.EtaG = 1.0 then
                everyState (given proc drawn) (fun s -> s.X) (descent p.Eta)
                everyState (given proc drawn) (fun s -> s.C) (fun s -> f.Gradients s.X)
    ]

let identityClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-SCAFFOLD.1"
            ClaimKind.Exact
            "(x*, ∇f_i(x*)) is fixed for every K, η, S; c_i⁺ is the mean of the client's local gradients and x⁺ = x − η̃·mean c_i⁺; K = 1, η_g = 1 is GD with c_i⁺ = ∇f_i(x)"
            (instances true [
                usual
                { usual with LocalSteps = 1 }
                { usual with LocalSteps = 10; EtaG = 3.0 }
                {
                    usual with
                        Workers = 3
                        Participants = 2
                }
            ])
            (fun _ -> identities (fun _ next _ -> next)) with
            Formula =
                @"c_i^+=\tfrac1K\sum_{k<K}\nabla f_i(y_{i,k}),\quad x^+=x-\tilde\eta\,\tfrac1n\sum_ic_i^+\ (S=[n])"
            Assumptions = "any stepsizes; the mean form of x⁺ with all clients; c = (1/n) Σ c_i"
            Source = "arXiv 1910.06378, option II; by substitution"
            Falsifiers = [
                Falsifier.check "c_i⁺ = c_i − c + (x−y)/η" (fun _ -> identities unscaled)
                |> Falsifier.at [ usual ]
            ]
            Tight = Some { Instance = usual; AtLeast = 1.0 }
    }

// ---- CE-SCAFFOLD.2 and .3 --------------------------------------------------------------------------------------

/// E Ψ⁺ ≤ ρΨ for every state, with the round's step changed and the parameters of Ψ and ρ those of `p`.
let private contracts (spec: RoundSpec) (change: Process<State, Indices> -> Process<State, Indices>) (stretch: float) =
    let q, f, rule = setting spec

    let p = {
        rule with
            Eta = stretch * rule.Eta
    }

    // The PL constant: the least curvature that is not zero.
    Spectral.contraction
        (change (Method.on f p method))
        (fixedPoint f)
        None
        (lyapunov f p)
        (contractionWith q.SmallestPositive f p)
        0.0

/// The same with the factor of the theorem's own stepsize, for steps so long that the formula means nothing.
let private stretched (stretch: float) (spec: RoundSpec) =
    let q, f, rule = setting spec

    let p = {
        rule with
            Eta = stretch / spec.Step * rule.Eta
    }

    Spectral.contraction
        (Method.on f p method)
        (fixedPoint f)
        None
        (lyapunov f p)
        (contractionWith q.SmallestPositive f rule)
        0.0

/// The local steps without correction; c_i⁺ stays the mean of the local gradients.
let private uncorrected (spec: RoundSpec) =
    let _, f, p = setting spec

    contracts
        spec
        (fun own -> {
            own with
                Step =
                    fun drawn s ->
                        let blind = { s with C = 0.0 * s.C }
                        let next = own.Step drawn blind
                        { next with C = localGradients f p drawn blind }
        })
        1.0

/// Control variates that stay at zero.
let private frozen (spec: RoundSpec) =
    contracts
        spec
        (fun own -> {
            own with
                Step = fun drawn s -> { own.Step drawn { s with C = 0.0 * s.C } with C = 0.0 * s.C }
        })
        1.0

let fullRate: Claim =
    Claim.create {
        Claim.spec
            "CE-SCAFFOLD.2"
            ClaimKind.Sure
            "all clients, η_g ≥ 1, h = Lη̃ ≤ ½, any K: Ψ⁺ ≤ max{1−μη̃(1−h²), h²}Ψ, Ψ = f−f* + (η̃/2)·mean‖∇f_i(x)−c_i‖²"
            (instances false [
                usual
                { usual with Kappa = 1.0; LocalSteps = 1 }
                {
                    usual with
                        Workers = 3
                        Participants = 3
                        Kappa = 100.0
                        LocalSteps = 10
                }
                {
                    usual with
                        Workers = 3
                        Participants = 3
                        Dimension = 3
                        Kappa = 20.0
                        EtaG = 3.0
                        Step = 0.5
                }
                { usual with Singular = true; Dimension = 3 }
            ])
            (fun _ spec -> contracts spec id 1.0) with
            Formula = @"\Psi^+\le\max\{1-\mu\tilde\eta(1-h^2),h^2\}\Psi,\quad h=L\tilde\eta\le\tfrac12"
            Assumptions = "f_i convex and L-smooth, f PL(μ); c = (1/n) Σ c_i at the start"
            Source = "derived: convexity bounds the local drift by (η̃²/3)(‖∇f‖² + S); no bound on heterogeneity"
            Falsifiers = [
                Falsifier.check "h = 2" (fun _ spec -> stretched 4.0 { spec with LocalSteps = 1 })
                Falsifier.check "local steps without correction" (fun _ -> uncorrected)
                Falsifier.check "c_i and c stay zero" (fun _ -> frozen)
            ]
    }

let sampledRate: Claim =
    Claim.create {
        Claim.spec
            "CE-SCAFFOLD.3"
            ClaimKind.Mean
            "s of n clients, p = s/n, η_g ≥ 1, Lη̃ ≤ p/8: E Ψ⁺ ≤ max{1−(9/10)μη̃, 1−p/4}Ψ, Ψ = f−f* + (η̃/p)·mean‖∇f_i(x)−c_i‖²"
            (instances true [
                for s in 1..2 do
                    { usual with Workers = 3; Participants = s }
                for s in 1..3 do
                    {
                        usual with
                            Workers = 4
                            Kappa = 20.0
                            Participants = s
                            LocalSteps = 1 + 4 * (s % 2)
                    }
            ])
            (fun _ spec -> contracts spec id 1.0) with
            Formula = @"\mathbb E\Psi^+\le\max\{1-\tfrac9{10}\mu\tilde\eta,\,1-\tfrac p4\}\Psi"
            Assumptions = "f_i convex and L-smooth, f PL(μ); uniform subsets of s clients"
            Source = "derived as CE-SCAFFOLD.2, with a virtual local pass of the idle clients"
            Valid = fun spec -> spec.Participants < spec.Workers
            Falsifiers = [ Falsifier.check "η̃ × 30" (fun _ -> stretched 30.0) ]
    }

// ---- CE-SCAFFOLD.4 ---------------------------------------------------------------------------------------------

/// Condition numbers whose rounds are compared, and the seed of the clients' centres.
type GrowthSpec = {
    Kappas: float list
    LocalSteps: int
    Seed: int
}

let private tolerance = 1e-8

/// Four clients with Hessian diag(1, κ) and their own centres.
let private commonHessian kappa seed : Quadratic =
    Quadratic(
        "equal Hessians diag(1, κ)",
        Array.replicate 4 (LinearAlgebra.Diagonal [| 1.0; kappa |]),
        Array.init 4 (fun i -> Linear.gaussians seed i 2)
    )

/// Rounds, by the method's own counter, until ‖x − x*‖² ≤ 1e-8 from x* + (5, 5); and the rounds of the closed form
/// x⁺ − x* = (I − ηA)^K(x − x*), exact for equal Hessians, since the corrections cancel in the mean.
let private roundsOf (ctx: CheckContext) (spec: GrowthSpec) kappa =
    let f = commonHessian kappa spec.Seed :> IFiniteSum
    let p = withStep (0.5 / kappa) 1.0 spec.LocalSteps f.Count
    let start = init f (f.Minimiser + Block.vector [| 5.0; 5.0 |])

    let squared round =
        [ 1.0; kappa ]
        |> List.sumBy (fun a -> 25.0 * (1.0 - p.Eta * a) ** float (2 * spec.LocalSteps * round))

    let rec predicted low high =
        if high - low <= 1 then
            high
        else
            let middle = (low + high) / 2

            if squared middle <= tolerance then
                predicted low middle
            else
                predicted middle high

    let closed = predicted 0 (int (200.0 * kappa))

    let run =
        Run.trajectories ctx (Method.on f p method) start {
            Steps = closed + 1
            Every = 1
            Measures = [ fun s -> Block.normSquared (s.X - f.Minimiser) ]
            Progress = None
        }

    let counted =
        match run.Measures[0] |> Array.tryFindIndex (fun row -> row[0] <= tolerance) with
        | Some at -> run.Counters[Counter.Rounds].[at].[0]
        | None -> infinity

    counted, float closed

/// The exponent of the rounds between the first and the last κ, within 0.02 of the claimed one.
let private growth (exponent: float) (ctx: CheckContext) (spec: GrowthSpec) =
    let rounds = spec.Kappas |> List.map (fun kappa -> kappa, roundsOf ctx spec kappa)
    let row relation = Evidence.row relation 2 1

    let slope =
        let first, (fewer, _) = List.head rounds
        let last, (more, _) = List.last rounds
        log (more / fewer) / log (last / first)

    let shown =
        rounds
        |> List.map (fun (kappa, (n, _)) -> $"{n} at κ = {kappa}")
        |> String.concat ", "

    Evidence.all [
        Evidence.ofRows Rung.Trajectories Relation.Equal [
            for kappa, (counted, closed) in rounds do
                row Relation.Equal $"rounds counted and predicted, κ = {kappa}" counted closed
        ]
        Evidence.ofRows Rung.Trajectories Relation.AtMost [
            row Relation.AtMost "exponent of the rounds in κ" slope (exponent + 0.02)
        ]
        Evidence.ofRows Rung.Trajectories Relation.AtLeast [
            row Relation.AtLeast "exponent of the rounds in κ" slope (exponent - 0.02)
        ]
    ]
    |> Evidence.note $"rounds: {shown}; exponent {slope:F4}"

let growthClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-SCAFFOLD.4"
            ClaimKind.Scaling
            "with η̃ = 1/(2L) the rounds to a given accuracy grow like κ: exponent 1 ± 0.02 between κ = 10 and 1000"
            (Instances.only [
                {
                    Kappas = [ 10.0; 100.0; 1000.0 ]
                    LocalSteps = 5
                    Seed = 1
                }
            ])
            (growth 1.0) with
            Formula = @"R(\varepsilon)=\Theta(\kappa\ln\tfrac1\varepsilon)"
            Assumptions = "A_i = diag(1, κ), random centres, K = 5, c_i = 0 and ‖x⁰−x*‖² = 50 at the start, ε = 1e-8"
            Source =
                "arXiv 1910.06378 states the order max{L/μ, n/s}·log(1/ε) with steps 1/(81L); counted here, and in closed form"
            Falsifiers = [
                Falsifier.check "exponent 1/2" (growth 0.5)
                |> Falsifier.at [
                    {
                        Kappas = [ 10.0; 100.0 ]
                        LocalSteps = 5
                        Seed = 1
                    }
                ]
            ]
            Tight =
                Some {
                    Instance = {
                        Kappas = [ 10.0; 30.0 ]
                        LocalSteps = 5
                        Seed = 2
                    }
                    AtLeast = 1.0 - 1e-9
                }
    }

let paper: Paper = {
    Key = "CE-SCAFFOLD"
    Title = "SCAFFOLD: Stochastic Controlled Averaging for Federated Learning"
    Citation = "Karimireddy, Kale, Mohri, Reddi, Stich, Suresh, ICML 2020, arXiv 1910.06378"
    Family = "communication-efficient"
    Problem = "f = (1/n) Σ f_i, f_i convex and L-smooth, f PL(μ); all clients or a sample of them in each round"
    Methods = [ MethodEntry.create method; MethodEntry.create sampledMethod ]
    Claims = [ identityClaim; fullRate; sampledRate; growthClaim ]
}
