"""Athena for Apache Spark: notebooks, sessions and calculations, which lakelet does not have.

Each operation says so in the error that its model has for what can't be done.
"""

from collections.abc import Callable

from lakelet.services import Parameters
from lakelet.services.athena.errors import invalid


def _refusing(subject: str) -> Callable[["Spark", Parameters], Parameters]:
    def refuse(self: "Spark", params: Parameters) -> Parameters:
        raise invalid(f"{subject} of Athena for Apache Spark are not available in lakelet")

    return refuse


class Spark:
    """The operations on notebooks, sessions and calculations."""

    create_notebook = _refusing("Notebooks")
    create_presigned_notebook_url = _refusing("Notebooks")
    delete_notebook = _refusing("Notebooks")
    export_notebook = _refusing("Notebooks")
    get_notebook_metadata = _refusing("Notebooks")
    import_notebook = _refusing("Notebooks")
    list_notebook_metadata = _refusing("Notebooks")
    list_notebook_sessions = _refusing("Notebooks")
    update_notebook = _refusing("Notebooks")
    update_notebook_metadata = _refusing("Notebooks")

    get_session = _refusing("Sessions")
    get_session_endpoint = _refusing("Sessions")
    get_session_status = _refusing("Sessions")
    get_resource_dashboard = _refusing("Sessions")
    list_executors = _refusing("Sessions")
    list_sessions = _refusing("Sessions")
    start_session = _refusing("Sessions")
    terminate_session = _refusing("Sessions")
    list_application_dpu_sizes = _refusing("Sessions")

    get_calculation_execution = _refusing("Calculations")
    get_calculation_execution_code = _refusing("Calculations")
    get_calculation_execution_status = _refusing("Calculations")
    list_calculation_executions = _refusing("Calculations")
    start_calculation_execution = _refusing("Calculations")
    stop_calculation_execution = _refusing("Calculations")
