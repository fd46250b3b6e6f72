"""What a scan has become: a relation and its files."""

from collections.abc import Mapping
from dataclasses import dataclass

from lakelet.formats.scanning import Relation
from lakelet.model import DataFile


@dataclass(frozen=True, slots=True)
class PlannedScan:
    """A scan's relation, and the files that it opens."""

    id: int
    relation: Relation
    files: tuple[DataFile, ...] = ()

    @property
    def magnitudes(self) -> Mapping[str, float]:
        """The largest absolute value of each column of which it is known."""
        return self.relation.magnitudes
