using System.Globalization;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>The schema, as the steps that lead to it. A step that was released is never changed; the next one is added at the end.</summary>
internal static class Migrations
{
    internal static readonly string[] Steps =
    [
        """
        CREATE TABLE intents (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            tenant TEXT NOT NULL,
            consumer TEXT NOT NULL,
            route TEXT NOT NULL,
            path TEXT NOT NULL,
            backend TEXT NOT NULL,
            operation TEXT NOT NULL,
            external_id TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            idempotency_key TEXT,
            keep_key_for INTEGER NOT NULL,
            object_id TEXT NOT NULL,
            canonical BLOB NOT NULL,
            input BLOB NOT NULL,
            correlation_id TEXT NOT NULL,
            trace_parent TEXT,
            revision TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            over_at INTEGER NOT NULL,
            lease_owner TEXT NOT NULL,
            lease_until INTEGER NOT NULL,
            version INTEGER NOT NULL,
            state INTEGER NOT NULL,
            result BLOB,
            closed_at INTEGER,
            reason TEXT
        ) STRICT;
        -- Open (0) or succeeded (1): this index decides who may call.
        CREATE UNIQUE INDEX intents_reference ON intents (backend, external_id) WHERE state IN (0, 1);
        CREATE INDEX intents_open ON intents (created_at) WHERE state = 0;

        CREATE TABLE keys (
            row INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            route TEXT NOT NULL,
            key TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            intent_id TEXT,
            answer BLOB,
            expires_at INTEGER NOT NULL,
            UNIQUE (tenant, route, key)
        ) STRICT;
        CREATE INDEX keys_expiry ON keys (expires_at);

        CREATE TABLE objects (
            row INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            kind TEXT NOT NULL,
            id TEXT NOT NULL,
            backend TEXT NOT NULL,
            reference TEXT NOT NULL,
            external_id TEXT NOT NULL,
            canonical BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            UNIQUE (tenant, kind, id)
        ) STRICT;

        -- AUTOINCREMENT: a position is never given twice, not even after rows were removed.
        CREATE TABLE events (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            sequence INTEGER NOT NULL,
            id TEXT NOT NULL,
            tenant TEXT NOT NULL,
            type TEXT NOT NULL,
            source TEXT NOT NULL,
            subject TEXT NOT NULL,
            partition_key TEXT NOT NULL,
            time INTEGER NOT NULL,
            data BLOB NOT NULL,
            trace_parent TEXT,
            correlation_id TEXT,
            UNIQUE (id, source),
            UNIQUE (tenant, partition_key, sequence)
        ) STRICT;

        CREATE TABLE cursors (
            reader TEXT PRIMARY KEY,
            position INTEGER NOT NULL,
            version INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE deliveries (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            tenant TEXT NOT NULL,
            subscription TEXT NOT NULL,
            event_position INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            state INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            next_at INTEGER,
            version INTEGER NOT NULL
        ) STRICT;
        -- Pending (0): by subscription, so that a subscription with many due deliveries is not in another's way.
        CREATE INDEX deliveries_due ON deliveries (tenant, subscription, next_at) WHERE state = 0;
        CREATE INDEX deliveries_next ON deliveries (next_at) WHERE state = 0;
        CREATE INDEX deliveries_state ON deliveries (state, row);

        CREATE TABLE attempts (
            delivery_id TEXT NOT NULL,
            number INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            at INTEGER NOT NULL,
            duration INTEGER NOT NULL,
            status INTEGER NOT NULL,
            error TEXT,
            PRIMARY KEY (delivery_id, number)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE audit (
            row INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            consumer TEXT,
            route TEXT NOT NULL,
            method TEXT NOT NULL,
            path TEXT NOT NULL,
            revision TEXT NOT NULL,
            correlation_id TEXT NOT NULL,
            status INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            trace_id TEXT,
            reason TEXT,
            milliseconds REAL NOT NULL
        ) STRICT;
        CREATE INDEX audit_correlation ON audit (correlation_id);

        -- One sealed value: a key ring that can't open it is not the one these data were written with.
        CREATE TABLE ring_check (sealed BLOB NOT NULL) STRICT;
        """,
        """
        -- Audit records of calls that changed nothing, many a row. The filter stands before the records, so that a search reads few pages.
        CREATE TABLE audit_blocks (
            row INTEGER PRIMARY KEY,
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            filter BLOB NOT NULL,
            records BLOB NOT NULL
        ) STRICT;
        """,
        """
        -- API keys issued at run time: hashes, never keys. A change number is given once, over all keys.
        CREATE TABLE issued_keys (
            id TEXT PRIMARY KEY,
            tenant TEXT NOT NULL,
            consumer TEXT NOT NULL,
            hash BLOB NOT NULL,
            scopes TEXT,
            location TEXT,
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            revoked_at INTEGER,
            replaced_by TEXT,
            last_used_at INTEGER,
            change INTEGER NOT NULL UNIQUE
        ) STRICT, WITHOUT ROWID;

        -- One sealed value: what issued keys are hashed under.
        CREATE TABLE key_secret (sealed BLOB NOT NULL) STRICT;
        """,
        """
        -- The audit as chains. What audit and audit_blocks hold becomes their first links when the store is opened.
        -- This node's name, and the key that seals heads, encrypted by the key ring.
        CREATE TABLE audit_node (name TEXT NOT NULL, key BLOB NOT NULL) STRICT;
        CREATE TABLE audit_segments (
            row INTEGER PRIMARY KEY,
            node TEXT NOT NULL,
            class TEXT NOT NULL,
            number INTEGER NOT NULL,
            previous TEXT NOT NULL,
            opened_at INTEGER NOT NULL,
            links INTEGER NOT NULL,
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            head TEXT NOT NULL,
            erased INTEGER NOT NULL,
            dropped_at INTEGER,
            seal TEXT NOT NULL,
            UNIQUE (node, class, number)
        ) STRICT;
        CREATE TABLE audit_links (
            row INTEGER PRIMARY KEY,
            segment INTEGER NOT NULL,
            number INTEGER NOT NULL,
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            correlation_id TEXT,
            filter BLOB,
            hash TEXT NOT NULL,
            records BLOB NOT NULL,
            UNIQUE (segment, number)
        ) STRICT;
        CREATE INDEX audit_links_correlation ON audit_links (correlation_id) WHERE correlation_id IS NOT NULL;
        -- Blocks among many single records.
        CREATE INDEX audit_links_filters ON audit_links (last_at) WHERE filter IS NOT NULL;
        -- What of the records is about persons: rows that can be removed without breaking a chain. They are in the order of their coming: pages
        -- of such a table are not split, so no copy stays in free space where a removal would not overwrite it.
        CREATE TABLE audit_persons (
            row INTEGER PRIMARY KEY,
            segment INTEGER NOT NULL,
            link INTEGER NOT NULL,
            number INTEGER NOT NULL,
            sealed BLOB NOT NULL,
            UNIQUE (segment, link, number)
        ) STRICT;
        """,
        """
        CREATE TABLE taken_names (
            name TEXT PRIMARY KEY,
            until INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX taken_names_ends ON taken_names (until);
        """,
        """
        -- What is taken of quotas, by whom it is counted and by the period's first day or month.
        CREATE TABLE quotas (
            tenant TEXT NOT NULL,
            quota TEXT NOT NULL,
            counted TEXT NOT NULL,
            period TEXT NOT NULL,
            taken INTEGER NOT NULL,
            ends_at INTEGER NOT NULL,
            UNIQUE (tenant, quota, counted, period)
        ) STRICT;
        CREATE INDEX quotas_ends ON quotas (ends_at);
        """,
        """
        -- Path and query, encrypted. What is closed needs them no more.
        ALTER TABLE intents ADD COLUMN sealed_path BLOB;
        UPDATE intents SET path = '' WHERE state <> 0;
        """,
        """
        -- One change of an object at a time.
        CREATE UNIQUE INDEX intents_object ON intents (tenant, object_id) WHERE state = 0;
        """,
        """
        -- Accepted to be forwarded later: the lane it waits in, how urgent it is, and from when on it may be sent. Waiting is 4, parked is 5.
        ALTER TABLE intents ADD COLUMN lane TEXT;
        ALTER TABLE intents ADD COLUMN urgency INTEGER;
        ALTER TABLE intents ADD COLUMN due_at INTEGER;
        -- Open (0), succeeded (1) or waiting (4): this index decides who may call.
        DROP INDEX intents_reference;
        CREATE UNIQUE INDEX intents_reference ON intents (backend, external_id) WHERE state IN (0, 1, 4);
        CREATE INDEX intents_waiting ON intents (backend, urgency) WHERE state = 4;
        CREATE INDEX intents_parked ON intents (backend) WHERE state = 5;
        CREATE INDEX intents_accepted ON intents (object_id) WHERE lane IS NOT NULL;
        -- Who of a lane stands before another, and what of it is held back.
        CREATE INDEX intents_lane ON intents (lane, state) WHERE lane IS NOT NULL;
        CREATE INDEX intents_held ON intents (lane, state, due_at) WHERE lane IS NOT NULL;
        -- Of a lane, one at a time.
        CREATE UNIQUE INDEX intents_lane_open ON intents (lane) WHERE state = 0 AND lane IS NOT NULL;
        """,
        """
        -- Where each partner has an endpoint, each has a line of its own. What waits by itself has a result, and holds its lane by its place.
        CREATE INDEX intents_waiting_of ON intents (backend, tenant, urgency) WHERE state = 4;
        DROP INDEX intents_held;
        """,
        """
        -- How far feeds of changes have come, and what they have told of each record. Subjects: tenant=subject, separated by commas.
        CREATE TABLE feeds (
            feed TEXT NOT NULL PRIMARY KEY,
            scope TEXT NOT NULL,
            watermark INTEGER NOT NULL,
            lease_owner TEXT NOT NULL,
            lease_until INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            looked_at INTEGER,
            reconciled_at INTEGER,
            version INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE feed_records (
            feed TEXT NOT NULL,
            id INTEGER NOT NULL,
            written_at INTEGER NOT NULL,
            hash TEXT NOT NULL,
            stage TEXT NOT NULL,
            subjects TEXT NOT NULL,
            told TEXT NOT NULL,
            settled INTEGER NOT NULL,
            version INTEGER NOT NULL,
            PRIMARY KEY (feed, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX feed_records_owed ON feed_records (feed, id) WHERE hash = 'owed';
        CREATE INDEX objects_reference ON objects (backend, kind, reference);
        """,
        """
        -- One change of a backend's record at a time, whoever makes it.
        ALTER TABLE intents ADD COLUMN record TEXT;
        CREATE UNIQUE INDEX intents_record ON intents (backend, record) WHERE state = 0 AND record IS NOT NULL;
        """,
        """
        -- What an attempt said and heard, encrypted. Deliveries in line by an ordering key, and where the schedule of a replayed one begins.
        ALTER TABLE attempts ADD COLUMN details BLOB;
        ALTER TABLE deliveries ADD COLUMN ordering_key TEXT;
        ALTER TABLE deliveries ADD COLUMN round_from INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX deliveries_line ON deliveries (tenant, subscription, ordering_key, event_position) WHERE state = 0 AND ordering_key IS NOT NULL;
        CREATE INDEX deliveries_since ON deliveries (tenant, subscription, created_at);
        -- How endpoints of webhooks do. Those that never failed are not here.
        CREATE TABLE endpoints (
            tenant TEXT NOT NULL,
            name TEXT NOT NULL,
            failing_since INTEGER,
            warned INTEGER NOT NULL,
            disabled_at INTEGER,
            reason TEXT,
            version INTEGER NOT NULL,
            PRIMARY KEY (tenant, name)
        ) STRICT, WITHOUT ROWID;
        """,
        """
        -- A partner reads its own events, however many others have.
        CREATE INDEX events_tenant ON events (tenant, position);
        """,
        """
        -- Dead letters: what each died of and when, who skipped it and why, and whose data were changed. The data as they are told now, encrypted.
        ALTER TABLE deliveries ADD COLUMN cause TEXT;
        ALTER TABLE deliveries ADD COLUMN died_at INTEGER;
        ALTER TABLE deliveries ADD COLUMN note TEXT;
        ALTER TABLE deliveries ADD COLUMN edit_of TEXT;
        ALTER TABLE deliveries ADD COLUMN edit INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE edits (
            delivery_id TEXT NOT NULL PRIMARY KEY,
            tenant TEXT NOT NULL,
            data BLOB NOT NULL
        ) STRICT;
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
            id TEXT NOT NULL PRIMARY KEY,
            tenant TEXT NOT NULL,
            name TEXT NOT NULL,
            terms BLOB,
            version INTEGER NOT NULL,
            change INTEGER NOT NULL,
            changed_by TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            changed_at INTEGER NOT NULL,
            removed_at INTEGER,
            trouble_at INTEGER,
            trouble TEXT,
            trouble_count INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE UNIQUE INDEX webhook_subscriptions_name ON webhook_subscriptions (tenant, name) WHERE removed_at IS NULL;
        CREATE UNIQUE INDEX webhook_subscriptions_change ON webhook_subscriptions (change);
        """,
        """
        -- An operator wants it sent, whatever is with its endpoint.
        ALTER TABLE deliveries ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX deliveries_asked ON deliveries (next_at) WHERE asked = 1;
        ALTER TABLE endpoints ADD COLUMN retaken INTEGER NOT NULL DEFAULT 0;
        """,
        """
        -- Whether an operator has disabled it: nobody else enables it then. What the gateway says when it does so itself begins like this.
        ALTER TABLE endpoints ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
        UPDATE endpoints SET held = 1 WHERE disabled_at IS NOT NULL AND reason NOT LIKE 'it answered 410:%' AND reason NOT LIKE 'nothing has arrived since %';
        """,
        RetentionRows.Sql,
        FlowTables.Sql,
        TraceRows.IndexSql,
        FlowFigureRows.Sql,
        EventRows.StandingSql,
        FeedRows.HintsSql,
        EventRows.NumbersSql,
        RetentionRows.DeadLineSql,
    ];

    /// <summary>Brings the schema to this build's version, all or nothing.</summary>
    /// <exception cref="StoreUnavailableException">The file was written by a newer build.</exception>
    public static void Run(Session db, DateTimeOffset now)
    {
        db.Execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT");
        var version = Convert.ToInt32(db.Command("SELECT coalesce(max(version), 0) FROM schema_version").ExecuteScalar(), CultureInfo.InvariantCulture);
        if (version > Steps.Length)
        {
            var message = $"The store has schema version {version}, this build knows up to {Steps.Length}: "
                + "it was opened by a newer build. Run that build, or restore a copy made before the upgrade.";
            throw new StoreUnavailableException(message, new InvalidOperationException(message));
        }
        if (version == Steps.Length) return;
        db.Execute("BEGIN IMMEDIATE");
        for (; version < Steps.Length; version++)
        {
            db.Execute(Steps[version]);
            db.Command("INSERT INTO schema_version (version, applied_at) VALUES ($version, $now)").Bind("$version", version + 1).Bind("$now", now).Run();
        }
        db.Execute("COMMIT");
    }
}
