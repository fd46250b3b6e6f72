"""Glue's Data Catalog, crawlers and schema registry: one method per operation, cut by subject.

Every account's id that a client names as CatalogId is the lake's own catalogue, and so is every
region: a program keeps its account's number and its region when it is pointed at a lake.
"""

from lakelet.errors import AwsError, LakeletError
from lakelet.lake import Lake
from lakelet.services.glue import errors
from lakelet.services.glue.catalogs import Catalogs
from lakelet.services.glue.classifiers import Classifiers
from lakelet.services.glue.connections import Connections
from lakelet.services.glue.crawlers import Crawlers
from lakelet.services.glue.databases import Databases
from lakelet.services.glue.functions import UserDefinedFunctions
from lakelet.services.glue.optimizers import Optimizers
from lakelet.services.glue.policies import Policies
from lakelet.services.glue.registries import Registries
from lakelet.services.glue.security import SecurityConfigurations
from lakelet.services.glue.statistics import Statistics
from lakelet.services.glue.tables import Tables
from lakelet.services.glue.tags import Tags
from lakelet.services.glue.triggers import Triggers
from lakelet.services.glue.unfiltered import Unfiltered
from lakelet.services.glue.versions import TableVersions


class Glue(
    Catalogs,
    Databases,
    Tables,
    TableVersions,
    Statistics,
    UserDefinedFunctions,
    Unfiltered,
    Connections,
    Classifiers,
    Crawlers,
    Optimizers,
    Policies,
    Registries,
    SecurityConfigurations,
    Tags,
    Triggers,
):
    """The operations of Glue over a lake."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def translate(self, error: LakeletError) -> AwsError:
        """A refusal from below in Glue's words."""
        return errors.translate(error)


create = Glue
