using System.Reflection;

namespace Gateway.Tests.Conformance.Idempotency;

/// <summary>A store some of whose calls fail for as long as a test wants.</summary>
public class AwayStore : DispatchProxy
{
    private IStore _inner = null!;

    /// <summary>Which calls fail, by the method's name; null while all is well.</summary>
    public Func<string, bool>? Away { get; set; }

    public IStore Store => (IStore)(object)this;

    public static AwayStore Around(IStore inner)
    {
        var proxy = (AwayStore)(object)Create<IStore, AwayStore>();
        proxy._inner = inner;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? method, object?[]? args)
    {
        if (Away?.Invoke(method!.Name) == true) throw new StoreUnavailableException("The disk is full.", new IOException());
        return method!.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
    }
}
