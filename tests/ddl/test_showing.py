"""Layouts of SHOW and DESCRIBE.

Samples: uber/athenadriver (SHOW CREATE TABLE, SHOW TBLPROPERTIES), docs of DDL by
aoyagikouhei/athena-local (DESCRIBE, SHOW COLUMNS), Hive's MetaDataFormatUtils (FORMATTED).
"""

import re
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

import lakelet
from lakelet.errors import TrinoError
from lakelet.sql.statements.hive.cursor import RESERVED

LOGS = """CREATE EXTERNAL TABLE logs (
  time string COMMENT '', size int COMMENT '')
PARTITIONED BY (day string)
ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
WITH SERDEPROPERTIES ('input.regex'='([^ ]*) (\\\\d+)')
LOCATION 's3://data/logs/'
TBLPROPERTIES ('transient_lastDdlTime'='1480278335')""".replace("time string", "`time` string")


def test_show_create_table_is_laid_out_as_hive_does(run: Any) -> None:
    run(LOGS)
    assert run("SHOW CREATE TABLE logs") == (
        "CREATE EXTERNAL TABLE `default.logs`(",
        "  `time` string COMMENT '', ",
        "  `size` int COMMENT '')",
        "PARTITIONED BY ( ",
        "  `day` string) ",
        "ROW FORMAT SERDE ",
        "  'org.apache.hadoop.hive.serde2.RegexSerDe' ",
        "WITH SERDEPROPERTIES ( ",
        "  'input.regex'='([^ ]*) (\\\\d+)') ",
        "STORED AS INPUTFORMAT ",
        "  'org.apache.hadoop.mapred.TextInputFormat' ",
        "OUTPUTFORMAT ",
        "  'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'",
        "LOCATION",
        "  's3://data/logs/'",
        "TBLPROPERTIES (",
        "  'transient_lastDdlTime'='1480278335')",
    )


def test_delimiters_are_shown_as_clauses(run: Any) -> None:
    run(
        "CREATE EXTERNAL TABLE t (a int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
        " COLLECTION ITEMS TERMINATED BY '\\001' LOCATION 's3://data/t/'"
    )
    lines = run("SHOW CREATE TABLE t")
    at = lines.index("ROW FORMAT DELIMITED ")
    assert lines[at + 1 : at + 4] == (
        "  FIELDS TERMINATED BY ',' ",
        "  COLLECTION ITEMS TERMINATED BY '\\u0001' ",
        "STORED AS INPUTFORMAT ",
    )


def test_describe_pads_its_cells(run: Any) -> None:
    run(LOGS)
    day = "day                 \tstring              \t                    "
    heading = "# col_name            \tdata_type           \tcomment             "
    assert run("DESCRIBE logs") == (
        "time                \tstring              \t                    ",
        "size                \tint                 \t                    ",
        day,
        "\t \t ",
        "# Partition Information\t \t ",
        heading,
        "\t \t ",
        day,
    )
    assert run("DESC default.logs size") == (
        "size                \tint                 \tfrom deserializer   ",
    )
    assert run("SHOW COLUMNS FROM logs IN default") == (
        "time                ",
        "size                ",
        "day                 ",
    )
    message = "cannot find field nope from [0:time, 1:size]"
    with pytest.raises(TrinoError, match=re.escape(message)):
        run("DESCRIBE logs nope")


def test_describe_formatted_tells_where_and_how(run: Any) -> None:
    run(LOGS)
    run("ALTER TABLE logs ADD PARTITION (day='2020-01-01')")
    lines = run("DESCRIBE FORMATTED logs")
    assert lines[0] == "# col_name            \tdata_type           \tcomment             "
    at = lines.index("# Detailed Table Information\t \t ")
    shown = [line.split("\t")[0].strip() for line in lines[at:]]
    assert shown == [
        *("# Detailed Table Information", "Database:", "Owner:", "CreateTime:"),
        *("LastAccessTime:", "Protect Mode:", "Retention:", "Location:", "Table Type:"),
        *("Table Parameters:", "", "", "", "# Storage Information", "SerDe Library:"),
        *("InputFormat:", "OutputFormat:", "Compressed:", "Num Buckets:", "Bucket Columns:"),
        *("Sort Columns:", "Storage Desc Params:", "", ""),
    ]
    assert "Location:           \ts3://data/logs/     \t " in lines
    assert "\tEXTERNAL            \tTRUE                " in lines
    lines = run("DESCRIBE FORMATTED logs PARTITION (day='2020-01-01')")
    assert "# Detailed Partition Information\t \t " in lines
    assert "Partition Value:    \t[2020-01-01]        \t " in lines
    assert any("s3://data/logs/day=2020-01-01" in line for line in lines)
    with pytest.raises(TrinoError, match=r"Partition not found \{day=1\}"):
        run("DESCRIBE logs PARTITION (day='1')")


def test_describe_extended_adds_the_metastores_record(run: Any) -> None:
    run(LOGS)
    last = run("DESCRIBE EXTENDED logs")[-1]
    assert last.startswith(
        "Detailed Table Information\tTable(tableName:logs, dbName:default, owner:"
    )
    assert "FieldSchema(name:size, type:int, comment:" in last
    assert "location:s3://data/logs/," in last


# A table that SHOW CREATE TABLE shows and that is made again is the same table. ---------------

words = st.text(st.characters(min_codepoint=1, max_codepoint=0x2FF), max_size=8)
names = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
# Hive shows a struct's type as it is kept, without backticks around reserved words.
fields = names.filter(lambda name: name.upper() not in RESERVED)
simple = st.sampled_from(
    ["int", "string", "decimal(10,2)", "varchar(5)", "char(3)", "timestamp", "double", "binary"]
)
types = st.recursive(
    simple,
    lambda inner: st.one_of(
        inner.map("array<{}>".format),
        st.tuples(simple, inner).map(lambda pair: "map<{},{}>".format(*pair)),
        st.lists(st.tuples(fields, inner), min_size=1, max_size=3, unique_by=lambda p: p[0]).map(
            lambda parts: f"struct<{','.join(f'{n}:{t}' for n, t in parts)}>"
        ),
    ),
    max_leaves=4,
)
columns = st.tuples(names, types, st.none() | words)
lazy = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
keys = st.sampled_from(["field.delim", "escape.delim", "mapkey.delim", "line.delim", "x.y"])


@st.composite
def tables(draw: Any) -> dict[str, Any]:
    found = draw(st.lists(columns, min_size=1, max_size=6, unique_by=lambda c: c[0]))
    split = draw(st.integers(1, len(found)))
    documents = [
        {"Name": name, "Type": of, **({} if comment is None else {"Comment": comment})}
        for name, of, comment in found
    ]
    buckets = draw(st.integers(0, 3))
    return {
        "Name": "t",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", **draw(st.dictionaries(names, words, max_size=3))},
        "PartitionKeys": documents[split:],
        "StorageDescriptor": {
            "Columns": documents[:split],
            "Location": "s3://data/t/",
            "InputFormat": "in.Format",
            "OutputFormat": "out.Format",
            "NumberOfBuckets": buckets or -1,
            "BucketColumns": [documents[0]["Name"]] if buckets else [],
            "SerdeInfo": {
                "SerializationLibrary": draw(st.sampled_from([lazy, "a.b.SerDe"])),
                "Parameters": {
                    **draw(st.dictionaries(keys, words, max_size=4)),
                    "serialization.format": draw(st.sampled_from(["1", ",", "\t"])),
                },
            },
        },
    }


@pytest.fixture(scope="module")
def shared() -> Any:
    with lakelet.Lake() as made:
        yield made


def test_a_bucket_column_of_a_reserved_name_is_quoted(shared: lakelet.Lake) -> None:
    def run(text: str) -> Any:
        return shared.engine.prepare(text, shared.session()).execute()

    run(
        "CREATE EXTERNAL TABLE reserved (`if` int, id int) CLUSTERED BY (`if`, id) INTO 2 BUCKETS"
        " LOCATION 's3://data/reserved/'"
    )
    lines = run("SHOW CREATE TABLE reserved").lines
    start = lines.index("CLUSTERED BY ( ")
    assert [each.strip() for each in lines[start + 1 : start + 3]] == ["`if`,", "id)"]


@settings(max_examples=60)
@given(document=tables())
def test_a_table_that_is_shown_is_made_again(shared: lakelet.Lake, document: Any) -> None:
    def run(text: str) -> Any:
        return shared.engine.prepare(text, shared.session()).execute()

    def taken() -> tuple[str, Any]:
        """How the table shows, and what the catalogue has, before it goes."""
        shown = "\n".join(run("SHOW CREATE TABLE t").lines)
        table = shared.catalog.table("default", "t")
        shared.catalog.tables.delete("default", "t")
        return shown, table

    shared.catalog.tables.create("default", document)
    shown, before = taken()
    run(shown)
    _, after = taken()
    assert (after.storage, after.partition_keys) == (before.storage, before.partition_keys)
    ignored = ("transient_lastDdlTime",)
    assert {k: v for k, v in after.parameters.items() if k not in ignored} == {
        k: v for k, v in before.parameters.items() if k not in ignored
    }


PATHS = (
    ("a", ("a|int|from deserializer",)),
    ("s", ("p|int|from deserializer", "q|array<map<string,double>>|from deserializer")),
    ("s.p", ("p|int|from deserializer",)),
    ("s.q", ("q|array<map<string,double>>|from deserializer",)),
    ("s.q.'$elem$'", ("$elem$|map<string,double>|from deserializer",)),
    ("s.q.'$elem$'.'$key$'", ("$key$|string|from deserializer",)),
    ("s.q.'$elem$'.'$value$'", ("$value$|double|from deserializer",)),
    ("l.'$elem$'", ("x|date|from deserializer",)),
    ("k", ("k|string|of keys",)),
)


@pytest.mark.parametrize(("path", "told"), PATHS, ids=[path for path, _ in PATHS])
def test_a_path_leads_into_a_column(run: Any, path: str, told: tuple[str, ...]) -> None:
    run(
        "CREATE EXTERNAL TABLE t (a int COMMENT 'one', s struct<p:int,q:array<map<string,double>>>,"
        " l array<struct<x:date>>) PARTITIONED BY (k string COMMENT 'of keys')"
        " LOCATION 's3://data/t/'"
    )
    lines = [tuple(cell.strip() for cell in line.split("\t")) for line in run(f"DESCRIBE t {path}")]
    assert ["|".join(line) for line in lines] == list(told)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("s.z", "cannot find field z from [0:p, 1:q]"),
        ("a.x", "Error in getting fields from serde.Unknown type for x"),
        ("s.q.'$key$'", "Error in getting fields from serde.Unknown type for $key$"),
    ],
)
def test_a_path_may_lead_nowhere(run: Any, path: str, message: str) -> None:
    run("CREATE EXTERNAL TABLE t (a int, s struct<p:int,q:array<int>>) LOCATION 's3://data/t/'")
    with pytest.raises(TrinoError, match=re.escape(message)):
        run(f"DESCRIBE t {path}")
