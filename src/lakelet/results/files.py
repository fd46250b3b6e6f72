"""An answer's files: which there are, what stands in them, and under which content type."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lakelet.engines.answers import Answer, Explained, Lines, Rows, Written
from lakelet.engines.locations import split
from lakelet.errors import LakeError, TrinoError
from lakelet.interfaces import Storage
from lakelet.model import Document, Finished, ResultColumn, Statistics
from lakelet.results.columns import column_info, metadata, text_column
from lakelet.sql.statements import Statement
from lakelet.sql.statements.model import CreateTableAs, Insert, Query, Unload
from lakelet.storage.files import write_whole
from lakelet.types import Type
from lakelet.types.model import BOOLEAN

OCTETS: Final = "application/octet-stream"
"""Of files that the engine planned."""
PLAIN: Final = "binary/octet-stream"
"""Of files that were made without it."""

_UPDATES: Mapping[str, str] = {
    "INSERT": "INSERT",
    "UPDATE": "UPDATE",
    "DELETE": "DELETE",
    "MERGE": "MERGE",
    "CREATE_TABLE_AS_SELECT": "CREATE TABLE",
}
"""Trino's name of an update by Athena's SubstatementType."""

_MANIFEST: Final = "-manifest.csv"
_METADATA: Final = ".metadata"
_IN_CSV = frozenset({"SELECT", "UPDATE", "DELETE", "MERGE", "SHOW_FUNCTIONS"})


@dataclass(frozen=True, slots=True)
class Target:
    """Whose answer it is and where it goes: the query's id, the id that the engine ran it under,
    its SubstatementType and text, the object that is named as its OutputLocation, and the
    ResultConfiguration that it was asked under."""

    query: str
    engine_query: str
    kind: str
    text: str
    location: str
    configuration: Document = field(default_factory=dict)

    @property
    def headers(self) -> Mapping[str, str]:
        """What is kept beside each file: how it is encrypted on the server's side."""
        given = self.configuration.get("EncryptionConfiguration") or {}
        headers = dict(_ENCRYPTION.get(given.get("EncryptionOption", ""), {}))
        if headers.get("ServerSideEncryption") == "aws:kms" and given.get("KmsKey"):
            headers["SSEKMSKeyId"] = given["KmsKey"]
        return headers


_ENCRYPTION: Mapping[str, Mapping[str, str]] = {
    "SSE_S3": {"ServerSideEncryption": "AES256"},
    "SSE_KMS": {"ServerSideEncryption": "aws:kms"},
}


@dataclass(frozen=True, slots=True)
class Result:
    """What an answer's pages need. `update_count` None: Athena tells of none. `size` is in bytes;
    `reusable` says that the same query would answer the same."""

    columns: tuple[Document, ...]
    update_count: int | None
    manifest: str | None
    statistics: Statistics
    has_rows: bool = True
    size: int = 0
    reusable: bool = False


def location(statement: Statement, kind: str, output: str, query: str) -> str:
    """The object that Athena names as a query's OutputLocation."""
    start = f"{output.rstrip('/')}/"
    if isinstance(statement, Query) or kind in _IN_CSV:
        return f"{start}{query}.csv"
    if isinstance(statement, CreateTableAs):
        return f"{start}tables/{query}"
    written = isinstance(statement, Insert | Unload)
    return f"{start}{query}" if written else f"{start}{query}.txt"


def write(
    storage: Storage,
    answer: Answer,
    target: Target,
    certain: Callable[[], None],
    announced: "Announcement | None" = None,
) -> Result:
    """Writes an answer's files; raises TrinoError for rows that fail while they are read, and for
    files that a disk has no room for.

    `certain` is called before the first of them is to be seen, and may raise to leave it there.
    `announced` is what was written of rows before they were.
    """
    if isinstance(answer, Written) and announced is not None and announced.written:
        return announced.result(answer)
    try:
        return _write(storage, answer, target, certain)
    except OSError as error:
        message = f"The result can't be written: {error.strerror}"
        raise TrinoError("GENERIC_INSUFFICIENT_RESOURCES", message) from error


def _write(storage: Storage, answer: Answer, target: Target, certain: Callable[[], None]) -> Result:
    if not isinstance(answer, Lines | Written | Explained):
        return _write_rows(storage, answer, target, certain)
    certain()
    if isinstance(answer, Lines):
        return _write_lines(storage, answer, target)
    if isinstance(answer, Written):
        return _write_manifest(storage, answer, target)
    return _write_plan(storage, answer, target)


def _write_rows(
    storage: Storage, answer: Rows, target: Target, certain: Callable[[], None]
) -> Result:
    path, described = _scratch(storage, target, ""), _scratch(storage, target, _METADATA)
    kind = PLAIN if _is_literal(target.text) else OCTETS
    columns = tuple(map(column_info, answer.columns))
    try:
        count = answer.write_csv(path)
        message = (
            metadata(target.query, columns, "", 0)
            if kind == PLAIN
            else metadata(target.engine_query, columns)
        )
        write_whole(described, message)
        certain()
        files = [_finished(target, "", path), _finished(target, _METADATA, described)]
        size = storage.adopt(files, kind, target.headers)[0].size
    except BaseException:
        path.unlink(missing_ok=True)
        described.unlink(missing_ok=True)
        raise
    statistics = answer.statistics(count)
    return Result(columns, 0, None, statistics, size=size, reusable=answer.reusable)


def write_failure(storage: Storage, target: Target, reason: str) -> Result | None:
    """Writes why a statement failed, as Athena does for what Hive ran: an answer without columns.

    None for other statements, of which nothing is written.
    """
    if not target.location.endswith(".txt") or target.kind == "EXPLAIN":
        return None
    _put(storage, target, "", reason.encode(), OCTETS)
    return Result((), None, None, Statistics(), has_rows=False)


def _write_lines(storage: Storage, answer: Lines, target: Target) -> Result:
    columns = tuple(text_column(name, answer.type) for name in answer.columns if name)
    kind = OCTETS if answer.task else PLAIN
    data = "\n".join(answer.lines).encode()
    _put(storage, target, "", data, kind)
    if columns or answer.task:
        identifier = target.query if answer.task else target.engine_query
        _put(storage, target, _METADATA, metadata(identifier, columns), kind)
    count = 0 if columns and not answer.task else None
    return Result(columns, count, None, Statistics(rows=len(answer.lines)), size=len(data))


def _write_plan(storage: Storage, answer: Explained, target: Target) -> Result:
    """The plan's lines under their heading, and a line end more than Trino gives it."""
    data = f"{answer.column}\n{answer.text}\n".encode()
    _put(storage, target, "", data, OCTETS)
    of = BOOLEAN if answer.column == "Valid" else Type("varchar", (len(answer.text),))
    columns = (column_info(ResultColumn(answer.column, of)),)
    described = metadata(target.engine_query, columns)
    _put(storage, target, _METADATA, described, OCTETS)
    return Result(columns, None, None, answer.statistics, size=len(data))


def _write_manifest(storage: Storage, answer: Written, target: Target) -> Result:
    announced = Announcement(storage, target)
    announced.write(answer.rows, answer.files)
    return announced.result(answer)


@dataclass(slots=True)
class Announcement:
    """What is kept of a statement that writes rows, written before they are to be seen: they are
    not to be there where it finds no room."""

    storage: Storage
    target: Target
    written: list[str] = field(default_factory=list)

    def write(self, rows: int, files: Sequence[str]) -> None:
        """Writes the metadata, and the manifest of files. Raises TrinoError where a disk has no
        room for them."""
        described = metadata(self.target.engine_query, _ROWS, _UPDATES.get(self.target.kind), rows)
        try:
            self._put(_METADATA, described)
            if files:
                self._put(_MANIFEST, "".join(f"{each}\n" for each in files).encode())
        except OSError as error:
            self.withdraw()
            message = f"The result can't be written: {error.strerror}"
            raise TrinoError("GENERIC_INSUFFICIENT_RESOURCES", message) from error
        except BaseException:
            self.withdraw()
            raise

    def _put(self, end: str, data: bytes) -> None:
        _put(self.storage, self.target, end, data, OCTETS)
        self.written.append(end)

    def withdraw(self) -> None:
        """Takes away what was written, for a statement that failed afterwards."""
        for end in self.written:
            bucket, key = split(f"{self.target.location}{end}")
            with suppress(LakeError, OSError):
                self.storage.delete(bucket, [key])
        self.written.clear()

    def result(self, answer: Written) -> Result:
        """What pages of the answer need."""
        manifest = f"{self.target.location}{_MANIFEST}" if _MANIFEST in self.written else None
        return Result(_ROWS, answer.rows, manifest, answer.statistics, has_rows=False)


_ROWS: Final = (column_info(ResultColumn("rows", Type("bigint"))),)


def _put(storage: Storage, target: Target, end: str, data: bytes, content_type: str) -> None:
    """Writes the file whose name is the target's with an end; nobody has asked for its etag yet."""
    path = _scratch(storage, target, end)
    try:
        write_whole(path, data)
        storage.adopt([_finished(target, end, path)], content_type, target.headers)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _scratch(storage: Storage, target: Target, end: str) -> Path:
    return storage.scratch / f"result-{target.query}{end}"


def _finished(target: Target, end: str, path: Path) -> Finished:
    return Finished(path, *split(f"{target.location}{end}"))


# Literals -----------------------------------------------------------------------------------

_COMMENT = re.compile(r"--[^\n]*(?:\n|$)|/\*.*?\*/|('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")", re.S)
_VALUE = r"(?:-\s*)?\d+(?:\.\d+)?(?:e[+-]?\d+)?|'(?:[^']|'')*'|true|false"
_IN_ONE = rf"\(\s*(?:{_VALUE})\s*\)"
_IN_TWO = rf"\(\s*{_IN_ONE}\s*\)"
_ITEM = rf"(?:{_VALUE}|{_IN_ONE}|{_IN_TWO}|\(\s*{_IN_TWO}\s*\))"
_NAME = r"(?!from\b|where\b|limit\b|union\b|order\b|offset\b|fetch\b)[a-z_]\w*|\"(?:[^\"]|\"\")*\""
# Atomic: `1e5` is a number and also a 1 named e5, and many would be tried both ways.
_ALIASED = rf"(?>{_ITEM}(?:\s+as\s+(?:{_NAME})|\s*(?:{_NAME}))?)"
_LITERAL = re.compile(rf"\s*select(?=[\s('\"-])\s*{_ALIASED}(?:\s*,\s*{_ALIASED})*\s*", re.I)


def _is_literal(text: str) -> bool:
    """Whether a query is a list of literals, which Athena answers without its engine."""
    bare = _COMMENT.sub(lambda found: found[1] or " ", text)
    return _LITERAL.fullmatch(bare) is not None
