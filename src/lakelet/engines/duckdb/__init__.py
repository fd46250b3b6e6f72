"""DuckDB in the process: one locked-down instance a lake, one session a query.

duckdb and pyarrow are imported when a lake first runs a query, to keep start-up light.
"""

from lakelet.engines.duckdb.session import DuckDb, Session

__all__ = ["DuckDb", "Session"]
