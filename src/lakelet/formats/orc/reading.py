"""An ORC file's columns read as the table's: what Trino's OrcReader takes as it is, then its
coercions. pyarrow is imported inside functions, to keep start-up light."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.formats import coercions
from lakelet.formats.coercions import COMMON, Coercion, Rules, failing
from lakelet.formats.layout import Field, Footer
from lakelet.formats.orc import unions
from lakelet.model import DataFile
from lakelet.types import Type
from lakelet.types.duckdb import physical, row_fields
from lakelet.types.hive import union
from lakelet.types.quoting import quoted

_TYPES: Final = {
    "BOOLEAN": "boolean",
    "BYTE": "tinyint",
    "SHORT": "smallint",
    "INT": "integer",
    "LONG": "bigint",
    "FLOAT": "real",
    "DOUBLE": "double",
    "STRING": "varchar",
    "VARCHAR": "varchar",
    "CHAR": "varchar",
    "BINARY": "varbinary",
    "DATE": "date",
}
_NANOS: Final = 10**9


def bad(file: DataFile, text: str) -> TrinoError:
    message = f"Malformed ORC file. {text} [{file.info.uri}]"
    return TrinoError("HIVE_BAD_DATA", message)


def given_type(field: Field, precision: int = 9) -> Type:
    """The Trino type of a file's values; moments have `precision`."""
    parts = tuple(given_type(each, precision) for each in field.parts)
    match field.kind:
        case "LIST":
            return Type("array", (), parts)
        case "MAP":
            return Type("map", (), parts)
        case "STRUCT":
            return Type("row", (), parts, tuple(each.name for each in field.parts))
        case "UNION":
            return union(parts)
        case "TIMESTAMP":
            return Type("timestamp", (precision,))
        case "TIMESTAMP_INSTANT":
            return Type("timestamp with time zone", (precision,))
        case "DECIMAL":
            digits, scale = map(int, re.findall(r"\d+", field.read))
            return Type("decimal", (digits, scale))
    return Type(_TYPES[field.kind])


def column(
    field: Field, sql: str, wanted: Type, file: DataFile, whole: Field, precision: int = 9
) -> str:
    """SQL of a column of the table from SQL of the file's, `field` being what is read of the
    `whole`. Raises TrinoError."""
    rules = _rules(file)
    of = given_type(whole, precision)
    if not _in_place(of, wanted, deep=False):
        rules = rules.of_moved_fields()
    elif _in_place(of, wanted, deep=True):
        rules = replace(rules, moved=None)
    found = rules.coerced(sql, given_type(field, precision), wanted)
    if found is None:
        text = f"Cannot read SQL type '{wanted}' from ORC stream '.{field.name}' of type"
        raise bad(file, f"{text} {field.kind} with attributes {{}}")
    return found


def _in_place(given: Type, wanted: Type, *, deep: bool) -> bool:
    """Whether structs begin with the fields that the table's begin with, those inside too if
    `deep`."""
    if given.name != wanted.name:
        return True
    if given.name != "row":
        pairs = zip(given.arguments, wanted.arguments, strict=False)
        return all(_in_place(one, other, deep=deep) for one, other in pairs)
    names, others = row_fields(given), row_fields(wanted)
    shorter = min(len(names), len(others))
    if names[:shorter] != others[:shorter]:
        return False
    pairs = zip(given.arguments, wanted.arguments, strict=False)
    return not deep or all(_in_place(one, other, deep=True) for one, other in pairs)


# Rules ----------------------------------------------------------------------------------------


def _rules(file: DataFile) -> Rules:
    narrowed = {
        (wide, narrow): _narrowed(file, bits)
        for wide, narrow, bits in (
            ("integer", "smallint", 16),
            ("bigint", "smallint", 16),
            ("bigint", "integer", 32),
            ("bigint", "date", 32),
        )
    }
    return Rules({**_OWN, **narrowed}, moved=_NATIVE)


def _narrowed(file: DataFile, bits: int) -> Coercion:
    message = quoted(bad(file, f"Decoded value out of range for a {bits}bit number").message)

    def convert(sql: str, given: Type, wanted: Type) -> str:
        into = Type("integer") if wanted.name == "date" else wanted
        fail = failing("HIVE_BAD_DATA", message, into)
        read = f"coalesce(TRY_CAST({sql} AS {physical(into)}), {fail})"
        value = f"CASE WHEN {sql} IS NOT NULL THEN {read} END"
        return _days(value, given, wanted) if wanted.name == "date" else value

    return convert


def _days(sql: str, given: Type, wanted: Type) -> str:
    return f"DATE '1970-01-01' + CAST({sql} AS INTEGER)"


def _since_1970(sql: str, given: Type, wanted: Type) -> str:
    return f"CAST({sql} - DATE '1970-01-01' AS {physical(wanted)})"


def _rounded(sql: str, given: Type, wanted: Type) -> str:
    return coercions.rounded(sql, given.numbers[0], wanted)


def _encoded(sql: str, given: Type, wanted: Type) -> str:
    return f"encode({sql})"


def _decoded(sql: str, given: Type, wanted: Type) -> str:
    return coercions.cut(f"trino_utf8({sql})", Type("varchar"), wanted)


def _hex(sql: str, given: Type, wanted: Type) -> str:
    """ORC's own text of bytes: `ff 00`."""
    pairs = f"regexp_extract_all(lower(hex({sql})), '..')"
    return coercions.cut(f"array_to_string({pairs}, ' ')", Type("varchar"), wanted)


def _boolean(sql: str, given: Type, wanted: Type) -> str:
    """ORC takes a text for a boolean by its number."""
    return f"{COMMON['varchar', 'bigint'](sql, given, Type('bigint'))} <> 0"


def _number_text(sql: str, given: Type, wanted: Type) -> str:
    """NaN is no text in ORC."""
    return COMMON[given.name, "varchar"](
        f"CASE WHEN NOT isnan({sql}) THEN {sql} END", given, wanted
    )


_OWN: Final[Mapping[tuple[str, str], Coercion]] = {
    **COMMON,
    ("varchar", "boolean"): _boolean,
    **{(name, "varchar"): _number_text for name in ("real", "double")},
    ("varchar", "varbinary"): _encoded,
    ("varbinary", "varchar"): _hex,
    ("varbinary", "char"): _decoded,
    ("timestamp", "timestamp"): _rounded,
    **{(name, "date"): _days for name in ("smallint", "integer")},
    **{("date", name): _since_1970 for name in ("smallint", "integer", "bigint")},
}


_NATIVE: Final = frozenset(
    {
        *(
            (given, wanted)
            for given in ("smallint", "integer", "bigint")
            for wanted in ("smallint", "integer", "bigint", "date")
        ),
        *(("date", wanted) for wanted in ("smallint", "integer", "bigint")),
        *(
            (given, wanted)
            for given in ("varchar", "varbinary")
            for wanted in ("varchar", "char", "varbinary")
        ),
        ("real", "double"),
        ("timestamp", "timestamp"),
        ("decimal", "decimal"),
    }
)
"""What Trino's readers of columns do by themselves: its coercions are for structs whose fields
stand where the table's do."""


# Bounds ---------------------------------------------------------------------------------------

_WORDS: Final = {
    "tinyint": "BYTE",
    "smallint": "SHORT for type smallint",
    "integer": "INT for type integer",
}
_WHOLE: Final = frozenset({"BYTE", "SHORT", "INT", "LONG"})


def need_bounds(footer: Footer, place: int, of: Type) -> None:
    """Trino makes values of the table's type of the bounds of a column that a filter asks for.

    Raises TrinoError GENERIC_INTERNAL_ERROR where they are none.
    """
    if of.name not in _WORDS or footer.fields[place].kind not in _WHOLE:
        return
    most = 1 << (coercions.INTEGERS[of.name] - 1)
    for group in footer.groups:
        for end in (group.least[place], group.greatest[place]) if group.least else ():
            if isinstance(end, int) and not -most <= end < most:
                side = "exceeds MAX" if end > 0 else "is less than MIN"
                message = f"Value {end} {side}_{_WORDS[of.name]}"
                raise TrinoError("GENERIC_INTERNAL_ERROR", message)


# Arrow ----------------------------------------------------------------------------------------


def arrow_type(field: Field, unit: str = "ns") -> Any:
    """The Arrow type in which a file's values go to DuckDB: pyarrow's own, but for the unit of
    moments."""
    import pyarrow

    parts = [(part.name, arrow_type(part, unit)) for part in field.parts]
    nested: dict[str, Callable[[], Any]] = {
        "LIST": lambda: pyarrow.list_(parts[0][1]),
        "MAP": lambda: pyarrow.map_(parts[0][1], parts[1][1]),
        "STRUCT": lambda: pyarrow.struct(parts),
        "TIMESTAMP": lambda: pyarrow.timestamp(unit),
        "TIMESTAMP_INSTANT": lambda: pyarrow.timestamp(unit, "UTC"),
        "DECIMAL": lambda: pyarrow.decimal128(*map(int, re.findall(r"\d+", field.read))),
        "UNION": lambda: unions.struct([of for _, of in parts]),
    }
    if field.kind in nested:
        return nested[field.kind]()
    from lakelet.types.arrow import to_arrow

    return to_arrow(given_type(field))


def need_nanos(array: Any, file: DataFile) -> None:
    """ORC's C++ library writes a fraction of a second before 1970 as Trino refuses to read it."""
    import numpy
    import pyarrow

    ticks = array.cast(pyarrow.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    wrong = (ticks < 0) & (ticks % _NANOS != 0)
    if wrong.any():
        nanos = int(numpy.fmod(ticks[wrong.argmax()], _NANOS))
        raise bad(file, f"Nanos field of timestamp is out of range: {nanos}")
