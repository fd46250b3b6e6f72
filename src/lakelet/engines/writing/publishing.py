"""Finished files become objects under Athena's names, and their partitions the catalogue's."""

import random
import string
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from lakelet.catalog import shapes
from lakelet.catalog.partition_values import NULL_PARTITION, escaped
from lakelet.engines.context import Context
from lakelet.engines.locations import split
from lakelet.engines.writing.files import WrittenFile, WrittenFiles
from lakelet.engines.writing.target import Target
from lakelet.model import Finished, Table

_OCTETS: Final = "application/octet-stream"


def publish(
    context: Context, target: Target, written: WrittenFiles, commit: Callable[[], Table | None]
) -> tuple[str, ...]:
    """Moves all files in, or none; `commit` changes the catalogue in the same stroke.

    Partitions that are new are added to the table that `commit` gives. Answers the addresses.
    Raises TrinoError for a statement that was stopped.
    """
    context.stop.no_more()
    bucket, prefix = split(target.location)
    name = _engine_query_id()
    folders = {file.values: _folder(target, file.values) for file in written.files}
    finished = [
        Finished(
            file.path,
            bucket,
            f"{prefix}{folders[file.values]}{_name(name, file)}{written.extension}",
        )
        for file in written.files
    ]
    addresses = tuple(f"s3://{file.bucket}/{file.key}" for file in finished)
    context.announced(written.rows, addresses)
    with context.journal.publishing(written.folder, finished, _OCTETS):
        table = commit()
        if table is not None and target.keys:
            given = {
                values: shapes.partition_document(table, values, f"s3://{bucket}/{prefix}{folder}")
                for values, folder in ((_texts(v), f) for v, f in folders.items())
            }
            context.catalog.partitions_of.create(table.database, table.name, [*given.values()])
    return addresses


def _engine_query_id() -> str:
    """As the engine names its queries: moment, number, five letters."""
    letters = "".join(random.choices(string.ascii_lowercase + string.digits[2:], k=5))
    return f"{datetime.now(UTC):%Y%m%d_%H%M%S}_{random.randrange(100_000):05d}_{letters}"


def _name(query: str, file: WrittenFile) -> str:
    """`20240102_030405_00017_abcde_<uuid>`; a bucket's name begins with its number, as Hive's."""
    if file.bucket is None:
        return f"{query}_{uuid4()}"
    return f"{file.bucket:06d}_0_{uuid4()}_{query}"


def _texts(values: tuple[str | None, ...]) -> tuple[str, ...]:
    """Values as the catalogue keeps them: NULL and '' are Hive's default partition."""
    return tuple(value or NULL_PARTITION for value in values)


def _folder(target: Target, values: tuple[str | None, ...]) -> str:
    return "".join(
        f"{escaped(name)}={escaped(value)}/"
        for (name, _), value in zip(target.keys, _texts(values), strict=True)
    )
