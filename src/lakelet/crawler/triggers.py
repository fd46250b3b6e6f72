"""Triggers: crawlers that start on demand, on a schedule, or when others have ended."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from lakelet.catalog.catalog import GlueCatalog
from lakelet.errors import Conflict, InvalidInput, NotFound, Unsupported
from lakelet.model import Document
from lakelet.schedules.cron import parsed

KIND = "trigger"
_MET = "Met"
"""Which conditions were met since a trigger fired last: kept beside Glue's Trigger."""

_CRAWL_STATES: Mapping[str, str] = {
    "COMPLETED": "SUCCEEDED",
    "FAILED": "FAILED",
    "STOPPED": "CANCELLED",
}


class Triggers:
    """Glue's triggers over crawlers; `start` begins a crawl."""

    def __init__(self, catalog: GlueCatalog, start: Callable[[str], None]) -> None:
        self._catalog = catalog
        self._start = start

    def create(self, given: Document) -> None:
        """From CreateTrigger's parameters. Raises AlreadyExists, InvalidInput, NotFound."""
        members = (
            "Name",
            "WorkflowName",
            "Type",
            "Description",
            "Actions",
            "Schedule",
            "Predicate",
        )
        document = {name: given[name] for name in members if name in given}
        starts = bool(given.get("StartOnCreation"))
        if starts and given["Type"] == "ON_DEMAND":
            raise InvalidInput("A trigger on demand can't be started when it is made.")
        document["State"] = "ACTIVATED" if starts else "CREATED"
        self._check(document)
        refusal = f"Trigger with name {given['Name']} already exists"
        self._catalog.records.create(KIND, given["Name"], document, refusal)

    def update(self, name: str, given: Document) -> Document:
        """The trigger as it is then. Raises NotFound, InvalidInput."""
        changed = {n: v for n, v in given.items() if n != "Name" and v is not None}

        def change(document: Document) -> Document:
            found = {**document, **changed, _MET: []}
            self._check(found)
            return found

        return self._change(name, change)

    def get(self, name: str) -> Document:
        """Glue's Trigger. Raises NotFound."""
        return _shown(self._catalog.records.need(KIND, name, _missing(name)))

    def listed(self, after: str = "", limit: int = -1) -> list[Document]:
        """In the order of their names, those after a name."""
        found = self._catalog.records.listed(KIND, "", after, limit)
        return [_shown(document) for _, document in found]

    def delete(self, name: str) -> None:
        """One that is not there is no error."""
        self._catalog.records.delete(KIND, name)

    def start(self, name: str) -> None:
        """Fires a trigger on demand, activates the others. Raises NotFound, CrawlerRunning."""
        document = self.get(name)
        if document["Type"] == "ON_DEMAND":
            self._fire(document)
        else:
            self._change(name, lambda it: {**it, "State": "ACTIVATED", _MET: []})

    def stop(self, name: str) -> None:
        """Raises NotFound, InvalidInput for one on demand."""
        if self.get(name)["Type"] == "ON_DEMAND":
            raise InvalidInput(f"Trigger {name} is on demand, so it can't be stopped.")
        self._change(name, lambda it: {**it, "State": "DEACTIVATED"})

    def are_scheduled(self) -> bool:
        """Whether any is active by the clock."""
        return any(_is_active(each, "SCHEDULED") for each in self.listed())

    def tick(self, moment: datetime) -> None:
        """Fires what is due in the minute of a moment."""
        for each in self.listed():
            if _is_active(each, "SCHEDULED") and parsed(each["Schedule"]).due(moment):
                self._try(each)

    def crawled(self, crawler: str, state: str) -> None:
        """Fires what waited for a crawl that ended so (Glue's CrawlerHistoryState)."""
        for each in self.listed():
            if _is_active(each, "CONDITIONAL"):
                self._meet(each["Name"], crawler, _CRAWL_STATES[state])

    def _meet(self, name: str, crawler: str, state: str) -> None:
        fires: list[Document] = []

        def change(document: Document) -> Document:
            predicate = document["Predicate"]
            conditions = predicate["Conditions"]
            met = {*document.get(_MET, ())}
            for place, condition in enumerate(conditions):
                if condition["CrawlerName"] == crawler and condition["CrawlState"] == state:
                    met.add(place)
            needed = 1 if predicate.get("Logical") == "ANY" else len(conditions)
            if len(met) < needed:
                return {**document, _MET: sorted(met)}
            fires.append(document)
            return {**document, _MET: []}

        try:
            self._change(name, change)
        except NotFound:  # deleted meanwhile
            return
        for document in fires:
            self._try(document)

    def _try(self, document: Document) -> None:
        try:
            self._fire(document)
        except (Conflict, NotFound, Unsupported):  # it runs already, is gone, or can't run here
            return

    def _fire(self, document: Document) -> None:
        for action in document["Actions"]:
            self._start(action["CrawlerName"])

    def _check(self, document: Document) -> None:
        kind = document["Type"]
        if kind == "EVENT":
            raise Unsupported("EVENT triggers are not available in lakelet: it has no EventBridge")
        if (kind == "SCHEDULED") != bool(document.get("Schedule")):
            raise InvalidInput("A schedule is what a trigger of type SCHEDULED has, and no other.")
        if kind == "SCHEDULED":
            parsed(document["Schedule"])
        if not document["Actions"]:
            raise InvalidInput("A trigger needs an action.")
        conditions = (document.get("Predicate") or {}).get("Conditions") or []
        if (kind == "CONDITIONAL") != bool(conditions):
            raise InvalidInput(
                "Conditions are what a trigger of type CONDITIONAL has, and no other."
            )
        for each in (*document["Actions"], *conditions):
            self._check_crawler(each)
        if any("CrawlState" not in each for each in conditions):
            raise InvalidInput("A condition needs the state of a crawl.")

    def _check_crawler(self, given: Document) -> None:
        if "JobName" in given:
            raise Unsupported("Jobs are not available in lakelet: name a crawler")
        if not given.get("CrawlerName"):
            raise InvalidInput("A crawler must be named.")
        self._catalog.crawlers.get(given["CrawlerName"])

    def _change(self, name: str, change: Callable[[Document], Document]) -> Document:
        with self._catalog.transaction():
            document = change(self._catalog.records.need(KIND, name, _missing(name)))
            self._catalog.records.put(KIND, name, document)
        return _shown(document)


def _shown(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != _MET}


def _is_active(document: Mapping[str, Any], kind: str) -> bool:
    return (document["Type"], document["State"]) == (kind, "ACTIVATED")


def _missing(name: str) -> str:
    return f"Entity not found: trigger {name}."
