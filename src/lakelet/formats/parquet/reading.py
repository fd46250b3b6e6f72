"""A Parquet file's columns read as the table's: Trino's ColumnReaderFactory as a table of rules.

What has no rule fails in Trino's words before any value is read.
"""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Final

from lakelet.errors import TrinoError
from lakelet.formats import coercions
from lakelet.formats.coercions import COMMON, Coercion, failing, inner
from lakelet.formats.layout import Field
from lakelet.formats.parquet import moments
from lakelet.formats.parquet.footers import ONLY
from lakelet.model import DataFile
from lakelet.types import Type
from lakelet.types.duckdb import physical, row_fields
from lakelet.types.quoting import identifier

_DUCKDB: Final = {
    "BOOLEAN": Type("boolean"),
    "TINYINT": Type("tinyint"),
    "SMALLINT": Type("smallint"),
    "INTEGER": Type("integer"),
    "BIGINT": Type("bigint"),
    "UTINYINT": Type("smallint"),
    "USMALLINT": Type("integer"),
    "UINTEGER": Type("integer"),
    "UBIGINT": Type("bigint"),
    "FLOAT": Type("real"),
    "DOUBLE": Type("double"),
    "VARCHAR": Type("varchar"),
    "BLOB": Type("varbinary"),
    "DATE": Type("date"),
    "TIME": Type("time", (6,)),
}
_GROUPS: Final = frozenset({"GROUP", ONLY})
_Rule = Callable[[str, Type, Type], str | None]
"""SQL of a value from SQL of the file's, its type, and the wanted one; None: cannot be read."""

_UNSIGNED: Final = {"UINTEGER": "INTEGER", "UBIGINT": "BIGINT"}
_DIGITS: Final = {"MILLIS": 3, "MICROS": 6, "NANOS": 9}


class Reader:
    """Reads the columns of one file; `wanted` types are Trino's. Timestamps that are `whole` have
    no more than milliseconds; DuckDB's own rounding to them is right for those that are `late`:
    from 1970 on."""

    def __init__(
        self,
        file: DataFile,
        whole: Container[Field] = frozenset(),
        late: Container[Field] = frozenset(),
    ) -> None:
        self._file = file
        self._whole = whole
        self._late = late

    def column(self, field: Field, sql: str, wanted: Type) -> str:
        """SQL of a column of the table from SQL of the file's. Raises TrinoError."""
        if moments.is_finer(field, wanted):
            if field in self._whole:
                return moments.plain(field, sql)
            if field in self._late:
                return f"CAST(CAST({moments.plain(field, sql)} AS TIMESTAMP_MS) AS TIMESTAMP)"
        return self._read(field, sql, wanted, (field.name,)) or _null(wanted)

    def _read(self, field: Field, sql: str, wanted: Type, path: tuple[str, ...]) -> str | None:
        """None where the file has nothing of what is wanted."""
        nested = {"array": self._array, "map": self._map, "row": self._row}.get(wanted.name)
        if nested is not None:
            return nested(field, sql, wanted, path)
        if field.parts:
            raise self._shape("GroupColumnIO", "PrimitiveColumnIO")
        # Trino's coercions to text, and of integers to double, are those of whole columns.
        coerced = len(path) > 1 and (
            (wanted.name == "varchar" and not field.kind.endswith("BYTE_ARRAY"))
            or (wanted.name == "double" and field.kind in ("INT32", "INT64"))
        )
        found = None if coerced else _scalar(field, sql, wanted)
        if found is None:
            raise _unsupported(field, wanted, path)
        return found

    # Nested -----------------------------------------------------------------------------------

    def _array(self, field: Field, sql: str, wanted: Type, path: tuple[str, ...]) -> str | None:
        if field.kind in _GROUPS and len(field.parts) == 1:
            (only,) = field.parts
            found = self._array(only, _of(field, only, sql), wanted, (*path, only.name))
            return f"coalesce({found}, [])" if found and field.kind == ONLY else found
        if field.kind in _GROUPS:
            return None
        if field.kind == "MAP":
            raise self._shape("GroupColumnIO", "PrimitiveColumnIO")
        if not field.parts:
            shown = f"([{', '.join(path)}] {field.text})"
            raise TrinoError("NOT_SUPPORTED", f"Unsupported schema for Parquet column {shown}")
        name, (element,) = inner(sql), field.parts
        part = self._read(element, name, wanted.element, (*path, "list", element.name))
        if part is None:
            return None
        return sql if part == name else f"list_transform({sql}, lambda {name}: {part})"

    def _map(self, field: Field, sql: str, wanted: Type, path: tuple[str, ...]) -> str | None:
        if field.kind in _GROUPS and len(field.parts) == 1:
            return self._map(field.parts[0], sql, wanted, (*path, field.parts[0].name))
        if field.kind != "MAP":
            self._pair(field, wanted, path)
            raise self._shape("PrimitiveColumnIO", "GroupColumnIO")
        name, (key, value) = inner(sql), field.parts
        keys = self._read(key, f"{name}.key", wanted.key, (*path, "key_value", key.name))
        values = self._read(value, f"{name}.value", wanted.value, (*path, "key_value", value.name))
        if keys is None or values is None:
            return None
        if (keys, values) == (f"{name}.key", f"{name}.value"):
            return sql
        entry = f"struct_pack(key := {keys}, value := {values})"
        entries = f"list_transform(map_entries({sql}), lambda {name}: {entry})"
        return f"CASE WHEN {sql} IS NOT NULL THEN map_from_entries({entries}) END"

    def _pair(self, field: Field, wanted: Type, path: tuple[str, ...]) -> None:
        """A struct of two is looked at as a key and a value, which then do not fit."""
        if len(field.parts) == 2:
            for part, of in zip(field.parts, (wanted.key, wanted.value), strict=True):
                self._read(part, "NULL", of, (*path, part.name))

    def _row(self, field: Field, sql: str, wanted: Type, path: tuple[str, ...]) -> str | None:
        if not field.parts and field.kind not in _GROUPS:
            raise self._shape("PrimitiveColumnIO", "GroupColumnIO")
        parts = field.parts if field.kind in _GROUPS else ()
        found = {part.name.lower(): part for part in parts}
        names = row_fields(wanted)
        if not any(name in found for name in names):
            return None
        items = []
        for name, of in zip(names, wanted.arguments, strict=True):
            part = found.get(name)
            value = None
            if part is not None:
                value = self._read(part, _of(field, part, sql), of, (*path, part.name))
            items.append((name, value or _null(of)))
        return _packed(field, sql, items)

    def _shape(self, found: str, needed: str) -> TrinoError:
        package = "org.apache.parquet.io"
        return TrinoError(
            "HIVE_CANNOT_OPEN_SPLIT",
            f"Error opening Hive split {self._file.info.uri} (offset=0,"
            f" length={self._file.info.size}): class {package}.{found} cannot be cast to class"
            f" {package}.{needed}",
        )


def _null(of: Type) -> str:
    return f"CAST(NULL AS {physical(of)})"


def _of(group: Field, part: Field, sql: str) -> str:
    """SQL of a group's part from SQL of the group's value."""
    return sql if group.kind == ONLY else coercions.field(sql, part.name)


def _packed(field: Field, sql: str, items: Sequence[tuple[str, str]]) -> str:
    """A struct of these items, the file's own where they are just its parts."""
    own = [(part.name, coercions.field(sql, part.name)) for part in field.parts]
    if list(items) == own:
        return sql
    packed = ", ".join(f"{identifier(name)} := {value}" for name, value in items)
    if field.kind == ONLY:
        return f"struct_pack({packed})"
    return f"CASE WHEN {sql} IS NOT NULL THEN struct_pack({packed}) END"


def _unsupported(field: Field, wanted: Type, path: tuple[str, ...]) -> TrinoError:
    return TrinoError(
        "NOT_SUPPORTED",
        f"Unsupported Trino column type ({wanted}) for Parquet column"
        f" ([{', '.join(path)}] {field.text})",
    )


# Scalars --------------------------------------------------------------------------------------


def _scalar(field: Field, sql: str, wanted: Type) -> str | None:
    if field.kind == "INT32 UNKNOWN":
        known = ("INT32", wanted.name) in _RULES
        return f"CAST(NULL AS {physical(wanted)})" if known else None
    if field.kind.endswith(" TIMESTAMP") or field.kind == "INT96":
        return _timestamp(field, sql, wanted)
    value = sql
    if field.read in _UNSIGNED:
        value = _wrapped(sql, field.read)
    given = _type(field)
    if field.kind.endswith(" DECIMAL") and (given is None or given.name != "decimal"):
        length = re.search(r"ARRAY\((\d+)\)", field.text)
        shown = length[1] if length else "0"
        message = f"typeLength {shown} should be in range (1-16) for a long decimal"
        raise TrinoError("GENERIC_INTERNAL_ERROR", message)
    rule = _RULES.get((_family(field, given), wanted.name))
    if rule is None or given is None:
        return None
    if given == wanted and (rule is coercions.plain or given.name == "decimal"):
        return value
    return rule(value, given, wanted)


def _type(field: Field) -> Type | None:
    decimal = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", field.read)
    if decimal:
        return Type("decimal", (int(decimal[1]), int(decimal[2])))
    return _DUCKDB.get(field.read)


def _family(field: Field, given: Type | None) -> str:
    """Decimals without a fraction read as integers too, if they are short."""
    if field.kind.endswith(" DECIMAL") and given is not None:
        whole = given.scale == 0 and given.precision <= 18
        physical_type = field.kind.partition(" ")[0]
        return f"WHOLE {physical_type}" if whole else "DECIMAL"
    is_fine = field.kind == "INT64 TIME" and "NANOS" in field.text
    return "INT64 TIME NANOS" if is_fine else field.kind


def _wrapped(sql: str, read: str) -> str:
    """An unsigned integer's bits as a signed one's."""
    signed = _UNSIGNED[read]
    bits = 32 if signed == "INTEGER" else 64
    high = f"CAST(CAST({sql} AS HUGEINT) - {2**bits} AS {signed})"
    return f"CASE WHEN {sql} >= {2 ** (bits - 1)} THEN {high} ELSE CAST({sql} AS {signed}) END"


def _timestamp(field: Field, sql: str, wanted: Type) -> str | None:
    """INT96 has nanoseconds, which DuckDB cuts to microseconds: halves of a millisecond stay."""
    unit = next((word for word in _DIGITS if f"({word}," in field.text), "MICROS")
    value = moments.local(field, sql)
    if wanted.name == "timestamp":
        return coercions.rounded(value, _DIGITS[unit], wanted)
    if field.kind == "INT96":
        rule = COMMON.get(("timestamp", wanted.name)) if wanted.name == "varchar" else None
        return None if rule is None else rule(value, Type("timestamp", (6,)), wanted)
    if wanted.name == "bigint":
        return {
            "MILLIS": f"epoch_ms({value})",
            "MICROS": f"epoch_us({value})",
            "NANOS": f"epoch_ns({value})",
        }[unit]
    return None


def _narrowed(name: str) -> Coercion:
    """An integer that must fit into a smaller one; `name` is how INT32's failure calls it."""

    def convert(sql: str, given: Type, wanted: Type) -> str:
        if coercions.INTEGERS.get(given.name, 64) <= coercions.INTEGERS[wanted.name]:
            return f"CAST({sql} AS {physical(wanted)})"
        shown = f"'Value ' || {sql} || ' exceeds {name} range'"
        return _fitted(sql, wanted, failing("GENERIC_INTERNAL_ERROR", shown, wanted))

    return convert


def _cut_down(name: str) -> Coercion:
    def convert(sql: str, given: Type, wanted: Type) -> str:
        return _fitted(sql, wanted, failing("GENERIC_INTERNAL_ERROR", f"'{name} overflow'", wanted))

    return convert


def _fitted(sql: str, wanted: Type, bad: str) -> str:
    read = f"coalesce(TRY_CAST({sql} AS {physical(wanted)}), {bad})"
    return f"CASE WHEN {sql} IS NOT NULL THEN {read} END"


def _to_date(sql: str, given: Type, wanted: Type) -> str:
    days = sql
    if given.name not in ("tinyint", "smallint", "integer"):
        days = _cut_down("integer")(sql, given, Type("integer"))
    return f"DATE '1970-01-01' + CAST({days} AS INTEGER)"


def _to_bits(sql: str, given: Type, wanted: Type) -> str:
    """An integer's bits taken for a real's, as Trino does."""
    bits = sql
    if given.name == "bigint" or given.name == "decimal":
        bits = _cut_down("integer")(sql, given, Type("integer"))
    return f"trino_int_bits_to_real(CAST({bits} AS INTEGER))"


def _integer_to_decimal(sql: str, given: Type, wanted: Type) -> str | None:
    if wanted.precision > 18:
        return None
    shown = f"'Cannot read parquet INT32 value ''' || {sql} || ''' as DECIMAL({wanted.precision},"
    bad = failing("INVALID_CAST_ARGUMENT", f"{shown} {wanted.scale})'", wanted)
    return _fitted(sql, wanted, bad)


def _blob_to_text(sql: str, given: Type, wanted: Type) -> str:
    text = f"trino_utf8({sql})" if given.name == "varbinary" else sql
    return coercions.cut(text, Type("varchar"), wanted)


def _text_to_blob(sql: str, given: Type, wanted: Type) -> str:
    return f"encode({sql})" if given.name == "varchar" else sql


def _fixed_to_text(sql: str, given: Type, wanted: Type) -> str | None:
    return None if wanted.length is not None else _blob_to_text(sql, given, wanted)


_BYTES: Final[Mapping[str, _Rule]] = {
    "varchar": _blob_to_text,
    "char": _blob_to_text,
    "varbinary": _text_to_blob,
}
_INTO_DECIMALS: Final = {
    "decimal": COMMON["decimal", "decimal"],
    "varchar": COMMON["decimal", "varchar"],
}
_SMALL: Final[Mapping[str, _Rule]] = {
    "tinyint": _narrowed("byte"),
    "smallint": _narrowed("short"),
    "integer": coercions.plain,
    "bigint": coercions.plain,
    "real": _to_bits,
    "date": _to_date,
}
_LARGE: Final[Mapping[str, _Rule]] = {
    "tinyint": _cut_down("byte"),
    "smallint": _cut_down("short"),
    "integer": _cut_down("integer"),
    "bigint": coercions.plain,
    "real": _to_bits,
    "date": _to_date,
}
_NO_DATES: Final = {name: rule for name, rule in _SMALL.items() if name != "date"}

_BY_KIND: Final[Mapping[str, Mapping[str, _Rule]]] = {
    "BOOLEAN": {"boolean": coercions.plain},
    "INT32": {
        **_SMALL,
        "double": coercions.plain,
        "decimal": _integer_to_decimal,
        "varchar": COMMON["integer", "varchar"],
    },
    "INT64": {
        **_LARGE,
        "double": COMMON["bigint", "double"],
        "varchar": COMMON["bigint", "varchar"],
    },
    "FLOAT": {
        "real": coercions.plain,
        "double": coercions.plain,
        "varchar": COMMON["real", "varchar"],
    },
    "DOUBLE": {"double": coercions.plain, "varchar": COMMON["double", "varchar"]},
    "INT32 DATE": {"date": coercions.plain},
    "INT64 TIME": {"bigint": lambda sql, given, wanted: f"epoch_us({sql})"},
    "INT64 TIME NANOS": {"bigint": lambda sql, given, wanted: f"epoch_ns({sql})"},
    "DECIMAL": _INTO_DECIMALS,
    "WHOLE INT32": {**_NO_DATES, **_INTO_DECIMALS},
    "WHOLE INT64": {**_LARGE, **_INTO_DECIMALS},
    "WHOLE FIXED_LEN_BYTE_ARRAY": {**_SMALL, **_INTO_DECIMALS},
    "WHOLE BYTE_ARRAY": {**_SMALL, **_INTO_DECIMALS},
    "BYTE_ARRAY": _BYTES,
    "FIXED_LEN_BYTE_ARRAY": {"varchar": _fixed_to_text, "varbinary": _text_to_blob},
    "FIXED_LEN_BYTE_ARRAY UUID": {"varchar": _fixed_to_text, "varbinary": _text_to_blob},
}
_RULES: Final[Mapping[tuple[str, str], _Rule]] = {
    (kind, name): rule for kind, rules in _BY_KIND.items() for name, rule in rules.items()
}
"""By what a file holds and the base type that is wanted."""
