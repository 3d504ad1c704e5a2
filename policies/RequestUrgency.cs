using System.Globalization;
using Gateway.Jsonata;

namespace Gateway.Policies;

/// <summary>
/// How urgent a request is, in JSONata on what a cost sees: a day or time (RFC 3339), of which the earlier goes first, or a number, of which the
/// smaller does. What gives nothing goes last, and so does what gives anything else.
/// </summary>
public sealed class RequestUrgency(string text)
{
    /// <summary>Of what can wait.</summary>
    public const long Last = long.MaxValue;

    private readonly RequestCost _expression = new(text);

    /// <summary>What is wrong with its text; null where it can be run.</summary>
    public string? Wrong => _expression.Diagnostics is [{ } first, ..] ? first.Message : null;

    /// <returns>Milliseconds since 1970 of a time, or the number.</returns>
    public (long Urgency, string? Trouble) Of(Exchange exchange)
    {
        var (value, trouble) = _expression.Evaluate(exchange);
        if (trouble is not null) return (Last, trouble);
        if (value.Kind == JsonataKind.Undefined) return (Last, null);
        if (value.AsDecimal() is { } number) return ((long)Math.Clamp(Math.Floor(number), long.MinValue, long.MaxValue), null);
        return value.AsString() is { } time && DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? (at.ToUnixTimeMilliseconds(), null)
            : (Last, $"the urgency is a value of the kind {value.Kind}, and no time or number");
    }
}
