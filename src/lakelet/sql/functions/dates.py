"""Dates and times: their fields, truncation, arithmetic, instants and zones.

A timestamp with time zone is its instant and its zone, so fields and calendar arithmetic are those
of the zone's clock, while hours and less are added to the instant.
"""

from collections.abc import Callable, Mapping
from typing import Final

from lakelet.sql.emitter.casts import cast
from lakelet.sql.emitter.datetime_casts import suffix
from lakelet.sql.functions.binding import atom, bound
from lakelet.sql.functions.operators import fail
from lakelet.sql.functions.registry import Call, Emit, alias, macro, scalar
from lakelet.types.duckdb import is_fine
from lakelet.types.duckdb import local as local_type
from lakelet.types.model import DATE, Type, timestamp
from lakelet.types.zones import zone_id

ZONED: Final = "timestamp with time zone"
MOMENTS: Final = ("date", "timestamp(p)", "timestamp(p) with time zone")
CLOCKS: Final = ("time(p)", "time(p) with time zone")

DATE_FIELDS: Final = ("day", "week", "month", "quarter", "year")
CLOCK_FIELDS: Final = ("millisecond", "second", "minute", "hour")


def exact_clock(sql: str, of: Type) -> str:
    """What the clock and calendar of the value's own zone show, in its physical type."""
    if of.name == ZONED:
        return bound((sql,), lambda t: f"trino_local{suffix(of)}({t}.instant, {t}.zone)")
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
    "(varchar) -> date",
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
    def body(t: str) -> str:
        clock = f"trino_local{suffix(of)}({t}.instant, {t}.zone)"
        local = _truncated(field, clock, of)
        if field in CLOCK_FIELDS:  # the offset stays, also where a clock shows an hour twice
            shift = f"({t}.instant - {clock})"
            return f"trino_zoned({local} + {shift}, {t}.zone)"
        return f"trino_zoned(trino_instant{suffix(of)}({local}, {t}.zone), {t}.zone)"

    return bound((value,), body)


def _truncated_time(field: str, value: str, of: Type) -> str:
    length = MILLISECONDS[field][0]
    if is_fine(of):
        return f"({value} - {value} % {length * 10**9})"
    return f"trino_time_of(epoch_us({value}) - epoch_us({value}) % {length * 1000})"


scalar(
    "date_trunc",
    *(f"(varchar, {each}) -> {each}" for each in (*MOMENTS, *CLOCKS)),
    sql=_date_trunc,
    doc="The value with every field below the named one at its least.",
)

# Arithmetic ---------------------------------------------------------------------------------

IN_MONTHS: Final[Mapping[str, int]] = {"month": 1, "quarter": 3, "year": 12}
IN_DAYS: Final[Mapping[str, int]] = {"day": 1, "week": 7}


def _date_add(call: Call) -> str:
    of = call.types[2]

    def added(count: str, value: str) -> str:
        return by_field(
            Call(
                call.name,
                (call.arguments[0], count, value),
                call.types,
                call.result,
                call.constants,
            ),
            lambda field: _added(field, count, value, of),
        )

    return bound(call.arguments[1:], added)


def _added(field: str, count: str, value: str, of: Type) -> str:
    if of.name == ZONED and field in DATE_FIELDS:
        clock = f"trino_local{suffix(of)}({value}.instant, {value}.zone)"
        local = _moved(field, count, clock, of)
        return f"trino_zoned(trino_instant{suffix(of)}({local}, {value}.zone), {value}.zone)"
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
        moved = f"trino_time_of(trino_floor_mod(epoch_us({local}) + {count} * {unit}, 86400000000))"
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
    return f"datesub('{field}', {coarse(first, of)}, {coarse(last, of)})"


def _within_day(value: str, of: Type) -> str:
    """How far a time is in its day in UTC, in the unit of its physical type."""
    clock = value if of.name == "time" else f"{value}.local"
    count, minute = (clock, 60 * 10**12) if is_fine(of) else (f"epoch_us({clock})", 60 * 10**6)
    return count if of.name == "time" else f"({count} - CAST({value}.zone AS BIGINT) * {minute})"


scalar(
    "date_add",
    *(f"(varchar, bigint, {each}) -> {each}" for each in (*MOMENTS, *CLOCKS)),
    sql=_date_add,
    doc="The value moved by a number of the named field.",
)
scalar(
    "date_diff",
    *(f"(varchar, {each}, {each}) -> bigint" for each in (*MOMENTS, *CLOCKS)),
    sql=_date_diff,
    doc="How many whole ones of the named field lie between two values.",
)
scalar(
    "to_milliseconds",
    "(interval day to second) -> bigint",
    sql="{0}",
    doc="The milliseconds of an interval.",
)

# Instants and zones -------------------------------------------------------------------------

macro(
    "trino_from_unixtime",
    "(s) AS CASE WHEN isnan(s) THEN TIMESTAMP '1970-01-01' WHEN abs(s) >= 2251799813685.248 THEN"
    " CAST(CAST(trino_fail('INVALID_FUNCTION_ARGUMENT', 'Millis overflow: ' || CASE"
    " WHEN s < -9.2e15 THEN '-9223372036854775808' WHEN s > 9.2e15 THEN '9223372036854775807'"
    " ELSE CAST(CAST(floor(s * 1000 + 0.5) AS BIGINT) AS VARCHAR) END) AS VARCHAR) AS TIMESTAMP)"
    " ELSE make_timestamp(CAST(floor(s * 1000 + 0.5) AS BIGINT) * 1000) END",
)
macro(
    "trino_interval_zone",
    "(i) AS CASE WHEN i % 60000 = 0 THEN trino_offset_zone(i // 60000) WHEN i % 60000 <> 0 THEN"
    " CAST(trino_fail('INVALID_FUNCTION_ARGUMENT',"
    " 'Invalid time zone offset interval: interval contains seconds') AS VARCHAR) END",
)
macro(
    "trino_offset_zone",
    "(m) AS CASE WHEN m = 0 THEN 'UTC' WHEN m BETWEEN -840 AND 840 THEN trino_offset_text(m)"
    " WHEN m IS NOT NULL THEN CAST(trino_fail('INVALID_FUNCTION_ARGUMENT',"
    " 'Invalid offset minutes ' || m) AS VARCHAR) END",
)


def _from_unixtime(call: Call) -> str:
    instant = bound(call.arguments[:1], "trino_from_unixtime({})".format)
    if len(call.arguments) == 1:
        return f"trino_zoned({instant}, 'UTC')"
    if len(call.arguments) == 2:
        return f"trino_zoned({instant}, {_zone(call, 'trino_supported_zone')})"
    minutes = f"({call.arguments[1]} * 60 + {call.arguments[2]})"
    zone = bound((minutes,), "trino_offset_zone({})".format)
    return f"trino_zoned({instant}, {zone})"


def _from_unixtime_nanos(call: Call) -> str:
    count = f"CAST({call.arguments[0]} AS HUGEINT)"
    if call.types[0].name == "decimal":
        count = bound((count,), "trino_checked_nanos({})".format)
    return f"trino_zoned({count} * 1000, 'UTC')"


macro(
    "trino_checked_nanos",
    f"(n) AS CASE WHEN abs(n) < {2**51 * 10**6} THEN n WHEN abs(n) >= {2**63}::HUGEINT * 1000000"
    " THEN CAST(trino_fail('INVALID_FUNCTION_ARGUMENT', 'long overflow') AS HUGEINT)"
    " WHEN n IS NOT NULL THEN CAST(trino_fail('GENERIC_INTERNAL_ERROR', 'Millis overflow: '"
    " || trino_whole_units(n, 1000000)) AS HUGEINT) END",
)


def _zone(call: Call, checked: str = "trino_valid_zone") -> str:
    """The zone that the second argument names; a constant is looked up here."""
    text = call.constants[1]
    found = zone_id(text) if isinstance(text, str) else None
    return f"'{found}'" if found else f"{checked}({call.arguments[1]})"


def _at_timezone(call: Call) -> str:
    value, zone = call.arguments[0], call.arguments[1]
    if call.types[1].name == "interval day to second":
        return f"trino_zoned({value}.instant, {bound((zone,), 'trino_interval_zone({})'.format)})"
    if call.types[0].name == ZONED:
        return f"trino_zoned({value}.instant, {_zone(call)})"
    return _time_at(value, f"trino_offset_now({_zone(call)})", call.result)


def _time_at(value: str, minutes: str, of: Type) -> str:
    """A time with time zone on the clock of an offset in minutes."""
    second = 10**12 if is_fine(of) else 10**6

    def body(t: str, m: str) -> str:
        count = f"{t}.local" if is_fine(of) else f"epoch_us({t}.local)"
        moved = f"{count} + CAST({m} - {t}.zone AS BIGINT) * {60 * second}"
        local = f"trino_floor_mod({moved}, {86_400 * second})"
        local = local if is_fine(of) else f"trino_time_of({local})"
        return (
            f"CASE WHEN {t} IS NOT NULL AND {m} IS NOT NULL THEN"
            f" {{'local': {local}, 'zone': CAST({m} AS SMALLINT)}} END"
        )

    return bound((value, minutes), body)


def _with_timezone(call: Call) -> str:
    return bound(
        (call.arguments[0], _zone(call)),
        lambda t, z: f"trino_zoned(trino_instant{suffix(call.types[0])}({t}, {z}), {z})",
    )


def _offset_minutes(call: Call) -> str:
    (value,) = call.arguments
    if call.types[0].name == "time with time zone":
        return f"CAST({value}.zone AS BIGINT)"
    of = call.types[0]
    return f"((epoch_us({clock(value, of)}) - epoch_us({instant(value, of)})) // 60000000)"


def instant(sql: str, of: Type) -> str:
    """The instant of a timestamp with time zone, to the microsecond."""
    return f"CAST({coarse(f'{atom(sql)}.instant', of)} AS TIMESTAMP)"


def _to_unixtime(call: Call) -> str:
    of = call.types[0]
    if not is_fine(of):
        return f"(epoch_us({instant(call.arguments[0], of)}) / 1000000.0::DOUBLE)"
    return bound((f"{atom(call.arguments[0])}.instant",), "trino_ps_to_unixtime({})".format)


macro(
    "trino_ps_to_unixtime",
    "(c) AS CAST(trino_whole_units(c, 1000000000) AS DOUBLE) / 1e3"
    " + CAST(trino_floor_mod(c, 1000000000) AS DOUBLE) / 1e12",
)


scalar(
    "from_unixtime",
    "(double) -> timestamp(3) with time zone",
    "(double, varchar) -> timestamp(3) with time zone",
    "(double, bigint, bigint) -> timestamp(3) with time zone",
    sql=_from_unixtime,
    doc="The instant of a number of seconds since 1970, in UTC or a given zone.",
)
scalar(
    "from_unixtime_nanos",
    "(bigint) -> timestamp(9) with time zone",
    "(decimal(p,s)) -> timestamp(9) with time zone",
    sql=_from_unixtime_nanos,
    doc="The instant of a number of nanoseconds since 1970.",
)
scalar(
    "to_unixtime",
    "(timestamp(p) with time zone) -> double",
    sql=_to_unixtime,
    doc="The seconds since 1970.",
)
scalar(
    "at_timezone",
    "(timestamp(p) with time zone, varchar) -> timestamp(p) with time zone",
    "(timestamp(p) with time zone, interval day to second) -> timestamp(p) with time zone",
    sql=_at_timezone,
    doc="The same instant on the clock of another zone.",
)
# What AT TIME ZONE means, which takes times too, under the name that it has in Trino.
scalar(
    "$at_timezone",
    "(timestamp(p) with time zone, varchar) -> timestamp(p) with time zone",
    "(time(p) with time zone, varchar) -> time(p) with time zone",
    sql=_at_timezone,
    doc="The same instant, or time, on the clock of another zone.",
)
scalar(
    "with_timezone",
    "(timestamp(p), varchar) -> timestamp(p) with time zone",
    sql=_with_timezone,
    doc="The instant at which the clock of a zone shows the timestamp.",
)
scalar(
    "timezone",
    "(timestamp(p) with time zone) -> varchar",
    "(time(p) with time zone) -> varchar",
    sql=lambda call: (
        f"{call.arguments[0]}.zone"
        if call.types[0].name == ZONED
        else f"trino_offset_text({call.arguments[0]}.zone)"
    ),
    doc="The zone of the value.",
)


def _offset(sign: str) -> Emit:
    return lambda call: f"({_offset_minutes(call)} {sign} 60)"


for _name, _sign, _doc in (
    ("timezone_hour", "//", "The hours of the zone's offset."),
    ("timezone_minute", "%", "The minutes of the zone's offset."),
):
    scalar(
        _name,
        "(timestamp(p) with time zone) -> bigint",
        "(time(p) with time zone) -> bigint",
        sql=_offset(_sign),
        doc=_doc,
    )
