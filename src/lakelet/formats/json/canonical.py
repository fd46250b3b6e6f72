"""Rows as JSON that DuckDB reads back exactly, for lines that Python has to take apart.

A date is its days and a timestamp its microseconds since 1970, floating and decimal numbers are
texts, bytes are hexadecimal, a map is a list of keys and values, a row has the names of DuckDB's
struct.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import orjson

from lakelet.types import Type
from lakelet.types.duckdb import physical, row_fields
from lakelet.types.quoting import identifier, quoted

_AS_TEXT: Final = frozenset({"varbinary", "char", "varchar"})
_AS_NUMBER: Final = {"date": "INTEGER", "timestamp": "BIGINT"}


def structure(columns: Sequence[tuple[str, Type]]) -> str:
    """What `json_transform` is to make of a row."""
    return orjson.dumps({name: _structure(of) for name, of in columns}).decode()


def _structure(of: Type) -> object:
    match of.name:
        case "array":
            return [_structure(of.element)]
        case "map":
            return [{"k": _structure(of.key), "v": _structure(of.value)}]
        case "row":
            parts = zip(row_fields(of), of.arguments, strict=True)
            return {name: _structure(each) for name, each in parts}
    if of.name in _AS_TEXT:
        return "VARCHAR"
    return _AS_NUMBER.get(of.name) or physical(of)


def value(sql: str, of: Type, depth: int = 0) -> str:
    """The value of a type from SQL of what `json_transform` made."""
    return _value(sql, of, depth) if _changes(of) else sql


@lru_cache(maxsize=4096)
def _changes(of: Type) -> bool:
    return of.name in ("varbinary", "map", *_AS_NUMBER) or any(map(_changes, of.arguments))


def _value(sql: str, of: Type, depth: int) -> str:
    each = f'"$each {depth}"'  # as no column is named, else `name.part` would be the column's
    match of.name:
        case "date":
            return f"(DATE '1970-01-01' + {sql})"
        case "timestamp":
            return f"make_timestamp({sql})"
        case "varbinary":
            return f"unhex({sql})"
        case "array":
            return f"list_transform({sql}, lambda {each}: {value(each, of.element, depth + 1)})"
        case "map":
            pair = (
                f"{{'k': {value(f'{each}.k', of.key, depth + 1)},"
                f" 'v': {value(f'{each}.v', of.value, depth + 1)}}}"
            )
            pairs = f"list_transform({sql}, lambda {each}: {pair})"
            return f"CAST(map_from_entries({pairs}) AS {physical(of)})"
    fields = ", ".join(
        f"{quoted(name)}: {value(f'{each}.{identifier(name)}', field, depth + 1)}"
        for name, field in zip(row_fields(of), of.arguments, strict=True)
    )
    made = f"list_transform([{sql}], lambda {each}: {{{fields}}})[1]"
    return f"CASE WHEN {sql} IS NOT NULL THEN {made} END"
