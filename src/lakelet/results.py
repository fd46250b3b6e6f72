"""A statement's answer in the bucket, and pages of it: Athena's CSV, text and metadata files.

GetQueryResults reads what was written; nothing of an answer is kept in memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO
from uuid import uuid4

from lakelet.engines.answers import Answer, Lines, Written
from lakelet.engines.scans import split
from lakelet.errors import InvalidInput
from lakelet.interfaces import Storage
from lakelet.model import Document, ResultColumn, Statistics
from lakelet.sql.statements import Statement
from lakelet.sql.statements.model import CreateTableAs, Insert, Query, Unload
from lakelet.types import Type

OCTETS = "application/octet-stream"
PLAIN = "binary/octet-stream"
MAX_VARCHAR = 2_147_483_647
_PRECISION = {
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "real": 17,
    "double": 17,
    "varbinary": 1_073_741_824,
    "timestamp": 3,
    "timestamp with time zone": 3,
    "time": 3,
    "time with time zone": 3,
}
"""Athena's Precision where it is not 0 (PyAthena's tests against AWS record it)."""


@dataclass(frozen=True, slots=True)
class Result:
    """Where an answer lies and what its pages need; `header` says that its first row is names."""

    columns: tuple[Document, ...]
    header: bool
    update_count: int | None
    manifest: str | None
    statistics: Statistics


def location(statement: Statement, output: str, query: str) -> str:
    """The object that Athena names as a query's OutputLocation."""
    start = f"{output.rstrip('/')}/"
    if isinstance(statement, Query):
        return f"{start}{query}.csv"
    if isinstance(statement, CreateTableAs):
        return f"{start}tables/{query}"
    written = isinstance(statement, Insert | Unload)
    return f"{start}{query}" if written else f"{start}{query}.txt"


def write(storage: Storage, answer: Answer, query: str, where: str) -> Result:
    """Writes an answer's files; raises TrinoError for rows that fail while they are read."""
    if isinstance(answer, Lines):
        return _write_lines(storage, answer, query, where)
    if isinstance(answer, Written):
        return _write_manifest(storage, answer, query, where)
    path = storage.scratch / f"result-{uuid4()}.csv"
    try:
        count = answer.write_csv(path)
        bucket, key = split(where)
        storage.adopt(bucket, key, path, OCTETS)
    finally:
        path.unlink(missing_ok=True)
    columns = tuple(map(column_info, answer.columns))
    _put(storage, f"{where}.metadata", metadata(query, columns), OCTETS)
    return Result(columns, True, 0, None, answer.statistics(count))


def _write_lines(storage: Storage, answer: Lines, query: str, where: str) -> Result:
    columns = tuple(_text_column(name) for name in answer.columns if name)
    _put(storage, where, "\n".join(answer.lines).encode(), PLAIN)
    if columns:
        _put(storage, f"{where}.metadata", metadata(query, columns), PLAIN)
    return Result(columns, False, 0 if columns else None, None, Statistics())


def _write_manifest(storage: Storage, answer: Written, query: str, where: str) -> Result:
    columns = (column_info(ResultColumn("rows", Type("bigint"))),)
    _put(storage, f"{where}.metadata", metadata(query, columns), OCTETS)
    manifest = None
    if answer.files:
        manifest = f"{where}-manifest.csv"
        _put(storage, manifest, "".join(f"{each}\n" for each in answer.files).encode(), OCTETS)
    return Result(columns, False, answer.rows, manifest, answer.statistics)


def _put(storage: Storage, where: str, data: bytes, content_type: str) -> None:
    bucket, key = split(where)
    storage.write(bucket, key, data, content_type)


# Columns ------------------------------------------------------------------------------------


def column_info(column: ResultColumn) -> Document:
    """Athena's ColumnInfo of a column."""
    of = column.type
    return _column(column.name, _type_name(of), _precision(of), _scale(of), _is_text(of))


def _text_column(name: str) -> Document:
    return _column(name, "string", 0, 0, False)


def _column(name: str, of: str, precision: int, scale: int, case_sensitive: bool) -> Document:
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": of,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": case_sensitive,
    }


def _type_name(of: Type) -> str:
    return "float" if of.name == "real" else of.name


def _is_text(of: Type) -> bool:
    return of.name in ("varchar", "char")


def _precision(of: Type) -> int:
    if of.name == "decimal":
        return of.precision
    if _is_text(of):
        return MAX_VARCHAR if of.length is None else of.length
    return _PRECISION.get(of.name, 0)


def _scale(of: Type) -> int:
    return of.scale if of.name == "decimal" else 0


# Metadata -----------------------------------------------------------------------------------


def metadata(query: str, columns: Sequence[Document]) -> bytes:
    """The `.metadata` file: a protobuf message, 1 the query's id, 4 each column."""
    return _field(1, query.encode()) + b"".join(_field(4, _column_message(c)) for c in columns)


def _column_message(column: Document) -> bytes:
    texts = ((1, "CatalogName"), (4, "Name"), (5, "Label"), (6, "Type"))
    numbers = ((7, column["Precision"]), (8, column["Scale"]), (9, 3))
    return (
        b"".join(_field(number, column[name].encode()) for number, name in texts)
        + b"".join(_varint(number << 3) + _varint(value) for number, value in numbers)
        + _varint(10 << 3)
        + _varint(int(column["CaseSensitive"]))
    )


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


# Pages --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of cells, None for NULL; `token` is where the next page begins, None at the end."""

    rows: list[list[str | None]]
    token: str | None


def page(storage: Storage, where: str, token: str | None, limit: int) -> Page:
    """Rows of an answer from a token on, the header among them.

    Raises InvalidInput for a token that no page gave.
    """
    bucket, key = split(where)
    size = storage.stat(bucket, key).size
    start = _offset(token, size)
    rows: list[list[str | None]] = []
    with storage.open(bucket, key) as file:
        file.seek(start)
        reader = _rows if key.endswith(".csv") else _lines
        for cells, end in reader(file):
            rows.append(cells)
            start += end
            if len(rows) == limit:
                break
    return Page(rows, str(start) if len(rows) == limit else None)


def _offset(token: str | None, size: int) -> int:
    if token is None:
        return 0
    if not token.isdigit() or int(token) > size:
        raise InvalidInput("Malformed nextPageToken")
    return int(token)


def _rows(file: BinaryIO) -> Iterator[tuple[list[str | None], int]]:
    """Records of the CSV, each with its length in bytes; a line may end inside quotes."""
    record = b""
    for line in file:
        record += line
        if record.count(b'"') % 2 == 0:
            yield _cells(record.decode().removesuffix("\n")), len(record)
            record = b""


def _cells(record: str) -> list[str | None]:
    """Cells of a record: nothing at all is NULL, `""` the empty text."""
    if record.startswith('"') and record.endswith('"') and record.count('"') == 2:
        return [record[1:-1]]
    cells: list[str | None] = []
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


def _lines(file: BinaryIO) -> Iterator[tuple[list[str | None], int]]:
    """Lines of text, each one cell."""
    for line in file:
        yield [line.decode().removesuffix("\n")], len(line)
