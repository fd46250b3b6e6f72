"""The schema that a table reads Avro files by, and how it meets that of a file.

Values are decoded by the base types of both; what they stand for is the reader's word alone, as in
Trino: a file's microseconds read by a table's milliseconds are taken for milliseconds.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.types import Type
from lakelet.types.avro import PRIMITIVES
from lakelet.types.model import VARCHAR

Schema = Any
"""A schema as JSON gives it, named types written out where they are used."""

_LOGICAL: Final = {
    "date": {"type": "int", "logicalType": "date"},
    "timestamp": {"type": "long", "logicalType": "timestamp-millis"},
}
_NAMED: Final = ("record", "enum", "fixed")


def from_columns(columns: Sequence[tuple[str, Type]]) -> Schema:
    """The record of columns that have no schema of their own: each may be missing or null.

    Raises TrinoError for a map by anything but strings (Hive's TypeInfoToSchema).
    """
    return _record("baserecord", columns)


def _record(name: str, columns: Sequence[tuple[str, Type]]) -> Schema:
    fields = [
        {"name": each, "type": ["null", _of(of, f"{name}_{each}")], "default": None}
        for each, of in columns
    ]
    return {"type": "record", "name": name, "fields": fields}


def _of(of: Type, name: str) -> Schema:
    if of.name in _LOGICAL:
        return _LOGICAL[of.name]
    match of.name:
        case "decimal":
            parts = {"precision": of.precision, "scale": of.scale}
            return {"type": "bytes", "logicalType": "decimal", **parts}
        case "array":
            return {"type": "array", "items": ["null", _of(of.element, f"{name}_e")]}
        case "map":
            if of.key != VARCHAR:
                raise TrinoError("GENERIC_INTERNAL_ERROR", "Key of Map must be a String")
            return {"type": "map", "values": ["null", _of(of.value, f"{name}_v")]}
        case "row":
            pairs = zip(of.fields, of.arguments, strict=True)
            return _record(name, [(each or "", part) for each, part in pairs])
    if of.name not in PRIMITIVES:
        raise TrinoError("NOT_SUPPORTED", f"Unsupported Avro type: {of}")
    return PRIMITIVES[of.name]


class MissingError(ValueError):
    """A field of the reader's record that the file's has not, without a default."""


class LateError(Exception):
    """What fails only where a value is read."""


class UnknownError(ValueError):
    """A name that stands for no type."""


class RecursiveError(ValueError):
    """A schema that holds itself, of which Trino makes no type."""


def parsed(text: str) -> Schema:
    """Raises TrinoError for what is no schema of a record, RecursiveError."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError) as failure:
        kind = "com.fasterxml.jackson.core.JsonParseException"
        raise unusable(f"{kind}: {failure}") from failure
    try:
        found = expanded(read, {})
    except RecursiveError:
        raise
    except UnknownError as unknown:
        message = "Unable to load or parse schema"
        raise TrinoError("HIVE_CANNOT_OPEN_SPLIT", message, error_type="EXTERNAL") from unknown
    except (ValueError, RecursionError) as failure:
        raise unusable(str(failure)) from failure
    if not isinstance(found, dict) or found["type"] != "record":
        raise unusable("Internal error")
    return found


def unusable(message: str) -> TrinoError:
    """A table's schema that is none."""
    return TrinoError("GENERIC_INTERNAL_ERROR", message)


def expanded(schema: Schema, names: dict[str, Schema], space: str = "") -> Schema:
    """The schema with each name of a type replaced by what it stands for. Raises RecursiveError,
    UnknownError for an unknown name, ValueError in the words of Avro's own parser."""
    if isinstance(schema, list):
        return _union([expanded(each, names, space) for each in schema], schema)
    if isinstance(schema, str):
        return schema if schema in _BASE else _found(schema, names, space)
    if not isinstance(schema, dict):
        raise ValueError(f"Schema not yet supported: {_text(schema)}")
    kind = schema.get("type")
    if isinstance(kind, dict | list):
        return expanded(kind, names, space)
    if not isinstance(kind, str):
        raise ValueError(f"No type: {_text(schema)}")
    kind = "record" if kind == "error" else kind
    if kind not in (*_BASE, *_NAMED, "array", "map"):
        return _found(kind, names, space)
    _check(kind, schema)
    found = {**schema, "type": kind}
    if kind in _NAMED:
        space = schema.get("namespace", schema["name"].rpartition(".")[0] or space)
        full = f"{space}.{schema['name'].rpartition('.')[2]}".lstrip(".")
        names[full] = None
        found["full"] = full
        if kind == "record":
            found["fields"] = [
                {**each, "type": expanded(each["type"], names, space)} for each in schema["fields"]
            ]
        names[full] = found
    if kind in ("array", "map"):
        part = _PARTS[kind][0]
        found[part] = expanded(schema[part], names, space)
    return found


_PARTS: Final[Mapping[str, tuple[str, type, str]]] = {
    "record": ("fields", list, "Record has no fields"),
    "enum": ("symbols", list, "Enum has no symbols"),
    "fixed": ("size", int, "Invalid or no size"),
    "array": ("items", object, "Array has no items type"),
    "map": ("values", object, "Map has no values type"),
}
"""What a schema of each kind must have, and what is said where it has not."""


def _check(kind: str, schema: Mapping[str, Any]) -> None:
    """Raises ValueError for what a schema lacks."""
    if kind in _NAMED and not isinstance(schema.get("name"), str):
        raise ValueError(f"No name in schema: {_text(schema)}")
    if kind in _PARTS:
        part, of, message = _PARTS[kind]
        if part not in schema or not isinstance(schema[part], of):
            raise ValueError(f"{message}: {_text(schema)}")
    for field in schema["fields"] if kind == "record" else ():
        if not isinstance(field, dict) or not isinstance(field.get("name"), str):
            raise ValueError(f"No field name: {_text(field)}")
        if "type" not in field:
            raise ValueError(f"No field type: {_text(field)}")


def _text(schema: Schema) -> str:
    return json.dumps(schema, separators=(",", ":"), ensure_ascii=False)


def _union(branches: Sequence[Schema], written: Schema) -> Schema:
    """Raises ValueError for a union in a union, and for a branch that is there twice."""
    if any(isinstance(each, list) for each in branches):
        raise ValueError(f"Nested union: {_text(written)}")
    kinds: set[str] = set()
    for each in branches:
        kind = str(each.get("full", each["type"]) if isinstance(each, dict) else each)
        if kind in kinds:
            raise ValueError(f"Duplicate in union:{kind}")
        kinds.add(kind)
    return branches


_BASE: Final = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")


def _found(name: str, names: Mapping[str, Schema], space: str) -> Schema:
    full = name if name in names else f"{space}.{name}"
    if full not in names:
        raise UnknownError(name)
    if names[full] is None:
        raise RecursiveError(name)
    return names[full]


def plain(schema: Schema, numbers: Iterator[int] | None = None) -> Schema:
    """The base types alone, without logical ones. Each named type gets a name of its own, since
    types that are written out may not repeat theirs."""
    names = count() if numbers is None else numbers
    if isinstance(schema, list):
        return [plain(each, names) for each in schema]
    if isinstance(schema, str):
        return schema
    if schema["type"] in _BASE:
        return schema["type"]
    found = {name: value for name, value in schema.items() if name not in _UNUSED}
    if schema["type"] in _NAMED:
        found["name"] = f"n{next(names)}"
    if "fields" in found:
        found["fields"] = [_plain_field(each, names) for each in schema["fields"]]
    for part in ("items", "values"):
        if part in found:
            found[part] = plain(schema[part], names)
    return found


def _plain_field(field: Mapping[str, Any], names: Iterator[int]) -> Schema:
    """A default that is none of the field's type is null, and the field may be."""
    found = {**field, "type": plain(field["type"], names)}
    if "default" not in field:
        return found
    try:
        return {**found, "default": _default(field["type"], field["default"])}
    except (TypeError, ValueError, KeyError, AttributeError):
        branches = found["type"] if isinstance(found["type"], list) else [found["type"]]
        others = [each for each in branches if each != "null"]
        return {**found, "type": ["null", *others], "default": None}


def _default(schema: Schema, given: Any) -> Any:
    """A default, of a union's first branch; bytes are still texts of their codes. Raises one of
    several errors for one that is not of the type."""
    if isinstance(schema, list):
        return _default(schema[0], given)
    match kind(schema):
        case "bytes" | "fixed":
            given.encode("latin-1")
            return given
        case "array":
            return [_default(schema["items"], each) for each in given]
        case "map":
            return {name: _default(schema["values"], each) for name, each in given.items()}
        case "record":
            return {
                each["name"]: _default(each["type"], given.get(each["name"], each.get("default")))
                for each in schema["fields"]
            }
        case "enum":
            return schema["symbols"][schema["symbols"].index(given)]
    expected = _JSON.get(kind(schema))
    if expected is None:
        return _default(schema["type"], given)
    if not isinstance(given, expected) or (isinstance(given, bool) and kind(schema) != "boolean"):
        raise ValueError(f"Invalid default: {given}")
    return given


_JSON: Final[Mapping[str, type | tuple[type, ...]]] = {
    "null": type(None),
    "boolean": bool,
    "int": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "string": str,
}
_UNUSED: Final = ("logicalType", "namespace", "aliases", "doc")


def kind(schema: Schema) -> str:
    return str(schema["type"] if isinstance(schema, dict) else schema)


def branch(schema: Schema) -> Schema:
    """The type that a union with null is of; a union of more is left as it is."""
    if not isinstance(schema, list):
        return schema
    others = [each for each in schema if each != "null"]
    return others[0] if len(others) == 1 else schema


# A file's schema ------------------------------------------------------------------------------


def resolved(reader: Schema, writer: Schema) -> Schema:
    """The reader's schema by the names of the writer's types, which Trino does not compare.

    Raises ValueError for what is known before a value is read: a field without a value, a symbol
    that the reader lacks; LateError for a field without a value of a record inside.
    """
    if isinstance(reader, list) or isinstance(writer, list):
        return _resolved_union(reader, writer)
    if kind(reader) == "string" and kind(writer) == "bytes":
        return "bytes"  # what is no UTF-8 is replaced, not refused
    if kind(reader) != kind(writer) or not isinstance(reader, dict):
        return reader
    found = dict(reader)
    for part in ("items", "values"):
        if part in reader:
            found[part] = resolved(reader[part], writer[part])
    if kind(reader) in _NAMED:
        found["name"] = writer["name"]
    if kind(reader) == "enum":
        _need_symbols(reader, writer)
    if kind(reader) == "record":
        found["fields"] = _late_fields(reader, writer)
    return found


def _need_symbols(reader: Schema, writer: Schema) -> None:
    missing = set(writer["symbols"]) - set(reader["symbols"])
    if missing and "default" not in reader:
        raise ValueError(f"No match for {sorted(missing)}")


def _late_fields(reader: Schema, writer: Schema) -> Sequence[Schema]:
    """Of a record inside another what is missing is told where a value is read."""
    try:
        return record_fields(reader, writer)
    except MissingError as missing:
        raise LateError(str(missing)) from missing


def tagged(schema: Schema, numbers: Iterator[int] | None = None) -> Schema:
    """A plain schema whose unions of several types have records for branches, of one field each,
    named by the branch's number. A record of one field is encoded as the field is."""
    names = count() if numbers is None else numbers
    if isinstance(schema, list):
        parts = [tagged(each, names) for each in schema]
        if isinstance(branch(schema), list):
            order = count()
            parts = [each if each == "null" else _tag(next(order), each, names) for each in parts]
        return parts
    if not isinstance(schema, dict):
        return schema
    found = dict(schema)
    if "fields" in found:
        found["fields"] = [_tagged_field(each, names) for each in found["fields"]]
    for part in ("items", "values"):
        if part in found:
            found[part] = tagged(found[part], names)
    return found


def _tagged_field(field: Mapping[str, Any], names: Iterator[int]) -> Schema:
    found = {**field, "type": tagged(field["type"], names)}
    several = isinstance(branch(field["type"]), list)
    if several and field.get("default") is not None:
        found["default"] = {"field0": field["default"]}
    return found


def _tag(number: int, schema: Schema, names: Iterator[int]) -> Schema:
    field = {"name": f"field{number}", "type": schema}
    return {"type": "record", "name": f"tag{next(names)}", "fields": [field]}


def _resolved_union(reader: Schema, writer: Schema) -> Schema:
    inner = branch(writer)
    if isinstance(inner, list):
        if not isinstance(reader, list) or len(reader) != len(writer):
            return reader
        return [resolved(own, given) for own, given in zip(reader, writer, strict=True)]
    if isinstance(reader, list):
        return [each if each == "null" else resolved(each, inner) for each in reader]
    return resolved(reader, inner)


def record_fields(reader: Schema, writer: Schema) -> Sequence[Schema]:
    """The fields of a reader's record; their aliases count where the records have one name.
    Raises MissingError for one that has neither value nor default."""
    written = {each["name"]: each["type"] for each in writer["fields"]}
    is_same = reader.get("full") == writer.get("full")
    return [_resolved_field(each, written, is_same) for each in reader["fields"]]


def _resolved_field(
    field: Mapping[str, Any], written: Mapping[str, Schema], aliased: bool
) -> Mapping[str, Any]:
    given = dict(field)
    aliases = given.pop("aliases", ())
    for name in (field["name"], *(aliases if aliased else ())):
        if name in written:
            kept = {"aliases": [name]} if name != field["name"] else {}
            return {**given, **kept, "type": resolved(field["type"], written[name])}
    if "default" not in field:
        raise MissingError(f"missing required field {field['name']}")
    return given
