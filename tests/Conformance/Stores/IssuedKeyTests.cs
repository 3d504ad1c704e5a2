using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>API keys issued at run time: their change numbers, and what two who change the same key see.</summary>
public sealed class IssuedKeyTests
{
    private static readonly byte[] Hash = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_key_comes_back_as_it_was_issued_with_its_audit(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var key = Key(fixture, "k1") with { Scopes = ["orders.read", "orders.write"], Location = "dock-4", ExpiresAt = fixture.Clock.GetUtcNow().AddDays(1) };

        Assert.True(await store.IssueKeyAsync(key, null, fixture.Audit("c-1", 201), Cancellation));

        var kept = Assert.Single(await store.KeysChangedAsync(0, 9, Cancellation));
        Assert.Equal(Hash, kept.Hash.ToArray());
        Assert.Equal(["orders.read", "orders.write"], kept.Scopes!);
        Assert.Equal(key with { Hash = default, Scopes = null, Change = kept.Change }, kept with { Hash = default, Scopes = null });
        Assert.Equal("c-1", Assert.Single(await store.FindAuditAsync("c-1", 9, Cancellation)).CorrelationId);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task An_id_is_given_once_and_a_key_without_scopes_has_none_of_its_own(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        Assert.True(await store.IssueKeyAsync(Key(fixture, "k1"), null, fixture.Audit("c-1", 201), Cancellation));

        Assert.False(await store.IssueKeyAsync(Key(fixture, "k1") with { Consumer = "other" }, null, fixture.Audit("c-2", 201), Cancellation));

        var kept = Assert.Single(await store.KeysChangedAsync(0, 9, Cancellation));
        Assert.Equal("shop", kept.Consumer);
        Assert.Null(kept.Scopes);
        Assert.Empty(await store.FindAuditAsync("c-2", 9, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Who_follows_the_changes_sees_each_once_and_in_order(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        for (var i = 1; i <= 5; i++) await store.IssueKeyAsync(Key(fixture, $"k{i}"), null, fixture.Audit($"c-{i}", 201), Cancellation);
        var first = await store.KeysChangedAsync(0, 3, Cancellation);
        Assert.Equal(["k1", "k2", "k3"], first.Select(k => k.Id));

        Assert.True(await store.ChangeKeyAsync(first[0] with { RevokedAt = fixture.Clock.GetUtcNow() }, fixture.Audit("c-r", 200), Cancellation));

        var rest = await store.KeysChangedAsync(first[^1].Change, 9, Cancellation);
        Assert.Equal(["k4", "k5", "k1"], rest.Select(k => k.Id));
        Assert.Equal(fixture.Clock.GetUtcNow(), rest[^1].RevokedAt);
        Assert.Empty(await store.KeysChangedAsync(rest[^1].Change, 9, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_change_of_what_somebody_else_changed_is_none(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.IssueKeyAsync(Key(fixture, "k1"), null, fixture.Audit("c-1", 201), Cancellation);
        var read = Assert.Single(await store.KeysChangedAsync(0, 9, Cancellation));
        Assert.True(await store.ChangeKeyAsync(read with { RevokedAt = fixture.Clock.GetUtcNow() }, fixture.Audit("c-2", 200), Cancellation));

        Assert.False(await store.ChangeKeyAsync(read with { ExpiresAt = null }, fixture.Audit("c-3", 200), Cancellation));
        Assert.False(await store.IssueKeyAsync(Key(fixture, "k2"), read with { ReplacedBy = "k2" }, fixture.Audit("c-4", 201), Cancellation));

        var kept = Assert.Single(await store.KeysChangedAsync(0, 9, Cancellation));
        Assert.NotNull(kept.RevokedAt);
        Assert.Null(kept.ReplacedBy);
        Assert.Empty(await store.FindAuditAsync("c-4", 9, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_rotation_is_both_keys_or_none(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.IssueKeyAsync(Key(fixture, "k1"), null, fixture.Audit("c-1", 201), Cancellation);
        var read = Assert.Single(await store.KeysChangedAsync(0, 9, Cancellation));
        var ends = fixture.Clock.GetUtcNow().AddHours(1);

        Assert.False(await store.IssueKeyAsync(Key(fixture, "k1"), read with { ExpiresAt = ends, ReplacedBy = "k1" }, fixture.Audit("c-2", 201), Cancellation));
        Assert.Null(Assert.Single(await store.KeysChangedAsync(0, 9, Cancellation)).ExpiresAt);

        Assert.True(await store.IssueKeyAsync(Key(fixture, "k2"), read with { ExpiresAt = ends, ReplacedBy = "k2" }, fixture.Audit("c-3", 201), Cancellation));
        var both = (await store.KeysChangedAsync(0, 9, Cancellation)).ToDictionary(k => k.Id);
        Assert.Equal((ends, "k2"), (both["k1"].ExpiresAt, both["k1"].ReplacedBy));
        Assert.Null(both["k2"].ExpiresAt);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_use_is_no_change_and_never_moves_back(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.IssueKeyAsync(Key(fixture, "k1"), null, fixture.Audit("c-1", 201), Cancellation);
        var read = Assert.Single(await store.KeysChangedAsync(0, 9, Cancellation));
        var now = fixture.Clock.GetUtcNow();

        await store.NoteUseAsync([new("k1", now), new("nobody", now)], Cancellation);
        await store.NoteUseAsync([new("k1", now.AddMinutes(-5))], Cancellation);

        Assert.Empty(await store.KeysChangedAsync(read.Change, 9, Cancellation));
        Assert.Equal(now, Assert.Single(await store.KeysChangedAsync(0, 9, Cancellation)).LastUsedAt);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task The_secret_is_one_and_stays_and_is_not_in_the_files(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var secrets = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.KeySecretAsync(Cancellation).AsTask()));
        await store.DisposeAsync();
        var again = await fixture.OpenAsync();

        Assert.All(secrets, secret => Assert.Equal(secrets[0].ToArray(), secret.ToArray()));
        Assert.Equal(secrets[0].ToArray(), (await again.KeySecretAsync(Cancellation)).ToArray());
        Assert.Equal(32, secrets[0].Length);
        foreach (var file in Directory.EnumerateFiles(await fixture.CopyOfDataAsync()))
            Assert.True((await File.ReadAllBytesAsync(file, Cancellation)).AsSpan().IndexOf(secrets[0].Span) < 0, file);
    }

    private static IssuedKey Key(StoreFixture fixture, string id) => new(id, "acme", "shop", Hash) { CreatedAt = fixture.Clock.GetUtcNow() };
}
