using Gateway.Cli;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Planning;

/// <summary>The verb <c>plan</c> on changes of the event catalogue.</summary>
public sealed class EventTypePlanTests : IDisposable
{
    private const string Catalogue = """
        policies: { callers: { authenticate: { apiKey: {} } } }
        partners:
          acme: { name: Acme, consumers: { acme-shop: { keys: [{ secret: secret://env/A }] } }, webhooks: { all: { url: https://acme.example/, events: ["*"], secrets: [secret://env/S] } } }
          globex: { name: Globex, consumers: { globex-edi: { subjects: [] } }, webhooks: { one: { url: https://globex.example/, events: [note.seen.v1], secrets: [secret://env/S] } } }
        apis: { events: { owner: us, routes: { events.read: { match: GET /events, policies: [callers], target: { call: gateway/events } } } } }
        events:
          note.seen.v1: { owner: us, description: A note was seen., contract: note@1, retention: 30d, duplicateWindow: 7d }
          note.gone.v1: { owner: us, description: A note is gone., contract: note@1 }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-event-plan-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("retention: 30d", "retention: 7d", "breaking note.seen.v1: it can be read for 7d, was 30d: who reads less often misses some (affects acme, acme-shop, globex)")]
    [InlineData("retention: 30d", "retention: 60d", "safe note.seen.v1: it can be read for 60d, was 30d")]
    [InlineData("duplicateWindow: 7d", "duplicateWindow: 1d", "attention note.seen.v1: a repeat is known for 1d, was 7d (affects acme, acme-shop, globex)")]
    [InlineData("retention: 30d", "replay: never", "attention note.seen.v1: it is not sent again any more once its time is over (affects acme, acme-shop, globex)")]
    [InlineData("retention: 30d", "orderingKey: text", "breaking note.seen.v1: its events keep an order by text, did by subject: their sequence goes on under other keys (affects acme, acme-shop, globex)")]
    [InlineData("contract: note@1, retention", "contract: note@2, retention", "breaking note.seen.v1: its data are note@2, were note@1: another version, which belongs to a type of its own (affects acme, acme-shop, globex)")]
    [InlineData("  note.gone.v1: { owner: us, description: A note is gone., contract: note@1 }", "", "breaking note.gone.v1: the type is no longer in the catalogue (affects acme, acme-shop)")]
    [InlineData("note.gone.v1: { owner", "note.lost.v1: { owner", "breaking note.gone.v1: the type is no longer in the catalogue (affects acme, acme-shop)", "safe note.lost.v1: a new type of events, of note@1")]
    [InlineData("A note is gone.", "A note has gone.")]
    public async Task What_becomes_of_types_is_told_with_who_gets_them(string before, string after, params string[] effects) =>
        Assert.Equal(effects, await PlanAsync(Catalogue, Catalogue.Replace(before, after, StringComparison.Ordinal)));

    private async Task<string[]> PlanAsync(string before, string after)
    {
        var (then, now) = (_folder.CreateSubdirectory("before").FullName, _folder.CreateSubdirectory("after").FullName);
        foreach (var (folder, entry) in new[] { (then, before), (now, after) })
        {
            Directory.CreateDirectory(Path.Combine(folder, "transforms", "canonical"));
            foreach (var version in new[] { 1, 2 })
                await File.WriteAllTextAsync(Path.Combine(folder, "transforms", "canonical", $"note@{version}.schema.json"), """{ "type": "object", "properties": { "text": { "type": "string" } } }""");
            await File.WriteAllTextAsync(Path.Combine(folder, "policies.yaml"), entry);
        }
        using var output = new StringWriter { NewLine = "\n" };
        await PlanCommand.RunAsync(now, then, EffectClass.SecurityWeakening, new LoadOptions { ResolveSecrets = false }, output);
        return [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).SkipLast(1)];
    }
}
