using System.Security.Cryptography;
using Gateway.Delivery.Storage.Sqlite;
using Gateway.Keys;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Keys;

/// <summary>Keys that were issued, in the memory of one node and in the store that several share. Memory is measured, so nothing runs beside it.</summary>
[CollectionDefinition(nameof(KeyBookTests), DisableParallelization = true)]
[Collection(nameof(KeyBookTests))]
public sealed class KeyBookTests : IAsyncLifetime
{
    private static readonly Consumer Shop = new("shop", new Partner("acme", "Acme"));

    private static readonly AuditRecord Audit = new(DateTimeOffset.UnixEpoch, "acme", null, "keys.issue", "POST", "/keys", "r1", "c-1", 201, "done");

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 12, 1, 8, 0, 0, TimeSpan.Zero));
    private readonly IStore _store;

    public KeyBookTests() => _store = SqliteStore.InMemory(new EphemeralDataProtectionProvider(NullLoggerFactory.Instance), _clock);

    public async ValueTask InitializeAsync() => await _store.OpenAsync(CancellationToken.None);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task A_key_says_its_id_and_any_letter_changed_makes_it_none()
    {
        var book = await BookAsync();
        var key = await IssueAsync(book);

        Assert.Equal("", book.Find(key).Reason);
        for (var i = 0; i < key.Length; i++)
        {
            var other = key.ToCharArray();
            other[i] = other[i] == 'x' ? 'y' : 'x';
            Assert.Equal((null, "api-key-malformed"), ((string?)book.Find(other).Key?.Id, book.Find(other).Reason));
        }
        Assert.Equal("api-key-malformed", book.Find(key + "0").Reason);
        Assert.Equal("api-key-malformed", book.Find("").Reason);
    }

    [Fact]
    public async Task A_key_with_the_right_id_and_check_and_another_secret_is_nobodys()
    {
        var (book, other) = (await BookAsync(), await BookAsync());
        var key = await IssueAsync(book);
        var (made, text) = other.Make(Shop, null, null, null);
        // The same id over another secret: only the hash can tell.
        await _store.IssueKeyAsync(made with { Hash = SHA256.HashData("something else"u8) }, null, Audit, CancellationToken.None);
        await book.FollowAsync(CancellationToken.None);

        Assert.NotNull(book.Find(key).Key);
        Assert.Equal("api-key-unknown", book.Find(text).Reason);
    }

    [Fact]
    public async Task What_one_node_issues_and_takes_back_the_other_knows_when_it_looks()
    {
        var (one, other) = (await BookAsync(), await BookAsync());
        var key = await IssueAsync(one);
        Assert.Null(other.Find(key).Key);

        await other.FollowAsync(CancellationToken.None);
        var kept = other.Find(key).Key!;
        Assert.Equal("shop", kept.Consumer);
        Assert.True(await other.RevokeAsync(kept, Audit, CancellationToken.None));

        Assert.NotNull(one.Find(key).Key);
        await one.FollowAsync(CancellationToken.None);
        Assert.Equal("api-key-revoked", one.Find(key).Reason);
        Assert.False(await one.RevokeAsync(kept, Audit, CancellationToken.None));
    }

    [Fact]
    public async Task Uses_are_kept_when_they_are_noted_and_only_what_is_new()
    {
        var book = await BookAsync();
        var key = await IssueAsync(book);
        book.Find(key);
        await book.NoteUseAsync(CancellationToken.None);
        var used = _clock.GetUtcNow();

        _clock.Advance(TimeSpan.FromSeconds(59));
        book.Find(key);
        await book.NoteUseAsync(CancellationToken.None);
        Assert.Equal(used, Assert.Single(await _store.KeysChangedAsync(0, 9, CancellationToken.None)).LastUsedAt);

        _clock.Advance(TimeSpan.FromSeconds(1));
        book.Find(key);
        await book.NoteUseAsync(CancellationToken.None);
        Assert.Equal(used.AddMinutes(1), Assert.Single(await _store.KeysChangedAsync(0, 9, CancellationToken.None)).LastUsedAt);
    }

    [Fact]
    public async Task A_use_that_the_store_did_not_take_yet_is_not_lost_to_a_change_of_the_key()
    {
        var (book, other) = (await BookAsync(), await BookAsync());
        var key = await IssueAsync(book);
        book.Find(key);
        await other.FollowAsync(CancellationToken.None);
        await other.RevokeAsync(other.All.Single(), Audit, CancellationToken.None);

        await book.FollowAsync(CancellationToken.None);
        await book.NoteUseAsync(CancellationToken.None);

        Assert.Equal(_clock.GetUtcNow(), Assert.Single(await _store.KeysChangedAsync(0, 9, CancellationToken.None)).LastUsedAt);
    }

    [Fact]
    public async Task Ten_thousand_keys_are_all_found_and_ten_thousand_that_never_were_leave_nothing_behind()
    {
        var book = await BookAsync();
        var keys = new List<string>();
        await Parallel.ForAsync(0, 10_000, async (_, _) =>
        {
            var (kept, key) = book.Make(Shop, null, null, null);
            await _store.IssueKeyAsync(kept, null, Audit, CancellationToken.None);
            lock (keys) keys.Add(key);
        });
        await book.FollowAsync(CancellationToken.None);
        Assert.All(keys, key => Assert.Equal("", book.Find(key).Reason));
        var reasons = new HashSet<string>();

        // Tests that run beside it leave something too, but not every time; what these strangers left, new ones in each round, would always be there.
        var left = Enumerable.Range(0, 5).Min(_ =>
        {
            var strangers = Enumerable.Range(0, 10_000).Select(_ => KeyText.New().Key).ToArray();
            var before = GC.GetTotalMemory(forceFullCollection: true);
            foreach (var key in strangers) reasons.Add(book.Find(key).Reason);
            var after = GC.GetTotalMemory(forceFullCollection: true);
            GC.KeepAlive(strangers);
            return after - before;
        });

        Assert.Equal(["api-key-unknown"], reasons);
        Assert.InRange(left, long.MinValue, 64 * 1024);
    }

    private async Task<KeyBook> BookAsync()
    {
        var book = new KeyBook(_store, _clock);
        await book.FollowAsync(CancellationToken.None);
        return book;
    }

    private static async Task<string> IssueAsync(KeyBook book)
    {
        var (kept, key) = book.Make(Shop, null, null, null);
        Assert.True(await book.IssueAsync(kept, null, Audit, CancellationToken.None));
        return key;
    }
}
