"""The schema in a Parquet file's footer, with the annotations that Trino writes on integers.

pyarrow leaves integers of 32 and 64 bits bare, which means the same. The footer is a FileMetaData
in Thrift's compact protocol; only its list of SchemaElements is looked into (parquet.thrift).
"""

from typing import BinaryIO, Final

from lakelet.formats.writers import thrift

_MAGIC: Final = b"PAR1"
_SCHEMA: Final = 2
"""FileMetaData's field."""
_TYPE, _CONVERTED, _LOGICAL = 1, 6, 10
"""SchemaElement's fields."""
_BARE: Final = {1: (17, 32), 2: (18, 64)}
"""Physical INT32 and INT64: the converted type, and the bits of the logical one."""


def annotate(file: BinaryIO) -> None:
    """Says of a finished file's integers that they are signed and how wide."""
    size = file.seek(0, 2)
    file.seek(size - 8)
    length = int.from_bytes(file.read(4), "little")
    start = size - 8 - length
    file.seek(start)
    footer = _annotated(file.read(length))
    file.seek(start)
    file.truncate()
    file.write(footer + len(footer).to_bytes(4, "little") + _MAGIC)


def _annotated(footer: bytes) -> bytes:
    found, end = thrift.fields(footer, 0)
    changed = [
        (number, kind, _schema(value) if number == _SCHEMA else value)
        for number, kind, value in found
    ]
    return thrift.struct(changed) + footer[end:]


def _schema(elements: bytes) -> bytes:
    count, at = thrift.list_header(elements)
    parts = [elements[:at]]
    for _ in range(count):
        found, at = thrift.fields(elements, at)
        parts.append(thrift.struct(_element(found)))
    return b"".join(parts)


def _element(fields: list[thrift.Field]) -> list[thrift.Field]:
    known = {number: value for number, _, value in fields}
    physical = _BARE.get(thrift.varint(known[_TYPE], 0)[0] >> 1) if _TYPE in known else None
    if physical is None or _CONVERTED in known or _LOGICAL in known:
        return fields
    converted, bits = physical
    integer = thrift.struct([(1, thrift.BYTE, bytes([bits])), (2, thrift.BOOLEANS[0], b"")])
    logical = thrift.struct([(10, thrift.STRUCT, integer)])
    kind = bytes([converted << 1])
    added = [(_CONVERTED, thrift.I32, kind), (_LOGICAL, thrift.STRUCT, logical)]
    return sorted([*fields, *added])
