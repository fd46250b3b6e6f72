"""Delta tables by their log ("Delta Transaction Log Protocol"): native ones, which engines read by
the log, and those of symbolic links, which name the files that stand in manifests.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import orjson

from lakelet.catalog.partition_values import NULL_PARTITION, escaped
from lakelet.crawler.configuration import split
from lakelet.crawler.log import Log
from lakelet.crawler.putting import Putting
from lakelet.errors import LakeError
from lakelet.formats import parquet
from lakelet.formats.scanning import TEXT_OUTPUT
from lakelet.formats.stored_as import SYMLINKS, StoredAs
from lakelet.interfaces import Storage
from lakelet.model import Document

_LOG_FILE = re.compile(r"(\d{20})(\.json|\.checkpoint(?:\.\d{10}\.\d{10})?\.parquet)")
_PARQUET = StoredAs.of(parquet.FORMAT)
_MANIFESTS = "_symlink_format_manifest"
_PRIMITIVES = {
    "integer": "int",
    "long": "bigint",
    "short": "smallint",
    "byte": "tinyint",
    "timestamp_ntz": "timestamp",
}


@dataclass(slots=True)
class _Table:
    """What a log says: the `metaData` that stands, the partition values of each file, and the
    files of which only some rows stand."""

    metadata: Any = None
    files: dict[str, Mapping[str, str | None]] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)

    def act(self, action: Mapping[str, Any]) -> None:
        if action.get("metaData"):
            self.metadata = action["metaData"]
        if action.get("add"):
            added = action["add"]
            self.files[added["path"]] = dict(added.get("partitionValues") or {})
            if added.get("deletionVector"):
                self.cut.add(added["path"])
        if action.get("remove"):
            self.files.pop(action["remove"]["path"], None)
            self.cut.discard(action["remove"]["path"])


def crawl(
    storage: Storage, putting: Putting, path: str, target: Document, log: Log
) -> Iterator[str]:
    """Registers the Delta table of a path; its name."""
    bucket, base = split(path)
    try:
        table = _read(storage, bucket, f"{base}/" if base else "")
        if target.get("CreateNativeDeltaTable"):
            yield putting.put_document(_native(table, path), path, "Delta's log")
            return
        document = _symlinked(table, path)
        partitions = _partitions(table, document)
    except (LakeError, KeyError, TypeError, ValueError) as error:
        log.warn(f"{path} is no Delta table: {error!r}")
        return
    if target.get("WriteManifest"):
        _write_manifests(storage, table, bucket, base)
    yield putting.put_document(document, path, "Delta's log", partitions)


# The log ------------------------------------------------------------------------------------


def _read(storage: Storage, bucket: str, prefix: str) -> _Table:
    """From the last checkpoint on. Raises KeyError where no log tells a schema."""
    prefix = f"{prefix}_delta_log/"
    found = ((_LOG_FILE.fullmatch(i.key[len(prefix) :]), i) for i in storage.list(bucket, prefix))
    files = [(int(match[1]), match[2], info.key) for match, info in found if match]
    last = max((number for number, kind, _ in files if kind != ".json"), default=-1)
    table = _Table()
    for number, kind, key in sorted(files):
        if kind != ".json" and number == last:
            for action in _checkpointed(storage, bucket, key):
                table.act(action)
        elif kind == ".json" and number > last:
            for line in storage.read(bucket, key).splitlines():
                if line.strip():
                    table.act(orjson.loads(line))
    if table.metadata is None:
        raise KeyError("metaData")
    return table


def _checkpointed(storage: Storage, bucket: str, key: str) -> Iterator[Mapping[str, Any]]:
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        with storage.open(bucket, key) as opened, ParquetFile(opened) as file:
            names = [name for name in ("metaData", "add") if name in file.schema_arrow.names]
            for batch in file.iter_batches(columns=names):
                yield from batch.to_pylist()
    except (ArrowException, OSError) as error:
        raise ValueError(f"s3://{bucket}/{key}: {error}") from error


# Tables -------------------------------------------------------------------------------------


def _native(table: _Table, path: str) -> Document:
    """As CreateNativeDeltaTable asks: all columns, no partition keys."""
    return _document(
        {
            "table_type": "delta",
            "spark.sql.sources.provider": "delta",
            "classification": "delta",
        },
        _columns(table),
        [],
        f"{path.rstrip('/')}/",
        _PARQUET.input_format,
        _PARQUET.output_format,
    )


def _symlinked(table: _Table, path: str) -> Document:
    """Of manifests, by the columns that the table is partitioned by.

    Raises ValueError for what a list of files can't tell: deleted rows, and columns whose names in
    files are others.
    """
    if table.cut:
        raise ValueError("it has deletion vectors: ask for a native table")
    configured = dict(table.metadata.get("configuration") or ())  # pairs in a checkpoint
    if configured.get("delta.columnMapping.mode", "none") != "none":
        raise ValueError("its columns are mapped: ask for a native table")
    keys = _keys(table)
    columns = {each["Name"]: each for each in _columns(table)}
    return _document(
        {"EXTERNAL": "TRUE", "classification": "parquet"},
        [each for name, each in columns.items() if name not in keys],
        [columns[key] for key in keys],
        f"{path.rstrip('/')}/{_MANIFESTS}/",
        SYMLINKS,
        TEXT_OUTPUT,
    )


def _document(
    parameters: Document,
    columns: list[Document],
    keys: list[Document],
    location: str,
    input_format: str,
    output_format: str,
) -> Document:
    return {
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
        "PartitionKeys": keys,
        "StorageDescriptor": {
            "Columns": columns,
            "Location": location,
            "InputFormat": input_format,
            "OutputFormat": output_format,
            "SerdeInfo": {"SerializationLibrary": _PARQUET.serde},
        },
    }


def _partitions(table: _Table, document: Document) -> list[Document]:
    """A partition for each folder of manifests."""
    keys, storage = _keys(table), document["StorageDescriptor"]
    if not keys:
        return []
    found = {_folder(keys, values): values for values in table.files.values()}
    return [
        {
            "Values": [_value(values, key) for key in keys],
            "Parameters": dict(document["Parameters"]),
            "StorageDescriptor": {**storage, "Location": f"{storage['Location']}{folder}/"},
        }
        for folder, values in sorted(found.items())
    ]


def _write_manifests(storage: Storage, table: _Table, bucket: str, base: str) -> None:
    """A list of files for each partition, in place of those that were there."""
    keys, prefix = _keys(table), f"{base}/" if base else ""
    lines: dict[str, list[str]] = {}
    for path, values in table.files.items():
        address = path if "://" in path else f"s3://{bucket}/{prefix}{unquote(path)}"
        lines.setdefault(_folder(keys, values), []).append(address)
    root = f"{prefix}{_MANIFESTS}/"
    written = set()
    for folder, addresses in lines.items():
        key = f"{root}{folder}/manifest" if folder else f"{root}manifest"
        storage.write(bucket, key, "\n".join(addresses).encode(), "text/plain")
        written.add(key)
    gone = [info.key for info in storage.list(bucket, root) if info.key not in written]
    storage.delete(bucket, gone)


def _keys(table: _Table) -> list[str]:
    return [name.lower() for name in table.metadata.get("partitionColumns") or ()]


def _folder(keys: list[str], values: Mapping[str, str | None]) -> str:
    return "/".join(f"{key}={escaped(_value(values, key))}" for key in keys)


def _value(values: Mapping[str, str | None], key: str) -> str:
    found = {name.lower(): value for name, value in values.items()}.get(key)
    return NULL_PARTITION if found in (None, "") else str(found)


def _columns(table: _Table) -> list[Document]:
    fields = orjson.loads(table.metadata["schemaString"])["fields"]
    return [{"Name": f["name"].lower(), "Type": _type(f["type"])} for f in fields]


def _type(of: Any) -> str:
    if isinstance(of, str):
        return _PRIMITIVES.get(of, of)
    if of["type"] == "array":
        return f"array<{_type(of['elementType'])}>"
    if of["type"] == "map":
        return f"map<{_type(of['keyType'])},{_type(of['valueType'])}>"
    inside = ",".join(f"{each['name']}:{_type(each['type'])}" for each in of["fields"])
    return f"struct<{inside}>"
