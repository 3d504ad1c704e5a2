using Gateway.Policies.Authenticate;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Policies;

/// <summary>What is remembered of validated tokens, and for how long.</summary>
public sealed class ValidatedTokensTests
{
    private static readonly Consumer Shop = new("shop", new Partner("acme", "Acme"));

    private readonly FakeTimeProvider _clock = new();
    private readonly ValidatedTokens _tokens;

    public ValidatedTokensTests() => _tokens = new ValidatedTokens(_clock);

    [Fact]
    public void A_token_is_known_until_it_ends()
    {
        Add("a", TimeSpan.FromMinutes(5));

        Assert.Same(Shop, Find("a"));
        Assert.Null(Find("b"));
        _clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.Same(Shop, Find("a"));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Null(Find("a"));
    }

    [Fact]
    public void A_token_is_unknown_from_the_moment_its_issuer_has_other_keys()
    {
        var (before, after) = (new object(), new object());
        var inForce = before;
        _tokens.Keep(TokenHash.Of("a"), new ValidatedToken(Shop, _clock.GetUtcNow().AddHours(1), before, () => inForce));
        Assert.Same(Shop, Find("a"));

        inForce = after;

        Assert.Null(Find("a"));
    }

    [Fact]
    public void However_many_tokens_come_the_memory_is_bounded_and_one_in_use_stays()
    {
        Add("in use", TimeSpan.FromHours(1));
        Add("idle", TimeSpan.FromHours(1));

        for (var i = 0; i < 5 * ValidatedTokens.PerGeneration; i++)
        {
            Add($"flood-{i}", TimeSpan.FromHours(1));
            if (i % 1000 == 0) Assert.Same(Shop, Find("in use"));
        }

        Assert.Null(Find("idle"));
        Assert.Null(Find("flood-0"));
        Assert.InRange(Enumerable.Range(0, 5 * ValidatedTokens.PerGeneration).Count(i => Find($"flood-{i}") is not null), 1, 2 * ValidatedTokens.PerGeneration);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(600)]
    [InlineData(16_000)]
    public void Tokens_of_any_length_differ_by_one_character(int length)
    {
        var token = new string('x', length);

        Assert.Equal(TokenHash.Of(token), TokenHash.Of(token));
        Assert.NotEqual(TokenHash.Of(token), TokenHash.Of(token[..^1] + "y"));
    }

    private void Add(string token, TimeSpan holdsFor) =>
        _tokens.Keep(TokenHash.Of(token), new ValidatedToken(Shop, _clock.GetUtcNow() + holdsFor, this, () => this));

    private Consumer? Find(string token) => _tokens.Find(TokenHash.Of(token));
}
