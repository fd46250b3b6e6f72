"""A result as the values of its JSON document, by writers that are built once a shape.

What is in a document as it is in a result is taken over: most scalars, and structures of them.
"""

import base64
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from orjson import Fragment

from lakelet.wire import timestamps

Seen = dict[tuple[int, str], Any]
"""What was written of each list of a result, by its identity and the name of its shape: partitions
share their table's columns."""

Write = Callable[[Any, Seen], Any]


@lru_cache(maxsize=4096)
def writer(shape: Any, spoken: str) -> Write:
    """The writer of a document's root, in one of the protocols that speak JSON."""
    return _Writers(spoken).document(shape)


class _Writers:
    """The writers of one document's shapes, of which some hold themselves; None for values that
    are taken over as they are."""

    def __init__(self, spoken: str) -> None:
        self._spoken = spoken
        self._made: dict[str, Write | None] = {}
        self._building: set[str] = set()

    def document(self, shape: Any) -> Write:
        """That of the root, or of the part of it that stands in the body."""
        inside = {
            name: (key, write)
            for name, (key, write) in self._members(shape).items()
            if self._spoken == "json" or "location" not in shape.members[name].serialization
        }
        return _structure(inside)

    def of(self, shape: Any) -> Write | None:
        name = shape.name
        if name in self._building:
            return lambda value, seen: _as_written(self._made[name], value, seen)
        if shape.type_name not in ("structure", "list", "map"):
            return self._scalar(shape)
        if name not in self._made:
            self._building.add(name)
            self._made[name] = self._build(shape)
            self._building.discard(name)
        return self._made[name]

    def _build(self, shape: Any) -> Write | None:
        if getattr(shape, "is_document_type", False):
            return None
        if shape.type_name == "structure":
            members = self._members(shape)
            is_plain = all(key == name and not write for name, (key, write) in members.items())
            return _plain(frozenset(members)) if is_plain else _structure(members)
        if shape.type_name == "list":
            item = self.of(shape.member)
            return _list(item, shape.name) if item else _listed
        value = self.of(shape.value)
        return _map(value) if value else None

    def _members(self, shape: Any) -> dict[str, tuple[str, Write | None]]:
        """Names in a document and writers of the members, by the members' names."""
        return {
            name: (member.serialization.get("name", name), self.of(member))
            for name, member in shape.members.items()
        }

    def _scalar(self, shape: Any) -> Write | None:
        if shape.type_name == "timestamp":
            form = timestamps.form_of(shape, "json")
            return lambda value, seen: timestamps.write(value, form)
        return _blob if shape.type_name == "blob" else None


def _as_written(write: Write | None, value: Any, seen: Seen) -> Any:
    return value if write is None else write(value, seen)


def _structure(members: Mapping[str, tuple[str, Write | None]]) -> Write:
    find = members.get

    def write(value: Any, seen: Seen) -> Any:
        found = {}
        for name, given in value.items():
            if given is not None and (member := find(name)) is not None:
                key, change = member
                found[key] = given if change is None else change(given, seen)
        return found

    return write


def _plain(names: frozenset[str]) -> Write:
    """A structure whose members are taken over under their own names."""

    def write(value: Any, seen: Seen) -> Any:
        if value.keys() <= names and None not in value.values():
            return value
        return {key: each for key, each in value.items() if each is not None and key in names}

    return write


def _list(item: Write, name: str) -> Write:
    """A list that comes again is written once; one that is written already is taken over."""

    def write(value: Any, seen: Seen) -> Any:
        if type(value) is Fragment:
            return value
        key = id(value), name
        if key not in seen:
            seen[key] = [item(each, seen) for each in value]
        return seen[key]

    return write


def _listed(value: Any, seen: Seen) -> Any:
    return value if type(value) is list else list(value)


def _map(item: Write) -> Write:
    return lambda value, seen: {key: item(each, seen) for key, each in value.items()}


def _blob(value: Any, seen: Seen) -> str:
    data = value.encode() if isinstance(value, str) else bytes(value)
    return base64.b64encode(data).decode()
