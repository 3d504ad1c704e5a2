namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>The tables of flows, as the step of <see cref="Migrations"/> makes them.</summary>
internal static class FlowTables
{
    public const string Sql =
        """
        -- Flows that run: how each instance stands, what was done in it, what it is found by, and what it may still have to hear. What it knows is encrypted.
        -- Not ended is less than 4. Heard grows when signals wake it.
        CREATE TABLE flow_instances (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            tenant TEXT NOT NULL,
            flow TEXT NOT NULL,
            key TEXT NOT NULL,
            revision TEXT NOT NULL,
            shard INTEGER NOT NULL,
            state INTEGER NOT NULL,
            stage TEXT NOT NULL,
            stage_since INTEGER NOT NULL,
            wake_at INTEGER,
            heard INTEGER NOT NULL,
            backend TEXT,
            urgency INTEGER NOT NULL,
            promised_at INTEGER,
            owner TEXT,
            lease_until INTEGER,
            version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            ended_at INTEGER,
            reason TEXT,
            correlation_id TEXT,
            trace_parent TEXT,
            body BLOB
        ) STRICT;
        CREATE INDEX flow_instances_due ON flow_instances (shard, wake_at) WHERE wake_at IS NOT NULL AND lease_until IS NULL;
        CREATE INDEX flow_instances_leased ON flow_instances (lease_until) WHERE lease_until IS NOT NULL;
        CREATE INDEX flow_instances_waiting ON flow_instances (backend, shard, urgency, created_at) WHERE backend IS NOT NULL;
        CREATE INDEX flow_instances_newest ON flow_instances (created_at);
        CREATE INDEX flow_instances_open ON flow_instances (created_at) WHERE state < 4;
        CREATE INDEX flow_instances_state ON flow_instances (state, created_at);
        -- All that is counted, so that no row is read for it.
        CREATE INDEX flow_instances_stages ON flow_instances (flow, state, stage, stage_since, promised_at) WHERE state < 4;
        CREATE INDEX flow_instances_revisions ON flow_instances (flow, revision) WHERE state < 4;
        CREATE TABLE flow_journal (
            row INTEGER PRIMARY KEY,
            instance TEXT NOT NULL,
            number INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            at INTEGER NOT NULL,
            step TEXT NOT NULL,
            what TEXT NOT NULL,
            detail BLOB,
            UNIQUE (instance, number)
        ) STRICT;
        -- By value first: an operator looks for it without its kind.
        CREATE TABLE flow_refs (
            value TEXT NOT NULL,
            kind TEXT NOT NULL,
            tenant TEXT NOT NULL,
            instance TEXT NOT NULL,
            PRIMARY KEY (value, kind, tenant, instance)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE flow_signals (
            value TEXT NOT NULL,
            kind TEXT NOT NULL,
            tenant TEXT NOT NULL,
            type TEXT NOT NULL,
            position INTEGER NOT NULL,
            PRIMARY KEY (value, kind, tenant, type, position)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX flow_signals_position ON flow_signals (position);
        CREATE TABLE flow_definitions (
            flow TEXT NOT NULL,
            revision TEXT NOT NULL,
            document BLOB NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (flow, revision)
        ) STRICT;
        """;
}
