"""Makes the macros and Python functions that a text mentions, once, before it runs.

A macro may mention others; they are made first.
"""

import functools
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from lakelet.engines.duckdb import row_patterns as row_patterns  # fills the registry
from lakelet.engines.iceberg import hashing
from lakelet.errors import TrinoError
from lakelet.formats import functions as scans
from lakelet.sql import functions as functions  # fills the registry
from lakelet.sql.functions import registry
from lakelet.sql.functions.binding import row_by_row

_OURS: Final = re.compile(r"trino_[a-z0-9_]+")
MACROS: Final = {each.name: each.text for each in registry.MACROS.values()} | dict(scans.MACROS)
UDFS: Final[dict[str, registry.Udf | scans.Udf]] = {
    **registry.UDFS,
    **scans.UDFS,
    **hashing.UDFS,
}


def needed(text: str) -> list[str]:
    """Names of the macros and functions that a text needs, callees first."""
    return list(dict.fromkeys(_closure(text)))


def _closure(text: str) -> Iterator[str]:
    for name in dict.fromkeys(_OURS.findall(text)):
        if name in MACROS:
            yield from _of_macro(name)
            yield name
        elif name in UDFS:
            yield name


@functools.cache
def _of_macro(name: str) -> tuple[str, ...]:
    return tuple(_closure(MACROS[name]))


def create(connection: Any, name: str) -> None:
    """Makes one of them in the instance of `connection`, which must outlive its use."""
    if name in MACROS:
        connection.execute(f"CREATE OR REPLACE MACRO {name}{MACROS[name]}")
        return
    entry = UDFS[name]
    copied = _COPIED.get(entry.result)
    fails = isinstance(entry, registry.Udf) and not entry.total
    connection.create_function(
        f"{name}_arrow" if copied or fails else name,
        _marked(entry.load(), len(entry.arguments)),
        list(entry.arguments),
        entry.result,
        type="arrow",
        null_handling="special",
        side_effects=False,
    )
    if copied or fails:
        names = [f"a{i}" for i in range(len(entry.arguments))]
        given = ", ".join(f"{row_by_row(each)}[1]" if fails else each for each in names)
        inside = (copied or "{}").format(f"{name}_arrow({given})")
        connection.execute(f"CREATE OR REPLACE MACRO {name}({', '.join(names)}) AS {inside}")


_COPIED: Final = {
    "VARCHAR": "{} || ''",
    "BLOB": "{} || CAST('' AS BLOB)",
    "VARCHAR[]": "list_transform({}, lambda e: e || '')",
    "BLOB[]": "list_transform({}, lambda e: e || CAST('' AS BLOB))",
}
"""How the strings that a Python function returns are copied before anything else sees them.

DuckDB 1.5 keeps no hold on Arrow's memory when COALESCE takes such a string over, which then reads
freed memory.
"""


def _marked(function: Callable[..., Any], arguments: int) -> Callable[..., Any]:
    """Puts the marker that `failures` knows on a Trino error raised in a Python function."""

    def run(*columns: Any) -> Any:
        try:
            return function(*columns)
        except TrinoError as failure:
            raise ValueError(f"trino:{failure.name}:{failure.message}") from None

    # DuckDB counts the parameters that a signature names.
    names = (f"a{i}" for i in range(arguments))
    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in names]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # inspect reads it
    return run
