/// Steps for (L0, L1)-smooth functions: claim 7 of LM-BLOCKS.
///
/// Vankov et al., 2024, arXiv 2410.10800 (the rule).
module Theory.Algorithms.LmoSignAdaptive.GeneralisedSmoothness

open Theory

// ---- 7: (L0, L1)-smoothness ----------------------------------------------------------------------------------------

/// A function of one variable with |f''| ≤ L0 + L1|f'|.
[<NoComparison>]
type GeneralisedSpec = {
    /// cosh: cosh x − 1, L0 = L1 = 1. quartic: x⁴/4, L0 = 4, L1 = 1.
    Function: string
    /// logarithm | simple.
    Rule: string
    Start: float
}

let private generalised (spec: GeneralisedSpec) =
    match spec.Function with
    | "cosh" -> (fun x -> cosh x - 1.0), sinh, 1.0, 1.0
    | "quartic" -> (fun x -> 0.25 * x ** 4.0), (fun x -> x * x * x), 4.0, 1.0
    | other -> invalidArg (nameof spec) $"There is no function '{other}'."

/// The decrease ‖g‖²/(2L0 + 3L1‖g‖) at every step, and the count of steps until ‖g‖ ≤ ε.
let private decreases (rule: float -> float -> float -> float) (spec: GeneralisedSpec) =
    let f, gradient, l0, l1 = generalised spec
    let epsilon = 0.05
    // A path that overflows has no sign; NaN then fails the comparison.
    let direction g =
        if g > 0.0 then 1.0
        elif g < 0.0 then -1.0
        else g

    let budget =
        int (ceil (f spec.Start * (2.0 * l0 + 3.0 * l1 * epsilon) / (epsilon * epsilon)))

    let path =
        (spec.Start, seq { 1 .. min budget 2000 })
        ||> Seq.scan (fun x _ -> x - rule l0 l1 (abs (gradient x)) * direction (gradient x))
        |> Array.ofSeq

    let moving =
        path
        |> Array.pairwise
        |> Array.filter (fun (x, _) -> not (abs (gradient x) <= epsilon))

    Evidence.ofRows Rung.Trajectories Relation.AtMost [
        for k, (x, next) in Array.indexed moving do
            let g = abs (gradient x)

            Evidence.row
                Relation.AtMost
                1
                1
                $"promised decrease over the decrease, step {k}"
                (g * g / (2.0 * l0 + 3.0 * l1 * g))
                (f x - f next)
        Evidence.row Relation.AtMost 1 1 "steps until ‖∇f‖ ≤ ε" (float moving.Length) (float budget)
    ]

let private ruleOf (spec: GeneralisedSpec) l0 l1 g =
    if spec.Rule = "logarithm" then
        log (1.0 + l1 * g / (l0 + l1 * g)) / l1
    else
        g / (l0 + 1.5 * l1 * g)

let generalisedSmoothness: Claim =
    Claim.create {
        Claim.spec
            "LM-BLOCKS.7"
            ClaimKind.Sure
            "(L0,L1)-smooth f, t = ln(1+L1‖g‖/(L0+L1‖g‖))/L1 or ‖g‖/(L0+1.5L1‖g‖): f(x⁺) ≤ f(x) − ‖g‖²/(2L0+3L1‖g‖)"
            (Instances.only [
                for rule in [ "logarithm"; "simple" ] do
                    for name, start in [ "cosh", 6.0; "cosh", 1.5; "quartic", 3.0; "quartic", -7.0 ] ->
                        {
                            Function = name
                            Rule = rule
                            Start = start
                        }
            ])
            (fun _ spec -> decreases (ruleOf spec) spec) with
            Formula = @"f(x^+) \le f(x) - \frac{\|g\|_*^2}{2L_0+3L_1\|g\|_*}"
            Assumptions = "‖∇²f(x)‖ ≤ L0 + L1‖∇f(x)‖_*"
            Source = "derived by Grönwall; the rule is that of arXiv 2410.10800"
            Falsifiers = [
                Falsifier.check "the fixed step ‖g‖/L0" (fun _ spec -> decreases (fun l0 _ g -> g / l0) spec)
                Falsifier.check "steps twice as long" (fun _ spec ->
                    decreases (fun l0 l1 g -> 2.0 * ruleOf spec l0 l1 g) spec)
            ]
    }
