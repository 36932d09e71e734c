using Theory.Api;
using Xunit;

namespace FacadeTests;

public sealed class LibraryTests
{
    [Fact]
    public void Papers_are_listed_with_their_methods_and_claims()
    {
        PaperInfo diana = Assert.Single(Library.Papers, p => p.Key == "CE-DIANA");
        Assert.Equal("communication-efficient", diana.Family);
        Assert.Contains("Mishchenko", diana.Citation, StringComparison.Ordinal);
        Assert.NotEmpty(diana.Problem);
        Assert.Contains(diana.Methods, m => m is { Name: "DIANA", Paper: "CE-DIANA", FullName: "CE-DIANA/DIANA" });
        ClaimInfo claim = Assert.Single(diana.Claims, c => c.Id == "CE-DIANA.1");
        Assert.Equal(ClaimKind.Mean, claim.Kind);
        Assert.NotEmpty(claim.Statement);
        Assert.NotEmpty(claim.Formula);
        Assert.NotEmpty(claim.Source);
        Assert.NotEmpty(claim.Falsifiers);
        Assert.Null(claim.Erratum);
        Assert.Equal("CE-DIANA", claim.Paper);
    }

    [Fact]
    public void Every_paper_is_found_by_its_key_in_any_case()
    {
        foreach (PaperInfo paper in Library.Papers)
        {
            Assert.Same(paper, Library.Find(paper.Key.ToLowerInvariant()));
            Assert.True(Library.TryFind(paper.Key, out PaperInfo? found));
            Assert.Same(paper, found);
        }
    }

    [Fact]
    public void Every_method_is_found_by_its_full_name()
    {
        Assert.All(Methods.All, m => Assert.Same(m, Methods.Find(m.FullName)));
    }

    [Fact]
    public void An_unknown_name_is_answered_with_the_nearest()
    {
        Assert.Contains("CE-DIANA", Library.Nearest("CE-DIANNA"));
        Assert.False(Library.TryFind("CE-DIANNA", out _));
        var paper = Assert.Throws<ArgumentException>(() => Library.Find("CE-DIANNA"));
        Assert.Equal("key", paper.ParamName);
        Assert.Contains("'CE-DIANNA'", paper.Message, StringComparison.Ordinal);
        Assert.Contains("CE-DIANA", paper.Message, StringComparison.Ordinal);
        var method = Assert.Throws<ArgumentException>(() => Methods.Find("DIANNA"));
        Assert.Contains("DIANA", method.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_paper_of_ones_own_makes_a_new_catalogue()
    {
        PaperDefinition paper = PaperDefinition.Create("OWN", "A note").With(OwnMethods.CoordinateDescent).With(OwnClaims.Coordinates);
        int before = Library.Papers.Count;
        Catalogue mine = Library.With(paper);
        Assert.Equal(before, Library.Papers.Count);
        Assert.Equal(before + 1, mine.Papers.Count);
        Assert.Equal("OWN.1", Assert.Single(mine.Find("OWN").Claims).Id);
        Assert.Equal("OWN/RCD", mine.FindMethod("RCD").FullName);
        Assert.Equal("paper", Assert.Throws<ArgumentException>(() => mine.With(paper)).ParamName);
        Assert.Equal("paper", Assert.Throws<ArgumentException>(
            () => mine.With(PaperDefinition.Create("OWN-2", "Another").With(OwnClaims.Coordinates))).ParamName);
    }

    [Fact]
    public void A_name_of_two_methods_asks_for_the_paper()
    {
        Catalogue mine = Library
            .With(PaperDefinition.Create("A", "A").With(OwnMethods.CoordinateDescent))
            .With(PaperDefinition.Create("B", "B").With(OwnMethods.CoordinateDescent));
        var error = Assert.Throws<ArgumentException>(() => mine.FindMethod("RCD"));
        Assert.Contains("A/RCD or B/RCD", error.Message, StringComparison.Ordinal);
        Assert.Equal("B", mine.FindMethod("b/rcd").Paper);
    }
}
