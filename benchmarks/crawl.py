"""Crawls at scale, each in a process of its own: many small files, then few large ones.

The large files are links to one, so that 10 GB need the room of 100 MB.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import orjson

from benchmarks import sizes
from benchmarks.report import Measurement
from lakelet.config import Settings
from lakelet.lake import Lake

FOLDERS, FILES = sizes.rows(2_000), 50
LARGE, COPIES = 100 * 1024 * 1024, 100
BUCKET = "crawled"
ROWS = b"id,price,name\n" + b"".join(b"%d,%d.5,name %d\n" % (i, i, i) for i in range(10))


def measure() -> list[Measurement]:
    """Over lakes on disk that are made for it."""
    with tempfile.TemporaryDirectory() as folder:
        many, few = Path(folder, "many"), Path(folder, "few")
        _many(many / "objects" / BUCKET)
        _few(few / "objects" / BUCKET)
        first, again, bytes_read = _crawled(many), _crawled(many), _crawled(few)
    files = f"{FOLDERS * FILES:,} objects in {FOLDERS:,} partitions"
    share = 100 * bytes_read["read"] / (LARGE * COPIES)
    return [
        _at_most(f"a crawl of {files}", first["seconds"], "s", 90),
        _at_most("its memory", first["megabytes"], "MB", 400),
        _at_most("the same again, unchanged", again["seconds"], "s", 15),
        _at_most("bytes that a crawl of 10 GB reads", share, "%", 1),
        Measurement("a crawl of 10 GB", bytes_read["seconds"], "s"),
    ]


def _many(root: Path) -> None:
    for number in range(FOLDERS):
        folder = root / "sales" / f"day={number:05d}"
        folder.mkdir(parents=True)
        for file in range(FILES):
            (folder / f"{file}.csv").write_bytes(ROWS)


def _few(root: Path) -> None:
    folder = root / "sales"
    folder.mkdir(parents=True)
    with (folder / "0.csv").open("wb") as file:
        file.write(ROWS * (LARGE // len(ROWS)))
        file.write(b"\n" * (LARGE - file.tell()))
    for copy in range(1, COPIES):
        os.link(folder / "0.csv", folder / f"{copy}.csv")


def _crawled(folder: Path) -> dict[str, float]:
    """What a process says that crawls a lake."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.crawl", str(folder)], capture_output=True, check=True
    )
    found: dict[str, float] = orjson.loads(done.stdout)
    return found


def _crawl(folder: Path) -> dict[str, float]:
    from resource import RUSAGE_SELF, getrusage

    with Lake(Settings(data=folder)) as lake:
        read = _counted(lake)
        names = [each["Name"] for each in lake.catalog.crawlers.listed()]
        if "c" not in names:
            targets = {"S3Targets": [{"Path": f"s3://{BUCKET}/sales/"}]}
            lake.catalog.crawlers.create(
                {"Name": "c", "Role": "r", "DatabaseName": "db", "Targets": targets}
            )
        started = perf_counter()
        lake.crawlers.run("c")
        seconds = perf_counter() - started
        assert lake.catalog.table_names("db") == ["sales"]
        megabytes = getrusage(RUSAGE_SELF).ru_maxrss / 1024
        return {"seconds": seconds, "megabytes": megabytes, "read": float(sum(read))}


def _counted(lake: Lake) -> list[int]:
    """How many bytes each read of the lake's storage gave."""
    found: list[int] = []
    read = lake.storage.read

    def counting(bucket: str, key: str, start: int = 0, length: int | None = None) -> bytes:
        data: bytes = read(bucket, key, start, length)
        found.append(len(data))
        return data

    lake.storage.read = counting  # type: ignore[method-assign]  # measured from outside
    return found


def _at_most(name: str, value: float, unit: str, goal: float) -> Measurement:
    return Measurement(name, value, unit, goal=f"≤ {goal:,} {unit}", met=value <= goal)


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(_crawl(Path(sys.argv[1]))))
