"""Which answers are short for certain, and their result files.

DuckDB's COPY takes a millisecond before its first row, and half of one to plan the text of a
double; rows that fit on a screen are fetched and written here, byte for byte as it would. Literals
are their own answer, as Athena has it too: `SELECT 1`, by which pools of connections ask whether
one is alive, never reaches its engine.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import copysign, isfinite, isnan
from typing import Final

from lakelet.sql import tree

MAX_ROWS: Final = 100

Cells = Sequence[str | int | float | None]
"""Texts, and numbers that have none yet."""

RAW: Final = frozenset({"tinyint", "smallint", "integer", "bigint", "double"})
"""Types whose values come without their texts."""

_PLAIN: Final = RAW | {"boolean", "varchar", "unknown"}
"""Types whose constants are cells, or nearly."""


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


def literals(query: tree.Query) -> Sequence[Cells] | None:
    """The rows of a query that is nothing but literals; None for any other."""
    match query:
        case tree.Query(
            body=tree.Select(items=items, source=None, where=None, group_by=None, having=None),
            common_tables=(),
            order_by=(),
            offset=None,
            limit=None,
        ):
            return (tuple(map(_cell, items)),) if all(map(_is_plain, items)) else None
    return None


def _is_plain(item: tree.Expression) -> bool:
    return isinstance(item, tree.Constant) and item.type.name in _PLAIN


def _cell(item: tree.Expression) -> str | int | float | None:
    assert isinstance(item, tree.Constant)
    value: str | int | float | None = item.value
    return str(value).lower() if isinstance(value, bool) else value


def csv(names: Sequence[str], rows: Iterable[Cells]) -> str:
    """The header and the rows: each value in quotes, NULL as nothing."""
    return "".join(_lines(names, rows))


def _lines(names: Sequence[str], rows: Iterable[Cells]) -> Iterator[str]:
    yield _line(names)
    for row in rows:
        yield _line(row)


def _line(cells: Cells) -> str:
    return ",".join(map(_quoted, cells)) + "\n"


def _quoted(cell: str | int | float | None) -> str:
    if cell is None:
        return ""
    text = java_double(cell) if isinstance(cell, float) else str(cell)
    return f'"{text}"' if '"' not in text else '"' + text.replace('"', '""') + '"'


def java_double(x: float) -> str:
    """Double.toString of Java, as DuckDB's macro `trino_java_double` has it."""
    if not isfinite(x):
        return "NaN" if isnan(x) else "Infinity" if x > 0 else "-Infinity"
    size = abs(x)
    if size == 0 or 1e-3 <= size < 1e7:
        return repr(x)
    sign = "-" if copysign(1, x) < 0 else ""
    if size <= 5e-324:
        return f"{sign}4.9E-324"
    whole, _, exponent = f"{size!r}".partition("e")
    digits = whole.replace(".", "")
    scale = (int(exponent) if exponent else 0) + len(whole.partition(".")[0]) - 1
    scale -= len(digits) - len(digits.lstrip("0"))
    digits = digits.strip("0")
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{scale}"
