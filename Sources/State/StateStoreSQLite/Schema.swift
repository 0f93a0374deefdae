import GRDB

/// The tables of the data file, from the first version on. A migration that was released is never edited.
enum Schema {
    /// `BRTH`: marks an SQLite file as Berth's.
    static let applicationID = 0x4252_5448

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 records, changes, meta") { database in
            try database.execute(
                sql: """
                    CREATE TABLE records (
                        kind TEXT NOT NULL, key TEXT NOT NULL, revision INTEGER NOT NULL,
                        value BLOB NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (kind, key));
                    CREATE TABLE changes (
                        revision INTEGER PRIMARY KEY, time INTEGER NOT NULL,
                        batch BLOB NOT NULL, checksum INTEGER NOT NULL);
                    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
                    INSERT INTO meta VALUES ('revision', 0), ('probe', 0);
                    """)
        }
        return migrator
    }
}
