namespace Theory

open System
open Theory.Numerics

/// A named quantity along a finished run: recorded step × lane.
[<NoEquality; NoComparison>]
type Recorded = {
    /// What is measured, in words.
    Name: string
    /// Recorded step × lane.
    Values: float[][]
}

/// A bound held against a run: both sides at each recorded step and lane.
[<NoEquality; NoComparison>]
type BoundRecord = {
    /// The bound's name: the claim and what is measured.
    Name: string
    /// True when the expectation is bounded, false when every run is.
    InExpectation: bool
    /// How the measured side summarises the run; means and minima exist only where every step was recorded.
    Summary: Summary
    /// The measured side, summarised: recorded step × lane.
    Measured: float[][]
    /// The bound: recorded step × lane.
    Bound: float[][]
}

/// A run with its method's types forgotten: what the command line and C# see.
[<NoEquality; NoComparison>]
type MethodRun = {
    /// Recorded steps, increasing; the first is 0.
    Steps: int[]
    /// What every problem of this kind measures.
    Measures: Recorded list
    /// The method's bounds, both sides.
    Bounds: BoundRecord list
    /// Totals so far of what the method counts: recorded step × lane.
    Counters: Map<Counter, float[][]>
    /// Per lane, the recorded step at which some number was first not finite.
    DivergedAt: int option[]
    /// The method's iterate after the last step: 1 × lanes × d.
    Output: Block
}

/// What to run: steps, lanes (replicates from one start), recording.
[<NoEquality; NoComparison>]
type RunRequest = {
    Steps: int
    Every: int
    Lanes: int
    /// The start x⁰ (1 × 1 × d or 1 × lanes × d); None for the origin, or (1, …, 1) when the origin solves the problem.
    Start: Block option
    /// Step and the first lane's measures.
    Progress: (int -> (string * float) list -> unit) option
}

/// What a bound of a method says of a run, without a run.
type BoundKind = {
    /// Claim and measured quantity: "SV-GD.1: ‖x_k − x*‖²".
    Name: string
    /// True when the bound is on the expectation, false when it holds on every run.
    InExpectation: bool
    /// How the measured side summarises the run.
    Summary: Summary
}

/// A method on a problem with parameters: ready to run.
[<NoEquality; NoComparison>]
type PreparedMethod = {
    /// Names and texts of all parameters.
    Parameters: (string * string) list
    /// The numeric ones, exactly.
    Numbers: (string * float) list
    Conditions: Condition list
    Run: CheckContext -> RunRequest -> MethodRun
    /// Exact rates on this problem, beside those that the method's bounds promise; Error says why there are none.
    Rates: unit -> Result<ExactRates, string>
    /// The method's bounds on this problem.
    Bounds: unit -> BoundKind list
    /// What a step is charged in expectation.
    StepCost: unit -> (Counter * float) list
}

/// A registered method.
[<NoEquality; NoComparison>]
type MethodEntry = {
    /// The paper's own name of the method.
    Name: string
    /// What one step does, one line.
    Summary: string
    /// What it asks of a problem, in words.
    Needs: string
    /// Whether the problem offers that.
    Accepts: IProblem -> bool
    /// Parameters by the theorem's rule, then the given overrides. Error says what does not fit.
    Prepare: IProblem -> (string * float) list -> Result<PreparedMethod, string>
    /// The contract suite on a problem.
    Contract: CheckContext -> IProblem -> ContractCheck list
    /// The modules in which its functions are written, by their full names; that of the step comes first.
    Modules: string list
}

/// A paper: its reference, its methods, its claims.
[<NoEquality; NoComparison>]
type Paper = {
    /// The catalogue's key.
    Key: string
    /// The paper's title.
    Title: string
    /// Authors, year, venue.
    Citation: string
    /// Family, as its folder is called in the catalogue: "communication-efficient".
    Family: string
    /// Problem class and assumptions.
    Problem: string
    /// Its methods.
    Methods: MethodEntry list
    /// Its claims.
    Claims: Claim list
}

[<RequireQualifiedAccess>]
module MethodEntry =

    /// Standard measures of an iterate, by what the problem offers.
    let private measures (problem: IProblem) : (string * (Block -> Block)) list =
        match problem with
        | :? IObjective as f -> [
            "f(x) − f*", Objective.gap f
            "‖∇f(x)‖²", fun x -> Block.normSquared (f.Gradient x)
            "‖x − x*‖²", fun x -> Block.normSquared (x - f.Minimiser)
          ]
        | :? IOperator as f -> [
            "‖F(z)‖²", fun z -> Block.normSquared (f.Operator z)
            "‖z − z*‖²", fun z -> Block.normSquared (z - f.Solution)
          ]
        | _ -> []

    let private needs (capability: Type) =
        match capability.Name with
        | nameof IObjective -> "a smooth function with gradients"
        | nameof IFiniteSum -> "a finite sum of smooth functions (samples or workers)"
        | nameof IStronglyConvexSum -> "a finite sum of strongly convex functions"
        | nameof IOperator -> "a monotone operator"
        | nameof IFiniteSumOperator -> "a finite sum of operators"
        // Capabilities of the problems' own project, by name: this project does not see them.
        | "IClientSum" -> "clients that hold sums of their own"
        | "IClientSamples" -> "clients with samples of their own"
        | "IPersonalisedSum" -> "clients with models of their own"
        | "IClientProx" -> "strongly convex clients that solve their own proximal problems"
        | "IWeightedClients" -> "clients of unequal sizes"
        | "INetworkedDual" -> "functions at the nodes of a network, with gradients of their conjugates"
        | "IHessianSum" -> "a finite sum with Hessians of its summands"
        | "IPipeline" -> "a model on two devices"
        | "ICompositeSum" -> "a finite sum of smooth functions plus a penalty with a prox"
        | "ICocoerciveSum" -> "a finite sum of cocoercive operators"
        | "IJacobianOperator" -> "an operator with products by its Jacobian"
        | "ISimilarOperator" -> "a finite sum of similar operators"
        | "IResolvent" -> "a finite sum of operators with resolvents"
        | "IServerOperator" -> "similar operators, the first on the server with its resolvent"
        | "INetworkedOperator" -> "operators at the nodes of a network"
        | "IVerticalOperator" -> "the saddle of a vertically split regression"
        | "IMarkovOperator" -> "an operator with noise along a Markov chain"
        | "IMarkovObjective" -> "a function with noise along a Markov chain"
        | "IGroupSaddle" -> "losses with adversarial weights"
        | "ISplit" -> "a function split in two, r = p + q"
        | "ISplitOperator" -> "an operator split in two, R = P + Q"
        | "IClientSplit" -> "clients and a server that holds a similar function"
        | "IServerSum" -> "similar functions, the first on the server with its prox"
        | "IGroupedSum" -> "two groups of clients"
        | name -> name

    let private defaultStart (problem: IProblem) =
        let origin = Block.zeros 1 1 problem.Dimension

        let atSolution =
            match problem with
            | :? IObjective as f -> (Block.lanes (Block.norm f.Minimiser))[0] = 0.0
            | :? IOperator as f -> (Block.lanes (Block.norm f.Solution))[0] = 0.0
            | _ -> true

        if atSolution then
            Block.Fill(Shape.Vector(1, 1, problem.Dimension), 1.0)
        else
            origin

    let private run
        (method: Method<'Q, 'P, 'S, 'D>)
        (problem: IProblem)
        (q: 'Q)
        (p: 'P)
        (ctx: CheckContext)
        (request: RunRequest)
        : MethodRun =
        if request.Lanes < 1 then
            invalidArg "Lanes" $"A run needs at least one lane, got {request.Lanes}."

        let x0 = request.Start |> Option.defaultWith (fun () -> defaultStart problem)

        if x0.Lanes <> 1 && x0.Lanes <> request.Lanes then
            invalidArg "Start" $"The start has {x0.Lanes} lanes; it needs 1 or the {request.Lanes} of the run."

        if x0.Dimension <> problem.Dimension then
            invalidArg "Start" $"The start has dimension {x0.Dimension}, the problem {problem.Dimension}."

        // One start shared by all lanes is initialised, and its bounds' scales are measured, once.
        let start = method.Init q p x0
        let codec = Codec.ofTemplate start
        let standard = measures problem
        let bounds = method.Bounds q p

        let result =
            Run.trajectories ctx (Method.on q p method) (codec.Stretch request.Lanes start) {
                Steps = request.Steps
                Every = request.Every
                Measures =
                    (standard |> List.map (fun (_, m) -> method.Output >> m))
                    @ (bounds |> List.map (fun b -> b.Measure))
                Progress =
                    request.Progress
                    |> Option.map (fun report step values ->
                        report step (standard |> List.mapi (fun i (name, _) -> name, values[i])))
            }

        let lanes = request.Lanes

        {
            Steps = result.Steps
            Measures =
                standard
                |> List.mapi (fun i (name, _) -> {
                    Name = name
                    Values = result.Measures[i]
                })
            Bounds =
                bounds
                |> List.mapi (fun i b ->
                    let scales = b.Scale start |> Block.stretch lanes |> Block.lanes

                    {
                        Name = b.Name
                        InExpectation = b.InExpectation
                        Summary = b.Summary
                        Measured =
                            // Running means need every step; they are shown where every step was recorded.
                            (if request.Every <= 1 || b.Summary = Summary.Last then
                                 Run.summarise b.Summary result.Measures[standard.Length + i]
                             else
                                 [||])
                        Bound = result.Steps |> Array.map (fun k -> scales |> Array.map (b.Bound k))
                    })
            Counters = result.Counters
            DivergedAt = result.DivergedAt
            Output = method.Output result.Final
        }

    /// A function of F# is an object whose class lies inside that of its module.
    let private moduleOf (f: Type) =
        let rec outermost (t: Type) =
            match t.DeclaringType with
            | null -> t
            | declaring -> outermost declaring

        let t = outermost f

        match t.FullName with
        | null -> t.Name
        | name -> name

    let private modules (method: Method<'Q, 'P, 'S, 'D>) =
        [
            method.Step.GetType()
            method.Init.GetType()
            method.Draw.GetType()
            method.Rule.GetType()
            method.Conditions.GetType()
            method.Cost.GetType()
            method.Output.GetType()
            method.FixedPoint.GetType()
            method.Bounds.GetType()
        ]
        |> List.map moduleOf
        |> List.distinct

    /// The entry of a typed method.
    let create (method: Method<'Q, 'P, 'S, 'D>) : MethodEntry = {
        Name = method.Name
        Summary = method.Summary
        Needs = needs typeof<'Q>
        Accepts = fun problem -> problem :? 'Q
        Prepare =
            fun problem overrides ->
                match box problem with
                | :? 'Q as q ->
                    (Ok(method.Rule q), overrides)
                    ||> List.fold (fun parameters (name, value) ->
                        parameters |> Result.bind (Parameters.set name value))
                    |> Result.map (fun p -> {
                        Parameters = Parameters.describe p
                        Numbers = Parameters.numbers p
                        Conditions = method.Conditions q p
                        Run = run method problem q p
                        Rates =
                            fun () ->
                                match problem with
                                | :? IOperator as f -> Rates.ofMethod q p method f.Solution
                                | :? IObjective as f -> Rates.ofMethod q p method f.Minimiser
                                | _ -> Error $"'{problem.Name}' has no known solution"
                        Bounds =
                            fun () ->
                                method.Bounds q p
                                |> List.map (fun b -> {
                                    Name = b.Name
                                    InExpectation = b.InExpectation
                                    Summary = b.Summary
                                })
                        StepCost = fun () -> Rates.stepCost (Method.on q p method)
                    })
                | _ -> Error $"{method.Name} needs {needs typeof<'Q>}; '{problem.Name}' does not offer it."
        Contract =
            fun ctx problem ->
                match box problem with
                | :? 'Q as q ->
                    let counted, counts = Counting.wrap problem

                    let counting =
                        match box counted with
                        | :? 'Q as c when not (obj.ReferenceEquals(c, q)) -> Some c
                        | _ -> None

                    Contract.verify
                        ctx
                        method
                        q
                        counting
                        (fun () -> counts |> Seq.map (|KeyValue|) |> Map.ofSeq)
                        problem.Dimension
                | _ -> []
        Modules = modules method
    }
