"""The catalogue's tables: documents are JSON in Glue's own shapes, times seconds since 1970."""

SCHEMA = """
CREATE TABLE glue_database (
    id INTEGER PRIMARY KEY,
    catalog TEXT NOT NULL, -- account/region, or account/region/name of a catalogue in it
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    created REAL NOT NULL,
    UNIQUE (catalog, name)
);
CREATE TABLE glue_function (
    database_id INTEGER NOT NULL REFERENCES glue_database (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    created REAL NOT NULL,
    PRIMARY KEY (database_id, name)
) WITHOUT ROWID;

CREATE TABLE glue_table (
    id INTEGER PRIMARY KEY,
    database_id INTEGER NOT NULL REFERENCES glue_database (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    created REAL NOT NULL,
    updated REAL NOT NULL,
    UNIQUE (database_id, name)
);
-- Another version with every change of what names mean: of databases, and of tables' definitions.
CREATE TABLE glue_change (id INTEGER PRIMARY KEY, version INTEGER NOT NULL);
CREATE TRIGGER glue_database_made AFTER INSERT ON glue_database
BEGIN INSERT OR REPLACE INTO glue_change VALUES (1, random()); END;
CREATE TRIGGER glue_database_changed AFTER UPDATE ON glue_database
BEGIN INSERT OR REPLACE INTO glue_change VALUES (1, random()); END;
CREATE TRIGGER glue_database_gone AFTER DELETE ON glue_database
BEGIN INSERT OR REPLACE INTO glue_change VALUES (1, random()); END;
CREATE TRIGGER glue_table_made AFTER INSERT ON glue_table
BEGIN INSERT OR REPLACE INTO glue_change VALUES (1, random()); END;
CREATE TRIGGER glue_table_changed AFTER UPDATE ON glue_table
BEGIN INSERT OR REPLACE INTO glue_change VALUES (1, random()); END;
CREATE TRIGGER glue_table_gone AFTER DELETE ON glue_table
BEGIN INSERT OR REPLACE INTO glue_change VALUES (1, random()); END;
CREATE TABLE glue_table_version (
    table_id INTEGER NOT NULL REFERENCES glue_table (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    updated REAL NOT NULL,
    PRIMARY KEY (table_id, version)
) WITHOUT ROWID;
CREATE TABLE glue_partition_index (
    table_id INTEGER NOT NULL REFERENCES glue_table (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (table_id, name)
) WITHOUT ROWID;
CREATE TABLE glue_column_statistics (
    table_id INTEGER NOT NULL REFERENCES glue_table (id) ON DELETE CASCADE,
    partition TEXT NOT NULL, -- a partition's key, '' for the table
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (table_id, partition, name)
) WITHOUT ROWID;

-- What partitions of a table have in common is kept once.
CREATE TABLE glue_descriptor (
    id INTEGER PRIMARY KEY,
    table_id INTEGER NOT NULL REFERENCES glue_table (id) ON DELETE CASCADE,
    document TEXT NOT NULL,
    UNIQUE (table_id, document)
);
CREATE TABLE glue_partition (
    id INTEGER PRIMARY KEY,
    table_id INTEGER NOT NULL REFERENCES glue_table (id) ON DELETE CASCADE,
    key TEXT NOT NULL, -- the values as a JSON array
    k0, k1, k2, k3, -- the first values by their keys' types
    more TEXT, -- the values of further keys by their types, a JSON array
    location TEXT,
    descriptor INTEGER NOT NULL,
    document TEXT, -- what it shares with no other
    created REAL NOT NULL
);
CREATE UNIQUE INDEX glue_partition_key ON glue_partition (table_id, key);
CREATE INDEX glue_partition_k0 ON glue_partition (table_id, k0, k1, k2, k3);
CREATE INDEX glue_partition_k1 ON glue_partition (table_id, k1) WHERE k1 IS NOT NULL;
CREATE INDEX glue_partition_k2 ON glue_partition (table_id, k2) WHERE k2 IS NOT NULL;
CREATE INDEX glue_partition_k3 ON glue_partition (table_id, k3) WHERE k3 IS NOT NULL;

-- Records that are kept and given back: connections, classifiers, policies, tags …
CREATE TABLE glue_record (
    catalog TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (catalog, kind, name)
) WITHOUT ROWID;
CREATE TABLE glue_crawl (
    id INTEGER PRIMARY KEY,
    catalog TEXT NOT NULL,
    crawler TEXT NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX glue_crawl_crawler ON glue_crawl (catalog, crawler, id);
"""
