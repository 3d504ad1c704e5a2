using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Adapters.Odoo;

/// <summary>An Odoo database, called over JSON-2 (19 and newer) or JSON-RPC (14 to 18).</summary>
public sealed record OdooOptions : BackendOptions
{
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
