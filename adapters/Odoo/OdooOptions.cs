using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Adapters.Odoo;

/// <summary>An Odoo database, called over JSON-2 (19 and newer) or JSON-RPC (14 to 18).</summary>
public sealed record OdooOptions : BackendOptions
{
    private readonly TimeSpan? _timeout;

    [Description("Name of the database; sent as X-Odoo-Database.")]
    public required string Database { get; init; }

    [Description("auto: JSON-2 where Odoo is 19 or newer, else JSON-RPC, as its version says at the first call and after it was away. json2, jsonrpc: always that.")]
    public OdooApi Api { get; init; } = OdooApi.Auto;

    [Description("The user whom the key belongs to, as he signs in. JSON-RPC needs it (Odoo 18 and older).")]
    public string? Login { get; init; }

    [Description("key: an API key of Odoo (Preferences, Account Security); it lives three months at most, so expires: says until when. A certificate may stand beside it.")]
    public override required CredentialOptions? Credential { get; init; }

    [Description("Module part of every external id the gateway makes: lower-case letters, digits and _. It must be the name of no installed module, or an update of that module deletes the gateway's orders.")]
    public string ExternalIdModule { get; init; } = "odoo_gateway";

    [Description("Odoo's company for partners that name none; the preferences of the key's user never decide.")]
    public int Company { get; init; } = 1;

    [Description("Language of names in answers, an installed one (en_US). Default: that of the key's user.")]
    public string? Language { get; init; }

    [Description("Time for one operation in all, retries included. Without it 20 s, and for one that changes something changeTimeout.")]
    public override TimeSpan Timeout { get => _timeout ?? TimeSpan.FromSeconds(20); init => _timeout = value; }

    [Description("Time for one operation that changes something. Default: timeout where it is said, else 60 s, since Odoo itself tries a change that meets another again, with pauses of up to 30 s in all.")]
    public TimeSpan? ChangeTimeout { get; init; }

    [Description("Time for a TCP and TLS connection.")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    [Description("Calls on the wire at once. As many operations are under way at a time (limits: { concurrent }); more wait in turns. Odoo has few workers, and each call takes one.")]
    [Range(1, 1_000)]
    public int MaxConnections { get; init; } = 16;

    [Description("Longest answer taken, bytes.")]
    public int MaxAnswerBytes { get; init; } = 8 << 20;

    [Description("What is changed in Odoo becomes events of the partner whose record it is. Without it, nobody looks.")]
    public ChangesOptions? Changes { get; init; }

    public override int? AtOnce => MaxConnections;

    /// <summary>
    /// A read waits for nobody. A change waits for whoever has locked its record, and one that can't be serialized is tried by Odoo five times, with a pause of
    /// up to 2, 4, 8 and 16 s by chance (odoo/service/model.py): who gives up before leaves work behind of which nobody knows the end.
    /// </summary>
    public override TimeSpan TimeFor(Effect effect) => effect == Effect.Changes ? ChangeTimeout ?? _timeout ?? TimeSpan.FromSeconds(60) : Timeout;

    /// <summary>Whether a name can be the module of external ids. Odoo takes an id apart at its first dot, and ids that differ in case alone are two.</summary>
    public static bool IsModule(string name) => name.Length > 0 && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_');
}

/// <summary>Which of Odoo's two interfaces is called.</summary>
public enum OdooApi
{
    /// <summary>As Odoo's version says.</summary>
    Auto,

    /// <summary>JSON-2, Odoo 19 and newer.</summary>
    Json2,

    /// <summary>JSON-RPC, Odoo 14 to 18.</summary>
    Jsonrpc,
}
