"""Analyses one query: the entry to everything beside it."""

from dataclasses import dataclass

from lakelet.errors import TrinoError
from lakelet.model import ResultColumn, Session
from lakelet.sql import functions, tree
from lakelet.sql.analyzer import calls, conditions, json, moments, subqueries
from lakelet.sql.analyzer.context import Context
from lakelet.sql.analyzer.queries import analyze_query
from lakelet.sql.analyzer.scans import scans_of
from lakelet.sql.analyzer.scopes import Scope
from lakelet.sql.depth import make_room
from lakelet.sql.metadata import Metadata
from lakelet.sql.syntax import ParsedQuery, parse_expression

__all__ = [
    "Analysis",
    "analyze",
    "calls",
    "conditions",
    "functions",
    "json",
    "moments",
    "subqueries",
]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a query means: its tree, the columns of its answer with Trino's types, and what it
    reads of each table. One that is `timed` means it at one moment only, as now() does."""

    query: tree.Query
    columns: tuple[ResultColumn, ...]
    scans: tuple[tree.Scan, ...]
    timed: bool = False


def analyze(parsed: ParsedQuery, metadata: Metadata, session: Session) -> Analysis:
    """The meaning of a query.

    `session.parameters` are the texts of the values of `?`. Raises TrinoError with the place in
    the text.
    """
    context = Context(
        parsed.source,
        metadata,
        session,
        analyze_query,
        parameters=tuple(map(parse_expression, session.parameters)),
    )
    if len(context.parameters) != parsed.parameters:
        raise context.error(
            "INVALID_PARAMETER_USAGE",
            f"Incorrect number of parameters: expected {parsed.parameters} but found"
            f" {len(context.parameters)}",
            0,
        )
    make_room()
    try:
        query = analyze_query(context, parsed.query, Scope())
        if context.unplanned:
            raise context.unplanned[0]
        scans = scans_of(query)
    except RecursionError:
        raise TrinoError(
            "STACK_OVERFLOW", "statement is too large (stack overflow during analysis)"
        ) from None
    columns = tuple(
        ResultColumn(each.name if each.name is not None else f"_col{i}", each.type)
        for i, each in enumerate(query.outputs)
    )
    return Analysis(query, columns, scans, context.names.timed)
