"""The catalogue as Athena lists it: data catalogs, databases, tables."""

import re
from typing import Any

from lakelet.errors import NotFound
from lakelet.lake import Lake
from lakelet.services import Parameters
from lakelet.services.athena.errors import invalid
from lakelet.services.errors import ServiceError

CATALOG = "AwsDataCatalog"
_PAGE = 50


class Metadata:
    """The operations that list the catalogue."""

    _lake: Lake

    def list_data_catalogs(self, params: Parameters) -> Parameters:
        return {"DataCatalogsSummary": [{"CatalogName": CATALOG, "Type": "GLUE"}]}

    def get_data_catalog(self, params: Parameters) -> Parameters:
        _check_catalog(params["Name"])
        account = self._lake.settings.account
        return {
            "DataCatalog": {
                "Name": CATALOG,
                "Type": "GLUE",
                "Parameters": {"catalog-id": account},
            }
        }

    def list_databases(self, params: Parameters) -> Parameters:
        _check_catalog(params["CatalogName"])
        names = self._lake.catalog.database_names()
        return _page("DatabaseList", [self._database(name) for name in names], params)

    def get_database(self, params: Parameters) -> Parameters:
        _check_catalog(params["CatalogName"])
        return {"Database": self._database(params["DatabaseName"])}

    def list_table_metadata(self, params: Parameters) -> Parameters:
        _check_catalog(params["CatalogName"])
        database = params["DatabaseName"]
        self._database(database)
        pattern = params.get("Expression")
        names = self._lake.catalog.table_names(database)
        kept = [name for name in names if not pattern or re.search(pattern, name)]
        page = _page("names", kept, params)
        tables = [self._table(database, name) for name in page.pop("names")]
        return {"TableMetadataList": tables, **page}

    def get_table_metadata(self, params: Parameters) -> Parameters:
        _check_catalog(params["CatalogName"])
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
            raise _not_found(f"Table {name} not found.") from error
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


def _check_catalog(name: str) -> None:
    if name.lower() != CATALOG.lower():
        raise invalid(f"Data catalog {name} was not found")


def _not_found(message: str) -> ServiceError:
    text = (
        f"EntityNotFoundException: {message} (Service: AmazonDataCatalog; Status Code: 400;"
        " Error Code: EntityNotFoundException)"
    )
    return ServiceError("MetadataException", text, 400)


def _page(member: str, found: list[Any], params: Parameters) -> Parameters:
    token = params.get("NextToken") or "0"
    if not token.isdigit():
        raise invalid("Malformed nextPageToken")
    start, limit = int(token), params.get("MaxResults") or _PAGE
    answer: Parameters = {member: found[start : start + limit]}
    if start + limit < len(found):
        answer["NextToken"] = str(start + limit)
    return answer
