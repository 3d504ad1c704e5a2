using System.Globalization;
using System.Text.Json;
using Gateway.Configuration;
using Gateway.Configuration.Yaml;

namespace Gateway.Cataloguing;

/// <summary>The inventory as Markdown, for people: an overview, a section for each API, then consumers, tiers, backends, operations, events, flows and operators.</summary>
internal static class MarkdownCatalogue
{
    public static void Write(Catalogue catalogue, TextWriter to)
    {
        to.WriteLine("# API catalogue");
        to.WriteLine();
        to.WriteLine($"Revision `{catalogue.Revision}`: {Cli.Count.Of(catalogue.Apis.Count, "API")}, {Cli.Count.Of(catalogue.Apis.Sum(a => a.Routes.Count), "route")}, {Cli.Count.Of(catalogue.Consumers.Count, "consumer")}.");
        Table(to, ["API", "owner", "contact", "life", "data", "criticality", "latency tolerance", "calls a day", "recovery", "SLO", "routes"], catalogue.Apis.Select(a => (string?[])
        [
            a.Name, a.Owner, a.Contact, Life(a.Life), Word(a.DataClass), Word(a.Flow?.Criticality), Duration(a.Flow?.LatencyTolerance), Number(a.Flow?.Volume), Word(a.Flow?.Recovery),
            Slo(a.Slo), Number(a.Routes.Count),
        ]));
        foreach (var api in catalogue.Apis) Write(api, to);
        Section(to, "Consumers", ["consumer", "partner", "tier", "credentials", "scopes", "routes"], catalogue.Consumers.Select(c => (string?[])[c.Name, c.Partner, c.Tier, List(c.Credentials), List(c.Scopes), List(c.Routes)]));
        Section(to, "Scopes", ["scope", "what", "wanted by", "granted to"], catalogue.Scopes.Select(s => (string?[])[s.Name, s.Description, List(s.Routes), List(s.Consumers)]));
        Section(to, "Roles", ["role", "what", "scopes", "granted to"], catalogue.Roles.Select(r => (string?[])[r.Name, r.Description, List(r.Scopes), List(r.Consumers)]));
        Section(to, "Tiers", ["tier", "what", "partners"], catalogue.Tiers.Select(t => (string?[])[t.Name, t.Description, List(t.Partners)]));
        Section(to, "Backends", ["backend", "adapter", "the gateway shows", "which ends"], catalogue.Backends.Select(b => (string?[])[b.Name, b.Adapter, b.Credential, b.Expires is { } ends ? Time(ends) : null]));
        Section(to, "Backend operations", ["backend", "operation", "effect", "about", "makes", "needs", "routes"], catalogue.Operations.Select(o => (string?[])
        [
            o.Backend, o.Name, o.Effect, o.About, o.Makes, List(o.Needs), List(o.Routes),
        ]));
        Section(to, "Events", ["event", "what", "owner", "contract", "kept", "replay", "published by", "subscribers"], catalogue.Events.Select(e => (string?[])
        [
            e.Type, e.Description, e.Owner, e.Contract, e.Retention is { } kept ? Scalars.Written(kept) : null, Word(e.Replay), List(e.Routes), List(e.Subscribers),
        ]));
        Section(to, "Flows", ["flow", "what", "owner", "begins with", "hears", "tells", "calls", "promise", "declared"], catalogue.Flows.Select(f => (string?[])
        [
            f.Name, f.Description, f.Owner, f.Begins, List(f.Hears), List(f.Tells), List(f.Calls), f.Promise is { } promise ? Scalars.Written(promise) : null, f.Place,
        ]));
        Section(to, "Operators", ["operator", "roles", "comes in by"], catalogue.Operators.Select(o => (string?[])[o.Name, List(o.Roles.Select(r => Word<Role>(r)!)), List(o.Credentials)]));
    }

    private static void Write(CatalogueApi api, TextWriter to)
    {
        to.WriteLine();
        to.WriteLine($"## {api.Name}");
        if (api.Description is { } description)
        {
            to.WriteLine();
            to.WriteLine(description.Trim());
        }
        foreach (var fact in Facts(api))
        {
            to.WriteLine();
            to.WriteLine(fact);
        }
        Table(to, ["route", "request", "life", "who may call", "scopes", "demands", "limits", "contracts", "mappings", "target", "event", "declared"], api.Routes.Select(r => (string?[])
        [
            r.Name, $"`{r.Method} {r.Path}`", Life(r.Life), Callers(r.Access), List(r.Access.Scopes ?? []), string.Join("; ", r.Access.Demands ?? []), List(r.Limits), Pairs(r.Contracts), Pairs(r.Mappings), r.Target, r.Event, r.Place,
        ]));
    }

    private static IEnumerable<string> Facts(CatalogueApi api)
    {
        if (api.Version is { } version) yield return $"Version: `{version.Header}: {version.Value}`{(version.Default ? ", and where the header is missing" : "")}.";
        if (api.Life.Successor is { } successor) yield return $"Successor: {successor}.";
        if (api.Life.Migration is { } migration) yield return $"How to move: <{migration.AbsoluteUri}>.";
        if (api.Life.Audience is { } audience) yield return $"Drafts are seen by: {List(audience)}.";
    }

    private static void Section(TextWriter to, string title, string[] heads, IEnumerable<string?[]> rows)
    {
        to.WriteLine();
        to.WriteLine($"## {title}");
        Table(to, heads, rows);
    }

    private static void Table(TextWriter to, string[] heads, IEnumerable<string?[]> rows)
    {
        to.WriteLine();
        Row(to, heads);
        Row(to, [.. heads.Select(_ => "---")]);
        foreach (var row in rows) Row(to, row);
    }

    private static void Row(TextWriter to, IEnumerable<string?> cells) => to.WriteLine($"| {string.Join(" | ", cells.Select(Cell))} |");

    /// <summary>What could end a cell or a row does not.</summary>
    private static string Cell(string? text) => (text ?? "").ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);

    private static string Life(CatalogueLife life) => string.Join(", ", new[]
    {
        Word<Lifecycle>(life.Lifecycle),
        life.Deprecated is { } deprecated ? $"deprecated {Time(deprecated)}" : null,
        life.Sunset is { } sunset ? $"ends {Time(sunset)}" : null,
    }.OfType<string>());

    private static string Callers(CatalogueAccess access) => access switch
    {
        { Anybody: true, Reason: { } reason } => $"anybody: {reason}",
        { Anybody: true } => "anybody",
        { Consumers: [] } => "nobody",
        _ => List(access.Consumers),
    };

    private static string Slo(SloDocument? slo) =>
        string.Join(", ", new[] { slo?.Availability is { } part ? part.ToString(CultureInfo.InvariantCulture) + " %" : null, Duration(slo?.Latency) }.OfType<string>());

    private static string List(IEnumerable<string> items) => string.Join(", ", items);

    private static string Pairs(IReadOnlyDictionary<string, string> pairs) => string.Join(", ", pairs.Select(p => $"{p.Key}: {p.Value}"));

    private static string? Word<T>(T? value) where T : struct, Enum => value is { } word ? JsonNamingPolicy.CamelCase.ConvertName(word.ToString()) : null;

    private static string? Number(int? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static string? Duration(TimeSpan? time) => time is { } span ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.###} s") : null;

    private static string Time(DateTimeOffset at) => at.ToUniversalTime() is { TimeOfDay.Ticks: 0 } day
        ? day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        : at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
