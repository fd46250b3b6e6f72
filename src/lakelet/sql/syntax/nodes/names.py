"""A name as it was written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Identifier:
    """A name; `value` keeps its case, which matters for output columns' names only."""

    at: int
    value: str
    quoted: bool = False

    @property
    def name(self) -> str:
        return self.value.lower()
