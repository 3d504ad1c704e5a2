namespace Gateway.Delivery.Storage;

/// <summary>Whom a record was told to, as text: <c>acme=ord_1,globex=481</c>. Neither names of tenants nor subjects have these signs.</summary>
internal static class SubjectsText
{
    public static string Write(IReadOnlyDictionary<string, string> subjects) =>
        string.Join(',', subjects.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}={s.Value}"));

    public static Dictionary<string, string> Read(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[1], StringComparer.Ordinal);
}
