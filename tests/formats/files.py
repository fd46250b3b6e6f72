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

Described = Mapping[str, Any]
"""A file as the cases hold it: `folder`, `extension` and what its format has: `text` as it is
unpacked; `leaf_columns` and `codecs`; `orc_schema` and `compression`; `avro_schema`, `codec`."""


def written_difference(
    expected: Sequence[Described],
    lake: lakelet.Lake,
    bucket: str,
    prefix: str,
    table: tuple[str, str],
) -> str | None:
    """Folders, extensions and contents; Trino's order of the rows within a file is not asked."""
    actual = sorted(_compared(each) for each in written(lake, bucket, prefix))
    wanted = sorted(_compared(_named(each, table)) for each in expected)
    for one, other in zip(wanted, actual, strict=False):
        if one != other:
            return f"wrote {other}, not {one}"
    if len(actual) != len(wanted):
        return f"wrote {len(actual)} files, not {len(wanted)}"
    return None


def written(lake: lakelet.Lake, bucket: str, prefix: str) -> list[Described]:
    """The files below a prefix, in the order of what they hold."""
    found = [
        _described(lake, bucket, info.key, prefix) for info in lake.storage.list(bucket, prefix)
    ]
    return sorted(found, key=_compared)


def _named(each: Described, table: tuple[str, str]) -> Described:
    """Trino puts a table's name into its Avro files."""
    schema = each.get("avro_schema", {})
    if "namespace" not in schema:
        return each
    return {**each, "avro_schema": {**schema, "namespace": table[0], "name": table[1]}}


def _compared(each: Described) -> tuple[str, str, str]:
    return each["folder"], each["extension"], _contents(each)


def _contents(each: Described) -> str:
    if "text" in each:
        return "".join(sorted(each["text"].splitlines(keepends=True)))
    if "leaf_columns" in each:
        # Lengths and levels follow from paths, physical and logical types.
        leaves = sorted(tuple(column[:3]) for column in each["leaf_columns"])
        return repr((leaves, sorted(set(each["codecs"]))))
    if "orc_schema" in each:
        return repr((each["orc_schema"], each["compression"]))
    return repr((json.dumps(each["avro_schema"], sort_keys=True), each["codec"]))


def _described(lake: lakelet.Lake, bucket: str, key: str, prefix: str) -> Described:
    folder, _, name = key.removeprefix(prefix).rpartition("/")
    extension = f".{name.rpartition('.')[2]}" if "." in name else ""
    data = lake.storage.read(bucket, key)
    return {"folder": folder, "extension": extension, **_read(data, extension)}


def _read(data: bytes, extension: str) -> Described:
    for magic, read in _BINARY.items():
        if data.startswith(magic):
            return read(data)
    return {"text": _DECOMPRESS[extension](data).decode("utf-8", "replace")}


def _parquet(data: bytes) -> Described:
    from pyarrow import parquet

    file = parquet.ParquetFile(io.BytesIO(data))
    columns = [file.schema.column(i) for i in range(len(file.schema))]
    leaves = [[each.path, each.physical_type, str(each.logical_type)] for each in columns]
    metadata = file.metadata
    codecs = {
        metadata.row_group(i).column(j).compression
        for i in range(metadata.num_row_groups)
        for j in range(metadata.num_columns)
    }
    return {"leaf_columns": leaves, "codecs": sorted(codecs)}


def _orc(data: bytes) -> Described:
    from pyarrow import orc

    file = orc.ORCFile(io.BytesIO(data))
    return {"orc_schema": _orc_type(data), "compression": file.compression}


def _orc_type(data: bytes) -> str:
    """The table's type as Hive writes it, from the footer."""
    script = message(data[-1 - data[-1] : -1])
    footer = data[: -1 - data[-1]][-first(script, 1) :]
    decoder = Decoder(first(script, 2, 0))
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


def _avro(data: bytes) -> Described:
    import fastavro

    reader = fastavro.reader(io.BytesIO(data))
    # The reader adds names of its own, which begin with two underscores.
    schema = json.loads(reader.metadata["avro.schema"])
    return {"avro_schema": schema, "codec": reader.codec}


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


_BINARY: Final[dict[bytes, Callable[[bytes], Described]]] = {
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
