using System.Security.Cryptography;
using System.Text;

namespace Gateway.Policies.Authenticate.Webhooks;

/// <summary>
/// Webhooks that can only be given an address, as Odoo's automation rules: a part of the path is the secret. It is compared by its hash, so that
/// not even its length shows in the time it takes, and taken off the path before anybody else sees that.
/// </summary>
internal sealed class SecretPathWay(Consumer consumer, IReadOnlyList<string> secrets, string parameter) : WayIn
{
    /// <summary>What stands in the path afterwards.</summary>
    private const string Hidden = "-";

    private readonly IReadOnlyList<byte[]> _hashes = [.. secrets.Select(secret => SHA256.HashData(Encoding.UTF8.GetBytes(secret)))];

    /// <summary>Always: the route has no other path.</summary>
    public override bool IsPresented(Exchange exchange) => true;

    public override string? ClaimedBy(Exchange exchange) => consumer.Name;

    public override ValueTask<Verdict> JudgeAsync(Exchange exchange)
    {
        var given = SHA256.HashData(Encoding.UTF8.GetBytes(exchange.Http.Request.RouteValues[parameter] as string ?? ""));
        var holds = false;
        foreach (var hash in _hashes) holds |= CryptographicOperations.FixedTimeEquals(hash, given);
        return holds ? Verdict.Admit(consumer) : Verdict.Refuse("webhook-secret-wrong", "Nothing proves whose webhook this is.");
    }

    public override void TakeOff(Exchange exchange)
    {
        var request = exchange.Http.Request;
        if (request.RouteValues[parameter] is not string { Length: > 0 } secret) return;
        request.Path = request.Path.Value!.Replace(secret, Hidden, StringComparison.Ordinal);
        request.RouteValues[parameter] = Hidden;
    }
}
