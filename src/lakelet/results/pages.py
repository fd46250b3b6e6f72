"""Pages of an answer, read from its file: a token is the place in the file where one begins."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from lakelet.engines.locations import split
from lakelet.errors import InvalidInput
from lakelet.interfaces import Storage

Cells = list[str | None]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of cells, None for NULL; `token` is where the next page begins, None at the end."""

    rows: list[Cells]
    token: str | None


def page(storage: Storage, where: str, token: str | None, limit: int) -> Page:
    """Rows of an answer from a token on, the header among them.

    Raises InvalidInput for a token that no page gave, NotFound when the file is gone.
    """
    bucket, key = split(where)
    rows: list[Cells] = []
    with storage.open(bucket, key) as file:
        start = 0 if token is None else _offset(token, file.seek(0, os.SEEK_END))
        file.seek(start)
        if not key.endswith(".csv"):
            return _lines(file, start, limit)
        for cells, length in _records(file):
            rows.append(cells)
            start += length
            if len(rows) == limit:
                break
    return Page(rows, str(start) if len(rows) == limit else None)


def _offset(token: str, size: int) -> int:
    if not token.isdigit() or int(token) > size:
        raise InvalidInput(f"Malformed nextPageToken {token}")
    return int(token)


def _records(file: BinaryIO) -> Iterator[tuple[Cells, int]]:
    """Records of the CSV, each with its length in bytes; a line may end inside quotes."""
    record = b""
    for line in file:
        record = record + line if record else line
        if record.count(b'"') % 2 == 0:
            yield _cells(record.decode().removesuffix("\n")), len(record)
            record = b""


def _cells(record: str) -> Cells:
    """Cells of a record: nothing at all is NULL, `""` the empty text."""
    if record.startswith('"') and record.endswith('"') and '""' not in record:
        # Without doubled quotes, `","` stands between cells and nowhere else.
        cells = record[1:-1].split('","')
        if record.count('"') == 2 * len(cells):
            return list(cells)
    return _quoted_cells(record)


def _quoted_cells(record: str) -> Cells:
    cells: Cells = []
    position = 0
    while True:
        if record.startswith('"', position):
            end = position + 1
            while True:
                end = record.index('"', end)
                if not record.startswith('""', end):
                    break
                end += 2
            cells.append(record[position + 1 : end].replace('""', '"'))
            position = end + 1
        else:
            end = record.find(",", position)
            cells.append(None)
            position = len(record) if end < 0 else end
        if position >= len(record):
            return cells
        position += 1


def _lines(file: BinaryIO, start: int, limit: int) -> Page:
    """Lines of text, each one cell; what stands behind the last line end is a line too."""
    rows: list[Cells] = []
    for line in file:
        rows.append([line.decode().removesuffix("\n")])
        start += len(line)
        if len(rows) == limit:
            return Page(rows, str(start))
        if not line.endswith(b"\n"):
            return Page(rows, None)
    if start:  # an empty file has no line
        rows.append([""])
    return Page(rows, None)
