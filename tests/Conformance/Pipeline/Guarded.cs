using System.Net;
using System.Security.Cryptography.X509Certificates;
using Gateway.Tests.Peers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Conformance.Pipeline;

/// <summary>A backend that lets in who shows what it wants in a header, and over TLS who has a certificate of its authority; it answers the name in that.</summary>
internal sealed class Guarded : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _calls;

    private Guarded(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single());

    /// <summary>Whether a request may pass.</summary>
    public Func<HttpRequest, bool> Wants { get; set; } = _ => true;

    /// <summary>The name that a client's certificate must have.</summary>
    public string ClientName { get; set; } = "";

    public int Calls => _calls;

    public static async Task<Guarded> StartAsync(TestAuthority? authority = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddLogging();
        Guarded? guarded = null;
        if (authority is not null) builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (authority is null) return;
            listen.UseHttps(https =>
            {
                https.ServerCertificate = authority.Issue("localhost");
                https.ServerCertificateChain = [authority.Between];
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.ClientCertificateValidation = (shown, sent, _) => Trusts(authority, shown, sent) && shown.GetNameInfo(X509NameType.SimpleName, false) == guarded!.ClientName;
            });
        }));
        var app = builder.Build();
        guarded = new Guarded(app);
        app.Run(async http =>
        {
            Interlocked.Increment(ref guarded._calls);
            http.Response.StatusCode = guarded.Wants(http.Request) ? 200 : 401;
            var name = (await http.Connection.GetClientCertificateAsync())?.GetNameInfo(X509NameType.SimpleName, false);
            await http.Response.WriteAsync(name ?? "nobody");
        });
        await app.StartAsync();
        return guarded;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>It knows the root alone: the certificate between must have been sent along.</summary>
    private static bool Trusts(TestAuthority authority, X509Certificate2 shown, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(authority.Root);
        if (sent is not null) chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        return chain.Build(shown);
    }
}
