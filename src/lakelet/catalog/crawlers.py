"""What is kept of crawlers: their settings, their state and the history of their crawls.

The crawling itself is elsewhere; it says here that it starts and how it ended.
"""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from lakelet.catalog.documents import dump, load
from lakelet.catalog.names import MAX_NAME
from lakelet.catalog.records import Records
from lakelet.database import Database
from lakelet.errors import Conflict, InvalidInput
from lakelet.model import Document

_KIND = "crawler"
_COUNTS, _LOG, _FOLDER = _OWN = "Counts", "Log", "Folder"
"""What is kept of a crawl beside Glue's CrawlerHistory."""

_LAST_STATUS = {"COMPLETED": "SUCCEEDED", "FAILED": "FAILED", "STOPPED": "CANCELLED"}
_LOG_GROUP = "/aws-glue/crawlers"


class CrawlerRunning(Conflict):
    """It runs already."""


class CrawlerNotRunning(Conflict):
    """It does not run."""


class CrawlerStopping(Conflict):
    """It is being stopped already."""


@dataclass(frozen=True, slots=True)
class CrawlEnd:
    """How a crawl ended: `state` is COMPLETED, FAILED or STOPPED; counts are of tables, `log` says
    what it did and why."""

    state: str
    error: str | None = None
    summary: str | None = None
    created: int = 0
    updated: int = 0
    deleted: int = 0
    log: tuple[str, ...] = ()


class CrawlerRecords:
    """Glue's crawlers."""

    def __init__(self, database: Database, records: Records, catalog: str) -> None:
        self._database = database
        self._records = records
        self._catalog = catalog

    def create(self, given: Document) -> None:
        """From CreateCrawler's parameters. Raises AlreadyExists, InvalidInput."""
        name = given["Name"]
        if len(name) > MAX_NAME or not name.isprintable():
            raise InvalidInput(f"Crawler name {name!r} is not valid")
        _check_targets(given)
        now = _now()
        document = {
            **_settings(given),
            "State": "READY",
            "CrawlElapsedTime": 0,
            "CreationTime": now,
            "LastUpdated": now,
            "Version": 1,
        }
        self._records.create(_KIND, name, document, f"Crawler {name} already exists")

    def update(self, name: str, given: Document) -> None:
        """The members given take the place of the old ones.

        Raises NotFound, CrawlerRunning, InvalidInput.
        """

        def change(document: Document) -> Document:
            _check_idle(document)
            if "Targets" in given:
                _check_targets(given)
            return {
                **document,
                **_settings(given),
                "Name": name,
                "LastUpdated": _now(),
                "Version": document["Version"] + 1,
            }

        self._change(name, change)

    def delete(self, name: str) -> None:
        """With its history. Raises NotFound, CrawlerRunning."""
        with self._database.transaction() as transaction:
            _check_idle(self.get(name))
            self._records.delete(_KIND, name)
            sql = "DELETE FROM glue_crawl WHERE catalog = ? AND crawler = ?"
            transaction.execute(sql, (self._catalog, name))

    def get(self, name: str) -> Document:
        """Glue's Crawler. Raises NotFound."""
        return _shown(self._records.need(_KIND, name, f"Crawler {name} not found."))

    def listed(self, after: str = "", limit: int = -1) -> list[Document]:
        """In the order of their names, those after a name."""
        return [_shown(found) for _, found in self._records.listed(_KIND, "", after, limit)]

    def schedule(self, name: str, expression: str | None, state: str) -> None:
        """Sets the schedule and whether it counts: SCHEDULED or NOT_SCHEDULED. Raises NotFound."""

        def change(document: Document) -> Document:
            said = expression
            if said is None:
                said = document.get("Schedule", {}).get("ScheduleExpression", "")
            return {**document, "Schedule": {"ScheduleExpression": said, "State": state}}

        self._change(name, change)

    # Crawls -----------------------------------------------------------------------------------

    def start(self, name: str, folder: Path) -> str:
        """Says that a crawl begins; gives its id. `folder` is there as long as the process that
        crawls. Raises NotFound, CrawlerRunning."""
        crawl = str(uuid4())
        now = _now()

        def change(document: Document) -> Document:
            _check_idle(document)
            return {**document, "State": "RUNNING", "Started": now}

        with self._database.transaction() as transaction:
            self._change(name, change)
            document = {
                "CrawlId": crawl,
                "State": "RUNNING",
                "StartTime": now,
                "LogGroup": _LOG_GROUP,
                "LogStream": name,
                "MessagePrefix": crawl,
                _FOLDER: str(folder),
            }
            transaction.execute(
                "INSERT INTO glue_crawl (catalog, crawler, document) VALUES (?, ?, ?)",
                (self._catalog, name, dump(document)),
            )
        return crawl

    def stop(self, name: str) -> None:
        """Says that the crawl is to end. Raises NotFound, CrawlerNotRunning, CrawlerStopping."""

        def change(document: Document) -> Document:
            if document["State"] == "STOPPING":
                raise CrawlerStopping(f"Crawler with name {name} is stopping", subject=name)
            if document["State"] != "RUNNING":
                raise CrawlerNotRunning(f"Crawler with name {name} isn't running", subject=name)
            return {**document, "State": "STOPPING"}

        self._change(name, change)

    def finish(self, name: str, crawl: str, end: CrawlEnd) -> None:
        """Says how a crawl ended; the crawler is READY again. A crawl that has ended stays so."""
        with self._database.transaction() as transaction:
            for number, document in self._crawls(name):
                if document["CrawlId"] == crawl and document["State"] == "RUNNING":
                    ended = _ended(document, end, _now())
                    sql = "UPDATE glue_crawl SET document = ? WHERE id = ?"
                    transaction.execute(sql, (dump(ended), number))
                    self._change(name, partial(_ready, ended))

    def recover(self) -> None:
        """Ends as FAILED what a process that is gone has left running."""
        end = CrawlEnd("FAILED", "The crawl was interrupted.")
        for crawler in self.listed():
            if crawler["State"] != "READY":
                for _, crawl in self._crawls(crawler["Name"]):
                    if crawl["State"] == "RUNNING" and not Path(crawl[_FOLDER]).exists():
                        self.finish(crawler["Name"], crawl["CrawlId"], end)

    def crawls(self, name: str) -> list[Document]:
        """Glue's CrawlerHistory, the latest first. Raises NotFound."""
        self.get(name)
        return [
            {name: value for name, value in document.items() if name not in _OWN}
            for _, document in self._crawls(name)
        ]

    def log(self, name: str) -> list[str]:
        """What the last crawl that ended did and why, a line a fact. Raises NotFound."""
        self.get(name)
        ended = (crawl for _, crawl in self._crawls(name) if "EndTime" in crawl)
        found: list[str] = next(ended, {}).get(_LOG, [])
        return found

    def metrics(self, name: str) -> Document:
        """Glue's CrawlerMetrics. Raises NotFound."""
        self.get(name)
        ended = [crawl for _, crawl in self._crawls(name) if "EndTime" in crawl]
        times = [(crawl["EndTime"] - crawl["StartTime"]).total_seconds() for crawl in ended]
        counts = ended[0][_COUNTS] if ended else [0, 0, 0]
        return {
            "CrawlerName": name,
            "TimeLeftSeconds": 0.0,
            "StillEstimating": False,
            "LastRuntimeSeconds": times[0] if times else 0.0,
            "MedianRuntimeSeconds": statistics.median(times) if times else 0.0,
            "TablesCreated": counts[0],
            "TablesUpdated": counts[1],
            "TablesDeleted": counts[2],
        }

    def _crawls(self, name: str) -> list[tuple[int, Document]]:
        rows = self._database.query(
            "SELECT id, document FROM glue_crawl WHERE catalog = ? AND crawler = ?"
            " ORDER BY id DESC",
            (self._catalog, name),
        )
        return [(row[0], load(row[1])) for row in rows]

    def _change(self, name: str, change: Callable[[Document], Document]) -> None:
        with self._database.transaction():
            document = self._records.need(_KIND, name, f"Crawler {name} not found.")
            self._records.put(_KIND, name, change(document))


def _settings(given: Document) -> Document:
    """The members of Crawler that a request sets."""
    document: dict[str, Any] = {n: v for n, v in given.items() if n not in ("Tags", "Schedule")}
    if "Schedule" in given:
        document["Schedule"] = {
            "ScheduleExpression": given["Schedule"],
            "State": "SCHEDULED" if given["Schedule"] else "NOT_SCHEDULED",
        }
    return document


def _shown(document: Document) -> Document:
    """Glue's Crawler, with what it has unless it is told otherwise."""
    started = document.get("Started")
    elapsed = int((_now() - started).total_seconds() * 1000) if started else 0
    return {
        "Classifiers": [],
        "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
        "SchemaChangePolicy": {
            "UpdateBehavior": "UPDATE_IN_DATABASE",
            "DeleteBehavior": "DEPRECATE_IN_DATABASE",
        },
        "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
        **{name: value for name, value in document.items() if name != "Started"},
        "CrawlElapsedTime": elapsed,
    }


def _ended(crawl: Document, end: CrawlEnd, now: datetime) -> Document:
    hours = (now - crawl["StartTime"]).total_seconds() / 3600
    return {
        **crawl,
        "State": end.state,
        "EndTime": now,
        "DPUHour": round(hours, 6),
        _COUNTS: [end.created, end.updated, end.deleted],
        _LOG: list(end.log),
        **({"ErrorMessage": end.error} if end.error else {}),
        **({"Summary": end.summary} if end.summary else {}),
    }


def _ready(crawl: Document, crawler: Document) -> Document:
    last = {
        "Status": _LAST_STATUS[crawl["State"]],
        "StartTime": crawl["StartTime"],
        "LogGroup": crawl["LogGroup"],
        "LogStream": crawl["LogStream"],
        "MessagePrefix": crawl["MessagePrefix"],
        **({"ErrorMessage": crawl["ErrorMessage"]} if "ErrorMessage" in crawl else {}),
    }
    kept = {name: value for name, value in crawler.items() if name != "Started"}
    return {**kept, "State": "READY", "LastCrawl": last}


def _check_idle(document: Document) -> None:
    name = document["Name"]
    if document["State"] != "READY":
        raise CrawlerRunning(f"Crawler with name {name} has already started", subject=name)


def _check_targets(given: Document) -> None:
    if not any((given.get("Targets") or {}).values()):
        raise InvalidInput("At least one crawler target is required.")


def _now() -> datetime:
    return datetime.now(UTC)
