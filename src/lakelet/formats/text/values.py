"""Values from texts as Hive and Java read them, in DuckDB's SQL.

A text that DuckDB prints just so again is read by its own cast, which is fast; for any other the
rules decide. `lazy` is how LazySimpleSerDe reads, `java` how `Long.parseLong` and its kind do
(RegexSerDe, GrokSerDe). A text that is no value of its type is NULL.

Sources: Trino's `hive.formats.encodings.text`, `HiveFormatUtils` and java.time's lenient parsing
(a month may be 13, a sign may stand before any field, widths reach nine digits).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from lakelet.errors import TrinoError
from lakelet.types import Type
from lakelet.types.duckdb import physical, row_fields
from lakelet.types.quoting import quoted

Style = Literal["lazy", "java"]

_BLANK: Final = r"[\x00-\x20]*"
"""What Java's String.trim takes away."""
_FIELD: Final = "([+-]?[0-9]{1,9})"
_DATE: Final = f"{_FIELD}-{_FIELD}-{_FIELD}"
_TIME: Final = rf" {_FIELD}:{_FIELD}:{_FIELD}(?:\.([0-9]{{0,9}}))?"
_ISO_TIME: Final = rf"[Tt]{_FIELD}:{_FIELD}(?::{_FIELD}(?:\.([0-9]{{0,9}}))?)?"
_TIMESTAMP: Final = f"(?s)^{_BLANK}{_DATE}(?:{_TIME}|{_ISO_TIME}){_BLANK}$"
_NUMBER: Final = "[+-]?(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:[eE][+-]?[0-9]+)?"
_HEXADECIMAL: Final = "[+-]?0[xX](?:[0-9a-fA-F]+[.]?|[0-9a-fA-F]*[.][0-9a-fA-F]+)[pP][+-]?[0-9]+"


def _floating(kind: str) -> str:
    """Java's Double.parseDouble or Float.parseFloat of a trimmed text."""
    digits = "regexp_replace(regexp_extract(t, '0[xX]([^pP]*)', 1), '[.]', '')"
    places = "strlen(regexp_extract(t, '[.]([0-9a-fA-F]*)', 1))"
    power = "CAST(regexp_extract(t, '[pP]([+-]?[0-9]+)', 1) AS INTEGER)"
    sign = "CASE WHEN starts_with(t, '-') THEN -1 ELSE 1 END"
    return (
        "(t) AS CASE"
        f" WHEN regexp_full_match(t, '{_NUMBER}[dDfF]?') THEN coalesce("
        f"TRY_CAST(rtrim(t, 'dDfF') AS {kind}), CAST({sign} * CAST('inf' AS {kind}) AS {kind}))"
        f" WHEN regexp_full_match(t, '[+-]?NaN') THEN CAST('NaN' AS {kind})"
        f" WHEN regexp_full_match(t, '[+-]?Infinity') THEN CAST({sign} * CAST('inf' AS {kind})"
        f" AS {kind})"
        f" WHEN regexp_full_match(t, '{_HEXADECIMAL}[dDfF]?') THEN CAST({sign} *"
        f" TRY_CAST('0x' || {digits} AS UBIGINT) * pow(2, {power} - 4 * {places}) AS {kind})"
        " END"
    )


_EPOCH: Final = (
    "epoch_us(CAST(make_date(CAST(g.y AS INTEGER), 1, 1) + to_months(CAST(g.mo AS INTEGER) - 1)"
    " AS TIMESTAMP)) + ((CAST(g.d AS BIGINT) - 1) * 86400 + CAST(g.h || g.h2 AS BIGINT) * 3600"
    " + CAST(g.mi || g.mi2 AS BIGINT) * 60 + CAST('0' || replace(g.s || g.s2, '+', '') AS BIGINT))"
    " * 1000000 + (CAST(rpad(g.f || g.f2, 9, '0') AS BIGINT) + 500000) // 1000000 * 1000"
)
_GROUPS: Final = "['y', 'mo', 'd', 'h', 'mi', 's', 'f', 'h2', 'mi2', 's2', 'f2']"

MACROS: Final[Mapping[str, str]] = {
    # LongEncoding: digits behind a point are read and dropped.
    "trino_hive_digits": (
        "(x) AS CASE WHEN regexp_full_match(x, '[+-]?([0-9]+([.][0-9]*)?|[.][0-9]*)')"
        " THEN regexp_replace(x, '^[+]?(-?)([0-9]*).*$', '\\10\\2') END"
    ),
    "trino_hive_integer": (
        "(x) AS CASE WHEN regexp_full_match(x, '[+-]?[0-9]+') THEN ltrim(x, '+') END"
    ),
    # An exponent of which DuckDB has no wide decimal: the point is moved by it.
    "trino_hive_decimal": (
        "(x) AS list_transform([regexp_extract(x, '^([+-]?)([0-9]*)[.]?([0-9]*)[eE]"
        "([+-]?[0-9]{1,4})$', ['s', 'i', 'f', 'e'])], lambda g: CASE WHEN g.e <> '' THEN g.s ||"
        " trino_hive_moved(g.i || g.f, strlen(g.i) + CAST(ltrim(g.e, '+') AS INTEGER)) END)[1]"
    ),
    "trino_hive_moved": (
        "(d, point) AS CASE WHEN point <= 0 THEN '0.' || repeat('0', least(-point, 99)) || d"
        " WHEN point >= strlen(d) THEN d || repeat('0', least(point - strlen(d), 99))"
        " ELSE left(d, point) || '.' || substr(d, point + 1) END"
    ),
    "trino_hive_double_of": _floating("DOUBLE"),
    "trino_hive_float_of": _floating("FLOAT"),
    "trino_hive_double": f"(x) AS trino_hive_double_of(regexp_extract(x, '(?s)^{_BLANK}(.*?)"
    f"{_BLANK}$', 1))",
    "trino_hive_float": f"(x) AS trino_hive_float_of(regexp_extract(x, '(?s)^{_BLANK}(.*?)"
    f"{_BLANK}$', 1))",
    # What stands behind a space is no part of a date.
    "trino_hive_date": (
        f"(x) AS list_transform([regexp_extract(x, '(?s)^{_BLANK}{_DATE}(?: .*)?{_BLANK}$',"
        " ['y', 'mo', 'd'])], lambda g: CASE WHEN g.y <> '' THEN TRY(CAST(make_date("
        "CAST(g.y AS INTEGER), 1, 1) + to_months(CAST(g.mo AS INTEGER) - 1) AS DATE)"
        " + (CAST(g.d AS INTEGER) - 1)) END)[1]"
    ),
    "trino_hive_timestamp": (
        f"(x) AS list_transform([regexp_extract(x, '{_TIMESTAMP}', {_GROUPS})],"
        f" lambda g: CASE WHEN g.y <> '' THEN TRY(make_timestamp({_EPOCH})) END)[1]"
    ),
    # LazyBinary: base64 in either alphabet, blanks anywhere; any other text is its own bytes.
    "trino_hive_binary": (
        "(x) AS CASE WHEN NOT regexp_full_match(x, '[A-Za-z0-9+/_=\\x09-\\x0d\\x20-]*')"
        " THEN encode(x) ELSE trino_hive_base64(regexp_extract(translate(regexp_replace(x,"
        " '[\\x09-\\x0d\\x20]', '', 'g'), '-_', '+/'), '^[^=]*')) END"
    ),
    "trino_hive_bytes": (
        "(b) AS CASE WHEN TRY(decode(b)) IS NULL THEN b ELSE trino_hive_binary(TRY(decode(b))) END"
    ),
    "trino_hive_unquoted": (
        "(x) AS CASE WHEN x IN ('\"', '''') THEN '' WHEN x[1] IN ('\"', '''') AND x[1] = x[-1]"
        " THEN substr(x, 2, length(x) - 2) ELSE x END"
    ),
    "trino_hive_base64": (
        "(t) AS from_base64(CASE strlen(t) % 4 WHEN 0 THEN t WHEN 1 THEN left(t, strlen(t) - 1)"
        " WHEN 2 THEN t || '==' ELSE t || '=' END)"
    ),
}


def value(text: str, of: Type, style: Style = "lazy") -> str:
    """SQL of a scalar from SQL of its text, which is repeated; raises TrinoError NOT_SUPPORTED."""
    if of.name in _VALUES:
        return _VALUES[of.name](text, of, style)
    if of.name in _INTEGERS:
        return _integer(text, of, style)
    raise TrinoError("NOT_SUPPORTED", f"Unsupported column type: {of}")


def _integer(text: str, of: Type, style: Style) -> str:
    kind = physical(of)
    digits = "trino_hive_digits" if style == "lazy" else "trino_hive_integer"
    return _reprinted(text, kind, f"TRY_CAST({digits}({text}) AS {kind})")


def _reprinted(text: str, kind: str, otherwise: str, condition: str = "") -> str:
    cast = f"TRY_CAST({text} AS {kind})"
    return f"CASE WHEN {condition}CAST({cast} AS VARCHAR) = {text} THEN {cast} ELSE {otherwise} END"


def _floating_value(text: str, of: Type, style: Style) -> str:
    kind = physical(of)
    cast = f"TRY_CAST({text} AS {kind})"
    return (
        f"CASE WHEN isfinite({cast}) AND NOT regexp_matches({text}, '_|[+]-') THEN {cast}"
        f" ELSE trino_hive_{kind.lower()}({text}) END"
    )


def _decimal(text: str, of: Type, style: Style) -> str:
    kind = physical(of)
    plain = f"TRY_CAST({text} AS {kind}), TRY_CAST(trino_hive_decimal({text}) AS {kind})"
    otherwise = f"CASE WHEN regexp_full_match({text}, '{_NUMBER}') THEN coalesce({plain}) END"
    return _reprinted(text, kind, otherwise)


def _boolean(text: str, of: Type, style: Style) -> str:
    if style == "java":
        return f"(lower({text}) = 'true')"
    return f"CASE lower({text}) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END"


def _varchar(text: str, of: Type, style: Style) -> str:
    return text if of.length is None else f"left({text}, {of.length})"


def _char(text: str, of: Type, style: Style) -> str:
    return f"rtrim(left({text}, {of.length}), ' ')"


def _date(text: str, of: Type, style: Style) -> str:
    return _reprinted(text, "DATE", f"trino_hive_date({text})")


def _timestamp(text: str, of: Type, style: Style) -> str:
    otherwise = f"trino_hive_timestamp({text})"
    if style == "lazy":  # Hive has a least length of eight bytes
        otherwise = f"CASE WHEN strlen({text}) >= 8 THEN {otherwise} END"
    return _reprinted(text, "TIMESTAMP", otherwise, f"strlen({text}) <= 23 AND ")


def _binary(text: str, of: Type, style: Style) -> str:
    return f"trino_hive_binary({text})"


_INTEGERS: Final = frozenset({"tinyint", "smallint", "integer", "bigint"})
_VALUES: Final[dict[str, Callable[[str, Type, Style], str]]] = {
    "real": _floating_value,
    "double": _floating_value,
    "decimal": _decimal,
    "boolean": _boolean,
    "varchar": _varchar,
    "char": _char,
    "date": _date,
    "timestamp": _timestamp,
    "varbinary": _binary,
}


JAVA: Final = frozenset(_VALUES.keys() | _INTEGERS) - {"varbinary"}
"""Types of the groups of a regular expression."""


@dataclass(frozen=True, slots=True)
class Nesting:
    """A level of nesting has the separator of its depth, a map takes two; `null` is the text of
    NULL at every level, `timestamp_formats` the SerDe property."""

    separators: str
    null: str
    timestamp_formats: str = ""


def nested(text: str, of: Type, how: Nesting, depth: int = 1) -> str:
    """SQL of an array, map or row from SQL of its text; scalars as `value`."""
    reader = _NESTED.get(of.name)
    if reader is not None:
        return reader(text, of, how, depth)
    if of.name == "timestamp" and how.timestamp_formats:
        read = f"trino_hive_timestamps({text}, {quoted(how.timestamp_formats)})"
        return f"CASE WHEN strlen({text}) >= 8 THEN make_timestamp({read}) END"
    return value(text, of)


def _array(text: str, of: Type, how: Nesting, depth: int) -> str:
    each = nested(f"e{depth}", of.element, how, depth + 1)
    parts = f"string_split({text}, {quoted(how.separators[depth])})"
    return (
        f"CASE WHEN {text} = '' THEN CAST([] AS {physical(of)}) ELSE list_transform("
        f"{_nullable(parts, how.null, depth)}, lambda e{depth}: {each}) END"
    )


def _nullable(parts: str, null: str, depth: int) -> str:
    return f"list_transform({parts}, lambda n{depth}: nullif(n{depth}, {quoted(null)}))"


def _map(text: str, of: Type, how: Nesting, depth: int) -> str:
    """The first of equal keys counts; an entry without a key's value is a key of NULL."""
    between = quoted(how.separators[depth + 1])
    entry, pairs = f"m{depth}", f"l{depth}"
    key = nested(f"k{depth}", of.key, how, depth + 2)
    given = nested(f"v{depth}", of.value, how, depth + 2)
    key_text = f"nullif(split_part({entry}, {between}, 1), {quoted(how.null)})"
    value_text = (
        f"CASE WHEN contains({entry}, {between}) THEN nullif(substr({entry},"
        f" instr({entry}, {between}) + 1), {quoted(how.null)}) END"
    )
    made = (
        f"lambda {entry}: {{'k': list_transform([{key_text}], lambda k{depth}: {key})[1],"
        f" 'v': list_transform([{value_text}], lambda v{depth}: {given})[1]}}"
    )
    parts = f"string_split({text}, {quoted(how.separators[depth])})"
    pair, other = f'"$p{depth}"', f'"$q{depth}"'  # as no column is named: their parts are taken
    kept = (
        f"list_filter({pairs}, lambda {pair}, i{depth}: {pair}.k IS NOT NULL AND"
        f" list_position(list_transform({pairs}, lambda {other}: {other}.k), {pair}.k)"
        f" = i{depth})"
    )
    return (
        f"CASE WHEN {text} = '' THEN CAST(MAP {{}} AS {physical(of)}) WHEN {text} IS NOT NULL THEN"
        f" CAST(list_transform([list_transform({parts}, {made})], lambda {pairs}:"
        f" map_from_entries({kept}))[1] AS {physical(of)}) END"
    )


def _row(text: str, of: Type, how: Nesting, depth: int) -> str:
    fields = ", ".join(
        f"{quoted(name)}: " + nested(f"s{depth}[{number}]", field, how, depth + 1)
        for number, (name, field) in enumerate(
            zip(row_fields(of), of.arguments, strict=True), start=1
        )
    )
    parts = _nullable(f"string_split({text}, {quoted(how.separators[depth])})", how.null, depth)
    return (
        f"CASE WHEN {text} IS NOT NULL THEN CAST(list_transform([{parts}], lambda s{depth}:"
        f" {{{fields}}})[1] AS {physical(of)}) END"
    )


_NESTED: Final[dict[str, Callable[[str, Type, Nesting, int], str]]] = {
    "array": _array,
    "map": _map,
    "row": _row,
}
