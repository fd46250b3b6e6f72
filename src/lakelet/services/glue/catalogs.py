"""Catalogues inside the account's own, and the import from Athena's old one."""

import re
from datetime import UTC, datetime

from lakelet.model import Document
from lakelet.services import Parameters
from lakelet.services.glue.subject import Subject, cut
from lakelet.services.glue.tags import arn, forget, tag

KIND = "catalog"


class Catalogs(Subject):
    """The operations on catalogues."""

    def create_catalog(self, params: Parameters) -> Document:
        name, now = params["Name"].lower(), datetime.now(UTC)
        document = {**params["CatalogInput"], "Name": name, "CreateTime": now, "UpdateTime": now}
        refusal = f"Catalog {name} already exists."
        with self._lake.database.transaction():
            self._lake.catalog.records.create(KIND, name, document, refusal)
            tag(self._lake, f"catalog/{name}", params.get("Tags"))
        return {}

    def update_catalog(self, params: Parameters) -> Document:
        with self._lake.database.transaction():
            before = self._inner(params["CatalogId"])
            document = {
                **params["CatalogInput"],
                "Name": before["Name"],
                "CreateTime": before["CreateTime"],
                "UpdateTime": datetime.now(UTC),
            }
            self._lake.catalog.records.put(KIND, before["Name"], document)
        return {}

    def delete_catalog(self, params: Parameters) -> Document:
        with self._lake.database.transaction():
            name = self._inner(params["CatalogId"])["Name"]
            inner = self._lake.catalog.inner(name)
            for database in inner.database_names():
                inner.databases.delete(database)
            self._lake.catalog.records.delete(KIND, name)
            forget(self._lake, f"catalog/{name}")
        return {}

    def get_catalog(self, params: Parameters) -> Document:
        if _is_account(params["CatalogId"]):
            return {"Catalog": self._own()}
        return {"Catalog": self._shown(self._inner(params["CatalogId"]))}

    def get_catalogs(self, params: Parameters) -> Document:
        found = [self._shown(each) for _, each in self._lake.catalog.records.listed(KIND)]
        root = [self._own()] if params.get("IncludeRoot") else []
        return cut(params, "CatalogList", root + found)

    def import_catalog_to_glue(self, params: Parameters) -> Document:
        return {}

    def get_catalog_import_status(self, params: Parameters) -> Document:
        return {"ImportStatus": {"ImportCompleted": True}}

    def _inner(self, identifier: str) -> Document:
        name = identifier.rpartition(":")[2].lower()
        return self._lake.catalog.records.need(KIND, name, f"Catalog {identifier} not found.")

    def _own(self) -> Document:
        account = self._lake.catalog.account
        return {"CatalogId": account, "Name": account, "ResourceArn": arn(self._lake, "catalog")}

    def _shown(self, document: Document) -> Document:
        name = document["Name"]
        return {
            **document,
            "CatalogId": f"{self._lake.catalog.account}:{name}",
            "ResourceArn": arn(self._lake, f"catalog/{name}"),
        }


def _is_account(identifier: str) -> bool:
    return re.fullmatch(r"\d{12}", identifier) is not None
