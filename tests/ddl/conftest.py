"""A lake with one bucket, and a way to run statements in it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import lakelet
from lakelet.engines.answers import Lines

Run = Callable[[str], tuple[str, ...]]


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[lakelet.Lake]:
    with lakelet.Lake(lakelet.Settings(data=tmp_path / "lake")) as made:
        made.storage.create_bucket("data")
        yield made


@pytest.fixture
def run(lake: lakelet.Lake) -> Run:
    """Runs a statement; its lines."""

    def work(text: str) -> tuple[str, ...]:
        statement = lake.engine.prepare(text, lake.session())
        try:
            answer = statement.execute()
        finally:
            statement.close()
        return answer.lines if isinstance(answer, Lines) else ()

    return work
