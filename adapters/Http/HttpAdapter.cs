using System.ComponentModel;

namespace Gateway.Adapters.Http;

/// <summary>A REST backend that requests are forwarded to, as they are, with the gateway's own credential.</summary>
public sealed record HttpBackendOptions : BackendOptions
{
    [Description("What the gateway identifies itself with; without it nothing is sent. The caller's own credential is never passed on in its place.")]
    public Secret? Credential { get; init; }

    [Description("Header that carries the credential.")]
    public string CredentialHeader { get; init; } = "Authorization";

    [Description("Scheme before the credential in Authorization (RFC 9110 section 11.4); empty when the secret holds it itself. Other headers take none.")]
    public string CredentialScheme { get; init; } = "Bearer";
}

/// <summary>Any REST backend, forwarded to by YARP: it has an address and no operations.</summary>
public sealed class HttpAdapter : Adapter
{
    public override string Name => "http";

    public override string Summary => "Forwards requests to a REST backend and adds the gateway's credential.";

    public override Type OptionsType => typeof(HttpBackendOptions);

    public override IReadOnlyList<OperationDescriptor> Operations => [];

    public override Backend Open(string name, BackendOptions options, TimeProvider clock) => new HttpBackend(name, (HttpBackendOptions)options);
}

internal sealed class HttpBackend(string name, HttpBackendOptions options) : Backend(name)
{
    private static readonly Dictionary<string, BackendOperation> None = [];

    public override IReadOnlyDictionary<string, BackendOperation> Operations => None;

    public override ForwardAddress Forward { get; } = new(options.Url, Headers(options), options.Timeout);

    private static Dictionary<string, Secret> Headers(HttpBackendOptions options) => options.Credential is { } credential
        ? new(StringComparer.OrdinalIgnoreCase) { [options.CredentialHeader] = WithScheme(credential, options) }
        : [];

    private static Secret WithScheme(Secret credential, HttpBackendOptions options) =>
        options.CredentialScheme.Length > 0 && options.CredentialHeader.Equals("Authorization", StringComparison.OrdinalIgnoreCase)
            ? new Secret(credential.Reference, $"{options.CredentialScheme} {credential.Reveal()}")
            : credential;
}
