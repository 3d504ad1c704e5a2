using System.Buffers;
using System.Globalization;
using System.Text;

namespace HandWrittenOrders;

/// <summary>Every rule of order@1 and order-response@1 that types can't say, by hand. At most 20 findings.</summary>
internal static class OrderRules
{
    private const int MaxFindings = 20;
    private const decimal MaxQuantity = 999_999_999;
    private const decimal MaxBase = 1_000_000;

    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\n\r\u2028\u2029");

    private static readonly HashSet<string> OrderStates =
        ["received", "held", "accepted", "released", "picked", "shipped", "delivered", "invoiced", "cancelled", "rejected"];

    private static readonly HashSet<string> LineStates = ["accepted", "changed", "released", "partiallyShipped", "shipped", "invoiced", "cancelled"];

    public static List<Finding>? Broken(Order order)
    {
        var rules = new Rules();
        rules.Reference("#/customerReference", order.CustomerReference);
        rules.Date("#/issueDate", order.IssueDate);
        rules.Code("#/documentCurrencyCode", order.DocumentCurrencyCode, 3, 3, digits: false, required: true);
        if (rules.Has("#/buyerParty", order.BuyerParty)) rules.Reference("#/buyerParty/id", order.BuyerParty.Id);
        if (order.Delivery is { } delivery)
        {
            if (delivery is { DeliveryAddress: null, RequestedDeliveryPeriod: null }) rules.Add("#/delivery", "must have at least one member");
            if (delivery.DeliveryAddress is { } address) Check(rules, address);
            if (delivery.RequestedDeliveryPeriod is { } period)
            {
                if (period is { StartDate: null, EndDate: null }) rules.Add("#/delivery/requestedDeliveryPeriod", "must have at least one member");
                rules.Date("#/delivery/requestedDeliveryPeriod/startDate", period.StartDate);
                rules.Date("#/delivery/requestedDeliveryPeriod/endDate", period.EndDate);
            }
        }
        rules.Text("#/note", order.Note, 0, 1000);
        if (rules.Has("#/orderLines", order.OrderLines))
        {
            if (order.OrderLines.Count is < 1 or > 500) rules.Add("#/orderLines", "must have 1 to 500 items");
            for (var i = 0; i < order.OrderLines.Count; i++) Check(rules, i, order.OrderLines[i]);
        }
        return rules.Findings;
    }

    public static bool Holds(OrderResponse answer)
    {
        if (answer.Id.Length is 0 or > 64 || answer.SalesOrderId is null || answer.SalesOrderId.Length is 0 or > 64 || !OrderStates.Contains(answer.OrderStatusCode)) return false;
        if (answer.OrderLines.Count == 0 || !IsCode(answer.DocumentCurrencyCode, 3, 3, digits: false)) return false;
        foreach (var line in answer.OrderLines)
        {
            if (line.Id is null || Length(line.Id) is 0 or > 20 || line.UnitCode is { } unit && !IsCode(unit, 2, 3, digits: true)) return false;
            if (!IsReference(line.Item.SellersItemIdentification) || line.Item.Name is { } name && Length(name) is 0 or > 256) return false;
            if (line.Item.StandardItemIdentification is { } gtin && !IsGtin(gtin)) return false;
            if (!IsSignedAmount(line.Price.PriceAmount) || line.Price.BaseQuantity <= 0 || !LineStates.Contains(line.LineStatusCode) || !IsSignedAmount(line.LineExtensionAmount)) return false;
        }
        var totals = answer.LegalMonetaryTotal;
        return IsSignedAmount(totals.LineExtensionAmount) && IsSignedAmount(totals.TaxExclusiveAmount) && IsSignedAmount(totals.TaxInclusiveAmount) && IsSignedAmount(totals.PayableAmount);
    }

    /// <summary>What compares two members, or a member with what is known of the partner; null when all is well.</summary>
    public static string? Refused(Order order, IReadOnlySet<string> buyers)
    {
        if (!buyers.Contains(order.BuyerParty.Id)) return "buyerParty/id: this buyer is not one of yours";
        var ids = new HashSet<string>(order.OrderLines.Count, StringComparer.Ordinal);
        foreach (var line in order.OrderLines)
            if (!ids.Add(line.Id)) return "orderLines: the ids of the lines must differ";
        return order.Delivery?.RequestedDeliveryPeriod is { StartDate: { } start, EndDate: { } end } && string.CompareOrdinal(start, end) > 0
            ? "delivery/requestedDeliveryPeriod: endDate is before startDate"
            : null;
    }

    private static void Check(Rules rules, Address address)
    {
        const string At = "#/delivery/deliveryAddress/";
        rules.Text(At + "name", address.Name, 1, 128, required: true);
        rules.Text(At + "streetName", address.StreetName, 1, 128, required: true);
        rules.Text(At + "additionalStreetName", address.AdditionalStreetName, 1, 128);
        rules.Text(At + "cityName", address.CityName, 1, 128, required: true);
        rules.Text(At + "postalZone", address.PostalZone, 1, 16);
        rules.Code(At + "countrySubentityCode", address.CountrySubentityCode, 1, 3, digits: true, required: false);
        rules.Code(At + "countryCode", address.CountryCode, 2, 2, digits: false, required: true);
    }

    /// <summary>The pointer is put together only when there is something to point at.</summary>
    private static void Check(Rules rules, int i, OrderLine? line)
    {
        if (line is null)
        {
            rules.Add($"#/orderLines/{i}", "must be an object");
            return;
        }
        if (line.Id is null || Length(line.Id) is 0 or > 20) rules.Add($"#/orderLines/{i}/id", "is required, with 1 to 20 characters");
        if (!IsQuantity(line.Quantity, MaxQuantity)) rules.Add($"#/orderLines/{i}/quantity", "is required, more than 0, with six decimals at most");
        if (line.UnitCode is null || !IsCode(line.UnitCode, 2, 3, digits: true)) rules.Add($"#/orderLines/{i}/unitCode", "is required, 2 to 3 capitals or digits");
        if (line.Item is null) rules.Add($"#/orderLines/{i}/item", "is required");
        else
        {
            if (!IsReference(line.Item.SellersItemIdentification)) rules.Add($"#/orderLines/{i}/item/sellersItemIdentification", "is required, with 1 to 64 characters");
            if (line.Item.StandardItemIdentification is { } gtin && !IsGtin(gtin)) rules.Add($"#/orderLines/{i}/item/standardItemIdentification", "must be a GTIN");
            if (line.Item.Name is { } name && Length(name) is 0 or > 256) rules.Add($"#/orderLines/{i}/item/name", "must have 1 to 256 characters");
        }
        if (line.Price is null) rules.Add($"#/orderLines/{i}/price", "is required");
        else
        {
            if (!IsAmount(line.Price.PriceAmount, 12, 6)) rules.Add($"#/orderLines/{i}/price/priceAmount", "is required, a decimal as text");
            if (line.Price.BaseQuantity is { } many && !IsQuantity(many, MaxBase)) rules.Add($"#/orderLines/{i}/price/baseQuantity", "must be more than 0, with six decimals at most");
        }
    }

    private static bool IsQuantity(decimal? value, decimal most) => value is > 0 and var given && given <= most && decimal.Round(given, 6) == given;

    private static bool IsReference(string? text) => text is { Length: > 0 } && Length(text) <= 64
        && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]) && !text.AsSpan().ContainsAny(LineEnds);

    private static bool IsCode(string text, int least, int most, bool digits)
    {
        if (text.Length < least || text.Length > most) return false;
        foreach (var c in text)
            if (c is not (>= 'A' and <= 'Z') && !(digits && c is >= '0' and <= '9')) return false;
        return true;
    }

    private static bool IsGtin(string text) => text.Length is 8 or (>= 12 and <= 14) && !text.AsSpan().ContainsAnyExceptInRange('0', '9');

    private static bool IsSignedAmount(string? text) => text is { Length: > 0 } && IsAmount(text[0] == '-' ? text[1..] : text, 15, 10);

    private static bool IsAmount(string? text, int digits, int decimals)
    {
        if (string.IsNullOrEmpty(text)) return false;
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var whole = text.AsSpan(0, point < 0 ? text.Length : point);
        if (whole.Length == 0 || whole.Length > digits || whole[0] == '0' && whole.Length > 1 || whole.ContainsAnyExceptInRange('0', '9')) return false;
        if (point < 0) return true;
        var rest = text.AsSpan(point + 1);
        return rest.Length > 0 && rest.Length <= decimals && !rest.ContainsAnyExceptInRange('0', '9');
    }

    /// <summary>In code points.</summary>
    private static int Length(string text)
    {
        if (Ascii.IsValid(text)) return text.Length;
        var length = 0;
        foreach (var _ in text.EnumerateRunes()) length++;
        return length;
    }

    private sealed class Rules
    {
        public List<Finding>? Findings { get; private set; }

        public void Add(string pointer, string detail)
        {
            if ((Findings ??= []).Count < MaxFindings) Findings.Add(new Finding(pointer, detail));
        }

        public bool Has(string pointer, object? value)
        {
            if (value is null) Add(pointer, "is required");
            return value is not null;
        }

        public void Reference(string pointer, string? text)
        {
            if (!IsReference(text)) Add(pointer, "is required, 1 to 64 characters on one line, without blanks around it");
        }

        public void Text(string pointer, string? text, int least, int most, bool required = false)
        {
            if (text is null ? required : Length(text) < least || Length(text) > most) Add(pointer, $"must have {least} to {most} characters");
        }

        public void Code(string pointer, string? text, int least, int most, bool digits, bool required)
        {
            if (text is null ? required : !IsCode(text, least, most, digits)) Add(pointer, $"must be {least} to {most} capitals");
        }

        public void Date(string pointer, string? text)
        {
            if (text is not null && !DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)) Add(pointer, "must be a date");
        }
    }
}
