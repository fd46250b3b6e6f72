"""The bucket that a file of a bucketed table holds: by its name, else by its place in a folder."""

import re
from collections.abc import Sequence
from typing import Final

from lakelet.errors import TrinoError
from lakelet.model import DataFile, Table

_NAMES: Final = (
    re.compile(r"\d{8}_\d{6}_\d{5}_[a-z0-9]{5}_bucket-(\d+)(?:[-_.].*)?"),
    re.compile(r"(\d+)_\d+.*"),
    re.compile(r"bucket_(\d+)(?:_.+)?"),
)
"""Trino's, Hive's and Hive's ACID tables' names (BackgroundHiveSplitLoader)."""


def are_named(files: Sequence[DataFile]) -> bool:
    """Whether each file's name tells its bucket."""
    return all(_number(file) is not None for file in files)


def buckets_of(files: Sequence[DataFile], table: Table) -> list[int]:
    """A number for each file.

    Raises TrinoError HIVE_INVALID_BUCKET_FILES where neither names nor the files' count tell.
    """
    folders: dict[str, list[DataFile]] = {}
    for file in files:
        folders.setdefault(file.info.uri.rpartition("/")[0], []).append(file)
    found: dict[str, int] = {}
    for inside in folders.values():
        numbers = [_number(file) for file in inside]
        if None in numbers:
            odd = inside[numbers.index(None)]
            _need_count(odd, inside, table)
            numbers = list(range(len(inside)))
        found.update((f.info.uri, n) for f, n in zip(inside, numbers, strict=True) if n is not None)
    return [found[file.info.uri] for file in files]


def _number(file: DataFile) -> int | None:
    name = file.info.key.rpartition("/")[2]
    matches = (pattern.fullmatch(name) for pattern in _NAMES)
    return next((int(match[1]) for match in matches if match), None)


def _need_count(odd: DataFile, inside: Sequence[DataFile], table: Table) -> None:
    count = table.storage.number_of_buckets
    if len(inside) == count:
        return
    partition = "/".join(odd.partition.values) if odd.partition else "<UNPARTITIONED>"
    raise TrinoError(
        "HIVE_INVALID_BUCKET_FILES",
        f"Hive table '{table.database}.{table.name}' is corrupt. File"
        f" '{odd.info.key.rpartition('/')[2]}' does not match the standard naming pattern, and the"
        f" number of files in the directory ({len(inside)}) does not match the declared bucket"
        f" count ({count}) for partition: {partition}",
    )
