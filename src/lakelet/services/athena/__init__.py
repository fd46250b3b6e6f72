"""Athena: one method per operation, cut by subject."""

from lakelet.errors import AwsError, LakeletError
from lakelet.lake import Lake
from lakelet.services.athena.capacity import CapacityReservations
from lakelet.services.athena.catalogs import DataCatalogs
from lakelet.services.athena.errors import translate
from lakelet.services.athena.executions import Executions
from lakelet.services.athena.metadata import Metadata
from lakelet.services.athena.named_queries import NamedQueries
from lakelet.services.athena.prepared_statements import PreparedStatements
from lakelet.services.athena.spark import Spark
from lakelet.services.athena.tags import Tags
from lakelet.services.athena.workgroups import WorkGroups


class Athena(
    Executions,
    WorkGroups,
    NamedQueries,
    PreparedStatements,
    DataCatalogs,
    Metadata,
    CapacityReservations,
    Tags,
    Spark,
):
    """Every operation of Athena; those of Spark say that they are not available."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def translate(self, error: LakeletError) -> AwsError:
        return translate(error)


create = Athena
