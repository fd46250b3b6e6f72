"""Partition keys that DuckDB reads in the files' paths just as the catalogue has them.

It keeps such a column as one value a file, where a list of the values costs a look-up a row.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from lakelet.formats.scanning import PathKey
from lakelet.model import Column, DataFile
from lakelet.types import Type
from lakelet.types.hive import to_trino

_PLAIN: Final = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]*", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NULLS: Final = "__HIVE_"
_BITS: Final = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}


def keys_in_paths(
    files: Sequence[DataFile], keys: Sequence[tuple[int, Column]]
) -> tuple[PathKey, ...]:
    """Keys, with their positions among a partition's values; none if a path says anything else."""
    if not files or not keys:
        return ()
    names = [name for name, _ in _parts(files[0])]
    places = {name.lower(): place for place, name in enumerate(names)}
    types = {column.name.lower(): to_trino(column.type) for _, column in keys}
    if len(places) < len(names) or not types.keys() <= places.keys():
        return ()
    told = [(position, places[each.name.lower()], each.name.lower()) for position, each in keys]
    for file in files:
        parts = _parts(file)
        if file.partition is None or [name for name, _ in parts] != names:
            return ()
        for position, place, name in told:
            value = parts[place][1]
            if value != file.partition.values[position] or not _is_plain(value, types[name]):
                return ()
    return tuple(
        PathKey(name, spelled, types.get(name)) for name, spelled in zip(places, names, strict=True)
    )


def _parts(file: DataFile) -> list[tuple[str, str]]:
    """The names and values in a path; one in the file's own name would be taken for one too."""
    pairs = (part.partition("=") for part in file.url.split("/") if "=" in part)
    return [(name, value) for name, _, value in pairs]


def _is_plain(value: str, of: Type) -> bool:
    """Whether a text is read as its type, here and there."""
    if not _PLAIN.fullmatch(value) or value.startswith(_NULLS):
        return False
    if of.name in _BITS:
        half = 1 << (_BITS[of.name] - 1)
        return bool(_INTEGER.fullmatch(value)) and -half <= int(value) < half
    if of.name == "date":
        return bool(_DAY.fullmatch(value)) and _is_day(value)
    return of.name == "varchar" and of.length is None


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
