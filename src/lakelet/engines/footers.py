"""What the footers of columnar files say, read once for each version of a file."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from lakelet.engines.duckdb import DuckDb
from lakelet.formats.layout import Access, Footer
from lakelet.formats.scanning import Format
from lakelet.interfaces import Storage
from lakelet.model import DataFile

MAX_CHUNKS = 5_000_000
"""Columns' chunks whose sizes are kept; the file that was used longest ago goes first."""

Version = tuple[str, int, float]
"""Of a file: its path, its size and when it was modified."""


class Footers:
    """Footers of files that may be replaced at any time, for all threads."""

    def __init__(self, storage: Storage, duckdb: DuckDb) -> None:
        self._access = Access(
            lambda file: storage.open(file.info.bucket, file.info.key),
            lambda sql: duckdb.execute(sql).read_all(),
        )
        self._known: OrderedDict[Version, Footer] = OrderedDict()
        self._lock = Lock()
        self._chunks = 0

    def of(self, form: Format, files: Sequence[DataFile]) -> tuple[Footer, ...]:
        """The footers of files of one format, none for a format without footers.

        Raises TrinoError for a file that has none.
        """
        if form.footers is None or not files:
            return ()
        found: dict[Version, Footer] = {}
        new: dict[Version, DataFile] = {}
        for file in files:
            footer = self._known.get(file.version)
            if footer is None:
                new[file.version] = file
            else:
                found[file.version] = footer
        if new:
            read = form.footers(tuple(new.values()), self._access)
            found |= zip(new, read, strict=True)
        with self._lock:
            for version, footer in found.items():
                self._keep(version, footer)
        return tuple(found[file.version] for file in files)

    def _keep(self, version: Version, footer: Footer) -> None:
        if version not in self._known:
            self._chunks += _chunks(footer)
        self._known[version] = footer
        self._known.move_to_end(version)
        while self._chunks > MAX_CHUNKS:
            _, gone = self._known.popitem(last=False)
            self._chunks -= _chunks(gone)


def _chunks(footer: Footer) -> int:
    return 1 + sum(len(group.sizes) for group in footer.groups)
