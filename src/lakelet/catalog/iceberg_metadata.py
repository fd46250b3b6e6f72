"""The first metadata of an Iceberg table, version 2 ("Table Metadata Fields", Iceberg spec)."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any
from uuid import uuid4

from lakelet.errors import InvalidInput, TrinoError
from lakelet.model import Document
from lakelet.types import Type
from lakelet.types.hive import to_trino

_PRIMITIVES: Mapping[str, str] = {
    "boolean": "boolean",
    "tinyint": "int",
    "smallint": "int",
    "integer": "int",
    "bigint": "long",
    "real": "float",
    "double": "double",
    "varchar": "string",
    "char": "string",
    "varbinary": "binary",
    "date": "date",
    "timestamp": "timestamp",
    "timestamp with time zone": "timestamptz",
}
_UNION = re.compile(r"\buniontype\s*<", re.IGNORECASE)
"""Readers have a row for it, which Iceberg would keep as a struct."""
_TRANSFORM = re.compile(r"(identity|year|month|day|hour|void)|(bucket|truncate)\[(\d+)\]")
_FIRST_PARTITION = 1000
"""The number of the first partition field; schemas count from 1."""


def of_columns(location: str, columns: Sequence[Document]) -> Document:
    """For a table of Hive's columns. Raises InvalidInput for a type that Iceberg has not."""
    numbers = count(1)
    names = [(next(numbers), each) for each in columns]
    fields = []
    for number, each in names:
        field = {"id": number, "name": each["Name"], "required": False}
        field["type"] = _type(each["Name"], each["Type"], numbers)
        if each.get("Comment"):
            field["doc"] = each["Comment"]
        fields.append(field)
    return _metadata(location, fields, next(numbers) - 1, {}, {}, {})


def of_input(given: Document) -> Document:
    """For Glue's CreateIcebergTableInput. Raises InvalidInput."""
    fields = fields_of(given["Schema"])
    numbers = numbers_of(fields)
    last = max(numbers, default=0)
    schema, spec = given["Schema"], given.get("PartitionSpec") or {}
    return _metadata(
        given["Location"],
        fields,
        last,
        {"identifier-field-ids": schema["IdentifierFieldIds"]}
        if "IdentifierFieldIds" in schema
        else {},
        {
            "spec": spec_of(spec, numbers),
            "order": order_of(given.get("WriteOrder") or {}, numbers),
        },
        given.get("Properties") or {},
    )


def first(
    location: str, fields: Sequence[Document], spec: Sequence[Document], properties: Document
) -> Document:
    """For a table of these fields, which have their numbers already."""
    last = max(_numbers(fields), default=0)
    return _metadata(location, fields, last, {}, {"spec": list(spec)}, properties)


def fields_of(schema: Document) -> list[Document]:
    """Iceberg's fields of Glue's IcebergSchema."""
    defaults = {"InitialDefault": "initial-default", "WriteDefault": "write-default"}
    return [
        {
            "id": each["Id"],
            "name": each["Name"],
            "required": each["Required"],
            "type": each["Type"],
            **({"doc": each["Doc"]} if "Doc" in each else {}),
            **{word: each[name] for name, word in defaults.items() if name in each},
        }
        for each in schema["Fields"]
    ]


def numbers_of(fields: Sequence[Document]) -> list[int]:
    """The numbers of all fields. Raises InvalidInput where two have the same."""
    found = list(_numbers(fields))
    if len(set(found)) < len(found):
        raise InvalidInput("The fields of an Iceberg schema must have numbers of their own.")
    return found


def current_schema(metadata: Document) -> Any:
    """The schema that stands. Raises StopIteration, KeyError for what is no metadata."""
    current = metadata.get("current-schema-id", 0)
    schemas = metadata.get("schemas") or [metadata["schema"]]
    return next(each for each in schemas if each.get("schema-id", 0) == current)


def columns_of(metadata: Document) -> list[Document]:
    """Hive's columns of a table's metadata, as Glue shows them."""
    schema = current_schema(metadata)
    return [
        {
            "Name": each["name"],
            "Type": hive(each["type"]),
            **({"Comment": each["doc"]} if "doc" in each else {}),
            "Parameters": {
                "iceberg.field.current": "true",
                "iceberg.field.id": str(each["id"]),
                "iceberg.field.optional": str(not each["required"]).lower(),
            },
        }
        for each in schema["fields"]
    ]


def hive(of: Any) -> str:
    """Hive's word for an Iceberg type; what Hive lacks is text."""
    if isinstance(of, str):
        words = {"long": "bigint", "timestamptz": "timestamp", "uuid": "string", "time": "string"}
        return "binary" if of.startswith("fixed") else words.get(of, of.replace(" ", ""))
    if of["type"] == "list":
        return f"array<{hive(of['element'])}>"
    if of["type"] == "map":
        return f"map<{hive(of['key'])},{hive(of['value'])}>"
    inside = ",".join(f"{each['name']}:{hive(each['type'])}" for each in of["fields"])
    return f"struct<{inside}>"


def _metadata(
    location: str,
    fields: Sequence[Document],
    last: int,
    schema: Document,
    layout: Mapping[str, Any],
    properties: Mapping[str, str],
) -> Document:
    spec, order = layout.get("spec") or [], layout.get("order") or []
    return {
        "format-version": 2,
        "table-uuid": str(uuid4()),
        "location": location.rstrip("/"),
        "last-sequence-number": 0,
        "last-updated-ms": int(time.time() * 1000),
        "last-column-id": last,
        "current-schema-id": 0,
        "schemas": [{"type": "struct", "schema-id": 0, "fields": list(fields), **schema}],
        "default-spec-id": 0,
        "partition-specs": [{"spec-id": 0, "fields": spec}],
        "last-partition-id": max((e["field-id"] for e in spec), default=_FIRST_PARTITION - 1),
        "default-sort-order-id": 1 if order else 0,
        "sort-orders": [{"order-id": 1 if order else 0, "fields": order}],
        "properties": dict(properties),
        "current-snapshot-id": -1,
        "refs": {},
        "snapshots": [],
        "snapshot-log": [],
        "metadata-log": [],
    }


def _type(column: str, text: str, numbers: Iterator[int]) -> Any:
    try:
        if _UNION.search(text):
            raise KeyError(text)
        return _of(to_trino(text), numbers)
    except (TrinoError, KeyError) as error:
        raise InvalidInput(f"Iceberg has no type {text} for the column {column}") from error


def _of(of: Type, numbers: Iterator[int]) -> Any:
    """Raises KeyError for a type that Iceberg has not."""
    if of.name == "decimal":
        return f"decimal({of.precision}, {of.scale})"
    if of.name == "array":
        number = next(numbers)
        element = _of(of.element, numbers)
        return {
            "type": "list",
            "element-id": number,
            "element": element,
            "element-required": False,
        }
    if of.name == "map":
        key, value = next(numbers), next(numbers)
        return {
            "type": "map",
            "key-id": key,
            "key": _of(of.key, numbers),
            "value-id": value,
            "value": _of(of.value, numbers),
            "value-required": False,
        }
    if of.name == "row":
        places = [(next(numbers), field) for field in zip(of.fields, of.arguments, strict=True)]
        fields = [
            {"id": number, "name": name, "required": False, "type": _of(inner, numbers)}
            for number, (name, inner) in places
        ]
        return {"type": "struct", "fields": fields}
    return _PRIMITIVES[of.name]


def _numbers(fields: Sequence[Any]) -> Iterator[int]:
    """All numbers of fields, those inside types included. Raises InvalidInput."""
    for each in fields:
        yield each["id"]
        yield from _inside(each["type"])


def _inside(of: Any) -> Iterator[int]:
    if isinstance(of, str):
        return
    try:
        kind = of["type"]
        if kind == "struct":
            yield from _numbers(of["fields"])
        for part in {"list": ("element",), "map": ("key", "value")}.get(kind, ()):
            yield of[f"{part}-id"]
            yield from _inside(of[part])
    except (KeyError, TypeError) as error:
        raise InvalidInput(f"{of!r} is no type of Iceberg's") from error


def spec_of(
    given: Document, numbers: Sequence[int], first: int = _FIRST_PARTITION
) -> list[Document]:
    """Iceberg's fields of Glue's IcebergPartitionSpec. Raises InvalidInput."""
    found = []
    for place, each in enumerate(given.get("Fields") or ()):
        _check_field(each, numbers)
        found.append(
            {
                "source-id": each["SourceId"],
                "field-id": each.get("FieldId") or first + place,
                "name": each["Name"],
                "transform": each["Transform"],
            }
        )
    return found


def order_of(given: Document, numbers: Sequence[int]) -> list[Document]:
    """Iceberg's fields of Glue's IcebergSortOrder. Raises InvalidInput."""
    found = []
    for each in given.get("Fields") or ():
        _check_field(each, numbers)
        found.append(
            {
                "source-id": each["SourceId"],
                "transform": each["Transform"],
                "direction": each["Direction"],
                "null-order": each["NullOrder"],
            }
        )
    return found


def _check_field(given: Document, numbers: Sequence[int]) -> None:
    if given["SourceId"] not in numbers:
        raise InvalidInput(f"There is no field {given['SourceId']} in the schema.")
    if not _TRANSFORM.fullmatch(given["Transform"]):
        raise InvalidInput(f"Iceberg has no transform {given['Transform']}")
