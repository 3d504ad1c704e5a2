using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Tests.Records;

/// <summary>The page on the canonical model: what every field of every contract is, and which objects name which. Made of the contracts, and of a page on what they leave out.</summary>
internal sealed class ModelPage
{
    public const string Name = "docs/canonical-model.md";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly (string Kind, string Heading)[] Kinds =
        [("master", "Master data"), ("document", "Documents"), ("event", "Events"), ("parameters", "Parameters of calls")];

    private readonly ContractBundle _bundle;
    private readonly List<Spot> _contracts;

    /// <summary>Objects that other files refer to: each has a table of its own, and is linked wherever it is used.</summary>
    private readonly HashSet<string> _shared;

    private readonly StringBuilder _page = new();

    private ModelPage(ContractBundle bundle)
    {
        (_bundle, _contracts) = (bundle, [.. bundle.Roots]);
        _shared = [.. from contract in _contracts
                      from field in ContractField.All(bundle, contract)
                      where field.IsObject && field.Definition.File != field.Place.File
                      select field.Title];
    }

    public static GeneratedFile Of(ContractBundle bundle) => new(Name, new ModelPage(bundle).Text());

    private string Text()
    {
        _page.Append("""
            <!-- Made of transforms/canonical/*.schema.json by: dotnet run --project tests/Records -->

            # The canonical model

            What partners, Odoo, warehouses and carriers say to each other through the gateway, said once. Each object is a contract in
            `transforms/canonical/`; [contracts.md](contracts.md) tells how they are checked and changed, [section 8 of the
            design](design.md#8-order1-and-the-rules-every-canonical-object-follows) the rules that all follow. Documents with every
            member that there may be are in [examples](examples).

            In the tables a field of an object in an object is `outer.inner`, one of an object in a list `list[].inner`; *required* holds within the object
            that the field is in. *Source* names the standard and its element, and the field of Odoo; an element is written as in its XML (UBL),
            by segment and position (X12) or by segment and code (EDIFACT). What several contracts use has
            its own table, under the contract that defines it.


            """.Replace("\r", "", StringComparison.Ordinal));
        Overview();
        Diagram();
        foreach (var contract in _contracts) Contract(contract);
        // No contract tells of what it does not have.
        _page.Append(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Templates", "LeftOut.md")).Replace("\r", "", StringComparison.Ordinal));
        return _page.ToString().TrimEnd('\n') + "\n";
    }

    private void Overview()
    {
        foreach (var (kind, heading) in Kinds)
        {
            Line($"| {heading} | | Names |");
            Line("|---|---|---|");
            foreach (var contract in _contracts.Where(c => KindOf(c) == kind))
                Line($"| {Link(NameOf(contract))} | {Cell(Said(contract, "description"))} | {string.Join(", ", Named(contract).Select(Link))} |");
            Line("");
        }
    }

    /// <summary>Items, locations and partners are named by nearly everything: drawn, those arrows would hide the others.</summary>
    private void Diagram()
    {
        Line("An arrow leads from an object to one that it names by its number. Arrows from documents and events to master data are left out: the");
        Line("tables above have them.");
        Line("");
        Line("```mermaid");
        Line("flowchart LR");
        var drawn = _contracts.Where(c => KindOf(c) != "parameters").ToList();
        foreach (var (kind, heading) in Kinds)
        {
            if (!drawn.Any(c => KindOf(c) == kind)) continue;
            Line($"  subgraph {kind}s [{heading}]");
            foreach (var contract in drawn.Where(c => KindOf(c) == kind)) Line($"    {Node(NameOf(contract))}[\"{NameOf(contract)}\"]");
            Line("  end");
        }
        foreach (var contract in drawn)
            foreach (var named in Named(contract).Where(named => KindOf(contract) == "master" || KindOf(Find(named)) != "master"))
                Line($"  {Node(NameOf(contract))} --> {Node(named)}");
        Line("```");
        Line("");
    }

    private void Contract(Spot contract)
    {
        Line($"## {NameOf(contract)}");
        Line("");
        Line($"{Said(contract, "description")} Source: {Said(contract, "x-source")}. [Schema](../transforms/canonical/{contract.File}), [example](examples/{NameOf(contract)}.json).");
        Line("");
        Table(contract);
        foreach (var (name, definition) in contract.Schema["$defs"]?.AsObject() ?? [])
        {
            var part = contract.Below($"$defs/{name}", definition);
            if (!_shared.Contains(Said(part, "title"))) continue;
            Line($"### {Said(part, "title")}");
            Line("");
            Line($"{Said(part, "description")} Source: {Said(part, "x-source")}.");
            Line("");
            Table(part);
        }
    }

    private void Table(Spot of)
    {
        Line("| Field | Type | Required | Description | Example | Source |");
        Line("|---|---|---|---|---|---|");
        Rows(of, "", []);
        Line("");
    }

    /// <param name="of">The object.</param>
    /// <param name="path">What goes before the names of its members.</param>
    /// <param name="written">What this table has already, by title: where it comes again, it is referred to.</param>
    private void Rows(Spot of, string path, Dictionary<string, string> written)
    {
        foreach (var field in ContractField.Members(_bundle, of, path))
        {
            var inner = field.Items(_bundle) ?? field;
            var type = TypeOf(inner, written);
            Line($"| `{field.Path}` | {(field.IsList ? "list of " : "")}{type} | {(field.Required ? "yes" : "")} | {Cell(DescriptionOf(field, inner))} | {ExampleOf(inner)} | {Cell(field.Source)} |");
            if (inner.IsObject && !_shared.Contains(inner.Title) && written.TryAdd(inner.Title, inner.Path))
                Rows(inner.Definition, inner.Path + ".", written);
        }
    }

    private static string DescriptionOf(ContractField field, ContractField inner)
    {
        var named = inner.RefersTo.Length > 0 ? $" Names: [{inner.RefersTo}](#{Anchor(inner.RefersTo)})." : "";
        return (inner == field ? field.Description : $"{field.Description} Each: {inner.Description}") + named;
    }

    private string TypeOf(ContractField field, Dictionary<string, string> written)
    {
        var schema = field.Schema;
        if (field.IsObject)
            return _shared.Contains(field.Title) ? Link(HeadingOf(field.Title))
                : written.TryGetValue(field.Title, out var path) ? $"object, as `{path}`"
                : "object";
        if (schema["enum"] is JsonArray values) return "one of " + string.Join(", ", values.Select(value => $"`{value}`"));
        return (string?)schema["type"] switch
        {
            "string" => StringType(schema),
            "number" => "number" + Bounds(schema),
            "integer" => "whole number" + Bounds(schema),
            var type => type ?? "",
        };
    }

    private static string StringType(JsonObject schema) => (string?)schema["format"] switch
    {
        "date" => "day",
        "date-time" => "time with offset",
        "uri" => "URI",
        { } format => $"text, format `{format}`",
        null when schema["pattern"] is { } pattern && schema["maxLength"] is null => $"text, {Code((string)pattern!)}",
        null => $"text{(schema["maxLength"] is { } most ? $", at most {most}" : "")}",
    };

    private static string Bounds(JsonObject schema) =>
        (schema["exclusiveMinimum"] is { } above ? $" > {above}" : schema["minimum"] is { } least ? $" ≥ {least}" : "")
        + (schema["maximum"] is { } most ? $", ≤ {most}" : "");

    private static string ExampleOf(ContractField field) => field.Example is { } example ? Code(example.ToJsonString(Plain)) : "";

    /// <summary>The contracts whose objects a contract names, in the order of the files.</summary>
    private IEnumerable<string> Named(Spot contract)
    {
        var named = ContractField.All(_bundle, contract).Select(field => field.RefersTo).ToHashSet();
        return _contracts.Select(NameOf).Where(named.Contains);
    }

    private Spot Find(string name) => _contracts.Single(contract => NameOf(contract) == name);

    private static string NameOf(Spot contract) => contract.File.Replace(".schema.json", "", StringComparison.Ordinal);

    private static string KindOf(Spot contract) => Said(contract, "x-kind");

    private static string Said(Spot spot, string keyword) => (string?)spot.Schema[keyword] ?? "";

    /// <summary>Where the page tells of an object: below its contract's name, if it is a whole document, else below its own.</summary>
    private string HeadingOf(string title) => _contracts.Find(contract => Said(contract, "title") == title) is { } whole ? NameOf(whole) : title;

    private static string Link(string heading) => $"[{heading}](#{Anchor(heading)})";

    /// <summary>As GitHub makes it of a heading.</summary>
    private static string Anchor(string heading) => heading.Replace("@", "", StringComparison.Ordinal).ToLower(CultureInfo.InvariantCulture);

    private static string Node(string contract) => contract.Split('@')[0].Replace('-', '_');

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static string Code(string text) => $"`{Cell(text)}`";

    private void Line(string text) => _page.Append(text).Append('\n');
}
