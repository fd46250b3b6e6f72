"""Expressions of the typed tree as DuckDB SQL; each text has the parentheses that it needs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Final

from lakelet.sql import tree
from lakelet.sql.emitter import attempts, lists, windows, zoned
from lakelet.sql.emitter.attempts import UNMOVABLE
from lakelet.sql.emitter.casts import UNCHECKED, cast, unlimited
from lakelet.sql.emitter.certainties import (
    FLOATING,
    are_numbers,
    in_by_keys,
    is_column,
    is_null,
    is_number,
)
from lakelet.sql.emitter.comparison import compare, is_partial, key
from lakelet.sql.emitter.datetime_casts import dated
from lakelet.sql.emitter.json_casts import parsed_as
from lakelet.sql.emitter.literals import is_date, literal
from lakelet.sql.emitter.names import identifier
from lakelet.sql.functions.binding import SHORT, bound, parameter
from lakelet.sql.functions.expansion import multiplies
from lakelet.sql.functions.registry import NOT_CONSTANT, Call
from lakelet.sql.functions.text.like import escapes_well
from lakelet.types.duckdb import physical, row_fields
from lakelet.types.model import varchar

_PLAIN: Final = frozenset(("=", "<>", "<", "<=", ">", ">="))
"""What compares numbers as DuckDB does where none is NaN."""

_TALLEST: Final = 100
"""Levels of an expression that DuckDB sees as one: it looks for common parts of expressions in time
that grows with the third power of their height."""


class ExpressionEmitter:
    """Writes expressions; `query` writes a subquery."""

    def __init__(self, query: Callable[[tree.Query], str]) -> None:
        self.query = query
        self.grouped: Mapping[tree.Expression, str] = {}
        self.shown: tuple[tree.Cast, ...] = ()
        self.source: tree.Relation | None = None
        self.common_tables: dict[str, tree.Query] = {}
        self._height = self._level = 0

    def emit(self, node: tree.Expression) -> str:
        """The text of an expression."""
        if self.grouped and node in self.grouped:
            return self.grouped[node]
        beside, self._height = self._height, 0
        level = self._level
        self._level = 0 if isinstance(node, UNMOVABLE) else level + 1
        text = _EMITTERS[type(node)](self, node)
        self._level = level
        height = self._height + 1
        if not level and height > _TALLEST and not self.grouped:
            text, height = _apart(node, text), 1
        self._height = max(beside, height)
        return text

    @contextmanager
    def grouping(self, texts: Mapping[tree.Expression, str]) -> Iterator[None]:
        """While it lasts, expressions that are grouped by stand for a value of their group."""
        before, self.grouped = self.grouped, texts
        try:
            yield
        finally:
            self.grouped = before

    def item(self, node: tree.Expression) -> str:
        """The text of what is selected."""
        found = tuple(each for each in _shown(node) if each.value.type.name in UNCHECKED)
        self.shown = () if found and self._varies(node) else found
        text = self.emit(node)
        self.shown = ()
        return text

    def _varies(self, node: tree.Expression) -> bool:
        columns = any(isinstance(each, tree.ColumnReference) for each in tree.descendants(node))
        return columns and self._reads_tables(self.source)

    def all(self, nodes: Sequence[tree.Expression]) -> tuple[str, ...]:
        """The texts of many."""
        return tuple([self.emit(each) for each in nodes])

    def key(self, node: tree.Expression) -> str:
        """What stands for a value where values are grouped, sorted or told apart."""
        text = self.emit(node)
        if isinstance(node, tree.Constant) or text.strip("-( )").isdecimal():
            # DuckDB takes a bare number, negated too, for the place of what is selected.
            text = f"CAST({text} AS {physical(node.type)})"
        # An output's name followed by a point would be read as a table's.
        named = isinstance(node, tree.OutputReference) and key(text, node.type) != text
        return key(f"({text})" if named else text, node.type)

    def order_by(self, items: Sequence[tree.SortItem]) -> str:
        """ORDER BY with a space before it, or nothing."""
        if not items:
            return ""
        return " ORDER BY " + ", ".join(map(self._sort_item, items))

    def _sort_item(self, item: tree.SortItem) -> str:
        # The engine sorts NULLs last unless told, as Trino does.
        direction = " DESC" if item.descending else ""
        nulls = " NULLS FIRST" if item.nulls_first else ""
        return f"{self.key(item.expression)}{direction}{nulls}"

    def undecided(self, items: Sequence[tree.SortItem]) -> str:
        """More of an ORDER BY, which fails where a NULL inside a value decides on its place; only
        outputs are looked at. Neighbours must have been compared, however rows are sorted."""
        order = self.order_by(items).lstrip()
        checks = [
            compare("<=", f"lag({value}) OVER ({order})", value, item.expression.type)
            for item in items
            if isinstance(item.expression, tree.OutputReference)
            and is_partial(item.expression.type)
            for value in (self.emit(item.expression),)
        ]
        return "".join(f", {check}" for check in checks)

    # Leaves --------------------------------------------------------------------------------

    def _constant(self, node: tree.Constant) -> str:
        text = literal(node.value, node.type)
        return f"({text})" if text.startswith("-") else text

    def _column(self, node: tree.ColumnReference) -> str:
        return f"{identifier(node.relation)}.{identifier(node.name)}"

    def _lambda_reference(self, node: tree.LambdaReference) -> str:
        return identifier(node.name)

    def _output(self, node: tree.OutputReference) -> str:
        return identifier(node.name)

    # Calls ---------------------------------------------------------------------------------

    def _call(self, node: Any, distinct: str = "", order: str = "", over: str = "") -> str:
        return str(node.function.emit(self._use(node, distinct, order, over)))

    def _use(self, node: Any, distinct: str = "", order: str = "", over: str = "") -> Call:
        arguments = node.arguments
        return Call(
            node.function.name,
            self._texts(arguments),
            tuple([each.type for each in arguments]),
            node.type,
            tuple(
                [
                    each.value if isinstance(each, tree.Constant) else NOT_CONSTANT
                    for each in arguments
                ]
            ),
            distinct,
            order,
            over,
            partial(self._reads_tables, self.source),
        )

    def _texts(self, arguments: tuple[tree.Expression, ...]) -> tuple[str, ...]:
        """Arguments; arrays that are computed for lambdas are computed for rows only."""
        texts = self.all(arguments)
        if not any(isinstance(each, tree.Lambda) for each in arguments):
            return texts
        return tuple(
            f"({text})[:]" if each.type.name == "array" and not is_column(each) else text
            for text, each in zip(texts, arguments, strict=True)
        )

    def _reads_tables(self, node: Any) -> bool:
        return any(
            isinstance(each, tree.TableScan)
            or (
                isinstance(each, tree.CteReference)
                and self._reads_tables(self.common_tables.get(each.name))
            )
            for each in tree.descendants(node)
        )

    def _function(self, node: tree.FunctionCall) -> str:
        """A scalar call; an argument that its text repeats is bound when it is long, and one that
        its macros would multiply, since calls within calls would double both."""
        if is_null(node):
            return f"CAST(NULL AS {physical(node.type)})"
        call = self._use(node)
        if node.function.name in _PLAIN and are_numbers(node.arguments):
            return f"({f' {node.function.name} '.join(call.arguments)})"
        text = str(node.function.emit(call))
        repeated = [
            i
            for i, each in enumerate(call.arguments)
            if not each.startswith("lambda ")
            and ((len(each) > SHORT and text.count(each) > 1) or multiplies(text, each))
        ]
        return self._bound_once(node, call, repeated) if repeated else text

    def _bound_once(self, node: tree.FunctionCall, call: Call, repeated: list[int]) -> str:
        parts = [zoned.apart(call.arguments[i]) for i in repeated]

        def body(*names: str) -> str:
            arguments = list(call.arguments)
            for i, name, (_, whole) in zip(repeated, names, parts, strict=True):
                arguments[i] = whole(name)
            return str(node.function.emit(replace(call, arguments=tuple(arguments))))

        return bound(tuple(computed for computed, _ in parts), body, once=True)

    def _aggregate(self, node: tree.AggregateCall) -> str:
        distinct = "DISTINCT " if node.distinct else ""
        with self.grouping({}):
            order, condition = self.order_by(node.order_by), self._filter(node.filter)
            return self._call(node, distinct, order, condition)

    def _filter(self, condition: tree.Expression | None) -> str:
        return f" FILTER (WHERE {self.emit(condition)})" if condition is not None else ""

    def _window(self, node: tree.WindowCall) -> str:
        over = f"{self._filter(node.filter)} OVER ({windows.over(self, node.window)})"
        order = self.order_by(node.order_by) + (" IGNORE NULLS" if node.ignore_nulls else "")
        text = self._call(node, "DISTINCT " if node.distinct else "", order, over)
        # DuckDB counts less than no rows in a frame that ends before it begins.
        return f"greatest({text}, 0)" if _may_count_less(node) else text

    def _grouping(self, node: tree.Grouping) -> str:
        with self.grouping({}):
            return f"CAST(GROUPING({', '.join(map(self.key, node.arguments))}) AS {node.type})"

    def _lambda(self, node: tree.Lambda) -> str:
        names = ", ".join(identifier(each.name) for each in node.parameters)
        return f"lambda {names}: {self.emit(node.body)}"

    # Conditions and conditionals -----------------------------------------------------------

    def conjuncts(self, node: tree.Expression) -> str:
        """A condition as WHERE has it: its terms without parentheses around all of them."""
        if isinstance(node, tree.Logical) and node.operator == "AND":
            return " AND ".join(self.all(node.operands))
        return self.emit(node)

    def where(self, node: tree.Expression) -> str:
        """As `conjuncts`; long lists are asked as tables, which only WHERE always allows."""
        if not lists.has_long(node):
            return self.conjuncts(node)
        both = isinstance(node, tree.Logical) and node.operator == "AND"
        terms = node.operands if isinstance(node, tree.Logical) and both else (node,)
        return " AND ".join(
            self.emit(each) if isinstance(each, tree.InList) else self._of_tables(each)
            for each in terms
        )

    def _of_tables(self, node: tree.Expression) -> str:
        if isinstance(node, tree.Logical):
            return f"({f' {node.operator} '.join(map(self._of_tables, node.operands))})"
        if isinstance(node, tree.Not):
            return f"(NOT {self._of_tables(node.value)})"
        if isinstance(node, tree.InList) and lists.is_long(node):
            items = f"SELECT unnest([{lists.constants(node.items)}])"
            return f"({self.key(node.value)} IN ({items}))"
        return self.emit(node)

    def _logical(self, node: tree.Logical) -> str:
        return f"({f' {node.operator} '.join(self.all(node.operands))})"

    def _not(self, node: tree.Not) -> str:
        inner = node.value
        if isinstance(inner, tree.IsNull):
            return f"({self.emit(inner.value)} IS NOT NULL)"
        if isinstance(inner, tree.Like):
            return self._like(inner, "NOT LIKE")
        if isinstance(inner, tree.InQuery):
            return self._in_query(inner, "NOT IN")
        if isinstance(inner, tree.InList):
            return self._in_list(inner, "NOT IN")
        return f"(NOT {self.emit(inner)})"

    def _is_null(self, node: tree.IsNull) -> str:
        return f"({self.emit(node.value)} IS NULL)"

    def _between(self, node: tree.Between) -> str:
        of = node.value.type
        value, low, high = self.all((node.value, node.low, node.high))
        if of.name in FLOATING and not is_number(node.high):
            above, below = compare(">=", value, low, of), compare("<=", value, high, of)
            return f"({above} AND {below})"
        return f"({key(value, of)} BETWEEN {key(low, of)} AND {key(high, of)})"

    def _in_list(self, node: tree.InList, operator: str = "IN") -> str:
        if not in_by_keys(node):
            return self._equals_one(node, operator)
        plain = lists.are_constants(node.items) and not isinstance(node.value, tree.Constant)
        items = lists.constants(node.items) if plain else ", ".join(map(self.key, node.items))
        return f"({self.key(node.value)} {operator} ({items}))"

    def _equals_one(self, node: tree.InList, operator: str) -> str:
        """IN of values that may be NaN or hold a NULL, which no hash finds."""
        of = node.value.type
        items = self.all(node.items)

        def body(value: str) -> str:
            return " OR ".join(compare("=", value, item, of) for item in items)

        return (
            f"({'NOT ' if operator == 'NOT IN' else ''}({bound((self.emit(node.value),), body)}))"
        )

    def _in_query(self, node: tree.InQuery, operator: str = "IN") -> str:
        return f"({self.key(node.value)} {operator} ({self._keys_of(node.query)}))"

    def _keys_of(self, query: tree.Query) -> str:
        output = query.outputs[0]
        name = identifier(output.physical)
        text = self.query(query)
        if key(name, output.type) == name:
            return text
        return f"SELECT {key(name, output.type)} FROM ({text})"

    def _quantified(self, node: tree.Quantified) -> str:
        value = self.key(node.value)
        return f"({value} {node.operator} {node.quantifier} ({self._keys_of(node.query)}))"

    def _exists(self, node: tree.Exists) -> str:
        return f"EXISTS ({self.query(node.query)})"

    def _scalar_query(self, node: tree.ScalarQuery) -> str:
        return f"({self.query(node.query)})"

    def _like(self, node: tree.Like, operator: str = "LIKE") -> str:
        of = node.value.type
        value = self.emit(node.value)
        if of.name == "char":
            value = cast(value, of, varchar(of.length))
        pattern = self.emit(node.pattern)
        if node.escape is None:
            return f"({value} {operator} {pattern})"
        escape = self.emit(node.escape)
        if not escapes_well(*_constants((node.pattern, node.escape))):
            pattern = f"trino_like_pattern({pattern}, {escape})"
        return f"({value} {operator} {pattern} ESCAPE {escape})"

    def _case(self, node: tree.Case) -> str:
        operand = self.emit(node.operand) if node.operand is not None else None
        of = node.operand.type if node.operand is not None else None
        simple = of is not None and compare("=", "a", "b", of) == "(a = b)"
        parts = ["CASE"]
        if simple:
            parts.append(str(operand))
        chained = node if of is not None else self._chained(node)
        for condition, result in chained.whens:
            test = self.emit(condition)
            if operand is not None and of is not None and not simple:
                test = compare("=", operand, test, of)
            parts.append(f"WHEN {test} THEN {self.emit(result)}")
        if chained.default is not None:
            parts.append(f"ELSE {self.emit(chained.default)}")
        return " ".join([*parts, "END"])

    def _chained(self, node: tree.Case) -> tree.Case:
        """The conditions of a CASE and of those in its ELSE, which one CASE asks as well: generated
        queries nest hundreds."""
        whens, default = list(node.whens), node.default
        while isinstance(default, tree.Case) and default.operand is None:
            if self.grouped and default in self.grouped:
                break
            whens += default.whens
            default = default.default
        return replace(node, whens=tuple(whens), default=default)

    def _coalesce(self, node: tree.Coalesce) -> str:
        return f"coalesce({', '.join(self.all(node.operands))})"

    def _null_if(self, node: tree.NullIf) -> str:
        first, second = self.emit(node.first), self.emit(node.second)
        left = cast(first, node.first.type, node.compared)
        right = cast(second, node.second.type, node.compared)
        equal = compare("=", left, right, node.compared)
        return f"CASE WHEN {equal} THEN NULL ELSE {first} END"

    def _fitted(self, node: tree.Fitted) -> str:
        return f"CAST({self.emit(node.value)} AS {physical(node.type)})"

    def _cast(self, node: tree.Cast) -> str:
        if is_null(node):
            return f"CAST(NULL AS {physical(node.type)})"
        source = node.value.type
        if isinstance(node.value, tree.Constant) and is_date(node.value.value, node.type):
            return literal(node.value.value, node.type)
        if node.day is not None:
            source = dated(source, node.type, node.day)
        limited = source.name not in UNCHECKED or node in self.shown
        target = node.type if limited else unlimited(node.type)
        value = self._cast_value(node)
        text = cast(value, source, target, safe=node.safe)
        if not multiplies(text, value):
            return text
        return bound((value,), lambda v: cast(v, source, target, safe=node.safe), once=True)

    def _cast_value(self, node: tree.Cast) -> str:
        """A JSON text that is cast to more than a value is read by the cast, which refuses it."""
        call = node.value
        if not isinstance(call, tree.FunctionCall) or call.function.name != "json_parse":
            return self.emit(call)
        if node.safe or not node.type.arguments:
            return self.emit(call)
        return bound(tuple(self.all(call.arguments)), lambda s: parsed_as(s, node.type))

    # Rows and arrays -----------------------------------------------------------------------

    def _row(self, node: tree.RowConstructor) -> str:
        names = map(identifier, row_fields(node.type))
        pairs = zip(names, self.all(node.items), strict=True)
        return f"struct_pack({', '.join(f'{name} := {value}' for name, value in pairs)})"

    def _array(self, node: tree.ArrayConstructor) -> str:
        return f"[{', '.join(self.all(node.items))}]"

    def _field(self, node: tree.FieldReference) -> str:
        if is_null(node):
            return f"CAST(NULL AS {physical(node.type)})"
        name = row_fields(node.value.type)[node.index]
        field = f"({self.emit(node.value)}).{identifier(name)}"
        if is_column(node.value):
            return field
        # A row that turns out to be NULL has no types inside.
        return f"CAST({field} AS {physical(node.type)})"


def _constants(values: Sequence[tree.Expression]) -> tuple[Any, ...]:
    return tuple(each.value if isinstance(each, tree.Constant) else NOT_CONSTANT for each in values)


def _may_count_less(node: tree.WindowCall) -> bool:
    frame = node.window.frame
    one_way = frame is not None and frame.start.kind == frame.end.kind
    return one_way and node.function.name == "count" and not node.arguments


def _shown(node: tree.Expression) -> Iterator[tree.Cast]:
    """The casts whose values are an expression's own, or elements of it."""
    if isinstance(node, tree.Cast):
        yield node
    elif isinstance(node, tree.ArrayConstructor | tree.RowConstructor):
        for each in node.items:
            yield from _shown(each)


def _apart(node: tree.Expression, text: str) -> str:
    """An expression as the body of a lambda, where DuckDB looks for no common parts."""
    if any(isinstance(each, UNMOVABLE) for each in tree.descendants(node)):
        return text
    return f"list_transform([0], lambda {parameter(text)}: {text})[1]"


_E = ExpressionEmitter


_EMITTERS: Final[dict[type, Callable[[ExpressionEmitter, Any], str]]] = {
    tree.Constant: _E._constant,
    tree.ColumnReference: _E._column,
    tree.LambdaReference: _E._lambda_reference,
    tree.OutputReference: _E._output,
    tree.FunctionCall: _E._function,
    tree.AggregateCall: _E._aggregate,
    tree.WindowCall: _E._window,
    tree.Grouping: _E._grouping,
    tree.Lambda: _E._lambda,
    tree.Logical: _E._logical,
    tree.Not: _E._not,
    tree.IsNull: _E._is_null,
    tree.Between: _E._between,
    tree.InList: _E._in_list,
    tree.InQuery: _E._in_query,
    tree.Quantified: _E._quantified,
    tree.Exists: _E._exists,
    tree.ScalarQuery: _E._scalar_query,
    tree.Like: _E._like,
    tree.Case: _E._case,
    tree.Coalesce: _E._coalesce,
    tree.NullIf: _E._null_if,
    tree.Try: attempts.attempt,
    tree.Cast: _E._cast,
    tree.Fitted: _E._fitted,
    tree.RowConstructor: _E._row,
    tree.ArrayConstructor: _E._array,
    tree.FieldReference: _E._field,
}
