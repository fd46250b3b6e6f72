"""What the files of folders are, by samples of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from lakelet.crawler.grouping import Folder
from lakelet.crawler.listing import Listing, Parts
from lakelet.crawler.log import Log
from lakelet.errors import LakeError
from lakelet.formats.classifiers import Classifier, classify
from lakelet.formats.recognition import samples
from lakelet.formats.recognition.classified import Classified
from lakelet.interfaces import Storage
from lakelet.model import ObjectInfo

_SAMPLES = 4000
"""Files that are looked at in a target, two in each folder at least."""

_SHARE = 0.005
"""Of a large target's bytes that are read of text."""

_LEAST_HEAD = 16 * 1024
_SMALL = 64 * 1024 * 1024
"""Bytes of a target in which every head is read whole."""


class Finder:
    """Classifies folders; `check` raises when the crawl is to end."""

    def __init__(
        self,
        storage: Storage,
        custom: Sequence[Classifier],
        log: Log,
        check: Callable[[], None],
    ) -> None:
        self._storage = storage
        self._custom = custom
        self._log = log
        self._check = check

    def folders(
        self, listing: Listing, wanted: Sequence[Parts], sample: int | None
    ) -> list[Folder]:
        """The wanted folders of a target whose files are known; `sample` is how many files of each
        are looked at, if somebody said so."""
        chosen = {parts: listing.folders[parts] for parts in wanted}
        each = sample or max(2, _SAMPLES // max(1, len(chosen)))
        looked = sum(min(len(files), each) for files in chosen.values())
        length = samples.HEAD
        if listing.size > _SMALL:
            length = min(length, max(_LEAST_HEAD, int(listing.size * _SHARE) // max(1, looked)))
        found = []
        for parts, files in chosen.items():
            self._check()
            kind = self._folder(files, each, length)
            if kind is not None:
                found.append(Folder(parts, tuple(files), kind))
        return found

    def _folder(self, files: Sequence[ObjectInfo], sample: int, length: int) -> Classified | None:
        """What a folder's files are: the kind of the first one that is known."""
        found: Classified | None = None
        records = looked = 0
        for info in files[:sample]:
            one = self._file(info, length)
            if one is None:
                continue
            if found is not None and one.kind != found.kind:
                self._log.warn(f"{info.uri} is not in the format of its folder's first file")
                continue
            found = one if found is None else found.together(one)
            records += one.records
            looked += 1
        return replace(found, records=records // looked) if found is not None else None

    def _file(self, info: ObjectInfo, length: int) -> Classified | None:
        try:
            found = classify(samples.take(self._storage, info, length), self._custom)
        except (LakeError, OSError) as error:
            self._log.warn(f"could not read {info.uri}: {error}")
            return None
        if found is None:
            self._log.warn(f"no classifier knows {info.uri}")
        return found
