using System.Text.Json;
using Gateway.Configuration;
using Gateway.Delivery.Flows;
using Gateway.Delivery.Webhooks;
using Gateway.Pipeline;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.Unit.Configuration;

/// <summary>From <c>owners.NAME.alerts</c> to a subscription of no partner's.</summary>
public sealed class AlertsReaderTests : IDisposable
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_owner_is_told_what_names_it_and_nothing_else()
    {
        var subscription = Assert.Single((await PlanAsync("retry: [1s, 2m]")).Subscriptions);

        Assert.Equal(("-/owner-desk", new Uri("https://pager.example/desk")), (subscription.Key, subscription.Url));
        Assert.Equal([AlertEvent.Type], subscription.Types);
        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2)], subscription.Schedule);
        Assert.Equal(Secret, Assert.Single(subscription.Secrets).Reveal());
        var subscriber = new Subscriber(subscription);
        Assert.Equal((true, null), subscriber.Judge(() => Told("desk"), TimeProvider.System.GetUtcNow()));
        Assert.Equal((false, null), subscriber.Judge(() => Told("desk-2"), TimeProvider.System.GetUtcNow()));
    }

    [Fact]
    public async Task It_is_tried_as_often_as_any_webhook() =>
        Assert.Equal(new WebhookDocument { Url = new Uri("https://a.example"), Events = [], Secrets = [] }.Retry, Assert.Single((await PlanAsync("")).Subscriptions).Schedule);

    /// <summary>Who only hears of what others own owns enough.</summary>
    [Fact]
    public async Task Who_is_escalated_to_is_no_owner_of_nothing()
    {
        var (_, found) = await CompileAsync("", """
            flows:
              hold:
                owner: desk
                description: Waits.
                on: { event: order.accepted.v1 }
                steps: [{ step: hold, approve: { role: approver }, timeout: 2d, escalate: [{ after: 1d, to: night }] }]
            """);
        Assert.Equal(["the owner 'nobody' owns nothing"], found.Where(d => d.Code == "GW2061").Select(d => d.Message));
    }

    private async Task<Plan> PlanAsync(string more)
    {
        var (plan, found) = await CompileAsync(more, "");
        Assert.DoesNotContain(found, d => d.Severity == Severity.Error);
        return plan!;
    }

    private ValueTask<Compilation> CompileAsync(string more, string flows)
    {
        _folder.Write("policies.yaml", $$"""
            owners:
              desk: { name: Desk, handle: "@us/desk", alerts: { url: https://pager.example/desk, secrets: [secret://env/PAGER]{{(more.Length > 0 ? ", " + more : "")}} } }
              night: { name: Night, handle: "@us/night" }
              nobody: { name: Nobody, handle: "@us/nobody" }
            {{flows}}
            """);
        return new PlanCompiler(
            new ExactlyOnce(new WorkAtHand(), TimeProvider.System, NullLogger<ExactlyOnce>.Instance), TimeProvider.System, new KeptState(), Outside.World, NullLoggerFactory.Instance)
            .CompileAsync(_folder.Load("", resolveSecrets: true, ("PAGER", Secret)));
    }

    private static JsonElement Told(string owner) => JsonSerializer.SerializeToElement(new { data = new { owner } });
}
