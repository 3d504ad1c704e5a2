using System.Diagnostics;
using System.Text.Json;
using NSec.Cryptography;
using Xunit;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>What others sign, the gateway takes: Node's own cryptography, and the library that Standard Webhooks publishes.</summary>
public sealed class PeerTests
{
    private const string Secret = "a-secret-that-node-and-we-know";
    private const string HookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static readonly string Packages = Path.Combine(Repository.Root, "artifacts", "tools", "standardwebhooks");

    [Theory]
    [InlineData("signature", "/signature/1?b=%C3%A9&a=1+2")]
    [InlineData("signature", "/signature/1")]
    [InlineData("hmac", "/hmac/a%2Fb?b=2&a=1")]
    [InlineData("standard", "/standard")]
    public async Task A_request_that_a_foreign_library_signed_is_taken(string way, string target)
    {
        if (way == "standard")
            Assert.SkipUnless(File.Exists(Path.Combine(Packages, "complete")), "standardwebhooks is not in artifacts/tools: ./test installs it where npm is there");
        var key = Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        var signer = new RequestSigner("node-1", "ed25519", _ => [], RequestSigner.Pem(key.PublicKey.Export(KeyBlobFormat.PkixPublicKey)));
        await using var world = await StartAsync(signer);

        Assert.Equal("200", await SendAsync(world, way, target, System.Text.Encoding.UTF8.GetString(key.Export(KeyBlobFormat.PkixPrivateKeyText)), Secret, HookSecret));
        Assert.Equal("401", await SendAsync(world, way, target, System.Text.Encoding.UTF8.GetString(Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport }).Export(KeyBlobFormat.PkixPrivateKeyText)),
            "a-secret-that-only-node-knows", "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="));
    }

    private static async Task<string> SendAsync(KindWorld world, string way, string target, string key, string secret, string hookSecret)
    {
        var argument = JsonSerializer.Serialize(new
        {
            way,
            url = new Uri(world.Url, target).AbsoluteUri,
            key,
            secret = way == "standard" ? hookSecret : secret,
            packages = Path.Combine(Packages, "node_modules"),
            body = "{\"größe\":\"1,5 m\"}",
        });
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo("node", [Path.Combine(Repository.Root, "tests", "Conformance", "PolicyKinds", "Peers", "sign.js"), argument])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("node is missing");
            throw;
        }
        using (process)
        {
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, await errors);
            return said.Trim();
        }
    }

    private static Task<KindWorld> StartAsync(RequestSigner signer) => KindWorld.StartAsync(
    [
        new CaseWorkspaceFile
        {
            Path = "routes/cases.yaml",
            Content = $$"""
                apis:
                  cases:
                    owner: us
                    routes:
                      peers.signature:
                        match: POST /signature/{id}
                        policies: [authenticate: { signature: {} }]
                        target: { forward: echo }
                      peers.hmac:
                        match: POST /hmac/{id}
                        policies: [authenticate: { hmac: {} }, protect: { path: { encodedSlashes: true } }]
                        target: { forward: echo }
                      peers.standard:
                        match: POST /standard
                        policies: [authenticate: { webhook: { scheme: standard, consumer: node, secrets: [secret://demo/{{HookSecret}}] } }]
                        target: { forward: echo }
                """,
        },
        new CaseWorkspaceFile
        {
            Path = "partners/node.yaml",
            Content = $"""
                partners:
                  node:
                    name: Node
                    consumers:
                      node:
                        signatureKeys:
                {signer.Yaml()}{RequestSigner.Hmac("node-2", Secret).Yaml()}
                """,
        },
    ]);
}
