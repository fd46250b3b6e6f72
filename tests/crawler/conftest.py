"""A lake with a bucket to crawl."""

from collections.abc import Iterator

import pytest

from lakelet.lake import Lake
from tests.crawler.crawling import BUCKET


@pytest.fixture
def lake() -> Iterator[Lake]:
    with Lake() as lake:
        lake.storage.create_bucket(BUCKET)
        yield lake
