"""What has been proven of files, once for each version of a file.

A text file that holds no surprise (no odd value, no line that is cut short) can be left to DuckDB's
own readers, which are several times faster than reading it exactly; timestamps without microseconds
need not be rounded.
"""

from collections import OrderedDict
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from lakelet.engines.duckdb import stopping
from lakelet.errors import TrinoError
from lakelet.formats.scanning import Proof, Search
from lakelet.model import DataFile

_MAX_PROOFS: Final = 100_000
"""Answers that are kept; the one that was used longest ago goes first."""

_AT_ONCE: Final = 512 << 20
"""Bytes up to which a file is looked through when it is first read; a larger one, the second
time, so that a few rows of it don't wait for all."""

_UNASKED: Final = "unasked"
"""Stands for an answer where nobody has asked yet; None has been asked for once."""


class Proofs:
    """What is known of whole files."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[tuple[str, int, float], str], bool | None] = OrderedDict()

    def hold(self, file: DataFile, key: str, proof: Proof) -> bool:
        """Whether `proof` is true of all of a file; one that fails proves nothing."""
        known = (file.version, key)
        found = self._known.get(known)
        if found is None:
            late = file.info.size > _AT_ONCE and known not in self._known
            found = None if late else _asked(proof, file)
        self._keep(known, found)
        return found is True

    def all_hold(
        self, files: Sequence[tuple[DataFile, int]], key: str, search: Search
    ) -> bool | None:
        """Whether something is true of all of these files, each with the bytes that are read to
        find that out; None for later.

        They are searched when they are asked about for the second time, `_AT_ONCE` bytes for a
        query. A search that fails proves nothing.
        """
        found = [self._known.get((file.version, key), _UNASKED) for file, _ in files]
        if False in found:
            return False
        unknown = [each for each, known in zip(files, found, strict=True) if known is not True]
        if _UNASKED in found:
            for file, _ in unknown:
                self._keep((file.version, key), None)
            return None
        some = _first(unknown)
        odd = _found(search, some) if some else None
        for file in some:
            if odd is None or file.url == odd:
                self._keep((file.version, key), odd is None)
        if odd is not None:
            return False
        return True if len(some) == len(unknown) else None

    def known(self, file: DataFile, key: str) -> bool:
        """Whether this has been proven of a file, or noted by a reading of it."""
        return self._known.get((file.version, key)) is True

    def note(self, file: DataFile, key: str) -> None:
        """Keeps what a reading has found of a file."""
        self._keep((file.version, key), True)

    def _keep(self, key: tuple[tuple[str, int, float], str], found: bool | None) -> None:
        self._known[key] = found
        self._known.move_to_end(key)
        while len(self._known) > _MAX_PROOFS:
            self._known.popitem(last=False)


def _first(files: Sequence[tuple[DataFile, int]]) -> Sequence[DataFile]:
    """As many as have `_AT_ONCE` bytes, one at least."""
    ends = accumulate(size for _, size in files)
    return [
        file
        for number, ((file, _), end) in enumerate(zip(files, ends, strict=True))
        if number == 0 or end <= _AT_ONCE
    ]


def _found(search: Search, files: Sequence[DataFile]) -> str | None:
    """Of files that cannot be searched, the first is taken for odd."""
    try:
        return search(files)
    except TrinoError:
        stopping.check()
        return files[0].url


def _asked(proof: Proof, file: DataFile) -> bool:
    try:
        for fine in proof(file):
            stopping.check()
            if not fine:
                return False
    except TrinoError:
        stopping.check()
        return False
    return True
