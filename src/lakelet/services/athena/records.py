"""Named queries, prepared statements and tags: kept and given back."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson

from lakelet.lake import Lake
from lakelet.services import Parameters
from lakelet.services.athena import workgroups
from lakelet.services.athena.errors import invalid
from lakelet.services.errors import ServiceError

_NAMED = "named_query"
_PREPARED = "prepared_statement"
_PAGE = 50


class Records:
    """The operations on what Athena keeps beside queries."""

    _lake: Lake

    # Named queries --------------------------------------------------------------------------

    def create_named_query(self, params: Parameters) -> Parameters:
        group = workgroups.get(self._lake, params.get("WorkGroup") or workgroups.PRIMARY)
        identifier = str(uuid4())
        members = ("Name", "Description", "Database", "QueryString")
        document = {name: params[name] for name in members if params.get(name) is not None}
        self._keep(
            _NAMED,
            identifier,
            {**document, "NamedQueryId": identifier, "WorkGroup": group["Name"]},
        )
        return {"NamedQueryId": identifier}

    def get_named_query(self, params: Parameters) -> Parameters:
        found = self._kept(_NAMED, params["NamedQueryId"])
        if found is None:
            raise invalid(f"NamedQuery {params['NamedQueryId']} was not found")
        return {"NamedQuery": found}

    def batch_get_named_query(self, params: Parameters) -> Parameters:
        found, missing = [], []
        for identifier in params["NamedQueryIds"]:
            document = self._kept(_NAMED, identifier)
            if document is not None:
                found.append(document)
            else:
                missing.append(
                    {
                        "NamedQueryId": identifier,
                        "ErrorCode": "INTERNAL_FAILURE",
                        "ErrorMessage": f"NamedQuery {identifier} was not found",
                    }
                )
        return {"NamedQueries": found, "UnprocessedNamedQueryIds": missing}

    def list_named_queries(self, params: Parameters) -> Parameters:
        group = params.get("WorkGroup") or workgroups.PRIMARY
        names = [n for n, document in self._all(_NAMED) if document["WorkGroup"] == group]
        return _page("NamedQueryIds", names, params)

    def update_named_query(self, params: Parameters) -> Parameters:
        found = self.get_named_query(params)["NamedQuery"]
        members = ("Name", "Description", "QueryString")
        changed = {name: params[name] for name in members if params.get(name) is not None}
        self._keep(_NAMED, params["NamedQueryId"], {**found, **changed})
        return {}

    def delete_named_query(self, params: Parameters) -> Parameters:
        self.get_named_query(params)
        self._forget(_NAMED, params["NamedQueryId"])
        return {}

    # Prepared statements --------------------------------------------------------------------

    def create_prepared_statement(self, params: Parameters) -> Parameters:
        group = workgroups.get(self._lake, params["WorkGroup"])
        name = _statement_key(params)
        if self._kept(_PREPARED, name) is not None:
            message = f"Prepared statement {params['StatementName']} already exists"
            raise invalid(f"{message} in WorkGroup {group['Name']}")
        self._put_statement(params)
        return {}

    def get_prepared_statement(self, params: Parameters) -> Parameters:
        found = self._kept(_PREPARED, _statement_key(params))
        if found is None:
            raise ServiceError(
                "ResourceNotFoundException",
                f"PreparedStatement {params['StatementName']} was not found",
                400,
                {"ResourceName": params["StatementName"]},
            )
        moment = datetime.fromtimestamp(found["LastModifiedTime"], UTC)
        return {"PreparedStatement": {**found, "LastModifiedTime": moment}}

    def list_prepared_statements(self, params: Parameters) -> Parameters:
        group = workgroups.get(self._lake, params["WorkGroup"])["Name"]
        found = [
            {
                "StatementName": document["StatementName"],
                "LastModifiedTime": datetime.fromtimestamp(document["LastModifiedTime"], UTC),
            }
            for _, document in self._all(_PREPARED)
            if document["WorkGroupName"] == group
        ]
        return _page("PreparedStatements", found, params)

    def update_prepared_statement(self, params: Parameters) -> Parameters:
        self.get_prepared_statement(params)
        self._put_statement(params)
        return {}

    def delete_prepared_statement(self, params: Parameters) -> Parameters:
        self.get_prepared_statement(params)
        self._forget(_PREPARED, _statement_key(params))
        return {}

    def _put_statement(self, params: Parameters) -> None:
        document = {
            "StatementName": params["StatementName"],
            "QueryStatement": params["QueryStatement"],
            "WorkGroupName": params["WorkGroup"],
            "Description": params.get("Description") or "",
            "LastModifiedTime": datetime.now(UTC).timestamp(),
        }
        self._keep(_PREPARED, _statement_key(params), document)

    # Tags -----------------------------------------------------------------------------------

    def tag_resource(self, params: Parameters) -> Parameters:
        tags = {each["Key"]: each.get("Value", "") for each in params["Tags"]}
        kept = self._kept("tags", params["ResourceARN"]) or {}
        self._keep("tags", params["ResourceARN"], {**kept, **tags})
        return {}

    def untag_resource(self, params: Parameters) -> Parameters:
        kept = self._kept("tags", params["ResourceARN"]) or {}
        left = {key: value for key, value in kept.items() if key not in params["TagKeys"]}
        self._keep("tags", params["ResourceARN"], left)
        return {}

    def list_tags_for_resource(self, params: Parameters) -> Parameters:
        kept = self._kept("tags", params["ResourceARN"]) or {}
        return {"Tags": [{"Key": key, "Value": value} for key, value in kept.items()]}

    # Documents ------------------------------------------------------------------------------

    def _keep(self, kind: str, name: str, document: Parameters) -> None:
        with self._lake.database.transaction() as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO athena_record VALUES (?, ?, ?)",
                (kind, name, orjson.dumps(document).decode()),
            )

    def _kept(self, kind: str, name: str) -> Parameters | None:
        rows = self._lake.database.query(
            "SELECT document FROM athena_record WHERE kind = ? AND name = ?", (kind, name)
        )
        found: Parameters | None = orjson.loads(rows[0][0]) if rows else None
        return found

    def _all(self, kind: str) -> list[tuple[str, Parameters]]:
        rows = self._lake.database.query(
            "SELECT name, document FROM athena_record WHERE kind = ? ORDER BY name", (kind,)
        )
        return [(row[0], orjson.loads(row[1])) for row in rows]

    def _forget(self, kind: str, name: str) -> None:
        with self._lake.database.transaction() as transaction:
            transaction.execute(
                "DELETE FROM athena_record WHERE kind = ? AND name = ?", (kind, name)
            )


def _statement_key(params: Parameters) -> str:
    return f"{params['WorkGroup']}/{params['StatementName']}"


def _page(member: str, found: list[Any], params: Parameters) -> Parameters:
    token = params.get("NextToken") or "0"
    if not token.isdigit():
        raise invalid("Malformed nextPageToken")
    start, limit = int(token), params.get("MaxResults") or _PAGE
    answer: Parameters = {member: found[start : start + limit]}
    if start + limit < len(found):
        answer["NextToken"] = str(start + limit)
    return answer
