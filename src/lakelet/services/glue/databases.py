"""Databases of the Data Catalog."""

from lakelet.model import Document
from lakelet.services import Parameters
from lakelet.services.glue.subject import Subject, paged
from lakelet.services.glue.tags import forget, tag


class Databases(Subject):
    """The operations on databases."""

    def create_database(self, params: Parameters) -> Document:
        given = params["DatabaseInput"]
        with self._lake.database.transaction():
            self._catalog(params).databases.create(given)
            tag(self._lake, f"database/{given['Name'].lower()}", params.get("Tags"))
        return {}

    def get_database(self, params: Parameters) -> Document:
        return {"Database": self._catalog(params).databases.get(params["Name"])}

    def get_databases(self, params: Parameters) -> Document:
        databases = self._catalog(params).databases
        page = paged(params, "DatabaseList", databases.listed, lambda each: str(each["Name"]))
        if params.get("AttributesToGet") == ["NAME"]:
            page["DatabaseList"] = [{"Name": each["Name"]} for each in page["DatabaseList"]]
        return page

    def update_database(self, params: Parameters) -> Document:
        self._catalog(params).databases.update(params["Name"], params["DatabaseInput"])
        return {}

    def delete_database(self, params: Parameters) -> Document:
        with self._lake.database.transaction():
            self._catalog(params).databases.delete(params["Name"])
            forget(self._lake, f"database/{params['Name'].lower()}")
        return {}
