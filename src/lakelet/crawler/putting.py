"""Tables and partitions that were found, put into the catalogue by a crawler's policies."""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any
from urllib.parse import unquote

import orjson

from lakelet.catalog.catalog import GlueCatalog
from lakelet.crawler.configuration import Configuration
from lakelet.crawler.grouping import Folder, FoundTable, values
from lakelet.crawler.log import Log
from lakelet.formats.recognition.kinds import Kind, Schema
from lakelet.model import Document

MARK = "UPDATED_BY_CRAWLER"
_RUN = "CRAWL_RUN_ID"
"""The run that changed a table or a partition last."""

_DEPRECATED = "DEPRECATED_BY_CRAWLER"
_MAX_NAME = 128
_AT_ONCE = 1000
"""Partitions that are in memory at a time."""
_MAX_TYPE = 131_072


class Putting:
    """Writes into one database, in the words of one crawler."""

    def __init__(
        self,
        catalog: GlueCatalog,
        settings: Document,
        configuration: Configuration,
        database: str,
        log: Log,
        run: str,
    ) -> None:
        self._catalog = catalog
        self._run = run
        self._crawler: str = settings["Name"]
        self._prefix: str = settings.get("TablePrefix") or ""
        policy = settings.get("SchemaChangePolicy") or {}
        self._updates = policy.get("UpdateBehavior") != "LOG"
        self._deletes: str = policy.get("DeleteBehavior") or "DEPRECATE_IN_DATABASE"
        self._configuration = configuration
        self.database = database
        self._log = log

    def put(self, table: FoundTable, location: str, target: Document) -> str:
        """Creates or updates a table with its partitions, all or nothing; the table's name."""
        with self._catalog.transaction():
            document = self._document(table, location, target)
            name = document["Name"] = self._name(location)
            standing = self._catalog.tables.find(self.database, name)
            if standing is None:
                self._create(document, f"{len(table.schema)} columns", table.why)
            else:
                document = self._update(standing, document)
            if table.keys:
                self._put_folders(name, table.folders, len(table.root), document)
        return name

    def put_document(
        self, document: Document, location: str, why: str, partitions: Sequence[Document] = ()
    ) -> str:
        """Creates or updates a table whose format tells all of it, as Iceberg's does."""
        with self._catalog.transaction():
            name = document["Name"] = self._name(location)
            document["Parameters"] |= {MARK: self._crawler, _RUN: self._run}
            standing = self._catalog.tables.find(self.database, name)
            if standing is None:
                columns = len(document["StorageDescriptor"]["Columns"])
                self._create(document, f"{columns} columns", why)
            else:
                self._update(standing, document)
            for each in partitions:
                each["Parameters"] |= {MARK: self._crawler, _RUN: self._run}
            if document["PartitionKeys"]:
                self._put_partitions(name, partitions)
        return name

    def extend(self, name: str, folders: Sequence[Folder], depth: int) -> None:
        """New partitions of a table that stands, whose schema stays as it is."""
        with self._catalog.transaction():
            document = self._catalog.tables.get(self.database, name)
            self._put_folders(name, folders, depth, document, complete=False)

    def refresh(self, name: str, schema: Schema, folders: Sequence[Folder], depth: int) -> None:
        """The columns and partitions of a table of the catalogue that was crawled itself."""
        with self._catalog.transaction():
            standing = self._catalog.tables.get(self.database, name)
            storage = {**standing["StorageDescriptor"], "Columns": _columns(schema)}
            document = {
                "Name": name,
                "Parameters": {**(standing.get("Parameters") or {}), MARK: self._crawler},
                "StorageDescriptor": storage,
            }
            for member in ("PartitionKeys", "TableType", "Owner", "Retention", "Description"):
                if member in standing:
                    document[member] = standing[member]
            document = self._update(standing, document)
            if standing.get("PartitionKeys"):
                self._put_folders(name, folders, depth, document)

    # Tables ---------------------------------------------------------------------------------

    def _create(self, document: Document, columns: str, why: str) -> None:
        name, storage = document["Name"], document["StorageDescriptor"]
        serde = (storage.get("SerdeInfo") or {}).get("SerializationLibrary") or ""
        self._catalog.tables.create(self.database, document)
        if self._configuration.indexes and document.get("PartitionKeys"):
            keys = [key["Name"] for key in document["PartitionKeys"]]
            index = {"IndexName": "crawler_partition_index", "Keys": keys}
            self._catalog.partition_indexes.create(self.database, name, [index])
        self._log.created += 1
        classification = document["Parameters"].get("classification")
        self._log.say(
            f"created {self.database}.{name} ({classification}, {columns}) at"
            f" {storage.get('Location')}: {why}"
        )

        if document["Parameters"].get("areColumnsQuoted") == "true" and "Lazy" in serde:
            self._log.say(
                f"values of {self.database}.{name} are quoted, which LazySimpleSerDe does not know:"
                " a CSV classifier chooses OpenCSVSerde"
            )

    def _update(self, standing: Document, document: Document) -> Document:
        """The table as it stands then."""
        name = document["Name"]
        before = (standing.get("StorageDescriptor") or {}).get("Columns") or []
        after = document["StorageDescriptor"]["Columns"]
        if not self._updates:
            if before != after:
                self._log.say(f"{self.database}.{name} has changed; the policy is to log it only")
            return standing
        kept = {each["Name"]: each for each in before}
        merged = [*(kept.get(each["Name"], each) | each for each in after)]
        if self._configuration.merges_columns:
            names = {each["Name"] for each in after}
            merged = [*(each for each in before if each["Name"] not in names), *merged]
        document["StorageDescriptor"]["Columns"] = merged
        parameters = {**(standing.get("Parameters") or {}), **document["Parameters"]}
        parameters.pop(_DEPRECATED, None)
        document["Parameters"] = parameters
        if before == merged and _measures(standing) == _measures(document):
            self._log.say(f"{self.database}.{name} is as it was")
            return document
        self._catalog.tables.update(self.database, document)
        self._log.updated += 1
        self._log.say(f"updated {self.database}.{name}: {len(merged)} columns")
        return document

    def _document(self, table: FoundTable, location: str, target: Document) -> Document:
        kind = table.classified
        parameters = {**self._parameters(table.folders), **kind.parameters}
        if target.get("Exclusions"):
            path = target["Path"].rstrip("/")
            excluded = [f"{path}/{pattern}" for pattern in target["Exclusions"]]
            parameters["exclusions"] = orjson.dumps(excluded).decode()
        if self._configuration.indexes and table.keys:
            parameters["partition_filtering.enabled"] = "true"
        return {
            "TableType": "EXTERNAL_TABLE",
            "Owner": "owner",
            "Retention": 0,
            "Parameters": parameters,
            "PartitionKeys": [{"Name": key, "Type": "string"} for key in table.keys],
            "StorageDescriptor": {
                "Columns": _columns(table.schema),
                "Location": location,
                "InputFormat": kind.stored_as.input_format,
                "OutputFormat": kind.stored_as.output_format,
                "Compressed": kind.compression != "none",
                "NumberOfBuckets": -1,
                "SerdeInfo": {
                    "SerializationLibrary": kind.stored_as.serde,
                    "Parameters": dict(kind.serde_parameters),
                },
                "BucketColumns": [],
                "SortColumns": [],
                "Parameters": parameters,
                "StoredAsSubDirectories": False,
            },
        }

    def _name(self, location: str) -> str:
        """Glue's name of a table; one that another location has gets a hash behind it."""
        folder = location.rstrip("/").rpartition("/")[2]
        plain = re.sub(r"[^a-z0-9_]", "_", folder.lower())
        name = f"{self._prefix}{plain}"[:_MAX_NAME].lower()
        standing = self._catalog.tables.find(self.database, name)
        if standing is None or location_of(standing) == location.rstrip("/"):
            return name
        digest = hashlib.md5(location.encode(), usedforsecurity=False).hexdigest()
        return f"{name[: _MAX_NAME - 33]}_{digest}"

    def _parameters(self, folders: Sequence[Folder]) -> dict[str, str]:
        """What Glue's crawlers write on tables and partitions."""
        kind = folders[0].classified
        files = [info for folder in folders for info in folder.files]
        size = max((folder.classified.size for folder in folders), default=0)
        records = sum(folder.classified.records * len(folder.files) for folder in folders)
        return {
            "CrawlerSchemaDeserializerVersion": "1.0",
            "CrawlerSchemaSerializerVersion": "1.0",
            _RUN: self._run,
            MARK: self._crawler,
            "averageRecordSize": str(size),
            "classification": kind.classification,
            "compressionType": kind.compression,
            "objectCount": str(len(files)),
            "recordCount": str(records),
            "sizeKey": str(sum(info.size for info in files)),
            "typeOfData": "file",
        }

    # Partitions -----------------------------------------------------------------------------

    def _put_folders(
        self,
        name: str,
        folders: Sequence[Folder],
        depth: int,
        document: Document,
        complete: bool = True,
    ) -> None:
        given = (self._partition(folder, depth, document) for folder in folders)
        self._put_partitions(name, given, complete)

    def _put_partitions(
        self,
        name: str,
        given: Iterable[Document],
        complete: bool = True,
    ) -> None:
        """`complete` says that these are all there are, so that others are gone."""
        given = iter(given)
        new = changed = 0
        seen: set[tuple[str, ...]] = set()
        while some := list(islice(given, _AT_ONCE)):
            present = self._catalog.partitions_of.create(self.database, name, some)
            new += len(some) - len(present)
            changed += self._update_partitions(name, present)
            seen.update(tuple(each["Values"]) for each in some)
        self._log.partitions += new
        if new:
            self._log.say(f"added {new} partitions to {self.database}.{name}")
        if changed:
            self._log.say(f"updated {changed} partitions of {self.database}.{name}")
        if complete:
            self._forget_partitions(name, self._others(name, seen))

    def _update_partitions(self, name: str, given: Sequence[Document]) -> int:
        """Brings partitions that stand to what was found of them; how many had changed."""
        if not given or not self._updates:
            return 0
        partitions = self._catalog.partitions_of
        standing = partitions.among(self.database, name, (each["Values"] for each in given))
        changed = [each for each in given if _differs(standing[tuple(each["Values"])], each)]
        for each in changed:
            partitions.update(self.database, name, each["Values"], each)
        return len(changed)

    def _others(self, name: str, seen: set[tuple[str, ...]]) -> list[Document]:
        """The partitions of a table but for some."""
        found: list[Document] = []
        after: str | None = ""
        while after is not None:
            page = self._catalog.partitions_of.page(
                self.database, name, after=after, limit=_AT_ONCE
            )
            found += (each for each in page.partitions if tuple(each["Values"]) not in seen)
            after = page.after
        return found

    def _partition(self, folder: Folder, depth: int, document: Document) -> Document:
        table_storage = document["StorageDescriptor"]
        path = "/".join(folder.parts[depth:])
        kind = folder.classified
        parameters = {**self._parameters([folder]), **kind.parameters}
        own: Document = {}
        if not self._configuration.inherits:
            keys = {key["Name"] for key in document["PartitionKeys"]}
            schema = {name: each for name, each in kind.schema.items() if name not in keys}
            serde = {**table_storage["SerdeInfo"], "Parameters": dict(kind.serde_parameters)}
            own = {"Columns": _columns(schema), "SerdeInfo": serde}
        return {
            "Values": [unquote(value) for value in values(folder, depth)],
            "Parameters": parameters,
            "StorageDescriptor": {
                **table_storage,
                **own,
                "Location": f"{table_storage['Location'].rstrip('/')}/{path}/",
                "Parameters": parameters,
            },
        }

    def _forget_partitions(self, name: str, gone: Any) -> None:
        own = [each for each in gone if (each.get("Parameters") or {}).get(MARK) == self._crawler]
        if self._deletes == "LOG" or not own:
            return
        for each in own:
            if self._deletes == "DELETE_FROM_DATABASE":
                self._catalog.partitions_of.delete(self.database, name, each["Values"])
            elif _DEPRECATED not in each["Parameters"]:
                marked = {**each["Parameters"], _DEPRECATED: self._crawler}
                self._catalog.partitions_of.update(
                    self.database,
                    name,
                    each["Values"],
                    {
                        "Values": each["Values"],
                        "Parameters": marked,
                        "StorageDescriptor": each["StorageDescriptor"],
                    },
                )
        verb = "deleted" if self._deletes == "DELETE_FROM_DATABASE" else "deprecated"
        self._log.say(
            f"{verb} {len(own)} partitions of {self.database}.{name}: their files are gone"
        )

    # Forgetting -----------------------------------------------------------------------------

    def forget(self, found: set[str]) -> None:
        """What this crawler made and no longer finds, by its DeleteBehavior."""
        for name, table in self.own():
            if name in found:
                continue
            if self._deletes == "DELETE_FROM_DATABASE":
                self._catalog.tables.delete(self.database, name)
                self._log.deleted += 1
                self._log.say(f"deleted {self.database}.{name}: its files are gone")
            elif (
                self._deletes == "DEPRECATE_IN_DATABASE" and _DEPRECATED not in table["Parameters"]
            ):
                self._change(name, lambda it: {**it, _DEPRECATED: self._crawler})
                self._log.say(f"deprecated {self.database}.{name}: its files are gone")

    def own(self) -> list[tuple[str, Document]]:
        """The tables that this crawler made or updated last."""
        names = self._catalog.table_names(self.database)
        found = ((name, self._catalog.tables.find(self.database, name)) for name in names)
        return [
            (name, table)
            for name, table in found
            if table and (table.get("Parameters") or {}).get(MARK) == self._crawler
        ]

    def _change(self, name: str, work: Callable[[Document], Document]) -> None:
        self._catalog.tables.change(
            self.database, name, lambda it: {**it, "Parameters": work(it["Parameters"])}
        )


def location_of(table: Document) -> str:
    """A table's location without the slash at its end."""
    found: str = (table.get("StorageDescriptor") or {}).get("Location") or ""
    return found.rstrip("/")


def _columns(schema: Schema) -> list[Document]:
    return [{"Name": name, "Type": _type(each)} for name, each in schema.items()]


def _type(kind: Kind) -> str:
    """Hive's word; a type that is longer than Glue's limit is a string."""
    found = kind.hive()
    return found if len(found) <= _MAX_TYPE else "string"


def _differs(before: Document, after: Document) -> bool:
    """Whether a crawl changes a partition: its columns, its place or its measures."""
    old, new = before.get("StorageDescriptor") or {}, after["StorageDescriptor"]
    return any(old.get(member) != new[member] for member in ("Columns", "Location")) or (
        _measures(before) != _measures(after)
    )


def _measures(of: Document) -> dict[str, str]:
    """The parameters but for the run, which is another each time."""
    return {name: value for name, value in (of.get("Parameters") or {}).items() if name != _RUN}
