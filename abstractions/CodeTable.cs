namespace Gateway;

/// <summary>
/// The codes of one world beside those of another: Odoo's units and UN/ECE's, a carrier's states and ours. Read in both directions; a
/// direction is told by the side whose code is wanted. A partner's own entries come before ours.
/// </summary>
public sealed class CodeTable
{
    private readonly Side _from;
    private readonly Side _to;
    private readonly CodeTable? _below;

    /// <param name="name">As mappings call it: <c>units</c>.</param>
    /// <param name="from">The side that entries are written from.</param>
    /// <param name="to">The other side; null entries: this table is not read towards it.</param>
    /// <param name="below">The table that this one's entries are laid over.</param>
    public CodeTable(string name, Side from, Side to, CodeTable? below = null)
    {
        Name = name;
        _from = from;
        _to = to;
        _below = below;
    }

    public string Name { get; }

    /// <summary>The sides that codes may be asked of.</summary>
    public IEnumerable<string> Sides => new[] { _to, _from }.Where(s => s.Codes is not null).Select(s => s.Name);

    /// <summary>The side that is meant where none is named.</summary>
    public string MainSide => _to.Name;

    /// <summary>The code of a side that stands for a value of the other; its default when none does; null when there is no default either.</summary>
    public string? Translate(string side, string value) => Entry(side, value) ?? Default(side);

    /// <summary>Whether a value without a code of that side is no error.</summary>
    public bool IsOptional(string side) => Of(side) is { IsOptional: true };

    private string? Entry(string side, string value) => Of(side)?.Codes?.GetValueOrDefault(value) ?? _below?.Entry(side, value);

    private string? Default(string side) => Of(side)?.Default ?? _below?.Default(side);

    private Side? Of(string side) => side == _to.Name ? _to : side == _from.Name ? _from : null;

    /// <summary>One side's codes by the values of the other side.</summary>
    /// <param name="Name">As mappings ask for it: <c>units/unece</c>.</param>
    /// <param name="Codes">Null where the table is not read towards this side.</param>
    /// <param name="Default">For a value without an entry.</param>
    public sealed record Side(string Name, IReadOnlyDictionary<string, string>? Codes, string? Default)
    {
        /// <summary>A value without an entry has no code here, and that is no error.</summary>
        public bool IsOptional { get; init; }
    }
}
