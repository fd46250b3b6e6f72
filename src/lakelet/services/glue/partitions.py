"""Partitions of tables."""

from typing import Any

from lakelet.catalog.pages import place, token
from lakelet.errors import AlreadyExists, InvalidInput, NotFound
from lakelet.model import Document
from lakelet.services import Parameters
from lakelet.services.glue.errors import detail
from lakelet.services.glue.subject import Subject

_MOST = 1000
_PRESENT = AlreadyExists("Partition already exists.")


class Partitions(Subject):
    """The operations on partitions, one by one and in batches."""

    def create_partition(self, params: Parameters) -> Document:
        database, table, given = _names(params, "PartitionInput")
        if self._catalog(params).partitions_of.create(database, table, [_with_values(given)]):
            raise _PRESENT
        return {}

    def batch_create_partition(self, params: Parameters) -> Document:
        database, table, given = _names(params, "PartitionInputList")
        present = self._catalog(params).partitions_of.create(
            database, table, [_with_values(each) for each in given]
        )
        return {
            "Errors": [
                {"PartitionValues": each["Values"], "ErrorDetail": detail(_PRESENT)}
                for each in present
            ]
        }

    def update_partition(self, params: Parameters) -> Document:
        database, table, given = _names(params, "PartitionInput")
        partitions = self._catalog(params).partitions_of
        partitions.update(database, table, params["PartitionValueList"], given)
        return {}

    def batch_update_partition(self, params: Parameters) -> Document:
        database, table, entries = _names(params, "Entries")
        catalog = self._catalog(params)
        errors = []
        with self._lake.database.transaction():
            catalog.tables.identifier(database, table)
            for each in entries:
                values = each["PartitionValueList"]
                try:
                    catalog.partitions_of.update(database, table, values, each["PartitionInput"])
                except (AlreadyExists, InvalidInput, NotFound) as error:
                    errors.append({"PartitionValueList": values, "ErrorDetail": detail(error)})
        return {"Errors": errors}

    def delete_partition(self, params: Parameters) -> Document:
        database, table, values = _names(params, "PartitionValues")
        self._catalog(params).partitions_of.delete(database, table, values)
        return {}

    def batch_delete_partition(self, params: Parameters) -> Document:
        database, table, entries = _names(params, "PartitionsToDelete")
        catalog = self._catalog(params)
        errors = []
        with self._lake.database.transaction():
            catalog.tables.identifier(database, table)
            for each in entries:
                try:
                    catalog.partitions_of.delete(database, table, each["Values"])
                except NotFound as error:
                    refused = {"PartitionValues": each["Values"], "ErrorDetail": detail(error)}
                    errors.append(refused)
        return {"Errors": errors}

    def get_partition(self, params: Parameters) -> Document:
        database, table, values = _names(params, "PartitionValues")
        return {"Partition": self._catalog(params).partitions_of.get(database, table, values)}

    def batch_get_partition(self, params: Parameters) -> Document:
        database, table, entries = _names(params, "PartitionsToGet")
        catalog = self._catalog(params)
        catalog.tables.identifier(database, table)
        found = []
        for each in entries:
            try:
                found.append(catalog.partitions_of.get(database, table, each["Values"]))
            except NotFound:
                continue
        return {"Partitions": found, "UnprocessedKeys": []}

    def get_partitions(self, params: Parameters) -> Document:
        segment = params.get("Segment")
        if segment and segment["SegmentNumber"] >= segment["TotalSegments"]:
            raise InvalidInput("SegmentNumber must be less than TotalSegments.")
        page = self._catalog(params).partitions_of.page(
            params["DatabaseName"],
            params["TableName"],
            params.get("Expression") or "",
            after=place("Partitions", params.get("NextToken")),
            limit=min(params.get("MaxResults") or _MOST, _MOST),
            segment=(segment["SegmentNumber"], segment["TotalSegments"]) if segment else None,
        )
        found = page.partitions
        if params.get("ExcludeColumnSchema"):
            found = [_without_columns(each) for each in found]
        return {
            "Partitions": found,
            **({"NextToken": token("Partitions", page.after)} if page.after is not None else {}),
        }


def _names(params: Parameters, member: str) -> tuple[str, str, Any]:
    return params["DatabaseName"], params["TableName"], params[member]


def _with_values(given: Document) -> Document:
    if not given.get("Values"):
        raise InvalidInput("Partition values cannot be null or empty.")
    return given


def _without_columns(partition: Document) -> Document:
    storage = partition.get("StorageDescriptor")
    if storage is None:
        return partition
    kept = {name: value for name, value in storage.items() if name != "Columns"}
    return {**partition, "StorageDescriptor": kept}
