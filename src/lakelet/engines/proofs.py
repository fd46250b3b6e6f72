"""What has been proven of files, once for each version of a file.

A text file that holds no surprise (no odd value, no line that is cut short) can be left to DuckDB's
own readers, which are several times faster than reading it exactly.
"""

from collections import OrderedDict
from typing import Final

from lakelet.engines.duckdb import DuckDb, stopping
from lakelet.errors import TrinoError
from lakelet.formats.scanning import Relation
from lakelet.model import DataFile

_MAX_PROOFS: Final = 100_000
"""Answers that are kept; the one that was used longest ago goes first."""

_AT_ONCE: Final = 256 << 20
"""Bytes up to which a file is looked through when it is first read; a larger one, the second
time, so that a few rows of it don't wait for all."""


class Proofs:
    """Answers of queries that say something of a whole file."""

    def __init__(self, duckdb: DuckDb) -> None:
        self._duckdb = duckdb
        self._known: OrderedDict[tuple[tuple[str, int, float], str], bool | None] = OrderedDict()

    def hold(self, file: DataFile, proof: Relation) -> bool:
        """Whether the one value that `proof` selects is true; a query that fails proves nothing."""
        key = (file.version, proof.sql)
        found = self._known.get(key)
        if found is None:
            late = file.info.size > _AT_ONCE and key not in self._known
            found = None if late else self._asked(proof)
        self._keep(key, found)
        return found is True

    def known(self, file: DataFile, key: str) -> bool:
        """Whether a reading of a file has noted this."""
        return self._known.get((file.version, key)) is True

    def note(self, file: DataFile, key: str) -> None:
        """Keeps what a reading has found of a file."""
        self._keep((file.version, key), True)

    def _keep(self, key: tuple[tuple[str, int, float], str], found: bool | None) -> None:
        self._known[key] = found
        self._known.move_to_end(key)
        while len(self._known) > _MAX_PROOFS:
            self._known.popitem(last=False)

    def _asked(self, proof: Relation) -> bool:
        try:
            answer = self._duckdb.execute(proof.sql, proof.datasets).read_all()
        except TrinoError:
            stopping.check()
            return False
        return answer.column(0)[0].as_py() is True
