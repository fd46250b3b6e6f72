"""Compressed text of more than a block, by the compressors of Python's and Arrow's libraries."""

import bz2
import gzip
import io
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import pyarrow
import pytest

import lakelet
from lakelet.errors import TrinoError
from lakelet.formats.text.lines import MAX_LINE
from tests.formats import lakes

ROWS: Final = 60_000
LINES: Final = b"".join(
    b'{"id":%d,"a":"row %d","r":[1,2]}\n' % (i, i * 7919 % 100_003) for i in range(ROWS)
)
SERDE: Final = "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'"


def _zstd(data: bytes) -> bytes:
    made = io.BytesIO()
    made.close = lambda: None  # type: ignore[method-assign]  # Arrow closes what it writes to
    with pyarrow.CompressedOutputStream(pyarrow.PythonFile(made, "w"), "zstd") as stream:
        stream.write(data)
    return made.getvalue()


def _hadoop(codec: str) -> Callable[[bytes], bytes]:
    """Blocks of 200,000 bytes, each its length and one chunk."""

    def compress(data: bytes) -> bytes:
        made = b""
        for start in range(0, len(data), 200_000):
            block = data[start : start + 200_000]
            chunk = pyarrow.Codec(codec).compress(block).to_pybytes()
            made += struct.pack(">II", len(block), len(chunk)) + chunk
        return made

    return compress


COMPRESS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "json": bytes,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "deflate": zlib.compress,
    "zst": _zstd,
    "lz4": _hadoop("lz4_raw"),
    "snappy": _hadoop("snappy"),
}


@pytest.fixture(scope="module")
def lake() -> Iterator[lakelet.Lake]:
    with lakes.named("compressed") as made:
        yield made


_answer = partial(lakes.rows, database="compressed")


def _table(lake: lakelet.Lake, name: str, file: str, data: bytes) -> None:
    lake.storage.write("compressed", f"{name}/{file}", data)
    _answer(
        lake,
        f"CREATE EXTERNAL TABLE {name} (id int, a string, r array<int>) {SERDE}"
        f" STORED AS TEXTFILE LOCATION 's3://compressed/{name}/'",
    )


@pytest.mark.parametrize("ending", COMPRESS)
def test_compressed_lines_are_read(lake: lakelet.Lake, ending: str) -> None:
    _table(lake, f"t_{ending}", f"x.{ending}", COMPRESS[ending](LINES))
    sql = f"SELECT count(*) n, count(a) a, sum(id) s, sum(r[2]) r FROM t_{ending}"
    expected = [(ROWS, ROWS, ROWS * (ROWS - 1) // 2, 2 * ROWS)]
    assert _answer(lake, sql) == expected
    assert _answer(lake, sql) == expected  # as proven


@pytest.mark.parametrize("ending", ["gz", "bz2", "deflate", "zst", "lz4", "snappy"])
def test_a_file_that_is_cut_short_fails_the_query(lake: lakelet.Lake, ending: str) -> None:
    data = COMPRESS[ending](LINES)
    _table(lake, f"cut_{ending}", f"x.{ending}", data[: len(data) * 2 // 3])
    with pytest.raises(TrinoError) as caught:
        _answer(lake, f"SELECT sum(id) FROM cut_{ending}")
    assert caught.value.name == "HIVE_CURSOR_ERROR"


@pytest.mark.slow
def test_a_line_that_is_too_long_fails_the_query(lake: lakelet.Lake) -> None:
    text = b'{"a":"' + b"x" * (MAX_LINE + 1000) + b'"}\n'
    _table(lake, "long", "x.gz", gzip.compress(text, 1))
    with pytest.raises(TrinoError) as caught:
        _answer(lake, "SELECT id FROM long")
    assert caught.value.name == "HIVE_CURSOR_ERROR"


def test_what_is_not_available_is_said() -> None:
    with lakelet.Lake() as lake:
        lake.storage.create_bucket("logs")
        lake.storage.write("logs", "t/part.lzo", b"\x89LZO\x00\r\n\x1a\n")
        cursor = lakelet.connect(lake).cursor()
        cursor.execute("CREATE EXTERNAL TABLE packed (a string) LOCATION 's3://logs/t/'")
        with pytest.raises(TrinoError, match="LZO is not available in lakelet"):
            cursor.execute("SELECT * FROM packed").fetchall()
        cursor.execute(
            "CREATE EXTERNAL TABLE parted (a string) ROW FORMAT DELIMITED FIELDS TERMINATED BY 'é'"
            " ESCAPED BY '\\\\' LOCATION 's3://logs/t/'"
        )
        with pytest.raises(TrinoError, match="Escapes with delimiters beyond ASCII"):
            cursor.execute("SELECT * FROM parted").fetchall()
