"""Which folders are tables and which are partitions.

Folders whose files are alike form one table, with a key for each level between its root and them:
named by `k=v` folders, else `partition_0`, `partition_1` … Where they are not alike each folder
below is looked at by itself.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lakelet.crawler.classifying import Classified
from lakelet.crawler.schemas import Schema, merge_schemas, similar
from lakelet.model import ObjectInfo

_PAIR = re.compile(r"([^=/]+)=([^/]*)")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that holds files: its parts below the crawled path, the files, what they are."""

    parts: tuple[str, ...]
    files: tuple[ObjectInfo, ...]
    classified: Classified


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table: its root's parts below the crawled path, the keys, and a folder a partition."""

    root: tuple[str, ...]
    keys: tuple[str, ...]
    folders: tuple[Folder, ...]
    schema: Schema
    why: str

    @property
    def classified(self) -> Classified:
        return self.folders[0].classified


def tables(folders: Sequence[Folder], root: tuple[str, ...] = ()) -> Iterator[FoundTable]:
    """The tables of the folders below a root; an only folder with a plain name is the root."""
    if not folders:
        return
    root = _only(folders, root)
    apart = _apart(folders)
    if apart is None:
        yield _table(folders, root)
        return
    own = [each for each in folders if each.parts == root]
    if own:
        yield _table(own, root)
    below: dict[str, list[Folder]] = {}
    for each in folders:
        if each.parts != root:
            below.setdefault(each.parts[len(root)], []).append(each)
    for name, inside in below.items():
        yield from tables(inside, (*root, name))


def _only(folders: Sequence[Folder], root: tuple[str, ...]) -> tuple[str, ...]:
    """The root, or the folder below it that all others lie in or are."""
    while all(len(each.parts) > len(root) for each in folders):
        names = {each.parts[len(root)] for each in folders}
        name = names.pop()
        if names or _PAIR.fullmatch(name):
            break
        root = (*root, name)
    return root


def _apart(folders: Sequence[Folder]) -> str | None:
    """Why folders can't be one table, None if they can."""
    first = folders[0]
    schema = first.classified.schema
    if any(len(each.parts) != len(first.parts) for each in folders):
        return "its files lie at different depths"
    for each in folders[1:]:
        if each.classified.kind != first.classified.kind:
            return "its files have different formats"
        if not similar(schema, each.classified.schema):
            return "its files have different schemas"
        schema = merge_schemas(schema, each.classified.schema)
    return None


def _table(folders: Sequence[Folder], root: tuple[str, ...]) -> FoundTable:
    schema: Schema = {}
    for each in folders:
        schema = merge_schemas(schema, each.classified.schema)
    keys = _keys(folders, len(root))
    names = set(keys)
    kept = {name: kind for name, kind in schema.items() if name not in names}
    count = len(folders)
    why = f"{count} folders with alike files" if count > 1 else "one folder of files"
    return FoundTable(root, keys, tuple(folders), kept, why)


def _keys(folders: Sequence[Folder], depth: int) -> tuple[str, ...]:
    """The names of the levels between root and files."""
    levels = list(zip(*(each.parts[depth:] for each in folders), strict=True))
    keys = []
    unnamed = 0
    for level in levels:
        names = {match[1].lower() if match else None for match in map(_PAIR.fullmatch, level)}
        name = names.pop() if len(names) == 1 else None
        if name is None:
            name = f"partition_{unnamed}"
            unnamed += 1
        keys.append(name)
    return tuple(keys)


def values(folder: Folder, root: tuple[str, ...]) -> tuple[str, ...]:
    """A partition's values: what stands behind `k=`, or the folder's name."""
    found = []
    for part in folder.parts[len(root) :]:
        match = _PAIR.fullmatch(part)
        found.append(match[2] if match else part)
    return tuple(found)
