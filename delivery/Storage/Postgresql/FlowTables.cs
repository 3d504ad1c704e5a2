namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>The tables of flows, as the step of <see cref="Migrations"/> makes them.</summary>
internal static class FlowTables
{
    public const string Sql =
        """
        -- Flows that run: how each instance stands, what was done in it, what it is found by, and what it may still have to hear. What it knows is encrypted.
        -- Not ended is less than 4. Heard grows when signals wake it. Wake and lease are times of this database, the others of nodes.
        CREATE TABLE flow_instances (
            id text PRIMARY KEY,
            tenant text NOT NULL,
            flow text NOT NULL,
            key text NOT NULL,
            revision text NOT NULL,
            shard integer NOT NULL,
            state integer NOT NULL,
            stage text NOT NULL,
            stage_since bigint NOT NULL,
            wake_at bigint,
            heard integer NOT NULL,
            backend text,
            urgency bigint NOT NULL,
            promised_at bigint,
            owner text,
            lease_until bigint,
            version integer NOT NULL,
            created_at bigint NOT NULL,
            ended_at bigint,
            reason text,
            correlation_id text,
            trace_parent text,
            body bytea,
            -- Which write saved it: the rest of that write is made for it alone.
            saved_by text
        );
        CREATE INDEX flow_instances_due ON flow_instances (shard, wake_at, id) WHERE wake_at IS NOT NULL AND lease_until IS NULL;
        CREATE INDEX flow_instances_leased ON flow_instances (lease_until) WHERE lease_until IS NOT NULL;
        CREATE INDEX flow_instances_waiting ON flow_instances (backend, shard, urgency, created_at, id) WHERE backend IS NOT NULL;
        CREATE INDEX flow_instances_newest ON flow_instances (created_at);
        CREATE INDEX flow_instances_open ON flow_instances (created_at) WHERE state < 4;
        CREATE INDEX flow_instances_state ON flow_instances (state, created_at);
        -- All that is counted, so that no row is read for it.
        CREATE INDEX flow_instances_stages ON flow_instances (flow, state, stage, stage_since, promised_at) WHERE state < 4;
        CREATE INDEX flow_instances_revisions ON flow_instances (flow, revision) WHERE state < 4;
        CREATE TABLE flow_journal (
            instance text NOT NULL,
            number integer NOT NULL,
            tenant text NOT NULL,
            at bigint NOT NULL,
            step text NOT NULL,
            what text NOT NULL,
            detail bytea,
            PRIMARY KEY (instance, number)
        );
        -- By value first: an operator looks for it without its kind.
        CREATE TABLE flow_refs (
            value text NOT NULL,
            kind text NOT NULL,
            tenant text NOT NULL,
            instance text NOT NULL,
            PRIMARY KEY (value, kind, tenant, instance)
        );
        CREATE TABLE flow_signals (
            value text NOT NULL,
            kind text NOT NULL,
            tenant text NOT NULL,
            type text NOT NULL,
            position bigint NOT NULL,
            PRIMARY KEY (value, kind, tenant, type, position)
        );
        CREATE INDEX flow_signals_position ON flow_signals (position);
        -- Which write moved it, as with instances.
        ALTER TABLE cursors ADD COLUMN moved_by text;
        CREATE TABLE flow_definitions (
            flow text NOT NULL,
            revision text NOT NULL,
            document bytea NOT NULL,
            at bigint NOT NULL,
            PRIMARY KEY (flow, revision)
        );
        """;
}
