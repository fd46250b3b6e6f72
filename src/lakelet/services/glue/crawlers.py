"""Crawlers: settings, states and history; what crawls is `lake.crawlers`."""

from collections.abc import Callable
from datetime import UTC, datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from lakelet.crawler.configuration import check
from lakelet.errors import AwsError, InvalidInput
from lakelet.model import Document
from lakelet.schedules.cron import parsed
from lakelet.services import Parameters
from lakelet.services.glue.subject import Subject, batch, cut, paged
from lakelet.services.glue.tags import forget, tag, tagged

_FIELDS = {
    "CRAWL_ID": "CrawlId",
    "STATE": "State",
    "START_TIME": "StartTime",
    "END_TIME": "EndTime",
    "DPU_HOUR": "DPUHour",
}
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "GT": gt,
    "GE": ge,
    "LT": lt,
    "LE": le,
    "EQ": eq,
    "NE": ne,
}


class Crawlers(Subject):
    """The operations on crawlers."""

    def create_crawler(self, params: Parameters) -> Document:
        check(params)
        with self._lake.database.transaction():
            self._lake.catalog.crawlers.create(params)
            tag(self._lake, f"crawler/{params['Name']}", params.get("Tags"))
        self._watch(params.get("Schedule"))
        return {}

    def update_crawler(self, params: Parameters) -> Document:
        with self._lake.database.transaction():
            check({**self._lake.catalog.crawlers.get(params["Name"]), **params})
            self._lake.catalog.crawlers.update(params["Name"], params)
        self._watch(params.get("Schedule"))
        return {}

    def delete_crawler(self, params: Parameters) -> Document:
        with self._lake.database.transaction():
            self._lake.catalog.crawlers.delete(params["Name"])
            forget(self._lake, f"crawler/{params['Name']}")
        return {}

    def get_crawler(self, params: Parameters) -> Document:
        return {"Crawler": self._lake.catalog.crawlers.get(params["Name"])}

    def get_crawlers(self, params: Parameters) -> Document:
        listed = self._lake.catalog.crawlers.listed
        return paged(params, "Crawlers", listed, lambda each: str(each["Name"]))

    def batch_get_crawlers(self, params: Parameters) -> Document:
        found, missing = batch(self._lake.catalog.crawlers.get, params["CrawlerNames"])
        return {"Crawlers": found, "CrawlersNotFound": missing}

    def list_crawlers(self, params: Parameters) -> Document:
        listed = self._lake.catalog.crawlers.listed()
        names = tagged(self._lake, "crawler", listed, params.get("Tags"))
        return cut(params, "CrawlerNames", names)

    def start_crawler(self, params: Parameters) -> Document:
        self._lake.crawlers.start(params["Name"])
        return {}

    def stop_crawler(self, params: Parameters) -> Document:
        self._lake.crawlers.stop(params["Name"])
        return {}

    def get_crawler_metrics(self, params: Parameters) -> Document:
        crawlers = self._lake.catalog.crawlers
        names = params.get("CrawlerNameList") or [each["Name"] for each in crawlers.listed()]
        page = cut(params, "CrawlerMetricsList", names)
        page["CrawlerMetricsList"] = [crawlers.metrics(name) for name in page["CrawlerMetricsList"]]
        return page

    def list_crawls(self, params: Parameters) -> Document:
        found = self._lake.catalog.crawlers.crawls(params["CrawlerName"])
        tests = [_test(each) for each in params.get("Filters") or ()]
        kept = [crawl for crawl in found if all(test(crawl) for test in tests)]
        return cut(params, "Crawls", kept, 20)

    # Schedules --------------------------------------------------------------------------------

    def update_crawler_schedule(self, params: Parameters) -> Document:
        name, expression = params["CrawlerName"], params.get("Schedule") or ""
        state = "SCHEDULED" if expression else "NOT_SCHEDULED"
        if expression:
            parsed(expression)
        self._lake.catalog.crawlers.schedule(name, expression, state)
        self._watch(expression)
        return {}

    def start_crawler_schedule(self, params: Parameters) -> Document:
        name = params["CrawlerName"]
        kept = self._schedule(name)
        if not kept.get("ScheduleExpression"):
            raise AwsError("NoScheduleException", f"Crawler {name} has no schedule.")
        if kept["State"] == "SCHEDULED":
            message = f"The schedule of crawler {name} is already running."
            raise AwsError("SchedulerRunningException", message)
        self._lake.catalog.crawlers.schedule(name, None, "SCHEDULED")
        self._watch(kept["ScheduleExpression"])
        return {}

    def stop_crawler_schedule(self, params: Parameters) -> Document:
        name = params["CrawlerName"]
        if self._schedule(name).get("State") != "SCHEDULED":
            message = f"The schedule of crawler {name} is not running."
            raise AwsError("SchedulerNotRunningException", message)
        self._lake.catalog.crawlers.schedule(name, None, "NOT_SCHEDULED")
        return {}

    def _watch(self, schedule: str | None) -> None:
        if schedule:
            self._lake.crawlers.watch()

    def _schedule(self, name: str) -> Document:
        found: Document = self._lake.catalog.crawlers.get(name).get("Schedule") or {}
        return found


def _test(given: Document) -> Callable[[Document], bool]:
    """One of ListCrawls' filters; times are milliseconds since 1970. Raises InvalidInput."""
    if missing := {"FieldName", "FilterOperator", "FieldValue"} - given.keys():
        raise InvalidInput(f"A filter lacks {', '.join(sorted(missing))}.")
    member = _FIELDS[given["FieldName"]]
    compare = _OPERATORS[given["FilterOperator"]]
    value = _value(member, given["FieldValue"])
    return lambda crawl: member in crawl and compare(crawl[member], value)


def _value(member: str, text: str) -> Any:
    try:
        if member.endswith("Time"):
            return datetime.fromtimestamp(float(text) / 1000, UTC)
        return float(text) if member == "DPUHour" else text
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{text!r} is not a value of {member}.") from error
