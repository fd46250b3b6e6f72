"""CAST, TRY_CAST and coercions as DuckDB SQL: a table of conversions by base type.

Where Trino's rule and DuckDB's cast agree the cast stays plain; else macros of
functions.conversions do the work. Dates and times are in `datetime_casts`, JSON in `json_casts`.
Nothing is written when the physical values already agree.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from lakelet.sql.emitter import datetime_casts
from lakelet.sql.emitter.json_casts import decimal_text, from_json, read_decimal, refused, to_json
from lakelet.sql.functions.binding import attempted, bound, failing, parameter
from lakelet.sql.functions.registry import macro
from lakelet.types.casting import PATTERNS, has_json_names
from lakelet.types.duckdb import physical, row_fields
from lakelet.types.model import VARCHAR, Type
from lakelet.types.quoting import identifier

Conversion = Callable[[str, Type, Type], str]

_INTEGERS: Final = ("tinyint", "smallint", "integer", "bigint")
_FLOATING: Final = ("real", "double")
_PADDING: Final = "' '"


def cast(sql: str, source: Type, target: Type, *, safe: bool = False) -> str:
    """A value of `source` as one of `target`, by Trino's rules for CAST.

    With `safe` a value that cannot be cast is NULL (TRY_CAST); what fails inside `sql` still
    fails.
    """
    if safe and fails_as_null(source, target):
        return _TRIED[source.name, target.name](sql, source, target)
    text = _converted(sql, source, target)
    if not safe or text == sql:
        return text
    if _is_name(sql):
        # In a branch, since DuckDB takes common parts out of a TRY that stands elsewhere.
        return f"CASE WHEN {sql} IS NOT NULL THEN {attempted(text)} END"
    name = parameter(sql)
    inner = attempted(_converted(name, source, target))
    return f"list_transform([{sql}], lambda {name}: {inner})[1]"


def fails_as_null(source: Type, target: Type) -> bool:
    """Whether a safe cast needs no TRY, about which DuckDB takes its time where it fails."""
    return (source.name, target.name) in _TRIED


def _is_name(sql: str) -> bool:
    return sql.replace(".", "").replace('"', "").replace("_", "").isalnum()


def _converted(sql: str, source: Type, target: Type) -> str:
    if source == target:
        return sql
    if source.name == "unknown":
        return f"CAST({sql} AS {physical(target)})"
    if "json" in (source.name, target.name):
        return _with_json(sql, source, target)
    conversion = _CONVERSIONS.get((source.name, target.name))
    if conversion is None:
        conversion = _TO_VARCHAR.get(source.name) if target.name == "varchar" else None
        return _fitted(conversion(sql, source, target), sql, source, target) if conversion else sql
    return conversion(sql, source, target)


def _with_json(sql: str, source: Type, target: Type) -> str:
    if not (has_json_names(source) and has_json_names(target)):
        return refused(sql, source, target)
    if target.name == "json":
        return to_json(sql, source, _converted)
    return from_json(sql, target, _converted)


def _plain(sql: str, source: Type, target: Type) -> str:
    return f"CAST({sql} AS {physical(target)})"


def _template(text: str) -> Conversion:
    return lambda sql, source, target: bound((sql,), text.format)


def _named(macro: str) -> Conversion:
    return lambda sql, source, target: bound((sql,), lambda s: f"{macro}({s})")


# Text ----------------------------------------------------------------------------------------


def _fitted(text: str, sql: str, source: Type, target: Type) -> str:
    """A text that is not a varchar's must fit into varchar(n) whole."""
    if target.length is None or target.length >= _LONGEST.get(source.name, 1000):
        return text

    def body(value: str) -> str:
        shown = value
        if source.name in _FLOATING:
            kind = physical(source)
            shown = f"trino_java_double(CAST({value} AS {kind})) || ' (' || {value} || ')'"
        name, message = (
            "INVALID_CAST_ARGUMENT",
            f"'Value ' || {shown} || ' cannot be represented as varchar({target.length})'",
        )
        if source.name in UNCHECKED:
            name, message = (
                "GENERIC_INTERNAL_ERROR",
                f"'Character count exceeds length limit {target.length}: base64:'"
                f" || to_base64(encode({value}))",
            )
        failed = f"CAST({failing(name, message)} AS VARCHAR)"
        return f"CASE WHEN length({value}) > {target.length} THEN {failed} ELSE {value} END"

    return bound((text,), body)


def unlimited(target: Type) -> Type:
    """A type without the lengths of its varchars."""
    if target.name == "varchar":
        return VARCHAR
    if target.name not in ("array", "map", "row"):
        return target
    return replace(target, arguments=tuple(map(unlimited, target.arguments)))


UNCHECKED: Final = (
    *("json", "boolean", "time", "time with time zone", "timestamp", "timestamp with time zone"),
    *("interval day to second", "interval year to month"),
)
"""Types whose texts may be longer than the varchar that they become; Trino notices that where a
constant of them is selected, and nowhere else."""
_LONGEST: Final = {"boolean": 5, "tinyint": 4, "smallint": 6, "integer": 11, "bigint": 20}
"""The most characters that a type's text takes."""


def _cut(sql: str, source: Type, target: Type) -> str:
    """varchar to varchar: what is too long is cut."""
    wide = target.length is None or (source.length is not None and source.length <= target.length)
    return sql if wide else f"left({sql}, {target.length})"


def _to_char(sql: str, source: Type, target: Type) -> str:
    assert target.length is not None
    cut = source.length is None or source.length > target.length
    text = f"left({sql}, {target.length})" if cut else sql
    return text if source.name == "char" and not cut else f"rtrim({text}, {_PADDING})"


def _from_char(sql: str, source: Type, target: Type) -> str:
    padded = f"rpad({sql}, {source.length}, {_PADDING})"
    return _cut(padded, Type("varchar", source.numbers), target)


def _char_text(sql: str, source: Type, target: Type) -> str:
    return f"rpad({sql}, {source.length}, {_PADDING})"


# Numbers -------------------------------------------------------------------------------------


def _varchar_to_decimal(sql: str, source: Type, target: Type) -> str:
    kind = physical(target)
    name = f"DECIMAL({target.precision}, {target.scale})"

    def body(s: str) -> str:
        read = _try_varchar_to_decimal(s, source, target)
        return f"coalesce({read}, CAST(trino_bad_decimal({s}, '{name}') AS {kind}))"

    return bound((sql,), body)


def _try_varchar_to_decimal(sql: str, source: Type, target: Type) -> str:
    def body(s: str) -> str:
        read = read_decimal(f"trino_ascii_digits({s})", target)
        return f"CASE WHEN trino_varchar_is_decimal({s}) THEN {read} END"

    return bound((sql,), body)


def _number_to_decimal(sql: str, source: Type, target: Type) -> str:
    """Integers, decimals and floating numbers; the last by their shortest digits."""
    if source.name in _INTEGERS and target.precision - target.scale >= _DIGITS[source.name]:
        return _plain(sql, source, target)
    whole = source.precision - source.scale if source.name == "decimal" else 0
    rounds = source.name == "decimal" and source.scale > target.scale
    if source.name == "decimal" and target.precision - target.scale >= whole + rounds:
        return _plain(sql, source, target)
    name = str(source).replace(",", ", ").upper()
    kind = physical(target)
    shown = "trino_java_double({0})" if source.name in _FLOATING else "{0}"

    def body(s: str) -> str:
        read = f"TRY_CAST({s} AS {kind})"
        if source.name in _FLOATING:
            read = read_decimal(f"CAST({s} AS VARCHAR)", target)
            # No text of a number so small is read.
            read = f"CASE WHEN abs({s}) < 1e-{target.scale + 1} THEN 0 ELSE {read} END"
        return (
            f"coalesce({read}, CASE WHEN {s} IS NOT NULL THEN"
            f" CAST(trino_fail('INVALID_CAST_ARGUMENT', 'Cannot cast {name} ''' ||"
            f" {shown.format(s)} || ''' to DECIMAL({target.precision}, {target.scale})')"
            f" AS {kind}) END)"
        )

    return bound((sql,), body)


_DIGITS: Final = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}


def _decimal_to_floating(sql: str, source: Type, target: Type) -> str:
    """Beyond what a double holds exactly it is the text that rounds correctly."""
    precision, scale = source.numbers
    if precision <= _EXACT:
        return _plain(sql, source, target)
    if scale >= _EXACT or target.name == "real":
        return f"CAST(CAST({sql} AS VARCHAR) AS {physical(target)})"
    return bound((sql,), lambda s: f"trino_decimal_to_double({s}, {10 ** (_EXACT - scale)})")


_EXACT: Final = 15
"""Digits of a decimal that a double holds."""
macro(
    "trino_decimal_to_double",
    "(d, most) AS CASE WHEN abs(d) < most THEN CAST(d AS DOUBLE)"
    " ELSE CAST(CAST(d AS VARCHAR) AS DOUBLE) END",
)


def _decimal_to_integer(sql: str, source: Type, target: Type) -> str:
    kind = physical(target)
    if source.precision - source.scale < _DIGITS[target.name] - 1:
        return _plain(sql, source, target)
    name = {"integer": "INT"}.get(target.name, target.name.upper())

    def body(s: str) -> str:
        return (
            f"coalesce(TRY_CAST({s} AS {kind}), CASE WHEN {s} IS NOT NULL THEN"
            f" CAST(trino_fail('INVALID_CAST_ARGUMENT', 'Cannot cast ''' || round({s}) ||"
            f" ''' to {name}') AS {kind}) END)"
        )

    return bound((sql,), body)


def _floating_to_integer(sql: str, source: Type, target: Type) -> str:
    return bound((sql,), lambda x: f"trino_floating_to_{target.name}({x}, '{source.name}')")


# Arrays, maps and rows -----------------------------------------------------------------------


def _array(sql: str, source: Type, target: Type) -> str:
    name = parameter(sql)
    element = _converted(name, source.element, target.element)
    return sql if element == name else f"list_transform({sql}, lambda {name}: {element})"


def _map(sql: str, source: Type, target: Type) -> str:
    name = parameter(sql)
    key = _converted(f"{name}.key", source.key, target.key)
    value = _converted(f"{name}.value", source.value, target.value)
    if (key, value) == (f"{name}.key", f"{name}.value"):
        return sql
    entries = (
        f"list_transform(map_entries({sql}), lambda {name}: struct_pack(k := {key}, v := {value}))"
    )
    if key == f"{name}.key":
        return f"map_from_entries({entries})"
    return bound((entries,), lambda e: f"map_from_entries(trino_distinct_keys({e}))")


def _row(sql: str, source: Type, target: Type) -> str:
    pairs = list(zip(source.arguments, target.arguments, strict=True))
    names, renamed = row_fields(source), row_fields(target)
    if names == renamed and all(_converted("v", a, b) == "v" for a, b in pairs):
        return sql

    def body(s: str) -> str:
        parts = (
            f"{identifier(new)} := {_converted(f'{s}.{identifier(old)}', a, b)}"
            for old, new, (a, b) in zip(names, renamed, pairs, strict=True)
        )
        return f"CASE WHEN {s} IS NOT NULL THEN struct_pack({', '.join(parts)}) END"

    return bound((sql,), body)


# The table -----------------------------------------------------------------------------------

_NUMBERS: Final = (*_INTEGERS, *_FLOATING, "decimal", "boolean")

_CONVERSIONS: Final[dict[tuple[str, str], Conversion]] = {
    **{(a, b): _plain for a in _NUMBERS for b in _NUMBERS if a != b},
    **{(name, "boolean"): _template("({0} <> 0)") for name in _NUMBERS if name != "boolean"},
    **{("varchar", name): _named(f"trino_varchar_to_{name}") for name in (*_INTEGERS, *_FLOATING)},
    **{(name, "decimal"): _number_to_decimal for name in (*_INTEGERS, *_FLOATING, "decimal")},
    **{("decimal", name): _decimal_to_integer for name in _INTEGERS},
    **{("decimal", name): _decimal_to_floating for name in _FLOATING},
    **{(a, b): _floating_to_integer for a in _FLOATING for b in _INTEGERS if b != "bigint"},
    ("double", "bigint"): _named("trino_double_to_bigint"),
    ("SetDigest", "HyperLogLog"): _named("trino_set_digest_hll"),
    ("HyperLogLog", "P4HyperLogLog"): _named("trino_hll_dense"),
    ("real", "bigint"): _named("trino_real_to_bigint"),
    ("double", "real"): _named("trino_double_to_real"),
    ("varchar", "boolean"): _named("trino_varchar_to_boolean"),
    ("varchar", "decimal"): _varchar_to_decimal,
    ("varchar", "varchar"): _cut,
    ("varchar", "char"): _to_char,
    ("char", "char"): _to_char,
    ("char", "varchar"): _from_char,
    **{("char", pattern): _char_text for pattern in PATTERNS},
    ("varchar", "varbinary"): _template("encode({0})"),
    ("varchar", "ipaddress"): _named("trino_varchar_to_ipaddress"),
    ("varbinary", "ipaddress"): _named("trino_varbinary_to_ipaddress"),
    ("varbinary", "uuid"): _named("trino_varbinary_to_uuid"),
    ("uuid", "varbinary"): _template("from_hex(replace(CAST({0} AS VARCHAR), '-', ''))"),
    ("varchar", "time with time zone"): datetime_casts.varchar_to_time_tz,
    ("varchar", "uuid"): _named("trino_varchar_to_uuid"),
    ("varchar", "date"): _named("trino_varchar_to_date"),
    ("varchar", "time"): datetime_casts.varchar_to_moment,
    ("varchar", "timestamp"): datetime_casts.varchar_to_moment,
    ("varchar", "timestamp with time zone"): datetime_casts.varchar_to_zoned,
    ("date", "timestamp"): datetime_casts.date_to_timestamp,
    ("date", "timestamp with time zone"): datetime_casts.date_to_zoned,
    ("timestamp", "date"): datetime_casts.timestamp_to_date,
    ("timestamp", "time"): datetime_casts.local_to_time,
    ("timestamp", "timestamp"): datetime_casts.moment,
    ("timestamp", "timestamp with time zone"): datetime_casts.timestamp_to_zoned,
    ("timestamp", "time with time zone"): datetime_casts.timestamp_to_time_tz,
    ("time", "time"): datetime_casts.moment,
    ("time", "time with time zone"): datetime_casts.time_to_time_tz,
    ("time of a day", "timestamp"): datetime_casts.time_to_timestamp,
    ("time of a day", "timestamp with time zone"): datetime_casts.time_to_zoned,
    ("time with time zone", "time"): datetime_casts.time_tz_to_time,
    ("time of a day with time zone", "timestamp"): datetime_casts.time_tz_to_timestamp,
    ("time of a day with time zone", "timestamp with time zone"): datetime_casts.time_tz_to_zoned,
    ("timestamp with time zone", "date"): datetime_casts.zoned_to_date,
    ("timestamp with time zone", "timestamp"): datetime_casts.zoned_to_timestamp,
    ("timestamp with time zone", "time"): datetime_casts.zoned_to_time,
    ("timestamp with time zone", "time with time zone"): datetime_casts.zoned_to_time_tz,
    ("timestamp with time zone", "timestamp with time zone"): datetime_casts.zoned_moment,
    ("time with time zone", "time with time zone"): datetime_casts.zoned_moment,
    ("array", "array"): _array,
    ("map", "map"): _map,
    ("row", "row"): _row,
}

_READ: Final = (*_INTEGERS, *_FLOATING, "boolean", "uuid", "date")
_TRIED: Final[dict[tuple[str, str], Conversion]] = {
    **{("varchar", name): _named(f"trino_try_varchar_to_{name}") for name in _READ},
    ("varchar", "decimal"): _try_varchar_to_decimal,
    **{
        ("varchar", name): partial(conversion, prefix="trino_try")
        for name, conversion in {
            "time": datetime_casts.varchar_to_moment,
            "time with time zone": datetime_casts.varchar_to_time_tz,
            "timestamp": datetime_casts.varchar_to_moment,
            "timestamp with time zone": datetime_casts.varchar_to_zoned,
        }.items()
    },
}
"""Conversions that are NULL where they fail, by themselves."""

_TO_VARCHAR: Final[dict[str, Conversion]] = {
    **{name: _template("CAST({0} AS VARCHAR)") for name in (*_INTEGERS, "boolean")},
    "decimal": lambda sql, source, target: decimal_text(sql, source),
    "double": _named("trino_double_to_varchar"),
    "real": _named("trino_real_to_varchar"),
    "date": _named("trino_date_to_varchar"),
    "uuid": _template("CAST({0} AS VARCHAR)"),
    "ipaddress": _named("trino_ipaddress_to_varchar"),
    "interval day to second": _named("trino_day_second_to_varchar"),
    "interval year to month": _named("trino_year_month_to_varchar"),
    "timestamp": datetime_casts.moment_text,
    "time": datetime_casts.moment_text,
    "timestamp with time zone": datetime_casts.zoned_text,
    "time with time zone": datetime_casts.time_tz_text,
}
