"""The command from a suite to its report, over a lake's table and over a file."""

import csv
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from lakelet.bench import comparing, making, report, running, suite
from lakelet.bench.page import page
from lakelet.bench.targets import BUCKET, FarTarget, LocalTarget
from lakelet.config import Settings
from lakelet.dbapi import connect
from lakelet.errors import LakeletError
from lakelet.lake import Lake
from lakelet.server.serving import serving
from tests.cli.running import LAKELET, run

ROWS = 20_000
SUITE = """\
repeat = 3
tables = ["sales"]
[layouts]
format = ["PARQUET", "TEXTFILE"]
partitioned_by = [[], ["country"]]
[queries]
all = "SELECT sum(price) FROM sales"
some = "SELECT sum(price) FROM sales WHERE country = 'c3'"
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A lake with a table of sales."""
    folder = tmp_path / "lake"
    with Lake(Settings(data=folder)) as lake:
        lake.storage.create_bucket("shop")
        connect(lake).cursor().execute(
            "CREATE TABLE sales WITH (external_location = 's3://shop/sales/') AS"
            " SELECT n AS id, n * 1.5e0 AS price, 'c' || CAST(n % 5 AS varchar) AS country"
            f" FROM (SELECT 1 + a * 200 + b AS n FROM UNNEST(sequence(0, {ROWS // 200 - 1})) t(a)"
            " CROSS JOIN UNNEST(sequence(0, 199)) u(b))"
        )
    return folder


def bench(data: Path, text: str, *options: str) -> tuple[Any, Path, Any]:
    """Runs a suite; the JSON report, its path and what the command said."""
    file = data.parent / "suite.toml"
    file.write_text(text)
    out = data.parent / "out"
    ran = run("bench", str(file), "--data", str(data), "--out", str(out), *options)
    path = max(out.glob("*.json"))
    return json.loads(path.read_text()), path, ran


def measured(document: Any, query: str, key: str) -> dict[str, Any]:
    return {each["layout"]: each[key] for each in document["measured"] if each["query"] == query}


def test_every_query_is_measured_on_every_layout(data: Path) -> None:
    document, path, _ = bench(data, SUITE)
    names = ["parquet", "parquet, by country", "textfile", "textfile, by country"]
    assert [made["name"] for made in document["layouts"]] == names
    assert {made["rows"] for made in document["layouts"]} == {ROWS}
    assert [made["files"] for made in document["layouts"]] == [1, 5, 1, 5]
    assert document["complete"]
    scanned = measured(document, "some", "scanned")
    assert list(scanned) == names
    assert scanned["parquet, by country"] < scanned["parquet"] / 3
    assert scanned["textfile, by country"] < scanned["textfile"] / 4
    assert measured(document, "some", "files") == dict(zip(names, (1, 1, 1, 1), strict=True))
    assert measured(document, "all", "row_groups") == dict(
        zip(names, (1, 5, None, None), strict=True)
    )
    assert {len(each["seconds"]) for each in document["measured"]} == {3}
    assert report.load(path).complete


def test_a_table_may_be_named_with_its_catalogue(data: Path) -> None:
    named = SUITE.replace('["sales"]', '["awsdatacatalog.default.sales"]').replace("= 3", "= 1")
    text = f'{named}whole = "SELECT sum(price) FROM awsdatacatalog.default.sales"\n'
    document, _, _ = bench(data, text)
    assert [made["rows"] for made in document["layouts"]] == [ROWS] * 4
    assert measured(document, "whole", "scanned") == measured(document, "all", "scanned")
    assert len(set(measured(document, "whole", "scanned").values())) > 2


def test_operators_tell_where_the_time_goes(data: Path) -> None:
    more = 'tables = "SHOW TABLES"\nrows = "SELECT count(*) FROM sales"\n'
    document, path, _ = bench(data, SUITE + more)
    assert measured(document, "rows", "operators")["parquet"]["name"] == "Values"
    root = measured(document, "all", "operators")["parquet"]
    names = []
    while root is not None:
        names.append(root["name"])
        root = next(iter(root["inputs"]), None)
    assert "Aggregate" in names
    assert names[-1] == "TableScan"
    assert set(measured(document, "tables", "operators").values()) == {None}
    loaded = report.load(path).of("all")[0].operators
    assert loaded is not None
    assert loaded.name == names[0]
    assert loaded.whole > 0
    assert path.with_suffix(".html").read_text().count('class="flame"') == 3 * 2


def test_nothing_is_left_in_the_lake(data: Path) -> None:
    bench(data, SUITE)
    with Lake(Settings(data=data)) as lake:
        assert lake.catalog.database_names() == ["default"]
        assert BUCKET not in lake.storage.buckets()


def test_csv_and_page_show_what_the_report_holds(data: Path) -> None:
    document, path, _ = bench(data, SUITE)
    lines = list(csv.DictReader(path.with_suffix(".csv").read_text().splitlines()))
    shown = {(line["query"], line["layout"]): int(line["scanned_bytes"]) for line in lines}
    assert shown == {
        (each["query"], each["layout"]): each["scanned"] for each in document["measured"]
    }
    page = path.with_suffix(".html").read_text()
    assert page.count('class="bars"') == 2 + 2 * 2  # of the whole suite, and two of each query
    assert page.count('class="row') == 4 * 6
    assert "http://" not in page
    assert "https://" not in page


def test_growth_is_drawn_where_layouts_differ_in_rows(data: Path) -> None:
    text = SUITE.replace('format = ["PARQUET", "TEXTFILE"]', "fraction = [0.25, 1.0]")
    document, path, _ = bench(data, text)
    rows = [made["rows"] for made in document["layouts"]]
    assert rows[1::2] == [ROWS, ROWS]
    assert all(0.2 * ROWS < count < 0.3 * ROWS for count in rows[::2])
    assert rows[0] == rows[2], "another sample is another table"
    assert "Growth with the rows" in path.with_suffix(".html").read_text()


def test_files_are_as_many_or_as_large_as_asked(data: Path) -> None:
    lay = '[layouts]\nformat = "TEXTFILE"\ncompression = "NONE"\n'
    head = 'repeat = 1\ntables = ["sales"]\n'
    query = '[queries]\nq = "SELECT count(*) FROM sales"\n'
    many, _, _ = bench(data, f"{head}{lay}files = 4\n{query}")
    sized, _, _ = bench(data, f'{head}{lay}file_size = "100KB"\n{query}')
    assert many["layouts"][0]["files"] == 4
    assert sized["layouts"][0]["files"] == round(sized["layouts"][0]["size"] / 100_000)
    assert measured(many, "q", "rows") == {"textfile, none, 4 files": 1}


def test_what_fails_is_reported_and_the_rest_goes_on(data: Path) -> None:
    text = SUITE.replace('"PARQUET"', '"PARQUET", "PAPER"') + 'bad = "SELECT nope FROM sales"\n'
    document, _, ran = bench(data, text)
    failures = {made["name"]: made["failure"] for made in document["layouts"]}
    assert failures["parquet"] is None
    assert "PAPER" in failures["paper"]
    reasons = measured(document, "bad", "failure")
    assert all("nope" in reasons[each] for each in reasons if not each.startswith("paper"))
    assert "could not be made" in measured(document, "all", "failure")["paper"]
    assert len(measured(document, "all", "seconds")["parquet"]) == 3
    assert document["complete"]
    assert "bad failed" in ran.stdout


def test_only_queries_are_timed(data: Path) -> None:
    document, _, _ = bench(data, SUITE + 'gone = "DROP TABLE sales"\n')
    assert set(measured(document, "gone", "failure").values()) == {
        "only queries are timed, and this is DROP TABLE"
    }
    assert all(measured(document, "all", "seconds").values())


def test_a_table_that_is_not_there_is_said_before_anything_is_made(data: Path) -> None:
    file = data.parent / "suite.toml"
    file.write_text(SUITE.replace('"sales"', '"nope.csv"', 1))
    ran = run("bench", str(file), "--data", str(data), "--out", str(data.parent / "out"))
    assert ran.returncode == 1
    assert "nope.csv is no table of the lake, and no file beside the suite" in ran.stderr
    assert not list((data.parent / "out").glob("*"))


def test_tables_may_come_from_a_file_without_any_lake(tmp_path: Path) -> None:
    parquet.write_table(pyarrow.table({"n": list(range(1000))}), tmp_path / "numbers.parquet")
    text = (
        'repeat = 1\n[tables]\nnumbers = "numbers.parquet"\n[layouts]\nfiles = [1, 3]\n'
        '[queries]\nq = "SELECT sum(n) FROM numbers"\n'
    )
    document, _, _ = bench(tmp_path / "none", text)
    assert [made["rows"] for made in document["layouts"]] == [1000, 1000]
    assert not (tmp_path / "none").exists()


def test_layouts_of_names_that_are_alike_stand_apart(tmp_path: Path) -> None:
    table = pyarrow.table({"x": [1, 2], "a": ["1", "2"], "b": ["3", "3"], "a_b": ["5", "6"]})
    parquet.write_table(table, tmp_path / "t.parquet")
    text = 'repeat = 1\n[tables]\nt = "t.parquet"\n[layouts]\n'
    text += 'partitioned_by = [["a_b"], ["a", "b"]]\n'
    document, _, _ = bench(tmp_path / "none", f'{text}[queries]\nq = "SELECT sum(x) FROM t"\n')
    assert [made["failure"] for made in document["layouts"]] == [None, None]
    assert [made["rows"] for made in document["layouts"]] == [2, 2]


def test_tables_of_iceberg_are_layouts_too(data: Path) -> None:
    lay = '[layouts]\ntable_type = ["HIVE", "ICEBERG"]\nfiles = [1, 2]\n'
    lay += 'partitioned_by = [["country"]]\n'
    query = """[queries]\nq = "SELECT sum(price) FROM sales WHERE country = 'c3'"\n"""
    document, _, _ = bench(data, f'repeat = 1\ntables = ["sales"]\n{lay}{query}')
    names = ["parquet, by country", "parquet, by country, 2 files"]
    names += [f"iceberg, {name}" for name in names]
    made = {each["name"]: each for each in document["layouts"]}
    assert list(made) == names
    assert {each["rows"] for each in made.values()} == {ROWS}
    assert [made[name]["files"] for name in names] == [5, 10, 5, 10]
    assert "table_type = 'ICEBERG'" in made[names[2]]["statements"][0]
    assert "partitioning = ARRAY['country']" in made[names[2]]["statements"][0]
    scanned = measured(document, "q", "scanned")
    assert all(0 < scanned[name] < made[name]["size"] / 4 for name in names)
    with Lake(Settings(data=data)) as lake:
        assert lake.catalog.database_names() == ["default"]
        assert BUCKET not in lake.storage.buckets()


def test_without_tables_the_queries_run_on_what_is_there(data: Path) -> None:
    document, _, _ = bench(data, '[queries]\nq = "SELECT count(*) FROM sales"')
    assert list(measured(document, "q", "seconds")) == ["as it is"]


def test_an_engine_that_is_not_there_is_a_row_and_the_others_finish(data: Path) -> None:
    away = "trino://someone@127.0.0.1:1/hive"
    output = ("--target", away, "--output", "s3://shop/out")
    document, path, ran = bench(data, SUITE, "--target", "lake", *output)
    assert ran.returncode == 0
    name = "trino://127.0.0.1:1/hive"
    here, far = document["engines"]
    assert here == {"name": "DuckDB", "failure": None}
    assert far["name"] == name
    assert "The Trino cluster does not answer: Connection refused" in far["failure"]
    assert "trinodb/trino" in far["failure"]
    found = {(each["query"], each["engine"], each["layout"]): each for each in document["measured"]}
    layouts = ("parquet", "parquet, by country", "textfile", "textfile, by country")
    assert set(found) == {
        (query, engine, layout)
        for query in ("all", "some") for engine in ("DuckDB", name) for layout in layouts
    }  # fmt: skip
    assert len(found["all", "DuckDB", "parquet"]["seconds"]) == 3
    assert found["all", name, "parquet"]["failure"].startswith("not available: ")
    said = " ".join(ran.stdout.split())
    assert f"{name} is not available: " in said
    assert said.count("trinodb/trino") == 1
    assert said.count("not available") == 1 + 2
    assert "Not made" not in said
    lines = list(csv.DictReader(path.with_suffix(".csv").read_text().splitlines()))
    failures = {line["failure"] for line in lines if line["engine"] == name}
    assert len(failures) == 1
    assert "trinodb/trino" in failures.pop()
    assert "is not available" in path.with_suffix(".html").read_text()


def test_where_no_engine_is_there_the_report_says_how_to_get_one(data: Path) -> None:
    text = '[queries]\nq = "SELECT 1"'
    document, path, ran = bench(data, text, "--target", "trino://127.0.0.1:1/hive")
    assert ran.returncode == 1
    assert "no query was answered" in ran.stderr
    assert document["complete"]
    assert path.with_suffix(".html").exists()


def test_athena_without_credentials_is_not_available(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(data / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(data / "none"))
    text = '[queries]\nq = "SELECT 1"'
    document, _, ran = bench(data, text, "--target", "athena://primary?region=eu-west-1")
    assert "Unable to locate credentials" in document["engines"][0]["failure"]
    assert "aws configure" in " ".join(ran.stdout.split())


def test_two_engines_stand_beside_each_other(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one is a lake that is asked as Athena is."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "lake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "lake")
    with Lake(Settings(data=data)) as lake, serving(lake, "test") as address:
        target = f"athena://primary?region=us-east-1&endpoint={address}"
        far = FarTarget(target, "s3://shop/out/")
        text = SUITE.replace("repeat = 3", "repeat = 2")
        file = tmp_path / "suite.toml"
        file.write_text(text)
        asked = suite.read(file)
        *_, found = running.run(asked, (LocalTarget(lake), far), lambda *step: None, 5.0)
    assert found.complete
    assert [made.engine for made in found.layouts] == ["DuckDB"] * 4 + ["athena://primary"] * 4
    assert all(len(each.seconds) == 2 for each in found.measured)
    scanned = {each.place: each.scanned for each in found.of("some")}
    ours, theirs = "DuckDB", "athena://primary"
    layouts = [made.name for made in found.layouts[:4]]
    assert [scanned[ours, name] for name in layouts] == [scanned[theirs, name] for name in layouts]
    assert all(each.memory is None for each in found.measured if each.engine == theirs)
    assert set(found.measured[-1].phases) == {"planning", "execution", "delivery"}
    text = page(found)
    assert "parquet, by country, on DuckDB" in text
    assert "parquet, by country, on athena://primary" in text


def test_the_cost_of_a_month_and_changes_are_shown(data: Path) -> None:
    _, path, ran = bench(data, SUITE, "--cost-of", "1000/day")
    # 30,000 queries of 10 MB at $5 a terabyte.
    assert "$1.50" in ran.stdout
    _, _, again = bench(data, SUITE, "--against", str(path))
    assert f"Against{path}" in "".join(again.stdout.split())


def test_a_query_that_does_thousands_of_times_as_much_is_slower(data: Path) -> None:
    """So much more that a machine on which others run shows it too."""
    text = "repeat = 5\n[queries]\n" + "".join(
        f'q{i} = "SELECT sum(price) FROM sales"\n' for i in range(4)
    )
    _, path, _ = bench(data, text)
    more = text.replace("sales", "sales CROSS JOIN UNNEST(sequence(1, 5000)) t(n)", 1)
    _, new, ran = bench(data, more, "--against", str(path))
    assert new != path
    found = comparing.compare(report.load(path), report.load(new), "")
    assert ("q0", "slower") in [(each.query, each.verdict) for each in found.changes]
    assert "slower" in ran.stdout


def test_a_report_of_another_suite_is_refused(data: Path) -> None:
    _, path, _ = bench(data, '[queries]\nother = "SELECT 1"')
    file = data.parent / "suite.toml"
    file.write_text(SUITE)
    ran = run("bench", str(file), "--data", str(data), "--against", str(path))
    assert ran.returncode == 1
    assert "holds no query of this suite; it is of suite" in ran.stderr


def test_an_interrupted_run_keeps_what_it_has(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "suite.toml"
    file.write_text(SUITE)
    said: list[str] = []

    def step(name: str, where: str) -> None:
        said.append(name)
        if name == "some":
            raise KeyboardInterrupt

    found: list[report.Report] = []
    with Lake(Settings(data=data)) as lake:
        grown = running.run(suite.read(file), (LocalTarget(lake),), step, 5.0)
        with pytest.raises(KeyboardInterrupt):
            found.extend(grown)
        assert lake.catalog.database_names() == ["default"]
        assert BUCKET not in lake.storage.buckets()
    assert not found[-1].complete
    assert {each.query for each in found[-1].measured} == {"all"}


LONG = """
repeat = 1
[queries]
quick = "SELECT 1"
long = "SELECT count(*) FROM n a(x), n b(y), n c(z) WHERE (x * y) % z = 1"
""".replace("n ", "UNNEST(sequence(1, 10000)) ")


def _heeds_control_c() -> None:
    """Programs in the background are started deaf to it, and so would ours be."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_control_c_in_a_query_leaves_a_report(data: Path, tmp_path: Path) -> None:
    file, out = tmp_path / "suite.toml", tmp_path / "out"
    file.write_text(LONG)
    options = (str(file), "--data", str(data), "--out", str(out))
    command = [*LAKELET, "bench", *options]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=_heeds_control_c
    ) as process:
        try:
            while not any(report.load(each).measured for each in out.glob("*.json")):
                assert process.poll() is None
                time.sleep(0.1)
            time.sleep(1)  # the long one runs
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == 1
    assert b"Traceback" not in said
    assert b"interrupted; the report holds what had been measured" in said
    [path] = out.glob("*.json")
    found = report.load(path)
    assert not found.complete
    assert [each.query for each in found.measured] == ["quick"]
    assert path.with_suffix(".html").exists()
    assert path.with_suffix(".csv").exists()


def test_a_file_that_is_no_report_is_refused(data: Path) -> None:
    other = data.parent / "other.json"
    other.write_text('{"version": 1}')
    ran = run("bench", str(other.with_suffix(".toml")), "--data", str(data))
    assert ran.returncode == 1
    assert "lakelet bench --example" in ran.stderr
    with pytest.raises(LakeletError, match="run its suite again"):
        report.load(other)
    other.write_text('{"version": 2, "engines": 1}')
    with pytest.raises(LakeletError, match="no whole report"):
        report.load(other)
    other.write_text("[]")
    with pytest.raises(LakeletError, match="is no report"):
        report.load(other)


@pytest.mark.parametrize("ended", [signal.SIGTERM, signal.SIGKILL])
def test_what_an_ended_run_made_is_removed(data: Path, tmp_path: Path, ended: int) -> None:
    """At once, or by the next run where it could not."""
    file, out = tmp_path / "suite.toml", tmp_path / "out"
    file.write_text(f'tables = ["sales"]\n[layouts]\nfiles = [1, 2]\n{LONG[LONG.index("[") :]}')
    command = [*LAKELET, "bench", str(file), "--data", str(data), "--out", str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        try:
            while not any(report.load(each).measured for each in out.glob("*.json")):
                assert process.poll() is None
                time.sleep(0.1)
            process.send_signal(ended)
            process.communicate(timeout=120)
        finally:
            process.kill()
    with Lake(Settings(data=data)) as lake:
        assert (len(lake.catalog.database_names()) == 1) == (ended == signal.SIGTERM)
        with Lake(Settings(data=data)) as other:
            running_beside = LocalTarget(other)
            with making.workshop(running_beside, "default") as workshop:
                workshop.source("default.sales", ("default", "sales"))
                LocalTarget(lake)
                assert len(lake.catalog.database_names()) == 2
        assert lake.catalog.database_names() == ["default"]
        assert BUCKET not in lake.storage.buckets()


def test_a_report_that_cannot_be_written_is_said_in_a_line(data: Path) -> None:
    file = data.parent / "suite.toml"
    file.write_text('[queries]\nq = "SELECT 1"')
    for out in ("/dev/full/out", "/proc/out"):
        ran = run("bench", str(file), "--data", str(data), "--out", out)
        assert ran.returncode == 1
        assert "Traceback" not in ran.stderr
        assert "can't be written: " in ran.stderr
