"""What is asked to be run, and a query as it stands."""

from dataclasses import dataclass, field
from typing import Any

from lakelet.model import Document, QueryState, Statistics
from lakelet.results import Result


@dataclass(frozen=True, slots=True)
class Request:
    """What a caller asks to be run.

    `output` is an s3:// folder, `scan_limit` the most bytes that may be scanned, `reuse` the age in
    minutes up to which an earlier answer will do; None for no limit and for no reuse. `managed`
    results are kept by the lake itself (`queries.managed`).
    """

    text: str
    database: str | None
    catalog: str | None
    output: str
    work_group: str = "primary"
    parameters: tuple[str, ...] = ()
    token: str | None = None
    configuration: Document = field(default_factory=dict)
    scan_limit: int | None = None
    reuse: int | None = None
    managed: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it stands, with its `progress` while it runs.

    `process` is the scratch folder of the process that runs it: a lake may be open in several.
    Times are seconds since 1970, durations milliseconds.
    """

    id: str
    request: Request
    statement_type: str
    substatement_type: str
    location: str
    submitted: float
    process: str = ""
    state: QueryState = "QUEUED"
    reason: str | None = None
    error_name: str | None = None
    completed: float | None = None
    queued: int = 0
    planning: int = 0
    execution: int = 0
    result: Result | None = None
    reused: bool = False
    progress: Statistics = field(default_factory=Statistics)

    @property
    def statistics(self) -> Statistics:
        """What the query has read and given, so far."""
        return self.progress if self.result is None else self.result.statistics

    @property
    def is_over(self) -> bool:
        return self.state in ("SUCCEEDED", "FAILED", "CANCELLED")


def plain(value: Any) -> Any:
    """What JSON has no form for, as it is kept."""
    return list(value) if isinstance(value, tuple) else str(value)


def loaded(document: Document) -> Query:
    """A query from its JSON."""
    request, result = document["request"], document["result"]
    if result is not None:
        result = Result(
            **{
                **result,
                "columns": tuple(result["columns"]),
                "statistics": Statistics(**result["statistics"]),
            }
        )
    request = Request(**{**request, "parameters": tuple(request["parameters"])})
    progress = Statistics(**document.get("progress", {}))
    return Query(**{**document, "request": request, "result": result, "progress": progress})
