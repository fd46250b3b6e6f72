"""Parquet and ORC as other programs write them: encodings, pages, indexes, types and layouts."""

import base64
import datetime
import decimal
import io
import random
from typing import Any, Final

import pyarrow
from pyarrow import orc, parquet
from pyarrow.parquet import encryption

from tests.formats.fuzz.making import Made, create, queries

_US: Final = datetime.datetime(2024, 2, 29, 12, 34, 56, 789123)
_OLD: Final = datetime.datetime(1500, 3, 1, 1, 2, 3)
_DAYS: Final = tuple(
    datetime.date(*each)
    for each in (
        (1970, 1, 1),
        (2024, 2, 29),
        (1582, 10, 4),
        (1582, 10, 15),
        (1, 1, 1),
        (1900, 2, 28),
    )
)
_TIMES: Final = (
    datetime.time(0),
    datetime.time(12, 34, 56, 789123),
    datetime.time(23, 59, 59, 999999),
)
_DECIMALS: Final = tuple(map(decimal.Decimal, ("0", "1.25", "-3.5", "999.99", "-999.99")))
_TEXTS: Final = ("", "a", "abcdef", "é", "x  ", "12", "\x00", "😀", "a" * 70)

Column = tuple[pyarrow.DataType, tuple[Any, ...], tuple[str, ...]]
"""A file's type, values of it, and the Hive types that it is read as, the likely ones first."""

_SHARED: Final[tuple[Column, ...]] = (
    (pyarrow.bool_(), (True, False), ("boolean", "string", "int")),
    (pyarrow.int8(), (0, 1, -128, 127), ("tinyint", "smallint", "int", "bigint", "string")),
    (pyarrow.int16(), (0, 300, -(2**15)), ("smallint", "int", "bigint", "tinyint", "string")),
    (
        pyarrow.int32(),
        (0, 1, -7, 2**31 - 1),
        (
            "int",
            "bigint",
            "double",
            "decimal(10,0)",
            "decimal(5,2)",
            "smallint",
            "date",
            "string",
            "float",
            "timestamp",
        ),
    ),
    (
        pyarrow.int64(),
        (0, 1, 2**40, -(2**63)),
        (
            "bigint",
            "int",
            "double",
            "timestamp",
            "decimal(19,0)",
            "decimal(10,2)",
            "string",
            "float",
        ),
    ),
    (
        pyarrow.float32(),
        (0.0, -0.0, 1.5, float("nan"), float("inf")),
        ("float", "double", "decimal(5,2)", "string", "int"),
    ),
    (
        pyarrow.float64(),
        (0.0, -0.0, 1.5, 1e300, float("nan")),
        ("double", "float", "decimal(5,2)", "string", "bigint"),
    ),
    (
        pyarrow.decimal128(5, 2),
        _DECIMALS,
        (
            "decimal(5,2)",
            "decimal(10,2)",
            "decimal(20,4)",
            "decimal(4,1)",
            "double",
            "string",
            "int",
            "float",
        ),
    ),
    (
        pyarrow.decimal128(18, 2),
        _DECIMALS,
        ("decimal(18,2)", "decimal(38,10)", "decimal(5,2)", "bigint"),
    ),
    (
        pyarrow.decimal128(30, 2),
        _DECIMALS,
        ("decimal(30,2)", "decimal(38,2)", "decimal(18,2)", "decimal(5,0)", "double"),
    ),
    (
        pyarrow.string(),
        _TEXTS,
        ("string", "varchar(3)", "char(3)", "binary", "int", "date", "timestamp"),
    ),
    (
        pyarrow.binary(),
        (b"", b"ab", b"\x00\xff", b"\xc3\xa9"),
        ("binary", "string", "varchar(2)", "decimal(5,2)"),
    ),
    (pyarrow.date32(), _DAYS, ("date", "int", "timestamp", "string", "bigint")),
    (
        pyarrow.timestamp("us"),
        (_US, _OLD, datetime.datetime(1969, 12, 31, 23, 59, 59, 999999)),
        ("timestamp", "bigint", "date", "string"),
    ),
    (
        pyarrow.timestamp("ms"),
        (_US.replace(microsecond=789000), _OLD),
        ("timestamp", "bigint", "string"),
    ),
    (pyarrow.timestamp("ns"), (_US,), ("timestamp", "bigint", "string")),
    (pyarrow.timestamp("us", "UTC"), (_US, _OLD), ("timestamp", "string", "bigint")),
    (
        pyarrow.list_(pyarrow.int32()),
        ([], [1, None, 3], [2]),
        ("array<int>", "array<bigint>", "array<string>", "int"),
    ),
    (
        pyarrow.list_(pyarrow.list_(pyarrow.string())),
        ([], [["a", None], None, []]),
        ("array<array<string>>", "array<string>"),
    ),
    (
        pyarrow.map_(pyarrow.string(), pyarrow.int64()),
        ([], [("k", 1), ("l", None)]),
        ("map<string,bigint>", "map<string,int>", "map<varchar(1),bigint>"),
    ),
    (
        pyarrow.struct([("x", pyarrow.int32()), ("y", pyarrow.string())]),
        ({"x": 1, "y": "a"}, {"x": None, "y": ""}),
        (
            "struct<x:int,y:string>",
            "struct<x:bigint,y:string>",
            "struct<y:string,x:int>",
            "struct<x:int>",
            "struct<X:int,z:double>",
        ),
    ),
)
_PARQUET: Final[tuple[Column, ...]] = (
    *_SHARED,
    (pyarrow.uint8(), (0, 200, 255), ("tinyint", "smallint", "int", "bigint")),
    (pyarrow.uint16(), (0, 40000, 65535), ("smallint", "int", "bigint")),
    (pyarrow.uint32(), (0, 2**31, 2**32 - 1), ("int", "bigint", "decimal(10,0)")),
    (pyarrow.uint64(), (0, 2**63, 2**64 - 1), ("bigint", "decimal(20,0)", "double")),
    (pyarrow.float16(), (0.0, 1.5, -2.0), ("float", "double")),
    (pyarrow.time64("us"), _TIMES, ("bigint", "string", "timestamp", "int")),
    (pyarrow.time64("ns"), _TIMES, ("bigint",)),
    (
        pyarrow.time32("ms"),
        (datetime.time(0), datetime.time(12, 34, 56, 789000)),
        ("int", "bigint"),
    ),
    (pyarrow.binary(16), (bytes(16), bytes(range(16))), ("binary", "string")),
    (pyarrow.binary(2), (b"ab", b"\x00\x01"), ("binary", "decimal(4,1)", "string")),
    (pyarrow.large_string(), _TEXTS, ("string",)),
    (pyarrow.list_(pyarrow.int16(), 2), ([1, 2], [3, None]), ("array<smallint>", "array<int>")),
)
_ENCODINGS: Final = {
    "int32": ("PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"),
    "int64": ("PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"),
    "float": ("PLAIN", "BYTE_STREAM_SPLIT"),
    "double": ("PLAIN", "BYTE_STREAM_SPLIT"),
    "string": ("PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"),
    "binary": ("PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"),
    "bool": ("PLAIN", "RLE"),
}


_BLOOMED: Final = frozenset({"int32", "int64", "float", "double", "string", "binary"})


def parquet_pages(given: random.Random) -> Made:
    """A Parquet file of any writer's settings."""
    columns, table = _table(given, _PARQUET)
    dictionary = given.random() < 0.5
    settings: dict[str, Any] = {
        "compression": given.choice(("none", "snappy", "gzip", "zstd", "lz4", "brotli")),
        "use_dictionary": dictionary,
        "row_group_size": given.choice((1, 3, 100)),
        "version": given.choice(("1.0", "2.4", "2.6")),
        "data_page_version": given.choice(("1.0", "2.0")),
        "data_page_size": given.choice((1, 50, 10**6)),
        "write_statistics": given.random() < 0.8,
        "write_page_index": given.random() < 0.4,
        "write_page_checksum": given.random() < 0.3,
        "use_deprecated_int96_timestamps": given.random() < 0.2,
        "use_compliant_nested_type": given.random() < 0.7,
        "store_schema": given.random() < 0.5,
        "store_decimal_as_integer": given.random() < 0.3,
        "dictionary_pagesize_limit": given.choice((10, 10**6)),
    }
    if given.random() < 0.3:
        options = {"ndv": given.choice((1, 10, 1000)), "fpp": given.choice((0.01, 0.5))}
        leaves = [each.name for each in table.schema if str(each.type) in _BLOOMED]
        settings["bloom_filter_options"] = dict.fromkeys(leaves, options)
    if not dictionary and given.random() < 0.8:
        chosen = {
            field.name: given.choice(_ENCODINGS[str(field.type)])
            for field in table.schema
            if str(field.type) in _ENCODINGS
        }
        settings["column_encoding"] = chosen or None
    out = io.BytesIO()
    parquet.write_table(table, out, **settings)
    about = ", ".join(f"{name}={value}" for name, value in settings.items())
    return _made(given, "PARQUET", columns, out.getvalue(), about)


def orc_stripes(given: random.Random) -> Made:
    """An ORC file of any writer's settings."""
    columns, table = _table(given, _SHARED)
    settings: dict[str, Any] = {
        "compression": given.choice(("uncompressed", "snappy", "zlib", "lz4", "zstd")),
        "file_version": given.choice(("0.11", "0.12")),
        "stripe_size": given.choice((1, 10**6)),
        "compression_block_size": given.choice((65536, 2**18)),
        "row_index_stride": given.choice((1000, 10000)),
        "dictionary_key_size_threshold": given.choice((0.0, 0.5, 1.0)),
        "padding_tolerance": given.choice((0.0, 0.5)),
    }
    if given.random() < 0.3:
        settings["bloom_filter_columns"] = [0]
    out = io.BytesIO()
    orc.write_table(table, out, **settings)
    about = ", ".join(f"{name}={value}" for name, value in settings.items())
    return _made(given, "ORC", columns, out.getvalue(), about)


def parquet_encrypted(given: random.Random) -> Made:
    """Files whose footer or columns are encrypted, which a table holds no keys of."""
    plain = given.random() < 0.5
    columns = given.choice((["a"], ["a", "b"], ["b"]))
    uniform = given.random() < 0.2
    configuration = encryption.EncryptionConfiguration(
        footer_key="f",
        plaintext_footer=plain,
        **({"uniform_encryption": True} if uniform else {"column_keys": {"c": columns}}),
    )
    factory = encryption.CryptoFactory(lambda _: _Keys())
    keys = factory.file_encryption_properties(encryption.KmsConnectionConfig(), configuration)
    out = io.BytesIO()
    parquet.write_table(
        pyarrow.table({"a": [1, 2], "b": ["x", "y"]}), out, encryption_properties=keys
    )
    document = {
        "about": f"encrypted {columns}, {'plain' if plain else 'encrypted'} footer",
        "ddl": [create((("a", "bigint"), ("b", "string")), "STORED AS PARQUET")],
        "queries": queries(
            "SELECT * FROM ${TABLE}",
            "SELECT a FROM ${TABLE}",
            "SELECT b FROM ${TABLE} WHERE b = 'x'",
            "SELECT count(*) FROM ${TABLE}",
        ),
    }
    return Made("physical", document, {"f": out.getvalue()})


class _Keys(encryption.KmsClient):  # type: ignore[misc]
    """Keeps keys by their own names."""

    def wrap_key(self, key: bytes, _: str) -> bytes:
        return base64.b64encode(key)

    def unwrap_key(self, key: bytes, _: str) -> bytes:
        return base64.b64decode(key)


def _table(
    given: random.Random, kinds: tuple[Column, ...]
) -> tuple[list[tuple[str, str]], pyarrow.Table]:
    rows = given.choice((0, 1, 4, 9))
    names, columns, fields, arrays = ("a", "b", "c", "d"), [], [], []
    for name in names[: given.randint(1, 4)]:
        of, values, read = given.choice(kinds)
        required = given.random() < 0.15 and not pyarrow.types.is_nested(of)
        found = [
            None if not required and given.random() < 0.15 else given.choice(values)
            for _ in range(rows)
        ]
        fields.append(pyarrow.field(name, of, nullable=not required))
        arrays.append(pyarrow.array(found, of))
        columns.append((name, read[0] if given.random() < 0.6 else given.choice(read)))
    return columns, pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields))


def _made(
    given: random.Random, stored: str, columns: list[tuple[str, str]], data: bytes, about: str
) -> Made:
    name, of = given.choice(columns)
    asked = ["SELECT * FROM ${TABLE}", f"SELECT {name} FROM ${{TABLE}} WHERE {name} IS NOT NULL"]
    literals = _LITERALS.get(of.partition("(")[0])
    if literals is not None:
        sign = given.choice(("=", "<", ">=", "<>"))
        asked.append(f"SELECT {name} FROM ${{TABLE}} WHERE {name} {sign} {given.choice(literals)}")
        asked.append(f"SELECT count(*), count({name}), min({name}), max({name}) FROM ${{TABLE}}")
    document = {
        "about": about,
        "ddl": [create(columns, f"STORED AS {stored}")],
        "queries": queries(*asked),
    }
    return Made("physical", document, {"f": data})


_LITERALS: Final = {
    "boolean": ("true", "false"),
    "tinyint": ("1", "-5", "0"),
    "smallint": ("1", "300"),
    "int": ("1", "0", "-7"),
    "bigint": ("1", "0", "1099511627776"),
    "float": ("REAL '1.5'", "REAL '0'"),
    "double": ("1.5e0", "0e0"),
    "decimal": ("1.25", "0", "999.99"),
    "string": ("'a'", "''", "'12'"),
    "varchar": ("'ab'", "'a'"),
    "date": ("DATE '2024-02-29'", "DATE '1582-10-15'", "DATE '1582-10-04'"),
    "timestamp": ("TIMESTAMP '1500-03-01 01:02:03'", "TIMESTAMP '2024-02-29 12:34:56.789'"),
}


FAMILIES: Final = {
    "parquet_pages": parquet_pages,
    "parquet_encrypted": parquet_encrypted,
    "orc_stripes": orc_stripes,
}
