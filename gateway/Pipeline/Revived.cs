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
        var path = PathOf(intent);
        http.Request.Method = route.Method;
        http.Request.Path = path;
        http.Request.QueryString = new QueryString(intent.Path[path.Length..]);
        http.Request.RouteValues = ParametersOf(intent, route);
        _body = intent.Canonical.IsEmpty ? null : new ParsedBody(intent.Canonical, JsonDocument.Parse(intent.Canonical));
        Exchange = new Exchange(http, route, around, intent.CorrelationId) { Consumer = consumer, Intent = intent, Body = _body };
    }

    public Exchange Exchange { get; }

    /// <summary>The consumer that called, or, when the workspace no longer knows it, one of the same name for the same partner.</summary>
    public static Consumer ConsumerOf(Intent intent, Plan plan) => plan.Consumers.GetValueOrDefault(intent.Consumer)
        ?? new Consumer(intent.Consumer, plan.Consumers.Values.FirstOrDefault(c => c.Partner.Name == intent.Tenant)?.Partner ?? new Partner(intent.Tenant, intent.Tenant));

    /// <summary>The parameters of the path as the caller sent it; none where the route takes other paths by now.</summary>
    public static RouteValueDictionary ParametersOf(Intent intent, PlanRoute route)
    {
        var values = new RouteValueDictionary();
        return new TemplateMatcher(TemplateParser.Parse(route.Pattern), []).TryMatch(PathOf(intent), values) ? values : [];
    }

    private static string PathOf(Intent intent) => intent.Path.Split('?', 2)[0];

    public void Dispose() => _body?.Dispose();
}
