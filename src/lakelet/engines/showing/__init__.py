"""Tables as SHOW and DESCRIBE lay them out: Hive's own text."""

from lakelet.engines.showing.creating import create
from lakelet.engines.showing.describing import describe
from lakelet.engines.showing.names import columns, matching, partitions, properties

__all__ = ["columns", "create", "describe", "matching", "partitions", "properties"]
