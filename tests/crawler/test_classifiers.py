"""What classifiers make of files.

Files of Avro, ORC and Parquet are those that Hive and Spark wrote for `tests/formats`; their
tables' definitions say which columns they have. Lines of logs are the examples of the programs'
own documentation. Rules are those of "Adding classifiers to a crawler", Glue developer guide.
"""

import bz2
import gzip
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lakelet.lake import Lake
from tests.crawler.crawling import BUCKET, columns, crawl, last, table

CASES = Path(__file__).parents[1] / "formats/cases"
AS_THEIR_FILES = {
    "avro": (
        "array_map codec_bzip2 codec_null codec_snappy codec_zstandard empty"
        " enum_fixed hidden_path logical record union_multi union_single"
    ),
    "orc": (
        "booleans codec_lz4 codec_snappy codec_zlib dates decimals empty_rows"
        " floats hidden_path ints lists maps stripes structs"
        " timestamp_before_1970_fraction timestamp_before_1970_seconds"
        " timestamp_instant timestamp_ms timestamp_since_1970_ms timestamp_us"
    ),
    "parquet": (
        "all_null booleans codec_brotli codec_gzip codec_lz4 codec_none"
        " codec_zstd encoded_nulls floats half_float list_legacy_names path"
        " required row_groups structs timestamp_int96 timestamp_ms"
        " timestamp_ms_utc timestamp_ns timestamp_ns_digits timestamp_ns_utc"
        " timestamp_tz_other timestamp_us timestamp_us_utc uint64_bigint"
        " v1_format zero_byte"
    ),
}
"""Cases whose tables have just the columns and types of their files, by format."""


def declared(case: Path) -> list[tuple[str, str]]:
    ddl = json.loads((case / "case.json").read_text())["ddl"][0]
    return re.findall(r"^  `([^`]+)` ([^\n]+?),?$", ddl.split("PARTITIONED")[0], re.MULTILINE)


def as_their_files() -> list[Path]:
    return [
        CASES / form / f"{form}_{name}"
        for form, names in AS_THEIR_FILES.items()
        for name in names.split()
    ]


@pytest.mark.parametrize("case", as_their_files(), ids=lambda case: case.name)
def test_headers_and_footers_tell_the_columns(lake: Lake, case: Path) -> None:
    files = [path for path in (case / "data").rglob("*") if path.is_file()]
    crawl(lake, {f"{case.name}/{path.name}": path.read_bytes() for path in files})
    assert columns(lake, case.name) == declared(case)
    assert table(lake, case.name)["Parameters"]["classification"] == case.parent.name


LOGS = {
    "combined_apache": '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200'
    ' 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"',
    "apache": '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326',
    "linux_kernel": "Mar  4 06:47:04 host1 kernel: [  12.345678] eth0: link up, 1000Mbps",
    "microsoft_log": "192.168.114.201, -, 03/20/01, 7:55:20, W3SVC2, SERVER, 172.21.13.45, 4502,"
    " 163, 3223, 200, 0, GET, /DeptLogo.gif, -,",
    "ruby_logger": "I, [2024-03-04T06:47:04.123456 #1234]  INFO -- main: Hello",
    "squid": "1066036250.129 1 192.168.0.1 TCP_HIT/200 12095 GET http://www.example.com/ -"
    " NONE/- text/html",
    "redismonlog": '1339518083.107412 [0 127.0.0.1:60866] "keys" "*"',
    "redislog": "[4018] 14 Nov 07:01:22.119 * Background saving terminated with success",
}


@pytest.mark.parametrize("name", LOGS)
def test_logs_are_known_by_their_lines(lake: Lake, name: str) -> None:
    crawl(lake, {"logs/a.log": f"{LOGS[name]}\n{LOGS[name]}\n".encode()})
    found = table(lake, "logs")
    assert found["Parameters"]["classification"] == name
    serde = found["StorageDescriptor"]["SerdeInfo"]
    assert serde["SerializationLibrary"] == "com.amazonaws.glue.serde.GrokSerDe"
    assert serde["Parameters"]["input.format"]


def test_apache_s_lines_have_glue_s_columns(lake: Lake) -> None:
    crawl(lake, {"logs/a.log": f"{LOGS['combined_apache']}\n".encode()})
    assert [name for name, _ in columns(lake, "logs")] == [
        *("clientip", "ident", "auth", "timestamp", "verb", "request", "httpversion"),
        *("rawrequest", "response", "bytes", "referrer", "agent"),
    ]


def zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "pack"), [("gzip", gzip.compress), ("bzip2", bz2.compress), ("zip", zipped)]
)
def test_packed_files_are_looked_into(lake: Lake, name: str, pack: Any) -> None:
    crawl(lake, {"sales/a": pack(b"id,name\n1,ann\n2,bob\n")})
    assert columns(lake, "sales") == [("id", "bigint"), ("name", "string")]
    assert table(lake, "sales")["Parameters"]["compressionType"] == name


def test_json_in_an_array_and_over_many_lines(lake: Lake) -> None:
    crawl(lake, {"a/a.json": b'[{"x":1},\n {"x":2,"y":"z"}]', "b/b.json": b'{\n "x": [1.5]\n}\n'})
    assert columns(lake, "a") == [("x", "int"), ("y", "string")]
    assert columns(lake, "b") == [("x", "array<double>")]


def test_a_long_first_record_is_read_to_its_end(lake: Lake) -> None:
    crawl(lake, {"a/a.json": b'{"x":"' + b"y" * 1_000_000 + b'","z":1}\n'})
    assert columns(lake, "a") == [("x", "string"), ("z", "int")]


def test_xml_has_the_rows_below_its_root(lake: Lake) -> None:
    rows = b"".join(b'<row id="%d"><name>n</name><t>1.5</t><t>2</t></row>' % i for i in range(3))
    crawl(lake, {"a/a.xml": b"<?xml version='1.0'?>\n<rows>" + rows + b"</rows>"})
    assert columns(lake, "a") == [("id", "bigint"), ("name", "string"), ("t", "array<double>")]
    parameters = table(lake, "a")["Parameters"]
    assert (parameters["classification"], parameters["rowTag"]) == ("xml", "row")


CUSTOM = {
    "grok": {
        "GrokClassifier": {
            "Name": "own",
            "Classification": "app",
            "GrokPattern": "%{LEVEL:level} %{NUMBER:took:double} %{GREEDYDATA:said}",
            "CustomPatterns": "LEVEL (?:LOW|HIGH)",
        }
    },
    "json": {"JsonClassifier": {"Name": "own", "JsonPath": "$.items[*]"}},
    "xml": {"XMLClassifier": {"Name": "own", "Classification": "people", "RowTag": "person"}},
    "csv": {
        "CsvClassifier": {
            "Name": "own",
            "Delimiter": "^",
            "QuoteSymbol": "'",
            "ContainsHeader": "ABSENT",
            "Header": ["Number", "word"],
            "Serde": "OpenCSVSerDe",
        }
    },
}


@pytest.mark.parametrize(
    ("kind", "data", "classification", "found"),
    [
        ("grok", b"LOW 1.5 a b\nHIGH 2 c\n", "app", ["level string", "took double", "said string"]),
        ("json", b'{"items":[{"a":1},{"b":"c"}],"more":2}', "json", ["a int", "b string"]),
        ("xml", b"<a><b/><person><age>3</age></person></a>", "people", ["age bigint"]),
        ("csv", b"1^'a'\n2^'b'\n", "csv", ["number bigint", "word string"]),
    ],
)
def test_custom_classifiers_come_first(
    lake: Lake, kind: str, data: bytes, classification: str, found: list[str]
) -> None:
    lake.catalog.records.create("classifier", "own", CUSTOM[kind], "")
    crawl(lake, {"t/a": data}, Classifiers=["own"])
    assert [" ".join(each) for each in columns(lake, "t")] == found
    assert table(lake, "t")["Parameters"]["classification"] == classification


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"AllowSingleColumn": True, "ContainsHeader": "PRESENT"}, [("a", "bigint")]),
        (
            {
                "AllowSingleColumn": True,
                "ContainsHeader": "PRESENT",
                "CustomDatatypeConfigured": True,
                "CustomDatatypes": ["DATE"],
            },
            [("a", "date")],
        ),
    ],
)
def test_a_csv_classifier_takes_what_the_built_in_one_does_not(
    lake: Lake, settings: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    given = {"CsvClassifier": {"Name": "own", "Delimiter": ",", **settings}}
    lake.catalog.records.create("classifier", "own", given, "")
    crawl(lake, {"t/a.csv": b"a\n1\n2\n"}, Classifiers=["own"])
    assert columns(lake, "t") == found


HOSTILE = {
    "wide.csv": b",".join(b"c%d" % i for i in range(10_000)) + b"\n" + b"1," * 9_999 + b"1\n",
    "deep.json": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "key.json": b'{"' + b"k" * 1_000_000 + b'":1}\n',
    "cut.gz": gzip.compress(bytes(range(256)) * 4096)[:5_000],
    "cut.parquet": b"PAR1" + bytes(1000),
    "cut.orc": b"ORC" + bytes(1000),
    "cut.avro": b"Obj\x01\x04\x16avro.schema\xf0\xff\x03",
    "noise.bin": bytes(range(256)) * 100,
    "laughs.xml": b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><l>&c;&c;&c;</l>',
    "half.json": b'{"a":1}\n{"a":',
    "empty.csv": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_named_and_harms_no_other(lake: Lake, name: str) -> None:
    files = {f"bad/{name}": HOSTILE[name], "good/a.csv": b"id,name\n1,ann\n2,bob\n"}
    lines = crawl(lake, files)
    assert last(lake)["Status"] == "SUCCEEDED"
    assert columns(lake, "good") == [("id", "bigint"), ("name", "string")]
    if "bad" not in lake.catalog.table_names("db"):
        assert any(f"s3://{BUCKET}/bad/{name}" in line for line in lines)


def test_a_line_of_a_hundred_megabytes_is_not_read(lake: Lake) -> None:
    lines = crawl(lake, {"bad/a.csv": b"a,b," * 25_000_000})
    assert last(lake)["Status"] == "SUCCEEDED"
    assert lines == [f"no classifier knows s3://{BUCKET}/bad/a.csv"]
