using System.Text.Json;
using Gateway.Adapters.Rest;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Scales;

/// <summary>What <c>backends.NAME</c> takes; members of its own have a <c>[Description]</c>, of which editors' schemas are made.</summary>
public sealed record ScalesOptions : RestOptions;

/// <summary>Scales over REST, which keep a ticket of every weighing: unique by <c>external_id</c>, which is the gateway's external id.</summary>
public sealed class ScalesAdapter(ILoggerFactory logs, Outside outside) : Adapter
{
    /// <summary>One line adds an operation.</summary>
    private static readonly RestBinding[] Table = [Tickets.Create, Tickets.Read];

    public override string Name => "scales";

    public override string Summary => "Scales over REST: keeps a ticket of every weighing, exactly once, and reads it.";

    public override Type OptionsType => typeof(ScalesOptions);

    public override IReadOnlyList<OperationDescriptor> Operations { get; } = [.. Table.Select(row => row.Descriptor)];

    public override Backend Open(string name, BackendOptions options, TimeProvider clock) => new RestBackend(
        name, (RestOptions)options, new ScalesDialect(), Table, (declared, _) => new StandardHook(declared, "x-webhook-topic", Weighed, WrongType), new RestSurroundings(clock, outside, logs));

    private static HookEvent? Weighed(SignedMessage message) => message.Body.Text("external_id") is { } subject
        ? new HookEvent(message.Id, "scales.weighed.v1", subject, HookBody.TimeOf(message.Body.Text("at"), message.Received), message.Body)
        : null;

    private static string? WrongType(string type) => type == "scales.weighed.v1" ? null : "the scales tell scales.weighed.v1 alone";
}

/// <summary>Its errors: <c>{"error":{"code","message"}}</c>. What is in other words was said by somebody before it.</summary>
internal sealed class ScalesDialect() : RestDialect("The weighing system")
{
    public override RestFault? FaultOf(int status, JsonElement body) => body.Member("error") is { } error && error.Text("code") is { } code
        ? new RestFault(KindOf(status, code), code, error.Text("message") ?? "")
        : null;

    private static FaultKind KindOf(int status, string code) => status switch
    {
        409 => FaultKind.Known,
        401 or 403 => FaultKind.Access,
        404 => FaultKind.Missing,
        429 => FaultKind.Busy,
        >= 500 => FaultKind.Own,
        _ => code == "invalid" ? FaultKind.Input : FaultKind.Rules,
    };
}
