"""The columns that a query gives a table: names and types that Hive can hold."""

from collections.abc import Sequence
from typing import Final

from lakelet.engines.planning import Plan
from lakelet.engines.writing.target import Columns
from lakelet.errors import TrinoError
from lakelet.model import Column
from lakelet.types import Type
from lakelet.types.hive import to_hive, unsupported

_MAX_CHAR: Final = 255
_MAX_VARCHAR: Final = 65_535
_MILLISECONDS: Final = 3
_EMPTY: Final = Type("varchar", (0,))
"""Of the text '', which Hive has not: a column is of varchar(1) instead."""
_LEAST: Final = Type("varchar", (1,))


def named(plan: Plan) -> Columns:
    """The plan's columns under their names in lower case; raises TrinoError in Trino's words, for
    a type that Hive has not too."""
    found = distinctly_named(plan)
    for name, of in zip((each.name for each in plan.columns), (of for _, of in found), strict=True):
        _check(name, of)
    return found


def distinctly_named(plan: Plan) -> Columns:
    """The plan's columns under their names in lower case; raises TrinoError in Trino's words."""
    told = [(column.name, column.type) for column in plan.columns]
    found = [(name, _LEAST if of == _EMPTY else of) for name, of in told]
    for index, (name, of) in enumerate(found):
        if name == f"_col{index}":
            message = f"Column name not specified at position {index + 1}"
            raise TrinoError("MISSING_COLUMN_NAME", message, line=1, column=1)
        if of.name == "unknown":
            message = f"Column type is unknown: {name}"
            raise TrinoError("COLUMN_TYPE_UNKNOWN", message, line=1, column=1)
    _distinct([name for name, _ in found])
    return tuple((name.lower(), of) for name, of in found)


def _distinct(names: Sequence[str]) -> None:
    for index, name in enumerate(names):
        if name in names[:index]:
            message = f"Column name '{name}' specified more than once"
            raise TrinoError("DUPLICATE_COLUMN_NAME", message, line=1, column=1)
    lower = [name.lower() for name in names]
    twice = [name for index, name in enumerate(lower) if name in lower[:index]]
    if twice:
        message = f"Multiple entries with same key: {twice[0]}"
        raise TrinoError("GENERIC_INTERNAL_ERROR", message)


def _check(name: str, of: Type) -> None:
    if name.startswith(" "):
        message = f"Hive column names must not start with a space: '{name}'"
        raise TrinoError("NOT_SUPPORTED", message)
    if "," in name:
        message = f"Hive column names must not contain commas: '{name}'"
        raise TrinoError("NOT_SUPPORTED", message)
    _check_type(name, of)


def _check_type(column: str, of: Type) -> None:
    for part in of.arguments:
        _check_type(column, part)
    if of.name == "timestamp" and of.precision != _MILLISECONDS:
        raise TrinoError(
            "NOT_SUPPORTED",
            f"Incorrect timestamp precision for {of}; the configured precision is MILLISECONDS;"
            f" column name: {column}",
        )
    if of.name in ("json", "timestamp with time zone"):
        raise unsupported(str(of))
    if of.name == "char" and (of.length or 1) > _MAX_CHAR:
        raise unsupported(f"{of}. Supported CHAR types: CHAR(<={_MAX_CHAR}).")
    if of.name == "varchar" and of.length is not None and of.length > _MAX_VARCHAR:
        raise unsupported(f"{of}. Supported VARCHAR types: VARCHAR(<={_MAX_VARCHAR}), VARCHAR.")
    if of == _EMPTY:
        message = "invalid varchar length: 0"
        raise TrinoError("GENERIC_INTERNAL_ERROR", message)
    if of.name == "row" and not all(of.fields):
        message = (
            f"Anonymous row type is not supported in Hive. Please give each field a name: {of}"
        )
        raise TrinoError("NOT_SUPPORTED", message)
    to_hive(of)


def hive(columns: Columns) -> tuple[Column, ...]:
    """The columns as the catalogue keeps them."""
    return tuple(Column(name, to_hive(of)) for name, of in columns)
