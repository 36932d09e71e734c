using System.CommandLine;
using Theory.Cli.Doctor;

namespace Theory.Cli;

/// <summary>The command tree: options and what each calls.</summary>
internal static class Commands
{
    /// <summary>The option that every command has.</summary>
    public const string NoColor = "--no-color";

    public static RootCommand Root()
    {
        var root = new RootCommand("Checks optimization theory by running it.")
        {
            List(), Show(), Verify(), Run(), Rates(), Compare(), PlotCommands.Plot(), ReportCommand.Command(), Table(), Replay(), Calibrate(),
            Completion(), Doctor(),
        };
        root.Options.Add(new Option<bool>(NoColor)
        {
            Description = "No colours; a non-empty NO_COLOR or TERM=dumb say the same.",
            Recursive = true,
        });
        return root;
    }

    /// <summary>On another thread, so that Ctrl-C is heard while the work goes on.</summary>
    public static Task<int> Background(Func<int> work) => Task.Factory.StartNew(work, TaskCreationOptions.LongRunning);

    private static Option<bool> Json() => new("--json") { Description = "Print JSON." };

    public static Option<ulong> Seed() => new("--seed") { Description = "Seed of every draw.", DefaultValueFactory = _ => 1 };

    public static Option<int> Threads() =>
        new("--threads") { Description = "Worker threads; results do not depend on it.", DefaultValueFactory = _ => Environment.ProcessorCount };

    public static Option<string> ProfileOption()
    {
        var option = new Option<string>("--profile") { Description = "How much to spend: quick, standard or deep.", DefaultValueFactory = _ => "standard" };
        option.AcceptOnlyFromAmong("quick", "standard", "deep");
        return option;
    }

    private static Option<string> EngineOption()
    {
        var option = new Option<string>("--engine") { Description = "cpu or reference.", DefaultValueFactory = _ => "cpu" };
        option.AcceptOnlyFromAmong("cpu", "reference");
        return option;
    }

    private static Command List()
    {
        Option<bool> json = Json();
        var command = new Command("list", "Lists papers, methods and claims.") { json };
        command.SetAction(p => ListCommand.Run(p.GetValue(json)));
        return command;
    }

    private static Command Show()
    {
        Argument<string> key = Completions.From(
            new Argument<string>("paper or claim") { Description = "A paper, as CE-DIANA, or one claim, as CE-DIANA.1." }, Completions.PapersAndClaims);
        Option<bool> json = Json();
        var command = new Command("show", "Shows a paper: citation, problem, methods, claims with formulas; or one claim.") { key, json };
        command.SetAction(p => ShowCommand.Run(p.GetValue(key)!, p.GetValue(json)));
        return command;
    }

    private static Command Verify()
    {
        Argument<string[]> selectors = Completions.From(
            new Argument<string[]>("selector")
            {
                Description = "Claims, papers or families; a trailing * matches any ending. Everything when omitted.",
                Arity = ArgumentArity.ZeroOrMore,
            },
            Completions.Selectors);
        Option<string?> family = Completions.From(new Option<string?>("--family") { Description = "Only this family." }, Completions.Families);
        DataOptions data = new("A LIBSVM file: checks the papers' bounds on its logistic regression.");
        (Option<bool> json, Option<ulong> seed, Option<int> threads, Option<string> profile, Option<string> engine) =
            (Json(), Seed(), Threads(), ProfileOption(), EngineOption());
        var command = new Command(
            "verify",
            "Verifies claims and prints the table: in the catalogue's order what is as claimed (errata are: they are refuted), then what is inconclusive, then claims with a falsifier alive, then claims refuted and errata not refuted; their details come last. JSON keeps the catalogue's order.")
        {
            selectors, family, json, seed, threads, profile, engine,
        };
        data.AddTo(command);
        command.SetAction((p, cancellation) => Background(() => VerifyCommand.Run(
            new VerifyRequest(
                p.GetValue(selectors) ?? [],
                p.GetValue(family),
                data.Of(p),
                p.GetValue(json),
                p.GetValue(seed),
                p.GetValue(threads),
                p.GetValue(profile)!,
                p.GetValue(engine)!),
            cancellation)));
        return command;
    }

    public static Argument<string> Method(string example) =>
        Completions.From(new Argument<string>("method") { Description = $"Name of a method, as {example}." }, Completions.Methods);

    public static (Option<string> Problem, DataOptions Data, Option<int> Steps, Option<string[]> Set) RunOptions() => (
        Completions.From(
            new Option<string>("--problem") { Description = "quadratic:n=10,d=20,kappa=100 and so on; logistic with --data.", DefaultValueFactory = _ => "quadratic" },
            Completions.ProblemNames),
        new DataOptions("A LIBSVM file."),
        new Option<int>("--steps") { Description = "Steps to run.", DefaultValueFactory = _ => 1000 },
        new Option<string[]>("--set") { Description = "Overrides a parameter: gamma=0.01.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] });

    /// <summary>The problem of exact rates, which ask for few dimensions.</summary>
    public static Option<string?> SmallProblem() => Completions.From(
        new Option<string?>("--problem") { Description = "A small problem, as quadratic:n=3,d=2,kappa=10; when omitted, one on which the method's family is shown." },
        Completions.ProblemNames);

    private static Command Run()
    {
        Argument<string> method = Method("DIANA");
        var (problem, data, steps, set) = RunOptions();
        var every = new Option<int>("--every") { Description = "Record every so many steps.", DefaultValueFactory = _ => 1 };
        var lanes = new Option<int>("--lanes") { Description = "Independent replicates.", DefaultValueFactory = _ => 1 };
        var output = new Option<string?>("--out") { Description = "Writes the trajectory to this .csv or .json file." };
        var force = new Option<bool>("--force") { Description = "Run outside the theorem's conditions (without the claim)." };
        (Option<bool> json, Option<ulong> seed, Option<int> threads, Option<string> engine) = (Json(), Seed(), Threads(), EngineOption());
        var command = new Command("run", "Runs a method on a problem.")
        {
            method, problem, steps, set, every, lanes, output, force, json, seed, threads, engine,
        };
        data.AddTo(command);
        command.SetAction((p, cancellation) => Background(() => RunCommand.Run(
            new RunArguments(
                p.GetValue(method)!, p.GetValue(problem)!, data.Of(p),
                p.GetValue(steps), p.GetValue(set) ?? [], p.GetValue(every), p.GetValue(lanes), p.GetValue(output),
                p.GetValue(force), p.GetValue(json), p.GetValue(seed), p.GetValue(threads), p.GetValue(engine)!),
            cancellation)));
        return command;
    }

    private static Command Rates()
    {
        Argument<string> method = Method("EG");
        var (_, data, _, set) = RunOptions();
        Option<string?> problem = SmallProblem();
        Option<bool> json = Json();
        var command = new Command("rates", "Shows the exact factors of a method on a problem beside those that its bounds promise.")
        {
            method, problem, set, json,
        };
        data.AddTo(command);
        command.SetAction((p, _) => Background(() => RatesCommand.Run(
            p.GetValue(method)!, p.GetValue(problem), data.Of(p), p.GetValue(set) ?? [], p.GetValue(json))));
        return command;
    }

    private static Command Table()
    {
        Argument<string> family = Completions.From(
            new Argument<string>("family") { Description = "A family, as variational-inequalities." }, Completions.Pages);
        var output = new Option<string?>("--out") { Description = "Writes the page to this .md file instead of the terminal." };
        (Option<ulong> seed, Option<int> threads, Option<string> profile) = (Seed(), Threads(), ProfileOption());
        var command = new Command("table", "Verifies a family and prints its page of methods, rates and claims as Markdown.") { family, output, seed, threads, profile };
        command.SetAction((p, cancellation) => Background(() => TableCommand.Run(
            p.GetValue(family)!, p.GetValue(output), p.GetValue(profile)!, p.GetValue(seed), p.GetValue(threads), cancellation)));
        return command;
    }

    private static Command Compare()
    {
        Argument<string[]> methods = Completions.From(
            new Argument<string[]>("methods")
            {
                Description = "Methods to compare, or comparisons that papers claim (VI-X1, a paper, a family). All of those when omitted.",
                Arity = ArgumentArity.ZeroOrMore,
            },
            Completions.Compared);
        var (problem, data, steps, set) = RunOptions();
        var by = new Option<string>("--by") { Description = string.Join(", ", CompareCommand.Units.Keys) + ".", DefaultValueFactory = _ => "rounds" };
        by.AcceptOnlyFromAmong([.. CompareCommand.Units.Keys]);
        var target = new Option<double>("--target") { Description = "Relative ‖x − x*‖² to reach.", DefaultValueFactory = _ => 1e-6 };
        (Option<bool> json, Option<ulong> seed, Option<int> threads, Option<string> engine) = (Json(), Seed(), Threads(), EngineOption());
        var command = new Command("compare", "Compares what methods spend until a target accuracy.")
        {
            methods, problem, steps, set, by, target, json, seed, threads, engine,
        };
        data.AddTo(command);
        command.SetAction((p, cancellation) => Background(() => CompareCommand.Run(
            new CompareArguments(
                p.GetValue(methods)!, p.GetValue(problem)!, data.Of(p),
                p.GetValue(steps), p.GetValue(set) ?? [], p.GetValue(by)!, p.GetValue(target), p.GetValue(json),
                p.GetValue(seed), p.GetValue(threads), p.GetValue(engine)!),
            cancellation)));
        return command;
    }

    private static Command Replay()
    {
        var token = new Argument<string>("token") { Description = "A token printed beside a counterexample." };
        DataOptions data = new("The LIBSVM file that the token's claim is about.");
        (Option<bool> json, Option<string> engine) = (Json(), EngineOption());
        var command = new Command("replay", "Runs exactly one counterexample and shows both sides step by step.") { token, json, engine };
        data.AddTo(command);
        command.SetAction(p => ReplayCommand.Run(
            p.GetValue(token)!, data.Of(p), p.GetValue(json), p.GetValue(engine)!));
        return command;
    }

    private static Command Calibrate()
    {
        var seeds = new Option<int>("--seeds") { Description = "Independent seeds.", DefaultValueFactory = _ => 1000 };
        Option<string> profile = ProfileOption();
        (Option<bool> json, Option<int> threads) = (Json(), Threads());
        var command = new Command("calibrate", "Verifies the statistical claims on many seeds and counts false refutations.") { seeds, profile, json, threads };
        command.SetAction((p, cancellation) => Background(() => CalibrateCommand.Run(
            p.GetValue(seeds), p.GetValue(profile)!, p.GetValue(threads), p.GetValue(json), cancellation)));
        return command;
    }

    private static Command Completion()
    {
        var shell = new Argument<string>("shell") { Description = string.Join(", ", CompletionCommand.Shells) + "." };
        shell.AcceptOnlyFromAmong([.. CompletionCommand.Shells]);
        var command = new Command("completion", "Prints the script that completes words in a shell; its first lines say where to put it.") { shell };
        command.SetAction(p => CompletionCommand.Run(p.GetValue(shell)!));
        return command;
    }

    private static Command Doctor()
    {
        Option<bool> json = Json();
        var command = new Command("doctor", "Says what this machine has of what the parts of the project need, and how to get the rest.") { json };
        command.SetAction(p => DoctorCommand.Run(p.GetValue(json)));
        return command;
    }
}
