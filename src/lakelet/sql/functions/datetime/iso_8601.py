"""Dates and moments in ISO 8601 form, read and written."""

from functools import partial
from typing import Final

from lakelet.sql.emitter.datetime_casts import suffix
from lakelet.sql.functions.binding import bound, row_by_row
from lakelet.sql.functions.datetime.fields import ZONED, coarse, exact_clock, instant
from lakelet.sql.functions.datetime.reading import first_plainly, read_by_row
from lakelet.sql.functions.operators import fail
from lakelet.sql.functions.registry import Call, macro, scalar
from lakelet.types.model import DATE, Type

_INVALID: Final = "INVALID_FUNCTION_ARGUMENT"
_DAY: Final = r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?|-W(\d{1,2})(?:-(\d))?|-(\d{3}))?"
_TIME: Final = r"(\d{1,2})(?::(\d{1,2})(?::(\d{1,2}))?)?(?:[.,](\d{1,9}))?"
_ISO: Final = rf"^(?:{_DAY})?(?:[Tt](?:{_TIME})?([Zz]|[+-]\d{{2}}(?::?\d{{2}}(?::?\d{{2}})?)?)?)?$"
_PLAIN: Final = (
    r"[1-9]\d{{3}}-{}(?:T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{{1,3}})?"
    r"(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)?)?"
)
"""What DuckDB reads as Joda does; its days are every month's, or such as some months lack."""
_EVERY_MONTH: Final = _PLAIN.format(r"(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])")
_SOME_MONTHS: Final = _PLAIN.format(r"(?:0[1-9]|1[0-2])-(?:29|30|31)")
_NANOS: Final = (
    r"^(\d{4}|-\d{4,9}|\+\d{5,9})-(\d{2})-(\d{2})()()()[Tt](\d{2}):(\d{2})"
    r"(?::(\d{2})(?:\.(\d{0,9}))?)?([Zz]|[+-]\d{2}:\d{2}(?::\d{2})?)?$"
)
"""Most of Joda's grammar to the millisecond (`joda.ISO` is all), java.time's to the nanosecond."""
_PARTS: Final = ("y", "m", "d", "w", "e", "j", "h", "i", "s", "f", "z")

macro("trino_number", "(s) AS CAST(nullif(s, '') AS INTEGER)")
macro(
    "trino_week_date",
    "(y, w, d) AS CAST(date_trunc('week', make_date(y, 1, 4)) AS DATE) + (w - 1) * 7 + d - 1",
)
macro(
    "trino_iso_day",
    "(p) AS CASE WHEN p.y = '' THEN DATE '1970-01-01' WHEN p.w <> '' THEN trino_week_date("
    "trino_number(p.y), trino_number(p.w), coalesce(trino_number(p.e), 1))"
    " WHEN p.j <> '' THEN make_date(trino_number(p.y), 1, 1) + trino_number(p.j) - 1"
    " ELSE make_date(trino_number(p.y), coalesce(trino_number(p.m), 1),"
    " coalesce(trino_number(p.d), 1)) END",
)
macro(
    # Whether there is such a week, or such a day of a week or a year; make_date sees to the rest.
    "trino_iso_is_day",
    "(p) AS CASE WHEN p.w <> '' THEN trino_number(p.w) BETWEEN 1 AND"
    " week(make_date(trino_number(p.y), 12, 28)) AND coalesce(trino_number(p.e), 1) BETWEEN 1 AND 7"
    " WHEN p.j <> '' THEN trino_number(p.j) BETWEEN 1 AND"
    " dayofyear(make_date(trino_number(p.y), 12, 31)) ELSE true END",
)
macro(
    "trino_iso_is_moment",
    "(p) AS trino_iso_is_day(p) AND coalesce(trino_number(p.h), 0) < 24"
    " AND coalesce(trino_number(p.i), 0) < 60 AND coalesce(trino_number(p.s), 0) < 60",
)
macro(
    "trino_iso_seconds",
    "(p) AS epoch_us(CAST(trino_iso_day(p) AS TIMESTAMP)) // 1000000"
    " + CAST(coalesce(trino_number(p.h), 0) AS BIGINT) * 3600"
    " + CAST(coalesce(trino_number(p.i), 0) AS BIGINT) * 60"
    " + CAST(coalesce(trino_number(p.s), 0) AS BIGINT)",
)
macro(
    # The fraction is the last field's, be it an hour's.
    "trino_iso_nanoseconds",
    "(p) AS CAST(rpad(p.f, 9, '0') AS BIGINT)"
    " * CASE WHEN p.s <> '' OR p.h = '' THEN 1 WHEN p.i <> '' THEN 60 ELSE 3600 END",
)
macro(
    "trino_iso_moment",
    "(p) AS make_timestamp(trino_iso_seconds(p) * 1000000"
    " + trino_iso_nanoseconds(p) // 1000000 * 1000)",
)
macro(
    "trino_iso_moment_ps",
    "(p) AS CAST(trino_iso_seconds(p) AS HUGEINT) * 1000000000000"
    " + CAST(trino_iso_nanoseconds(p) AS HUGEINT) * 1000",
)
macro("trino_iso_instant", "(s) AS make_timestamp(epoch_us(TRY_CAST(s AS TIMESTAMPTZ)))")
macro(
    "trino_iso_offset_zone",
    "(s) AS CASE WHEN strlen(s) < 25 OR ends_with(s, '00:00') THEN 'UTC' ELSE right(s, 6) END",
)
macro(
    # The moments of `_PLAIN`, of which those with an offset are the longest; NULL for others.
    "trino_iso_plain",
    f"(s) AS CASE WHEN regexp_full_match(s, '{_EVERY_MONTH}')"
    " THEN struct_pack(instant := trino_iso_instant(s), zone := trino_iso_offset_zone(s))"
    f" WHEN regexp_full_match(s, '{_SOME_MONTHS}')"
    " THEN trino_zoned(trino_iso_instant(s), trino_iso_offset_zone(s)) END",
)
macro(
    "trino_iso_zone",
    "(p) AS CASE WHEN p.z IN ('', 'Z', 'z') THEN 'UTC' ELSE trino_supported_zone(p.z) END",
)


def _iso_timestamp(call: Call, *, tried: bool = False) -> str:
    ending = suffix(call.result)
    pattern = _NANOS if ending else _ISO
    names = ", ".join(f"'{name}'" for name in _PARTS)
    refused = fail(_INVALID, "'Invalid format: \"' || _s || '\"'", call.result)
    if not ending:
        refused = read_by_row(call.result, "'iso', _s, 'moment'", tried=tried)
    elif tried:
        refused = "NULL"
    moment = f"TRY(CASE WHEN trino_iso_is_moment(_p) THEN trino_iso_moment{ending}(_p) END)"
    exactly = (
        "CASE WHEN _s IS NULL THEN NULL"
        f" WHEN _s IN ('', 'T', 't') OR NOT regexp_matches(_s, '{pattern}') THEN {refused}"
        f" ELSE coalesce(list_transform([regexp_extract(_s, '{pattern}', [{names}])], lambda _p:"
        f" list_transform([{moment}], lambda _m: CASE WHEN _m IS NOT NULL THEN"
        f" trino_zoned_clock{ending}(_m, trino_iso_zone(_p)) END)[1])[1], {refused}) END"
    )

    def body(text: str) -> str:
        whole = f"list_transform({row_by_row(text)}, lambda _s: {exactly})[1]"
        return whole if ending else first_plainly(text, f"trino_iso_plain({text})", whole)

    return bound(call.arguments, body)


def _iso_date(call: Call, *, tried: bool = False) -> str:
    exactly = read_by_row(DATE, "'iso', _s, 'date'", tried=tried)

    def body(text: str) -> str:
        plain = (
            rf"CASE WHEN regexp_full_match({text}, '[1-9]\d{{3}}-\d{{2}}-\d{{2}}')"
            f" THEN TRY_CAST({text} AS DATE) END"
        )
        whole = f"lambda _s: CASE WHEN _s IS NOT NULL THEN {exactly} END"
        return first_plainly(text, plain, f"list_transform({row_by_row(text)}, {whole})[1]")

    return bound(call.arguments, body)


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
    "(varchar(x)) -> timestamp(3) with time zone",
    sql=_iso_timestamp,
    attempt=partial(_iso_timestamp, tried=True),
    doc="The instant that a text in ISO 8601 form gives, to the millisecond.",
)
scalar(
    "from_iso8601_timestamp_nanos",
    "(varchar(x)) -> timestamp(9) with time zone",
    sql=_iso_timestamp,
    attempt=partial(_iso_timestamp, tried=True),
    doc="The instant that a text in ISO 8601 form gives, to the nanosecond.",
)
scalar(
    "from_iso8601_date",
    "(varchar(x)) -> date",
    sql=_iso_date,
    attempt=partial(_iso_date, tried=True),
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
