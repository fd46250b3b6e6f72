"""Avro schemas: whether one is well formed, and whether one reads what another has written.

The rules are those of "Schema Resolution" in the Avro specification.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from lakelet.errors import InvalidInput

_PRIMITIVES = {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}
_PROMOTED = {
    "int": {"long", "float", "double"},
    "long": {"float", "double"},
    "float": {"double"},
    "string": {"bytes"},
    "bytes": {"string"},
}
"""What a reader may make of a writer's type."""


@dataclass(eq=False, slots=True)
class Node:
    """A type. `parts` are a union's branches, an array's items or a map's values."""

    kind: str
    name: str = ""
    aliases: frozenset[str] = frozenset()
    parts: list["Node"] = field(default_factory=list)
    fields: list["Field"] = field(default_factory=list)
    symbols: frozenset[str] = frozenset()
    size: int = 0
    has_default: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A record's field."""

    name: str
    aliases: frozenset[str]
    type: Node
    has_default: bool


def parse(definition: str) -> Node:
    """Raises InvalidInput for what is no Avro schema."""
    try:
        return _Reader().node(json.loads(definition), "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidInput(f"Schema definition of AVRO data format is invalid: {error}") from error


def reads(reader: Node, writer: Node) -> bool:
    """Whether data of the writer's schema can be read by the reader's."""
    return _reads(reader, writer, set())


class _Reader:
    """One schema, whose named types may be used after they are defined."""

    def __init__(self) -> None:
        self._named: dict[str, Node] = {}

    def node(self, given: Any, space: str) -> Node:
        if isinstance(given, list):
            if any(isinstance(each, list) for each in given):
                raise ValueError("unions may not immediately contain other unions")
            return Node("union", parts=[self.node(each, space) for each in given])
        if isinstance(given, str):
            return self._known(given, space)
        kind = given["type"]
        if kind in ("record", "error", "enum", "fixed"):
            return self._of_name(given, kind, space)
        if kind == "array":
            return Node("array", parts=[self.node(given["items"], space)])
        if kind == "map":
            return Node("map", parts=[self.node(given["values"], space)])
        return self.node(kind, space)

    def _known(self, name: str, space: str) -> Node:
        if name in _PRIMITIVES:
            return Node(name)
        for full in (name, f"{space}.{name}"):
            if full in self._named:
                return self._named[full]
        raise ValueError(f"undefined name: {name}")

    def _of_name(self, given: dict[str, Any], kind: str, space: str) -> Node:
        name = given["name"]
        if "." not in name and given.get("namespace", space):
            name = f"{given.get('namespace', space)}.{name}"
        if name in self._named:
            raise ValueError(f"can't redefine: {name}")
        node = Node("record" if kind == "error" else kind, name, _last_parts(given))
        self._named[name] = node
        if kind == "enum":
            node.symbols, node.has_default = frozenset(given["symbols"]), "default" in given
        elif kind == "fixed":
            node.size = int(given["size"])
        else:
            inner = name.rpartition(".")[0]
            node.fields = [self._field(each, inner) for each in given["fields"]]
        return node

    def _field(self, given: dict[str, Any], space: str) -> Field:
        of = self.node(given["type"], space)
        return Field(given["name"], _last_parts(given), of, "default" in given)


def _last_parts(given: dict[str, Any]) -> frozenset[str]:
    return frozenset(_last(alias) for alias in given.get("aliases", ()))


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _reads(reader: Node, writer: Node, met: set[tuple[int, int]]) -> bool:
    pair = id(reader), id(writer)
    if pair in met:
        return True
    met.add(pair)
    if writer.kind == "union":
        return all(_reads(reader, branch, met) for branch in writer.parts)
    if reader.kind == "union":
        return any(_reads(branch, writer, set(met)) for branch in reader.parts)
    if reader.kind != writer.kind:
        return reader.kind in _PROMOTED.get(writer.kind, ())
    if reader.kind in ("array", "map"):
        return _reads(reader.parts[0], writer.parts[0], met)
    return _reads_named(reader, writer, met)


def _reads_named(reader: Node, writer: Node, met: set[tuple[int, int]]) -> bool:
    """Types of one kind: records, enums and fixed are told apart by their names."""
    if _last(writer.name) not in {_last(reader.name), *reader.aliases}:
        return False
    if reader.kind == "enum":
        return reader.has_default or writer.symbols <= reader.symbols
    if reader.kind == "fixed":
        return reader.size == writer.size
    written = {each.name: each for each in writer.fields}
    return all(_reads_field(each, written, met) for each in reader.fields)


def _reads_field(reader: Field, written: dict[str, Field], met: set[tuple[int, int]]) -> bool:
    names = [name for name in (reader.name, *reader.aliases) if name in written]
    if not names:
        return reader.has_default
    return _reads(reader.type, written[names[0]].type, met)
