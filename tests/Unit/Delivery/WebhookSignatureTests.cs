using System.Text;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

public sealed class WebhookSignatureTests
{
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const long Timestamp = 1614265330;
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"test": 2432232314}""");
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(Timestamp);

    [Fact]
    public void Signs_the_vector_of_the_specification() =>
        Assert.Equal(Signature, WebhookSignature.Sign(Id, Timestamp, Body, [Secret]));

    [Fact]
    public void A_secret_may_come_without_its_prefix() =>
        Assert.Equal(Signature, WebhookSignature.Sign(Id, Timestamp, Body, [Secret["whsec_".Length..]]));

    [Fact]
    public void Every_secret_signs_so_that_either_verifies_during_a_rotation()
    {
        const string Next = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
        var both = WebhookSignature.Sign(Id, Timestamp, Body, [Next, Secret]);

        Assert.EndsWith(" " + Signature, both);
        Assert.True(WebhookSignature.Verify(Id, $"{Timestamp}", Body, both, [Secret], Now));
        Assert.True(WebhookSignature.Verify(Id, $"{Timestamp}", Body, both, [Next], Now));
    }

    [Theory]
    [InlineData("msg_other", "1614265330", Signature, 0)]
    [InlineData(Id, "1614265331", Signature, 0)]
    [InlineData(Id, "-1614265330", Signature, 0)]
    [InlineData(Id, "soon", Signature, 0)]
    [InlineData(Id, "1614265330", "v1,AAAA", 0)]
    [InlineData(Id, "1614265330", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", 0)]
    [InlineData(Id, "1614265330", "", 0)]
    [InlineData(Id, "1614265330", Signature, 301)]
    [InlineData(Id, "1614265330", Signature, -301)]
    public void Refuses_what_was_not_signed_or_is_too_old(string id, string timestamp, string signature, int secondsLater) =>
        Assert.False(WebhookSignature.Verify(id, timestamp, Body, signature, [Secret], Now.AddSeconds(secondsLater)));

    [Theory]
    [InlineData("")]
    [InlineData(Signature)]
    public void Without_a_secret_nothing_is_valid(string signature) =>
        Assert.False(WebhookSignature.Verify(Id, $"{Timestamp}", Body, signature, [], Now));

    [Fact]
    public void Refuses_another_body()
    {
        Assert.False(WebhookSignature.Verify(Id, $"{Timestamp}", "{}"u8, Signature, [Secret], Now));
        Assert.True(WebhookSignature.Verify(Id, $"{Timestamp}", Body, Signature, [Secret], Now.AddSeconds(300)));
    }

    [Fact]
    public void A_secret_that_is_not_base64_is_an_error() =>
        Assert.Throws<FormatException>(() => WebhookSignature.Sign(Id, Timestamp, Body, ["whsec_not base64!"]));
}
