using System.Security.Cryptography;
using System.Text;
using Gateway.Policies.Authenticate;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Gateway.Tests.Unit.Policies;

/// <summary>Whose key it is.</summary>
public sealed class ApiKeysTests
{
    private static readonly Partner Acme = new("acme", "Acme");

    private readonly ApiKeys _keys = new(
    [
        Consumer("shop", "old", "new"),
        Consumer("edi", "edi-key", new string('x', 256), "schlüssel"),
        Consumer("none"),
    ]);

    [Theory]
    [InlineData("old", "shop")]
    [InlineData("new", "shop")]
    [InlineData("edi-key", "edi")]
    [InlineData("schlüssel", "edi")]
    public void A_key_is_found_while_it_is_kept(string key, string consumer) => Assert.Equal(consumer, _keys.Find(key)?.Consumer.Name);

    [Theory]
    [InlineData("")]
    [InlineData("ol")]
    [InlineData("OLD")]
    [InlineData("old ")]
    [InlineData("e83b3c0b2d5a2d1aaa4e53c8ebd56cf4a8ccb7ee8f1bb4c2ba7bdd35b5a5b4a3")]
    public void Nothing_but_the_key_itself_is_taken(string key) => Assert.Null(_keys.Find(key));

    [Fact]
    public void The_stored_hash_is_no_key() =>
        Assert.Null(_keys.Find(Convert.ToHexStringLower(SHA256.HashData("old"u8))));

    [Fact]
    public void A_header_that_comes_twice_or_not_at_all_is_nobodys()
    {
        Assert.Null(_keys.Find(new StringValues(["old", "old"])));
        Assert.Null(_keys.Find(new StringValues(["old", "edi-key"])));
        Assert.Null(_keys.Find(StringValues.Empty));
        Assert.Null(_keys.Find(new StringValues((string?)null)));
    }

    [Fact]
    public void A_key_has_at_most_256_characters()
    {
        Assert.Equal("edi", _keys.Find(new string('x', 256))?.Consumer.Name);
        Assert.Null(_keys.Find(new string('x', 257)));
        Assert.Null(_keys.Find(new string('€', 100_000)));
        Assert.Null(_keys.Find(new string('€', 256)));
    }

    [Fact]
    public void A_key_of_two_consumers_belongs_to_the_first()
    {
        var keys = new ApiKeys([Consumer("first", "same"), Consumer("second", "same")]);

        Assert.Equal("first", keys.Find("same")?.Consumer.Name);
    }

    [Fact]
    public void Two_hashes_with_the_same_head_are_two()
    {
        var hash = SHA256.HashData("key"u8);
        hash[^1] ^= 1;
        var keys = new ApiKeys([new Consumer("forged", Acme) { KeyHashes = [new KeyHash(hash)] }]);

        Assert.Null(keys.Find("key"));
    }

    private static Consumer Consumer(string name, params string[] keys) =>
        new(name, Acme) { KeyHashes = [.. keys.Select(k => new KeyHash(SHA256.HashData(Encoding.UTF8.GetBytes(k))))] };
}
