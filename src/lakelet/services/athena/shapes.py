"""A query in the shapes of Athena's API."""

from datetime import UTC, datetime
from typing import Any

from lakelet.model import Document
from lakelet.queries.model import Query
from lakelet.services.athena.errors import failure
from lakelet.services.athena.workgroups import ENGINE


def execution(query: Query) -> dict[str, Any]:
    """Athena's QueryExecution."""
    request = query.request
    context = {"Database": request.database, "Catalog": request.catalog and request.catalog.lower()}
    reuse: dict[str, Any] = {"Enabled": request.reuse is not None}
    if request.reuse is not None:
        reuse["MaxAgeInMinutes"] = request.reuse
    return {
        "QueryExecutionId": query.id,
        "Query": request.text,
        "StatementType": query.statement_type,
        "SubstatementType": query.substatement_type,
        **(
            request.configuration
            if request.managed
            else {
                "ResultConfiguration": {**request.configuration, "OutputLocation": query.location}
            }
        ),
        "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": reuse},
        "QueryExecutionContext": {k: v for k, v in context.items() if v is not None},
        "Status": _status(query),
        "Statistics": _statistics(query),
        "WorkGroup": request.work_group,
        "EngineVersion": ENGINE,
        **({"ExecutionParameters": list(request.parameters)} if request.parameters else {}),
    }


def _status(query: Query) -> dict[str, Any]:
    found: dict[str, Any] = {
        "State": query.state,
        "SubmissionDateTime": datetime.fromtimestamp(query.submitted, UTC),
    }
    if query.reason is not None:
        found["StateChangeReason"] = query.reason
    if query.completed is not None:
        found["CompletionDateTime"] = datetime.fromtimestamp(query.completed, UTC)
    if query.state == "FAILED" and query.reason is not None:
        name = query.error_name or "GENERIC_INTERNAL_ERROR"
        found["AthenaError"] = failure(name, query.reason, query.substatement_type)
    return found


def _statistics(query: Query) -> dict[str, Any]:
    found: dict[str, Any] = {
        "EngineExecutionTimeInMillis": query.execution,
        "DataScannedInBytes": query.statistics.scanned,
        "TotalExecutionTimeInMillis": query.queued + query.execution,
        "QueryQueueTimeInMillis": query.queued,
        "ServicePreProcessingTimeInMillis": 0,
        "QueryPlanningTimeInMillis": query.planning,
        "ServiceProcessingTimeInMillis": 0,
        "ResultReuseInformation": {"ReusedPreviousResult": query.reused},
    }
    if query.result and query.result.manifest and not query.request.managed:
        found["DataManifestLocation"] = query.result.manifest
    return found


def runtime_statistics(query: Query, plan: Document | None = None) -> dict[str, Any]:
    """Athena's QueryRuntimeStatistics: one stage, since one engine does all of the work."""
    rows = {
        "InputRows": query.statistics.input_rows,
        "InputBytes": query.statistics.scanned,
        "OutputRows": query.statistics.rows,
        "OutputBytes": query.result.size if query.result else 0,
    }
    found: dict[str, Any] = {
        "Timeline": {
            "QueryQueueTimeInMillis": query.queued,
            "ServicePreProcessingTimeInMillis": 0,
            "QueryPlanningTimeInMillis": query.planning,
            "EngineExecutionTimeInMillis": query.execution,
            "ServiceProcessingTimeInMillis": 0,
            "TotalExecutionTimeInMillis": query.queued + query.execution,
        },
        "Rows": rows,
    }
    if query.statement_type == "DML" and query.state != "QUEUED":
        found["OutputStage"] = {
            "StageId": 0,
            "State": "FINISHED" if query.state == "SUCCEEDED" else query.state,
            **rows,
            "ExecutionTime": query.execution,
            "SubStages": [],
            **({} if plan is None else {"QueryStagePlan": plan}),
        }
    return found
