using Gateway.Planning;
using Xunit;

namespace Gateway.Tests.Unit.Planning;

/// <summary>What a plan says of a backend that is watched otherwise.</summary>
public sealed class WatchChangesTests
{
    private static readonly ChangesOptions Watched = new() { Of = new Dictionary<string, string> { ["orders"] = "odoo/order.from" }, Hints = new HintOptions { Secrets = [new Secret("secret://env/A", "")] } };

    [Fact]
    public void Who_is_not_told_any_more_is_broken_and_who_is_told_more_is_to_be_looked_at()
    {
        Assert.Equal(["Attention: partners hear of changes of orders there"], Texts(null, Watched));
        Assert.Equal(["Breaking: partners do not hear of changes of orders there any more"], Texts(Watched, null));
        Assert.Equal(
            ["Attention: partners hear of changes of invoices there", "Breaking: partners do not hear of changes of orders there any more"],
            Texts(Watched, Watched with { Of = new Dictionary<string, string> { ["invoices"] = "odoo/invoice.from" } }));
    }

    [Fact]
    public void Another_mapping_pace_or_secret_is_said_and_nothing_of_what_is_the_same()
    {
        Assert.Empty(Texts(Watched, Watched with { Hints = new HintOptions { Secrets = [new Secret("secret://env/A", "")] } }));
        Assert.Equal(["Attention: changes of orders are told by own/order.from, were told by odoo/order.from"], Texts(Watched, Watched with { Of = new Dictionary<string, string> { ["orders"] = "own/order.from" } }));
        Assert.Equal(
            ["Attention: it is watched otherwise: every 60 s, 300 s back, all ids every 3600 s, 50 gone at most, was every 30 s, 300 s back, all ids every 3600 s, 50 gone at most"],
            Texts(Watched, Watched with { Every = TimeSpan.FromMinutes(1) }));
        Assert.Equal(
            ["Breaking: hints with secret://env/A are refused", "Attention: hints with secret://env/B are taken"],
            Texts(Watched, Watched with { Hints = new HintOptions { Secrets = [new Secret("secret://env/B", "")] } }));
    }

    private static IEnumerable<string> Texts(ChangesOptions? then, ChangesOptions? now) => WatchChanges.Between(then, now).Select(effect => $"{effect.Class}: {effect.Text}");
}
