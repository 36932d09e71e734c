/// The masks and special cases of CompressedScaffnew.
module Theory.Algorithms.CommunicationEfficient.CompressedScaffnewMasks

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.CompressedScaffnew
open Theory.Algorithms.CommunicationEfficient.CompressedScaffnewClaims

/// x_i and h_i next to each other.
let pack (s: State) = Block.ConcatDimension(s.X, s.H)

/// s = n and χ = 1: on every outcome and from every state the step of Scaffnew with the same coin.
let private isScaffnew (ones: int) (spec: MaskedSpec) =
    let f, p =
        setting {
            spec with
                Ones = ones
                ChiShare = 1.0
        }

    let proc = Method.on f p method
    let local: ProxSkip.Parameters = { Gamma = p.Gamma; P = p.P }

    let scaffnew (theta, _) (s: State) =
        let next = ProxSkip.step f local theta { X = s.X; H = s.H }
        { X = next.X; H = next.H }

    let outcomes = proc.Draw.Outcomes |> Seq.map (fun o -> o.Outcome)
    MaskChecks.sameSteps (fixedPoint f) sumOfShifts outcomes pack proc.Step scaffnew

/// A communication keeps Σ h_i, from every state.
let private keepsSum (masks: MaskedSpec -> Draw<Block>) (spec: MaskedSpec) =
    let f, p = setting { spec with P = 1.0 }
    let total (s: State) = Block.sum s.H

    AffineIdentity.everyOutcome (withMasks f p (masks spec)) (fixedPoint f) None total total
    |> MaskChecks.summarised

let private everyone (spec: MaskedSpec) (masks: Draw<Block>) : Draw<ColumnMasks.Cohort> =
    masks
    |> Draw.map (fun q -> {
        Members = Mask(spec.Workers, q.Lanes, Array.create (spec.Workers * q.Lanes) true)
        Masks = q
    })

let private maskStatistics (masks: Draw<Block>) (spec: MaskedSpec) =
    MaskChecks.law spec.Workers spec.Workers spec.Ones spec.Dimension (everyone spec masks)

let private columns (spec: MaskedSpec) =
    ColumnMasks.masks spec.Workers spec.Ones spec.Dimension

let private large = {
    usual with
        Workers = 20
        Dimension = 33
        Ones = 7
}

let specialCases: Claim =
    Claim.create {
        Claim.spec
            "CE-CSCAF.2"
            ClaimKind.Exact
            "s = n, χ = 1: Scaffnew; Σ h_i is kept; P(q_ki = 1) = s/n, senders of a coordinate are a uniform s-subset, a client sends ⌊sd/n⌋ or ⌈sd/n⌉ floats"
            (instances 4 3
             |> Instances.counts 1 4 30
             |> Instances.startingWith [
                 {
                     usual with
                         Workers = 4
                         Dimension = 5
                 }
                 {
                     usual with
                         Workers = 5
                         Dimension = 3
                         Ones = 3
                 }
             ])
            (fun _ spec ->
                let masks = columns spec

                Evidence.all [
                    isScaffnew spec.Workers spec
                    keepsSum columns spec
                    maskStatistics masks spec
                    MaskChecks.messages spec.Ones spec.Dimension (everyone spec masks)
                ]) with
            Formula =
                @"\sum_i q_i\odot(\bar x-\hat x_i)=0,\quad \mathbb P(q_{ki}=1)=\tfrac sn,\quad \|q_i\|_0\in\{\lfloor\tfrac{sd}n\rfloor,\lceil\tfrac{sd}n\rceil\}"
            Assumptions = "all permutations of the template's columns"
            Source = "derived; for every outcome and every state"
            Falsifiers = [
                Falsifier.check "every client draws its column on its own: Σ h_i" (fun _ -> keepsSum independentColumns)
                |> Falsifier.at [ usual ]
                Falsifier.check "every client draws its column on its own: the law" (fun _ spec ->
                    maskStatistics (independentColumns spec) spec)
                |> Falsifier.at [ usual ]
                Falsifier.check "s = n − 1 against Scaffnew" (fun _ spec -> isScaffnew (spec.Workers - 1) spec)
                |> Falsifier.at [ usual ]
            ]
    }

/// Masks too large to enumerate.
let sampledMasks: Claim =
    let check masks ctx (spec: MaskedSpec) =
        MaskChecks.samples ctx spec.Workers spec.Ones (everyone spec (masks spec))

    Claim.create {
        Claim.spec
            "CE-CSCAF.2b"
            ClaimKind.Sure
            "in every sampled mask s clients send a coordinate and a client sends ⌊sd/n⌋ or ⌈sd/n⌉ floats"
            (Instances.only [ large; { large with Dimension = 5; Ones = 3 } ])
            (check columns) with
            Formula = @"\sum_i q_{ki}=s,\quad \|q_i\|_0\in\{\lfloor\tfrac{sd}n\rfloor,\lceil\tfrac{sd}n\rceil\}"
            Assumptions = "20 clients: 20! permutations"
            Source = "the template's construction"
            Falsifiers = [
                Falsifier.check "every client draws its column on its own" (check independentColumns)
            ]
    }
