using System.Security.Cryptography;
using System.Text;
using Gateway.Delivery.Webhooks;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>Signatures of both kinds, by the kind of the secret.</summary>
public sealed class SigningSecretTests
{
    internal const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    internal const long Timestamp = 1614265330;
    internal const string Body = """{"test": 2432232314}""";
    internal const string Shared = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    internal const string SharedSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    internal const string Pair = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
    internal const string Public = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
    internal const string PairSignature = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";

    private static readonly byte[] Bytes = Encoding.UTF8.GetBytes(Body);

    [Fact]
    public void A_key_pair_signs_as_the_vector_says_and_has_its_public_half()
    {
        Assert.Equal(PairSignature, SigningSecret.Sign(Id, Timestamp, Bytes, [Pair]));
        Assert.Equal(Public, SigningSecret.PublicOf(Pair));
    }

    [Fact]
    public void Each_secret_signs_by_its_kind_in_one_header_while_one_replaces_the_other()
    {
        const string Next = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

        var signed = SigningSecret.Sign(Id, Timestamp, Bytes, [Next, Pair, Shared]);

        Assert.Equal(["v1", PairSignature, SharedSignature], signed.Split(' ').Select((s, i) => i == 0 ? s[..2] : s));
        Assert.True(WebhookSignature.Verify(Id, $"{Timestamp}", Bytes, signed, [Next], DateTimeOffset.FromUnixTimeSeconds(Timestamp)));
        Assert.True(WebhookSignature.Verify(Id, $"{Timestamp}", Bytes, signed, [Shared], DateTimeOffset.FromUnixTimeSeconds(Timestamp)));
    }

    [Theory]
    [InlineData("whsk_")]
    [InlineData("whsk_not base64!")]
    [InlineData("whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=")]
    [InlineData(Shared)]
    public void What_is_no_pair_has_no_public_half(string secret) => Assert.Null(SigningSecret.PublicOf(secret));

    [Fact]
    public void Halves_that_do_not_belong_together_are_no_pair()
    {
        var bytes = Convert.FromBase64String(Pair["whsk_".Length..]);
        bytes[^1] ^= 1;

        Assert.Null(SigningSecret.PublicOf("whsk_" + Convert.ToBase64String(bytes)));
    }

    [Fact]
    public void What_is_wrong_with_a_pair_is_said_without_it()
    {
        var error = Assert.Throws<FormatException>(() => SigningSecret.Sign(Id, Timestamp, Bytes, ["whsk_hush"]));

        Assert.DoesNotContain("hush", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_verifies_what_any_pair_signs()
    {
        var pair = await Programs.RunAsync("node", """
            const { privateKey, publicKey } = require('node:crypto').generateKeyPairSync('ed25519');
            const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32), point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
            console.log('whsk_' + Buffer.concat([seed, point]).toString('base64'));
            """, "-");
        var body = Encoding.UTF8.GetString(RandomNumberGenerator.GetBytes(300).Select(b => (byte)(b % 94 + 32)).ToArray());
        var signature = SigningSecret.Sign("msg_1", 1764410000, Encoding.UTF8.GetBytes(body), [pair]);

        var said = await Programs.RunAsync("node", $$"""
            const crypto = require('node:crypto');
            const key = crypto.createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from('{{SigningSecret.PublicOf(pair)![5..]}}', 'base64').toString('base64url') }, format: 'jwk' });
            const signed = Buffer.from('msg_1.1764410000.' + Buffer.from('{{Convert.ToBase64String(Encoding.UTF8.GetBytes(body))}}', 'base64'));
            const signature = Buffer.from('{{signature["v1a,".Length..]}}', 'base64');
            console.log(crypto.verify(null, signed, key, signature), crypto.verify(null, Buffer.concat([signed, Buffer.from(' ')]), key, signature));
            """, "-");

        Assert.Equal("true false", said);
    }
}
