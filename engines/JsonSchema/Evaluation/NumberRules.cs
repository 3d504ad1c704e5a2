using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Evaluation;

/// <summary>What a schema says about numbers, all in exact decimals.</summary>
internal sealed class NumberRules
{
    /// <summary>Set when the type is <c>integer</c>: a number without a fractional part, however it is written.</summary>
    public KeywordSite? IntegerOnly { get; set; }

    public List<NumberLimit> Limits { get; } = [];

    public bool IsEmpty => IntegerOnly is null && Limits.Count == 0;

    public bool Check(JsonElement value, Run run)
    {
        ReadOnlySpan<byte> token = JsonMarshal.GetRawUtf8Value(value);
        return SmallDecimal.TryRead(token, out SmallDecimal small) ? CheckSmall(small, token, run) : CheckAny(token, run);
    }

    private bool CheckSmall(SmallDecimal small, ReadOnlySpan<byte> token, Run run)
    {
        bool valid = IntegerOnly is null || small.IsInteger || run.Fail(IntegerOnly);
        foreach (NumberLimit limit in CollectionsMarshal.AsSpan(Limits))
        {
            if (limit.IsSmall ? limit.Allows(small) : limit.Allows(new JsonNumber(token)))
                continue;
            valid = run.Fail(limit.Site);
            if (run.Stops)
                return false;
        }
        return valid;
    }

    private bool CheckAny(ReadOnlySpan<byte> token, Run run)
    {
        JsonNumber number = new(token);
        bool valid = IntegerOnly is null || number.IsInteger || run.Fail(IntegerOnly);
        foreach (NumberLimit limit in Limits)
        {
            if (!limit.Allows(number))
                valid = run.Fail(limit.Site);
        }
        return valid;
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
    private readonly NumberLimitKind kind;
    private readonly byte[] token;
    private readonly SmallDecimal small;

    public NumberLimit(NumberLimitKind kind, byte[] token, KeywordSite site)
    {
        this.kind = kind;
        this.token = token;
        Site = site;
        IsSmall = SmallDecimal.TryRead(token, out small);
    }

    public KeywordSite Site { get; }

    public bool IsSmall { get; }

    public NumberLimitKind Kind => kind;

    public ReadOnlySpan<byte> Token => token;

    public bool Allows(SmallDecimal value) => kind switch
    {
        NumberLimitKind.Minimum => value.CompareTo(small) >= 0,
        NumberLimitKind.Maximum => value.CompareTo(small) <= 0,
        NumberLimitKind.ExclusiveMinimum => value.CompareTo(small) > 0,
        NumberLimitKind.ExclusiveMaximum => value.CompareTo(small) < 0,
        _ => value.IsMultipleOf(small),
    };

    public bool Allows(JsonNumber value) => kind switch
    {
        NumberLimitKind.Minimum => value.CompareTo(new JsonNumber(token)) >= 0,
        NumberLimitKind.Maximum => value.CompareTo(new JsonNumber(token)) <= 0,
        NumberLimitKind.ExclusiveMinimum => value.CompareTo(new JsonNumber(token)) > 0,
        NumberLimitKind.ExclusiveMaximum => value.CompareTo(new JsonNumber(token)) < 0,
        _ => value.IsMultipleOf(new JsonNumber(token)),
    };
}
