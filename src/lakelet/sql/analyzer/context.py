"""What the analysis of one statement shares: its text, catalogue, session and unique names."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lakelet.errors import TrinoError
from lakelet.model import Session
from lakelet.sql import tree
from lakelet.sql.analyzer.scopes import Scope
from lakelet.sql.metadata import Metadata
from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.lexer import Text


@dataclass(slots=True)
class Names:
    """Names that no other relation of the statement has; views' texts share them."""

    taken: set[str] = field(default_factory=set)
    scans: int = 0
    timed: bool = False
    """Whether a constant is of the moment at which the statement began."""

    def unique(self, name: str) -> str:
        wanted = self.parameter(name, ())
        self.taken.add(wanted)
        return wanted

    def parameter(self, name: str, around: Collection[str]) -> str:
        """A name of a lambda's parameter beside those of the lambdas around it: lambdas that are
        written alike are equal, so that one may be what rows are grouped by."""
        wanted, count = name, 1
        while wanted in self.taken or wanted in around:
            count += 1
            wanted = f"{name}_{count}"
        return wanted

    def scan(self) -> int:
        self.scans += 1
        return self.scans


AnalyzeQuery = Callable[["Context", nodes.Query, Scope], tree.Query]


@dataclass(slots=True)
class Context:
    """One text's analysis; a view's text has a context of its own with the same names.

    `query` analyses a query in a scope: expressions and relations ask for it so that modules need
    not import each other. `parameters` are the values of `?`, `referred` what each name means.
    `unplanned` are the errors of Trino's planner, which come after all of the analysis.
    """

    source: Text
    metadata: Metadata
    session: Session
    query: AnalyzeQuery
    names: Names = field(default_factory=Names)
    parameters: tuple[nodes.Expression, ...] = ()
    views: tuple[str, ...] = ()
    referred: dict[nodes.Expression, tree.Expression] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    unplanned: list[TrinoError] = field(default_factory=list)

    def error(self, name: str, message: str, at: int) -> TrinoError:
        """A TrinoError at an offset of the text."""
        return self.source.error(name, message, at)

    def refuse_correlated(self, at: int) -> None:
        """Notes a subquery that Trino's planner cannot take apart."""
        message = "Given correlated subquery is not supported"
        self.unplanned.append(self.error("NOT_SUPPORTED", message, at))
