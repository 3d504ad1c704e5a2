using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Adapters.Odoo;
using Gateway.Configuration.Yaml;
using Gateway.Policies.Transform;

namespace Gateway.Configuration;

/// <summary>Which kinds of records of which backends are watched, and by which mapping they are told.</summary>
internal sealed partial class ChangesReader(WorkspaceDocument document, Places places, Outside outside, IReadOnlyList<Partner> partners, ICollection<Diagnostic> diagnostics)
{
    /// <param name="scope">For finding mappings, which a route finds in the same way.</param>
    public IReadOnlyList<PlanFeed> Read(IReadOnlyDictionary<string, Backend> backends, IReadOnlyList<PlanRoute> routes, PolicyScope scope)
    {
        var feeds = new List<PlanFeed>();
        foreach (var (name, options) in document.Backends)
        {
            if (options is not OdooOptions { Changes: { } declared } odoo || !backends.TryGetValue(name, out var backend)) continue;
            Check(name, declared);
            for (var i = 0; i < declared.Of.Count; i++)
                if (FeedOf(backend, odoo, declared, declared.Of.ElementAt(i), routes, scope) is { } feed) feeds.Add(feed);
        }
        return feeds;
    }

    private PlanFeed? FeedOf(Backend backend, OdooOptions odoo, ChangesOptions declared, KeyValuePair<string, string> of, IReadOnlyList<PlanRoute> routes, PolicyScope scope)
    {
        var (source, place) = (backend.Changes!, places.Of(declared.Of, of.Key));
        if (source.Kinds.FirstOrDefault(k => k.Name == of.Key) is not { } kind)
        {
            Error("GW5270", place, $"the backend '{backend.Name}' can't be watched for '{of.Key}'", Nearest.Cure(of.Key, source.Kinds.Select(k => k.Name)));
            return null;
        }
        if (Mapping.Find(of.Value, place, scope) is not { } mapping) return null;
        return new PlanFeed(backend.Name, source, kind, partners)
        {
            ObjectKind = routes.Select(r => r.Target).OfType<PlanTarget.Call>()
                .FirstOrDefault(c => c.Operation.Backend == backend.Name && c.Operation.Descriptor.Name == kind.MadeBy && c.Creates is not null)?.Creates,
            Company = odoo.Company,
            Scope = ScopeOf(kind),
            Map = (record, partner, owned, now) => Map(mapping, record, partner, owned, now),
        };
    }

    private void Check(string backend, ChangesOptions declared)
    {
        if (declared.Of.Count == 0)
            Error("GW5271", places.Of(declared, nameof(declared.Of)), $"the backend '{backend}' is watched for nothing", "name a kind and its mapping: of: { orders: odoo/order.from }, or remove changes:");
        if (declared.Reconcile < declared.Every)
            Error("GW5272", places.Of(declared, nameof(declared.Reconcile)), $"all ids of '{backend}' would be compared more often than it is looked for changes", "write a reconcile: longer than every:, such as 1h");
        if (declared.Hints is not { } hints) return;
        if (hints.Secrets.Count == 0)
            Error("GW5273", places.Of(hints, nameof(hints.Secrets)), $"hints of '{backend}' have no secret, so none of them would be taken", "add secrets: [secret://env/NAME]");
        for (var i = 0; i < hints.Secrets.Count; i++)
            if (outside.ValueOf(hints.Secrets[i]) is { Length: > 0 } value && (value.Length < HintOptions.LeastSecret || !PathSafe().IsMatch(value)))
                Error("GW5273", places.Of(hints.Secrets, i.ToString(CultureInfo.InvariantCulture)), $"this is no secret for hints of '{backend}', which stands in a path",
                    $"make one of {HintOptions.LeastSecret} letters, digits, '-' and '_' at least: openssl rand -hex 24");
    }

    /// <summary>Buyers and companies decide which records are looked for.</summary>
    private string ScopeOf(ChangeKind kind)
    {
        var buyers = partners.SelectMany(p => p.Buyers).Distinct().Order(StringComparer.Ordinal);
        var companies = partners.SelectMany(p => p.Companies).Select(c => c.Id).Distinct().Order();
        var text = $"{kind.Name}\n{string.Join('\n', buyers)}\n\n{string.Join(',', companies)}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }

    private static (ReadOnlyMemory<byte>? Data, string? Trouble) Map(Mapping mapping, JsonElement record, Partner partner, OwnedObject? owned, DateTimeOffset now)
    {
        using var accepted = owned is { Canonical.IsEmpty: false } ? JsonDocument.Parse(owned.Canonical) : null;
        var (output, error) = mapping.Run(record, new MappingFacts(now, "changes") { Partner = partner, Accepted = accepted?.RootElement, Id = owned?.Id });
        return (output, error is null ? null : $"{error.Place}: {error.Code} {error.Message}");
    }

    private void Error(string code, Place place, string message, string cure) => diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));

    [GeneratedRegex("^[A-Za-z0-9_-]+$")]
    private static partial Regex PathSafe();
}
