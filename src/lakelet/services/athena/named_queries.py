"""Named queries: texts that are kept under an id."""

from uuid import uuid4

from lakelet.lake import Lake
from lakelet.queries import documents
from lakelet.queries.documents import NAMED_QUERY
from lakelet.services import Parameters
from lakelet.services.athena import workgroups
from lakelet.services.athena.errors import invalid
from lakelet.services.athena.pages import page


class NamedQueries:
    """The operations on named queries."""

    _lake: Lake

    def create_named_query(self, params: Parameters) -> Parameters:
        group = workgroups.get(self._lake, params.get("WorkGroup") or workgroups.PRIMARY)
        members = ("Name", "Description", "Database", "QueryString")
        document = {name: params[name] for name in members if params.get(name) is not None}
        document["WorkGroup"] = group["Name"]
        with self._lake.database.transaction():
            return {"NamedQueryId": self._made(document, params.get("ClientRequestToken"))}

    def _made(self, document: Parameters, token: str | None) -> str:
        """The id of a query, which its token has made before or makes now. Raises AwsError."""
        for identifier, known in (
            documents.listed(self._lake.database, NAMED_QUERY) if token else ()
        ):
            if known.get("token") == token:
                if {**document, "NamedQueryId": identifier, "token": token} != known:
                    raise invalid(
                        "Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH"
                    )
                return identifier
        identifier = str(uuid4())
        kept = {**document, "NamedQueryId": identifier, "token": token}
        documents.keep(self._lake.database, NAMED_QUERY, identifier, kept)
        return identifier

    def get_named_query(self, params: Parameters) -> Parameters:
        return {"NamedQuery": _shown(self._named_query(params["NamedQueryId"]))}

    def batch_get_named_query(self, params: Parameters) -> Parameters:
        found, missing = [], []
        for identifier in params["NamedQueryIds"]:
            document = documents.kept(self._lake.database, NAMED_QUERY, identifier)
            if document is not None:
                found.append(_shown(document))
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
        group = workgroups.get(self._lake, params.get("WorkGroup") or workgroups.PRIMARY)["Name"]
        found = documents.listed(self._lake.database, NAMED_QUERY)
        names = [name for name, document in found if document["WorkGroup"] == group]
        return page("NamedQueryIds", names, params)

    def update_named_query(self, params: Parameters) -> Parameters:
        found = self._named_query(params["NamedQueryId"])
        members = ("Name", "Description", "QueryString")
        changed = {name: params[name] for name in members if params.get(name) is not None}
        documents.keep(
            self._lake.database, NAMED_QUERY, params["NamedQueryId"], {**found, **changed}
        )
        return {}

    def delete_named_query(self, params: Parameters) -> Parameters:
        self._named_query(params["NamedQueryId"])
        documents.forget(self._lake.database, NAMED_QUERY, params["NamedQueryId"])
        return {}

    def _named_query(self, identifier: str) -> Parameters:
        found = documents.kept(self._lake.database, NAMED_QUERY, identifier)
        if found is None:
            raise invalid(f"NamedQuery {identifier} was not found")
        return found


def _shown(document: Parameters) -> Parameters:
    return {name: value for name, value in document.items() if name != "token"}
