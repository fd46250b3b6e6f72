"""Values that a far engine gives as texts or plain JSON → Arrow, in the types' physical form.

Scalars are texts in Trino's spelling; arrays are lists, rows lists of their values, maps objects
whose keys are texts. pyarrow is imported inside functions, to keep start-up light.
"""

from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from lakelet.types import Type
from lakelet.types.arrow import to_arrow
from lakelet.types.duckdb import is_fine, row_fields
from lakelet.types.literals import packed_address, picoseconds

if TYPE_CHECKING:
    import pyarrow


def array(values: Sequence[Any], of: Type, binary: Callable[[str], bytes]) -> "pyarrow.Array":
    """An Arrow array of values, None for NULL; `binary` reads the text of a varbinary."""
    match of.name:
        case "array":
            return _lists(values, of, binary)
        case "map":
            return _maps(values, of, binary)
        case "row":
            return _rows(values, of, binary)
    return _scalars(values, of, binary)


def base64(text: str) -> bytes:
    """How Trino's protocol writes a varbinary."""
    return b64decode(text)


def _scalars(values: Sequence[Any], of: Type, binary: Callable[[str], bytes]) -> "pyarrow.Array":
    import pyarrow

    arrow = to_arrow(of)
    texts = [None if value is None else str(value) for value in values]
    read = binary if arrow == pyarrow.binary() else None
    read = (_FINE if is_fine(of) else _VALUES).get(of.name, read)
    if read is not None:
        found = [None if text is None else read(text) for text in texts]
        return (
            _structs(found, arrow)
            if pyarrow.types.is_struct(arrow)
            else pyarrow.array(found, arrow)
        )
    return pyarrow.array(texts, pyarrow.string()).cast(arrow)


def _structs(values: Sequence[Any], arrow: "pyarrow.DataType") -> "pyarrow.Array":
    """What is NULL is so in its fields too, as DuckDB has it."""
    import pyarrow

    fields = [arrow.field(i) for i in range(arrow.num_fields)]
    parts = [
        pyarrow.array(
            [None if value is None else value[field.name] for value in values], field.type
        )
        for field in fields
    ]
    missing = pyarrow.array([value is None for value in values], pyarrow.bool_())
    return pyarrow.StructArray.from_arrays(parts, fields=fields, mask=missing)


def _lists(values: Sequence[Any], of: Type, binary: Callable[[str], bytes]) -> "pyarrow.Array":
    import pyarrow

    items = [item for value in values for item in value or ()]
    return pyarrow.ListArray.from_arrays(_offsets(values), array(items, of.element, binary))


def _maps(values: Sequence[Any], of: Type, binary: Callable[[str], bytes]) -> "pyarrow.Array":
    import pyarrow

    pairs = [pair for value in values for pair in (value or {}).items()]
    keys = array([key for key, _ in pairs], of.key, binary)
    items = array([item for _, item in pairs], of.value, binary)
    return pyarrow.MapArray.from_arrays(_offsets(values), keys, items)


def _offsets(values: Sequence[Any]) -> "pyarrow.Array":
    """Where each value's items begin; NULL stands at the offset of a value that is NULL."""
    import pyarrow

    offsets: list[int | None] = []
    count = 0
    for value in values:
        offsets.append(None if value is None else count)
        count += len(value or ())
    return pyarrow.array([*offsets, count], pyarrow.int32())


def _rows(values: Sequence[Any], of: Type, binary: Callable[[str], bytes]) -> "pyarrow.Array":
    import pyarrow

    parts = [
        array([None if value is None else value[i] for value in values], part, binary)
        for i, part in enumerate(of.arguments)
    ]
    missing = pyarrow.array([value is None for value in values], pyarrow.bool_())
    return pyarrow.StructArray.from_arrays(parts, list(row_fields(of)), mask=missing)


def _zoned(text: str) -> dict[str, Any]:
    """An instant and its zone, of `2020-01-31 01:02:03.000 Europe/Paris`."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    moment, zone = text.rsplit(" ", 1)
    if zone[0] in "+-":
        instant = datetime.fromisoformat(f"{moment}{zone}")
    else:
        instant = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))
    return {"instant": instant.astimezone(UTC).replace(tzinfo=None), "zone": zone}


def _fine_zoned(text: str) -> dict[str, Any]:
    """As `_zoned`, in picoseconds."""
    moment, zone = text.rsplit(" ", 1)
    clock, _, fraction = moment.partition(".")
    read = _zoned(f"{clock} {zone}")
    return {**read, "instant": picoseconds(f"{read['instant']}.{fraction}")}


def _fine_zoned_time(text: str) -> dict[str, Any]:
    """As `_zoned_time`, in picoseconds."""
    zone = text[-6:]
    return {
        "local": picoseconds(text.removesuffix(zone)),
        "zone": _zoned_time(f"00:00{zone}")["zone"],
    }


def _zoned_time(text: str) -> dict[str, Any]:
    from datetime import time as clock

    read = clock.fromisoformat(text)
    offset = read.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset is not None else 0
    return {"local": read.replace(tzinfo=None), "zone": minutes}


def _months(text: str) -> int:
    """The months of `-1-2`."""
    years, months = text.removeprefix("-").split("-")
    count = int(years) * 12 + int(months)
    return -count if text.startswith("-") else count


def _milliseconds(text: str) -> int:
    """The milliseconds of `2 03:04:05.678`."""
    days, clock = text.removeprefix("-").split(" ")
    hours, minutes, seconds = clock.split(":")
    whole = (int(days) * 24 + int(hours)) * 60 + int(minutes)
    count = whole * 60_000 + round(float(seconds) * 1000)
    return -count if text.startswith("-") else count


_VALUES: Final[Mapping[str, Callable[[str], Any]]] = {
    "real": float,
    "double": float,
    "char": lambda text: text.rstrip(" "),
    "ipaddress": packed_address,
    "interval year to month": _months,
    "interval day to second": _milliseconds,
    "timestamp with time zone": _zoned,
    "time with time zone": _zoned_time,
}
"""Types whose texts Arrow does not read itself."""
_FINE: Final[Mapping[str, Callable[[str], Any]]] = {
    "time": picoseconds,
    "timestamp": picoseconds,
    "timestamp with time zone": _fine_zoned,
    "time with time zone": _fine_zoned_time,
}
"""Those that are held in picoseconds."""
