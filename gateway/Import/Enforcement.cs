using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.JsonSchema;
using Gateway.OpenApi;
using Gateway.Policies.Contract;

namespace Gateway.Import;

/// <summary>
/// Compiles contracts as the policy will, and moves what the engine refuses to an annotation <c>x-not-enforced-KEYWORD</c>, until nothing is left:
/// a contract must not say what is not held.
/// </summary>
internal sealed class Enforcement(Contracts contracts, Notes notes)
{
    private const string Mark = "x-not-enforced-";

    /// <summary>Each round mends what can be seen; one contradiction may hide another.</summary>
    private const int MaxRounds = 50;

    /// <summary>A finding at the schema or, where <paramref name="Keyword"/> is set, at a keyword of it.</summary>
    private sealed record Spot(string Contract, string Pointer, JsonObject Schema, string? Keyword, SchemaDiagnostic Finding);

    public void Apply(IEnumerable<string> roots)
    {
        var open = roots.Distinct().ToList();
        for (var round = 0; open.Count > 0 && round < MaxRounds; round++)
        {
            var findings = new Dictionary<string, IReadOnlyList<SchemaDiagnostic>>();
            foreach (var name in open)
            {
                if (CompiledContract.Compile(name, contracts.Write(name), File).Diagnostics is { Count: > 0 } found) findings[name] = found;
            }
            // What is mended in one file may be what others refer to; those that were found wrong are looked at again.
            open = [.. findings.Keys];
            if (!Mend([.. findings.Values.SelectMany(f => f).DistinctBy(f => (f.Uri, f.Pointer, f.Message)).Select(SpotOf).OfType<Spot>()])) break;
        }
    }

    private ReadOnlyMemory<byte>? File(string path) => contracts.NameOfFile(path) is { } name ? contracts.Write(name) : null;

    private bool Mend(List<Spot> spots)
    {
        var keywords = spots.Where(s => s.Keyword is not null).ToList();
        foreach (var spot in keywords) Demote(spot, spot.Keyword!, Told(spot.Keyword!, spot.Finding.Message));
        if (keywords.Count > 0) return true;
        var circles = spots.Where(s => s.Finding.Message.StartsWith("this schema refers back", StringComparison.Ordinal)).ToList();
        foreach (var spot in circles) Cut(spot);
        if (circles.Count > 0) return true;
        // A contradiction makes all schemas around it impossible; the innermost is the one to mend.
        var inner = spots.Where(s => !Reaches(s, spots)).ToList();
        foreach (var spot in inner.Count > 0 ? inner : [.. spots.Take(1)]) Relax(spot);
        return spots.Count > 0;
    }

    private static bool Reaches(Spot spot, List<Spot> spots)
    {
        var files = SchemaWalk.Of(spot.Schema).Select(s => s.Schema["$ref"]?.ToString()).OfType<string>().ToHashSet();
        return spots.Any(other => other != spot && (other.Contract == spot.Contract
            ? other.Pointer.StartsWith(spot.Pointer + "/", StringComparison.Ordinal)
            : files.Contains(Contracts.Reference(other.Contract))));
    }

    /// <summary>Takes back the keywords that contradict each other; all of them, where the finding names none.</summary>
    private void Relax(Spot spot)
    {
        var reason = spot.Finding.Message;
        var words = reason.Split([' ', ':', '\''], StringSplitOptions.RemoveEmptyEntries).ToHashSet();
        string[] guilty = reason switch
        {
            _ when reason.Contains("its enum", StringComparison.Ordinal) => ["enum"],
            _ when reason.Contains("its const", StringComparison.Ordinal) => ["const"],
            _ when reason.Contains("different types", StringComparison.Ordinal) => spot.Schema.ContainsKey("type") ? ["type"] : ["allOf", "$ref"],
            _ when reason.Contains("its alternatives", StringComparison.Ordinal) => ["anyOf", "oneOf"],
            _ when reason.Contains("can never have a value", StringComparison.Ordinal) => ["required"],
            _ => [.. words],
        };
        var found = guilty.Where(k => spot.Schema.ContainsKey(k) && !k.StartsWith("x-", StringComparison.Ordinal)).ToList();
        if (found.Count == 0) found = [.. spot.Schema.Select(m => m.Key).Where(k => k != "$schema" && !k.StartsWith("x-", StringComparison.Ordinal))];
        foreach (var keyword in found) Demote(spot, keyword, Told(keyword, reason));
    }

    /// <summary>Takes back the last reference of a circle.</summary>
    private void Cut(Spot spot)
    {
        var from = new Dictionary<JsonObject, (JsonObject Schema, string Contract)>(ReferenceEqualityComparer.Instance as IEqualityComparer<JsonObject>);
        var open = new Stack<(JsonObject Schema, string Contract)>([(spot.Schema, spot.Contract)]);
        while (open.TryPop(out var at))
        {
            foreach (var next in InPlace(at.Schema, at.Contract))
            {
                if (next.Schema == spot.Schema)
                {
                    while (!at.Schema.ContainsKey("$ref") && from.TryGetValue(at.Schema, out var before)) at = before;
                    var keyword = at.Schema.ContainsKey("$ref") ? "$ref" : "allOf";
                    Demote(new Spot(at.Contract, "", at.Schema, keyword, spot.Finding), keyword, $"'{keyword}' leads back to the same schema for the same value");
                    return;
                }
                if (from.TryAdd(next.Schema, at)) open.Push(next);
            }
        }
    }

    private IEnumerable<(JsonObject Schema, string Contract)> InPlace(JsonObject schema, string contract)
    {
        if (schema["$ref"]?.ToString() is { } reference && contracts.NameOfFile(reference) is { } other) yield return (contracts.Schemas[other], other);
        foreach (var keyword in (string[])["allOf", "anyOf", "oneOf"])
        {
            foreach (var part in (schema[keyword] as JsonArray ?? []).OfType<JsonObject>()) yield return (part, contract);
        }
        foreach (var keyword in (string[])["not", "if", "then", "else"])
        {
            if (schema[keyword] is JsonObject part) yield return (part, contract);
        }
        foreach (var (_, part) in schema["dependentSchemas"] as JsonObject ?? [])
        {
            if (part is JsonObject found) yield return (found, contract);
        }
    }

    private static string Told(string keyword, string message) => message.Contains($"'{keyword}'", StringComparison.Ordinal) ? message : $"'{keyword}': {message}";

    private void Demote(Spot spot, string keyword, string why)
    {
        if (spot.Schema.IndexOf(keyword) is not (>= 0 and var at)) return;
        var value = spot.Schema[keyword];
        spot.Schema.RemoveAt(at);
        spot.Schema.Remove(Mark + keyword);
        spot.Schema.Insert(Math.Min(at, spot.Schema.Count), Mark + keyword, value);
        contracts.Changed(spot.Contract);
        notes.Add(NoteKind.NotEnforced, $"{spot.Contract}#{spot.Pointer}", why);
    }

    /// <summary>Where a finding stands: walked by what keywords hold, for a member may have the name of a keyword.</summary>
    private Spot? SpotOf(SchemaDiagnostic finding)
    {
        if (contracts.NameOfFile(CompiledContract.FileOf(finding)) is not { } contract) return null;
        var schema = contracts.Schemas[contract];
        var pointer = "";
        var steps = SchemaWalk.Steps(Uri.UnescapeDataString(finding.Pointer.TrimStart('#')));
        for (var i = 0; i < steps.Length; i++)
        {
            var keyword = steps[i];
            var (inner, used) = Inner(schema, keyword, i + 1 < steps.Length ? steps[i + 1] : null);
            // What is wrong with the name in patternProperties is told at its schema.
            var isName = keyword == "patternProperties" && i + 2 == steps.Length && finding.Message.StartsWith("the pattern", StringComparison.Ordinal);
            // A keyword that does nothing is told at the keyword, though a schema may stand there.
            var isIdle = i + 1 == steps.Length && finding.Message.Contains("means nothing", StringComparison.Ordinal);
            if (inner is null || isName || isIdle) return new Spot(contract, pointer, schema, keyword, finding);
            i += used - 1;
            pointer += string.Concat(steps.Skip(i + 1 - used).Take(used).Select(s => "/" + SchemaWalk.Escape(s)));
            schema = inner;
        }
        return new Spot(contract, pointer, schema, null, finding);
    }

    private static (JsonObject? Inner, int Steps) Inner(JsonObject schema, string keyword, string? next)
    {
        if (SchemaWalk.Single.Contains(keyword) && schema[keyword] is JsonObject single) return (single, 1);
        if (next is null) return (null, 1);
        if (SchemaWalk.Lists.Contains(keyword) && schema[keyword] is JsonArray list)
            return (int.TryParse(next, NumberStyles.None, CultureInfo.InvariantCulture, out var i) && i < list.Count ? list[i] as JsonObject : null, 2);
        return SchemaWalk.Maps.Contains(keyword) && schema[keyword] is JsonObject map ? (map[next] as JsonObject, 2) : (null, 1);
    }
}
