"""What PyAthena's documentation shows of its cursors, formatter, converters, file system, pandas
tools and SQLAlchemy dialect, in the process; its source package ships no tests."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from lakelet import Lake

RESULTS = "s3://results/out/"
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
CREDENTIALS: Any = {"aws_access_key_id": "lake", "aws_secret_access_key": "lake"}


@pytest.fixture
def connection(lakelet: Lake, s3_client: Any) -> Iterator[Any]:
    from pyathena import connect

    for bucket in ("results", "shop"):
        s3_client.create_bucket(Bucket=bucket)
    with connect(
        s3_staging_dir=RESULTS,
        region_name="us-east-1",
        schema_name="default",
        poll_interval=0.01,
        **CREDENTIALS,
    ) as opened:
        yield opened


@pytest.fixture
def many_rows(connection: Any) -> Any:
    connection.cursor().execute(
        "CREATE TABLE many_rows WITH (format = 'PARQUET', external_location = 's3://shop/many/') AS"
        " SELECT x AS a FROM UNNEST(sequence(0, 2499)) AS t (x)"
    )
    return connection


# Values ---------------------------------------------------------------------------------------

COMPLEX = """
SELECT true AS col_boolean, TINYINT '127' AS col_tinyint, SMALLINT '32767' AS col_smallint,
  2147483647 AS col_int, 9223372036854775807 AS col_bigint, REAL '0.5' AS col_float,
  DOUBLE '0.25' AS col_double, 'a string' AS col_string,
  CAST('varchar' AS varchar(10)) AS col_varchar,
  TIMESTAMP '2017-01-01 00:00:00.000' AS col_timestamp, TIME '00:00:00.000' AS col_time,
  DATE '2017-01-02' AS col_date, X'313233' AS col_binary, ARRAY[1, 2] AS col_array,
  CAST(ARRAY[1, 2] AS json) AS col_array_json, MAP(ARRAY[1, 3], ARRAY[2, 4]) AS col_map,
  CAST(MAP(ARRAY['1', '3'], ARRAY[2, 4]) AS json) AS col_map_json,
  CAST(ROW(1, 2) AS ROW(a integer, b integer)) AS col_struct, DECIMAL '0.1' AS col_decimal,
  CAST(NULL AS varchar) AS col_null, TIMESTAMP '2017-01-01 00:00:00.000 UTC' AS col_zoned"""
"""PyAthena's own table of one row and every type."""


def test_each_type_comes_as_the_documentation_says(connection: Any) -> None:
    cursor = connection.cursor().execute(COMPLEX)
    assert cursor.fetchone() == (
        True,
        127,
        32767,
        2147483647,
        9223372036854775807,
        0.5,
        0.25,
        "a string",
        "varchar",
        datetime.datetime(2017, 1, 1),
        datetime.time(0, 0),
        datetime.date(2017, 1, 2),
        b"123",
        [1, 2],
        [1, 2],
        {"1": "2", "3": "4"},  # Athena's texts of maps and rows have no types
        {"1": 2, "3": 4},
        {"a": "1", "b": "2"},
        Decimal("0.1"),
        None,
        datetime.datetime(2017, 1, 1, tzinfo=datetime.UTC),
    )
    assert cursor.fetchone() is None
    described = {
        name: (of, precision, scale) for name, of, _, _, precision, scale, _ in (cursor.description)
    }
    assert described["col_boolean"] == ("boolean", 0, 0)
    assert described["col_tinyint"] == ("tinyint", 3, 0)
    assert described["col_float"] == ("float", 17, 0)
    assert described["col_string"] == ("varchar", 8, 0)
    assert described["col_varchar"] == ("varchar", 10, 0)
    assert described["col_timestamp"] == ("timestamp", 3, 0)
    assert described["col_decimal"] == ("decimal", 1, 1)
    assert described["col_map"] == ("map", 0, 0)
    assert described["col_struct"] == ("row", 0, 0)


def test_rows_are_fetched_one_many_all_and_by_iteration(many_rows: Any) -> None:
    text = "SELECT a FROM many_rows ORDER BY a"
    cursor = many_rows.cursor().execute(text)
    assert cursor.fetchone() == (0,)
    assert cursor.fetchmany(3) == [(1,), (2,), (3,)]
    assert len(cursor.fetchall()) == 2496
    assert [row for row in many_rows.cursor().execute(text)] == [(n,) for n in range(2500)]
    cursor = many_rows.cursor(arraysize=10).execute(text)
    assert cursor.fetchmany() == [(n,) for n in range(10)]
    assert cursor.fetchall()[-1] == (2499,)


def test_a_cursor_tells_of_its_query(many_rows: Any) -> None:
    started: list[str] = []
    cursor = many_rows.cursor(on_start_query_execution=started.append)
    cursor.execute("SELECT sum(a) FROM many_rows")
    assert started == [cursor.query_id]
    assert cursor.state == "SUCCEEDED"
    assert cursor.state_change_reason is None
    assert (cursor.statement_type, cursor.substatement_type) == ("DML", "SELECT")
    assert cursor.output_location == f"{RESULTS}{cursor.query_id}.csv"
    assert cursor.work_group == "primary"
    assert cursor.database == "default"
    assert cursor.data_scanned_in_bytes > 0
    assert cursor.total_execution_time_in_millis >= cursor.engine_execution_time_in_millis >= 0
    assert cursor.query_queue_time_in_millis >= 0
    assert cursor.query_planning_time_in_millis >= 0
    assert cursor.submission_date_time <= cursor.completion_date_time
    assert cursor.effective_engine_version == "Athena engine version 3"
    assert cursor.error_category is None
    assert cursor.reused_previous_result is False
    cursor.execute("CREATE TABLE copied AS SELECT a FROM many_rows WHERE a < 10")
    assert cursor.substatement_type == "CREATE_TABLE_AS_SELECT"
    assert cursor.rowcount == 10
    assert cursor.data_manifest_location.endswith("-manifest.csv")


def test_a_failure_has_its_class_and_its_words(connection: Any) -> None:
    from pyathena.error import DatabaseError, OperationalError

    cursor = connection.cursor()
    with pytest.raises(DatabaseError, match="mismatched input 'SELEC'"):
        cursor.execute("SELEC 1")
    with pytest.raises(OperationalError, match="TABLE_NOT_FOUND: line 1:15"):
        cursor.execute("SELECT * FROM not_there")


# Parameters -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("it's", "it's"),
        ("a\\b\n", "a\\b\n"),
        (1, 1),
        (1.5, 1.5),
        (True, True),
        (None, None),
        (Decimal("1.50"), Decimal("1.50")),
        (datetime.date(2020, 1, 2), datetime.date(2020, 1, 2)),
        (
            datetime.datetime(2020, 1, 2, 3, 4, 5, 678000),
            datetime.datetime(2020, 1, 2, 3, 4, 5, 678000),
        ),
    ],
)
def test_pythons_values_are_parameters(connection: Any, value: Any, found: Any) -> None:
    cursor = connection.cursor()
    assert cursor.execute("SELECT %(v)s AS v", {"v": value}).fetchone() == (found,)


def test_lists_question_marks_and_many(connection: Any) -> None:
    cursor = connection.cursor()
    text = "SELECT x FROM (VALUES 1, 2, 3) t (x) WHERE x IN %(some)s ORDER BY x"
    assert cursor.execute(text, {"some": [1, 3]}).fetchall() == [(1,), (3,)]
    text = "SELECT ? + 1, ?"
    assert cursor.execute(text, ["41", "'a'"], paramstyle="qmark").fetchall() == [(42, "a")]
    cursor.execute("CREATE TABLE pairs WITH (format = 'PARQUET') AS SELECT 0 AS a, 'x' AS b")
    cursor.executemany(
        "INSERT INTO pairs VALUES (%(a)s, %(b)s)", [{"a": n, "b": str(n)} for n in (1, 2, 3)]
    )
    assert cursor.execute("SELECT a, b FROM pairs ORDER BY a").fetchall() == [
        (0, "x"),
        (1, "1"),
        (2, "2"),
        (3, "3"),
    ]


def test_an_earlier_query_is_the_cache(connection: Any) -> None:
    cursor = connection.cursor()
    first = cursor.execute("SELECT random() AS r", cache_size=10)
    query, rows = first.query_id, first.fetchall()
    again = connection.cursor().execute("SELECT random() AS r", cache_size=10)
    assert (again.query_id, again.fetchall()) == (query, rows)
    assert connection.cursor().execute("SELECT random() AS r").query_id != query


# Other cursors --------------------------------------------------------------------------------


def test_dict_and_async_dict_cursors(connection: Any) -> None:
    from pyathena.async_cursor import AsyncDictCursor
    from pyathena.cursor import DictCursor

    text = "SELECT x, y FROM (VALUES (1, 'a'), (2, 'b')) t (x, y) ORDER BY x"
    rows = [{"x": 1, "y": "a"}, {"x": 2, "y": "b"}]
    assert connection.cursor(DictCursor).execute(text).fetchall() == rows
    identifier, future = connection.cursor(AsyncDictCursor).execute(text)
    found = future.result()
    assert (found.query_id, found.fetchall()) == (identifier, rows)
    cursor = connection.cursor(AsyncDictCursor)
    identifier, _ = cursor.execute("SELECT 1 AS x")
    assert cursor.poll(identifier).result().state == "SUCCEEDED"
    assert cursor.query_execution(identifier).result().query == "SELECT 1 AS x"
    assert cursor.description(identifier).result()[0][0] == "x"


def test_pandas_in_chunks_with_types_and_from_a_plain_cursor(many_rows: Any) -> None:
    from pyathena.pandas.async_cursor import AsyncPandasCursor
    from pyathena.pandas.cursor import PandasCursor
    from pyathena.pandas.util import as_pandas

    text = (
        "SELECT a, CAST(a AS varchar) AS b, a % 2 = 0 AS c, DATE '2020-01-01' AS d FROM many_rows"
    )
    frame = many_rows.cursor(PandasCursor).execute(text).as_pandas()
    assert len(frame) == 2500
    assert str(frame["a"].dtype) == "Int64"
    assert str(frame["c"].dtype) in ("bool", "boolean")
    assert str(frame["d"].dtype).startswith("datetime64")
    chunks = many_rows.cursor(PandasCursor).execute(text, chunksize=1000)
    assert [len(each) for each in chunks.as_pandas()] == [1000, 1000, 500]
    _, future = many_rows.cursor(AsyncPandasCursor).execute(text)
    assert len(future.result().as_pandas()) == 2500
    assert as_pandas(many_rows.cursor().execute("SELECT 1 AS x")).to_dict("list") == {"x": [1]}


def test_a_frame_becomes_a_table(connection: Any) -> None:
    import pandas as pd
    from pyathena.pandas.util import to_sql

    frame = pd.DataFrame(
        {"n": [1, 2, 3], "t": ["a", "b", "c"], "d": [1.5, 2.5, 3.5], "p": ["x", "x", "y"]}
    )
    to_sql(frame, "framed", connection, "s3://shop/framed/", schema="default", partitions=["p"])
    cursor = connection.cursor()
    text = "SELECT n, t, d, p FROM framed ORDER BY n"
    assert cursor.execute(text).fetchall()[2] == (3, "c", 3.5, "y")
    to_sql(
        frame,
        "framed",
        connection,
        "s3://shop/framed/",
        schema="default",
        partitions=["p"],
        if_exists="replace",
        compression="SNAPPY",
    )
    assert cursor.execute("SELECT count(*) FROM framed").fetchone() == (3,)


def test_the_file_system(connection: Any) -> None:
    from pyathena.filesystem.s3 import S3FileSystem

    S3FileSystem.clear_instance_cache()
    files = S3FileSystem(connection)
    with files.open("s3://shop/fs/a.txt", "wb") as file:
        file.write(b"hello world")
    files.pipe_file("s3://shop/fs/deep/b.txt", b"x" * 10)
    assert files.cat_file("s3://shop/fs/a.txt") == b"hello world"
    assert files.cat_file("s3://shop/fs/a.txt", start=6, end=11) == b"world"
    assert files.info("s3://shop/fs/a.txt")["size"] == 11
    assert files.exists("s3://shop/fs/deep")
    assert not files.exists("s3://shop/fs/none")
    assert sorted(files.find("s3://shop/fs")) == ["shop/fs/a.txt", "shop/fs/deep/b.txt"]
    assert files.glob("s3://shop/fs/*.txt") == ["shop/fs/a.txt"]
    assert {each.rstrip("/") for each in files.ls("s3://shop/fs", detail=False)} == {
        "shop/fs/a.txt",
        "shop/fs/deep",
    }
    files.cp_file("s3://shop/fs/a.txt", "s3://shop/fs/c.txt")
    files.mv("s3://shop/fs/c.txt", "s3://shop/fs/d.txt")
    assert files.cat_file("s3://shop/fs/d.txt") == b"hello world"
    files.put_tags("s3://shop/fs/a.txt", {"k": "v"})
    assert files.get_tags("s3://shop/fs/a.txt") == {"k": "v"}
    files.touch("s3://shop/fs/empty")
    assert files.info("s3://shop/fs/empty")["size"] == 0
    files.rm("s3://shop/fs", recursive=True)
    assert files.find("s3://shop/fs") == []


# SQLAlchemy -----------------------------------------------------------------------------------


@pytest.fixture
def engine(connection: Any) -> Iterator[Any]:
    import sqlalchemy as sa

    made = sa.create_engine(
        "awsathena+rest://lake:lake@athena.us-east-1.amazonaws.com:443/default"
        f"?s3_staging_dir={RESULTS}&poll_interval=0.01&location=s3://shop/made/"
    )
    yield made
    made.dispose()


def test_sqlalchemy_makes_fills_and_reflects_a_table(engine: Any) -> None:
    import sqlalchemy as sa
    from pyathena.sqlalchemy.types import TINYINT, AthenaArray, AthenaMap, AthenaStruct

    columns: tuple[sa.Column[Any], ...] = (
        sa.Column("n", sa.Integer, comment="the number"),
        sa.Column("big", sa.BigInteger),
        sa.Column("small", sa.SmallInteger),
        sa.Column("tiny", TINYINT),
        sa.Column("text", sa.String),
        sa.Column("short", sa.String(10)),
        sa.Column("real", sa.Float),
        sa.Column("exact", sa.DECIMAL(10, 2)),
        sa.Column("yes", sa.Boolean),
        sa.Column("day", sa.Date),
        sa.Column("moment", sa.DateTime),
        sa.Column("list", AthenaArray(sa.Integer)),
        sa.Column("pairs", AthenaMap(sa.String, sa.Integer)),
        sa.Column("both", AthenaStruct(("a", sa.Integer), ("b", sa.String))),
        sa.Column("part", sa.String, awsathena_partition=True),
    )
    table = sa.Table(
        "made",
        sa.MetaData(),
        *columns,
        comment="made by hand",
        awsathena_location="s3://shop/made/made/",
        awsathena_file_format="PARQUET",
        awsathena_compression="SNAPPY",
        awsathena_tblproperties={"some.key": "some value"},
    )
    with engine.connect() as opened:
        table.create(opened)
        opened.execute(
            sa.text(
                "INSERT INTO made SELECT 1, 2, CAST(3 AS smallint), CAST(4 AS tinyint), 'text',"
                " 'short', REAL '1.5', DECIMAL '1.50', true, DATE '2020-01-02',"
                " TIMESTAMP '2020-01-02 03:04:05', ARRAY[1, 2], MAP(ARRAY['k'], ARRAY[1]),"
                " CAST(ROW(1, 'b') AS ROW(a integer, b varchar)), 'p'"
            )
        )
        row = opened.execute(sa.select(table)).one()
        assert row[:11] == (
            1,
            2,
            3,
            4,
            "text",
            "short",
            1.5,
            Decimal("1.50"),
            True,
            datetime.date(2020, 1, 2),
            datetime.datetime(2020, 1, 2, 3, 4, 5),
        )
        assert row.list == [1, 2]
        assert row.part == "p"
        inspector = sa.inspect(opened)
        assert inspector.has_table("made")
        assert not inspector.has_table("other")
        assert inspector.get_table_comment("made") == {"text": "made by hand"}
        reflected = {each["name"]: each for each in inspector.get_columns("made")}
        assert reflected["n"]["comment"] == "the number"
        assert isinstance(reflected["exact"]["type"], sa.DECIMAL)
        assert isinstance(reflected["list"]["type"], AthenaArray)
        assert isinstance(reflected["both"]["type"], AthenaStruct)
        options = inspector.get_table_options("made")
        assert options["awsathena_location"] == "s3://shop/made/made/"
        assert options["awsathena_tblproperties"]["some.key"] == "some value"
        again = sa.Table("made", sa.MetaData(), autoload_with=opened)
        assert [each.name for each in again.columns] == [each.name for each in columns]
        assert inspector.get_pk_constraint("made")["constrained_columns"] == []
        assert inspector.get_foreign_keys("made") == []
        assert inspector.get_indexes("made") == []
        again.drop(opened)
        assert not sa.inspect(opened).has_table("made")


def test_sqlalchemy_compiles_queries_that_run(engine: Any) -> None:
    import sqlalchemy as sa

    rows = sa.values(sa.column("k", sa.String), sa.column("n", sa.Integer), name="t").data(
        [("a", 1), ("a", 2), ("b", 3)]
    )
    with engine.connect() as opened:
        query = sa.select(rows.c.k, sa.func.sum(rows.c.n).label("s")).group_by(rows.c.k)
        assert opened.execute(query.order_by("k")).fetchall() == [("a", 3), ("b", 3)]
        paged = sa.select(rows.c.n).order_by(rows.c.n).limit(1).offset(1)
        assert opened.execute(paged).scalars().all() == [2]
        cast = sa.select(sa.cast(rows.c.n, sa.String), sa.func.char_length(rows.c.k)).limit(1)
        assert opened.execute(cast).fetchall() == [("1", 1)]
        some = sa.select(rows.c.n).where(rows.c.n.in_([1, 3]), rows.c.k != "it's").order_by("n")
        assert opened.execute(some).scalars().all() == [1, 3]
        case = sa.select(sa.case((rows.c.n > 2, "many"), else_="few")).order_by(rows.c.n)
        assert opened.execute(case).scalars().all() == ["few", "few", "many"]
        opened.execute(sa.text("CREATE VIEW v AS SELECT 1 AS one"))
        assert sa.inspect(opened).get_view_names() == ["v"]
        assert "SELECT" in sa.inspect(opened).get_view_definition("v")
        window = sa.func.row_number().over(partition_by=rows.c.k, order_by=rows.c.n.desc())
        ranked = sa.select(rows.c.n, window.label("r")).order_by(rows.c.n)
        assert opened.execute(ranked).fetchall() == [(1, 2), (2, 1), (3, 1)]


def test_pandas_reads_and_writes_through_sqlalchemy(engine: Any) -> None:
    import pandas as pd

    frame = pd.DataFrame({"n": [1, 2], "t": ["a", "b"]})
    with engine.connect() as opened:
        frame.to_sql("written", opened, index=False, if_exists="append", method="multi")
        found = pd.read_sql("SELECT n, t FROM written ORDER BY n", opened)
        assert found.to_dict("list") == {"n": [1, 2], "t": ["a", "b"]}
