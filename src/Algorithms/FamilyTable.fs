/// A family's methods and claims as one page of Markdown, made from the registry and one verification: what the papers
/// promise beside what the methods do exactly on a reference instance.
module Theory.Algorithms.FamilyTable

open System
open System.Globalization
open Theory
open Theory.Problems

/// A family as its page names it.
[<NoComparison>]
type Family = {
    /// As papers name it: "variational-inequalities".
    Key: string
    Title: string
    /// Instances on which exact rates are shown, as the command line names them; a method is shown on the first that it
    /// accepts and where its rates are known.
    References: string list
}

/// Every family, in the order of the catalogue.
let families: Family list = [
    {
        Key = "variational-inequalities"
        Title = "Variational inequalities"
        References = [
            "game:n=3,d=1,mu=0.5"
            "game:n=2,d=1,mu=0.5"
            "cocoercive:n=3,blocks=1,mu=0.5"
            "similargame:n=3,blocks=1"
            "network:nodes=3,n=2,blocks=1,graph=path"
            "vertical:m=3,parties=2,d=2"
            "split:d=3"
            "splitgame:d=3"
            "server:n=2,d=2"
            "similarserver:n=2,d=2"
            "twogroups:d=2"
            "markovgame:d=1"
            "markovquadratic:d=2"
            "sines"
            "poisson"
        ]
    }
    {
        Key = "communication-efficient"
        Title = "Communication-efficient and federated methods"
        References = [
            "quadratic:n=3,d=2,kappa=10"
            "quadratic:n=2,d=2,kappa=10"
            "proxclients:n=2,d=2,kappa=10,last=10"
            "clients:m=2,n=2,d=2,kappa=5"
            "clientsamples:n=2,m=2,d=2"
            "unequalclients:sizes=1+2,d=2,kappa=10"
            "unequalclients:sizes=2+2,d=2,kappa=10"
            "personal:n=2,d=2"
            "penalised:n=2,d=2,kappa=10,penalty=ridge,weight=0.5"
            "networkquadratic:nodes=3,d=2"
            "logistic:n=2,rows=6,d=2,kappa=30"
            "pipeline"
        ]
    }
    {
        Key = "stochastic-variance-reduction"
        Title = "Stochastic methods and variance reduction"
        References = [ "quadratic:n=3,d=2,kappa=10"; "linear:m=4,d=2" ]
    }
    {
        Key = "robust-and-private"
        Title = "Robust and private methods"
        References = [ "quadratic:n=3,d=2,kappa=10" ]
    }
    {
        Key = "lmo-sign-adaptive"
        Title = "LMO, sign and adaptive methods"
        References = [ "quadratic:n=3,d=2,kappa=10" ]
    }
    {
        Key = "sampling-and-dynamics"
        Title = "Sampling and dynamics"
        References = [ "quadratic:n=3,d=2,kappa=10" ]
    }
    {
        Key = "systems-and-models"
        Title = "Systems and models"
        References = [ "quadratic:n=3,d=2,kappa=10" ]
    }
]

let private number (digits: string) (value: float) =
    if Double.IsNaN value then "–"
    elif Double.IsInfinity value then "∞"
    else value.ToString(digits, CultureInfo.InvariantCulture)

let private cell (text: string) =
    text.Replace("|", "\\|").Replace("\r", "").Replace("\n", " ")

let private row (cells: string list) =
    "| " + (cells |> List.map cell |> String.concat " | ") + " |"

let private table (header: string list) (rows: string list list) = [
    row header
    row (header |> List.map (fun _ -> "---"))
    yield! rows |> List.map row
]

/// "VI-SURVEY.2: ‖z_k − z*‖²" names the claim VI-SURVEY.2.
let private claimOf (claims: Claim list) (bound: string) =
    match bound.IndexOf ':' with
    | -1 -> None
    | at -> claims |> List.tryFind (fun c -> c.Id = bound.Substring(0, at))

/// A method on a reference instance of its family.
[<NoComparison; NoEquality>]
type OnReference = {
    /// The instance, as the command line names it.
    Instance: string
    Problem: IProblem
    Prepared: PreparedMethod
    /// Exact factors per step; Error says why there are none.
    Rates: Result<ExactRates, string>
}

/// A method of a family with what its row of the table shows.
[<NoComparison; NoEquality>]
type MethodRow = {
    Paper: Paper
    Entry: MethodEntry
    /// None where the method accepts no reference instance of its family.
    Reference: OnReference option
    /// The claim whose bound is shown: that of the exact rates where there are any.
    Claim: Claim option
    /// The compressors among its parameters, by name.
    Compressors: string list
    /// What a step is charged in expectation.
    Cost: (Counter * float) list
}

/// The reference instances of a family, by the names that the command line knows.
let references (family: Family) : (string * IProblem) list =
    family.References |> List.map (fun text -> text, ProblemCatalogue.build text)

/// A method on the first reference instance that it accepts; those where its exact rates are known come first.
let private onReference (references: (string * IProblem) list) (entry: MethodEntry) =
    let prepared =
        references
        |> Seq.choose (fun (name, problem) ->
            if not (entry.Accepts problem) then
                None
            else
                match entry.Prepare problem [] with
                | Ok prepared when prepared.Conditions |> List.forall (fun c -> c.Holds) ->
                    Some {
                        Instance = name
                        Problem = problem
                        Prepared = prepared
                        Rates = prepared.Rates()
                    }
                | _ -> None)
        // Rates cost far more than preparing: none are computed past the first that serve.
        |> Seq.cache

    match prepared |> Seq.tryFind (fun r -> r.Rates.IsOk) with
    | Some found -> Some found
    | None -> Seq.tryHead prepared

/// A counter in words: "uplink bits".
let inWords (counter: Counter) : string =
    string counter
    |> Seq.mapi (fun i c ->
        if i > 0 && Char.IsUpper c then
            $" {Char.ToLower c}"
        else
            string (Char.ToLower c))
    |> String.concat ""

let private cost (charged: (Counter * float) list) =
    charged
    |> List.map (fun (counter, amount) -> $"""{number "0.###" amount} {inWords counter}""")
    |> String.concat ", "

let private factors (rates: Result<ExactRates, string>) =
    match rates with
    | Error reason -> [ "–"; "–"; $"– ({reason.Split([| ':'; ';' |])[0]})" ]
    | Ok r ->
        let of' pick =
            match r.Bounds |> List.tryPick pick with
            | Some v -> number "0.0000" v
            | None -> "–"

        [
            of' (fun b -> Some b.Certified)
            of' (fun b -> b.Worst)
            number "0.0000" r.Asymptotic
        ]

/// The compressors among a method's parameters, by name.
let private compressors (prepared: PreparedMethod) =
    prepared.Parameters
    |> List.filter (fun (name, value) ->
        [ "Compressor"; "Devices"; "Server"; "Outer"; "Inner"; "Q"; "C"; "Code" ]
        |> List.contains name
        && value |> Seq.exists Char.IsLetter)
    |> List.map snd
    |> List.distinct

/// The claim that the bound shown belongs to, else that of the first bound that names one.
let private claimShown (paper: Paper) (found: OnReference) =
    let named =
        found.Prepared.Bounds()
        |> List.choose (fun b -> claimOf paper.Claims b.Name |> Option.map (fun c -> b.Name, c))

    // The bound whose factor is shown, where there is one.
    let shown =
        match found.Rates with
        | Ok r -> r.Bounds |> List.tryHead |> Option.map (fun b -> b.Bound)
        | Error _ -> None

    named
    |> List.tryFind (fun (name, _) -> Some name = shown)
    |> Option.orElse (List.tryHead named)
    |> Option.map snd

/// The row of one method of a paper, on the `references` of its family.
let methodRow (references: (string * IProblem) list) (paper: Paper) (entry: MethodEntry) : MethodRow =
    let found = onReference references entry

    {
        Paper = paper
        Entry = entry
        Reference = found
        Claim = found |> Option.bind (claimShown paper)
        Compressors =
            match found with
            | Some on -> compressors on.Prepared
            | None -> []
        Cost =
            match found with
            | Some on -> on.Prepared.StepCost()
            | None -> []
    }

let private cells (results: Map<string, ClaimResult>) (r: MethodRow) =
    let assumptions, rate =
        match r.Claim with
        | Some c -> c.Assumptions, $"{c.Id}: " + (if c.Formula = "" then c.Statement else $"${c.Formula}$")
        | None -> r.Entry.Needs, "–"

    [
        r.Paper.Key
        $"**{r.Entry.Name}**: {r.Entry.Summary}"
        match r.Compressors with
        | [] -> "–"
        | names -> String.concat ", " names
        assumptions
        rate
        match r.Claim |> Option.bind (fun c -> results.TryFind c.Id) with
        | Some r -> number "0.0000" r.TightnessMax
        | None -> "–"
        match r.Reference with
        | Some on ->
            yield! factors on.Rates
            $"`{on.Instance}`"
            cost r.Cost
        | None -> yield! [ "–"; "–"; "–"; "–"; "–" ]
    ]

let private methodRows references results (paper: Paper) =
    paper.Methods |> List.map (methodRow references paper >> cells results)

let private claimRow (results: Map<string, ClaimResult>) (claim: Claim) =
    match results.TryFind claim.Id with
    | None -> [ claim.Id; string claim.Kind; claim.Statement; "not verified"; "–"; "–"; "–" ]
    | Some r -> [
        claim.Id
        string claim.Kind
        claim.Statement
        string r.Verdict + (if r.IsErratum then " (erratum)" else "")
        (match r.Rung with
         | Some rung -> string rung
         | None -> "–")
        number "0.0000" r.TightnessMax
        $"{r.Falsifiers |> List.filter (fun f -> f.Killed) |> List.length} of {r.Falsifiers.Length}"
      ]

/// The page of a family, as Markdown. `results` are those of a verification; claims that it leaves out are shown as not
/// verified.
let markdown (papers: Paper list) (family: Family) (results: ClaimResult list) : string =
    let own = papers |> List.filter (fun p -> p.Family = family.Key)

    let references = references family
    let byId = results |> List.map (fun r -> r.Claim, r) |> Map.ofList

    let errata =
        own
        |> List.collect (fun p -> p.Claims)
        |> List.choose (fun c -> c.Erratum |> Option.map (fun text -> c, text))

    [
        $"# {family.Title}: methods, rates, exact factors"
        ""
        $"Generated by `theory table {family.Key}`; do not edit."
        ""
        "## Methods"
        ""
        "*Certified* is the factor per step that the theorem promises with its own parameters on the instance named in the"
        "row; *worst step* is the largest factor by which one step can change the theorem's own measure, over every state"
        "that a run can reach (an eigenvalue); *long run* is the factor per step of the expected squared distance after many"
        "steps. Floors of noise are left out of all three. *Tightness* is that of the claim, over its own instances. A dash stands where a step is not affine or the bound is not"
        "geometric. *Cost* is what one step is charged in expectation."
        ""
        yield!
            table
                [
                    "paper"
                    "method"
                    "compressor"
                    "assumptions"
                    "rate"
                    "tightness"
                    "certified"
                    "worst step"
                    "long run"
                    "instance"
                    "cost of a step"
                ]
                (own |> List.collect (methodRows references byId))
        ""
        "## Claims"
        ""
        "*Tightness* is the largest ratio of the two sides of the bound that was found: 1 is attained."
        ""
        yield!
            table
                [
                    "claim"
                    "kind"
                    "statement"
                    "verdict"
                    "rung"
                    "tightness"
                    "falsifiers killed"
                ]
                (own |> List.collect (fun p -> p.Claims) |> List.map (claimRow byId))

        if not errata.IsEmpty then
            ""
            "## Errata"
            ""
            yield! errata |> List.map (fun (c, text) -> $"- **{c.Id}** ({c.Statement}): {text}")
        ""
    ]
    |> String.concat "\n"
