"""Dates and times cast to one another, and read from texts, as DuckDB SQL.

A moment is rounded half up to fewer digits. Texts are read by the macros of
functions.datetime.conversions.
"""

from dataclasses import replace
from typing import Final

from lakelet.sql.emitter.zoned import local, with_parts
from lakelet.sql.functions.binding import atom, bound
from lakelet.types.duckdb import is_fine, physical
from lakelet.types.model import Type


def dated(source: Type, target: Type, day: int) -> Type:
    """The source with its times as times of a day (from 1970-01-01), wherever a date is asked
    for. A time of a day is a type of this module only; its values are those of the time."""
    if source.name in _DATED and target.name.startswith("timestamp"):
        return Type(_DATED[source.name], (source.precision, day))
    if (source.name, len(source.arguments)) != (target.name, len(target.arguments)):
        return source
    parts = zip(source.arguments, target.arguments, strict=True)
    return replace(source, arguments=tuple(dated(a, b, day) for a, b in parts))


_DATED: Final = {
    "time": "time of a day",
    "time with time zone": "time of a day with time zone",
}


def suffix(of: Type) -> str:
    """Of the macros that work on the physical type of a time or timestamp."""
    return "_ps" if is_fine(of) else ""


def _finest(of: Type) -> Type:
    """The precision at which the physical type of a time or timestamp holds every digit."""
    return Type(of.name, (12 if is_fine(of) else 6, *of.numbers[1:]))


def moment(sql: str, source: Type, target: Type) -> str:
    """time(p) to time(q), timestamp(p) to timestamp(q): rounded half up."""
    base = target.name.split()[0]
    text = sql
    if source.precision > target.precision:
        unit = 10 ** (_finest(source).precision - target.precision)
        text = f"trino_round_{base}{suffix(source)}({sql}, {unit})"
    if is_fine(source) and not is_fine(target):
        return f"trino_{base}_of_ps({text})"
    if is_fine(target) and not is_fine(source):
        return f"epoch_us({text}) * 1000000" if base == "time" else f"trino_picoseconds({text})"
    return text


def zoned_moment(sql: str, source: Type, target: Type) -> str:
    """As `moment`, for times and timestamps with time zone."""
    part = "instant" if source.name.startswith("timestamp") else "local"
    whole = f"{atom(sql)}.{part}"
    if moment(whole, source, target) == whole:
        return sql
    return bound(
        (sql,),
        lambda s: (
            f"CASE WHEN {s} IS NOT NULL THEN struct_pack({part} :="
            f" {moment(f'{s}.{part}', source, target)}, zone := {s}.zone) END"
        ),
        once="(" in sql,
    )


def _read(macro: str, sql: str, target: Type) -> str:
    """A text as a moment; the digits beyond those asked for are read so that they are rounded."""
    return bound((sql,), lambda s: f"{macro}{suffix(target)}({s})", once=is_fine(target))


def _as_read(target: Type) -> Type:
    """What a text is read as: DuckDB cuts the digits after six, which decide on the sixth."""
    return Type(target.name, (6 if target.precision < 6 else 12,))


def varchar_to_moment(sql: str, source: Type, target: Type, prefix: str = "trino") -> str:
    """Of texts that are none: an error, or NULL where the macros' prefix is `trino_try`."""
    read = _as_read(target)
    return moment(_read(f"{prefix}_varchar_to_{target.name}", sql, read), read, target)


def varchar_to_zoned(sql: str, source: Type, target: Type, prefix: str = "trino") -> str:
    """As `varchar_to_moment`."""
    read = _as_read(target)
    return zoned_moment(_read(f"{prefix}_varchar_to_timestamp_tz", sql, read), read, target)


def timestamp_to_zoned(sql: str, source: Type, target: Type) -> str:
    """A clock without a zone is one of the query's zone, which is UTC."""
    moved = moment(sql, source, Type("timestamp", target.numbers))
    return f"trino_zoned({moved}, 'UTC')"


def zoned_to_timestamp(sql: str, source: Type, target: Type) -> str:
    def body(instant: str, zone: str) -> str:
        clock = local(instant, zone, source)
        return moment(clock, Type("timestamp", source.numbers), target)

    return with_parts(sql, body)


def zoned_to_date(sql: str, source: Type, target: Type) -> str:
    clock = Type("timestamp", source.numbers)
    return timestamp_to_date(zoned_to_timestamp(sql, source, clock), clock, target)


def timestamp_to_date(sql: str, source: Type, target: Type) -> str:
    return f"CAST({f'trino_timestamp_of_ps({sql})' if is_fine(source) else sql} AS DATE)"


def date_to_timestamp(sql: str, source: Type, target: Type) -> str:
    moment = f"CAST({sql} AS TIMESTAMP)"
    return f"trino_picoseconds({moment})" if is_fine(target) else moment


def date_to_zoned(sql: str, source: Type, target: Type) -> str:
    return f"trino_zoned({date_to_timestamp(sql, source, target)}, 'UTC')"


def _timestamp_to_time(sql: str, source: Type, target: Type) -> str:
    clock = f"trino_clock_of_ps({sql})" if is_fine(source) else f"CAST({sql} AS TIME)"
    return moment(clock, Type("time", source.numbers), target)


def local_to_time(sql: str, source: Type, target: Type) -> str:
    """As `_timestamp_to_time`, but as Trino has it before 1970: a second less where there is a
    part of one."""
    fine = is_fine(source)

    def body(t: str) -> str:
        count = t if fine else f"epoch_us({t})"
        second = 10**12 if fine else 10**6
        clock = f"({count} - {second} * CAST({count} < 0 AND {count} % {second} <> 0 AS BIGINT))"
        at = f"trino_floor_mod({count}, {86_400 * second})"
        failed = "trino_fail_anyway('GENERIC_INTERNAL_ERROR', 'value must be >= 0')"
        none = f"CAST(CAST({failed} AS VARCHAR) AS {physical(target)})"
        moved = clock if fine else f"make_timestamp({clock})"
        return (
            f"CASE WHEN {count} < 0 AND {at} < {second} AND {at} > 0 THEN {none}"
            f" ELSE {_timestamp_to_time(moved, source, target)} END"
        )

    return bound((sql,), body)


def _time_tz(local_time: str, zone: str) -> str:
    return f"trino_time_zoned({local_time}, {zone})"


def time_to_time_tz(sql: str, source: Type, target: Type) -> str:
    return _time_tz(moment(sql, source, Type("time", target.numbers)), "0")


def time_tz_to_time(sql: str, source: Type, target: Type) -> str:
    return moment(f"{atom(sql)}.local", Type("time", source.numbers), target)


def timestamp_to_time_tz(sql: str, source: Type, target: Type) -> str:
    return _time_tz(_timestamp_to_time(sql, source, Type("time", target.numbers)), "0")


def zoned_to_time(sql: str, source: Type, target: Type) -> str:
    clock = Type("timestamp", source.numbers)
    return _timestamp_to_time(zoned_to_timestamp(sql, source, clock), clock, target)


def zoned_to_time_tz(sql: str, source: Type, target: Type) -> str:
    """With the offset that the zone has when UTC's clock, not its own, shows the time."""

    def body(s: str) -> str:
        clock = f"trino_local{suffix(source)}({s}.instant, {s}.zone)"
        clock = f"trino_timestamp_of_ps({clock})" if is_fine(source) else clock
        minutes = f"trino_offset_at({clock}, {s}.zone)"
        return _time_tz(zoned_to_time(s, source, Type("time", target.numbers)), minutes)

    return bound((sql,), body)


def time_to_timestamp(sql: str, source: Type, target: Type) -> str:
    """The day, which is the second number of the type, is the session's."""
    precision, day = source.numbers
    clock = f"trino_on_day{suffix(source)}({sql}, {day})"
    return moment(clock, Type("timestamp", (precision,)), target)


def time_to_zoned(sql: str, source: Type, target: Type) -> str:
    clock = time_to_timestamp(sql, source, Type("timestamp", target.numbers))
    return f"trino_zoned({clock}, 'UTC')"


def time_tz_to_timestamp(sql: str, source: Type, target: Type) -> str:
    return time_to_timestamp(f"{atom(sql)}.local", source, target)


def time_tz_to_zoned(sql: str, source: Type, target: Type) -> str:
    def body(s: str) -> str:
        clock = time_tz_to_timestamp(s, source, Type("timestamp", target.numbers))
        zone = f"CASE WHEN {s}.zone = 0 THEN 'UTC' ELSE trino_offset_text({s}.zone) END"
        return f"trino_zoned_clock{suffix(target)}({clock}, {zone})"

    return bound((sql,), body)


def varchar_to_time_tz(sql: str, source: Type, target: Type, prefix: str = "trino") -> str:
    """As `varchar_to_moment`."""
    read = _as_read(target)
    return zoned_moment(_read(f"{prefix}_varchar_to_time_tz", sql, read), read, target)


def moment_text(sql: str, source: Type, target: Type) -> str:
    """Trino's text of a time(p) or timestamp(p)."""
    macro = f"trino_{source.name.split()[0]}{suffix(source)}_to_varchar"
    return bound((sql,), lambda s: f"{macro}({s}, {source.precision})")


def zoned_text(sql: str, source: Type, target: Type) -> str:
    """The zone's clock, and the zone."""

    def body(instant: str, zone: str) -> str:
        clock = local(instant, zone, source)
        macro = f"trino_timestamp{suffix(source)}_to_varchar"
        text = bound((clock,), lambda c: f"{macro}({c}, {source.precision})", once=True)
        return f"({text} || ' ' || {zone})"

    return with_parts(sql, body)


def time_tz_text(sql: str, source: Type, target: Type) -> str:
    """The clock and its offset."""

    def body(s: str) -> str:
        macro = f"trino_time{suffix(source)}_to_varchar"
        return f"({macro}({s}.local, {source.precision}) || trino_offset_text({s}.zone))"

    return bound((sql,), body)
