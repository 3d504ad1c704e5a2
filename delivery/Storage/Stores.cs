using Gateway.Delivery.Storage.Sqlite;
using Microsoft.AspNetCore.DataProtection;

namespace Gateway.Delivery.Storage;

/// <summary>What every storage engine is opened with.</summary>
public sealed record StoreOptions
{
    /// <summary>Where an embedded engine keeps its file; made when missing, readable by its owner only. One process owns it.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Encrypts payload columns; see <see cref="KeyRing"/>.</summary>
    public required IDataProtectionProvider Protection { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>One storage engine: its name in configuration, and how a store of it is made (it is opened by <see cref="IStore.OpenAsync"/>).</summary>
public sealed record StoreEngine(string Name, string Summary, Func<StoreOptions, IStore> Create);

/// <summary>The storage engines. The conformance suite runs over this list.</summary>
public static class Stores
{
    public static readonly IReadOnlyList<StoreEngine> All =
    [
        new("sqlite", "Embedded: one file, one process.", options => new SqliteStore(options)),
    ];
}
