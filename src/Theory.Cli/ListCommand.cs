using Spectre.Console;

namespace Theory.Cli;

internal static class ListCommand
{
    public static int Run(bool json)
    {
        if (json)
        {
            Json.Print(Session.Catalogue.Papers.Select(p => new
            {
                paper = p.Key,
                title = p.Title,
                family = p.Family,
                methods = p.Methods.Select(m => m.Name).ToArray(),
                claims = p.Claims.Select(c => new { id = c.Id, kind = c.Kind.ToString(), statement = c.Statement }).ToArray(),
            }).ToArray());
            return Program.AsClaimed;
        }

        var rows = Session.Catalogue.Papers.Select(p => new[]
        {
            p.Key, p.Title, p.Family, string.Join(", ", p.Methods.Select(m => m.Name)), p.Claims.Length.ToString(),
        });
        Tables.Print(["paper", "title", "family", "methods", "claims"], rows);
        return Program.AsClaimed;
    }
}
