"""Decoded Avro values as Arrow arrays of their base types, and those as the table's types."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal
from typing import Any, Final

from lakelet.formats import coercions
from lakelet.formats.avro.schemas import Schema, branch, kind
from lakelet.types import Type
from lakelet.types.duckdb import physical
from lakelet.types.quoting import identifier, quoted

ARROW: Final = {
    "boolean": "bool_",
    "int": "int32",
    "long": "int64",
    "float": "float32",
    "double": "float64",
    "string": "string",
    "bytes": "binary",
    "enum": "string",
    "fixed": "binary",
    "null": "null",
}
"""Arrow's names of Avro's plain types."""
_WIDE: Final = Context(prec=38)
_TRINO: Final = {
    "boolean": Type("boolean"),
    "int": Type("integer"),
    "long": Type("bigint"),
    "float": Type("real"),
    "double": Type("double"),
    "string": Type("varchar"),
    "enum": Type("varchar"),
    "bytes": Type("varbinary"),
    "fixed": Type("varbinary"),
    "null": Type("unknown"),
}


def arrow_type(schema: Schema) -> Any:
    """The Arrow type of decoded values; decimals are decimals."""
    import pyarrow

    inner = branch(schema)
    if isinstance(inner, list):
        fields = [(f"field{i}", arrow_type(each)) for i, each in enumerate(_branches(inner))]
        return pyarrow.struct([("tag", pyarrow.int8()), *fields])
    decimal = _decimal(inner)
    if decimal is not None:
        return pyarrow.decimal128(decimal.precision, decimal.scale)
    match kind(inner):
        case "array":
            return pyarrow.list_(arrow_type(inner["items"]))
        case "map":
            return pyarrow.map_(pyarrow.string(), arrow_type(inner["values"]))
        case "record":
            fields = [(each["name"], arrow_type(each["type"])) for each in inner["fields"]]
            return pyarrow.struct(fields)
    return getattr(pyarrow, ARROW[kind(inner)])()


def _branches(union: Schema) -> Sequence[Schema]:
    return [each for each in union if each != "null"]


def _decimal(schema: Schema) -> Type | None:
    if isinstance(schema, dict) and schema.get("logicalType") == "decimal":
        return Type("decimal", (schema["precision"], schema.get("scale", 0)))
    return None


def array(values: Sequence[Any], field: Any, told: Mapping[str, Any]) -> Any:
    """An Arrow array of a field's values."""
    import pyarrow

    convert = _conversion(told["type"])
    if convert is not None:
        values = [each if each is None else convert(each) for each in values]
    try:
        return pyarrow.array(values, field.type)
    except pyarrow.ArrowInvalid:
        if field.type != pyarrow.string():
            raise
        return pyarrow.array([_decoded(each) for each in values], field.type)


def _decoded(found: Any) -> Any:
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else found


def _conversion(schema: Schema) -> Callable[[Any], Any] | None:
    """What pyarrow does not take as fastavro gives it: decimals' bytes, maps as dicts."""
    inner = branch(schema)
    if isinstance(inner, list):
        branches = [_conversion(each) for each in _branches(inner)]
        return lambda found: _tagged(found, branches)
    decimal = _decimal(inner)
    if decimal is not None:
        scale = decimal.scale
        return lambda data: Decimal(int.from_bytes(data, "big", signed=True)).scaleb(-scale, _WIDE)
    match kind(inner):
        case "array":
            part = _conversion(inner["items"])
            return None if part is None else lambda items: [_given(part, each) for each in items]
        case "map":
            part = _conversion(inner["values"])
            return lambda found: [(name, _given(part, each)) for name, each in found.items()]
        case "record":
            parts = {each["name"]: _conversion(each["type"]) for each in inner["fields"]}
            if not any(parts.values()):
                return None
            return lambda row: {name: _given(parts[name], each) for name, each in row.items()}
        case "bytes" | "fixed":
            return _codes
    return None


def _codes(found: Any) -> Any:
    """A default of bytes is the text of their codes."""
    return found.encode("latin-1") if isinstance(found, str) else found


def _tagged(
    found: Mapping[str, Any], branches: Sequence[Callable[[Any], Any] | None]
) -> Mapping[str, Any]:
    """The number of the branch and its value, from the record that stands for the branch."""
    ((name, value),) = found.items()
    number = int(name.removeprefix("field"))
    return {"tag": number, name: _given(branches[number], value)}


def _given(convert: Callable[[Any], Any] | None, found: Any) -> Any:
    return found if convert is None or found is None else convert(found)


# The table's types ----------------------------------------------------------------------------


def value(name: str, schema: Schema, wanted: Type) -> str:
    """SQL of a column of the table from that of decoded values.

    Trino reads values as the types of the schema and takes them for those of the columns: what is
    held in the same way is read, anything else fails where it is not NULL.
    """
    given, sql = _given_type(schema), identifier(name)
    of_union = isinstance(branch(schema), list)
    found = _RULES.coerced(sql, given, wanted)
    if found is not None and not (of_union and given != wanted):
        return found
    failure = "GENERIC_INTERNAL_ERROR" if of_union else "SERIALIZATION_ERROR"
    message = quoted(f"Could not serialize column '{name}' of type '{wanted}'")
    bad = coercions.failing(failure, message, wanted)
    return f"CASE WHEN {sql} IS NOT NULL THEN {bad} END"


def _given_type(schema: Schema) -> Type:
    """Trino's type of decoded values. Moments are still counts, told apart by their names."""
    inner = branch(schema)
    if isinstance(inner, list):
        branches = tuple(_given_type(each) for each in _branches(inner))
        names = tuple(f"field{number}" for number in range(len(branches)))
        return Type("row", (), (Type("tinyint"), *branches), ("tag", *names))
    logical = inner.get("logicalType") if isinstance(inner, dict) else None
    if logical == "date":
        return _DAYS
    if logical in _MOMENTS:
        return Type(str(logical))
    decimal = _decimal(inner)
    if decimal is not None:
        return decimal
    match kind(inner):
        case "array":
            return Type("array", (), (_given_type(inner["items"]),))
        case "map":
            return Type("map", (), (Type("varchar"), _given_type(inner["values"])))
        case "record":
            parts = tuple(_given_type(each["type"]) for each in inner["fields"])
            return Type("row", (), parts, tuple(each["name"] for each in inner["fields"]))
    return _TRINO[kind(inner)]


_MOMENTS: Final = ("timestamp-millis", "timestamp-micros")
_DAYS: Final = Type("days")
"""A date that is still a count, told apart from Trino's."""


def _days(sql: str, given: Type, wanted: Type) -> str:
    return f"DATE '1970-01-01' + {sql}"


def _millis(sql: str, given: Type, wanted: Type) -> str:
    return f"make_timestamp({sql} * 1000)"


def _micros(sql: str, given: Type, wanted: Type) -> str:
    return coercions.rounded(f"make_timestamp({sql})", 6, wanted)


def _text(sql: str, given: Type, wanted: Type) -> str:
    return coercions.cut(f"trino_utf8({sql})", Type("varchar"), wanted)


def _decimals(sql: str, given: Type, wanted: Type) -> str:
    return f"TRY_CAST({sql} AS {physical(wanted)})"


def _same(sql: str, given: Type, wanted: Type) -> str:
    return sql


_RULES: Final = coercions.Rules(
    {
        ("days", "date"): _days,
        ("days", "integer"): _same,
        ("integer", "date"): _days,
        ("timestamp-millis", "timestamp"): _millis,
        ("timestamp-micros", "timestamp"): _micros,
        ("bigint", "timestamp"): _micros,
        ("timestamp-millis", "bigint"): lambda sql, given, wanted: f"({sql} * 1000)",
        ("timestamp-micros", "bigint"): _same,
        ("varchar", "varchar"): coercions.cut,
        ("varchar", "char"): coercions.cut,
        ("varbinary", "varchar"): _text,
        ("varchar", "varbinary"): lambda sql, given, wanted: f"encode({sql})",
        ("decimal", "decimal"): _decimals,
    }
)
