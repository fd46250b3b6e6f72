"""Input that no file should be: what is told of it, and that it costs neither memory nor time.

Wrong SerDes, broken files, odd properties and values of partitions are recorded cases.
"""

import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import pytest

import lakelet
from lakelet.errors import TrinoError
from lakelet.sql.functions.text import serde_regex
from tests.formats import running
from tests.formats.fuzz.__main__ import FAMILIES, placed

_GIGABYTE_LINE: Final = """
import gzip, resource, sys
import lakelet
from lakelet.errors import TrinoError

with lakelet.Lake() as lake:
    lake.storage.create_bucket("wide")
    path = sys.argv[1]
    with gzip.open(path, "wb", 1) as file:
        file.write(b'{"a":"')
        for _ in range(1000):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\\n')
    with open(path, "rb") as file:
        lake.storage.write("wide", "t/line.gz", file.read())
    cursor = lakelet.connect(lake).cursor()
    cursor.execute(
        "CREATE EXTERNAL TABLE t (a string) ROW FORMAT SERDE"
        " 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://wide/t/'"
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        cursor.execute("SELECT length(a) FROM t").fetchall()
    except TrinoError as failure:
        print(failure.name)
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.fixture
def lake() -> Iterator[lakelet.Lake]:
    with lakelet.Lake() as made:
        yield made


@pytest.mark.slow
def test_a_line_of_a_gigabyte_fails_in_bounded_memory(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", _GIGABYTE_LINE, str(tmp_path / "line.gz")],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    name, megabytes = run.stdout.split()
    assert name == "HIVE_CURSOR_ERROR"
    assert int(megabytes) < 600


def test_harmed_files_are_read_or_refused_in_words(tmp_path: Path) -> None:
    """Bits turned and ends cut off in files of every format: an answer, or a TrinoError that tells
    neither a place of this machine nor a line of ours."""
    names: Counter[str] = Counter()
    told: list[str] = []
    with running.lake() as lake:
        for number in range(200):
            made = FAMILIES["broken"](random.Random(f"harmed {number}"))
            case = placed(tmp_path, f"harmed_{number}", made)
            for key, data in case.files():
                lake.storage.write(running.BUCKET, f"{case.id}/{key}", data)
            assert running.made(case, lake) is None
            for query in case.document["queries"]:
                try:
                    running.rows(case, lake, query["sql"])
                except TrinoError as failure:
                    names[failure.name] += 1
                    told.append(failure.message)
    assert not [each for each in told if "/objects/" in each or "Traceback" in each]
    assert names["HIVE_BAD_DATA"] > 10
    assert names["HIVE_CURSOR_ERROR"] > 10


def test_views_in_a_circle_are_refused(lake: lakelet.Lake) -> None:
    """CREATE VIEW refuses them; another client of Glue may have put them there."""
    cursor = lakelet.connect(lake).cursor()
    cursor.execute("CREATE VIEW one AS SELECT 1 AS a")
    cursor.execute("CREATE VIEW two AS SELECT a FROM one")
    two = lake.catalog.tables.get("default", "two")
    given = {name: two[name] for name in ("ViewOriginalText", "ViewExpandedText", "Parameters")}
    columns = {"StorageDescriptor": two["StorageDescriptor"], "TableType": "VIRTUAL_VIEW"}
    lake.catalog.tables.update("default", {"Name": "one", **columns, **given})
    with pytest.raises(TrinoError) as failure:
        cursor.execute("SELECT * FROM two").fetchall()
    assert failure.value.name == "INVALID_VIEW"
    assert "View is recursive" in failure.value.message


def test_a_line_that_a_pattern_searches_for_ever_is_given_up(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serde_regex, "SECONDS", 0.2)
    lake.storage.create_bucket("lines")
    lake.storage.write("lines", "t/f", b"a" * 60 + b"!")
    cursor = lakelet.connect(lake).cursor()
    cursor.execute(
        "CREATE EXTERNAL TABLE t (a string, b string)"
        " ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'"
        r" WITH SERDEPROPERTIES ('input.regex' = '((a|aa)+)(?=$)') LOCATION 's3://lines/t/'"
    )
    with pytest.raises(TrinoError) as failure:
        cursor.execute("SELECT * FROM t").fetchall()
    assert failure.value.name == "GENERIC_USER_ERROR"


def test_fields_in_quotes_that_are_no_values_fail_or_are_null(lake: lakelet.Lake) -> None:
    """HIVE_BAD_DATA, and the table property that Athena's users set
    against it."""
    lake.storage.create_bucket("quoted")
    lake.storage.write("quoted", "t/a.csv", b'"a","12312845691","x"\n"b","","2"\n"c","7","18276"\n')
    lake.catalog.databases.create({"Name": "quoted"})
    cursor = lakelet.connect(lake, database="quoted").cursor()
    cursor.execute(
        "CREATE EXTERNAL TABLE t (a string, b int, c date) ROW FORMAT SERDE"
        " 'org.apache.hadoop.hive.serde2.OpenCSVSerde' LOCATION 's3://quoted/t/'"
    )
    for asked, field, value in (("sum(b)", 1, "12312845691"), ("max(c)", 2, "x")):
        told = (
            f"Error parsing field value '{value}' for field {field}: For input string: \"{value}\""
        )
        with pytest.raises(TrinoError, match=re.escape(told)) as raised:
            cursor.execute(f"SELECT {asked} FROM t").fetchall()
        assert raised.value.name == "HIVE_BAD_DATA"
    cursor.execute("ALTER TABLE t SET TBLPROPERTIES ('use.null.for.invalid.data' = 'true')")
    days = [None, date(1970, 1, 3), date(2020, 1, 15)]
    for _ in range(2):  # the second time by what the first has proven
        cursor.execute("SELECT b, c FROM t ORDER BY a")
        assert cursor.fetchall() == list(zip((None, None, 7), days, strict=True))
