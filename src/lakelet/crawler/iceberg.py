"""Iceberg tables: their own metadata tells the schema."""

import re
from collections.abc import Iterator

import orjson

from lakelet.catalog.iceberg_metadata import current_schema, hive
from lakelet.crawler.configuration import split
from lakelet.crawler.globs import matcher
from lakelet.crawler.log import Log
from lakelet.crawler.putting import Putting
from lakelet.errors import LakeError
from lakelet.interfaces import Storage
from lakelet.model import Document

_METADATA = re.compile(r"(?:v?(\d+)(?:-[^/]*)?|[^/]*)\.metadata\.json")


def crawl(
    storage: Storage, putting: Putting, path: str, target: Document, log: Log
) -> Iterator[str]:
    """Registers the tables below a path by their newest metadata; their names."""
    bucket, base = split(path)
    is_excluded = matcher(target.get("Exclusions") or ())
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
        if is_excluded(info.key[len(base) + 1 :]):
            log.say(f"excluded {info.uri}")
            continue
        found = (int(match[1] or 0), info.key)
        newest[root] = max(newest.get(root, found), found)
    for root, (_, key) in newest.items():
        try:
            document = _iceberg(storage, bucket, key)
        except (LakeError, KeyError, StopIteration, TypeError, ValueError) as error:
            log.warn(f"s3://{bucket}/{key} is no metadata of Iceberg: {error!r}")
            continue
        yield putting.put_document(document, f"s3://{bucket}/{root}", "Iceberg's metadata")


def _iceberg(storage: Storage, bucket: str, key: str) -> Document:
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
        "StorageDescriptor": {"Columns": columns, "Location": metadata.get("location") or ""},
    }
