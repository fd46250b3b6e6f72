"""The objects of a target, by folder, without those that are excluded."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lakelet.crawler.globs import matcher
from lakelet.crawler.log import Log
from lakelet.errors import NotFound
from lakelet.interfaces import Storage
from lakelet.model import ObjectInfo

Parts = tuple[str, ...]


@dataclass(slots=True)
class Listing:
    """What lies below a path: the files of each folder, by its parts below the path.

    `is_file` says that the path is a file itself, the only one.
    """

    bucket: str
    base: str
    folders: dict[Parts, list[ObjectInfo]] = field(default_factory=dict)
    files: int = 0
    size: int = 0
    is_file: bool = False


def listed(
    storage: Storage, bucket: str, base: str, exclusions: Sequence[str], log: Log
) -> Listing:
    """Raises NotFound for a bucket that is not there, InvalidInput for exclusions that are none."""
    found = Listing(bucket, base)
    prefix = f"{base}/" if base else ""
    is_excluded = matcher(exclusions)
    for info in storage.list(bucket, prefix):
        relative = info.key[len(prefix) :]
        folder, _, name = relative.rpartition("/")
        if not name or _is_hidden(relative):
            continue
        if not info.size:
            log.warn(f"{info.uri} is empty")
            continue
        if is_excluded(relative):
            log.say(f"excluded {info.uri}")
            continue
        found.folders.setdefault(tuple(folder.split("/")) if folder else (), []).append(info)
        found.files += 1
        found.size += info.size
    if not found.files and base:
        _add_file(found, storage, log)
    return found


def _add_file(found: Listing, storage: Storage, log: Log) -> None:
    """The path itself, if it is an object's."""
    try:
        info = storage.stat(found.bucket, found.base)
    except NotFound:
        return
    if not info.size:
        log.warn(f"{info.uri} is empty")
        return
    found.folders[()] = [info]
    found.files, found.size, found.is_file = 1, info.size, True


def _is_hidden(path: str) -> bool:
    """Whether Hive, and so Athena, passes over a file for its name or a folder's."""
    return path.startswith(("_", ".")) or "/_" in path or "/." in path
