from collections.abc import Iterator
from pathlib import Path

import pytest

from lakelet.storage.local import LocalStorage
from tests.storage.lakes import local


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LocalStorage]:
    """An embedded store with the bucket `lake`."""
    with local(tmp_path / "data") as opened:
        opened.create_bucket("lake")
        yield opened
