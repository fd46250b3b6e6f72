from functools import partial
from typing import Any

import pytest

import lakelet
from lakelet.errors import TrinoError
from lakelet.sql.statements import kinds, parse
from tests.formats import lakes

TABLE = """CREATE EXTERNAL TABLE IF NOT EXISTS `t` ( -- a comment
  `id` int COMMENT 'it\\'s the id',
  s string, `date` date,
  m map<string,array<struct<a:int,b:decimal(10,2)>>>
)
COMMENT "of \\"things\\""
PARTITIONED BY (p string, q int)
ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\'
  COLLECTION ITEMS TERMINATED BY '\\u0002' MAP KEYS TERMINATED BY '\\003'
  LINES TERMINATED BY '\\n' NULL DEFINED AS 'nil'
STORED AS TEXTFILE
LOCATION 's3://data/t/'
TBLPROPERTIES ('skip.header.line.count'='1', "a"="b")"""


def _parameters(lake: lakelet.Lake, name: str = "t") -> dict[str, str]:
    table = lake.catalog.table("default", name)
    assert table is not None
    return {k: v for k, v in table.parameters.items() if k != "transient_lastDdlTime"}


def test_every_clause_reaches_the_catalogue(run: Any, lake: lakelet.Lake) -> None:
    run(TABLE)
    table = lake.catalog.table("default", "t")
    assert table is not None
    assert [(c.name, c.type, c.comment) for c in table.storage.columns] == [
        ("id", "int", "it's the id"),
        ("s", "string", None),
        ("date", "date", None),
        ("m", "map<string,array<struct<a:int,b:decimal(10,2)>>>", None),
    ]
    assert [(c.name, c.type) for c in table.partition_keys] == [("p", "string"), ("q", "int")]
    assert table.storage.serde_parameters == {
        "field.delim": "\t",
        "serialization.format": "\t",
        "escape.delim": "\\",
        "colelction.delim": "\x02",
        "mapkey.delim": "\x03",
        "line.delim": "\n",
        "serialization.null.format": "nil",
    }
    assert _parameters(lake) == {
        "EXTERNAL": "TRUE",
        "comment": 'of "things"',
        "skip.header.line.count": "1",
        "a": "b",
    }


def test_what_hive_cannot_parse_fails_when_it_runs(run: Any) -> None:
    with pytest.raises(TrinoError) as raised:
        run("CREATE DATABASE my-db")
    assert raised.value.name == "PARSE_EXCEPTION"
    assert str(raised.value) == "FAILED: ParseException line 1:18 missing EOF at '-' near 'my'"


def test_strings_without_a_blank_between_them_are_one(run: Any, lake: lakelet.Lake) -> None:
    run("CREATE EXTERNAL TABLE t (a int COMMENT 'x''y\"z') LOCATION 's3://data/t/'")
    table = lake.catalog.table("default", "t")
    assert table is not None
    assert table.storage.columns[0].comment == 'xy"z'
    run("ALTER TABLE t SET TBLPROPERTIES ('k' == 'a''b\"c\"')")
    assert _parameters(lake) == {"EXTERNAL": "TRUE", "k": 'ab"c"'}


def test_columns_are_called_as_in_the_guides_tables_of_logs(run: Any, lake: lakelet.Lake) -> None:
    # Its list has these words as reserved; its load balancers' and flow logs have them bare.
    run(
        "CREATE EXTERNAL TABLE t (time string, timestamp string, start bigint,"
        " e struct<timestamp:string,start:string>) PARTITIONED BY (date string, user int)"
        " LOCATION 's3://data/t/'"
    )
    run("ALTER TABLE t ADD PARTITION (date='2024-01-02', user=1)")
    run("ALTER TABLE t CHANGE COLUMN time moment string AFTER start")
    run("ALTER TABLE t ADD COLUMNS (b int, time int)")
    assert run("SHOW PARTITIONS t") == ("date=2024-01-02/user=1",)
    table = lake.catalog.table("default", "t")
    assert table is not None
    assert [column.name for column in table.storage.columns] == [
        *("timestamp", "start", "moment", "e", "b", "time")
    ]


@pytest.mark.parametrize("word", ["end", "from", "partition", "select"])
def test_columns_of_other_reserved_names_need_backticks(run: Any, word: str) -> None:
    with pytest.raises(TrinoError, match=f"cannot recognize input near '{word}' 'string'"):
        run(f"CREATE EXTERNAL TABLE t (a int, {word} string) LOCATION 's3://data/t/'")


UNSUPPORTED = (
    "ALTER TABLE t NOT CLUSTERED",
    "ALTER TABLE t COMPACT 'major'",
    "ALTER TABLE t PARTITION (p = '1') CONCATENATE",
    "ALTER TABLE t SET FILEFORMAT ORC",
    "ALTER TABLE t TOUCH",
    "CREATE INDEX i ON TABLE t (a)",
    "CREATE ROLE r",
    "CREATE TEMPORARY MACRO m(x int) x + 1",
    "DESCRIBE DATABASE d",
    "EXPORT TABLE t TO 's3://data/'",
    "GRANT ROLE r TO USER u",
    "LOCK TABLE t SHARED",
    "SHOW LOCKS",
    "SHOW ROLES",
    "START TRANSACTION",
    "COMMIT",
)


@pytest.mark.parametrize("text", UNSUPPORTED)
def test_what_athena_has_not_is_refused_at_once(text: str) -> None:
    with pytest.raises(TrinoError, match=r"^Queries of this type are not supported$"):
        parse(text)


# StatementType and SubstatementType: docs of the API by aoyagikouhei/athena-local, PyAthena.
KINDS = (
    ("SELECT 1", "DML", "SELECT"),
    ("WITH a AS (SELECT 1) SELECT * FROM a", "DML", "SELECT"),
    ("/* c */ VALUES 1", "DML", "SELECT"),
    ("(SELECT 1)", "DML", "SELECT"),
    ("TABLE t", "DML", "SELECT"),
    ("EXPLAIN SELECT 1", "DML", "EXPLAIN"),
    ("INSERT INTO t VALUES 1", "DML", "INSERT"),
    ("DELETE FROM t WHERE a = 1", "DML", "DELETE"),
    ("UPDATE t SET a = 1", "DML", "UPDATE"),
    ("MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE", "DML", "MERGE"),
    ("UNLOAD (SELECT 1 a) TO 's3://b/' WITH (format = 'ORC')", "DML", "UNLOAD"),
    ("CREATE TABLE t AS SELECT 1 a", "DDL", "CREATE_TABLE_AS_SELECT"),
    ("create table t with (format = 'ORC') as select 1 a", "DDL", "CREATE_TABLE_AS_SELECT"),
    ("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://b/'", "DDL", "CREATE_TABLE"),
    ("CREATE EXTERNAL TABLE", "DDL", "CREATE_TABLE"),
    ("CREATE OR REPLACE VIEW v AS SELECT 1 a", "DDL", "CREATE_VIEW"),
    ("CREATE SCHEMA d", "DDL", "CREATE_DATABASE"),
    ("DROP TABLE t", "DDL", "DROP_TABLE"),
    ('DROP VIEW "v"', "DDL", "DROP_VIEW"),
    ("DROP DATABASE d CASCADE", "DDL", "DROP_DATABASE"),
    ("ALTER TABLE t ADD COLUMNS (b int)", "DDL", "ALTER_TABLE_ADD_COLUMN"),
    ("MSCK REPAIR TABLE t", "DDL", "MSCK_REPAIR"),
    ("SHOW TABLES", "UTILITY", "SHOW_TABLES"),
    ("SHOW DATABASES", "UTILITY", "SHOW_DATABASES"),
    ("SHOW COLUMNS IN t", "UTILITY", "SHOW_COLUMNS"),
    ("SHOW CREATE TABLE t", "UTILITY", "SHOW_CREATE_TABLE"),
    ("SHOW CREATE VIEW v", "UTILITY", "SHOW_CREATE_VIEW"),
    ("DESC t", "UTILITY", "DESCRIBE_TABLE"),
)


@pytest.mark.parametrize(("text", "kind", "substatement"), KINDS, ids=[each[0] for each in KINDS])
def test_statements_are_of_athenas_kinds(text: str, kind: str, substatement: str) -> None:
    assert kinds(parse(text)) == (kind, substatement)


def test_databases_are_made_changed_and_dropped(run: Any, lake: lakelet.Lake) -> None:
    run(
        "CREATE SCHEMA IF NOT EXISTS `d-1` COMMENT 'c' LOCATION 's3://data/d/'"
        " WITH DBPROPERTIES ('a'='1', 'b'='2')"
    )
    run("ALTER DATABASE `d-1` SET DBPROPERTIES ('b'='3')")
    found = lake.catalog.databases.get("d-1")
    assert (found["Description"], found["LocationUri"]) == ("c", "s3://data/d/")
    assert found["Parameters"] == {"a": "1", "b": "3"}
    run("CREATE EXTERNAL TABLE `d-1`.t (a int) LOCATION 's3://data/t/'")
    with pytest.raises(TrinoError, match=r"Database d-1 is not empty\. One or more tables exist"):
        run("DROP DATABASE `d-1`")
    run("DROP DATABASE `d-1` CASCADE")
    assert run("SHOW DATABASES") == ("default",)
    with pytest.raises(TrinoError, match=r"\[Error 10072\]: Database does not exist: d-1"):
        run("ALTER DATABASE `d-1` SET DBPROPERTIES ('b'='3')")
    run("DROP SCHEMA IF EXISTS `d-1`")


def _partitions(run: Any) -> list[str]:
    return sorted(run("SHOW PARTITIONS t"))


def test_partitions_are_added_renamed_moved_and_dropped(run: Any, lake: lakelet.Lake) -> None:
    run(TABLE)
    run(
        "ALTER TABLE t ADD PARTITION (p='a/b', q=1) PARTITION (p='a/b', q=2) LOCATION"
        " 's3://data/x/' PARTITION (q=-3, p='c')"
    )
    assert _partitions(run) == ["p=a%2Fb/q=1", "p=a%2Fb/q=2", "p=c/q=-3"]
    assert run("SHOW PARTITIONS t PARTITION (p='c')") == ("p=c/q=-3",)
    table = lake.catalog.table("default", "t")
    assert table is not None
    where = {each.values: each.storage.location for each in lake.catalog.partitions(table)}
    assert where[("a/b", "1")] == "s3://data/t/p=a%2Fb/q=1"
    assert where[("a/b", "2")] == "s3://data/x/"

    with pytest.raises(TrinoError, match="Partition already exists"):
        run("ALTER TABLE t ADD PARTITION (p='new', q=1) PARTITION (p='c', q=-3)")
    run("ALTER TABLE t ADD IF NOT EXISTS PARTITION (p='c', q=-3)")
    assert len(_partitions(run)) == 3

    run("ALTER TABLE t PARTITION (p='c', q=-3) RENAME TO PARTITION (p='d', q=4)")
    run("ALTER TABLE t PARTITION (p='d', q=4) SET LOCATION 's3://data/y/'")
    where = {each.values: each.storage.location for each in lake.catalog.partitions(table)}
    assert where[("d", "4")] == "s3://data/y/"
    for change in ("RENAME TO PARTITION (p='e', q=1)", "SET LOCATION 's3://data/z/'"):
        with pytest.raises(TrinoError, match=r"Partition not found \{p=c, q=-3\}"):
            run(f"ALTER TABLE t PARTITION (p='c', q=-3) {change}")
    with pytest.raises(TrinoError, match="field q does not appear in the input"):
        run("ALTER TABLE t ADD PARTITION (p='c')")
    with pytest.raises(TrinoError, match="Non-Partition column appears"):
        run("ALTER TABLE t ADD PARTITION (p='c', x=1)")

    run("ALTER TABLE t DROP PARTITION (p='a/b')")
    assert _partitions(run) == ["p=d/q=4"]
    with pytest.raises(TrinoError, match="Partition not found"):
        run("ALTER TABLE t DROP PARTITION (p='d'), PARTITION (p='none')")
    assert _partitions(run) == ["p=d/q=4"]
    run("ALTER TABLE t DROP IF EXISTS PARTITION (p='d'), PARTITION (p='none')")
    assert _partitions(run) == []


def test_columns_are_added_changed_and_replaced(run: Any, lake: lakelet.Lake) -> None:
    run("CREATE EXTERNAL TABLE t (a int COMMENT 'x', b int) LOCATION 's3://data/t/'")

    def columns() -> list[tuple[str, str, str | None]]:
        table = lake.catalog.table("default", "t")
        assert table is not None
        return [(c.name, c.type, c.comment) for c in table.storage.columns]

    run("ALTER TABLE t ADD COLUMNS (c struct<x:int,y:string>, d bigint COMMENT 'y')")
    run("ALTER TABLE t CHANGE COLUMN a a2 bigint AFTER c")
    run("ALTER TABLE t CHANGE d d double COMMENT 'z' FIRST")
    assert columns() == [
        ("d", "double", "z"),
        ("b", "int", None),
        ("c", "struct<x:int,y:string>", None),
        ("a2", "bigint", "x"),
    ]
    with pytest.raises(TrinoError, match="Duplicate column name: b"):
        run("ALTER TABLE t ADD COLUMNS (b int)")
    with pytest.raises(TrinoError, match="Invalid column reference nope"):
        run("ALTER TABLE t CHANGE nope n int")
    with pytest.raises(TrinoError, match="near 'foo' '\\)' '<EOF>' in column type"):
        run("ALTER TABLE t ADD COLUMNS (e foo)")
    run("ALTER TABLE t REPLACE COLUMNS (z string)")
    assert columns() == [("z", "string", None)]


def test_properties_are_set_unset_and_shown(run: Any, lake: lakelet.Lake) -> None:
    run("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://data/t/' TBLPROPERTIES ('k'='v')")
    run("ALTER TABLE t SET TBLPROPERTIES ('b'='1', 'k'='w')")
    assert run("SHOW TBLPROPERTIES t('k')") == ("w",)
    assert run("SHOW TBLPROPERTIES t('x')") == ("Table default.t does not have property: x",)
    run("ALTER TABLE t UNSET TBLPROPERTIES ('k')")
    assert _parameters(lake) == {"EXTERNAL": "TRUE", "b": "1"}
    with pytest.raises(TrinoError, match="UNSET TBLPROPERTIES IF EXISTS"):
        run("ALTER TABLE t UNSET TBLPROPERTIES ('k')")
    run("ALTER TABLE t UNSET TBLPROPERTIES IF EXISTS ('k')")
    run("ALTER TABLE t SET LOCATION 's3://data/u/'")
    assert "  's3://data/u/'" in run("SHOW CREATE TABLE t")


def test_tables_and_views_are_told_apart(run: Any) -> None:
    run("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://data/t/'")
    run("CREATE VIEW v AS SELECT 1 a")
    with pytest.raises(TrinoError, match=r"that name exists\. Did you mean DROP TABLE"):
        run("DROP VIEW t")
    with pytest.raises(TrinoError, match="Cannot drop a view with DROP TABLE"):
        run("DROP TABLE v")
    with pytest.raises(TrinoError, match=r"\[Error 10131\]"):
        run("ALTER TABLE v ADD COLUMNS (b int)")
    with pytest.raises(TrinoError, match="is a table, not a view"):
        run("SHOW CREATE VIEW t")
    with pytest.raises(TrinoError, match=r"Table default\.t is not a partitioned table"):
        run("SHOW PARTITIONS t")
    assert run("SHOW VIEWS") == ("v",)
    assert run("SHOW TABLES '*'") == ("t", "v")
    assert run("SHOW TABLES '?'") == run("SHOW TABLES '['") == ()
    run('DROP VIEW "v"')
    with pytest.raises(TrinoError, match=r"^line 1:1: View 'awsdatacatalog\.default\.v' does not"):
        run("DROP VIEW v")
    run("DROP VIEW IF EXISTS v")
    with pytest.raises(TrinoError, match=r"\[Error 10001\]: Table not found default\.u"):
        run("DROP TABLE u")


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*logs", ("alb_logs", "elb_logs")),
        (".*logs", ("alb_logs", "elb_logs")),
        ("[a-z0-9]*logs", ("alb_logs", "elb_logs")),
        ("[^a]*logs", ("elb_logs",)),
        (".lb_logs", ("alb_logs", "elb_logs")),
        ("ALB*|fl.*", ("alb_logs", "flights")),
        ("logs", ()),
        ("*.", ("alb_logs", "elb_logs", "flights")),
    ],
)
def test_patterns_of_names_are_those_of_the_guide(
    run: Any, pattern: str, found: tuple[str, ...]
) -> None:
    for name in ("alb_logs", "elb_logs", "flights"):
        run(f"CREATE EXTERNAL TABLE {name} (a int) LOCATION 's3://data/{name}/'")
    assert run(f"SHOW TABLES '{pattern}'") == found


def test_a_pattern_of_many_stars_is_soon_answered(run: Any) -> None:
    run(f"CREATE EXTERNAL TABLE {'a' * 250} (a int) LOCATION 's3://data/t/'")
    assert run(f"SHOW TABLES '{'*a' * 100}*b'") == ()
    assert run(f"SHOW TABLES '{'*a' * 100}*'") == ("a" * 250,)


def test_repair_finds_folders_of_keys(run: Any, lake: lakelet.Lake) -> None:
    run("CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (p string, q int) LOCATION 's3://data/t/'")
    for key in ("p=1/q=2/f", "p=a%2Fb/q=3/f", "q=1/p=2/f", "p=5/f", "P=7/q=8/_hidden/f"):
        lake.storage.write("data", f"t/{key}", b"1\n")
    assert run("MSCK REPAIR TABLE t")[0] == "Partitions not in metastore:\tt:p=1/q=2\tt:p=a%2Fb/q=3"
    assert _partitions(run) == ["p=1/q=2", "p=a%2Fb/q=3"]
    assert run("MSCK REPAIR TABLE t") == ()


def test_repair_adds_no_keys_in_camel_case(run: Any, lake: lakelet.Lake) -> None:
    run("CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (userid int) LOCATION 's3://data/t/'")
    for key in ("userId=1/f", "userid=2/f"):
        lake.storage.write("data", f"t/{key}", b"1\n")
    assert run("MSCK REPAIR TABLE t") == (
        "Partitions not in metastore:\tt:userId=1\tt:userid=2",
        "Repair: Added partition to metastore t:userid=2",
    )
    assert _partitions(run) == ["userid=2"]
    assert run("MSCK REPAIR TABLE t") == ("Partitions not in metastore:\tt:userId=1",)


@pytest.mark.parametrize(
    ("word", "serde"),
    [
        ("textfile", "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
        ("SEQUENCEFILE", "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
        ("RCFILE", "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe"),
        ("ORC", "org.apache.hadoop.hive.ql.io.orc.OrcSerde"),
        ("PARQUET", "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
        ("AVRO", "org.apache.hadoop.hive.serde2.avro.AvroSerDe"),
        ("JSONFILE", "org.apache.hive.hcatalog.data.JsonSerDe"),
        ("ION", "com.amazon.ionhiveserde.IonHiveSerDe"),
    ],
)
def test_the_words_of_stored_as_are_hives(
    lake: lakelet.Lake, run: Any, word: str, serde: str
) -> None:
    run(f"CREATE EXTERNAL TABLE t (a int) STORED AS {word} LOCATION 's3://data/t/'")
    found = lake.catalog.table("default", "t")
    assert found is not None
    assert found.storage.serde == serde


@pytest.mark.parametrize("word", ["CSV", "REGEX", "GROK", "CLOUDTRAIL", "OPENX_JSON", "JSON", "x"])
def test_trinos_words_are_none_of_stored_as(run: Any, word: str) -> None:
    text = f"CREATE EXTERNAL TABLE t (a int) STORED AS {word} LOCATION 's3://data/t/'"
    with pytest.raises(TrinoError) as failure:
        run(text)
    assert failure.value.message == (
        f"FAILED: SemanticException Unrecognized file format in STORED AS clause: '{word.upper()}'"
    )


@pytest.mark.parametrize("word", ["SEQUENCEFILE", "RCFILE"])
def test_files_that_are_not_read_are_refused(lake: lakelet.Lake, run: Any, word: str) -> None:
    run(f"CREATE EXTERNAL TABLE t (a int) STORED AS {word} LOCATION 's3://data/t/'")
    lake.storage.write("data", "t/f", b"SEQ")
    with pytest.raises(TrinoError, match="Unsupported storage format: SerDe") as failure:
        lakelet.connect(lake).cursor().execute("SELECT * FROM t").fetchall()
    assert failure.value.name == "HIVE_UNSUPPORTED_FORMAT"


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE ice SET LOCATION 's3://data/elsewhere/'",
        "ALTER TABLE ice ADD PARTITION (k = '1')",
        "ALTER TABLE ice DROP PARTITION (k = '1')",
        "ALTER TABLE ice REPLACE COLUMNS (a int)",
        "MSCK REPAIR TABLE ice",
    ],
)
def test_what_iceberg_tables_have_not_is_refused_and_leaves_them_alone(
    run: Any, lake: lakelet.Lake, text: str
) -> None:
    columns = [{"Name": "id", "Type": "bigint"}]
    made = {
        "Name": "ice",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"table_type": "ICEBERG", "metadata_location": "s3://data/i/m.json"},
        "StorageDescriptor": {"Columns": columns, "Location": "s3://data/i"},
    }
    lake.catalog.tables.create("default", made)
    before = lake.catalog.tables.get("default", "ice")
    with pytest.raises(TrinoError) as raised:
        run(text)
    assert raised.value.name == "NOT_SUPPORTED"
    # Measured on AWS.
    assert str(raised.value) == "Query type not supported by Athena Iceberg at this time"
    assert lake.catalog.tables.get("default", "ice") == before


def test_iceberg_tables_are_shown_in_athena_s_layout_and_dropped(
    run: Any, lake: lakelet.Lake
) -> None:
    run(
        "CREATE TABLE ice (id bigint COMMENT 'key', at timestamp, s struct<x:int>)"
        " PARTITIONED BY (bucket(16, id), day(at)) LOCATION 's3://data/ice/'"
        " TBLPROPERTIES ('table_type' = 'ICEBERG', 'vacuum_min_snapshots_to_keep' = '3')"
    )
    assert run("SHOW TABLES") == ("ice",)
    assert run("DESCRIBE ice") == (
        "# Table schema:\t\t",
        "# col_name\tdata_type\tcomment",
        "id\tbigint\tkey",
        "at\ttimestamp\t",
        "s\tstruct<x:int>\t",
        "\t\t",
        "# Partition spec:\t\t",
        "# field_name\tfield_transform\tcolumn_name",
        "id_bucket\tbucket[16]\tid",
        "at_day\tday\tat",
    )
    assert run("DESCRIBE ice id") == ("id\tbigint\tkey",)
    statement = "\n".join(run("SHOW CREATE TABLE ice"))
    assert "PARTITIONED BY (bucket(16, `id`), day(`at`))" in statement
    run("DROP TABLE ice")
    assert run("SHOW TABLES") == ()
    assert [*lake.storage.list("data", "ice/")] == []
    run(statement)
    assert "\n".join(run("SHOW CREATE TABLE ice")) == statement


def test_tables_of_hive_cannot_be_renamed(run: Any, lake: lakelet.Lake) -> None:
    run("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://data/t/'")
    with pytest.raises(TrinoError) as raised:
        run("ALTER TABLE t RENAME TO u")
    # Measured on AWS; the request's id is another one each time.
    assert raised.value.message.startswith(
        "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. Unable"
        " to alter table. Unable to change partition or table: com.amazonaws.services.datacatalog."
        "model.InvalidInputException: Table cannot be renamed (Service: AmazonDataCatalog; Status"
        " Code: 400; Error Code: InvalidInputException; Request ID: "
    )
    with pytest.raises(TrinoError) as raised:
        run("ALTER TABLE nope RENAME TO u")
    message = "FAILED: SemanticException [Error 10001]: Table not found default.nope"
    assert raised.value.message == message


def test_tables_of_iceberg_are_renamed(run: Any, lake: lakelet.Lake) -> None:
    run("CREATE DATABASE other")
    for name in ("ice", "standing"):
        run(
            f"CREATE TABLE {name} (id int) LOCATION 's3://data/{name}/'"
            " TBLPROPERTIES ('table_type' = 'ICEBERG')"
        )
    before = lake.catalog.tables.get("default", "ice")
    run("ALTER TABLE `default`.`ice` RENAME TO `other`.`renamed`")
    assert lake.catalog.tables.find("default", "ice") is None
    after = lake.catalog.tables.get("other", "renamed")
    for member in ("Parameters", "StorageDescriptor", "TableType"):
        assert after[member] == before[member]
    with pytest.raises(TrinoError) as raised:
        run("ALTER TABLE other.renamed RENAME TO default.standing")
    assert raised.value.name == "TABLE_ALREADY_EXISTS"
    with pytest.raises(TrinoError, match="Database does not exist: nowhere"):
        run("ALTER TABLE other.renamed RENAME TO nowhere.t")
    assert lake.catalog.tables.find("other", "renamed") is not None
    run("ALTER TABLE other.renamed RENAME TO again")
    assert lake.catalog.tables.names("other") == ["again"]


def test_partitions_are_told_by_a_table_of_their_own(lake: lakelet.Lake, run: Any) -> None:
    # Trino 476 gives these rows of partitions a/1, b/NULL and NULL/2, and has no such table of one
    # without keys.
    rows = partial(lakes.rows, lake, database="default")
    run("CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (dt string, n int) LOCATION 's3://data/t/'")
    none = "__HIVE_DEFAULT_PARTITION__"
    run(
        "ALTER TABLE t ADD PARTITION (dt='a', n=1)"
        f" PARTITION (dt='b', n='{none}') PARTITION (dt='{none}', n=2)"
    )
    everything = 'SELECT * FROM "t$partitions" ORDER BY dt'
    assert rows(everything) == [("a", 1), ("b", None), (None, 2)]
    assert rows('SELECT dt FROM default."t$partitions" WHERE n = 1') == [("a",)]
    run("ALTER TABLE t DROP PARTITION (dt='a', n=1)")
    assert rows(everything) == [("b", None), (None, 2)]
    run("CREATE EXTERNAL TABLE plain (a int) LOCATION 's3://data/plain/'")
    with pytest.raises(TrinoError, match=r"plain\$partitions' does not exist"):
        rows('SELECT * FROM "plain$partitions"')


def test_properties_are_a_row(lake: lakelet.Lake, run: Any) -> None:
    rows = partial(lakes.rows, lake, database="default")
    run("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://data/t/' TBLPROPERTIES ('numRows'='it''s')")
    run("ALTER TABLE t UNSET TBLPROPERTIES ('transient_lastDdlTime')")
    run("ALTER TABLE t SET TBLPROPERTIES ('a.b'='{x}', 'said'='it\\'s')")
    assert rows('SELECT * FROM "t$properties"') == [("TRUE", "{x}", "its", "it's")]
    assert rows("SELECT numrows FROM default.\"T$Properties\" WHERE said = 'it''s'") == [("its",)]
    run("CREATE VIEW v AS SELECT 1 a")
    assert rows('SELECT presto_view FROM "v$properties"') == [("true",)]
    with pytest.raises(TrinoError, match="does not exist"):
        rows('SELECT * FROM "t$properties$properties"')
