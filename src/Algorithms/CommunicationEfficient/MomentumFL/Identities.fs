/// What is exact for FedAvg-M and SCAFFOLD-M: fixed points, heavy ball, the variance of the averaged direction.
module Theory.Algorithms.CommunicationEfficient.MomentumIdentities

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.MomentumFL
open Theory.Algorithms.CommunicationEfficient.MomentumSpecs

// ---- CE-MOMFL.2 ------------------------------------------------------------------------------------------------

/// The spectral radius of a round of FedAvg-M around a state: below 1 every run converges to the fixed point.
let private radius (proc: Process<State, Block>) (centre: State) =
    match Affine.outcomes true (Codec.ofTemplate centre) centre proc with
    | Error reason -> Error reason
    | Ok maps ->
        let map = snd maps[0]
        let d = Array2D.length1 map - 1
        Ok(Decompositions.SpectralRadius(Matrix.Create(d, d, (fun i j -> map[i, j]))))

/// FedAvg's fixed point for a local stepsize.
let private drifted (q: Quadratic) (p: Parameters) eta =
    LocalPasses.averagedPassFixedPoint p.LocalSteps eta q

/// A run until rounding against the fixed point.
let private longRun ctx (q: Quadratic) (p: Parameters) target =
    let f = q :> IFiniteSum
    // A long server step: the fixed point does not depend on it.
    let proc =
        Method.on
            f
            {
                p with
                    Gamma = 0.5 / LocalPasses.smoothness f
            }
            method

    match radius proc (init target) with
    | Error reason -> Evidence.undecided Rung.Spectral reason
    | Ok rho ->
        let stable =
            Evidence.ofRows Rung.Spectral Relation.AtMost [
                Evidence.row Relation.AtMost q.Mean.Rows 1 "spectral radius of a round" rho 1.0
            ]

        let rounds = int (ceil (log Rounding.epsilon / log rho)) + 10

        let final =
            (Run.trajectories ctx proc (init (target + Block.vector (Array.create target.Dimension 2.0))) {
                Steps = rounds
                Every = rounds
                Measures = []
                Progress = None
            })
                .Final

        Evidence.all [
            stable
            LocalPasses.samePoint $"the state after {rounds} rounds" target final.X
        ]

let private fixedPoints (biasStep: Parameters -> float) ctx (spec: MomentumSpec) =
    let q, p = setting spec
    let f = q :> IFiniteSum
    let target = drifted q p (biasStep p)

    let correctedProc =
        Method.on
            f
            {
                p with
                    Participants = max 1 (spec.Workers - 1)
            }
            correctedMethod

    let ideal = correctedFixedPoint f

    let bias beta =
        let own = { p with Beta = beta }
        (Block.lanes (Block.norm (drifted q own (own.Eta * beta) - f.Minimiser)))[0]

    Evidence.all [
        LocalPasses.samePoint "FedAvg-M at x_FA(ηβ)" target (step f p (Block.zeros 1 1 1) (init target)).X
        if spec.Rounds > 10 then
            longRun ctx q p target
        for o in correctedProc.Draw.Outcomes do
            let next = correctedProc.Step o.Outcome ideal
            LocalPasses.samePoint "SCAFFOLD-M: x" ideal.X next.X
            LocalPasses.samePoint "SCAFFOLD-M: c_i" ideal.C next.C
            LocalPasses.samePoint "SCAFFOLD-M: g" ideal.G next.G

        // A small η is in the range where the bias grows with ηβ (CE-FEDAVG.2).
        if
            spec.LocalSteps = 5
            && spec = {
                          usual with
                              Beta = spec.Beta
                              Seed = spec.Seed
                      }
        then
            let biases = [ 1.0; 0.3; 0.1 ] |> List.map bias

            Evidence.ofRows Rung.Spectral Relation.AtMost [
                for larger, smaller in List.pairwise biases do
                    Evidence.row Relation.AtMost 2 1 "‖x_FA(ηβ) − x*‖ for the smaller β" smaller (larger / 2.0)
            ]
            |> fun e -> { e with Tightness = nan }
            |> Evidence.note $"biases {biases.[0]:F4}, {biases.[1]:F4}, {biases.[2]:F4} for β = 1, 0.3, 0.1"
    ]

let fixedPointClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-MOMFL.2"
            ClaimKind.Exact
            "FedAvg-M rests at FedAvg's fixed point for the local stepsize ηβ and converges to it; SCAFFOLD-M at x*, g = 0, c_i = ∇F_i(x*)"
            (instances [ 0.05; 0.2 ] [ 0.0 ] [
                usual
                { usual with Beta = 0.3 }
                { usual with Beta = 0.1; Seed = 2 }
                {
                    usual with
                        LocalSteps = 1
                        Beta = 0.3
                }
             ]
             |> Instances.counts 0 3 20)
            (fixedPoints (fun p -> p.Eta * p.Beta)) with
            Formula = @"x_\infty=\Bigl(\sum_iS_i\Bigr)^{-1}\sum_iS_ib_i,\quad S_i=I-(I-\eta\beta A_i)^K"
            Assumptions = "quadratic F_i; convergence where the round's spectral radius is below 1"
            Source = "derived: at g = 0 a local step has length ηβ"
            Valid = fun spec -> not spec.Indefinite && spec.Kappa <= 10.0
            Falsifiers = [
                Falsifier.check "the bias of η in place of ηβ" (fixedPoints (fun p -> p.Eta))
                |> Falsifier.at [ { usual with Beta = 0.3 } ]
            ]
            Tight = Some { Instance = usual; AtLeast = 1.0 }
    }

// ---- CE-MOMFL.3 ------------------------------------------------------------------------------------------------

/// Every outcome and state: next(state) = expected(state).
let private always proc centre next expected =
    AffineIdentity.everyOutcome proc centre None next expected

let private heavyBall (steps: int) (spec: MomentumSpec) =
    let q, own = setting spec
    let f = q :> IFiniteSum

    let momentum (x: Block) (g: Block) =
        own.Beta * f.Gradient x + (1.0 - own.Beta) * g

    Evidence.all [
        // Two local stepsizes: the rounds do not depend on them.
        for eta in [ own.Eta; 3.7 * own.Eta ] do
            let p = {
                own with
                    Eta = eta
                    LocalSteps = steps
                    Participants = f.Count
            }

            let plain, corrected = Method.on f p method, Method.on f p correctedMethod
            always plain (init f.Minimiser) (fun s -> s.G) (fun s -> momentum s.X s.G)
            always plain (init f.Minimiser) (fun s -> s.X) (fun s -> s.X - p.Gamma * momentum s.X s.G)
            let ideal = correctedFixedPoint f
            always corrected ideal (fun s -> s.G) (fun s -> momentum s.X s.G)
            always corrected ideal (fun s -> s.X) (fun s -> s.X - p.Gamma * momentum s.X s.G)
    ]

/// β = 1: FedAvg with a server step, and SCAFFOLD.
let private withoutMomentum (spec: MomentumSpec) =
    let q, own = setting spec
    let f = q :> IFiniteSum
    let p = { own with Beta = 1.0 }
    let serverStep = p.Gamma / (p.Eta * float p.LocalSteps)

    let fedAvg x =
        (FedAvg.step
            f
            {
                Eta = p.Eta
                LocalSteps = p.LocalSteps
            }
            ()
            { X = x })
            .X

    let plain, corrected = Method.on f p method, Method.on f p correctedMethod
    let ideal = correctedFixedPoint f

    let scaffold drawn (s: CorrectedState) =
        SCAFFOLD.step
            f
            {
                Eta = p.Eta
                EtaG = serverStep
                LocalSteps = p.LocalSteps
                Participants = p.Participants
            }
            drawn
            { X = s.X; C = s.C }

    Evidence.all [
        always plain (init f.Minimiser) (fun s -> s.X) (fun s -> s.X - serverStep * (s.X - fedAvg s.X))
        for o in corrected.Draw.Outcomes do
            let one = {
                corrected with
                    Draw = Draw.always o.Outcome
            }

            always one ideal (fun s -> s.X) (fun s -> (scaffold (fst o.Outcome) s).X)
            always one ideal (fun s -> s.C) (fun s -> (scaffold (fst o.Outcome) s).C)
    ]

let reductionClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-MOMFL.3"
            ClaimKind.Exact
            "K = 1, all clients: both methods are the heavy ball g⁺ = β∇f(x) + (1−β)g, x⁺ = x − γg⁺, whatever η; β = 1: FedAvg with a server step and SCAFFOLD"
            (instances [ 0.05; 0.2; 0.5 ] [ 0.0 ] [ { usual with Beta = 0.3 }; { usual with Participants = 2 } ])
            (fun _ spec -> Evidence.all [ heavyBall 1 spec; withoutMomentum spec ]) with
            Formula = @"g^+=\beta\nabla f(x)+(1-\beta)g,\quad x^+=x-\gamma g^+\qquad(K=1)"
            Assumptions = "exact gradients; c = (1/n) Σ c_i"
            Source = "by substitution"
            Falsifiers = [ Falsifier.check "K = 2" (fun _ -> heavyBall 2) ]
            Tight = Some { Instance = usual; AtLeast = 1.0 }
    }

// ---- CE-MOMFL.5 ------------------------------------------------------------------------------------------------

/// E‖g_r − ∇f‖² while x stands still (γ = 0), against βσ²/((2−β)N)·(1 − (1−β)^{2r}) and its limit.
let private variance (claimed: float -> float) (spec: MomentumSpec) =
    let q, own = setting { spec with LocalSteps = 1 }
    let f = q :> IFiniteSum
    let p = { own with Gamma = 0.0 }
    let centre = init f.Minimiser
    let gradientFree (s: State) = Block.normSquared s.G
    let rounds = 200

    match Moments.series (Method.on f p method) centre centre rounds [ gradientFree ] with
    | Error reason -> Evidence.undecided Rung.Moments reason
    | Ok all ->
        let limit = claimed p.Beta * p.Sigma ** 2.0 / float f.Count
        let memory = (1.0 - p.Beta) ** 2.0

        Evidence.ofRows Rung.Moments Relation.Equal [
            for r in [ 1; 2; 10; 50; rounds ] do
                Evidence.row
                    Relation.Equal
                    f.Dimension
                    r
                    $"E‖g_{r}‖² at ∇f = 0"
                    (all[0][r])
                    (limit * (1.0 - memory ** float r))
        ]

let varianceClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-MOMFL.5"
            ClaimKind.Mean
            "K = 1, constant gradient and noise of variance σ²: E‖g_r − ∇f‖² = βσ²/((2−β)N)·(1−(1−β)^{2r}), which tends to βσ²/((2−β)N)"
            (instances [ 0.2 ] [ 1.0; 3.0 ] [ { usual with Beta = 0.3; Sigma = 1.0 }; { usual with Sigma = 1.0 } ])
            (fun _ -> variance (fun beta -> beta / (2.0 - beta))) with
            Formula = @"\mathrm{Var}(g_\infty)=\frac{\beta\sigma^2}{(2-\beta)N}"
            Assumptions = "γ = 0, so the gradient is constant; independent noise of all clients"
            Source = "derived: V⁺ = (1−β)²V + β²σ²/N"
            Falsifiers = [
                Falsifier.check "β²σ²/N" (fun _ spec -> variance (fun beta -> beta * beta) { spec with Beta = 0.3 })
            ]
            Tight =
                Some {
                    Instance = { usual with Beta = 0.3; Sigma = 1.0 }
                    AtLeast = 1.0 - 1e-9
                }
    }
