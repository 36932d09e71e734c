namespace Theory

open System
open System.Text
open System.Text.Json
open FsCheck
open FsCheck.FSharp

/// Where instances of a claim come from.
[<NoEquality; NoComparison>]
type Instances<'I> = {
    /// Always checked, before any generated one.
    Fixed: 'I list
    /// Generates instances; those outside the claim's validity are discarded.
    Generator: Gen<'I> option
    /// Smaller instances to try when one refutes.
    Shrink: 'I -> 'I seq
    /// Generated instances in the quick, standard and deep profile.
    Count: int * int * int
}

[<RequireQualifiedAccess>]
module Instances =

    /// Only the given instances.
    let only (instances: 'I list) : Instances<'I> = {
        Fixed = instances
        Generator = None
        Shrink = fun _ -> Seq.empty
        Count = 0, 0, 0
    }

    /// Generated instances, with the default numbers (2, 6, 40).
    let generated (generator: Gen<'I>) (shrink: 'I -> 'I seq) : Instances<'I> = {
        Fixed = []
        Generator = Some generator
        Shrink = shrink
        Count = 2, 6, 40
    }

    /// The given instances first.
    let startingWith (instances: 'I list) (source: Instances<'I>) = {
        source with
            Fixed = instances @ source.Fixed
    }

    /// Other numbers of generated instances in the three profiles.
    let counts quick standard deep (source: Instances<'I>) = {
        source with
            Count = (quick, standard, deep)
    }

/// The smallest change that must break a claim.
[<NoEquality; NoComparison>]
type Falsifier<'I> = {
    /// The change, in words: "stepsize doubled".
    Name: string
    /// The changed check; killed when it finds a violation on some instance.
    Check: CheckContext -> 'I -> Evidence
    /// Instances on which the change is known to bite; the claim's own instances follow.
    Instances: 'I list
}

/// An instance on which the bound is attained (to at least the given ratio).
[<NoEquality; NoComparison>]
type Witness<'I> = { Instance: 'I; AtLeast: float }

/// A claim as its paper's file writes it.
[<NoEquality; NoComparison>]
type ClaimSpec<'I> = {
    /// The catalogue's key, as CE-DIANA.1.
    Id: string
    Kind: ClaimKind
    /// One line of readable text.
    Statement: string
    /// The same in LaTeX.
    Formula: string
    /// Assumptions and parameter rule.
    Assumptions: string
    /// Paper and theorem, or how it was derived.
    Source: string
    /// For a statement that fails as its paper prints it: what is wrong. Its verdict must be Refuted.
    Erratum: string option
    /// True when checks may refute by chance, within their share of the error budget.
    Statistical: bool
    Instances: Instances<'I>
    /// The claim's assumptions as a predicate; instances outside it are not checked.
    Valid: 'I -> bool
    /// The evidence on one instance: a pure function.
    Check: CheckContext -> 'I -> Evidence
    /// Changes that must break the claim.
    Falsifiers: Falsifier<'I> list
    /// An instance on which the bound is attained.
    Tight: Witness<'I> option
}

/// How a falsifier fared.
type FalsifierResult = {
    /// The change, in words.
    Name: string
    /// Whether some instance refuted the changed claim, as it must.
    Killed: bool
    /// Replays the violation that killed it.
    Token: string option
}

/// A refutation, shrunk and replayable.
type Counterexample = {
    /// The instance as JSON.
    Instance: string
    /// Measured side, bound and where.
    Violation: Row
    /// What else is known: the worst start, say.
    Note: string
    /// Replays it.
    Token: string
}

/// What verification found of one claim.
[<NoComparison>]
type ClaimResult = {
    Claim: string
    Paper: string
    Kind: ClaimKind
    Statement: string
    Verdict: Verdict
    /// The weakest rung that the instances stand on; None when nothing was checked.
    Rung: Rung option
    Instances: int
    Cases: int
    IsErratum: bool
    /// Smallest and largest tightness over the instances; NaN when there is none.
    TightnessMin: float
    TightnessMax: float
    Falsifiers: FalsifierResult list
    Counterexample: Counterexample option
    /// Some true when the tightness witness reached its ratio, Some false when not, None without a witness.
    WitnessAttained: bool option
    Note: string
    Seconds: float
} with

    /// The verdict is the one that the catalogue claims, and no falsifier survived.
    member r.AsClaimed =
        (if r.IsErratum then
             r.Verdict = Verdict.Refuted
         else
             r.Verdict <> Verdict.Refuted)
        && r.Falsifiers |> List.forall (fun f -> f.Killed)

/// What a token replays: both sides, step by step.
[<NoComparison>]
type Replayed = {
    Claim: string
    Falsifier: string option
    Instance: string
    Rows: Row list
    Verdict: Verdict
    Note: string
}

/// A claim with its instances hidden: what registries hold.
[<NoEquality; NoComparison>]
type Claim = {
    Id: string
    Kind: ClaimKind
    Statement: string
    Formula: string
    Assumptions: string
    Source: string
    Erratum: string option
    Statistical: bool
    FalsifierNames: string list
    /// Checks the claim, its witness and its falsifiers. The result's Paper is filled in by the registry.
    Verify: CheckContext -> ClaimResult
    /// Checks the claim alone, without witness and falsifiers.
    Check: CheckContext -> ClaimResult
    /// Replays a token's payload: falsifier, instance JSON.
    Replay: CheckContext -> string option -> string -> Replayed
}

/// Tokens that replay a counterexample: claim, falsifier, instance, seed and profile in URL-safe text.
[<RequireQualifiedAccess>]
module Token =

    [<NoComparison; NoEquality>]
    type Payload = {
        Claim: string
        Falsifier: string option
        Instance: JsonElement
        Seed: uint64
        Profile: string
    }

    let private options =
        JsonSerializerOptions(NumberHandling = Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals)

    /// The text of an instance.
    let instanceText (instance: 'I) =
        JsonSerializer.Serialize<'I>(instance, options)

    /// The instance of a text.
    let instanceOf<'I> (text: string) : 'I =
        match JsonSerializer.Deserialize(text, typeof<'I>, options) with
        | null -> invalidArg (nameof text) "The token holds no instance."
        | instance -> unbox<'I> instance

    /// The token of a payload.
    let write (ctx: CheckContext) claim falsifier (instance: string) =
        let payload = {
            Claim = claim
            Falsifier = falsifier
            Instance = JsonDocument.Parse(instance).RootElement
            Seed = ctx.Seed
            Profile = string ctx.Profile
        }

        let bytes = JsonSerializer.SerializeToUtf8Bytes(payload, options)
        Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_')

    /// The payload of a token. Raises ArgumentException when the text is no token.
    let read (token: string) : Payload =
        try
            let plain = token.Trim().Replace('-', '+').Replace('_', '/')
            let padded = plain.PadRight((plain.Length + 3) / 4 * 4, '=')

            match
                JsonSerializer.Deserialize(ReadOnlySpan(Convert.FromBase64String padded), typeof<Payload>, options)
            with
            | null -> raise (FormatException())
            | payload -> unbox<Payload> payload
        with
        | :? FormatException
        | :? JsonException
        | :? ArgumentNullException ->
            invalidArg
                (nameof token)
                "This is not a replay token: it must be a text printed by verify beside a counterexample."

[<RequireQualifiedAccess>]
module Falsifier =

    /// Another check on the claim's instances.
    let check name (changed: CheckContext -> 'I -> Evidence) : Falsifier<'I> = {
        Name = name
        Check = changed
        Instances = []
    }

    /// Instances on which the change is known to bite, tried first.
    let at instances (falsifier: Falsifier<'I>) = {
        falsifier with
            Instances = instances @ falsifier.Instances
    }

[<RequireQualifiedAccess>]
module Claim =

    /// Stable 32-bit hash of a text, for streams and generator seeds.
    let private hash (text: string) =
        text |> Seq.fold (fun (h: uint32) c -> (h ^^^ uint32 c) * 16777619u) 2166136261u

    let private contextOf (ctx: CheckContext) id = { ctx with Stream = hash id }

    /// A check that fails by an exception says nothing of the claim; a cancellation is no failure.
    let private guarded (check: CheckContext -> 'I -> Evidence) ctx instance =
        try
            check ctx instance
        with
        | :? OperationCanceledException when ctx.Cancellation.IsCancellationRequested -> reraise ()
        | error ->
            Evidence.undecided Rung.Trajectories $"the check failed on {Token.instanceText instance}: {error.Message}"

    /// Runs `check` on up to `count` generated valid instances; on a refutation FsCheck shrinks it. Returns the evidence of
    /// the instances that did not refute, and the smallest refuting one.
    let private generate (ctx: CheckContext) id count (spec: ClaimSpec<'I>) (check: CheckContext -> 'I -> Evidence) =
        match spec.Instances.Generator with
        | Some generator when count > 0 ->
            let kept = ResizeArray<Evidence>()
            let mutable smallest: ('I * Evidence) option = None
            let mutable cancelled: exn option = None

            let property instance =
                if cancelled.IsSome || not (spec.Valid instance) then
                    true
                else
                    try
                        ctx.Cancellation.ThrowIfCancellationRequested()
                        let evidence = guarded check ctx instance

                        if evidence.Violation.IsSome then
                            smallest <- Some(instance, evidence)
                            false
                        else
                            if smallest.IsNone then
                                kept.Add evidence

                            true
                    with :? OperationCanceledException as stop ->
                        // Not through FsCheck, which would take it for a refutation.
                        cancelled <- Some stop
                        true

            let runner = {
                new IRunner with
                    member _.OnStartFixture _ = ()
                    member _.OnArguments(_, _, _) = ()
                    member _.OnShrink(_, _) = ()
                    member _.OnFinished(_, _) = ()
            }

            let config =
                Config.Quick
                    .WithMaxTest(count)
                    .WithReplay(
                        Some {
                            Rnd = Rnd(ctx.Seed * 2654435761UL + uint64 (hash id), 2UL * uint64 (hash id) + 1UL)
                            Size = None
                        }
                    )
                    .WithRunner(runner)

            // A generator that never meets the claim's assumptions must not search for ever.
            let rec valid tries =
                gen {
                    let! instance = generator

                    if spec.Valid instance then
                        return instance
                    elif tries = 0 then
                        return invalidOp "the generator gave no instance within the claim's assumptions in 10,000 tries"
                    else
                        return! valid (tries - 1)
                }

            let arbitrary =
                Arb.fromGenShrink (valid 10000, spec.Instances.Shrink >> Seq.filter spec.Valid)

            Check.One(config, Prop.forAll arbitrary property)

            match cancelled with
            | Some stop -> raise stop
            | None -> List.ofSeq kept, smallest
        | _ -> [], None

    let private counterexample ctx id falsifier (instance: 'I) (evidence: Evidence) = {
        Instance = Token.instanceText instance
        Violation = evidence.Violation.Value
        Note = evidence.Note
        Token = Token.write ctx id falsifier (Token.instanceText instance)
    }

    /// First refuting instance among the fixed ones, else among generated ones.
    let private refute ctx id count spec check (instances: 'I list) =
        let mutable kept = []

        let found =
            instances
            |> List.tryPick (fun instance ->
                let evidence = guarded check ctx instance

                if evidence.Violation.IsSome then
                    Some(instance, evidence)
                else
                    kept <- evidence :: kept
                    None)

        match found with
        | Some _ -> kept, found
        | None ->
            let more, smallest =
                try
                    generate ctx id count spec check
                with
                | :? OperationCanceledException when ctx.Cancellation.IsCancellationRequested -> reraise ()
                | error -> [ Evidence.undecided Rung.Trajectories $"no instances: {error.Message}" ], None

            kept @ more, smallest

    let private falsify ctx count (spec: ClaimSpec<'I>) (falsifier: Falsifier<'I>) : FalsifierResult =
        let ctx = contextOf ctx (spec.Id + "/" + falsifier.Name)
        let known = falsifier.Instances @ (spec.Instances.Fixed |> List.filter spec.Valid)
        let _, found = refute ctx spec.Id count spec falsifier.Check known

        {
            Name = falsifier.Name
            Killed = found.IsSome
            Token =
                found
                |> Option.map (fun (instance, _) ->
                    Token.write ctx spec.Id (Some falsifier.Name) (Token.instanceText instance))
        }

    let private summarise ctx (spec: ClaimSpec<'I>) kept found =
        let evidence: Evidence list = kept @ (found |> Option.map snd |> Option.toList)

        let tightness =
            evidence
            |> List.map (fun e -> e.Tightness)
            |> List.filter (fun t -> not (Double.IsNaN t))

        let verdict =
            if found.IsSome then
                Verdict.Refuted
            elif evidence.IsEmpty || evidence |> List.exists (fun e -> e.Undecided.IsSome) then
                Verdict.Inconclusive
            else
                let weakest = evidence |> List.maxBy (fun e -> e.Rung)
                Evidence.verdict weakest

        let notes =
            match found, evidence |> List.tryPick (fun e -> e.Undecided) with
            | Some(_, e), _ -> e.Note
            | None, Some reason -> reason
            | None, None ->
                evidence
                |> List.map (fun e -> e.Note)
                |> List.tryFind ((<>) "")
                |> Option.defaultValue ""

        {
            Claim = spec.Id
            Paper = ""
            Kind = spec.Kind
            Statement = spec.Statement
            Verdict = verdict
            Rung =
                if evidence.IsEmpty then
                    None
                else
                    Some(evidence |> List.map (fun e -> e.Rung) |> List.max)
            Instances = evidence.Length
            Cases = evidence |> List.sumBy (fun e -> e.Cases)
            IsErratum = spec.Erratum.IsSome
            TightnessMin = if tightness.IsEmpty then nan else List.min tightness
            TightnessMax = if tightness.IsEmpty then nan else List.max tightness
            Falsifiers = []
            Counterexample =
                found
                |> Option.map (fun (instance, e) -> counterexample ctx spec.Id None instance e)
            WitnessAttained = None
            Note = notes
            Seconds = 0.0
        }

    /// The claim on its instances, with its share of the error budget split over them.
    let private checkAlone (spec: ClaimSpec<'I>) (given: CheckContext) : CheckContext * int * ClaimResult =
        let quick, standard, deep = spec.Instances.Count
        let count = CheckContext.pick quick standard deep given
        let fixedInstances = spec.Instances.Fixed |> List.filter spec.Valid
        let tried = fixedInstances.Length + count + (if spec.Tight.IsSome then 1 else 0)

        let ctx = {
            contextOf given spec.Id with
                Alpha = given.Alpha / float (max 1 tried)
        }

        let kept, found = refute ctx spec.Id count spec spec.Check fixedInstances
        ctx, count, summarise ctx spec kept found

    let private verify (spec: ClaimSpec<'I>) (given: CheckContext) : ClaimResult =
        let clock = Diagnostics.Stopwatch.StartNew()
        let ctx, count, result = checkAlone spec given

        let witness =
            spec.Tight
            |> Option.map (fun w ->
                let evidence = guarded spec.Check ctx w.Instance
                evidence, evidence.Violation.IsNone && evidence.Tightness >= w.AtLeast)

        let tightnessMax =
            match witness with
            | Some(e, _) when not (Double.IsNaN e.Tightness) ->
                if Double.IsNaN result.TightnessMax then
                    e.Tightness
                else
                    max e.Tightness result.TightnessMax
            | _ -> result.TightnessMax

        {
            result with
                TightnessMax = tightnessMax
                WitnessAttained = witness |> Option.map snd
                Falsifiers =
                    spec.Falsifiers
                    |> List.map (falsify { given with Alpha = ctx.Alpha } (max count 4) spec)
                Seconds = clock.Elapsed.TotalSeconds
        }

    /// A predicate or generator that throws leaves the claim undecided; only a cancellation goes through.
    let private orUndecided (spec: ClaimSpec<'I>) (run: CheckContext -> ClaimResult) (ctx: CheckContext) : ClaimResult =
        try
            run ctx
        with
        | :? OperationCanceledException when ctx.Cancellation.IsCancellationRequested -> reraise ()
        | error ->
            summarise ctx spec [ Evidence.undecided Rung.Trajectories $"verification failed: {error.Message}" ] None

    let private replay
        (spec: ClaimSpec<'I>)
        (ctx: CheckContext)
        (falsifier: string option)
        (instanceText: string)
        : Replayed =
        let instance = Token.instanceOf<'I> instanceText

        let check, stream =
            match falsifier with
            | None -> spec.Check, spec.Id
            | Some name ->
                match spec.Falsifiers |> List.tryFind (fun f -> f.Name = name) with
                | Some f -> f.Check, spec.Id + "/" + name
                | None -> invalidArg (nameof falsifier) $"{spec.Id} has no falsifier '{name}'."

        let evidence = check (contextOf ctx stream) instance

        {
            Claim = spec.Id
            Falsifier = falsifier
            Instance = Token.instanceText instance
            Rows = evidence.Rows.Value
            Verdict = Evidence.verdict evidence
            Note = evidence.Note
        }

    /// The claim with its instances hidden.
    let create (spec: ClaimSpec<'I>) : Claim = {
        Id = spec.Id
        Kind = spec.Kind
        Statement = spec.Statement
        Formula = spec.Formula
        Assumptions = spec.Assumptions
        Source = spec.Source
        Erratum = spec.Erratum
        Statistical = spec.Statistical
        FalsifierNames = spec.Falsifiers |> List.map (fun f -> f.Name)
        Verify = orUndecided spec (verify spec)
        Check =
            orUndecided spec (fun ctx ->
                let _, _, result = checkAlone spec ctx
                result)
        Replay = replay spec
    }

    /// A specification to fill in with `{ … with … }`: no assumptions, no erratum, not statistical, every instance valid.
    let spec id kind statement (instances: Instances<'I>) (check: CheckContext -> 'I -> Evidence) : ClaimSpec<'I> = {
        Id = id
        Kind = kind
        Statement = statement
        Formula = ""
        Assumptions = ""
        Source = ""
        Erratum = None
        Statistical = false
        Instances = instances
        Valid = fun _ -> true
        Check = check
        Falsifiers = []
        Tight = None
    }
