"""Dates as text by a pattern, text as dates, and the ISO and duration forms."""

from collections.abc import Callable
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.emitter.datetime_casts import suffix
from lakelet.sql.emitter.literals import quote
from lakelet.sql.functions.binding import bound, row_by_row
from lakelet.sql.functions.date_patterns import (
    Reading,
    Token,
    joda,
    mysql,
    reading,
    teradata,
    written,
)
from lakelet.sql.functions.dates import ZONED, clock, coarse, exact_clock, instant
from lakelet.sql.functions.operators import fail
from lakelet.sql.functions.registry import Call, Emit, macro, scalar, udf
from lakelet.types.duckdb import physical
from lakelet.types.model import DATE, Type

INVALID: Final = "INVALID_FUNCTION_ARGUMENT"
Compile = Callable[[str], tuple[Token, ...]]

# Writing ------------------------------------------------------------------------------------


def _tokens(call: Call, compile_pattern: Compile) -> tuple[Token, ...] | None:
    """The pattern's tokens, None for a pattern that is NULL."""
    pattern = call.constants[1]
    if pattern is None:
        return None
    if not isinstance(pattern, str):
        raise TrinoError("NOT_SUPPORTED", f"{call.name} needs a pattern that is a constant")
    return compile_pattern(pattern)


def _write(compile_pattern: Compile) -> Emit:
    def emit(call: Call) -> str:
        tokens = _tokens(call, compile_pattern)
        if tokens is None:
            return "CAST(NULL AS VARCHAR)"
        of = call.types[0]
        if of.name != ZONED:
            return _write_plain(call, tokens)

        def body(value: str) -> str:
            def with_clock(local: str) -> str:
                offset = f"((epoch_us({local}) - epoch_us({instant(value, of)})) // 60000000)"
                return written(tokens, local, offset, f"{value}.zone")

            return bound((_to_milliseconds(clock(value, of), of),), with_clock)

        return bound((call.arguments[0],), body)

    return emit


def _write_plain(call: Call, tokens: tuple[Token, ...]) -> str:
    if any(token.field in "zZ" and token.field != "text" for token in tokens):
        raise TrinoError(
            INVALID,
            f"{call.name} for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type does"
            " not contain TZ information",
        )
    local = _to_milliseconds(clock(call.arguments[0], call.types[0]), call.types[0])
    return bound((local,), lambda local: written(tokens, local, "0", "'UTC'"))


def _to_milliseconds(local: str, of: Type) -> str:
    """Rounded to the milliseconds that the patterns show."""
    if of.precision <= 3:
        return local
    return f"trino_round_timestamp(CAST({local} AS TIMESTAMP), 1000)"


def _load_zone_abbreviation() -> Callable[[Any, Any], Any]:
    import pyarrow

    from lakelet.types.zones import name_at

    def abbreviations(zones: Any, instants: Any) -> Any:
        """What a zone's clock is called at an instant: CEST."""
        counts = instants.combine_chunks().view("int64").to_pylist()
        pairs = zip(zones.to_pylist(), counts, strict=True)
        names = [None if None in pair else name_at(*pair) for pair in pairs]
        return pyarrow.array(names, pyarrow.string())

    return abbreviations


udf(
    "trino_zone_abbreviation",
    _load_zone_abbreviation,
    ("VARCHAR", "TIMESTAMP"),
    "VARCHAR",
    total=True,
)

macro(
    "trino_padded_year",
    "(y, width) AS CASE WHEN y >= 1000 AND width <= 4 THEN CAST(y AS VARCHAR)"
    " ELSE CASE WHEN y < 0 THEN '-' ELSE '' END || lpad(CAST(abs(y) AS VARCHAR),"
    " CAST(greatest(width, length(CAST(abs(y) AS VARCHAR))) AS INTEGER), '0') END",
)

# Reading ------------------------------------------------------------------------------------

macro(
    "trino_month_number",
    "(s) AS CAST((strpos('janfebmaraprmayjunjulaugsepoctnovdec', lower(s[1:3])) + 2) // 3"
    " AS INTEGER)",
)
macro(
    "trino_day_number",
    "(s) AS CAST((strpos('montuewedthufrisatsun', lower(s[1:3])) + 2) // 3 AS INTEGER)",
)
macro(
    "trino_day_of_its_week",
    "(d, e) AS CAST(date_trunc('week', CAST(d AS DATE)) AS DATE) + e - 1",
)
macro(
    # The short names that Joda reads.
    "trino_zone_of_name",
    "(s) AS CASE WHEN s IN ('EST', 'EDT') THEN 'America/New_York'"
    " WHEN s IN ('CST', 'CDT') THEN 'America/Chicago' WHEN s IN ('MST', 'MDT') THEN"
    " 'America/Denver' WHEN s IN ('PST', 'PDT') THEN 'America/Los_Angeles'"
    " WHEN s IN ('UT', 'UTC', 'GMT') THEN 'UTC' ELSE s END",
)
macro("trino_number", "(s) AS CAST(nullif(s, '') AS INTEGER)")
macro(
    "trino_pivot",
    "(s, least) AS CAST(s AS INTEGER) + CASE WHEN CAST(s AS INTEGER) < least THEN 2000"
    " ELSE 1900 END",
)
macro(
    "trino_week_date",
    "(y, w, d) AS CAST(date_trunc('week', make_date(y, 1, 4)) AS DATE) + (w - 1) * 7 + d - 1",
)


def _number(groups: tuple[str, ...], name: str, default: str) -> str:
    return f"CAST(_p.{name} AS INTEGER)" if name in groups else default


def _year(groups: tuple[str, ...], name: str, pivot: int) -> str | None:
    if f"{name}2" in groups:
        return f"trino_pivot(_p.{name}2, {pivot})"
    return f"CAST(_p.{name} AS INTEGER)" if name in groups else None


_DAYS: Final = ("month", "month_text", "day", "day_of_year", "day_of_week", "day_text", "week")


def _base_year(groups: tuple[str, ...], pivot: int) -> str:
    """The year, of a century its first; without any 2000 for a day, and 1970 for a time (Joda)."""
    year = _year(groups, "year", pivot)
    if year is not None:
        return year
    if "century" in groups:
        return "CAST(_p.century AS INTEGER) * 100"
    return "2000" if any(each in groups for each in _DAYS) else "1970"


def _day_of_week(groups: tuple[str, ...]) -> str | None:
    if "day_text" in groups:
        return "trino_day_number(_p.day_text)"
    return "CAST(_p.day_of_week AS INTEGER)" if "day_of_week" in groups else None


def _date(groups: tuple[str, ...], pivot: int) -> str:
    """The day that the groups give."""
    week_year = _year(groups, "weekyear", pivot)
    year = _base_year(groups, pivot)
    day_of_week = _day_of_week(groups)
    month = _number(groups, "month", "1")
    if "month_text" in groups:
        month = "trino_month_number(_p.month_text)"
    dated = any(each in groups for each in ("month", "month_text"))
    if (week_year or "week" in groups) and not dated:
        week = _number(groups, "week", "1")
        return f"trino_week_date({week_year or year}, {week}, {day_of_week or '1'})"
    if "day_of_year" in groups:
        return f"make_date({year}, 1, 1) + CAST(_p.day_of_year AS INTEGER) - 1"
    found = f"make_date({year}, {month}, {_number(groups, 'day', '1')})"
    if day_of_week is None:
        return found
    moved = f"trino_day_of_its_week({found}, {day_of_week})"
    if "day" in groups:
        return moved
    # Joda sets the fields twice, so a day in the year or month before comes back.
    month = month if dated else f"month({moved})"
    again = f"make_date({year}, {month}, day({moved}))"
    return f"trino_day_of_its_week({again}, {day_of_week})"


_RANGES: Final = {
    "hour24": (0, 23),
    "clock24": (1, 24),
    "hour12": (0, 11),
    "clock12": (1, 12),
    "minute": (0, 59),
    "second": (0, 59),
    "day_of_week": (1, 7),
}


def _in_range(groups: tuple[str, ...], pivot: int) -> str:
    """Whether each field is one that there is; days of a month are looked at by `make_date`."""
    checks = [
        f"CAST(_p.{name} AS INTEGER) BETWEEN {least} AND {most}"
        for name, (least, most) in _RANGES.items()
        if name in groups
    ]
    if "day_of_year" in groups:
        last = f"dayofyear(make_date({_base_year(groups, pivot)}, 12, 31))"
        checks.append(f"CAST(_p.day_of_year AS INTEGER) BETWEEN 1 AND {last}")
    return " AND ".join(checks) or "TRUE"


def _hour(groups: tuple[str, ...]) -> str:
    if "hour24" in groups:
        return "CAST(_p.hour24 AS INTEGER)"
    if "clock24" in groups:
        return "(CAST(_p.clock24 AS INTEGER) % 24)"
    if "clock12" in groups or "hour12" in groups:
        name = "clock12" if "clock12" in groups else "hour12"
        half = "12 * CAST(lower(_p.half) = 'pm' AS INTEGER)" if "half" in groups else "0"
        return f"(CAST(_p.{name} AS INTEGER) % 12 + {half})"
    return "0"


def _moment(read: Reading, pivot: int) -> str:
    """The timestamp of the groups in `_p`; NULL for a day or time that is none."""
    groups = read.groups
    seconds = _number(groups, "second", "0")
    if "fraction" in groups:
        seconds = f"({seconds} + CAST('0.' || left(_p.fraction, 3) AS DOUBLE))"
    minute = _number(groups, "minute", "0")
    day = _date(groups, pivot)
    moment = (
        f"TRY(CAST({day} AS TIMESTAMP)"
        f" + (make_timestamp(1970, 1, 1, {_hour(groups)}, {minute}, {seconds})"
        " - TIMESTAMP '1970-01-01'))"
    )
    return f"CASE WHEN {_in_range(groups, pivot)} THEN {moment} END"


def _read(call: Call, read: Reading, pivot: int, result: Type) -> str:
    """The text's timestamp; `_p` holds the groups."""
    pattern = quote(read.pattern)
    names = ", ".join(f"'{name}'" for name in read.groups)
    refused = fail(INVALID, "'Invalid format: \"' || _s || '\"'", result)
    if not read.groups:
        parts, moment = "1", "TIMESTAMP '1970-01-01'"
    else:
        parts = f"regexp_extract(_s, {pattern}, [{names}])"
        moment = _moment(read, pivot)
    value = _shaped(moment, read, result)
    return (
        f"list_transform({row_by_row(call.arguments[0])}, lambda _s: CASE WHEN _s IS NULL THEN NULL"
        f" WHEN NOT regexp_matches(_s, {pattern}) THEN {refused} ELSE"
        f" coalesce(list_transform([{parts}], lambda _p: {value})[1], {refused}) END)[1]"
    )


def _shaped(moment: str, read: Reading, result: Type) -> str:
    if result == DATE:
        return f"CAST({moment} AS DATE)"
    if result.name != ZONED:
        return moment
    zone = "'UTC'"
    if "zone" in read.groups:
        zone = "trino_zone(_p.zone)"
    elif "zone_name" in read.groups:
        zone = "trino_zone(trino_zone_of_name(_p.zone_name))"
    return f"list_transform([{zone}], lambda _z: trino_zoned(trino_instant({moment}, _z), _z))[1]"


def _parse(compile_pattern: Compile, pivot: int) -> Emit:
    def emit(call: Call) -> str:
        tokens = _tokens(call, compile_pattern)
        if tokens is None:
            return f"CAST(NULL AS {physical(call.result)})"
        return _read(call, reading(tokens), pivot, call.result)

    return emit


MYSQL_PIVOT: Final = 70
JODA_PIVOT: Final = 50
"""The least two-digit year that means the last century (Joda: fifty years around 2000)."""

_PLAIN_AND_ZONED: Final = (
    "(timestamp(p), varchar) -> varchar",
    "(timestamp(p) with time zone, varchar) -> varchar",
)
scalar(
    "date_format",
    *_PLAIN_AND_ZONED,
    sql=_write(mysql),
    doc="The value as text by a pattern of MySQL's (`%Y-%m-%d`).",
)
scalar(
    "format_datetime",
    *_PLAIN_AND_ZONED,
    sql=_write(joda),
    doc="The value as text by a pattern of Joda's (`yyyy-MM-dd`).",
)
scalar(
    "to_char",
    "(timestamp(p) with time zone, varchar) -> varchar",
    sql=_write(teradata),
    doc="The value as text by a pattern of Teradata's (`yyyy-mm-dd`).",
)
scalar(
    "date_parse",
    "(varchar, varchar) -> timestamp(3)",
    sql=_parse(mysql, MYSQL_PIVOT),
    doc="The timestamp that a text gives by a pattern of MySQL's.",
)
scalar(
    "parse_datetime",
    "(varchar, varchar) -> timestamp(3) with time zone",
    sql=_parse(joda, JODA_PIVOT),
    doc="The instant that a text gives by a pattern of Joda's.",
)
scalar(
    "to_date",
    "(varchar, varchar) -> date",
    sql=_parse(teradata, JODA_PIVOT),
    doc="The date that a text gives by a pattern of Teradata's.",
)
scalar(
    "to_timestamp",
    "(varchar, varchar) -> timestamp(3)",
    sql=_parse(teradata, JODA_PIVOT),
    doc="The timestamp that a text gives by a pattern of Teradata's.",
)

# ISO 8601 -----------------------------------------------------------------------------------

_DAY: Final = r"(\d{1,4})(?:-(\d{2})(?:-(\d{2}))?|-W(\d{2})(?:-(\d))?|-(\d{3}))?"
_TIME: Final = r"T(\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)?"
_ISO: Final = rf"^(?:{_DAY})?(?:{_TIME})?(Z|[+-]\d{{2}}(?::?\d{{2}})?)?$"
_PARTS: Final = ("y", "m", "d", "w", "e", "j", "h", "i", "s", "f", "z")
_DATE_PATTERN: Final = rf"^{_DAY}$"

macro(
    "trino_iso_day",
    "(p) AS CASE WHEN p.y = '' THEN DATE '1970-01-01' WHEN p.w <> '' THEN trino_week_date("
    "trino_number(p.y), trino_number(p.w), coalesce(trino_number(p.e), 1))"
    " WHEN p.j <> '' THEN make_date(trino_number(p.y), 1, 1) + trino_number(p.j) - 1"
    " ELSE make_date(trino_number(p.y), coalesce(trino_number(p.m), 1),"
    " coalesce(trino_number(p.d), 1)) END",
)
macro(
    "trino_iso_seconds",
    "(p) AS epoch_us(CAST(trino_iso_day(p) AS TIMESTAMP)) // 1000000"
    " + CAST(coalesce(trino_number(p.h), 0) AS BIGINT) * 3600"
    " + CAST(coalesce(trino_number(p.i), 0) AS BIGINT) * 60"
    " + CAST(coalesce(trino_number(p.s), 0) AS BIGINT)",
)
macro(
    "trino_iso_moment",
    "(p, digits) AS make_timestamp(trino_iso_seconds(p) * 1000000"
    " + CAST(rpad(left(p.f, digits), 6, '0') AS BIGINT))",
)
macro(
    "trino_iso_moment_ps",
    "(p, digits) AS CAST(trino_iso_seconds(p) AS HUGEINT) * 1000000000000"
    " + CAST(rpad(left(p.f, digits), 12, '0') AS BIGINT)",
)
macro("trino_iso_zone", "(p) AS CASE WHEN p.z IN ('', 'Z') THEN 'UTC' ELSE trino_zone(p.z) END")


def _iso_timestamp(call: Call) -> str:
    digits = call.result.precision
    ending = suffix(call.result)
    names = ", ".join(f"'{name}'" for name in _PARTS)
    refused = fail(INVALID, "'Invalid format: \"' || _s || '\"'", call.result)
    moment = f"trino_iso_moment{ending}(_p, {digits})"
    # To the nanosecond a day and a time must be there.
    unread = "strpos(_s, 'T') < 9" if digits > 6 else "_s = ''"
    return (
        f"list_transform({row_by_row(call.arguments[0])}, lambda _s: CASE WHEN _s IS NULL THEN NULL"
        f" WHEN {unread} OR NOT regexp_matches(_s, '{_ISO}') THEN {refused}"
        f" ELSE list_transform([regexp_extract(_s, '{_ISO}', [{names}])], lambda _p: trino_zoned("
        f"trino_instant{ending}({moment}, trino_iso_zone(_p)), trino_iso_zone(_p)))[1] END)[1]"
    )


def _iso_date(call: Call) -> str:
    names = ", ".join(f"'{name}'" for name in _PARTS[:6])
    refused = fail(INVALID, "'Invalid format: \"' || _s || '\"'", DATE)
    return (
        f"list_transform({row_by_row(call.arguments[0])}, lambda _s: CASE WHEN _s IS NULL THEN NULL"
        f" WHEN NOT regexp_matches(_s, '{_DATE_PATTERN}') THEN {refused} ELSE coalesce("
        f"list_transform([regexp_extract(_s, '{_DATE_PATTERN}', [{names}])],"
        f" lambda _p: TRY(trino_iso_day(_p)))[1], {refused}) END)[1]"
    )


def _to_iso(call: Call) -> str:
    (value,) = call.arguments
    of = call.types[0]
    if of == DATE:
        return bound((value,), "trino_iso_date({})".format)
    if of.name != ZONED:
        return bound((value,), lambda local: _iso_text(local, of))

    def body(moment: str) -> str:
        local = exact_clock(moment, of)
        offset = f"((epoch_us({coarse(local, of)}) - epoch_us({instant(moment, of)})) // 1000000)"
        return f"({_iso_text(local, of)} || {bound((offset,), 'trino_iso_offset({})'.format)})"

    return bound((value,), body)


def _iso_text(local: str, of: Type) -> str:
    text = f"trino_iso_text({coarse(local, of)})"
    if not of.precision:
        return text
    count, width = (local, 12) if suffix(of) else (f"epoch_us({local})", 6)
    part = f"CAST(trino_floor_mod({count}, {10**width}) AS BIGINT)"
    return f"({text} || '.' || left(printf('%0{width}d', {part}), {of.precision}))"


macro(
    "trino_iso_offset",
    "(s) AS CASE WHEN s = 0 THEN 'Z' WHEN s % 60 <> 0 THEN CAST(trino_fail('INVALID_ARGUMENTS',"
    " 'Timezone with non-zero seconds offset cannot be rendered as ISO8601: ' || CASE WHEN s < 0"
    " THEN '-' ELSE '+' END || printf('%02d:%02d:%02d', abs(s) // 3600, abs(s) // 60 % 60,"
    " abs(s) % 60)) AS VARCHAR) ELSE trino_offset_text(s // 60) END",
)
macro(
    "trino_iso_date",
    "(d) AS CASE WHEN year(d) < 0 THEN '-' ELSE '' END"
    " || printf('%04d', abs(year(d))) || strftime(d, '-%m-%d')",
)
macro(
    "trino_iso_text",
    "(t) AS CASE WHEN year(t) < 0 THEN '-' WHEN year(t) > 9999 THEN '+' ELSE '' END"
    " || printf('%04d', abs(year(t))) || strftime(t, '-%m-%dT%H:%M:%S')",
)


scalar(
    "from_iso8601_timestamp",
    "(varchar) -> timestamp(3) with time zone",
    sql=_iso_timestamp,
    doc="The instant that a text in ISO 8601 form gives, to the millisecond.",
)
scalar(
    "from_iso8601_timestamp_nanos",
    "(varchar) -> timestamp(9) with time zone",
    sql=_iso_timestamp,
    doc="The instant that a text in ISO 8601 form gives, to the nanosecond.",
)
scalar(
    "from_iso8601_date",
    "(varchar) -> date",
    sql=_iso_date,
    doc="The date that a text in ISO 8601 form gives.",
)
scalar(
    "to_iso8601",
    "(date) -> varchar(16)",
    "(timestamp(p)) -> varchar(22 + p + min(p, 1))",
    "(timestamp(p) with time zone) -> varchar(28 + p + min(p, 1))",
    sql=_to_iso,
    doc="The value in ISO 8601 form.",
)

# Durations ----------------------------------------------------------------------------------

_DURATION: Final = r"^\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*$"

macro(
    "trino_duration_unit",
    "(u) AS CASE u WHEN 'ns' THEN 0.000001 WHEN 'us' THEN 0.001 WHEN 'ms' THEN 1"
    " WHEN 's' THEN 1000 WHEN 'm' THEN 60000 WHEN 'h' THEN 3600000 WHEN 'd' THEN 86400000 END",
)
macro(
    "trino_parse_duration",
    f"(s) AS CASE WHEN s IS NOT NULL THEN coalesce(CAST(floor("
    f"TRY_CAST(regexp_extract(s, '{_DURATION}', 1) AS DOUBLE)"
    f" * trino_duration_unit(regexp_extract(s, '{_DURATION}', 2)) + 0.5) AS BIGINT),"
    " CAST(trino_fail('INVALID_FUNCTION_ARGUMENT',"
    " 'duration is not a valid data duration string: ' || s) AS BIGINT)) END",
)
macro(
    "trino_counted",
    "(n, unit) AS CASE WHEN n > 0 THEN n || ' ' || unit || CASE n WHEN 1 THEN '' ELSE 's' END END",
)
macro(
    "trino_human_seconds",
    "(n) AS CASE WHEN n = 0 THEN '0 seconds' ELSE concat_ws(', ',"
    " trino_counted(n // 604800, 'week'), trino_counted(n // 86400 % 7, 'day'),"
    " trino_counted(n // 3600 % 24, 'hour'), trino_counted(n // 60 % 60, 'minute'),"
    " trino_counted(n % 60, 'second')) END",
)
macro(
    "trino_human_readable_seconds",
    "(x) AS CASE WHEN isfinite(x) THEN trino_human_seconds(CAST(round(abs(x)) AS BIGINT))"
    " WHEN NOT isfinite(x) THEN CAST(trino_fail('INVALID_FUNCTION_ARGUMENT',"
    " 'Invalid argument found: ' || trino_special_number(x)) AS VARCHAR) END",
)
scalar(
    "parse_duration",
    "(varchar) -> interval day to second",
    sql="trino_parse_duration({0})",
    doc="The interval that a number with a unit gives (`3.5h`).",
)
scalar(
    "human_readable_seconds",
    "(double) -> varchar",
    sql="trino_human_readable_seconds({0})",
    doc="Seconds in words, from weeks to seconds.",
)
