using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Configuration.Yaml;
using Gateway.Policies.Contract;

namespace Gateway.Configuration;

/// <summary>From the catalogue as written to the types of events that run.</summary>
internal sealed partial class EventTypeReader(ScopeContext context, IReadOnlyDictionary<string, Backend> backends)
{
    private Places Places => context.Workspace.Places;

    public EventTypes Read() => context.Document.Events.Count == 0
        ? EventTypes.None
        : new EventTypes(context.Document.Events.Select(e => Of(e.Key, e.Value)).OfType<EventType>());

    private EventType? Of(string name, EventTypeDocument document)
    {
        if (document.From is { } from) CheckTeller(name, document, from);
        else if (!Versioned().IsMatch(name))
            Error("GW5305", Places.Of(context.Document.Events, name), $"'{name}' is not the type of an event", "write what it is about, what has happened, and a version: order.accepted.v1");
        var contract = CompiledContract.Find(document.Contract, Places.Of(document, nameof(document.Contract)), new Scope(context, name, name, HttpMethods.Post, [], new PlanTarget.Nowhere()));
        if (contract is null) return null;
        CheckKey(document, contract);
        CheckNumbers(document, contract);
        return new EventType(name, document.Owner, document.Contract)
        {
            Description = document.Description,
            From = document.From,
            OrderingKey = document.OrderingKey,
            About = document.About,
            Retention = document.Retention,
            Replay = document.Replay,
            DuplicateWindow = document.DuplicateWindow,
            Findings = data => FindingsOf(contract, data),
        };
    }

    /// <summary>What a backend calls its events is its own affair; that it tells them is known.</summary>
    private void CheckTeller(string name, EventTypeDocument document, string from)
    {
        var place = Places.Of(document, nameof(document.From));
        if (!backends.TryGetValue(from, out var backend))
        {
            // One that could not be opened was told of.
            if (!Places.Has(context.Document.Backends, from)) Error("GW5309", place, $"there is no backend '{from}'", Nearest.Cure(from, backends.Values.Where(b => b.Hook is not null).Select(b => b.Name)));
        }
        else if (backend.Hook is not { } hook) Error("GW5309", place, $"the backend '{from}' declares no webhooks, so it tells nothing", "add webhooks: { secrets: […] } to it");
        else if (hook.WrongType(name) is { } cure) Error("GW5309", place, $"the backend '{from}' tells no events of the type '{name}'", cure);
    }

    /// <summary>Where the contract names its members, the first of the path is one of them.</summary>
    private void CheckKey(EventTypeDocument document, CompiledContract contract)
    {
        if (document.OrderingKey is not { } path) return;
        var place = Places.Of(document, nameof(document.OrderingKey));
        var first = path.Split('.')[0];
        if (!MemberPath().IsMatch(path))
            Error("GW5306", place, $"'{path}' is no member of data", "write its name, or a path of names: buyerParty.id; leave it out for the subject");
        else if (contract.Schema.Members.Count > 0 && !contract.Schema.Members.ContainsKey(first))
            Error("GW5306", place, $"the contract {contract.Name} has no member '{first}'", Nearest.Cure(first, contract.Schema.Members.Keys));
    }

    private void CheckNumbers(EventTypeDocument document, CompiledContract contract)
    {
        for (var i = 0; i < document.About.Count; i++)
        {
            var (path, place) = (document.About[i], Places.Of(document.About, i.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            var first = path.Split('.')[0];
            if (!MemberPath().IsMatch(path))
                Error("GW5308", place, $"'{path}' is no member of data, so no event would be found by it", "write its name, or a path of names: orderReference.id");
            else if (contract.Schema.Members.Count > 0 && !contract.Schema.Members.ContainsKey(first))
                Error("GW5308", place, $"the contract {contract.Name} has no member '{first}', so no event would be found by it", Nearest.Cure(first, contract.Schema.Members.Keys));
        }
    }

    private static IReadOnlyList<Finding> FindingsOf(CompiledContract contract, ReadOnlyMemory<byte> data)
    {
        if (contract.Schema.IsValid(data.Span)) return [];
        using var document = JsonDocument.Parse(data);
        return contract.Findings(document.RootElement);
    }

    private void Error(string code, Place place, string message, string cure) => context.Diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+\.v[1-9][0-9]{0,3}$")]
    private static partial Regex Versioned();

    [GeneratedRegex(@"^[^.\s]+(\.[^.\s]+)*$")]
    private static partial Regex MemberPath();
}
