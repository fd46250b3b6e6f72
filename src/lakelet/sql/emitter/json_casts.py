"""Casts from and to JSON, part by part through arrays, maps and rows."""

import re
from collections.abc import Callable
from typing import Final

from lakelet.sql.functions.binding import bound, parameter, row_by_row
from lakelet.types.duckdb import physical, row_fields
from lakelet.types.json import dump
from lakelet.types.model import Type
from lakelet.types.quoting import identifier, quoted

Convert = Callable[[str, Type, Type], str]
"""The cast of a plain value, given by the caller (text, source, target)."""

_PLAIN: Final = ("boolean", "tinyint", "smallint", "integer", "bigint")
_VARCHAR: Final = Type("varchar")
_READ_AT_ONCE: Final = ("varchar", "bigint", "integer", "double")
"""Elements of arrays that functions.json.conversions has a macro for."""


def refused(sql: str, source: Type, target: Type) -> str:
    """A cast from or to JSON that fails for every value, since a part of the type has none."""
    shown = ("JSON" if each.name == "json" else _shown(each) for each in (source, target))
    message = "Cannot cast {} to {}".format(*shown)
    failed = f"CAST(trino_fail('INVALID_CAST_ARGUMENT', '{message}') AS {physical(target)})"
    return f"CASE WHEN {sql} IS NULL THEN {failed} ELSE {failed} END"


def to_json(sql: str, of: Type, convert: Convert) -> str:
    """The JSON text of a value; NULL for NULL."""
    if of.name in _PLAIN:
        return f"CAST({sql} AS VARCHAR)"
    if of.name == "decimal":
        digits = decimal_text(sql, of)
        return (
            digits
            if of.scale <= 6
            else bound((digits,), f"trino_big_decimal({{}}, {of.scale})".format)
        )
    if of.name in ("real", "double"):
        return bound((sql,), "trino_json_double({})".format)
    if of.name == "varchar":
        return bound((sql,), "trino_json_string({})".format)
    if of.name == "unknown":
        return f"CAST({sql} AS VARCHAR)"
    if of.name == "json":
        return sql
    composed = _TO_JSON.get(of.name)
    if composed is not None:
        return composed(sql, of, convert)
    return f"('\"' || {convert(sql, of, _VARCHAR)} || '\"')"


def decimal_text(sql: str, of: Type) -> str:
    """A decimal's digits; DuckDB leaves out the 0 before the point of one that has no whole."""
    if of.precision > of.scale:
        return f"CAST({sql} AS VARCHAR)"
    if of.precision < 38:
        return f"CAST(CAST({sql} AS DECIMAL({of.precision + 1},{of.scale})) AS VARCHAR)"
    return f"replace(CAST({sql} AS VARCHAR), '.', '0.')"


def _array(sql: str, of: Type, convert: Convert) -> str:
    name = parameter(sql)
    element = to_json(name, of.element, convert)
    return f"trino_json_array(list_transform({sql}, lambda {name}: {element}))"


def _map(sql: str, of: Type, convert: Convert) -> str:
    name = parameter(sql)
    key = _key_text(f"{name}.key", of.key, convert)
    value = to_json(f"{name}.value", of.value, convert)
    return (
        f"trino_json_object(list_transform(map_entries({sql}), lambda {name}:"
        f" struct_pack(k := {key}, v := {value})))"
    )


def _key_text(sql: str, of: Type, convert: Convert) -> str:
    if of.name in ("real", "double"):
        return f"trino_java_double({sql})"
    return convert(sql, of, _VARCHAR)


def _row(sql: str, of: Type, convert: Convert) -> str:
    def body(row: str) -> str:
        members = [
            f"{quoted(dump(name or '') + ':')}"
            f" || coalesce({to_json(f'{row}.{identifier(field)}', part, convert)}, 'null')"
            for name, field, part in zip(of.fields, row_fields(of), of.arguments, strict=True)
        ]
        inside = " || ',' || ".join(members)
        return f"CASE WHEN {row} IS NOT NULL THEN '{{' || {inside} || '}}' END"

    return bound((sql,), body)


_TO_JSON: Final = {"array": _array, "map": _map, "row": _row}


def from_json(sql: str, target: Type, convert: Convert) -> str:
    """A value of `target` from a JSON text; JSON's null is NULL."""
    if target.name == "json":
        return sql
    composed = _FROM_JSON.get(target.name)
    if composed is not None:
        return composed(sql, target, convert)
    if target.name == "varchar" and target.length is not None:
        whole = bound((sql,), "trino_json_to_varchar({})".format)
        return bound((whole,), lambda s: _limited(s, target.length or 0))
    return bound((sql,), f"trino_json_to_{target.name}({{}})".format)


def parsed_as(text: str, target: Type) -> str:
    """The JSON that a text is, for a cast to `target`; the cast fails where it is none."""
    message = f"'Cannot cast to {_shown(target)}. ' || {text}"
    failed = f"CAST(trino_fail('INVALID_CAST_ARGUMENT', {message}) AS VARCHAR)"
    found = f"coalesce(trino_json_as_plain({text}), TRY(trino_json_parse({text})), {failed})"
    parsed = f"CASE WHEN {text} IS NOT NULL THEN {found} END"
    if (
        target.name != "row"
        or _pointers(target) is None
        or not all(map(_is_flat, target.arguments))
    ):
        return parsed
    once = " AND ".join(
        f"trino_json_named({text}, {quoted(dump((name or '').lower()))}) = 1"
        for name in target.fields
    )
    as_it_is = f"trino_json_is_row_of({text}, {_pointers(target)}) AND {once}"
    return f"CASE WHEN {as_it_is} THEN {text} ELSE {parsed} END"


def _is_flat(of: Type) -> bool:
    """Whether no part of a type is made of an object."""
    return of.name not in ("row", "map", "json") and all(map(_is_flat, of.arguments))


def _names(target: Type) -> str:
    """SQL of the names of a row's fields."""
    return f"[{', '.join(quoted((name or '').lower()) for name in target.fields)}]"


def _pointers(target: Type) -> str | None:
    """SQL of the pointers to a row's fields; None where a name is not plain."""
    names = [(name or "").lower() for name in target.fields]
    if not all(map(_PLAIN_NAME.fullmatch, names)):
        return None
    return f"[{', '.join(quoted(f'/{name}') for name in names)}]"


_PLAIN_NAME: Final = re.compile("[a-z_][a-z0-9_]*")


def _limited(text: str, length: int) -> str:
    return (
        f"CASE WHEN length({text}) > {length} THEN CAST(trino_fail('GENERIC_INTERNAL_ERROR',"
        f" 'Character count exceeds length limit {length}: base64:' || to_base64(encode({text})))"
        f" AS VARCHAR) ELSE {text} END"
    )


def read_decimal(text: str, target: Type) -> str:
    """The decimal that digits write, NULL where it does not fit.

    DuckDB does not look whether digits with an exponent fit a decimal of 128 bits.
    """
    kind = physical(target)
    if not _SHORT < target.precision < _WIDEST:
        return f"TRY_CAST({text} AS {kind})"
    return f"TRY_CAST(TRY_CAST({text} AS DECIMAL({_WIDEST},{target.scale})) AS {kind})"


_SHORT: Final = 18
"""Digits of a decimal of 64 bits."""
_WIDEST: Final = 38


def _to_decimal(sql: str, target: Type, convert: Convert) -> str:
    kind = physical(target)
    name = f"DECIMAL({target.precision},{target.scale})"

    def body(s: str) -> str:
        return (
            f"coalesce({read_decimal(f'trino_json_number_text({s})', target)},"
            f" CASE WHEN {s}[1] <> 'n'"
            f" THEN CAST(trino_fail('INVALID_CAST_ARGUMENT', 'Cannot cast ''' || {s} ||"
            f" ''' to {name}') AS {kind}) END)"
        )

    return bound((sql,), body)


def _to_array(sql: str, target: Type, convert: Convert) -> str:
    name = parameter(sql)
    elements = f"trino_json_elements({sql}, {quoted(str(target))})"
    element = from_json(name, target.element, convert)
    if element == name:
        return elements
    whole = f"list_transform({elements}, lambda {name}: {element})"
    if str(target.element) not in _READ_AT_ONCE:
        return whole
    # What stands in a lambda is prepared again for each block in which one row comes to it.
    plain = f"trino_json_{target.element.name}s({sql})"
    return f"CASE WHEN {sql} IS NOT NULL THEN coalesce({plain}, {whole}) END"


def _to_map(sql: str, target: Type, convert: Convert) -> str:
    name = parameter(sql)
    members = f"trino_json_members({sql}, {quoted(str(target))})"
    key = convert(f"{name}.k", _VARCHAR, target.key)
    value = from_json(f"{name}.v", target.value, convert)
    entries = f"list_transform({members}, lambda {name}: struct_pack(k := {key}, v := {value}))"
    if target.key.name == "varchar":
        return f"map_from_entries({entries})"

    def checked(found: str, text: str) -> str:
        names = f"list_transform({found}, lambda {name}: {name}.k)"
        message = (
            f"'Cannot cast to {_shown(target)}. Duplicate map keys are not allowed' || chr(10)"
        )
        refused = f"trino_fail('INVALID_CAST_ARGUMENT', {message} || {text})"
        return (
            f"CASE WHEN list_unique({names}) < len({found}) THEN"
            f" CAST({refused} AS {physical(target)}) ELSE map_from_entries({found}) END"
        )

    return bound((entries, sql), checked)


def _to_row(sql: str, target: Type, convert: Convert) -> str:
    pointers = _pointers(target)
    asked = f"{sql}, {quoted(str(target))}, {_names(target)}"
    values = f"trino_json_row_at({asked}, {pointers})" if pointers else f"trino_json_row({asked})"
    name = parameter(values)
    parts = (
        f"{identifier(field)} := {from_json(f'{name}[{i}]', part, convert)}"
        for i, (field, part) in enumerate(
            zip(row_fields(target), target.arguments, strict=True), start=1
        )
    )
    row = f"CASE WHEN {name} IS NOT NULL THEN struct_pack({', '.join(parts)}) END"
    return f"list_transform({row_by_row(values)}, lambda {name}: {row})[1]"


def _shown(target: Type) -> str:
    return str(target).replace("'", "''")


_FROM_JSON: Final = {"array": _to_array, "map": _to_map, "row": _to_row, "decimal": _to_decimal}
