namespace Gateway.Cli.Reports;

/// <summary>A page of docs/diagnostics, which the program carries so that reports can explain their findings.</summary>
/// <param name="Meaning">Its first paragraph: what the code means.</param>
/// <param name="Markdown">The whole page.</param>
internal sealed record CarriedPage(string Meaning, string Markdown)
{
    /// <summary>The page of a code; null for what has none.</summary>
    public static CarriedPage? Find(string code)
    {
        using var stream = typeof(CarriedPage).Assembly.GetManifestResourceStream($"diagnostics/{code}.md");
        if (stream is null) return null;
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        return new CarriedPage(text.Split("\n\n")[1], text);
    }
}
