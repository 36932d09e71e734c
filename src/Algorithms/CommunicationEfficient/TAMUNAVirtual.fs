/// TAMUNA as it is run against TAMUNA as it is analysed.
module Theory.Algorithms.CommunicationEfficient.TAMUNAVirtual

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.ColumnMasks
open Theory.Algorithms.CommunicationEfficient.TAMUNA
open Theory.Algorithms.CommunicationEfficient.TAMUNAClaims
open Theory.Algorithms.CommunicationEfficient.TAMUNAReductions

/// The state of the public baseline: what every client remembers of its last round.
type private Lazy = {
    Model: Block
    Variates: Block
    /// x_i after the local steps of the client's last round.
    Last: Block
    /// q_i of that round.
    LastMask: Block
}

/// h_i is corrected only when i is sampled again, with the server's model of that time.
let private lazyStep (f: IFiniteSum) (p: Parameters) (cohort: Cohort, epoch: Epoch<unit>) (s: Lazy) : Lazy =
    let eta = p.P * p.Chi / p.Gamma

    let h =
        Block.choose cohort.Members (s.Variates + eta * (s.LastMask * (s.Model - s.Last))) s.Variates

    let x = train f p epoch { X = s.Model; H = h }

    {
        Model = (1.0 / float p.S) * Block.sum (cohort.Masks * x)
        Variates = h
        Last = Block.choose cohort.Members x s.Last
        LastMask = Block.choose cohort.Members cohort.Masks s.LastMask
    }

/// E Ψ ≤ τ^rΨ_0 after r rounds, so ‖x̄−x*‖² exceeds 1e-12 of its start with a probability below 1e-12.
let private settles (ctx: CheckContext) (proc: Process<'S, _>) (start: 'S) (model: 'S -> Block) (spec: CohortSpec) =
    let f, p = cohortSetting spec
    let tau = CompressedScaffnew.contraction f (local p)

    let origin = init f (Block.zeros 1 1 spec.Dimension)
    let psi = (Block.lanes (lyapunov f p origin))[0] * p.Gamma / float f.Count

    let distance (s: 'S) =
        Block.normSquared (model s - f.Minimiser)

    let first = (Block.lanes (distance start))[0]
    let rounds = int (ceil (Costs.certified psi tau (1e-24 * first)))

    let run =
        Run.trajectories ctx proc start {
            Steps = rounds
            Every = rounds
            Measures = [ distance ]
            Progress = None
        }

    Evidence.ofRows Rung.Trajectories Relation.AtMost [
        Evidence.row
            Relation.AtMost
            1
            1
            $"‖x̄−x*‖² after {rounds} rounds"
            (Array.last run.Measures[0]).[0]
            (1e-12 * first)
    ]

/// Six clients, two in a round.
let private sixClients = {
    fourClients with
        Clients = 6
        P = 1.0
        Seed = 3
}

let private properly ctx (spec: CohortSpec) =
    let f, p = cohortSetting spec
    settles ctx (Method.on f p method) (init f (Block.zeros 1 1 spec.Dimension)) (fun s -> s.X) spec

let private lazily ctx (spec: CohortSpec) =
    let f, p = cohortSetting spec
    let own = Method.on f p method
    let zeros = Block.zeros f.Count 1 spec.Dimension

    let proc: Process<Lazy, Cohort * Epoch<unit>> = {
        Name = "lazy variates"
        Draw = own.Draw
        Step = lazyStep f p
        Cost = own.Cost
    }

    settles
        ctx
        proc
        {
            Model = Block.zeros 1 1 spec.Dimension
            Variates = zeros
            Last = zeros
            LastMask = zeros
        }
        (fun s -> s.Model)
        spec

/// The lazy variates' sum after 50 rounds, against zero.
let private lazySum ctx (spec: CohortSpec) =
    let f, p = cohortSetting spec
    let own = Method.on f p method
    let zeros = Block.zeros f.Count 1 spec.Dimension

    let last =
        ({
            Model = Block.zeros 1 1 spec.Dimension
            Variates = zeros
            Last = zeros
            LastMask = zeros
         },
         seq { 0..49 })
        ||> Seq.fold (fun s k -> lazyStep f p (own.Draw.Sample((CheckContext.address ctx 3).AtStep k, 1)) s)

    let sum = (Block.lanes (Block.norm (Block.sum last.Variates)))[0]
    let size = (Block.norm last.Variates).ToArray() |> Array.sum

    Evidence.ofRows Rung.Trajectories Relation.AtMost [
        Evidence.row Relation.AtMost 1 1 "‖Σ h_i‖" sum (Rounding.allowance 50.0 size)
    ]

let practical: Claim =
    Claim.create {
        Claim.spec
            "CE-TAMUNA.3"
            ClaimKind.Exact
            "the method (idle clients do nothing, L drawn once a round) and the process of all n clients give the same x̄ and h at every communication; it settles at x*"
            (cohortInstances 4 2
             |> Instances.counts 1 3 30
             |> Instances.startingWith [ threeOfFour; sixClients ])
            (fun ctx spec ->
                Evidence.all [
                    agree roundOf throughAll ctx spec
                    if spec.P >= 0.4 && spec.Kappa <= 10.0 && spec.ChiShare >= 0.7 then
                        properly ctx spec
                ]) with
            Formula = @"(\bar x,h_1,\dots,h_n)_{\text{rounds}}=(\bar x,h_1,\dots,h_n)_{\text{virtual process}}"
            Assumptions =
                "quadratics; all cohorts and masks, up to three local steps, and every state with Σ h_i = 0; 50 sampled rounds"
            Source = "derived: what idle clients would compute is never sent"
            Falsifiers = [
                Falsifier.check "idle clients correct their variates" (agree everybodyCorrects throughAll)
                |> Falsifier.at [ threeOfFour ]
                Falsifier.check "variates corrected when the client is sampled next (public baseline): the limit" lazily
                |> Falsifier.at [ sixClients ]
                Falsifier.check "variates corrected when the client is sampled next (public baseline): Σ h_i" lazySum
                |> Falsifier.at [ sixClients ]
            ]
    }
