"""Versions of tables."""

from lakelet.errors import InvalidInput, NotFound
from lakelet.model import Document
from lakelet.services import Parameters
from lakelet.services.glue.errors import detail
from lakelet.services.glue.subject import Subject, cut


class TableVersions(Subject):
    """The operations on the versions of a table."""

    def get_table_version(self, params: Parameters) -> Document:
        tables = self._catalog(params).tables
        database, table = params["DatabaseName"], params["TableName"]
        wanted = params.get("VersionId")
        found = tables.version(database, table, wanted) if wanted else tables.get(database, table)
        return {"TableVersion": _version(found)}

    def get_table_versions(self, params: Parameters) -> Document:
        found = self._catalog(params).tables.versions(params["DatabaseName"], params["TableName"])
        return cut(params, "TableVersions", [_version(each) for each in found])

    def delete_table_version(self, params: Parameters) -> Document:
        self._catalog(params).tables.delete_version(
            params["DatabaseName"], params["TableName"], params["VersionId"]
        )
        return {}

    def batch_delete_table_version(self, params: Parameters) -> Document:
        tables = self._catalog(params).tables
        database, table = params["DatabaseName"], params["TableName"]
        tables.identifier(database, table)
        errors = []
        for version in params["VersionIds"]:
            try:
                tables.delete_version(database, table, version)
            except (InvalidInput, NotFound) as error:
                refused = {"TableName": table, "VersionId": version, "ErrorDetail": detail(error)}
                errors.append(refused)
        return {"Errors": errors}


def _version(table: Document) -> Document:
    return {"Table": table, "VersionId": table["VersionId"]}
