using System.Globalization;
using System.Net.Mail;
using Gateway.Configuration.Yaml;
using Gateway.Policies.Contract;

namespace Gateway.Configuration;

/// <summary>Whether what an API says of itself makes sense: contact, life, successor, audience.</summary>
internal sealed class ApiChecks(WorkspaceDocument document, Places places, ICollection<Diagnostic> diagnostics)
{
    public void Check()
    {
        foreach (var (name, api) in document.Apis) Check(name, api);
    }

    private void Check(string name, ApiDocument api)
    {
        if (api.Contact is { } contact && !IsContact(contact))
            Error("GW2034", places.Of(api, nameof(api.Contact)), $"'{contact}' is no address where '{api.Owner}' is reached", "write an e-mail address, or https://…");
        CheckLife(api, name, api.Lifecycle, api.Deprecated, api.Sunset);
        foreach (var (route, own) in api.Routes.Where(r => (r.Value.Lifecycle, r.Value.Deprecated, r.Value.Sunset) is not (null, null, null)))
            CheckLife(own, route, own.Lifecycle ?? api.Lifecycle, own.Deprecated ?? api.Deprecated, own.Sunset ?? api.Sunset);
        if (api.Version is { } version && ParameterContract.IsOfTheGateway(version.Header))
            Error("GW2044", places.Of(version, nameof(version.Header)), $"the header {version.Header} belongs to the gateway, so it can't name a version", "choose one of your own, like Api-Version");
        CheckSuccessor(name, api);
        CheckAudience(name, api);
    }

    /// <param name="owner">The document that wrote it, in part at least.</param>
    private void CheckLife(object owner, string name, Lifecycle lifecycle, DateTimeOffset? deprecated, DateTimeOffset? sunset)
    {
        if (sunset < deprecated)
            Error("GW2035", places.Of(owner, nameof(ApiDocument.Sunset)), $"'{name}' ends before it is deprecated", $"write a sunset after {Day(deprecated!.Value)}");
        if (lifecycle == Lifecycle.Deprecated && deprecated is null && !places.Has(owner, nameof(ApiDocument.Deprecated)))
            Error("GW2036", places.Of(owner, nameof(ApiDocument.Lifecycle)), $"'{name}' is deprecated, and nothing says since when", "add deprecated: 2027-01-31, the day that callers are told");
    }

    private void CheckSuccessor(string name, ApiDocument api)
    {
        if (api.Successor is not { } successor || IsAddress(successor)) return;
        if (successor == name || !document.Apis.ContainsKey(successor))
        {
            Error("GW2037", places.Of(api, nameof(api.Successor)), $"there is no other API '{successor}' that could follow '{name}'",
                Nearest.Cure(successor, document.Apis.Keys.Where(k => k != name)));
        }
    }

    private void CheckAudience(string name, ApiDocument api)
    {
        var known = document.Partners.Values.SelectMany(p => p.Consumers.Keys).ToHashSet();
        for (var i = 0; i < api.Audience.Count; i++)
        {
            if (!known.Contains(api.Audience[i]))
                Error("GW2038", places.Of(api.Audience, i.ToString(CultureInfo.InvariantCulture)), $"there is no consumer '{api.Audience[i]}'", Nearest.Cure(api.Audience[i], known));
        }
        var drafts = api.Routes.Values.Any(r => (r.Lifecycle ?? api.Lifecycle) == Lifecycle.Draft);
        if (api.Audience.Count > 0 && !drafts)
        {
            diagnostics.Add(new Diagnostic("GW2039", Severity.Warning, places.Of(api, nameof(api.Audience)), $"nothing of '{name}' is a draft, so everybody sees it",
                "remove audience:, or write lifecycle: draft"));
        }
    }

    /// <summary>Whether it leads to somebody: an e-mail address, or the address of a page.</summary>
    public static bool IsContact(string text) => IsAddress(text) || MailAddress.TryCreate(text, out _);

    private static bool IsAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";

    private static string Day(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private void Error(string code, Place place, string message, string cure) =>
        diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}
