using System.ComponentModel;
using Gateway.Adapters.Credentials;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Http;

/// <summary>A REST backend that requests are forwarded to, as they are, with the gateway's own credential.</summary>
public sealed record HttpBackendOptions : BackendOptions
{
    [Description("Headers of callers that reach the backend though they are credentials: of a way in that a route takes, or Authorization and Cookie.")]
    public IReadOnlyList<string> PassHeaders { get; init; } = [];

    [Description("How the backend is told who called: xForwarded (X-Forwarded-For, -Proto, -Host), forwarded (RFC 7239), none.")]
    public ForwardedForm Caller { get; init; } = ForwardedForm.XForwarded;
}

/// <summary>Any REST backend, forwarded to by YARP: it has an address and no operations.</summary>
public sealed class HttpAdapter(ILoggerFactory logs, Outside outside) : Adapter
{
    public override string Name => "http";

    public override string Summary => "Forwards requests to a REST backend and adds the gateway's credential.";

    public override Type OptionsType => typeof(HttpBackendOptions);

    public override IReadOnlyList<OperationDescriptor> Operations => [];

    public override Backend Open(string name, BackendOptions options, TimeProvider clock) =>
        new HttpBackend(name, (HttpBackendOptions)options, SignIn.Open(name, options, clock, outside, logs));
}

internal sealed class HttpBackend(string name, HttpBackendOptions options, Credential credential) : Backend(name)
{
    private static readonly Dictionary<string, BackendOperation> None = [];

    public override IReadOnlyDictionary<string, BackendOperation> Operations => None;

    public override ForwardAddress Forward { get; } = new(options.Url, options.Timeout, options.Caller, options.PassHeaders);

    public override Credential Credential => credential;

    public override ValueTask DisposeAsync() => credential.DisposeAsync();
}
