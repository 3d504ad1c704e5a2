using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Policies.Authenticate;

public sealed record ApiKeyOptions : WayOptions
{
    [Description("The header that carries the key.")]
    [RegularExpression("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$")]
    public string Header { get; init; } = "X-Api-Key";

    internal override string Challenge => $"ApiKey realm=\"gateway\", header=\"{Header}\"";

    internal override IEnumerable<SurfaceCredential> Credentials(PolicyScope scope) => [new SurfaceCredential.ApiKey(Header)];

    internal override string Explain(Consumer? consumer) => $"an API key in {Header}";

    internal override WayIn Open(PolicyScope scope) => new ApiKeyWay(Header, scope.Shared("apiKeys", () => new ApiKeys(scope.Consumers)));
}

/// <summary>API keys in a header.</summary>
internal sealed class ApiKeyWay(string header, ApiKeys keys) : WayIn
{
    public override bool IsPresented(Exchange exchange) => exchange.Http.Request.Headers.ContainsKey(header);

    public override ValueTask<Verdict> JudgeAsync(Exchange exchange) => keys.Find(exchange.Http.Request.Headers[header]) switch
    {
        { } found when found.Key.HoldsAt(exchange.StartedAt) => Verdict.Admit(found.Consumer),
        null => Refuse("api-key-unknown"),
        _ => Refuse("api-key-expired"),
    };

    public override void TakeOff(Exchange exchange) => exchange.Http.Request.Headers.Remove(header);

    private static Verdict Refuse(string reason) => Verdict.Refuse(reason, "The API key is not valid.");
}
