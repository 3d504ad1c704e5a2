using System.Text.RegularExpressions;
using Gateway.Cli;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Planning;

/// <summary>The verb <c>plan</c> on what callers may: what lets somebody do more is security-weakening.</summary>
public sealed partial class AuthorizationPlanTests : IDisposable
{
    private const string Entry = """
        scopes: { notes.write: Writes notes., notes.read: Reads notes. }
        tiers: { gold: {} }
        roles: { clerk: { scopes: [notes.read] }, boss: { scopes: [] }, guest: { scopes: [] } }
        companies: { north: { name: North, id: 1 }, south: { name: South, id: 2 } }
        policies:
          callers: { authenticate: { apiKey: {} } }
        backends:
          tms: { adapter: http, url: http://tms.internal }
        partners:
          acme:
            name: Acme
            tier: gold
            companies: [north]
            consumers:
              acme-shop: { keys: [{ secret: secret://env/SHOP_KEY }], scopes: [notes.write] }
              acme-scan: { kind: device, location: WH, roles: [clerk], keys: [{ secret: secret://env/SCAN_KEY, expires: 2027-01-31 }] }
        apis:
          notes:
            owner: us
            routes:
              notes.write:
                match: POST /notes
                policies: [callers, authorize: { scopes: [notes.write] }]
                target: { forward: tms }
              notes.drop:
                match: GET /drops/{id}
                policies:
                  - callers
                  - authorize: { roles: [boss, clerk], networks: [10.0.0.0/8], claims: { dept: [sales] }, hours: [{ days: [mon, fri], from: "08:00", to: "18:00" }], when: [{ if: $params.id = $consumer.location, else: 404, reason: of-another }] }
                target: { forward: tms }
        """;

    private readonly DirectoryInfo _before = Directory.CreateTempSubdirectory("gateway-plan-");
    private readonly DirectoryInfo _after = Directory.CreateTempSubdirectory("gateway-plan-");

    public void Dispose()
    {
        _before.Delete(recursive: true);
        _after.Delete(recursive: true);
    }

    [Theory]
    [InlineData("companies: [north]", "companies: [south, north]", "security-weakening acme: it sees the company south", "attention acme: what is made for it is made in south, was north")]
    [InlineData("companies: [north]", "companies: [south]", "security-weakening acme: it sees the company south", "breaking acme: it no longer sees the company north", "attention acme: what is made for it is made in south, was north")]
    [InlineData("id: 1 }", "id: 3 }", "security-weakening north: its partners see company 3 of Odoo, was 1")]
    [InlineData("gold: {}", "gold: { warehouses: [WH2] }", "security-weakening gold: its partners see the stock of WH2 (affects acme)")]
    [InlineData("clerk: { scopes: [notes.read] }", "clerk: { scopes: [notes.read, notes.write] }", "security-weakening acme-scan: the scope notes.write is granted (affects notes.write)")]
    [InlineData("roles: [clerk]", "roles: []", "breaking acme-scan: the role clerk is taken away", "breaking acme-scan: the scope notes.read is taken away")]
    [InlineData("location: WH,", "location: WH2,", "security-weakening acme-scan: it stands at WH2, was WH")]
    [InlineData("expires: 2027-01-31", "expires: 2027-06-30", "security-weakening acme-scan: the key secret://env/SCAN_KEY ends on 2027-06-30, was on 2027-01-31")]
    [InlineData("expires: 2027-01-31", "expires: 2026-12-31", "breaking acme-scan: the key secret://env/SCAN_KEY ends on 2026-12-31, was on 2027-01-31")]
    [InlineData("roles: [boss, clerk]", "roles: [boss, clerk, guest]", "security-weakening notes.drop: the role guest is enough now")]
    [InlineData("roles: [boss, clerk], ", "", "security-weakening notes.drop: no role is required any more, was boss or clerk")]
    [InlineData("roles: [boss, clerk]", "roles: [boss]", "breaking notes.drop: the role clerk is no longer enough (affects acme-scan)")]
    [InlineData("dept: [sales]", "dept: [sales, audit]", "security-weakening notes.drop: the claim dept as audit is enough now")]
    [InlineData("{ dept: [sales] }", "{}", "security-weakening notes.drop: no claim dept is required any more, was sales")]
    [InlineData("networks: [10.0.0.0/8]", "networks: [10.1.0.0/16]", "security-weakening notes.drop: the network 10.1.0.0/16 is enough now", "breaking notes.drop: the network 10.0.0.0/8 is no longer enough (affects acme-scan)")]
    [InlineData("networks: [10.0.0.0/8], ", "", "security-weakening notes.drop: no network is required any more, was 10.0.0.0/8")]
    [InlineData("to: \"18:00\"", "to: \"19:00\"", "security-weakening notes.drop: the time mon, fri 08:00-19:00 by the partner's clocks is enough now", "breaking notes.drop: the time mon, fri 08:00-18:00 by the partner's clocks is no longer enough (affects acme-scan)")]
    [InlineData("$params.id = $consumer.location", "$params.id != 'x'", "security-weakening notes.drop: the condition of-another is another, and may let more through: $params.id != 'x'; was $params.id = $consumer.location")]
    [InlineData("else: 404, reason: of-another", "reason: of-another", "security-weakening notes.drop: the condition of-another answers 403, was 404: it tells that there is something")]
    [InlineData("{ if: $params.id = $consumer.location, else: 404, reason: of-another }", "", "security-weakening notes.drop: the condition of-another is gone: $params.id = $consumer.location")]
    [InlineData("reason: of-another }", "reason: of-another }, { if: '$params.id != \"x\"', reason: not-x }", "breaking notes.drop: a condition is new: $params.id != \"x\" (affects acme-scan)")]
    public async Task What_lets_somebody_do_more_weakens_and_what_lets_somebody_do_less_breaks(string before, string after, params string[] effects)
    {
        Assert.Contains(before, Entry, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(_before.FullName, "policies.yaml"), Entry, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_after.FullName, "policies.yaml"), Entry.Replace(before, after, StringComparison.Ordinal), TestContext.Current.CancellationToken);
        using var output = new StringWriter { NewLine = "\n" };

        await PlanCommand.RunAsync(_after.FullName, _before.FullName, EffectClass.Breaking, new LoadOptions { ResolveSecrets = false }, output);

        Assert.Equal(effects, output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)[..^1].Select(line => Columns().Replace(line, " ")));
    }

    [GeneratedRegex("  +")]
    private static partial Regex Columns();
}
