"""Aggregates that collect a group's values into a map or a text."""

from lakelet.sql.functions.equality import by_keys, first_entries, keys
from lakelet.sql.functions.registry import Call, aggregate
from lakelet.types.duckdb import physical


def _entries(call: Call, value: str) -> str:
    """A map of a group's keys, each with what `value` makes of the list `_l` of all entries, their
    keys `_t` and the number `_i` of the first one with that key.

    Keys that are NULL are left out; a group without any key is NULL.
    """
    key, item = call.arguments
    row = f"struct_pack(k := {key}, v := {item})"
    collected = f"array_agg({call.distinct}{row}{call.order}){present(call, key)}"
    first = "list_filter(range(1, len(_t) + 1), lambda _i: list_position(_t, _t[_i]) = _i)"
    made = (
        f"list_transform([{first}], lambda _d: map(list_transform(_d, lambda _i: _l[_i].k),"
        f" list_transform(_d, lambda _i: {value})))[1]"
    )
    told_apart = keys("list_transform(_l, lambda _e: _e.k)", call.types[0])
    made = f"list_transform([{told_apart}], lambda _t: {made})[1]"
    return f"list_transform([{collected}], lambda _l: CASE WHEN _l IS NOT NULL THEN {made} END)[1]"


def present(call: Call, key: str) -> str:
    """FILTER and OVER with one condition more: that a value is not NULL."""
    return condition(call, f"{key} IS NOT NULL")


def condition(call: Call, test: str) -> str:
    """FILTER and OVER with one condition more."""
    if " FILTER (WHERE " in call.over:
        return call.over.replace(" FILTER (WHERE ", f" FILTER (WHERE {test} AND ", 1)
    return f" FILTER (WHERE {test}){call.over}"


def _map_agg(call: Call) -> str:
    return _entries(call, "_l[_i].v")


def _multimap_agg(call: Call) -> str:
    of_key = "list_filter(_l, lambda _f, _j: _t[_j] = _t[_i])"
    return _entries(call, f"list_transform({of_key}, lambda _f: _f.v)")


def _histogram(call: Call) -> str:
    (value,) = call.arguments
    collected = f"array_agg({call.distinct}{value}){present(call, value)}"
    return by_keys("trino_array_histogram", (collected,), call.types[0])


def _map_union(call: Call) -> str:
    """The first map that has a key gives its value."""
    (value,) = call.arguments
    collected = f"array_agg({call.distinct}{value}){present(call, value)}"
    entries = "flatten(list_transform(_m, lambda _x: map_entries(_x)))"
    made = f"CASE WHEN _m IS NOT NULL THEN {first_entries(entries, call.result)} END"
    of = physical(call.result)
    return f"CAST(list_transform([{collected}], lambda _m: {made})[1] AS {of})"


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
