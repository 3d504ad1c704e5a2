using System.Buffers;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gateway.Configuration.Yaml;

/// <summary>
/// Reads one YAML 1.2 document strictly: a member written twice, a second document, a tag, a merge key or an alias that multiplies
/// the document beyond <see cref="MaxNodes"/> is a diagnostic.
/// </summary>
public sealed class YamlReader
{
    private const int MaxNodes = 200_000;
    private const int MaxDepth = 64;
    private const char ByteOrderMark = '\uFEFF';

    private static readonly SearchValues<char> Controls = SearchValues.Create(
        [.. Enumerable.Range(0, 0xA0).Where(c => c < 0x20 ? c is not ('\t' or '\n' or '\r') : c >= 0x7F && c != 0x85).Select(c => (char)c), '\uFFFE', '\uFFFF']);

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly string _file;
    private readonly ICollection<Diagnostic> _diagnostics;
    private readonly Dictionary<AnchorName, Node> _anchors = [];
    private IParser _parser = null!;
    private int _nodes;

    private YamlReader(string file, ICollection<Diagnostic> diagnostics)
    {
        _file = file;
        _diagnostics = diagnostics;
    }

    /// <summary>The same for a file as it is: UTF-8, with or without a byte order mark.</summary>
    public static Node? Read(string file, ReadOnlySpan<byte> utf8, ICollection<Diagnostic> diagnostics)
    {
        try
        {
            return Read(file, Strict.GetString(utf8).TrimStart(ByteOrderMark), diagnostics);
        }
        catch (DecoderFallbackException)
        {
            diagnostics.Add(new Diagnostic("GW1001", Severity.Error, new Place(file, 1, 1), "the file is not UTF-8", "save it as UTF-8"));
            return null;
        }
    }

    /// <summary>The document's root, or null when it is empty or can't be read (then there is a diagnostic).</summary>
    public static Node? Read(string file, string text, ICollection<Diagnostic> diagnostics) =>
        new YamlReader(file, diagnostics).Read(text);

    private Node? Read(string text)
    {
        if (FindControl(text) is { } control)
        {
            Error("GW1001", control, "a control character stands here, which YAML does not allow", "remove it, or write it as an escape in double quotes");
            return null;
        }
        try
        {
            _parser = new Parser(new StringReader(text));
            _parser.Consume<StreamStart>();
            if (_parser.TryConsume<StreamEnd>(out _)) return null;
            if (_parser.Consume<DocumentStart>() is { Version: { } directive } start && directive.Version is not { Major: 1, Minor: 2 })
                Error("GW1001", At(start.Start), "the document says that it is of another version of YAML", "remove the line %YAML: documents are YAML 1.2");
            var root = ReadNode(0);
            _parser.Consume<DocumentEnd>();
            if (_parser.Accept<DocumentStart>(out var second))
                Error("GW1002", At(second.Start), "a second document in one file", "put it into a file of its own");
            return root is Node.Scalar { IsNull: true } ? null : root;
        }
        catch (YamlException broken)
        {
            Explain(broken, text);
            return null;
        }
        catch (Exception confused) when (confused is InvalidOperationException or ArgumentException)
        {
            // The parser has texts that it neither takes nor refuses.
            Error("GW1001", _parser.Current is { } last ? At(last.End) : new Place(_file, 1, 1), "not valid YAML after this place", "check the indentation and the quotes around here");
            return null;
        }
    }

    private Node ReadNode(int depth)
    {
        if (++_nodes > MaxNodes || depth > MaxDepth)
            throw new Refused(_parser.Current!, "the document has more than 200,000 nodes, or is nested deeper than 64", "split it into several files");
        switch (_parser.Current)
        {
            case AnchorAlias alias:
                _parser.MoveNext();
                if (!_anchors.TryGetValue(alias.Value, out var anchored))
                    throw new Refused(alias, $"the anchor '{alias.Value}' is not defined above", "define it before it is used, or write the value out");
                _nodes += Count(anchored);
                if (_nodes > MaxNodes) throw new Refused(alias, "aliases multiply this document beyond 200,000 nodes", "write out what is needed");
                return anchored;
            case Scalar scalar:
                _parser.MoveNext();
                return Remember(scalar, new Node.Scalar(scalar.Value, scalar.Style == ScalarStyle.Plain, At(scalar.Start)));
            case SequenceStart start:
                return ReadList(start, depth);
            case MappingStart start:
                return ReadMap(start, depth);
            default:
                throw new Refused(_parser.Current!, "a value was expected here", "write one");
        }
    }

    private Node ReadList(SequenceStart start, int depth)
    {
        _parser.MoveNext();
        var items = new List<Node>();
        while (!_parser.TryConsume<SequenceEnd>(out _)) items.Add(ReadNode(depth + 1));
        return Remember(start, new Node.List(items, At(start.Start)));
    }

    private Node ReadMap(MappingStart start, int depth)
    {
        _parser.MoveNext();
        var members = new List<Member>();
        var lines = new Dictionary<string, int>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var place = At(_parser.Current!.Start);
            if (ReadNode(depth + 1) is not Node.Scalar name)
            {
                Error("GW1003", place, "a member's name must be plain text", "write it as name: value");
                ReadNode(depth + 1);
                continue;
            }
            var value = ReadNode(depth + 1);
            if (name is { Text: "<<", Plain: true })
                Error("GW1004", place, "merge keys (<<) are not part of YAML 1.2", "write the members out, or give the policy a name and use it");
            else if (!lines.TryAdd(name.Text, place.Line))
                Error("GW1005", place, $"'{name.Text}' is written twice", $"remove one; the first is in line {lines[name.Text]}");
            else
                members.Add(new Member(name.Text, place, value));
        }
        return Remember(start, new Node.Map(members, At(start.Start)));
    }

    private Node Remember(NodeEvent start, Node node)
    {
        if (!start.Tag.IsEmpty && !start.Tag.IsNonSpecific)
            Error("GW1006", node.Place, $"the tag '{start.Tag}' is not known", "remove it; types follow from where a value stands");
        if (!start.Anchor.IsEmpty) _anchors[start.Anchor] = node;
        return node;
    }

    private static int Count(Node node) => node switch
    {
        Node.List list => 1 + list.Items.Sum(Count),
        Node.Map map => 1 + map.Members.Sum(m => Count(m.Value)),
        _ => 1,
    };

    private void Explain(YamlException broken, string text)
    {
        if (broken is Refused own)
        {
            Error("GW1001", At(own.Start), own.Message, own.Cure);
            return;
        }
        if (FindTab(text, (int)broken.Start.Line, anywhere: broken.Message.Contains("invalid tab", StringComparison.Ordinal)) is { } tab)
        {
            Error("GW1001", tab, "a tab is used to indent", "indent with spaces");
            return;
        }
        var message = broken.Message.Trim();
        var colon = message.StartsWith('(') ? message.IndexOf("): ", StringComparison.Ordinal) : -1;
        if (colon > 0) message = message[(colon + 3)..];
        Error("GW1001", At(broken.Start), $"not valid YAML: {message.TrimEnd('.')}", CureOf(message));
    }

    /// <summary>Most of what the parser can't read is text that needs quotes; which, follows from where it stopped.</summary>
    private static string CureOf(string message) => message switch
    {
        _ when message.Contains("anchor or alias", StringComparison.Ordinal) => "put text that begins with * or & in quotes",
        _ when message.Contains("cannot start any token", StringComparison.Ordinal) => "put text that begins with @, ` or % in quotes",
        _ when message.Contains("invalid mapping", StringComparison.Ordinal) => "put text that holds a colon and a space in quotes",
        _ when message.Contains("flow mapping", StringComparison.Ordinal) || message.Contains("flow sequence", StringComparison.Ordinal) => "close what was opened, and put text that holds { } [ ] , or # in quotes",
        _ => "check the indentation and the quotes around here",
    };

    /// <summary>YAML 1.2.2 section 5.1: what may stand in a document at all.</summary>
    private Place? FindControl(string text)
    {
        var at = text.AsSpan().IndexOfAny(Controls);
        if (at < 0) return null;
        var before = text.AsSpan(0, at);
        return new Place(_file, before.Count('\n') + 1, at - before.LastIndexOf('\n'));
    }

    /// <summary>The parser names the mapping in which a tab made it fail; the tab itself is in that line or in the next, if it was the tab at all.</summary>
    private Place? FindTab(string text, int from, bool anywhere)
    {
        var lines = text.Split('\n');
        for (var line = from; line >= 1 && line <= (anywhere ? lines.Length : Math.Min(from + 1, lines.Length)); line++)
        {
            var indent = lines[line - 1].AsSpan();
            indent = indent[..^indent.TrimStart(" \t").Length];
            if (indent.IndexOf('\t') is >= 0 and var column) return new Place(_file, line, column + 1);
        }
        return null;
    }

    private Place At(Mark mark) => new(_file, (int)mark.Line, (int)mark.Column);

    private void Error(string code, Place place, string message, string cure) =>
        _diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));

    /// <summary>What this reader itself does not take.</summary>
    private sealed class Refused(ParsingEvent at, string message, string cure) : YamlException(at.Start, at.End, message)
    {
        public string Cure { get; } = cure;
    }
}
