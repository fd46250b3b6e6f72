"""Partition projection: partitions computed from a table's properties instead of kept.

https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html (2026-11).
Each key is a sequence of which only what a query asks for is computed.
"""

import re
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import product
from math import prod
from typing import Any, Final, Protocol

from lakelet.catalog.date_formats import DateFormat
from lakelet.catalog.date_steps import FIXED, UNITS, Steps, moved
from lakelet.catalog.partition_values import kind, part_name
from lakelet.config import Dialect
from lakelet.errors import TrinoError
from lakelet.model import Column, Domain, Partition, Table
from lakelet.types.hive import to_trino

_PLACEHOLDER: Final = re.compile(r"\$\{([^}]*)\}")
_NOW: Final = re.compile(r"\s*NOW\s*(?:([+-])\s*([0-9]+)\s*([A-Z]+?)S?\s*)?", re.IGNORECASE)
_NOW_SHOWN: Final = r"^\s*NOW\s*(([+-])\s*([0-9]+)\s*(DAY|HOUR|MINUTE|SECOND)S?\s*)?$"
_INTEGERS: Final = frozenset({"tinyint", "smallint", "int", "integer", "bigint"})
_TEXTS: Final = ("string", "varchar")
_INTEGER: Final = re.compile("[+-]?[0-9]{1,10}")
_MOST: Final = 1_000_000
"""Partitions of one scan, in Athena ("Partition your data" of its guide) and in Trino
(hive.max-partitions-per-scan)."""
_LISTED: Final = 4 * _MOST
"""Values of one key that are listed to see which of them conditions leave."""
_LONGEST: Final = 1024
"""Digits of a value: a key of S3 has no more."""
_CHRONO: Final = frozenset(
    (
        "nanos",
        "micros",
        "millis",
        "seconds",
        "minutes",
        "hours",
        "half_days",
        "days",
        "weeks",
        "months",
        "years",
        "decades",
        "centuries",
        "millennia",
        "eras",
        "forever",
    )
)
"""The words of Java's ChronoUnit."""


class Projected(Protocol):
    """The values of a key, in their order, without listing them."""

    @property
    def ordered(self) -> bool:
        """Whether the values, as the key's type orders them, come in order."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> str: ...

    def find(self, value: Any) -> str | None:
        """A value's text, if it is one of these."""
        ...


def is_projected(table: Table) -> bool:
    """Whether a table's partitions are computed from its properties."""
    return table.parameters.get("projection.enabled", "").strip().lower() == "true"


Narrow = Callable[[list[str]], list[str]]
"""The values of a key that are left by what no domain says."""


def partitions(
    table: Table,
    domains: Mapping[str, Domain],
    dialect: Dialect,
    now: datetime | None = None,
    narrow: Mapping[str, Narrow] | None = None,
) -> list[Partition]:
    """The partitions that the domains leave; where those are too many, those that are left once the
    values of the keys that `narrow` names are narrowed. Raises TrinoError for properties that say
    nothing, and for too many partitions."""
    narrow = narrow or {}
    reader = _Properties(table, dialect, now or datetime.now(UTC))
    reader.check()
    projected = [(key, reader.projected(key)) for key in table.partition_keys]
    reader.check_template()
    names = [key.name.lower() for key in table.partition_keys]
    chosen = [
        _chosen(each, key, domains.get(name, Domain()), table, _LISTED if name in narrow else _MOST)
        for name, (key, each) in zip(names, projected, strict=True)
    ]
    if prod(map(len, chosen)) > _MOST:
        chosen = [
            narrow[name](each) if name in narrow else each
            for name, each in zip(names, chosen, strict=True)
        ]
    _check_count(table, prod(map(len, chosen)))
    return [_partition(table, values) for values in product(*chosen)]


def _partition(table: Table, values: Sequence[str]) -> Partition:
    template = table.parameters.get("storage.location.template")
    if template:
        by_name = {
            key.name.lower(): value for key, value in zip(table.partition_keys, values, strict=True)
        }
        location = _PLACEHOLDER.sub(lambda found: by_name[found[1].strip().lower()], template)
    else:
        folder = part_name(table.partition_keys, values)
        location = f"{table.storage.location.rstrip('/')}/{folder}/"
    return Partition(tuple(values), replace(table.storage, location=location))


def _check_count(table: Table, count: int, most: int = _MOST) -> None:
    if count > most:
        message = (
            f"Query over table '{table.database}.{table.name}' can potentially read more than"
            f" {_MOST} partitions"
        )
        raise TrinoError("HIVE_EXCEEDED_PARTITION_LIMIT", message)


def _chosen(
    projected: Projected, key: Column, domain: Domain, table: Table, most: int
) -> list[str]:
    if domain.values is not None:
        found = (projected.find(value) for value in domain.values)
        return list(dict.fromkeys(each for each in found if each is not None))
    if isinstance(projected, _Injected):
        raise projected.fail(domain)
    typed = int if kind(key) in _INTEGERS else str
    places = range(len(projected))
    first, end = 0, len(projected)
    if projected.ordered and domain.low is not None:
        first = bisect_left(places, domain.low, key=lambda i: typed(projected[i]))
    if projected.ordered and domain.high is not None:
        end = bisect_right(places, domain.high, key=lambda i: typed(projected[i]))
    _check_count(table, end - first, most)
    return list(dict.fromkeys(projected[i] for i in range(first, end)))


# Kinds of keys --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Enum:
    values: tuple[str, ...]
    ordered: bool = False

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index: int) -> str:
        return self.values[index]

    def find(self, value: Any) -> str | None:
        return next((each for each in self.values if each in (value, str(value))), None)


@dataclass(frozen=True)
class _Integers:
    low: int
    high: int
    interval: int
    digits: int
    as_text: bool

    @cached_property
    def ordered(self) -> bool:
        """As texts they are if all have one width."""
        return not self.as_text or (self.low >= 0 and len(str(self.high)) <= max(self.digits, 1))

    def __len__(self) -> int:
        count = (self.high - self.low) // self.interval + 1
        return min(max(count, 0), sys.maxsize)

    def __getitem__(self, index: int) -> str:
        return self._text(self.low + index * self.interval)

    def _text(self, number: int) -> str:
        return f"{'-' if number < 0 else ''}{abs(number):0{self.digits}d}"

    def find(self, value: Any) -> str | None:
        try:
            number = int(value)
        except ValueError:
            return None
        inside = self.low <= number <= self.high and (number - self.low) % self.interval == 0
        text = self._text(number)
        return text if inside and (not self.as_text or text == value) else None


@dataclass(frozen=True)
class _Dates:
    steps: Steps
    format: DateFormat
    is_date: bool

    @property
    def ordered(self) -> bool:
        return self.is_date or self.format.ordered

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, index: int) -> str:
        return self.format.text(self.steps[index])

    def find(self, value: Any) -> str | None:
        try:
            moment = self.format.moment(str(value))
        except ValueError:
            return None
        # What the format does not show, a step's moment may have.
        near = self.steps.near(moment)
        found = (self[i] for i in range(max(near - 1, 0), min(near + 2, len(self))))
        return next((each for each in found if each == str(value)), None)


@dataclass(frozen=True)
class _Injected:
    """`fail` makes the error of a condition that names no value, or of none at all."""

    fail: Callable[[Domain], TrinoError]
    ordered: bool = False

    def __len__(self) -> int:
        raise self.fail(Domain())

    def __getitem__(self, index: int) -> str:
        raise self.fail(Domain())

    def find(self, value: Any) -> str | None:
        return str(value).lower() if isinstance(value, bool) else str(value)


def _failed(message: str) -> TrinoError:
    return TrinoError("GENERIC_INTERNAL_ERROR", message)


# Properties -----------------------------------------------------------------------------------


class _Properties:
    """Reads a table's properties; errors are those of the dialect's engine."""

    def __init__(self, table: Table, dialect: Dialect, now: datetime) -> None:
        self._table = table
        self._trino = dialect == "trino"
        self._now = now.replace(tzinfo=None)
        self._kinds: Mapping[str, Callable[[Column], Projected]] = {
            "enum": self._enum,
            "integer": self._integer,
            "date": self._date,
            "injected": self._injected,
        }

    def check(self) -> None:
        if self._trino:
            self._check_types()
        missing = [key.name for key in self._table.partition_keys if not self._get(key, "type")]
        if missing and self._trino:
            raise self._failure(missing[0], "Projection type property missing")
        if missing:
            name = f"{self._table.database}.{self._table.name}"
            raise TrinoError(
                "HIVE_METASTORE_ERROR",
                f"Table {name} is configured for partition projection, but the following partition"
                f" columns are missing projection configuration: [{', '.join(missing)}]"
                f" (table {name})",
            )

    def _check_types(self) -> None:
        """Trino reads the words of all columns before it looks at one of them."""
        told = [
            (name.rpartition(".")[2], value.strip().lower())
            for name, value in self._table.parameters.items()
            if name.startswith("projection.")
        ]
        known = all(value in self._kinds for name, value in told if name == "type")
        known &= all(_INTEGER.fullmatch(value) for name, value in told if name == "interval")
        if not known or not all(value in _CHRONO for name, value in told if name == "unit"):
            raise _failed(
                f"Failed to construct table metadata for table"
                f" {self._table.database}.{self._table.name}"
            )

    def _need_type(self, key: Column, kinds: Collection[str]) -> None:
        if self._trino and kind(key) not in kinds:
            raise self._failure(key.name, f"Unsupported column type: {to_trino(key.type)}")

    def check_template(self) -> None:
        """Raises TrinoError for one that does not name each key, or names another."""
        template = self._table.parameters.get("storage.location.template")
        if not template:
            return
        named = {each.strip().lower() for each in _PLACEHOLDER.findall(template)}
        for key in self._table.partition_keys:
            if key.name.lower() not in named:
                raise self._invalid(
                    f"Partition projection location template: {template} is missing partition"
                    f" column: '{key.name}' placeholder"
                )
        unknown = named - {key.name.lower() for key in self._table.partition_keys}
        if unknown:
            raise self._invalid(
                f"Partition projection location template: {template} contains unknown column:"
                f" '{min(unknown)}'"
            )

    def projected(self, key: Column) -> Projected:
        """The values of a key. Raises TrinoError."""
        word = self._get(key, "type").lower()
        build = self._kinds.get(word)
        if build is None:
            raise self._failure(key.name, f"Unknown projection type: '{word}'")
        return build(key)

    def _enum(self, key: Column) -> Projected:
        self._need_type(key, _TEXTS)
        if not self._trino:
            return _Enum(tuple(self._need(key, "values", strip=False).split(",")))
        if self._parameter(key, "values") is None:
            raise self._missing(key, "values")
        values = (each.strip() for each in self._get(key, "values").split(","))
        return _Enum(tuple(dict.fromkeys(each for each in values if each)))

    def _integer(self, key: Column) -> Projected:
        self._need_type(key, (*_TEXTS, "int", "integer", "bigint"))
        ends = [each.strip() for each in self._need(key, "range").split(",")]
        if self._trino:
            self._check_integers(key, ends)
        try:
            low, high = (int(each) for each in ends)
        except ValueError:
            raise self._failure(
                key.name,
                f"Property: '{self._name('range')}' needs to be a list of 2 integers",
            ) from None
        interval = self._number(key, "interval") or 1
        digits = self._number(key, "digits", _LONGEST)
        if digits == 0 and self._trino:
            raise _failed("Flags = '0'")  # of Java's format %00d
        digits = digits or 0
        return _Integers(low, high, interval, digits, kind(key) not in _INTEGERS)

    def _check_integers(self, key: Column, ends: Sequence[str]) -> None:
        if len(ends) != 2:
            name = self._name("range")
            raise self._failure(key.name, f"Property: '{name}' needs to be list of 2 integers")
        for each in ends:
            if not _INTEGER.fullmatch(each) or not -(1 << 31) <= int(each) < 1 << 31:
                raise _failed(f'For input string: "{each}"')

    def _date(self, key: Column) -> Projected:
        self._need_type(key, (*_TEXTS, "date", "timestamp"))
        pattern = self._need(key, "format")
        try:
            format_ = DateFormat(pattern)
        except ValueError as failure:
            if self._trino:
                raise _failed(f"Illegal pattern character '{str(failure)[-1]}'") from None
            raise self._failure(key.name, f"Invalid date format '{pattern}': {failure}") from None
        unit, interval = self._interval(key, format_)
        ends = self._need(key, "range").split(",")
        try:
            low, high = (self._end(each, format_) for each in ends)
        except (ValueError, OverflowError) as failure:
            raise self._failure(
                key.name,
                f"Property: '{self._name('range')}' needs to be a list of 2 valid dates formatted"
                f" as '{pattern}' or '{_NOW_SHOWN}' that are sequential: {failure}",
            ) from None
        if high < low or (self._trino and high == low):
            raise self._failure(
                key.name,
                f"Property: '{self._name('range')}' needs to be a list of 2 valid dates formatted"
                f" as '{pattern}' that are sequential",
            )
        return _Dates(Steps(low, high, interval, unit), format_, kind(key) == "date")

    def _interval(self, key: Column, format_: DateFormat) -> tuple[str, int]:
        told = self._get(key, "interval.unit").upper()
        interval = self._number(key, "interval")
        unit = f"{told.rstrip('S')}S" if told else self._default_unit(key, format_, interval)
        known = FIXED if self._trino else UNITS
        if unit not in known or (self._trino and unit in ("MILLISECONDS", "WEEKS")):
            shown = unit.capitalize()
            raise self._failure(
                key.name,
                f"Property: '{self._name('interval.unit')}' value '{shown}' is invalid. Available"
                " options: [Days, Hours, Minutes, Seconds]",
            )
        return unit, interval or 1

    def _default_unit(self, key: Column, format_: DateFormat, interval: int | None) -> str:
        if self._trino:
            finer = not format_.letters.isdisjoint("Hms")
            unit = "DAYS" if "d" in format_.letters else "MONTHS"
        else:
            unit = format_.precision
            finer = interval is None and unit not in ("DAYS", "MONTHS")
        if finer:
            raise self._failure(
                key.name,
                f"Property: '{self._name('interval.unit')}' needs to be set when provided"
                f" '{self._name('format')}' is less that single-day precision. Interval defaults to"
                " 1 day or 1 month, respectively. Otherwise, interval is required",
            )
        return unit

    def _end(self, text: str, format_: DateFormat) -> datetime:
        now = _NOW.fullmatch(text)
        if now is None:
            return format_.moment(text.strip())
        sign, number, word = now.groups()
        if number is None:
            return self._now
        unit = f"{word.upper()}S"
        if unit not in UNITS or (self._trino and unit not in FIXED):
            raise ValueError(f'Unparseable date: "{text}"')
        return moved(self._now, int(f"{sign}{number}"), unit)

    def _injected(self, key: Column) -> Projected:
        def fail(domain: Domain) -> TrinoError:
            if self._trino:
                provided = ". Currently provided can't be converted to single partition."
                return self._failure(
                    key.name,
                    "Injected projection requires single predicate for it's column in where clause"
                    f"{'' if domain == Domain() else provided}",
                )
            return TrinoError(
                "CONSTRAINT_VIOLATION",
                f"For the injected projected partition column {key.name}, the WHERE clause must"
                " contain only static equality conditions, and at least one such condition must be"
                " present.",
            )

        if self._trino and kind(key) in ("timestamp", "binary"):
            raise self._failure(key.name, f"Unsupported column type: {to_trino(key.type)}")
        return _Injected(fail)

    def _parameter(self, key: Column, name: str) -> str | None:
        return self._table.parameters.get(f"projection.{key.name.lower()}.{name}")

    def _get(self, key: Column, name: str) -> str:
        return (self._parameter(key, name) or "").strip()

    def _need(self, key: Column, name: str, *, strip: bool = True) -> str:
        found = self._parameter(key, name) or ""
        if not found.strip():
            raise self._missing(key, name)
        return found.strip() if strip else found

    def _missing(self, key: Column, name: str) -> TrinoError:
        return self._failure(key.name, f"Missing required property: '{self._name(name)}'")

    def _number(self, key: Column, name: str, most: int = (1 << 31) - 1) -> int | None:
        text = self._get(key, name)
        if not text:
            return None
        known = _INTEGER.fullmatch(text) is not None and text.isdecimal()
        if not known or int(text) > most or (name == "interval" and int(text) == 0):
            raise self._failure(
                key.name, f"Property: '{self._name(name)}' value '{text}' is not a valid integer"
            )
        return int(text)

    def _name(self, name: str) -> str:
        """Trino names its own properties, Athena the table's."""
        return f"partition_projection_{name.replace('.', '_')}" if self._trino else name

    def _failure(self, column: str, text: str) -> TrinoError:
        return self._invalid(f"Column projection for column '{column}' failed. {text}")

    def _invalid(self, text: str) -> TrinoError:
        if self._trino:
            return TrinoError("INVALID_COLUMN_PROPERTY", text)
        return TrinoError("HIVE_METASTORE_ERROR", text)
