"""Athena's ColumnInfo of a column, and its message in the `.metadata` file.

Precisions are recorded by PyAthena's tests against AWS; which of them a message holds depends on
the type, not on the value (athena-local's measurements of metadata).
"""

from collections.abc import Mapping
from functools import lru_cache

from lakelet.model import Document, ResultColumn
from lakelet.types import Type

MAX_VARCHAR = 2_147_483_647
_PRECISION: Mapping[str, int] = {
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "real": 17,
    "double": 17,
    "varbinary": 1_073_741_824,
    "timestamp": 3,
    "timestamp with time zone": 3,
    "time": 3,
    "time with time zone": 3,
}
"""Where it is not 0."""

_WITHOUT: Mapping[str, tuple[str, ...]] = {
    "boolean": ("Precision", "Scale"),
    "date": ("Precision",),
    "interval day to second": ("Precision", "Scale"),
    "interval year to month": ("Precision", "Scale"),
}
_NUMBERED = frozenset((*_PRECISION, "float", "decimal", "varchar", "char", *_WITHOUT))
"""The types of which a message holds any number but Nullable; the others have none."""

_CATALOG = "hive"
_UNKNOWN = 3
"""Nullable's number: Athena knows of no column whether it may be NULL."""


def column_info(column: ResultColumn) -> Document:
    """Of a column of rows."""
    of = column.type
    name = "float" if of.name == "real" else of.name
    scale = of.scale if of.name == "decimal" else 0
    return _column(column.name, name, _precision(of), scale, of.name in ("varchar", "char"))


def text_column(name: str, of: str = "string") -> Document:
    """Of a column of lines of text."""
    return _column(name, of, 0, 0, False)


def _column(name: str, of: str, precision: int, scale: int, case_sensitive: bool) -> Document:
    return {
        "CatalogName": _CATALOG,
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": of,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": case_sensitive,
    }


def _precision(of: Type) -> int:
    if of.name == "decimal":
        return of.precision
    if of.name in ("varchar", "char"):
        return MAX_VARCHAR if of.length is None else of.length
    return _PRECISION.get(of.name, 0)


# Metadata -----------------------------------------------------------------------------------


def metadata(
    query: str, columns: tuple[Document, ...], update: str | None = None, count: int | None = None
) -> bytes:
    """The `.metadata` file, in protobuf: 1 the query's id, 2 what it did, 3 to how many rows,
    4 each column."""
    return b"".join(
        (
            _text(1, query),
            _text(2, update) if update is not None else b"",
            _number(3, count) if count is not None else b"",
            *(_field(4, _message(column)) for column in columns),
        )
    )


def _message(column: Document) -> bytes:
    return _described(
        column["Name"],
        column["Type"],
        column["Precision"],
        column["Scale"],
        case_sensitive=column["CaseSensitive"],
    )


@lru_cache(maxsize=1024)
def _described(name: str, of: str, precision: int, scale: int, *, case_sensitive: bool) -> bytes:
    texts = ((1, _CATALOG), (4, name), (5, name), (6, of))
    parts = [_text(number, text) for number, text in texts]
    held = of in _NUMBERED and not (of == "varchar" and not case_sensitive)
    absent = _WITHOUT.get(of, ())
    if held and "Precision" not in absent:
        parts.append(_number(7, precision))
    if held and "Scale" not in absent:
        parts.append(_number(8, scale))
    parts.append(_number(9, _UNKNOWN))
    if held:
        parts.append(_number(10, int(case_sensitive)))
    return b"".join(parts)


def _text(number: int, text: str) -> bytes:
    return _field(number, text.encode())


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
