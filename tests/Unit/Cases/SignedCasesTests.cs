using System.Text.Json.Nodes;
using Gateway.Cli;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Cases;

/// <summary>Cases of routes whose callers sign: with made-up keys, forged, and sent again.</summary>
public sealed class SignedCasesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-signed-");

    public SignedCasesTests()
    {
        Write("policies.yaml", """
            policies:
              signers: { authenticate: { signature: { components: [idempotency-key], address: https://api.example.com } } }
            backends:
              tms: { adapter: http, url: http://tms.internal, credential: { key: secret://env/TMS_KEY } }
            partners:
              acme:
                name: Acme
                consumers:
                  acme-edi:
                    signatureKeys:
                      - id: edi-1
                        algorithm: ed25519
                        expires: 2027-06-01
                        publicKey: |
                          -----BEGIN PUBLIC KEY-----
                          MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
                          -----END PUBLIC KEY-----
                  acme-old: { signatureKeys: [{ id: old-1, algorithm: hmac-sha256, secret: secret://env/OLD }] }
                  wms: {}
                  carrier: {}
                  odoo: {}
            """);
        Write("routes/parcels.yaml", """
            apis:
              parcels:
                owner: logistics
                routes:
                  parcels.book:
                    match: POST /v1/parcels
                    policies: [signers]
                    target: { forward: tms }
                  parcels.read:
                    match: GET /v1/parcels/{id}
                    policies: [signers]
                    target: { forward: tms }
                  plain.book:
                    match: POST /v1/plain
                    policies: [authenticate: { hmac: {} }]
                    target: { forward: tms }
                  hooks.wms:
                    match: POST /v1/hooks/wms
                    policies: [authenticate: { webhook: { scheme: standard, consumer: wms, secrets: [secret://env/WMS] } }]
                    target: { forward: tms }
                  hooks.carrier:
                    match: POST /v1/hooks/carrier
                    policies: [authenticate: { webhook: { scheme: easypost, consumer: carrier, secrets: [secret://env/CARRIER] } }]
                    target: { forward: tms }
                  hooks.odoo:
                    match: POST /v1/hooks/odoo/{key}
                    policies: [authenticate: { webhook: { scheme: secretPath, consumer: odoo, secrets: [secret://env/ODOO], parameter: key } }]
                    target: { forward: tms, path: /hooks }
            """);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("consumer: acme-edi, request: POST /v1/parcels, headers: { Idempotency-Key: k-1 }, body: { to: Kiel }")]
    [InlineData("consumer: acme-edi, request: GET /v1/parcels/1?b=2&a=1, times: 3")]
    [InlineData("consumer: acme-old, request: GET /v1/parcels/1, credentials: signature")]
    [InlineData("consumer: acme-old, request: POST /v1/plain, body: { to: Kiel }")]
    [InlineData("consumer: wms, request: POST /v1/hooks/wms, body: { moved: 1 }, times: 2")]
    [InlineData("consumer: carrier, request: POST /v1/hooks/carrier, body: { id: evt_1 }, times: 2")]
    [InlineData("consumer: odoo, request: POST /v1/hooks/odoo/secret, body: { id: 7 }, times: 2")]
    public async Task A_caller_signs_as_the_route_asks(string step) => await HoldsAsync($"{step}, answer: {{ status: 200 }}");

    [Theory]
    [InlineData("consumer: acme-edi, request: POST /v1/parcels, body: { to: Kiel }")]
    [InlineData("consumer: acme-old, request: POST /v1/plain, body: { to: Kiel }")]
    [InlineData("consumer: wms, request: POST /v1/hooks/wms, body: { moved: 1 }")]
    [InlineData("consumer: carrier, request: POST /v1/hooks/carrier, body: { id: evt_1 }")]
    [InlineData("consumer: odoo, request: POST /v1/hooks/odoo/secret, body: { id: 7 }")]
    public async Task A_forged_signature_and_none_are_refused(string step)
    {
        await HoldsAsync($"{step}, credentials: forgedSignature, answer: {{ status: 401, problem: unauthenticated }}, calls: {{}}");
        await HoldsAsync($"{step}, credentials: none, answer: {{ status: 401, problem: unauthenticated }}, calls: {{}}");
    }

    [Theory]
    [InlineData("consumer: acme-edi, request: POST /v1/parcels, body: { to: Kiel }")]
    [InlineData("consumer: acme-old, request: POST /v1/plain, body: { to: Kiel }")]
    [InlineData("consumer: wms, request: POST /v1/hooks/wms, body: { moved: 1 }")]
    public async Task What_was_sent_before_is_refused_when_it_is_sent_again(string step) => await HoldsAsync(
        $"{step}, answer: {{ status: 200 }}",
        $"{step}, credentials: replayed, answer: {{ status: 401 }}",
        $"{step}, after: 1s, answer: {{ status: 200 }}");

    [Fact]
    public async Task Time_ends_signatures_and_keys()
    {
        const string Step = "consumer: acme-edi, request: GET /v1/parcels/1";
        await HoldsAsync($"{Step}, answer: {{ status: 200 }}", $"{Step}, credentials: replayed, after: 6m, answer: {{ status: 401 }}",
            $"{Step}, at: 2027-05-31T23:59:59Z, answer: {{ status: 200 }}", $"{Step}, at: 2027-06-01T00:00:00Z, answer: {{ status: 401 }}");
    }

    [Theory]
    [InlineData("consumer: acme-edi, request: GET /v1/parcels/1, credentials: replayed", "nothing was signed before")]
    [InlineData("consumer: acme-edi, request: GET /v1/parcels/1, credentials: hmac", "the route takes nothing like credentials: hmac")]
    [InlineData("consumer: acme-edi, request: POST /v1/plain, credentials: hmac", "the consumer 'acme-edi' has no key for an HMAC; add signatureKeys:")]
    [InlineData("consumer: wms, request: GET /v1/parcels/1, credentials: signature", "the consumer 'wms' has no key for a signature; add signatureKeys:")]
    public async Task What_can_t_be_signed_is_told(string step, string why)
    {
        var (code, said) = await RunAsync($"{step}, answer: {{ status: 200 }}");

        Assert.Equal(Commands.Findings, code);
        Assert.Contains(why, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/v1/parcels", null, "a signature (RFC 9421) over method, address, body, idempotency-key, at most 300 s old, else 401")]
    [InlineData("POST", "/v1/parcels", "acme-edi", "at most 300 s old, by acme-edi's key edi-1, else 401")]
    [InlineData("POST", "/v1/parcels", "wms", "at most 300 s old, for which wms has no key, else 401")]
    [InlineData("POST", "/v1/plain", "acme-old", "an HMAC-SHA256 over timestamp, method, path, query, body, its key named in X-Key-Id, at most 300 s off, in X-Signature, by acme-old's key old-1, else 401")]
    [InlineData("POST", "/v1/hooks/wms", "wms", "a webhook signed by Standard Webhooks v1, as wms, else 401")]
    [InlineData("POST", "/v1/hooks/odoo/x", "wms", "a webhook whose path has the secret as {key}, as odoo, which wms is not, else 401")]
    public async Task What_a_route_asks_is_explained(string method, string path, string? consumer, string text)
    {
        using var output = new StringWriter();
        await ExplainCommand.RunAsync(_folder.FullName, new(method, path, consumer), new LoadOptions { ResolveSecrets = false }, output);

        Assert.Contains(text, output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_catalogue_knows_who_may_call()
    {
        using var output = new StringWriter();
        await CatalogueCommand.RunAsync(_folder.FullName, new LoadOptions { ResolveSecrets = false }, output, CatalogueCommand.CatalogueFormat.Json);
        var told = JsonNode.Parse(output.ToString())!;

        string[] wanted =
        [
            "acme-edi: 1 signature key: parcels.book, parcels.read", "acme-old: 1 signature key: parcels.book, parcels.read, plain.book",
            "carrier: : hooks.carrier", "odoo: : hooks.odoo", "wms: : hooks.wms",
        ];
        Assert.Equal(wanted, told["consumers"]!.AsArray().Select(c => $"{c!["name"]}: {string.Join(", ", c["credentials"]?.AsArray() ?? [])}: {string.Join(", ", c["routes"]!.AsArray())}"));
    }

    private async Task HoldsAsync(params string[] steps)
    {
        var (code, said) = await RunAsync(steps);

        Assert.True(code == Commands.Fine, said);
    }

    private async Task<(int Code, string Said)> RunAsync(params string[] steps)
    {
        Write("routes/parcels.tests.yaml", $"cases:\n  - name: it\n    backends: {{ tms: [{{}}] }}\n    steps:\n{string.Concat(steps.Select(step => $"      - {{ {step} }}\n"))}");
        using var output = new StringWriter();
        return (await TestCommand.RunAsync(_folder.FullName, new(), new LoadOptions { ResolveSecrets = false }, output, stop: TestContext.Current.CancellationToken), output.ToString());
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
