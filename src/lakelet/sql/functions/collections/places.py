"""Where in a list its elements are alike, found by sorting once the list is long.

`k` are what elements are told apart by (`equality.keys`). DuckDB's `list_position`, asked for each
element, is fastest on short lists and takes the square of the length of long ones: 20,000 keys of a
multimap took 9.6 s, and take 26 ms.
"""

from lakelet.sql.functions.registry import macro

_FEW = 1_000
"""Elements for each of which all are gone through sooner than they are sorted."""

macro(
    "trino_sorted_places",
    "(k) AS list_sort(list_transform(k, lambda x, i: struct_pack(k := x, i := i)))",
)
# Of each value the first place, in the order of places.
macro(
    "trino_first_places",
    f"(k) AS list_transform([k], lambda t: CASE WHEN len(t) <= {_FEW} THEN"
    " list_filter(range(1, len(t) + 1), lambda i: list_position(t, t[i]) = i)"
    " ELSE list_transform([trino_sorted_places(t)], lambda s: list_sort(list_transform("
    "list_filter(s, lambda e, j: j = 1 OR e.k IS DISTINCT FROM s[j - 1].k), lambda e: e.i)))[1]"
    " END)[1]",
)
# Of each value its first place `i`, the order of these; the sorted places from `j` on, `n` of them,
# are its own.
macro(
    "trino_runs",
    "(s) AS list_transform([list_filter(range(1, len(s) + 1),"
    " lambda j: j = 1 OR s[j].k IS DISTINCT FROM s[j - 1].k)], lambda p: list_sort(list_transform("
    "p, lambda j, q: struct_pack(i := s[j].i, j := j, n := coalesce(p[q + 1], len(s) + 1) - j)"
    ")))[1]",
)
# The places of two lists, those of the second first.
macro(
    "trino_places_of_two",
    "(k, l) AS list_sort(list_concat("
    "list_transform(l, lambda x: struct_pack(k := x, own := false, i := CAST(0 AS BIGINT))),"
    " list_transform(k, lambda x, i: struct_pack(k := x, own := true, i := i))))",
)
macro(
    "trino_places_apart",
    "(k, l) AS list_transform([trino_places_of_two(k, l)], lambda s: list_sort(list_transform("
    "list_filter(s, lambda e, j: e.own AND (j = 1 OR e.k IS DISTINCT FROM s[j - 1].k)),"
    " lambda e: e.i)))[1]",
)
macro(
    "trino_places_shared",
    "(k, l) AS list_transform([trino_places_of_two(k, l)], lambda s: list_sort(list_transform("
    "list_filter(s, lambda e, j: e.own AND NOT s[j - 1].own"
    " AND e.k IS NOT DISTINCT FROM s[j - 1].k), lambda e: e.i)))[1]",
)
# A map of lists, the values in the order in which they stand.
macro(
    "trino_multimap",
    "(m, k, v) AS list_transform([struct_pack(m := m, v := v, s := trino_sorted_places(k))],"
    " lambda x: list_transform([trino_runs(x.s)], lambda r: map("
    "list_transform(r, lambda e: x.m[e.i]),"
    " list_transform(r, lambda e: list_transform(range(e.j, e.j + e.n),"
    " lambda q: x.v[x.s[q].i]))))[1])[1]",
)


def is_few(*lists: str) -> str:
    """Whether lists are so short that each of one's elements is soon looked for in another."""
    return " AND ".join(f"coalesce(len({each}), 0) <= {_FEW}" for each in lists)
