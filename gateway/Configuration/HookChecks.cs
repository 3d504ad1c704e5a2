using System.Globalization;
using Gateway.Adapters.Http;
using Gateway.Adapters.Odoo;
using Gateway.Configuration.Yaml;
using Gateway.Pipeline.Hooks;

namespace Gateway.Configuration;

/// <summary>Whether webhooks of backends can be told from those of strangers, and come in on a path that nothing else has.</summary>
internal sealed class HookChecks(WorkspaceDocument document, Places places, Outside outside, ICollection<Diagnostic> diagnostics)
{
    /// <param name="hook">As the backend was opened with it.</param>
    public void Check(string backend, BackendOptions options, InboundHook? hook)
    {
        if (options.Hooks is not { } declared || hook is null) return;
        if (declared is CloudEventHookOptions { Types.Count: 0 })
            Error("GW5115", places.Of(declared, nameof(CloudEventHookOptions.Types)), $"webhooks of '{backend}' may tell of nothing, so none of them would be taken", "name the types of events that it tells: types: [com.example.order.released]");
        if (declared is CloudEventHookOptions events)
            for (var i = 0; i < events.States.Count; i++)
                if (!events.Types.Contains(events.States[i]))
                    Error("GW5118", places.Of(events.States, i.ToString(CultureInfo.InvariantCulture)), $"webhooks of '{backend}' may not tell of '{events.States[i]}', so nothing of it is old or new", Nearest.Cure(events.States[i], events.Types));
        if (!hook.TakesSecrets)
        {
            if (declared.Secrets.Count > 0) Error("GW5115", places.Of(declared, nameof(declared.Secrets)), $"webhooks of '{backend}' are signed with keys that it publishes, and not with a secret", "write webhooks: {}");
            return;
        }
        if (declared.Secrets.Count == 0)
            Error("GW5115", places.Of(declared, nameof(declared.Secrets)), $"webhooks of '{backend}' have no secret, so none of them would be taken", "add secrets: [secret://env/NAME]");
        for (var i = 0; i < declared.Secrets.Count; i++)
            if (outside.ValueOf(declared.Secrets[i]) is { Length: > 0 } value && hook.WrongSecret(value) is { } wrong)
                Error("GW5115", places.Of(declared.Secrets, i.ToString(CultureInfo.InvariantCulture)), $"webhooks of '{backend}' can't be signed with this secret", wrong);
    }

    /// <summary>A route there would take webhooks, or be taken for them.</summary>
    public void CheckPaths()
    {
        if (!document.Backends.Values.Any(b => b is { Hooks: not null } or OdooOptions { Changes.Hints: not null })) return;
        foreach (var alike in document.Backends.Where(b => b.Value is { Hooks: not null } or OdooOptions { Changes.Hints: not null }).Select(b => b.Key).GroupBy(name => name, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
            foreach (var name in alike.Skip(1))
                Error("GW5295", places.Of(document.Backends, name), $"webhooks of '{name}' and of '{alike.First()}' would come in on one path: upper and lower case are the same there", "give one of the backends another name");
        foreach (var route in document.Apis.Values.SelectMany(api => api.Routes.Values))
            if (route.Match.Split(' ', 2) is [_, var path] && path.StartsWith(Hooks.Root, StringComparison.OrdinalIgnoreCase))
                Error("GW5116", places.Of(route, nameof(route.Match)), $"'{path}' is where webhooks of backends come in", "choose another path");
    }

    private void Error(string code, Place place, string message, string cure) => diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}
