"""A lake for the tests of one module, with a bucket and a database of one name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import lakelet
from lakelet.config import Dialect
from lakelet.engines.answers import Explained, Lines, Written
from lakelet.types.python import rows as python_rows


@contextmanager
def named(name: str, dialect: Dialect = "trino") -> Iterator[lakelet.Lake]:
    """The lake, in memory as far as it can be, while the block runs."""
    with lakelet.Lake(lakelet.Settings(dialect=dialect)) as lake:
        lake.storage.create_bucket(name)
        lake.catalog.databases.create({"Name": name})
        yield lake


def rows(lake: lakelet.Lake, sql: str, database: str) -> list[Any]:
    """A query's rows as Python's values; none of a statement that is no query."""
    answer = lake.engine.prepare(sql, lake.session(database)).execute()
    if isinstance(answer, Lines | Explained | Written):
        return []
    return list(python_rows(answer.batches(), [column.type for column in answer.columns]))
