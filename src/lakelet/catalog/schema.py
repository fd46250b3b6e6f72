"""The catalogue's tables: documents are JSON in Glue's own shapes, times seconds since 1970."""

SCHEMA = """
CREATE TABLE glue_database (
    name TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    created REAL NOT NULL
) WITHOUT ROWID;

CREATE TABLE glue_table (
    id INTEGER PRIMARY KEY,
    database TEXT NOT NULL REFERENCES glue_database (name) ON DELETE CASCADE,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    created REAL NOT NULL,
    updated REAL NOT NULL,
    UNIQUE (database, name)
);
CREATE TABLE glue_table_version (
    table_id INTEGER NOT NULL REFERENCES glue_table (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    updated REAL NOT NULL,
    PRIMARY KEY (table_id, version)
) WITHOUT ROWID;

-- What the partitions of a table have in common is kept once.
CREATE TABLE glue_descriptor (
    id INTEGER PRIMARY KEY,
    document TEXT NOT NULL UNIQUE
);
CREATE TABLE glue_partition (
    table_id INTEGER NOT NULL REFERENCES glue_table (id) ON DELETE CASCADE,
    key TEXT NOT NULL, -- the values, joined by U+001F: an equality on leading keys is a range
    vals TEXT NOT NULL, -- the values as a JSON array
    location TEXT,
    descriptor INTEGER REFERENCES glue_descriptor (id),
    document TEXT NOT NULL, -- the rest
    created REAL NOT NULL,
    PRIMARY KEY (table_id, key)
) WITHOUT ROWID;

-- Records that are kept and given back: crawlers, crawls, classifiers, connections …
CREATE TABLE glue_record (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
"""
