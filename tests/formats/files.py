"""Compares the files that a statement wrote with those that Trino wrote for it."""

import bz2
import gzip
import io
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import lakelet
from lakelet.formats.orc.footers import KINDS, Decoder
from lakelet.formats.orc.wire import first, message, varints


def written_difference(
    expected: Sequence[Mapping[str, Any]],
    lake: lakelet.Lake,
    bucket: str,
    prefix: str,
    table: tuple[str, str],
) -> str | None:
    """Folders, extensions and contents; Trino's order of the rows within a file is not asked."""
    found = [info.key for info in lake.storage.list(bucket, prefix)]
    actual = sorted(_described(lake, bucket, key, prefix) for key in found)
    wanted = sorted(
        (each["folder"], each["extension"], _contents(each, table)) for each in expected
    )
    for one, other in zip(wanted, actual, strict=False):
        if one != other:
            return f"wrote {other}, not {one}"
    if len(actual) != len(wanted):
        return f"wrote {len(actual)} files, not {len(wanted)}"
    return None


def _contents(each: Mapping[str, Any], table: tuple[str, str]) -> str:
    if "text" in each:
        return "".join(sorted(each["text"].splitlines(keepends=True)))
    if "leaf_columns" in each:
        return repr((sorted(map(tuple, _leaves(each["leaf_columns"]))), set(each["codecs"])))
    if "orc_schema" in each:
        return repr((each["orc_schema"], each["compression"]))
    schema = each["avro_schema"]
    if "namespace" in schema:
        schema = {**schema, "namespace": table[0], "name": table[1]}
    return repr((json.dumps(schema, sort_keys=True), each["codec"]))


def _leaves(columns: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Paths, physical and logical types; lengths and levels follow from them."""
    return [(path, physical, logical) for path, physical, logical, *_ in columns]


def _described(lake: lakelet.Lake, bucket: str, key: str, prefix: str) -> tuple[str, str, str]:
    folder, _, name = key.removeprefix(prefix).rpartition("/")
    extension = f".{name.rpartition('.')[2]}" if "." in name else ""
    data = lake.storage.read(bucket, key)
    return folder, extension, _read(data, extension)


def _read(data: bytes, extension: str) -> str:
    for magic, read in _BINARY.items():
        if data.startswith(magic):
            return read(data)
    text = _DECOMPRESS[extension](data).decode("utf-8", "replace")
    return "".join(sorted(text.splitlines(keepends=True)))


def _parquet(data: bytes) -> str:
    from pyarrow import parquet

    file = parquet.ParquetFile(io.BytesIO(data))
    columns = [file.schema.column(i) for i in range(len(file.schema))]
    leaves = [(each.path, each.physical_type, str(each.logical_type)) for each in columns]
    metadata = file.metadata
    codecs = {
        metadata.row_group(i).column(j).compression
        for i in range(metadata.num_row_groups)
        for j in range(metadata.num_columns)
    }
    return repr((sorted(leaves), codecs))


def _orc(data: bytes) -> str:
    from pyarrow import orc

    file = orc.ORCFile(io.BytesIO(data))
    return repr((_orc_type(data), file.compression))


def _orc_type(data: bytes) -> str:
    """The table's type as Hive writes it, from the footer."""
    script = message(data[-1 - data[-1] : -1])
    footer = data[: -1 - data[-1]][-first(script, 1) :]
    decoder = Decoder(first(script, 2, 0), first(script, 3, 0))
    types = [message(each) for each in message(decoder.decoded(footer))[4]]

    def shown(number: int) -> str:
        of = types[number]
        kind = KINDS[first(of, 1, 0)]
        parts = [shown(part) for part in varints(of.get(2, []))]
        if kind == "STRUCT":
            names = [name.decode() for name in of[3]]
            return f"struct<{','.join(f'{n}:{t}' for n, t in zip(names, parts, strict=True))}>"
        if kind == "DECIMAL":
            return f"decimal({first(of, 5)},{first(of, 6, 0)})"
        word = _WORDS.get(kind, kind.lower())
        if kind in ("CHAR", "VARCHAR"):
            return f"{word}({first(of, 4)})"
        return f"{word}<{','.join(parts)}>" if parts else word

    return shown(0)


_WORDS: Final = {"BYTE": "tinyint", "SHORT": "smallint", "LONG": "bigint", "LIST": "array"}


def _avro(data: bytes) -> str:
    import fastavro

    reader = fastavro.reader(io.BytesIO(data))
    # The reader adds names of its own, which begin with two underscores.
    schema = json.loads(reader.metadata["avro.schema"])
    return repr((json.dumps(schema, sort_keys=True), reader.codec))


def _stream(data: bytes, codec: str) -> bytes:
    import pyarrow

    return pyarrow.CompressedInputStream(pyarrow.BufferReader(data), codec).read()


def _hadoop(data: bytes, codec: str) -> bytes:
    """Blocks of Hadoop's codecs: their size before, then chunks, each behind its own size."""
    import pyarrow

    out, at = b"", 0
    while at < len(data):
        wanted = len(out) + int.from_bytes(data[at : at + 4], "big")
        at += 4
        while len(out) < wanted:
            size = int.from_bytes(data[at : at + 4], "big")
            chunk = data[at + 4 : at + 4 + size]
            out += pyarrow.Codec(codec).decompress(chunk, wanted - len(out), asbytes=True)
            at += 4 + size
    return out


_BINARY: Final[dict[bytes, Callable[[bytes], str]]] = {
    b"PAR1": _parquet,
    b"ORC": _orc,
    b"Obj\x01": _avro,
}
_DECOMPRESS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "": bytes,
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".deflate": zlib.decompress,
    ".zst": lambda data: _stream(data, "zstd"),
    ".snappy": lambda data: _hadoop(data, "snappy"),
    ".lz4": lambda data: _hadoop(data, "lz4_raw"),
}
