using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Simulators;

/// <summary>An automation rule with the action "Send Webhook Notification", on every save of a model's records.</summary>
/// <param name="Name">The action's name; the receiver gets it with the number of the rule.</param>
/// <param name="Fields">What of the record is sent beside its id.</param>
public sealed record OdooAutomation(string Name, string Model, Uri Url, IReadOnlyList<string> Fields);

/// <summary>A webhook that is due, made while its transaction was still Odoo's only one.</summary>
internal sealed record AutomationCall(Uri Url, string Body);

/// <summary>
/// Webhooks as base_automation sends them: behind the commit and within the call of the user who saved; flat JSON with sorted keys, many2ones as bare
/// ids, no signature, no id, no time. A receiver has one second; nothing is sent again.
/// </summary>
internal sealed class Automations : IDisposable
{
    private const int FirstRule = 481;

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(1) };
    private readonly List<OdooAutomation> _rules = [];
    private readonly ConcurrentQueue<AutomationCall> _late = new();
    private Chaos? _chaos;
    private int _answered;
    private int _timedOut;

    /// <summary>How many were answered within their second, whatever the answer was.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>For how many that second was over before their receiver answered.</summary>
    public int TimedOut => Volatile.Read(ref _timedOut);

    /// <summary>What loses webhooks, or sends them late or twice.</summary>
    public void Under(Chaos chaos) => _chaos = chaos;

    public void Add(OdooAutomation rule)
    {
        lock (_rules)
            _rules.Add(rule);
    }

    /// <summary>The webhooks about what a transaction has written; made before another one changes it.</summary>
    public IReadOnlyList<AutomationCall> Of(Odoo.Session session)
    {
        lock (_rules)
            return _rules.Count == 0
                ? []
                : [.. session.Written.SelectMany(row => _rules.Index().Where(rule => rule.Item.Model == row.Model.Name)
                    .Select(rule => new AutomationCall(rule.Item.Url, BodyOf(session, row, rule.Item, rule.Index))))];
    }

    public async Task SendAsync(IReadOnlyList<AutomationCall> calls)
    {
        foreach (var call in calls)
        {
            var mode = _chaos?.TakeHook().Mode;
            if (mode == ChaosMode.HookLost)
                continue;
            if (mode == ChaosMode.HookLate)
            {
                _late.Enqueue(call);
                continue;
            }
            await TrySendAsync(call);
            if (mode == ChaosMode.HookTwice)
                await TrySendAsync(call);
            while (_late.TryDequeue(out var late))
                await TrySendAsync(late);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task TrySendAsync(AutomationCall call)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, call.Url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(call.Body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.ParseAdd("python-requests/2.28.1");
        try
        {
            using var response = await _http.SendAsync(request);
            Interlocked.Increment(ref _answered);
        }
        catch (HttpRequestException)
        {
            // Odoo logs it, and that is all.
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _timedOut);
        }
    }

    private static string BodyOf(Odoo.Session session, Odoo.Row row, OdooAutomation rule, int number)
    {
        var members = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal)
        {
            ["_action"] = $"{rule.Name}(#{FirstRule + number})",
            ["_id"] = row.Id,
            ["_model"] = row.Model.Name,
            ["id"] = row.Id,
        };
        foreach (var (name, value) in Odoo.JsonValues.Read(session, row, rule.Fields.Select(row.Model.FieldNamed), bareIds: true).ToArray())
            members[name] = value?.DeepClone();
        return new JsonObject(members).ToJsonString();
    }
}
