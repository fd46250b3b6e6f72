"""Tables of symbolic links: texts in a table's folder name files that lie elsewhere."""

import gzip
import random
from typing import Final

from tests.formats.fuzz import columnar
from tests.formats.fuzz.making import Made, create, queries, some

_INPUT: Final = "org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat"
_OUTPUT: Final = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_SERDES: Final = {
    "text": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    "csv": "org.apache.hadoop.hive.serde2.OpenCSVSerde",
    "json": "org.openx.data.jsonserde.JsonSerDe",
    "hive": "org.apache.hive.hcatalog.data.JsonSerDe",
    "PARQUET": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    "ORC": "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
}
_LINES: Final = {
    "text": (b"1\x01a", b"2\x01b", b"", b"3", b"\\N\x01x"),
    "csv": (b"1,a", b'2,"b"', b"", b"3"),
    "json": (b'{"c0":"1","c1":"a"}', b'{"c1":"b"}', b"{}"),
    "hive": (b'{"c0":"1","c1":"a"}', b'{"c1":"b"}', b"{}"),
}
_ROOT: Final = "${LOCATION}"


def links(given: random.Random) -> Made:
    """Links to files, in one manifest or several, some odd."""
    kind = given.choice(list(_SERDES))
    columns = [("c0", "string"), ("c1", "string")]
    files = {}
    for name in ("a", "b", "c.gz", "sub/d", "_e", "f g", "é"):
        data = _file(given, kind)
        packed = name.endswith(".gz") and kind in _LINES
        files[f"data/{name}"] = gzip.compress(data) if packed else data
    parted = given.random() < 0.4
    folders = ("p=1/", "p=2/") if parted else ("",)
    for folder in folders:
        for name in some(given, ("symlink.txt", "m", "_hidden", ".x", "sub/m", "m2"), 1, 2):
            files[f"links/{folder}{name}"] = _manifest(given, list(files))
    stored = (
        f"ROW FORMAT SERDE '{_SERDES[kind]}'\n"
        f"STORED AS INPUTFORMAT '{_INPUT}'\nOUTPUTFORMAT '{_OUTPUT}'"
    )
    properties = {}
    if kind in _LINES and given.random() < 0.2:
        properties["skip.header.line.count"] = "1"
    told = create(columns, stored, [("p", "string")] if parted else (), properties)
    ddl = [told.replace("${LOCATION}/'", "${LOCATION}/links/'")]
    if parted:
        ddl.append("ALTER TABLE ${TABLE} ADD PARTITION (p = '1') PARTITION (p = '2')")
    document = {
        "about": f"links to files of {kind}",
        "ddl": ddl,
        "queries": queries(
            "SELECT * FROM ${TABLE}",
            "SELECT count(*), count(c0) FROM ${TABLE}",
            'SELECT "$path", count(*) FROM ${TABLE} GROUP BY 1',
            *(["SELECT c1 FROM ${TABLE} WHERE p = '2'"] if parted else ()),
        ),
    }
    return Made("links", document, files)


def _file(given: random.Random, kind: str) -> bytes:
    if kind in _LINES:
        return b"".join(line + b"\n" for line in some(given, _LINES[kind], 1, 4))
    return columnar.written(given, kind, [("c0", "string"), ("c1", "string")])


def _manifest(given: random.Random, keys: list[str]) -> bytes:
    data = [key for key in keys if key.startswith("data/")]
    lines = [f"{_ROOT}/{key}" for key in given.sample(data, given.randint(0, 3))]
    if given.random() < 0.15:
        lines.append(
            given.choice(
                (
                    f"{_ROOT}/data/missing",
                    f"{_ROOT}/data",
                    f"{_ROOT}/data/",
                    "",
                    " ",
                    "data/a",
                    "/data/a",
                    f" {_ROOT}/data/a",
                    f"{_ROOT}/data/a ",
                    f"{_ROOT}/data/a".replace("s3:", "s3a:"),
                    f"{_ROOT}/data/f%20g",
                    f"{_ROOT}//data/a",
                    *lines,
                )
            )
        )
    end = given.choice(("\n", "\n", "\r\n"))
    return (end.join(lines) + given.choice((end, ""))).encode()


FAMILIES: Final = {"links": links}
