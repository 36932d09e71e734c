/// Exact rates against what is known in closed form, and against long exact propagation.
module Theory.Tests.RatesTests

open Xunit
open Theory
open Theory.Algorithms
open Theory.Numerics
open Theory.Problems

let private close (expected: float) (actual: float) =
    Assert.InRange(actual, expected * (1.0 - 1e-8) - 1e-12, expected * (1.0 + 1e-8) + 1e-12)

let private game =
    Games.rotationBlocks {
        Workers = 3
        Blocks = 1
        Mu = 0.5
        MuSpread = 0.5
        Skew = 1.0
        SkewSpread = 0.3
        Offset = 1.0
        Seed = 3
    }

let private entry name =
    Catalogue(All.papers).Methods
    |> List.map snd
    |> List.find (fun m -> m.Name = name)

let private rates name (problem: IProblem) overrides =
    match (entry name).Prepare problem overrides with
    | Ok prepared -> prepared.Rates()
    | Error reason -> failwith reason

let private known name problem overrides =
    match rates name problem overrides with
    | Ok found -> found
    | Error reason -> failwith reason

[<Fact>]
let ``gradient descent on a diagonal quadratic has the factor of its worst eigenvalue`` () =
    let f = Quadratic.diagonal [| 0.5; 1.0; 4.0 |]
    let found = known "GD" f [ "Gamma", 0.3 ]
    // max (1 − 0.3λ)² over λ = 0.5, 1, 4.
    close (0.85 ** 2.0) found.Asymptotic
    let bound = Assert.Single found.Bounds
    close (0.85 ** 2.0) bound.Worst.Value

[<Fact>]
let ``a step that diverges has a factor above one`` () =
    let f = Quadratic.diagonal [| 1.0; 4.0 |]
    close 4.0 (known "GD" f [ "Gamma", 0.75 ]).Asymptotic

[<Fact>]
let ``extragradient on a bilinear game shrinks by the published factor`` () =
    // One singular value σ: 1 − γ²σ² + γ⁴σ⁴ exactly, in one step and in the long run.
    let f =
        Games.bilinear {
            Dimension = 1
            SigmaMin = 1.0
            SigmaMax = 1.0
            Spread = 1.0
            Seed = 1
        }

    close (1.0 - 0.25 + 0.0625) (known "EG" f [ "Gamma", 0.5 ]).Asymptotic

[<Fact>]
let ``the long run factor is the one that exact propagation shows`` () =
    for name in [ "L-SVRG"; "DIANA"; "ProxSkip" ] do
        let f =
            Quadratic.distributed {
                Workers = 2
                Dimension = 2
                Kappa = 10.0
                Spread = 1.0
                Seed = 3
            }

        let found = known name f []

        match (entry name).Prepare f [] with
        | Error reason -> failwith reason
        | Ok prepared ->
            // A bound's measure after k and 2k steps, averaged over many lanes, cannot see rare events; the exact factor
            // must lie between the one-step worst factor and zero, and below the certified one.
            for bound in found.Bounds do
                Assert.True(found.Asymptotic <= bound.Worst.Value * (1.0 + 1e-9), name)
                Assert.True(bound.Worst.Value <= bound.Certified * (1.0 + 1e-9), name)

            Assert.NotEmpty(prepared.StepCost())

[<NoComparison>]
type private Pair = { X: Block; Y: Block }

let private pairProcess (a: Matrix) (coin: float) : Process<Pair, Mask> = {
    Name = "pair"
    Draw = Draw.coin coin
    Step =
        fun heads s ->
            let moved = Block.ConcatDimension(s.X, s.Y).Apply a

            {
                X = Block.choose heads (moved.SliceDimension(0, 1)) s.X
                Y = moved.SliceDimension(1, 1)
            }
    Cost = fun _ -> [ Charge.each Counter.Rounds 2.0 ]
}

let private origin = {
    X = Block.zeros 1 1 1
    Y = Block.zeros 1 1 1
}

let private square (s: Pair) =
    Block.normSquared s.X + Block.normSquared s.Y

/// Both parts of a pair; the tests that want to see less say so.
let private whole (s: Pair) = Block.ConcatDimension(s.X, s.Y)

let private measured = [ Bounds.linear "both" true square 1.0 ]

[<Fact>]
let ``states that no run reaches do not count`` () =
    // y starts at x and stays equal to it; the difference y − x would grow by 3 a step.
    let a = Matrix(2, 2, [| 1.75; -1.25; -1.25; 1.75 |])
    let both x = { X = x; Y = x }

    match Rates.exact (pairProcess a 1.0) origin both (Block.zeros 1 1 1) whole measured with
    | Error reason -> failwith reason
    | Ok found ->
        close 0.25 found.Asymptotic
        close 0.25 (Assert.Single found.Bounds).Worst.Value

    // From x alone every state is reached.
    let alone x = { X = x; Y = 0.0 * x }

    match Rates.exact (pairProcess a 1.0) origin alone (Block.zeros 1 1 1) whole measured with
    | Error reason -> failwith reason
    | Ok found -> close 9.0 found.Asymptotic

[<Fact>]
let ``what the output does not see does not count in the long run`` () =
    // y doubles at every step and feeds back into nothing.
    let a = Matrix(2, 2, [| 0.5; 0.0; 1.0; 2.0 |])
    let start x = { X = x; Y = x }

    match Rates.exact (pairProcess a 1.0) origin start (Block.zeros 1 1 1) (fun s -> s.X) measured with
    | Error reason -> failwith reason
    | Ok found -> close 0.25 found.Asymptotic

    match Rates.exact (pairProcess a 1.0) origin start (Block.zeros 1 1 1) whole measured with
    | Error reason -> failwith reason
    | Ok found -> close 4.0 found.Asymptotic

[<Fact>]
let ``the long run factor of a random map is that of its second moments`` () =
    // x is halved with probability p and kept otherwise, y is set to x's next value times 0: E x² shrinks by p/4 + 1 − p.
    let a = Matrix(2, 2, [| 0.5; 0.0; 0.0; 0.0 |])
    let p = 0.25

    match Rates.exact (pairProcess a p) origin (fun x -> { X = x; Y = x }) (Block.zeros 1 1 1) whole measured with
    | Error reason -> failwith reason
    | Ok found -> close (p / 4.0 + 1.0 - p) found.Asymptotic

[<Fact>]
let ``a nilpotent map has the factor zero`` () =
    let a = Matrix(2, 2, [| 0.0; 1.0; 0.0; 0.0 |])

    match
        Rates.exact (pairProcess a 1.0) origin (fun x -> { X = x; Y = 2.0 * x }) (Block.zeros 1 1 1) whole measured
    with
    | Error reason -> failwith reason
    | Ok found -> Assert.Equal(0.0, found.Asymptotic)

[<Fact>]
let ``what has no exact rate says why`` () =
    let reason name problem =
        match rates name problem [] with
        | Error reason -> reason
        | Ok _ -> failwith $"{name} has rates."

    Assert.Contains("not affine", reason "MASHA2" game)
    Assert.Contains("no finite law", reason "clipped-SGDA" game)

    Assert.Contains(
        "too many",
        reason
            "SAGA"
            (Quadratic.distributed {
                Workers = 10
                Dimension = 20
                Kappa = 10.0
                Spread = 1.0
                Seed = 1
            })
    )

[<Fact>]
let ``only geometric bounds have a certified factor`` () =
    let bound: RunBound<Pair> = Bounds.averaged "mean" true square square 3.0
    Assert.Equal(None, Rates.certified bound)
    let linear = Bounds.linearToFloor "to a floor" true square 0.9 5.0
    close 0.9 (Rates.certified linear).Value

[<Fact>]
let ``the expected cost of a step weighs the outcomes`` () =
    match (entry "VR-EG").Prepare game [ "P", 0.25 ] with
    | Error reason -> failwith reason
    | Ok prepared ->
        let cost = prepared.StepCost() |> Map.ofList
        close 0.25 cost[Counter.OperatorCalls]
        close 2.0 cost[Counter.ComponentCalls]

[<Fact>]
let ``a family's page names every method and claim`` () =
    let family =
        FamilyTable.families |> List.find (fun f -> f.Key = "systems-and-models")

    let page = FamilyTable.markdown All.papers family []

    for paper in All.papers |> List.filter (fun p -> p.Family = family.Key) do
        for m in paper.Methods do
            Assert.Contains($"**{m.Name}**", page)

        for c in paper.Claims do
            Assert.Contains($"| {c.Id} |", page)

[<Fact>]
let ``every family of the catalogue has a page`` () =
    for paper in All.papers do
        Assert.Contains(paper.Family, FamilyTable.families |> List.map (fun f -> f.Key))

/// The folder of the solution, from where the tests run.
let private root =
    let rec up (folder: System.IO.DirectoryInfo | null) =
        match folder with
        | null -> failwith "There is no Theory.sln above the tests."
        | folder when System.IO.File.Exists(System.IO.Path.Combine(folder.FullName, "Theory.sln")) -> folder.FullName
        | folder -> up folder.Parent

    up (System.IO.DirectoryInfo System.AppContext.BaseDirectory)

let pages: TheoryData<string> =
    TheoryData<string>(
        FamilyTable.families
        |> List.map (fun f -> f.Key)
        |> List.filter (fun key -> System.IO.File.Exists(System.IO.Path.Combine(root, "docs", key + ".md")))
    )

[<Theory; MemberData(nameof pages)>]
let ``a family's page in docs is that of the registry`` (family: string) =
    let page =
        System.IO.File.ReadAllText(System.IO.Path.Combine(root, "docs", family + ".md"))

    for paper in All.papers |> List.filter (fun p -> p.Family = family) do
        for m in paper.Methods do
            Assert.Contains($"| {paper.Key} | **{m.Name}**:", page)

        for c in paper.Claims do
            Assert.Contains($"| {c.Id} | {c.Kind} |", page)

[<Fact>]
let ``the variational-inequality family has a page`` () =
    Assert.Contains("variational-inequalities", (pages :> seq<obj[]>) |> Seq.map (fun row -> string row[0]))
