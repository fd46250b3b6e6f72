"""Expressions: each node of the syntax tree becomes a typed one, or a Trino error at its place."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer import clock, constants
from lakelet.sql.analyzer.coercions import coerce, unwrapped
from lakelet.sql.analyzer.context import Context
from lakelet.sql.analyzer.formatting import describe
from lakelet.sql.analyzer.scopes import AmbiguousName, Forbidden, Scope
from lakelet.sql.analyzer.signatures import Binding, bind_operator, resolve
from lakelet.sql.depth import DEEPEST
from lakelet.sql.functions.registry import FUNCTIONS, Function
from lakelet.sql.syntax import nodes
from lakelet.types import Type
from lakelet.types.casting import NUMBERS, can_cast, needs_date
from lakelet.types.coercion import common_supertype
from lakelet.types.model import BIGINT, BOOLEAN, INTEGER, UNKNOWN, array, row
from lakelet.types.parsing import parse_type

_OPERATORS: Final[dict[tuple[str, tuple[Type, ...]], Binding | None]] = {}
_COMPARISONS: Final = frozenset(("=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM"))
_REFUSALS: Final = {
    "[]": "Cannot use {1} for subscript of {0}",
    "negate": "Cannot negate {0}",
    "<>": "Cannot apply operator: {0} = {1}",
    ">": "Cannot apply operator: {0} < {1}",
    ">=": "Cannot apply operator: {0} <= {1}",
    "IS DISTINCT FROM": "Cannot check if {0} is identical to {1}",
}
_REMEMBERED: Final = 20_000
_MOST_PARTS: Final = 1000
_LONGEST_NAME: Final = 4
"""Parts of a column's name: those of its table and its own."""


def operator_binding(sign: str, types: tuple[Type, ...]) -> Binding | None:
    """The binding of an operator; remembered, since the same few come again and again."""
    key = (sign, types)
    if key not in _OPERATORS:
        if len(_OPERATORS) > _REMEMBERED:
            _OPERATORS.clear()
        _OPERATORS[key] = bind_operator(sign, [FUNCTIONS[sign]], types)
    return _OPERATORS[key]


class PatternRules(Protocol):
    """What is special about expressions of a row pattern; see `pattern_calls`."""

    def starts(self, node: nodes.Dereference) -> bool: ...

    def column(self, at: "ExpressionAnalyzer", node: nodes.Dereference) -> tree.Expression: ...

    def call(
        self, at: "ExpressionAnalyzer", node: nodes.FunctionCall
    ) -> tree.Expression | None: ...

    def refuse_aggregate(self, at: "ExpressionAnalyzer", node: nodes.FunctionCall) -> None: ...

    def counted(self, at: "ExpressionAnalyzer", node: nodes.FunctionCall) -> tuple[str, ...]: ...

    def aggregate(
        self,
        at: "ExpressionAnalyzer",
        node: nodes.FunctionCall,
        call: tree.AggregateCall,
        labels: tuple[str, ...],
    ) -> tree.Expression: ...


def _twice_negated(value: tree.Expression) -> tree.Expression | None:
    """What a negation negates; Trino takes two for none, so that the least number passes."""
    if isinstance(value, tree.FunctionCall) and value.function.name == "negate":
        return value.arguments[0]
    return None


class ExpressionAnalyzer:
    """Expressions of one query level.

    `typed` tells what each node became. `aggregates`, `windows` and `groupings` are the calls met
    so far, which decide what kind of query this is; `refused` is what is wrong with some of them,
    which is said when all of the query is analysed. `pattern` holds in row patterns only.
    `source_scope` is the scope of the query's relations, wherever the analysis is, and `query_at`
    the query's place. In a `scalar` clause neither aggregates nor windows may stand, which is said
    when all of it is analysed. Subqueries are analysed in `subquery_scope` where it is another
    than theirs.
    """

    def __init__(self, context: Context, scope: Scope, *, scalar: bool = False) -> None:
        self.context = context
        self.scope = self.source_scope = scope
        self.typed: dict[nodes.Expression, tree.Expression] = {}
        self.aggregates: list[nodes.Expression] = []
        self.windows: list[nodes.Expression] = []
        self.groupings: list[nodes.Expression] = []
        self.refused: dict[nodes.Expression, TrinoError] = {}
        self.named_windows: dict[str, nodes.Window] = {}
        self.pattern: PatternRules | None = None
        self.query_at = 0
        self.in_lambda = False
        self.scalar = scalar
        self.subquery_scope: Scope | None = None
        self._depth = 0

    def analyze(self, node: nodes.Expression) -> tree.Expression:
        """The typed expression of a node."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise RecursionError
        found = ANALYZERS[type(node)](self, node)
        self._depth -= 1
        self.typed[node] = found
        return found

    def analyze_in(self, scope: Scope, node: nodes.Expression) -> tree.Expression:
        """The same in another scope of the same query level."""
        before, self.scope = self.scope, scope
        try:
            return self.analyze(node)
        finally:
            self.scope = before

    def error(self, name: str, message: str, node: Any) -> TrinoError:
        return self.context.error(name, message, node.at)

    def mismatch(self, message: str, node: Any) -> TrinoError:
        return self.error("TYPE_MISMATCH", message, node)

    def boolean(self, node: nodes.Expression, message: str) -> tree.Expression:
        """A condition; `message` says what it is, up to the type that was found."""
        value = self.analyze(node)
        if value.type not in (BOOLEAN, UNKNOWN):
            raise self.mismatch(f"{message} (actual: {value.type})", node)
        return coerce(value, BOOLEAN)

    def entry(self, name: str, node: Any) -> Function:
        """The function of that name, FUNCTION_NOT_FOUND when there is none."""
        found = FUNCTIONS.get(name)
        if found is None:
            raise self.error("FUNCTION_NOT_FOUND", f"Function '{name}' not registered", node)
        return found

    def operator(
        self, sign: str, arguments: Sequence[tree.Expression], at: int
    ) -> tree.FunctionCall:
        """A call of an operator, its arguments coerced."""
        types = tuple(each.type for each in arguments)
        try:
            binding = operator_binding(sign, types)
        except TrinoError as failure:
            raise self.context.error(failure.name, failure.message, at) from None
        if binding is None and sign == "||":
            raise self.context.error("FUNCTION_NOT_FOUND", _no_concat(types), at)
        if binding is None and sign in _REFUSALS:
            message = _REFUSALS[sign].format(*types)
            raise self.context.error("TYPE_MISMATCH", message, at)
        if binding is None:
            text = f" {sign} ".join(map(str, types))
            raise self.context.error("TYPE_MISMATCH", f"Cannot apply operator: {text}", at)
        coerced = tuple(map(coerce, arguments, binding.argument_types))
        if sign in _COMPARISONS:
            coerced = unwrapped(coerced)
        return tree.FunctionCall(binding.function, coerced, binding.result)

    def common(
        self, values: Sequence[tree.Expression], message: str, written: Sequence[Any]
    ) -> Type:
        """The common supertype of what stands at `written`; `message` takes the two types that have
        none, and all types."""
        found: Type = UNKNOWN
        for each, node in zip(values, written, strict=True):
            wider = common_supertype(found, each.type)
            if wider is None:
                every = ", ".join(dict.fromkeys(str(value.type) for value in values))
                raise self.mismatch(message.format(found, each.type, every), node)
            found = wider
        return found

    def common_of_all(
        self, values: Sequence[tree.Expression], what: str, written: Sequence[nodes.Expression]
    ) -> Type:
        """The common supertype of what stands at `written`; `what` says what they are."""
        message = (
            f"{what} must be the same type or coercible to a common type. Cannot find"
            " common type between {0} and {1}, all types (without duplicates): [{2}]"
        )
        return self.common(values, message, written)

    # Names ---------------------------------------------------------------------------------

    def _identifier(self, node: nodes.Identifier) -> tree.Expression:
        found = self.resolve((node.name,), node)
        if found is None:
            raise self._column_not_found(node.name, node)
        return found

    def resolve(self, parts: tuple[str, ...], node: nodes.Expression) -> tree.Expression | None:
        """What a name means; None when nothing has it."""
        try:
            found = self.scope.resolve(parts)
        except AmbiguousName:
            shown = describe(node)
            raise self.error("AMBIGUOUS_NAME", f"Column '{shown}' is ambiguous", node) from None
        if isinstance(found, Forbidden):
            raise self.error(found.name, found.message.format(describe(node)), node)
        if found is not None:
            self.context.referred[node] = found
        outer = isinstance(found, tree.Navigation) != (self.pattern is not None)
        if outer and found is not None and not isinstance(found, tree.LambdaReference):
            raise self.error(
                "NOT_SUPPORTED",
                f"Reference to column '{describe(node)}' from outer scope not allowed in this"
                " context",
                node,
            )
        return found

    def _column_not_found(self, shown: str, node: nodes.Expression) -> TrinoError:
        return self.error("COLUMN_NOT_FOUND", f"Column '{shown}' cannot be resolved", node)

    def _dereference(self, node: nodes.Dereference) -> tree.Expression:
        parts = qualified_parts(node)
        if self.pattern is not None and self.pattern.starts(node):
            return self.pattern.column(self, node)
        if parts is not None:
            found = self.resolve(parts, node)
            if found is not None:
                return found
            if self.resolve(parts[:1], node) is None and self._resolve_longer(parts) is None:
                raise self._column_not_found(describe(node), node)
        base = self.analyze(node.base)
        if base.type.name != "row":
            raise self.mismatch(f"Expression {describe(node.base)} is not of type ROW", node.base)
        return self._field(base, node)

    def _resolve_longer(self, parts: tuple[str, ...]) -> tree.Expression | None:
        """What a proper prefix of a dotted name means, as a column."""
        for size in range(min(len(parts) - 1, _LONGEST_NAME), 1, -1):
            found = self.scope.resolve(parts[:size])
            if found is not None:
                return found
        return None

    def _field(self, base: tree.Expression, node: nodes.Dereference) -> tree.Expression:
        name = node.field.name
        found = [i for i, each in enumerate(base.type.fields) if each and each.lower() == name]
        if not found:
            shown = ".".join(qualified_parts(node) or (name,))
            raise self.error(
                "INVALID_COLUMN_REFERENCE", f"Column reference '{shown}' is invalid", node
            )
        if len(found) > 1:
            raise self.error(
                "AMBIGUOUS_NAME", f"Ambiguous row field reference: {node.field.value}", node.field
            )
        return tree.FieldReference(base, found[0], base.type.arguments[found[0]])

    # Constants -----------------------------------------------------------------------------

    def _constant(self, node: nodes.Expression) -> tree.Expression:
        return constants.constant(self.context, node)

    def _parameter(self, node: nodes.Parameter) -> tree.Expression:
        values = self.context.parameters
        if node.index >= len(values):
            raise self.error(
                "INVALID_PARAMETER_USAGE",
                f"Incorrect number of parameters: expected {node.index + 1} but found"
                f" {len(values)}",
                node,
            )
        return ExpressionAnalyzer(self.context, Scope()).analyze(values[node.index])

    def _current_time(self, node: nodes.CurrentTime) -> tree.Expression:
        found = clock.session_value(self.context, node.function, node.precision)
        assert found is not None
        return found

    # Operators -----------------------------------------------------------------------------

    def _unary(self, node: nodes.Unary) -> tree.Expression:
        if node.literal and isinstance(node.value, nodes.Number):
            return constants.number(self.context, node.value, "-")
        value = self.analyze(node.value)
        if node.sign == "-":
            negated = self.operator("negate", (value,), node.at)
            return _twice_negated(value) or negated
        if value.type.name not in NUMBERS or value.type.name == "decimal":
            raise self.mismatch(f"Unary '+' operator cannot by applied to {value.type} type", node)
        return value

    def _arithmetic(self, node: nodes.Arithmetic) -> tree.Expression:
        left, right = self.analyze(node.left), self.analyze(node.right)
        return constants.folded(self.operator(node.operator, (left, right), node.at))

    def _comparison(self, node: nodes.Comparison) -> tree.Expression:
        left, right = self.analyze(node.left), self.analyze(node.right)
        return self.operator(node.operator, (left, right), node.at)

    # Conditionals --------------------------------------------------------------------------

    def _case(self, node: nodes.Case) -> tree.Expression:
        conditions = [when for when, _ in node.whens]
        if node.operand is None:
            operand = None
            message = "CASE WHEN clause must evaluate to a boolean"
            tested = [self.boolean(each, message) for each in conditions]
        else:
            operand = self.analyze(node.operand)
            tested = [self.analyze(each) for each in conditions]
            of = self.common(
                [operand, *tested],
                "CASE operand type does not match WHEN clause operand type: {0} vs {1}",
                [node.operand, *conditions],
            )
            operand, tested = coerce(operand, of), [coerce(each, of) for each in tested]
        results = [self.analyze(then) for _, then in node.whens]
        default = self.analyze(node.default) if node.default is not None else None
        written = [then for _, then in node.whens]
        of = self.common_of_all(
            [*results, *([default] if default else [])],
            "All CASE results",
            [*written, *([node.default] if node.default else [])],
        )
        pairs = zip(tested, (coerce(each, of) for each in results), strict=True)
        return tree.Case(operand, tuple(pairs), coerce(default, of) if default else None, of)

    def _cast(self, node: nodes.Cast) -> tree.Expression:
        try:
            target = parse_type(node.type)
        except TrinoError as failure:
            name = "TYPE_MISMATCH" if failure.name == "TYPE_NOT_FOUND" else failure.name
            raise self.error(name, failure.message, node) from None
        value = self.analyze(node.value)
        if target == UNKNOWN:
            raise self.mismatch("UNKNOWN is not a valid type", node)
        if not can_cast(value.type, target):
            raise self.mismatch(f"Cannot cast {value.type} to {target}", node)
        if value.type == target:
            return value
        return tree.Cast(value, target, node.safe, self._day(value.type, target))

    def _day(self, source: Type, target: Type) -> int | None:
        """The session's day, where times are cast to timestamps."""
        return clock.day(self.context) if needs_date(source, target) else None

    # Values of more than one part ----------------------------------------------------------

    def _row(self, node: nodes.Row) -> tree.Expression:
        items = tuple(map(self.analyze, node.items))
        return tree.RowConstructor(items, row(*((None, each.type) for each in items)))

    def _array(self, node: nodes.Array) -> tree.Expression:
        items = [self.analyze(each) for each in node.items]
        of = self.common_of_all(items, "All ARRAY elements", node.items)
        return tree.ArrayConstructor(tuple(coerce(each, of) for each in items), array(of))

    def _subscript(self, node: nodes.Subscript) -> tree.Expression:
        base = self.analyze(node.base)
        if base.type.name != "row":
            index = self.analyze(node.index)
            return self.operator("[]", (base, index), node.at)
        whole = isinstance(node.index, nodes.Number | nodes.Parameter | nodes.Unary)
        index = self.analyze(node.index) if whole else tree.Constant(None, UNKNOWN)
        if index.type == BIGINT:
            raise self.mismatch(
                "Subscript expression on ROW requires integer index, found bigint", node.index
            )
        if not isinstance(index, tree.Constant) or index.type != INTEGER:
            raise self.error(
                "EXPRESSION_NOT_CONSTANT",
                "Subscript expression on ROW requires a constant index",
                node.index,
            )
        if not 1 <= index.value <= len(base.type.arguments):
            message = f"Invalid subscript index: {index.value}. ROW indices start at 1"
            if index.value > 0:
                count = len(base.type.arguments)
                message = f"Subscript index out of bounds: {index.value}, max value is {count}"
            raise self.error("INVALID_FUNCTION_ARGUMENT", message, node.index)
        return tree.FieldReference(base, index.value - 1, base.type.arguments[index.value - 1])

    # Calls ---------------------------------------------------------------------------------

    def call(self, name: str, *arguments: nodes.Expression, at: int) -> tree.Expression:
        """A call of a function by its plain name."""
        identifier = nodes.Identifier(at, name)
        return self.analyze(nodes.FunctionCall(at, (identifier,), arguments))

    def _lambda(self, node: nodes.Lambda) -> tree.Expression:
        raise self.error(
            "TYPE_MISMATCH", "Lambda expression should always be used inside a function", node
        )

    def _grouping(self, node: nodes.Grouping) -> tree.Expression:
        self.groupings.append(node)
        if not node.arguments:
            message = "grouping operation columns cannot be empty"
            self.context.unplanned.append(TrinoError("GENERIC_INTERNAL_ERROR", message))
        of = INTEGER if len(node.arguments) < 32 else Type("bigint")
        return tree.Grouping(tuple(map(self.analyze, node.arguments)), of)


def _no_concat(types: Sequence[Type]) -> str:
    try:
        resolve("concat", [FUNCTIONS["||"]], types)
    except TrinoError as failure:
        return failure.message
    return "Function 'concat' not registered"


def qualified_parts(node: nodes.Expression) -> tuple[str, ...] | None:
    """The parts of a.b.c in lower case; None for anything but names with dots between, few enough
    to mean something."""
    parts: list[str] = []
    while isinstance(node, nodes.Dereference) and len(parts) < _MOST_PARTS:
        parts.append(node.field.name)
        node = node.base
    return (node.name, *reversed(parts)) if isinstance(node, nodes.Identifier) else None


_E = ExpressionAnalyzer
ANALYZERS: Final[dict[type, Callable[[ExpressionAnalyzer, Any], tree.Expression]]] = {
    nodes.Identifier: _E._identifier,
    nodes.Dereference: _E._dereference,
    nodes.Null: _E._constant,
    nodes.Boolean: _E._constant,
    nodes.String: _E._constant,
    nodes.Binary: _E._constant,
    nodes.Number: _E._constant,
    nodes.TypedLiteral: _E._constant,
    nodes.Interval: _E._constant,
    nodes.Parameter: _E._parameter,
    nodes.CurrentTime: _E._current_time,
    nodes.Unary: _E._unary,
    nodes.Arithmetic: _E._arithmetic,
    nodes.Comparison: _E._comparison,
    nodes.Case: _E._case,
    nodes.Cast: _E._cast,
    nodes.Row: _E._row,
    nodes.Array: _E._array,
    nodes.Subscript: _E._subscript,
    nodes.Lambda: _E._lambda,
    nodes.Grouping: _E._grouping,
}
"""What analyses each kind of node; `conditions`, `moments`, `subqueries`, `calls`
and `json` add theirs."""
