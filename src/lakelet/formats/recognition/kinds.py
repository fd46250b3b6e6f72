"""Types of columns from values seen, and schemas that are merged.

A type is a value of `Kind`: scalars by name, structs and arrays with what is inside.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

INT_MAX = 2**31 - 1
_MAX_DEPTH = 100
"""Levels of a type; what lies deeper is a text."""

_INTEGER = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Kind:
    """A Hive type in the making; `null` is a column of which no value was seen."""

    name: str
    fields: tuple[tuple[str, "Kind"], ...] = ()
    element: "Kind | None" = None

    def hive(self) -> str:
        """Its Hive word; what was never seen is a string."""
        if self.name == "null":
            return "string"
        if self.name == "struct":
            inside = ",".join(f"{name}:{kind.hive()}" for name, kind in self.fields)
            return f"struct<{inside}>" if inside else "string"
        if self.name == "array":
            return f"array<{self.element.hive() if self.element else 'string'}>"
        return self.name


NULL = Kind("null")
STRING = Kind("string")
Schema = Mapping[str, Kind]


def of_text(text: str) -> Kind:
    """The kind of a value that stands as text, as in CSV; nothing is known of an empty one."""
    if not text or text == "\\N":
        return NULL
    if _INTEGER.fullmatch(text):
        return Kind("bigint")
    return Kind("double") if _NUMBER.fullmatch(text) else STRING


def of_json(value: Any, of_string: Callable[[str], Kind] = lambda text: STRING) -> Kind:
    """The kind of a value of JSON; `of_string` says what a text is."""
    return _of_json(value, of_string, 0)


def _of_json(value: Any, of_string: Callable[[str], Kind], depth: int) -> Kind:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return Kind("boolean")
    if isinstance(value, int):
        return Kind("int" if abs(value) <= INT_MAX else "bigint")
    if isinstance(value, float):
        return Kind("double")
    if isinstance(value, str):
        return of_string(value)
    if depth > _MAX_DEPTH:
        return STRING
    if isinstance(value, dict):
        fields: dict[str, Kind] = {}
        for name, each in value.items():
            of = _of_json(each, of_string, depth + 1)
            fields[name.lower()] = merged(fields.get(name.lower(), NULL), of)
        return Kind("struct", tuple(fields.items()))
    return Kind("array", element=merged_all(_of_json(e, of_string, depth + 1) for e in value))


WIDTH = {"int": 0, "bigint": 1, "double": 2}
"""Numbers that another holds, the narrowest first."""


def merged(a: Kind, b: Kind) -> Kind:
    """The kind that holds both; what has none in common is text."""
    if a == b or b.name == "null":
        return a
    if a.name == "null":
        return b
    if a.name in WIDTH and b.name in WIDTH:
        return max(a, b, key=lambda kind: WIDTH[kind.name])
    if a.name == b.name == "struct":
        return Kind("struct", tuple(merge_schemas(dict(a.fields), dict(b.fields)).items()))
    if a.name == b.name == "array":
        return Kind("array", element=merged(a.element or NULL, b.element or NULL))
    return STRING


def merged_all(kinds: Iterable[Kind]) -> Kind:
    found = NULL
    for kind in kinds:
        found = merged(found, kind)
    return found


def merge_schemas(a: Schema, b: Schema) -> dict[str, Kind]:
    """All columns of both, the first one's order first."""
    found = dict(a)
    for name, kind in b.items():
        found[name] = merged(found.get(name, NULL), kind)
    return found
