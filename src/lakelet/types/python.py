"""Arrow batches of physical values → Python values of Trino's types.

Decimal, datetime, date, time, timedelta (day to second), UUID, bytes, list, dict for maps, tuple
for rows; a json value is its text, an interval of months its text, a geometry its well-known
text. Python's datetimes hold
microseconds from the year 1 to 9999: finer or further ones are Trino's text.

pyarrow comes with the batches; nothing imports it here.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache, partial
from typing import Any, Final
from uuid import UUID

from lakelet.types import wkb
from lakelet.types.duckdb import is_fine
from lakelet.types.literals import address_text
from lakelet.types.model import Type
from lakelet.types.zones import offset_at

Reader = Callable[[Any], Sequence[Any]]
"""An Arrow array → its Python values."""


def rows(batches: Iterable[Any], types: Sequence[Type]) -> Iterator[tuple[Any, ...]]:
    """The rows of record batches whose columns hold values of the types."""
    readers = [reader(of) for of in types]
    for batch in batches:
        columns = [_column(read, batch.column(i)) for i, read in enumerate(readers)]
        yield from zip(*columns, strict=True)


def _column(read: Reader, array: Any) -> Sequence[Any]:
    """A column of nothing but NULLs may be of any Arrow type."""
    return [None] * len(array) if array.null_count == len(array) else read(array)


@lru_cache(maxsize=4096)
def reader(of: Type) -> Reader:
    """What reads an Arrow array of a type's physical values, a column at a time."""
    if of.name in _COMPOSED:
        return _COMPOSED[of.name](of)
    convert = _CONVERT.get(of.name)
    if of.name == "char":
        return _each(_padding(of.length or 0))
    if of.name in ("timestamp", "time", "date"):
        return _temporal(of)
    if of.name in _ZONED:
        return partial(_ZONED[of.name], of=of)
    return _each(convert) if convert else _plain


def _plain(array: Any) -> Sequence[Any]:
    values: Sequence[Any] = array.to_pylist()
    return values


def _each(convert: Callable[[Any], Any]) -> Reader:
    return lambda array: [None if v is None else convert(v) for v in array.to_pylist()]


def _padding(length: int) -> Callable[[str], str]:
    return lambda text: text.ljust(length)


def _months(count: int) -> str:
    sign = "-" if count < 0 else ""
    return f"{sign}{abs(count) // 12}-{abs(count) % 12}"


def _milliseconds(count: int) -> timedelta | str:
    if abs(count) <= _LONGEST:
        return timedelta(milliseconds=count)
    days, rest = divmod(abs(count), 86_400_000)
    return f"{'-' if count < 0 else ''}{days} {_clock_text(rest * 1000, Type('time', (3,)))}"


def _color(color: int) -> str:
    return f"#{color:06x}" if color >= 0 else _COLORS[-color - 1]


_COLORS: Final = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


def _tile(tile: int) -> dict[str, int]:
    return {"x": tile >> 32, "y": tile & 0x7FFFFFF, "zoom": tile >> 27 & 0x1F}


_LONGEST: Final = timedelta.max // timedelta(milliseconds=1)


_CONVERT: Final[dict[str, Callable[[Any], Any]]] = {
    "uuid": lambda value: value if isinstance(value, UUID) else UUID(str(value)),
    "ipaddress": address_text,
    "interval year to month": _months,
    "interval day to second": _milliseconds,
    "Geometry": wkb.text,
    "SphericalGeography": wkb.text,
    "BingTile": _tile,
    "color": _color,
}

# Dates and times -----------------------------------------------------------------------------


def _temporal(of: Type) -> Reader:
    build = _TEMPORAL[of.name]

    def read(array: Any) -> Sequence[Any]:
        return [None if v is None else build(v, of) for v in _integers(array)]

    return read


def _integers(array: Any) -> Sequence[int | None]:
    """Days or microseconds, as Arrow counts them; picoseconds, as decimals where they are many."""
    if str(array.type).startswith("decimal"):
        return [None if count is None else int(count) for count in array.to_pylist()]
    width = "int32" if array.type.bit_width == 32 else "int64"
    values: Sequence[int | None] = array.view(width).to_pylist()
    return values


_EPOCH: Final = datetime(1970, 1, 1)
_FIRST_DAY: Final = date(1970, 1, 1).toordinal()


def _date(days: int, of: Type) -> date | str:
    ordinal = days + _FIRST_DAY
    if 1 <= ordinal <= date.max.toordinal():
        return date.fromordinal(ordinal)
    return _date_text(days)


def _moment(count: int, of: Type) -> datetime | str:
    micros, rest = divmod(count, 10**6) if is_fine(of) else (count, 0)
    if not rest and _MIN_MICROS <= micros <= _MAX_MICROS:
        return _EPOCH + timedelta(microseconds=micros)
    return timestamp_text(count, of)


_MIN_MICROS: Final = (datetime.min - _EPOCH) // timedelta(microseconds=1)
_MAX_MICROS: Final = (datetime.max - _EPOCH) // timedelta(microseconds=1)


def _clock(count: int, of: Type) -> time | str:
    micros, rest = divmod(count, 10**6) if is_fine(of) else (count, 0)
    if rest:
        return _clock_text(count, of)
    seconds, micros = divmod(micros, 1_000_000)
    return time(seconds // 3600 % 24, seconds // 60 % 60, seconds % 60, micros)


_TEMPORAL: Final[dict[str, Callable[[int, Type], Any]]] = {
    "date": _date,
    "time": _clock,
    "timestamp": _moment,
}


def timestamp_text(count: int, of: Type) -> str:
    """Trino's text of a timestamp from its microseconds, or picoseconds above precision 6."""
    days, clock = divmod(count, 86_400 * 10 ** _digits(of))
    return f"{_date_text(days)} {_clock_text(clock, of)}"


def _clock_text(count: int, of: Type) -> str:
    finest = _digits(of)
    seconds, part = divmod(count, 10**finest)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    digits = f"{part:0{finest}}".ljust(of.precision, "0")[: of.precision]
    return f"{text}.{digits}" if digits else text


def _digits(of: Type) -> int:
    """The digits after a second's point that a count of the physical type has."""
    return 12 if is_fine(of) else 6


def _date_text(days: int) -> str:
    """The Gregorian calendar repeats every 400 years, which are 146,097 days."""
    cycles, rest = divmod(days, 146_097)
    base = date.fromordinal(_FIRST_DAY + rest)
    year = base.year + cycles * 400
    sign = "-" if year < 0 else "+" if year > 9999 else ""
    return f"{sign}{abs(year):04}-{base.month:02}-{base.day:02}"


def _zoned_timestamps(array: Any, of: Type) -> Sequence[Any]:
    from zoneinfo import ZoneInfo

    instants = _integers(array.field("instant"))
    kind = Type("timestamp", of.numbers)
    zones = {name: _zone(name, ZoneInfo) for name in set(array.field("zone").to_pylist()) if name}
    return [
        None if count is None or name is None else _in_zone(count, kind, zones[name], name)
        for count, name in zip(instants, array.field("zone").to_pylist(), strict=True)
    ]


def _zone(name: str, region: Callable[[str], tzinfo]) -> tzinfo:
    if name[0] not in "+-":
        return region(name)
    minutes = int(name[1:3]) * 60 + int(name[4:])
    return timezone(timedelta(minutes=-minutes if name[0] == "-" else minutes), name)


def _in_zone(count: int, of: Type, zone: tzinfo, name: str) -> datetime | str:
    instant = _moment(count, of)
    if not isinstance(instant, str):
        try:
            return instant.replace(tzinfo=UTC).astimezone(zone)
        except OverflowError:
            pass  # before the year 1 or after 9999 there
    second = 10 ** _digits(of)
    seconds = offset_at(name, count * 10**6 // second)
    return f"{timestamp_text(count + seconds * second, of)} {name}"


def _zoned_times(array: Any, of: Type) -> Sequence[Any]:
    kind = Type("time", of.numbers)
    clocks, minutes = _integers(array.field("local")), array.field("zone").to_pylist()
    return [
        None if count is None or offset is None else _at_offset(_clock(count, kind), offset)
        for count, offset in zip(clocks, minutes, strict=True)
    ]


def _at_offset(clock: time | str, minutes: int) -> time | str:
    if isinstance(clock, str):
        sign = "-" if minutes < 0 else "+"
        return f"{clock}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    return clock.replace(tzinfo=timezone(timedelta(minutes=minutes)))


_ZONED: Final[dict[str, Callable[..., Sequence[Any]]]] = {
    "timestamp with time zone": _zoned_timestamps,
    "time with time zone": _zoned_times,
}

# Arrays, maps and rows -----------------------------------------------------------------------


def _arrays(of: Type) -> Reader:
    element = reader(of.element)
    if element is _plain:
        return _plain
    return lambda array: _slices(array, element(array.values))


def _slices(array: Any, values: Sequence[Any]) -> Sequence[Any]:
    """The lists of a list array, of the values that lie under it."""
    offsets = array.offsets.to_pylist()
    present = array.is_valid().to_pylist()
    return [
        list(values[offsets[i] : offsets[i + 1]]) if valid else None
        for i, valid in enumerate(present)
    ]


def _maps(of: Type) -> Reader:
    key, value = reader(of.key), reader(of.value)

    def read(array: Any) -> Sequence[Any]:
        pairs = list(zip(map(_hashable, key(array.keys)), value(array.items), strict=True))
        return [None if entry is None else dict(entry) for entry in _slices(array, pairs)]

    return read


def _hashable(value: Any) -> Any:
    """A key that Python's dict takes: lists and rows as tuples, maps as tuples of pairs."""
    if isinstance(value, dict):
        return tuple((key, _hashable(each)) for key, each in value.items())
    return tuple(map(_hashable, value)) if isinstance(value, list | tuple) else value


def _rows(of: Type) -> Reader:
    fields = [reader(part) for part in of.arguments]

    def read(array: Any) -> Sequence[Any]:
        columns = [field(array.field(i)) for i, field in enumerate(fields)]
        values = zip(*columns, strict=True)
        present = array.is_valid().to_pylist()
        return [v if valid else None for v, valid in zip(values, present, strict=True)]

    return read


_COMPOSED: Final[dict[str, Callable[[Type], Reader]]] = {
    "array": _arrays,
    "map": _maps,
    "row": _rows,
}
