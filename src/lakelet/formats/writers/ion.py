"""Amazon Ion in binary, a struct a row, as the Ion Hive SerDe writes it by default.

A struct leaves out its NULLs, a moment is in UTC with milliseconds, a date has a day's precision.

Source: docs/serde-properties.md and docs/type-mapping.md of amazon-ion/ion-hive-serde (read
2026-11). amazon.ion takes a value at a time.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from lakelet.errors import TrinoError
from lakelet.formats.writers.lines import EXTENSIONS, STREAMS
from lakelet.formats.writers.writing import WriteRequest, Writing, codec
from lakelet.types import Type
from lakelet.types.duckdb import row_fields
from lakelet.types.quoting import identifier

if TYPE_CHECKING:
    from pyarrow import Table

_ROWS: Final = 8192
Encode = Callable[[Any], Any]
"""A Python value of a column, not None → what amazon.ion writes."""


def writing(request: WriteRequest) -> Writing:
    """Raises TrinoError for a codec, or a map's keys, that Ion has not."""
    extension = codec(EXTENSIONS, request, "GZIP", "Ion")
    for name, of in request.columns:
        if any(each.name == "map" and each.key.name != "varchar" for each in of.walk()):
            message = f"Column '{name}' has a non-varchar map key, which is not supported by Ion"
            raise TrinoError("NOT_SUPPORTED", message)
    items = [identifier(name) for name, _ in request.columns]
    return Writing(items, extension, lambda file: _Ion(file, request, extension))


class _Ion:
    """A FileWriter."""

    def __init__(self, file: BinaryIO, request: WriteRequest, extension: str) -> None:
        self._columns = [(name, _encoder(of)) for name, of in request.columns]
        self._stream = STREAMS[extension](file, request.level)

    def write(self, rows: "Table") -> None:
        from amazon.ion import simpleion

        for batch in rows.to_batches(_ROWS):
            try:
                columns = [
                    [None if each is None else encode(each) for each in column.to_pylist()]
                    for (_, encode), column in zip(self._columns, batch.columns, strict=True)
                ]
            except (OverflowError, ValueError) as failure:
                message = "Ion holds the years from 1 to 9999"
                raise TrinoError("HIVE_WRITER_DATA_ERROR", message) from failure
            names = [name for name, _ in self._columns]
            structs = [
                _without_nulls(dict(zip(names, row, strict=True)))
                for row in zip(*columns, strict=True)
            ]
            data: bytes = simpleion.dumps(structs, binary=True, sequence_as_stream=True)
            self._stream.write(memoryview(data))

    def close(self) -> None:
        self._stream.close()


def _without_nulls(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _encoder(of: Type) -> Encode:
    match of.name:
        case "array":
            return partial(_array, encode=_encoder(of.element))
        case "map":
            return partial(_map, encode=_encoder(of.value))
        case "row":
            names = zip(row_fields(of), of.arguments, strict=True)
            return partial(_row, encoders={name: _encoder(part) for name, part in names})
    return _SCALARS.get(of.name, _same)


def _same(value: Any) -> Any:
    return value


def _array(values: Any, *, encode: Encode) -> Any:
    return [None if each is None else encode(each) for each in values]


def _map(pairs: Any, *, encode: Encode) -> Any:
    return {key: None if each is None else encode(each) for key, each in pairs}


def _row(values: Any, *, encoders: Mapping[str, Encode]) -> Any:
    fields = {name: None if each is None else encoders[name](each) for name, each in values.items()}
    return _without_nulls(fields)


def _date(value: date) -> Any:
    from amazon.ion.core import TimestampPrecision, timestamp

    return timestamp(value.year, value.month, value.day, precision=TimestampPrecision.DAY)


def _timestamp(value: datetime) -> Any:
    from amazon.ion.core import TimestampPrecision, timestamp

    parts = (value.year, value.month, value.day, value.hour, value.minute, value.second)
    return timestamp(
        *parts,
        value.microsecond,
        off_hours=0,
        off_minutes=0,
        precision=TimestampPrecision.SECOND,
        fractional_precision=3,
    )


_SCALARS: Final[Mapping[str, Encode]] = {"date": _date, "timestamp": _timestamp}
