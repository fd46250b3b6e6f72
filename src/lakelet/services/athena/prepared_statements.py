"""Prepared statements: texts with `?` that a work group keeps under a name."""

from datetime import UTC, datetime
from operator import itemgetter

from lakelet.errors import AwsError
from lakelet.lake import Lake
from lakelet.queries import documents, prepared
from lakelet.queries.documents import PREPARED_STATEMENT
from lakelet.services import Parameters
from lakelet.services.athena import workgroups
from lakelet.services.athena.errors import invalid
from lakelet.services.athena.pages import page
from lakelet.sql.statements import parse

MAX_STATEMENTS = 1000
"""How many a work group may have."""


class PreparedStatements:
    """The operations on prepared statements."""

    _lake: Lake

    def create_prepared_statement(self, params: Parameters) -> Parameters:
        group = workgroups.get(self._lake, params["WorkGroup"])["Name"]
        if len(self._of(group)) >= MAX_STATEMENTS:
            raise invalid(f"WorkGroup {group} may have {MAX_STATEMENTS} prepared statements")
        if not documents.make(
            self._lake.database, PREPARED_STATEMENT, _key(params), _document(params)
        ):
            name = params["StatementName"]
            raise invalid(f"Prepared statement {name} already exists in WorkGroup {group}")
        return {}

    def get_prepared_statement(self, params: Parameters) -> Parameters:
        return {"PreparedStatement": _shown(self._statement(params))}

    def batch_get_prepared_statement(self, params: Parameters) -> Parameters:
        group = workgroups.get(self._lake, params["WorkGroup"])["Name"]
        found, missing = [], []
        for name in params["PreparedStatementNames"]:
            document = documents.kept(
                self._lake.database, PREPARED_STATEMENT, prepared.key(group, name)
            )
            if document is not None:
                found.append(_shown(document))
            else:
                missing.append(
                    {
                        "StatementName": name,
                        "ErrorCode": "STATEMENT_NOT_FOUND",
                        "ErrorMessage": f"PreparedStatement {name} was not found",
                    }
                )
        return {"PreparedStatements": found, "UnprocessedPreparedStatementNames": missing}

    def list_prepared_statements(self, params: Parameters) -> Parameters:
        group = workgroups.get(self._lake, params["WorkGroup"])["Name"]
        found = [
            {name: _shown(document)[name] for name in ("StatementName", "LastModifiedTime")}
            for document in self._of(group)
        ]
        return page("PreparedStatements", found, params, key=itemgetter("StatementName"))

    def update_prepared_statement(self, params: Parameters) -> Parameters:
        self._statement(params)
        documents.keep(self._lake.database, PREPARED_STATEMENT, _key(params), _document(params))
        return {}

    def delete_prepared_statement(self, params: Parameters) -> Parameters:
        self._statement(params)
        documents.forget(self._lake.database, PREPARED_STATEMENT, _key(params))
        return {}

    def _of(self, group: str) -> list[Parameters]:
        found = documents.listed(self._lake.database, PREPARED_STATEMENT)
        return [document for _, document in found if document["WorkGroupName"] == group]

    def _statement(self, params: Parameters) -> Parameters:
        workgroups.get(self._lake, params["WorkGroup"])
        found = documents.kept(self._lake.database, PREPARED_STATEMENT, _key(params))
        if found is None:
            raise AwsError(
                "ResourceNotFoundException",
                f"PreparedStatement {params['StatementName']} was not found",
                400,
                {"ResourceName": params["StatementName"]},
            )
        return found


def _document(params: Parameters) -> Parameters:
    """What is kept of a statement. Raises TrinoError for a text that is none."""
    text: str = params["QueryStatement"]
    parse(text)
    return prepared.document(
        params["WorkGroup"], params["StatementName"], text, params.get("Description") or ""
    )


def _key(params: Parameters) -> str:
    return prepared.key(params["WorkGroup"], params["StatementName"])


def _shown(document: Parameters) -> Parameters:
    moment = datetime.fromtimestamp(document["LastModifiedTime"], UTC)
    return {**document, "LastModifiedTime": moment}
