using System.Collections;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Cases;
using Gateway.Configuration;
using Gateway.Policies.Transform;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>
/// The entries of the shipped code tables, each in every direction that a mapping reads, and the cases that look them up. An entry is proved
/// where another code in its place, or none at all, makes something else of a case.
/// </summary>
internal sealed partial class CodeEntries
{
    private readonly LoadedWorkspace _loaded = WorkspaceLoader.Load(WorkspaceFiles.Read(Repository.Root), new LoadOptions { ResolveSecrets = false });
    private readonly Dictionary<(string Table, string Side), WatchedCodes> _sides = [];
    private readonly Dictionary<string, CodeTable> _tables = [];
    private readonly HashSet<(string Table, string Side)> _read = [];

    public CodeEntries()
    {
        foreach (var (name, table) in _loaded.Document!.Codes) _tables[name] = Watched(name, table);
        foreach (var mapping in _loaded.Files.Paths.Where(p => p.EndsWith(Mapping.Extension, StringComparison.Ordinal)))
        {
            foreach (Match call in LookUp().Matches(Encoding.UTF8.GetString(_loaded.Files[mapping]!.Value.Span)))
                _read.Add((call.Groups[1].Value, call.Groups[2].Success ? call.Groups[2].Value : _tables[call.Groups[1].Value].MainSide));
        }
        Run();
    }

    /// <summary>What no case proves of a table, as <c>side: value</c>; (default) is what stands for values without an entry.</summary>
    public IEnumerable<string> Unproved(string table) => _sides
        .Where(s => s.Key.Table == table && _read.Contains(s.Key))
        .SelectMany(s => s.Value.Unproved().Select(value => $"{s.Key.Side}: {value}"));

    private CodeTable Watched(string name, CodeTableDocument table)
    {
        var back = table.Back.Items.ToDictionary(p => p.Value, p => p.Code);
        foreach (var pair in table.Values.Items) back.TryAdd(pair.Code, pair.Value);
        return new CodeTable(name,
            new CodeTable.Side(table.From, table.OneWay ? null : Watch(table.From, back, table.BackDefault), table.BackDefault),
            new CodeTable.Side(table.To, Watch(table.To, table.Values.Items.ToDictionary(p => p.Value, p => p.Code), table.Default), table.Default) { IsOptional = table.Optional });

        WatchedCodes Watch(string side, Dictionary<string, string> codes, string? otherwise) => _sides[(name, side)] = new WatchedCodes(codes, otherwise);
    }

    private void Run()
    {
        var workspace = MappingWorkspace.Of(_loaded);
        var files = new MappingFiles(workspace.File, prefix => _loaded.Files.Paths.Where(p => p.StartsWith(prefix, StringComparison.Ordinal)));
        foreach (var name in workspace.Mappings)
        {
            var mapping = Mapping.Compile(name, workspace.File(Mapping.Path(name))!.Value, files, _tables);
            var cases = MappingCases.Of(name, workspace)!;
            foreach (var one in cases.Document!.Cases)
            {
                var again = () => Said(mapping.Run(one.Input, cases.Facts(one.Given)));
                var said = again();
                foreach (var side in _sides.Values) side.Note(said, again);
            }
        }
    }

    private static string Said((ReadOnlyMemory<byte>? Output, MappingError? Error) result) =>
        result.Error?.Message ?? (result.Output is { } output ? Encoding.UTF8.GetString(output.Span) : "");

    [GeneratedRegex("""\$lookupCode\(\s*"([^"/]+)(?:/([^"]+))?" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex LookUp();

    /// <summary>One side of a table: knows which of its values were asked for, by which case, and can say something wrong of one of them.</summary>
    private sealed class WatchedCodes(Dictionary<string, string> codes, string? otherwise) : IReadOnlyDictionary<string, string>
    {
        private const string Otherwise = "(default)";

        private readonly Dictionary<string, List<(string Said, Func<string> Again)>> _cases = [];
        private readonly HashSet<string> _asked = [];
        private (string Value, string? Code)? _wrong;

        public int Count => codes.Count;

        public IEnumerable<string> Keys => codes.Keys;

        public IEnumerable<string> Values => codes.Values;

        public string this[string key] => codes[key];

        /// <summary>Ends a case.</summary>
        public void Note(string said, Func<string> again)
        {
            foreach (var value in _asked)
            {
                if (!_cases.TryGetValue(value, out var cases)) _cases[value] = cases = [];
                cases.Add((said, again));
            }
            _asked.Clear();
        }

        public IEnumerable<string> Unproved()
        {
            foreach (var (value, code) in codes)
            {
                // A code that is the default too is there for people.
                if (!IsNoticed(value, "another-" + code) || (code != otherwise && !IsNoticed(value, null))) yield return value;
            }
            if (otherwise is not null && !_cases.ContainsKey(Otherwise)) yield return Otherwise;
        }

        private bool IsNoticed(string value, string? code)
        {
            _wrong = (value, code);
            var noticed = _cases.GetValueOrDefault(value, []).Any(c => c.Again() != c.Said);
            _wrong = null;
            return noticed;
        }

        public bool TryGetValue(string key, out string value)
        {
            var known = codes.TryGetValue(key, out value!);
            _asked.Add(known ? key : Otherwise);
            if (_wrong is not { } wrong || wrong.Value != key) return known;
            value = wrong.Code!;
            return wrong.Code is not null;
        }

        public bool ContainsKey(string key) => codes.ContainsKey(key);

        public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => codes.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
