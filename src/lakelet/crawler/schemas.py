"""Types of columns from values seen, and schemas that are merged or compared.

A type is a value of `Kind`: scalars by name, structs and arrays with what is inside.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

INT_MAX = 2**31 - 1
SIMILARITY = 0.7
"""How much of two schemas must agree for one table (Glue's threshold)."""


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


def of_json(value: Any) -> Kind:
    """The kind of a value of JSON."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return Kind("boolean")
    if isinstance(value, int):
        return Kind("int" if abs(value) <= INT_MAX else "bigint")
    if isinstance(value, float):
        return Kind("double")
    if isinstance(value, dict):
        fields: dict[str, Kind] = {}
        for name, each in value.items():
            fields[name.lower()] = merged(fields.get(name.lower(), NULL), of_json(each))
        return Kind("struct", tuple(fields.items()))
    if isinstance(value, list):
        return Kind("array", element=merged_all(map(of_json, value)))
    return STRING


_WIDTH = {"int": 0, "bigint": 1, "double": 2}


def merged(a: Kind, b: Kind) -> Kind:
    """The kind that holds both; what has none in common is text."""
    if a == b or b.name == "null":
        return a
    if a.name == "null":
        return b
    if a.name in _WIDTH and b.name in _WIDTH:
        return max(a, b, key=lambda kind: _WIDTH[kind.name])
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


def similar(a: Schema, b: Schema) -> bool:
    """Whether two schemas may be one table's: most columns have the same name and a kind alike."""
    if not a or not b:
        return a == b
    alike = sum(1 for name in a if name in b and _alike(a[name], b[name]))
    return alike / max(len(a), len(b)) > SIMILARITY or alike == min(len(a), len(b))


def _alike(a: Kind, b: Kind) -> bool:
    return a.name in ("null", b.name) or b.name == "null" or {a.name, b.name} <= set(_WIDTH)
