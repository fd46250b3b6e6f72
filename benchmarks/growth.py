"""How time and memory grow with the rows, files, partitions and objects: 1, 3, 10 and 30 times."""

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import product
from statistics import median
from typing import Final

import lakelet
from benchmarks import clock, lakes, sizes
from benchmarks.answers import wide
from benchmarks.report import Measurement
from lakelet.bench import memory

FACTORS: Final = (1, 3, 10, 30)
_RUNS: Final = 5
_GROUPED: Final = "SELECT c, sum(a), avg(e), count(*) FROM wide WHERE b % 11 < 9 GROUP BY c"

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class _Growing:
    """Something that grows: what is done over it, and how a lake with so much of it is made."""

    name: str
    least: int
    made: Callable[[int], AbstractContextManager[Work]]


def measure() -> list[Measurement]:
    """Milliseconds, and megabytes beyond what the process held before; and the step from 1 to 10
    and from 3 to 30."""
    found = [each for growing in _GROWING for each in _measured(growing)]
    return [*_steps(found), *found]


def _measured(growing: _Growing) -> Iterator[Measurement]:
    for factor in FACTORS:
        count = growing.least * factor
        with growing.made(count) as work:
            work()
            gc.collect()
            held = memory.forget_peak()
            times = []
            for _ in range(_RUNS):
                started = clock.seconds(clock.chosen())
                work()
                times.append(clock.seconds(clock.chosen()) - started)
            most = memory.peak()
        yield Measurement(growing.name, 1000 * median(times), "ms", size=count)
        if held is not None and most is not None:
            yield Measurement(growing.name, max(0, most - held) / 1e6, "MB", size=count)


def _steps(found: list[Measurement]) -> Iterator[Measurement]:
    """Ten times as much beside once."""
    at = {(each.name, each.unit, each.size): each.value or 0 for each in found}
    for growing, factor in product(_GROWING, (1, 3)):
        few, many = growing.least * factor, 10 * growing.least * factor
        one, ten = (at[growing.name, "ms", count] for count in (few, many))
        name = f"{growing.name}: from {few:,} to {many:,}"
        yield Measurement(name, ten, "ms", one, f"{few:,}", "≤ 11 ×", ten <= 11 * one)


# What grows ----------------------------------------------------------------------------------


@contextmanager
def _rows(count: int) -> Iterator[Work]:
    with lakes.holding(wide(count), "athena") as lake:
        yield lambda: lakes.ask(lake, _GROUPED)


@contextmanager
def _files(count: int) -> Iterator[Work]:
    with _filled(count, "t/{}.csv", "") as (_, cursor):
        yield lambda: cursor.execute("SELECT sum(a) FROM t").fetchall()


@contextmanager
def _partitions(count: int) -> Iterator[Work]:
    with _filled(count, "t/p={}/0.csv", " PARTITIONED BY (p int)") as (_, cursor):
        added = " ".join(f"PARTITION (p = {number})" for number in range(count))
        cursor.execute(f"ALTER TABLE t ADD {added}")
        yield lambda: cursor.execute("SELECT sum(a + p) FROM t").fetchall()


@contextmanager
def _objects(count: int) -> Iterator[Work]:
    with _filled(count, "crawled/k={}/0.csv", "") as (lake, _):
        lake.catalog.crawlers.create(
            {
                "Name": "growth",
                "Role": "lakelet",
                "DatabaseName": lakes.DATABASE,
                "Targets": {"S3Targets": [{"Path": f"s3://{lakes.BUCKET}/crawled/"}]},
            }
        )
        yield lambda: lake.crawlers.run("growth")


@contextmanager
def _filled(count: int, key: str, keys: str) -> Iterator[tuple[lakelet.Lake, lakelet.Cursor]]:
    """A lake with so many small objects of CSV, and a table `t` over those in `t/`."""
    with lakelet.Lake() as lake:
        lake.storage.create_bucket(lakes.BUCKET)
        cursor = lakelet.connect(lake, database=lakes.DATABASE).cursor()
        cursor.execute(f"CREATE DATABASE {lakes.DATABASE}")
        for number in range(count):
            lake.storage.write(lakes.BUCKET, key.format(number), b"1,2\n3,4\n")
        cursor.execute(
            f"CREATE EXTERNAL TABLE t (a int, b int){keys} ROW FORMAT DELIMITED"
            f" FIELDS TERMINATED BY ',' LOCATION 's3://{lakes.BUCKET}/t/'"
        )
        yield lake, cursor


_GROWING: Final = (
    _Growing("query over rows", sizes.rows(300_000), _rows),
    _Growing("query over files", sizes.rows(100), _files),
    _Growing("query over partitions", sizes.rows(100), _partitions),
    _Growing("crawl of objects", sizes.rows(300), _objects),
)
