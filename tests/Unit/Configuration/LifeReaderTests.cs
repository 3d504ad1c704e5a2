using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Configuration;

/// <summary>Where the link to a successor leads: to the path that all its routes begin with.</summary>
public sealed class LifeReaderTests
{
    [Theory]
    [InlineData("</v2/things>; rel=\"successor-version\"", "GET /v2/things", "POST /v2/things/{id}/notes")]
    [InlineData("</v2>; rel=\"successor-version\"", "GET /v2/things", "GET /v2/thing")]
    [InlineData(null, "GET /v2/things", "GET /v3/things")]
    [InlineData(null, "GET /{any}", "GET /{any}/things")]
    [InlineData(null)]
    public void The_link_to_a_successor(string? link, params string[] routes)
    {
        var api = new ApiDocument { Owner = "us", Successor = "next", Routes = new Dictionary<string, RouteDocument>() };
        var next = new ApiDocument { Owner = "us", Routes = routes.Select((match, i) => ($"next.{i}", Route(match))).ToDictionary(r => r.Item1, r => r.Item2) };
        var workspace = new WorkspaceDocument { Apis = new Dictionary<string, ApiDocument> { ["old"] = api, ["next"] = next } };

        Assert.Equal(link, LifeReader.Of(api, Route("GET /v1/things") with { Lifecycle = Lifecycle.Deprecated }, workspace)!.LinkHeader);
    }

    private static RouteDocument Route(string match) => new() { Match = match, Target = new TargetDocument { Forward = "tms" } };
}
