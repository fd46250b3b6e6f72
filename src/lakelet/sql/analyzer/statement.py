"""Analyses one query: the entry to everything beside it."""

from collections.abc import Iterator
from dataclasses import dataclass

from lakelet.errors import TrinoError
from lakelet.model import ResultColumn, Session
from lakelet.sql import functions, tree
from lakelet.sql.analyzer import calls, json
from lakelet.sql.analyzer.context import Context
from lakelet.sql.analyzer.queries import analyze_query
from lakelet.sql.analyzer.scopes import Scope
from lakelet.sql.depth import make_room
from lakelet.sql.metadata import Metadata
from lakelet.sql.syntax import ParsedQuery, parse_expression

__all__ = ["Analysis", "analyze", "calls", "functions", "json"]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a query means: its tree, the columns of its answer with Trino's types, and what it
    reads of each table."""

    query: tree.Query
    columns: tuple[ResultColumn, ...]
    scans: tuple[tree.Scan, ...]


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
        scans = _scans(query)
    except RecursionError:
        raise TrinoError(
            "STACK_OVERFLOW", "statement is too large (stack overflow during analysis)"
        ) from None
    columns = tuple(
        ResultColumn(each.name if each.name is not None else f"_col{i}", each.type)
        for i, each in enumerate(query.outputs)
    )
    return Analysis(query, columns, scans)


def _scans(query: tree.Query) -> tuple[tree.Scan, ...]:
    scans: dict[str, tree.TableScan] = {}
    used: dict[str, set[str]] = {}
    constraints: dict[str, list[tree.Expression]] = {}
    for node in tree.descendants(query):
        if isinstance(node, tree.TableScan):
            scans[node.alias] = node
        elif isinstance(node, tree.ColumnReference):
            used.setdefault(node.relation, set()).add(node.name)
        elif isinstance(node, tree.Select) and node.where is not None:
            for conjunct in _conjuncts(node.where):
                relations = _relations(conjunct)
                if len(relations) == 1:
                    constraints.setdefault(relations.pop(), []).append(conjunct)
    return tuple(
        tree.Scan(
            scan.id,
            scan.table,
            scan.version,
            tuple(c.name for c in scan.table.columns if c.name in used.get(alias, ())),
            tuple(constraints.get(alias, ())),
        )
        for alias, scan in scans.items()
    )


def _conjuncts(condition: tree.Expression) -> Iterator[tree.Expression]:
    if isinstance(condition, tree.Logical) and condition.operator == "AND":
        for each in condition.operands:
            yield from _conjuncts(each)
    else:
        yield condition


def _relations(expression: tree.Expression) -> set[str]:
    """The relations that an expression depends on; a subquery makes it depend on no single one."""
    found = set()
    for node in tree.descendants(expression):
        if isinstance(node, tree.ColumnReference):
            found.add(node.relation)
        elif isinstance(node, tree.Query):
            return set()
    return found
