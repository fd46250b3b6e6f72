"""Text files that hold nothing but what DuckDB's own readers take for the same.

A proof reads a file once, exactly; from then on, as long as the file stays the same, DuckDB reads
it. What is odd in any way proves nothing, and the file goes on being read exactly.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from lakelet.errors import TrinoError
from lakelet.formats.scanning import Relation, Request
from lakelet.formats.text.lines import Trimming
from lakelet.model import DataFile

Scan = Callable[[Request], Relation]

MAX_LINE: Final = 8 << 20
"""Bytes of a line that DuckDB's readers are told to hold."""

_PLAIN: Final = frozenset({"gz", "zst"})
"""Endings that DuckDB decompresses as Trino does; other known ones it doesn't know."""
_OTHERS: Final = frozenset({"deflate", "bz2", "lz4", "snappy"})
LEAST: Final = 1 << 20
"""Bytes below which a file is not worth a proof."""


def divided(request: Request, exact: Scan, proof: Scan, plain: Scan) -> Relation:
    """The files of a request, each in the way that it can be read.

    `proof` makes a query of one file with one boolean value. All three give the same columns.
    """
    if Trimming.of(request.parameters).footer:
        return exact(request)
    clean = {file.url for file in request.files if _is_clean(request, file, proof)}
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


def _is_clean(request: Request, file: DataFile, proof: Scan) -> bool:
    ending = file.info.key.rpartition("/")[2].rpartition(".")[2]
    if file.info.size < LEAST or ending in _OTHERS:
        return False
    if ending not in _PLAIN and ending.lower() in (*_PLAIN, *_OTHERS):
        return False
    asked = replace(request, files=(file,), name="lakelet_proof")
    return request.proven(file, proof(asked))


def uneven() -> TrinoError:
    """Ends a proof."""
    return TrinoError("HIVE_BAD_DATA", "Not a plain file", error_type="EXTERNAL")


def checked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces of a file; raises TrinoError for line ends of two kinds, a byte order mark, bytes
    that are no UTF-8 and very long lines."""
    ends = None
    for number, piece in enumerate(pieces):
        carriage = piece.count(b"\r")
        kind = (carriage > 0, carriage == piece.count(b"\r\n") == piece.count(b"\n"))
        ends = ends or kind
        if (carriage and not kind[1]) or ends[0] != kind[0] or b"\xef\xbf\xbd" in piece:
            raise uneven()
        if number == 0 and piece.startswith(b"\xef\xbb\xbf"):
            raise uneven()
        yield piece
