"""Arrays as sets: membership, and what several have in common.

`k` beside a list are its keys (`equality.keys`), by which elements are told apart.
"""

from collections.abc import Callable

from lakelet.sql.functions.binding import bound
from lakelet.sql.functions.collections.equality import by_keys, equalities, is_plain, keys
from lakelet.sql.functions.collections.places import is_few
from lakelet.sql.functions.operators import fail
from lakelet.sql.functions.registry import Call, Emit, macro, scalar
from lakelet.sql.functions.text.networks import within

# Looking for an element, by the operator = ----------------------------------------------------


macro(
    "trino_contains",
    "(a, x) AS CASE WHEN list_contains(a, x) THEN TRUE WHEN x IS NULL OR"
    " list_position(a, NULL) > 0 THEN NULL ELSE list_contains(a, x) END",
)
macro(
    "trino_array_position",
    "(a, x) AS CASE WHEN x IS NOT NULL THEN CAST(coalesce(list_position(a, x),"
    " CASE WHEN a IS NOT NULL THEN 0 END) AS BIGINT) END",
)
macro(
    "trino_array_remove",
    "(a, x) AS CASE WHEN x IS NOT NULL THEN list_filter(a, lambda e: e IS DISTINCT FROM x) END",
)
# `e` says of each element whether it equals x; the search stops where that is open.
macro(
    "trino_decisive",
    "(a, e) AS list_filter(range(1, len(a) + 1),"
    " lambda i: e[i] OR (e[i] IS NULL AND a[i] IS NOT NULL))[1]",
)


def _contains(call: Call) -> str:
    if call.types[0].name == "varchar":
        return within(call)
    return _searched(
        call,
        "trino_contains",
        lambda a, e: (
            f"CASE WHEN {e}[trino_decisive({a}, {e})] THEN true"
            f" WHEN trino_decisive({a}, {e}) IS NOT NULL THEN {_open(call)}"
            f" WHEN list_position({a}, NULL) > 0 THEN NULL ELSE false END"
        ),
    )


def _array_position(call: Call) -> str:
    return _searched(
        call,
        "trino_array_position",
        lambda a, e: (
            f"CASE WHEN {e}[trino_decisive({a}, {e})] THEN trino_decisive({a}, {e})"
            f" WHEN trino_decisive({a}, {e}) IS NOT NULL THEN {_open(call)} ELSE 0 END"
        ),
    )


def _array_remove(call: Call) -> str:
    def kept(a: str, e: str) -> str:
        unknown = f"list_filter({e}, lambda _o, _i: _o IS NULL AND {a}[_i] IS NOT NULL)"
        return (
            f"CASE WHEN len({unknown}) > 0 THEN {_open(call)}"
            f" ELSE list_filter({a}, lambda _e, _i: {e}[_i] IS DISTINCT FROM true) END"
        )

    return _searched(call, "trino_array_remove", kept)


def _searched(call: Call, macro_name: str, body: Callable[[str, str], str]) -> str:
    array, value = call.arguments
    element = call.types[0].element
    if is_plain(element):
        return f"{macro_name}({array}, {value})"

    def compared(a: str, x: str) -> str:
        found = bound((a, equalities(a, x, element)), body)
        return f"CASE WHEN {a} IS NOT NULL AND {x} IS NOT NULL THEN {found} END"

    return bound((array, value), compared)


def _open(call: Call) -> str:
    message = f"{call.name} does not support arrays with elements that are null or contain null"
    return fail("NOT_SUPPORTED", f"'{message}'", call.result)


scalar(
    "contains",
    "(array(T:comparable), T) -> boolean",
    "(varchar, ipaddress) -> boolean",
    sql=_contains,
    doc="Whether the array holds the element, or the network in CIDR notation the address.",
)
scalar(
    "array_position",
    "(array(T:comparable), T) -> bigint",
    sql=_array_position,
    doc="The index of the first such element, 0 when there is none.",
)
scalar(
    "array_remove",
    "(array(E:comparable), E) -> array(E)",
    sql=_array_remove,
    doc="The array without the elements that equal a value.",
)

# Sets, by identity ----------------------------------------------------------------------------

macro(
    "trino_contains_sequence",
    "(a, b) AS len(b) = 0 OR len(list_filter(list_filter(range(1, len(a) - len(b) + 2), lambda i:"
    " a[i] IS NOT DISTINCT FROM b[1]), lambda i: a[i:i + len(b) - 1] = b)) > 0",
)
macro(
    "trino_arrays_overlap",
    "(a, b) AS CASE WHEN list_has_any(a, b) THEN TRUE WHEN len(a) > 0 AND len(b) > 0 AND"
    " (list_position(a, NULL) > 0 OR list_position(b, NULL) > 0) THEN NULL"
    " ELSE list_has_any(a, b) END",
)
macro(
    "trino_array_distinct",
    f"(a, k) AS CASE WHEN {is_few('k')} THEN"
    " list_filter(a, lambda x, i: list_position(k, k[i]) = i)"
    " ELSE list_select(a, trino_first_places(k)) END",
)
macro(
    "trino_array_except",
    f"(a, k, b, l) AS CASE WHEN len(b) = 0 THEN a WHEN b IS NULL THEN NULL WHEN {is_few('a', 'b')}"
    " THEN list_filter(a, lambda x,"
    " i: list_position(k, k[i]) = i AND coalesce(list_position(l, k[i]), 0) = 0)"
    " ELSE list_select(a, trino_places_apart(k, l)) END",
)
# Trino goes through the longer array.
macro(
    "trino_array_intersect",
    "(a, k, b, l) AS CASE WHEN len(a) < len(b) THEN trino_array_common(b, l, k)"
    " WHEN b IS NOT NULL THEN trino_array_common(a, k, l) END",
)
macro(
    "trino_array_common",
    f"(a, k, l) AS CASE WHEN {is_few('a', 'l')} THEN list_filter(a, lambda x,"
    " i: list_position(k, k[i]) = i AND list_position(l, k[i]) > 0)"
    " ELSE list_select(a, trino_places_shared(k, l)) END",
)
macro(
    "trino_array_histogram",
    "(a, k) AS CASE WHEN a IS NOT NULL THEN list_transform([struct_pack(a := a,"
    " s := trino_sorted_places(k))], lambda x: list_transform([list_filter(trino_runs(x.s),"
    " lambda e: x.a[e.i] IS NOT NULL)], lambda r: map(list_transform(r, lambda e: x.a[e.i]),"
    " list_transform(r, lambda e: e.n)))[1])[1] END",
)


def _of_sets(name: str) -> Emit:
    return lambda call: by_keys(name, call.arguments, call.types[0].element)


def _of_keys(name: str) -> Emit:
    def emit(call: Call) -> str:
        element = call.types[0].element
        return f"{name}({', '.join(keys(each, element) for each in call.arguments)})"

    return emit


def _array_union(call: Call) -> str:
    first, second = call.arguments
    return by_keys("trino_array_distinct", (f"({first} || {second})",), call.types[0].element)


for _name, _emit, _doc in (
    ("array_distinct", _of_sets("trino_array_distinct"), "The array without repeated elements."),
    ("array_except", _of_sets("trino_array_except"), "What only the first array holds."),
    ("array_intersect", _of_sets("trino_array_intersect"), "What both arrays hold."),
    ("array_union", _array_union, "What either array holds."),
):
    _parameters = "array(E:comparable)" + ("" if _name == "array_distinct" else ", array(E)")
    scalar(_name, f"({_parameters}) -> array(E)", sql=_emit, doc=f"{_doc[:-1]}, each once.")
scalar(
    "array_histogram",
    "(array(T:comparable)) -> map(T,bigint)",
    sql=_of_sets("trino_array_histogram"),
    doc="How often each element occurs; NULLs are left out.",
)
scalar(
    "contains_sequence",
    "(array(T:comparable), array(T)) -> boolean",
    sql=_of_keys("trino_contains_sequence"),
    doc="Whether the second array's elements stand in the first one after the other.",
)
scalar(
    "arrays_overlap",
    "(array(E:comparable), array(E)) -> boolean",
    sql=_of_keys("trino_arrays_overlap"),
    doc="Whether two arrays share an element that is not NULL.",
)
