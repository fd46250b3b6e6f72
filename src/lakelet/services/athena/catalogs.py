"""Data catalogs: the lake's own, and others that are recorded.

Only the lake's own holds tables that can be queried; of another one no more is known than what it
was made with.
"""

import re
from typing import Final

from lakelet.lake import Lake
from lakelet.queries import documents
from lakelet.queries.documents import DATA_CATALOG
from lakelet.services import Parameters
from lakelet.services.athena.errors import invalid
from lakelet.services.athena.pages import page
from lakelet.services.athena.resources import arn, tag

OWN: Final = "AwsDataCatalog"
_PARAMETERS: Final[dict[str, tuple[frozenset[str], ...]]] = {
    "GLUE": (frozenset({"catalog-id"}),),
    "LAMBDA": (frozenset({"function"}), frozenset({"metadata-function", "record-function"})),
    "HIVE": (frozenset({"metadata-function"}),),
    "FEDERATED": (
        frozenset({"connection-arn"}),
        frozenset({"connection-type", "connection-properties"}),
    ),
}
"""What a catalog of each type needs, one of these sets."""


def is_known(lake: Lake, name: str) -> bool:
    return is_own(name) or documents.kept(lake.database, DATA_CATALOG, name) is not None


def is_own(name: str) -> bool:
    return name.lower() == OWN.lower()


def _own_first(summary: Parameters) -> str:
    name: str = summary["CatalogName"]
    return "" if name == OWN else name


class DataCatalogs:
    """The operations on data catalogs."""

    _lake: Lake

    def create_data_catalog(self, params: Parameters) -> Parameters:
        name = params["Name"]
        document = self._document(params)
        database = self._lake.database
        with database.transaction():
            if is_own(name) or not documents.make(database, DATA_CATALOG, name, document):
                raise invalid(f"DataCatalog {name} already exists")
            if params.get("Tags"):
                tag(self._lake, arn(self._lake, "datacatalog", name), params["Tags"])
        return {"DataCatalog": document}

    def get_data_catalog(self, params: Parameters) -> Parameters:
        return {"DataCatalog": self._data_catalog(params["Name"])}

    def list_data_catalogs(self, params: Parameters) -> Parameters:
        made = [document for _, document in documents.listed(self._lake.database, DATA_CATALOG)]
        members = ("Type", "Status", "ConnectionType")
        found = [
            {"CatalogName": each["Name"], **{m: each[m] for m in members if each.get(m)}}
            for each in (self._own(), *made)
        ]
        return page("DataCatalogsSummary", found, params, key=_own_first)

    def update_data_catalog(self, params: Parameters) -> Parameters:
        self._need_made(params["Name"])
        documents.keep(self._lake.database, DATA_CATALOG, params["Name"], self._document(params))
        return {}

    def delete_data_catalog(self, params: Parameters) -> Parameters:
        name = params["Name"]
        found = self._need_made(name)
        documents.forget(self._lake.database, DATA_CATALOG, name)
        documents.forget(self._lake.database, documents.TAGS, arn(self._lake, "datacatalog", name))
        return {"DataCatalog": {**found, "Status": "DELETE_COMPLETE"}}

    def _data_catalog(self, name: str) -> Parameters:
        """Raises AwsError for one that is not there."""
        found = (
            self._own() if is_own(name) else documents.kept(self._lake.database, DATA_CATALOG, name)
        )
        if found is None:
            raise invalid(f"DataCatalog {name} was not found")
        return found

    def _need_made(self, name: str) -> Parameters:
        if is_own(name):
            raise invalid(f"DataCatalog {OWN} can not be changed")
        return self._data_catalog(name)

    def _own(self) -> Parameters:
        parameters = {"catalog-id": self._lake.settings.account}
        return {"Name": OWN, "Type": "GLUE", "Parameters": parameters}

    def _document(self, params: Parameters) -> Parameters:
        kind, given = params["Type"], params.get("Parameters") or {}
        if not any(needed <= set(given) for needed in _PARAMETERS[kind]):
            shown = " or ".join(", ".join(sorted(needed)) for needed in _PARAMETERS[kind])
            raise invalid(f"A data catalog of type {kind} needs the parameters {shown}")
        account = given.get("catalog-id")
        if account is not None and re.fullmatch(r"\d{12}(?::.+)?", account) is None:
            raise invalid(f"Invalid catalog-id {account}")
        document = {"Name": params["Name"], "Type": kind, "Parameters": given}
        if params.get("Description"):
            document["Description"] = params["Description"]
        if kind == "FEDERATED":
            document["Status"] = "CREATE_COMPLETE"
            if given.get("connection-type"):
                document["ConnectionType"] = given["connection-type"]
        return document
