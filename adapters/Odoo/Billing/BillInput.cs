using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Adapters.Odoo.Billing;

/// <summary>What is to be billed: one order, or what a buyer has ordered up to the end of a month.</summary>
internal sealed record BillInput
{
    /// <summary>Name of the order; null where the call is about one, or about a month.</summary>
    public string? Order { get; init; }

    /// <summary><c>YYYY-MM</c>.</summary>
    public string? Month { get; init; }

    /// <summary><c>ref</c> of the customer whose month it is.</summary>
    public string? Buyer { get; init; }

    /// <summary>The month's first day; null without one.</summary>
    [JsonIgnore]
    public DateOnly? From => DateOnly.TryParseExact(Month, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first) ? first : null;

    /// <summary>The input, or null and what is wrong with it: then the mapping is at fault, not the caller.</summary>
    public static (BillInput? Input, string? Wrong) Parse(JsonElement input)
    {
        if (input.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return (new BillInput(), null);
        var (read, wrong) = InputJson.Read(input, InputJson.Default.BillInput);
        return read switch
        {
            null => (null, wrong),
            { Month: not null, From: null } => (null, $"month '{read.Month}' is not YYYY-MM"),
            { Month: not null, Order: not null } => (null, "order and month"),
            { Month: not null, Buyer: null } => (null, "month without buyer"),
            _ => (read, null),
        };
    }
}

/// <summary>Which bill: its id, or its number. Null where the call is about one.</summary>
internal sealed record BillName
{
    public int? Id { get; init; }

    public string? Name { get; init; }
}
