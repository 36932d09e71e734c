using System.Reflection;
using Xunit;

namespace FacadeTests;

/// <summary>The sample of the README: at most thirty lines, the same as in the document, and it does what it says.</summary>
public sealed class SampleTests
{
    [Fact]
    public void The_sample_is_short_and_the_document_shows_it_word_for_word()
    {
        string program = Resource("Sample.cs").Trim();
        Assert.True(program.Split('\n').Length <= 30);
        string document = Resource("csharp.md");
        int from = document.IndexOf("```csharp\n", StringComparison.Ordinal) + "```csharp\n".Length;
        Assert.Equal(program, document[from..document.IndexOf("```", from, StringComparison.Ordinal)].Trim());
    }

    [Fact]
    public void The_sample_runs()
    {
        TextWriter before = Console.Out;
        using var written = new StringWriter();
        Console.SetOut(written);
        try
        {
            MethodInfo main = typeof(SampleTests).Assembly.EntryPoint!;
            _ = main.Invoke(null, main.GetParameters().Length == 0 ? null : [Array.Empty<string>()]);
        }
        finally
        {
            Console.SetOut(before);
        }

        string output = written.ToString();
        Assert.Contains("CE-DIANA.1: Proved (Spectral)", output, StringComparison.Ordinal);
        Assert.Contains("‖x − x*‖²: 51 records × 1 lanes", output, StringComparison.Ordinal);
        Assert.Contains("LAZY.1: Proved (Spectral), tightness 1, falsifiers killed 1/1", output, StringComparison.Ordinal);
    }

    private static string Resource(string name)
    {
        using Stream stream = typeof(SampleTests).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Replace("\r\n", "\n", StringComparison.Ordinal);
    }
}
