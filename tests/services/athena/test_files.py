"""Result files byte for byte, as aoyagikouhei/athena-local measured them on AWS in 2026."""

from typing import Any

import pytest

from lakelet import Lake
from lakelet.engines import short_answers
from tests.services.athena import running

OCTETS, PLAIN = "application/octet-stream", "binary/octet-stream"
ROWS_COLUMN = bytes.fromhex("2222 0a04") + b"hive" + b"\x22\x04rows\x2a\x04rows\x32\x06bigint"
ROWS_COLUMN += bytes.fromhex("3813 4000 4803 5000")


@pytest.fixture
def tables(athena: Any, s3_client: Any) -> Any:
    s3_client.create_bucket(Bucket="shop")
    s3_client.put_object(Bucket="shop", Key="t/a.csv", Body=b"1,one\n2,two\n")
    for text in (
        "CREATE DATABASE shop",
        "CREATE EXTERNAL TABLE shop.t (n int, s string COMMENT 'said') PARTITIONED BY (p string)"
        " ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://shop/t/'",
        "CREATE VIEW shop.v AS SELECT 1 AS n, 'a' AS s",
    ):
        running.succeeded(athena, text)
    return athena


def test_csv_quotes_every_value_and_leaves_null_empty(athena: Any, s3_client: Any) -> None:
    query = running.succeeded(
        athena,
        "SELECT * FROM (VALUES (1, 'it''s', 'a\"b', CAST(NULL AS varchar), '', ARRAY[1, 2],"
        " X'0102'), (2, 'x' || chr(10) || 'y', ',', 'n', 'é', ARRAY[], X'')) "
        "AS t (i, s, q, n, empty, a, vb)",
    )
    where = query["ResultConfiguration"]["OutputLocation"]
    assert where == f"{running.RESULTS}{query['QueryExecutionId']}.csv"
    assert running.file(s3_client, where) == (
        b'"i","s","q","n","empty","a","vb"\n'
        b'"1","it\'s","a""b",,"","[1, 2]","01 02"\n'
        b'"2","x\ny",",","n","\xc3\xa9","[]",""\n',
        OCTETS,
    )
    assert running.rows(athena, query["QueryExecutionId"])[1:] == [
        ["1", "it's", 'a"b', None, "", "[1, 2]", "01 02"],
        ["2", "x\ny", ",", "n", "é", "[]", ""],
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("DOUBLE '1.0E20'", "1.0E20"),
        ("DOUBLE '1.0E-7'", "1.0E-7"),
        ("DOUBLE '0.1' + DOUBLE '0.2'", "0.30000000000000004"),
        ("ARRAY['a', NULL]", "[a, null]"),
        ("MAP(ARRAY['z', 'k'], ARRAY[2, 1])", "{k=1, z=2}"),
        ("CAST(ROW(1, 'x') AS ROW(id integer, name varchar))", "{id=1, name=x}"),
        ("ROW(1, 'x')", "{1, x}"),
        ("X'0102'", "01 02"),
        ("INTERVAL '2' DAY", "2 00:00:00.000"),
        ("INTERVAL '3' MONTH", "0-3"),
        ("DATE '2020-01-02'", "2020-01-02"),
        ("TIMESTAMP '2020-01-02 03:04:05.678'", "2020-01-02 03:04:05.678"),
        ("TIMESTAMP '2020-01-02 03:04:05.600'", "2020-01-02 03:04:05.600"),
        ("TIMESTAMP '0001-01-01 00:00:00.000'", "0001-01-01 00:00:00.000"),
        ("TIMESTAMP '2020-01-02 03:04:05.678 UTC'", "2020-01-02 03:04:05.678 UTC"),
        ("TIME '03:04:05.678'", "03:04:05.678"),
        ("DECIMAL '1.50'", "1.50"),
        ("JSON '{\"a\": [1, null]}'", '{"a":[1,null]}'),
        ("true", "true"),
        ("''", ""),
    ],
)
def test_the_text_of_each_type(athena: Any, s3_client: Any, value: str, text: str) -> None:
    """Measured on AWS, as the values of GetQueryResults; a CSV has the same."""
    for many in ("", " FROM UNNEST(sequence(1, 2)) AS u (n)"):  # by both ways of writing
        query = running.succeeded(athena, f"SELECT {value} AS v{many}")
        found = running.file(s3_client, query["ResultConfiguration"]["OutputLocation"])
        assert found is not None
        quoted = '"' + text.replace('"', '""') + '"\n'
        assert found[0].decode() == '"v"\n' + quoted * (2 if many else 1)
        rows = running.rows(athena, query["QueryExecutionId"])
        assert rows[1:] == [[text]] * (2 if many else 1)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1 AS a, 'x' AS b, CAST(NULL AS varchar) AS c",
        "SELECT CAST(NULL AS integer) AS n",
        "SELECT '' AS e, 'a\"b' AS q, 'c,d' AS s, 'x' || chr(13) || chr(10) || 'y' AS l",
        'SELECT \'é€😀\' AS "Ünï", \'b\' AS "q""x"',
        "SELECT 1 AS x, 2 AS X, 3 AS x",
        "SELECT 1, -9223372036854775808, 1e30, -0e0, true, false, NULL, '', 'a\"b', 'x\ny'",
        "SELECT DISTINCT 'é€😀' AS x",
        "SELECT 1 LIMIT 0",
        "SELECT 1 WHERE false",
        "VALUES (1, NULL), (NULL, 'b')",
        "SELECT x FROM UNNEST(sequence(1, 5)) AS t (x) ORDER BY x DESC LIMIT 3",
        "SELECT x FROM UNNEST(sequence(1, 5)) AS t (x) WHERE x > 9 LIMIT 3",
        "SELECT count(*), max(x), array_agg(x) FROM UNNEST(sequence(1, 5)) AS t (x)",
        "SELECT count(*) FROM UNNEST(sequence(1, 5)) AS t (x) HAVING count(*) > 9",
        "SELECT 1.5e0, real '1.5', decimal '1.50', timestamp '2020-01-02 03:04:05.6', x'00ff',"
        " map(array['k'], array[null]), cast(row(1, 'a') as row(x int, y varchar)), json '[1]',"
        " interval '1' day, date '2020-01-02', true",
    ],
)
def test_a_short_answer_is_written_as_a_long_one(
    lakelet: Lake, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    written = []
    path = lakelet.storage.scratch / "answer.csv"
    for is_short in (True, False):
        run = lakelet.engine.prepare(text, lakelet.session())
        answer: Any = run.execute()
        assert short_answers.is_short(answer.plan.analysis.query)
        with monkeypatch.context() as patched:
            if not is_short:
                patched.setattr(short_answers, "is_short", lambda query: False)
            count = answer.write_csv(path)
        run.close()
        written.append((path.read_bytes(), count))
    assert written[0] == written[1]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT x FROM UNNEST(sequence(1, 5)) AS t (x)",
        "SELECT x FROM UNNEST(sequence(1, 5)) AS t (x) LIMIT 101",
        "SELECT x FROM UNNEST(sequence(1, 5)) AS t (x) GROUP BY x",
        "SELECT max(x) FROM UNNEST(sequence(1, 5)) AS t (x) GROUP BY GROUPING SETS ((), (x))",
        "SELECT 1 UNION ALL SELECT x FROM UNNEST(sequence(1, 5)) AS t (x)",
        "SELECT x FROM UNNEST(sequence(1, 5)) AS t (x) ORDER BY x FETCH FIRST 1 ROW WITH TIES",
    ],
)
def test_an_answer_that_may_be_long_is_left_to_duckdb(lakelet: Lake, text: str) -> None:
    plan = lakelet.engine.plan(text, lakelet.session())
    assert not short_answers.is_short(plan.analysis.query)


def test_no_rows_are_a_header(athena: Any, s3_client: Any) -> None:
    query = running.succeeded(athena, "SELECT * FROM (VALUES 1) AS t (n) WHERE n < 0")
    where = query["ResultConfiguration"]["OutputLocation"]
    assert running.file(s3_client, where) == (b'"n"\n', OCTETS)


@pytest.mark.parametrize("text", ["SELECT 1", "SELECT 'a', 1e0, true, NULL, current_schema"])
def test_literals_are_not_asked_of_duckdb(lakelet: Lake, text: str) -> None:
    run = lakelet.engine.prepare(text, lakelet.session())
    answer: Any = run.execute()
    run.stop.now()  # DuckDB gives it no rows any more
    assert answer.write_csv(lakelet.storage.scratch / "answer.csv") == 1
    run.close()


@pytest.mark.parametrize(
    "text",
    ["SELECT 1", "select - 1", "SELECT 'a' AS x, (true)", 'SELECT ((1.5E0)) AS "x" -- done'],
)
def test_literals_need_no_engine(athena: Any, s3_client: Any, text: str) -> None:
    query = running.succeeded(athena, text)
    where = query["ResultConfiguration"]["OutputLocation"]
    csv, metadata = running.file(s3_client, where), running.file(s3_client, f"{where}.metadata")
    assert csv is not None
    assert csv[1] == PLAIN
    identifier = query["QueryExecutionId"].encode()
    assert metadata is not None
    assert metadata[1] == PLAIN
    # The QueryExecutionId, no update and 0 rows of it.
    assert metadata[0].startswith(b"\x0a\x24" + identifier + b"\x12\x00\x18\x00")


def test_many_numbers_with_exponents_are_soon_told_from_an_expression(
    athena: Any, s3_client: Any
) -> None:
    query = running.succeeded(athena, f"SELECT {'1e5, ' * 60}1 + 1")
    where = query["ResultConfiguration"]["OutputLocation"]
    csv = running.file(s3_client, where)
    assert csv is not None
    assert csv[1] == OCTETS


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1 + 1",
        "SELECT NULL",
        "SELECT (1, 2)",
        "SELECT DATE '2020-01-01'",
        "SELECT +1",
        "SELECT -(1)",
        "VALUES 1",
        "SELECT 1 LIMIT 1",
        "(SELECT 1)",
        "SELECT 1 WHERE true",
    ],
)
def test_other_queries_are_planned(athena: Any, s3_client: Any, text: str) -> None:
    query = running.succeeded(athena, text)
    where = query["ResultConfiguration"]["OutputLocation"]
    csv, metadata = running.file(s3_client, where), running.file(s3_client, f"{where}.metadata")
    assert csv is not None
    assert csv[1] == OCTETS
    # An id of the engine, in the form of Trino's.
    assert metadata is not None
    assert metadata[0][:2] == b"\x0a\x1b"
    assert metadata[0][29:30] == b"\x22"


@pytest.mark.parametrize(
    ("sql", "name", "numbers"),
    [
        ("1 + 1", "integer", "380a 4000 4803 5000"),
        ("1.5e0 + 1", "double", "3811 4000 4803 5000"),
        ("DECIMAL '1.50' + 0", "decimal", None),
        ("CAST('a' AS varchar(7))", "varchar", "3807 4000 4803 5001"),
        ("true AND false", "boolean", "4803 5000"),
        ("DATE '2020-01-01'", "date", "4000 4803 5000"),
        ("INTERVAL '1' DAY", "interval day to second", "4803 5000"),
        ("ARRAY[1]", "array", "4803"),
        ("JSON '1'", "json", "4803"),
        ("TIMESTAMP '2020-01-01 00:00:00 UTC'", "timestamp with time zone", "3803 4000 4803 5000"),
        ("uuid()", "uuid", "4803"),
    ],
)
def test_metadata_holds_what_the_type_has(
    athena: Any, s3_client: Any, sql: str, name: str, numbers: str | None
) -> None:
    query = running.succeeded(athena, f"SELECT {sql} AS c")
    where = query["ResultConfiguration"]["OutputLocation"]
    found = running.file(s3_client, f"{where}.metadata")
    assert found is not None
    column = found[0][31:]
    start = b"\x0a\x04hive\x22\x01c\x2a\x01c\x32" + bytes([len(name)]) + name.encode()
    assert column.startswith(start)
    if numbers is not None:
        assert column == start + bytes.fromhex(numbers)


def test_ctas_and_insert_write_metadata_and_manifest_only(tables: Any, s3_client: Any) -> None:
    made = running.succeeded(
        tables, "CREATE TABLE shop.c WITH (format = 'PARQUET') AS SELECT 1 AS n"
    )
    where = made["ResultConfiguration"]["OutputLocation"]
    assert where == f"{running.RESULTS}tables/{made['QueryExecutionId']}"
    assert running.file(s3_client, where) is None
    metadata = running.file(s3_client, f"{where}.metadata")
    assert metadata is not None
    assert metadata[1] == OCTETS
    assert metadata[0][29:] == b"\x12\x0cCREATE TABLE\x18\x01" + ROWS_COLUMN
    assert made["Statistics"]["DataManifestLocation"] == f"{where}-manifest.csv"

    inserted = running.succeeded(tables, "INSERT INTO shop.c VALUES 2, 3")
    where = inserted["ResultConfiguration"]["OutputLocation"]
    assert where == f"{running.RESULTS}{inserted['QueryExecutionId']}"
    metadata = running.file(s3_client, f"{where}.metadata")
    assert metadata is not None
    assert metadata[0][29:] == b"\x12\x06INSERT\x18\x02" + ROWS_COLUMN
    manifest = running.file(s3_client, inserted["Statistics"]["DataManifestLocation"])
    assert manifest is not None
    paths = manifest[0].decode().splitlines()
    assert all(running.file(s3_client, path) for path in paths)
    assert paths
    answer = tables.get_query_results(QueryExecutionId=inserted["QueryExecutionId"])
    assert answer["UpdateCount"] == 2
    assert answer["ResultSet"]["Rows"] == []
    assert [c["Name"] for c in answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]] == ["rows"]

    nothing = running.succeeded(tables, "INSERT INTO shop.c SELECT 1 WHERE false")
    assert "DataManifestLocation" not in nothing["Statistics"]


@pytest.mark.parametrize(
    ("text", "kind", "columns", "of", "count", "content_type"),
    [
        ("SHOW TABLES IN shop", "SHOW_TABLES", ["tab_name"], "string", 0, PLAIN),
        ("SHOW DATABASES", "SHOW_DATABASES", ["database_name"], "string", 0, PLAIN),
        ("SHOW COLUMNS IN shop.t", "SHOW_COLUMNS", ["field"], "string", 0, PLAIN),
        ("SHOW VIEWS IN shop", "SHOW_VIEWS", ["views"], "varchar", 0, PLAIN),
        (
            "DESCRIBE shop.t",
            "DESCRIBE_TABLE",
            ["col_name", "data_type", "comment"],
            "string",
            None,
            OCTETS,
        ),
        (
            "SHOW CREATE TABLE shop.t",
            "SHOW_CREATE_TABLE",
            ["createtab_stmt"],
            "string",
            None,
            OCTETS,
        ),
        ("SHOW CREATE VIEW shop.v", "SHOW_CREATE_VIEW", ["create view"], "varchar", 0, PLAIN),
        ("DESCRIBE shop.v", "DESC_VIEW", ["column", "type"], "varchar", 0, PLAIN),
    ],
)
def test_utility_statements_write_lines(
    tables: Any,
    s3_client: Any,
    text: str,
    kind: str,
    columns: list[str],
    of: str,
    count: int | None,
    content_type: str,
) -> None:
    query = running.succeeded(tables, text)
    assert (query["StatementType"], query["SubstatementType"]) == ("UTILITY", kind)
    where = query["ResultConfiguration"]["OutputLocation"]
    assert where == f"{running.RESULTS}{query['QueryExecutionId']}.txt"
    answer = tables.get_query_results(QueryExecutionId=query["QueryExecutionId"])
    assert answer.get("UpdateCount") == count
    described = answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [each["Name"] for each in described] == columns
    assert {(c["Type"], c["Precision"], c["CaseSensitive"]) for c in described} == {(of, 0, False)}
    lines = [row[0] for row in running.rows(tables, query["QueryExecutionId"])]
    found = running.file(s3_client, where)
    assert found == ("\n".join(map(str, lines)).encode(), content_type)


def test_metadata_of_describe_is_the_measured_one(tables: Any, s3_client: Any) -> None:
    query = running.succeeded(tables, "DESCRIBE shop.t")
    where = query["ResultConfiguration"]["OutputLocation"]
    found = running.file(s3_client, f"{where}.metadata")
    assert found is not None
    assert len(found[0]) == 152
    assert found[1] == OCTETS
    query = running.succeeded(tables, "SHOW CREATE TABLE shop.t")
    where = query["ResultConfiguration"]["OutputLocation"]
    found = running.file(s3_client, f"{where}.metadata")
    assert found is not None
    assert len(found[0]) == 88
    assert found[0].startswith(b"\x0a\x24" + query["QueryExecutionId"].encode())


def test_ddl_without_columns_writes_an_empty_file(tables: Any, s3_client: Any) -> None:
    query = running.succeeded(tables, "CREATE DATABASE other")
    where = query["ResultConfiguration"]["OutputLocation"]
    assert running.file(s3_client, where) == (b"", PLAIN)
    assert running.file(s3_client, f"{where}.metadata") is None
    answer = tables.get_query_results(QueryExecutionId=query["QueryExecutionId"])
    assert "UpdateCount" not in answer
    assert answer["ResultSet"]["Rows"] == []
    query = running.succeeded(tables, "ALTER TABLE shop.t ADD COLUMNS (m int)")
    where = query["ResultConfiguration"]["OutputLocation"]
    assert running.file(s3_client, where) == (b"", OCTETS)
    identifier = query["QueryExecutionId"].encode()
    assert running.file(s3_client, f"{where}.metadata") == (b"\x0a\x24" + identifier, OCTETS)


@pytest.mark.parametrize(
    "text", ["SHOW TABLES IN nowhere", "DROP TABLE shop.nothing", "CREATE DATABASE shop"]
)
def test_what_hive_fails_tells_why_in_its_file(tables: Any, s3_client: Any, text: str) -> None:
    query = running.run(tables, text)
    reason = query["Status"]["StateChangeReason"]
    assert reason.startswith("FAILED: ")
    error = query["Status"]["AthenaError"]
    assert (error["ErrorCategory"], error["ErrorMessage"]) == (2, reason)
    where = query["ResultConfiguration"]["OutputLocation"]
    assert running.file(s3_client, where) == (reason.encode(), OCTETS)
    assert running.file(s3_client, f"{where}.metadata") is None
    answer = tables.get_query_results(QueryExecutionId=query["QueryExecutionId"])
    assert answer["ResultSet"]["Rows"] == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM shop.nothing",
        "SELECT 1 / 0",
        "CREATE TABLE shop.x AS SELECT nope(1) AS n",
        "INSERT INTO shop.nothing VALUES 1",
    ],
)
def test_other_failures_write_nothing(tables: Any, s3_client: Any, text: str) -> None:
    query = running.run(tables, text)
    assert query["Status"]["State"] == "FAILED"
    where = query["ResultConfiguration"]["OutputLocation"]
    assert running.file(s3_client, where) is None
    assert running.file(s3_client, f"{where}.metadata") is None
    with pytest.raises(tables.exceptions.InvalidRequestException) as caught:
        tables.get_query_results(QueryExecutionId=query["QueryExecutionId"])
    assert caught.value.response["Error"]["Message"] == (
        "Query did not finish successfully. Final query state: FAILED"
    )
    assert caught.value.response["AthenaErrorCode"] == "INVALID_QUERY_EXECUTION_STATE"
