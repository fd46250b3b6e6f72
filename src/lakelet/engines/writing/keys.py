"""What tells partitions apart while rows are written, and the texts that name their folders.

Rows are sorted by the keys' own values, far cheaper than by texts; the text of each partition is
made once.
"""

from collections.abc import Sequence
from typing import Any, Final

from lakelet.engines.duckdb import Session
from lakelet.engines.writing.target import Columns
from lakelet.formats.writers.texts import partition_value
from lakelet.types import Type
from lakelet.types.quoting import identifier

_FLOATING: Final = ("double", "real")
_TEXTS: Final = ("varchar", "char")
_TABLE: Final = "$partitions"


def told_apart(sql: str, of: Type) -> str:
    """A key's value if equality tells partitions apart by it, else its text.

    NaN differs from itself, and both zeros are one.
    """
    return partition_value(sql, of) if of.name in _FLOATING else sql


def plain(value: Any) -> Any:
    """An Arrow scalar of such a column as Python's value; days and microseconds as numbers, since
    Python's calendar ends early."""
    from pyarrow import types

    if types.is_temporal(value.type):
        return value.value
    return value.as_py()


def texts(
    session: Session, keys: Columns, arrow: Sequence[Any], partitions: Sequence[Sequence[Any]]
) -> Sequence[tuple[str | None, ...]]:
    """The texts of each partition's keys, None for NULL, from what `plain` gave of them.

    `arrow` are the types of the columns. Raises TrinoError for a text that Hive's metastore does
    not take.
    """
    import pyarrow

    if not keys:
        return [() for _ in partitions]
    columns = {
        name: pyarrow.array([values[i] for values in partitions], of)
        for i, ((name, _), of) in enumerate(zip(keys, arrow, strict=True))
    }
    shown = ", ".join(_shown(identifier(name), of) for name, of in keys)
    table = pyarrow.table(columns)
    found = session.rows(f"SELECT {shown} FROM {identifier(_TABLE)}", {_TABLE: table})
    return [tuple(None if text is None else str(text) for text in row) for row in found]


def _shown(sql: str, of: Type) -> str:
    if of.name in _FLOATING:
        return sql
    value = partition_value(sql, of)
    return _checked(value) if of.name in _TEXTS else value


def _checked(sql: str) -> str:
    """A partition's value, which Hive's metastore takes in printable ASCII alone."""
    octets = f"array_to_string(regexp_extract_all(hex(encode({sql})), '..'), ' ')"
    message = (
        "'Hive partition keys can only contain printable ASCII characters (0x20 - 0x7E)."
        f" Invalid value: ' || {octets}"
    )
    failure = f"CAST(trino_fail('HIVE_INVALID_PARTITION_VALUE', {message}) AS VARCHAR)"
    return f"CASE WHEN regexp_matches({sql}, '[^ -~]') THEN {failure} ELSE {sql} END"
