"""Elements and keys told apart as Trino does, whatever DuckDB compares of them.

Trino has two ways. Sets, groups and the keys that a map is made of go by identity: NaN is itself,
NULL is one more value, a moment with a time zone is its instant. Looking for an element or a key
goes by the operator `=`: NaN equals nothing, and a NULL inside a value leaves it open.
"""

from math import isnan
from typing import Any, Final

from lakelet.sql.emitter.comparison import equal, key
from lakelet.sql.emitter.text import object_text
from lakelet.sql.functions.binding import bound, parameter, row_by_row
from lakelet.sql.functions.operators import fail
from lakelet.sql.functions.registry import NOT_CONSTANT
from lakelet.types.model import Type, array

INVALID: Final = "INVALID_FUNCTION_ARGUMENT"
_FLOATING: Final = ("real", "double")


def keys(values: str, element: Type) -> str:
    """What stands for the elements of a list where identity counts; often the list itself."""
    return key(values, array(element))


def is_plain(of: Type) -> bool:
    """Whether DuckDB's `=` and `list_position` find what Trino's `=` finds."""
    return not of.arguments and of.name not in _FLOATING and key("x", of) == "x"


def by_keys(macro: str, lists: tuple[str, ...], element: Type) -> str:
    """A macro over lists, each followed by its keys."""
    if keys("x", element) == "x":
        both = [text for each in lists for text in (each, each)]
        return f"{macro}({', '.join(both)})"

    def body(*bounds: str) -> str:
        return f"{macro}({', '.join(f'{each}, {keys(each, element)}' for each in bounds)})"

    return bound(lists, body)


def equalities(values: str, value: str, element: Type) -> str:
    """For each element of a list whether it equals a value: true, false or NULL."""
    name = parameter(values + value)
    return f"list_transform({values}, lambda {name}: {equal(name, value, element)})"


def position(values: str, value: str, element: Type) -> str:
    """Where a list has a value, from 1; NULL when nowhere or when that is open."""
    if is_plain(element):
        return f"list_position({values}, {value})"
    if element.arguments or element.name in _FLOATING:
        return f"list_position({equalities(values, value, element)}, true)"
    return f"list_position({keys(values, element)}, {key(value, element)})"


def looked_up(entries: str, value: str, of: Type, constant: Any = NOT_CONSTANT) -> str:
    """The value of a key, which may be a constant, in a map of type `of`; NULL when there is none.

    DuckDB finds NaN too, which equals nothing.
    """
    number = of.key.name in _FLOATING and isinstance(constant, float) and not isnan(constant)
    if number or is_plain(of.key):
        return f"{entries}[{value}]"
    return f"map_values({entries})[{position(f'map_keys({entries})', value, of.key)}]"


def has_key(entries: str, value: str, of: Type) -> str:
    """Whether a map of type `of` has a key."""
    if is_plain(of.key):
        return f"map_contains({entries}, {value})"
    return f"({position(f'map_keys({entries})', value, of.key)} IS NOT NULL)"


def checked_map(names: str, values: str, of: Type, *, determinate: bool = False) -> str:
    """A map of keys that may be NULL or repeated, which Trino refuses; if they must be
    `determinate` also of keys with a NULL inside."""
    null = fail(INVALID, "'map key cannot be null'", of)
    message = f"'Duplicate map keys (' || {object_text('_k[_d]', of.key)} || ') are not allowed'"
    twice = fail(INVALID, message, of)
    made = (
        f"list_transform([{_first_repeated('_k', of.key)}], lambda _d:"
        f" CASE WHEN _d IS NOT NULL THEN {twice} ELSE map(_k, {values}) END)[1]"
    )
    if determinate and of.key.arguments:
        made = _determinate(made, of)
    return (
        f"list_transform({row_by_row(names)}, lambda _k:"
        f" CASE WHEN list_position(_k, NULL) > 0 THEN {null} ELSE {made} END)[1]"
    )


def _determinate(made: str, of: Type) -> str:
    open_ = f"list_filter(_k, lambda _o: {equal('_o', '_o', of.key)} IS NULL)"
    message = f"'map key cannot be indeterminate: ' || {object_text(f'{open_}[1]', of.key)}"
    refused = fail(INVALID, message, of)
    return f"CASE WHEN len({open_}) > 0 THEN {refused} ELSE {made} END"


def _first_repeated(names: str, of: Type) -> str:
    """The index of the first key that stood before; NULL when all differ."""
    told_apart = keys(names, of)
    found = (
        f"list_transform([{told_apart}], lambda _t: list_filter(range(1, len(_t) + 1),"
        " lambda _i: list_position(_t, _t[_i]) <> _i)[1])[1]"
    )
    if is_plain(of):
        return f"CASE WHEN list_unique({names}) < len({names}) THEN {found} END"
    return found


def first_entries(entries: str, of: Type) -> str:
    """A map of type `of` from a list of entries, of which the first of a key stays."""
    told_apart = keys("list_transform(_l, lambda _e: _e.key)", of.key)
    made = f"map_from_entries(list_select(_l, trino_first_places({told_apart})))"
    return f"list_transform([{entries}], lambda _l: {made})[1]"
