"""Settings: read once from flags, environment and defaults, then passed down."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Dialect = Literal["athena", "trino"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a lake is told when it is opened.

    `data` is the folder that holds the whole state; None makes a temporary lake that is gone at
    the end. `memory_limit` is DuckDB's text ("4GB"), None for its default. `price_per_tb` is in
    US dollars per 10^12 bytes scanned.
    """

    data: Path | None = None
    host: str = "127.0.0.1"
    port: int = 4566
    region: str = "us-east-1"
    account: str = "000000000000"
    dialect: Dialect = "athena"
    storage: str | None = None
    storage_endpoint: str | None = None
    concurrent_queries: int = 20
    query_timeout: float = 1800.0
    memory_limit: str | None = None
    threads: int | None = None
    fsync: bool = False
    price_per_tb: float = 5.0
