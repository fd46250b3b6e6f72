"""Text files that hold nothing but what DuckDB's own readers take for the same.

A proof, or a whole reading, goes through a file once, exactly; from then on, as long as the file
stays the same, DuckDB reads it. What is odd in any way proves nothing, and the file goes on being
read exactly.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from lakelet.errors import TrinoError
from lakelet.formats.scanning import Proof, Relation, Request
from lakelet.formats.text import marks
from lakelet.formats.text.compression import ENDINGS
from lakelet.formats.text.lines import Trimming
from lakelet.model import DataFile

Scan = Callable[[Request], Relation]

MAX_LINE: Final = 8 << 20
"""Bytes of a line that DuckDB's readers are told to hold."""

_INFLATED: Final = frozenset({"gz", "zst"})
"""Endings of files that DuckDB decompresses as Trino does; it takes capitals for the same."""
LEAST: Final = 1 << 20
"""Bytes below which a file is not worth a proof."""


def remembered(request: Request, key: str, exact: Scan, plain: Scan) -> Relation:
    """As `either`; the proof is that an exact reading has noted a file under the key."""
    return either(request, {}, (key,), exact, plain)


def either(
    request: Request, proofs: Mapping[str, Proof], noted: Sequence[str], exact: Scan, plain: Scan
) -> Relation:
    """The files of a request, each in the way that it can be read, which give the same columns.

    One of some notes or proofs, by their keys, is enough. A proof looks a file through,
    once for each version and key; a TrinoError proves nothing.
    """

    def holds(file: DataFile) -> bool:
        return any(request.known(file, _told(request, key)) for key in noted) or any(
            request.proven(file, _told(request, key), proof) for key, proof in proofs.items()
        )

    return _divided(request, holds, exact, plain)


def _told(request: Request, key: str) -> str:
    """A key with what it is true of: the lines behind a file's header."""
    return f"{key} {Trimming.of(request.parameters).header}"


def _divided(
    request: Request, holds: Callable[[DataFile], bool], exact: Scan, plain: Scan
) -> Relation:
    if Trimming.of(request.parameters).footer:
        return exact(request)
    clean = {file.url for file in request.files if _may_be_plain(file) and holds(file)}
    parts = []
    for scan, files in (
        (exact, [each for each in request.files if each.url not in clean]),
        (plain, [each for each in request.files if each.url in clean]),
    ):
        if files:
            parts.append(scan(replace(request, files=tuple(files))))
    if len(parts) == 1:
        return parts[0]
    return Relation(
        " UNION ALL ".join(f"({part.sql})" for part in parts),
        {name: each for part in parts for name, each in part.datasets.items()},
    )


def _may_be_plain(file: DataFile) -> bool:
    ending = file.info.key.rpartition("/")[2].rpartition(".")[2]
    readable = ending in _INFLATED or ending.lower() not in ENDINGS
    return file.info.size >= LEAST and readable


class Watch:
    """What an exact reading meets, which proves its files plain if none of it is odd. Threads may
    say that something is, none takes it back."""

    def __init__(self, request: Request, key: str) -> None:
        self._request = request
        self._key = _told(request, key)
        self.odd = False

    def pieces(self, given: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces of a file, passed on."""
        plain = _Plainness()
        for piece in given:
            if not self.odd and not plain.goes_on(piece):
                self.odd = True
            yield piece

    def end(self) -> None:
        """All files have been read."""
        for file in () if self.odd else self._request.files:
            self._request.note(file, self._key)


def is_odd(block: bytes) -> bool:
    """Whether DuckDB's reader can't take a block: for long lines, NUL, or what was no UTF-8."""
    return len(block) > MAX_LINE or b"\0" in block or _has_replacement(block)


def _has_replacement(block: bytes) -> bool:
    """Whether a block has what stands for bytes that are no UTF-8."""
    if block.isascii():
        return False
    return b"\xef" in block and b"\xef\xbf\xbd" in block  # a byte is found at once


def _has_escaped_nul(block: bytes) -> bool:
    if b"\\" not in block or not marks.has_pair(block, b"\\u"):
        return False
    return b"\\u0000" in block


def uneven() -> TrinoError:
    """Ends a proof."""
    return TrinoError("HIVE_BAD_DATA", "Not a plain file")


def checked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces of a file; raises TrinoError for one that is not plain."""
    plain = _Plainness()
    for piece in pieces:
        if not plain.goes_on(piece):
            raise uneven()
        yield piece


class _Plainness:
    """Line ends of one kind, no byte order mark, no bytes that are no UTF-8, no escaped NUL."""

    def __init__(self) -> None:
        self._ends: tuple[bool, bool] | None = None

    def goes_on(self, piece: bytes) -> bool:
        """Whether the next piece of the file is plain too."""
        begins = self._ends is None
        carriage = b"\r" in piece
        paired = carriage and marks.are_paired(piece)
        kind = (carriage, paired)
        self._ends = self._ends or kind
        if kind != self._ends or (carriage and not paired):
            return False
        if begins and piece.startswith(b"\xef\xbb\xbf"):
            return False
        return not _has_escaped_nul(piece) and not _has_replacement(piece)
