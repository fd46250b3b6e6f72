"""What a statement answers: rows, lines of text, or what it wrote."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lakelet.model import ResultColumn, Statistics

if TYPE_CHECKING:
    from pyarrow import RecordBatchReader


class Rows(Protocol):
    """The answer of a query, not yet computed; reading it runs it, once."""

    @property
    def columns(self) -> tuple[ResultColumn, ...]: ...

    def batches(self) -> "RecordBatchReader":
        """The rows as Arrow, in the physical types of the columns."""
        ...

    def write_csv(self, path: Path) -> int:
        """Writes the rows as Athena's result file; how many there were."""
        ...

    @property
    def reusable(self) -> bool:
        """Whether the same query over the same files would answer the same."""
        ...

    def statistics(self, rows: int = 0) -> Statistics:
        """What it read."""
        ...


@dataclass(frozen=True, slots=True)
class Lines:
    """The answer of DDL or a utility statement: lines of text, tabs between cells.

    `type` is that of the columns in Athena's words. A `task` is a statement that Hive runs itself
    on a table (DESCRIBE, SHOW CREATE TABLE, ADD COLUMNS): Athena tells of no update count. `kind`
    is the SubstatementType where it depends on what was found.
    """

    columns: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    type: str = "string"
    task: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """The answer of EXPLAIN: one text under a name, and what was read to give it."""

    text: str
    column: str = "Query Plan"
    statistics: Statistics = field(default_factory=Statistics)


@dataclass(frozen=True, slots=True)
class Written:
    """What CTAS or INSERT wrote: rows, the files' addresses, and what the query read."""

    rows: int
    files: tuple[str, ...]
    statistics: Statistics


Answer = Rows | Lines | Explained | Written
