using System.Text;

namespace Gateway.JsonSchema.Evaluation;

/// <summary>
/// The errors found so far. An error starts with an empty pointer; each container puts its own step in front while the evaluation
/// returns, so that a valid instance pays nothing for pointers.
/// </summary>
internal sealed class ErrorLog(int capacity)
{
    private readonly List<Entry> _entries = [];

    public int Count => _entries.Count;

    public bool IsFull => _entries.Count >= capacity;

    public void Add(KeywordSite site, string message)
    {
        if (!IsFull)
            _entries.Add(new Entry(site, message));
    }

    public bool Has(KeywordSite site) => _entries.Exists(entry => entry.Site == site);

    /// <summary>Adds an error that must be told, in the place of another when there is no room.</summary>
    public void Insist(KeywordSite site, string message)
    {
        if (IsFull)
            Truncate(_entries.Count - 1);
        Add(site, message);
    }

    /// <summary>Puts a step in front of the pointers of all errors from <paramref name="from"/> on.</summary>
    public void Prefix(int from, string step)
    {
        for (int i = from; i < _entries.Count; i++)
            _entries[i].Steps.Add(step);
    }

    public void MarkSensitive(int from)
    {
        for (int i = from; i < _entries.Count; i++)
            _entries[i].Sensitive = true;
    }

    public void Truncate(int count) => _entries.RemoveRange(count, _entries.Count - count);

    public string MessageAt(int index) => _entries[index].Message;

    /// <summary>
    /// Whether an error of this range speaks of the very value at hand, and rules it out for what it is rather than for a detail.
    /// </summary>
    public bool RulesOut(int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            Entry entry = _entries[i];
            if (entry.Steps.Count == 0 && entry.Site.Keyword == "type")
                return true;
            if (entry.Steps.Count == 1 && entry.Site.Keyword is "const" or "enum")
                return true;
        }
        return false;
    }

    public IReadOnlyList<SchemaError> ToList() => _entries.ConvertAll(entry => new SchemaError(
        entry.Pointer(), entry.Site.Keyword, entry.Site.Location, entry.Message, entry.Sensitive));

    private sealed class Entry(KeywordSite site, string message)
    {
        public KeywordSite Site => site;

        public string Message => message;

        public List<string> Steps { get; } = [];

        public bool Sensitive { get; set; }

        public string Pointer()
        {
            StringBuilder pointer = new("#");
            for (int i = Steps.Count - 1; i >= 0; i--)
                pointer.Append('/').Append(PointerText.EscapeStep(Steps[i]));
            return pointer.ToString();
        }
    }
}
