using System.Security.Cryptography;
using System.Text;
using Gateway.Configuration;

namespace Gateway.Cases.Routes;

/// <summary>The world around the gateway in one case: stubs in place of backends and issuers, and a made-up key for every consumer that has keys.</summary>
internal sealed class CaseWorld(LoadedWorkspace workspace, StubBackends backends) : Outside
{
    public override HttpMessageHandler Backend(string name, Func<HttpMessageHandler> connections) => backends.Handler(name);

    public override HttpMessageHandler Tokens(string backend, Func<HttpMessageHandler> connections) => new MadeUpTokens(backend);

    public override string Unknown(Secret secret) => $"value of {secret.Reference}";

    public override HttpMessageHandler Issuer(string name, IssuerOptions declared) => new MadeUpIssuer(declared);

    /// <summary>The keys themselves are secrets, or known as hashes alone; nobody can show them here.</summary>
    public override Consumer Known(Consumer declared) => HasKeys(declared) ? declared with { KeyHashes = [SHA256.HashData(Encoding.UTF8.GetBytes(KeyOf(declared)))] } : declared;

    public bool HasKeys(Consumer consumer) =>
        workspace.Document!.Partners.GetValueOrDefault(consumer.Partner.Name)?.Consumers.GetValueOrDefault(consumer.Name)?.Keys.Count > 0;

    public static string KeyOf(Consumer consumer) => $"key of {consumer.Name} in cases";
}

/// <summary>Stands for a backend's authorization server: every token it gives is the same.</summary>
internal sealed class MadeUpTokens(string backend) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(new HttpResponseMessage
    {
        Content = JsonContent.Create(new { access_token = $"token for {backend}", token_type = "Bearer", expires_in = 3600 }),
        RequestMessage = request,
    });
}
