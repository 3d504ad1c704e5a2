using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway;

/// <summary>How a backend is watched for what is changed there, by people and by other programs.</summary>
public sealed record ChangesOptions
{
    [Description("Kinds of records that are watched, and the mapping that makes the data of their events: orders: odoo/order.from. orders, shipments, returns, invoices, creditNotes.")]
    public required IReadOnlyDictionary<string, string> Of { get; init; }

    [Description("How often is looked for what has been written since.")]
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(30);

    [Description("How far each look goes back behind the last: as long as a transaction may take there, for it is dated by its start and seen at its end.")]
    [Range(typeof(TimeSpan), "00:00:05", "1.00:00:00")]
    public TimeSpan Overlap { get; init; } = TimeSpan.FromMinutes(5);

    [Description("How often all ids are compared, which finds what was deleted, and what took longer than the overlap.")]
    [Range(typeof(TimeSpan), "00:00:00.100", "7.00:00:00")]
    public TimeSpan Reconcile { get; init; } = TimeSpan.FromHours(1);

    [Description("Most records that are believed to be gone at once. More look like lost rights, so nobody is told, and operators are.")]
    [Range(1, 1_000_000)]
    public int MostGone { get; init; } = 50;

    [Description("Webhooks of the backend that say what to look at, which come to POST /hooks/NAME/SECRET of the public port. Without it, none are taken.")]
    public HintOptions? Hints { get; init; }
}

/// <summary>Webhooks that nobody signs: they prove themselves by a secret, and are believed nothing but where to look.</summary>
public sealed record HintOptions
{
    /// <summary>Shortest secret: it stands in a path, and nothing else protects it.</summary>
    public const int LeastSecret = 24;

    [Description("Secrets, by reference: the last part of the path, or the header X-Hook-Secret. Several hold at once while one replaces the other.")]
    public required IReadOnlyList<Secret> Secrets { get; init; }
}
