"""SHOW: names of tables, columns and partitions, and properties."""

import re
from collections.abc import Iterable, Sequence
from fnmatch import translate
from typing import Final

from lakelet.catalog.partition_values import part_name
from lakelet.engines.answers import Lines
from lakelet.engines.showing.describing import WIDTH, view_columns
from lakelet.model import Partition, Table

_PIECE: Final = re.compile(r"\.?\*|\.|\?|\[\^?([^][]+)\]|\[")


def _as_glob(piece: re.Match[str]) -> str:
    text = piece[0]
    if piece[1]:
        return f"[!{piece[1]}]" if text[1] == "^" else f"[{piece[1]}]"
    return {".*": "*", "*": "*", ".": "?"}.get(text, f"[{text}]")


def matching(names: Iterable[str], pattern: str | None) -> list[str]:
    """Names that Hive's pattern keeps: `*` and `.*` for anything, `.` for one letter, `[a-z0-9]`
    for one of these, `|` between alternatives ("SHOW DATABASES", "SHOW TABLES", Athena user
    guide)."""
    if pattern is None:
        return list(names)
    # fnmatch's expressions take no longer for many stars.
    globs = (translate(_PIECE.sub(_as_glob, part)) for part in pattern.split("|"))
    wanted = re.compile("|".join(globs), re.I)
    return [name for name in names if wanted.match(name)]


def columns(table: Table) -> Lines:
    if table.is_view:
        return view_columns(table)
    return Lines(("field",), tuple(f"{each.name:<{WIDTH}}" for each in table.columns))


def partitions(table: Table, found: Sequence[Partition]) -> Lines:
    lines = (part_name(table.partition_keys, each.values) for each in found)
    return Lines(("partition",), tuple(lines))


def properties(table: Table, asked: str | None) -> Lines:
    if asked is None:
        lines = tuple(f"{name}\t{value}" for name, value in sorted(table.parameters.items()))
        return Lines(("prpt_name", "prpt_value"), lines)
    if asked not in table.parameters:
        text = f"Table {table.database}.{table.name} does not have property: {asked}"
        return Lines(("prpt_name", "prpt_value"), (text,))
    return Lines(("prpt_name", "prpt_value"), (table.parameters[asked],))
