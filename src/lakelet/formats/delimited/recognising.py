"""CSV: the built-in heuristics, and custom classifiers that say what they know."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field

from lakelet.formats import delimited, opencsv
from lakelet.formats.recognition.classified import Classified
from lakelet.formats.recognition.kinds import NULL, STRING, Kind, merged, of_text
from lakelet.formats.recognition.samples import Sample
from lakelet.formats.stored_as import StoredAs

_LAZY_SIMPLE = StoredAs.of(delimited.FORMAT)
_OPEN_CSV = StoredAs.of(opencsv.FORMAT)

MAX_RECORDS = 1000
DELIMITERS = (",", "|", "\t", ";", "\x01")
_MAX_HEADER = 150
_TYPES = {"long": "bigint", "short": "smallint", "byte": "tinyint"}
"""Hive's words for those of CustomDatatypes that are others."""

_EVEN = 0.9
"""How many of the rows have as many cells as the first one."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a custom classifier says; what it leaves out is found as usual.

    `header` is PRESENT, ABSENT or UNKNOWN, `names` are those of the columns, `serde` is
    OpenCSVSerDe, LazySimpleSerDe, or None where the quotes of the files decide.
    """

    delimiter: str | None = None
    quote: str = '"'
    header: str = "UNKNOWN"
    names: tuple[str, ...] = ()
    trims: bool = True
    single: bool = False
    types: tuple[str, ...] = field(default=())
    serde: str = "None"


_BUILT_IN = Dialect(serde="LazySimpleSerDe")
"""The built-in classifier makes tables of LazySimpleSerDe even of files with quotes, which are then
for people to change ("Built-in classifiers", Glue developer guide)."""


def recognise(sample: Sample, dialect: Dialect = _BUILT_IN) -> Classified | None:
    """At least two columns and two rows under one delimiter."""
    lines = [line for line in sample.lines[:MAX_RECORDS] if line]
    if not lines or "\x00" in lines[0]:
        return None
    if len(lines) < 2 and dialect.header != "ABSENT":
        return None
    quoted = any(dialect.quote in line for line in lines[1:])  # a header is skipped, quotes and all
    for delimiter in (dialect.delimiter,) if dialect.delimiter else DELIMITERS:
        rows = _split(lines, delimiter, quoted, dialect)
        if rows is not None and len(dialect.names or rows[0]) == len(rows[0]):
            return _table(sample, rows, delimiter, quoted, dialect)
    return None


def _split(
    lines: Sequence[str], delimiter: str, quoted: bool, dialect: Dialect
) -> list[list[str]] | None:
    """The cells, when nearly all lines have as many as the first one, two at least."""
    if delimiter not in lines[0] and not dialect.single:
        return None
    try:
        quoted_lines = lines if quoted else lines[:1]
        rows = list(
            csv.reader(quoted_lines, delimiter=delimiter, quotechar=dialect.quote, escapechar="\\")
        )
    except csv.Error:
        return None
    if not quoted:
        rows = [*rows, *(line.split(delimiter) for line in lines[1:])]
    width = len(rows[0])
    even = sum(1 for row in rows if len(row) == width)
    wide = width > 1 or dialect.single
    return rows if wide and even >= _EVEN * len(rows) else None


def _table(
    sample: Sample, rows: list[list[str]], delimiter: str, quoted: bool, dialect: Dialect
) -> Classified:
    header = dialect.header == "PRESENT" or (dialect.header == "UNKNOWN" and _is_header(rows))
    names = dialect.names or _names(rows[0], header)
    data = rows[1:] if header else rows
    open_csv = dialect.serde == "OpenCSVSerDe" or (quoted and dialect.serde == "None")
    kinds = _kinds(data, len(names), dialect, open_csv)
    parameters = {
        "delimiter": delimiter,
        "columnsOrdered": "true",
        "areColumnsQuoted": str(quoted).lower(),
    }
    if header:
        parameters["skip.header.line.count"] = "1"
    stored_as = _OPEN_CSV if open_csv else _LAZY_SIMPLE
    serde = {"field.delim": delimiter}
    if open_csv:
        serde = {"separatorChar": delimiter, "quoteChar": dialect.quote, "escapeChar": "\\"}
    schema = dict(zip(names, kinds, strict=True))
    measured = sample.measured(len(data))
    return Classified(
        "csv",
        stored_as,
        schema,
        sample.compression,
        *measured,
        serde,
        parameters,
        rank=1 if open_csv else 0,  # where one file of a folder has quotes, it reads all
    )


def _kinds(
    data: Sequence[Sequence[str]], width: int, dialect: Dialect, open_csv: bool
) -> list[Kind]:
    if dialect.types:
        given = [Kind(_TYPES.get(each.lower(), each.lower())) for each in dialect.types[:width]]
        return given + [STRING] * (width - len(given))
    columns = [[row[i] for row in data if i < len(row)] for i in range(width)]
    if dialect.trims:
        columns = [[cell.strip() for cell in column] for column in columns]
    # OpenCSVSerde takes no empty text for a number.
    return [
        STRING if open_csv and any(not cell for cell in column) else _column(column)
        for column in columns
    ]


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Glue's rule: every cell is a text that can be a name, short but for the last, and some row
    below is not all text. The last may be empty if its column is, for a delimiter at the end of
    lines ("Built-in CSV classifier", Glue developer guide)."""
    first = [cell.strip() for cell in rows[0]]
    if not first[-1] and not any(row[-1] for row in rows[1:] if len(row) == len(first)):
        first.pop()
    if not first or any(of_text(cell) != STRING or not cell.isprintable() for cell in first):
        return False
    if any(len(cell) >= _MAX_HEADER for cell in first[:-1]):
        return False
    if len({cell.lower() for cell in first}) < len(first):
        return False
    return any(of_text(cell).name in ("bigint", "double") for row in rows[1:] for cell in row)


def _names(cells: Sequence[str], header: bool) -> tuple[str, ...]:
    """The header's cells in lower case, whatever signs are in them (`taxa selic`, `igp-m` and
    `province/state` stand in public tables of crawlers), or numbers; a name that comes again gets
    its place behind it."""
    found: dict[str, None] = {}
    for i, cell in enumerate(cells):
        name = cell.strip().lower() if header else ""
        name = name or f"col{i}"
        found[name if name not in found else f"{name}_{i}"] = None
    return tuple(found)


def _column(cells: Sequence[str]) -> Kind:
    found = NULL
    for cell in cells:
        found = merged(found, of_text(cell))
        if found == STRING:
            break
    return found
