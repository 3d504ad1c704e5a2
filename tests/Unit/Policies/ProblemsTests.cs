using System.Text.Json.Nodes;
using Gateway.Pipeline;
using Xunit;

namespace Gateway.Tests.Unit.Policies;

/// <summary>What a caller reads when it is refused.</summary>
public sealed class ProblemsTests
{
    private readonly Problems _problems = new("/problems/");

    public static TheoryData<Failure> All => [.. Enum.GetValues<Failure>()];

    /// <summary>The table of docs/design.md, section 4: what the gateway answers, and when.</summary>
    [Theory]
    [InlineData(400, Failure.MalformedBody, Failure.IdempotencyKeyMissing, Failure.MalformedRequest, Failure.VersionUnknown)]
    [InlineData(401, Failure.Unauthenticated)]
    [InlineData(404, Failure.NotFound)]
    [InlineData(405, Failure.MethodNotAllowed)]
    [InlineData(409, Failure.StillRunning, Failure.OutcomeUnknown, Failure.ReferenceConflict, Failure.WrongState)]
    [InlineData(410, Failure.Gone, Failure.EventsExpired)]
    [InlineData(408, Failure.RequestTooSlow)]
    [InlineData(413, Failure.BodyTooLarge, Failure.CostTooHigh)]
    [InlineData(414, Failure.UriTooLong)]
    [InlineData(415, Failure.UnsupportedMediaType)]
    [InlineData(422, Failure.IdempotencyKeyReused, Failure.ContractBroken, Failure.MappingRefused, Failure.BusinessRefused)]
    [InlineData(429, Failure.TooManyRequests)]
    [InlineData(431, Failure.HeadersTooLarge)]
    [InlineData(500, Failure.Internal)]
    [InlineData(502, Failure.BackendUnusable)]
    [InlineData(503, Failure.BackendUnavailable, Failure.StoreUnavailable, Failure.IssuerUnavailable)]
    [InlineData(504, Failure.DeadlineExceeded)]
    public void Exactly_these_failures_have_the_status(int status, params Failure[] failures) =>
        Assert.Equal(failures.Order(), Enum.GetValues<Failure>().Where(f => Problems.StatusOf(f) == status).Order());

    [Theory]
    [MemberData(nameof(All))]
    public void Every_failure_has_a_page_that_its_type_leads_to(Failure failure)
    {
        var page = Path.Combine(Repository.Root, "docs", "problems", Problems.PageOf(failure) + ".md");

        Assert.True(File.Exists(page), $"docs/problems/{Problems.PageOf(failure)}.md is missing");
        Assert.StartsWith("# ", File.ReadAllText(page), StringComparison.Ordinal);
        Assert.NotNull(typeof(Problems).Assembly.GetManifestResourceInfo($"problems/{Problems.PageOf(failure)}.md"));
    }

    [Fact]
    public void Every_page_belongs_to_a_failure() => Assert.Equal(
        Problems.Pages.Order(StringComparer.Ordinal),
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "problems"), "*.md").Select(p => Path.GetFileNameWithoutExtension(p)).Where(p => p != "README").Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(All))]
    public void A_problem_says_what_where_and_how(Failure failure)
    {
        var answer = _problems.Of(new Refusal(failure, "Do this.") { Reason = "for the log only" });
        var problem = JsonNode.Parse(answer.Body.Span)!;

        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Equal(Problems.StatusOf(failure), answer.Status);
        Assert.Equal(answer.Status, (int)problem["status"]!);
        Assert.Equal("Do this.", (string?)problem["detail"]);
        Assert.NotEmpty((string)problem["title"]!);
        Assert.EndsWith(Problems.PageOf(failure), (string)problem["type"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("for the log only", problem.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_failure_has_a_page_of_its_own() => Assert.Distinct(Problems.Pages);

    [Fact]
    public void What_else_is_known_stands_in_members_of_its_own()
    {
        var problem = JsonNode.Parse(_problems.Of(new Refusal(Failure.TooManyRequests, "d")
        {
            Existing = "ord_1",
            ViolatedPolicies = ["a", "b"],
            Findings = [new Finding("#/orderLines/0/quantity", "minimum", "must be > 0")],
        }).Body.Span)!;

        Assert.Equal("https://iana.org/assignments/http-problem-types#quota-exceeded", (string?)problem["type"]);
        Assert.Equal("ord_1", (string?)problem["existing"]);
        Assert.Equal("""["a","b"]""", problem["violated-policies"]!.ToJsonString());
        Assert.Equal("""[{"pointer":"#/orderLines/0/quantity","keyword":"minimum","detail":"must be > 0"}]""",
            problem["errors"]!.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }
}
