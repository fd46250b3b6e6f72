"""What a server's queries run with, imported while its first answers are on their way.

NumPy, Arrow, DuckDB and the rooms of SQL take a third of a second, which the first query of a table
would wait for. A server of objects alone never imports them.
"""

import importlib
import threading
from typing import Final

from lakelet import afterwards

_FOR_QUERIES: Final = (
    "lakelet.engines.local",
    "duckdb",
    "pyarrow.compute",
    "pyarrow.csv",
    "pyarrow.dataset",
)
_WITH_QUERIES: Final = frozenset({"athena", "glue"})


def load_for(service: str) -> None:
    """Begins to import, in a thread and behind the answer that is made, what a service's clients
    will ask for next."""
    if service in _WITH_QUERIES:
        afterwards.begin(threading.Thread(target=_load, name="lakelet imports").start)


def _load() -> None:
    for name in _FOR_QUERIES:
        importlib.import_module(name)
