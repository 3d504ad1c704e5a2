using Gateway.Policies.Quota;
using Xunit;

namespace Gateway.Tests.Unit.Policies;

/// <summary>What <c>plan</c> says of a quota that comes, goes or changes, by whom it meets.</summary>
public sealed class QuotaChangesTests
{
    private static readonly QuotaOptions Month = new() { Limit = 100, Per = QuotaSpan.Month, Tiers = new Dictionary<string, long> { ["gold"] = 500 } };

    private static readonly ComparedCaller Acme = Caller("acme", "gold", "gold");

    private static readonly ComparedCaller Globex = Caller("globex", null, null);

    [Fact]
    public void One_that_comes_breaks_and_one_that_goes_weakens()
    {
        Assert.Equal(["Breaking: there is a quota of 100 a month now (affects acme, globex)"], Told(null, Month));
        Assert.Equal(["SecurityWeakening: the quota of 100 a month is dropped (affects acme, globex)"], Told(Month, null));
        Assert.Empty(Told(Month, Month));
        Assert.Empty(Told(null, null));
    }

    [Fact]
    public void Amounts_are_told_by_tier_and_less_of_it_breaks()
    {
        Assert.Equal(["Breaking: quota 100 a month -> 50 a month (affects globex)"], Told(Month, Month with { Limit = 50 }));
        Assert.Equal(["Safe: quota for tier gold 500 a month -> 900 a month (affects acme)"], Told(Month, Month with { Tiers = new Dictionary<string, long> { ["gold"] = 900 } }));
        Assert.Equal(["Breaking: quota for tier gold 500 a month -> 100 a month (affects acme)"], Told(Month, Month with { Tiers = new Dictionary<string, long>() }));
    }

    [Fact]
    public void Another_period_breaks_however_much_it_is()
    {
        var told = Told(Month, Month with { Per = QuotaSpan.Day });

        Assert.Equal(["Breaking: quota 100 a month -> 100 a day (affects globex)", "Breaking: quota for tier gold 500 a month -> 500 a day (affects acme)"], told.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_partner_that_changed_its_tier_is_told_by_name() => Assert.Equal(
        ["Breaking: quota, tier gold -> none, 500 a month -> 100 a month (affects acme)"],
        QuotaChanges.Compare(Month, Month, [Caller("acme", "gold", null)]).Select(Text));

    [Fact]
    public void Who_is_counted_what_it_costs_and_what_is_without_the_store()
    {
        Assert.Equal(["Attention: the quota is counted by consumer, was by partner, and begins anew"], Told(Month, Month with { By = QuotaBy.Consumer }));
        Assert.Equal(["Breaking: the quota is counted by partner, was by consumer, and begins anew"], Told(Month with { By = QuotaBy.Consumer }, Month));
        Assert.Equal(["Breaking: a request takes $count(lines) of the quota, was one"], Told(Month, Month with { Cost = "$count(lines)" }));
        Assert.Equal(["SecurityWeakening: while the store is away the quota is not held to, was counted by each node"], Told(Month, Month with { OnStoreFailure = QuotaFailing.Allow }));
        Assert.Equal(["Breaking: while the store is away the quota is refused (503), was counted by each node"], Told(Month, Month with { OnStoreFailure = QuotaFailing.Deny }));
        Assert.Equal(["SecurityWeakening: while the store is away the quota is counted by each node, was refused (503)"], Told(Month with { OnStoreFailure = QuotaFailing.Deny }, Month));
    }

    private static IEnumerable<string> Told(QuotaOptions? before, QuotaOptions? after) => QuotaChanges.Compare(before, after, [Acme, Globex]).Select(Text);

    private static string Text(PolicyEffect effect) => $"{effect.Class}: {effect.Text}";

    private static ComparedCaller Caller(string name, string? then, string? now) =>
        new(new Consumer(name + "-shop", new Partner(name, name) { Tier = then }), new Consumer(name + "-shop", new Partner(name, name) { Tier = now }));
}
