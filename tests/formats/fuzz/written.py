"""What CREATE TABLE AS, INSERT and UNLOAD write: formats, codecs, partitions, buckets and values.

Trino writes what `written` asks for, and its files are compared; what the others ask for lakelet
writes, and Trino reads it.
"""

import random
from typing import Final

from tests.formats.fuzz.making import Made, create, queries, serde

_FORMATS: Final = ("PARQUET", "ORC", "AVRO", "JSON", "TEXTFILE")
_CODECS: Final = ("NONE", "SNAPPY", "GZIP", "ZSTD", "LZ4")
_VALUES: Final = {
    "boolean": ("true", "false"),
    "tinyint": ("TINYINT '1'", "TINYINT '-128'"),
    "smallint": ("SMALLINT '300'",),
    "integer": ("1", "-7", "2147483647"),
    "bigint": ("BIGINT '1099511627776'", "BIGINT '-9'"),
    "real": ("REAL '1.5'", "real 'NaN'", "REAL '1e10'"),
    "double": ("1.5e0", "-0e0", "infinity()", "1e300"),
    "decimal(5,2)": ("DECIMAL '1.25'", "DECIMAL '-999.99'"),
    "decimal(30,10)": ("CAST(12345678901234567890.5 AS decimal(30,10))",),
    "varchar": ("'a'", "''", "'é'", "'x y'", "'a,b'", "'a\nb'", "'\\N'", "'a\tb'", "'\"q\"'"),
    "varchar(3)": ("CAST('abc' AS varchar(3))",),
    "char(3)": ("CAST('a' AS char(3))",),
    "date": ("DATE '2024-02-29'", "DATE '1500-03-01'", "DATE '0001-01-01'"),
    "timestamp(3)": ("TIMESTAMP '2024-02-29 12:34:56.789'", "TIMESTAMP '1960-01-01 00:00:00.001'"),
    "varbinary": ("X'00FF'", "X''"),
    "array(integer)": ("ARRAY[1, NULL]", "ARRAY[]"),
    "map(varchar, bigint)": ("MAP(ARRAY['k'], ARRAY[BIGINT '1'])", "MAP(ARRAY['k'], ARRAY[NULL])"),
    "row(x integer, y varchar)": ("ROW(1, 'a')", "ROW(NULL, '')"),
    "array(array(varchar))": ("ARRAY[ARRAY['a', NULL], NULL]",),
    "time(3)": ("TIME '12:34:56.789'",),
    "json": ("JSON '{}'",),
    "unknown": ("NULL",),
}
_SURE: Final = tuple(_VALUES)[:-3]
_KEYS: Final = ("varchar", "integer", "bigint", "date", "boolean", "decimal(5,2)", "varchar(3)")


def written(given: random.Random) -> Made:
    """CREATE TABLE AS, sometimes an INSERT behind it."""
    form, codec = given.choice(_FORMATS), given.choice(_CODECS)
    kinds = [
        given.choice(_SURE if given.random() < 0.97 else tuple(_VALUES))
        for _ in range(given.randint(1, 4))
    ]
    names = [f"c{place}" for place in range(len(kinds))]
    told = {"format": f"'{form}'", "external_location": "'${LOCATION}/'"}
    told["write_compression"] = f"'{codec}'"
    parted = given.random() < 0.35
    if parted:
        kinds.append(given.choice(_KEYS))
        names.append("p")
        told["partitioned_by"] = "ARRAY['p']"
    if given.random() < 0.2:
        told["bucketed_by"] = f"ARRAY['{given.choice(names)}']"
        told["bucket_count"] = given.choice(("1", "2", "3"))
    if form == "TEXTFILE" and given.random() < 0.4:
        told["field_delimiter"] = given.choice(("','", "'|'", "'\t'", "'a'", "';'"))
    if given.random() < 0.05:
        told[given.choice(("foo", "bucket_count", "orc_bloom", "partitioned_by"))] = "1"
    select = _select(given, kinds, names)
    steps = [_created(told, select)]
    if given.random() < 0.3 and "bucketed_by" not in told:
        steps.append({"sql": f"INSERT INTO ${{TABLE}} {_select(given, kinds, names)}"})
    document = {
        "about": f"{form} in {codec}: {', '.join(kinds)}",
        "session": {"hive.compression_codec": codec},
        "steps": steps,
        "queries": queries(
            "SELECT * FROM ${TABLE}", f"SELECT count(*), count({names[0]}) FROM ${{TABLE}}"
        ),
    }
    return Made("written", document)


def _select(given: random.Random, kinds: list[str], names: list[str], least: int = 0) -> str:
    rows = []
    for _ in range(max(least, given.choice((0, 1, 3, 3)))):
        cells = [
            f"CAST(NULL AS {of})"
            if of != "unknown" and given.random() < 0.15
            else given.choice(_VALUES[of])
            for of in kinds
        ]
        rows.append(
            f"({', '.join(f'CAST({cell} AS {of})' for cell, of in zip(cells, kinds, strict=True))})"
        )
    if not rows:
        nulls = ", ".join(
            f"CAST(NULL AS {of}) AS {name}" for of, name in zip(kinds, names, strict=True)
        )
        return f"SELECT {nulls} WHERE false"
    return f"SELECT * FROM (VALUES {', '.join(rows)}) t ({', '.join(names)})"


_TRINO: Final = {
    "field_delimiter": "textfile_field_separator",
    "external_location": "external_location",
}


def _created(told: dict[str, str], select: str) -> dict[str, str]:
    trino = {
        _TRINO.get(name, name): value.replace("}/'", "}'")
        for name, value in told.items()
        if name != "write_compression"
    }
    return {
        "sql": f"CREATE TABLE ${{TABLE}}\nWITH ({_pairs(told)})\nAS {select}",
        "trino": f"CREATE TABLE ${{TABLE}}\nWITH ({_pairs(trino)})\nAS {select}",
    }


def _pairs(told: dict[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in told.items())


_PACKED: Final = {
    "PARQUET": ("NONE", "SNAPPY", "GZIP", "ZSTD"),
    "ORC": ("NONE", "SNAPPY", "GZIP", "ZSTD", "LZ4"),
    "AVRO": ("NONE", "SNAPPY", "GZIP", "ZSTD"),
    "JSON": ("NONE", "GZIP"),
    "TEXTFILE": ("NONE", "GZIP"),
}
_NEVER: Final = {
    "AVRO": {"tinyint", "smallint"},
    "JSON": {"real", "double"},
    "ORC": {"timestamp(3)"},
}
"""Types that a format has not for every value, or of which Trino reads not what others write."""
_BUCKETED: Final = frozenset({"integer", "bigint", "varchar", "date", "boolean", "double"})


def _chosen(given: random.Random) -> tuple[str, list[str], list[str], bool]:
    """A format, types, names, and whether the last column is a partition's key."""
    form = given.choice(_FORMATS)
    sure = [of for of in _SURE if of not in _NEVER.get(form, ())]
    kinds = [given.choice(sure) for _ in range(given.randint(1, 4))]
    names = [f"c{place}" for place in range(len(kinds))]
    parted = given.random() < 0.3
    if parted:
        kinds.append(given.choice(("integer", "date", "boolean", "decimal(5,2)", "varchar(3)")))
        names.append("p")
    return form, kinds, names, parted


def read_back(given: random.Random) -> Made:
    """Tables that lakelet makes by CREATE TABLE AS and INSERT, read by Trino."""
    form, kinds, names, parted = _chosen(given)
    told = {"format": f"'{form}'", "external_location": "'${LOCATION}/'"}
    if given.random() < 0.8:
        told["write_compression"] = f"'{given.choice(_PACKED[form])}'"
    if parted:
        told["partitioned_by"] = "ARRAY['p']"
    if kinds[0] in _BUCKETED and given.random() < 0.3:
        told["bucketed_by"] = "ARRAY['c0']"
        told["bucket_count"] = given.choice(("1", "3"))
    if form == "TEXTFILE" and given.random() < 0.5:
        told["field_delimiter"] = given.choice(("','", "'|'", "';'"))
    select = _select(given, kinds, names, least=1)
    ddl = [f"CREATE TABLE ${{TABLE}} WITH ({_pairs(told)}) AS {select}"]
    if given.random() < 0.4 and "bucketed_by" not in told:
        ddl.append(f"INSERT INTO ${{TABLE}} {_select(given, kinds, names, least=1)}")
    return _asked(f"CREATE TABLE AS of {form}: {', '.join(kinds)}", ddl, names)


def _asked(about: str, ddl: list[str], names: list[str]) -> Made:
    asked = queries("SELECT * FROM ${TABLE}", f"SELECT count({names[0]}) FROM ${{TABLE}}")
    return Made("read_back", {"about": about, "ddl": ddl, "queries": asked})


_HIVE: Final = {
    "integer": "int",
    "real": "float",
    "varchar": "string",
    "timestamp(3)": "timestamp",
    "varbinary": "binary",
    "array(integer)": "array<int>",
    "map(varchar, bigint)": "map<string,bigint>",
    "row(x integer, y varchar)": "struct<x:int,y:string>",
    "array(array(varchar))": "array<array<string>>",
}
_SERDES: Final = {
    "AVRO": "STORED AS AVRO",
    "JSON": serde("org.apache.hive.hcatalog.data.JsonSerDe"),
    "ORC": "STORED AS ORC",
    "PARQUET": "STORED AS PARQUET",
}


def unloaded(given: random.Random) -> Made:
    """What UNLOAD writes, by tables over its folders that Trino reads."""
    form, kinds, names, parted = _chosen(given)
    told = {"format": f"'{form}'"}
    if given.random() < 0.7:
        told["compression"] = f"'{given.choice(_PACKED[form])}'"
    stored = _SERDES.get(form, "")
    if form == "TEXTFILE":
        separator = given.choice(("\\001", ",", "|", ";"))
        if separator != "\\001":
            told["field_delimiter"] = f"'{separator}'"
        stored = f"ROW FORMAT DELIMITED FIELDS TERMINATED BY '{separator}'\nSTORED AS TEXTFILE"
    if parted:
        told["partitioned_by"] = "ARRAY['p']"
    hive = [(name, _HIVE.get(of, of)) for name, of in zip(names, kinds, strict=True)]
    keys = [hive.pop()] if parted else []
    ddl = [
        f"UNLOAD ({_select(given, kinds, names, least=1)})"
        f" TO '${{LOCATION}}/' WITH ({_pairs(told)})",
        create(hive, stored, keys),
        *(["MSCK REPAIR TABLE ${TABLE}"] if parted else ()),
    ]
    return _asked(f"UNLOAD of {form}: {', '.join(kinds)}", ddl, names)


FAMILIES: Final = {"written": written, "read_back": read_back, "unloaded": unloaded}
