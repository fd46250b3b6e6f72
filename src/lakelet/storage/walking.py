"""The keys of a bucket in the order of their UTF-8 bytes, straight from the folders.

Folders are read only where the prefix and the start can lead, so a page of a large bucket costs
what it shows. Links are not followed: what lies outside the lake's folder is no object.
"""

import heapq
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lakelet.storage.keys import Layout, unescape


@dataclass(frozen=True, slots=True)
class Entry:
    """An object with its file's status, or a common prefix (`stat` is None)."""

    key: str
    path: str
    stat: os.stat_result | None


def walk(
    layout: Layout, bucket: str, prefix: str = "", start_after: str = "", delimiter: str = ""
) -> Iterator[Entry]:
    """Objects under a prefix and behind a key; keys that share what comes up to the delimiter
    behind the prefix are rolled into one common prefix."""
    plain = _plain(layout, bucket, prefix, start_after, rolled=delimiter == "/")
    escaped = _escaped(layout, bucket, prefix, start_after)
    merged = heapq.merge(plain, escaped, key=lambda entry: entry.key) if escaped else plain
    return _distinct(roll(merged, prefix, delimiter))


def roll(entries: Iterable[Entry], prefix: str, delimiter: str) -> Iterator[Entry]:
    """Puts common prefixes for the keys that hold the delimiter behind the prefix."""
    for entry in entries:
        cut = entry.key.find(delimiter, len(prefix)) if delimiter else -1
        yield entry if cut < 0 else Entry(entry.key[: cut + len(delimiter)], "", None)


def _distinct(entries: Iterable[Entry]) -> Iterator[Entry]:
    last = None
    for entry in entries:
        if entry.key != last:
            yield entry
        last = entry.key


def _plain(
    layout: Layout, bucket: str, prefix: str, start_after: str, *, rolled: bool
) -> Iterator[Entry]:
    base = prefix[: prefix.rfind("/") + 1]
    folder = layout.bucket(bucket)
    if base:
        below = layout.plain(bucket, base[:-1])
        if below is None or os.path.realpath(below) != below:
            return
        folder = below
    stack = [_children(folder, base, prefix, start_after)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif not child.key.endswith("/"):
            yield child
        elif not rolled:
            stack.append(_children(child.path, child.key, prefix, start_after))
        elif _holds_objects(child, start_after):
            yield child


def _holds_objects(folder: Entry, start_after: str) -> bool:
    stack = [_children(folder.path, folder.key, folder.key, start_after)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.key.endswith("/"):
            stack.append(_children(child.path, child.key, folder.key, start_after))
        else:
            return True
    return False


def _children(folder: str, base: str, prefix: str, start_after: str) -> Iterator[Entry]:
    """Files and folders (a `/` behind their key) of a folder, in the order of the keys below."""
    names: list[tuple[str, os.DirEntry[str]]] = []
    try:
        with os.scandir(folder) as scan:
            for file in scan:
                if file.is_dir(follow_symlinks=False):
                    key = f"{base}{file.name}/"
                    wanted = key.startswith(prefix) or prefix.startswith(key)
                    ahead = key > start_after or start_after.startswith(key)
                else:
                    key = base + file.name
                    wanted = key.startswith(prefix) and file.is_file(follow_symlinks=False)
                    ahead = key > start_after
                if wanted and ahead and _is_text(file.name):
                    names.append((key, file))
    except (FileNotFoundError, NotADirectoryError):
        return
    names.sort(key=lambda name: name[0])
    for key, file in names:
        try:
            stat = None if key.endswith("/") else file.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        yield Entry(key, file.path, stat)


def _is_text(name: str) -> bool:
    """A file whose name is not UTF-8 has no key."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _escaped(layout: Layout, bucket: str, prefix: str, start_after: str) -> list[Entry]:
    area = layout.escaped_bucket(bucket)
    found = []
    for folder, _, files in os.walk(area):
        for name in files:
            path = f"{folder}/{name}"
            key = unescape(os.path.relpath(path, area).replace(os.sep, "/"))
            if key is None or key <= start_after or not key.startswith(prefix):
                continue
            try:
                found.append(Entry(key, path, os.stat(path, follow_symlinks=False)))
            except FileNotFoundError:
                continue
    return sorted(found, key=lambda entry: entry.key)
