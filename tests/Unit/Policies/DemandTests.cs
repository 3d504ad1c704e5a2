using System.Collections.Frozen;
using System.Net;
using System.Text;
using Gateway.Policies.Authorize;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Policies;

/// <summary>Single demands of <c>authorize</c>, and what credentials leave of what a consumer may do.</summary>
public sealed class DemandTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    private static readonly Partner Acme = new("acme", "Acme") { TimeZone = Berlin };

    private static readonly ConsumerRole Buyer = new("buyer", new[] { "orders.write", "orders.read" }.ToFrozenSet());

    // --- hours ------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData("mon", "08:00", "18:00", null, "2026-11-23T07:00:00Z", true)]
    [InlineData("mon", "08:00", "18:00", null, "2026-11-23T06:59:59Z", false)]
    [InlineData("mon", "08:00", "18:00", null, "2026-11-23T16:59:59Z", true)]
    [InlineData("mon", "08:00", "18:00", null, "2026-11-23T17:00:00Z", false)]
    [InlineData("mon", "08:00", "18:00", null, "2026-11-24T12:00:00Z", false)]
    [InlineData("mon", "08:00", "18:00", "America/New_York", "2026-11-23T07:00:00Z", false)]
    [InlineData("mon", "08:00", "18:00", "America/New_York", "2026-11-23T13:00:00Z", true)]
    // Over midnight it belongs to the day on which it begins.
    [InlineData("fri", "22:00", "06:00", "UTC", "2026-11-27T22:00:00Z", true)]
    [InlineData("fri", "22:00", "06:00", "UTC", "2026-11-28T05:59:00Z", true)]
    [InlineData("fri", "22:00", "06:00", "UTC", "2026-11-28T06:00:00Z", false)]
    [InlineData("fri", "22:00", "06:00", "UTC", "2026-11-27T05:00:00Z", false)]
    [InlineData("fri", "22:00", "06:00", "UTC", "2026-11-28T22:00:00Z", false)]
    [InlineData("sun", "22:00", "06:00", "UTC", "2026-11-30T01:00:00Z", true)]
    [InlineData("sat", "22:00", "06:00", "UTC", "2026-11-29T01:00:00Z", true)]
    [InlineData("", "00:00", "24:00", "UTC", "2026-11-29T23:59:59Z", true)]
    [InlineData("sun", "00:00", "24:00", "UTC", "2026-11-29T23:59:59Z", true)]
    [InlineData("sun", "00:00", "24:00", "UTC", "2026-11-30T00:00:00Z", false)]
    // An hour in summer time: by the clocks of the zone, not by an offset.
    [InlineData("mon", "08:00", "09:00", "Europe/Berlin", "2026-07-06T06:30:00Z", true)]
    [InlineData("mon", "08:00", "09:00", "Europe/Berlin", "2026-11-23T06:30:00Z", false)]
    public void Hours_are_those_of_the_clocks_that_are_named_else_of_the_partners(string days, string from, string to, string? zone, string now, bool open)
    {
        var hours = new HoursOptions { Days = [.. days.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(d => Enum.Parse<WeekDay>(d, ignoreCase: true))], From = from, To = to, Zone = zone };

        Assert.Equal(open, new HoursDemand([hours]).Judge(At(DateTimeOffset.Parse(now))) is null);
    }

    [Fact]
    public void One_of_several_times_is_enough_and_a_refusal_does_not_tell_when()
    {
        var demand = new HoursDemand([new HoursOptions { Days = [WeekDay.Mon], Zone = "UTC" }, new HoursOptions { Days = [WeekDay.Wed], Zone = "UTC" }]);

        Assert.Null(demand.Judge(At(DateTimeOffset.Parse("2026-11-25T12:00:00Z"))));
        var refusal = demand.Judge(At(DateTimeOffset.Parse("2026-11-24T12:00:00Z")));
        Assert.Equal((Failure.Forbidden, "This caller may not do this.", "outside-hours"), (refusal!.Failure, refusal.Detail, refusal.Reason));
    }

    // --- networks ---------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData("203.0.113.0/24", "203.0.113.255", true)]
    [InlineData("203.0.113.0/24", "203.0.114.0", false)]
    [InlineData("203.0.113.0/24", "::ffff:203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("2001:db8::/32", "2001:db8:1::1", true)]
    [InlineData("2001:DB8::/32", "2001:db9::1", false)]
    [InlineData("::1", "::1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("0.0.0.0/0", null, false)]
    public void A_call_comes_from_a_network_or_it_does_not(string network, string? address, bool within)
    {
        var exchange = At(DateTimeOffset.UnixEpoch);
        exchange.Http.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);

        Assert.Equal(within, new NetworkDemand([network]).Judge(exchange) is null);
    }

    [Theory]
    [InlineData("203.0.113.1/24")]
    [InlineData("2001:db8::1/32")]
    [InlineData("203.0.113.0/33")]
    [InlineData("203.0.113.0/")]
    [InlineData("10.0.0/8")]
    [InlineData("10.1")]
    [InlineData("1")]
    [InlineData("")]
    [InlineData("office")]
    [InlineData("203.0.113.0 /24")]
    public void What_could_mean_two_networks_is_none(string text) => Assert.Null(NetworkDemand.Parse(text));

    // --- claims -----------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData("""{"dept":"sales"}""", true)]
    [InlineData("""{"dept":["audit","sales"]}""", true)]
    [InlineData("""{"dept":["audit"]}""", false)]
    [InlineData("""{"dept":"Sales"}""", false)]
    [InlineData("""{"dept":"sales audit"}""", false)]
    [InlineData("""{"dept":{"sales":true}}""", false)]
    [InlineData("""{"dept":null}""", false)]
    [InlineData("""{"dept":7}""", true)]
    [InlineData("""{"dept":true}""", false)]
    [InlineData("""{"other":"sales"}""", false)]
    [InlineData("[]", false)]
    [InlineData(null, false)]
    public void A_claim_has_one_of_the_values(string? token, bool has)
    {
        var exchange = At(DateTimeOffset.UnixEpoch);
        exchange.Consumer = exchange.Consumer! with { Claims = token is null ? null : new TokenClaims(Encoding.UTF8.GetBytes(token)) };

        Assert.Equal(has, new ClaimDemand("dept", ["sales", "7"]).Judge(exchange) is null);
    }

    // --- roles ------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData("orders.write orders.read stock.read buyer", "buyer", "orders.read orders.write stock.read")]
    [InlineData("orders.write orders.read stock.read", "", "orders.read orders.write stock.read")]
    [InlineData("orders.read", "", "orders.read")]
    [InlineData("buyer", "buyer", "orders.read orders.write")]
    [InlineData("buyer stock.read", "buyer", "orders.read orders.write stock.read")]
    [InlineData("boss stock.write admin", "", "")]
    [InlineData("", "", "")]
    public void A_token_narrows_what_its_consumer_may_and_never_widens_it(string named, string roles, string scopes)
    {
        var consumer = new Consumer("acme-shop", Acme) { Roles = [Buyer], Scopes = new[] { "orders.write", "orders.read", "stock.read" }.ToFrozenSet() };

        var left = consumer.NarrowedTo(named.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet());

        Assert.Equal((roles, scopes), (string.Join(' ', left.Roles.Select(r => r.Name)), string.Join(' ', left.Scopes.Order(StringComparer.Ordinal))));
    }

    [Fact]
    public void Two_credentials_at_once_let_a_consumer_do_what_both_let_it()
    {
        var consumer = new Consumer("acme-shop", Acme) { Roles = [Buyer], Scopes = new[] { "orders.write", "orders.read", "stock.read" }.ToFrozenSet() };
        var byToken = consumer.NarrowedTo(new[] { "orders.read", "stock.read" }.ToFrozenSet()) with { Claims = new TokenClaims("{}"u8.ToArray()) };

        var both = consumer.NarrowedTo(byToken);

        Assert.Empty(both.Roles);
        Assert.Equal(["orders.read", "stock.read"], both.Scopes.Order(StringComparer.Ordinal));
        Assert.NotNull(both.Claims);
        Assert.Equal(["orders.read", "stock.read"], byToken.NarrowedTo(consumer).Scopes.Order(StringComparer.Ordinal));
    }

    private static Exchange At(DateTimeOffset now) => new(
        new DefaultHttpContext(),
        null!,
        new Surroundings(null!, new FakeTimeProvider(now), (_, _) => throw new NotSupportedException(), null!),
        "correlation")
    {
        Consumer = new Consumer("acme-shop", Acme),
    };
}
