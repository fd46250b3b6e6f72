"""What has been proven of files, once for each version of a file.

A text file that holds no surprise (no odd value, no line that is cut short) can be left to DuckDB's
own readers, which are several times faster than reading it exactly.
"""

from collections import OrderedDict
from typing import Final

from lakelet.engines.duckdb import stopping
from lakelet.errors import TrinoError
from lakelet.formats.scanning import Proof
from lakelet.model import DataFile

_MAX_PROOFS: Final = 100_000
"""Answers that are kept; the one that was used longest ago goes first."""

_AT_ONCE: Final = 512 << 20
"""Bytes up to which a file is looked through when it is first read; a larger one, the second
time, so that a few rows of it don't wait for all."""


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
