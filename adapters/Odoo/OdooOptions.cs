namespace Gateway.Adapters.Odoo;

/// <summary>An Odoo 19 or newer database, spoken to over JSON-2.</summary>
public sealed record OdooOptions : BackendOptions
{
    /// <summary>Name of the database; sent as <c>X-Odoo-Database</c>.</summary>
    public required string Database { get; init; }

    /// <summary>An API key of Odoo (Preferences, Account Security); it lives three months at most.</summary>
    public required Secret Credential { get; init; }

    /// <summary>
    /// Module part of every external id the gateway makes: lower-case letters, digits and <c>_</c>.
    /// It must be the name of no installed module, or an update of that module deletes the gateway's orders.
    /// </summary>
    public string ExternalIdModule { get; init; } = "odoo_gateway";

    /// <summary>Odoo's company for partners that name none; the preferences of the key's user never decide.</summary>
    public int Company { get; init; } = 1;

    /// <summary>Language of names in answers, an installed one (<c>en_US</c>); null leaves it to the key's user.</summary>
    public string? Language { get; init; }

    /// <summary>Time for a TCP and TLS connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Calls on the wire at once; more wait. Odoo has few workers, and each call takes one.</summary>
    public int MaxConnections { get; init; } = 16;

    /// <summary>Longest answer taken, bytes.</summary>
    public int MaxAnswerBytes { get; init; } = 8 << 20;

    /// <summary>Times a read, or a change that was certainly rolled back, is sent again.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>Waiting time before the first retry, doubled for each next one, with jitter.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary>Share of the calls within the window that must fail by Odoo's fault before the circuit opens, 0 to 1.</summary>
    public double CircuitFailureRatio { get; init; } = 0.5;

    /// <summary>Calls within the window below which the circuit never opens, 2 or more.</summary>
    public int CircuitMinimumCalls { get; init; } = 8;

    /// <summary>Window that failures are counted over.</summary>
    public TimeSpan CircuitWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an open circuit lets nothing through.</summary>
    public TimeSpan CircuitBreak { get; init; } = TimeSpan.FromSeconds(15);
}
