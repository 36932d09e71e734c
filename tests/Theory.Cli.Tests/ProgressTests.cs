using Spectre.Console;
using Theory.Cli;
using Xunit;

namespace CliTests;

/// <summary>How far work is and how long the rest takes, on a clock that the tests move.</summary>
public class ProgressTests
{
    private sealed class HandClock : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => now;

        public void Pass(double seconds) => now += (long)(1000 * seconds);
    }

    [Fact]
    public void Without_knowledge_the_mean_so_far_is_expected()
    {
        var clock = new HandClock();
        var work = new PartsWork("verify", ["A", "B", "C", "D"], 1, null, clock);
        work.Start("A");
        clock.Pass(3);
        Assert.Null(work.Now().Left);
        work.Finish("A");
        work.Start("B");
        clock.Pass(1);
        Standing now = work.Now();
        Assert.Equal((1, 4, "B"), (now.Done, now.Total, now.Current));
        Assert.Equal(4.0, now.Elapsed.TotalSeconds);
        // Two seconds of B, three of C, three of D.
        Assert.Equal(8.0, now.Left!.Value.TotalSeconds, 9);
    }

    [Fact]
    public void What_parts_took_before_is_expected_at_todays_pace()
    {
        var clock = new HandClock();
        var work = new PartsWork("verify", ["A", "B", "C"], 2, new Dictionary<string, double> { ["A"] = 1, ["B"] = 10, ["C"] = 2 }, clock);
        // Thirteen seconds on two threads, but B alone takes ten.
        Assert.Equal(10.0, work.Now().Left!.Value.TotalSeconds, 9);
        work.Start("A");
        work.Start("B");
        clock.Pass(2);
        work.Finish("A");
        // Twice as slow today: B needs 18 more, C 4.
        Assert.Equal(18.0, work.Now().Left!.Value.TotalSeconds, 9);
    }

    [Fact]
    public void Nothing_is_promised_of_a_last_part_that_is_late()
    {
        var clock = new HandClock();
        var work = new PartsWork("verify", ["A"], 1, new Dictionary<string, double> { ["A"] = 1 }, clock);
        work.Start("A");
        clock.Pass(2);
        Assert.Null(work.Now().Left);
        Assert.Equal("0 of 1  A  2 s so far", work.Now().Line(80));
    }

    [Fact]
    public void A_run_is_extrapolated_when_all_lanes_are_counted()
    {
        var clock = new HandClock();
        var one = new StepWork("GD", 100, 1, clock);
        var many = new StepWork("GD", 100, 64, clock);
        clock.Pass(5);
        one.Reach(20, () => "‖x − x*‖² = 0.1");
        many.Reach(100, () => string.Empty);
        Assert.Equal("20 of 100  ‖x − x*‖² = 0.1  about 20 s left", one.Now().Line(80));
        Assert.Equal("100 of 100  the other lanes  5 s so far", many.Now().Line(80));
    }

    [Fact]
    public void A_line_is_cut_to_the_width()
    {
        var standing = new Standing(1, 9, "CE-TAMUNA.1-printed, CE-SCAFFOLD.2", TimeSpan.Zero, TimeSpan.FromMinutes(3));
        Assert.Equal("1 of 9  CE-TAMUNA.1-prin…  about 3 min left", standing.Line(43));
        Assert.Equal("1 of 9  about 3 min left", standing.Line(20));
        Assert.Equal("2 h 5 min", Standing.Duration(TimeSpan.FromMinutes(125)));
    }

    [Fact]
    public void Redirected_progress_is_plain_lines()
    {
        var end = new TaskCompletionSource();
        using var printed = new SignallingWriter(end);
        Waiting.Lines(printed, new SingleWork("rates", "EG on game", new HandClock()), end.Task, TimeSpan.FromMilliseconds(1));
        Assert.StartsWith("rates: EG on game  1 s so far", printed.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", printed.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Ends the work as soon as a line is there.</summary>
    private sealed class SignallingWriter(TaskCompletionSource end) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            end.TrySetResult();
        }
    }

    [Xunit.Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task On_a_terminal_the_region_is_wiped(bool coloured)
    {
        var printed = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(printed),
            Ansi = AnsiSupport.Yes,
            ColorSystem = coloured ? ColorSystemSupport.EightBit : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
        });
        var end = new TaskCompletionSource();
        var work = new PartsWork("verify", ["A", "B"], 1);
        work.Start("A");
        Task shown = Task.Run(() => Waiting.Live(console, work, end.Task, 80));
        while (!printed.ToString().Contains("0 of 2  A", StringComparison.Ordinal))
        {
            await Task.Delay(10);
        }

        end.SetResult();
        await shown;
        string text = printed.ToString();
        const string LineWiped = "\u001b[2K";
        Assert.EndsWith($"{LineWiped}\u001b[?25h", text, StringComparison.Ordinal);
        Assert.Equal(coloured, text.Contains("\u001b[38;5;", StringComparison.Ordinal));
    }
}
