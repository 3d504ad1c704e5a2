using System.Buffers;
using System.Runtime.CompilerServices;
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

    /// <summary>The position behind the string that starts at <paramref name="at"/>, or -1 when it is not valid.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Check(ReadOnlySpan<byte> text, int at, Run run)
    {
        int end = JsonScan.StringEnd(text, at, out bool escaped);
        ReadOnlySpan<byte> raw = text[(at + 1)..(end - 1)];
        // Only what may be wrong is looked at closely, a second time if need be. That is also quicker for what is right: the
        // processor takes the branch for granted and goes on behind the string while the pattern still runs.
        if (!escaped && HasPlainLength(raw) && (Pattern is null || Pattern.Matches(raw) == PatternResult.Match)
            && (Format is null || Format(raw)) && (Content is null || Content(raw)))
        {
            return end;
        }
        bool valid = escaped ? CheckEscaped(raw, run) : CheckContents(raw, run);
        return valid ? end : -1;
    }

    // A code point has one to four bytes: mostly the byte count alone decides.
    private bool HasPlainLength(ReadOnlySpan<byte> contents) => contents.Length <= MaxLength && contents.Length > (MinLength - 1) * 4L;

    private bool CheckContents(ReadOnlySpan<byte> contents, Run run)
    {
        bool valid = HasPlainLength(contents) || CheckLength(contents, run);
        if (Pattern is not null && (valid || !run.Stops))
            valid &= CheckPattern(contents, run);
        if (Format is not null && (valid || !run.Stops))
            valid &= Format(contents) || run.Fail(FormatSite!);
        if (Content is not null && (valid || !run.Stops))
            valid &= Content(contents) || run.Fail(ContentSite!);
        return valid;
    }

    private bool CheckEscaped(ReadOnlySpan<byte> raw, Run run)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(raw.Length);
        bool valid = CheckContents(buffer.AsSpan(0, JsonText.Unescape(raw, buffer)), run);
        ArrayPool<byte>.Shared.Return(buffer);
        return valid;
    }

    private bool CheckLength(ReadOnlySpan<byte> contents, Run run)
    {
        int length = JsonText.CodePoints(contents);
        if (length < MinLength)
            return run.Fail(MinSite!);
        return length <= MaxLength || run.Fail(MaxSite!);
    }

    private bool CheckPattern(ReadOnlySpan<byte> contents, Run run) => Pattern!.Matches(contents) switch
    {
        PatternResult.Match => true,
        PatternResult.NoMatch => run.Fail(PatternSite!),
        _ => run.AbortSlowPattern(),
    };
}
