using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Scales;

/// <summary>Tickets: what was weighed, and what it weighs.</summary>
internal static class Tickets
{
    public static readonly RestBinding Create = new(
        new OperationDescriptor("ticket.create", "Keeps a ticket of a weighing, exactly once per external id.", Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 2)
        {
            Input = new Dictionary<string, string> { ["pallet"] = "number of the pallet", ["kilograms"] = "what it weighs" },
            Needs = [["pallet"], ["kilograms"]],
            Makes = "ticket",
        },
        CreateAsync, FindCreatedAsync);

    public static readonly RestBinding Read = new(
        new OperationDescriptor("ticket.read", "Reads a ticket.", Effect.Reads, Idempotent: true, ReadsBack: false) { About = new Subject("ticket") }, ReadAsync);

    /// <summary>Looked for before each attempt, so that it may be sent again, and of four at once one is made.</summary>
    private static async ValueTask<RestOutcome> CreateAsync(OperationCall call, RestSession session)
    {
        if (call.ExternalId is not { Length: > 0 } externalId) return RestReply.NotSent("ticket.create was called without an external id");
        if (call.Input.Text("pallet") is not { } pallet || call.Input.Member("kilograms") is not { ValueKind: JsonValueKind.Number } kilograms)
            return RestReply.Malformed("the request mapping's output has no pallet, or no kilograms");
        var ticket = new JsonObject { ["external_id"] = externalId, ["pallet"] = pallet, ["kilograms"] = JsonNode.Parse(kilograms.GetRawText()) };
        return Outcome(await session.FindOrMakeAsync(() => FindAsync(session, externalId), () => session.ChangeAsync(HttpMethod.Post, "tickets", ticket)));
    }

    /// <summary>Recovery asks this where an answer was lost: NotFound only where it is certain that nothing was done.</summary>
    private static async ValueTask<RestOutcome> FindCreatedAsync(OperationCall call, RestSession session) =>
        call.ExternalId is { Length: > 0 } externalId ? Outcome(await FindAsync(session, externalId)) : RestReply.NotSent("read-back was called without an external id");

    private static async ValueTask<RestReply> FindAsync(RestSession session, string externalId)
    {
        var reply = await session.GetAsync($"tickets?external_id={Uri.EscapeDataString(externalId)}");
        if (!reply.Done) return reply;
        if (reply.Value.ValueKind != JsonValueKind.Array) return RestReply.Unusable("a list of tickets was expected");
        var found = reply.Value.Elements().Where(ticket => ticket.Text("external_id") == externalId).ToList();
        return found is [var ticket, ..] ? reply with { Value = ticket } : RestReply.NotFound("");
    }

    private static async ValueTask<RestOutcome> ReadAsync(OperationCall call, RestSession session) => call.Reference is not { Length: > 0 } reference
        ? RestReply.NotFound("There is no such ticket.")
        : new RestOutcome((await session.GetAsync($"tickets/{Uri.EscapeDataString(reference)}")).About("id", reference)) { Reference = reference };

    private static RestOutcome Outcome(RestReply reply) => !reply.Done ? reply : new RestOutcome(reply)
    {
        Reference = reply.Value.Id("id"),
        Facts = new JsonObject { ["ticketId"] = reply.Value.Id("id") },
    };
}
