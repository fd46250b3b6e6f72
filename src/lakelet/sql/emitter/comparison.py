"""Comparing values: the operators, and what to group, order and join by.

Trino's NaN is equal to nothing and neither above nor below anything, where DuckDB's is the
greatest number and equal to itself. Values with a time zone compare by their instant alone.
"""

from collections.abc import Callable
from typing import Final

from lakelet.sql.emitter import zoned
from lakelet.sql.functions.binding import SHORT, atom, bound, failing, parameter
from lakelet.types.duckdb import is_fine, row_fields
from lakelet.types.model import Type
from lakelet.types.quoting import identifier

_FLOATING: Final = ("real", "double")
_INFINITY: Final = "CAST('Infinity' AS DOUBLE)"
_NONE: Final = (_INFINITY, "CAST('-Infinity' AS DOUBLE)")
"""Two ends between which there is nothing."""


def compare(operator: str, left: str, right: str, of: Type) -> str:
    """A comparison of two values of one type; NULL where Trino's is."""
    if operator == "IS DISTINCT FROM" or of.name not in _COMPOSED:
        left, right = key(left, of), key(right, of)
    if operator == "IS DISTINCT FROM":
        return f"({left} IS DISTINCT FROM {right})"
    if of.name in _FLOATING:
        if _is_query(left) != _is_query(right) and len(min(left, right, key=len)) <= SHORT:
            return _floating_beside_query(operator, left, right)
        return bound((left, right), lambda a, b: _floating(operator, a, b))
    if of.name in _COMPOSED:
        return bound((left, right), lambda a, b: _composed(operator, a, b, of))
    return f"({left} {operator} {right})"


def compare_with_number(operator: str, left: str, right: str, *, number_is_left: bool) -> str:
    """A comparison with a finite real or double, as plain as a scan can filter by."""
    plain = f"{left} {operator} {right}"
    value = right if number_is_left else left
    if operator in (("<", "<=") if number_is_left else (">", ">=")):
        return f"({plain} AND {value} <= {_INFINITY})"
    return f"({plain})"


def equal(left: str, right: str, of: Type) -> str:
    """Whether two values of one type are equal."""
    return compare("=", left, right, of)


def is_partial(of: Type) -> bool:
    """Whether values of a type may hold NULLs, between which Trino knows no order."""
    return of.name in _ORDER


def in_order(values: str, of: Type) -> str:
    """A sorted list of values of a type; NOT_SUPPORTED if a NULL in one decides on its place."""
    name = parameter(values)
    pair = compare("<=", f"{values}[{name}]", f"{values}[{name} + 1]", of)
    undecided = f"list_filter(range(1, len({values})), lambda {name}: {pair} IS NULL)"
    return f"CASE WHEN len({undecided}) >= 0 THEN {values} END"


def extreme(values: str, sign: str, of: Type) -> str:
    """The value of a list that none is before by `sign` (< or >), compared one by one."""
    name = parameter(values)
    better = compare(sign, f"{name}e.v", f"{name}m.v", of)
    chosen = f"CASE WHEN {better} THEN {name}e ELSE {name}m END"
    packed = f"list_transform({values}, lambda {name}: {{'v': {name}}})"
    return f"list_reduce({packed}, lambda {name}m, {name}e: {chosen}).v"


def key(sql: str, of: Type) -> str:
    """What stands for a value where values are grouped, ordered, joined or told apart."""
    if of.name == "timestamp with time zone":
        return zoned.instant(sql)
    if of.name == "time with time zone":
        return f"trino_time_instant{'_ps' if is_fine(of) else ''}({sql})"
    if of.name == "array":
        name = parameter(sql)
        element = key(name, of.element)
        return sql if element == name else f"list_transform({sql}, lambda {name}: {element})"
    if of.name == "row":
        return _row_key(sql, of)
    return _map_key(sql, of) if of.name == "map" else sql


def _map_key(sql: str, of: Type) -> str:
    """Two maps are equal whatever the order of their entries."""
    name = parameter(sql)
    parts = key(f"{name}.key", of.key), key(f"{name}.value", of.value)
    entries = f"map_entries({sql})"
    if parts != (f"{name}.key", f"{name}.value"):
        pair = f"{{'key': {parts[0]}, 'value': {parts[1]}}}"
        entries = f"list_transform({entries}, lambda {name}: {pair})"
    return f"list_sort({entries})"


def _row_key(sql: str, of: Type) -> str:
    sql, fields = atom(sql), row_fields(of)
    parts = [key(f"{sql}.{identifier(n)}", t) for n, t in zip(fields, of.arguments, strict=True)]
    if parts == [f"{sql}.{identifier(n)}" for n in fields]:
        return sql
    members = ", ".join(f"{identifier(n)} := {part}" for n, part in zip(fields, parts, strict=True))
    return f"CASE WHEN {sql} IS NOT NULL THEN struct_pack({members}) END"


def _floating(operator: str, left: str, right: str) -> str:
    plain = f"{left} {operator} {right}"
    both = f"({left} > {_INFINITY} AND {right} > {_INFINITY})"
    if operator == "=":
        return f"({plain} AND NOT {both})"
    if operator == "<>":
        return f"({plain} OR {both})"
    # NaN sorts last in DuckDB, so only the greater side can be it when the plain comparison holds.
    greater, smaller = (right, left) if operator.startswith("<") else (left, right)
    if len(operator) == 1:
        return f"({plain} AND NOT ({greater} > {_INFINITY} AND {smaller} <= {_INFINITY}))"
    return f"({plain} AND NOT ({greater} > {_INFINITY} AND {smaller} IS NOT NULL))"


def _is_query(sql: str) -> bool:
    """Whether an expression is a subquery, which a lambda around it would make slow."""
    return sql.startswith("(SELECT ") and atom(sql) == sql


def _floating_beside_query(operator: str, left: str, right: str) -> str:
    """As `_floating`, where one side is a subquery: it is named once, the other short side more
    often, so that it stays where DuckDB plans it as a join."""
    if operator in ("=", "<>"):
        query, value = (left, right) if _is_query(left) else (right, left)
        ends = (f"CASE WHEN {value} > {_INFINITY} THEN {none} ELSE {value} END" for none in _NONE)
        return f"({query} {'' if operator == '=' else 'NOT '}BETWEEN {' AND '.join(ends)})"
    smaller, greater = (left, right) if operator.startswith("<") else (right, left)
    if len(operator) == 1:
        low = f"CASE WHEN {{0}} > {_INFINITY} THEN {_NONE[1]} ELSE {{0}} END"
        if _is_query(greater):
            return f"({smaller} < (SELECT {low.format('v')} FROM {greater} AS q(v)))"
        return f"({smaller} < {low.format(greater)})"
    if _is_query(greater):
        end = f"CASE WHEN {smaller} IS NOT NULL THEN {_INFINITY} END"
        return f"({greater} BETWEEN {smaller} AND {end})"
    # Every number is below NaN for DuckDB.
    return f"(({smaller} <= {greater}) = ({greater} <= {_INFINITY}))"


def _composed(operator: str, left: str, right: str, of: Type) -> str:
    """Arrays, rows and maps part by part: a NULL part leaves equality open, and stops order."""
    if operator == "<>":
        return f"(NOT {_composed('=', left, right, of)})"
    if operator == "=":
        return _EQUAL[of.name](left, right, of)
    ordered = _ORDER[of.name](operator, left, right, of)
    return f"CASE WHEN {left} IS NULL OR {right} IS NULL THEN NULL ELSE {ordered} END"


def _rows_equal(left: str, right: str, of: Type) -> str:
    pairs = (
        compare("=", f"{left}.{identifier(name)}", f"{right}.{identifier(name)}", part)
        for name, part in zip(row_fields(of), of.arguments, strict=True)
    )
    return f"({' AND '.join(pairs)})"


def _arrays_equal(left: str, right: str, of: Type) -> str:
    def elements(pair: str) -> str:
        return compare("=", f"{pair}[1]", f"{pair}[2]", of.element)

    return _pairs_equal(left, right, elements)


def _maps_equal(left: str, right: str, of: Type) -> str:
    left, right = _sorted_entries(left, of), _sorted_entries(right, of)

    def entry(pair: str) -> str:
        keys = compare("=", f"{pair}[1].key", f"{pair}[2].key", of.key)
        return f"({keys} AND {compare('=', f'{pair}[1].value', f'{pair}[2].value', of.value)})"

    return bound((left, right), lambda a, b: _pairs_equal(a, b, entry))


def _sorted_entries(sql: str, of: Type) -> str:
    """A map's entries by their keys."""
    name = parameter(sql)
    told_apart = key(f"{name}.key", of.key)
    if told_apart == f"{name}.key":
        return f"list_sort(map_entries({sql}))"
    keyed = f"lambda {name}: {{'by': {told_apart}, 'entry': {name}}}"
    ordered = f"list_sort(list_transform(map_entries({sql}), {keyed}))"
    return f"list_transform({ordered}, lambda {name}: {name}.entry)"


def _pairs_equal(left: str, right: str, equality: Callable[[str], str]) -> str:
    pair = parameter(left + right)
    return (
        f"CASE WHEN {left} IS NULL OR {right} IS NULL THEN NULL"
        f" WHEN len({left}) <> len({right}) THEN false"
        f" ELSE trino_all(list_transform(list_zip({left}, {right}), lambda {pair}:"
        f" {equality(pair)})) END"
    )


def _rows_in_order(operator: str, left: str, right: str, of: Type) -> str:
    """The first field that differs decides."""
    text = "true" if operator.endswith("=") else "false"
    fields = list(zip(row_fields(of), of.arguments, strict=True))
    for name, part in reversed(fields):
        a, b = f"{left}.{identifier(name)}", f"{right}.{identifier(name)}"
        text = (
            f"CASE WHEN {a} IS NULL OR {b} IS NULL THEN {_no_order('ROW', 'fields')}"
            f" WHEN {compare('IS DISTINCT FROM', a, b, part)}"
            f" THEN {compare(operator, a, b, part)} ELSE {text} END"
        )
    return text


def _arrays_in_order(operator: str, left: str, right: str, of: Type) -> str:
    """The first element that differs decides, then the length."""
    at = f"trino_first_difference({key(left, of)}, {key(right, of)})"

    def body(a: str, b: str, i: str) -> str:
        first, second = f"{a}[{i}]", f"{b}[{i}]"
        return (
            f"CASE WHEN {i} IS NULL THEN len({a}) {operator} len({b})"
            f" WHEN {first} IS NULL OR {second} IS NULL THEN {_no_order('ARRAY', 'arrays')}"
            f" ELSE {compare(operator, first, second, of.element)} END"
        )

    return bound((left, right, at), body)


def _no_order(name: str, parts: str) -> str:
    message = f"{name} comparison not supported for {parts} with null elements"
    refused = failing("NOT_SUPPORTED", f"'{message}'")
    return f"CAST({refused} AS BOOLEAN)"


_COMPOSED: Final = ("array", "row", "map")
_EQUAL: Final = {"array": _arrays_equal, "row": _rows_equal, "map": _maps_equal}
_ORDER: Final = {"array": _arrays_in_order, "row": _rows_in_order}
