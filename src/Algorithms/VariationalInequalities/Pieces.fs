namespace Theory.Algorithms.VariationalInequalities

open System
open Theory
open Theory.Numerics

/// Several pieces of evidence for one claim on one instance.
[<RequireQualifiedAccess>]
module Pieces =

    /// All must hold; the remark is that of the tightest piece.
    let all (pieces: Evidence list) : Evidence =
        let tightest =
            pieces
            |> List.maxBy (fun e -> if Double.IsNaN e.Tightness then -infinity else e.Tightness)

        Evidence.all pieces |> Evidence.note tightest.Note

/// One-step statements of deterministic methods that are not affine.
[<RequireQualifiedAccess>]
module OneStep =

    /// measure(s⁺) ≤ factor·measure(s) at every step of the runs from `starts`, and at the worst states that a search
    /// finds; `keep` makes a moved state admissible.
    let contraction
        (ctx: CheckContext)
        (proc: Process<'S, unit>)
        (starts: 'S)
        steps
        rounds
        (keep: 'S -> 'S)
        (measure: 'S -> Block)
        (factor: float)
        : Evidence =
        let lanes = (Codec.ofTemplate starts).Lanes starts

        let numbers s =
            measure s |> Block.stretch lanes |> Block.lanes

        let ratio s =
            Array.map2 (/) (numbers (proc.Step () s)) (numbers s)

        let along s count =
            Trajectories.everyStep ctx proc s count Relation.AtMost (fun _ next -> measure next) (fun s ->
                factor * measure s)

        let worst, _ = Search.climb ctx rounds keep ratio starts
        Evidence.all [ along starts steps; along worst 1 ]
