namespace Gateway.Adapters.Odoo.Wire;

/// <summary>
/// Makes Odoo's messages fit for callers: no addresses, ports, paths, SQL, tracebacks, model names or record ids (<see cref="Inside"/>).
/// What is left of a business message ("You can not delete a confirmed sales order.") is worth showing.
/// </summary>
internal static class Scrub
{
    private const int MaxLength = 400;
    private const string Gone = "…";

    /// <summary>Shown where nothing is left.</summary>
    public const string Nothing = "The order system refused the request.";

    public static string Text(string message)
    {
        var lines = message
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .TakeWhile(line => !Inside.Traceback().IsMatch(line))
            .Where(line => !Inside.Line().IsMatch(line))
            .Select(line => Inside.Word().Replace(line, Gone))
            .Where(line => line.Any(char.IsLetter));
        var text = string.Join(' ', lines);
        return text.Length switch
        {
            0 => Nothing,
            > MaxLength => text[..MaxLength] + Gone,
            _ => text,
        };
    }
}
