"""A routed request as the operation's parameters, in botocore's own shape.

Only what the model names is read; members that it does not know are passed over, as AWS does.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from lakelet.wire import s3_texts, timestamps
from lakelet.wire.chunks import decoded
from lakelet.wire.documents import whole
from lakelet.wire.faults import MalformedError
from lakelet.wire.messages import Request
from lakelet.wire.models import operation_model, protocol
from lakelet.wire.routing import Routed

Parameters = dict[str, Any]
_ABSENT = object()
_MAX_DEPTH = 200


def parse(routed: Routed) -> Parameters:
    """The parameters; a streaming body stays a reader. Raises MalformedError."""
    shape = operation_model(routed.service, routed.operation).input_shape
    spoken = protocol(routed.service)
    if shape is None:
        return {}
    try:
        if spoken == "json":
            return _of_json(shape, _json_body(routed.request)) or {}
        if spoken == "query":
            return _of_form(shape, routed.labels, "") or {}
        return _of_rest(shape, routed, spoken)
    except RecursionError as error:
        raise MalformedError("The request is nested too deeply") from error


# JSON ---------------------------------------------------------------------------------------


def _json_body(request: Request) -> Any:
    body = whole(request.body)
    if not body:
        return {}
    try:
        found = json.loads(body)
        if b"\\u" in body:  # half a surrogate pair is no text
            json.dumps(found, ensure_ascii=False).encode()
    except ValueError as error:
        raise MalformedError("Unable to parse the request body as JSON") from error
    return found


def _of_json(shape: Any, value: Any) -> Any:
    kind = shape.type_name
    if value is None or (kind == "string" and type(value) is str):
        return value
    return _JSON.get(kind, _json_scalar)(shape, value)


def _json_structure(shape: Any, value: Any) -> Any:
    if getattr(shape, "is_document_type", False):  # any JSON
        return value
    if not isinstance(value, dict):
        raise _unexpected(value, "Map")
    members = _json_members(shape)
    found = {}
    for key, given in value.items():
        if given is not None and key in members:
            name, member = members[key]
            found[name] = _of_json(member, given)
    return found


@lru_cache(maxsize=4096)
def _json_members(shape: Any) -> dict[str, tuple[str, Any]]:
    """Members by the names that they have in a document."""
    return {
        member.serialization.get("name", name): (name, member)
        for name, member in shape.members.items()
    }


def _json_list(shape: Any, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _unexpected(value, "Collection")
    return [_of_json(shape.member, item) for item in value]


def _json_map(shape: Any, value: Any) -> Parameters:
    if not isinstance(value, dict):
        raise _unexpected(value, "Map")
    return {key: _of_json(shape.value, item) for key, item in value.items()}


def _json_scalar(shape: Any, value: Any) -> Any:
    kinds, word = _JSON_KINDS[shape.type_name]
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise _unexpected(value, word)
    size = _SIZES.get(shape.type_name)
    if size is not None and isinstance(value, int) and not -size <= value < size:
        raise MalformedError(f"Numeric value ({value}) out of range of {word.lower()}")
    return _scalar(shape, value)


_SIZES = {"integer": 2**31, "long": 2**63}


_JSON: dict[str, Callable[[Any, Any], Any]] = {
    "structure": _json_structure,
    "list": _json_list,
    "map": _json_map,
}
_JSON_KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "string": ((str,), "String"),
    "character": ((str,), "String"),
    "blob": ((str,), "ByteBuffer"),
    "boolean": ((bool,), "Boolean"),
    "integer": ((int,), "Integer"),
    "long": ((int,), "Long"),
    "float": ((int, float, str), "Float"),
    "double": ((int, float, str), "Double"),
    "timestamp": ((int, float, str), "Date"),
}
_TOKENS = {str: "STRING_VALUE", bool: "TRUE_VALUE", int: "NUMBER_VALUE", float: "DECIMAL_VALUE"}


def _unexpected(value: Any, word: str) -> MalformedError:
    """In the words of AWS's JSON services."""
    if isinstance(value, dict | list):
        start = "structure" if isinstance(value, dict) else "list"
        return MalformedError(f"Start of {start} or map found where not expected.")
    token = "FALSE_VALUE" if value is False else _TOKENS.get(type(value), "VALUE")
    return MalformedError(
        f"{token} can not be converted to {'an' if word[0] in 'I' else 'a'} {word}"
    )


# Scalars ------------------------------------------------------------------------------------

_NUMBERS: dict[str, Callable[[Any], Any]] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
}


def _scalar(shape: Any, value: Any) -> Any:
    """A scalar from its text or its JSON value."""
    kind = shape.type_name
    try:
        if kind in _NUMBERS:
            return _NUMBERS[kind](value)
        if kind == "boolean":
            return value if isinstance(value, bool) else {"true": True, "false": False}[value]
        if kind == "timestamp":
            return timestamps.read(value)
        if kind == "blob":
            return base64.b64decode(value, validate=True)
    except (ValueError, KeyError, OverflowError, binascii.Error) as error:
        raise MalformedError(f"{value!r} is not a {kind}") from error
    return value


# Forms (the query protocol) -------------------------------------------------------------------


def _of_form(shape: Any, form: Mapping[str, str], prefix: str) -> Any:
    kind = shape.type_name
    if kind == "structure":
        members = {
            name: _of_form(member, form, _joined(prefix, member.serialization.get("name", name)))
            for name, member in shape.members.items()
        }
        found = {name: value for name, value in members.items() if value is not None}
        return found or None
    if kind == "list":
        return _form_list(shape, form, prefix)
    if kind == "map":
        return _form_map(shape, form, prefix)
    text = form.get(prefix)
    return None if text is None else _scalar(shape, text)


def _form_list(shape: Any, form: Mapping[str, str], prefix: str) -> list[Any] | None:
    if form.get(prefix) == "":
        return []
    name = shape.member.serialization.get("name", "member")
    if shape.serialization.get("flattened"):
        base = prefix
        if shape.member.serialization.get("name"):
            base = _joined(prefix.rpartition(".")[0], name)
    else:
        base = _joined(prefix, name)
    count = _form_count(form, base)
    items = (_of_form(shape.member, form, f"{base}.{number}") for number in range(1, count + 1))
    return list(items) if count else None


def _form_map(shape: Any, form: Mapping[str, str], prefix: str) -> Parameters | None:
    base = prefix if shape.serialization.get("flattened") else f"{prefix}.entry"
    key = shape.key.serialization.get("name", "key")
    value = shape.value.serialization.get("name", "value")
    count = _form_count(form, base)
    found = {
        form.get(f"{base}.{number}.{key}", ""): _of_form(
            shape.value, form, f"{base}.{number}.{value}"
        )
        for number in range(1, count + 1)
    }
    return found or None


def _form_count(form: Mapping[str, str], base: str) -> int:
    """How many items stand under a name, numbered from 1 without a gap."""
    start = f"{base}."
    numbers = {name[len(start) :].partition(".")[0] for name in form if name.startswith(start)}
    count = 0
    while str(count + 1) in numbers:
        count += 1
    return count


def _joined(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


# REST ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Places:
    """The members of a request by where they stand, under the names that they have there."""

    labels: Mapping[str, tuple[str, Any]]
    headers: Mapping[str, tuple[str, Any]]
    prefixes: Mapping[str, str]
    query: Mapping[str, tuple[str, Any]]
    payload: str | None
    has_document: bool


@lru_cache(maxsize=1024)
def _places(shape: Any) -> _Places:
    found: dict[str, dict[str, tuple[str, Any]]] = {}
    for name, member in shape.members.items():
        location = member.serialization.get("location", "")
        key = member.serialization.get("name", name)
        key = key.lower() if location.startswith("header") else key
        found.setdefault(location, {})[key] = name, member
    return _Places(
        found.get("uri", {}),
        found.get("header", {}),
        {prefix: name for prefix, (name, _) in found.get("headers", {}).items()},
        found.get("querystring", {}),
        shape.serialization.get("payload"),
        "" in found,
    )


def _of_rest(shape: Any, routed: Routed, spoken: str) -> Parameters:
    places = _places(shape)
    headers = routed.request.headers
    found: Parameters = {
        name: _scalar(member, routed.labels[key]) for key, (name, member) in places.labels.items()
    }
    read = s3_texts.read if spoken == "rest-xml" else _of_place
    for header, text in headers.items():
        place = places.headers.get(header)
        if place is not None:
            value = _of_header(place[1], header, text, read)
            if value is not None:
                found[place[0]] = value
    for prefix, name in places.prefixes.items():
        cut = len(prefix)
        named = {key[cut:]: text for key, text in headers.items() if key.startswith(prefix)}
        if named:
            found[name] = named
    if routed.request.query:
        found.update(_of_query_string(places, routed.request.query, read))
    if places.payload:
        value = _payload(shape.members[places.payload], routed.request, spoken)
        if value is not _ABSENT:
            found[places.payload] = value
    elif places.has_document:
        found.update(_document(shape, routed.request, spoken) or {})
    return found


ReadText = Callable[[Any, str, str], Any]
"""A scalar from its shape, the header or the query's name that it has, and its text."""


def _of_place(member: Any, key: str, text: str) -> Any:
    return _scalar(member, text)


def _of_query_string(places: _Places, text: str, read: ReadText) -> Parameters:
    query = parse_qsl(text, keep_blank_values=True)
    values = {
        name: _of_query(member, key, query, read) for key, (name, member) in places.query.items()
    }
    return {name: value for name, value in values.items() if value not in (_ABSENT, None)}


def _of_query(member: Any, key: str, query: list[tuple[str, str]], read: ReadText) -> Any:
    if member.type_name == "map":
        known = {name: value for name, value in query}
        if member.value.type_name == "list":
            return {name: [v for n, v in query if n == name] for name in known} or _ABSENT
        return known or _ABSENT
    values = [value for name, value in query if name == key]
    if not values:
        return _ABSENT
    if member.type_name == "list":
        return [_scalar(member.member, value) for value in values]
    return read(member, key, values[0])


def _of_header(member: Any, header: str, text: str, read: ReadText) -> Any:
    if member.type_name == "list":
        return [_scalar(member.member, item.strip()) for item in text.split(",")]
    if member.serialization.get("jsonvalue"):
        return json.loads(base64.b64decode(text))
    return read(member, header, text)


def _payload(member: Any, request: Request, spoken: str) -> Any:
    """The whole body as one member: a reader, bytes, text or a document."""
    if member.type_name == "blob":
        body = decoded(request)
        return body if member.serialization.get("streaming") else whole(body, of_s3=True)
    if member.type_name == "string":
        return whole(request.body, of_s3=True).decode("utf-8", "replace")
    value = _document(member, request, spoken)
    return _ABSENT if value is None else value


def _document(shape: Any, request: Request, spoken: str) -> Any:
    if spoken == "rest-json":
        return _of_json(_without_places(shape), _json_body(request))
    body = whole(decoded(request), of_s3=True)
    if not body:
        return None
    try:
        return _of_xml(_without_places(shape), [ElementTree.fromstring(body)])
    except (ElementTree.ParseError, MalformedError) as error:
        raise MalformedError(
            "The XML you provided was not well-formed or did not validate against our published "
            "schema",
            "MalformedXML",
        ) from error


class _BodyPart:
    """The members of a structure that stand in the body."""

    type_name = "structure"

    def __init__(self, shape: Any) -> None:
        self.members = {
            name: member
            for name, member in shape.members.items()
            if "location" not in member.serialization
        }
        self.serialization = shape.serialization


def _without_places(shape: Any) -> Any:
    return _BodyPart(shape) if shape.type_name == "structure" else shape


# XML ----------------------------------------------------------------------------------------


def _of_xml(shape: Any, nodes: list[Any]) -> Any:
    """A value from the elements of its name: several for a flattened list or map."""
    node = nodes[0]
    if shape.type_name == "structure":
        return _xml_structure(shape, node)
    if shape.type_name == "list":
        if not shape.serialization.get("flattened"):
            nodes = list(node)
        return [_of_xml(shape.member, [item]) for item in nodes]
    if shape.type_name == "map":
        entries = nodes if shape.serialization.get("flattened") else list(node)
        return dict(_xml_entry(shape, entry) for entry in entries)
    return _scalar(shape, node.text or "")


def _xml_entry(shape: Any, entry: Any) -> tuple[str, Any]:
    parts = {_local(part.tag): part for part in entry}
    key = parts.get(shape.key.serialization.get("name", "key"))
    value = parts.get(shape.value.serialization.get("name", "value"))
    if key is None or value is None:
        raise MalformedError("An entry of a map needs a key and a value")
    return key.text or "", _of_xml(shape.value, [value])


def _xml_structure(shape: Any, node: Any) -> Parameters:
    children: dict[str, list[Any]] = {}
    for child in node:
        children.setdefault(_local(child.tag), []).append(child)
    attributes = {_local(name): text for name, text in node.attrib.items()}
    found: Parameters = {}
    for name, member in shape.members.items():
        key = _xml_name(name, member)
        if member.serialization.get("xmlAttribute"):
            text = attributes.get(key.rpartition(":")[2])
            if text is not None:
                found[name] = _scalar(member, text)
        elif key in children:
            found[name] = _of_xml(member, children[key])
    return found


def _xml_name(name: str, member: Any) -> str:
    if member.type_name == "list" and member.serialization.get("flattened"):
        named = member.member.serialization.get("name")
        if named:
            return str(named)
    return str(member.serialization.get("name", name))


def _local(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2]
