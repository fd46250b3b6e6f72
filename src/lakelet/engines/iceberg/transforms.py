"""Partition transforms ("Partition Transforms" of the specification): what they give of a value."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from lakelet.engines.iceberg.types import trino
from lakelet.errors import TrinoError
from lakelet.types import Type
from lakelet.types.model import DATE, INTEGER

_SHAPE: Final = re.compile(r"([a-z]+)(?:\[(\d+)\])?")
_EPOCH: Final = date(1970, 1, 1)
_TEMPORAL: Final = ("date", "timestamp", "timestamptz")
_HOUR: Final = 3_600_000_000
_SOURCES: Final[Mapping[str, Callable[[str], bool]]] = {
    "year": lambda of: of in _TEMPORAL,
    "month": lambda of: of in _TEMPORAL,
    "day": lambda of: of in _TEMPORAL,
    "hour": lambda of: of in _TEMPORAL[1:],
    "bucket": lambda of: of not in ("boolean", "float", "double"),
    "truncate": lambda of: of in ("int", "long", "string", "binary") or of.startswith("decimal"),
    "identity": lambda of: True,
    "void": lambda of: True,
}
"""What each transform takes."""


def parts(transform: str) -> tuple[str, int]:
    """The name of a transform and its width, 0 for one without."""
    found = _SHAPE.fullmatch(transform)
    if found is None or found[1] not in _SOURCES:
        raise TrinoError("NOT_SUPPORTED", f"Unsupported partition transform: {transform}")
    return found[1], int(found[2] or 0)


def takes(transform: str, source: Any) -> bool:
    """Whether there is a transform of a field's type."""
    return isinstance(source, str) and _SOURCES[parts(transform)[0]](source)


def result(transform: str, source: Any) -> Any:
    """The Iceberg type of what a transform gives."""
    name, _ = parts(transform)
    if name == "day":
        return "date"
    return "int" if name in ("year", "month", "hour", "bucket") else source


def trino_result(transform: str, source: Any) -> Type:
    """The type of what a transform gives, as metadata tables show it."""
    of = result(transform, source)
    return {"date": DATE, "int": INTEGER}.get(of) or trino(of)


def sql(transform: str, source: Any, value: str) -> str:
    """What a transform gives of a value in its physical type: BIGINT of days, months, buckets and
    moments (microseconds), VARCHAR of the hexadecimal digits of texts and bytes."""
    name, width = parts(transform)
    if name == "void":
        return "CAST(NULL AS BIGINT)"
    if name in ("year", "month", "day", "hour"):
        return _TIMES[name](_clock(source, value))
    if name == "bucket":
        hashed = _hash(source, value)
        return f"CAST(({hashed} & 2147483647) % {width} AS BIGINT)"
    return _kept(source, _truncated(source, value, width) if name == "truncate" else value)


def _clock(source: str, value: str) -> str:
    return f"{value}.instant" if source == "timestamptz" else value


_YEARS: Final = "(year({0}) - 1970)"
_TIMES: Final[Mapping[str, Callable[[str], str]]] = {
    "year": lambda value: f"CAST({_YEARS.format(value)} AS BIGINT)",
    "month": lambda value: f"CAST({_YEARS.format(value)} * 12 + month({value}) - 1 AS BIGINT)",
    "day": lambda value: f"CAST(CAST({value} AS DATE) - DATE '1970-01-01' AS BIGINT)",
    "hour": lambda value: f"CAST(floor(epoch_us({value}) / {_HOUR}) AS BIGINT)",
}


def _truncated(source: str, value: str, width: int) -> str:
    if source == "string":
        return f"left({value}, {width})"
    if source == "binary":
        return f"({value})[1:{width}]"
    if source.startswith("decimal"):
        scale = trino(source).scale
        step = f"CAST({Decimal(width).scaleb(-scale):f} AS DECIMAL(38,{scale}))"
        return f"CAST({value} - ((({value} % {step}) + {step}) % {step}) AS {_decimal(source)})"
    # Below the least integer Java goes on from the greatest one.
    bits = {"int": 32, "long": 64}[source]
    wide = f"CAST({value} AS HUGEINT)"
    least = f"({wide} - ((({wide} % {width}) + {width}) % {width}))"
    wrapped = f"{least} + CASE WHEN {least} < -{2 ** (bits - 1)} THEN {2**bits} ELSE 0 END"
    return f"CAST({wrapped} AS BIGINT)"


def _decimal(source: str) -> str:
    of = trino(source)
    return f"DECIMAL({of.precision},{of.scale})"


def _kept(source: str, value: str) -> str:
    """A value in a form that orders partitions and comes back whole."""
    if source in ("int", "long", "boolean"):
        return f"CAST({value} AS BIGINT)"
    if source == "date":
        return f"CAST({value} - DATE '1970-01-01' AS BIGINT)"
    if source in ("timestamp", "timestamptz"):
        return f"epoch_us({_clock(source, value)})"
    if source == "time":
        return f"epoch_us({value})"
    if source == "binary" or source.startswith("fixed"):
        return f"hex({value})"
    return f"hex(encode(CAST({value} AS VARCHAR)))"


def kept_type(transform: str, source: Any) -> Type:
    """The type of what `sql` gives."""
    whole = ("int", "long", "boolean", "date", "timestamp", "timestamptz", "time")
    return Type("bigint") if result(transform, source) in whole else Type("varchar")


def restored(transform: str, source: Any, text: str | None) -> Any:
    """The text of such a value as manifests keep it."""
    if text is None:
        return None
    of = result(transform, source)
    if kept_type(transform, source).name == "bigint":
        return _WHOLE.get(of, int)(int(text))
    data = bytes.fromhex(text)
    if of == "binary" or of.startswith("fixed"):
        return data
    return _TEXTS.get(of.partition("(")[0], str)(data.decode())


_WHOLE: Final[Mapping[str, Callable[[int], Any]]] = {
    "boolean": bool,
    "date": lambda days: days,
}
_TEXTS: Final[Mapping[str, Callable[[str], Any]]] = {
    "decimal": Decimal,
    "float": float,
    "double": float,
    "uuid": UUID,
}


def _hash(source: str, value: str) -> str:
    """The 32 bits of MurmurHash3 ("Appendix B: 32-bit Hash Requirements")."""
    if source in ("int", "long", "date", "timestamp", "timestamptz", "time"):
        return f"trino_iceberg_hash_of_long({_kept(source, value)})"
    if source == "string":
        return f"trino_iceberg_hash(encode({value}))"
    if source == "uuid":
        return f"trino_iceberg_hash(unhex(replace(CAST({value} AS VARCHAR), '-', '')))"
    if source.startswith("decimal"):
        scale = trino(source).scale
        unscaled = f"replace(CAST({value} AS VARCHAR), '.', '')" if scale else value
        return f"trino_iceberg_hash_of_decimal(CAST({unscaled} AS VARCHAR))"
    return f"trino_iceberg_hash({value})"


# Values of manifests -------------------------------------------------------------------------


def days(value: Any) -> int:
    """A date, or a number of days, as days since 1970."""
    return value if isinstance(value, int) else (value - _EPOCH).days


def micros(value: Any) -> int:
    """A moment, or a number of microseconds, as microseconds since 1970."""
    if isinstance(value, int):
        return value
    return int((value.replace(tzinfo=None) - datetime(1970, 1, 1)) // timedelta(microseconds=1))
