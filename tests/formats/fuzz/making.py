"""What the families of made tables share: a made case, statements and packed files."""

import bz2
import gzip
import random
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow

Columns = Sequence[tuple[str, str]]
"""Names and Hive types."""


@dataclass(frozen=True, slots=True)
class Made:
    """A case without answers: its group, document and files."""

    group: str
    document: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)


Family = Callable[[random.Random], Made]


def create(
    columns: Columns,
    stored: str,
    partitions: Columns = (),
    properties: Mapping[str, str] | None = None,
) -> str:
    """CREATE EXTERNAL TABLE; `stored` is what stands between the columns and the location."""
    parted = f"PARTITIONED BY ({_listed(partitions)})\n" if partitions else ""
    told = f"\nTBLPROPERTIES ({pairs(properties)})" if properties else ""
    return (
        f"CREATE EXTERNAL TABLE ${{TABLE}} ({_listed(columns)})\n{parted}{stored}\n"
        f"LOCATION '${{LOCATION}}/'{told}"
    )


def serde(name: str, properties: Mapping[str, str] | None = None) -> str:
    """ROW FORMAT SERDE with its properties."""
    told = f"\nWITH SERDEPROPERTIES ({pairs(properties)})" if properties else ""
    return f"ROW FORMAT SERDE '{name}'{told}\nSTORED AS TEXTFILE"


def pairs(properties: Mapping[str, str]) -> str:
    """Properties as Hive writes them."""
    return ", ".join(f"{quoted(name)} = {quoted(value)}" for name, value in properties.items())


def quoted(text: str) -> str:
    """A text of Hive's grammar."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _listed(columns: Columns) -> str:
    return ", ".join(f"`{name}` {of}" for name, of in columns)


def queries(*statements: str) -> list[dict[str, str]]:
    """Queries without answers."""
    return [{"sql": each} for each in statements]


def some(given: random.Random, values: Sequence[Any], least: int = 0, most: int = 4) -> list[Any]:
    """A few of the values, with repetition."""
    return [given.choice(values) for _ in range(given.randint(least, most))]


def chunks(data: bytes, given: random.Random) -> Iterator[bytes]:
    """The bytes in one to three parts, cut anywhere."""
    places = sorted(given.randrange(len(data) + 1) for _ in range(given.randrange(3)))
    for start, end in zip([0, *places], [*places, len(data)], strict=True):
        yield data[start:end]


_BLOCK: Final = 1 << 18
"""Bytes that Hadoop's codecs pack at a time."""


def _hadoop(data: bytes, codec: str) -> bytes:
    """Blocks, each its length and that of its one packed chunk before it."""
    made = []
    for start in range(0, max(len(data), 1), _BLOCK):
        block = data[start : start + _BLOCK]
        packed = pyarrow.Codec(codec).compress(block, asbytes=True)
        made.append(len(block).to_bytes(4, "big") + len(packed).to_bytes(4, "big") + packed)
    return b"".join(made)


PACKED: Final[dict[str, Callable[[bytes], bytes]]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".deflate": zlib.compress,
    ".zst": lambda data: pyarrow.Codec("zstd").compress(data, asbytes=True),
    ".snappy": lambda data: _hadoop(data, "snappy"),
    ".lz4": lambda data: _hadoop(data, "lz4_raw"),
}
"""Extensions of compressed text, and what packs one member, frame or block of it."""
