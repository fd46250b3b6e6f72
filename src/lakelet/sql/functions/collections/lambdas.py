"""Functions that take a lambda. A lambda's text is DuckDB's own: `lambda x, y: body`."""

from dataclasses import replace
from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql.emitter.comparison import in_order, is_partial, key
from lakelet.sql.functions.binding import applied, bound
from lakelet.sql.functions.collections.equality import (
    checked_map,
    first_entries,
    has_key,
    looked_up,
)
from lakelet.sql.functions.filtering import present
from lakelet.sql.functions.operators import fail
from lakelet.sql.functions.registry import NOT_CONSTANT, Call, Emit, aggregate, scalar
from lakelet.types.duckdb import physical
from lakelet.types.model import INTEGER, Type, array

# Over arrays --------------------------------------------------------------------------------


def _reduce(call: Call, *, finish: bool = True) -> str:
    """DuckDB folds a list into a value of its elements' type, so both travel in one row."""
    values, start, step, last = call.arguments
    element, state = physical(call.types[0].element), physical(call.types[1])
    rows = f"list_transform({values}, lambda _x: {{'s': CAST(NULL AS {state}), 'x': _x}})"
    first = f"{{'s': CAST({start} AS {state}), 'x': CAST(NULL AS {element})}}"
    next_ = f"CAST({applied(step, '_a.s', '_e.x')} AS {state})"
    folded = f"list_reduce({rows}, lambda _a, _e: {{'s': {next_}, 'x': _e.x}}, {first}).s"
    done = applied(last, folded) if finish else folded
    return f"CASE WHEN {values} IS NOT NULL THEN {done} END"


def _reduce_agg(call: Call) -> str:
    """The combining function joins states of parts of a group, of which there is only one here."""
    value, start, step, _ = call.arguments
    of = call.result
    wide = (of.name == "decimal" and of.precision > 18) or (
        of.name == "timestamp" and of.precision > 6
    )
    if wide or of.name in ("array", "map", "row"):
        raise TrinoError("NOT_SUPPORTED", f"State type not supported for reduce_agg: {call.result}")
    fixed = call.constants[1] is not NOT_CONSTANT
    first = start if fixed else f"any_value({start}){call.over}"
    folded = _reduce(
        replace(
            call,
            arguments=("_l", first, step, ""),
            types=(array(call.types[0]), *call.types[1:]),
        ),
        finish=False,
    )
    # Rows whose state would begin as NULL are left out.
    kept = present(call, value, start)
    collected = f"array_agg({call.distinct}{value}{call.order}){kept}"
    return f"list_transform([{collected}], lambda _l: {folded})[1]"


def _match(found: str, then: str, otherwise: str) -> Emit:
    """Three-valued: an answer that is `found` decides, then one that is NULL, then the rest."""

    def emit(call: Call) -> str:
        values, predicate = call.arguments
        return (
            f"list_transform([list_transform({values}, {predicate})], lambda _m:"
            f" CASE WHEN list_position(_m, {found}) > 0 THEN {then}"
            " WHEN list_position(_m, NULL) > 0 THEN NULL"
            f" WHEN _m IS NOT NULL THEN {otherwise} END)[1]"
        )

    return emit


def _array_sort(call: Call) -> str:
    if len(call.arguments) == 1:
        return _ascending(call.arguments[0], call.types[0].element)
    return _sorted_by(call.arguments[0], call.arguments[1], call.types[0].element)


def _ascending(values: str, element: Type) -> str:
    """By what stands for the values; equal ones keep their places."""
    told_apart = key("_e", element)
    if told_apart == "_e":
        ordered = f"list_sort({values}, 'ASC', 'NULLS LAST')"
    else:
        packed = (
            f"list_transform({values}, lambda _e, _i:"
            f" {{'n': _e IS NULL, 'k': {told_apart}, 'i': _i, 'v': _e}})"
        )
        ordered = f"list_transform(list_sort({packed}), lambda _e: _e.v)"
    if not is_partial(element):
        return ordered
    return bound((ordered,), lambda sorted_: in_order(sorted_, element), once=True)


def _sorted_by(values: str, comparator: str, element: Type) -> str:
    """Each element goes behind those that the comparator does not put it before."""
    of = physical(element)
    answer = applied(comparator, "_e.l[1]", "_o")
    refused = fail(
        "INVALID_FUNCTION_ARGUMENT", "'Lambda comparator must return either -1, 0, or 1'", INTEGER
    )
    checked = _checked(answer, refused)
    before = f"len(list_filter(_a.l, lambda _o: {checked} >= 0))"
    rows = f"list_transform({values}, lambda _x: {{'l': CAST([_x] AS {of}[])}})"
    placed = "_a.l[1:_n] || _e.l || _a.l[_n + 1:]"
    step = f"list_transform([{before}], lambda _n: {{'l': {placed}}})[1]"
    first = f"{{'l': CAST([] AS {of}[])}}"
    return f"list_reduce({rows}, lambda _a, _e: {step}, {first}).l"


def _checked(answer: str, refused: str) -> str:
    """A comparator's answer, which must be -1, 0 or 1."""
    return (
        f"list_transform([{answer}], lambda _c: CASE WHEN _c BETWEEN -1 AND 1 THEN _c"
        f" ELSE {refused} END)[1]"
    )


def _zip_with(call: Call) -> str:
    first, second, function = call.arguments
    longest = f"greatest(len({first}), len({second}))"
    return (
        f"CASE WHEN {first} IS NOT NULL AND {second} IS NOT NULL THEN list_transform("
        f"range(1, {longest} + 1), lambda _i: {applied(function, f'{first}[_i]', f'{second}[_i]')})"
        " END"
    )


scalar(
    "transform",
    "(array(T), function(T,U)) -> array(U)",
    sql="list_transform({0}, {1})",
    doc="What the lambda makes of each element.",
)
scalar(
    "filter",
    "(array(T), function(T,boolean)) -> array(T)",
    sql="list_filter({0}, {1})",
    doc="The elements for which the lambda is true.",
)
scalar(
    "reduce",
    "(array(T), S, function(S,T,S), function(S,R)) -> R",
    sql=_reduce,
    doc="Folds the elements into a state, and the last state into a result.",
    strict=0,
)
aggregate(
    "reduce_agg",
    "(T, S, function(S,T,S), function(S,S,S)) -> S",
    sql=_reduce_agg,
    doc="Folds a group's values into a state.",
)
for _name, _emit, _doc in (
    ("all_match", _match("FALSE", "FALSE", "TRUE"), "Whether the lambda is true of every element."),
    ("any_match", _match("TRUE", "TRUE", "FALSE"), "Whether the lambda is true of an element."),
    ("none_match", _match("TRUE", "FALSE", "TRUE"), "Whether the lambda is true of no element."),
):
    scalar(_name, "(array(T), function(T,boolean)) -> boolean", sql=_emit, doc=_doc)
scalar(
    "array_sort",
    "(array(E:orderable)) -> array(E)",
    "(array(T), function(T,T,integer)) -> array(T)",
    sql=_array_sort,
    doc="The elements in ascending order with NULLs last, or in the order of a comparator.",
)
scalar(
    "zip_with",
    "(array(T), array(U), function(T,U,R)) -> array(R)",
    sql=_zip_with,
    doc="What the lambda makes of two arrays' elements at the same index.",
)

# Over maps ----------------------------------------------------------------------------------

ENTRY: Final = ("_e.key", "_e.value")


def _map_filter(call: Call) -> str:
    entries, predicate = call.arguments
    kept = f"list_filter(map_entries({entries}), lambda _e: {applied(predicate, *ENTRY)})"
    return f"map_from_entries({kept})"


def _transform_values(call: Call) -> str:
    entries, function = call.arguments
    made = f"{{'key': _e.key, 'value': {applied(function, *ENTRY)}}}"
    return f"map_from_entries(list_transform(map_entries({entries}), lambda _e: {made}))"


def _transform_keys(call: Call) -> str:
    entries, function = call.arguments
    keys = f"list_transform(map_entries({entries}), lambda _e: {applied(function, *ENTRY)})"
    return checked_map(keys, f"map_values({entries})", call.result)


def _map_zip_with(call: Call) -> str:
    first, second, function = call.arguments
    left, right = call.types[:2]
    missing = f"NOT coalesce({has_key(first, '_k', left)}, false)"
    keys = f"(map_keys({first}) || list_filter(map_keys({second}), lambda _k: {missing}))"
    values = (looked_up(m, "_k", of) for m, of in ((first, left), (second, right)))
    made = f"{{'key': _k, 'value': {applied(function, '_k', *values)}}}"
    entries = f"list_transform({keys}, lambda _k: {made})"
    known = f"{first} IS NOT NULL AND {second} IS NOT NULL"
    return f"CASE WHEN {known} THEN {first_entries(entries, call.result)} END"


scalar(
    "map_filter",
    "(map(K,V), function(K,V,boolean)) -> map(K,V)",
    sql=_map_filter,
    doc="The entries for which the lambda is true.",
)
scalar(
    "transform_values",
    "(map(K,V1), function(K,V1,V2)) -> map(K,V2)",
    sql=_transform_values,
    doc="The map with the values that the lambda makes of its entries.",
)
scalar(
    "transform_keys",
    "(map(K1,V), function(K1,V,K2)) -> map(K2,V)",
    sql=_transform_keys,
    doc="The map with the keys that the lambda makes of its entries.",
)
scalar(
    "map_zip_with",
    "(map(K,V1), map(K,V2), function(K,V1,V2,V3)) -> map(K,V3)",
    sql=_map_zip_with,
    doc="What the lambda makes of two maps' values of the same key.",
)
