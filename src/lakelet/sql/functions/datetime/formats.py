"""Dates as text by a pattern, and text as dates."""

from collections.abc import Callable
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.emitter import zoned
from lakelet.sql.emitter.literals import quote
from lakelet.sql.functions.binding import bound, row_by_row
from lakelet.sql.functions.datetime import natively
from lakelet.sql.functions.datetime.fields import ZONED, clock, coarse, instant
from lakelet.sql.functions.datetime.patterns import (
    INVALID,
    Reading,
    Token,
    joda,
    mysql,
    reading,
    teradata,
    two_digit_years,
    written,
)
from lakelet.sql.functions.datetime.reading import first_plainly, read_by_row
from lakelet.sql.functions.operators import fail
from lakelet.sql.functions.registry import NOT_CONSTANT, Call, Emit, macro, scalar, udf
from lakelet.types.duckdb import physical
from lakelet.types.model import DATE, Type

Compile = Callable[[str], tuple[Token, ...]]

# Writing ------------------------------------------------------------------------------------


def _tokens(call: Call, compile_pattern: Compile) -> tuple[Token, ...] | None:
    """The pattern's tokens, None for a pattern that is NULL."""
    pattern = call.constants[1]
    return None if pattern is None else compile_pattern(pattern)


def _is_column(call: Call) -> bool:
    """Whether the pattern may differ from row to row."""
    return call.constants[1] is NOT_CONSTANT


def _write_by_row(call: Call, language: str) -> str:
    of, pattern = call.types[0], call.arguments[1]

    if of.name != ZONED:
        local = _shown_clock(call, clock(call.arguments[0], of))
        return _written_by_row(language, local, "0", "''", pattern)

    def body(value: str) -> str:
        local = _shown_clock(call, clock(value, of))
        offset = f"(epoch_us({clock(value, of)}) - epoch_us({instant(value, of)})) // 60000000"
        return _written_by_row(language, local, offset, f"{value}.zone", pattern)

    return bound((call.arguments[0],), body)


def _written_by_row(language: str, local: str, offset: str, zone: str, pattern: str) -> str:
    shown = f"epoch_us({local}), {offset}, {zone}"
    return f"trino_write_moment({quote(language)}, {shown}, {pattern})"


def _refusing(emit: Emit, *, tried: bool = False) -> Emit:
    """An emission that refuses a pattern where a row is worked on, so that TRY sees it."""

    def refusing(call: Call) -> str:
        try:
            return emit(call)
        except TrinoError as failure:
            if tried and failure.name == INVALID:
                return f"CAST(NULL AS {physical(call.result)})"
            refused = fail(failure.name, quote(failure.message), call.result)
            return f"CASE WHEN {call.arguments[0]} IS NOT NULL THEN {refused} END"

    return refusing


def _write(compile_pattern: Compile) -> Emit:
    def emit(call: Call) -> str:
        if _is_column(call):
            return _write_by_row(call, compile_pattern.__name__)
        tokens = _tokens(call, compile_pattern)
        if tokens is None:
            return "CAST(NULL AS VARCHAR)"
        of = call.types[0]
        if of.name != ZONED:
            return _write_plain(call, compile_pattern.__name__, tokens)

        def body(moment: str, zone: str) -> str:
            clock = coarse(zoned.local(moment, zone, of), of)

            def with_clock(local: str) -> str:
                at = f"CAST({coarse(moment, of)} AS TIMESTAMP)"
                offset = f"((epoch_us({clock}) - epoch_us({at})) // 60000000)"
                if natively.written(tokens) is not None:
                    return _natively(call, compile_pattern.__name__, tokens, local)
                return written(tokens, local, offset, zone)

            return bound((_shown_clock(call, clock),), with_clock)

        return zoned.with_parts(call.arguments[0], body)

    return _refusing(emit)


def _write_plain(call: Call, language: str, tokens: tuple[Token, ...]) -> str:
    if any(token.field in "zZ" and token.field != "text" for token in tokens):
        raise TrinoError(
            INVALID,
            f"{call.name} for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type does"
            " not contain TZ information",
        )
    local = _shown_clock(call, clock(call.arguments[0], call.types[0]))
    if natively.written(tokens) is None:
        return bound((local,), lambda each: written(tokens, each, "0", "'UTC'"))
    return bound((local,), lambda each: _natively(call, language, tokens, each))


def _natively(call: Call, language: str, tokens: tuple[Token, ...], local: str) -> str:
    """A clock's text by DuckDB's own function; of a rare year by Python, for what stands in a
    lambda is prepared again for each block of rows."""
    short = f"strftime({local}, {quote(natively.written(tokens) or '')})"
    other = _written_by_row(language, local, "0", "''", call.arguments[1])
    return (
        f"CASE WHEN year({local}) BETWEEN 1000 AND 9999 THEN {short}"
        f" WHEN {local} IS NOT NULL THEN {other} END"
    )


def _shown_clock(call: Call, local: str) -> str:
    """Rounded to the milliseconds that the patterns show; to_char shows whole seconds only."""
    if call.types[0].precision <= 3 or call.name == "to_char":
        return local
    return f"trino_round_timestamp(CAST({local} AS TIMESTAMP), 1000)"


def _load_zone_name() -> Callable[..., Any]:
    import pyarrow

    from lakelet.types.zones import name_at

    def names(zones: Any, instants: Any, full: Any) -> Any:
        """What a zone's clock is called at an instant: CEST, or in full."""
        counts = instants.combine_chunks().view("int64").to_pylist()
        rows = zip(zones.to_pylist(), counts, full.to_pylist(), strict=True)
        found = [None if None in row else name_at(*row[:2], full=row[2]) for row in rows]
        return pyarrow.array(found, pyarrow.string())

    return names


udf(
    "trino_zone_name",
    _load_zone_name,
    ("VARCHAR", "TIMESTAMP", "BOOLEAN"),
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
    # NULL for a time that the zone's clock skips.
    "trino_zoned_strictly",
    "(c, z) AS list_transform([{'c': c, 'v': trino_zoned_clock(c, z)}],"
    " lambda m: CASE WHEN trino_local(m.v.instant, m.v.zone) = m.c THEN m.v END)[1]",
)
macro(
    "trino_day_number",
    "(s) AS CAST((strpos('montuewedthufrisatsun', lower(s[1:3])) + 2) // 3 AS INTEGER)",
)


def _number(groups: tuple[str, ...], name: str, default: str) -> str:
    return f"CAST(_p.{name} AS INTEGER)" if name in groups else default


def _year(groups: tuple[str, ...], low: int) -> str:
    if "year2" in groups:
        return f"({low} + (CAST(_p.year2 AS INTEGER) + {-low % 100}) % 100)"
    return _number(groups, "year", "1970")


def _date(groups: tuple[str, ...], low: int) -> str:
    """The day that the groups give."""
    year = _year(groups, low)
    if "day_of_year" in groups:
        return f"make_date({year}, 1, 1) + CAST(_p.day_of_year AS INTEGER) - 1"
    month = _number(groups, "month", "1")
    if "month_text" in groups:
        month = "trino_month_number(_p.month_text)"
    return f"make_date({year}, {month}, {_number(groups, 'day', '1')})"


_RANGES: Final = {
    "hour24": (0, 23),
    "clock24": (1, 24),
    "hour12": (0, 11),
    "clock12": (1, 12),
    "minute": (0, 59),
    "second": (0, 59),
}


def _in_range(groups: tuple[str, ...], low: int) -> str:
    """Whether each field is one that there is; days of a month are looked at by `make_date`."""
    checks = [
        f"CAST(_p.{name} AS INTEGER) BETWEEN {least} AND {most}"
        for name, (least, most) in _RANGES.items()
        if name in groups
    ]
    if "day_of_year" in groups:
        last = f"dayofyear(make_date({_year(groups, low)}, 12, 31))"
        checks.append(f"CAST(_p.day_of_year AS INTEGER) BETWEEN 1 AND {last}")
    if "weekday" in groups:
        checks.append(f"isodow(TRY({_date(groups, low)})) = trino_day_number(_p.weekday)")
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


def _moment(read: Reading, low: int) -> str:
    """The timestamp of the groups in `_p`; NULL for a day or time that is none."""
    groups = read.groups
    seconds = _number(groups, "second", "0")
    if "fraction" in groups:
        seconds = f"({seconds} + CAST('0.' || left(_p.fraction, 3) AS DOUBLE))"
    minute = _number(groups, "minute", "0")
    moment = (
        f"TRY(CAST({_date(groups, low)} AS TIMESTAMP)"
        f" + (make_timestamp(1970, 1, 1, {_hour(groups)}, {minute}, {seconds})"
        " - TIMESTAMP '1970-01-01'))"
    )
    return f"CASE WHEN {_in_range(groups, low)} THEN {moment} END"


def _read(call: Call, language: str, tokens: tuple[Token, ...], *, tried: bool) -> str:
    """The text's value: by DuckDB's own function where it reads the pattern and the text; else by
    a regular expression, whose groups `_p` holds; else as Joda reads it."""
    read = reading(tokens)
    if read is None:
        return _read_exactly(call, language, call.arguments[0], tried=tried)
    pattern = quote(read.pattern)
    names = ", ".join(f"'{name}'" for name in read.groups)
    parts = f"regexp_extract(_s, {pattern}, [{names}])" if read.groups else "1"
    moment = _shaped(_moment(read, two_digit_years(language)), read, call.result)
    exactly = _read_exactly(call, language, "_s", tried=tried)

    def body(text: str) -> str:
        whole = (
            f"list_transform({row_by_row(text)}, lambda _s: CASE WHEN _s IS NULL THEN NULL"
            f" WHEN NOT regexp_matches(_s, {pattern}) THEN {exactly} ELSE"
            f" coalesce(list_transform([{parts}], lambda _p: {moment})[1], {exactly}) END)[1]"
        )
        plainly = _read_plainly(tokens, text, call.result)
        return first_plainly(text, plainly, whole) if plainly else whole

    return bound(call.arguments[:1], body)


def _read_exactly(call: Call, language: str, text: str, *, tried: bool) -> str:
    return read_by_row(call.result, f"{quote(language)}, {text}, {call.arguments[1]}", tried=tried)


def _read_plainly(tokens: tuple[Token, ...], text: str, result: Type) -> str:
    """What DuckDB's own function reads of a text, NULL of others; nothing where it reads none."""
    known = natively.plain(tokens)
    if known is None:
        return ""
    local = f"trino_before_offset({text})" if known.offset else text
    value = f"try_strptime({local}, {quote(known.format)})"
    if result == DATE:
        value = f"CAST({value} AS DATE)"
    elif result.name == ZONED:
        by = f"trino_zoned_by({value}, trino_last_offset({text}))"
        value = by if known.offset else f"trino_zoned({value}, 'UTC')"
    return f"CASE WHEN regexp_full_match({text}, {quote(known.pattern)}) THEN {value} END"


def _shaped(moment: str, read: Reading, result: Type) -> str:
    if result == DATE:
        return f"CAST({moment} AS DATE)"
    if result.name != ZONED:
        return moment
    zone = "trino_zone(_p.zone)" if "zone" in read.groups else "'UTC'"
    return f"trino_zoned_clock({moment}, {zone})"


def _parse(compile_pattern: Compile, *, tried: bool = False) -> Emit:
    def emit(call: Call) -> str:
        language = compile_pattern.__name__
        if _is_column(call):
            return _read_exactly(call, language, call.arguments[0], tried=tried)
        tokens = _tokens(call, compile_pattern)
        if tokens is None:
            return f"CAST(NULL AS {physical(call.result)})"
        return _read(call, language, tokens, tried=tried)

    return _refusing(emit, tried=tried)


_PLAIN_AND_ZONED: Final = (
    "(timestamp(p), varchar(x)) -> varchar",
    "(timestamp(p) with time zone, varchar(x)) -> varchar",
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
    "(varchar(x), varchar(y)) -> timestamp(3)",
    sql=_parse(mysql),
    attempt=_parse(mysql, tried=True),
    doc="The timestamp that a text gives by a pattern of MySQL's.",
)
scalar(
    "parse_datetime",
    "(varchar(x), varchar(y)) -> timestamp(3) with time zone",
    sql=_parse(joda),
    attempt=_parse(joda, tried=True),
    doc="The instant that a text gives by a pattern of Joda's.",
)
scalar(
    "to_date",
    "(varchar, varchar) -> date",
    sql=_parse(teradata),
    attempt=_parse(teradata, tried=True),
    doc="The date that a text gives by a pattern of Teradata's.",
)
scalar(
    "to_timestamp",
    "(varchar, varchar) -> timestamp(3)",
    sql=_parse(teradata),
    attempt=_parse(teradata, tried=True),
    doc="The timestamp that a text gives by a pattern of Teradata's.",
)
