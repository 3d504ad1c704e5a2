using Gateway.Policies.Authenticate.Signatures;
using Xunit;

namespace Gateway.Tests.Unit.Policies.Signatures;

/// <summary>Digests of bodies (RFC 9530); the first two values are those of its appendix B.</summary>
public sealed class ContentDigestTests
{
    private const string Hello = "{\"hello\": \"world\"}\n";
    private const string Sha256 = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
    private const string EmptySha256 = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
    private const string WithoutFeedSha512 = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";

    [Theory]
    [InlineData(Sha256, Hello, true)]
    [InlineData(EmptySha256, "", true)]
    [InlineData(WithoutFeedSha512, "{\"hello\": \"world\"}", true)]
    [InlineData("md5=:Sd/dVLAcvNLSq16eXua5uQ==:, " + Sha256, Hello, true)]
    [InlineData(Sha256, "{\"hello\": \"world\"}", false)]
    [InlineData(Sha256 + ", " + WithoutFeedSha512, Hello, false)]
    [InlineData("md5=:Sd/dVLAcvNLSq16eXua5uQ==:", Hello, false)]
    [InlineData("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8Fa:", Hello, false)]
    [InlineData("sha-256=::", Hello, false)]
    [InlineData("sha-256", Hello, false)]
    [InlineData("sha-256=RK", Hello, false)]
    [InlineData("SHA-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:", Hello, false)]
    [InlineData("", "", false)]
    public void A_digest_holds_where_all_that_are_known_are_the_contents(string field, string content, bool holds) =>
        Assert.Equal(holds, ContentDigest.Holds(field, System.Text.Encoding.UTF8.GetBytes(content)));

    [Fact]
    public void A_digest_that_is_written_holds() => Assert.Equal(Sha256, ContentDigest.Of(System.Text.Encoding.UTF8.GetBytes(Hello)));
}
