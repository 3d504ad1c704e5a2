namespace Gateway.Demo;

/// <summary>Waits for what happens beside the requests: webhooks on their way.</summary>
internal static class Eventually
{
    /// <summary>What <paramref name="look"/> finds within ten seconds; null where it finds nothing.</summary>
    public static Task<T?> SeeAsync<T>(Func<T?> look, CancellationToken cancellation) where T : class => SeeAsync(() => Task.FromResult(look()), cancellation);

    /// <inheritdoc cref="SeeAsync{T}(Func{T}, CancellationToken)"/>
    public static async Task<T?> SeeAsync<T>(Func<Task<T?>> look, CancellationToken cancellation) where T : class
    {
        for (var i = 0; i < 200; i++)
        {
            if (await look() is { } found) return found;
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellation);
        }
        return await look();
    }
}
