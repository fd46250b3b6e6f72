"""Column statistics of tables and partitions."""

from lakelet.errors import NotFound
from lakelet.model import Document
from lakelet.services import Parameters
from lakelet.services.glue.errors import detail
from lakelet.services.glue.subject import Subject


class Statistics(Subject):
    """The operations on column statistics; a request about a partition has its values."""

    def update_column_statistics_for_table(self, params: Parameters) -> Document:
        self._catalog(params).statistics.put(
            params["DatabaseName"],
            params["TableName"],
            params.get("PartitionValues"),
            params["ColumnStatisticsList"],
        )
        return {"Errors": []}

    def get_column_statistics_for_table(self, params: Parameters) -> Document:
        kept = self._catalog(params).statistics.get(
            params["DatabaseName"], params["TableName"], params.get("PartitionValues")
        )
        wanted = [(name, kept.get(name.lower())) for name in params["ColumnNames"]]
        return {
            "ColumnStatisticsList": [found for _, found in wanted if found is not None],
            "Errors": [
                {"ColumnName": name, "Error": detail(NotFound(f"Column {name} not found."))}
                for name, found in wanted
                if found is None
            ],
        }

    def delete_column_statistics_for_table(self, params: Parameters) -> Document:
        self._catalog(params).statistics.delete(
            params["DatabaseName"],
            params["TableName"],
            params.get("PartitionValues"),
            params["ColumnName"],
        )
        return {}

    update_column_statistics_for_partition = update_column_statistics_for_table
    get_column_statistics_for_partition = get_column_statistics_for_table
    delete_column_statistics_for_partition = delete_column_statistics_for_table
