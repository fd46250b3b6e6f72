"""EXPLAIN in its types and formats, and EXPLAIN ANALYZE."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from lakelet.engines.answers import Answer, Explained, Written
from lakelet.engines.context import Context
from lakelet.engines.explaining import inputs, printing, profile
from lakelet.engines.explaining.plan import Node, plan_of
from lakelet.errors import TrinoError
from lakelet.loading import loading
from lakelet.model import Document, Session, Statistics
from lakelet.sql.statements import model as s
from lakelet.sql.statements import parse

if TYPE_CHECKING:
    from lakelet.engines.planning import Plan, Planner

_WITH_A_QUERY: Final = (s.Query, s.CreateTableAs, s.Insert, s.Unload)


def explain(context: Context, ask: s.Explain) -> Explained:
    """Answers EXPLAIN of whatever holds a query; raises TrinoError."""
    inner = parse(ask.text)
    if not isinstance(inner, _WITH_A_QUERY):
        raise TrinoError("NOT_SUPPORTED", "EXPLAIN of this statement is not available in lakelet")
    if ask.analyze:
        return _analyzed(context, ask, inner)
    plan = context.plan(inner.text)
    if ask.type == "VALIDATE":
        return Explained("true", "Valid")
    if ask.type == "IO":
        return Explained(inputs.inputs(plan))
    node = _written(plan_of(plan), inner)
    fragments = ask.type == "DISTRIBUTED"
    if ask.format == "JSON":
        return Explained(printing.document(node, fragments=fragments))
    if ask.format == "GRAPHVIZ":
        return Explained(printing.graphviz(node, fragments=fragments))
    return Explained(printing.distributed(node) if fragments else printing.logical(node))


def stages(planner: "Planner", text: str, session: Session) -> Document | None:
    """A statement's plan as Athena's QueryStagePlanNode; None for a statement without a query.

    Raises TrinoError.
    """
    inner = parse(text)
    if not isinstance(inner, _WITH_A_QUERY):
        return None
    return printing.stage(_written(plan_of(planner.plan(inner.text, session)), inner))


def _analyzed(context: Context, ask: s.Explain, inner: s.Statement) -> Explained:
    if not isinstance(inner, s.Query):
        return _analyzed_write(context, ask, inner)
    started = time.perf_counter()
    plan = context.plan(inner.text)
    planning = time.perf_counter() - started
    statistics: Statistics = context.planner.statistics(plan, 0)
    if ask.format == "JSON":
        text = profile.document(plan, context.duckdb, statistics)
    else:
        text = profile.analyzed(plan, context.duckdb, statistics, planning, verbose=ask.verbose)
    return Explained(text, statistics=replace(statistics, rows=text.count("\n") + 1))


def _analyzed_write(context: Context, ask: s.Explain, inner: Any) -> Explained:
    """Writes what the statement writes, as Trino does."""
    with loading:
        from lakelet.engines.writing import WORK

    plans: list[Plan] = []

    def planned(plan: "Plan") -> None:
        plans.append(plan)
        context.planned(plan)

    started, worked = time.perf_counter(), time.process_time()
    done: Written = WORK[type(inner)](replace(context, planned=planned), inner)
    took = profile.Took(time.perf_counter() - started, time.process_time() - worked)
    plan = plans[0] if plans else context.plan(inner.text)
    node = _written(plan_of(plan), inner)
    told = profile.document_of_write if ask.format == "JSON" else profile.of_write
    text = told(node, done.rows, done.statistics, took)
    return Explained(text, statistics=replace(done.statistics, rows=text.count("\n") + 1))


def _written(node: Node, inner: s.Statement) -> Node:
    """The plan of a statement that writes what its query gives."""
    if isinstance(inner, s.Query):
        return node
    name = getattr(inner, "name", None)
    target = "s3" if name is None else ":".join(filter(None, (name.database, name.table)))
    writer = Node("TableWriter", (("target", target),), node.outputs, (), (node.estimate,), (node,))
    return Node("TableCommit", (("target", target),), (), (), (node.estimate,), (writer,))


WORK: Mapping[type, Callable[[Context, Any], Answer]] = {s.Explain: explain}
"""What is done for each statement of this room."""
