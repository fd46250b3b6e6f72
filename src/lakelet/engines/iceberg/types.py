"""Iceberg's types ("Schemas and Data Types" of its specification) and Trino's."""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.model import Document
from lakelet.types import Type
from lakelet.types.model import BIGINT, BOOLEAN, DATE, DOUBLE, INTEGER, UUID, VARBINARY, VARCHAR
from lakelet.types.model import timestamp as timestamp_of

_MICROSECONDS: Final = 6
_TRINO: Final[Mapping[str, Type]] = {
    "boolean": BOOLEAN,
    "int": INTEGER,
    "long": BIGINT,
    "float": Type("real"),
    "double": DOUBLE,
    "date": DATE,
    "time": Type("time", (_MICROSECONDS,)),
    "timestamp": timestamp_of(_MICROSECONDS),
    "timestamptz": timestamp_of(_MICROSECONDS, zone=True),
    "string": VARCHAR,
    "uuid": UUID,
    "binary": VARBINARY,
}
_ICEBERG: Final = {
    **{of.name: name for name, of in _TRINO.items()},
    "varchar": "string",
    "varbinary": "binary",
}


def trino(of: Any) -> Type:
    """Trino's type of an Iceberg type as metadata has it; raises TrinoError."""
    if isinstance(of, dict):
        return _NESTED[of["type"]](of)
    if of.startswith("decimal("):
        precision, scale = of[len("decimal(") : -1].split(",")
        return Type("decimal", (int(precision), int(scale)))
    if of.startswith("fixed["):
        return VARBINARY
    if of not in _TRINO:
        raise TrinoError("NOT_SUPPORTED", f"Unsupported Iceberg type: {of}")
    return _TRINO[of]


def _row(of: Document) -> Type:
    fields = of["fields"]
    parts = tuple(trino(each["type"]) for each in fields)
    return Type("row", (), parts, tuple(each["name"] for each in fields))


_NESTED: Final[Mapping[str, Callable[[Document], Type]]] = {
    "struct": _row,
    "list": lambda of: Type("array", (), (trino(of["element"]),)),
    "map": lambda of: Type("map", (), (trino(of["key"]), trino(of["value"]))),
}


def iceberg(of: Type, numbers: Iterator[int]) -> Any:
    """The Iceberg type that holds a Trino type; the fields inside take the next numbers.

    Raises TrinoError for a type that Iceberg has not, in Trino's words.
    """
    match of.name:
        case "decimal":
            return f"decimal({of.precision}, {of.scale})"
        case "array":
            number = next(numbers)
            element = iceberg(of.element, numbers)
            required = {"element-id": number, "element-required": False}
            return {"type": "list", **required, "element": element}
        case "map":
            key, value = next(numbers), next(numbers)
            return {
                "type": "map",
                "key-id": key,
                "key": iceberg(of.key, numbers),
                "value-id": value,
                "value": iceberg(of.value, numbers),
                "value-required": False,
            }
        case "row":
            return {"type": "struct", "fields": _fields(of, numbers)}
    if of.name not in _ICEBERG:
        raise TrinoError("NOT_SUPPORTED", f"Type not supported for Iceberg: {of}")
    return _ICEBERG[of.name]


def _fields(of: Type, numbers: Iterator[int]) -> list[Document]:
    if not all(of.fields):
        raise TrinoError("NOT_SUPPORTED", f"Row type field does not have a name: {of}")
    own = [next(numbers) for _ in of.fields]
    return [
        {"id": number, "name": name, "required": False, "type": iceberg(part, numbers)}
        for number, name, part in zip(own, of.fields, of.arguments, strict=True)
    ]


def schema_fields(columns: "Columns", required: frozenset[str] = frozenset()) -> list[Document]:
    """A first schema's fields, numbered as Iceberg numbers them: columns before what is inside."""
    numbers = count(len(columns) + 1)
    return [
        {
            "id": number,
            "name": name,
            "required": name in required,
            "type": iceberg(of, numbers),
            **({"doc": comment} if comment else {}),
        }
        for number, (name, of, comment) in enumerate(columns, 1)
    ]


Columns = tuple[tuple[str, Type, str | None], ...]
"""Names, types and comments."""
