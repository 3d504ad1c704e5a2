using System.Globalization;
using System.Text;

namespace Gateway.Jsonata.Library;

/// <summary>Searching, splitting and replacing, by text or by pattern.</summary>
internal static class MatchFunctions
{
    public static readonly BuiltIn[] All =
    [
        new("contains", "<s-(sf):b>", 2, Contains),
        new("match", "<s-f<s:o>n?:a<o>>", 3, Match),
        new("split", "<s-(sf)n?:a<s>>", 3, Split),
        new("replace", "<s-(sf)(sf)n?:s>", 4, Replace),
    ];

    private static Value Contains(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined || a[1].IsUndefined)
        {
            return default;
        }
        if (a[1].Kind == JsonataKind.String)
        {
            return Value.From(a[0].Text.Contains(a[1].Text, StringComparison.Ordinal));
        }
        if (a[1].Function is Matcher matcher)
        {
            using var text = new TextBuffer(stackalloc char[128]);
            text.Append(a[0]);
            return Value.From(matcher.IsMatch(run, text.Characters));
        }
        var hits = new Hits(run, a[1].Function!, a[0].Text);
        return Value.From(hits.MoveNext());
    }

    private static Value Match(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined)
        {
            return default;
        }
        var limit = Limit(run, a, 2, "D3040");
        var found = ValueList.Sequence();
        if (a[1].Function is not { } matcher)
        {
            return Value.From(found);
        }
        var hits = new Hits(run, matcher, a[0].Text);
        while (found.Count < limit && hits.MoveNext())
        {
            run.Step();
            var map = new ValueMap(3);
            map.Append("match", Value.From(hits.Current.Text));
            map.Append("index", Value.From(hits.Current.Start));
            map.Append("groups", hits.Current.Groups);
            found.Add(Value.From(map));
        }
        return Value.From(found);
    }

    private static Value Split(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined)
        {
            return default;
        }
        var limit = Limit(run, a, 2, "D3020");
        var text = a[0].Text;
        run.ChargeText(text.Length);
        var parts = new ValueList();
        if (limit <= 0)
        {
            return Value.From(parts);
        }
        if (a[1].Function is { } matcher)
        {
            SplitByPattern(run, text, matcher, limit, parts);
        }
        else
        {
            SplitByText(run, text, a[1].IsUndefined ? null : a[1].Text, Math.Floor(limit), parts);
        }
        return Value.From(parts);
    }

    private static void SplitByPattern(Evaluation run, string text, Function matcher, double limit, ValueList parts)
    {
        var start = 0;
        var hits = new Hits(run, matcher, text);
        while (parts.Count < limit && hits.MoveNext())
        {
            run.Step();
            parts.Add(Value.From(text[start..Math.Max(start, hits.Current.Start)]));
            start = Math.Max(start, hits.Current.End);
        }
        if (parts.Count < limit)
        {
            parts.Add(Value.From(text[start..]));
        }
    }

    private static void SplitByText(Evaluation run, string text, string? separator, double limit, ValueList parts)
    {
        if (separator == "")
        {
            foreach (var c in text)
            {
                if (parts.Count < limit)
                {
                    run.Step();
                    parts.Add(Value.From(c.ToString()));
                }
            }
            return;
        }
        var start = 0;
        while (parts.Count < limit)
        {
            run.Step();
            var at = separator is null ? -1 : text.IndexOf(separator, start, StringComparison.Ordinal);
            parts.Add(Value.From(at < 0 ? text[start..] : text[start..at]));
            if (at < 0)
            {
                return;
            }
            start = at + separator!.Length;
        }
    }

    private static Value Replace(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined)
        {
            return default;
        }
        if (a[1].Kind == JsonataKind.String && a[1].Text.Length == 0)
        {
            throw run.Fail("D3010", "an empty string cannot be replaced");
        }
        var limit = Limit(run, a, 3, "D3011");
        if (limit <= 0)
        {
            return a[0];
        }
        var text = a[0].Text;
        var result = new StringBuilder();
        var count = 0;
        var at = 0;
        if (a[1].Function is { } matcher)
        {
            var hits = new Hits(run, matcher, text);
            while (count++ < limit && hits.MoveNext())
            {
                result.Append(text, at, Math.Max(0, hits.Current.Start - at));
                Append(run, result, Substitute(run, a[2], hits.Current));
                at = Math.Min(text.Length, hits.Current.Start + hits.Current.Text.Length);
            }
        }
        else if (!a[1].IsUndefined)
        {
            var sought = a[1].Text;
            var replacement = a[2].Kind == JsonataKind.String ? a[2].Text : JsonText.Of(run, a[2]);
            for (var next = text.IndexOf(sought, StringComparison.Ordinal); next >= 0 && count++ < limit; next = text.IndexOf(sought, at, StringComparison.Ordinal))
            {
                result.Append(text, at, next - at);
                Append(run, result, replacement);
                at = next + sought.Length;
            }
        }
        run.ChargeText(result.Length + text.Length - at);
        return Value.From(at == 0 && result.Length == 0 ? text : result.Append(text, at, text.Length - at).ToString());
    }

    private static void Append(Evaluation run, StringBuilder result, string replacement)
    {
        run.Step();
        result.Append(replacement);
        if (result.Length > run.Options.MaxOutputBytes)
        {
            run.ChargeText(result.Length);
        }
    }

    private static string Substitute(Evaluation run, in Value replacement, Hit hit)
    {
        if (replacement.Kind == JsonataKind.String)
        {
            return Expand(replacement.Text, hit);
        }
        if (replacement.Function is not { } function)
        {
            throw run.Fail("D3012", "a match can only be replaced with a string");
        }
        var map = new ValueMap(4);
        map.Append("match", Value.From(hit.Text));
        map.Append("start", Value.From(hit.Start));
        map.Append("end", Value.From(hit.End));
        map.Append("groups", hit.Groups);
        var site = run.Site;
        var text = function.Invoke(run, [Value.From(map)], Value.Null);
        run.Site = site;
        return text.AsString() ?? throw run.Fail("D3012", "a match can only be replaced with a string");
    }

    /// <summary>Fills $0, $1 … in; a number with more digits than there are groups for gives its last digits back as text.</summary>
    private static string Expand(string replacement, in Hit hit)
    {
        var dollar = replacement.IndexOf('$');
        if (dollar < 0)
        {
            return replacement;
        }
        var groups = hit.Groups.Kind == JsonataKind.Array ? hit.Groups.ToList() : new ValueList(0);
        var result = new StringBuilder();
        var at = 0;
        for (; dollar >= 0; dollar = at < replacement.Length ? replacement.IndexOf('$', at) : -1)
        {
            result.Append(replacement, at, dollar - at);
            at = dollar + 1;
            var next = at < replacement.Length ? replacement[at] : '\0';
            if (next is '$' or '0')
            {
                result.Append(next == '$' ? "$" : hit.Text);
                at++;
                continue;
            }
            var digits = groups.Count == 0 ? 1 : (int)Math.Floor(Math.Log10(groups.Count)) + 1;
            var group = LeadingNumber(replacement, at, digits);
            if (digits > 1 && group > groups.Count)
            {
                group = LeadingNumber(replacement, at, digits - 1);
            }
            if (group < 0)
            {
                result.Append('$');
                continue;
            }
            if (group >= 1 && group <= groups.Count && !groups[group - 1].IsUndefined)
            {
                result.Append(groups[group - 1].AsString());
            }
            at += group.ToString(CultureInfo.InvariantCulture).Length;
        }
        return result.Append(replacement, at, replacement.Length - at).ToString();
    }

    private static int LeadingNumber(string text, int at, int maxDigits)
    {
        var end = at;
        while (end < text.Length && end - at < maxDigits && char.IsAsciiDigit(text[end]))
        {
            end++;
        }
        return end == at ? -1 : int.Parse(text.AsSpan(at, end - at), CultureInfo.InvariantCulture);
    }

    private static double Limit(Evaluation run, ReadOnlySpan<Value> a, int index, string code)
    {
        if (index >= a.Length || a[index].IsUndefined)
        {
            return double.PositiveInfinity;
        }
        var limit = Numeric.ToDouble(a[index]);
        return limit >= 0 ? limit : throw run.Fail(code, "the limit must not be negative");
    }
}
