"""Metadata as engines that Lake Formation trusts ask for it."""

from lakelet.model import Document
from lakelet.services import Parameters
from lakelet.services.glue.partitions import Partitions


class Unfiltered(Partitions):
    """GetUnfiltered*: all columns, since nothing here is narrowed."""

    def get_unfiltered_table_metadata(self, params: Parameters) -> Document:
        table = self._catalog(params).tables.get(params["DatabaseName"], params["Name"])
        return {
            "Table": table,
            "AuthorizedColumns": _columns(table),
            "IsRegisteredWithLakeFormation": False,
            "CellFilters": [],
        }

    def get_unfiltered_partition_metadata(self, params: Parameters) -> Document:
        table = self._catalog(params).tables.get(params["DatabaseName"], params["TableName"])
        return {
            **self.get_partition(params),
            "AuthorizedColumns": _columns(table),
            "IsRegisteredWithLakeFormation": False,
        }

    def get_unfiltered_partitions_metadata(self, params: Parameters) -> Document:
        table = self._catalog(params).tables.get(params["DatabaseName"], params["TableName"])
        page = self.get_partitions(params)
        columns = _columns(table)
        found = [
            {
                "Partition": each,
                "AuthorizedColumns": columns,
                "IsRegisteredWithLakeFormation": False,
            }
            for each in page.pop("Partitions")
        ]
        return {"UnfilteredPartitions": found, **page}


def _columns(table: Document) -> list[str]:
    data = (table.get("StorageDescriptor") or {}).get("Columns") or []
    return [column["Name"] for column in (*data, *(table.get("PartitionKeys") or []))]
