using Theory.Api;
using Theory.Numerics;
using Xunit;

namespace FacadeTests;

public sealed class VerifierTests
{
    private static readonly VerifyOptions Quick = VerifyOptions.Default.WithProfile(Profile.Quick);

    [Fact]
    public async Task Verifying_a_claim_reports_progress_and_evidence()
    {
        var progress = new Collector<ClaimReport>();
        IReadOnlyList<ClaimReport> reports = await Verifier.VerifyAsync(["CE-DIANA.1"], Quick, progress);
        ClaimReport report = Assert.Single(reports);
        Assert.Equal("CE-DIANA.1", Assert.Single(progress.Items).Claim);
        Assert.Equal("CE-DIANA", report.Paper);
        Assert.Equal(Verdict.Proved, report.Verdict);
        Assert.Equal(Rung.Spectral, report.Rung);
        Assert.True(report.AsClaimed);
        Assert.InRange(report.Tightness!.Value, 0.1, 1.0 + 1e-9);
        Assert.True(report.SmallestTightness <= report.Tightness);
        Assert.NotEmpty(report.Falsifiers);
        Assert.All(report.Falsifiers, f => Assert.True(f.Killed));
        Assert.Null(report.Counterexample);
        Assert.True(report.Instances > 1);
        Assert.True(report.Comparisons > 1);
        Assert.StartsWith("CE-DIANA.1: Proved (Spectral)", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_falsifier_replays()
    {
        ClaimReport report = (await Verifier.VerifyAsync(["CE-DIANA.1"], Quick))[0];
        foreach (FalsifierReport falsifier in report.Falsifiers)
        {
            ReplayReport replay = Verifier.Replay(falsifier.Token!);
            Assert.Equal("CE-DIANA.1", replay.Claim);
            Assert.Equal(falsifier.Name, replay.Falsifier);
            Assert.Equal(Verdict.Refuted, replay.Verdict);
            Assert.Contains(replay.Rows, row => !row.Holds);
        }
    }

    [Fact]
    public async Task Selectors_name_papers_families_and_prefixes_and_a_claim_is_verified_once()
    {
        IReadOnlyList<ClaimReport> reports = await Verifier.VerifyAsync(["SV-GD.1", "sv-gd.*", "SV-GD"], Quick);
        Assert.Equal(Library.Find("SV-GD").Claims.Count, reports.Count);
        Assert.Equal("SV-GD.1", reports[0].Claim);
    }

    [Fact]
    public async Task Reports_depend_on_the_seed_and_not_on_the_threads()
    {
        async Task<string> Run(ulong seed, int threads) => string.Join(
            ";", (await Verifier.VerifyAsync(["CE-DIANA", "SV-GD"], Quick.WithSeed(seed).WithThreads(threads)))
                .Select(r => $"{r.Claim} {r.SmallestTightness:R} {r.Tightness:R} {r.Instances}"));

        string one = await Run(3, 1);
        Assert.Equal(one, await Run(3, 2));
        Assert.NotEqual(one, await Run(4, 2));
    }

    [Fact]
    public async Task Cancelling_cancels_the_task_and_keeps_the_reports_so_far()
    {
        using var stop = new CancellationTokenSource();
        var progress = new Collector<ClaimReport>(_ => stop.Cancel());
        Task<IReadOnlyList<ClaimReport>> task = Verifier.VerifyAsync(["SV-GD.1", "CE-DIANA.1"], Quick.WithThreads(1), progress, stop.Token);
        var cancelled = await Assert.ThrowsAsync<VerificationCanceledException>(() => task);
        Assert.True(task.IsCanceled);
        Assert.Equal("SV-GD.1", Assert.Single(cancelled.Partial).Claim);
        Assert.Equal(2, cancelled.Selected);
        Assert.Equal(stop.Token, cancelled.CancellationToken);
    }

    [Fact]
    public async Task A_check_in_progress_stops_when_it_looks_at_the_token()
    {
        using var stop = new CancellationTokenSource();
        ClaimDefinition waiting = ClaimDefinition.Create(
            "WAIT.1",
            ClaimKind.Sure,
            "ends only when cancelled",
            Instances.Of(new EllipsoidSpec(1, 1.0, 1)),
            (context, _) =>
            {
                stop.Cancel();
                context.CancellationToken.WaitHandle.WaitOne();
                context.CancellationToken.ThrowIfCancellationRequested();
                return Evidence.Nothing(Rung.Trajectories, "unreachable");
            });
        Catalogue mine = Library.With(PaperDefinition.Create("WAIT", "Waiting").With(waiting));
        var cancelled = await Assert.ThrowsAsync<VerificationCanceledException>(
            () => mine.VerifyAsync(["WAIT"], Quick, cancellationToken: stop.Token));
        Assert.Empty(cancelled.Partial);
    }

    [Fact]
    public async Task What_a_progress_throws_reaches_the_caller_and_a_broken_generator_is_inconclusive()
    {
        var progress = new Collector<ClaimReport>(_ => throw new TimeZoneNotFoundException("progress"));
        _ = await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => Verifier.VerifyAsync(["SV-GD.1"], Quick, progress));

        int calls = 0;
        ClaimDefinition broken = ClaimDefinition.Create(
            "BROKEN.1",
            ClaimKind.Sure,
            "its generator throws",
            Instances.Generated(random => calls++ == 0 ? new EllipsoidSpec(1, 1.0, 1) : throw new TimeZoneNotFoundException("generator")),
            (_, _) => Evidence.Nothing(Rung.Trajectories, "nothing"));
        Catalogue mine = Library.With(PaperDefinition.Create("BROKEN", "Broken").With(broken));
        ClaimReport report = (await mine.VerifyAsync(["BROKEN"], Quick))[0];
        Assert.Equal(Verdict.Inconclusive, report.Verdict);
        Assert.Contains("generator", report.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_that_throws_is_inconclusive_and_says_why()
    {
        ClaimDefinition broken = ClaimDefinition.Create(
            "BROKEN.2", ClaimKind.Sure, "its check throws", Instances.Of(new EllipsoidSpec(1, 1.0, 1)), (_, _) => null!);
        Catalogue mine = Library.With(PaperDefinition.Create("BROKEN", "Broken").With(broken));
        ClaimReport report = (await mine.VerifyAsync(["BROKEN"], Quick))[0];
        Assert.Equal(Verdict.Inconclusive, report.Verdict);
        Assert.Contains("the check returned null", report.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_immutable()
    {
        VerifyOptions changed = VerifyOptions.Default
            .WithProfile(Profile.Deep).WithSeed(9).WithThreads(2).WithEngine(Engines.Reference).WithErrorProbability(1e-3);
        Assert.Equal((Profile.Deep, 9UL, 2, Engines.Reference, 1e-3), (changed.Profile, changed.Seed, changed.Threads, changed.Engine, changed.ErrorProbability));
        Assert.Equal((Profile.Standard, 1UL, 1e-2), (VerifyOptions.Default.Profile, VerifyOptions.Default.Seed, VerifyOptions.Default.ErrorProbability));
    }

    [Fact]
    public void Bad_arguments_are_named_before_any_work()
    {
        var unknown = Assert.Throws<ArgumentException>(() => { _ = Verifier.VerifyAsync(["CE-DIANA.99"]); });
        Assert.Equal("selectors", unknown.ParamName);
        Assert.Contains("CE-DIANA.1", unknown.Message, StringComparison.Ordinal);
        Assert.Equal("selectors", Assert.Throws<ArgumentException>(() => { _ = Verifier.VerifyAsync([]); }).ParamName);
        Assert.Equal("selectors", Assert.Throws<ArgumentNullException>(() => { _ = Verifier.VerifyAsync(null!); }).ParamName);
        Assert.Equal("token", Assert.Throws<ArgumentException>(() => Verifier.Replay("no token")).ParamName);
        Assert.Equal("token", Assert.Throws<ArgumentException>(() => Verifier.Replay("eyJDbGFpbSI6IkNFLURJQU5BLjEifQ")).ParamName);
        var threads = Assert.Throws<ArgumentOutOfRangeException>(() => VerifyOptions.Default.WithThreads(0));
        Assert.Equal(("threads", 0), (threads.ParamName, threads.ActualValue));
        Assert.Equal("profile", Assert.Throws<ArgumentOutOfRangeException>(() => VerifyOptions.Default.WithProfile((Profile)7)).ParamName);
        Assert.Equal("errorProbability", Assert.Throws<ArgumentOutOfRangeException>(() => VerifyOptions.Default.WithErrorProbability(0.0)).ParamName);
    }
}
