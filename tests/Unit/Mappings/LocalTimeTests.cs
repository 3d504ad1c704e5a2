using System.Text.Json;
using Gateway.Policies.Transform;
using Xunit;

namespace Gateway.Tests.Unit.Mappings;

/// <summary><c>$toLocal</c> and <c>$toUtc</c>: the clocks of the company that a partner trades with.</summary>
public sealed class LocalTimeTests
{
    [Theory]
    [InlineData("""$toLocal("2026-11-26T23:30:00Z")""", "\"2026-11-27T00:30:00+01:00\"")]
    [InlineData("""$toLocal("2026-07-26T23:30:00Z")""", "\"2026-07-27T01:30:00+02:00\"")]
    [InlineData("""$toLocal("2026-11-27T03:00:00+05:30")""", "\"2026-11-26T22:30:00+01:00\"")]
    [InlineData("""$toUtc("2026-11-27T12:00:00")""", "\"2026-11-27T11:00:00Z\"")]
    [InlineData("""$toUtc("2026-07-27T12:00:00")""", "\"2026-07-27T10:00:00Z\"")]
    [InlineData("""$toUtc("2026-03-29T02:30:00")""", "\"2026-03-29T01:30:00Z\"")]
    [InlineData("""{ "none": $toLocal(nothing), "neither": $toUtc(nothing) }""", "{}")]
    public void The_clocks_are_those_of_the_company(string expression, string expected) => Assert.Equal(expected, Run(expression, "Europe/Berlin").Output);

    [Fact]
    public void Without_a_partner_they_show_UTC() => Assert.Equal("\"2026-11-26T23:30:00+00:00\"", Run("""$toLocal("2026-11-26T23:30:00Z")""", null).Output);

    [Theory]
    [InlineData("$toLocal(7)")]
    [InlineData("""$toLocal("tomorrow")""")]
    [InlineData("""$toUtc("2026-11-27T12:00:00Z")""")]
    [InlineData("""$toUtc("0001-01-01T00:30:00")""")]
    [InlineData("""$toUtc("9999-12-31T23:30:00")""")]
    public void What_is_no_time_is_the_mistake_of_the_mapping(string expression)
    {
        var (output, error) = Run(expression, "Europe/Berlin");

        Assert.Null(output);
        Assert.Equal(("U2003", false), (error!.Code, error.IsRefusal));
    }

    private static (string? Output, MappingError? Error) Run(string expression, string? zone)
    {
        var mapping = Mapping.Compile("test", System.Text.Encoding.UTF8.GetBytes(expression), new MappingFiles(_ => null, _ => []), new Dictionary<string, CodeTable>());
        Assert.Empty(mapping.Diagnostics);
        var partner = zone is null ? null : new Partner("acme", "Acme") { TimeZone = TimeZoneInfo.FindSystemTimeZoneById(zone) };
        var (output, error) = mapping.Run(JsonSerializer.Deserialize<JsonElement>("{}"), new MappingFacts(DateTimeOffset.UnixEpoch, "test") { Partner = partner });
        return (output is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes.Span) : null, error);
    }
}
