"""What Trino reads of a table's properties before it looks at any file (`doGetTableMetadata`)."""

import re
from typing import Final

from lakelet.errors import TrinoError
from lakelet.model import Table

_COUNTS: Final = ("skip.header.line.count", "skip.footer.line.count")
_CHARACTERS: Final = ("separatorChar", "quoteChar", "escapeChar")
_TEXTS: Final = (
    "serialization.null.format",
    "field.delim",
    "escape.delim",
    "input.regex",
    "input.regex.case.insensitive",
)
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,10}")


def check(table: Table) -> None:
    """Raises TrinoError for a property that says one thing of the table and another of its SerDe
    (HIVE_INVALID_METADATA), and for what is no count or no character (GENERIC_INTERNAL_ERROR)."""
    for name in _TEXTS:
        _value(table, name)
    counts = [_value(table, name) for name in _COUNTS]
    characters = [_value(table, name) for name in _CHARACTERS]
    if "" in characters or not all(each is None or _is_integer(each) for each in counts):
        raise TrinoError(
            "GENERIC_INTERNAL_ERROR",
            f"Failed to construct table metadata for table {table.database}.{table.name}",
        )


def _value(table: Table, name: str) -> str | None:
    of_serde, of_table = table.storage.serde_parameters.get(name), table.parameters.get(name)
    if of_serde is not None and of_table is not None and of_serde != of_table:
        raise TrinoError(
            "HIVE_INVALID_METADATA",
            f"Different values for '{name}' set in serde properties and table properties:"
            f" '{of_serde}' and '{of_table}'",
        )
    return of_serde if of_table is None else of_table


def _is_integer(text: str) -> bool:
    return _INTEGER.fullmatch(text) is not None and -(1 << 31) <= int(text) < 1 << 31
