using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>The schema, as the steps that lead to it. A step that was released is never changed; the next one is added at the end.</summary>
internal static class Migrations
{
    /// <summary>Locks out other nodes that migrate the same database; any number that nobody else uses there.</summary>
    private const long Lock = 0x67_61_74_65_77_61_79;

    /// <summary>The longest that a node waits for another one that migrates, and that one step takes.</summary>
    private const int LongestSeconds = 300;

    internal static readonly string[] Steps =
    [
        """
        -- The clock that all nodes share, UTC ticks of .NET (https://learn.microsoft.com/dotnet/api/system.datetime.ticks).
        CREATE FUNCTION gateway_now(instead bigint) RETURNS bigint LANGUAGE sql VOLATILE AS
            'SELECT coalesce(instead, (extract(epoch FROM clock_timestamp()) * 10000000)::bigint + 621355968000000000)';

        CREATE TABLE intents (
            id text PRIMARY KEY,
            tenant text NOT NULL,
            consumer text NOT NULL,
            route text NOT NULL,
            path text NOT NULL,
            backend text NOT NULL,
            operation text NOT NULL,
            external_id text NOT NULL,
            fingerprint text NOT NULL,
            idempotency_key text,
            keep_key_for bigint NOT NULL,
            object_id text NOT NULL,
            canonical bytea NOT NULL,
            input bytea NOT NULL,
            correlation_id text NOT NULL,
            trace_parent text,
            revision text NOT NULL,
            created_at bigint NOT NULL,
            over_at bigint NOT NULL,
            lease_owner text NOT NULL,
            lease_until bigint NOT NULL,
            version integer NOT NULL,
            state integer NOT NULL,
            result bytea,
            closed_at bigint,
            -- Which write closed it: the rest of that write is made for it alone.
            closed_by text,
            reason text
        );
        -- Open (0) or succeeded (1): this index decides who may call.
        CREATE UNIQUE INDEX intents_reference ON intents (backend, external_id) WHERE state IN (0, 1);
        CREATE INDEX intents_open ON intents (created_at) WHERE state = 0;
        CREATE INDEX intents_created ON intents (created_at);

        CREATE TABLE keys (
            tenant text NOT NULL,
            route text NOT NULL,
            key text NOT NULL,
            fingerprint text NOT NULL,
            intent_id text,
            answer bytea,
            expires_at bigint NOT NULL,
            PRIMARY KEY (tenant, route, key)
        );
        CREATE INDEX keys_expiry ON keys (expires_at);

        -- Signed requests, which are taken once.
        CREATE TABLE taken_names (name text PRIMARY KEY, until bigint NOT NULL);
        CREATE INDEX taken_names_ends ON taken_names (until);

        -- What is taken of quotas, by whom it is counted and by the period's first day or month; granted is what the last who asked got.
        CREATE TABLE quotas (
            tenant text NOT NULL,
            quota text NOT NULL,
            counted text NOT NULL,
            period text NOT NULL,
            taken bigint NOT NULL,
            granted bigint NOT NULL,
            ends_at bigint NOT NULL,
            PRIMARY KEY (tenant, quota, counted, period)
        ) WITH (fillfactor = 50);
        CREATE INDEX quotas_ends ON quotas (ends_at);

        CREATE TABLE objects (
            tenant text NOT NULL,
            kind text NOT NULL,
            id text NOT NULL,
            backend text NOT NULL,
            reference text NOT NULL,
            external_id text NOT NULL,
            canonical bytea NOT NULL,
            created_at bigint NOT NULL,
            PRIMARY KEY (tenant, kind, id)
        );

        -- What is counted over all nodes. Whoever counts holds the row until the commit, so a number is seen after all that are lower.
        CREATE TABLE counters (name text PRIMARY KEY, last bigint NOT NULL) WITH (fillfactor = 10);
        INSERT INTO counters (name, last) VALUES ('events', 0), ('keys', 0);

        CREATE TABLE events (
            position bigint PRIMARY KEY,
            sequence bigint NOT NULL,
            id text NOT NULL,
            tenant text NOT NULL,
            type text NOT NULL,
            source text NOT NULL,
            subject text NOT NULL,
            partition_key text NOT NULL,
            time bigint NOT NULL,
            data bytea NOT NULL,
            trace_parent text,
            correlation_id text,
            UNIQUE (id, source),
            UNIQUE (tenant, partition_key, sequence)
        );

        CREATE TABLE cursors (
            reader text PRIMARY KEY,
            position bigint NOT NULL,
            version integer NOT NULL
        );

        CREATE TABLE deliveries (
            row bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id text NOT NULL UNIQUE,
            tenant text NOT NULL,
            subscription text NOT NULL,
            event_position bigint NOT NULL,
            created_at bigint NOT NULL,
            state integer NOT NULL,
            attempts integer NOT NULL,
            next_at bigint,
            version integer NOT NULL
        );
        -- Pending (0): by subscription, so that a subscription with many due deliveries is not in another's way.
        CREATE INDEX deliveries_due ON deliveries (tenant, subscription, next_at, row) WHERE state = 0;
        CREATE INDEX deliveries_next ON deliveries (next_at) WHERE state = 0;
        CREATE INDEX deliveries_state ON deliveries (state, row);

        CREATE TABLE attempts (
            delivery_id text NOT NULL,
            number integer NOT NULL,
            tenant text NOT NULL,
            at bigint NOT NULL,
            duration bigint NOT NULL,
            status integer NOT NULL,
            error text,
            PRIMARY KEY (delivery_id, number)
        );

        -- API keys issued at run time: hashes, never keys. A change number is given once, over all keys.
        CREATE TABLE issued_keys (
            id text PRIMARY KEY,
            tenant text NOT NULL,
            consumer text NOT NULL,
            hash bytea NOT NULL,
            scopes text,
            location text,
            created_at bigint NOT NULL,
            expires_at bigint,
            revoked_at bigint,
            replaced_by text,
            last_used_at bigint,
            change bigint NOT NULL UNIQUE
        );

        -- What is made once and sealed by the key ring that all nodes share: what tells that a ring is the right one, what issued keys are hashed
        -- under, and what seals the heads of the audit.
        CREATE TABLE sealed (name text PRIMARY KEY, sealed bytea NOT NULL);

        CREATE TABLE audit_segments (
            row bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            node text NOT NULL,
            class text NOT NULL,
            number integer NOT NULL,
            previous text NOT NULL,
            opened_at bigint NOT NULL,
            links bigint NOT NULL,
            first_at bigint NOT NULL,
            last_at bigint NOT NULL,
            head text NOT NULL,
            erased bigint NOT NULL,
            dropped_at bigint,
            seal text NOT NULL,
            CONSTRAINT audit_segments_name UNIQUE (node, class, number)
        );
        CREATE TABLE audit_links (
            segment bigint NOT NULL,
            number bigint NOT NULL,
            first_at bigint NOT NULL,
            last_at bigint NOT NULL,
            correlation_id text,
            filter bytea,
            hash text NOT NULL,
            records bytea NOT NULL,
            PRIMARY KEY (segment, number)
        );
        -- By hash: a correlation id may be longer than what a tree takes.
        CREATE INDEX audit_links_correlation ON audit_links USING hash (correlation_id) WHERE correlation_id IS NOT NULL;
        -- Blocks among many single records.
        CREATE INDEX audit_links_filters ON audit_links (last_at) WHERE filter IS NOT NULL;
        -- What of the records is about persons: rows that can be removed without breaking a chain.
        CREATE TABLE audit_persons (
            segment bigint NOT NULL,
            link bigint NOT NULL,
            number integer NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (segment, link, number)
        );
        """,
        """
        -- Path and query, encrypted. What is closed needs them no more.
        ALTER TABLE intents ADD COLUMN sealed_path bytea;
        UPDATE intents SET path = '' WHERE state <> 0;
        """,
        """
        -- One change of an object at a time.
        CREATE UNIQUE INDEX intents_object ON intents (tenant, object_id) WHERE state = 0;
        """,
        """
        -- Accepted to be forwarded later: the lane it waits in, how urgent it is, from when on it may be sent, and its place. Waiting is 4, parked is 5.
        ALTER TABLE intents ADD COLUMN lane text, ADD COLUMN urgency bigint, ADD COLUMN due_at bigint, ADD COLUMN place bigint;
        CREATE SEQUENCE intents_places;
        -- Open (0), succeeded (1) or waiting (4): this index decides who may call.
        DROP INDEX intents_reference;
        CREATE UNIQUE INDEX intents_reference ON intents (backend, external_id) WHERE state IN (0, 1, 4);
        CREATE INDEX intents_waiting ON intents (backend, urgency, place) WHERE state = 4;
        CREATE INDEX intents_parked ON intents (backend) WHERE state = 5;
        CREATE INDEX intents_accepted ON intents (object_id) WHERE lane IS NOT NULL;
        -- Who of a lane stands before another, and what of it is held back.
        CREATE INDEX intents_lane ON intents (lane, state, place) WHERE lane IS NOT NULL;
        CREATE INDEX intents_held ON intents (lane, state, due_at) WHERE lane IS NOT NULL;
        -- Of a lane, one at a time: of two nodes that don't see each other's, one gets it.
        CREATE UNIQUE INDEX intents_lane_open ON intents (lane) WHERE state = 0 AND lane IS NOT NULL;
        """,
        """
        -- Where each partner has an endpoint, each has a line of its own. What waits by itself has a result, and holds its lane by its place.
        CREATE INDEX intents_waiting_of ON intents (backend, tenant, urgency, place) WHERE state = 4;
        DROP INDEX intents_held;
        """,
        """
        -- How far feeds of changes have come, and what they have told of each record. Subjects: tenant=subject, separated by commas. Lease, due,
        -- looked and reconciled are times of this database, the others of the backend.
        CREATE TABLE feeds (
            feed text PRIMARY KEY,
            scope text NOT NULL,
            watermark bigint NOT NULL,
            lease_owner text NOT NULL,
            lease_until bigint NOT NULL,
            due_at bigint NOT NULL,
            looked_at bigint,
            reconciled_at bigint,
            version integer NOT NULL
        );
        CREATE TABLE feed_records (
            feed text NOT NULL,
            id integer NOT NULL,
            written_at bigint NOT NULL,
            hash text NOT NULL,
            stage text NOT NULL,
            subjects text NOT NULL,
            told text NOT NULL,
            settled boolean NOT NULL,
            version integer NOT NULL,
            PRIMARY KEY (feed, id)
        );
        CREATE INDEX feed_records_owed ON feed_records (feed, id) WHERE hash = 'owed';
        CREATE INDEX objects_reference ON objects (backend, kind, reference);
        """,
        """
        -- One change of a backend's record at a time, whoever makes it.
        ALTER TABLE intents ADD COLUMN record text;
        CREATE UNIQUE INDEX intents_record ON intents (backend, record) WHERE state = 0 AND record IS NOT NULL;
        """,
        """
        -- What an attempt said and heard, encrypted. Deliveries in line by an ordering key, and where the schedule of a replayed one begins.
        ALTER TABLE attempts ADD COLUMN details bytea;
        ALTER TABLE deliveries ADD COLUMN ordering_key text;
        ALTER TABLE deliveries ADD COLUMN round_from integer NOT NULL DEFAULT 0;
        CREATE INDEX deliveries_line ON deliveries (tenant, subscription, ordering_key, event_position) WHERE state = 0 AND ordering_key IS NOT NULL;
        CREATE INDEX deliveries_since ON deliveries (tenant, subscription, created_at);
        -- How endpoints of webhooks do. Those that never failed are not here.
        CREATE TABLE endpoints (
            tenant text NOT NULL,
            name text NOT NULL,
            failing_since bigint,
            warned integer NOT NULL,
            disabled_at bigint,
            reason text,
            version integer NOT NULL,
            PRIMARY KEY (tenant, name)
        );
        """,
        """
        -- A partner reads its own events, however many others have.
        CREATE INDEX events_tenant ON events (tenant, position);
        """,
        """
        -- Dead letters: what each died of and when, who skipped it and why, and whose data were changed. The data as they are told now, encrypted.
        ALTER TABLE deliveries ADD COLUMN cause text;
        ALTER TABLE deliveries ADD COLUMN died_at bigint;
        ALTER TABLE deliveries ADD COLUMN note text;
        ALTER TABLE deliveries ADD COLUMN edit_of text;
        ALTER TABLE deliveries ADD COLUMN edit integer NOT NULL DEFAULT 0;
        CREATE TABLE edits (
            delivery_id text PRIMARY KEY,
            tenant text NOT NULL,
            data bytea NOT NULL
        );
        UPDATE deliveries SET
            cause = coalesce((SELECT CASE
                WHEN a.status > 0 THEN 'status ' || a.status
                WHEN a.error LIKE 'no answer within %' THEN 'timeout'
                WHEN a.error = 'the connection was refused' THEN 'connection refused'
                WHEN a.error LIKE '%webhooks may go to' OR a.error LIKE 'webhooks %' THEN 'address not allowed'
                WHEN a.error = 'the subscription no longer exists' THEN 'endpoint removed'
                WHEN a.error = 'the event is no longer in the log' THEN 'event expired'
                WHEN a.error LIKE 'the gateway could not send it%' THEN 'not sendable'
                ELSE 'unknown' END
                FROM attempts a WHERE a.delivery_id = deliveries.id AND a.number = deliveries.attempts), 'unknown'),
            died_at = coalesce((SELECT a.at + a.duration FROM attempts a WHERE a.delivery_id = deliveries.id AND a.number = deliveries.attempts), created_at)
        WHERE state IN (2, 3);
        CREATE INDEX deliveries_dead ON deliveries (died_at, id) WHERE state = 2;
        CREATE UNIQUE INDEX deliveries_edits ON deliveries (edit_of) WHERE edit_of IS NOT NULL;
        -- What of a line has arrived: who stands before it was overtaken.
        CREATE INDEX deliveries_arrived ON deliveries (tenant, subscription, ordering_key, event_position) WHERE state = 1 AND ordering_key IS NOT NULL;
        """,
        """
        -- Subscriptions that partners have made themselves: what they ask for, with its secrets, is encrypted. Removed ones stay as a change that nodes follow.
        CREATE TABLE webhook_subscriptions (
            id text PRIMARY KEY,
            tenant text NOT NULL,
            name text NOT NULL,
            terms bytea,
            version integer NOT NULL,
            change bigint NOT NULL,
            changed_by text NOT NULL,
            created_at bigint NOT NULL,
            changed_at bigint NOT NULL,
            removed_at bigint,
            trouble_at bigint,
            trouble text,
            trouble_count bigint NOT NULL DEFAULT 0
        );
        CREATE UNIQUE INDEX webhook_subscriptions_name ON webhook_subscriptions (tenant, name) WHERE removed_at IS NULL;
        CREATE UNIQUE INDEX webhook_subscriptions_change ON webhook_subscriptions (change);
        INSERT INTO counters (name, last) VALUES ('subscriptions', 0);
        """,
        """
        -- An operator wants it sent, whatever is with its endpoint.
        ALTER TABLE deliveries ADD COLUMN asked boolean NOT NULL DEFAULT false;
        CREATE INDEX deliveries_asked ON deliveries (next_at) WHERE asked;
        ALTER TABLE endpoints ADD COLUMN retaken integer NOT NULL DEFAULT 0;
        """,
        """
        -- Whether an operator has disabled it: nobody else enables it then. What the gateway says when it does so itself begins like this.
        ALTER TABLE endpoints ADD COLUMN held boolean NOT NULL DEFAULT false;
        UPDATE endpoints SET held = true WHERE disabled_at IS NOT NULL AND reason NOT LIKE 'it answered 410:%' AND reason NOT LIKE 'nothing has arrived since %';
        """,
        """
        -- One id and source are one event within its window, and no longer for good. Of events before this step nobody knows when they were stored.
        ALTER TABLE events ADD COLUMN stored_at bigint;
        ALTER TABLE events DROP CONSTRAINT events_id_source_key;
        CREATE INDEX events_named ON events (id, source);
        -- What is left of erased events: where sequences go on, and behind which position nothing of a tenant is missing.
        CREATE TABLE erased_keys (
            tenant text NOT NULL,
            partition_key text NOT NULL,
            last bigint NOT NULL,
            PRIMARY KEY (tenant, partition_key)
        );
        CREATE TABLE erased_tenants (
            tenant text PRIMARY KEY,
            position bigint NOT NULL
        );
        """,
        FlowTables.Sql,
        TraceRows.IndexSql,
        FlowFigureRows.Sql,
        EventRows.StandingSql,
        FeedRows.HintsSql,
        EventRows.NumbersSql,
        RetentionRows.DeadLineSql,
    ];

    /// <summary>
    /// Brings the schema to this build's version, all or nothing. Of nodes that start at the same time one does it, and the others wait for it.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The database was opened by a newer build.</exception>
    public static async Task RunAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync(connection, $"SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = '{LongestSeconds}s'; SET LOCAL idle_in_transaction_session_timeout = '{LongestSeconds}s'; SELECT pg_advisory_xact_lock({Lock})", cancellation);
        await ExecuteAsync(connection, "CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY, applied_at bigint NOT NULL)", cancellation);
        var version = await connection.FirstAsync(Statements.Of("SELECT coalesce(max(version), 0) FROM schema_version"), row => row.GetInt32(0), cancellation);
        if (version > Steps.Length)
        {
            var message = $"The database has schema version {version}, this build knows up to {Steps.Length}: "
                + "it was opened by a newer build. Run that build, or restore a copy made before the upgrade.";
            throw new StoreUnavailableException(message, new InvalidOperationException(message));
        }
        for (; version < Steps.Length; version++)
        {
            await ExecuteAsync(connection, Steps[version], cancellation);
            await connection.RunAsync(Statements.Of("INSERT INTO schema_version (version, applied_at) VALUES (@version, @now)").Bind("version", version + 1).Bind("now", now));
        }
        await transaction.CommitAsync(cancellation);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = LongestSeconds };
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
