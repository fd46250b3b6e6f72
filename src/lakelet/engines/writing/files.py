"""The rows of a query as finished files: one for each partition and bucket, in bounded memory.

DuckDB computes and sorts the rows by their keys, so that one file after the other is written;
threads encode what has gathered.
"""

import shutil
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from uuid import uuid4

from lakelet.engines.context import Context
from lakelet.engines.planning import Plan
from lakelet.engines.writing.buckets import bucket
from lakelet.engines.writing.keys import plain, texts, told_apart
from lakelet.engines.writing.target import Target
from lakelet.errors import TrinoError
from lakelet.formats.writers.writing import FileWriter, Writing
from lakelet.types.quoting import identifier

if TYPE_CHECKING:
    from pyarrow import Table

MAX_WRITERS: Final = 100
"""How many partitions, or buckets of partitions, one statement may write (Athena's limit)."""
_GROUP_ROWS: Final = 122_880
"""Rows that are encoded at once: a row group, a stripe's part."""
_THREADS: Final = 2
"""Threads that encode, beside DuckDB's own."""
_LANE_ROWS: Final = 1_000_000
"""Rows after which a table without partitions gets a further file, up to one a thread."""

Key = tuple[Any, ...]
"""Values of the partition keys (`keys.plain`), then the bucket or the lane."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A finished file; None among the values is NULL."""

    path: Path
    values: tuple[str | None, ...]
    bucket: int | None
    rows: int


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """What a query's rows became, in a folder of their own."""

    folder: Path
    rows: int
    files: tuple[WrittenFile, ...]
    extension: str


@contextmanager
def written(context: Context, plan: Plan, target: Target) -> Iterator[WrittenFiles]:
    """The query's rows in files of scratch, which are gone at the end.

    The plan's columns are those of the target in its order. Raises TrinoError.
    """
    writing = target.writing(context.session)
    folder = context.storage.scratch / f"write-{uuid4()}"
    folder.mkdir(parents=True)
    try:
        with _Files(folder, writing, target) as files:
            reader = context.duckdb.execute(_text(plan, target, writing), plan.datasets)
            for batch in reader:
                files.add(batch)
        types = reader.schema.types[len(writing.items) :][: len(target.keys)]
        partitions = texts(context.duckdb, target.keys, types, files.keys)
        yield WrittenFiles(folder, files.rows, files.finished(partitions), writing.extension)
    except OSError as error:
        message = f"Failed to write: {error.strerror or error}"
        raise TrinoError("HIVE_WRITER_DATA_ERROR", message) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _text(plan: Plan, target: Target, writing: Writing) -> str:
    """What is stored of each row, then its keys and its bucket, by which the rows are sorted."""
    names = [name for name, _ in (*target.columns, *target.keys)]
    renamed = ", ".join(
        f"{identifier(physical)} AS {identifier(name)}"
        for physical, name in zip(plan.names, names, strict=True)
    )
    keys = [told_apart(identifier(name), of) for name, of in target.keys]
    if target.buckets:
        keys.append(bucket(target))
    items = [f"{item} AS {identifier(f'$item{i}')}" for i, item in enumerate(writing.items)]
    items += [f"{key} AS {identifier(f'$key{i}')}" for i, key in enumerate(keys)]
    order = ", ".join(identifier(f"$key{i}") for i in range(len(keys)))
    text = f"SELECT {', '.join(items)} FROM (SELECT {renamed} FROM ({plan.text}))"
    return f"{text} ORDER BY {order}" if keys else text


@dataclass(slots=True)
class _Open:
    """A file that is being written, the rows that wait for it, and what encodes some now."""

    path: Path
    stream: BinaryIO
    writer: FileWriter
    waiting: list["Table"] = field(default_factory=list)
    rows: int = 0
    total: int = 0
    work: Future[None] | None = None


class _Files:
    """The files of a statement, by their keys; those of earlier keys are being ended."""

    def __init__(self, folder: Path, writing: Writing, target: Target) -> None:
        self.rows = 0
        self._folder = folder
        self._writing = writing
        self._keys = len(target.keys)
        self._split = self._keys + bool(target.buckets)
        self._open: dict[Key, _Open] = {}
        self._current: Key = ()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="lakelet write")
        self._places = threading.Semaphore(2 * _THREADS)

    def add(self, batch: Any) -> None:
        """Takes a batch of stored columns, keys and buckets; rows of one key are together."""
        import pyarrow

        table = pyarrow.Table.from_batches([batch])
        if not table.num_rows:
            return
        stored = table.select(range(table.num_columns - self._split))
        if not self._split:
            self._gather((self.rows // _LANE_ROWS % _THREADS,), stored)
        else:
            keys = [table.column(i).chunk(0) for i in range(stored.num_columns, table.num_columns)]
            for key, rows in _runs(stored, keys):
                if key != self._current and self._current in self._open:
                    self._encode(self._open[self._current], close=True)
                self._current = key
                self._gather(key, rows)
        self.rows += table.num_rows

    @property
    def keys(self) -> Sequence[Key]:
        """Those of the files, in their order."""
        return list(self._open)

    def finished(self, partitions: Sequence[tuple[str | None, ...]]) -> tuple[WrittenFile, ...]:
        """The files once they are closed, in the order of their keys, whose texts are given."""
        bucketed = self._split > self._keys
        return tuple(
            WrittenFile(each.path, values, int(key[-1]) if bucketed else None, each.total)
            for (key, each), values in zip(self._open.items(), partitions, strict=True)
        )

    def __enter__(self) -> "_Files":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._end()
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)
            for each in self._open.values():
                with suppress(OSError):
                    each.stream.close()

    def _end(self) -> None:
        for key, each in self._open.items():
            if not self._split or key == self._current:
                self._encode(each, close=True)
        for each in self._open.values():
            if each.work is not None:
                each.work.result()

    def _gather(self, key: Key, rows: "Table") -> None:
        each = self._open.get(key) or self._new(key)
        each.waiting.append(rows)
        each.rows += rows.num_rows
        each.total += rows.num_rows
        if each.rows >= _GROUP_ROWS:
            self._encode(each)

    def _new(self, key: Key) -> _Open:
        if len(self._open) == MAX_WRITERS:
            raise TrinoError(
                "HIVE_TOO_MANY_OPEN_PARTITIONS",
                f"Exceeded limit of {MAX_WRITERS} open writers for partitions/buckets",
            )
        path = self._folder / f"part{len(self._open):05d}"
        stream = path.open("w+b")
        each = self._open[key] = _Open(path, stream, self._writing.open(stream))
        return each

    def _encode(self, each: _Open, *, close: bool = False) -> None:
        """Hands what has gathered to a thread; one file is never in two of them."""
        import pyarrow

        if each.work is not None:
            each.work.result()
        rows = pyarrow.concat_tables(each.waiting) if each.waiting else None
        each.waiting, each.rows = [], 0
        self._places.acquire()

        def work() -> None:
            try:
                if rows is not None:
                    each.writer.write(rows)
                if close:
                    each.writer.close()
                    each.stream.close()
            finally:
                self._places.release()

        each.work = self._pool.submit(work)


def _runs(rows: "Table", keys: Sequence[Any]) -> Iterator[tuple[Key, "Table"]]:
    """The rows of each combination of keys that follows another."""
    import pyarrow
    from pyarrow import compute

    codes: Any = None
    for key in keys:
        encoded = key.dictionary_encode(null_encoding="encode")
        indices = encoded.indices.cast(pyarrow.int64())
        if codes is not None:
            indices = compute.add(compute.multiply(codes, len(encoded.dictionary)), indices)
        codes = indices
    start = 0
    for end in compute.run_end_encode(codes).run_ends.to_pylist():
        yield tuple(plain(key[start]) for key in keys), rows.slice(start, end - start)
        start = end
