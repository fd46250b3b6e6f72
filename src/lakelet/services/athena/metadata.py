"""The catalogue as Athena lists it: databases and tables."""

from typing import Any
from uuid import uuid4

from lakelet.catalog.name_expressions import matches
from lakelet.errors import AwsError, NotFound
from lakelet.lake import Lake
from lakelet.queries import documents
from lakelet.services import Parameters
from lakelet.services.athena import catalogs
from lakelet.services.athena.errors import invalid
from lakelet.services.athena.pages import page


class Metadata:
    """The operations that list the catalogue."""

    _lake: Lake

    def list_databases(self, params: Parameters) -> Parameters:
        _check_catalog(self._lake, params["CatalogName"])
        answer = page("DatabaseList", self._lake.catalog.database_names(), params)
        return {**answer, "DatabaseList": list(map(self._database, answer["DatabaseList"]))}

    def get_database(self, params: Parameters) -> Parameters:
        _check_catalog(self._lake, params["CatalogName"])
        return {"Database": self._database(params["DatabaseName"])}

    def list_table_metadata(self, params: Parameters) -> Parameters:
        _check_catalog(self._lake, params["CatalogName"])
        database = params["DatabaseName"]
        self._database(database)
        names = self._lake.catalog.table_names(database)
        if params.get("Expression"):
            names = list(filter(matches(params["Expression"], whole=False), names))
        answer = page("TableMetadataList", names, params)
        tables = [self._table(database, name) for name in answer["TableMetadataList"]]
        return {**answer, "TableMetadataList": tables}

    def get_table_metadata(self, params: Parameters) -> Parameters:
        _check_catalog(self._lake, params["CatalogName"])
        return {"TableMetadata": self._table(params["DatabaseName"], params["TableName"])}

    def _database(self, name: str) -> dict[str, Any]:
        try:
            found = self._lake.catalog.databases.get(name)
        except NotFound as error:
            raise _not_found(f"Database {name} not found.") from error
        members = ("Name", "Description", "Parameters")
        return {member: found[member] for member in members if found.get(member) is not None}

    def _table(self, database: str, name: str) -> dict[str, Any]:
        try:
            found = self._lake.catalog.tables.get(database, name)
        except NotFound as error:
            raise _not_found("Entity Not Found") from error
        storage = found.get("StorageDescriptor") or {}
        serde = storage.get("SerdeInfo") or {}
        parameters = {
            **(found.get("Parameters") or {}),
            "location": storage.get("Location") or "",
            "inputformat": storage.get("InputFormat") or "",
            "outputformat": storage.get("OutputFormat") or "",
            "serde.serialization.lib": serde.get("SerializationLibrary") or "",
            **{f"serde.param.{k}": v for k, v in (serde.get("Parameters") or {}).items()},
        }
        return {
            "Name": found["Name"],
            "CreateTime": found.get("CreateTime"),
            "LastAccessTime": found.get("LastAccessTime"),
            "TableType": found.get("TableType"),
            "Columns": [_column(each) for each in storage.get("Columns") or ()],
            "PartitionKeys": [_column(each) for each in found.get("PartitionKeys") or ()],
            "Parameters": parameters,
        }


def _column(given: Parameters) -> dict[str, Any]:
    members = ("Name", "Type", "Comment")
    return {member: given[member] for member in members if given.get(member) is not None}


def _check_catalog(lake: Lake, name: str) -> None:
    """Raises AwsError for a catalog that is not there, or whose tables are elsewhere."""
    if catalogs.is_own(name):
        return
    found = documents.kept(lake.database, documents.DATA_CATALOG, name)
    if found is None:
        raise invalid(f"DataCatalog {name} was not found")
    own = found["Type"] == "GLUE" and found["Parameters"]["catalog-id"] == lake.settings.account
    if not own:
        text = f"DataCatalog {name} is recorded, but its tables are not available in lakelet"
        raise AwsError("MetadataException", text, 400)


def _not_found(message: str) -> AwsError:
    """In the envelope of Glue's client, by whose text clients know that a table is not there (as
    Athena answers DESCRIBE, and as PyAthena's tests have it)."""
    text = (
        f"{message} (Service: AmazonDataCatalog; Status Code: 400;"
        f" Error Code: EntityNotFoundException; Request ID: {uuid4()}; Proxy: null)"
    )
    return AwsError("MetadataException", text, 400)
