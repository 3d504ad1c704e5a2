using System.Globalization;
using System.Text;
using Gateway.Policies.Authenticate;
using Gateway.Policies.Authenticate.Signatures;
using Gateway.Policies.Authenticate.Webhooks;
using Microsoft.AspNetCore.Routing.Template;

namespace Gateway.Cases.Routes;

/// <summary>
/// Signs requests of a case as a route's way in asks, with made-up keys. What it put on the last one is kept, to be sent again. Nonces make requests
/// of one second different; plain HMACs and webhooks have none.
/// </summary>
internal sealed class CaseSigner(CaseClock clock)
{
    private int _signed;

    /// <summary>What was put on the request that was signed last; empty before.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Last { get; private set; } = [];

    /// <summary>Puts the proof of a way on a request whose headers and body are complete; returns why it can't be done, or null.</summary>
    /// <param name="forged">By a key that is not the consumer's.</param>
    public string? Sign(HttpRequest request, byte[] body, WayOptions way, Consumer consumer, bool forged, PlanRoute route)
    {
        switch (way)
        {
            case SignatureOptions options:
                if (KeyOf(consumer, key => key.Algorithm != SignatureAlgorithms.HmacSha512) is not { } signing) return NoKey(consumer, "a signature");
                Put(request, Signed(request, body, options, signing, forged));
                return null;
            case HmacOptions options:
                if (KeyOf(consumer, key => key.Algorithm == options.KeyAlgorithm) is not { } shared) return NoKey(consumer, "an HMAC");
                var timestamp = Seconds.ToString(CultureInfo.InvariantCulture);
                var hmac = options.Of(MadeUpKey.Seed(shared, forged), new RequestComponents(request, null), request.Method, timestamp, body);
                Put(request, [new(options.KeyHeader, shared.Id), new(options.TimestampHeader, timestamp), new(options.Header, options.Written(hmac))]);
                return null;
            case WebhookOptions { Scheme: WebhookScheme.SecretPath } options:
                PutInPath(request, options.Parameter!, CaseWorld.SecretOf(options.Secrets[0]) + (forged ? "-forged" : ""), route);
                return null;
            case WebhookOptions options:
                Put(request, Webhook(options, body, forged));
                return null;
            default:
                throw new ArgumentOutOfRangeException(nameof(way));
        }
    }

    private long Seconds => clock.GetUtcNow().ToUnixTimeSeconds();

    private static SignatureKey? KeyOf(Consumer consumer, Func<SignatureKey, bool> fits) => consumer.SignatureKeys.FirstOrDefault(fits);

    private static string NoKey(Consumer consumer, string what) => $"the consumer '{consumer.Name}' has no key for {what}; add signatureKeys:";

    private List<KeyValuePair<string, string>> Signed(HttpRequest request, byte[] body, SignatureOptions options, SignatureKey key, bool forged)
    {
        var proof = new List<KeyValuePair<string, string>>();
        if (body.Length > 0) proof.Add(new(ContentDigest.Header, ContentDigest.Of(body)));
        Put(request, proof);
        string[] covered = ["@method", "@target-uri", .. body.Length > 0 ? ["content-digest"] : (string[])[], .. options.Components.Where(request.Headers.ContainsKey)];
        FieldParameter[] parameters =
        [
            new("created", new FieldValue.Whole(Seconds)), new("keyid", new FieldValue.Text(key.Id)),
            new("nonce", new FieldValue.Text($"case-{++_signed}")), new("alg", new FieldValue.Text(key.Algorithm)),
        ];
        var input = new FieldMember("case", null, [.. covered.Distinct().Select(name => new FieldItem(new FieldValue.Text(name), []))], parameters);
        var signature = MadeUpKey.Sign(key, SignatureBase.Of(input, new RequestComponents(request, options.Address).Of)!, forged);
        var text = new StringBuilder("case=");
        input.Write(text);
        proof.Add(new(SignatureOptions.InputHeader, text.ToString()));
        proof.Add(new(SignatureOptions.Header, $"case=:{Convert.ToBase64String(signature)}:"));
        return proof;
    }

    private List<KeyValuePair<string, string>> Webhook(WebhookOptions options, byte[] body, bool forged)
    {
        var secret = CaseWorld.SecretOf(forged ? new Secret(options.Secrets[0].Reference + "/forged", "") : options.Secrets[0]);
        if (options.Scheme == WebhookScheme.Easypost) return [new(EasyPostSignature.Header, EasyPostSignature.Of(secret, body))];
        var id = $"msg_case_{++_signed}";
        return
        [
            new(WebhookSignature.IdHeader, id), new(WebhookSignature.TimestampHeader, Seconds.ToString(CultureInfo.InvariantCulture)),
            new(WebhookSignature.SignatureHeader, WebhookSignature.Sign(id, Seconds, body, [secret])),
        ];
    }

    private void Put(HttpRequest request, IReadOnlyList<KeyValuePair<string, string>> proof)
    {
        Last = proof;
        foreach (var (name, value) in proof) request.Headers[name] = value;
    }

    /// <summary>The secret takes the place of whatever the case wrote for it.</summary>
    private static void PutInPath(HttpRequest request, string parameter, string secret, PlanRoute route)
    {
        var values = new RouteValueDictionary();
        if (!new TemplateMatcher(TemplateParser.Parse(route.Pattern), []).TryMatch(request.Path, values) || values[parameter] is not string written) return;
        request.Path = string.Join('/', request.Path.Value!.Split('/').Select(segment => segment == written ? secret : segment));
    }
}
