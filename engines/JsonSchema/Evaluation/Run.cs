using System.Runtime.CompilerServices;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Evaluation;

/// <summary>
/// The state of one evaluation: what is recorded, how deep we are, which schema resources were entered. One per thread is kept,
/// so that an evaluation allocates nothing once its buffers have grown.
/// </summary>
internal sealed class Run
{
    // Schemas applied to the same value one inside the other; a chain as long as this can only be a loop.
    private const int MaxHops = 256;

    // How many levels may pass between two looks at the stack: that many always fit.
    private const int LooksAtStack = 8;

    private static readonly KeywordSite DepthSite = new("maxDepth", "#", "is nested too deeply");
    private static readonly KeywordSite LoopSite = new("$ref", "#", "cannot be checked: the schema refers to itself without end");
    // Looks at containers, and schemas applied to the same value: so many at least may be, and so many more for each byte. Choices within choices can ask for a number that doubles with
    // every level, and who sends the document chooses how many levels there are.
    private const long LeastWork = 1_000_000;
    private const int WorkPerByte = 16;

    private static readonly KeywordSite WorkSite = new("maxWork", "#", "cannot be checked: it fits the schema's alternatives in too many ways");
    private static readonly KeywordSite TimeSite = new("pattern", "#", "cannot be checked: the pattern takes too long on this value");

    [ThreadStatic]
    private static Run? _kept;

    private readonly (int Start, int End)[] _ends = new (int Start, int End)[64];
    private bool _endsUsed;
    private bool _busy;
    private ulong[] _marks = new ulong[16];
    private int _marksTop;
    private int[] _scope = new int[16];
    private int _scopeTop;
    private ErrorLog? _log;
    private int _quiet;
    private int _maxDepth;
    private int _depth;
    private int _hops;
    private long _work;
    private (KeywordSite Site, string Message)? _abort;

    /// <summary>Failing at once is enough: nothing more would be recorded.</summary>
    public bool Stops { get; private set; }

    /// <summary>Messages are wanted.</summary>
    public bool Records => !Stops;

    /// <summary>A limit was hit: the result is "not valid", whatever a <c>not</c> or <c>anyOf</c> makes of it.</summary>
    public bool Aborted { get; private set; }

    public int ErrorCount => _log?.Count ?? 0;

    /// <summary>The log, when errors are recorded here at all.</summary>
    public ErrorLog? Log => _log;

    public static Run Start(int maxDepth, int length, ErrorLog? log = null)
    {
        Run run = _kept ??= new Run();
        // An evaluation inside an evaluation needs a state of its own.
        if (run._busy)
            run = new Run();
        run._busy = true;
        run._log = log;
        run.Stops = log is null;
        run._maxDepth = maxDepth;
        run._work = LeastWork + ((long)length * WorkPerByte);
        return run;
    }

    public void Finish()
    {
        _log = null;
        Aborted = false;
        _abort = null;
        _marksTop = _scopeTop = _quiet = _depth = _hops = 0;
        if (_endsUsed)
            Array.Clear(_ends);
        _endsUsed = false;
        _busy = false;
    }

    /// <summary>What was recorded. That a limit was hit is always among it, though an alternative may have hushed it up.</summary>
    public IReadOnlyList<SchemaError> Errors()
    {
        if (_abort is { } abort && !_log!.Has(abort.Site))
            _log.Insist(abort.Site, abort.Message);
        return _log!.ToList();
    }

    public bool Fail(KeywordSite site) => Fail(site, site.Message);

    /// <summary>Records a failure if anyone listens. Always false, so that a check can return it.</summary>
    public bool Fail(KeywordSite site, string message)
    {
        if (!Stops)
        {
            _log!.Add(site, message);
            Stops = _log.IsFull;
        }
        return false;
    }

    /// <summary>
    /// Puts a member's name (raw JSON text) in front of the pointers of the errors recorded since <paramref name="from"/>.
    /// </summary>
    public void Prefix(int from, ReadOnlySpan<byte> name)
    {
        if (_log is not null && _log.Count > from)
            _log.Prefix(from, JsonText.ToText(name));
    }

    /// <summary>Puts the item's index in front of the pointers of the errors recorded since <paramref name="from"/>.</summary>
    public void Prefix(int from, int index)
    {
        if (_log is not null && _log.Count > from)
            _log.Prefix(from, index.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// From here to <see cref="Speak"/> failures are answers, not errors (<c>not</c>, <c>if</c>, <c>contains</c>).
    /// </summary>
    public void Hush()
    {
        _quiet++;
        Stops = true;
    }

    public void Speak()
    {
        _quiet--;
        Stops = _quiet > 0 || _log is null || _log.IsFull || Aborted;
    }

    /// <summary>Forgets the errors from <paramref name="count"/> on.</summary>
    public void Forget(int count)
    {
        if (_log is null || _log.Count == count)
            return;
        _log.Truncate(count);
        Stops = _quiet > 0 || _log.IsFull || Aborted;
    }

    /// <summary>One container deeper; false beyond the limit. Pair with <see cref="Leave"/> in both cases.</summary>
    public bool Enter(out int outerHops)
    {
        outerHops = _hops;
        _hops = 0;
        if (--_work < 0)
        {
            _depth++;
            return Abort(WorkSite, WorkSite.Message);
        }
        return (++_depth <= _maxDepth && HasStack(_depth)) || AbortTooDeep();
    }

    public void Leave(int outerHops)
    {
        _depth--;
        _hops = outerHops;
    }

    /// <summary>
    /// One schema further on the same value; false when this cannot be anything but a loop. Pair with <see cref="HopBack"/> in
    /// both cases.
    /// </summary>
    public bool Hop()
    {
        _hops++;
        return --_work < 0 ? Abort(WorkSite, WorkSite.Message) : (_hops <= MaxHops && HasStack(_hops)) || Abort(LoopSite, LoopSite.Message);
    }

    public void HopBack() => _hops--;

    public bool AbortSlowPattern() => Abort(TimeSite, TimeSite.Message);

    /// <summary>
    /// Behind the value that starts at <paramref name="at"/>. Several schemas may have to step over the same container, so the
    /// ends of some are remembered.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Skip(ReadOnlySpan<byte> text, int at)
    {
        if (text[at] is not ((byte)'{' or (byte)'['))
            return JsonScan.Skip(text, at);
        ref (int Start, int End) known = ref _ends[at & 63];
        if (known.End == 0 || known.Start != at)
            known = (at, JsonScan.Skip(text, at));
        _endsUsed = true;
        return known.End;
    }

    /// <summary>The dynamic scope (JSON Schema core, section 7.1): the resources entered, outermost first.</summary>
    public ReadOnlySpan<int> Scope => _scope.AsSpan(0, _scopeTop);

    /// <summary>
    /// Adds a resource to the dynamic scope unless it is the current one; true when <see cref="PopScope"/> is due.
    /// </summary>
    public bool PushScope(int resource)
    {
        if (_scopeTop > 0 && _scope[_scopeTop - 1] == resource)
            return false;
        if (_scopeTop == _scope.Length)
            Array.Resize(ref _scope, _scopeTop * 2);
        _scope[_scopeTop++] = resource;
        return true;
    }

    public void PopScope() => _scopeTop--;

    /// <summary>Fresh marks for an instance of <paramref name="count"/> members or items.</summary>
    public Marks OpenMarks(int count)
    {
        int start = _marksTop;
        int words = (count + 63) / 64;
        _marksTop += words;
        if (_marksTop > _marks.Length)
            Array.Resize(ref _marks, Math.Max(_marksTop, _marks.Length * 2));
        _marks.AsSpan(start, words).Clear();
        return new Marks(start, count);
    }

    public void CloseMarks(Marks opened) => _marksTop = opened.Start;

    public void Mark(Marks target, int index) => _marks[target.Start + (index >> 6)] |= 1UL << (index & 63);

    public bool IsMarked(Marks target, int index) => (_marks[target.Start + (index >> 6)] & (1UL << (index & 63))) != 0;

    public void MarkFirst(Marks target, int count)
    {
        for (int i = 0; i < Math.Min(count, target.Length); i++)
            Mark(target, i);
    }

    /// <summary>Adds all of <paramref name="from"/> to <paramref name="target"/>; both belong to the same instance.</summary>
    public void Merge(Marks target, Marks from)
    {
        for (int i = 0; i < (from.Length + 63) / 64; i++)
            _marks[target.Start + i] |= _marks[from.Start + i];
    }

    private static bool HasStack(int level) => level % LooksAtStack != 0 || RuntimeHelpers.TryEnsureSufficientExecutionStack();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool AbortTooDeep() => Abort(DepthSite, $"is nested deeper than {Math.Min(_depth - 1, _maxDepth)} levels");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Abort(KeywordSite site, string message)
    {
        // Said once: what goes on while the evaluation unwinds is no news.
        if (!Aborted)
        {
            _log?.Add(site, message);
            _abort = (site, message);
        }
        Aborted = true;
        Stops = true;
        return false;
    }
}
