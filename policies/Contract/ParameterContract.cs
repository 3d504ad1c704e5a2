using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.JsonSchema;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gateway.Policies.Contract;

/// <summary>
/// The contract of the parameters in one part of a request, as of one object. A text is read as the contract wants it: as a number or a
/// boolean where it is one, as a list by repetition in a query (OpenAPI's style <c>form</c>, exploded) and by commas in path and headers
/// (style <c>simple</c>), else as a string. What can't be read so stays a string, and the contract then says what is wrong with it.
/// </summary>
public sealed class ParameterContract
{
    public const string Path = "path";
    public const string Query = "query";
    public const string Header = "header";

    private const SchemaKinds Single = SchemaKinds.String | SchemaKinds.Number | SchemaKinds.Boolean;

    /// <summary>Headers that belong to the connection, to the body or to authentication: no contract sees them.</summary>
    private static readonly string[] NotParameters =
    [
        "Accept", "Authorization", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Cookie", "Host",
        "Proxy-Authorization", "Transfer-Encoding", "X-Api-Key",
    ];

    private readonly CompiledContract _contract;
    private readonly IReadOnlyDictionary<string, SchemaMember> _members;

    private ParameterContract(CompiledContract contract, string part)
    {
        _contract = contract;
        _members = contract.Schema.Members;
        Part = part;
    }

    /// <summary><c>order-query@1</c>.</summary>
    public string Name => _contract.Name;

    /// <summary>Where the parameters stand: <see cref="Path"/>, <see cref="Query"/> or <see cref="Header"/>.</summary>
    public string Part { get; }

    /// <summary>The contract of a name; null when something was reported.</summary>
    internal static ParameterContract? Find(string name, string part, Place place, PolicyScope scope)
    {
        if (CompiledContract.Find(name, place, scope) is not { } contract) return null;
        var parameters = new ParameterContract(contract, part);
        if (!contract.Schema.Takes(SchemaKinds.Object))
            scope.Error("GW5034", place, $"the contract {name} takes no object, and parameters are one", "write type: object and properties: NAME");
        foreach (var own in parameters._members.Keys.Where(m => part == Header && IsOfTheGateway(m)))
            scope.Error("GW5035", place, $"the header {own} of the contract {name} belongs to the gateway", "remove it from the contract");
        if (part == Path) CheckPath(parameters, place, scope);
        parameters.CheckReadable(place, scope);
        return parameters;
    }

    /// <summary>Whether a header belongs to the connection, to the body or to authentication.</summary>
    public static bool IsOfTheGateway(string header) => NotParameters.Contains(header, StringComparer.OrdinalIgnoreCase);

    /// <summary>A rule that no text could keep or break would be no rule: values are texts, and how to read one must be told beforehand.</summary>
    private void CheckReadable(Place place, PolicyScope scope)
    {
        foreach (var (name, member) in _members.Where(m => !m.Value.IsBare))
        {
            var problem = member switch
            {
                { Kinds: SchemaKinds.Any } => $"does not say of which type '{name}' is",
                { Kinds: SchemaKinds.None } => null, // It must not be there, and that can be told.
                _ when (member.Kinds & (SchemaKinds.Array | Single)) == SchemaKinds.None => $"wants '{name}' to be an object or null, which no text is",
                _ when member.Kinds.HasFlag(SchemaKinds.Array) && (member.ItemsByPlace || (member.ItemKinds & Single) == SchemaKinds.None && member.ItemKinds != SchemaKinds.None) => $"wants items of '{name}' that no text can be read as",
                _ => null,
            };
            if (problem is not null) scope.Error("GW5039", place, $"the contract {Name} {problem}", "write type: string, number, integer, boolean, or array with items of these");
        }
        if (_contract.Schema.HasRulesForOtherMembers)
            scope.Error("GW5039", place, $"the contract {Name} has rules for parameters that it does not name", "name them under properties; additionalProperties may be true or false");
    }

    private static void CheckPath(ParameterContract parameters, Place place, PolicyScope scope)
    {
        var known = scope.PathParameters.Count == 0 ? "it has none" : "it has " + string.Join(", ", scope.PathParameters);
        foreach (var stranger in parameters._members.Keys.Where(m => !scope.PathParameters.Contains(m)))
            scope.Error("GW5036", place, $"the contract {parameters.Name} names '{stranger}', and the path has no such parameter", known);
    }

    /// <summary>What is wrong with the parameters of a request; empty when nothing is.</summary>
    public IReadOnlyList<Finding> Check(HttpRequest request)
    {
        var json = Read(request);
        if (_contract.Schema.IsValid(json.Span)) return [];
        using var parameters = JsonDocument.Parse(json);
        return [.. _contract.Findings(parameters.RootElement).Select(f => f with { In = Part })];
    }

    private ReadOnlyMemory<byte> Read(HttpRequest request)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        switch (Part)
        {
            case Path:
                foreach (var (name, value) in request.RouteValues) Write(json, name, value as string);
                break;
            case Query:
                foreach (var (name, values) in QueryText.Of(request)) Write(json, name, values);
                break;
            default:
                foreach (var name in _members.Keys)
                {
                    if (request.Headers.TryGetValue(name, out var values)) Write(json, name, values);
                }
                break;
        }
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    private void Write(Utf8JsonWriter json, string name, StringValues values)
    {
        json.WritePropertyName(Sound(name));
        var member = _members.GetValueOrDefault(name, SchemaMember.Any);
        if (member.IsList || (values.Count > 1 && !member.IsBare && member.Kinds.HasFlag(SchemaKinds.Array)))
        {
            json.WriteStartArray();
            foreach (var text in Items(values)) WriteText(json, text, member.ItemKinds);
            json.WriteEndArray();
        }
        else if (values.Count > 1 && Part == Query)
        {
            // Who would take the first and who the last? It is no single value, and the contract will say so.
            json.WriteStartArray();
            foreach (var text in values) json.WriteStringValue(Sound(text ?? ""));
            json.WriteEndArray();
        }
        else
        {
            WriteText(json, values.ToString(), member.Kinds);
        }
    }

    private IEnumerable<string> Items(StringValues values) => Part == Query
        ? values.Select(v => v ?? "")
        : values.SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries));

    private static void WriteText(Utf8JsonWriter json, string text, SchemaKinds kinds)
    {
        if (kinds == SchemaKinds.Any) json.WriteStringValue(Sound(text));
        else if (kinds.HasFlag(SchemaKinds.Number) && IsNumber(text)) json.WriteRawValue(text, skipInputValidation: true);
        else if (kinds.HasFlag(SchemaKinds.Boolean) && text is "true" or "false") json.WriteBooleanValue(text == "true");
        else json.WriteStringValue(Sound(text));
    }

    /// <summary>Whether the text is a number of JSON (RFC 8259 section 6) and nothing else.</summary>
    private static bool IsNumber(string text)
    {
        if (text.Length is 0 or > 128 || !(char.IsAsciiDigit(text[0]) || text[0] == '-')) return false;
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.BytesConsumed == text.Length;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Half a character is no text, and can't be written as JSON.</summary>
    private static string Sound(string text) => text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0 ? text : string.Concat(text.EnumerateRunes());
}
