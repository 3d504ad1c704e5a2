using System.Runtime.CompilerServices;
using System.Text.Json;
using Gateway.Jsonata;

namespace Gateway.Policies.Transform;

/// <summary>A mapping as it runs: a compiled JSONata document that sees the exchange's facts, read-only.</summary>
public sealed class Mapping(string name, JsonataExpression? expression, IReadOnlyList<JsonataDiagnostic> diagnostics)
{
    private const string Folder = "transforms/";
    private const string Extension = ".jsonata";

    /// <summary>What a mapping may read beside its input: who calls, for whom, where, with what, and what was accepted.</summary>
    private static readonly string[] Variables = ["consumer", "partner", "route", "params", "accepted", "id"];

    private static readonly ConditionalWeakTable<Partner, JsonDocument> Partners = [];

    public string Name { get; } = name;

    /// <summary>The mapping of a name, compiled once a Plan; null when something was reported.</summary>
    public static Mapping? Find(string name, Place place, PolicyScope scope)
    {
        var path = Folder + name + Extension;
        if (scope.File(path) is not { } file)
        {
            var known = scope.Files(Folder).Where(f => f.EndsWith(Extension, StringComparison.Ordinal)).Select(f => f[Folder.Length..^Extension.Length]);
            scope.Error("GW4001", place, $"there is no mapping '{name}'", $"create {path}; known: {string.Join(", ", known)}");
            return null;
        }
        var mapping = scope.Shared("mapping/" + name, () =>
        {
            var compilation = JsonataExpression.Compile(System.Text.Encoding.UTF8.GetString(file.Span), new JsonataOptions { Variables = Variables });
            return new Mapping(name, compilation.Expression, compilation.Diagnostics);
        });
        foreach (var found in mapping.Diagnostics) scope.Error("GW4002", new Place(path, found.Line, found.Column), $"{found.Message} ({found.Code})", found.Cure);
        return mapping.IsUsable ? mapping : null;
    }

    private IReadOnlyList<JsonataDiagnostic> Diagnostics => diagnostics;

    private bool IsUsable => expression is not null;

    /// <summary>The mapped document; or the error; neither when the mapping yields nothing.</summary>
    public (ReadOnlyMemory<byte>? Output, JsonataError? Error) Run(JsonElement input, Exchange exchange)
    {
        using var parameters = JsonDocument.Parse(Parameters.Of(exchange));
        using var accepted = exchange.Object is { } known && exchange.Body is null ? JsonDocument.Parse(known.Canonical) : null;
        var bindings = new JsonataBindings(exchange.StartedAt);
        bindings.Set("route", exchange.Route.Name);
        bindings.Set("params", parameters.RootElement);
        if (exchange.Consumer is { } consumer)
        {
            bindings.Set("consumer", consumer.Name);
            bindings.Set("partner", Facts(consumer.Partner));
        }
        if ((accepted?.RootElement ?? exchange.Body?.Json) is { } canonical) bindings.Set("accepted", canonical);
        if ((exchange.Object?.Id ?? exchange.Intent?.ObjectId) is { } id) bindings.Set("id", id);
        var output = MappingOutput.Take();
        var outcome = expression!.Evaluate(input, bindings, output.Writer);
        // Typed, or a missing array would be taken for an empty document.
        var mapped = outcome.HasValue ? (ReadOnlyMemory<byte>?)output.ToBytes() : null;
        output.GiveBack();
        return (mapped, outcome.Error);
    }

    private static JsonElement Facts(Partner partner) => Partners.GetValue(partner, p => JsonSerializer.SerializeToDocument(new
    {
        name = p.Name,
        displayName = p.DisplayName,
        tier = p.Tier,
        buyers = p.Buyers,
        company = p.Company,
        warehouse = p.Warehouse,
    })).RootElement;
}
