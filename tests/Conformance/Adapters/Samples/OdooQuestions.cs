using System.Text.Json;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>Listens to what is sent to an Odoo over JSON-2, and notes which fields of which models it names.</summary>
internal sealed class OdooQuestions : Outside
{
    private readonly HashSet<(string Model, string Field)> _named = [];

    /// <summary>What was named so far; a path counts with its first step.</summary>
    public IReadOnlyCollection<(string Model, string Field)> Named
    {
        get { lock (_named) return [.. _named]; }
    }

    public override HttpMessageHandler Backend(string name, Func<HttpMessageHandler> connections) => new Listener(this, connections());

    private void Hear(string path, JsonElement body)
    {
        if (path.Split('/') is not ["", "json", "2", var model, var method] || method == "fields_get") return;
        var names = body.EnumerateObject().SelectMany(argument => argument.Name switch
        {
            "fields" => argument.Value.EnumerateArray().Select(field => field.GetString()!),
            "domain" => argument.Value.EnumerateArray().Where(leaf => leaf.ValueKind == JsonValueKind.Array).Select(leaf => leaf[0].GetString()!),
            "order" => argument.Value.GetString()!.Split(',').Select(term => term.Trim().Split(' ')[0]),
            "vals" => argument.Value.EnumerateObject().Select(value => value.Name),
            "vals_list" => argument.Value.EnumerateArray().SelectMany(values => values.EnumerateObject()).Select(value => value.Name),
            _ => [],
        });
        lock (_named)
            foreach (var name in names) _named.Add((model, name.Split('.', '/')[0]));
    }

    private sealed class Listener(OdooQuestions questions, HttpMessageHandler connections) : DelegatingHandler(connections)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is { } content)
                questions.Hear(request.RequestUri!.AbsolutePath, JsonElement.Parse(await content.ReadAsByteArrayAsync(cancellationToken)));
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
