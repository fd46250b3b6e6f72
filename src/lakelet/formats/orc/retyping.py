"""The types in an ORC file's footer (orc_proto.proto), changed where pyarrow has none for them, and
a word of its own that tells moments that pyarrow wrote here from those that others wrote by it.

The file ends with the footer, the postscript and one byte, the postscript's length. The footer is
written back as chunks that are not compressed, which every codec allows.
"""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from lakelet.formats.orc.footers import KINDS, OWN_FIELD, OWN_NAME, Decoder
from lakelet.formats.orc.wire import bytes_field, fields, first, message, number_field
from lakelet.types import Type

_TAIL: Final = 256
_RETYPED: Final = ("varchar", "char")
_FOOTER_LENGTH, _COMPRESSION = 1, 2
"""Fields of the postscript."""
_TYPES: Final = 4
"""The footer's field of types, in the order of a walk down the table's type."""
_KIND, _MAXIMUM_LENGTH = 1, 4
"""Fields of a type."""
_OWN: Final = bytes_field(OWN_FIELD, bytes_field(1, OWN_NAME) + bytes_field(2, b"lakelet"))
"""Of the footer's metadata, names and values of the writer's."""
_ORIGINAL: Final = 1 << 22
"""Bytes of a chunk; its header has 23 bits for them."""


def retype(file: BinaryIO, columns: Sequence[Type]) -> None:
    """Says `varchar(n)` and `char(n)` where a finished file says string, and of moments whose they
    are."""
    flat = [Type("row"), *(each for of in columns for each in of.walk())]
    has_moments = any(of.name == "timestamp" for of in flat)
    if not has_moments and not any(map(_is_retyped, flat)):
        return
    size = file.seek(0, 2)
    file.seek(-min(_TAIL, size), 2)
    tail = file.read()
    script = tail[-1 - tail[-1] : -1]
    told = message(script)
    end = size - len(script) - 1
    start = end - first(told, _FOOTER_LENGTH)
    file.seek(start)
    compression = first(told, _COMPRESSION, 0)
    footer = Decoder(compression).decoded(file.read(end - start))
    changed = _changed(footer, flat) + (_OWN if has_moments else b"")
    written = b"".join(_chunks(changed)) if compression else changed
    script = b"".join(
        number_field(number, len(written)) if number == _FOOTER_LENGTH else raw
        for number, raw in _fields(script)
    )
    file.seek(start)
    file.truncate()
    file.write(written + script + bytes([len(script)]))


def _is_retyped(of: Type) -> bool:
    return of.name in _RETYPED and of.length is not None


def _changed(footer: bytes, flat: Sequence[Type]) -> bytes:
    types = iter(flat)
    return b"".join(
        _type(next(types), raw) if number == _TYPES else raw for number, raw in _fields(footer)
    )


def _type(of: Type, standing: bytes) -> bytes:
    if not _is_retyped(of):
        return standing
    kind = number_field(_KIND, KINDS.index(of.name.upper()))
    return bytes_field(_TYPES, kind + number_field(_MAXIMUM_LENGTH, of.numbers[0]))


def _chunks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _ORIGINAL):
        chunk = data[start : start + _ORIGINAL]
        yield (len(chunk) << 1 | 1).to_bytes(3, "little") + chunk


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The number of each field, and all its bytes."""
    start = 0
    for number, _, end in fields(message):
        yield number, message[start:end]
        start = end
