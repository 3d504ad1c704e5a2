using System.Security.Cryptography;
using System.Text;
using Gateway.Configuration;

namespace Gateway.Cases.Routes;

/// <summary>The world around the gateway in one case: stubs in place of backends and issuers, and a made-up key for every consumer that has keys.</summary>
internal sealed class CaseWorld(LoadedWorkspace workspace, StubBackends backends) : Outside
{
    public override HttpMessageHandler Backend(string name, SocketsHttpHandler sockets)
    {
        sockets.Dispose();
        return backends.Handler(name);
    }

    public override HttpMessageHandler Issuer(string name, IssuerOptions declared) => new MadeUpIssuer(declared);

    /// <summary>The keys themselves are secrets, or known as hashes alone; nobody can show them here.</summary>
    public override Consumer Known(Consumer declared) => HasKeys(declared) ? declared with { KeyHashes = [new KeyHash(SHA256.HashData(Encoding.UTF8.GetBytes(KeyOf(declared))), EndOf(KeysOf(declared)))] } : declared;

    public bool HasKeys(Consumer consumer) => KeysOf(consumer).Count > 0;

    private IReadOnlyList<KeyDocument> KeysOf(Consumer consumer) =>
        workspace.Document!.Partners.GetValueOrDefault(consumer.Partner.Name)?.Consumers.GetValueOrDefault(consumer.Name)?.Keys ?? [];

    /// <summary>When the last of them ends; null where one does not.</summary>
    private static DateTimeOffset? EndOf(IReadOnlyList<KeyDocument> keys) => keys.Any(k => k.Expires is null) ? null : keys.Max(k => k.Expires);

    public static string KeyOf(Consumer consumer) => $"key of {consumer.Name} in cases";
}
