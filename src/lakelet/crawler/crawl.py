"""One crawl: what lies under the targets becomes tables and partitions of the catalogue."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any
from urllib.parse import unquote

import orjson

from lakelet.catalog.catalog import GlueCatalog
from lakelet.catalog.crawlers import CrawlEnd
from lakelet.crawler import samples
from lakelet.crawler.classifying import Classified, classify
from lakelet.crawler.grouping import Folder, FoundTable, tables, values
from lakelet.crawler.schemas import merge_schemas
from lakelet.errors import AlreadyExists, LakeError, NotFound
from lakelet.interfaces import Storage
from lakelet.model import Document, ObjectInfo

SAMPLED = 2
"""Files that are looked at in a folder."""

_MAX_NAME = 128


class Stopped(Exception):  # noqa: N818 - not a failure
    """Somebody asked the crawl to end."""


@dataclass(slots=True)
class Log:
    """What a crawl did and why, a line a fact."""

    lines: list[str] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    deleted: int = 0
    partitions: int = 0

    def say(self, line: str) -> None:
        self.lines.append(line)


class Crawl:
    """A crawl by a crawler's settings (Glue's Crawler)."""

    def __init__(
        self,
        storage: Storage,
        catalog: GlueCatalog,
        settings: Document,
        is_stopping: Callable[[], bool],
    ) -> None:
        self._storage = storage
        self._catalog = catalog
        self._settings = settings
        self._is_stopping = is_stopping
        self._policy = settings.get("SchemaChangePolicy") or {}
        self.log = Log()

    def run(self) -> CrawlEnd:
        """Crawls every target. Raises LakeError, and Stopped."""
        database = self._settings.get("DatabaseName") or "default"
        if not self._catalog.database_exists(database):
            self._catalog.databases.create({"Name": database})
        found: set[str] = set()
        for target in (self._settings.get("Targets") or {}).get("S3Targets") or ():
            for table, bucket, base in self._tables(target):
                found.add(self._put(database, table, bucket, base))
        self._deprecate(database, found)
        log = self.log
        summary = (
            f'{{"TABLE":"{{\\"Details\\":{{\\"ADD\\":{log.created},\\"UPDATE\\":{log.updated},'
            f'\\"DELETE\\":{log.deleted}}}}}"}}'
        )
        return CrawlEnd("COMPLETED", None, summary, log.created, log.updated, log.deleted)

    # Looking --------------------------------------------------------------------------------

    def _tables(self, target: Document) -> Iterator[tuple[FoundTable, str, str]]:
        bucket, _, base = target["Path"].partition("://")[2].partition("/")
        base = base.rstrip("/")
        folders: dict[tuple[str, ...], list[ObjectInfo]] = {}
        prefix = f"{base}/" if base else ""
        for info in self._listed(bucket, prefix, target.get("Exclusions") or ()):
            parts = tuple(info.key[len(prefix) :].split("/")[:-1])
            folders.setdefault(parts, []).append(info)
        looked = []
        for parts, files in folders.items():
            self._check()
            kind = self._classified(files)
            if kind is not None:
                looked.append(Folder(parts, tuple(files), kind))
        for table in tables(looked):
            yield table, bucket, base

    def _listed(self, bucket: str, prefix: str, exclusions: Sequence[str]) -> Iterator[ObjectInfo]:
        for info in self._storage.list(bucket, prefix):
            name = info.key.rpartition("/")[2]
            relative = info.key[len(prefix) :]
            if name.startswith(("_", ".")):
                continue
            if not info.size:
                self.log.say(f"{info.uri} is empty")
                continue
            if any(_excluded(relative, pattern) for pattern in exclusions):
                self.log.say(f"excluded {info.uri}")
                continue
            yield info

    def _classified(self, files: Sequence[ObjectInfo]) -> Classified | None:
        """What a folder's files are, by a few of them."""
        found: Classified | None = None
        for info in files[:SAMPLED]:
            try:
                one = classify(self._storage, samples.take(self._storage, info))
            except LakeError as error:
                self.log.say(f"could not read {info.uri}: {error}")
                continue
            if one is None:
                self.log.say(f"no classifier knows {info.uri}")
            elif found is None:
                found = one
            elif one.kind == found.kind:
                found = _together(found, one)
            else:
                self.log.say(f"{info.uri} is not in the format of its folder's first file")
        return found

    def _check(self) -> None:
        if self._is_stopping():
            raise Stopped

    # Putting --------------------------------------------------------------------------------

    def _put(self, database: str, table: FoundTable, bucket: str, base: str) -> str:
        """Creates or updates a table with its partitions, all or nothing; the table's name."""
        with self._catalog.transaction():
            return self._put_whole(database, table, bucket, base)

    def _put_whole(self, database: str, table: FoundTable, bucket: str, base: str) -> str:
        path = "/".join(part for part in (base, *table.root) if part)
        location = f"s3://{bucket}/{path}/" if path else f"s3://{bucket}/"
        document = self._document(table, location)
        name = self._name(database, path.rpartition("/")[2] or bucket, location)
        document["Name"] = name
        standing = self._catalog.tables.find(database, name)
        if standing is None:
            self._catalog.tables.create(database, document)
            self.log.created += 1
            self.log.say(
                f"created {database}.{name} ({table.classified.format.classification},"
                f" {len(table.schema)} columns) at {location}: {table.why}"
            )
        else:
            self._update(database, standing, document)
        if table.keys:
            self._put_partitions(database, name, table, document, location)
        return name

    def _update(self, database: str, standing: Document, document: Document) -> None:
        name = document["Name"]
        before = standing["StorageDescriptor"].get("Columns") or []
        after = document["StorageDescriptor"]["Columns"]
        if self._policy.get("UpdateBehavior") == "LOG":
            if before != after:
                self.log.say(f"{database}.{name} has changed; the policy is to log it only")
            return
        kept = {each["Name"]: each for each in before}
        merged = [*(kept.get(each["Name"], each) | each for each in after)]
        if self._merges():
            names = {each["Name"] for each in after}
            merged = [*(each for each in before if each["Name"] not in names), *merged]
        document["StorageDescriptor"]["Columns"] = merged
        parameters = {**(standing.get("Parameters") or {}), **document["Parameters"]}
        parameters.pop("DEPRECATED_BY_CRAWLER", None)
        document["Parameters"] = parameters
        same = before == merged and (standing.get("Parameters") or {}) == parameters
        if same:
            self.log.say(f"{database}.{name} is as it was")
            return
        self._catalog.tables.update(database, document)
        self.log.updated += 1
        self.log.say(f"updated {database}.{name}: {len(merged)} columns")

    def _merges(self) -> bool:
        """Whether the configuration keeps columns that are no longer found."""
        try:
            configuration = orjson.loads(self._settings.get("Configuration") or "{}")
            output = configuration["CrawlerOutput"]["Tables"]["AddOrUpdateBehavior"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return False
        return bool(output == "MergeNewColumns")

    def _put_partitions(
        self, database: str, name: str, table: FoundTable, document: Document, location: str
    ) -> None:
        given = []
        for folder in table.folders:
            path = "/".join(folder.parts[len(table.root) :])
            storage = {
                **document["StorageDescriptor"],
                "Location": f"{location}{path}/",
                "Parameters": _parameters(self._settings["Name"], [folder]),
            }
            found = [unquote(value) for value in values(folder, table.root)]
            given.append({"Values": found, "StorageDescriptor": storage, "Parameters": {}})
        present = self._catalog.partitions_of.create(database, name, given)
        added = len(given) - len(present)
        self.log.partitions += added
        if added:
            self.log.say(f"added {added} partitions to {database}.{name}")

    def _document(self, table: FoundTable, location: str) -> Document:
        kind = table.classified
        parameters = {
            **_parameters(self._settings["Name"], table.folders),
            **kind.parameters,
        }
        columns = [{"Name": name, "Type": each.hive()} for name, each in table.schema.items()]
        return {
            "TableType": "EXTERNAL_TABLE",
            "Owner": "owner",
            "Retention": 0,
            "Parameters": parameters,
            "PartitionKeys": [{"Name": key, "Type": "string"} for key in table.keys],
            "StorageDescriptor": {
                "Columns": columns,
                "Location": location,
                "InputFormat": kind.format.input_format,
                "OutputFormat": kind.format.output_format,
                "Compressed": kind.compression != "none",
                "NumberOfBuckets": -1,
                "SerdeInfo": {
                    "SerializationLibrary": _serde(kind),
                    "Parameters": dict(kind.serde_parameters),
                },
                "BucketColumns": [],
                "SortColumns": [],
                "Parameters": parameters,
                "StoredAsSubDirectories": False,
            },
        }

    def _name(self, database: str, folder: str, location: str) -> str:
        """Glue's name of a table; one that another location has gets a hash behind it."""
        plain = re.sub(r"[^a-z0-9_]", "_", folder.lower())
        name = f"{self._settings.get('TablePrefix') or ''}{plain}"[:_MAX_NAME].lower()
        standing = self._catalog.tables.find(database, name)
        if standing is None or _location(standing) == location.rstrip("/"):
            return name
        digest = hashlib.md5(location.encode(), usedforsecurity=False).hexdigest()
        return f"{name[: _MAX_NAME - 33]}_{digest}"

    # Forgetting -----------------------------------------------------------------------------

    def _deprecate(self, database: str, found: set[str]) -> None:
        """What this crawler made and no longer finds, by its DeleteBehavior."""
        behaviour = self._policy.get("DeleteBehavior") or "DEPRECATE_IN_DATABASE"
        for name in self._catalog.table_names(database):
            if name in found:
                continue
            table = self._catalog.tables.find(database, name)
            parameters: dict[str, Any] = (table or {}).get("Parameters") or {}
            if table is None or parameters.get("UPDATED_BY_CRAWLER") != self._settings["Name"]:
                continue
            if behaviour == "DELETE_FROM_DATABASE":
                self._catalog.tables.delete(database, name)
                self.log.deleted += 1
                self.log.say(f"deleted {database}.{name}: its files are gone")
            elif behaviour == "DEPRECATE_IN_DATABASE":
                self._mark(database, name)

    def _mark(self, database: str, name: str) -> None:
        mark = {"DEPRECATED_BY_CRAWLER": self._settings["Name"]}
        try:
            self._catalog.tables.change(
                database,
                name,
                lambda it: {**it, "Parameters": {**(it.get("Parameters") or {}), **mark}},
            )
        except (NotFound, AlreadyExists):
            return
        self.log.say(f"deprecated {database}.{name}: its files are gone")


def _together(a: Classified, b: Classified) -> Classified:
    return Classified(
        a.format,
        merge_schemas(a.schema, b.schema),
        a.compression,
        a.records,
        max(a.size, b.size),
        a.serde_parameters,
        a.parameters,
    )


def _parameters(crawler: str, folders: Sequence[Folder]) -> dict[str, str]:
    """What Glue's crawlers write on tables and partitions."""
    kind = folders[0].classified
    files = [info for folder in folders for info in folder.files]
    size = max((folder.classified.size for folder in folders), default=0)
    total = sum(info.size for info in files)
    records = sum(folder.classified.records * len(folder.files) for folder in folders)
    return {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "UPDATED_BY_CRAWLER": crawler,
        "averageRecordSize": str(size),
        "classification": kind.format.classification,
        "compressionType": kind.compression,
        "objectCount": str(len(files)),
        "recordCount": str(records),
        "sizeKey": str(total),
        "typeOfData": "file",
    }


def _serde(kind: Classified) -> str:
    return next(iter(sorted(kind.format.serdes)))


def _location(table: Document) -> str:
    found: str = (table.get("StorageDescriptor") or {}).get("Location") or ""
    return found.rstrip("/")


def _excluded(path: str, pattern: str) -> bool:
    """Glue's glob: `*` stays in a folder, `**` does not."""
    if "**" in pattern:
        return fnmatch(path, pattern.replace("**", "*"))
    return path.count("/") == pattern.count("/") and fnmatch(path, pattern)
