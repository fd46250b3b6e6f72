"""Iceberg and Delta tables: their own metadata tells the schema."""

import re
from collections.abc import Iterator
from typing import Any

import orjson

from lakelet.catalog.iceberg_metadata import current_schema, hive
from lakelet.crawler.configuration import split
from lakelet.crawler.listing import matcher
from lakelet.crawler.log import Log
from lakelet.crawler.putting import Putting
from lakelet.errors import LakeError
from lakelet.formats.parquet.recognising import LAYOUT as PARQUET
from lakelet.formats.recognition.classified import NONE, Layout
from lakelet.interfaces import Storage
from lakelet.model import Document

_METADATA = re.compile(r"(?:v?(\d+)(?:-[^/]*)?|[^/]*)\.metadata\.json")
_COMMIT = re.compile(r"(\d{20})\.json")
_PRIMITIVES = {
    "integer": "int",
    "long": "bigint",
    "short": "smallint",
    "byte": "tinyint",
    "timestamp_ntz": "timestamp",
}


def iceberg(
    storage: Storage, putting: Putting, path: str, target: Document, log: Log
) -> Iterator[str]:
    """Registers the tables below a path by their newest metadata; their names."""
    bucket, base = split(path)
    excluded = [matcher(each) for each in target.get("Exclusions") or ()]
    newest: dict[str, tuple[int, str]] = {}
    for info in storage.list(bucket, f"{base}/" if base else ""):
        folder, _, name = info.key.rpartition("/")
        match = _METADATA.fullmatch(name)
        root, _, last = folder.rpartition("/")
        if not match or last != "metadata":
            continue
        depth = root[len(base) :].count("/")
        if depth > target.get("MaximumTraversalDepth", 20):
            continue
        if any(test(info.key[len(base) + 1 :]) for test in excluded):
            log.say(f"excluded {info.uri}")
            continue
        found = (int(match[1] or 0), info.key)
        newest[root] = max(newest.get(root, found), found)
    for root, (_, key) in newest.items():
        try:
            document = _iceberg(storage, bucket, root, key)
        except (LakeError, KeyError, StopIteration, TypeError, ValueError) as error:
            log.warn(f"s3://{bucket}/{key} is no metadata of Iceberg: {error!r}")
            continue
        yield putting.put_document(document, f"s3://{bucket}/{root}", "Iceberg's metadata")


def _iceberg(storage: Storage, bucket: str, root: str, key: str) -> Document:
    metadata = orjson.loads(storage.read(bucket, key))
    schema = current_schema(metadata)
    columns = [{"Name": f["name"], "Type": hive(f["type"])} for f in schema["fields"]]
    return {
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {
            "table_type": "ICEBERG",
            "metadata_location": f"s3://{bucket}/{key}",
            "classification": "iceberg",
        },
        "PartitionKeys": [],
        "StorageDescriptor": _storage(columns, metadata.get("location"), NONE),
    }


def delta(
    storage: Storage, putting: Putting, path: str, target: Document, log: Log
) -> Iterator[str]:
    """Registers the Delta table of a path by its log; its name."""
    bucket, base = split(path)
    try:
        metadata = _delta_metadata(storage, bucket, base)
        document = _delta(metadata, path)
    except (LakeError, KeyError, TypeError, ValueError) as error:
        log.warn(f"{path} is no Delta table: {error!r}")
        return
    yield putting.put_document(document, path, "Delta's log")


def _delta_metadata(storage: Storage, bucket: str, base: str) -> Any:
    """The `metaData` action that stands. Raises KeyError where there is none."""
    metadata: Any = _checkpointed(storage, bucket, base)
    prefix = f"{base}/_delta_log/" if base else "_delta_log/"
    for info in storage.list(bucket, prefix):
        if not _COMMIT.fullmatch(info.key[len(prefix) :]):
            continue
        for line in storage.read(bucket, info.key).splitlines():
            if b'"metaData"' in line:
                metadata = orjson.loads(line).get("metaData") or metadata
    if metadata is None:
        raise KeyError("metaData")
    return metadata


def _checkpointed(storage: Storage, bucket: str, base: str) -> Any:
    """The `metaData` of the last checkpoint, for logs whose first commits are gone."""
    from pyarrow import parquet

    prefix = f"{base}/_delta_log/" if base else "_delta_log/"
    keys = [info.key for info in storage.list(bucket, prefix) if ".checkpoint." in info.key]
    for key in reversed([key for key in keys if key.endswith(".parquet")]):
        with storage.open(bucket, key) as file:
            for row in parquet.read_table(file, columns=["metaData"]).to_pylist():
                if row["metaData"]:
                    return row["metaData"]
    return None


def _delta(metadata: Any, path: str) -> Document:
    """A native Delta table, as CreateNativeDeltaTable asks: all columns, no partition keys."""
    fields = orjson.loads(metadata["schemaString"])["fields"]
    columns = [{"Name": f["name"], "Type": _delta_type(f["type"])} for f in fields]
    return {
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {
            "table_type": "delta",
            "spark.sql.sources.provider": "delta",
            "classification": "delta",
        },
        "PartitionKeys": [],
        "StorageDescriptor": _storage(columns, f"{path.rstrip('/')}/", PARQUET),
    }


def _delta_type(of: Any) -> str:
    if isinstance(of, str):
        return _PRIMITIVES.get(of, of)
    if of["type"] == "array":
        return f"array<{_delta_type(of['elementType'])}>"
    if of["type"] == "map":
        return f"map<{_delta_type(of['keyType'])},{_delta_type(of['valueType'])}>"
    inside = ",".join(f"{each['name']}:{_delta_type(each['type'])}" for each in of["fields"])
    return f"struct<{inside}>"


def _storage(columns: list[Document], location: str | None, layout: Layout) -> Document:
    storage: Document = {"Columns": columns, "Location": location or ""}
    if layout is not NONE:
        storage |= {
            "InputFormat": layout.input_format,
            "OutputFormat": layout.output_format,
            "SerdeInfo": {"SerializationLibrary": layout.serde},
        }
    return storage
