using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Configuration;

public sealed record SignatureKeyDocument
{
    [Description("What requests call the key by (keyid, or the header that names it).")]
    [RegularExpression("^[A-Za-z0-9._:/@+=-]{1,128}$")]
    public required string Id { get; init; }

    [Description("ed25519, ecdsa-p256-sha256, ecdsa-p384-sha384, rsa-pss-sha512, rsa-v1_5-sha256 with publicKey; hmac-sha256, and for plain HMAC hmac-sha512, with secret.")]
    public required string Algorithm { get; init; }

    [Description("The public key in PEM (BEGIN PUBLIC KEY).")]
    public string? PublicKey { get; init; }

    [Description("The secret that both sides know, by reference: its text in UTF-8, or base64: and its bytes.")]
    public Secret? Secret { get; init; }

    [Description("From when on it holds no more; a day begins at midnight UTC.")]
    public DateTimeOffset? Expires { get; init; }
}
