namespace Theory.Algorithms

open System
open Theory
open Theory.Numerics

/// Inexact solves of an inner problem, for every state and every leftover gradient e that a stopping rule
/// ‖e‖² ≤ c‖gap‖² allows. All forms being quadratic, m(s⁺) ≤ b(s) holds for all of them if and only if
/// m(s⁺) + λc‖gap‖² ≤ b(s) + λ‖e‖² holds for every (s, e) with one multiplier λ ≥ 0 (the S-lemma: nothing is lost). So the
/// statement is a matrix inequality after a search in one variable, and a violation means that no multiplier does.
[<RequireQualifiedAccess>]
module Multiplier =

    let private ratio (e: Evidence) =
        match e.Violation, e.Undecided with
        | _, Some _ -> infinity
        | Some _, _ when not (Double.IsFinite e.Tightness) -> infinity
        | _ -> if Double.IsNaN e.Tightness then infinity else e.Tightness

    /// The evidence at `unit`, the multiplier of the proof, where it suffices, else at the best one near it. The worst ratio is
    /// quasiconvex in λ: a grid of three decades on either side finds its valley, golden sections the bottom.
    let private best (unit: float) (check: float -> Evidence) : Evidence =
        let at exponent = check (unit * 10.0 ** exponent)

        let golden = 0.5 * (sqrt 5.0 - 1.0)

        let rec narrow low high rounds (found: Evidence) =
            if rounds = 0 then
                found
            else
                let a, b = high - golden * (high - low), low + golden * (high - low)
                let left, right = at a, at b
                let better = if ratio left <= ratio right then left else right
                let found = if ratio better < ratio found then better else found

                if ratio left <= ratio right then
                    narrow low b (rounds - 1) found
                else
                    narrow a high (rounds - 1) found

        let search () =
            let start, first =
                [| -3.0 .. 0.5..3.0 |]
                |> Array.map (fun exponent -> exponent, at exponent)
                |> Array.minBy (snd >> ratio)

            narrow (start - 0.5) (start + 0.5) 8 first

        let own = check unit

        if ratio own < infinity && own.Violation.IsNone then
            own
        else
            search ()

    /// measure(s⁺) ≤ bound(s) for every state and every leftover gradient within the rule. `criterion` gives c‖gap‖² on the
    /// next state, `leftover` ‖e‖² on the present one.
    let oneStep
        (proc: Process<'S, 'D>)
        (centre: 'S)
        (unit: float)
        (measure: 'S -> Block)
        (criterion: 'S -> Block)
        (bound: 'S -> Block)
        (leftover: 'S -> Block)
        : Evidence =
        best unit (fun lambda ->
            Spectral.oneStep {
                Process = proc
                Centre = centre
                Keeps = None
                Measure = fun s -> measure s + lambda * criterion s
                Bound = fun s -> bound s + lambda * leftover s
                Relation = Relation.AtMost
                MatchMoments = false
            })
