"""SELECT … FROM … WHERE … GROUP BY … HAVING, together with the ORDER BY that sees its names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer import pattern_windows
from lakelet.sql.analyzer.clauses import calls_in, is_aggregate, is_window, refuse_calls
from lakelet.sql.analyzer.coercions import coerce
from lakelet.sql.analyzer.context import Context
from lakelet.sql.analyzer.expressions import ExpressionAnalyzer, qualified_parts
from lakelet.sql.analyzer.formatting import describe
from lakelet.sql.analyzer.grouping import Grouped, GroupingVerifier, analyze_group_by
from lakelet.sql.analyzer.ordering import ordinal, refuse_other_keys
from lakelet.sql.analyzer.outputs import named_outputs
from lakelet.sql.analyzer.relations import RelationAnalyzer
from lakelet.sql.analyzer.scopes import Field, Scope
from lakelet.sql.analyzer.windows import analyze_window, expressions_of, nested_windows
from lakelet.sql.row_patterns.program import canonical
from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.walking import children, descendants
from lakelet.types.coercion import is_comparable, is_orderable
from lakelet.types.model import BOOLEAN, UNKNOWN


@dataclass(frozen=True, slots=True)
class Item:
    """A selected expression, its name or None, and where it was written (None: by a star)."""

    value: tree.Expression
    label: str | None
    node: nodes.Expression | None


def _shown(item: Item, fields: Sequence[Field]) -> str | None:
    """How an error calls a column that a star stands for; None for one without a name."""
    for field in fields:
        if field.value == item.value and field.label is not None:
            return f"'{'.'.join((*field.qualifier[-1:], field.label))}'"
    return None


def analyze_select(
    context: Context, node: nodes.Select, outer: Scope, order_by: Sequence[nodes.SortItem]
) -> tuple[tree.Select, tuple[tree.SortItem, ...]]:
    """A query specification and its sort keys."""
    return _SelectAnalyzer(context, node, outer).analyze(order_by)


class _SelectAnalyzer:
    """The steps of one query specification, in the order in which Trino takes them."""

    def __init__(self, context: Context, node: nodes.Select, outer: Scope) -> None:
        self.context = context
        self.node = node
        self.outer = outer

    def analyze(
        self, order_by: Sequence[nodes.SortItem]
    ) -> tuple[tree.Select, tuple[tree.SortItem, ...]]:
        node = self.node
        source, fields = self._source()
        scope = Scope(fields, self.outer)
        self.expressions = ExpressionAnalyzer(self.context, scope)
        self.expressions.query_at = node.at
        self._windows()
        where = self._condition(node.where, "WHERE clause")
        items = self._items(fields)
        values = [each.value for each in items]
        grouped = (
            analyze_group_by(self.expressions, node.group_by, values) if node.group_by else None
        )
        having = self._having()
        sort_items = self._sort_items(order_by, scope, items)
        at = self.expressions
        if at.groupings and node.group_by is None:
            raise at.error(
                "MISSING_GROUP_BY",
                "A GROUPING() operation can only be used with a corresponding GROUPING"
                " SET/CUBE/ROLLUP/GROUP BY clause",
                node,
            )
        refuse_other_keys(at)
        if grouped is None and (at.aggregates or at.groupings or node.having is not None):
            grouped = Grouped((), None)
        if grouped is not None:
            self._verify(grouped, fields, items, order_by)
        for window in at.windows:
            if window in at.refused:
                raise at.refused[window]
        outputs = named_outputs([(each.label, each.value.type) for each in items])
        select = tree.Select(
            tuple(values),
            outputs,
            source,
            where,
            grouped.keys if grouped else None,
            grouped.sets if grouped else None,
            having,
            node.distinct,
        )
        return pattern_windows.lowered(self.context, select, self._referring(sort_items, select))

    def _windows(self) -> None:
        """The named windows; each may extend those before it."""
        named = self.expressions.named_windows
        for name, window in self.node.windows:
            if canonical(name) in named:
                raise self.expressions.error(
                    "DUPLICATE_WINDOW_NAME",
                    f"WINDOW name '{name.value}' specified more than once",
                    name,
                )
            if window.base is not None and canonical(window.base) not in named:
                raise self.expressions.error(
                    "INVALID_WINDOW_REFERENCE",
                    f"Cannot resolve WINDOW name {window.base.value}",
                    window.base,
                )
            named[canonical(name)] = window
            for nested in nested_windows(self.expressions, expressions_of(window), "specification"):
                raise nested
            analyze_window(self.expressions, window)

    def _source(self) -> tuple[tree.Relation | None, list[Field]]:
        if self.node.source is None:
            return None, []
        return RelationAnalyzer(self.context, self.outer).analyze(self.node.source)

    def _condition(self, node: nodes.Expression | None, clause: str) -> tree.Expression | None:
        if node is None:
            return None
        refuse_calls(self.expressions, clause, node)
        value = ExpressionAnalyzer(self.context, self.expressions.scope, scalar=True).analyze(node)
        return self._as_condition(value, clause, node)

    def _as_condition(
        self, value: tree.Expression, clause: str, node: nodes.Expression
    ) -> tree.Expression:
        if value.type not in (BOOLEAN, UNKNOWN):
            raise self.expressions.mismatch(
                f"{clause} must evaluate to a boolean: actual type {value.type}", node
            )
        return coerce(value, BOOLEAN)

    def _having(self) -> tree.Expression | None:
        node = self.node.having
        if node is None:
            return None
        for window in filter(is_window, calls_in(node)):
            raise self.expressions.error(
                "NESTED_WINDOW",
                "HAVING clause cannot contain window functions or row pattern measures",
                window,
            )
        value = self.expressions.analyze(node)
        return self._as_condition(value, "HAVING clause", node)

    # The select list -----------------------------------------------------------------------

    def _items(self, fields: Sequence[Field]) -> list[Item]:
        found: list[Item] = []
        for each in self.node.items:
            if isinstance(each, nodes.SelectItem):
                value = self.expressions.analyze(each.expression)
                label = each.alias.value if each.alias else _implied_name(each.expression)
                found.append(Item(value, label, each.expression))
            else:
                found += self._star(each, fields)
        if self.node.distinct:
            for item in found:
                if not is_comparable(item.value.type):
                    raise self.expressions.mismatch(
                        "DISTINCT can only be applied to comparable types (actual:"
                        f" {item.value.type})",
                        item.node or self.node,
                    )
        return found

    def _star(self, node: nodes.Star, fields: Sequence[Field]) -> list[Item]:
        if node.target is not None:
            return self._qualified_star(node, node.target)
        if self.node.source is None:
            raise self.expressions.error(
                "COLUMN_NOT_FOUND", "SELECT * not allowed in queries without FROM clause", node
            )
        visible = [each for each in fields if not each.hidden]
        if not visible:
            raise self.expressions.error(
                "COLUMN_NOT_FOUND", "SELECT * not allowed from relation that has no columns", node
            )
        return [Item(each.value, each.label, None) for each in visible]

    def _qualified_star(self, node: nodes.Star, target: nodes.Expression) -> list[Item]:
        parts = qualified_parts(target)
        if parts is not None:
            fields = self.expressions.scope.relation(parts)
            if fields is None and len(parts) > 1 and self._is_row(target):
                return self._row_star(node, target)
            if fields is None:
                raise self.expressions.error(
                    "TABLE_NOT_FOUND", f"Unable to resolve reference {describe(target)}", node
                )
            self._refuse_unnamed(fields)
            labels = self._star_aliases(node, [each.label for each in fields])
            return [
                Item(each.value, label, None) for each, label in zip(fields, labels, strict=True)
            ]
        return self._row_star(node, target)

    def _refuse_unnamed(self, fields: Sequence[Field]) -> None:
        """All of a relation further out has names."""
        here = self.expressions.scope.fields
        if any(each.label is None for each in fields) and not set(fields) & set(here):
            message = "SELECT * from outer scope table not supported with anonymous columns"
            raise self.context.error("NOT_SUPPORTED", message, self.node.at)

    def _is_row(self, target: nodes.Expression) -> bool:
        """Whether a chain of names is a row, or one too many of them says what is wrong."""
        try:
            return self.expressions.analyze(target).type.name == "row"
        except TrinoError as failure:
            if failure.name in ("COLUMN_NOT_FOUND", "TYPE_MISMATCH"):
                return False
            raise

    def _row_star(self, node: nodes.Star, target: nodes.Expression) -> list[Item]:
        """The fields of a row."""
        value = self.expressions.analyze(target)
        if value.type.name != "row":
            message = "expected expression of type Row"
            raise self.context.error("TYPE_MISMATCH", message, self.expressions.query_at)
        labels = self._star_aliases(node, list(value.type.fields))
        return [
            Item(tree.FieldReference(value, i, of), label, target)
            for i, (of, label) in enumerate(zip(value.type.arguments, labels, strict=True))
        ]

    def _star_aliases(self, node: nodes.Star, labels: list[str | None]) -> Sequence[str | None]:
        if not node.aliases:
            return labels
        if len(node.aliases) != len(labels):
            raise self.expressions.error(
                "MISMATCHED_COLUMN_ALIASES",
                f"Column alias list has {len(node.aliases)} entries but relation has"
                f" {len(labels)} columns",
                node.aliases[0],
            )
        return [each.value for each in node.aliases]

    # Sorting, grouping, DISTINCT -----------------------------------------------------------

    def _sort_items(
        self, order_by: Sequence[nodes.SortItem], scope: Scope, items: Sequence[Item]
    ) -> list[tree.SortItem]:
        if not order_by:
            return []
        outputs = [Field(each.label, each.value.type, each.value) for each in items]
        inner = Scope(outputs, scope)
        found = []
        labels = {each.label.lower() for each in items if each.label}
        for each in order_by:
            if self.node.group_by is not None:
                self._refuse_grouping_of_outputs(each.expression, labels)
            value = self._sort_key(each.expression, inner, items)
            column = isinstance(each.expression, nodes.Identifier | nodes.Dereference)
            if self.node.distinct and not column and any(_outputs(each.expression, labels)):
                raise self._not_in_distinct()
            if not is_orderable(value.type):
                raise self.expressions.mismatch(
                    f"Type {value.type} is not orderable, and therefore cannot be used in ORDER"
                    f" BY: {describe(each.expression)}",
                    self.node,
                )
            found.append(tree.SortItem(value, each.descending, bool(each.nulls_first)))
        return found

    def _refuse_grouping_of_outputs(self, node: nodes.Expression, labels: set[str]) -> None:
        """In ORDER BY a name means the output of that name, of which there are no groups."""
        if isinstance(node, nodes.Grouping):
            names = {each.name for each in node.arguments if isinstance(each, nodes.Identifier)}
            if names & labels:
                raise TrinoError(
                    "INVALID_ARGUMENTS",
                    "Invalid reference to output of SELECT clause from grouping() expression in"
                    " ORDER BY",
                )
        for child in children(node):
            self._refuse_grouping_of_outputs(child, labels)

    def _refuse_aggregates_of_outputs(
        self, node: nodes.Expression, labels: Mapping[str, tree.Expression]
    ) -> None:
        output = None
        if is_aggregate(node):
            output = next(_outputs(node, set(labels)), None) or self._output_below(node, labels)
        if output is not None:
            raise self.expressions.error(
                "COLUMN_NOT_FOUND",
                "Invalid reference to output projection attribute from ORDER BY aggregation",
                output,
            )
        for child in children(node):
            self._refuse_aggregates_of_outputs(child, labels)

    def _output_below(
        self, node: nodes.Expression, labels: Mapping[str, tree.Expression]
    ) -> nodes.Identifier | None:
        """The name of an output in a query inside of an expression."""
        for each in descendants(node):
            named = isinstance(each, nodes.Identifier) and each.name in labels
            if named and self.context.referred.get(each) == labels[each.name]:
                return cast(nodes.Identifier, each)
        return None

    def _sort_key(
        self, node: nodes.Expression, scope: Scope, items: Sequence[Item]
    ) -> tree.Expression:
        position = ordinal(node)
        if position is None:
            return self.expressions.analyze_in(scope, node)
        if not 1 <= position <= len(items):
            raise self.expressions.error(
                "INVALID_COLUMN_REFERENCE",
                f"ORDER BY position {position} is not in select list",
                node,
            )
        value = items[position - 1].value
        self.expressions.typed[node] = value
        return value

    def _verify(
        self,
        grouped: Grouped,
        fields: Sequence[Field],
        items: Sequence[Item],
        order_by: Sequence[nodes.SortItem],
    ) -> None:
        relations = {
            each.value.relation for each in fields if isinstance(each.value, tree.ColumnReference)
        }
        verifier = GroupingVerifier(self.expressions, grouped, relations)
        for item in items:
            if item.node is not None:
                verifier.verify(item.node)
            elif item.value not in verifier.keys:
                shown = _shown(item, fields) or items.index(item) + 1
                message = f"Column {shown} not in GROUP BY clause"
                raise TrinoError("EXPRESSION_NOT_AGGREGATE", message)
        if self.node.having is not None:
            verifier.verify(self.node.having)
        for _, window in self.node.windows:
            for part in expressions_of(window):
                verifier.verify(part)
        known = frozenset(each.value for each in items)
        labels = {each.label.lower(): each.value for each in items if each.label}
        for sort_item in order_by:
            self._refuse_aggregates_of_outputs(sort_item.expression, labels)
            verifier.verify(sort_item.expression, known)

    def _referring(
        self, items: Sequence[tree.SortItem], select: tree.Select
    ) -> tuple[tree.SortItem, ...]:
        """Sort keys that are selected are sorted by their output."""
        found = []
        if not items:
            return ()
        positions: dict[tree.Expression, tree.Output] = {}
        for value, output in zip(select.items, select.outputs, strict=True):
            positions.setdefault(value, output)
        for each in items:
            output_of = positions.get(each.expression)
            if output_of is not None:
                key: tree.Expression = tree.OutputReference(output_of.physical, output_of.type)
            elif self.node.distinct:
                raise self._not_in_distinct()
            else:
                key = each.expression
            found.append(tree.SortItem(key, each.descending, each.nulls_first))
        return tuple(found)

    def _not_in_distinct(self) -> TrinoError:
        return self.expressions.error(
            "EXPRESSION_NOT_IN_DISTINCT",
            "For SELECT DISTINCT, ORDER BY expressions must appear in select list",
            self.node,
        )


def _outputs(node: nodes.Expression, labels: set[str]) -> Iterator[nodes.Identifier]:
    """The names of outputs inside an expression that is more than a name."""
    for child in children(node):
        named = child.base if isinstance(child, nodes.Dereference) else child
        if isinstance(named, nodes.Identifier) and named.name in labels:
            yield named
        elif not isinstance(child, nodes.Identifier | nodes.Dereference):
            yield from _outputs(child, labels)


def _implied_name(node: nodes.Expression) -> str | None:
    if isinstance(node, nodes.Identifier):
        return node.value
    if isinstance(node, nodes.Dereference) and qualified_parts(node) is not None:
        return node.field.value
    return None
