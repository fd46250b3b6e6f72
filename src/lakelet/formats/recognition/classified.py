"""What a classifier says of a file."""

from dataclasses import dataclass, field, replace

from lakelet.formats.recognition.kinds import Schema, merge_schemas
from lakelet.formats.stored_as import StoredAs

NONE = StoredAs("", "", "")


@dataclass(frozen=True, slots=True)
class Classified:
    """A classification, its schema and what its table needs to be read.

    `certainty` is from 0 to 1; `records` is how many a file has by the sample's measure, `size`
    how many bytes one takes. Of two files of a folder the one of the higher `rank` tells how both
    are read.
    """

    classification: str
    stored_as: StoredAs
    schema: Schema
    compression: str = "none"
    records: int = 0
    size: int = 0
    serde_parameters: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    certainty: float = 1.0
    rank: int = 0

    @property
    def kind(self) -> tuple[str, str]:
        """Files of one table have this in common."""
        return self.classification, self.compression

    @property
    def paths(self) -> str:
        """The names that a JSON SerDe is told; '' for other formats."""
        return self.serde_parameters.get("paths", "")

    def together(self, other: "Classified") -> "Classified":
        """Both files in one table."""
        teller = other if other.rank > self.rank else self
        paths = {"paths": _union(self, other)} if "paths" in self.serde_parameters else {}
        return replace(
            teller,
            schema=merge_schemas(self.schema, other.schema),
            records=self.records,
            size=max(self.size, other.size),
            serde_parameters={**teller.serde_parameters, **paths},
        )


def _union(a: Classified, b: Classified) -> str:
    """The paths of both files, each once, in the order that crawlers write them in."""
    return ",".join(sorted({*a.paths.split(","), *b.paths.split(",")} - {""}))
