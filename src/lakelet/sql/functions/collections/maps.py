"""Maps: making them, joining them, and their parts."""

from lakelet.errors import TrinoError
from lakelet.sql.functions.binding import bound, row_by_row
from lakelet.sql.functions.collections.equality import INVALID, checked_map, first_entries, keys
from lakelet.sql.functions.operators import fail
from lakelet.sql.functions.registry import Call, scalar
from lakelet.types.duckdb import physical
from lakelet.types.model import Type


def _map(call: Call) -> str:
    if not call.arguments:
        return "map()"

    def body(names: str, values: str) -> str:
        uneven = fail(INVALID, "'Key and value arrays must be the same length'", call.result)
        return (
            f"CASE WHEN {names} IS NULL OR {values} IS NULL THEN NULL"
            f" WHEN len({names}) <> len({values}) THEN {uneven}"
            f" ELSE {checked_map(names, values, call.result, determinate=True)} END"
        )

    return bound(call.arguments, body)


def _map_from_entries(call: Call) -> str:
    return bound(call.arguments, lambda e: _checked_entries(e, call.types[0], call.result))


def _checked_entries(entries: str, of: Type, result: Type) -> str:
    null = fail(INVALID, "'map entry cannot be null'", result)
    names, values = _columns(entries, of)
    return (
        f"CASE WHEN {entries} IS NULL THEN NULL"
        f" WHEN len(list_filter({entries}, lambda _e: _e IS NULL)) > 0 THEN {null}"
        f" ELSE {checked_map(names, values, result)} END"
    )


def _columns(entries: str, of: Type) -> tuple[str, str]:
    """The keys and the values of an array of rows."""
    names = [name for name in of.element.fields if name]
    first, second = names if len(set(names)) == 2 else ("_1", "_2")
    return (
        f'list_transform({entries}, lambda _e: _e."{first}")',
        f'list_transform({entries}, lambda _e: _e."{second}")',
    )


def _multimap_from_entries(call: Call) -> str:
    def body(entries: str) -> str:
        null = fail(INVALID, "'map entry cannot be null'", call.result)
        no_key = fail(INVALID, "'map key cannot be null'", call.result)
        names, values = _columns(entries, call.types[0])
        made = f"trino_multimap(_k, {keys('_k', call.result.key)}, {values})"
        return (
            f"CASE WHEN {entries} IS NULL THEN NULL"
            f" WHEN len(list_filter({entries}, lambda _e: _e IS NULL)) > 0 THEN {null}"
            f" ELSE list_transform({row_by_row(names)}, lambda _k:"
            f" CASE WHEN list_position(_k, NULL) > 0 THEN {no_key} ELSE {made} END)[1] END"
        )

    return bound(call.arguments, body)


def _map_entries(call: Call) -> str:
    (entries,) = call.arguments
    row = physical(call.result.element)
    return (
        f"list_transform(map_entries({entries}), lambda _e: CAST(row(_e.key, _e.value) AS {row}))"
    )


def _map_concat(call: Call) -> str:
    if len(call.arguments) == 1:
        message = "There must be two or more concatenation arguments to map_concat"
        raise TrinoError(INVALID, message)

    def body(*maps: str) -> str:
        known = " AND ".join(f"{each} IS NOT NULL" for each in maps)
        # The last map comes first, and of a key the entry that comes first stays.
        entries = " || ".join(f"map_entries({each})" for each in reversed(maps))
        return f"CASE WHEN {known} THEN {first_entries(f'({entries})', call.result)} END"

    return bound(call.arguments, body)


scalar(
    "map",
    "() -> map(unknown,unknown)",
    "(array(K:comparable), array(V)) -> map(K,V)",
    sql=_map,
    doc="A map of an array of keys and an array of values.",
)
scalar(
    "map_from_entries",
    "(array(row(K:comparable,V))) -> map(K,V)",
    sql=_map_from_entries,
    doc="A map of an array of rows of key and value.",
)
scalar(
    "multimap_from_entries",
    "(array(row(K:comparable,V))) -> map(K,array(V))",
    sql=_multimap_from_entries,
    doc="A map from each key to the array of its values.",
)
scalar(
    "map_entries",
    "(map(K,V)) -> array(row(K,V))",
    sql=_map_entries,
    doc="The entries as rows of key and value.",
)
scalar("map_keys", "(map(K,V)) -> array(K)", sql="map_keys({0})", doc="The keys of a map.")
scalar("map_values", "(map(K,V)) -> array(V)", sql="map_values({0})", doc="The values of a map.")
scalar(
    "map_concat",
    "(map(K,V), ...) -> map(K,V)",
    sql=_map_concat,
    doc="The entries of all maps; of a key in several the last one's value.",
)
