"""The columns of data files by their fields' numbers, as SQL over what a file holds.

A file's fields are Arrow's with their numbers as metadata, which Parquet and ORC files have and
which `avro_files` gives those of Avro; names say which is which only in a file without numbers.
"""

from collections.abc import Sequence
from typing import Any, Final

from lakelet.engines.iceberg.types import trino
from lakelet.errors import TrinoError
from lakelet.model import Document
from lakelet.types.duckdb import physical, row_fields
from lakelet.types.quoting import identifier

_NUMBERS: Final = (b"PARQUET:field_id", b"iceberg.id")


def number(field: Any) -> int | None:
    """The number of a file's field, None where it has none."""
    metadata = field.metadata or {}
    found = next((metadata[name] for name in _NUMBERS if name in metadata), None)
    return None if found is None else int(found)


def place(wanted: Document, fields: Sequence[Any]) -> int | None:
    """Which of a file's fields a column is, None for one that the file has not."""
    numbers = [number(each) for each in fields]
    if any(each is not None for each in numbers):
        return numbers.index(wanted["id"]) if wanted["id"] in numbers else None
    names = [each.name.lower() for each in fields]
    return names.index(wanted["name"].lower()) if wanted["name"].lower() in names else None


def column(wanted: Document, fields: Sequence[Any]) -> str:
    """A column of the table over a file's, NULLs for one that it has not. Raises TrinoError."""
    at = place(wanted, fields)
    if at is None:
        return f"CAST(NULL AS {physical(trino(wanted['type']))})"
    return value(identifier(fields[at].name), wanted["type"], fields[at].type, 0)


def value(sql: str, of: Any, stored: Any, depth: int) -> str:
    """A value as its physical type."""
    from pyarrow import types

    kind = of if isinstance(of, str) else of["type"]
    nested = {"struct": types.is_struct, "list": types.is_list, "map": types.is_map}
    if kind in nested:
        if not nested[kind](stored):
            raise TrinoError("ICEBERG_BAD_DATA", f"{stored} in a file is no {kind}")
        return _READERS[kind](sql, of, stored, depth)
    if of == "timestamptz":
        moment = f"make_timestamp(epoch_us({sql}))"
        packed = f"struct_pack(instant := {moment}, zone := 'UTC')"
        return f"CASE WHEN {sql} IS NOT NULL THEN {packed} END"
    return f"CAST({sql} AS {physical(trino(of))})"


def _struct(sql: str, of: Document, stored: Any, depth: int) -> str:
    row, parts = trino(of), [stored.field(i) for i in range(stored.num_fields)]
    items = []
    for name, each in zip(row_fields(row), of["fields"], strict=True):
        at = place(each, parts)
        inner = f"CAST(NULL AS {physical(trino(each['type']))})"
        if at is not None:
            inner = value(
                f"{sql}.{identifier(parts[at].name)}", each["type"], parts[at].type, depth
            )
        items.append(f"{identifier(name)} := {inner}")
    return f"CASE WHEN {sql} IS NOT NULL THEN struct_pack({', '.join(items)}) END"


def _list(sql: str, of: Document, stored: Any, depth: int) -> str:
    name = f"v{depth}"
    inner = value(name, of["element"], stored.value_type, depth + 1)
    return f"list_transform({sql}, lambda {name}: {inner})"


def _map(sql: str, of: Document, stored: Any, depth: int) -> str:
    name = f"v{depth}"
    key = value(f"{name}.key", of["key"], stored.key_type, depth + 1)
    item = value(f"{name}.value", of["value"], stored.item_type, depth + 1)
    pair = f"struct_pack(key := {key}, value := {item})"
    entries = f"list_transform(map_entries({sql}), lambda {name}: {pair})"
    return f"CASE WHEN {sql} IS NOT NULL THEN map_from_entries({entries}) END"


_READERS: Final = {"struct": _struct, "list": _list, "map": _map}
