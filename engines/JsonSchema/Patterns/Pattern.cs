using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.JsonSchema.Patterns;

/// <summary>The outcome of a match; backtracking can take too long and is then given up.</summary>
internal enum PatternResult
{
    NoMatch,
    Match,
    Slow,
}

/// <summary>An ECMA-262 regular expression, ready to search UTF-8 text.</summary>
internal sealed class Pattern
{
    private static readonly TimeSpan PatienceWithBacktracking = TimeSpan.FromMilliseconds(100);

    private readonly Automaton? _automaton;
    private readonly Regex? _regex;

    private Pattern(Automaton? automaton, Regex? regex)
    {
        _automaton = automaton;
        _regex = regex;
    }

    /// <summary>Parses and translates. False with the reason when it is no regular expression or one .NET cannot run.</summary>
    public static bool TryCreate(string text, [NotNullWhen(true)] out Pattern? pattern, [NotNullWhen(false)] out string? fault)
    {
        pattern = null;
        if (PatternParser.Parse(text, strict: false, out fault) is not { } node)
        {
            fault ??= "it cannot be read";
            return false;
        }
        if (AutomatonBuilder.TryBuild(node) is { } automaton)
            pattern = new Pattern(automaton, null);
        else if (CreateRegex(node) is { } regex)
            pattern = new Pattern(null, regex);
        else
            fault = "it is too large to run";
        return pattern is not null;
    }

    /// <summary>Whether the pattern occurs anywhere in the text.</summary>
    public PatternResult Matches(ReadOnlySpan<byte> utf8)
    {
        if (_automaton is null)
            return Search(utf8);
        return _automaton.Matches(utf8) ? PatternResult.Match : PatternResult.NoMatch;
    }

    private PatternResult Search(ReadOnlySpan<byte> utf8)
    {
        char[]? rented = null;
        Span<char> buffer = utf8.Length <= 256 ? stackalloc char[256] : rented = ArrayPool<char>.Shared.Rent(utf8.Length);
        ReadOnlySpan<char> text = buffer[..Encoding.UTF8.GetChars(utf8, buffer)];
        PatternResult result = Search(text);
        if (rented is not null)
            ArrayPool<char>.Shared.Return(rented);
        return result;
    }

    private PatternResult Search(ReadOnlySpan<char> text)
    {
        try
        {
            return _regex!.IsMatch(text) ? PatternResult.Match : PatternResult.NoMatch;
        }
        catch (RegexMatchTimeoutException)
        {
            // The framework has no other way to give up.
            return PatternResult.Slow;
        }
    }

    private static Regex? CreateRegex(PatternNode node)
    {
        (string pattern, bool needsBacktracking) = DotNetPattern.Write(node);
        return (needsBacktracking ? null : TryCreateRegex(pattern, RegexOptions.NonBacktracking))
            ?? TryCreateRegex(pattern, RegexOptions.None);
    }

    // Not every pattern fits the linear engine, and the framework says so only by throwing.
    private static Regex? TryCreateRegex(string pattern, RegexOptions options)
    {
        try
        {
            return new Regex(pattern, options | RegexOptions.CultureInvariant, PatienceWithBacktracking);
        }
        catch (Exception refusal) when (refusal is NotSupportedException or ArgumentException)
        {
            return null;
        }
    }
}
