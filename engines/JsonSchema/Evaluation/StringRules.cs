using System.Buffers;
using System.Text.Json;
using Gateway.JsonSchema.Formats;
using Gateway.JsonSchema.Patterns;
using Gateway.JsonSchema.Values;

namespace Gateway.JsonSchema.Evaluation;

/// <summary>What a schema says about strings. Lengths are in Unicode code points.</summary>
internal sealed class StringRules
{
    public int MinLength { get; set; }

    public int MaxLength { get; set; } = int.MaxValue;

    public KeywordSite? MinSite { get; set; }

    public KeywordSite? MaxSite { get; set; }

    public Pattern? Pattern { get; set; }

    public KeywordSite? PatternSite { get; set; }

    public FormatCheck? Format { get; set; }

    public KeywordSite? FormatSite { get; set; }

    public FormatCheck? Content { get; set; }

    public KeywordSite? ContentSite { get; set; }

    public bool IsEmpty => MinSite is null && MaxSite is null && Pattern is null && Format is null && Content is null;

    public bool Check(JsonElement value, Run run)
    {
        ReadOnlySpan<byte> raw = JsonText.Raw(value);
        return JsonText.IsEscaped(raw) ? CheckEscaped(raw, run) : CheckText(raw, run);
    }

    /// <summary>Checks unescaped text.</summary>
    public bool CheckText(ReadOnlySpan<byte> text, Run run)
    {
        bool valid = (MinSite is null && MaxSite is null) || CheckLength(text, run);
        if (Pattern is not null && (valid || !run.Stops))
            valid &= CheckPattern(text, run);
        if (Format is not null && (valid || !run.Stops))
            valid &= Format(text) || run.Fail(FormatSite!);
        if (Content is not null && (valid || !run.Stops))
            valid &= Content(text) || run.Fail(ContentSite!);
        return valid;
    }

    private bool CheckEscaped(ReadOnlySpan<byte> raw, Run run)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(raw.Length);
        bool valid = CheckText(buffer.AsSpan(0, JsonText.Unescape(raw, buffer)), run);
        ArrayPool<byte>.Shared.Return(buffer);
        return valid;
    }

    private bool CheckLength(ReadOnlySpan<byte> text, Run run)
    {
        // A code point has one to four bytes: mostly the byte count alone decides.
        if (text.Length <= MaxLength && text.Length >= MinLength * 4L)
            return true;
        int length = JsonText.CodePoints(text);
        if (length < MinLength)
            return run.Fail(MinSite!);
        return length <= MaxLength || run.Fail(MaxSite!);
    }

    private bool CheckPattern(ReadOnlySpan<byte> text, Run run) => Pattern!.Matches(text) switch
    {
        PatternResult.Match => true,
        PatternResult.NoMatch => run.Fail(PatternSite!),
        _ => run.AbortSlowPattern(),
    };
}
