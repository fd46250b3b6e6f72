"""Footers are kept for each version of a file, those that were used last."""

import io
from collections.abc import Iterator

import pyarrow
import pytest
from pyarrow import parquet

import lakelet
from lakelet.engines import footers
from lakelet.engines.footers import Footers
from lakelet.formats import parquet as format_of
from lakelet.model import DataFile


@pytest.fixture
def lake() -> Iterator[lakelet.Lake]:
    with lakelet.Lake(lakelet.Settings()) as made:
        made.storage.create_bucket("bucket")
        yield made


def _file(lake: lakelet.Lake, key: str) -> DataFile:
    written = io.BytesIO()
    parquet.write_table(pyarrow.table({"a": [1], "b": [2]}), written)
    info = lake.storage.write("bucket", key, written.getvalue())
    return DataFile(info, lake.storage.url("bucket", key), None)


def test_those_that_were_used_last_are_kept(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(footers, "MAX_CHUNKS", 6)  # two files of two columns in one group
    known = Footers(lake.storage, lake.engine.duckdb)
    first, second, third = (_file(lake, key) for key in "abc")
    kept = known.of(format_of.FORMAT, [first, second])
    assert known.of(format_of.FORMAT, [first, first])[0] is kept[0]
    known.of(format_of.FORMAT, [third])
    again = known.of(format_of.FORMAT, [first, second])
    assert again[0] is kept[0]
    assert again[1] is not kept[1]


def test_a_file_that_is_asked_twice_counts_once(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(footers, "MAX_CHUNKS", 3)
    known = Footers(lake.storage, lake.engine.duckdb)
    file = _file(lake, "a")
    kept = known.of(format_of.FORMAT, [file, file])
    assert known.of(format_of.FORMAT, [file])[0] is kept[0] is kept[1]
