using System.Text.RegularExpressions;
using Gateway.Jsonata.Syntax;

namespace Gateway.Jsonata.Library;

/// <summary>
/// A regular expression as JSONata's functions see it. It runs in time linear in the text where its pattern allows
/// that, and under a time limit where it doesn't.
/// </summary>
internal sealed class Matcher : Function
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly Lazy<Regex> _regex;
    private readonly int _position;

    // Linear ones are milliseconds in the making, and a mapping holds those of all functions of its folder: each is made when it is first asked.
    private Matcher(Regex regex, bool linear, int position)
    {
        _regex = linear ? new Lazy<Regex>(() => Linear(regex)) : new Lazy<Regex>(regex);
        _position = position;
    }

    public override int Arity => 2;

    /// <param name="literal">Pattern, slash, flags.</param>
    /// <param name="position">Where it stands in the source.</param>
    /// <exception cref="SyntaxFailure">The pattern is not valid.</exception>
    public static Matcher Compile(string literal, int position)
    {
        var slash = literal.LastIndexOf('/');
        var flags = literal[(slash + 1)..];
        try
        {
            var pattern = PatternTranslation.ToDotNet(literal[..slash], out var needsBacktracking);
            var options = RegexOptions.CultureInvariant
                | (flags.Contains('i') ? RegexOptions.IgnoreCase : RegexOptions.None)
                | (flags.Contains('m') ? RegexOptions.Multiline : RegexOptions.None);
            // Without the m flag a dollar is only the end of the text, which .NET writes differently.
            pattern = pattern.Replace(PatternTranslation.EndMark, flags.Contains('m') ? "$" : "\\z");
            return new Matcher(new Regex(pattern, options, Patience), !needsBacktracking, position);
        }
        catch (ArgumentException exception)
        {
            throw new SyntaxFailure("S0602", position, $"the regular expression is not valid: {exception.Message}", "correct the pattern");
        }
    }

    public override Value Invoke(Evaluation run, ReadOnlySpan<Value> arguments, in Value context) =>
        arguments.Length > 0 && arguments[0].AsString() is { } text && TryMatch(run, text, 0, out var hit) ? Describe(run, hit, text) : default;

    /// <summary>Whether the text holds a match, without saying where.</summary>
    public bool IsMatch(Evaluation run, ReadOnlySpan<char> text)
    {
        Pay(run, text.Length);
        try
        {
            return _regex.Value.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            throw TooSlow(run);
        }
    }

    /// <summary>The first match from an offset on.</summary>
    public bool TryMatch(Evaluation run, string text, int from, out Hit hit)
    {
        Pay(run, text.Length - from);
        try
        {
            var match = _regex.Value.Match(text, from);
            hit = match.Success ? new Hit(match.Value, match.Index, match.Index + match.Length, GroupsOf(match), null) : default;
            return match.Success;
        }
        catch (RegexMatchTimeoutException)
        {
            throw TooSlow(run);
        }
    }

    /// <summary>The match after a given one; an empty match would be found for ever and is error D1004.</summary>
    public bool TryNext(Evaluation run, string text, in Hit last, out Hit hit)
    {
        hit = default;
        if (last.End >= text.Length || !TryMatch(run, text, last.End, out hit))
        {
            return false;
        }
        return hit.Text.Length > 0 ? true : throw new JsonataFailure("D1004", "the regular expression matches the empty string", _position);
    }

    private static JsonataFailure TooSlow(Evaluation run) =>
        run.Fail("U1001", $"the regular expression takes longer than {Patience.TotalMilliseconds} ms");

    private void Pay(Evaluation run, int characters)
    {
        run.Charge(1 + (characters / 64));
        if ((_regex.Value.Options & RegexOptions.NonBacktracking) == 0)
        {
            run.CheckTime();
        }
    }

    /// <summary>The same in time linear in the text; itself where the framework knows no way.</summary>
    private static Regex Linear(Regex regex)
    {
        try
        {
            return new Regex(regex.ToString(), regex.Options | RegexOptions.NonBacktracking, Patience);
        }
        catch (NotSupportedException)
        {
            return regex;
        }
    }

    private Value Describe(Evaluation run, Hit hit, string text)
    {
        var map = new ValueMap(5);
        map.Append("match", Value.From(hit.Text));
        map.Append("start", Value.From(hit.Start));
        map.Append("end", Value.From(hit.End));
        map.Append("groups", hit.Groups);
        map.Append("next", Value.From(new NativeFunction("next", Signature.Known("<>"), 0, (evaluation, _) => TryNext(evaluation, text, hit, out var next) ? Describe(evaluation, next, text) : default)));
        return Value.From(map);
    }

    private static Value GroupsOf(Match match)
    {
        var groups = new ValueList(match.Groups.Count - 1);
        for (var i = 1; i < match.Groups.Count; i++)
        {
            groups.Add(match.Groups[i].Success ? Value.From(match.Groups[i].Value) : default);
        }
        return Value.From(groups);
    }
}

/// <summary>A match: where it is, its groups, and the function that finds the one after it when a user's own matcher made it.</summary>
internal readonly record struct Hit(string Text, int Start, int End, Value Groups, Function? Next);

/// <summary>The matches a regular expression, or a function that behaves like one, finds in a text.</summary>
internal struct Hits(Evaluation run, Function matcher, string text)
{
    private Hit _current;
    private bool _started;

    public readonly Hit Current => _current;

    public bool MoveNext()
    {
        var first = !_started;
        _started = true;
        if (matcher is Matcher regex)
        {
            var last = _current;
            return first ? regex.TryMatch(run, text, 0, out _current) : regex.TryNext(run, text, last, out _current);
        }
        var found = first ? Ask(matcher, [Value.From(text)]) : _current.Next is { } next ? Ask(next, []) : default;
        if (found.IsUndefined)
        {
            return false;
        }
        var start = found["start"].AsDouble() ?? 0;
        var match = found["match"].AsString() ?? "";
        var end = found["end"].AsDouble() ?? start + match.Length;
        _current = new Hit(match, Offset(start), Offset(end), found["groups"], found["next"].Function);
        return true;
    }

    private readonly int Offset(double position) => (int)Math.Clamp(position, 0, text.Length);

    private readonly Value Ask(Function function, ReadOnlySpan<Value> arguments)
    {
        var site = run.Site;
        run.Step();
        var found = Sequences.Settle(function.Invoke(run, arguments, Value.Null), false);
        run.Site = site;
        if (found.IsUndefined || found["start"].Kind == JsonataKind.Number || found["groups"].Kind == JsonataKind.Array || found["next"].Kind == JsonataKind.Function)
        {
            return found;
        }
        throw run.Fail("T1010", "the function given as a matcher does not return a match");
    }
}
