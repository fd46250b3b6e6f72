"""What a statement answers: rows, lines of text, or what it wrote."""

from dataclasses import dataclass
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

    def statistics(self, rows: int = 0) -> Statistics:
        """What it read."""
        ...


@dataclass(frozen=True, slots=True)
class Lines:
    """The answer of DDL or a utility statement: lines of text, tabs between cells."""

    columns: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What CTAS or INSERT wrote: rows, the files' addresses, and what the query read."""

    rows: int
    files: tuple[str, ...]
    statistics: Statistics


Answer = Rows | Lines | Written
