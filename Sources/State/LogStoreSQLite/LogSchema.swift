import GRDB

/// The tables of the log file. A migration that was released is never edited.
enum LogSchema {
    /// `BRTL`: marks an SQLite file as Berth's logs.
    static let applicationID = 0x4252_544c

    /// `deleted` marks what a sweep takes away later, and hides it until then. A stream without events has -1 as its last.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 groups, streams, events") { database in
            try database.execute(
                sql: """
                    CREATE TABLE groups (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL,
                        name TEXT NOT NULL, created INTEGER NOT NULL, retention INTEGER, protected INTEGER NOT NULL,
                        tags TEXT NOT NULL, bytes INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0);
                    CREATE UNIQUE INDEX groups_by_name ON groups (account, region, name) WHERE deleted = 0;
                    CREATE INDEX groups_deleted ON groups (id) WHERE deleted = 1;
                    CREATE TABLE streams (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, group_id INTEGER NOT NULL, name TEXT NOT NULL,
                        created INTEGER NOT NULL, last_event INTEGER NOT NULL DEFAULT -1,
                        last_ingestion INTEGER NOT NULL DEFAULT -1, deleted INTEGER NOT NULL DEFAULT 0);
                    CREATE UNIQUE INDEX streams_by_name ON streams (group_id, name) WHERE deleted = 0;
                    CREATE INDEX streams_by_event ON streams (group_id, last_event, name) WHERE deleted = 0;
                    CREATE INDEX streams_of_group ON streams (group_id);
                    CREATE INDEX streams_deleted ON streams (id) WHERE deleted = 1;
                    CREATE TABLE events (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, group_id INTEGER NOT NULL, stream_id INTEGER NOT NULL,
                        time INTEGER NOT NULL, ingested INTEGER NOT NULL, message BLOB NOT NULL);
                    CREATE INDEX events_by_group ON events (group_id, time);
                    CREATE INDEX events_by_stream ON events (stream_id, time);
                    """)
        }
        return migrator
    }
}
