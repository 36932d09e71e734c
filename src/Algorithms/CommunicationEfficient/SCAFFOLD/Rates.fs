/// The rates of SCAFFOLD without noise, with all clients and with a sample of them.
module Theory.Algorithms.CommunicationEfficient.SCAFFOLDRates

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.SCAFFOLD
open Theory.Algorithms.CommunicationEfficient.SCAFFOLDRounds

/// E Ψ⁺ ≤ ρΨ for every state, with the round's step changed and the parameters of Ψ and ρ those of `p`.
let private contracts (spec: RoundSpec) (change: Process<State, Indices> -> Process<State, Indices>) (stretch: float) =
    let q, f, rule = setting spec

    let p = { rule with Eta = stretch * rule.Eta }

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

                        {
                            next with
                                C = localGradients f p drawn blind
                        }
        })
        1.0

/// Control variates that stay at zero.
let private frozen (spec: RoundSpec) =
    contracts
        spec
        (fun own -> {
            own with
                Step =
                    fun drawn s -> {
                        own.Step drawn { s with C = 0.0 * s.C } with
                            C = 0.0 * s.C
                    }
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
                {
                    usual with
                        Kappa = 1.0
                        LocalSteps = 1
                }
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
                {
                    usual with
                        Singular = true
                        Dimension = 3
                }
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
                    {
                        usual with
                            Workers = 3
                            Participants = s
                    }
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
            Falsifiers = [
                Falsifier.check "η̃ × 30" (fun _ -> stretched 30.0)
                Falsifier.check "local steps without correction" (fun _ -> uncorrected)
            ]
    }
