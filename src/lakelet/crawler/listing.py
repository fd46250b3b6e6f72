"""The objects of a target, by folder, without those that are excluded."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

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
    """Raises NotFound for a bucket that is not there."""
    found = Listing(bucket, base)
    prefix = f"{base}/" if base else ""
    excluded = [matcher(pattern) for pattern in exclusions]
    for info in storage.list(bucket, prefix):
        relative = info.key[len(prefix) :]
        folder, _, name = relative.rpartition("/")
        if not name or _is_hidden(relative):
            continue
        if not info.size:
            log.warn(f"{info.uri} is empty")
            continue
        if any(test(relative) for test in excluded):
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


def matcher(pattern: str) -> Callable[[str], bool]:
    """Glue's globs: `*` and `?` stay in a folder, `**` does not, `[…]` and `{…,…}` choose, `\\`
    quotes ("Include and exclude patterns", Glue developer guide)."""
    wanted = re.compile("".join(map(_translated, _GLOB.findall(pattern))), re.DOTALL)
    return lambda path: wanted.fullmatch(path) is not None


_GLOB = re.compile(r"\*\*|\[!?\]?[^\]]*\]|\\.|.", re.DOTALL)
_SIGNS = {"**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}


def _translated(token: str) -> str:
    if token in _SIGNS:
        return _SIGNS[token]
    if token.startswith("[") and len(token) > 1:
        inside = token[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        return f"[^/{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
    return re.escape(token.removeprefix("\\") if len(token) > 1 else token)
