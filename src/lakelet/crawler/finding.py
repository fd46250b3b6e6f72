"""What the files of folders are, by samples of them."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from lakelet.crawler.grouping import Folder, Grouping, are_one
from lakelet.crawler.listing import Listing, Parts
from lakelet.crawler.log import Log
from lakelet.crawler.similarity import SIMILARITY
from lakelet.errors import LakeError
from lakelet.formats.classifiers import Classifier, classify
from lakelet.formats.recognition import samples
from lakelet.formats.recognition.classified import Classified
from lakelet.interfaces import Storage
from lakelet.model import ObjectInfo

_Known = tuple[ObjectInfo, Classified]
"""A file and what it is."""

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
        self,
        listing: Listing,
        wanted: Sequence[Parts],
        sample: int | None,
        grouping: Grouping,
    ) -> list[Folder]:
        """The wanted folders of a target whose files are known; `sample` is how many files of each
        are looked at, if somebody said so. A folder without a majority is as many as its files."""
        chosen = {parts: listing.folders[parts] for parts in wanted}
        each = sample or max(2, _SAMPLES // max(1, len(chosen)))
        looked = sum(min(len(files), each) for files in chosen.values())
        length = samples.HEAD
        if listing.size > _SMALL:
            length = min(length, max(_LEAST_HEAD, int(listing.size * _SHARE) // max(1, looked)))
        found: list[Folder] = []
        for parts, files in chosen.items():
            self._check()
            known = self._classified(files[:each], length)
            if not known or _has_majority(known, grouping):
                found += self._together(parts, files, known, listing.is_file)
            else:
                more = self._classified(files[each : each + _SAMPLES], length)
                found += _apart(parts, [*known, *more])
        return found

    def _classified(self, files: Sequence[ObjectInfo], length: int) -> list[_Known]:
        known = [(info, self._file(info, length)) for info in files]
        return [(info, found) for info, found in known if found is not None]

    def _together(
        self, parts: Parts, files: Sequence[ObjectInfo], known: Sequence[_Known], is_file: bool
    ) -> Iterator[Folder]:
        """A folder as one, of the kind that most of its files have."""
        if not known:
            return
        [(kind, _)] = Counter(one.kind for _, one in known).most_common(1)
        alike = [one for _, one in known if one.kind == kind]
        for info, one in known:
            if one.kind != kind:
                self._log.warn(f"{info.uri} is not in the format of its folder's other files")
        found = alike[0]
        for one in alike[1:]:
            found = found.together(one)
        records = sum(one.records for one in alike) // len(alike)
        yield Folder(parts, tuple(files), replace(found, records=records), is_file)

    def _file(self, info: ObjectInfo, length: int) -> Classified | None:
        try:
            found = classify(samples.take(self._storage, info, length), self._custom)
        except (LakeError, OSError) as error:
            self._log.warn(f"could not read {info.uri}: {error}")
            return None
        if found is None:
            self._log.warn(f"no classifier knows {info.uri}")
        return found


def _has_majority(known: Sequence[_Known], grouping: Grouping) -> bool:
    """Whether most files of a folder are of one kind and alike."""
    [(kind, count)] = Counter(one.kind for _, one in known).most_common(1)
    if count <= SIMILARITY * len(known):
        return False
    return are_one([one.schema for _, one in known if one.kind == kind], grouping)


def _apart(parts: Parts, known: Sequence[_Known]) -> Iterator[Folder]:
    """The files of a folder without a majority, each by itself."""
    for info, one in known:
        yield Folder((*parts, info.key.rpartition("/")[2]), (info,), one, is_file=True)
