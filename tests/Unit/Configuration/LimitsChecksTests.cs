using Gateway.Configuration;
using Gateway.Configuration.Yaml;
using Xunit;

namespace Gateway.Tests.Unit.Configuration;

/// <summary>Of an adapter whose connections bound nothing; all that are shipped have a bound of their own.</summary>
public sealed class LimitsChecksTests
{
    [Theory]
    [InlineData(null, null, "GW5093")]
    [InlineData(2.0, null, null)]
    [InlineData(null, 3, null)]
    public void Limits_that_limit_nothing_are_told(double? perSecond, int? concurrent, string? expected)
    {
        var found = new List<Diagnostic>();
        var limits = new BackendLimits { PerSecond = perSecond, Concurrent = concurrent, Queue = 10 };

        LimitsChecks.Check("some", new BackendOptions { Adapter = "some", Url = new Uri("https://some.example"), Limits = limits }, new Places(), found);

        Assert.Equal(expected, found.SingleOrDefault()?.Code);
    }
}
