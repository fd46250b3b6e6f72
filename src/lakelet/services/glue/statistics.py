"""Column statistics of tables and partitions, and the runs that compute them."""

from lakelet.errors import NotFound
from lakelet.model import Document
from lakelet.services import Parameters
from lakelet.services.glue.errors import detail
from lakelet.services.glue.subject import Subject, cut
from lakelet.services.glue.tags import forget, tag


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

    # Runs -------------------------------------------------------------------------------------

    def start_column_statistics_task_run(self, params: Parameters) -> Document:
        return {"ColumnStatisticsTaskRunId": self._lake.statistics_tasks.start(params)}

    def stop_column_statistics_task_run(self, params: Parameters) -> Document:
        self._lake.statistics_tasks.stop(params["DatabaseName"], params["TableName"])
        return {}

    def get_column_statistics_task_run(self, params: Parameters) -> Document:
        found = self._lake.statistics_tasks.get(params["ColumnStatisticsTaskRunId"])
        return {"ColumnStatisticsTaskRun": found}

    def get_column_statistics_task_runs(self, params: Parameters) -> Document:
        found = self._lake.statistics_tasks.listed(params["DatabaseName"], params["TableName"])
        return cut(params, "ColumnStatisticsTaskRuns", found, 1000)

    def list_column_statistics_task_runs(self, params: Parameters) -> Document:
        found = self._lake.statistics_tasks.listed()
        names = [each["ColumnStatisticsTaskRunId"] for each in found]
        return cut(params, "ColumnStatisticsTaskRunIds", names)

    # Settings ---------------------------------------------------------------------------------

    def create_column_statistics_task_settings(self, params: Parameters) -> Document:
        tasks, place = self._lake.statistics_tasks, _place(params)
        with self._lake.database.transaction():
            tasks.create_settings(params)
            tag(self._lake, place, params.get("Tags"))
        tasks.watch()
        return {}

    def update_column_statistics_task_settings(self, params: Parameters) -> Document:
        self._lake.statistics_tasks.update_settings(params)
        return {}

    def get_column_statistics_task_settings(self, params: Parameters) -> Document:
        found = self._lake.statistics_tasks.settings(params["DatabaseName"], params["TableName"])
        return {"ColumnStatisticsTaskSettings": found}

    def delete_column_statistics_task_settings(self, params: Parameters) -> Document:
        tasks, place = self._lake.statistics_tasks, _place(params)
        with self._lake.database.transaction():
            tasks.delete_settings(params["DatabaseName"], params["TableName"])
            forget(self._lake, place)
        return {}

    def start_column_statistics_task_run_schedule(self, params: Parameters) -> Document:
        self._set_schedule(params, "SCHEDULED")
        return {}

    def stop_column_statistics_task_run_schedule(self, params: Parameters) -> Document:
        self._set_schedule(params, "NOT_SCHEDULED")
        return {}

    def _set_schedule(self, params: Parameters, state: str) -> None:
        tasks = self._lake.statistics_tasks
        tasks.schedule(params["DatabaseName"], params["TableName"], state)


def _place(params: Parameters) -> str:
    """A table's settings among Glue's resources."""
    return f"columnStatisticsTaskSettings/{params['DatabaseName']}/{params['TableName']}"
