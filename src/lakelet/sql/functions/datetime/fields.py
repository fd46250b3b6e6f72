"""Dates and times: their fields, truncation and arithmetic; `instants` has instants and zones.

A timestamp with time zone is its instant and its zone, so fields and calendar arithmetic are those
of the zone's clock, while hours and less are added to the instant.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from lakelet.sql.emitter import zoned
from lakelet.sql.emitter.casts import cast
from lakelet.sql.emitter.datetime_casts import suffix
from lakelet.sql.functions.binding import atom, bound
from lakelet.sql.functions.operators import fail
from lakelet.sql.functions.registry import Call, Emit, alias, macro, scalar
from lakelet.sql.functions.vectorised import strict
from lakelet.types.duckdb import is_fine
from lakelet.types.duckdb import local as local_type
from lakelet.types.model import DATE, Type, timestamp

ZONED: Final = "timestamp with time zone"
MOMENTS: Final = ("date", "timestamp(p)", "timestamp(p) with time zone")
CLOCKS: Final = ("time(p)", "time(p) with time zone")

DATE_FIELDS: Final = ("day", "week", "month", "quarter", "year")
CLOCK_FIELDS: Final = ("millisecond", "second", "minute", "hour")


def exact_clock(sql: str, of: Type) -> str:
    """What the clock and calendar of the value's own zone show, in its physical type."""
    if of.name == ZONED:
        return zoned.with_parts(sql, lambda moment, zone: zoned.local(moment, zone, of))
    if of.name == "time with time zone":
        return f"CAST({atom(sql)}.local AS {local_type(of)})"
    return sql


def clock(sql: str, of: Type) -> str:
    """As `exact_clock`, as DuckDB's own date, time or timestamp: to the microsecond."""
    return coarse(exact_clock(sql, of), of)


def coarse(sql: str, of: Type) -> str:
    """A date, time or timestamp to the microsecond, as DuckDB's own types hold it."""
    if not suffix(of):
        return sql
    return f"trino_{of.name.split()[0]}_of_ps({sql})"


def instant(sql: str, of: Type) -> str:
    """The instant of a timestamp with time zone, to the microsecond."""
    return f"CAST({coarse(zoned.instant(sql), of)} AS TIMESTAMP)"


# Fields -------------------------------------------------------------------------------------

CALENDAR: Final[Mapping[str, tuple[str, str]]] = {
    "year": ("year", "The year."),
    "quarter": ("quarter", "The quarter of the year, from 1."),
    "month": ("month", "The month of the year, from 1."),
    "week": ("week", "The ISO week of the year."),
    "day": ("day", "The day of the month."),
    "day_of_week": ("isodow", "The ISO day of the week, from 1 for Monday."),
    "day_of_year": ("dayofyear", "The day of the year."),
    "year_of_week": ("isoyear", "The year that the ISO week belongs to."),
}
OF_CLOCK: Final[Mapping[str, tuple[str, str]]] = {
    "hour": ("hour", "The hour of the day."),
    "minute": ("minute", "The minute of the hour."),
    "second": ("second", "The second of the minute."),
    "millisecond": ("millisecond", "The millisecond of the second."),
}
MILLISECONDS: Final[Mapping[str, tuple[int, int]]] = {
    "day": (86_400_000, 0),
    "hour": (3_600_000, 24),
    "minute": (60_000, 60),
    "second": (1_000, 60),
    "millisecond": (1, 1_000),
}
"""How long a field is, and how many of it make the next one; 0 when there is none."""


def _field(name: str, part: str) -> Emit:
    def emit(call: Call) -> str:
        (value,) = call.arguments
        of = call.types[0]
        if of.name == "interval day to second":
            length, within = MILLISECONDS[name]
            whole = f"({value} // {length})"
            return f"({whole} % {within})" if within else whole
        if of.name == "interval year to month":
            return f"CAST({value} {'//' if name == 'year' else '%'} 12 AS BIGINT)"
        shown = clock(value, of)
        if part == "millisecond":
            return f"(millisecond({shown}) % 1000)"
        return f"{part}({shown})"

    return emit


for _name, (_part, _doc) in CALENDAR.items():
    _more = {"year": "interval year to month", "month": "interval year to month"}.get(_name)
    _more = "interval day to second" if _name == "day" else _more
    scalar(
        _name,
        *(f"({each}) -> bigint" for each in (*MOMENTS, *([_more] if _more else []))),
        sql=_field(_name, _part),
        doc=_doc,
    )
for _name, (_part, _doc) in OF_CLOCK.items():
    scalar(
        _name,
        *(f"({each}) -> bigint" for each in (*MOMENTS[1:], *CLOCKS, "interval day to second")),
        sql=_field(_name, _part),
        doc=_doc,
    )
alias("day_of_month", of="day")
alias("dow", of="day_of_week")
alias("doy", of="day_of_year")
alias("week_of_year", of="week")
alias("yow", of="year_of_week")

scalar(
    "last_day_of_month",
    *(f"({each}) -> date" for each in MOMENTS),
    sql=lambda call: f"last_day({clock(call.arguments[0], call.types[0])})",
    doc="The last day of the month.",
)
scalar(
    "date",
    "(varchar(x)) -> date",
    *(f"({each}) -> date" for each in MOMENTS[1:]),
    sql=lambda call: cast(call.arguments[0], call.types[0], DATE),
    doc="The same as CAST(value AS date).",
)

# Truncation ---------------------------------------------------------------------------------


def _fields_of(of: Type) -> tuple[str, ...]:
    if of.name == "date":
        return DATE_FIELDS
    return (
        CLOCK_FIELDS
        if of.name.startswith("time ") or of.name == "time"
        else (
            *CLOCK_FIELDS,
            *DATE_FIELDS,
        )
    )


def _kind(of: Type) -> str:
    return of.name.split()[0].upper()


def by_field(call: Call, work: Callable[[str], str]) -> str:
    """The work for the field that the first argument names, which may differ row by row."""
    allowed = _fields_of(call.types[-1])
    kind = _kind(call.types[-1])
    constant = call.constants[0]
    if isinstance(constant, str) and constant.lower() in allowed:
        return work(constant.lower())
    field = call.arguments[0]
    branches = " ".join(f"WHEN '{name}' THEN {work(name)}" for name in allowed)
    refused = fail(
        "INVALID_FUNCTION_ARGUMENT",
        f"'''' || {field} || ''' is not a valid {kind} field'",
        call.result,
    )
    return (
        f"CASE lower({field}) {branches} ELSE CASE WHEN {field} IS NOT NULL"
        f" AND {call.arguments[-1]} IS NOT NULL THEN {refused} END END"
    )


def _date_trunc(call: Call) -> str:
    of = call.types[1]
    value = call.arguments[1]

    def work(field: str) -> str:
        if of.name == "date":
            return f"CAST(date_trunc('{field}', {value}) AS DATE)"
        if of.name == "timestamp":
            return _truncated(field, value, of)
        if of.name == ZONED:
            return _truncated_zoned(field, value, of)
        if of.name == "time":
            return _truncated_time(field, value, of)
        local = _truncated_time(field, f"{value}.local", of)
        return f"CASE WHEN {value} IS NOT NULL THEN {{'local': {local}, 'zone': {value}.zone}} END"

    return by_field(call, work)


def _truncated(field: str, value: str, of: Type) -> str:
    text = f"CAST(date_trunc('{field}', {coarse(value, of)}) AS TIMESTAMP)"
    return f"trino_picoseconds({text})" if is_fine(of) else text


def _truncated_zoned(field: str, value: str, of: Type) -> str:
    def body(moment: str, zone: str) -> str:
        clock = zoned.local(moment, zone, of)
        local = _truncated(field, clock, of)
        if field in CLOCK_FIELDS:  # the offset stays, also where a clock shows an hour twice
            return f"trino_zoned({local} + ({moment} - {clock}), {zone})"
        return zoned.of_clock(local, zone, of)

    return zoned.with_parts(value, body)


def _truncated_time(field: str, value: str, of: Type) -> str:
    length = MILLISECONDS[field][0]
    if is_fine(of):
        return f"({value} - {value} % {length * 10**9})"
    return f"trino_time_of(epoch_us({value}) - epoch_us({value}) % {length * 1000})"


scalar(
    "date_trunc",
    *(f"(varchar(x), {each}) -> {each}" for each in (*MOMENTS, *CLOCKS)),
    sql=_date_trunc,
    doc="The value with every field below the named one at its least.",
)

# Arithmetic ---------------------------------------------------------------------------------

IN_MONTHS: Final[Mapping[str, int]] = {"month": 1, "quarter": 3, "year": 12}
IN_DAYS: Final[Mapping[str, int]] = {"day": 1, "week": 7}


def _date_add(call: Call) -> str:
    of = call.types[2]

    def added(named: str, count: str, value: str) -> str:
        return by_field(
            replace(call, arguments=(named, count, value)),
            lambda field: _added(field, _counted(call, field, count), value, of),
        )

    # What names the field stands inside the others' lambda, so it is bound with them.
    return bound(call.arguments, added)


_MOST_DAYS: Final = {"date": 2_100_000_000, "timestamp": 105_000_000, ZONED: 105_000_000}
"""Days by which a date or timestamp can be moved and stay in its range."""
_MOST_OF_A_FIELD: Final = {"year": 366, "quarter": 92, "month": 31, "week": 7, "day": 1}
_MOST_COUNT: Final = 2**31 - 1
macro(
    "trino_fields_counted",
    "(n, most, error) AS CASE WHEN n BETWEEN -most AND most THEN n WHEN n IS NOT NULL THEN"
    " CAST(trino_fail(error, CASE WHEN n BETWEEN -2147483648 AND 2147483647 THEN 'long overflow'"
    " ELSE 'integer overflow' END) AS BIGINT) END",
)


def _counted(call: Call, field: str, count: str) -> str:
    """How many fields a date or timestamp is moved by; so many that it leaves its range fail."""
    of, constant = call.types[2].name, call.constants[1]
    if of not in _MOST_DAYS:
        return count
    most = _MOST_COUNT
    if field in _MOST_OF_A_FIELD:
        most = _MOST_DAYS[of] // _MOST_OF_A_FIELD[field]
    if isinstance(constant, int) and abs(constant) <= most:
        return count
    error = "GENERIC_INTERNAL_ERROR" if of == "date" else "INVALID_FUNCTION_ARGUMENT"
    return f"trino_fields_counted({count}, {most}, '{error}')"


def _added(field: str, count: str, value: str, of: Type) -> str:
    if of.name == ZONED and field in DATE_FIELDS:
        clock = f"trino_local{suffix(of)}({value}.instant, {value}.zone)"
        local = _moved(field, count, clock, of)
        return f"trino_zoned_clock{suffix(of)}({local}, {value}.zone)"
    if of.name == ZONED:
        moved = _moved(field, count, f"{value}.instant", of)
        return f"trino_zoned({moved}, {value}.zone)"
    if of.name.startswith("time") and not of.name.startswith("timestamp"):
        return _moved_time(field, count, value, of)
    return _moved(field, count, value, of)


def _moved(field: str, count: str, value: str, of: Type) -> str:
    """A date or timestamp, moved; a field finer than its precision is rounded to it."""
    if suffix(of):
        moved = _moved(field, count, coarse(value, of), timestamp(6))
        return f"trino_moved_ps({value}, {moved})"
    if field in IN_MONTHS:
        moved = f"{value} + to_months(CAST({count} * {IN_MONTHS[field]} AS INTEGER))"
    elif field in IN_DAYS:
        if of.name == "date":
            return f"({value} + CAST({count} * {IN_DAYS[field]} AS INTEGER))"
        moved = f"{value} + to_days(CAST({count} * {IN_DAYS[field]} AS INTEGER))"
    else:
        moved = f"{value} + to_microseconds({count} * {MILLISECONDS[field][0] * 1000})"
    if of.name == "date":
        return f"CAST({moved} AS DATE)"
    if field == "millisecond" and of.precision < 3:
        return cast(f"({moved})", timestamp(3), timestamp(of.precision))
    return f"({moved})"


def _moved_time(field: str, count: str, value: str, of: Type) -> str:
    zoned = of.name != "time"
    local = f"{value}.local" if zoned else value
    if is_fine(of):
        length = MILLISECONDS[field][0]
        added = f"{count} % {MILLISECONDS['day'][0] // length} * {length * 10**9}"
        moved = f"trino_floor_mod({local} + {added}, 86400000000000000)"
    else:
        unit = MILLISECONDS[field][0] * 1000
        rest = f"{count} % {86_400_000_000 // unit} * {unit}"
        moved = f"trino_time_of(trino_floor_mod(epoch_us({local}) + {rest}, 86400000000))"
    if field == "millisecond" and of.precision < 3:
        moved = cast(moved, Type("time", (3,)), Type("time", (of.precision,)))
    if not zoned:
        return moved
    return f"CASE WHEN {value} IS NOT NULL THEN {{'local': {moved}, 'zone': {value}.zone}} END"


def _date_diff(call: Call) -> str:
    of = call.types[1]

    def between(first: str, last: str) -> str:
        arguments = (call.arguments[0], first, last)
        inner = Call(call.name, arguments, call.types, call.result, call.constants)
        return by_field(inner, lambda field: _difference(field, first, last, of))

    return bound(call.arguments[1:], between)


def _difference(field: str, first: str, last: str, of: Type) -> str:
    if of.name in ("time", "time with time zone"):
        start, end = (_within_day(each, of) for each in (first, last))
        return f"(({end} - {start}) // {MILLISECONDS[field][0] * 10 ** (9 if is_fine(of) else 3)})"
    if of.name == ZONED and field in CLOCK_FIELDS:
        first, last = f"{first}.instant", f"{last}.instant"
    elif of.name == ZONED:
        # Both are read on the first one's clock.
        first, last = (
            f"trino_local{suffix(of)}({each}.instant, {first}.zone)" for each in (first, last)
        )
    first, last = coarse(first, of), coarse(last, of)
    if of.name != "date" and of.precision > _MILLISECONDS:
        first, last = (f"date_trunc('millisecond', {each})" for each in (first, last))
    return f"datesub('{field}', {first}, {last})"


_MILLISECONDS: Final = 3
"""The digits that differences are taken of."""


def _within_day(value: str, of: Type) -> str:
    """How far a time is in its day in UTC, in the unit of its physical type."""
    if of.name != "time":
        return f"trino_time_instant{suffix(of)}({value})"
    return value if is_fine(of) else f"epoch_us({value})"


scalar(
    "date_add",
    *(f"(varchar(x), bigint, {each}) -> {each}" for each in (*MOMENTS, *CLOCKS)),
    sql=strict(_date_add),
    doc="The value moved by a number of the named field.",
)
scalar(
    "date_diff",
    *(f"(varchar(x), {each}, {each}) -> bigint" for each in (*MOMENTS, *CLOCKS)),
    sql=strict(_date_diff),
    doc="How many whole ones of the named field lie between two values.",
)
scalar(
    "to_milliseconds",
    "(interval day to second) -> bigint",
    sql="{0}",
    doc="The milliseconds of an interval.",
)
