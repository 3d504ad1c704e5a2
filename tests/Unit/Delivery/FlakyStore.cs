using System.Reflection;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>A store that can be taken away: every call fails as long as <see cref="Broken"/> says so.</summary>
public class FlakyStore : DispatchProxy
{
    private IStore _inner = null!;

    /// <summary>Which calls fail, by method name; null while all is well.</summary>
    public Func<string, bool>? Broken { get; set; }

    /// <summary>What calls about quotas wait for, by method name; null for those that do not.</summary>
    public Func<string, Task?>? Stalled { get; set; }

    public static IStore Around(IStore inner)
    {
        var proxy = Create<IStore, FlakyStore>();
        ((FlakyStore)(object)proxy)._inner = inner;
        return proxy;
    }

    public static FlakyStore Of(IStore store) => (FlakyStore)(object)store;

    protected override object? Invoke(MethodInfo? method, object?[]? args)
    {
        if (Broken?.Invoke(method!.Name) == true) throw new StoreUnavailableException("The disk is full.", new IOException());
        return (Stalled?.Invoke(method!.Name), method!.Name) switch
        {
            ({ } until, nameof(IStore.TakeQuotaAsync)) => Late(until, () => (ValueTask<QuotaGrant>)method.Invoke(_inner, args)!),
            ({ } until, nameof(IStore.AddQuotaAsync)) => Late(until, () => (ValueTask)method.Invoke(_inner, args)!),
            _ => method.Invoke(_inner, args),
        };
    }

    private static async ValueTask<T> Late<T>(Task until, Func<ValueTask<T>> call)
    {
        await until;
        return await call();
    }

    private static async ValueTask Late(Task until, Func<ValueTask> call)
    {
        await until;
        await call();
    }
}
