"""Tables that CREATE TABLE AS and INSERT write: formats, codecs, partitions, buckets and values."""

import random
from typing import Final

from tests.formats.fuzz.making import Made, queries

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


def _select(given: random.Random, kinds: list[str], names: list[str]) -> str:
    rows = []
    for _ in range(given.choice((0, 1, 3, 3))):
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


FAMILIES: Final = {"written": written}
