"""Partitions whose columns, formats and SerDes are others than the table's, and links to files."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.formats.fuzz import columnar
from tests.formats.fuzz.making import Made, create, queries, serde

_TYPES: Final = (
    *("string", "string", "int", "bigint", "tinyint", "smallint", "double", "float", "boolean"),
    *("date", "timestamp", "decimal(5,2)", "decimal(20,4)", "varchar(3)", "char(3)", "binary"),
    *("array<int>", "map<string,int>", "struct<x:int,y:string>"),
)
_CHANGED: Final = {
    "string": (
        "varchar(3)",
        "int",
        "date",
        "timestamp",
        "double",
        "boolean",
        "binary",
        "decimal(5,2)",
    ),
    "int": ("bigint", "string", "smallint", "double", "decimal(5,2)", "varchar(3)"),
    "bigint": ("int", "string", "double", "tinyint"),
    "tinyint": ("int", "smallint", "bigint", "string"),
    "smallint": ("int", "tinyint", "string"),
    "double": ("float", "string", "decimal(5,2)", "bigint"),
    "float": ("double", "string"),
    "boolean": ("string", "int"),
    "date": ("string", "timestamp", "varchar(3)"),
    "timestamp": ("string", "date", "bigint"),
    "decimal(5,2)": ("decimal(20,4)", "double", "string", "int", "bigint"),
    "decimal(20,4)": ("decimal(5,2)", "float", "varchar(3)", "smallint"),
    "varchar(3)": ("string", "int", "char(3)"),
    "char(3)": ("string", "varchar(3)"),
    "binary": ("string",),
    "array<int>": ("array<bigint>", "array<string>", "array<smallint>"),
    "map<string,int>": ("map<string,bigint>", "map<string,string>"),
    "struct<x:int,y:string>": (
        *("struct<x:bigint,y:string>", "struct<x:int>", "struct<y:string,x:int>"),
        *("struct<x:int,y:string,z:int>", "struct<a:int,b:string>"),
    ),
}
_TEXTS: Final = (
    *(
        "1",
        "-7",
        "1.5",
        "",
        "\\N",
        "abc",
        "abcdef",
        "true",
        "2024-02-29",
        "2024-02-29 12:34:56.789",
    ),
    *(
        "300",
        "99999999999",
        "999.99",
        "NaN",
        "1e3",
        "é",
        " 1",
        "1|2",
        "a\x031",
        "1\x02x",
        "k=v",
        "0",
    ),
)
_DELIMITED: Final = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','\nSTORED AS TEXTFILE"


def own_columns(given: random.Random) -> Made:
    """A partition with columns of its own: other types, names, fewer or more."""
    columns = [(f"c{i}", given.choice(_TYPES)) for i in range(given.randint(1, 4))]
    own = [
        (name, given.choice(_CHANGED[of]) if given.random() < 0.5 else of) for name, of in columns
    ]
    if given.random() < 0.2:
        own = own[: given.randint(1, len(own))]
    if given.random() < 0.15:
        own.append((f"c{len(columns)}", "string"))
    if given.random() < 0.15:
        own = [(f"x_{name}" if given.random() < 0.5 else name, of) for name, of in own]
    if given.random() < 0.1:
        given.shuffle(own)
    stored = given.choice(("TEXTFILE", "TEXTFILE", "PARQUET", "ORC"))
    files = {}
    for part, written in (("old", own), ("new", columns)):
        files[f"p={part}/f"] = (
            _lines(given, len(written)) if stored == "TEXTFILE" else _rows(given, stored, written)
        )
    document = {
        "about": f"columns of a partition's own in {stored}",
        "ddl": _ddl(columns, _DELIMITED if stored == "TEXTFILE" else f"STORED AS {stored}"),
        "partition_columns": [{"values": {"p": "old"}, "columns": [list(each) for each in own]}],
        "queries": _asked(given, columns),
    }
    return Made("parted", document, files)


def own_formats(given: random.Random) -> Made:
    """Partitions whose format or SerDe, or its properties, are others than the table's."""
    formats = [given.choice(list(_FORMATS)) for _ in range(3)]
    # Athena casts the columns of OpenCSVSerde, Trino knows only strings there.
    types = ("string",) if "csv" in formats else _TYPES
    columns = [(f"c{i}", given.choice(types)) for i in range(given.randint(1, 3))]
    files = {}
    given_columns = []
    for part, name in zip(("old", "new"), formats, strict=False):
        files[f"p={part}/f"] = _FORMATS[name].written(given, columns)
        storage = _FORMATS[name].storage()
        own = {"values": {"p": part}, "columns": [list(each) for each in columns]}
        given_columns.append({**own, "storage": storage})
    document = {
        "about": f"partitions of {formats[0]} and {formats[1]} in a table of {formats[2]}",
        "ddl": _ddl(columns, _FORMATS[formats[2]].stored),
        "partition_columns": given_columns[: given.choice((1, 2, 2, 2))],
        "queries": _asked(given, columns),
    }
    return Made("parted", document, files)


@dataclass(frozen=True, slots=True)
class _Format:
    stored: str
    input_format: str
    output_format: str
    serde: str
    properties: Mapping[str, str]
    written: Callable[[random.Random, list[tuple[str, str]]], bytes]

    def storage(self) -> dict[str, Any]:
        """What a partition's storage descriptor tells of it."""
        return {
            "InputFormat": self.input_format,
            "OutputFormat": self.output_format,
            "SerdeInfo": {
                "SerializationLibrary": self.serde,
                "Parameters": dict(self.properties),
            },
        }


def _columnar(stored: str, package: str, name: str) -> _Format:
    hive = "org.apache.hadoop.hive.ql.io"
    serde = {"PARQUET": "parquet.serde.ParquetHiveSerDe", "ORC": "orc.OrcSerde"}[stored]
    return _Format(
        f"STORED AS {stored}",
        f"{hive}.{package}.{name}InputFormat",
        f"{hive}.{package}.{name}OutputFormat",
        f"{hive}.{serde}",
        {},
        lambda given, columns: _rows(given, stored, columns),
    )


def _text(stored: str, serde: str, properties: Mapping[str, str], separator: str) -> _Format:
    return _Format(
        stored,
        "org.apache.hadoop.mapred.TextInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        serde,
        properties,
        lambda given, columns: _lines(given, len(columns)).replace(b",", separator.encode()),
    )


_LAZY: Final = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_CSV: Final = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
_OPENX: Final = "org.openx.data.jsonserde.JsonSerDe"
_FORMATS: Final = {
    "PARQUET": _columnar("PARQUET", "parquet", "MapredParquet"),
    "ORC": _columnar("ORC", "orc", "Orc"),
    "commas": _text(_DELIMITED, _LAZY, {"field.delim": ",", "serialization.format": ","}, ","),
    "bars": _text(
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY '|'\nSTORED AS TEXTFILE",
        _LAZY,
        {"field.delim": "|"},
        "|",
    ),
    "text": _text("STORED AS TEXTFILE", _LAZY, {}, "\x01"),
    "csv": _text(serde(_CSV), _CSV, {"separatorChar": ","}, ","),
    "openx": _text(serde(_OPENX), _OPENX, {"ignore.malformed.json": "true"}, ","),
}


def _lines(given: random.Random, count: int) -> bytes:
    rows = [
        ",".join(given.choice(_TEXTS) for _ in range(count)) for _ in range(given.randint(0, 6))
    ]
    return "".join(f"{row}\n" for row in rows).encode()


def _rows(given: random.Random, stored: str, columns: list[tuple[str, str]]) -> bytes:
    return columnar.written(given, stored, [(name, _kind(of)) for name, of in columns])


def _kind(of: str) -> Any:
    """A type as the columnar family has it."""
    if of.startswith("array"):
        return "array", of[6:-1]
    if of.startswith("map"):
        return ("map", *of[4:-1].split(","))
    if of.startswith("struct"):
        pairs = (each.split(":") for each in of[7:-1].split(","))
        return "struct", tuple((name, inner) for name, inner in pairs)
    return of


def _ddl(columns: list[tuple[str, str]], stored: str) -> list[str]:
    added = " ".join(f"PARTITION (p = '{part}')" for part in ("old", "new"))
    return [
        create(columns, stored, (("p", "string"),)),
        f"ALTER TABLE ${{TABLE}} ADD {added}",
    ]


def _asked(given: random.Random, columns: list[tuple[str, str]]) -> list[dict[str, str]]:
    one = given.choice(columns)[0]
    return queries(
        "SELECT * FROM ${TABLE}",
        f"SELECT p, {one} FROM ${{TABLE}} WHERE {one} IS NOT NULL",
        "SELECT p, count(*) FROM ${TABLE} GROUP BY p",
        "SELECT * FROM ${TABLE} WHERE p = 'new'",
    )


FAMILIES: Final = {"own_columns": own_columns, "own_formats": own_formats}
