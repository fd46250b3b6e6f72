"""Aggregates that collect a group's values into a map or a text."""

from typing import Final

from lakelet.sql.functions.binding import bound
from lakelet.sql.functions.collections.equality import by_keys, first_entries, keys
from lakelet.sql.functions.filtering import present
from lakelet.sql.functions.registry import Call, aggregate, macro
from lakelet.types.duckdb import physical


def _entries(call: Call, made: str) -> str:
    """A map that is made of the list `_l` of a group's entries and of its keys `_t`.

    Keys that are NULL are left out; a group without any key is NULL.
    """
    key, item = call.arguments
    row = f"struct_pack(k := {key}, v := {item})"
    collected = f"array_agg({call.distinct}{row}{call.order}){present(call, key)}"
    told_apart = keys("list_transform(_l, lambda _e: _e.k)", call.types[0])
    made = f"list_transform([{told_apart}], lambda _t: {made})[1]"
    return f"list_transform([{collected}], lambda _l: CASE WHEN _l IS NOT NULL THEN {made} END)[1]"


def _map_agg(call: Call) -> str:
    return _entries(
        call,
        "list_transform([trino_first_places(_t)], lambda _d: map("
        "list_transform(_d, lambda _i: _l[_i].k), list_transform(_d, lambda _i: _l[_i].v)))[1]",
    )


def _multimap_agg(call: Call) -> str:
    names, values = (f"list_transform(_l, lambda _e: _e.{name})" for name in ("k", "v"))
    return _entries(call, f"trino_multimap({names}, _t, {values})")


def _histogram(call: Call) -> str:
    (value,) = call.arguments
    collected = f"array_agg({call.distinct}{value}){present(call, value)}"
    return by_keys("trino_array_histogram", (collected,), call.types[0])


def _map_union(call: Call) -> str:
    """The first map that has a key gives its value."""
    (value,) = call.arguments
    collected = f"array_agg({call.distinct}{value}){present(call, value)}"
    entries = "flatten(list_transform(_m, lambda _x: map_entries(_x)))"
    made = f"CASE WHEN len(_m) > 0 THEN {first_entries(entries, call.result)} END"
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
_LONGEST: Final = 1_048_576
"""Bytes that LISTAGG gives at most."""

# The first values that fit, then the filler and how many are left out; v has no NULLs.
macro(
    "trino_listagg_fitting",
    "(v, d) AS len(list_filter(range(1, len(v) + 1), lambda i: list_sum(list_transform(v[:i],"
    f" lambda e: strlen(e))) + (i - 1) * strlen(d) <= {_LONGEST}))",
)
macro(
    "trino_listagg_cut",
    "(v, d, f, counted) AS list_transform([trino_listagg_fitting(v, d)], lambda n:"
    " CASE WHEN n > 0 THEN array_to_string(v[:n], d) || d ELSE '' END || f"
    " || CASE WHEN counted THEN '(' || (len(v) - n) || ')' ELSE '' END)[1]",
)


def _listagg(call: Call) -> str:
    value, separator, filler, counted = call.arguments
    text = f"string_agg({call.distinct}{value}, {separator}{call.order}){call.over}"
    if call.constants[2] is None:
        message = (
            "Concatenated string has the length in bytes larger than the maximum output length"
            f" {_LONGEST}"
        )
        last = f"CAST(trino_fail('EXCEEDED_FUNCTION_MEMORY_LIMIT', '{message}') AS VARCHAR)"
        return bound(
            (text,), lambda t: f"CASE WHEN strlen({t}) > {_LONGEST} THEN {last} ELSE {t} END"
        )
    values = f"list({call.distinct}{value}{call.order}){call.over}"
    known = f"list_filter({values}, lambda e: e IS NOT NULL)"
    return bound(
        (text, known),
        lambda t, v: (
            f"CASE WHEN strlen({t}) > {_LONGEST}"
            f" THEN trino_listagg_cut({v}, {separator}, {filler}, {counted}) ELSE {t} END"
        ),
    )


aggregate(
    "listagg",
    "(varchar, varchar, varchar, boolean) -> varchar",
    sql=_listagg,
    doc="The texts of a group with a separator between; NULLs are left out.",
)
