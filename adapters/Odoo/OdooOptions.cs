using System.ComponentModel;

namespace Gateway.Adapters.Odoo;

/// <summary>An Odoo 19 or newer database, spoken to over JSON-2.</summary>
public sealed record OdooOptions : BackendOptions
{
    [Description("Name of the database; sent as X-Odoo-Database.")]
    public required string Database { get; init; }

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

    [Description("Calls on the wire at once; more wait. Odoo has few workers, and each call takes one.")]
    public int MaxConnections { get; init; } = 16;

    [Description("Longest answer taken, bytes.")]
    public int MaxAnswerBytes { get; init; } = 8 << 20;
}
