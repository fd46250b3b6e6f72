"""Arrow batches that a Python function makes, as a dataset that DuckDB scans.

DuckDB asks a dataset for a scanner with the columns that it needs and the comparisons that it
leaves to the scanner, each time that a statement reads it.
"""

import ctypes
import functools
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from lakelet.errors import TrinoError

if TYPE_CHECKING:
    from pyarrow import RecordBatch, RecordBatchReader, Schema
    from pyarrow.dataset import Dataset, Expression

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")
_Piece = TypeVar("_Piece", bound=tuple[Any, bytes])
_THREADS: Final = min(4, os.cpu_count() or 1)

Batches = Callable[[Sequence[str]], Iterator["RecordBatch"]]
"""Gives the batches with just the named columns, in that order. Called once a scan, maybe in
another thread."""


def stream(schema: "Schema", batches: Batches) -> "Dataset":
    """A dataset over `batches`, which is asked for one when DuckDB wants it, in DuckDB's thread.

    A TrinoError of the function fails the query as it is.
    """
    return _stream_class()(schema, batches)


@functools.cache
def _stream_class() -> Callable[["Schema", Batches], "Dataset"]:
    from pyarrow import dataset, schema

    class Stream(dataset.Dataset):  # type: ignore[misc]  # pyarrow has no types
        """DuckDB needs nothing of a dataset but its schema and `scanner`."""

        def __init__(self, schema: "Schema", batches: Batches) -> None:
            self._schema = schema
            self._batches = batches

        @property
        def schema(self) -> "Schema":
            return self._schema

        def scanner(
            self,
            columns: Sequence[str] | None = None,
            filter: "Expression | None" = None,
            **_: Any,
        ) -> "_Scanner":
            names = list(self._schema.names if columns is None else columns)
            given = schema([self._schema.field(name) for name in names])
            return _Scanner(given, _rows(self._batches(names), filter))

    return Stream


@dataclass(frozen=True, slots=True)
class _Scanner:
    """All that DuckDB asks of Arrow's scanners, whose own read ahead in threads that outlive the
    query and may want Python when it is gone."""

    projected_schema: "Schema"
    rows: Iterator["RecordBatch"]

    def to_reader(self) -> "RecordBatchReader":
        from pyarrow import RecordBatchReader

        return RecordBatchReader.from_batches(self.projected_schema, self.rows)


def _rows(batches: Iterator["RecordBatch"], filter: "Expression | None") -> Iterator["RecordBatch"]:
    """The rows that are asked for, of those batches that have some."""
    for batch in _marked(batches):
        found = batch if filter is None else batch.filter(filter)
        if found.num_rows:
            yield found


def _marked(batches: Iterator["RecordBatch"]) -> Iterator["RecordBatch"]:
    """Puts the marker on a TrinoError by which it is known behind Arrow and DuckDB."""
    try:
        yield from batches
    except TrinoError as failure:
        raise ValueError(f"trino:{failure.name}:{failure.message}") from None


def gathered(pieces: Iterable[_Piece], least: int) -> Iterator[Sequence[_Piece]]:
    """Some pieces at a time, whose bytes come to at least a size but for the last ones'."""
    held: list[_Piece] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece[1])
        if size >= least:
            yield held
            held, size = [], 0
    if held:
        yield held


@functools.cache
def _keep_freed_memory() -> None:
    """glibc gives the memory of large blocks back as soon as they are freed, and the kernel clears
    each page of the next one anew: a third of the time of a reading. Here it keeps some; other
    allocators have no such function."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        for option, size in _KEPT.items():
            mallopt(option, size)


_KEPT: Final = {-1: 32 << 20, -3: 16 << 20}
"""Bytes that stay free (M_TRIM_THRESHOLD), and of what is not kept at all (M_MMAP_THRESHOLD)."""


def ahead(
    make: Callable[[_Given], _Made], given: Iterator[_Given], is_large: Callable[[_Given], bool]
) -> Iterator[_Made]:
    """What is made of each, in order; of large ones, some at a time in threads."""
    _keep_freed_memory()
    waiting: deque[Future[_Made]] = deque()
    with ThreadPoolExecutor(_THREADS) as pool:
        for each in given:
            if not waiting and not is_large(each):
                yield make(each)
                continue
            waiting.append(pool.submit(make, each))
            if len(waiting) > _THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
