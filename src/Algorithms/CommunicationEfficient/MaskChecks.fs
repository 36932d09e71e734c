namespace Theory.Algorithms.CommunicationEfficient

open Theory
open Theory.Numerics
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.ColumnMasks

/// Exact statements on column masks, from all their outcomes, and equality of methods on the same draws.
[<RequireQualifiedAccess>]
module MaskChecks =

    let private binomial n k =
        Seq.init k (fun i -> float (n - i) / float (i + 1)) |> Seq.fold (*) 1.0

    let private equal label measured bound =
        Evidence.row Relation.Equal 1 1 label measured bound

    /// The clients that send coordinate k.
    let private owners (mask: bool[][]) k =
        [ 0 .. mask.Length - 1 ] |> List.filter (fun client -> mask[client].[k])

    /// Rows of one outcome: s owners of every coordinate; a member sends ⌊sd/m⌋ or ⌈sd/m⌉ floats, others none.
    let private shape size ones (members: Mask) (mask: bool[][]) = [
        let d = mask[0].Length

        for k in 0 .. d - 1 do
            equal $"clients that send coordinate {k}" (float (owners mask k).Length) (float ones)

        for client in 0 .. mask.Length - 1 do
            let sent = floats mask[client]
            let least, most = ones * d / size, (ones * d + size - 1) / size

            if members[client, 0] then
                Evidence.row Relation.AtMost 1 1 $"floats of client {client}" sent (float most)
                // The same comparison from below, written as one from above.
                Evidence.row Relation.AtMost 1 1 $"⌊sd/m⌋ against floats of client {client}" (float least) sent
            else
                equal $"floats of idle client {client}" sent 0.0
    ]

    /// The law of the masks of cohorts of m of n clients: probabilities add to 1, P(q_ki = 1) = s/n, the senders of each
    /// coordinate are a uniform s-subset of all n clients, and floats are shared evenly.
    let law clients size ones dimension (draw: Draw<Cohort>) : Evidence =
        let outcomes =
            draw.Outcomes
            |> Array.map (fun o -> o.Probability, o.Outcome.Members, (table o.Outcome.Masks)[0])

        let probability event =
            outcomes |> Array.sumBy (fun (p, _, mask) -> if event mask then p else 0.0)

        let uniform = 1.0 / binomial clients ones

        let statistics = [
            equal "total probability" (probability (fun _ -> true)) 1.0

            for k in 0 .. dimension - 1 do
                for client in 0 .. clients - 1 do
                    equal
                        $"P(client {client} sends coordinate {k})"
                        (probability (fun mask -> mask[client].[k]))
                        (float ones / float clients)

                let sets =
                    outcomes |> Array.map (fun (_, _, mask) -> owners mask k) |> Array.distinct

                equal $"sets of senders of coordinate {k}" (float sets.Length) (binomial clients ones)

                for set in sets do
                    equal $"P(coordinate {k} is sent by {set})" (probability (fun mask -> owners mask k = set)) uniform
        ]

        let shapes =
            outcomes
            |> Seq.collect (fun (_, members, mask) -> shape size ones members mask)
            |> List.ofSeq

        Evidence.ofRows Rung.Enumerated Relation.Equal (statistics @ shapes)

    /// Sampled masks have the shape that enumerated ones have, in sizes that cannot be enumerated.
    let samples (ctx: CheckContext) size ones (draw: Draw<Cohort>) : Evidence =
        [ 0..9 ]
        |> List.collect (fun site ->
            let drawn = draw.Sample((CheckContext.address ctx 0).AtSite(8 * site), 1)
            shape size ones drawn.Members (Array.head (table drawn.Masks)))
        |> Evidence.ofRows Rung.Trajectories Relation.Equal

    /// The bits of a client's message, and what the server reads: 32 bits for each float, single precision.
    let messages ones dimension (draw: Draw<Cohort>) : Evidence =
        let vector = Array.init dimension (fun k -> 1.0 / float (k + 3))

        [
            for o in draw.Outcomes do
                let mask = (table o.Outcome.Masks)[0]

                for client in 0 .. mask.Length - 1 do
                    let message = encode mask[client] vector
                    equal $"bits of client {client}" (float message.Length) (32.0 * floats mask[client])
                    let received = decode mask[client] message

                    for k in 0 .. dimension - 1 do
                        let sent = if mask[client].[k] then float (float32 vector[k]) else 0.0
                        equal $"entry {k} of client {client}" received[k] sent

                equal
                    "bits of all"
                    (mask |> Array.sumBy (fun q -> float (encode q vector).Length))
                    (32.0 * float (ones * dimension))
        ]
        |> Evidence.ofRows Rung.Enumerated Relation.Equal

    /// One remark for identities on many outcomes.
    let summarised (evidence: Evidence) =
        if evidence.Violation.IsNone && evidence.Undecided.IsNone then
            Evidence.note "equal on every outcome, for every state" evidence
        else
            evidence

    /// Two steps agree on each outcome from every state on which `keeps` stays zero; `pack` shows what is compared.
    let sameSteps (centre: 'S) keeps (outcomes: 'D seq) (pack: 'T -> Block) (first: 'D -> 'S -> 'T) second : Evidence =
        outcomes
        |> Seq.map (fun o -> AffineIdentity.forEveryState centre keeps (first o >> pack) (second o >> pack))
        |> List.ofSeq
        |> Evidence.all
        |> summarised
