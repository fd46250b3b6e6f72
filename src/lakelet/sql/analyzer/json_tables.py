"""JSON_TABLE as a lateral query: rows of items that paths give, and a JSON call for each column.

A plan goes to the engine as nested lists: `[path number, path, operator, child plan or null]` for a
path whose rows have those of a plan below, and `["UNION" or "CROSS", plans …]` for siblings.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lakelet.sql import tree
from lakelet.sql.analyzer.clauses import refuse_aggregates, refuse_calls
from lakelet.sql.analyzer.context import Context
from lakelet.sql.analyzer.expressions import ExpressionAnalyzer
from lakelet.sql.analyzer.json import check_passed, input_text, passed_values
from lakelet.sql.analyzer.outputs import named_outputs
from lakelet.sql.analyzer.scopes import Field, Scope
from lakelet.sql.row_patterns.program import canonical
from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.json_tables import ITEM
from lakelet.types import Type
from lakelet.types.model import BIGINT, VARCHAR, array, row

_ROW = row(("items", array(VARCHAR)), ("ordinals", array(BIGINT)))

Column = tuple[str, tree.Expression]


class JsonTableAnalyzer:
    """One JSON_TABLE; `outer` has what its input may refer to."""

    def __init__(self, context: Context, node: nodes.JsonTable, outer: Scope) -> None:
        self.context = context
        self.node = node
        self.outer = outer
        self.names: set[str] = set()
        self.numbers: dict[str, int] = {}
        self.paths: list[nodes.JsonTablePath] = []
        self.alias = context.names.unique("items")

    def analyze(self, alias: str) -> tuple[tree.Relation, list[Field]]:
        """The relation under an alias, and its fields."""
        node = self.node
        at = ExpressionAnalyzer(self.context, self.outer)
        refuse_calls(at, "JSON_TABLE input expression", node.input.expression)
        given = input_text(at, node.input)
        for _, each in node.passing:
            refuse_calls(at, "JSON_TABLE path parameter", each.expression)
        passed, formats = passed_values(at, node.passing)
        columns = self._columns(node.root, [name for name, _ in node.passing])
        options = {
            "plan": self._plan(),
            "paths": len(self.paths),
            "on_error": "ERROR" if node.error_on_error else "EMPTY",
            "passing": [canonical(name) for name, _ in node.passing],
            "formats": formats,
        }
        nothing = tree.Constant(None, VARCHAR)
        rows = tree.FunctionCall(
            at.entry("json_table", node),
            (
                given,
                tree.Constant(node.root.path, VARCHAR),
                tree.Constant(json.dumps(options), VARCHAR),
                nothing,
                nothing,
                *passed,
            ),
            array(_ROW),
        )
        unnest = tree.Unnest(self.alias, (rows,), ("items", "ordinals"), ordinality=False)
        outputs = named_outputs([(name, value.type) for name, value in columns])
        query = tree.Query(tree.Select(tuple(value for _, value in columns), outputs, unnest))
        return tree.Derived(alias, query, lateral=True), [
            Field(each.name, each.type, tree.ColumnReference(alias, each.physical, each.type))
            for each in outputs
        ]

    # Columns -------------------------------------------------------------------------------

    def _columns(
        self, path: nodes.JsonTablePath, passing: Sequence[nodes.Identifier] = ()
    ) -> list[Column]:
        """The columns of a path and of those below it; values are passed to the first alone."""
        at = ExpressionAnalyzer(self.context, self.outer)
        check_passed(at, path.path, path.path_at, passing)
        number = len(self.paths)
        self.paths.append(path)
        if path.name is not None:
            self._claim(path.name)
            self.numbers[canonical(path.name)] = number
        found: list[Column] = []
        for each in path.columns:
            if isinstance(each, nodes.JsonTablePath):
                found += self._columns(each)
                continue
            name = self._claim(each.name)
            if isinstance(each, nodes.JsonTableOrdinality):
                found.append((name, self._part("ordinals", number, BIGINT)))
            else:
                found.append((name, self._value(each, number)))
        return found

    def _claim(self, name: nodes.Identifier) -> str:
        """A column's or path's name, which must be the only one."""
        wanted = canonical(name)
        if wanted in self.names:
            raise self.context.error(
                "DUPLICATE_COLUMN_OR_PATH_NAME",
                "All column and path names in JSON_TABLE invocation must be unique",
                name.at,
            )
        self.names.add(wanted)
        return wanted

    def _part(self, column: str, number: int, of: Type) -> tree.Expression:
        """What a row has of a path: its item or its ordinal."""
        values = tree.ColumnReference(self.alias, column, array(of))
        at = ExpressionAnalyzer(self.context, Scope())
        position = tree.Constant(number + 1, BIGINT)
        return tree.FunctionCall(at.entry("element_at", self.node), (values, position), of)

    def _value(self, column: nodes.JsonTableColumn, number: int) -> tree.Expression:
        item = Field(ITEM, VARCHAR, self._part("items", number, VARCHAR))
        call = column.call
        if self.node.error_on_error and call.on_error is None:
            call = replace(call, on_error="ERROR")
        at = ExpressionAnalyzer(self.context, Scope((item,), self.outer))
        value = at.analyze(call)
        refuse_aggregates(at, "default expression for JSON_TABLE column", call)
        return value

    # Plans ---------------------------------------------------------------------------------

    def _plan(self) -> Any:
        if self.node.plan is not None:
            self._require_names(self.node.root, "All JSON paths must be named when specific plan")
            self._check(self.node.plan, [self.node.root], self.node.plan.at)
            return self._specific(self.node.plan)
        words = self.node.default_plan
        if words is not None:
            for path in _nested(self.node.root):
                self._require_names(path, "All nested JSON paths must be named when default plan")
        inner = "INNER" if words is not None and "INNER" in words else "OUTER"
        sibling = "CROSS" if words is not None and "CROSS" in words else "UNION"
        return self._default(self.node.root, inner, sibling)

    def _default(self, path: nodes.JsonTablePath, parental: str, sibling: str) -> Any:
        below = [self._default(each, parental, sibling) for each in _nested(path)]
        child = None if not below else below[0] if len(below) == 1 else [sibling, *below]
        return [self.paths.index(path), path.path, parental, child]

    def _require_names(self, path: nodes.JsonTablePath, message: str) -> None:
        if path.name is None:
            raise self.context.error("MISSING_PATH_NAME", f"{message} is given", path.at)
        for each in _nested(path):
            self._require_names(each, message)

    def _check(
        self, plan: nodes.JsonTablePlan, available: Sequence[nodes.JsonTablePath], at: int
    ) -> None:
        """Whether a plan has all the paths of a level, and no others."""
        parts = plan.parts if plan.operator in ("UNION", "CROSS") else (plan,)
        names = {canonical(each.name): each for each in available if each.name is not None}
        used: list[str] = []
        for each in _flat(parts):
            head = each.parts[0] if each.operator in ("OUTER", "INNER") else each
            assert head.name is not None
            name = canonical(head.name)
            if name in used:
                message = f"Duplicate reference to JSON path name in sibling plan: {name}"
                raise self.context.error("INVALID_PLAN", message, head.at)
            used.append(name)
            if name not in names:
                continue
            below = _nested(names[name])
            if each.operator in ("OUTER", "INNER"):
                self._check(each.parts[1], below, at)
            elif below:
                self._refuse_missing([canonical(e.name) for e in below if e.name], at)
        unknown = [each for each in used if each not in names]
        missing = [each for each in names if each not in used]
        if missing:
            self._refuse_missing(missing, at)
        if unknown:
            raise self.context.error(
                "INVALID_PLAN",
                f"JSON_TABLE plan includes unavailable JSON path names: {', '.join(unknown)}",
                at,
            )

    def _refuse_missing(self, names: Sequence[str], at: int) -> None:
        raise self.context.error(
            "INVALID_PLAN",
            "JSON_TABLE plan should contain all JSON paths available at each level of nesting."
            f" Paths not included: {', '.join(names)}",
            at,
        )

    def _specific(self, plan: nodes.JsonTablePlan) -> Any:
        if plan.operator in ("UNION", "CROSS"):
            return [plan.operator, *map(self._specific, plan.parts)]
        head, *below = plan.parts if plan.operator in ("OUTER", "INNER") else (plan,)
        assert head.name is not None
        number = self.numbers[canonical(head.name)]
        child = self._specific(below[0]) if below else None
        return [number, self.paths[number].path, plan.operator, child]


def _nested(path: nodes.JsonTablePath) -> list[nodes.JsonTablePath]:
    return [each for each in path.columns if isinstance(each, nodes.JsonTablePath)]


def _flat(parts: Sequence[nodes.JsonTablePlan]) -> list[nodes.JsonTablePlan]:
    """Sibling plans of one level, those in parentheses too."""
    found = []
    for each in parts:
        found += _flat(each.parts) if each.operator in ("UNION", "CROSS") else [each]
    return found
