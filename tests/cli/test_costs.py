"""`lakelet costs`: the price of queries, by work group and each by itself."""

import json
from pathlib import Path

from click.testing import CliRunner

from lakelet import Lake, pricing
from lakelet.cli import commands
from lakelet.config import Settings
from lakelet.queries.model import Request


def test_queries_are_priced_by_what_they_scan(tmp_path: Path) -> None:
    with Lake(Settings(data=tmp_path / "lake")) as lake:
        lake.storage.create_bucket("shop")
        lake.storage.write("shop", "t/a.csv", b"1\n" * 1000)
        identifiers = []
        for text in (
            "CREATE EXTERNAL TABLE t (n int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
            " LOCATION 's3://shop/t/'",
            "SELECT count(*) FROM t WHERE n > 0",
            "SELECT n FROM t",
            "SELECT no FROM t",
        ):
            identifiers.append(lake.queries.start(Request(text, None, None, "s3://shop/out/")))
            lake.queries.wait(identifiers[-1], 60)

    def run(*arguments: str) -> list[dict[str, object]]:
        command = ["costs", "--data", str(tmp_path / "lake"), "--json", *arguments]
        done = CliRunner().invoke(commands, command)
        assert done.exit_code == 0, done.output
        found: list[dict[str, object]] = json.loads(done.stdout)
        return found

    price = 2 * pricing.dollars(2000, 5.0)
    assert run() == [{"name": "primary", "queries": 4, "scanned": 4000, "dollars": price}]
    single = run("--work-group", "primary")
    assert [each["name"] for each in single] == identifiers[::-1]
    assert [each["scanned"] for each in single] == [0, 2000, 2000, 0]
    assert single[0]["text"] == "SELECT no FROM t"
    listed = CliRunner().invoke(commands, ["costs", "--data", str(tmp_path / "lake"),
                                           "--work-group", "primary"])  # fmt: skip
    assert "SELECT count(*) FROM t" in listed.stdout
    assert "2,000" in listed.stdout
    assert max(map(len, listed.stdout.splitlines())) <= 80
    drawn = CliRunner().invoke(commands, ["costs", "--data", str(tmp_path / "lake")])
    assert "primary" in drawn.stdout
