"""Pages of an answer, read from its file: a token is the place in the file where one begins.

A page is written in JSON straight from the text of its rows where JSON would write each cell as it
stands there.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO, Final

import orjson

from lakelet.engines.locations import split
from lakelet.errors import InvalidInput
from lakelet.interfaces import Storage

Cells = list[str | None]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the JSON of Athena's API, `[{"Data": [{"VarCharValue": "text"}, {}]}]`, where `{}` is
    NULL; `token` is where the next page begins, None at the end."""

    rows: bytes
    token: str | None


def page(storage: Storage, where: str, token: str | None, limit: int, width: int) -> Page:
    """Rows of an answer of so many columns from a token on, the header among them.

    Raises InvalidInput for a token that no page gave, NotFound when the file is gone.
    """
    bucket, key = split(where)
    with storage.open(bucket, key) as file:
        start = 0 if token is None else _offset(token, file.seek(0, os.SEEK_END))
        file.seek(start)
        if not key.endswith(".csv"):
            return _lines(file, start, limit)
        lines = list(islice(file, limit))
        text = b"".join(lines)
        if _is_plain(text, width * len(lines)):
            end = str(start + len(text)) if len(lines) == limit else None
            return Page(_written(text), end)
        rows: list[Cells] = []
        for cells, length in _records(chain(lines, file)):
            rows.append(cells)
            start += length
            if len(rows) == limit:
                break
    return _page(rows, start if len(rows) == limit else None)


def _page(rows: Iterable[Cells], next_start: int | None) -> Page:
    data = [
        {"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]} for row in rows
    ]
    return Page(orjson.dumps(data), None if next_start is None else str(next_start))


# Plain rows -----------------------------------------------------------------------------------

_ESCAPED: Final = re.compile(rb"[\x00-\x09\x0b-\x1f\\]")
"""What JSON writes otherwise, but for the line ends between rows."""


def _is_plain(text: bytes, cells: int) -> bool:
    """Whether lines are rows whose cells, so many together, all stand in quotes, and hold nothing
    that CSV or JSON writes otherwise.

    Where no quote is doubled, each cell has two or, being NULL, none: if there are two for each
    cell of as many rows as there are lines, no row has a NULL and none goes on in a second line.
    From the left, `","` then stands between cells and nowhere else, unless a row begins with it.
    """
    return (
        text.endswith(b'"\n')
        and not text.startswith(b'","')
        and b'\n","' not in text
        and b'""' not in text
        and text.count(b'"') == 2 * cells
        and _ESCAPED.search(text) is None
        and _is_utf_8(text)
    )


def _is_utf_8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _written(text: bytes) -> bytes:
    """Plain rows in JSON."""
    inside = text[:-1].replace(b'","', b'"},{"VarCharValue":"')
    inside = inside.replace(b'"\n"', b'"}]},{"Data":[{"VarCharValue":"')
    return b'[{"Data":[{"VarCharValue":%b}]}]' % inside


# Any rows -------------------------------------------------------------------------------------


def _offset(token: str, size: int) -> int:
    place = int(token) if re.fullmatch("[0-9]{1,19}", token) else None
    if place is None or place > size:
        raise InvalidInput(f"Malformed nextPageToken {token}")
    return place


def _records(lines: Iterable[bytes]) -> Iterator[tuple[Cells, int]]:
    """Records of the CSV, each with its length in bytes; a line may end inside quotes."""
    read: list[bytes] = []
    quotes = 0
    for line in lines:
        read.append(line)
        quotes += line.count(b'"')
        if quotes % 2 == 0:
            record = b"".join(read)
            yield _cells(record.decode().removesuffix("\n")), len(record)
            read, quotes = [], 0


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
            return _page(rows, start)
        if not line.endswith(b"\n"):
            return _page(rows, None)
    if start:  # an empty file has no line
        rows.append([""])
    return _page(rows, None)
