"""The tails of ORC files: columns as trees, stripes with their columns' bytes and bounds.

https://orc.apache.org/specification/ORCv1/ (read 2026-11). pyarrow reads the values, but tells
neither char from string nor statistics nor where a column's bytes are.
"""

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, Final

from lakelet.formats.layout import Access, Field, Footer, Group, Value
from lakelet.formats.orc.reading import bad
from lakelet.formats.orc.wire import Message, first, message, signed, varints
from lakelet.model import DataFile

KINDS: Final = (
    *("BOOLEAN", "BYTE", "SHORT", "INT", "LONG", "FLOAT", "DOUBLE", "STRING", "BINARY"),
    *("TIMESTAMP", "LIST", "MAP", "STRUCT", "UNION", "DECIMAL", "DATE", "VARCHAR", "CHAR"),
    "TIMESTAMP_INSTANT",
)
_TAIL: Final = 16 * 1024
_MAGIC: Final = b"ORC"
_INDEXES: Final = frozenset({6, 7, 8})
"""Kinds of streams that are not values: row index, Bloom filters."""


_ODD: Final = (
    *(LookupError, TypeError, AttributeError, StopIteration, OverflowError, RecursionError),
    struct.error,
)
"""What fails when bytes are taken for a message that they are not."""


def read(files: Sequence[DataFile], access: Access) -> list[Footer]:
    """Raises TrinoError HIVE_BAD_DATA for a file that is none of ORC."""
    footers = []
    for file in files:
        try:
            with access.open(file) as opened:
                footers.append(_footer(opened, file.info.size))
        except (ValueError, OSError, zlib.error) as failure:
            raise bad(file, str(failure) or "Invalid postscript") from failure
        except _ODD as failure:
            raise bad(file, "Invalid footer") from failure
    return footers


def _footer(opened: BinaryIO, size: int) -> Footer:
    tail = _end(opened, size, min(_TAIL, size))
    length = tail[-1]
    script = tail[-1 - length : -1]
    if not script.endswith(_MAGIC) or len(tail) <= length:
        raise ValueError("Invalid postscript")
    told = message(script)
    codec, footer_size, metadata_size = (first(told, field, 0) for field in (2, 1, 5))
    whole = 1 + length + footer_size + metadata_size
    if whole > size:
        raise ValueError("Invalid postscript")
    if whole > len(tail):
        tail = _end(opened, size, whole)
    end = len(tail) - 1 - length
    inside = Decoder(codec)
    footer = message(inside.decoded(tail[end - footer_size : end]))
    start = end - footer_size
    metadata = message(inside.decoded(tail[start - metadata_size : start]))
    types = [message(each) for each in footer.get(4, [])]
    root, owners = _fields(types)
    groups = tuple(_groups(opened, inside, footer, metadata, root, owners))
    own = any(message(each).get(1) == [OWN_NAME] for each in footer.get(OWN_FIELD, []))
    writer = "C++" if first(footer, 9, 0) == 1 and not own else "Java"
    marks = {writer, FAR} if _has_far_moments(types, footer) else {writer}
    return Footer(root.parts, groups, frozenset(marks))


OWN_FIELD: Final = 5
OWN_NAME: Final = b"writer"
"""Of the footer, where a file says that it was written here: its moments before 1970 are right for
pyarrow."""
FAR: Final = "far"
"""The mark of a file with moments that 64 bits of nanoseconds cannot hold."""
_NANOSECONDS: Final = (-(1 << 63) // 1_000_000 + 1, ((1 << 63) - 1) // 1_000_000 - 1)
"""The first and the last millisecond since 1970 that they can."""


def _has_far_moments(types: Sequence[Message], footer: Message) -> bool:
    """By the file's own statistics."""
    low, high = _NANOSECONDS
    for of, told in zip(types, map(message, footer.get(7, [])), strict=False):
        if KINDS[first(of, 1, 0)].startswith("TIMESTAMP"):
            moments = message(first(told, 9, b""))
            ends = [signed(first(moments, field)) for field in (1, 2, 3, 4) if field in moments]
            if any(not low <= each <= high for each in ends):
                return True
    return False


def _end(opened: BinaryIO, size: int, length: int) -> bytes:
    opened.seek(size - length)
    return opened.read(length)


class Decoder:
    """Undoes the compression of a file's metadata: blocks with a header of three bytes."""

    def __init__(self, codec: int) -> None:
        self._codec = codec

    def decoded(self, data: bytes) -> bytes:
        if self._codec == 0:
            return data
        parts, position = [], 0
        while position < len(data):
            header = int.from_bytes(data[position : position + 3], "little")
            length, position = header >> 1, position + 3
            block = data[position : position + length]
            parts.append(block if header & 1 else self._decompressed(block))
            position += length
        return b"".join(parts)

    def _decompressed(self, block: bytes) -> bytes:
        import pyarrow

        if self._codec == 1:
            return zlib.decompress(block, -zlib.MAX_WBITS)
        if self._codec == 2:
            size = next(varints([block[:10]]))
            return bytes(pyarrow.decompress(block, size, "snappy"))
        if self._codec == 4:
            return _streamed(
                _LZ4_FRAME + len(block).to_bytes(4, "little") + block + bytes(4), "lz4"
            )
        if self._codec == 5:
            return _streamed(block, "zstd")
        raise ValueError("Unsupported compression kind LZO")


_LZ4_FRAME: Final = b"\x04\x22\x4d\x18\x60\x70\x73"
"""The header of a frame of blocks of up to 4 MB, without which pyarrow needs a block's size."""


def _streamed(data: bytes, codec: str) -> bytes:
    import pyarrow

    with pyarrow.CompressedInputStream(pyarrow.BufferReader(data), codec) as stream:
        return bytes(stream.read())


# Columns --------------------------------------------------------------------------------------


def _fields(types: Sequence[Message]) -> tuple[Field, dict[int, int]]:
    """The tree of a file's types, and the column that each type but the root is a part of."""
    root = _field(types, 0, "")
    owners: dict[int, int] = {}
    for column, top in enumerate(varints(types[0].get(2, []))):
        for each in _below(types, top):
            owners[each] = column
    return root, owners


def _below(types: Sequence[Message], number: int) -> Iterator[int]:
    yield number
    for each in varints(types[number].get(2, [])):
        yield from _below(types, each)


def _field(types: Sequence[Message], number: int, name: str) -> Field:
    of = types[number]
    kind = KINDS[first(of, 1, 0)]
    names = [each.decode("utf-8", "replace") for each in of.get(3, [])]
    children = list(varints(of.get(2, [])))
    names = names or ["item"] * len(children)
    parts = tuple(_field(types, child, inner) for child, inner in zip(children, names, strict=True))
    read = kind
    if kind == "DECIMAL":
        read = f"DECIMAL({first(of, 5, 38)},{first(of, 6, 0)})"
    return Field(name, kind, read, kind, parts)


# Stripes --------------------------------------------------------------------------------------


def _groups(
    opened: BinaryIO,
    inside: Decoder,
    footer: Message,
    metadata: Message,
    root: Field,
    owners: dict[int, int],
) -> Iterator[Group]:
    statistics = [message(each).get(1, []) for each in metadata.get(1, [])]
    tops = {column: number for number, column in reversed(owners.items())}
    for number, stripe in enumerate(map(message, footer.get(3, []))):
        start, index, data, length = (first(stripe, field, 0) for field in (1, 2, 3, 4))
        opened.seek(start + index + data)
        streams = message(inside.decoded(opened.read(length))).get(1, [])
        sizes = [0] * len(root.parts)
        for stream in map(message, streams):
            owner = owners.get(first(stream, 2, 0))
            if owner is not None and first(stream, 1, 0) not in _INDEXES:
                sizes[owner] += first(stream, 3, 0)
        told = statistics[number] if number < len(statistics) else []
        bounds = [
            _bounds(field, first(stripe, 5, 0), told[tops[column]] if told else b"")
            for column, field in enumerate(root.parts)
        ]
        least, greatest, nulls = zip(*bounds, strict=True) if bounds else ((), (), ())
        yield Group(first(stripe, 5, 0), tuple(sizes), least, greatest, nulls)


def _bounds(field: Field, rows: int, data: bytes) -> tuple[Value, Value, int | None]:
    """The least and the greatest value of a column in a stripe, and how many are NULL."""
    told = message(data)
    nulls = rows - first(told, 1, 0) if data else None
    if field.kind not in _STATISTICS:
        return None, None, nulls
    number, convert = _STATISTICS[field.kind]
    inner = message(first(told, number, b""))
    if 1 not in inner or 2 not in inner:
        return None, None, nulls
    return convert(first(inner, 1)), convert(first(inner, 2)), nulls


def _text(value: Any) -> str:
    return str(value, "utf-8", "replace")


_STATISTICS: Final[dict[str, tuple[int, Callable[[Any], Value]]]] = {
    **{kind: (2, signed) for kind in ("BYTE", "SHORT", "INT", "LONG")},
    **{kind: (3, float) for kind in ("FLOAT", "DOUBLE")},
    "STRING": (4, _text),
    "VARCHAR": (4, _text),
    "DATE": (7, signed),
}
"""The field of ColumnStatistics, and how its bounds are read: dates are days since 1970."""
