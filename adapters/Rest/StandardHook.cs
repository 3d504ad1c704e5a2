using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Gateway.Adapters.Rest;

/// <summary>A webhook that its backend has signed.</summary>
/// <param name="Id">The same over its sender's attempts.</param>
/// <param name="Received">By our clock.</param>
internal sealed record SignedMessage(string Id, JsonElement Body, DateTimeOffset Received)
{
    /// <summary>What the sender's header for it says; null where it sends none. No signature is over it.</summary>
    public string? Topic { get; init; }
}

/// <summary>Reads what a signed webhook tells; null where it tells nothing that can be read.</summary>
internal delegate HookEvent? HookReader(SignedMessage message);

/// <summary>Webhooks signed by Standard Webhooks 1.0.0, version <c>v1</c>. Their id is the message's, the same over the sender's attempts.</summary>
/// <param name="topic">Header that says what a message is about.</param>
/// <param name="wrongType">How to name an event; null where the name is one.</param>
internal sealed class StandardHook(HookOptions options, string topic, HookReader read, Func<string, string?> wrongType) : InboundHook
{
    public override long MaxBody => options.MaxBody;

    public override string? WrongSecret(string secret) => StandardSignature.WrongSecret(secret);

    public override string? WrongType(string type) => wrongType(type);

    public override ValueTask<HookVerdict> JudgeAsync(IHeaderDictionary headers, ReadOnlyMemory<byte> body, DateTimeOffset now, CancellationToken cancellation) =>
        ValueTask.FromResult(Judge(headers, body, now));

    private HookVerdict Judge(IHeaderDictionary headers, ReadOnlyMemory<byte> body, DateTimeOffset now) =>
        StandardSignature.Judge(headers, body.Span, options.Secrets, now) is var (id, refused) && refused is not null
            ? refused
            : HookBody.Read(body, json => read(new SignedMessage(id, json, now) { Topic = headers[topic] is [{ } said] ? said : null }));
}
