/// Rounds of SCAFFOLD on quadratics: instances, and what holds exactly.
module Theory.Algorithms.CommunicationEfficient.SCAFFOLDRounds

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

/// The quadratics of a specification.
let problem (spec: RoundSpec) : Quadratic =
    let build =
        if spec.Singular then
            SingularQuadratic.distributed
        else
            Quadratic.distributed

    build {
        Workers = spec.Workers
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        Spread = 3.0
        Seed = spec.Seed
    }

/// The quadratics, and parameters with the given share of the longest step.
let setting (spec: RoundSpec) =
    let q = problem spec
    let f = q :> IFiniteSum

    let p = {
        parameters f with
            Participants = spec.Participants
    }

    q, f, withStep (spec.Step * largestStep f p) spec.EtaG spec.LocalSteps spec.Participants

/// Two quadratics, five local steps, both clients.
let usual = {
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

/// Smaller specifications.
let shrink (spec: RoundSpec) =
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
let instances sampled fixedOnes =
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
let localGradients (f: IFiniteSum) (p: Parameters) drawn (s: State) : Block =
    let points = localPoints f p s

    let total =
        points
        |> List.take p.LocalSteps
        |> List.map f.Gradients
        |> List.reduce (fun a b -> a + b)

    Block.choose (Participation.members f.Count drawn) (total / float p.LocalSteps) s.C

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

            let rest = one.Step () centre
            LocalPasses.samePoint "x at the fixed point" centre.X rest.X
            LocalPasses.samePoint "c_i at the fixed point" centre.C rest.C
        if spec.Participants = spec.Workers then
            let drawn = (Array.exactlyOne own.Draw.Outcomes).Outcome

            everyState (given proc drawn) (fun s -> s.X) (fun s ->
                s.X - effectiveStep p * Block.mean (localGradients f p drawn s))

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
                {
                    usual with
                        LocalSteps = 10
                        EtaG = 3.0
                }
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
