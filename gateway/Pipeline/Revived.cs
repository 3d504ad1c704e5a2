using System.Text.Json;
using Microsoft.AspNetCore.Routing.Template;

namespace Gateway.Pipeline;

/// <summary>The exchange of an intent whose caller is gone: what an answer is made of is there again, path and parameters included.</summary>
internal sealed class Revived : IDisposable
{
    private readonly ParsedBody? _body;

    public Revived(Intent intent, PlanRoute route, Consumer consumer, Surroundings around)
    {
        var http = new DefaultHttpContext();
        var query = intent.Path.IndexOf('?', StringComparison.Ordinal);
        http.Request.Method = route.Method;
        http.Request.Path = query < 0 ? intent.Path : intent.Path[..query];
        http.Request.QueryString = new QueryString(query < 0 ? "" : intent.Path[query..]);
        var values = new RouteValueDictionary();
        if (new TemplateMatcher(TemplateParser.Parse(route.Pattern), []).TryMatch(http.Request.Path, values)) http.Request.RouteValues = values;
        _body = intent.Canonical.IsEmpty ? null : new ParsedBody(intent.Canonical, JsonDocument.Parse(intent.Canonical));
        Exchange = new Exchange(http, route, around, intent.CorrelationId) { Consumer = consumer, Intent = intent, Body = _body };
    }

    public Exchange Exchange { get; }

    /// <summary>The consumer that called, or, when the workspace no longer knows it, one of the same name for the same partner.</summary>
    public static Consumer ConsumerOf(Intent intent, Plan plan) => plan.Consumers.GetValueOrDefault(intent.Consumer)
        ?? new Consumer(intent.Consumer, plan.Consumers.Values.FirstOrDefault(c => c.Partner.Name == intent.Tenant)?.Partner ?? new Partner(intent.Tenant, intent.Tenant));

    public void Dispose() => _body?.Dispose();
}
