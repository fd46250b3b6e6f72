"""Expressions of a row pattern: columns of its variables, navigation, aggregates of its rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer.expressions import ExpressionAnalyzer
from lakelet.sql.functions.registry import FUNCTIONS
from lakelet.sql.row_patterns.program import canonical
from lakelet.sql.syntax import nodes
from lakelet.types.model import VARCHAR

_LOGICAL: Final = ("first", "last")
_PHYSICAL: Final = ("prev", "next")
_LARGEST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class PatternExpressions:
    """What is special about expressions in a clause (MEASURES or DEFINE) of a row pattern.

    `labels` are the variables that each name stands for: itself, or those of a subset.
    """

    labels: Mapping[str, tuple[str, ...]]
    clause: str
    window: bool = False

    # Columns -------------------------------------------------------------------------------

    def starts(self, node: nodes.Dereference) -> bool:
        """Whether a dotted name begins with a variable."""
        base: nodes.Expression = node
        while isinstance(base, nodes.Dereference):
            base = base.base
        return isinstance(base, nodes.Identifier) and canonical(base) in self.labels

    def column(self, at: ExpressionAnalyzer, node: nodes.Dereference) -> tree.Expression:
        """variable.column."""
        label, *parts = _parts(node)
        found = at.scope.matching(tuple(parts)) if len(parts) == 1 else []
        if not found:
            raise at.error(
                "COLUMN_NOT_FOUND",
                f"Column {'.'.join(parts)} prefixed with label {label} cannot be resolved",
                node,
            )
        navigation = at.resolve(tuple(parts), node)
        assert isinstance(navigation, tree.Navigation)
        return replace(navigation, labels=self.labels[label])

    # Calls ---------------------------------------------------------------------------------

    def call(self, at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression | None:
        """What a call means here; None when it is an ordinary one."""
        name = node.name[-1].name
        if node.window is not None:
            raise at.error(
                "NESTED_WINDOW",
                "Cannot nest window functions or row pattern measures inside pattern recognition"
                " expressions",
                node,
            )
        if node.mode == "FINAL" and self.clause == "DEFINE":
            raise _mode(at, node, "FINAL semantics is not supported in DEFINE clause")
        if len(node.name) == 1:
            if name in _LOGICAL or name in _PHYSICAL:
                return self._navigation(at, node, name)
            if name == "classifier":
                return self._classifier(at, node)
            if name == "match_number":
                return self._match_number(at, node)
        entry = FUNCTIONS.get(name)
        if entry is not None and entry.kind == "aggregate":
            return None
        if node.mode is not None:
            raise _mode(
                at,
                node,
                f"{node.mode} semantics is supported only for FIRST(), LAST() and aggregation"
                f" functions. Actual: {_written(node)}",
            )
        return None

    def _navigation(
        self, at: ExpressionAnalyzer, node: nodes.FunctionCall, name: str
    ) -> tree.Expression:
        if not 1 <= len(node.arguments) <= 2:
            raise at.error(
                "INVALID_FUNCTION_ARGUMENT",
                f"{name} pattern recognition function requires 1 or 2 arguments",
                node,
            )
        if name in _PHYSICAL and node.mode is not None:
            raise _mode(
                at,
                node,
                f"{node.mode} semantics is not supported with {name} pattern recognition function",
            )
        offset = self._offset(at, node, name)
        self._refuse_nesting(at, node, name)
        inner = at.analyze(node.arguments[0])
        labels = _labels(at, inner, node, name)
        if labels is None:
            raise at.error(
                "INVALID_ARGUMENTS",
                f"Pattern navigation function '{name.upper()}' must contain at least one column"
                " reference or CLASSIFIER()",
                node,
            )

        def moved(each: tree.Navigation) -> tree.Navigation:
            if name in _PHYSICAL:
                return replace(each, physical=-offset if name == "prev" else offset)
            running = node.mode != "FINAL"
            return replace(each, last=name == "last", logical=offset, running=running)

        found: tree.Expression = _moved(inner, moved)
        return found

    def _offset(self, at: ExpressionAnalyzer, node: nodes.FunctionCall, name: str) -> int:
        if len(node.arguments) == 1:
            return 1 if name in _PHYSICAL else 0
        written = node.arguments[1]
        sign = 1
        if isinstance(written, nodes.Unary) and written.sign == "-":
            sign, written = -1, written.value
        what = f"{name} pattern recognition navigation function"
        if not isinstance(written, nodes.Number) or written.integer is None:
            raise at.error(
                "INVALID_FUNCTION_ARGUMENT",
                f"{what} requires a number as the second argument",
                node,
            )
        offset = sign * written.integer
        if sign < 0:
            raise at.error(
                "NUMERIC_VALUE_OUT_OF_RANGE",
                f"{what} requires a non-negative number as the second argument (actual: {offset})",
                node,
            )
        if offset > _LARGEST:
            raise at.error(
                "NUMERIC_VALUE_OUT_OF_RANGE",
                f"The second argument of {what} must not exceed {_LARGEST} (actual: {offset})",
                node,
            )
        return offset

    def _refuse_nesting(self, at: ExpressionAnalyzer, node: nodes.FunctionCall, name: str) -> None:
        argument = node.arguments[0]
        for each in calls_in(argument):
            inner = each.name[-1].name
            if inner in (*_LOGICAL, *_PHYSICAL):
                if name in _LOGICAL or inner in _PHYSICAL:
                    raise at.error(
                        "INVALID_NAVIGATION_NESTING",
                        f"Cannot nest {inner} pattern navigation function inside {name} pattern"
                        " navigation function",
                        each,
                    )
                if each is not argument:
                    raise at.error(
                        "INVALID_NAVIGATION_NESTING",
                        "Immediate nesting is required for pattern navigation functions",
                        each,
                    )
            elif _is_aggregate(inner):
                raise at.error(
                    "NESTED_AGGREGATION",
                    f"Cannot nest {inner} aggregate function inside {name} function",
                    each,
                )

    def _classifier(self, at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression:
        self._refuse_mode(at, node, "classifier")
        if len(node.arguments) > 1:
            raise at.error(
                "INVALID_FUNCTION_ARGUMENT",
                "CLASSIFIER pattern recognition function takes no arguments or 1 argument",
                node,
            )
        labels: tuple[str, ...] = ()
        if node.arguments:
            written = node.arguments[0]
            if not isinstance(written, nodes.Identifier):
                raise at.mismatch(
                    "CLASSIFIER function argument should be primary pattern variable or subset"
                    f" name. Actual: {_literal_name(written)}",
                    written,
                )
            labels = self._of_name(at, written)
        return tree.Navigation(tree.Classifier(), VARCHAR, labels)

    def _of_name(self, at: ExpressionAnalyzer, node: nodes.Identifier) -> tuple[str, ...]:
        found = self.labels.get(canonical(node))
        if found is None:
            raise at.error(
                "INVALID_FUNCTION_ARGUMENT",
                f"{canonical(node)} is not a primary pattern variable or subset name",
                node,
            )
        return found

    def _match_number(self, at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tree.Expression:
        if self.window:
            raise at.error(
                "INVALID_PATTERN_RECOGNITION_FUNCTION",
                "MATCH_NUMBER function is not supported in window",
                node,
            )
        self._refuse_mode(at, node, "match_number")
        if node.arguments:
            raise at.error(
                "INVALID_FUNCTION_ARGUMENT",
                "MATCH_NUMBER pattern recognition function takes no arguments",
                node,
            )
        return tree.MatchNumber()

    def _refuse_mode(self, at: ExpressionAnalyzer, node: nodes.FunctionCall, name: str) -> None:
        if node.mode is not None:
            raise _mode(
                at,
                node,
                f"{node.mode} semantics is not supported with {name} pattern recognition function",
            )

    # Aggregates ----------------------------------------------------------------------------

    def refuse_aggregate(self, at: ExpressionAnalyzer, node: nodes.FunctionCall) -> None:
        """Refuses what an aggregate of the match's rows cannot have."""
        name = _written(node)
        for present, what in (
            (node.distinct, "DISTINCT"),
            (bool(node.order_by), "ORDER BY"),
            (node.filter is not None, "FILTER"),
        ):
            if present:
                raise at.error(
                    "NOT_SUPPORTED",
                    f"Cannot use {what} with {name} aggregate function in pattern recognition"
                    " context",
                    node,
                )
        for each in (each for argument in node.arguments for each in calls_in(argument)):
            inner = each.name[-1].name
            if inner in (*_LOGICAL, *_PHYSICAL):
                raise at.error(
                    "INVALID_NAVIGATION_NESTING",
                    f"Cannot nest {inner} pattern navigation function inside {name} function",
                    each,
                )
            if _is_aggregate(inner):
                raise at.error(
                    "NESTED_AGGREGATION",
                    f"Cannot nest {inner} aggregate function inside {name} function",
                    each,
                )

    def counted(self, at: ExpressionAnalyzer, node: nodes.FunctionCall) -> tuple[str, ...]:
        """The variables of count(variable.*)."""
        return self._of_name(at, node.arguments[0])  # type: ignore[arg-type]  # a name with a star

    def aggregate(
        self,
        at: ExpressionAnalyzer,
        node: nodes.FunctionCall,
        call: tree.AggregateCall,
        labels: tuple[str, ...],
    ) -> tree.PatternAggregate:
        """The aggregate over the rows of a match."""
        found = _labels(at, call.arguments, node, _written(node))
        arguments = tuple(_plain(each) for each in call.arguments)
        return tree.PatternAggregate(
            replace(call, arguments=arguments), call.type, found or labels, node.mode != "FINAL"
        )


def _parts(node: nodes.Expression) -> tuple[str, ...]:
    """The variable of a dotted name, and its other parts."""
    if isinstance(node, nodes.Dereference):
        return (*_parts(node.base), node.field.name)
    assert isinstance(node, nodes.Identifier)
    return (canonical(node),)


def _mode(at: ExpressionAnalyzer, node: nodes.FunctionCall, message: str) -> TrinoError:
    return at.error("INVALID_PROCESSING_MODE", message, node)


def _written(node: nodes.FunctionCall) -> str:
    return ".".join(part.name for part in node.name)


def _is_aggregate(name: str) -> bool:
    entry = FUNCTIONS.get(name)
    return entry is not None and entry.kind == "aggregate"


def _literal_name(node: nodes.Expression) -> str:
    return {nodes.Number: "LongLiteral", nodes.String: "StringLiteral"}.get(
        type(node), type(node).__name__
    )


def calls_in(node: Any) -> Iterator[nodes.FunctionCall]:
    """The calls in an expression, itself included, those of subqueries left out."""
    if isinstance(node, tuple):
        for each in node:
            yield from calls_in(each)
    elif hasattr(node, "__slots__") and not isinstance(node, nodes.Query):
        if isinstance(node, nodes.FunctionCall):
            yield node
        for name in node.__slots__:
            yield from calls_in(getattr(node, name))


def _navigations(root: Any) -> list[tree.Navigation]:
    return [each for each in tree.descendants(root) if isinstance(each, tree.Navigation)]


def _labels(
    at: ExpressionAnalyzer, root: Any, node: nodes.FunctionCall, name: str
) -> tuple[str, ...] | None:
    """The labels that all of an argument's columns have; None without columns."""
    found = {each.labels for each in _navigations(root)}
    if len(found) > 1:
        raise at.error(
            "INVALID_ARGUMENTS",
            f"All labels and classifiers inside the call to '{name}' must match",
            node,
        )
    return found.pop() if found else None


def _moved(node: Any, change: Any) -> Any:
    if isinstance(node, tree.Navigation):
        return change(node)
    return tree.rebuilt(node, lambda each: _moved(each, change))


def _plain(node: Any) -> Any:
    """An expression over the columns of each row instead of one row's."""
    return _moved(node, lambda each: each.value)
