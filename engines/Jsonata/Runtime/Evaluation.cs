using System.Runtime.CompilerServices;

namespace Gateway.Jsonata.Runtime;

/// <summary>What one evaluation knows and what it has left to spend.</summary>
internal sealed class Evaluation
{
    /// <summary>Steps between two looks at the clock.</summary>
    private const int ClockInterval = 2048;

    /// <summary>Characters that count as one step, so that growing strings run out like growing arrays do.</summary>
    private const int CharactersPerStep = 16;

    private readonly long _started;
    private int _stepsLeft;
    private int _nextLook;
    private NameCache? _names;

    public Evaluation(JsonataOptions options, JsonataBindings bindings, Value root)
    {
        Options = options;
        Bindings = bindings;
        Root = root;
        Exact = options.Numbers == NumberMode.Exact;
        LooksUpNames = bindings.HidesBuiltIns;
        _stepsLeft = options.MaxSteps;
        _nextLook = Math.Max(0, _stepsLeft - ClockInterval);
        _started = options.Clock.GetTimestamp();
    }

    public JsonataOptions Options { get; }

    public JsonataBindings Bindings { get; }

    /// <summary>What <c>$$</c> is.</summary>
    public Value Root { get; }

    public bool Exact { get; }

    /// <summary>Whether a bound variable may stand where a built-in function is called.</summary>
    public bool LooksUpNames { get; }

    /// <summary>Where the result goes.</summary>
    public Output? Output { get; set; }

    /// <summary>Nesting of the body that runs, as jsonata.js counts it.</summary>
    public int Depth { get; set; }

    /// <summary>Who called the running native function; errors take their place and name from it.</summary>
    public CallSite Site { get; set; }

    /// <summary>The call a body left behind for its caller to run in its place.</summary>
    public Function? TailFunction { get; set; }

    public Value[] TailArguments { get; set; } = [];

    /// <summary>The frame the arguments already lie in, when the call is one of a lambda that takes them as they are.</summary>
    public Frame? TailFrame { get; set; }

    public FramePool Frames { get; } = new();

    public NameCache Names => _names ??= new NameCache();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Step()
    {
        if (--_stepsLeft < _nextLook)
        {
            Look();
        }
    }

    public void Charge(int steps)
    {
        _stepsLeft = steps > _stepsLeft ? -1 : _stepsLeft - steps;
        if (_stepsLeft < _nextLook)
        {
            Look();
        }
    }

    /// <summary>Pays for a string before it is made.</summary>
    public void ChargeText(long characters)
    {
        if (characters > Options.MaxOutputBytes)
        {
            throw Fail("D2015", $"a string of {characters} characters is longer than the {Options.MaxOutputBytes} allowed");
        }
        Charge((int)(characters / CharactersPerStep));
    }

    /// <summary>Enters the body of a function called from a site this deep in its own body.</summary>
    public void Enter(int depth)
    {
        if (depth >= Options.MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw Fail("U1001", $"calls are nested more than {Options.MaxDepth} levels deep");
        }
        Depth = depth;
    }

    /// <summary>Guards recursion over data, which no call counts.</summary>
    public void EnsureStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw Fail("U1001", "the data is nested too deeply");
        }
    }

    /// <summary>An error in the running native function.</summary>
    public JsonataFailure Fail(string code, string message) => new(code, message, Site.Position, Site.Name);

    /// <summary>Looks at the clock now, before work that no step can count.</summary>
    public void CheckTime()
    {
        if (Options.Clock.GetElapsedTime(_started) > Options.MaxTime)
        {
            throw Fail("U1001", $"the expression takes longer than {Options.MaxTime.TotalMilliseconds} ms");
        }
    }

    private void Look()
    {
        if (_stepsLeft < 0)
        {
            throw Fail("U1001", $"the expression takes more than {Options.MaxSteps} steps");
        }
        CheckTime();
        _nextLook = Math.Max(0, _stepsLeft - ClockInterval);
    }
}

/// <summary>Where a function is called in the source, and under which name.</summary>
internal readonly record struct CallSite(int Position, string? Name);

/// <summary>
/// An error on its way out of a nested evaluation. It unwinds an interpreter's recursion in one go and is caught at the
/// door; callers of the engine only ever see the <see cref="JsonataError"/> made of it.
/// </summary>
internal sealed class JsonataFailure(string code, string message, int position, string? token = null) : Exception(message)
{
    public string Code { get; } = code;

    public int Position { get; } = position;

    public string? Token { get; } = token;
}
