"""Columns with moments before 1677 or after 2262, which pyarrow has no place for: read by pyorc, a
row at a time, and rounded to Hive's milliseconds."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from lakelet.formats.layout import Field

if TYPE_CHECKING:
    from pyarrow import Array

UNIT: Final = "us"
PRECISION: Final = 6
_HALF: Final = 500_000


def has_moments(field: Field) -> bool:
    """Whether a column's values are moments, or hold some."""
    return field.kind.startswith("TIMESTAMP") or any(map(has_moments, field.parts))


def arrays(
    opened: BinaryIO, stripe: int, fields: Sequence[Field], types: Sequence[Any], rows: int
) -> Iterator[Sequence["Array"]]:
    """Columns of a stripe as arrays of given types, so many rows at a time."""
    import pyarrow
    import pyorc

    class Milliseconds(pyorc.converters.ORCConverter):
        """Moments as microseconds since 1970."""

        @staticmethod
        def from_orc(seconds: int, nanoseconds: int, timezone: Any) -> int:
            return seconds * 1_000_000 + (nanoseconds + _HALF) // 1_000_000 * 1000

        @staticmethod
        def to_orc(*given: Any) -> Any:
            """pyorc asks for both ways; nothing is written here."""
            raise NotImplementedError

    kinds = pyorc.TypeKind
    opened.seek(0)
    reader = pyorc.Reader(
        opened,
        column_names=[field.name for field in fields],
        struct_repr=pyorc.StructRepr.DICT,
        converters=dict.fromkeys((kinds.TIMESTAMP, kinds.TIMESTAMP_INSTANT), Milliseconds),
    )
    given = iter(reader.read_stripe(stripe))
    while taken := list(islice(given, rows)):
        yield [
            pyarrow.array([_value(row[field.name], field) for row in taken], of)
            for field, of in zip(fields, types, strict=True)
        ]


def _value(given: Any, field: Field) -> Any:
    """What Arrow does not take as pyorc gives it: maps as dicts."""
    if given is None or not field.parts:
        return given
    if field.kind == "MAP":
        key, value = field.parts
        return [(_value(k, key), _value(v, value)) for k, v in given.items()]
    if field.kind == "LIST":
        return [_value(each, field.parts[0]) for each in given]
    return {part.name: _value(given[part.name], part) for part in field.parts}
