"""The command line as a person or a script uses it."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.cli.running import LAKELET, run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A lake with one CSV in a bucket, dropped in as a file."""
    from lakelet.config import Settings
    from lakelet.lake import Lake

    with Lake(Settings(data=tmp_path)) as lake:
        lake.storage.create_bucket("shop")
    sales = tmp_path / "objects" / "shop" / "sales"
    sales.mkdir()
    (sales / "a.csv").write_text("id,name\n1,ann\n2,bob\n")
    return tmp_path


def test_a_folder_is_crawled_listed_and_queried(folder: Path) -> None:
    crawled = run("crawl", "s3://shop/sales/", "--data", str(folder), "--json")
    assert json.loads(crawled.stdout)["created"] == 1
    listed = json.loads(run("tables", "--data", str(folder), "--json").stdout)
    assert [(each["database"], each["table"]) for each in listed] == [("default", "sales")]
    asked = run("sql", "SELECT count(*) AS n FROM sales", "--data", str(folder), "--json")
    assert json.loads(asked.stdout) == [{"n": 2}]


def test_a_statement_comes_from_standard_input(folder: Path) -> None:
    assert "│   1 │" in run("sql", "-", "--data", str(folder), stdin="SELECT 1 AS one;\n").stdout


def test_a_query_imports_no_pandas(folder: Path) -> None:
    run("crawl", "s3://shop/sales/", "--data", str(folder))
    command = [sys.executable, "-X", "importtime", *LAKELET[1:]]
    asked = [*command, "sql", "SELECT * FROM sales", "--data", str(folder), "--json"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)[0] == {"id": 1, "name": "ann"}
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "pyarrow.lib" in imported
    assert not any(name.startswith("pandas.") for name in imported)


def test_a_wrong_query_is_one_line_in_trinos_words(folder: Path) -> None:
    failed = run("sql", "SELECT nope", "--data", str(folder))
    assert failed.returncode == 1
    assert failed.stderr.splitlines() == [
        "error: COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved"
    ]


def test_a_folder_without_a_lake_says_what_to_do(tmp_path: Path) -> None:
    failed = run("tables", "--data", str(tmp_path / "none"))
    assert failed.returncode == 1
    assert "lakelet up" in failed.stderr
    assert not (tmp_path / "none").exists()


def test_duckdbs_sql_is_shown_beside_ones_own(folder: Path) -> None:
    assert "SELECT" in run("sql", "SELECT 1", "--data", str(folder), "--explain-sql").stdout


def test_a_reset_lake_is_empty(folder: Path) -> None:
    assert run("reset", "--data", str(folder), "--yes").returncode == 0
    assert json.loads(run("tables", "--data", str(folder), "--json").stdout) == []
    assert not any((folder / "objects").iterdir())


def test_a_reset_asks_first_once_there_is_a_lake(folder: Path, tmp_path: Path) -> None:
    missing = run("reset", "--data", str(tmp_path / "none"))
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "there is no lake" in missing.stderr
    kept = run("reset", "--data", str(folder), stdin="n\n")
    assert (kept.returncode, f"query of {folder}?" in kept.stdout) == (1, True)
    assert any((folder / "objects").iterdir())
    assert run("reset", "--data", str(folder), stdin="y\n").returncode == 0
    assert not any((folder / "objects").iterdir())


def test_up_serves_until_it_is_told_to_end(folder: Path) -> None:
    command = [*LAKELET, "up", "--port", "0", "--data", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        address = server.stderr.readline().split()[-1]
        with urllib.request.urlopen(address) as answer:
            assert json.load(answer)["name"] == "lakelet"
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0


def test_an_address_in_use_is_one_line(folder: Path) -> None:
    command = [*LAKELET, "up", "--port", "0", "--data", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        port = server.stderr.readline().split()[-1].rpartition(":")[2]
        second = run("up", "--port", port, "--data", str(folder))
        server.send_signal(signal.SIGTERM)
        server.wait(10)
    assert second.returncode == 1
    assert "--port" in second.stderr


@pytest.mark.slow
def test_the_demo_ends_with_a_plot(tmp_path: Path) -> None:
    done = run("demo", "--data", str(tmp_path / "demo"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "demo" / "flights.png").stat().st_size > 10_000
    assert "AWS_ENDPOINT_URL" in done.stdout
    assert done.stdout.rstrip().endswith('"SELECT count(*) FROM flights"')


def test_each_command_is_told_of_in_one_line(folder: Path) -> None:
    told = run("--help").stdout
    assert "  bench " in told
    assert "..." not in told.partition("Commands:")[2]


def test_a_mistaken_table_is_told_which_was_meant(folder: Path) -> None:
    data = ("--data", str(folder))
    run("crawl", "s3://shop/sales/", "--database", "shop", *data)
    for named, hint in (
        ("sales", "did you mean shop.sales?"),
        ("other.sales", "did you mean shop.sales?"),
        ("shop.sale", "did you mean shop.sales?"),
        ("shop", "shop is a database: lakelet tables --database shop"),
        ("zzz", "lakelet tables lists them"),
    ):
        assert hint in run("describe", named, *data).stderr


def test_numbers_stand_to_the_right_and_nothing_is_drawn_of_nothing(folder: Path) -> None:
    asked = "SELECT * FROM (VALUES (1, 'a'), (234567, NULL)) t (number, word)"
    shown = run("sql", asked, "--data", str(folder)).stdout
    assert "│      1 │ a    │" in shown
    assert "│ 234567 │ NULL │" in shown
    none = run("tables", "--data", str(folder))
    assert none.stdout == ""
    assert "lakelet crawl" in none.stderr


WIDE = "SELECT " + ", ".join(f"{i} AS column_number_{i}" for i in range(20))


def test_a_row_that_is_wider_than_the_terminal_is_a_record(folder: Path) -> None:
    command = [*LAKELET, "sql", WIDE, "--data", str(folder)]
    shown = in_a_terminal(command, {"NO_COLOR": "1", "COLUMNS": "80"}).decode()
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
    assert re.search(r"^column_number_7 +7\s*$", plain, re.M)
    assert max(map(len, plain.splitlines())) <= 80


def test_a_table_that_is_piped_is_as_wide_as_it_is(folder: Path) -> None:
    lines = run("sql", WIDE, "--data", str(folder)).stdout.splitlines()
    assert len(lines) == 5
    assert "column_number_0 ┃ column_number_1 ┃" in lines[1]


def test_rows_beyond_a_hundred_are_counted(folder: Path) -> None:
    asked = "SELECT * FROM UNNEST(sequence(1, 1234)) t (n)"
    shown = run("sql", asked, "--data", str(folder))
    assert len(shown.stdout.splitlines()) == 100 + 4
    assert "1,134 more rows; --json gives them all" in shown.stderr


def test_no_color_is_heeded(folder: Path) -> None:
    command = [*LAKELET, "tables", "--data", str(folder / "none")]
    for environment, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        done = in_a_terminal(command, environment)
        assert b"there is no lake" in done
        assert (b"\x1b[" in done) is coloured


def in_a_terminal(command: list[str], environment: dict[str, str]) -> bytes:
    """What a command writes to a terminal."""
    leader, follower = os.openpty()
    inherited = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with subprocess.Popen(
        command, stdout=follower, stderr=follower, stdin=follower, env=inherited | environment
    ) as process:
        os.close(follower)
        written = b""
        while True:
            try:
                written += os.read(leader, 1024)
            except OSError:  # Linux's word for the other end being closed
                break
        process.wait(60)
    os.close(leader)
    return written


def test_asking_for_the_last_crawl_leaves_the_crawler_as_it_is(folder: Path) -> None:
    data = ("--data", str(folder))
    run("crawl", "s3://shop/sales/", "--database", "shop", *data)
    last = run("crawl", "s3://shop/sales/", "--last", *data)
    assert last.stdout.startswith("created shop.sales")
    run("crawl", "lakelet crawl s3://shop/sales/", *data)
    listed = json.loads(run("tables", *data, "--json").stdout)
    assert [each["database"] for each in listed] == ["shop"]


def test_a_wrong_word_is_refused_with_its_name(folder: Path, tmp_path: Path) -> None:
    data = ("--data", str(folder))
    (wrong := tmp_path / "wrong.sql").write_bytes(b"SELECT \xff")
    (suite := tmp_path / "suite.sql").write_text("SELECT 1 AS a")
    for arguments, said in (
        (("up", "--port", "99999", *data), "99999 is not in the range"),
        (("up", "--data", os.devnull), f"{os.devnull} can't hold a lake: it is no folder"),
        (("export", "--output", str(tmp_path / "no" / "x.sql"), *data), str(tmp_path / "no")),
        (("crawl", "s3://nobucket/x/", *data), "s3://nobucket/x/: The specified bucket"),
        (("crawl", "s3://shop/sales/", "--last", *data), "s3://shop/sales/ has not been crawled"),
        (("crwal", "s3://shop/sales/", *data), "No such command 'crwal'. Did you mean 'crawl'?"),
        (("tables", "--database", "nope", *data), "nope"),
        (("costs", "--work-group", "nope", *data), "work group nope"),
        (("advise", "nope", *data), "there is no table default.nope; lakelet tables"),
        (("up", "--storage-endpoint", "http://127.0.0.1:1", *data), "--storage s3://"),
        (("sql", "  ", *data), "error: the statement is empty"),
        (("pull", "--profile", "nope", *data), "AWS can't be asked: The config profile (nope)"),
        (("sql", "--explain-sql", "DROP TABLE t", *data), "--explain-sql shows queries"),
        (("pull", "--region", "us-east-1", "--endpoint-url", "x", *data), "--endpoint-url takes"),
        (("import", str(wrong), *data), f"{wrong} is no text in UTF-8"),
        (
            ("bench", str(suite), "--target", "x", "--output", "s3://x/"),
            "--target takes lake, trino://",
        ),
    ):
        done = run(*arguments)
        assert done.returncode in (1, 2)
        assert said in done.stderr
        assert "Traceback" not in done.stderr


MOMENTS = (
    "SELECT TIMESTAMP '2024-07-01 10:00:00.123 Europe/Berlin' AS z,"
    " ARRAY[TIMESTAMP '2024-07-01 10:00:00 +05:30'] AS a, TIME '10:00:00+02:00' AS t, true AS b,"
    " X'AB01' AS x, CAST(ROW(1, 'x') AS ROW(p integer, q varchar)) AS r, 1e300 AS d"
)


def test_values_are_drawn_as_athena_writes_them(folder: Path) -> None:
    """Athena's console and its result files: zones by their names, rows by their fields'."""
    drawn = run("sql", MOMENTS, "--data", str(folder)).stdout
    cells = [each.strip() for each in drawn.splitlines()[3].strip("│").split("│")]
    assert cells == [
        "2024-07-01 10:00:00.123 Europe/Berlin", "[2024-07-01 10:00:00 +05:30]", "10:00:00+02:00",
        "true", "ab 01", "{p=1, q=x}", "1.0E300",
    ]  # fmt: skip
    found = json.loads(run("sql", MOMENTS, "--data", str(folder), "--json").stdout)
    assert found[0]["z"] == "2024-07-01T10:00:00.123000+02:00"
    assert found[0]["t"] == "10:00:00+02:00"


def test_a_lake_that_was_not_asked_has_no_costs(folder: Path) -> None:
    ran = run("costs", "--data", str(folder))
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "no query has been asked of the Athena API here yet" in ran.stderr
