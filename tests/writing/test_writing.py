import re
from collections.abc import Callable
from typing import Any

import pytest
from pyarrow import parquet

import lakelet
from lakelet import results
from lakelet.errors import TrinoError

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
QUERY = r"\d{8}_\d{6}_\d{5}_[0-9a-z]{5}"


def test_files_are_named_as_athena_names_them(run: Any, keys: Any) -> None:
    answer = run("CREATE TABLE t WITH (format = 'JSON') AS SELECT 1 a", query_id="q1")
    assert answer.files == tuple(f"s3://data/{key}" for key in keys())
    assert re.fullmatch(rf"out/tables/q1/{QUERY}_{UUID}\.gz", keys()[0])


# What Trino 476 said of "$bucket" for these values (bucket_count = 1009).
BUCKETS = (
    ("bigint", {"1": 1, "-1": 0, "9999999999": 13, "-9999999999": 12, "NULL": 0}),
    ("varchar", {"'a'": 97, "'abc'": 499, "'é日'": 627, "''": 0, "'hello world'": 125}),
    ("boolean", {"true": 1, "false": 0}),
    ("double", {"1.5e0": 740, "-0e0": 0, "nan()": 79, "1e300": 290, "-2.5e0": 152}),
    ("real", {"REAL '1.5'": 457, "REAL '-0'": 0, "REAL '-3.25'": 464}),
    ("date", {"DATE '2020-01-01'": 100, "DATE '1960-01-01'": 70}),
    ("smallint", {"1": 1, "-1": 695}),
    ("array(integer)", {"ARRAY[1, 2, NULL]": 14, "ARRAY[]": 0, "ARRAY[-7]": 689}),
    ("map(varchar, integer)", {"MAP(ARRAY['a', 'b'], ARRAY[1, 2])": 192}),
)


@pytest.mark.parametrize(("kind", "expected"), BUCKETS, ids=[each[0] for each in BUCKETS])
def test_rows_are_in_the_buckets_of_hives_function(
    run: Any, rows: Any, kind: str, expected: dict[str, int]
) -> None:
    values = ", ".join(f"({i}, CAST({sql} AS {kind}))" for i, sql in enumerate(expected))
    run(
        "CREATE TABLE t WITH (bucketed_by = ARRAY['k'], bucket_count = 1009) AS"
        f" SELECT * FROM (VALUES {values}) t(i, k)"
    )
    found = {i: path.rpartition("/")[2] for i, path in rows('SELECT i, "$path" FROM t')}
    assert [int(found[i][:6]) for i in range(len(expected))] == [*expected.values()]
    assert all(re.fullmatch(rf"\d{{6}}_0_{UUID}_{QUERY}", name) for name in found.values())


# What Trino 476 named the folders of partitions of these values.
PARTITIONS = (
    (
        "date",
        {
            "DATE '2020-01-02'": "2020-01-02",
            "DATE '0001-01-01'": "0001-01-01",
            "DATE '-0005-03-04'": "0006-03-04",
            "DATE '12345-06-07'": "+12345-06-07",
            "NULL": "__HIVE_DEFAULT_PARTITION__",
        },
    ),
    (
        "timestamp(3)",
        {
            "TIMESTAMP '2020-01-01 00:00:00.120'": "2020-01-01 00%3A00%3A00.12",
            "TIMESTAMP '1960-01-01 10:00:00'": "1960-01-01 10%3A00%3A00",
            "TIMESTAMP '11960-01-01 10:00:00'": "+11960-01-01 10%3A00%3A00",
            "TIMESTAMP '0160-01-01 10:00:00'": "0160-01-01 10%3A00%3A00",
        },
    ),
    (
        "double",
        {
            "nan()": "NaN",
            "0e0": "0.0",
            "1.5e300": "1.5E300",
            "infinity()": "Infinity",
            "NULL": "__HIVE_DEFAULT_PARTITION__",
        },
    ),
    ("decimal(10,3)", {"1.200": "1.2", "-0.5": "-0.5", "0.000": "0", "12": "12"}),
    ("boolean", {"true": "true", "false": "false"}),
    ("char(3)", {"'a'": "a  ", "'b c'": "b c"}),
    ("varchar", {"'a'": "a", "'x/y=z'": "x%2Fy%3Dz", "''": "__HIVE_DEFAULT_PARTITION__"}),
)


@pytest.mark.parametrize(("kind", "expected"), PARTITIONS, ids=[each[0] for each in PARTITIONS])
def test_folders_are_named_by_the_texts_of_partitions(
    run: Any, rows: Any, kind: str, expected: dict[str, str]
) -> None:
    values = ", ".join(f"({i}, CAST({sql} AS {kind}))" for i, sql in enumerate(expected))
    run(
        "CREATE TABLE t WITH (partitioned_by = ARRAY['k']) AS SELECT i, k FROM"
        f" (VALUES {values}) t(i, k) CROSS JOIN UNNEST(sequence(1, 2))"
    )
    found = {i: path.split("/")[-2] for i, path in rows('SELECT i, "$path" FROM t')}
    assert [found[i] for i in range(len(expected))] == [f"k={text}" for text in expected.values()]


def test_a_table_of_buckets_takes_no_insert(run: Any) -> None:
    run("CREATE TABLE t WITH (bucketed_by = ARRAY['a'], bucket_count = 2) AS SELECT 1 a")
    with pytest.raises(TrinoError, match="bucketed") as raised:
        run("INSERT INTO t SELECT 2")
    assert raised.value.name == "NOT_SUPPORTED"


@pytest.mark.parametrize(
    ("properties", "query"),
    [
        ("partitioned_by = ARRAY['p']", "SELECT x, x p FROM UNNEST(sequence(1, {})) t(x)"),
        (
            "partitioned_by = ARRAY['p'], bucketed_by = ARRAY['x'], bucket_count = 10",
            "SELECT x, x % 13 p FROM UNNEST(sequence(1, {})) t(x)",
        ),
    ],
    ids=["partitions", "buckets"],
)
def test_a_hundred_writers_and_no_more(run: Any, keys: Any, properties: str, query: str) -> None:
    with pytest.raises(TrinoError, match="Exceeded limit of 100 open writers") as raised:
        run(f"CREATE TABLE t WITH ({properties}) AS {query.format(150)}")
    assert raised.value.name == "HIVE_TOO_MANY_OPEN_PARTITIONS"
    assert keys() == []


def test_a_hundred_partitions_are_written(run: Any, rows: Any) -> None:
    query = "SELECT x, x p FROM UNNEST(sequence(1, 100)) t(x)"
    assert len(run(f"CREATE TABLE t WITH (partitioned_by = ARRAY['p']) AS {query}").files) == 100
    assert rows("SELECT count(*), sum(x), sum(p) FROM t") == [(100, 5050, 5050)]


FAILING = (
    "SELECT 10 / (x * 8000 + y - 70000) a"
    " FROM UNNEST(sequence(0, 9)) a(x), UNNEST(sequence(1, 8000)) b(y)"
)


def test_a_failing_ctas_leaves_nothing(run: Any, keys: Any, lake: lakelet.Lake) -> None:
    with pytest.raises(TrinoError, match="Division by zero"):
        run(f"CREATE TABLE t AS {FAILING}")
    assert keys() == []
    assert lake.catalog.table("default", "t") is None
    assert [*lake.storage.scratch.glob("write-*")] == []


def test_a_failing_insert_leaves_what_stood(run: Any, keys: Any, rows: Any) -> None:
    run("CREATE TABLE t WITH (partitioned_by = ARRAY['p']) AS SELECT 1 a, 'x' p")
    standing = keys()
    with pytest.raises(TrinoError, match="Division by zero"):
        run(f"INSERT INTO t SELECT a, 'y' FROM ({FAILING})")
    assert keys() == standing
    assert rows("SELECT * FROM t") == [(1, "x")]


def test_a_table_made_meanwhile_undoes_a_ctas(
    run: Any, keys: Any, lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopt = lake.storage.adopt

    def slowly(*given: Any) -> Any:
        if lake.catalog.table("default", "t") is None:
            lake.catalog.tables.create("default", {"Name": "t"})
        return adopt(*given)

    monkeypatch.setattr(lake.storage, "adopt", slowly)
    with pytest.raises(TrinoError) as raised:
        run("CREATE TABLE t AS SELECT 1 a")
    assert raised.value.name == "TABLE_ALREADY_EXISTS"
    assert keys() == []


def test_nothing_is_written_over_what_lies_there(run: Any, lake: lakelet.Lake) -> None:
    lake.storage.write("data", "full/x", b"x")
    for statement in (
        "CREATE TABLE t WITH (external_location = 's3://data/full/') AS SELECT 1 a",
        "UNLOAD (SELECT 1 a) TO 's3://data/full/' WITH (format = 'PARQUET')",
    ):
        with pytest.raises(TrinoError) as raised:
            run(statement)
        assert raised.value.name == "HIVE_PATH_ALREADY_EXISTS"
    assert [info.key for info in lake.storage.list("data")] == ["full/x"]


# Errors that Trino 476 gave for the same properties.
PROPERTIES = (
    ("bucketed_by = ARRAY['z'], bucket_count = 3", "Bucketing columns [z] not present in schema"),
    ("bucketed_by = ARRAY['k']", "bucketed_by and bucket_count must be specified together"),
    ("bucket_count = 3", "bucketed_by and bucket_count must be specified together"),
    ("partitioned_by = ARRAY['zz']", "Partition columns [zz] not present in schema"),
    ("partitioned_by = ARRAY['k', 'j']", "Table contains only partition columns"),
    (
        "bucketed_by = ARRAY['j'], bucket_count = 3, partitioned_by = ARRAY['j']",
        "Bucketing columns [j] are also used as partitioning columns",
    ),
    (
        "partitioned_by = ARRAY['k']",
        "Partition keys must be the last columns in the table and in the same order as the table"
        " properties: [k]",
    ),
    (
        "format = 1",
        "Invalid value for catalog 'awsdatacatalog' table property 'format': Cannot convert [1] to"
        " varchar",
    ),
    ("foo = 'x'", "line 1:22: Catalog 'awsdatacatalog' table property 'foo' does not exist"),
    ("foo = DEFAULT", "line 1:22: Catalog 'awsdatacatalog' table property 'foo' does not exist"),
    (
        "format = 'ORC', bucket_count = '4'",
        "line 1:38: Invalid value for catalog 'awsdatacatalog' table property 'bucket_count':"
        " Cannot convert ['4'] to integer",
    ),
    (
        "format = cast(NULL as varchar)",
        "line 1:22: Invalid null value for catalog 'awsdatacatalog' table property 'format' from",
    ),
    ("format = lower('X')", "property 'format' to [lower('X')]: Invalid value [x]. Valid values: "),
    ("format = j", "line 1:31: Column 'j' cannot be resolved"),
    ("format = (SELECT 'ORC')", "line 1:31: Constant expression cannot contain a subquery"),
    ("bucket_count = 12e0", "Cannot convert [1.2E1] to integer"),
    ("bucket_count = 4.0", "Cannot convert [DECIMAL '4.0'] to integer"),
    ("bucket_count = 9999999999", "Cannot convert [9999999999] to integer"),
    ("bucket_count = true", "Cannot convert [true] to integer"),
    ("bucket_count = -1", "bucket_count must be greater than zero"),
    ("partitioned_by = 'j'", "Cannot convert ['j'] to array(varchar)"),
    ("partitioned_by = ARRAY[1]", "Cannot convert [ARRAY[1]] to array(varchar)"),
    ("format = 'ORC', format = 'ORC'", "line 1:38: Duplicate property: format"),
    ("table_type = 'X'", "Invalid value [X]. Valid values: [HIVE, ICEBERG]"),
    ("table_type = 'ICEBERG', partitioning = 'k'", "Cannot convert ['k'] to array(varchar)"),
    ("table_type = 'ICEBERG', is_external = 'false'", "Cannot convert ['false'] to boolean"),
    ("write_compression = ''", "Compression codec  not supported for Parquet"),
    ("external_location = 'there'", "External location is not a valid file system URI: there"),
    (
        "field_delimiter = ','",
        "Cannot specify field_delimiter table property for storage format: PARQUET",
    ),
)


@pytest.mark.parametrize(("properties", "message"), PROPERTIES, ids=[p[0] for p in PROPERTIES])
def test_properties_are_refused_in_trinos_words(run: Any, properties: str, message: str) -> None:
    with pytest.raises(TrinoError, match=re.escape(message)):
        run(f"CREATE TABLE t WITH ({properties}) AS SELECT 1 k, 'a' j")


def test_properties_are_expressions_and_known_before_the_query(
    run: Any, lake: lakelet.Lake
) -> None:
    given = "bucket_count = 1 + 1, bucketed_by = ARRAY[lower('K')], format = lower('ORC')"
    run(f"CREATE TABLE t WITH ({given}, write_compression = DEFAULT) AS SELECT 1 k")
    table = lake.catalog.table("default", "t")
    assert table is not None
    assert table.storage.number_of_buckets == 2
    assert table.storage.bucket_columns == ("k",)
    assert table.storage.serde.endswith("OrcSerde")
    with pytest.raises(TrinoError, match="table property 'foo' does not exist"):
        run("CREATE TABLE u WITH (foo = 1) AS SELECT nothing")


# What Trino 476 said to each of these INSERTs.
INTO = "a integer, s varchar(3), c char(2), d decimal(4,1), dt date, ts timestamp, ti tinyint"
ROW = "1, 'abc', 'x', 1.5, DATE '2020-01-01', TIMESTAMP '2020-01-01 00:00:00', 1, 'p'"
INSERTS: tuple[tuple[str, str | None], ...] = (
    (f"VALUES ({ROW})", None),
    (f"VALUES ({ROW.replace('abc', 'abcd')})", "INVALID_CAST_ARGUMENT"),
    (f"VALUES ({ROW.replace('abc', 'abc   ')})", None),
    (f"VALUES ({ROW.replace('1.5', '12345.5')})", "INVALID_CAST_ARGUMENT"),
    (f"VALUES ({ROW.replace('1.5', '1.25')})", None),
    (f"VALUES ({ROW.replace('1, ', '1e0, ', 1)})", None),
    (f"VALUES ({ROW.replace('DATE', 'TIMESTAMP')})", None),
    (f"VALUES ({ROW.replace('TIMESTAMP', 'DATE').replace(' 00:00:00', '')})", None),
    (f"VALUES ({ROW.replace('00:00:00', '00:00:00.123456')})", None),
    (f"VALUES ({ROW.replace(', 1, ', ', 300, ')})", "NUMERIC_VALUE_OUT_OF_RANGE"),
    (f"VALUES ({ROW.replace(chr(39) + 'x', chr(39) + 'xyz')})", "INVALID_CAST_ARGUMENT"),
    (f"VALUES ({ROW.replace(chr(39) + 'p', chr(39) + 'é')})", "HIVE_INVALID_PARTITION_VALUE"),
    ("SELECT 1", "TYPE_MISMATCH"),
    ("VALUES (1, NULL, NULL, NULL, NULL, NULL, NULL, 5)", "TYPE_MISMATCH"),
    ("(a, zz) VALUES (1, 2)", "COLUMN_NOT_FOUND"),
    ("(a, a) VALUES (1, 2)", "DUPLICATE_COLUMN_NAME"),
    ('("$path") VALUES 1', "COLUMN_NOT_FOUND"),
    ("(p, a) VALUES ('q', 2)", None),
    ("(A, P) VALUES (7, 'z')", None),
    ("(a) VALUES 9", None),
)


@pytest.mark.parametrize(("insert", "error"), INSERTS, ids=[each[0] for each in INSERTS])
def test_values_are_assigned_as_trino_assigns_them(
    run: Any, insert: str, error: str | None
) -> None:
    run(
        f"CREATE EXTERNAL TABLE t ({INTO}) PARTITIONED BY (p string) STORED AS PARQUET"
        " LOCATION 's3://data/t/'"
    )
    if error is None:
        assert run(f"INSERT INTO t {insert}").rows == 1
        return
    with pytest.raises(TrinoError) as raised:
        run(f"INSERT INTO t {insert}")
    assert raised.value.name == error


def test_a_second_insert_goes_into_the_standing_partition(
    run: Any, rows: Any, lake: lakelet.Lake
) -> None:
    run("CREATE TABLE t WITH (partitioned_by = ARRAY['p']) AS SELECT 1 a, 'x' p")
    run("INSERT INTO t VALUES (2, 'x'), (3, 'y'), (4, NULL)")
    assert rows("SELECT a, p FROM t ORDER BY 1") == [(1, "x"), (2, "x"), (3, "y"), (4, None)]
    table = lake.catalog.table("default", "t")
    assert table is not None
    found = sorted(each.values for each in lake.catalog.partitions(table))
    assert found == [("__HIVE_DEFAULT_PARTITION__",), ("x",), ("y",)]


@pytest.mark.parametrize("codec", ["NONE", "GZIP", "BZIP2", "ZSTD", "SNAPPY", "LZ4", "DEFLATE"])
@pytest.mark.parametrize("form", ["JSON", "TEXTFILE"])
def test_every_codec_of_text_is_read_again(
    run: Any, rows: Callable[[str], list[Any]], form: str, codec: str
) -> None:
    run(
        f"CREATE TABLE t WITH (format = '{form}', write_compression = '{codec}') AS"
        " SELECT x * 40000 + y x, 'line é' s"
        " FROM UNNEST(sequence(0, 9)) a(x), UNNEST(sequence(1, 4000)) b(y)"
    )
    assert rows("SELECT count(*), count(DISTINCT x), min(s), max(s) FROM t") == [
        (40000, 40000, "line é", "line é")
    ]


@pytest.mark.parametrize(
    ("form", "codec"),
    [
        *(("PARQUET", each) for each in ("GZIP", "SNAPPY", "ZSTD")),
        *(("ORC", each) for each in ("GZIP", "LZ4", "SNAPPY", "ZLIB", "ZSTD")),
        *(("AVRO", each) for each in ("DEFLATE", "GZIP", "SNAPPY", "ZSTD")),
    ],
)
def test_every_codec_of_blocks_compresses(
    run: Any, rows: Any, lake: lakelet.Lake, form: str, codec: str
) -> None:
    sizes = []
    for each in ("NONE", codec):
        run(
            f"CREATE TABLE t_{each} WITH (format = '{form}', write_compression = '{each}') AS"
            " SELECT CAST(x AS double) d, 'line ' || CAST(x % 7 AS varchar) s"
            " FROM UNNEST(sequence(1, 9000)) a(x)"
        )
        table = lake.catalog.table("default", f"t_{each.lower()}")
        assert table is not None
        bucket, _, prefix = table.storage.location.removeprefix("s3://").partition("/")
        sizes.append(sum(found.size for found in lake.storage.list(bucket, prefix)))
    assert sizes[1] < 0.8 * sizes[0]
    assert rows(f"SELECT count(*), sum(d), max(s) FROM t_{codec}") == [(9000, 40504500.0, "line 6")]


def test_parquet_gives_dictionaries_to_what_repeats(run: Any, lake: lakelet.Lake) -> None:
    run(
        "CREATE TABLE t AS SELECT n, n % 3 few, ARRAY[n, n + 1] l, MAP(ARRAY['k'], ARRAY[n]) m,"
        " CAST(ROW(n, 'x') AS ROW(a bigint, b varchar)) r FROM UNNEST(sequence(1, 5000)) t(n)"
    )
    (found,) = lake.storage.list("data", "out/tables/")
    with lake.storage.open("data", found.key) as file:
        group = parquet.ParquetFile(file).metadata.row_group(0)
    columns = [group.column(i) for i in range(group.num_columns)]
    assert {each.path_in_schema for each in columns if each.has_dictionary_page} == {
        "few",
        "m.key_value.key",
        "r.b",
    }


def test_many_rows_without_partitions_are_all_written(run: Any, rows: Any) -> None:
    numbers = "UNNEST(sequence(0, 2499)) a(x), UNNEST(sequence(0, 999)) b(y)"
    answer = run(f"CREATE TABLE t AS SELECT x * 1000 + y n, y % 7 m FROM {numbers}")
    assert (answer.rows, len(answer.files)) == (2_500_000, 2)
    assert rows("SELECT count(DISTINCT n), sum(m) FROM t") == [(2_500_000, 7_492_500)]


@pytest.mark.parametrize(
    ("form", "extension"),
    [("PARQUET", ""), ("ORC", ""), ("AVRO", ""), ("JSON", ".gz"), ("TEXTFILE", ".gz")],
)
def test_unload_writes_every_format_by_its_options(
    run: Any, rows: Any, keys: Any, form: str, extension: str
) -> None:
    query = "SELECT x a, cast(x as varchar) s, x % 3 p FROM UNNEST(sequence(1, 30)) t(x)"
    answer = run(
        f"UNLOAD ({query}) TO 's3://data/u/' WITH (format = '{form}', partitioned_by = ARRAY['p'])"
    )
    assert answer.rows == 30
    assert sorted(key.rpartition("/")[0] for key in keys()) == ["u/p=0", "u/p=1", "u/p=2"]
    assert all(key.endswith(extension) for key in keys())
    serde = "ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'" if form == "JSON" else ""
    stored = "" if form == "JSON" else f"STORED AS {form}"
    run(
        f"CREATE EXTERNAL TABLE t (a bigint, s string) PARTITIONED BY (p int) {serde} {stored}"
        " LOCATION 's3://data/u/'"
    )
    run("MSCK REPAIR TABLE t")
    expected = [(each, str(each), each % 3) for each in range(1, 31)]
    assert rows("SELECT a, s, p FROM t ORDER BY a") == expected


@pytest.mark.parametrize(
    ("form", "serde"),
    [  # Those of Trino's HiveStorageFormat.
        ("PARQUET", "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
        ("ORC", "org.apache.hadoop.hive.ql.io.orc.OrcSerde"),
        ("AVRO", "org.apache.hadoop.hive.serde2.avro.AvroSerDe"),
        ("JSON", "org.apache.hive.hcatalog.data.JsonSerDe"),
        ("TEXTFILE", "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
    ],
)
def test_a_new_table_has_the_serde_by_which_trino_reads_it(
    run: Any, lake: lakelet.Lake, form: str, serde: str
) -> None:
    run(
        f"CREATE TABLE t WITH (format = '{form}', external_location = 's3://data/t/') AS SELECT 1 a"
    )
    table = lake.catalog.table("default", "t")
    assert table is not None
    assert table.storage.serde == serde


def test_unload_asks_for_a_format_and_one_codec(run: Any) -> None:
    for properties in ("", " WITH (compression = 'GZIP')", " WITH (format = 'CSV')"):
        with pytest.raises(TrinoError) as raised:
            run(f"UNLOAD (SELECT 1 a) TO 's3://data/u/'{properties}")
        assert raised.value.name == "INVALID_TABLE_PROPERTY"
    with pytest.raises(TrinoError, match="Compression codec LZ4 not supported for Parquet"):
        run("UNLOAD (SELECT 1 a) TO 's3://data/u/' WITH (format = 'PARQUET', compression = 'LZ4')")


@pytest.mark.parametrize(
    "layout", ["partitioned_by = ARRAY['p']", "bucketed_by = ARRAY['id'], bucket_count = 3"]
)
@pytest.mark.parametrize("form", ["ORC", "PARQUET", "JSON", "TEXTFILE", "ION"])
def test_rows_inside_of_columns_stay_where_they_belong(
    run: Any, rows: Any, form: str, layout: str
) -> None:
    of = "row(x integer, y varchar(1))"
    run(
        f"CREATE TABLE t WITH (format = '{form}', {layout}) AS SELECT * FROM (VALUES"
        f" (1, CAST(ROW(1, 'q') AS {of}), ARRAY[CAST(ROW(7, 'z') AS {of})], 0),"
        f" (2, NULL, NULL, 1), (3, CAST(ROW(5, NULL) AS {of}), ARRAY[NULL], 2)) AS t (id, s, l, p)"
    )
    found = sorted(rows("SELECT id, s.x, s.y, l[1].x FROM t"))
    assert found == [(1, 1, "q", 7), (2, None, None, None), (3, 5, None, None)]


def test_rows_whose_manifest_finds_no_room_are_not_there(
    run: Any, rows: Any, lake: lakelet.Lake
) -> None:
    run(
        "CREATE TABLE t WITH (partitioned_by = ARRAY['p'], external_location = 's3://data/t/') AS"
        " SELECT 1 AS x, 0 AS p"
    )
    standing = [info.key for info in lake.storage.list("data")]
    target = results.files.Target("q", "e", "INSERT", "", "s3://data/out/q", {})
    (lake.storage.scratch / "result-q-manifest.csv").mkdir()  # where the manifest would be made
    announced = results.Announcement(lake.storage, target)
    statement = lake.engine.prepare("INSERT INTO t VALUES (2, 1)", lake.session())
    with pytest.raises(TrinoError) as raised:
        statement.execute(announced.write)
    statement.close()
    assert raised.value.name == "GENERIC_INSUFFICIENT_RESOURCES"
    assert rows("SELECT x, p FROM t") == [(1, 0)]
    assert run("SHOW PARTITIONS t").lines == ("p=0",)
    assert [info.key for info in lake.storage.list("data")] == standing


def test_what_is_announced_is_withdrawn_where_rows_cannot_be_published(
    run: Any, lake: lakelet.Lake
) -> None:
    target = results.files.Target("q", "e", "INSERT", "", "s3://data/out/q", {})
    announced = results.Announcement(lake.storage, target)
    announced.write(1, ["s3://data/t/x"])
    assert [info.key for info in lake.storage.list("data")] == [
        "out/q-manifest.csv",
        "out/q.metadata",
    ]
    announced.withdraw()
    assert [*lake.storage.list("data")] == []
