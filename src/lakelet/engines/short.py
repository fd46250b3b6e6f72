"""Which answers are short for certain, and their result files.

DuckDB's COPY takes a millisecond before its first row; rows that fit on a screen are fetched and
written here, byte for byte as it would.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lakelet.sql import tree

MAX_ROWS: Final = 100

Texts = Sequence[str | None]


def is_short(query: tree.Query) -> bool:
    """Whether a query gives no more than `MAX_ROWS` rows, whatever it reads."""
    limit = query.limit
    if isinstance(limit, tree.Constant) and not query.with_ties:
        return isinstance(limit.value, int) and limit.value <= MAX_ROWS
    match query.body:
        case tree.Query() as body:
            return is_short(body)
        case tree.Values(rows=rows):
            return len(rows) <= MAX_ROWS
        case tree.Select(source=source, group_by=group_by, grouping_sets=sets):
            return source is None or (group_by == () and not sets)
    return False


def csv(names: Sequence[str], rows: Iterable[Texts]) -> str:
    """The header and the rows: each value in quotes, NULL as nothing."""
    return "".join(_lines(names, rows))


def _lines(names: Sequence[str], rows: Iterable[Texts]) -> Iterator[str]:
    yield _line(names)
    for row in rows:
        yield _line(row)


def _line(cells: Texts) -> str:
    return ",".join(map(_quoted, cells)) + "\n"


def _quoted(text: str | None) -> str:
    if text is None:
        return ""
    return f'"{text}"' if '"' not in text else '"' + text.replace('"', '""') + '"'
