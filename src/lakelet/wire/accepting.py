"""The parameters of a request that has no fault, read and tested in one pass.

Readers are built once a shape. What they doubt is left to `parsing` and `validating`, which find
the words for it.
"""

import base64
import binascii
import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import orjson

from lakelet.wire import timestamps
from lakelet.wire.documents import whole
from lakelet.wire.models import operation_model, protocol
from lakelet.wire.parsing import Parameters, parse
from lakelet.wire.routing import Routed
from lakelet.wire.validating import compiled, validate

Seen = dict[int, tuple[Any, Any]]
"""The list of each shape that was read last in a request, as it came and as it was read."""

Read = Callable[[Any, Seen], Any]
"""Reads a value from its JSON. Raises Doubt."""


class Doubt(Exception):  # noqa: N818 - not yet an error
    """A value that is not plainly as its shape says."""


_FAULTS = (Doubt, ValueError, OverflowError, RecursionError, binascii.Error)


def accepted(routed: Routed) -> Parameters:
    """A request's parameters. Raises MalformedError, and AwsError for a broken constraint."""
    if protocol(routed.service) == "json":
        body = whole(routed.request.body)
        try:
            read = reader(routed.service, routed.operation)
            parameters: Parameters = read(orjson.loads(body or b"{}"), {})
            return parameters
        except _FAULTS:
            routed = replace(routed, request=replace(routed.request, body=io.BytesIO(body)))
    parameters = parse(routed)
    validate(routed.service, routed.operation, parameters)
    return parameters


@lru_cache(maxsize=1024)
def reader(service: str, operation: str) -> Read:
    """The reader of an operation's parameters."""
    shape = operation_model(service, operation).input_shape
    return _Readers().of(shape) if shape is not None else lambda value, seen: {}


class _Readers:
    """The readers of one operation's shapes, of which some hold themselves."""

    def __init__(self) -> None:
        self._made: dict[str, Read] = {}
        self._building: set[str] = set()

    def of(self, shape: Any) -> Read:
        if shape.name in self._building:
            return lambda value, seen: self._made[shape.name](value, seen)
        if shape.name not in self._made:
            self._building.add(shape.name)
            self._made[shape.name] = self._build(shape)
            self._building.discard(shape.name)
        return self._made[shape.name]

    def _build(self, shape: Any) -> Read:
        if getattr(shape, "is_document_type", False):
            return lambda value, seen: value
        build = {"structure": self._structure, "list": self._list, "map": self._map}
        return build.get(shape.type_name, _scalar)(shape)

    def _structure(self, shape: Any) -> Read:
        required = tuple(shape.required_members)
        members = {
            member.serialization.get("name", name): (name, self.of(member))
            for name, member in shape.members.items()
        }
        find = members.get

        def read(value: Any, seen: Seen) -> Any:
            if type(value) is not dict:
                raise Doubt
            found = {}
            for key, given in value.items():
                if given is not None and (member := find(key)) is not None:
                    found[member[0]] = member[1](given, seen)
            for name in required:
                if name not in found:
                    raise Doubt
            return found

        return read

    def _list(self, shape: Any) -> Read:
        low, high = _bounds(shape)
        item = self.of(shape.member)

        def read(value: Any, seen: Seen) -> Any:
            if type(value) is not list or not low <= len(value) <= high:
                raise Doubt
            return [item(each, seen) for each in value]

        return _once(read, id(shape)) if _is_of_texts(shape, ()) else read

    def _map(self, shape: Any) -> Read:
        low, high = _bounds(shape)
        key, item = self.of(shape.key), self.of(shape.value)

        def read(value: Any, seen: Seen) -> Any:
            if type(value) is not dict or not low <= len(value) <= high:
                raise Doubt
            return {key(name, seen): item(each, seen) for name, each in value.items()}

        return read


def _once(read: Read, identity: int) -> Read:
    """Reads a list that is as the one before it no more: partitions repeat their table's columns.

    Equal means the same only of texts: 1 equals True.
    """

    def reading(value: Any, seen: Seen) -> Any:
        before = seen.get(identity)
        if before is not None and before[0] == value:
            return before[1]
        found = read(value, seen)
        seen[identity] = value, found
        return found

    return reading


def _is_of_texts(shape: Any, above: tuple[str, ...]) -> bool:
    """Whether every scalar of a shape is a text; a shape that holds itself is left out."""
    if shape.name in above:
        return False
    above = (*above, shape.name)
    if shape.type_name == "list":
        return _is_of_texts(shape.member, above)
    if shape.type_name == "map":
        return _is_of_texts(shape.value, above)
    if shape.type_name == "structure":
        if getattr(shape, "is_document_type", False):
            return False
        return all(_is_of_texts(member, above) for member in shape.members.values())
    return bool(shape.type_name == "string")


# Scalars ------------------------------------------------------------------------------------


def _scalar(shape: Any) -> Read:
    if shape.type_name == "string":
        return _text(shape)
    if shape.type_name in _NUMBERS:
        return _number(shape, *_NUMBERS[shape.type_name])
    return _OTHERS.get(shape.type_name, _doubtful)


def _text(shape: Any) -> Read:
    low, high = _bounds(shape)
    allowed = frozenset(shape.enum or ())
    pattern = shape.metadata.get("pattern")
    matches = compiled(pattern).fullmatch if pattern else None

    def read(value: Any, seen: Seen) -> Any:
        if type(value) is not str or not low <= len(value) <= high:
            raise Doubt
        if (allowed and value not in allowed) or (matches and matches(value) is None):
            raise Doubt
        return value

    return read


def _number(shape: Any, kinds: tuple[type, ...], make: type, size: float) -> Read:
    low, high = _bounds(shape)
    low, high = max(low, -size), min(high, size - 1)

    def read(value: Any, seen: Seen) -> Any:
        if type(value) not in kinds or not low <= value <= high:
            raise Doubt
        return make(value)

    return read


def _boolean(value: Any, seen: Seen) -> Any:
    if type(value) is not bool:
        raise Doubt
    return value


def _timestamp(value: Any, seen: Seen) -> Any:
    if type(value) not in (int, float):
        raise Doubt
    return timestamps.read(value)


def _blob(value: Any, seen: Seen) -> Any:
    if type(value) is not str:
        raise Doubt
    return base64.b64decode(value, validate=True)


def _doubtful(value: Any, seen: Seen) -> Any:
    raise Doubt


_INFINITE = float("inf")
_NUMBERS: Mapping[str, tuple[tuple[type, ...], type, float]] = {
    "integer": ((int,), int, 2**31),
    "long": ((int,), int, 2**63),
    "float": ((int, float), float, _INFINITE),
    "double": ((int, float), float, _INFINITE),
}
_OTHERS: Mapping[str, Read] = {"boolean": _boolean, "timestamp": _timestamp, "blob": _blob}


def _bounds(shape: Any) -> tuple[float, float]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    return -_INFINITE if least is None else least, _INFINITE if most is None else most
