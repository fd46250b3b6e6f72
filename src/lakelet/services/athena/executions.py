"""Query executions: start, look, stop, read."""

from datetime import UTC, datetime
from typing import Any

from lakelet.errors import NotFound
from lakelet.lake import Lake
from lakelet.queries import Query, Request
from lakelet.services import Parameters
from lakelet.services.athena import workgroups
from lakelet.services.athena.errors import failure, invalid

MAX_ROWS = 1000
MAX_LISTED = 50
ENGINE = {
    "SelectedEngineVersion": "AUTO",
    "EffectiveEngineVersion": "Athena engine version 3",
}


class Executions:
    """The operations on query executions."""

    _lake: Lake

    def start_query_execution(self, params: Parameters) -> Parameters:
        """Text that is no statement is refused here; whatever else is wrong fails the query."""
        group = workgroups.get(self._lake, params.get("WorkGroup") or workgroups.PRIMARY)
        if group["State"] == "DISABLED":
            raise invalid(f"WorkGroup {group['Name']} is disabled.")
        context = params.get("QueryExecutionContext") or {}
        configuration = _configuration(params.get("ResultConfiguration") or {}, group)
        request = Request(
            text=params["QueryString"].rstrip("; \t\r\n"),
            database=context.get("Database"),
            catalog=context.get("Catalog"),
            output=configuration["OutputLocation"],
            work_group=group["Name"],
            parameters=tuple(params.get("ExecutionParameters") or ()),
            token=params.get("ClientRequestToken"),
            configuration=configuration,
        )
        return {"QueryExecutionId": self._lake.queries.start(request)}

    def get_query_execution(self, params: Parameters) -> Parameters:
        query = self._lake.queries.get(params["QueryExecutionId"])
        return {"QueryExecution": _execution(query)}

    def batch_get_query_execution(self, params: Parameters) -> Parameters:
        found, missing = [], []
        for identifier in params["QueryExecutionIds"]:
            try:
                found.append(_execution(self._lake.queries.get(identifier)))
            except NotFound as error:
                missing.append(
                    {
                        "QueryExecutionId": identifier,
                        "ErrorCode": "QUERY_EXECUTION_NOT_FOUND",
                        "ErrorMessage": error.message,
                    }
                )
        return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing}

    def list_query_executions(self, params: Parameters) -> Parameters:
        group = workgroups.get(self._lake, params.get("WorkGroup") or workgroups.PRIMARY)
        start = _position(params.get("NextToken"))
        limit = params.get("MaxResults") or MAX_LISTED
        found = self._lake.queries.listed(group["Name"], start, limit + 1)
        answer: Parameters = {"QueryExecutionIds": found[:limit]}
        if len(found) > limit:
            answer["NextToken"] = str(start + limit)
        return answer

    def stop_query_execution(self, params: Parameters) -> Parameters:
        self._lake.queries.stop(params["QueryExecutionId"])
        return {}

    def get_query_results(self, params: Parameters) -> Parameters:
        query = self._lake.queries.get(params["QueryExecutionId"])
        limit = params.get("MaxResults") or MAX_ROWS
        if limit > MAX_ROWS:
            raise invalid(f"MaxResults is more than maximum allowed length {MAX_ROWS}")
        _check_state(query)
        assert query.result is not None
        try:
            page = self._lake.queries.page(query, params.get("NextToken"), limit)
        except NotFound as error:
            raise invalid("Could not find results", "RESULT_NOT_FOUND") from error
        answer: Parameters = {
            "ResultSet": {
                "Rows": [{"Data": [_datum(cell) for cell in row]} for row in page.rows],
                "ResultSetMetadata": {"ColumnInfo": list(query.result.columns)},
            },
            "UpdateCount": query.result.update_count,
        }
        if page.token is not None:
            answer["NextToken"] = page.token
        return answer

    def get_query_runtime_statistics(self, params: Parameters) -> Parameters:
        query = self._lake.queries.get(params["QueryExecutionId"])
        statistics = query.result.statistics if query.result else None
        return {
            "QueryRuntimeStatistics": {
                "Timeline": {
                    "QueryQueueTimeInMillis": query.queued,
                    "QueryPlanningTimeInMillis": query.planning,
                    "EngineExecutionTimeInMillis": query.execution,
                    "ServiceProcessingTimeInMillis": 0,
                    "TotalExecutionTimeInMillis": query.queued + query.execution,
                },
                "Rows": {
                    "InputRows": 0,
                    "InputBytes": statistics.scanned if statistics else 0,
                    "OutputRows": statistics.rows if statistics else 0,
                    "OutputBytes": 0,
                },
            }
        }


def _configuration(given: Parameters, group: Parameters) -> Parameters:
    """Where the answer goes: what the call says, unless the work group's word is law."""
    settings = group["Configuration"]
    own = settings.get("ResultConfiguration") or {}
    enforced = settings.get("EnforceWorkGroupConfiguration") and own.get("OutputLocation")
    chosen = own if enforced else {**own, **given}
    location = chosen.get("OutputLocation")
    if not location:
        raise invalid(
            "No output location provided. An output location is required either through the"
            " Workgroup result configuration setting or as an API input."
        )
    if not location.startswith("s3://") or not location[5:].partition("/")[0]:
        raise invalid("outputLocation is not a valid S3 path.")
    return dict(chosen)


def _check_state(query: Query) -> None:
    if query.state == "SUCCEEDED":
        return
    if query.state == "CANCELLED":
        raise invalid("Could not find results", "RESULT_NOT_FOUND")
    if query.state == "FAILED":
        message = "Query did not finish successfully. Final query state: FAILED"
        raise invalid(message, "INVALID_QUERY_EXECUTION_STATE")
    message = f"Query has not yet finished. Current state: {query.state}"
    raise invalid(message, "INVALID_QUERY_EXECUTION_STATE")


def _datum(cell: str | None) -> dict[str, str]:
    return {} if cell is None else {"VarCharValue": cell}


def _position(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdigit():
        raise invalid("Malformed nextPageToken")
    return int(token)


def _execution(query: Query) -> dict[str, Any]:
    """Athena's QueryExecution."""
    request = query.request
    context = {"Database": request.database, "Catalog": request.catalog and request.catalog.lower()}
    return {
        "QueryExecutionId": query.id,
        "Query": request.text,
        "StatementType": query.statement_type,
        "SubstatementType": query.substatement_type,
        "ResultConfiguration": {**request.configuration, "OutputLocation": query.location},
        "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}},
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
        found["AthenaError"] = failure(query.error_name or "GENERIC_INTERNAL_ERROR", query.reason)
    return found


def _statistics(query: Query) -> dict[str, Any]:
    found: dict[str, Any] = {
        "EngineExecutionTimeInMillis": query.execution,
        "DataScannedInBytes": query.result.statistics.scanned if query.result else 0,
        "TotalExecutionTimeInMillis": query.queued + query.execution,
        "QueryQueueTimeInMillis": query.queued,
        "ServicePreProcessingTimeInMillis": 0,
        "QueryPlanningTimeInMillis": query.planning,
        "ServiceProcessingTimeInMillis": 0,
        "ResultReuseInformation": {"ReusedPreviousResult": False},
    }
    if query.result and query.result.manifest:
        found["DataManifestLocation"] = query.result.manifest
    return found
