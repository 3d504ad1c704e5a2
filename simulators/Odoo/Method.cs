using System.Text.Json.Nodes;

namespace Gateway.Simulators.Odoo;

/// <summary>A public method of a model.</summary>
/// <param name="Name">As in the path.</param>
/// <param name="OnRecords">Whether it takes <c>ids</c>.</param>
/// <param name="Parameters">Its named parameters; a trailing <c>?</c> marks one with a default.</param>
/// <param name="Run">Does the work and answers the bare JSON result.</param>
internal sealed record Method(string Name, bool OnRecords, string[] Parameters, Func<Call, JsonNode?> Run)
{
    /// <summary>Binds the body's members to the parameters, in Python's words where they don't fit.</summary>
    public void Check(Call call)
    {
        if (!OnRecords && call.HasIds)
            throw OdooError.Unprocessable($"cannot call {call.Model.Name}.{Name} with ids");
        foreach (var parameter in Parameters)
            if (!parameter.EndsWith('?') && !call.Arguments.ContainsKey(parameter))
                throw OdooError.Unprocessable($"missing a required argument: '{parameter}'");
        foreach (var (argument, _) in call.Arguments)
            if (!Parameters.Any(parameter => parameter.TrimEnd('?') == argument))
                throw OdooError.Unprocessable($"got an unexpected keyword argument '{argument}'");
    }
}

/// <summary>One call of a method, as its body says it.</summary>
/// <param name="Session">User, context and transaction.</param>
/// <param name="Model">The model of the path.</param>
/// <param name="Arguments">The body without <c>ids</c> and <c>context</c>.</param>
/// <param name="RawIds">The body's <c>ids</c>.</param>
internal sealed record Call(Session Session, Model Model, JsonObject Arguments, JsonArray RawIds)
{
    public bool HasIds => RawIds.Count > 0;

    /// <exception cref="OdooError">PostgreSQL's complaint about an id that is no integer.</exception>
    public IEnumerable<int> Ids => RawIds.Select(id => id is JsonValue value && value.TryGetValue(out int number)
        ? number
        : throw OdooError.NotAnId(Model.Name.Replace('.', '_'), id?.ToString() ?? "null"));

    /// <summary>The records called on.</summary>
    /// <exception cref="OdooError">One of them does not exist.</exception>
    public IReadOnlyList<Row> Records => [.. Ids.Select(id => Session.Record(Model.Name, id))];

    public JsonArray Domain => Arguments["domain"] as JsonArray ?? [];

    public int? Integer(string name) => Arguments[name] is JsonValue value && value.TryGetValue(out int number) ? number : null;

    public string? Text(string name) => Arguments[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>A list of names, or null where the argument is absent or null.</summary>
    public IReadOnlyList<string>? Names(string name) =>
        Arguments[name] is JsonArray items ? [.. items.Select(item => item!.GetValue<string>())] : null;
}
