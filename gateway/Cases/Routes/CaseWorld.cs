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
    public override Consumer Known(Consumer declared) => declared with
    {
        KeyHashes = HasKeys(declared) ? [SHA256.HashData(Encoding.UTF8.GetBytes(KeyOf(declared)))] : [],
        SignatureKeys = [.. declared.SignatureKeys.Select(MadeUpKey.Of)],
    };

    public override string ValueOf(Secret declared) => SecretOf(declared);

    public bool HasKeys(Consumer consumer) =>
        workspace.Document!.Partners.GetValueOrDefault(consumer.Partner.Name)?.Consumers.GetValueOrDefault(consumer.Name)?.Keys.Count > 0;

    public static string KeyOf(Consumer consumer) => $"key of {consumer.Name} in cases";

    /// <summary>A made-up secret in the place of a declared one: it can stand in a path, and is one of Standard Webhooks.</summary>
    public static string SecretOf(Secret declared) => "whsec_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(declared.Reference)));
}
