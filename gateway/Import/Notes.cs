namespace Gateway.Import;

/// <summary>What a note is about; the groups in which notes are told, in this order.</summary>
public enum NoteKind
{
    /// <summary>What the document itself does wrong.</summary>
    Document,

    /// <summary>Operations without a route.</summary>
    LeftOut,

    /// <summary>Parts of requests and answers that no contract looks at.</summary>
    NotChecked,

    /// <summary>Where the route takes less than the document allows.</summary>
    Stricter,

    /// <summary>Where the document was understood in another way than it is written.</summary>
    Understood,

    /// <summary>Keywords that were moved to an annotation, for the engine can't enforce them.</summary>
    NotEnforced,

    /// <summary>What the workspace still needs.</summary>
    Workspace,
}

/// <summary>One thing that did not go over as it was written.</summary>
/// <param name="Place">A route, a contract or a place in the document.</param>
public sealed record Note(NoteKind Kind, string Place, string Text);

/// <summary>Collects the notes of one import; the same one is kept once.</summary>
internal sealed class Notes
{
    /// <summary>So many of a group are printed.</summary>
    private const int Shown = 8;

    private readonly OrderedDictionary<Note, bool> _all = [];

    public IReadOnlyList<Note> All => [.. _all.Keys];

    public void Add(NoteKind kind, string place, string text) => _all.TryAdd(new Note(kind, place, text), true);

    /// <summary>Group by group, each with its number, a few of it, and how many more there are.</summary>
    public static void Print(IEnumerable<Note> notes, TextWriter output)
    {
        foreach (var group in notes.GroupBy(n => n.Kind).OrderBy(g => g.Key))
        {
            var all = group.ToList();
            output.WriteLine($"{TitleOf(group.Key)} ({all.Count}):");
            foreach (var note in all.Take(Shown)) output.WriteLine($"  {YamlText.Line(note.Place, 160)}: {YamlText.Line(note.Text, 240)}");
            if (all.Count > Shown) output.WriteLine($"  and {all.Count - Shown} more");
        }
    }

    private static string TitleOf(NoteKind kind) => kind switch
    {
        NoteKind.Document => "wrong in the document",
        NoteKind.LeftOut => "left out",
        NoteKind.NotChecked => "not checked",
        NoteKind.Stricter => "stricter than the document",
        NoteKind.Understood => "taken as it was surely meant",
        NoteKind.NotEnforced => "kept as a note in the contract, not enforced",
        _ => "to do in the workspace",
    };
}
