"""Values of one Hive type read as another: a partition's columns as the table's, a file's as both.

Trino's HiveCoercer: what it has no rule for cannot be read, what a rule's target cannot hold is
NULL or an error, as each rule says. All values are in their physical types.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from lakelet.types import Type
from lakelet.types.duckdb import physical, row_fields
from lakelet.types.quoting import identifier, quoted

Coercion = Callable[[str, Type, Type], str]

INTEGERS: Final = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}
"""And their bits."""

_EXACT: Final = 2**52
"""The first integer that Trino takes for no double; beneath zero the last one that it takes."""
_PARAMETER: Final = re.compile(r'"\$part (\d+)"')


@dataclass(frozen=True, slots=True)
class Rules:
    """Coercions by the names of the two types, and how structs are matched.

    `exact_fields`: a struct must begin with the very fields of the other; else fields are found by
    their names. `moved`: the pairs of the table that hold inside of a struct that does not begin
    so, all of them if None.
    """

    table: Mapping[tuple[str, str], Coercion]
    exact_fields: bool = False
    moved: frozenset[tuple[str, str]] | None = None

    def of_moved_fields(self) -> "Rules":
        if self.moved is None:
            return self
        return Rules({pair: self.table[pair] for pair in self.moved & self.table.keys()})

    def coerced(self, sql: str, given: Type, wanted: Type) -> str | None:
        """A value of `given` as one of `wanted`; None where there is no rule."""
        if given == wanted:
            return sql
        nested = _NESTED.get((given.name, wanted.name))
        if nested is not None:
            return nested(self, sql, given, wanted)
        rule = self.table.get((given.name, wanted.name))
        return None if rule is None else rule(sql, given, wanted)


def failing(name: str, message: str, of: Type) -> str:
    """SQL that fails with Trino's error; `message` is SQL of a text."""
    return f"CAST(trino_fail('{name}', {message}) AS {physical(of)})"


def inner(sql: str) -> str:
    """The name of a lambda's parameter that nothing in a text uses, and no column has: else what
    is taken of the parameter would be taken of the column."""
    used = [int(number) for number in _PARAMETER.findall(sql)]
    return f'"$part {max(used, default=-1) + 1}"'


def field(sql: str, name: str) -> str:
    return f"struct_extract({sql}, {quoted(name)})"


# Numbers --------------------------------------------------------------------------------------


def plain(sql: str, given: Type, wanted: Type) -> str:
    return f"CAST({sql} AS {physical(wanted)})"


def _bigint_to_double(sql: str, given: Type, wanted: Type) -> str:
    """Trino refuses what a double may not hold exactly (IntegerNumberToDoubleCoercer)."""
    message = f"'Cannot read value ''' || {sql} || ''' as DOUBLE'"
    bad = failing("INVALID_CAST_ARGUMENT", message, wanted)
    inside = f"{sql} BETWEEN {-_EXACT} AND {_EXACT - 1}"
    return f"CASE WHEN {inside} THEN CAST({sql} AS DOUBLE) WHEN {sql} IS NOT NULL THEN {bad} END"


def _integer_to_decimal(sql: str, given: Type, wanted: Type) -> str:
    return f"TRY_CAST({sql} AS {physical(wanted)})"


def _decimal_to_integer(sql: str, given: Type, wanted: Type) -> str:
    return f"TRY_CAST(trunc({sql}) AS {physical(wanted)})"


def _decimal_to_floating(sql: str, given: Type, wanted: Type) -> str:
    """Beyond what a double holds exactly the text is what rounds correctly."""
    text = sql if given.precision <= 15 else f"CAST({sql} AS VARCHAR)"
    return f"CAST({text} AS {physical(wanted)})"


def _to_decimal(sql: str, given: Type, wanted: Type) -> str:
    """From decimals, and from floating numbers by their shortest digits."""
    floating = given.name in ("real", "double")
    read = f"CAST({sql} AS VARCHAR)" if floating else sql
    shown = f"trino_java_double({sql})" if floating else f"CAST({sql} AS VARCHAR)"
    kind = f"{given.name.upper()}" if floating else _decimal_word(given)
    message = f"'Cannot cast {kind} ''' || {shown} || ''' to {_decimal_word(wanted)}'"
    bad = failing("INVALID_CAST_ARGUMENT", message, wanted)
    return (
        f"CASE WHEN {sql} IS NOT NULL THEN"
        f" coalesce(TRY_CAST({read} AS {physical(wanted)}), {bad}) END"
    )


def _decimal_word(of: Type) -> str:
    return f"DECIMAL({of.precision}, {of.scale})"


def _double_to_real(sql: str, given: Type, wanted: Type) -> str:
    """Beyond what a real holds is infinite."""
    bad = f"CASE WHEN {sql} < 0 THEN '-inf' WHEN {sql} > 0 THEN 'inf' END"
    return f"coalesce(TRY_CAST({sql} AS FLOAT), CAST({bad} AS FLOAT))"


# To texts -------------------------------------------------------------------------------------


def _text(
    template: str, shown: str = "Varchar representation of {0} exceeds {1} bounds"
) -> Coercion:
    """A text that must fit whole into a varchar(n)."""

    def convert(sql: str, given: Type, wanted: Type) -> str:
        text = template.format(sql)
        if wanted.length is None:
            return text
        value = "' || " + (f"lower({text})" if given.name == "boolean" else text) + " || '"
        message = f"'{shown.format(value, wanted)}'"
        bad = failing("INVALID_ARGUMENTS", message, wanted)
        return f"CASE WHEN length({text}) > {wanted.length} THEN {bad} ELSE {text} END"

    return convert


def cut(sql: str, given: Type, wanted: Type) -> str:
    """A text's first characters; a char's are without its padding."""
    if wanted.length is None:
        return sql
    text = sql
    if given.length is None or given.length > wanted.length:
        text = f"left({sql}, {wanted.length})"
    return f"rtrim({text}, ' ')" if wanted.name == "char" else text


def _timestamp_to_text(sql: str, given: Type, wanted: Type) -> str:
    """As java.sql.Timestamp shows it, a fraction without its last zeros."""
    return _modern(sql, cut(f"CAST({sql} AS VARCHAR)", Type("varchar"), wanted), wanted)


def _date_to_text(sql: str, given: Type, wanted: Type) -> str:
    return _modern(sql, _DATE_TEXT(sql, given, wanted), wanted)


_DATE_TEXT: Final = _text(
    "CAST({0} AS VARCHAR)", "Varchar representation of ''{0}'' exceeds {1} bounds"
)


def _timestamp_to_date(sql: str, given: Type, wanted: Type) -> str:
    return _modern(sql, f"CAST({sql} AS DATE)", wanted)


def _binary_to_text(sql: str, given: Type, wanted: Type) -> str:
    return cut(f"trino_utf8({sql})", Type("varchar"), wanted)


# From texts -----------------------------------------------------------------------------------


def _text_to_floating(sql: str, given: Type, wanted: Type) -> str:
    return f"trino_try_varchar_to_{wanted.name}({sql})"


def _text_to_integer(sql: str, given: Type, wanted: Type) -> str:
    whole = f"regexp_full_match({sql}, '[+-]?[0-9]+')"
    return f"CASE WHEN {whole} THEN TRY_CAST({sql} AS {physical(wanted)}) END"


def _text_to_boolean(sql: str, given: Type, wanted: Type) -> str:
    return f"lower({sql}) NOT IN ('false', 'off', 'no', '0', '')"


def _text_to_date(sql: str, given: Type, wanted: Type) -> str:
    valid = f"regexp_full_match({sql}, '[+-]?[0-9]{{4,}}-[0-9]{{2}}-[0-9]{{2}}')"
    read = f"CASE WHEN {valid} THEN TRY_CAST({sql} AS DATE) END"
    message = f"'Invalid date value: ' || {sql} || ' is not a valid date'"
    bad = failing("GENERIC_INTERNAL_ERROR", message, wanted)
    return (
        f"CASE WHEN {sql} IS NOT NULL THEN {_modern(read, f'coalesce({read}, {bad})', wanted)} END"
    )


def _text_to_timestamp(sql: str, given: Type, wanted: Type) -> str:
    """Days and times that there are not are counted on from those that there are; digits are
    rounded to microseconds first (TimestampCoercer)."""
    pattern = r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{0,9})?)?"
    parts = [f"CAST(substr({sql}, {start}, 2) AS BIGINT)" for start in (6, 9, 12, 15)]
    month, day, hour, minute = parts
    seconds = f"coalesce(TRY_CAST(substr({sql}, 18, 2) AS BIGINT), 0)"
    nanos = f"CAST(rpad(substr({sql}, 21), 9, '0') AS BIGINT)"
    found = (
        f"make_timestamp(CAST(substr({sql}, 1, 4) AS BIGINT), 1, 1, 0, 0, 0)"
        f" + to_months(CAST({month} - 1 AS INTEGER)) + to_days(CAST({day} - 1 AS INTEGER))"
        f" + to_hours({hour}) + to_minutes({minute}) + to_seconds({seconds})"
        f" + to_microseconds(({nanos} + 500) // 1000)"
    )
    read = _modern(found, found, Type("timestamp", (6,)))
    return f"CASE WHEN regexp_full_match({sql}, '{pattern}') THEN {rounded(read, 6, wanted)} END"


def _modern(moment: str, found: str, of: Type) -> str:
    """What is found of a moment, unless it is before 1900: Java has two calendars for it."""
    message = quoted("Coercion on historical dates is not supported")
    bad = failing("HIVE_INVALID_TIMESTAMP_COERCION", message, of)
    return f"CASE WHEN {moment} < TIMESTAMP '1900-01-01' THEN {bad} ELSE {found} END"


def rounded(sql: str, digits: int, wanted: Type) -> str:
    """A timestamp of so many digits as one of Trino's precision, half up."""
    if digits <= wanted.precision:
        return sql
    if digits > 6:
        return f"CAST(trino_round_timestamp_ns({sql}, {10 ** (9 - wanted.precision)}) AS TIMESTAMP)"
    return f"trino_round_timestamp({sql}, {10 ** (6 - wanted.precision)})"


# The tables -----------------------------------------------------------------------------------

_TEXTS: Final = ("varchar", "char")

COMMON: Final[Mapping[tuple[str, str], Coercion]] = {
    **{
        (small, wide): plain
        for small, bits in INTEGERS.items()
        for wide, more in INTEGERS.items()
        if bits < more
    },
    **{(name, "double"): plain for name in (*INTEGERS, "real")},
    ("bigint", "double"): _bigint_to_double,
    **{(name, "decimal"): _integer_to_decimal for name in INTEGERS},
    **{(name, "varchar"): _text("CAST({0} AS VARCHAR)") for name in INTEGERS},
    **{("decimal", name): _decimal_to_integer for name in INTEGERS},
    **{("varchar", name): _text_to_integer for name in INTEGERS},
    ("double", "real"): _double_to_real,
    **{(name, "decimal"): _to_decimal for name in ("real", "double", "decimal")},
    **{("decimal", name): _decimal_to_floating for name in ("real", "double")},
    ("double", "varchar"): _text("trino_java_double({0})"),
    ("real", "varchar"): _text("trino_java_double({0})"),
    ("decimal", "varchar"): _text(
        "CAST({0} AS VARCHAR)", "Decimal value {0} representation exceeds {1} bounds"
    ),
    ("boolean", "varchar"): _text("upper(CAST({0} AS VARCHAR))"),
    ("date", "varchar"): _date_to_text,
    ("timestamp", "varchar"): _timestamp_to_text,
    ("timestamp", "date"): _timestamp_to_date,
    ("varchar", "varchar"): cut,
    ("varchar", "char"): cut,
    **{("varchar", name): _text_to_floating for name in ("real", "double")},
    ("varchar", "date"): _text_to_date,
    ("varchar", "timestamp"): _text_to_timestamp,
}


# Nested ---------------------------------------------------------------------------------------


def _array(rules: Rules, sql: str, given: Type, wanted: Type) -> str | None:
    name = inner(sql)
    part = rules.coerced(name, given.element, wanted.element)
    if part is None or part == name:
        return None if part is None else sql
    return f"list_transform({sql}, lambda {name}: {part})"


def _map(rules: Rules, sql: str, given: Type, wanted: Type) -> str | None:
    name = inner(sql)
    key = rules.coerced(f"{name}.key", given.key, wanted.key)
    value = rules.coerced(f"{name}.value", given.value, wanted.value)
    if key is None or value is None:
        return None
    entry = f"struct_pack(key := {key}, value := {value})"
    entries = f"list_transform(map_entries({sql}), lambda {name}: {entry})"
    return f"CASE WHEN {sql} IS NOT NULL THEN map_from_entries({entries}) END"


def _row(rules: Rules, sql: str, given: Type, wanted: Type) -> str | None:
    names, wanted_names = row_fields(given), row_fields(wanted)
    shorter = min(len(names), len(wanted_names))
    if names[:shorter] != wanted_names[:shorter]:
        if rules.exact_fields:
            return None
        rules = rules.of_moved_fields()
    types = dict(zip(names, given.arguments, strict=True))
    parts = []
    for name, of in zip(wanted_names, wanted.arguments, strict=True):
        found = types.get(name)
        part = (
            f"CAST(NULL AS {physical(of)})"
            if found is None
            else rules.coerced(field(sql, name), found, of)
        )
        if part is None:
            return None
        parts.append(f"{identifier(name)} := {part}")
    return f"CASE WHEN {sql} IS NOT NULL THEN struct_pack({', '.join(parts)}) END"


_NESTED: Final[Mapping[tuple[str, str], Callable[[Rules, str, Type, Type], str | None]]] = {
    ("array", "array"): _array,
    ("map", "map"): _map,
    ("row", "row"): _row,
}


PARTITION: Final = Rules(
    {
        **COMMON,
        ("char", "char"): cut,
        ("char", "varchar"): cut,
        ("varchar", "boolean"): _text_to_boolean,
        ("varbinary", "varchar"): _binary_to_text,
    },
    exact_fields=True,
)
"""A partition's column as the table's (HivePartitionManager, CoercionUtils)."""
