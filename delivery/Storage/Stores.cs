using Gateway.Delivery.Storage.Postgresql;
using Gateway.Delivery.Storage.Sqlite;
using Microsoft.AspNetCore.DataProtection;

namespace Gateway.Delivery.Storage;

/// <summary>What every storage engine is opened with.</summary>
public sealed record StoreOptions
{
    /// <summary>
    /// Where an embedded engine keeps its file, and one that nodes share this node's name; made when missing, readable by its owner only. One
    /// process owns it.
    /// </summary>
    public required string DataDirectory { get; init; }

    /// <summary>Encrypts payload columns; see <see cref="KeyRing"/>.</summary>
    public required IDataProtectionProvider Protection { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The database of an engine that nodes share; null for an embedded one.</summary>
    public PostgresqlOptions? Postgresql { get; init; }

    /// <summary>What stands in place of the clock of such a database; null for that itself.</summary>
    public TimeProvider? SharedClock { get; init; }
}

/// <summary>One storage engine: its name in configuration, and how a store of it is made (it is opened by <see cref="IStore.OpenAsync"/>).</summary>
public sealed record StoreEngine(string Name, string Summary, Func<StoreOptions, IStore> Create);

/// <summary>The storage engines. The conformance suite runs over this list.</summary>
public static class Stores
{
    public static readonly IReadOnlyList<StoreEngine> All =
    [
        new("sqlite", "Embedded: one file, one process.", options => new SqliteStore(options)),
        new("postgresql", "Shared: one database, any number of nodes.", options => new PostgresqlStore(options)),
    ];

    /// <summary>The engine for a database that nodes share; the embedded one for none.</summary>
    public static StoreEngine Of(PostgresqlOptions? database) => database is null ? All[0] : All[1];
}
