"""What scans open, prune and bill, told by the files that are opened and by pyarrow's metadata."""

import io
import threading
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pyarrow
import pytest
from pyarrow import orc, parquet

import lakelet
from lakelet.engines.planning import Plan
from lakelet.errors import TrinoError
from lakelet.types.quoting import identifier, quoted

BUCKET = "bucket"


@pytest.fixture
def lake() -> Iterator[lakelet.Lake]:
    made = lakelet.Lake(lakelet.Settings(dialect="trino"))
    made.storage.create_bucket(BUCKET)
    made.catalog.databases.create({"Name": "d"})
    yield made
    made.close()


def run(lake: lakelet.Lake, text: str) -> Any:
    return lake.engine.prepare(text, lake.session("d")).execute()


def rows(lake: lakelet.Lake, text: str) -> list[tuple[Any, ...]]:
    table = run(lake, text).batches().read_all()
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def plan(lake: lakelet.Lake, text: str) -> Plan:
    return lake.engine.plan(text, lake.session("d"))


def files(lake: lakelet.Lake, text: str) -> set[str]:
    """Keys of the files that a query opens."""
    planned = plan(lake, text)
    found = {file.info.key for scan in planned.scans for file in scan.files}
    rows(lake, text)
    return found


def scanned(lake: lakelet.Lake, text: str) -> int:
    answer = run(lake, text)
    answer.batches().read_all()
    return int(answer.statistics().scanned)


@pytest.fixture
def days(lake: lakelet.Lake) -> lakelet.Lake:
    """A partition a day, and one without."""
    run(
        lake,
        "CREATE EXTERNAL TABLE t (id int) PARTITIONED BY (day string, hour int)"
        " ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://bucket/t/'",
    )
    for day in range(1, 29):
        for hour in range(3):
            key = f"t/day=2020-02-{day:02d}/hour={hour}/f.csv"
            lake.storage.write(BUCKET, key, f"{day * 10 + hour}\n".encode())
    lake.storage.write(BUCKET, "t/day=__HIVE_DEFAULT_PARTITION__/hour=1/f.csv", b"0\n")
    run(lake, "MSCK REPAIR TABLE t")
    return lake


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("day = '2020-02-03' AND hour = 1", {"2020-02-03/1"}),
        ("day IN ('2020-02-03', '2020-02-04') AND hour < 1", {"2020-02-03/0", "2020-02-04/0"}),
        (
            "day BETWEEN '2020-02-27' AND '2020-02-28' AND hour = 2",
            {"2020-02-27/2", "2020-02-28/2"},
        ),
        ("day IS NULL", {"__HIVE_DEFAULT_PARTITION__/1"}),
        ("day_of_month(date(day)) = 28 AND hour % 2 = 1", {"2020-02-28/1"}),
        ("date(day) > DATE '2020-02-27' AND hour = 0", {"2020-02-28/0"}),
        ("day LIKE '%-09' AND hour = 0", {"2020-02-09/0"}),
        ("concat(day, '/', CAST(hour AS varchar)) = '2020-02-05/2'", {"2020-02-05/2"}),
        (
            "(day = '2020-02-01' OR day = '2020-02-02') AND NOT hour IN (0, 2)",
            {"2020-02-01/1", "2020-02-02/1"},
        ),
        (
            "day = '2020-02-01' AND hour = 0 OR day = '2020-02-02' AND hour = 1",
            {"2020-02-01/0", "2020-02-02/1"},
        ),
        ("day = '2019-01-01'", set()),
        (
            f"hour IN (1, {', '.join(map(str, range(3, 3000)))}) AND day < '2020-02-02'",
            {"2020-02-01/1"},
        ),
        (
            f"day < '2020-02-02' AND {'(hour = 1 OR (hour = 2 AND ' * 60}hour = 1{'))' * 60}",
            {"2020-02-01/1"},
        ),
        ("coalesce(day, 'none') = 'none'", {"__HIVE_DEFAULT_PARTITION__/1"}),
    ],
)
def test_only_the_matching_partitions_are_opened(
    days: lakelet.Lake, condition: str, expected: set[str]
) -> None:
    wanted = {"t/day={}/hour={}/f.csv".format(*each.split("/")) for each in expected}
    assert files(days, f"SELECT id FROM t WHERE {condition}") == wanted
    assert len(rows(days, f"SELECT id FROM t WHERE {condition}")) == len(wanted)


@pytest.mark.parametrize("name", ["my-key", "a.b", "a b", "not", "ключ", "a`b"])
@pytest.mark.parametrize("value", ["v", "it's", "a\\", "a\\'b"])
def test_keys_and_values_may_have_any_characters(lake: lakelet.Lake, name: str, value: str) -> None:
    storage = {
        "Columns": [{"Name": "id", "Type": "int"}],
        "Location": "s3://bucket/t/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"},
    }
    keys = [{"Name": each, "Type": "string"} for each in (name, "other")]
    lake.catalog.tables.create(
        "d", {"Name": "t", "PartitionKeys": keys, "StorageDescriptor": storage}
    )
    for number, each in enumerate((value, "else")):
        location = {"StorageDescriptor": {**storage, "Location": f"s3://bucket/t/{number}/"}}
        lake.catalog.partitions_of.create("d", "t", [{"Values": [each, "b"], **location}])
        lake.storage.write(BUCKET, f"t/{number}/f.csv", f"{number}\n".encode())
    condition = f"{identifier(name)} = {quoted(value)} AND other = 'b'"
    assert rows(lake, f"SELECT id FROM t WHERE {condition}") == [(0,)]


def test_a_subquery_s_and_a_join_s_conditions_prune_too(days: lakelet.Lake) -> None:
    expected = {"t/day=2020-02-03/hour=1/f.csv"}
    assert (
        files(days, "SELECT * FROM (SELECT * FROM t) WHERE day = '2020-02-03' AND hour = 1")
        == expected
    )
    text = "SELECT * FROM t JOIN (VALUES 1) v(x) ON t.hour = 1 AND t.day = '2020-02-03'"
    assert files(days, text) == expected
    text = (
        "WITH w AS (SELECT day d, hour h FROM t) SELECT 1 FROM w WHERE d = '2020-02-03' AND h = 1"
    )
    assert files(days, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT t.id FROM t JOIN small ON t.day = small.d WHERE small.name = 'third'",
        "SELECT t.id FROM t, small WHERE t.day = small.d AND small.name = 'third'",
        "SELECT id FROM t WHERE day IN (SELECT d FROM small WHERE name = 'third')",
        "SELECT t.id FROM small JOIN t ON t.day = small.d AND small.name = 'third'",
    ],
)
def test_a_join_with_a_small_table_prunes_by_its_values(days: lakelet.Lake, text: str) -> None:
    """Trino's dynamic filters."""
    run(
        days,
        "CREATE EXTERNAL TABLE small (name string, d string) ROW FORMAT DELIMITED"
        " FIELDS TERMINATED BY ',' LOCATION 's3://bucket/small/'",
    )
    lines = b"third,2020-02-03\nnone,2020-02-30\nfourth,2020-02-04\nnull,\\N\n"
    days.storage.write(BUCKET, "small/f", lines)
    expected = {f"t/day=2020-02-03/hour={hour}/f.csv" for hour in range(3)}
    assert files(days, text) == {*expected, "small/f"}
    assert sorted(rows(days, text)) == [(30,), (31,), (32,)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT count(*) FROM t WHERE EXISTS (SELECT * FROM t b WHERE b.hour = 2)", 85),
        ('SELECT count(*) FROM t WHERE EXISTS (SELECT id, "$path" FROM t b WHERE b.hour > 2)', 0),
        ("SELECT count(*) FROM (SELECT *, day || 'x' AS x FROM t WHERE hour = 1)", 29),
        ('SELECT sum(h) FROM (SELECT id AS i, hour AS h, "$path" AS p FROM t)', 85),
        ("SELECT count(*) FROM (SELECT id, day FROM t WHERE day = '2019-01-01')", 0),
    ],
)
def test_columns_that_are_only_mentioned_have_no_values(
    days: lakelet.Lake, text: str, expected: int
) -> None:
    assert rows(days, text) == [(expected,)]
    assert [scan.columns for scan in plan(days, text).analysis.scans if "id" in scan.columns] == []


def test_columns_that_a_query_has_no_word_of_are_not_in_its_text(days: lakelet.Lake) -> None:
    assert '"day"' not in plan(days, "SELECT sum(id) FROM t WHERE hour = 1").text


def test_an_outer_join_keeps_what_finds_no_partner(days: lakelet.Lake) -> None:
    text = "SELECT count(*) FROM t a LEFT JOIN t b ON a.day = b.day AND a.hour = b.hour"
    assert rows(days, text) == [(85,)]
    assert len(files(days, text)) == 85


def test_files_of_other_partitions_are_not_opened(lake: lakelet.Lake) -> None:
    """They could not be read if they were."""
    buffer = io.BytesIO()
    parquet.write_table(numbers(10), buffer)
    text = (
        "CREATE EXTERNAL TABLE q (id bigint) PARTITIONED BY (k string) STORED AS PARQUET LOCATION"
    )
    run(lake, f"{text} 's3://bucket/q/'")
    for key, data in (("a", buffer.getvalue()), ("b", b"no Parquet at all")):
        lake.storage.write(BUCKET, f"q/k={key}/f", data)
    run(lake, "MSCK REPAIR TABLE q")
    assert rows(lake, "SELECT count(*) FROM q WHERE k = 'a'") == [(10,)]
    assert rows(lake, "SELECT sum(id) FROM q WHERE upper(k) < 'B'") == [(45,)]
    with pytest.raises(TrinoError, match="Malformed Parquet file") as caught:
        rows(lake, "SELECT count(*) FROM q")
    assert caught.value.name == "HIVE_BAD_DATA"


def test_hidden_columns_of_a_bucketed_table(lake: lakelet.Lake) -> None:
    text = (
        "CREATE EXTERNAL TABLE b (id string) CLUSTERED BY (id) INTO 3 BUCKETS ROW FORMAT DELIMITED"
        " FIELDS TERMINATED BY ',' LOCATION 's3://bucket/b/'"
    )
    run(lake, text)
    for key in ("000000_0", "000002_0_abc"):
        lake.storage.write(BUCKET, f"b/{key}", f"{key}\n".encode())
    found = rows(lake, 'SELECT id, "$bucket", typeof("$bucket") FROM b ORDER BY 1')
    assert found == [("000000_0", 0, "integer"), ("000002_0_abc", 2, "integer")]
    lake.storage.write(BUCKET, "b/x", b"x\n")
    assert rows(lake, 'SELECT id, "$bucket" FROM b ORDER BY 1') == [
        ("000000_0", 0),
        ("000002_0_abc", 1),
        ("x", 2),
    ]
    lake.storage.write(BUCKET, "b/y", b"y\n")
    with pytest.raises(TrinoError, match="number of files in the directory \\(4\\)") as caught:
        rows(lake, 'SELECT "$bucket" FROM b')
    assert caught.value.name == "HIVE_INVALID_BUCKET_FILES"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("\"$path\" = 's3://bucket/b/000001_0'", {1}),
        ("\"$path\" IN ('s3://bucket/b/000000_0', 's3://bucket/b/000002_0')", {0, 2}),
        ("\"$path\" > 's3://bucket/b/000001_0'", {2}),
        ("\"$path\" BETWEEN 's3://bucket/b/000000_0' AND 's3://bucket/b/000001_0'", {0, 1}),
        ('"$bucket" = 2', {2}),
        ('"$bucket" < 2 AND "$path" >= \'s3://bucket/b/000001_0\'', {1}),
        ("\"$path\" = 'nowhere'", set()),
        ("\"$path\" LIKE '%1_0'", {0, 1, 2}),
    ],
)
def test_conditions_on_paths_and_buckets_open_the_files_that_they_name(
    lake: lakelet.Lake, condition: str, expected: set[int]
) -> None:
    run(
        lake,
        "CREATE EXTERNAL TABLE b (id string) CLUSTERED BY (id) INTO 3 BUCKETS"
        " ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://bucket/b/'",
    )
    for number in range(3):
        lake.storage.write(BUCKET, f"b/00000{number}_0", f"{number}\n".encode())
    query = f"SELECT id FROM b WHERE {condition}"
    assert files(lake, query) == {f"b/00000{number}_0" for number in expected}
    assert len(rows(lake, query)) == (1 if "LIKE" in condition else len(expected))


def test_hidden_columns_of_many_and_of_few_files_agree(days: lakelet.Lake) -> None:
    columns = '"$path", "$file_size", "$file_modified_time", "$partition", day, hour'
    text = f"SELECT id, {columns} FROM t ORDER BY id"
    joined = rows(days, text)
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table({"id": [1]}), buffer)
    run(
        days,
        "CREATE EXTERNAL TABLE few (id bigint) PARTITIONED BY (day date) STORED AS PARQUET"
        " LOCATION 's3://bucket/few/'",
    )
    info = days.storage.write(BUCKET, "few/day=2020-01-02/f", buffer.getvalue())
    run(days, "MSCK REPAIR TABLE few")
    listed = rows(days, f"SELECT {columns.removesuffix(', hour')} FROM few")
    instant = info.last_modified.replace(tzinfo=None)
    rounded = instant.replace(microsecond=instant.microsecond // 1000 * 1000)
    assert listed == [
        (
            "s3://bucket/few/day=2020-01-02/f",
            info.size,
            {"instant": rounded, "zone": "UTC"},
            "day=2020-01-02",
            date(2020, 1, 2),
        )
    ]
    assert joined[1][1:5:3] == (
        "s3://bucket/t/day=2020-02-01/hour=0/f.csv",
        "day=2020-02-01/hour=0",
    )
    assert joined[1][3]["zone"] == "UTC"


# Columnar files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "folders", "values", "in_paths"),
    [
        ("k int", ["k=0", "k=-7"], [0, -7], True),
        ("k string", ["k=a.b", "k=07"], ["a.b", "07"], True),
        ("k date", ["k=2024-02-29", "k=0001-01-01"], [date(2024, 2, 29), date(1, 1, 1)], True),
        ("k bigint, zone string", ["K=1/zone=x", "K=2/zone=y"], [1, 2], True),
        ("k int", ["k=07", "k=1"], [7, 1], False),
        ("k string", ["k=a%3Ab", "k=x"], ["a:b", "x"], False),
        ("k string", ["k=x", "k=__HIVE_DEFAULT_PARTITION__"], ["x", None], False),
        ("k int", ["k=1/other=2", "k=2"], [1, 2], False),
        ("k int", ["k=1/id=5", "k=2/id=6"], [1, 2], False),
        ("k int", ["k=1/k=5", "k=2/k=6"], [1, 2], False),
        ("k int", ["one", "two"], [1, 2], False),
    ],
)
def test_keys_are_taken_from_paths_that_say_just_them(
    lake: lakelet.Lake, columns: str, folders: list[str], values: list[Any], in_paths: bool
) -> None:
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table({"id": pyarrow.array([1, 2], pyarrow.int64())}), buffer)
    run(
        lake,
        f"CREATE EXTERNAL TABLE paths (id bigint) PARTITIONED BY ({columns}) STORED AS PARQUET"
        " LOCATION 's3://bucket/paths/'",
    )
    for folder, value in zip(folders, values, strict=True):
        lake.storage.write(BUCKET, f"paths/{folder}/f", buffer.getvalue())
        text = "__HIVE_DEFAULT_PARTITION__" if value is None else value
        more = folder[-1:] if "zone" in columns else ""
        spec = f"k = '{text}'" + (f", zone = '{more}'" if more else "")
        place = f"LOCATION 's3://bucket/paths/{folder}/'"
        run(lake, f"ALTER TABLE paths ADD PARTITION ({spec}) {place}")
    query = "SELECT k, sum(id) FROM paths GROUP BY 1 ORDER BY 1 NULLS LAST"
    ordered = sorted(each for each in values if each is not None)
    assert rows(lake, query) == [(each, 3) for each in [*ordered, *[None][: values.count(None)]]]
    assert ("hive_types" in plan(lake, query).text) is in_paths
    hidden = 'SELECT k, count("$path") FROM paths GROUP BY 1 ORDER BY 1 NULLS LAST'
    assert [each[0] for each in rows(lake, hidden)] == [each[0] for each in rows(lake, query)]


@pytest.mark.parametrize("stored", ["PARQUET", "ORC", "TEXTFILE"])
def test_what_one_partition_says_of_itself_stands_in_the_query(
    lake: lakelet.Lake, stored: str
) -> None:
    """Its rows look nothing up; conditions on their values hold as they do for several."""
    run(
        lake,
        "CREATE EXTERNAL TABLE one (id bigint) PARTITIONED BY (day date, part string)"
        f" STORED AS {stored} LOCATION 's3://bucket/one/'",
    )
    for part in ("'it''s'", "NULL"):
        run(lake, f"INSERT INTO one SELECT 1, DATE '2024-02-29', {part}")
    every = "SELECT day, part, id FROM one ORDER BY part NULLS LAST"
    told = rows(lake, every)
    assert told == [(date(2024, 2, 29), "it's", 1), (date(2024, 2, 29), None, 1)]
    for condition, row in (("part = 'it''s'", told[0]), ("part IS NULL", told[1])):
        query = f"SELECT day, part, id FROM one WHERE {condition}"
        assert rows(lake, query) == [row]
        assert not any(name.endswith("_files") for name in plan(lake, query).datasets)
        narrowed = f"{query} AND year(day) = 2024 AND length(coalesce(part, '')) < id"
        assert rows(lake, narrowed) == ([row] if row[1] is None else [])


def numbers(count: int = 40_000) -> pyarrow.Table:
    return pyarrow.table(
        {
            "id": pyarrow.array(range(count), pyarrow.int64()),
            "word": [f"word {number % 977}" for number in range(count)],
            "price": pyarrow.array([number / 7 for number in range(count)], pyarrow.float64()),
            "day": pyarrow.array([number // 100 for number in range(count)], pyarrow.date32()),
            "parts": [[number, number + 1] for number in range(count)],
        }
    )


def columnar(lake: lakelet.Lake, name: str, stored: str, data: bytes) -> None:
    lake.storage.write(BUCKET, f"{name}/a", data)
    run(
        lake,
        f"CREATE EXTERNAL TABLE {name} (id bigint, word string, price double, day date,"
        f" parts array<bigint>) STORED AS {stored} LOCATION 's3://bucket/{name}/'",
    )


@pytest.fixture
def both(lake: lakelet.Lake) -> tuple[lakelet.Lake, Any]:
    """The same rows in Parquet (8 row groups) and ORC (some stripes), and the Parquet metadata."""
    buffer = io.BytesIO()
    parquet.write_table(numbers(), buffer, row_group_size=5_000)
    columnar(lake, "p", "PARQUET", buffer.getvalue())
    stripes = io.BytesIO()
    orc.write_table(numbers(), stripes, stripe_size=16 * 1024, compression="zstd")
    columnar(lake, "o", "ORC", stripes.getvalue())
    return lake, parquet.read_metadata(buffer)


def bytes_of(
    metadata: Any, columns: set[str], kept: Callable[[int], bool] = lambda group: True
) -> int:
    """Compressed bytes of columns' chunks in row groups, as pyarrow tells them."""
    total = 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for place in range(group.num_columns):
            chunk = group.column(place)
            if kept(number) and chunk.path_in_schema.split(".")[0] in columns:
                total += chunk.total_compressed_size
    return total


@pytest.mark.parametrize(
    ("text", "columns", "kept"),
    [
        ("SELECT sum(id) FROM p", {"id"}, lambda group: True),
        ("SELECT * FROM p", {"id", "word", "price", "day", "parts"}, lambda group: True),
        ("SELECT cardinality(parts) FROM p", {"parts"}, lambda group: True),
        ("SELECT count(*) FROM p", set(), lambda group: True),
        ("SELECT word FROM p WHERE id = 12345", {"id", "word"}, lambda group: group == 2),
        (
            "SELECT word FROM p WHERE id BETWEEN 9999 AND 10001",
            {"id", "word"},
            lambda group: group in (1, 2),
        ),
        (
            "SELECT 1 FROM p WHERE id > 34999 AND price > 0",
            {"id", "price"},
            lambda group: group == 7,
        ),
        ("SELECT 1 FROM p WHERE day < DATE '1970-01-02'", {"day"}, lambda group: group == 0),
        ("SELECT 1 FROM p WHERE id IN (1, 39999)", {"id"}, lambda group: group in (0, 7)),
        ("SELECT 1 FROM p WHERE price < 0", {"price"}, lambda group: False),
        ("SELECT 1 FROM p WHERE word = 'word 5'", {"word"}, lambda group: True),
        ("SELECT 1 FROM p WHERE id % 2 = 0", {"id"}, lambda group: True),
    ],
)
def test_parquet_bills_the_chunks_of_the_groups_that_survive(
    both: tuple[lakelet.Lake, Any], text: str, columns: set[str], kept: Callable[[int], bool]
) -> None:
    lake, metadata = both
    expected = bytes_of(metadata, columns, kept)
    assert abs(scanned(lake, text) - expected) <= expected * 0.02


def test_orc_reads_and_bills_only_the_stripes_that_survive(both: tuple[lakelet.Lake, Any]) -> None:
    lake, _ = both
    size = lake.storage.stat(BUCKET, "o/a").size
    whole = scanned(lake, "SELECT * FROM o")
    assert 0.9 * size < whole < size
    one = scanned(lake, "SELECT * FROM o WHERE id = 39999")
    assert 0 < one < whole / 2
    assert scanned(lake, "SELECT id FROM o") < whole / 3
    assert scanned(lake, "SELECT * FROM o WHERE id < 0") == 0
    assert rows(lake, "SELECT word FROM o WHERE id = 39999") == [(f"word {39999 % 977}",)]
    assert rows(lake, "SELECT count(*), sum(id) FROM o WHERE day >= DATE '1970-12-31'") == rows(
        lake, "SELECT count(*), sum(id) FROM p WHERE day >= DATE '1970-12-31'"
    )
    assert rows(lake, "SELECT count(*), sum(id), max(word), sum(parts[2]) FROM o") == rows(
        lake, "SELECT count(*), sum(id), max(word), sum(parts[2]) FROM p"
    )


def test_text_bills_whole_files(days: lakelet.Lake) -> None:
    assert scanned(days, "SELECT id FROM t WHERE day = '2020-02-03'") == 3 * len(b"30\n")


def test_scans_of_one_query_run_side_by_side(both: tuple[lakelet.Lake, Any]) -> None:
    lake, _ = both
    found: list[Any] = []
    text = "SELECT count(*) FROM o a JOIN o b ON a.id = b.id WHERE b.id < 100"
    threads = [threading.Thread(target=lambda: found.append(rows(lake, text))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[(100,)]] * 4


def test_a_column_may_be_named_as_hidden_ones_are(lake: lakelet.Lake) -> None:
    run(
        lake,
        "CREATE EXTERNAL TABLE dollars (`$x` int, b string)"
        " ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://bucket/dollars/'",
    )
    lake.storage.write(BUCKET, "dollars/f.csv", b"1,a\n2,b\n")
    text = 'SELECT "$x", "$file_size" FROM dollars WHERE "$x" > 1'
    assert rows(lake, text) == [(2, 8)]


def test_a_text_that_comes_again_reads_the_files_that_there_are(lake: lakelet.Lake) -> None:
    run(lake, f"CREATE EXTERNAL TABLE p (n bigint) STORED AS PARQUET LOCATION 's3://{BUCKET}/p/'")

    def put(key: str, **columns: list[Any]) -> None:
        held = io.BytesIO()
        parquet.write_table(pyarrow.table(columns), held)
        lake.storage.write(BUCKET, f"p/{key}", held.getvalue())

    text = 'SELECT sum(n), count(*), count(DISTINCT "$path") FROM p'
    put("a", n=[1, 2])
    assert [rows(lake, text) for _ in range(2)] == [[(3, 2, 1)]] * 2
    put("a", other=[1, 2, 3], n=[7, 8, 9])
    assert [rows(lake, text) for _ in range(2)] == [[(24, 3, 1)]] * 2
    put("b", n=[100])
    assert [rows(lake, text) for _ in range(2)] == [[(124, 4, 2)]] * 2
    before = scanned(lake, text)
    lake.storage.delete(BUCKET, ["p/a"])
    assert [rows(lake, text) for _ in range(2)] == [[(100, 1, 1)]] * 2
    assert 0 < scanned(lake, text) < before
    run(lake, "ALTER TABLE p SET LOCATION 's3://bucket/elsewhere/'")
    assert [rows(lake, text) for _ in range(2)] == [[(None, 0, 0)]] * 2


def test_any_condition_on_a_key_narrows_more_projected_partitions_than_a_scan_may_have() -> None:
    with lakelet.Lake() as lake:
        lake.storage.create_bucket("bucket")
        for key in (3, 44, 45):
            lake.storage.write("bucket", f"t/a={key}/b=k{key}/f", f"{key}\n".encode())
        cursor = lakelet.connect(lake).cursor()
        names = ",".join(f"k{number}" for number in range(100))
        cursor.execute(
            "CREATE EXTERNAL TABLE t (x int) PARTITIONED BY (a int, b string)"
            " LOCATION 's3://bucket/t/' TBLPROPERTIES ('projection.enabled' = 'true',"
            " 'projection.a.type' = 'integer', 'projection.a.range' = '1,200000',"
            f" 'projection.b.type' = 'enum', 'projection.b.values' = '{names}')"
        )
        where = "b LIKE '%4_' AND CAST(a AS varchar) LIKE '44%'"
        assert cursor.execute(f"SELECT x, a, b FROM t WHERE {where}").fetchall() == [
            (44, 44, "k44")
        ]
        with pytest.raises(TrinoError, match="more than 1000000 partitions"):
            cursor.execute("SELECT x FROM t WHERE b = 'k' || CAST(a AS varchar)").fetchall()
