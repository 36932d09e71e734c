/// The contract that every registered method keeps, on every problem that it accepts and on both engines.
module Theory.Tests.ContractTests

open Xunit
open Theory
open Theory.Algorithms
open Theory.Numerics
open Theory.Problems

let private logistic: LogisticSpec = {
    Workers = 3
    RowsPerWorker = 4
    Dimension = 4
    Kappa = 30.0
    Spread = 1.0
    Seed = 2
}

let problems: (string * IProblem) list = [
    "quadratics",
    Quadratic.distributed {
        Workers = 3
        Dimension = 4
        Kappa = 10.0
        Spread = 1.0
        Seed = 3
    }
    "diagonal", Quadratic.diagonal [| 0.5; 1.0; 4.0; 9.0 |]
    "logistic regression over workers", Logistic.distributed logistic
    "logistic regression over samples", Logistic.finiteSum logistic
    // 12 rows over 5 workers: parts of different sizes.
    "logistic regression over uneven workers", Logistic.workers 5 (Logistic.options 0.05) (Logistic.synthetic logistic)
    "bilinear game",
    Games.bilinear {
        Dimension = 2
        SigmaMin = 0.5
        SigmaMax = 1.5
        Spread = 1.0
        Seed = 2
    }
    "quadratic games",
    Games.quadratic {
        Workers = 3
        Dimension = 2
        Mu = 0.3
        Curvature = 1.0
        Coupling = 1.0
        Deviation = 0.5
        Offset = 1.0
        Seed = 5
    }
    "log-cosh game",
    Games.logCosh {
        Dimension = 2
        Mu = 0.2
        Coupling = 1.0
        Spread = 1.0
        Seed = 3
    }
    "game with Markovian noise", ProblemCatalogue.build "markovgame:d=2"
    "quadratic with Markovian noise", ProblemCatalogue.build "markovquadratic:d=4,kappa=10"
    "operators on a ring", ProblemCatalogue.build "network:nodes=5,n=2,blocks=1"
    "operators on a star", ProblemCatalogue.build "network:nodes=4,n=3,blocks=1,graph=star"
    "vertical regression", ProblemCatalogue.build "vertical:m=5,parties=2,d=4"
    "lasso", ProblemCatalogue.build "penalised:n=3,d=4,kappa=10,weight=2"
    "ridge", ProblemCatalogue.build "penalised:n=3,d=4,kappa=10,weight=0.5,penalty=ridge"
    "clients with sums of their own", ProblemCatalogue.build "clients:m=2,n=3,d=3,kappa=5"
    "clients with samples", ProblemCatalogue.build "clientsamples:n=3,m=4,d=4"
    "personal models", ProblemCatalogue.build "personal:n=3,d=4,lambda=2"
    "clients with proximal steps", ProblemCatalogue.build "proxclients:n=3,d=4,kappa=10,last=5"
    "logistic clients with proximal steps", ProblemCatalogue.build "logisticclients:n=3,rows=4,d=4,kappa=30"
    "clients of unequal sizes", ProblemCatalogue.build "unequalclients:sizes=1+3+2,d=3,kappa=10"
    "quadratics at the nodes of a ring", ProblemCatalogue.build "networkquadratic:nodes=4,d=3"
    "model on two devices", ProblemCatalogue.build "pipeline:n=5,p=2,d=4"
    "cocoercive games", ProblemCatalogue.build "cocoercive"
    "similar games around a server", ProblemCatalogue.build "similargame:n=3"
    "split quadratic", ProblemCatalogue.build "split:d=4"
    "split game", ProblemCatalogue.build "splitgame:d=4"
    "clients and a server", ProblemCatalogue.build "server:n=3,d=3,deviation=0.2,mu=0.3"
    "similar functions around a server", ProblemCatalogue.build "similarserver:n=3,d=3,mu=0.3,l=3,delta=0.5"
    "two groups", ProblemCatalogue.build "twogroups:d=4,l=5,delta_f=0.3,delta_g=0.9"
    "losses of sines", ProblemCatalogue.build "sines"
    "losses of quadratics", ProblemCatalogue.build "groups"
    "losses of a Poisson problem", ProblemCatalogue.build "poisson"
    "linear system",
    LinearSystem.random {
        Rows = 5
        Dimension = 3
        Kappa = 3.0
        Rank = 3
        Residual = 0.0
        Seed = 4
    }
]

let private catalogue = Catalogue All.papers

let cases: obj[] seq =
    seq {
        for paper, entry in catalogue.Methods do
            for name, problem in problems do
                if entry.Accepts problem then
                    for engine in Engines.All -> [| paper.Key; entry.Name; name; engine.Name |]
    }

[<Theory>]
[<MemberData(nameof cases)>]
let ``a registered method keeps the contract`` (paper: string) (method: string) (problem: string) (engine: string) =
    let _, entry =
        catalogue.Methods |> List.find (fun (p, m) -> p.Key = paper && m.Name = method)

    let _, instance = problems |> List.find (fun (name, _) -> name = problem)

    let checks =
        entry.Contract
            {
                CheckContext.standard with
                    Engine = Engines.ByName engine
                    Stream = 5u
            }
            instance

    Assert.NotEmpty checks

    let broken =
        checks
        |> List.choose (fun c -> c.Failure |> Option.map (fun f -> $"{c.Property}: {f}"))

    Assert.True(broken.IsEmpty, String.concat "\n" broken)

[<Fact>]
let ``every registered method accepts at least one contract problem`` () =
    let left =
        catalogue.Methods
        |> List.filter (fun (_, m) -> problems |> List.forall (fun (_, p) -> not (m.Accepts p)))
        |> List.map (fun (p, m) -> $"{p.Key} {m.Name}")

    Assert.True(left.IsEmpty, "no contract problem for " + String.concat ", " left)

/// A step that peeks at the lanes beside it and a method that hides state: the suite must catch both.
type private Peek = { X: Block }

let private peeking: Method<IObjective, unit, Peek, unit> = {
    Name = "peeking"
    Summary = ""
    Rule = fun _ -> ()
    Conditions = fun _ () -> []
    Draw = fun _ () -> Draw.none
    Init = fun _ () x0 -> { X = x0 }
    Step =
        fun f () () s -> {
            X = s.X - (0.01 * float s.X.Lanes) * f.Gradient s.X
        }
    Output = fun s -> s.X
    Cost = fun _ () () -> [ Charge.each Counter.Gradients 2.0 ]
    FixedPoint = fun f () -> Some { X = f.Minimiser + Block.scalar 1.0 }
    Bounds = fun _ () -> []
}

[<Fact>]
let ``the contract catches a step that depends on the batch, a false fixed point and a false cost`` () =
    let failed =
        (MethodEntry.create peeking).Contract CheckContext.standard (snd problems[0])
        |> List.filter (fun c -> c.Failure.IsSome)
        |> List.map (fun c -> c.Property)

    Assert.Contains("one lane of a batch equals a run alone, bit for bit", failed)
    Assert.Contains("results do not depend on chunks or threads", failed)
    Assert.Contains("the fixed point does not move in expectation", failed)
    Assert.Contains("declared Gradients are made", failed)
