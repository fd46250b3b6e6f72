"""The Avro schema of a table's columns, as Hive's TypeInfoToSchema and so Trino make it."""

from itertools import count
from typing import Any

import orjson

from lakelet.formats.writers.writing import WriteRequest
from lakelet.types import Type
from lakelet.types.avro import PRIMITIVES
from lakelet.types.hive import to_hive


def text(request: WriteRequest) -> str:
    """The schema as JSON: a record of fields that may be null.

    Files that are added to a table tell its name and its columns' comments, empty ones too.
    """
    schema = _Schema()
    fields = [{**schema.field(name, of), "default": None} for name, of in request.columns]
    record: dict[str, Any] = {"type": "record", "name": "baseRecord"}
    if request.table is not None:
        record = {"type": "record", "name": request.table[1], "namespace": request.table[0]}
        fields = [{**each, "doc": doc} for each, doc in zip(fields, request.comments, strict=True)]
    return orjson.dumps({**record, "fields": fields}).decode()


class _Schema:
    """Records inside are numbered in the order in which they are met."""

    def __init__(self) -> None:
        self._numbers = count()

    def field(self, name: str, of: Type) -> dict[str, Any]:
        return {"name": name, "type": self._optional(of)}

    def _optional(self, of: Type) -> list[Any]:
        return ["null", self._type(of)]

    def _type(self, of: Type) -> Any:
        match of.name:
            case "varchar" | "char" if of.length is not None:
                return {"type": "string", "logicalType": of.name, "maxLength": of.length}
            case "decimal":
                numbers = {"precision": of.precision, "scale": of.scale}
                return {"type": "bytes", "logicalType": "decimal", **numbers}
            case "date":
                return {"type": "int", "logicalType": "date"}
            case "timestamp":
                return {"type": "long", "logicalType": "timestamp-millis"}
            case "array":
                return {"type": "array", "items": self._optional(of.element)}
            case "map":
                return {"type": "map", "values": self._optional(of.value)}
            case "row":
                return self._record(of)
        return PRIMITIVES[of.name]

    def _record(self, of: Type) -> dict[str, Any]:
        name = f"record_{next(self._numbers)}"
        fields = [
            {**self.field(str(field), part), "doc": to_hive(part), "default": None}
            for field, part in zip(of.fields, of.arguments, strict=True)
        ]
        return {"type": "record", "name": name, "doc": to_hive(of), "fields": fields}
