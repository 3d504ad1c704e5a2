using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Evaluation;

/// <summary>What a schema says about numbers, all in exact decimals.</summary>
internal sealed class NumberRules
{
    // Whole numbers from here to there keep to all limits, and most numbers are such.
    private long _lowest = long.MinValue;
    private long _highest = long.MaxValue;

    /// <summary>Set when the type is <c>integer</c>: a number without a fractional part, however it is written.</summary>
    public KeywordSite? IntegerOnly { get; set; }

    public NumberLimit[] Limits
    {
        get;
        set
        {
            field = value;
            _lowest = value.Select(limit => limit.WholeNumbers.First).DefaultIfEmpty(long.MinValue).Max();
            _highest = value.Select(limit => limit.WholeNumbers.Last).DefaultIfEmpty(long.MaxValue).Min();
        }
    } = [];

    public bool IsEmpty => IntegerOnly is null && Limits.Length == 0;

    /// <summary>The position behind the number that starts at <paramref name="at"/>, or -1 when it is not valid.</summary>
    public int Check(ReadOnlySpan<byte> text, int at, Run run)
    {
        int end = at;
        if (!SmallDecimal.TryRead(text, ref end, out SmallDecimal small))
            return CheckAny(text, at, run);
        if (small.IsWhole && small.Mantissa >= _lowest && small.Mantissa <= _highest)
            return end;
        bool valid = IntegerOnly is null || small.IsInteger || run.Fail(IntegerOnly);
        foreach (NumberLimit limit in Limits)
        {
            if (limit.IsSmall ? limit.Allows(small) : limit.Allows(new JsonNumber(text[at..end])))
                continue;
            valid = run.Fail(limit.Site);
            if (run.Stops)
                return -1;
        }
        return valid ? end : -1;
    }

    private int CheckAny(ReadOnlySpan<byte> text, int at, Run run)
    {
        int end = JsonScan.NumberEnd(text, at);
        JsonNumber number = new(text[at..end]);
        bool valid = IntegerOnly is null || number.IsInteger || run.Fail(IntegerOnly);
        foreach (NumberLimit limit in Limits)
        {
            if (!limit.Allows(number))
                valid = run.Fail(limit.Site);
        }
        return valid ? end : -1;
    }
}

/// <summary>The kinds of numeric limits, by keyword.</summary>
internal enum NumberLimitKind
{
    Minimum,
    Maximum,
    ExclusiveMinimum,
    ExclusiveMaximum,
    MultipleOf,
}

/// <summary>One numeric keyword with its operand.</summary>
internal sealed class NumberLimit
{
    private readonly NumberLimitKind _kind;
    private readonly byte[] _token;
    private readonly SmallDecimal _small;

    public NumberLimit(NumberLimitKind kind, byte[] token, KeywordSite site)
    {
        _kind = kind;
        _token = token;
        Site = site;
        int at = 0;
        IsSmall = SmallDecimal.TryRead(token, ref at, out _small);
    }

    public KeywordSite Site { get; }

    public bool IsSmall { get; }

    public NumberLimitKind Kind => _kind;

    public ReadOnlySpan<byte> Token => _token;

    /// <summary>A range of whole numbers that are allowed; empty when that is not easily said.</summary>
    public (long First, long Last) WholeNumbers => !IsSmall ? (1, 0) : _kind switch
    {
        NumberLimitKind.Minimum => (_small.Ceiling, long.MaxValue),
        NumberLimitKind.Maximum => (long.MinValue, _small.Floor),
        NumberLimitKind.ExclusiveMinimum => (_small.Floor + 1, long.MaxValue),
        NumberLimitKind.ExclusiveMaximum => (long.MinValue, _small.Ceiling - 1),
        _ => _small.Mantissa == 1 ? (long.MinValue, long.MaxValue) : (1, 0),
    };

    public bool Allows(SmallDecimal value) => _kind switch
    {
        NumberLimitKind.Minimum => value.CompareTo(_small) >= 0,
        NumberLimitKind.Maximum => value.CompareTo(_small) <= 0,
        NumberLimitKind.ExclusiveMinimum => value.CompareTo(_small) > 0,
        NumberLimitKind.ExclusiveMaximum => value.CompareTo(_small) < 0,
        _ => value.IsMultipleOf(_small),
    };

    public bool Allows(JsonNumber value) => _kind switch
    {
        NumberLimitKind.Minimum => value.CompareTo(new JsonNumber(_token)) >= 0,
        NumberLimitKind.Maximum => value.CompareTo(new JsonNumber(_token)) <= 0,
        NumberLimitKind.ExclusiveMinimum => value.CompareTo(new JsonNumber(_token)) > 0,
        NumberLimitKind.ExclusiveMaximum => value.CompareTo(new JsonNumber(_token)) < 0,
        _ => value.IsMultipleOf(new JsonNumber(_token)),
    };
}
