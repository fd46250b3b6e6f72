"""Athena: one method per operation, cut by subject."""

from lakelet.errors import LakeletError
from lakelet.lake import Lake
from lakelet.services.athena.errors import translate
from lakelet.services.athena.executions import Executions
from lakelet.services.athena.metadata import Metadata
from lakelet.services.athena.records import Records
from lakelet.services.athena.workgroups import WorkGroups
from lakelet.services.errors import ServiceError


class Athena(Executions, WorkGroups, Records, Metadata):
    """Every operation that lakelet has of Athena."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def translate(self, error: LakeletError) -> ServiceError:
        return translate(error)


create = Athena
