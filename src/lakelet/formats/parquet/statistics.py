"""Bounds that can't be held against a filter: Trino refuses the file before it reads a value.

Source: Trino's TupleDomainParquetPredicate, which takes a chunk's bounds for those of the table's
type.
"""

from collections.abc import Mapping
from typing import Final

from lakelet.errors import TrinoError
from lakelet.formats.layout import Field, Footer
from lakelet.model import DataFile
from lakelet.types import Type

_INTEGERS: Final = frozenset({"INT32", "INT64"})
_BYTES: Final = frozenset({"BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"})
_TAKEN: Final[Mapping[str, frozenset[str]]] = {
    "boolean": frozenset({"BOOLEAN"}),
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint", "date"), _INTEGERS),
    "real": frozenset({"FLOAT"}),
    "double": frozenset({"DOUBLE"}),
    "decimal": _INTEGERS | _BYTES,
    "varchar": _BYTES,
}
"""The physical types whose bounds a type's filter takes; other types look at none."""

_HALVES: Final = {"UINTEGER": 2**31, "UBIGINT": 2**63}
"""From here on numbers without a sign are taken for negative ones; bounds then change places."""


def check(file: DataFile, footer: Footer, place: int, of: Type) -> None:
    """Of a column that a filter compares. Raises TrinoError HIVE_BAD_DATA."""
    field = footer.fields[place]
    held = field.kind.partition(" ")[0]
    half = _HALVES.get(field.read)
    taken = held in _TAKEN.get(of.name, (held,))
    if field.parts or held == "INT96" or (taken and half is None):
        return
    for group in footer.groups:
        least, greatest = group.least[place], group.greatest[place]
        if least is None or greatest is None:
            continue
        if not taken or (half is not None and int(least) < half <= int(greatest)):
            shown = f"[min: {least}, max: {greatest}, num_nulls: {group.nulls[place] or 0}]"
            raise _corrupted(file, field, shown)


def _corrupted(file: DataFile, field: Field, shown: str) -> TrinoError:
    return TrinoError(
        "HIVE_BAD_DATA",
        f'Malformed Parquet file. Corrupted statistics for column "[{field.name}] {field.text}":'
        f" {shown} [{file.info.uri}]",
    )
