"""Dates and times cast to one another, and read from texts, as DuckDB SQL.

A moment is rounded half up to fewer digits. Texts are read by the macros of
functions.datetime_conversions.
"""

from dataclasses import replace
from typing import Final

from lakelet.sql.functions.binding import atom, bound
from lakelet.types.duckdb import local, physical
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
    """What ends the names of macros over nanoseconds."""
    return "_ns" if of.precision > 6 else ""


def moment(sql: str, source: Type, target: Type) -> str:
    """time(p) to time(q), timestamp(p) to timestamp(q): rounded half up."""
    base = target.name.split()[0]
    text = sql
    if source.precision > target.precision:
        finest = 9 if source.precision > 6 else 6
        if target.precision < finest:
            unit = 10 ** (finest - target.precision)
            text = f"trino_round_{base}{suffix(source)}({sql}, {unit})"
    if local(source) != local(target):
        if base == "time" and target.precision > 6:
            # DuckDB makes nanoseconds of a text alone.
            text = f"CAST({text} AS VARCHAR)"
        text = f"CAST({text} AS {local(target)})"
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
    )


def _read(macro: str, sql: str, target: Type) -> str:
    """A text as a moment, by a macro; refused where it has more digits than nanoseconds hold."""
    fine = target.precision > 9
    text = f"trino_to_nanoseconds({sql})" if fine else sql
    # The macros write their argument many times: one that is an expression is bound before.
    return bound((text,), lambda s: f"{macro}{suffix(target)}({s})", once=fine)


def varchar_to_moment(sql: str, source: Type, target: Type) -> str:
    base = target.name
    text = _read(f"trino_varchar_to_{base}", sql, target)
    finest = Type(base, (9 if target.precision > 6 else 6,))
    # The digits beyond those asked for are read so that they can be rounded.
    return moment(text, finest, target) if target.precision not in (6, 9) else text


def varchar_to_zoned(sql: str, source: Type, target: Type) -> str:
    text = _read("trino_varchar_to_timestamp_tz", sql, target)
    finest = Type(target.name, (9 if target.precision > 6 else 6,))
    return zoned_moment(text, finest, target)


def timestamp_to_zoned(sql: str, source: Type, target: Type) -> str:
    """A clock without a zone is one of the query's zone, which is UTC."""
    moved = moment(sql, source, Type("timestamp", target.numbers))
    return f"trino_zoned({moved}, 'UTC')"


def zoned_to_timestamp(sql: str, source: Type, target: Type) -> str:
    def body(s: str) -> str:
        clock = f"trino_local{suffix(source)}({s}.instant, {s}.zone)"
        return moment(clock, Type("timestamp", source.numbers), target)

    return bound((sql,), body)


def zoned_to_date(sql: str, source: Type, target: Type) -> str:
    return bound(
        (sql,), lambda s: f"CAST(trino_local{suffix(source)}({s}.instant, {s}.zone) AS DATE)"
    )


def date_to_zoned(sql: str, source: Type, target: Type) -> str:
    return f"trino_zoned(CAST({sql} AS {local(target)}), 'UTC')"


def _timestamp_to_time(sql: str, source: Type, target: Type) -> str:
    time = Type("time", (min(source.precision, 9),))
    clock = f"trino_time_ns_of(epoch_ns({sql}) % 86400000000000)"
    if source.precision <= 6:
        clock = f"CAST({sql} AS TIME)"
    return moment(clock, time, target)


def local_to_time(sql: str, source: Type, target: Type) -> str:
    """As `_timestamp_to_time`, but as Trino has it before 1970: a second less where there is a
    part of one."""
    fine = source.precision > 6

    def body(t: str) -> str:
        count = f"epoch_ns({t})" if fine else f"epoch_us({t})"
        second = 10**9 if fine else 10**6
        clock = f"({count} - {second} * CAST({count} < 0 AND {count} % {second} <> 0 AS BIGINT))"
        at = f"trino_floor_mod({count}, {86_400 * second})"
        failed = "trino_fail('GENERIC_INTERNAL_ERROR', 'value must be >= 0')"
        none = f"CAST(CAST({failed} AS VARCHAR) AS {physical(target)})"
        moved = f"make_timestamp{'_ns' if fine else ''}({clock})"
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
    def body(s: str) -> str:
        minutes = f"trino_offset_at(CAST({s}.instant AS TIMESTAMP), {s}.zone)"
        return _time_tz(zoned_to_time(s, source, Type("time", target.numbers)), minutes)

    return bound((sql,), body)


def time_to_timestamp(sql: str, source: Type, target: Type) -> str:
    """The day, which is the second number of the type, is the session's."""
    precision, day = source.numbers
    clock = f"trino_on_day{suffix(source)}({sql}, {day})"
    return moment(clock, Type("timestamp", (min(precision, 9),)), target)


def time_to_zoned(sql: str, source: Type, target: Type) -> str:
    clock = time_to_timestamp(sql, source, Type("timestamp", target.numbers))
    return f"trino_zoned({clock}, 'UTC')"


def time_tz_to_timestamp(sql: str, source: Type, target: Type) -> str:
    return time_to_timestamp(f"{atom(sql)}.local", source, target)


def time_tz_to_zoned(sql: str, source: Type, target: Type) -> str:
    def body(s: str) -> str:
        clock = time_tz_to_timestamp(s, source, Type("timestamp", target.numbers))
        zone = f"CASE WHEN {s}.zone = 0 THEN 'UTC' ELSE trino_offset_text({s}.zone) END"
        return f"trino_zoned(trino_instant{suffix(target)}({clock}, {zone}), {zone})"

    return bound((sql,), body)


def varchar_to_time_tz(sql: str, source: Type, target: Type) -> str:
    text = _read("trino_varchar_to_time_tz", sql, target)
    finest = Type(target.name, (9 if target.precision > 6 else 6,))
    return zoned_moment(text, finest, target)
