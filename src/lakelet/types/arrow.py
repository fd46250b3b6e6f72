"""Arrow's types ↔ Trino's, as Parquet, ORC and Avro files and answers carry them.

pyarrow is imported inside functions, to keep start-up light.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from lakelet.errors import TrinoError
from lakelet.types.duckdb import is_fine, row_fields
from lakelet.types.model import Type

if TYPE_CHECKING:
    import pyarrow

_NAMES: Final = {
    "bool": "boolean",
    "int8": "tinyint",
    "int16": "smallint",
    "int32": "integer",
    "int64": "bigint",
    "uint8": "smallint",
    "uint16": "integer",
    "uint32": "bigint",
    "halffloat": "real",
    "float": "real",
    "double": "double",
    "string": "varchar",
    "large_string": "varchar",
    "string_view": "varchar",
    "binary": "varbinary",
    "large_binary": "varbinary",
    "binary_view": "varbinary",
    "date32[day]": "date",
    "date64[ms]": "date",
    "null": "unknown",
}
"""Trino's type for each of Arrow's types without parameters; unsigned ones widen."""

_ARROW: Final = {
    "boolean": "bool_",
    "tinyint": "int8",
    "smallint": "int16",
    "integer": "int32",
    "bigint": "int64",
    "real": "float32",
    "double": "float64",
    "varchar": "string",
    "char": "string",
    "json": "string",
    "uuid": "string",
    "date": "date32",
    "interval year to month": "int32",
    "interval day to second": "int64",
    "unknown": "int32",
}
"""pyarrow's name for the physical type of Trino's types without parameters; others are binary."""

_UNITS: Final = {"s": 0, "ms": 3, "us": 6, "ns": 9}


def from_arrow(of: Any) -> Type:
    """The Trino type that holds the values of an Arrow type.

    Raises TrinoError NOT_SUPPORTED for a type that Trino has no place for.
    """
    import pyarrow
    from pyarrow import types

    name = _NAMES.get(str(of))
    if name is not None:
        return Type(name)
    if isinstance(of, pyarrow.BaseExtensionType):
        return from_arrow(of.storage_type)
    for family, build in _FAMILIES.items():
        if getattr(types, f"is_{family}")(of):
            return build(of)
    raise TrinoError("NOT_SUPPORTED", f"Unsupported Arrow type: {of}")


def _timestamp(of: Any) -> Type:
    return Type("timestamp with time zone" if of.tz else "timestamp", (_UNITS[of.unit],))


def _array(of: Any) -> Type:
    return Type("array", (), (from_arrow(of.value_type),))


def _row(of: Any) -> Type:
    fields = [of.field(i) for i in range(of.num_fields)]
    parts = tuple(from_arrow(field.type) for field in fields)
    return Type("row", (), parts, tuple(field.name for field in fields))


_FAMILIES: Final[dict[str, Callable[[Any], Type]]] = {
    "decimal": lambda of: Type("decimal", (of.precision, of.scale)),
    "timestamp": _timestamp,
    "time": lambda of: Type("time", (_UNITS[of.unit],)),
    "map": lambda of: Type("map", (), (from_arrow(of.key_type), from_arrow(of.item_type))),
    "list": _array,
    "large_list": _array,
    "fixed_size_list": _array,
    "struct": _row,
    "dictionary": lambda of: from_arrow(of.value_type),
    "fixed_size_binary": lambda of: Type("varbinary"),
}
"""What pyarrow.types calls a family of types, and how its parameters are read."""


def to_arrow(of: Type) -> "pyarrow.DataType":
    """The Arrow type of a Trino type's physical values."""
    import pyarrow

    match of.name:
        case "decimal":
            return pyarrow.decimal128(of.precision, of.scale)
        case "timestamp":
            return pyarrow.decimal128(38, 0) if is_fine(of) else pyarrow.timestamp("us")
        case "time":
            return pyarrow.int64() if is_fine(of) else pyarrow.time64("us")
        case "timestamp with time zone":
            instant = to_arrow(Type("timestamp", of.numbers))
            return pyarrow.struct([("instant", instant), ("zone", pyarrow.string())])
        case "time with time zone":
            clock = to_arrow(Type("time", of.numbers))
            return pyarrow.struct([("local", clock), ("zone", pyarrow.int16())])
        case "array":
            return pyarrow.list_(to_arrow(of.element))
        case "map":
            return pyarrow.map_(to_arrow(of.key), to_arrow(of.value))
        case "row":
            parts = zip(row_fields(of), of.arguments, strict=True)
            return pyarrow.struct([(name, to_arrow(part)) for name, part in parts])
    return getattr(pyarrow, _ARROW.get(of.name, "binary"))()
