/// TAMUNA with everybody, and what idle clients keep.
module Theory.Algorithms.CommunicationEfficient.TAMUNAReductions

open System
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.ColumnMasks
open Theory.Algorithms.CommunicationEfficient.CompressedScaffnewClaims
open Theory.Algorithms.CommunicationEfficient.TAMUNA
open Theory.Algorithms.CommunicationEfficient.TAMUNAClaims

/// x̄ and all h_i one after another.
let private pack (s: State) =
    Block.ConcatDimension [| s.X; yield! Array.init s.H.Workers s.H.Worker |]

let private keepsSum = Some(fun (s: State) -> Block.sum s.H)

/// A round of a method that tosses a coin each step: `length` − 1 tails, then a head.
let private coins (length: int) (step: Mask -> 'S -> 'S) (start: 'S) : 'S =
    (start, seq { 1..length })
    ||> Seq.fold (fun s k -> step (Mask.Constant((k = length))) s)

/// The round of CompressedScaffnew's step with the cohort's masks, from x_i = x̄.
let throughAll (f: IFiniteSum) (p: Parameters) (cohort: Cohort, length: int) (s: State) : State =
    let next: CompressedScaffnew.State =
        coins length (fun theta s -> CompressedScaffnew.step f (local p) (theta, cohort.Masks) s) {
            X = Block.repeatWorkers f.Count s.X
            H = s.H
        }

    { X = next.X.Worker 0; H = next.H }

/// The same round of Scaffnew.
let private throughScaffnew (f: IFiniteSum) (p: Parameters) (_: Cohort, length: int) (s: State) : State =
    let next: ProxSkip.State =
        coins length (ProxSkip.step f { Gamma = p.Gamma; P = p.P }) {
            X = Block.repeatWorkers f.Count s.X
            H = s.H
        }

    { X = next.X.Worker 0; H = next.H }

/// A round with a given number of local steps.
let roundOf (f: IFiniteSum) (p: Parameters) (cohort: Cohort, length: int) (s: State) =
    step
        f
        p
        (cohort,
         {
             Steps = Array.create length ()
             Lengths = [| length |]
         })
        s

/// Two rounds agree for every cohort and mask, up to three local steps, and every state with Σ h_i = 0.
let private everyRound first second (spec: CohortSpec) =
    let f, p = cohortSetting spec

    let outcomes = [
        for o in (ColumnMasks.cohort f.Count p.C p.S f.Dimension).Outcomes do
            for length in 1..3 -> o.Outcome, length
    ]

    MaskChecks.sameSteps (fixedPoint f) keepsSum outcomes pack (first f p) (second f p)

/// Two rounds agree along 50 rounds on the method's own draws.
let private alongRun first second (ctx: CheckContext) (spec: CohortSpec) =
    let f, p = cohortSetting spec
    let own = Method.on f p method

    let proc round : Process<State, Cohort * Epoch<unit>> = {
        own with
            Step = fun (cohort, epoch) s -> round f p (cohort, epoch.Lengths[0]) s
    }

    let start = init f (CheckContext.gaussianStarts ctx 1 1 spec.Dimension 3.0)
    Trajectories.same ctx (proc first) start pack (proc second) start pack 50

/// For every state, and along a run.
let agree first second ctx spec =
    Evidence.all [ everyRound first second spec; alongRun first second ctx spec ]

// ---- CE-TAMUNA.2 -------------------------------------------------------------------------------------------------

/// How many numbers of idle clients' variates changed a bit, over 50 rounds.
let private idle (round: IFiniteSum -> Parameters -> Cohort * int -> State -> State) ctx (spec: CohortSpec) =
    let f, p = cohortSetting spec
    let own = Method.on f p method
    let d = spec.Dimension

    let rounds =
        ((init f (CheckContext.gaussianStarts ctx 1 1 d 3.0), 0), seq { 0..49 })
        ||> Seq.scan (fun (s, _) k ->
            let cohort, epoch = own.Draw.Sample((CheckContext.address ctx 3).AtStep k, 1)

            let next = round f p (cohort, epoch.Lengths[0]) s
            let before, after = s.H.ToArray(), next.H.ToArray()

            let changed =
                Seq.init before.Length id
                |> Seq.filter (fun at ->
                    not cohort.Members[at / d, 0]
                    && BitConverter.DoubleToInt64Bits before[at]
                       <> BitConverter.DoubleToInt64Bits after[at])
                |> Seq.length

            next, changed)

    Evidence.ofRows Rung.Trajectories Relation.Equal [
        Evidence.row Relation.Equal 1 1 "numbers of idle clients that changed" (rounds |> Seq.sumBy (snd >> float)) 0.0
    ]

/// All clients correct their variates, idle ones with the whole vector.
let everybodyCorrects (f: IFiniteSum) (p: Parameters) (cohort: Cohort, length: int) (s: State) =
    let next = roundOf f p (cohort, length) s

    let x =
        train
            f
            p
            {
                Steps = Array.create length ()
                Lengths = [| length |]
            }
            s

    let eta = p.P * p.Chi / p.Gamma

    {
        next with
            H = Block.choose cohort.Members next.H (s.H + eta * (next.X - x))
    }

let private lawOf columns (spec: CohortSpec) =
    let order = ColumnMasks.order columns spec.Ones spec.Dimension

    Draw.both order (Draw.subset spec.Cohort spec.Clients)
    |> Draw.map (fun (order, members) -> deal spec.Clients columns spec.Ones spec.Dimension order members)

let private masksOf columns (spec: CohortSpec) =
    MaskChecks.law spec.Clients spec.Cohort spec.Ones spec.Dimension (lawOf columns spec)

let private everybody (spec: CohortSpec) = { spec with Cohort = spec.Clients }

let private everything (spec: CohortSpec) = {
    everybody spec with
        Ones = spec.Clients
        ChiShare = 1.0
}

/// Four clients, three of them in a round.
let threeOfFour = { fourClients with Cohort = 3; P = 0.4 }

/// The mean divided by the cohort size in place of s.
let private dividedByCohort (f: IFiniteSum) (p: Parameters) (cohort: Cohort, length: int) (s: State) =
    let next = roundOf f p (cohort, length) s

    {
        next with
            X = (float p.S / float p.C) * next.X
    }

let reductions: Claim =
    Claim.create {
        Claim.spec
            "CE-TAMUNA.2"
            ClaimKind.Exact
            "c = n: CompressedScaffnew, c = n = s: Scaffnew, on the same draws; idle clients' variates keep every bit; senders of a coordinate are a uniform s-subset of all clients"
            (cohortInstances 4 2
             |> Instances.counts 1 3 30
             |> Instances.startingWith [ threeOfFour; fourClients ])
            (fun ctx spec ->
                Evidence.all [
                    agree roundOf throughAll ctx (everybody spec)
                    agree roundOf throughScaffnew ctx (everything spec)
                    idle roundOf ctx spec
                    masksOf spec.Cohort spec
                ]) with
            Formula =
                @"c=n:\ \text{CompressedScaffnew};\qquad c=s=n:\ \text{Scaffnew};\qquad h_i^+=h_i\ (i\notin\Omega)"
            Assumptions =
                "quadratics; all cohorts and masks, up to three local steps, and every state with Σ h_i = 0; 50 sampled rounds"
            Source = "by substitution"
            Falsifiers = [
                Falsifier.check "n columns permuted in place of c" (fun _ spec -> masksOf spec.Clients spec)
                |> Falsifier.at [ threeOfFour ]
                Falsifier.check "idle clients correct their variates" (idle everybodyCorrects)
                |> Falsifier.at [ threeOfFour ]
                Falsifier.check "c = n, the mean over c in place of s" (fun ctx spec ->
                    agree dividedByCohort throughAll ctx (everybody spec))
                |> Falsifier.at [ threeOfFour ]
                Falsifier.check "s < n against Scaffnew" (fun ctx spec ->
                    agree roundOf throughScaffnew ctx (everybody spec))
                |> Falsifier.at [ threeOfFour ]
            ]
    }
