"""What a server's queries run with, imported behind its first answer of Athena.

NumPy, Arrow, DuckDB and the rooms of SQL take a third of a second, which the first query of a table
would wait for, and 120 MB: a server of objects and of a catalogue alone does without them.
"""

import importlib
import threading
from typing import Final

from lakelet import afterwards
from lakelet.loading import loading

_FOR_QUERIES: Final = (
    "lakelet.engines.local",
    "duckdb",
    "pyarrow.compute",
    "pyarrow.csv",
    "pyarrow.dataset",
)


def load_for(service: str) -> None:
    """Begins to import, in a thread and behind the answer that is made, what a service's clients
    will ask for next."""
    if service == "athena":
        afterwards.begin(threading.Thread(target=_load, name="lakelet imports").start)


def _load() -> None:
    for name in _FOR_QUERIES:
        with loading:
            importlib.import_module(name)
