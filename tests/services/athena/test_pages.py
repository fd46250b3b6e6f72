"""Pages of a result file hold the cells that were written, whatever is in them."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakelet import results
from lakelet.storage.local import LocalStorage
from tests.storage.lakes import local

CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        ["", "a", "plain", '"', ",", '","', '",', ',"', "\n", '"\n"', "\\", "\t", "ü🦆"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=4),
)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str | None]]:
    width = draw(st.integers(1, 4))
    cells = draw(st.sampled_from([CELLS, st.sampled_from(["a", "b c", "ü", ",", ",,", ", "])]))
    return draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=9))


def file_of(rows: list[list[str | None]]) -> bytes:
    """As Athena writes it: each value in quotes, NULL as nothing."""
    return "".join(",".join(map(quoted, row)) + "\n" for row in rows).encode()


def quoted(cell: str | None) -> str:
    held = io.StringIO()
    csv.writer(held, quoting=csv.QUOTE_ALL, lineterminator="").writerow([cell])
    return "" if cell is None else held.getvalue()


def data(rows: list[list[str | None]]) -> list[dict[str, Any]]:
    """Rows in botocore's shape."""
    return [
        {"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]} for row in rows
    ]


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStorage]:
    """A store with the bucket `out`."""
    with local(tmp_path_factory.mktemp("pages")) as storage:
        storage.create_bucket("out")
        yield storage


@settings(max_examples=600, database=None, derandomize=True, deadline=None)
@given(rows=tables(), limit=st.integers(1, 12))
def test_the_pages_of_a_file_are_its_rows(
    bucket: LocalStorage, rows: list[list[str | None]], limit: int
) -> None:
    bucket.write("out", "q.csv", file_of(rows))
    found, token = [], None
    while True:
        page = results.page(bucket, "s3://out/q.csv", token, limit, len(rows[0]))
        some = json.loads(page.rows)
        assert len(some) <= limit
        found += some
        token = page.token
        if token is None:
            break
    assert found == data(rows)


@pytest.mark.parametrize(
    "rows",
    [
        [[",", "a"], ["b", ","]],
        [["a", ","], [",", "b"]],
        [["a", None], [None, "b"]],
        [["a", None], [',"', "b"]],
        [["a", "b"], ["\n", None]],
        [[None, "a"], [',"', "b"]],
        [["\\", "\u0000"], ["\u001f", "\u007f"]],
        [["", ""], ["a", ""]],
    ],
)
def test_what_looks_like_plain_rows_is_read_by_the_rules(
    bucket: LocalStorage, rows: list[list[str | None]]
) -> None:
    bucket.write("out", "q.csv", file_of(rows))
    page = results.page(bucket, "s3://out/q.csv", None, 1000, 2)
    assert json.loads(page.rows) == data(rows)


def test_a_cell_of_millions_of_lines_takes_as_long_as_one_line(bucket: LocalStorage) -> None:
    """A look at all that was read with each of its lines would take more than an hour."""
    cell = "\n" * 4_000_000
    bucket.write("out", "q.csv", file_of([[cell, "a"]]))
    page = results.page(bucket, "s3://out/q.csv", None, 1000, 2)
    assert page.rows == json.dumps(data([[cell, "a"]]), separators=(",", ":")).encode()
