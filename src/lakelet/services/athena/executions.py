"""Query executions: start, look, stop, read."""

from typing import Final

from orjson import Fragment

from lakelet.engines.locations import split
from lakelet.errors import NotFound
from lakelet.lake import Lake
from lakelet.queries.managed import OUTPUT
from lakelet.queries.model import Query, Request
from lakelet.services import Parameters
from lakelet.services.athena import workgroups
from lakelet.services.athena.errors import invalid
from lakelet.services.athena.pages import PAGE, place, token
from lakelet.services.athena.shapes import execution, runtime_statistics

MAX_ROWS: Final = 1000
_PLANNED: Final = ("RUNNING", "SUCCEEDED")
DEFAULT_AGE: Final = 60
"""Minutes that an answer may be given again unless a call says otherwise."""


class Executions:
    """The operations on query executions."""

    _lake: Lake

    def start_query_execution(self, params: Parameters) -> Parameters:
        """Text that is no statement is refused here; whatever else is wrong fails the query."""
        _check_token(params.get("ClientRequestToken"))
        group = workgroups.get(self._lake, params.get("WorkGroup") or workgroups.PRIMARY)
        if group["State"] == "DISABLED":
            raise invalid(f"WorkGroup {group['Name']} is disabled.")
        context = params.get("QueryExecutionContext") or {}
        configuration = _configuration(params.get("ResultConfiguration") or {}, group)
        managed = workgroups.managed(group)
        if not managed:
            self._check_bucket(configuration["OutputLocation"])
        request = Request(
            text=params["QueryString"].rstrip("; \t\r\n"),
            database=context.get("Database"),
            catalog=context.get("Catalog"),
            output=OUTPUT if managed else configuration["OutputLocation"],
            work_group=group["Name"],
            parameters=tuple(params.get("ExecutionParameters") or ()),
            token=params["ClientRequestToken"],
            configuration=configuration,
            scan_limit=group["Configuration"].get("BytesScannedCutoffPerQuery"),
            reuse=_age(params.get("ResultReuseConfiguration") or {}),
            managed=managed,
        )
        return {"QueryExecutionId": self._lake.queries.start(request)}

    def get_query_execution(self, params: Parameters) -> Parameters:
        query = self._lake.queries.get(params["QueryExecutionId"])
        return {"QueryExecution": execution(query)}

    def batch_get_query_execution(self, params: Parameters) -> Parameters:
        found, missing = [], []
        for identifier in params["QueryExecutionIds"]:
            try:
                found.append(execution(self._lake.queries.get(identifier, patience=0)))
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
        history, limit = self._lake.queries.history, params.get("MaxResults") or PAGE
        listing, given = f"QueryExecutionIds of {group['Name']}", params.get("NextToken")
        after = None if given is None else place(listing, given)
        found = history.listed(group["Name"], limit + 1, after)
        answer: Parameters = {"QueryExecutionIds": found[:limit]}
        if len(found) > limit:
            last = history.get(found[limit - 1])
            answer["NextToken"] = token(listing, (last.submitted, last.id))
        return answer

    def stop_query_execution(self, params: Parameters) -> Parameters:
        self._lake.queries.stop(params["QueryExecutionId"])
        return {}

    def get_query_results(self, params: Parameters) -> Parameters:
        """What is wrong is looked for in the order that was measured on AWS."""
        query = self._lake.queries.get(params["QueryExecutionId"])
        limit = params.get("MaxResults") or MAX_ROWS
        if limit > MAX_ROWS:
            raise invalid(f"MaxResults is more than maximum allowed length {MAX_ROWS}")
        _check_state(query)
        assert query.result is not None
        if query.state == "FAILED":  # Hive's reason lies in a file, but is no row
            return {"ResultSet": {"Rows": []}}
        given = params.get("NextToken")
        start = None if given is None else place(query.id, given, "Malformed nextPageToken")
        try:
            page = self._lake.queries.page(query, start, limit)
        except NotFound as error:
            raise invalid("Could not find results", "RESULT_NOT_FOUND") from error
        answer: Parameters = {
            "ResultSet": {
                "Rows": Fragment(page.rows),
                "ResultSetMetadata": {"ColumnInfo": list(query.result.columns)},
            },
            "UpdateCount": query.result.update_count,
        }
        if page.token is not None:
            answer["NextToken"] = token(query.id, page.token)
        return answer

    def get_query_runtime_statistics(self, params: Parameters) -> Parameters:
        query = self._lake.queries.get(params["QueryExecutionId"], patience=0)
        plan = self._lake.queries.stages(query) if query.state in _PLANNED else None
        return {"QueryRuntimeStatistics": runtime_statistics(query, plan)}

    def list_engine_versions(self, params: Parameters) -> Parameters:
        third = workgroups.ENGINE["EffectiveEngineVersion"]
        chosen = {"SelectedEngineVersion": third, "EffectiveEngineVersion": third}
        return {"EngineVersions": [workgroups.ENGINE, chosen]}

    def _check_bucket(self, location: str) -> None:
        """Raises AwsError for an output location whose bucket is not there."""
        bucket, _ = split(location)
        try:
            self._lake.storage.require(bucket)
        except NotFound as error:
            raise invalid(f"Unable to verify/create output bucket {bucket}") from error


def _check_token(given: str | None) -> None:
    if not given:
        raise invalid("clientRequestToken is null or empty")
    if len(given.encode()) > MAX_TOKEN:
        raise invalid(f"clientRequestToken exceeds maximum allowed length {MAX_TOKEN}")


MAX_TOKEN: Final = 128
"""Bytes of a ClientRequestToken; the model counts characters."""


def _configuration(given: Parameters, group: Parameters) -> Parameters:
    """Where the answer goes: what the call says, unless the work group's word is law."""
    settings = group["Configuration"]
    if workgroups.managed(group):
        if given:
            raise workgroups.set_together()
        return {"ManagedQueryResultsConfiguration": settings["ManagedQueryResultsConfiguration"]}
    own = settings.get("ResultConfiguration") or {}
    enforced = settings.get("EnforceWorkGroupConfiguration") and own.get("OutputLocation")
    chosen = own if enforced else {**own, **given}
    location = chosen.get("OutputLocation")
    if not location:
        raise invalid(
            "No output location provided. An output location is required either through the"
            " Workgroup result configuration setting or as an API input."
        )
    workgroups.check_location(location)
    return dict(chosen)


def _age(given: Parameters) -> int | None:
    by_age = given.get("ResultReuseByAgeConfiguration") or {}
    if not by_age.get("Enabled"):
        return None
    age: int = by_age.get("MaxAgeInMinutes", DEFAULT_AGE)
    return age


def _check_state(query: Query) -> None:
    if query.state == "SUCCEEDED":
        return
    if query.state == "CANCELLED":
        raise invalid("Could not find results", "RESULT_NOT_FOUND")
    if query.state != "FAILED":
        message = f"Query has not yet finished. Current state: {query.state}"
        raise invalid(message, "INVALID_QUERY_EXECUTION_STATE")
    if query.result is None:
        message = "Query did not finish successfully. Final query state: FAILED"
        raise invalid(message, "INVALID_QUERY_EXECUTION_STATE")
