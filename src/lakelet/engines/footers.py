"""What the footers of columnar files say, read once for each version of a file."""

from collections import OrderedDict
from collections.abc import Sequence

from lakelet.engines.duckdb import DuckDb
from lakelet.formats.layout import Access, Footer
from lakelet.formats.scanning import Format
from lakelet.interfaces import Storage
from lakelet.model import DataFile

MAX_CHUNKS = 5_000_000
"""Columns' chunks whose sizes are kept; the file that was used longest ago goes first."""


class Footers:
    """Footers of files that may be replaced at any time: a version is path, size and time."""

    def __init__(self, storage: Storage, duckdb: DuckDb) -> None:
        self._access = Access(
            lambda file: storage.open(file.info.bucket, file.info.key),
            lambda sql: duckdb.execute(sql).read_all(),
        )
        self._known: OrderedDict[tuple[str, int, float], Footer] = OrderedDict()
        self._chunks = 0

    def of(self, form: Format, files: Sequence[DataFile]) -> tuple[Footer, ...]:
        """The footers of files of one format, none for a format without footers.

        Raises TrinoError for a file that has none.
        """
        if form.footers is None or not files:
            return ()
        known = self._known
        found = {file.version: known[file.version] for file in files if file.version in known}
        new = [file for file in files if file.version not in found]
        for file, footer in zip(new, form.footers(new, self._access) if new else (), strict=True):
            found[file.version] = footer
            self._keep(file, footer)
        return tuple(found[file.version] for file in files)

    def _keep(self, file: DataFile, footer: Footer) -> None:
        self._chunks += _chunks(footer)
        self._known[file.version] = footer
        while self._chunks > MAX_CHUNKS:
            _, gone = self._known.popitem(last=False)
            self._chunks -= _chunks(gone)


def _chunks(footer: Footer) -> int:
    return 1 + sum(len(group.sizes) for group in footer.groups)
