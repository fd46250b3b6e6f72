"""Parquet and ORC files whose columns are others than the table's: names, order, types, nesting."""

import datetime
import decimal
import io
import random
from typing import Any, Final

import pyarrow
from pyarrow import orc, parquet

from tests.formats.fuzz.making import Made, create, queries

_NAMES: Final = ("a", "b", "c", "D", "e_f", "x")
_SCALARS: Final[dict[str, pyarrow.DataType]] = {
    "boolean": pyarrow.bool_(),
    "tinyint": pyarrow.int8(),
    "smallint": pyarrow.int16(),
    "int": pyarrow.int32(),
    "bigint": pyarrow.int64(),
    "float": pyarrow.float32(),
    "double": pyarrow.float64(),
    "decimal(5,2)": pyarrow.decimal128(5, 2),
    "decimal(20,4)": pyarrow.decimal128(20, 4),
    "string": pyarrow.string(),
    "varchar(3)": pyarrow.string(),
    "char(3)": pyarrow.string(),
    "date": pyarrow.date32(),
    "timestamp": pyarrow.timestamp("us"),
    "binary": pyarrow.binary(),
}
_WIDER: Final = {
    "tinyint": ("smallint", "int", "bigint"),
    "smallint": ("int", "bigint"),
    "int": ("bigint", "double"),
    "float": ("double",),
    "decimal(5,2)": ("decimal(20,4)",),
    "varchar(3)": ("string", "char(3)"),
    "string": ("varchar(3)", "char(3)"),
    "date": ("timestamp", "string"),
}

Kind = Any
"""A scalar's Hive name; ("array", of), ("map", key, of) or ("struct", ((name, of), …))."""


def hive(kind: Kind) -> str:
    """A type's Hive name."""
    if isinstance(kind, str):
        return kind
    if kind[0] == "struct":
        return f"struct<{','.join(f'{name}:{hive(of)}' for name, of in kind[1])}>"
    return f"{kind[0]}<{','.join(map(hive, kind[1:]))}>"


def arrow(kind: Kind) -> pyarrow.DataType:
    """The type of a file's column."""
    if isinstance(kind, str):
        return _SCALARS[kind]
    if kind[0] == "struct":
        return pyarrow.struct([(name, arrow(of)) for name, of in kind[1]])
    if kind[0] == "map":
        return pyarrow.map_(arrow(kind[1]), arrow(kind[2]))
    return pyarrow.list_(arrow(kind[1]))


def kind(given: random.Random, depth: int = 0) -> Kind:
    """A type, nested one time in three."""
    if depth > 1 or given.random() < 0.6:
        return given.choice(list(_SCALARS))
    way = given.choice(("array", "map", "struct", "struct"))
    if way == "array":
        return way, kind(given, depth + 1)
    if way == "map":
        return way, given.choice(("string", "int", "bigint", "date")), kind(given, depth + 1)
    names = given.sample(_NAMES, given.randint(1, 3))
    return way, tuple((name, kind(given, depth + 1)) for name in names)


def changed(given: random.Random, of: Kind) -> Kind:
    """The table's type of a file's column: often the same, else a near one, at last any."""
    if isinstance(of, str):
        draw = given.random()
        if draw < 0.6 or of not in _WIDER:
            return of if draw < 0.95 else given.choice(list(_SCALARS))
        return given.choice(_WIDER[of])
    if of[0] == "struct":
        return "struct", _fields(given, [(name, changed(given, each)) for name, each in of[1]])
    return (of[0], *(changed(given, each) for each in of[1:]))


def _fields(given: random.Random, fields: list[tuple[str, Kind]]) -> tuple[tuple[str, Kind], ...]:
    if given.random() < 0.25:
        fields.insert(given.randrange(len(fields) + 1), (f"n{len(fields)}", kind(given, 2)))
    if given.random() < 0.2 and len(fields) > 1:
        fields.pop(given.randrange(len(fields)))
    if given.random() < 0.2:
        given.shuffle(fields)
    if given.random() < 0.1:
        fields = [(name.swapcase(), of) for name, of in fields]
    return tuple(fields)


def value(given: random.Random, of: Kind) -> Any:
    """A value of a type, or None."""
    if given.random() < 0.12:
        return None
    if not isinstance(of, str):
        return _nested(given, of)
    return given.choice(_VALUES[of.partition("(")[0]])


def _nested(given: random.Random, of: Kind) -> Any:
    if of[0] == "struct":
        return {name: value(given, each) for name, each in of[1]}
    if of[0] == "array":
        return [value(given, of[1]) for _ in range(given.randrange(4))]
    keys = {value(given, of[1]) for _ in range(given.randrange(4))} - {None}
    return [(key, value(given, of[2])) for key in sorted(keys)]


_VALUES: Final[dict[str, tuple[Any, ...]]] = {
    "boolean": (True, False),
    "tinyint": (0, 1, -5, 127, -128),
    "smallint": (0, 1, 300, -32768),
    "int": (0, 1, -7, 70000, 2**31 - 1),
    "bigint": (0, 1, -9, 2**40, -(2**63)),
    "float": (0.0, 1.5, -2.25, 1e10, float("nan")),
    "double": (0.0, -0.0, 1.5, 1e300, 0.1, float("inf")),
    "decimal": tuple(map(decimal.Decimal, ("0", "1.25", "-3.5", "999.99"))),
    "string": ("", "a", "abcdef", "12", "é", "x  ", "2024-01-02", "true"),
    "varchar": ("", "ab", "xyz"),
    "char": ("", "ab", "xyz"),
    "date": (datetime.date(1970, 1, 1), datetime.date(2024, 2, 29), datetime.date(1960, 5, 6)),
    "timestamp": (
        datetime.datetime(2024, 2, 29, 12, 34, 56, 789123),
        datetime.datetime(1970, 1, 1),
    ),
    "binary": (b"", b"ab", b"\x00\xff"),
}
_LITERALS: Final = {
    "boolean": ("true", "false"),
    "tinyint": ("1", "-5", "300"),
    "smallint": ("1", "300"),
    "int": ("1", "70000", "-7", "5000000000"),
    "bigint": ("1", "0", "1099511627776"),
    "float": ("REAL '1.5'", "0", "1e10"),
    "double": ("1.5e0", "0", "0.1"),
    "decimal": ("1.25", "0", "999.99"),
    "string": ("'a'", "''", "'12'"),
    "varchar": ("'ab'", "'a'"),
    "char": ("'ab'", "'xyz'"),
    "date": ("DATE '2024-02-29'", "DATE '1970-01-01'"),
    "timestamp": ("TIMESTAMP '1970-01-01 00:00:00'", "TIMESTAMP '2024-02-29 12:34:56.789'"),
    "binary": ("X'6162'", "X''"),
}


def written(given: random.Random, stored: str, columns: list[tuple[str, Kind]]) -> bytes:
    rows = given.choice((0, 1, 3, 7, 7, 7))
    table = pyarrow.table(
        {
            name: pyarrow.array([value(given, of) for _ in range(rows)], arrow(of))
            for name, of in columns
        }
    )
    out = io.BytesIO()
    if stored == "ORC":
        orc.write_table(table, out, compression=given.choice(("uncompressed", "zlib", "snappy")))
    else:
        parquet.write_table(
            table,
            out,
            compression=given.choice(("none", "snappy", "gzip", "zstd")),
            use_dictionary=given.random() < 0.5,
            row_group_size=given.choice((2, 100)),
            version=given.choice(("1.0", "2.6")),
            data_page_version=given.choice(("1.0", "2.0")),
            use_deprecated_int96_timestamps=given.random() < 0.2,
        )
    return out.getvalue()


def _filters(given: random.Random, columns: list[tuple[str, Kind]]) -> list[str]:
    name, of = given.choice(columns)
    if not isinstance(of, str):
        return [f"SELECT count(*) FROM ${{TABLE}} WHERE {name} IS NULL"]
    literal = given.choice(_LITERALS[of.partition("(")[0]])
    sign = given.choice(("=", "<", ">=", "<>", "IS DISTINCT FROM"))
    return [
        f"SELECT {name} FROM ${{TABLE}} WHERE {name} {sign} {literal}",
        f"SELECT count(*) FROM ${{TABLE}} WHERE {name} IS NOT NULL",
    ]


def _fields_read(given: random.Random, columns: list[tuple[str, Kind]]) -> list[str]:
    paths = [f"{name}.{field}" for name, of in columns if of[0] == "struct" for field, _ in of[1]]
    if not paths:
        return []
    path = given.choice(paths)
    return [
        f"SELECT {path} FROM ${{TABLE}}",
        f"SELECT count(*) FROM ${{TABLE}} WHERE {path} IS NOT NULL",
    ]


def _evolved(given: random.Random, stored: str) -> Made:
    """One or two files and a table whose columns came of those of the first."""
    names = given.sample(_NAMES, given.randint(1, 4))
    columns = [(name, kind(given)) for name in names]
    files = {"f1": written(given, stored, columns)}
    if given.random() < 0.4:
        other = [(name, changed(given, of)) for name, of in columns]
        files["f2"] = written(given, stored, list(_fields(given, other)))
    told = list(_fields(given, [(name, changed(given, of)) for name, of in columns]))
    seen: dict[str, Kind] = {name.lower(): of for name, of in told}
    columns = list(seen.items())
    document = {
        "about": f"evolved {stored}",
        "ddl": [create([(name, hive(of)) for name, of in columns], f"STORED AS {stored}")],
        "queries": queries(
            "SELECT * FROM ${TABLE}", *_filters(given, columns), *_fields_read(given, columns)
        ),
    }
    return Made("columnar", document, files)


FAMILIES: Final = {
    "parquet": lambda given: _evolved(given, "PARQUET"),
    "orc": lambda given: _evolved(given, "ORC"),
}
