using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Gateway.Jsonata;

namespace Gateway.Policies.Transform;

/// <summary>A mapping as it runs: a compiled JSONata document that sees the exchange's facts, read-only.</summary>
public sealed class Mapping(string name, JsonataExpression? expression, IReadOnlyList<JsonataDiagnostic> diagnostics)
{
    /// <summary>Where mappings stand in a workspace.</summary>
    public const string Folder = "transforms/";

    /// <summary>How the file of a mapping ends.</summary>
    public const string Extension = ".jsonata";

    /// <summary>What a mapping may read beside its input: who calls, for whom, where, with what, and what was accepted.</summary>
    private static readonly string[] Variables = ["consumer", "partner", "route", "params", "accepted", "id"];

    private static readonly ConditionalWeakTable<Partner, JsonDocument> Partners = [];

    public string Name { get; } = name;

    /// <summary>The mapping of a name, compiled once a Plan; null when something was reported.</summary>
    public static Mapping? Find(string name, Place place, PolicyScope scope)
    {
        var path = Path(name);
        if (scope.File(path) is not { } file)
        {
            var known = scope.Files(Folder).Where(f => f.EndsWith(Extension, StringComparison.Ordinal)).Select(f => f[Folder.Length..^Extension.Length]);
            scope.Error("GW4001", place, $"there is no mapping '{name}'", $"create {path}; known: {string.Join(", ", known)}");
            return null;
        }
        var mapping = scope.Shared("mapping/" + name, () => Compile(name, file));
        foreach (var found in mapping.Diagnostics) scope.Error("GW4002", new Place(path, found.Line, found.Column), $"{found.Message} ({found.Code})", found.Cure);
        return mapping.IsUsable ? mapping : null;
    }

    /// <summary>Where in a workspace the mapping of a name stands.</summary>
    public static string Path(string name) => Folder + name + Extension;

    /// <summary>The mapping that a file holds; with diagnostics it can't be run.</summary>
    public static Mapping Compile(string name, ReadOnlyMemory<byte> file)
    {
        var compilation = JsonataExpression.Compile(Encoding.UTF8.GetString(file.Span), new JsonataOptions { Variables = Variables });
        return new Mapping(name, compilation.Expression, compilation.Diagnostics);
    }

    public IReadOnlyList<JsonataDiagnostic> Diagnostics => diagnostics;

    private bool IsUsable => expression is not null;

    /// <summary>The mapped document; or the error; neither when the mapping yields nothing.</summary>
    public (ReadOnlyMemory<byte>? Output, JsonataError? Error) Run(JsonElement input, Exchange exchange)
    {
        using var parameters = JsonDocument.Parse(Parameters.Of(exchange));
        using var accepted = exchange.Object is { } known && exchange.Body is null ? JsonDocument.Parse(known.Canonical) : null;
        return Run(input, new MappingFacts(exchange.StartedAt, exchange.Route.Name)
        {
            Consumer = exchange.Consumer,
            Parameters = parameters.RootElement,
            Accepted = accepted?.RootElement ?? exchange.Body?.Json,
            Id = exchange.Object?.Id ?? exchange.Intent?.ObjectId,
        });
    }

    /// <inheritdoc cref="Run(JsonElement, Exchange)"/>
    public (ReadOnlyMemory<byte>? Output, JsonataError? Error) Run(JsonElement input, MappingFacts facts)
    {
        var bindings = new JsonataBindings(facts.Now);
        bindings.Set("route", facts.Route);
        if (facts.Parameters is { } parameters) bindings.Set("params", parameters);
        if (facts.Consumer is { } consumer)
        {
            bindings.Set("consumer", consumer.Name);
            bindings.Set("partner", Facts(consumer.Partner));
        }
        if (facts.Accepted is { } accepted) bindings.Set("accepted", accepted);
        if (facts.Id is { } id) bindings.Set("id", id);
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

/// <summary>What a mapping may read beside its input.</summary>
/// <param name="Now">What <c>$now()</c> answers.</param>
/// <param name="Route"><c>$route</c>.</param>
public readonly record struct MappingFacts(DateTimeOffset Now, string Route)
{
    /// <summary><c>$consumer</c>, and its partner's facts as <c>$partner</c>.</summary>
    public Consumer? Consumer { get; init; }

    /// <summary><c>$params</c>: one object of strings.</summary>
    public JsonElement? Parameters { get; init; }

    /// <summary><c>$accepted</c>: the canonical request that the answer belongs to.</summary>
    public JsonElement? Accepted { get; init; }

    /// <summary><c>$id</c>: the gateway's id of the object.</summary>
    public string? Id { get; init; }
}
