using System.Net;
using Gateway.Adapters.Canonical;
using Gateway.Pipeline.Own.Subscriptions;
using Xunit;

namespace Gateway.Tests.Unit.Pipeline;

/// <summary>What partners may say in their subscriptions.</summary>
public sealed class SubscriptionJudgeTests
{
    private static readonly EventType Accepted = new("order.accepted.v1", "us", "order@1") { Findings = _ => [] };

    [Theory]
    [InlineData("https://shop.example.com/hook", null)]
    [InlineData("https://8.8.8.8/hook", null)]
    [InlineData("http://shop.example.com/hook", "https only")]
    [InlineData("ftp://shop.example.com/hook", "https only")]
    [InlineData("/hook", "https only")]
    [InlineData("https://shop.example.com:8443/hook", "port 8443")]
    [InlineData("https://me:pw@shop.example.com/hook", "a user and a password")]
    [InlineData("https://shop.example.com/hook#part", "fragment")]
    [InlineData("https://127.0.0.1/", "the Internet reaches")]
    [InlineData("https://2130706433/", "the Internet reaches")]
    [InlineData("https://0x7f.1/", "the Internet reaches")]
    [InlineData("https://10.1.2.3/", "the Internet reaches")]
    [InlineData("https://169.254.169.254/latest/meta-data", "the Internet reaches")]
    [InlineData("https://[::1]/", "the Internet reaches")]
    [InlineData("https://[::ffff:10.0.0.1]/", "the Internet reaches")]
    [InlineData("https://[fd00::1]/", "the Internet reaches")]
    [InlineData("https://localhost/", "the Internet reaches")]
    [InlineData("https://wms/", "the Internet reaches")]
    [InlineData("https://odoo.internal/", "the Internet reaches")]
    [InlineData("https://odoo.internal./", "the Internet reaches")]
    public void Endpoints_are_public_whatever_operators_let_in(string url, string? said)
    {
        // As WebhookReachReader makes it of a workspace that lets webhooks inside.
        var judge = new SubscriptionJudge(new SubscriptionRules { Reach = WebhookReach.Default }, EventTypes.None, []);

        var findings = judge.Findings(Wish(url), "acme", null);

        if (said is null) Assert.Empty(findings);
        else Assert.Contains(findings, f => f.Pointer == "#/url" && f.Detail.Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public void In_a_trial_they_go_where_webhooks_of_the_workspace_go()
    {
        var trial = new SubscriptionJudge(new SubscriptionRules { Reach = new WebhookReach(true, [IPNetwork.Parse("127.0.0.0/8")], [new PortRange(1, 65535)]) }, EventTypes.None, []);

        Assert.Empty(trial.Findings(Wish("http://127.0.0.1:8071/hook"), "acme", null));
        Assert.Single(trial.Findings(Wish("http://10.0.0.1:8071/hook"), "acme", null));
    }

    [Fact]
    public void What_is_wrong_is_told_at_its_member_with_the_cure()
    {
        var judge = new SubscriptionJudge(new SubscriptionRules(), new EventTypes([Accepted]), [new Subscription("taken", "acme", new Uri("https://x.example/"), ["*"]) { Secrets = [], Schedule = [] }]);
        var wish = Wish("https://shop.example.com/") with { Name = "taken", EventTypes = ["*", "order.acepted.v1", "webhook.failing.v1"], Condition = "data.x = (", Mapping = "$foo(1)" };

        Assert.Equal(
        [
            ("#/name", "one of this name was agreed with us already; choose another name"),
            ("#/eventTypes/1", "there is no event 'order.acepted.v1'; did you mean 'order.accepted.v1'?"),
            ("#/eventTypes/2", "events of this type are not told to partners; leave it out"),
            ("#/condition", "the expression ends where ')' should come (S0203 at 1,11); add ')'"),
            ("#/mapping", "nothing binds $foo (S0600 at 1,1); did you mean $floor?"),
        ], judge.Findings(wish, "acme", null).Select(f => (f.Pointer, f.Detail)));
        Assert.Equal(["#/eventTypes/1"], judge.Findings(wish with { EventTypes = ["order.accepted.v1", "order.accepted.v2"], Condition = null, Mapping = null }, "globex", null).Select(f => f.Pointer));
    }

    [Fact]
    public void A_change_says_what_it_has_read_and_keeps_name_and_algorithm()
    {
        var judge = new SubscriptionJudge(new SubscriptionRules(), EventTypes.None, []);
        var kept = new StoredSubscription("sub_1", "acme", "erp") { Terms = new SubscriptionTerms("https://x.example/", ["*"], ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]), ChangedBy = "i", CreatedAt = default, ChangedAt = default, Version = 3 };
        var wish = Wish("https://shop.example.com/");

        Assert.Empty(judge.Findings(wish with { Version = 3, SignatureAlgorithmCode = SignatureAlgorithmCode.HmacSha256 }, "acme", kept));
        Assert.Equal(["#/version"], judge.Findings(wish, "acme", kept).Select(f => f.Pointer));
        Assert.Equal(["#/name", "#/version", "#/signatureAlgorithmCode"], judge.Findings(wish with { Name = "other", Version = 2, SignatureAlgorithmCode = SignatureAlgorithmCode.Ed25519 }, "acme", kept).Select(f => f.Pointer));
    }

    private static WebhookSubscription Wish(string url) => new() { Name = "erp", Url = new Uri(url, UriKind.RelativeOrAbsolute), EventTypes = ["*"] };
}
