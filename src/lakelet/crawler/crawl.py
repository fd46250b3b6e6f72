"""One crawl: what lies under the targets becomes tables and partitions of the catalogue."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from lakelet.catalog.catalog import GlueCatalog
from lakelet.catalog.crawlers import CrawlEnd
from lakelet.crawler import delta, events, iceberg, jdbc
from lakelet.crawler.configuration import (
    FOLDERS,
    behaviour,
    check_available,
    configuration,
    split,
    targets,
)
from lakelet.crawler.custom import of
from lakelet.crawler.finding import Finder
from lakelet.crawler.grouping import Folder, FoundTable, Grouping, schema_of, tables
from lakelet.crawler.listing import Listing, Parts, listed
from lakelet.crawler.log import Log
from lakelet.crawler.putting import Putting, location_of
from lakelet.errors import InvalidInput
from lakelet.interfaces import Storage
from lakelet.model import Document

if TYPE_CHECKING:
    from lakelet.formats.classifiers import Classifier


class Stopped(Exception):  # noqa: N818 - not a failure
    """Somebody asked the crawl to end."""


class Crawl:
    """A crawl by a crawler's settings (Glue's Crawler); `run` is its id, `notifications` gives a
    bucket's notification configuration."""

    def __init__(
        self,
        storage: Storage,
        catalog: GlueCatalog,
        settings: Document,
        run: str,
        notifications: Callable[[str], Document | None],
        is_stopping: Callable[[], bool],
    ) -> None:
        self._run = run
        self._notifications = notifications
        self._storage = storage
        self._catalog = catalog
        self._settings = settings
        self._is_stopping = is_stopping
        self.log = Log()

    def run(self) -> CrawlEnd:
        """Crawls every target. Raises LakeError, and Stopped."""
        settings = self._settings
        check_available(settings)
        self._configuration = configuration(settings.get("Configuration"))
        self._finder = Finder(self._storage, self._custom(), self.log, self._check)
        if any(targets(settings, name) for name in FOLDERS):
            putting = self._putting(settings.get("DatabaseName") or "default")
            if not self._catalog.database_exists(putting.database):
                self._catalog.databases.create({"Name": putting.database})
            found = set(self._crawl_folders(putting))
            if behaviour(settings) == "CRAWL_EVERYTHING":
                putting.forget(found)
        for target in targets(settings, "CatalogTargets"):
            for name in target["Tables"]:
                self._crawl_table(self._putting(target["DatabaseName"]), name)
        log = self.log
        return CrawlEnd("COMPLETED", None, _summary(log), log.created, log.updated, log.deleted)

    def _crawl_folders(self, putting: Putting) -> Iterator[str]:
        """The names of the tables of all targets, which are in the catalogue by then."""
        for target in targets(self._settings, "S3Targets"):
            yield from self._crawl_path(putting, target)
        for target in targets(self._settings, "IcebergTargets"):
            for path in target.get("Paths") or ():
                yield from iceberg.crawl(self._storage, putting, path, target, self.log)
        for target in targets(self._settings, "DeltaTargets"):
            for path in target.get("DeltaTables") or ():
                yield from delta.crawl(self._storage, putting, path, target, self.log)
        for target in targets(self._settings, "JdbcTargets"):
            yield from jdbc.crawl(self._storage, self._catalog, putting, target, self.log)

    def _putting(self, database: str) -> Putting:
        return Putting(
            self._catalog, self._settings, self._configuration, database, self.log, self._run
        )

    def _custom(self) -> "list[Classifier]":
        """The crawler's own classifiers. Raises NotFound for one that was deleted since."""
        records = self._catalog.records
        return [
            of(records.need("classifier", name, f"Classifier {name} not found."))
            for name in self._settings.get("Classifiers") or ()
        ]

    def _check(self) -> None:
        if self._is_stopping():
            raise Stopped

    # S3 targets -----------------------------------------------------------------------------

    def _crawl_path(self, putting: Putting, target: Document) -> set[str]:
        """The names of the tables under a path."""
        bucket, base = split(target["Path"])
        exclusions = target.get("Exclusions") or ()
        listing = listed(self._storage, bucket, base, exclusions, self.log)
        wanted = self._wanted(putting, listing, target)
        grouping = self._grouping(base)
        folders = self._finder.folders(listing, wanted, target.get("SampleSize"), grouping)
        known = {each.parts for each in folders} | {each.parts[:-1] for each in folders}
        if len(wanted) < len(listing.folders):
            folders = self._extended(putting, listing, folders)
        unknown = tuple(parts for parts in listing.folders if parts not in known)
        found = list(tables(folders, replace(grouping, unknown=unknown)))
        most = self._configuration.threshold
        if most is not None and len(found) > most:
            raise InvalidInput(
                f"The number of tables detected by crawler: {len(found)} is greater than the table"
                f" threshold value provided: {most}. Tables detected but not created:"
                f" {', '.join(sorted({_folder(listing, table) for table in found}))}"
            )
        for folder in (folder for table in found for folder in table.odd):
            place = _location(listing, folder.parts)
            self.log.warn(f"{place} is not in the format of its table's other folders")
        return {putting.put(table, _root(listing, table), target) for table in found}

    def _wanted(self, putting: Putting, listing: Listing, target: Document) -> list[Parts]:
        """The folders that a crawl looks at, by RecrawlBehavior."""
        recrawl = behaviour(self._settings)
        if recrawl == "CRAWL_EVERYTHING":
            return list(listing.folders)
        new = self._new(putting, listing)
        since = self._before() if recrawl == "CRAWL_EVENT_MODE" else None
        if since is None:
            return new
        queue, notifications = target["EventQueueArn"], self._notifications(listing.bucket)
        told = events.changed(listing, notifications, queue, since, self.log)
        known = [parts for parts in told if parts not in set(new)]
        if known:
            self.log.say(f"{len(known)} folders have changed that are in tables already")
        return [parts for parts in new if parts in set(told)]

    def _before(self) -> datetime | None:
        """When the last crawl by these settings began that went well."""
        changed = self._settings["LastUpdated"]
        for crawl in self._catalog.crawlers.crawls(self._settings["Name"]):
            if crawl["State"] == "COMPLETED" and crawl["StartTime"] >= changed:
                found: datetime = crawl["StartTime"]
                return found
        return None

    def _grouping(self, base: str) -> Grouping:
        level = self._configuration.level
        depth = len(base.split("/")) if base else 0
        relative = None if level is None else max(0, level - 1 - depth)
        return Grouping(relative, self._configuration.combines)

    def _new(self, putting: Putting, listing: Listing) -> list[Parts]:
        """Folders that are no table's and no partition's yet."""
        known = set()
        for name, table in putting.own():
            known.add(location_of(table))
            if table.get("PartitionKeys"):
                partitions = self._catalog.partitions_of.listed(putting.database, name)
                known.update(location_of(each) for each in partitions)
        return [p for p in listing.folders if _location(listing, p).rstrip("/") not in known]

    def _extended(
        self, putting: Putting, listing: Listing, folders: Sequence[Folder]
    ) -> list[Folder]:
        """Puts the folders that lie in a table where its partitions do; the others."""
        rest = list(folders)
        for name, table in putting.own():
            keys, place = len(table.get("PartitionKeys") or ()), location_of(table)
            root = _location(listing, ()).rstrip("/")
            if not keys or not f"{place}/".startswith(f"{root}/"):
                continue
            below = tuple(part for part in place[len(root) :].split("/") if part)
            depth = len(below)
            inside = [
                each
                for each in rest
                if each.parts[:depth] == below and len(each.parts) == depth + keys
            ]
            rest = [each for each in rest if each not in inside]
            if inside:
                putting.extend(name, inside, depth)
        return rest

    # Catalogue targets ----------------------------------------------------------------------

    def _crawl_table(self, putting: Putting, name: str) -> None:
        """A table of the catalogue: its columns and partitions by what lies in its location."""
        table = self._catalog.tables.get(putting.database, name)
        bucket, base = split(location_of(table))
        listing = listed(self._storage, bucket, base, (), self.log)
        depth = len(table.get("PartitionKeys") or ())
        wanted = [parts for parts in listing.folders if len(parts) == depth]
        folders = self._finder.folders(listing, wanted, None, Grouping(combines=True))
        if not folders:
            self.log.warn(f"{putting.database}.{name} has no files that are known")
            return
        keys = [key["Name"] for key in table.get("PartitionKeys") or ()]
        putting.refresh(name, schema_of(folders, keys), folders, 0)


def _root(listing: Listing, table: FoundTable) -> str:
    """Where a table lies: a folder, or the file that is one by itself."""
    found = _location(listing, table.root)
    return found.rstrip("/") if table.is_file else found


def _location(listing: Listing, parts: Parts) -> str:
    path = "/".join(part for part in (listing.base, *parts) if part)
    return f"s3://{listing.bucket}/{path}/" if path else f"s3://{listing.bucket}/"


def _folder(listing: Listing, table: FoundTable) -> str:
    return _location(listing, table.root).rstrip("/").rpartition("/")[2]


def _summary(log: Log) -> str:
    """ListCrawls' Summary, as Glue writes it."""

    def details(**counts: int) -> dict[str, str]:
        return {"Details": json.dumps({name: n for name, n in counts.items() if n})}

    found = {}
    if log.created or log.updated or log.deleted:
        found["TABLE"] = details(ADD=log.created, UPDATE=log.updated, DELETE=log.deleted)
    if log.partitions:
        found["PARTITION"] = details(ADD=log.partitions)
    return json.dumps({name: json.dumps(value) for name, value in found.items()})
