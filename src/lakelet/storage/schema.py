"""The tables of the embedded store."""

SCHEMA = """
CREATE TABLE object (
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime INTEGER NOT NULL, -- nanoseconds
    inode INTEGER NOT NULL,
    etag TEXT, -- NULL until somebody asks
    attributes TEXT NOT NULL, -- JSON
    PRIMARY KEY (bucket, key, size, mtime, inode)
) WITHOUT ROWID;

CREATE TABLE upload (
    id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    initiated REAL NOT NULL, -- seconds since 1970
    algorithm TEXT, -- of the checksum that the parts carry
    attributes TEXT NOT NULL -- JSON
) WITHOUT ROWID;
CREATE INDEX upload_by_key ON upload (bucket, key, id);
CREATE TABLE upload_part (
    upload TEXT NOT NULL REFERENCES upload (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    file TEXT NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    checksums TEXT NOT NULL, -- JSON
    modified REAL NOT NULL,
    PRIMARY KEY (upload, number)
) WITHOUT ROWID;

CREATE TABLE bucket_configuration (
    bucket TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL, -- '' for a kind that a bucket has one of
    document TEXT NOT NULL, -- JSON
    PRIMARY KEY (bucket, kind, id)
) WITHOUT ROWID;
"""
