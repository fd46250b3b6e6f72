"""Which folders are tables and which are partitions.

Where most schemas below a folder are alike the folder is a table, with a key for each level down
to the files: named by `k=v` folders, else `partition_0`, `partition_1` … Where they are not each
folder below is looked at by itself, and so is each file of a folder that has no majority ("How does
a crawler determine when to create partitions?", Glue developer guide).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lakelet.catalog.names import MAX_NAME
from lakelet.crawler.similarity import SIMILARITY, compatible, similar
from lakelet.formats.recognition.classified import Classified
from lakelet.formats.recognition.kinds import Schema, merge_schemas
from lakelet.model import ObjectInfo

_PAIR = re.compile(r"([^=/]+)=([^/]*)")
_CLUSTERS = 5
"""Schemas of one table ("How does a crawler detect the schema?", AWS re:Post)."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that holds files: its parts below the crawled path, the files, what they are.

    A file that is unlike the others of its folder stands for itself: `is_file`, its name the last
    part.
    """

    parts: tuple[str, ...]
    files: tuple[ObjectInfo, ...]
    classified: Classified
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table: its root's parts below the crawled path, the keys, and a folder a partition.

    `odd` are folders of other formats than most, which are not in it.
    """

    root: tuple[str, ...]
    keys: tuple[str, ...]
    folders: tuple[Folder, ...]
    schema: Schema
    why: str
    odd: tuple[Folder, ...] = ()

    @property
    def classified(self) -> Classified:
        """What all files are: that of the first folder, with the paths of all."""
        first = self.folders[0].classified
        others = {each.classified.paths: each.classified for each in self.folders}
        for other in others.values():
            if other.paths != first.paths:
                first = first.together(other)
        return first

    @property
    def is_file(self) -> bool:
        return self.folders[0].is_file


@dataclass(frozen=True, slots=True)
class Grouping:
    """`level` is how many parts a table's root has, None where the folders themselves tell;
    `combines` makes one table of compatible schemas, however few columns they share; `unknown` are
    folders of which no file is known."""

    level: int | None = None
    combines: bool = False
    unknown: tuple[tuple[str, ...], ...] = ()

    def is_most(self, count: int, root: tuple[str, ...]) -> bool:
        """Whether so many folders are most of those below a root."""
        others = sum(1 for parts in self.unknown if parts[: len(root)] == root)
        return count > SIMILARITY * (count + others)


def tables(folders: Sequence[Folder], grouping: Grouping) -> Iterator[FoundTable]:
    """The tables of the folders below a path, which is the root where all are alike."""
    if grouping.level is None:
        yield from _below(folders, (), grouping)
        return
    roots: dict[tuple[str, ...], list[Folder]] = {}
    for each in folders:
        roots.setdefault(each.parts[: grouping.level], []).append(each)
    for root, inside in roots.items():
        if _apart(inside, grouping, root) is None:
            yield _table(inside, root)
        else:
            yield from _below(inside, root, grouping)


def _below(
    folders: Sequence[Folder], root: tuple[str, ...], grouping: Grouping
) -> Iterator[FoundTable]:
    if not folders:
        return
    if _apart(folders, grouping, root) is None:
        yield _table(folders, root)
        return
    own = [each for each in folders if each.parts == root]
    if own:
        yield _table(own, root)
    inner: dict[str, list[Folder]] = {}
    for each in folders:
        if each.parts != root:
            inner.setdefault(each.parts[len(root)], []).append(each)
    for name, inside in inner.items():
        yield from _below(inside, (*root, name), grouping)


def _apart(folders: Sequence[Folder], grouping: Grouping, root: tuple[str, ...]) -> str | None:
    """Why folders can't be one table, None if they can."""
    if not grouping.is_most(len(folders), root):
        return "most of its folders are not known"
    first = folders[0]
    if any(len(each.parts) != len(first.parts) for each in folders):
        return "its files lie at different depths"
    if any(each.is_file for each in folders) and len(folders) > 1:
        return "its files have no majority"
    if any(len({_key(part) for part in level}) > 1 for level in _levels(folders)):
        return "its folders have different keys"
    alike, _ = _by_kind(folders)
    if len(alike) <= SIMILARITY * len(folders):
        return "its files have different formats"
    if not are_one([each.classified.schema for each in alike], grouping):
        return "its files have different schemas"
    return None


def _levels(folders: Sequence[Folder]) -> Iterator[tuple[str, ...]]:
    return zip(*(each.parts for each in folders), strict=True)


def _key(part: str) -> str | None:
    """The name of a `k=v` folder, unless it is too long for one."""
    match = _PAIR.fullmatch(part)
    return match[1].lower() if match and len(match[1]) <= MAX_NAME else None


def _by_kind(folders: Sequence[Folder]) -> tuple[list[Folder], list[Folder]]:
    """The folders of the kind that most have, and the others."""
    [(kind, _)] = Counter(each.classified.kind for each in folders).most_common(1)
    alike = [each for each in folders if each.classified.kind == kind]
    return alike, [each for each in folders if each.classified.kind != kind]


def are_one(schemas: Sequence[Schema], grouping: Grouping) -> bool:
    """Whether most schemas are alike, and there are few kinds of them."""
    alike = compatible if grouping.combines else similar
    clusters: list[Schema] = []
    counts: list[int] = []
    for schema in schemas:
        for place, cluster in enumerate(clusters):
            if cluster is schema or cluster == schema or alike(cluster, schema):
                clusters[place] = merge_schemas(cluster, schema)
                counts[place] += 1
                break
        else:
            if len(clusters) == _CLUSTERS:
                return False
            clusters.append(schema)
            counts.append(1)
    return max(counts) > SIMILARITY * len(schemas)


def _table(folders: Sequence[Folder], root: tuple[str, ...]) -> FoundTable:
    alike, odd = _by_kind(folders)
    keys = () if alike[0].is_file else keys_of(alike, len(root))
    schema = schema_of(alike, keys)
    return FoundTable(root, keys, tuple(alike), schema, _why(alike), tuple(odd))


def schema_of(folders: Sequence[Folder], keys: Sequence[str]) -> Schema:
    """All columns of the folders' files; what is a key is no column."""
    schema: Schema = {}
    for each in folders:
        if each.classified.schema != schema:
            schema = merge_schemas(schema, each.classified.schema)
    return {name: kind for name, kind in schema.items() if name not in set(keys)}


def _why(folders: Sequence[Folder]) -> str:
    if folders[0].is_file:
        return "a file that is unlike the others of its folder"
    count = len(folders)
    return f"{count} folders with alike files" if count > 1 else "one folder of files"


def keys_of(folders: Sequence[Folder], depth: int) -> tuple[str, ...]:
    """The names of the levels between root and files, each once."""
    keys: dict[str, None] = {}
    unnamed = 0
    for level in zip(*(each.parts[depth:] for each in folders), strict=True):
        names = {_key(part) for part in level}
        name = names.pop() if len(names) == 1 else None
        if name is None or name in keys:
            name = f"partition_{unnamed}"
            unnamed += 1
        keys[name] = None
    return tuple(keys)


def values(folder: Folder, depth: int) -> tuple[str, ...]:
    """A partition's values: what stands behind `k=`, or the folder's name."""
    return tuple(
        part if _key(part) is None else part.partition("=")[2] for part in folder.parts[depth:]
    )
