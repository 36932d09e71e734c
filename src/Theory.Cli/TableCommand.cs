using Theory.Algorithms;

namespace Theory.Cli;

internal static class TableCommand
{
    public static int Run(string key, string? output, string profile, ulong seed, int threads, CancellationToken cancellation)
    {
        FamilyTable.Family family = FamilyTable.families.FirstOrDefault(f => string.Equals(f.Key, key, StringComparison.OrdinalIgnoreCase))
            ?? throw new UsageException($"There is no family '{key}'. There are {string.Join(", ", FamilyTable.families.Select(f => f.Key))}.");
        if (output is not null)
        {
            Inputs.CheckWritable(output);
            if (Path.GetExtension(output) != ".md")
            {
                throw new UsageException($"--out writes .md, got '{output}'.");
            }
        }

        Catalogue catalogue = Session.Catalogue;
        VerifySettings settings = Session.Settings(profile, seed, threads, "cpu", cancellation);
        var results = VerifyCommand.WithProgress(catalogue, settings, catalogue.Select(family.Key), profile, json: false);
        if (cancellation.IsCancellationRequested)
        {
            return Program.Interrupted;
        }

        string page = FamilyTable.markdown(catalogue.Papers, family, results);
        if (output is null)
        {
            Console.Write(page);
        }
        else
        {
            Inputs.WriteWhole(output, w => w.Write(page));
            Console.WriteLine($"Wrote {output}.");
        }

        return results.All(r => r.AsClaimed) ? Program.AsClaimed : Program.NotAsClaimed;
    }
}
