"""Aggregates that collect a group's values into a map or a text."""

from lakelet.sql.functions.registry import Call, aggregate
from lakelet.types.duckdb import physical


def _entries(call: Call, value: str) -> str:
    """A map of a group's keys, each with what `value` makes of the list of its entries.

    Keys that are NULL are left out; a group without any key is NULL.
    """
    key, item = call.arguments
    row = f"struct_pack(k := {key}, v := {item})"
    collected = f"array_agg({row}{call.order}){present(call, key)}"
    keys = "trino_array_distinct(list_transform(_l, lambda _e: _e.k))"
    made = f"map({keys}, list_transform({keys}, lambda _k: {value}))"
    return f"list_transform([{collected}], lambda _l: CASE WHEN _l IS NOT NULL THEN {made} END)[1]"


def present(call: Call, key: str) -> str:
    """FILTER and OVER with one condition more: that a value is not NULL."""
    if " FILTER (WHERE " in call.over:
        return call.over.replace(" FILTER (WHERE ", f" FILTER (WHERE {key} IS NOT NULL AND ", 1)
    return f" FILTER (WHERE {key} IS NOT NULL){call.over}"


_OF_KEY = "list_transform(list_filter(_l, lambda _f: _f.k = _k), lambda _f: _f.v)"


def _map_agg(call: Call) -> str:
    return _entries(call, f"{_OF_KEY}[1]")


def _multimap_agg(call: Call) -> str:
    return _entries(call, _OF_KEY)


def _histogram(call: Call) -> str:
    (value,) = call.arguments
    collected = f"array_agg({value}){present(call, value)}"
    return f"trino_array_histogram({collected})"


def _map_union(call: Call) -> str:
    """The first map that has a key gives its value."""
    (value,) = call.arguments
    of = physical(call.result)
    collected = f"array_agg({value}){present(call, value)}"
    entries = "flatten(list_transform(_l, lambda _m: map_entries(_m)))"
    first = (
        "list_filter(_e, lambda _x, _i: list_position("
        "list_transform(_e, lambda _y: _y.key), _x.key) = _i)"
    )
    made = f"map_from_entries(list_transform([{entries}], lambda _e: {first})[1])"
    return (
        f"CAST(list_transform([{collected}],"
        f" lambda _l: CASE WHEN _l IS NOT NULL THEN {made} END)[1] AS {of})"
    )


aggregate(
    "map_agg",
    "(K:comparable, V) -> map(K,V)",
    sql=_map_agg,
    doc="A map of a group's keys, each with the first of its values.",
)
aggregate(
    "multimap_agg",
    "(K:comparable, V) -> map(K,array(V))",
    sql=_multimap_agg,
    doc="A map of a group's keys, each with the array of its values.",
)
aggregate(
    "histogram",
    "(T:comparable) -> map(T,bigint)",
    sql=_histogram,
    doc="How often each value occurs; NULLs are left out.",
)
aggregate(
    "map_union",
    "(map(K,V)) -> map(K,V)",
    sql=_map_union,
    doc="The entries of all maps of a group; of a key in several one map's value.",
)
aggregate(
    "listagg",
    "(varchar, varchar) -> varchar",
    sql="string_agg({distinct}{0}, {1}{order}){over}",
    doc="The texts of a group with a separator between; NULLs are left out.",
)
