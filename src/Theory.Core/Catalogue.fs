namespace Theory

open System
open System.Threading
open Theory.Numerics

/// What to verify, and with how much effort.
[<NoEquality; NoComparison>]
type VerifySettings = {
    Profile: Profile
    Seed: uint64
    Threads: int
    Engine: IEngine
    /// Probability with which one verification of the whole catalogue may refute any true statement.
    Alpha: float
    Cancellation: CancellationToken
}

/// The registry of papers, seen as one: selection and verification.
[<Sealed>]
type Catalogue(papers: Paper list) =

    /// Letters to change, put in or leave out, whatever their case.
    let distance (a: string) (b: string) =
        let a, b = a.ToUpperInvariant(), b.ToUpperInvariant()
        let mutable previous = Array.init (b.Length + 1) id

        for i in 1 .. a.Length do
            let current = Array.zeroCreate (b.Length + 1)
            current[0] <- i

            for j in 1 .. b.Length do
                let cost = if a[i - 1] = b[j - 1] then 0 else 1
                current[j] <- min (min (current[j - 1] + 1) (previous[j] + 1)) (previous[j - 1] + cost)

            previous <- current

        previous[b.Length]

    let nearest name (candidates: string list) =
        candidates |> List.distinct |> List.sortBy (distance name) |> List.truncate 3

    let statistical =
        papers
        |> List.sumBy (fun p -> p.Claims |> List.filter (fun c -> c.Statistical) |> List.length)

    do
        let twice names =
            names
            |> List.countBy id
            |> List.tryFind (fun (_, count) -> count > 1)
            |> Option.map fst

        match
            twice (papers |> List.map (fun p -> p.Key)),
            twice (papers |> List.collect (fun p -> p.Claims |> List.map (fun c -> c.Id)))
        with
        | Some key, _ -> invalidArg (nameof papers) $"Paper {key} is registered twice."
        | _, Some id -> invalidArg (nameof papers) $"Claim {id} is registered twice."
        | None, None -> ()

    /// All papers.
    member _.Papers = papers

    /// All claims with their papers.
    member _.Claims =
        papers |> List.collect (fun p -> p.Claims |> List.map (fun c -> p, c))

    /// All methods with their papers.
    member _.Methods =
        papers |> List.collect (fun p -> p.Methods |> List.map (fun m -> p, m))

    /// Number of claims whose checks may refute by chance; each gets an equal share of the error budget.
    member _.StatisticalClaims = statistical

    /// The settings of a verification: standard profile, seed 1, all processors, CPU engine, α = 1e-2.
    static member DefaultSettings: VerifySettings = {
        Profile = Profile.Standard
        Seed = 1UL
        Threads = Environment.ProcessorCount
        Engine = Engines.Cpu
        Alpha = 1e-2
        Cancellation = CancellationToken.None
    }

    /// The context that one claim is checked in.
    member _.Context(settings: VerifySettings) : CheckContext = {
        Engine = settings.Engine
        Threads = 1
        ChunkLanes = None
        Profile = settings.Profile
        Seed = settings.Seed
        Stream = 0u
        Alpha = settings.Alpha / float (max 1 statistical)
        Cancellation = settings.Cancellation
    }

    /// The claims that a selector names: a claim, a paper, a family, or a prefix with '*'. Empty when it names nothing.
    member this.Select(selector: string) : (Paper * Claim) list =
        let same (a: string) (b: string) =
            String.Equals(a, b, StringComparison.OrdinalIgnoreCase)

        let matches (text: string) =
            if selector.EndsWith '*' then
                text.StartsWith(selector.TrimEnd '*', StringComparison.OrdinalIgnoreCase)
            else
                same text selector

        this.Claims
        |> List.filter (fun (p, c) -> matches c.Id || matches p.Key || matches p.Family)

    /// Names of papers, claims, families and methods that come nearest to an unknown one.
    member this.Nearest(name: string) : string list =
        [
            for p in papers do
                p.Key
                p.Family
                yield! p.Methods |> List.map (fun m -> m.Name)
                yield! p.Claims |> List.map (fun c -> c.Id)
        ]
        |> nearest name

    /// Names of methods that come nearest to an unknown one.
    member this.NearestMethods(name: string) : string list =
        this.Methods |> List.map (fun (_, m) -> m.Name) |> nearest name

    /// Runs `judge` on the items, `settings.Threads` at a time, telling of each when it starts and when it is done;
    /// results come in the order of the items. On cancellation, what is known so far is returned.
    member private _.Spread
        (settings: VerifySettings, items: 'T[], judge: 'T -> 'R, started: 'T -> unit, report: 'T -> 'R -> unit)
        : 'R list =
        let results: 'R option[] = Array.create items.Length None
        let mutable next = -1
        let gate = obj ()

        let rec work () =
            let at = Interlocked.Increment &next

            if at < items.Length && not settings.Cancellation.IsCancellationRequested then
                let finished =
                    try
                        lock gate (fun () -> started items[at])
                        let result = judge items[at]
                        results[at] <- Some result
                        lock gate (fun () -> report items[at] result)
                        true
                    with :? OperationCanceledException ->
                        false

                if finished then
                    work ()

        let threads =
            Array.init (max 1 (min settings.Threads items.Length)) (fun _ -> Thread(work, 16 * 1024 * 1024))

        threads |> Array.iter (fun t -> t.Start())
        threads |> Array.iter (fun t -> t.Join())
        results |> Array.choose id |> List.ofArray

    /// Verifies the selected claims, telling of each when it starts and reporting it when it is done, from one thread at
    /// a time. Results come in the order of the selection. On cancellation, what is known so far is returned.
    member this.Verify
        (settings: VerifySettings, selected: (Paper * Claim) list, started: Claim -> unit, report: ClaimResult -> unit)
        : ClaimResult list =
        let context = this.Context settings

        this.Spread(
            settings,
            Array.ofList selected,
            (fun (paper, claim) -> {
                claim.Verify context with
                    Paper = paper.Key
            }),
            snd >> started,
            (fun _ result -> report result)
        )

    /// Verifies the selected claims and reports each as it is done. Results come in the order of the selection. On
    /// cancellation, what is known so far is returned.
    member this.Verify
        (settings: VerifySettings, selected: (Paper * Claim) list, report: ClaimResult -> unit)
        : ClaimResult list =
        this.Verify(settings, selected, ignore, report)

    /// Checks every statistical claim (without falsifiers) on the seeds 1 .. `seeds`: what a verification refutes by
    /// chance. Each seed spends the whole error budget once. Tells of each check when it starts and when it is done.
    member this.Calibrate
        (settings: VerifySettings, seeds: int, started: uint64 -> Claim -> unit, report: uint64 -> ClaimResult -> unit)
        : ClaimResult list =
        let items = [|
            for seed in 1..seeds do
                for paper, claim in this.Claims do
                    if claim.Statistical && claim.Erratum.IsNone then
                        uint64 seed, paper, claim
        |]

        let judge (seed, paper: Paper, claim: Claim) = {
            claim.Check(this.Context { settings with Seed = seed }) with
                Paper = paper.Key
        }

        this.Spread(
            settings,
            items,
            judge,
            (fun (seed, _, claim) -> started seed claim),
            (fun (seed, _, _) -> report seed)
        )

    /// Replays a token. Raises ArgumentException when it names no claim of this catalogue.
    member this.Replay(settings: VerifySettings, token: string) : Replayed =
        let payload = Token.read token

        let profile =
            match payload.Profile with
            | "Quick" -> Profile.Quick
            | "Deep" -> Profile.Deep
            | _ -> Profile.Standard

        match this.Claims |> List.tryFind (fun (_, c) -> c.Id = payload.Claim) with
        | None -> invalidArg (nameof token) $"The token names claim '{payload.Claim}', which is not in this catalogue."
        | Some(_, claim) ->
            let context =
                this.Context {
                    settings with
                        Seed = payload.Seed
                        Profile = profile
                }

            claim.Replay context payload.Falsifier (payload.Instance.GetRawText())
