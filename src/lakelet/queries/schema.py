"""The tables of queries: what ran, what it cost, and what Athena keeps under names."""

from typing import Final

SCHEMA: Final = """
CREATE TABLE query_execution (
    id TEXT PRIMARY KEY,
    work_group TEXT NOT NULL,
    submitted REAL NOT NULL,
    state TEXT NOT NULL,
    token TEXT UNIQUE, -- the caller's ClientRequestToken
    reusable TEXT, -- what is asked, as a digest, where its answer may be given again
    document TEXT NOT NULL -- JSON: the Query; with a rowid, documents lie behind one another
);
CREATE INDEX query_by_time ON query_execution (work_group, submitted DESC);
CREATE INDEX query_by_question ON query_execution (reusable, submitted DESC)
    WHERE reusable IS NOT NULL;

-- What the queries of a work group have cost, also those that are kept no longer.
CREATE TABLE query_cost (
    work_group TEXT PRIMARY KEY,
    queries INTEGER NOT NULL,
    scanned INTEGER NOT NULL, -- bytes
    billed INTEGER NOT NULL -- bytes, with the minimum of each query
) WITHOUT ROWID;

CREATE TABLE athena_record (
    kind TEXT NOT NULL, -- work groups, named queries, prepared statements …
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
"""
