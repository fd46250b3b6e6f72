"""A lake with one bucket, and a way to run statements in it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import lakelet
from lakelet.engines.answers import Explained, Lines, Written

Run = Callable[..., Any]


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[lakelet.Lake]:
    with lakelet.Lake(lakelet.Settings(data=tmp_path / "lake")) as made:
        made.storage.create_bucket("data")
        yield made


@pytest.fixture
def run(lake: lakelet.Lake) -> Run:
    """Runs a statement of Athena's; its answer."""

    def work(text: str, **session: Any) -> Any:
        under = replace(lake.session(), output_location="s3://data/out/", **session)
        statement = lake.engine.prepare(text, under)
        try:
            return statement.execute()
        finally:
            statement.close()

    return work


@pytest.fixture
def rows(lake: lakelet.Lake) -> Callable[[str], list[Any]]:
    """The rows of a query."""

    def work(text: str) -> list[Any]:
        answer = lake.engine.prepare(text, lake.session()).execute()
        assert not isinstance(answer, Lines | Explained | Written)
        return [tuple(each.values()) for each in answer.batches().read_all().to_pylist()]

    return work


@pytest.fixture
def keys(lake: lakelet.Lake) -> Callable[[], list[str]]:
    """The keys of all objects."""
    return lambda: [info.key for info in lake.storage.list("data")]
