"""Tables of the Data Catalog."""

from collections.abc import Callable
from itertools import islice

from lakelet.catalog.pages import place, token
from lakelet.errors import InvalidInput, NotFound
from lakelet.model import Document
from lakelet.services import Parameters
from lakelet.services.glue import open_formats
from lakelet.services.glue.errors import detail
from lakelet.services.glue.search import keeps, ordered
from lakelet.services.glue.subject import Subject, cut, paged

_ATTRIBUTES = {"NAME": "Name", "TABLE_TYPE": "TableType"}


class Tables(Subject):
    """The operations on tables and on their partition indexes."""

    def create_table(self, params: Parameters) -> Document:
        if not params.get("OpenTableFormatInput"):
            return self._create(params, _table_input(params))
        with open_formats.iceberg(self._lake, params) as given:
            return self._create(params, given)

    def _create(self, params: Parameters, given: Document) -> Document:
        catalog = self._catalog(params)
        with self._lake.database.transaction():
            catalog.tables.create(params["DatabaseName"], given)
            indexes = params.get("PartitionIndexes")
            if indexes:
                catalog.partition_indexes.create(params["DatabaseName"], given["Name"], indexes)
        return {}

    def update_table(self, params: Parameters) -> Document:
        if params.get("UpdateOpenTableFormatInput"):
            open_formats.change(self._lake, self._catalog(params).tables, params)
            return {}
        self._catalog(params).tables.update(
            params["DatabaseName"],
            _table_input(params),
            version=params.get("VersionId"),
            archive=not params.get("SkipArchive"),
        )
        return {}

    def delete_table(self, params: Parameters) -> Document:
        self._catalog(params).tables.delete(params["DatabaseName"], params["Name"])
        return {}

    def batch_delete_table(self, params: Parameters) -> Document:
        tables = self._catalog(params).tables
        self._catalog(params).databases.identifier(params["DatabaseName"])
        errors = []
        for name in params["TablesToDelete"]:
            try:
                tables.delete(params["DatabaseName"], name)
            except NotFound as error:
                errors.append({"TableName": name, "ErrorDetail": detail(error)})
        return {"Errors": errors}

    def get_table(self, params: Parameters) -> Document:
        catalog = self._catalog(params)
        found = catalog.tables.find(params["DatabaseName"], params["Name"])
        if found is None:
            # So AWS answers for a database that is not there, too; other operations name either.
            raise NotFound("Entity Not Found")
        return {"Table": found}

    def get_tables(self, params: Parameters) -> Document:
        tables, database = self._catalog(params).tables, params["DatabaseName"]
        pattern = params.get("Expression") or None

        def listed(after: str, limit: int) -> list[Document]:
            return tables.listed(database, pattern, after=after, limit=limit)

        page = paged(params, "TableList", listed, lambda each: str(each["Name"]))
        wanted = params.get("AttributesToGet")
        if wanted:
            members = [_ATTRIBUTES[each] for each in wanted if each in _ATTRIBUTES]
            page["TableList"] = [
                {"Name": each["Name"], **{m: each[m] for m in members if m in each}}
                for each in page["TableList"]
            ]
        return page

    def search_tables(self, params: Parameters) -> Document:
        tables = self._catalog(params).tables
        text = (params.get("SearchText") or "").strip('"')
        wanted: Callable[[Document], bool] = keeps(params.get("Filters") or ())
        limit = params.get("MaxResults") or 100
        criteria = params.get("SortCriteria") or ()
        if criteria:
            start = place("found", params.get("NextToken"), 0)
            every = filter(wanted, tables.search(text, ("", "")))
            found = ordered(every, criteria)[start : start + limit + 1]
            after: object = start + limit
        else:
            database, name = place("found", params.get("NextToken"), ["", ""])
            found = list(islice(filter(wanted, tables.search(text, (database, name))), limit + 1))
            after = [found[limit - 1][m] for m in ("DatabaseName", "Name")] if found[limit:] else ""
        page: Document = {"TableList": found[:limit]}
        if len(found) > limit:
            page["NextToken"] = token("found", after)
        return page

    def create_partition_index(self, params: Parameters) -> Document:
        indexes = self._catalog(params).partition_indexes
        indexes.create(params["DatabaseName"], params["TableName"], [params["PartitionIndex"]])
        return {}

    def delete_partition_index(self, params: Parameters) -> Document:
        indexes = self._catalog(params).partition_indexes
        indexes.delete(params["DatabaseName"], params["TableName"], params["IndexName"])
        return {}

    def get_partition_indexes(self, params: Parameters) -> Document:
        indexes = self._catalog(params).partition_indexes
        found = indexes.listed(params["DatabaseName"], params["TableName"])
        return cut(params, "PartitionIndexDescriptorList", found)


def _table_input(params: Parameters) -> Document:
    if not params.get("TableInput"):
        raise InvalidInput("TableInput cannot be null.")
    given: Document = params["TableInput"]
    return given
