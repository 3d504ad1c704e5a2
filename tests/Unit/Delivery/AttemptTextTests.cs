using Gateway.Delivery.Webhooks;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>What is kept of an attempt.</summary>
public sealed class AttemptTextTests
{
    [Theory]
    [InlineData("no such order: 4711", "no such order: 4711")]
    [InlineData("""{"error":"bad","token":"abc.def-1","order":7}""", """{"error":"bad","token":"***","order":7}""")]
    [InlineData("""{"client_secret" : "a b" }""", """{"client_secret" : "***" }""")]
    [InlineData("""{"secret":"a\"b","x":1}""", """{"secret":"***","x":1}""")]
    [InlineData("Authorization: Bearer abcdef.ghi", "Authorization: ***")]
    [InlineData("expected bearer abcdefghijkl, got none", "expected bearer ***, got none")]
    [InlineData("wrong key whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw!", "wrong key ***!")]
    [InlineData("signed by eyJhbGciOiJI.eyJzdWIiOiIx.c2ln and nobody", "signed by *** and nobody")]
    [InlineData("api_key=12345&x=1", "api_key=***&x=1")]
    public void What_looks_like_a_secret_is_left_out(string answer, string kept) => Assert.Equal(kept, AttemptText.Redacted(answer));
}
