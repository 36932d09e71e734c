using Spectre.Console;

namespace Theory.Cli.Doctor;

/// <summary>What this machine has of what the parts of the project need.</summary>
internal static class DoctorCommand
{
    private static readonly IReadOnlyList<Func<Check>> Checks =
    [
        Machine.Runtime, Machine.Cores, Machine.Simd, Machine.EnginesFound, Machine.Catalogue,
        Surroundings.Sdk, Surroundings.Feed, Surroundings.Node, Surroundings.Web, Surroundings.Browser, Surroundings.Data, Surroundings.Memory,
    ];

    public static int Run(bool json)
    {
        Check[] found = Waiting.For(new SingleWork("doctor", "looking around"), json, () => Checks.AsParallel().AsOrdered().Select(c => c()).ToArray());
        if (json)
        {
            Json.Print(found.Select(c => new { name = c.Name, ok = c.Ok, required = c.Required, found = c.Found, neededFor = c.NeededFor, install = c.Install }).ToArray());
        }
        else
        {
            Print(found);
        }

        return found.All(c => c.Ok || !c.Required) ? Program.AsClaimed : Program.NotAsClaimed;
    }

    private static void Print(IReadOnlyList<Check> found)
    {
        const int StateWidth = 9;
        int names = found.Max(c => TextWidth.Of(c.Name)) + 2;
        int room = Terminal.Width - StateWidth - names;
        foreach (Check check in found)
        {
            State(check.Ok);
            string[] lines =
            [
                .. Formula.Words(check.Found, room),
                .. check.Ok ? [] : Formula.Words($"needed for: {check.NeededFor}", room, 2),
                .. check.Ok || check.Install is null ? [] : Formula.Words($"get it with: {check.Install}", room, 2),
            ];
            Console.WriteLine(TextWidth.Pad(check.Name, names) + lines[0]);
            foreach (string line in lines.Skip(1))
            {
                Console.WriteLine(new string(' ', StateWidth + names) + line);
            }
        }

        int missing = found.Count(c => !c.Ok);
        Console.WriteLine();
        Console.WriteLine(missing == 0 ? "Everything is here."
            : found.Any(c => !c.Ok && c.Required) ? "Something that everything needs is missing."
            : $"{missing} missing; everything that does not need them works.");

        void State(bool ok)
        {
            string word = (ok ? "ok" : "missing").PadRight(StateWidth);
            if (Terminal.OutIsRich && Terminal.IsColoured)
            {
                Terminal.Out.Write(new Markup($"[{(ok ? "green" : "yellow")}]{word}[/]"));
            }
            else
            {
                Console.Write(word);
            }
        }
    }
}
