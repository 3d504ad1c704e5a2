using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Delivery.Webhooks;
using Gateway.Policies.Contract;
using Gateway.Policies.Transform;

namespace Gateway.Pipeline.Hooks;

/// <summary>Whom an event of a backend is about, and how it is said to them: by a mapping, and held against a contract, since nobody else sees it before the partner.</summary>
/// <param name="type">Of the partner's event; <c>$route</c> for the mapping.</param>
/// <param name="buyer">Path of the member that names the buyer: <c>shipment.customer</c>.</param>
/// <param name="mapping">Null where the backend's own words are those of the contract.</param>
internal sealed class NoticeWords(string type, string buyer, IReadOnlyList<Partner> partners, Mapping? mapping, CompiledContract contract, TimeProvider clock)
{
    private readonly string[] _buyer = buyer.Split('.');

    public IEnumerable<NoticeVerdict> Judge(HookEvent told) => BuyerOf(told.Data) switch
    {
        null => [new NoticeVerdict(NoticeLetter.Nobody, null, $"it has no member {buyer}, which says whose it is", DeliveryCause.BuyerMissing)],
        { ValueKind: JsonValueKind.String } named when named.GetString()! is var name => partners.Where(p => p.Buyers.Contains(name)).Select(p => Judge(told, p)),
        // It says that it is nobody's.
        _ => [],
    };

    private NoticeVerdict Judge(HookEvent told, Partner partner)
    {
        var (data, wrong) = WordsOf(told, partner);
        if (data is not { } words) return new NoticeVerdict(partner.Name, null, wrong, DeliveryCause.NoticeUnmapped);
        using var document = JsonDocument.Parse(words);
        return contract.Findings(document.RootElement) is [var finding, ..]
            ? new NoticeVerdict(partner.Name, null, $"it breaks contract {contract.Name}: {finding.Pointer} {finding.Detail}", DeliveryCause.NoticeBroken)
            : new NoticeVerdict(partner.Name, words);
    }

    private (ReadOnlyMemory<byte>? Words, string? Wrong) WordsOf(HookEvent told, Partner partner)
    {
        if (mapping is null) return (JsonMarshal.GetRawUtf8Value(told.Data).ToArray(), null);
        var (output, error) = mapping.Run(told.Data, new MappingFacts(clock.GetUtcNow(), type) { Partner = partner });
        return (output, error is not null ? $"{error.Place}: {error.Code} {error.Message}" : $"mapping {mapping.Name} yields nothing");
    }

    private JsonElement? BuyerOf(JsonElement data)
    {
        foreach (var member in _buyer)
        {
            if (data.ValueKind != JsonValueKind.Object || !data.TryGetProperty(member, out data)) return null;
        }
        return data;
    }
}
