namespace Theory.Views

open Theory

/// Factors per step at one stepsize; None where the method has none there.
[<NoComparison>]
type StepsizePoint = {
    Stepsize: float
    /// What the theorem promises; None where its conditions on the stepsize fail.
    Certified: float option
    /// The worst factor of one step of the theorem's own measure, over every state that a run can reach.
    Worst: float option
    /// The factor per step of E‖x_k − x*‖² after many steps.
    LongRun: float
}

/// Exact factors of a method over a grid of stepsizes, everything else by the theorem's rule at its own stepsize.
[<NoComparison>]
type StepsizeCurve = {
    Method: string
    Problem: string
    /// The parameter that is varied.
    Parameter: string
    /// The theorem's stepsize.
    Theorem: float
    /// The bound whose factors are shown.
    Bound: string
    Points: StepsizePoint list
}

[<RequireQualifiedAccess>]
module StepsizeCurve =

    /// Names of stepsizes, the first that a method has is varied.
    let private stepsizes = [ "Gamma"; "Stepsize"; "Eta"; "GammaX"; "Theta" ]

    let private stepsizeOf (prepared: PreparedMethod) =
        stepsizes
        |> List.tryPick (fun name -> prepared.Numbers |> List.tryFind (fun (n, _) -> n = name))

    let private boundOf (rates: ExactRates) =
        rates.Bounds
        |> List.tryFind (fun b -> b.Worst.IsSome)
        |> Option.orElse (List.tryHead rates.Bounds)
        |> Option.map (fun b -> b.Bound)

    let private pointAt (entry: MethodEntry) problem parameter bound stepsize =
        entry.Prepare problem [ parameter, stepsize ]
        |> Result.bind (fun prepared ->
            prepared.Rates()
            |> Result.map (fun rates ->
                let within = prepared.Conditions |> List.forall (fun c -> c.Holds)
                let named = rates.Bounds |> List.tryFind (fun b -> b.Bound = bound)

                {
                    Stepsize = stepsize
                    Certified = named |> Option.filter (fun _ -> within) |> Option.map (fun b -> b.Certified)
                    Worst = named |> Option.bind (fun b -> b.Worst)
                    LongRun = rates.Asymptotic
                }))

    /// Exact factors at the theorem's stepsize and at `points` others, evenly spaced up to three times it. Error says
    /// why there are none: the method does not fit the problem, has no stepsize among its parameters, no geometric bound, or no
    /// exact rates.
    let compute (entry: MethodEntry) (problem: IProblem) (points: int) : Result<StepsizeCurve, string> =
        entry.Prepare problem []
        |> Result.bind (fun prepared ->
            match stepsizeOf prepared with
            | None -> Error $"{entry.Name} has no stepsize among its parameters"
            | Some(parameter, theorem) ->
                prepared.Rates()
                |> Result.bind (fun rates ->
                    match boundOf rates with
                    | None -> Error $"{entry.Name} has no geometric bound on '{problem.Name}'"
                    | Some bound ->
                        let grid =
                            theorem :: [ for i in 1..points -> 3.0 * theorem * float i / float points ]
                            |> List.distinct
                            |> List.sort

                        Ok {
                            Method = entry.Name
                            Problem = problem.Name
                            Parameter = parameter
                            Theorem = theorem
                            Bound = bound
                            Points = grid |> List.choose (pointAt entry problem parameter bound >> Result.toOption)
                        }))
