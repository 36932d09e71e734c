/// FedAvg with reshuffling, FedShuffle and FedNova.
module Theory.Algorithms.CommunicationEfficient.FedShuffleMethods

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.FedShuffleRounds

/// Two epochs, a third of the clients in proportion to their data; `length` is how far a client's local steps go at η_l = 1.
let private ruleOf (length: IWeightedClients -> Parameters -> float) (f: IWeightedClients) : Parameters =
    let n = f.Sizes.Length

    let p = {
        LocalStep = 1.0
        ServerStep = 1.0
        Epochs = 2
        MostSteps = 0
        Participation = Participation.independent (Participation.proportional (max 1.0 (float n / 3.0)) f.Sizes)
    }

    // A round moves by a quarter of 1/L at most.
    {
        p with
            LocalStep = 1.0 / (4.0 * Array.max f.SampleSmoothnesses * length f p)
    }

/// FedShuffle's rule: the local steps of a round sum up to a quarter of 1/L_max.
let balancedRule f =
    ruleOf (fun _ p -> totalStep { p with LocalStep = 1.0 }) f

/// The same for the client with most steps.
let sameRule f =
    ruleOf (fun f p -> float (Array.max (localSteps f p))) f

/// What every method of this paper declares.
let private conditions length (f: IWeightedClients) (p: Parameters) = [
    Condition.positive "η_l" p.LocalStep
    Condition.positive "η_g" p.ServerStep
    Condition.atMost "length of a round" (p.ServerStep * length f p) "1/L" (1.0 / f.Smoothness)
]

/// What a round draws.
let drawRound (f: IWeightedClients) (p: Parameters) : Draw<RoundDraw> =
    Draw.both (SamplePasses.draw f.Sizes p.Epochs) p.Participation.Draw

let private methodOf
    name
    summary
    rule
    length
    stepsizes
    weights
    : Method<IWeightedClients, Parameters, State, RoundDraw> = {
    Name = name
    Summary = summary
    Rule = rule
    Conditions = conditions length
    Draw = drawRound
    Init = fun _ _ x0 -> { X = x0 }
    Step = round stepsizes weights
    Output = fun s -> s.X
    Cost = fun f p (_, takesPart) -> cost f p takesPart
    // Samples and clients disagree at x*.
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}

let private longest (f: IWeightedClients) (p: Parameters) =
    p.LocalStep * float (Array.max (localSteps f p))

/// Equal stepsizes, weights that sum to one over the sampled clients: larger clients move further.
let fedAvg =
    methodOf
        "FedAvg-RR"
        "E epochs of reshuffled local steps η_l; x⁺ = x + η_g Σ_{i∈S} (w_i/Σ_S w)(y_i − x)"
        sameRule
        longest
        sameStepsize
        sumOne

let fedShuffle =
    methodOf
        "FedShuffle"
        "E epochs of reshuffled local steps η_l/N_i; x⁺ = x + η_g Σ_{i∈S} (w_i/p_i)(y_i − x)"
        balancedRule
        (fun _ p -> totalStep p)
        balancedStepsize
        unbiased

let fedNova =
    methodOf
        "FedNova"
        "E epochs of reshuffled local steps η_l; x⁺ = x + η_gK̄ Σ_{i∈S} (w_i/p_i)(y_i − x)/K_i, K̄ = Σ w_iK_i"
        sameRule
        longest
        sameStepsize
        normalised

let fedNovaSampled =
    methodOf
        "FedNova over sampled"
        "FedNova with K̄_S = Σ_S w_i/Σ_S(w_i/K_i) of the sampled clients"
        sameRule
        longest
        sameStepsize
        normalisedOverSampled
