namespace Theory.Algorithms

open System
open Theory
open Theory.Numerics

/// What theorems promise and runs need, in the methods' own counters.
[<RequireQualifiedAccess>]
module Costs =

    /// What an account of one lane holds of a counter.
    let total (counter: Counter) (account: Charge list) : float =
        account
        |> List.filter (fun c -> c.Counter = counter)
        |> List.sumBy (Charge.forLane 0)

    /// The expected charge of a step whose account depends on one coin only, heads with probability p.
    let overCoin (counter: Counter) (p: float) (account: Mask -> Charge list) : float =
        p * total counter (account (Mask.Constant true))
        + (1.0 - p) * total counter (account (Mask.Constant false))

    /// Steps per factor e of a method that contracts by `factor` a step.
    let perEFold (factor: float) : float = -1.0 / Math.Log factor

    /// Steps (not rounded) until constant·factor^k = share.
    let certified (constant: float) (factor: float) (share: float) : float =
        Math.Log(constant / share) * perEFold factor

    /// E m(s_k), k = 0, 1, …, by exact propagation from a start of one lane; m quadratic. Values are computed as they are
    /// asked for. Error when the step is not affine.
    let expectations proc (centre: 'S) (start: 'S) (limit: int) (measure: 'S -> Block) : Result<float seq, string> =
        let value (form: float[,]) (s: float[,]) =
            let mutable sum = 0.0

            for i in 0 .. Array2D.length1 s - 1 do
                for j in 0 .. Array2D.length2 s - 1 do
                    sum <- sum + form[i, j] * s[i, j]

            sum

        Affine.quadratic (Codec.ofTemplate centre) centre measure
        |> Result.bind (fun form ->
            Moments.matrices proc centre start limit
            |> Result.map (Seq.map (value form.Matrix)))

    /// The first step at which E m(s_k) ≤ target. Error when `limit` steps are not enough.
    let firstBelow (proc: Process<'S, 'D>) centre start limit measure target : Result<int, string> =
        expectations proc centre start limit measure
        |> Result.bind (fun values ->
            match values |> Seq.tryFindIndex (fun v -> v <= target) with
            | Some k -> Ok k
            | None -> Error $"{proc.Name} does not reach {target:G3} in {limit} steps")
