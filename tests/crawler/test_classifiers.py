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
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pyarrow as pa
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


CUSTOM: dict[str, dict[str, Any]] = {
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
    "surrogate.json": b'{"\\ud800":1}\n',
    "nested_key.json": b'{"a":{"' + b"k" * 200_000 + b'":1}}\n',
    "bomb.gz": gzip.compress(b"0" * 50_000_000),
    "bomb.bz2": bz2.compress(b"0" * 10_000_000),
    "open_quote.csv": b'a,b\n1,"x\n' + b"2,y\n" * 50_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_named_and_harms_no_other(lake: Lake, name: str) -> None:
    files = {f"bad/{name}": HOSTILE[name], "good/a.csv": b"id,name\n1,ann\n2,bob\n"}
    files["other/a.json"] = b'{"x": {"y": 1}}\n'
    lines = crawl(lake, files)
    assert last(lake)["Status"] == "SUCCEEDED"
    assert columns(lake, "good") == [("id", "bigint"), ("name", "string")]
    if "bad" not in lake.catalog.table_names("db"):
        assert any(f"s3://{BUCKET}/bad/{name}" in line for line in lines)


def test_a_line_of_a_hundred_megabytes_is_not_read(lake: Lake) -> None:
    lines = crawl(lake, {"bad/a.csv": b"a,b," * 25_000_000})
    assert last(lake)["Status"] == "SUCCEEDED"
    assert lines == [f"no classifier knows s3://{BUCKET}/bad/a.csv"]


PUBLIC = {
    "order id,order date,postal code,sub-category,sales\nA,1/2/2015,42420,Chairs,261.96\n"
    "B,1/3/2015,42421,Tables,9\n": [
        ("order id", "string"),
        ("order date", "string"),
        ("postal code", "bigint"),
        ("sub-category", "string"),
        ("sales", "double"),
    ],
    "index;taxa selic;igp-m;stock.fin.total;cargos/abonos;comisión gran sol 25%\n"
    "1;0.5;1.1;7;x;y\n2;0.6;1.2;8;x;y\n": [
        ("index", "bigint"),
        ("taxa selic", "double"),
        ("igp-m", "double"),
        ("stock.fin.total", "bigint"),
        ("cargos/abonos", "string"),
        ("comisión gran sol 25%", "string"),
    ],
    "fecha|periodo|viajes|distancia\n20200101|0|1.5|002-005\n20200101|1|2.5|005-010\n": [
        ("fecha", "bigint"),
        ("periodo", "bigint"),
        ("viajes", "double"),
        ("distancia", "string"),
    ],
    "Province/State,Country/Region,Lat, Long \nHubei,China,30.9,112.2\n,Italy,1.5,2.5\n": [
        ("province/state", "string"),
        ("country/region", "string"),
        ("lat", "double"),
        ("long", "double"),
    ],
    "dateid,date\n1,2020-01-01\n2,2020-01-02\n": [("dateid", "bigint"), ("date", "string")],
    "a,b,\n1,2,\n3,4,\n": [("a", "bigint"), ("b", "bigint"), ("col2", "string")],
    "A00,A01,x,y\nA02,A03,z,u\n": [(f"col{n}", "string") for n in range(4)],
}
"""Lines like those of tables of crawlers whose DDL stands in public repositories (superstore
orders, economic indicators, Spanish mobility, COVID-19 series …), and the guide's delimiter at the
end."""


@pytest.mark.parametrize("text", PUBLIC, ids=lambda text: text.partition("\n")[0])
def test_csv_has_the_columns_that_glue_s_crawlers_gave(lake: Lake, text: str) -> None:
    crawl(lake, {"t/a.csv": text.encode()})
    assert columns(lake, "t") == PUBLIC[text]


def test_paths_of_json_are_in_the_order_that_glue_writes_them_in(lake: Lake) -> None:
    """As of a public table: distanceFromObject,sensorReadingTime,serialNumber."""
    record = b'{"sensorReadingTime":1655564126103,"serialNumber":"x","distanceFromObject":249}\n'
    crawl(lake, {"t/a.json": record, "t/b.json": record.replace(b"}", b',"Z":1}')})
    serde = table(lake, "t")["StorageDescriptor"]["SerdeInfo"]["Parameters"]
    assert serde["paths"] == "Z,distanceFromObject,sensorReadingTime,serialNumber"
    assert columns(lake, "t")[:3] == [
        ("sensorreadingtime", "bigint"),
        ("serialnumber", "string"),
        ("distancefromobject", "int"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1}{"a":2}{"b":"x"}',
        b'{\n "a": 1\n}\n{\n "a": 2, "b": "x"\n}\n',
        b'{"a":1}\n\n {"b":""}',
    ],
)
def test_objects_that_follow_each_other_are_records(lake: Lake, data: bytes) -> None:
    crawl(lake, {"t/a": data})
    assert columns(lake, "t") == [("a", "int"), ("b", "string")]


def bson(document: dict[str, Any]) -> bytes:
    """A document in the bytes that bsonspec.org describes."""
    body = b"".join(_element(name, value) for name, value in document.items()) + b"\0"
    return struct.pack("<i", len(body) + 4) + body


def _element(name: str, value: Any) -> bytes:
    key = name.encode() + b"\0"
    if isinstance(value, bool):
        return b"\x08" + key + bytes([value])
    if isinstance(value, int):
        return b"\x10" + key + struct.pack("<i", value)
    if isinstance(value, float):
        return b"\x01" + key + struct.pack("<d", value)
    if isinstance(value, str):
        text = value.encode() + b"\0"
        return b"\x02" + key + struct.pack("<i", len(text)) + text
    if isinstance(value, list):
        return b"\x04" + key + bson({str(n): each for n, each in enumerate(value)})
    if isinstance(value, dict):
        return b"\x03" + key + bson(value)
    return b"\x07" + key + b"0123456789ab" if value is ... else b"\x0a" + key


def test_documents_of_bson_are_known(lake: Lake) -> None:
    one = {"_id": ..., "n": 1, "x": 1.5, "s": "a", "ok": True, "none": None}
    other = {"_id": ..., "n": 2, "Sub": {"a": 1, "tags": ["x", "y"]}, "x": 2}
    # The specification's own example.
    hello = b"\x16\x00\x00\x00\x02hello\x00\x06\x00\x00\x00world\x00\x00"
    assert bson({"hello": "world"}) == hello
    crawl(lake, {"t/a.bson": bson(one) + bson(other) + hello})
    assert columns(lake, "t") == [
        *(("_id", "string"), ("n", "int"), ("x", "double"), ("s", "string"), ("ok", "boolean")),
        *(("none", "string"), ("sub", "struct<a:int,tags:array<string>>"), ("hello", "string")),
    ]
    parameters = table(lake, "t")["Parameters"]
    assert (parameters["classification"], parameters["recordCount"]) == ("bson", "3")


@pytest.mark.parametrize(
    "data", [b"\x16\0\0\0\x02hello", b"\x05\0\0\0\x01", b"\xff\xff\xff\xff", b"\x06\0\0\0\x99\0"]
)
def test_what_is_no_bson_is_nothing(lake: Lake, data: bytes) -> None:
    crawl(lake, {"t/a.bson": data})
    assert lake.catalog.table_names("db") == []


def test_a_csv_classifier_s_types_are_hive_s(lake: Lake) -> None:
    given = {
        "Name": "own",
        "Delimiter": ",",
        "ContainsHeader": "PRESENT",
        "CustomDatatypeConfigured": True,
        "CustomDatatypes": ["LONG", "SHORT", "DOUBLE", "TIMESTAMP"],
    }
    lake.catalog.records.create("classifier", "own", {"CsvClassifier": given}, "")
    crawl(lake, {"t/a.csv": b"a,b,c,d,e\n1,2,3,4,5\n1,2,3,4,5\n"}, Classifiers=["own"])
    assert [of for _, of in columns(lake, "t")] == [
        *("bigint", "smallint", "double", "timestamp", "string")
    ]


def test_a_csv_classifier_s_header_names_all_columns_or_the_file_is_not_its(lake: Lake) -> None:
    given = {"Name": "own", "Delimiter": ",", "Header": ["x", "y"], "ContainsHeader": "ABSENT"}
    lake.catalog.records.create("classifier", "own", {"CsvClassifier": given}, "")
    files = {"t/a.csv": b"1,2\n3,4\n", "u/a.csv": b"a,b,c\n1,2,3\n3,4,5\n"}
    crawl(lake, files, Classifiers=["own"])
    assert columns(lake, "t") == [("x", "bigint"), ("y", "bigint")]
    assert [name for name, _ in columns(lake, "u")] == ["a", "b", "c"]


def framed(codec: str, data: bytes) -> bytes:
    """Blocks of Hadoop's framing, each of 256 KiB as Hadoop makes them."""
    made = []
    for start in range(0, len(data), 1 << 18):
        block = data[start : start + (1 << 18)]
        packed = pa.Codec(codec).compress(block, asbytes=True)
        made.append(struct.pack(">II", len(block), len(packed)) + packed)
    return b"".join(made)


PACKED = {
    "snappy": lambda data: framed("snappy", data) * 2,
    "lz4": lambda data: framed("lz4_raw", data),
    "zst": lambda data: pa.Codec("zstd").compress(data, asbytes=True),
    "deflate": zlib.compress,
}


@pytest.mark.parametrize("ending", PACKED)
def test_what_only_a_name_tells_to_be_packed_is_looked_into(lake: Lake, ending: str) -> None:
    rows = b"".join(b'{"a":%d,"b":"x"}\n' % n for n in range(20_000))
    crawl(lake, {f"t/a.json.{ending}": PACKED[ending](rows)})
    assert columns(lake, "t") == [("a", "int"), ("b", "string")]
    assert table(lake, "t")["Parameters"]["compressionType"].startswith(ending[:3])


@pytest.mark.parametrize("ending", PACKED)
def test_what_is_not_packed_as_its_name_tells_is_nothing(lake: Lake, ending: str) -> None:
    crawl(lake, {f"t/a.{ending}": b'{"a":1}\n'})
    assert lake.catalog.table_names("db") == []
