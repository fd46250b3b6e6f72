"""Instants as counts since 1970, and the zones that show them."""

from lakelet.sql.emitter import zoned
from lakelet.sql.functions.binding import bound
from lakelet.sql.functions.datetime.fields import ZONED, clock, instant
from lakelet.sql.functions.registry import Call, Emit, macro, scalar
from lakelet.sql.functions.vectorised import strict
from lakelet.types.duckdb import is_fine
from lakelet.types.model import Type
from lakelet.types.zones import zone_id

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
        offset = bound((zone,), "trino_interval_zone({})".format)
        return f"trino_zoned({zoned.instant(value)}, {offset})"
    if call.types[0].name == ZONED:
        return f"trino_zoned({zoned.instant(value)}, {_zone(call)})"
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
    return zoned.of_clock(call.arguments[0], _zone(call), call.types[0])


def _offset_minutes(call: Call) -> str:
    (value,) = call.arguments
    if call.types[0].name == "time with time zone":
        return f"CAST({value}.zone AS BIGINT)"
    of = call.types[0]
    return f"((epoch_us({clock(value, of)}) - epoch_us({instant(value, of)})) // 60000000)"


def _to_unixtime(call: Call) -> str:
    of = call.types[0]
    if not is_fine(of):
        return f"(epoch_us({instant(call.arguments[0], of)}) / 1000000.0::DOUBLE)"
    return bound((zoned.instant(call.arguments[0]),), "trino_ps_to_unixtime({})".format)


macro(
    "trino_ps_to_unixtime",
    "(c) AS CAST(trino_whole_units(c, 1000000000) AS DOUBLE) / 1e3"
    " + CAST(trino_floor_mod(c, 1000000000) AS DOUBLE) / 1e12",
)


scalar(
    "from_unixtime",
    "(double) -> timestamp(3) with time zone",
    "(double, varchar(x)) -> timestamp(3) with time zone",
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
    "(timestamp(p) with time zone, varchar(x)) -> timestamp(p) with time zone",
    "(timestamp(p) with time zone, interval day to second) -> timestamp(p) with time zone",
    sql=_at_timezone,
    doc="The same instant on the clock of another zone.",
)
# What AT TIME ZONE means, which takes times too, under the name that it has in Trino.
scalar(
    "$at_timezone",
    "(timestamp(p) with time zone, varchar(x)) -> timestamp(p) with time zone",
    "(time(p) with time zone, varchar(x)) -> time(p) with time zone",
    sql=_at_timezone,
    doc="The same instant, or time, on the clock of another zone.",
)
scalar(
    "with_timezone",
    "(timestamp(p), varchar(x)) -> timestamp(p) with time zone",
    sql=strict(_with_timezone),
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
