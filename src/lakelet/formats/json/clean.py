"""Lines of JSON that DuckDB reads as the SerDes do, and how it knows them.

DuckDB takes a line apart by the keys that the first lines of a file have, each scalar as the text
that it would write again. If these texts and keys are together as long as the line, there is
nothing else in it: no other key, none twice, no number that is written otherwise, no space where
the first lines have none. A line with an escape is left to Python, and so is a value that its
column's type can't hold.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lakelet.types import Type
from lakelet.types.duckdb import physical, row_fields
from lakelet.types.quoting import identifier, parameter, quoted

LINE: Final = "$line"
"""The column that holds the whole line."""

_MAX_KEYS: Final = 300
_NUMBERS: Final = frozenset({"tinyint", "smallint", "integer", "bigint", "real", "double"})
_INTEGERS: Final = frozenset({"tinyint", "smallint", "integer", "bigint"})
_NO_EMPTY: Final = f'NOT contains("{LINE}", \'""\')'
_EXACT_DIGITS: Final = 15
_DATE_LENGTH: Final = 10
_MILLISECONDS_LENGTH: Final = 23


@dataclass(slots=True)
class Sample:
    """The keys that objects of some lines have, in the order of their first coming.

    `nulls`: some are written; `spaced`: `": "` and `", "` part them; `long`: numbers are written
    longer than they need be, `12.50`.
    """

    keys: dict[str, "Sample"] = field(default_factory=dict)
    nulls: bool = False
    spaced: bool = False
    long: bool = False

    def found(self, name: str, *, folds: bool = True) -> str:
        """The key of a field as it is written."""
        if name in self.keys or not folds:
            return name
        return next((key for key in self.keys if key.lower() == name.lower()), name)


def sample(lines: Iterable[str]) -> Sample:
    """Looks at lines that are objects; others are passed over."""
    whole = Sample()

    def number(text: str) -> float:
        whole.long = whole.long or repr(float(text)) != text
        return float(text)

    read = json.JSONDecoder(parse_float=number).decode
    for line in lines:
        try:
            value = read(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            _merge(whole, value, whole)
            whole.spaced = whole.spaced or '": ' in line
    return whole


def are_alike(lines: Iterable[str]) -> bool:
    """Whether all objects of some lines have the same keys in the same order."""
    found = set()
    for line in lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        found.add(tuple(value) if isinstance(value, dict) else None)
    return len(found) == 1


def _merge(into: Sample, value: Any, whole: Sample) -> None:
    if isinstance(value, list):
        for each in value[:20]:
            _merge(into, each, whole)
    elif isinstance(value, dict):
        for key, each in value.items():
            whole.nulls = whole.nulls or each is None
            if key not in into.keys and len(into.keys) < _MAX_KEYS:
                into.keys[key] = Sample()
            if key in into.keys:
                _merge(into.keys[key], each, whole)


@dataclass(frozen=True, slots=True)
class Style:
    """How lines are written, and how a SerDe reads them.

    `pair` and `member` are the characters of `": "` behind a key's quotes and of `", "`;
    `explicit` says that a struct's NULL is written. `anew`: lengths are those of the line as DuckDB
    writes it anew, which costs more. `typed`: numbers have been proven. `base64`: bytes are written
    so, else as they are. `folds`: keys of maps are told apart by their small letters.
    """

    pair: int = 1
    member: int = 1
    explicit: bool = False
    anew: bool = False
    typed: bool = False
    base64: bool = False
    folds: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A value inside a line: what DuckDB is told of it, the length of its text, whether it is as it
    should be, and its SQL."""

    structure: Any
    length: str
    fine: str
    value: str


class UncleanError(Exception):
    """A type that is always left to Python."""


def part(sql: str, of: Type | None, keys: Sample, style: Style, depth: int = 0) -> Part:
    """`sql` is the value once it has been taken apart; without a type only its length matters.

    Raises UncleanError.
    """
    if of is None:
        return Part("JSON", f"strlen({sql})", "", "")
    match of.name:
        case "array":
            return _array(sql, of, keys, style, depth)
        case "row":
            return _row(sql, of, keys, style, depth)
        case "map" if style.typed and is_text(of.key):
            return _map(sql, of, keys, style, depth)
        case "map":
            raise UncleanError
    return _scalar(sql, of, style)


def _scalar(sql: str, of: Type, style: Style) -> Part:
    kind = physical(of)
    text = f"({sql} || '')"  # JSON is a type of its own, which would be parsed again
    if of.name in _NUMBERS or of.name == "boolean":
        return _number(sql, text, of, kind, style)
    if of.name == "decimal":
        if style.anew and not style.typed and of.scale > _EXACT_DIGITS:
            raise UncleanError
        cast = f"TRY_CAST({sql if style.typed else text} AS {kind})"
        fine = f"strlen({sql}) <= {_EXACT_DIGITS} AND {cast} IS NOT NULL"
        return Part("VARCHAR" if style.typed else "JSON", f"strlen({sql})", fine, cast)
    length = f"(strlen({sql}) + 2)"
    string = "" if style.typed else _is_string(sql)
    match of.name:
        case "varchar":
            value = sql if of.length is None else f"left({sql}, {of.length})"
            return Part("VARCHAR", length, string, value)
        case "char":
            return Part("VARCHAR", length, string, f"rtrim(left({sql}, {of.length}), ' ')")
        case "date" | "timestamp":
            cast = f"TRY_CAST({sql} AS {kind})"
            longest = _DATE_LENGTH if of.name == "date" else _MILLISECONDS_LENGTH
            fine = f"strlen({sql}) <= {longest} AND CAST({cast} AS VARCHAR) = {sql}"
            return Part("VARCHAR", length, fine, cast)
        case "varbinary":
            if not style.base64:
                return Part("VARCHAR", length, string, f"encode({sql})")
            read = f"TRY(from_base64({sql}))"
            return Part("VARCHAR", length, f"{read} IS NOT NULL", read)
    raise UncleanError


def _is_string(sql: str) -> str:
    """No number (`1.500`) that DuckDB writes anew as short as if it had quotes."""
    quoted = f"contains(\"{LINE}\", '\"' || {sql} || '\"')"
    return f"(NOT regexp_matches({sql}, '^-?[0-9]+[.eE]') OR {quoted})"


def _number(sql: str, text: str, of: Type, kind: str, style: Style) -> Part:
    if style.typed:
        direct = of.name != "real"
        value = sql if direct else f"TRY_CAST({sql} AS {kind})"
        return Part(kind if direct else "VARCHAR", "0", "", value)
    length = f"strlen({sql})"
    cast = f"TRY_CAST({text} AS {kind})"
    if of.name == "boolean":
        return Part("JSON", length, f"{text} IN ('true', 'false')", f"({text} = 'true')")
    if of.name in _INTEGERS:
        return Part("JSON", length, f"CAST({cast} AS VARCHAR) = {text}", cast)
    return Part("JSON", length, f"isfinite({cast})", cast)


def _array(sql: str, of: Type, keys: Sample, style: Style, depth: int) -> Part:
    each = parameter("e", depth)
    inner = part(each, of.element, keys, style, depth + 1)
    lengths = f"list_transform({sql}, lambda {each}: coalesce({inner.length}, 4) + {style.member})"
    fine = f"(len({sql}) > 0 OR {_NO_EMPTY})"  # DuckDB makes [] of "" too
    composed = of.element.name in _COMPOSED
    if inner.fine or composed:
        null = f"contains(\"{LINE}\", 'null')" if composed else "TRUE"
        fine += (
            f" AND coalesce(list_bool_and(list_transform({sql}, lambda {each}: CASE WHEN {each}"
            f" IS NULL THEN {null} ELSE coalesce({inner.fine or 'TRUE'}, FALSE) END)), TRUE)"
        )
    value = sql
    if inner.value != each:
        value = f"list_transform({sql}, lambda {each}: {inner.value})"
    inside = f"greatest(coalesce(list_sum({lengths}), 0) - {style.member}, 0)"
    length = f"CASE WHEN {sql} IS NOT NULL THEN 2 + {inside} END"
    return Part([inner.structure], length, fine, value)


def is_text(of: Type) -> bool:
    """Whether values are texts as they stand."""
    return of.name == "varchar" and of.length is None


def merged(keys: Sample) -> Sample:
    """What the values of all keys have."""
    found = Sample()
    for each in keys.keys.values():
        for key, inside in each.keys.items():
            found.keys.setdefault(key, Sample()).keys.update(inside.keys)
    return found


def _map(sql: str, of: Type, keys: Sample, style: Style, depth: int) -> Part:
    """A key that comes twice, for which DuckDB fails, has its last value: in the first one's place
    under Hive's SerDe, in its own under OpenX's, which tells keys apart by their small letters."""
    each = parameter("e", depth)
    inner = part(f"{each}.value", of.value, merged(keys), style, depth + 1)
    names, kind = f"json_keys({sql})", physical(of)
    folded = f'list_transform({names}, lambda "$k": lower("$k"))' if style.folds else names
    told = f"MAP(VARCHAR, {type_text(inner.structure)})"
    whole = f"json_transform({sql}, {quoted(json.dumps(told))})"
    value = f"json_transform({each}.value, {quoted(json.dumps(inner.structure))})"
    kept = _kept(sql, names, folded, style)
    single = f"list_transform({kept}, lambda {each}: {{'key': {each}.key, 'value': {value}}})"

    def made(entries: str) -> str:
        entry = f"{{'k': {each}.key, 'v': {inner.value}}}"
        listed = f"list_transform({entries}, lambda {each}: {entry})"
        return f"CAST(map_from_entries({listed}) AS {kind})"

    direct = whole if inner.value == f"{each}.value" else made(f"map_entries({whole})")
    found = (
        f"CASE WHEN {sql} IS NULL THEN NULL WHEN len({names}) < 2 THEN {direct}"
        f" WHEN len({names}) = list_unique({folded}) THEN {direct} ELSE {made(single)} END"
    )
    return Part("JSON", "0", "", found)


def _kept(sql: str, names: str, folded: str, style: Style) -> str:
    """The members of an object of which each key is there once, with the value that it has last."""
    values = f"json_extract({sql}, '$.*')"
    if style.folds:
        place, others = '"$i"', f'{folded}["$i" + 1:]'
    else:
        place = f'len({names}) - list_position(list_reverse({names}), "$k") + 1'
        others = f'{names}[:"$i" - 1]'
    pairs = (
        f'list_transform({folded}, lambda "$k", "$i":'
        f" {{'key': {names}[\"$i\"], 'value': {values}[{place}], 'others': {others},"
        " 'folded': \"$k\"})"
    )
    return f'list_filter({pairs}, lambda "$m": NOT list_contains("$m".others, "$m".folded))'


def _row(sql: str, of: Type, keys: Sample, style: Style, depth: int) -> Part:
    names = [(name or "").lower() for name in of.fields]
    wanted = {
        keys.found(name): (name, each) for name, each in zip(names, of.arguments, strict=True)
    }
    parts = members(
        lambda key: f"{sql}.{identifier(key)}",
        {key: each for key, (_, each) in wanted.items()},
        keys,
        style,
        depth + 1,
    )
    lengths = " + ".join(
        f"coalesce({overhead(key, style)} + {each.length}, {_absent(key, style)})"
        for key, each in parts.items()
    )
    given = " OR ".join(f"{sql}.{identifier(key)} IS NOT NULL" for key in parts)
    fine = " AND ".join([f"({given})", *fine_parts(lambda k: f"{sql}.{identifier(k)}", parts)])
    fields = ", ".join(
        f"{quoted(ours)}: {parts[key].value}"
        for ours, key in zip(row_fields(of), wanted, strict=True)
    )
    value = f"CASE WHEN {sql} IS NOT NULL THEN CAST({{{fields}}} AS {physical(of)}) END"
    structure = {key: each.structure for key, each in parts.items()}
    length = f"CASE WHEN {sql} IS NOT NULL THEN 2 + {lengths} - {style.member} END"
    return Part(structure, length, fine, value)


def _absent(key: str, style: Style) -> str:
    return f"{overhead(key, style)} + 4" if style.explicit else "0"


def members(
    at: Any, wanted: Mapping[str, Type], keys: Sample, style: Style, depth: int = 0
) -> Mapping[str, Part]:
    """The parts of an object by key: those of wanted fields, then the sample's others.

    `at` gives the SQL of a key's value. Raises UncleanError.
    """
    found = {
        key: part(at(key), of, keys.keys.get(key, Sample()), style, depth)
        for key, of in wanted.items()
    }
    if not style.typed:
        others = [key for key in keys.keys if key not in found]
        found |= {key: part(at(key), None, Sample(), style, depth) for key in others}
    if len({key.lower() for key in found}) < len(found) or "" in found:
        raise UncleanError
    return found


def fine_parts(at: Any, parts: Mapping[str, Part]) -> Sequence[str]:
    """Conditions that all given values are as they should be."""
    return [f"({at(key)} IS NULL OR ({each.fine}))" for key, each in parts.items() if each.fine]


def nulls(at: Any, wanted: Mapping[str, Type]) -> Sequence[str]:
    """Conditions that NULL is written where an array or an object is NULL: DuckDB makes NULL of
    `true` and `-129` too, which are as long."""
    return [
        f'({at(key)} IS NOT NULL OR NOT regexp_matches("{LINE}", {quoted(_given(key))}))'
        for key, of in wanted.items()
        if of.name in _COMPOSED
    ]


_COMPOSED: Final = frozenset({"array", "row"})


def _given(key: str) -> str:
    return f"{re.escape(json.dumps(key, ensure_ascii=False))}: ?[^ n]"


def overhead(key: str, style: Style) -> int:
    """The bytes of a member of an object but for its value, with a comma."""
    return len(json.dumps(key, ensure_ascii=False).encode()) + style.pair + style.member


def type_text(structure: Any) -> str:
    """A structure as a type of DuckDB."""
    if isinstance(structure, list):
        return f"{type_text(structure[0])}[]"
    if isinstance(structure, dict):
        fields = ", ".join(
            f"{identifier(key)} {type_text(each)}" for key, each in structure.items()
        )
        return f"STRUCT({fields})"
    return str(structure)
