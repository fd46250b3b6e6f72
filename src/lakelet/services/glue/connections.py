"""Connections to other stores: kept, and given back."""

from datetime import UTC, datetime

from lakelet.crawler.jdbc import tables
from lakelet.errors import InvalidInput, LakeError, NotFound
from lakelet.model import Document
from lakelet.services import Parameters
from lakelet.services.glue.errors import detail
from lakelet.services.glue.subject import Subject, cut
from lakelet.services.glue.tags import forget, tag

_KIND = "connection"
_SECRETS = ("PASSWORD", "ENCRYPTED_PASSWORD")


class Connections(Subject):
    """The operations on connections."""

    def create_connection(self, params: Parameters) -> Document:
        given = params["ConnectionInput"]
        now = datetime.now(UTC)
        document = {**_kept(given), "CreationTime": now, "LastUpdatedTime": now, "Status": "READY"}
        refusal = f"Connection {given['Name']} already exists."
        with self._lake.database.transaction():
            self._catalog(params).records.create(_KIND, given["Name"], document, refusal)
            tag(self._lake, f"connection/{given['Name']}", params.get("Tags"))
        return {"CreateConnectionStatus": "READY"}

    def update_connection(self, params: Parameters) -> Document:
        records = self._catalog(params).records
        with self._lake.database.transaction():
            before = records.need(_KIND, params["Name"], _missing(params["Name"]))
            document = {
                **_kept(params["ConnectionInput"]),
                "Name": params["Name"],
                "CreationTime": before["CreationTime"],
                "LastUpdatedTime": datetime.now(UTC),
                "Status": "READY",
            }
            records.put(_KIND, params["Name"], document)
        return {}

    def delete_connection(self, params: Parameters) -> Document:
        name = params["ConnectionName"]
        with self._lake.database.transaction():
            if not self._catalog(params).records.delete(_KIND, name):
                raise NotFound(_missing(name))
            forget(self._lake, f"connection/{name}")
        return {}

    def batch_delete_connection(self, params: Parameters) -> Document:
        succeeded, errors = [], {}
        for name in params["ConnectionNameList"]:
            try:
                self.delete_connection({**params, "ConnectionName": name})
                succeeded.append(name)
            except LakeError as error:
                errors[name] = detail(error)
        return {"Succeeded": succeeded, "Errors": errors}

    def get_connection(self, params: Parameters) -> Document:
        found = self._catalog(params).records.need(_KIND, params["Name"], _missing(params["Name"]))
        return {"Connection": _shown(found, params)}

    def get_connections(self, params: Parameters) -> Document:
        wanted = params.get("Filter") or {}
        criteria = set(wanted.get("MatchCriteria") or ())
        kind = wanted.get("ConnectionType")
        found = [
            _shown(each, params)
            for _, each in self._catalog(params).records.listed(_KIND)
            if criteria <= set(each.get("MatchCriteria") or ())
            and kind in (None, each["ConnectionType"])
        ]
        return cut(params, "ConnectionList", found)

    def test_connection(self, params: Parameters) -> Document:
        given = params.get("TestConnectionInput")
        if params.get("ConnectionName"):
            given = self.get_connection({**params, "Name": params["ConnectionName"]})["Connection"]
        if not given:
            raise InvalidInput("A connection must be named or given.")
        properties = given.get("ConnectionProperties") or {}
        tables(self._lake.storage, properties.get("JDBC_CONNECTION_URL") or "")
        return {}


def _kept(given: Document) -> Document:
    return {name: value for name, value in given.items() if name != "ValidateCredentials"}


def _shown(connection: Document, params: Parameters) -> Document:
    """Without its password if that is to be hidden."""
    if not params.get("HidePassword"):
        return connection
    properties = connection.get("ConnectionProperties") or {}
    open_ones = {name: value for name, value in properties.items() if name not in _SECRETS}
    return {**connection, "ConnectionProperties": open_ones}


def _missing(name: str) -> str:
    return f"Connection {name} not found."
