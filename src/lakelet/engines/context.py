"""What a statement works on: the lake's parts, and the session that it runs under."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakelet.model import Session

if TYPE_CHECKING:
    from lakelet.catalog.catalog import GlueCatalog
    from lakelet.engines.duckdb import Session as DuckDbSession
    from lakelet.engines.duckdb.stopping import Stop
    from lakelet.engines.planning import Plan, Planner
    from lakelet.interfaces import Storage
    from lakelet.sql import ParsedQuery
    from lakelet.storage.journal import Journal


Announced = Callable[[int, Sequence[str]], None]
"""Takes the number of rows and the addresses of their files."""


@dataclass(frozen=True, slots=True)
class Context:
    """Handed down to whatever runs a statement that is no query; `planned` is told its plan, and
    `announced` how many rows are written and where, before any of them is to be seen: what it
    raises leaves them unseen."""

    storage: "Storage"
    catalog: "GlueCatalog"
    planner: "Planner"
    duckdb: "DuckDbSession"
    journal: "Journal"
    session: Session
    stop: "Stop"
    planned: Callable[["Plan"], None]
    announced: "Announced"

    def plan(self, query: "str | ParsedQuery") -> "Plan":
        """A query of the statement, planned under its session; raises TrinoError."""
        plan = self.planner.plan(query, self.session)
        self.planned(plan)
        return plan
