using System.Reflection;

namespace Gateway.Tests.Conformance.Idempotency;

/// <summary>A store some of whose calls fail for as long as a test wants.</summary>
public class AwayStore : DispatchProxy
{
    private IStore _inner = null!;

    /// <summary>Which calls fail, by the method's name; null while all is well.</summary>
    public Func<string, bool>? Away { get; set; }

    /// <summary>Which calls are carried out and seem to have failed: their answer is lost.</summary>
    public Func<string, bool>? Lost { get; set; }

    /// <summary>What a failing call throws.</summary>
    public Func<Exception> Failure { get; set; } = static () => new StoreUnavailableException("The disk is full.", new IOException());

    public IStore Store => (IStore)(object)this;

    public static AwayStore Around(IStore inner)
    {
        var proxy = (AwayStore)(object)Create<IStore, AwayStore>();
        proxy._inner = inner;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? method, object?[]? args)
    {
        if (Away?.Invoke(method!.Name) == true) throw Failure();
        var called = method!.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
        if (Lost?.Invoke(method.Name) != true) return called;
        ((dynamic)called!).AsTask().Wait();
        throw Failure();
    }
}
