"""FROM: tables, views, named queries, joins, UNNEST and table functions become relations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer import joins, row_patterns, table_functions
from lakelet.sql.analyzer.clauses import refuse_calls
from lakelet.sql.analyzer.coercions import coerce
from lakelet.sql.analyzer.context import Context
from lakelet.sql.analyzer.correlation import (
    always,
    is_correlated,
    is_filter,
    is_one_row,
    is_refused,
)
from lakelet.sql.analyzer.expressions import ExpressionAnalyzer
from lakelet.sql.analyzer.json_tables import JsonTableAnalyzer
from lakelet.sql.analyzer.scopes import Field, Forbidden, Scope, renamed
from lakelet.sql.metadata import TableMetadata, TableName, ViewMetadata
from lakelet.sql.syntax import nodes, parse_query
from lakelet.types.coercion import can_coerce, common_supertype
from lakelet.types.model import BIGINT, BOOLEAN, DOUBLE, UNKNOWN

_POINTERS: Final = ("date", "timestamp", "timestamp with time zone")

Analyzed = tuple[tree.Relation, list[Field]]


@dataclass(frozen=True, slots=True)
class RelationAnalyzer:
    """Relations of one FROM; `outer` is the scope around the query."""

    context: Context
    outer: Scope

    def analyze(
        self, node: nodes.Relation, left: Sequence[Field] = (), alias: str | None = None
    ) -> Analyzed:
        """The relation and its fields; `left` are the fields of relations before it in FROM."""
        return _ANALYZERS[type(node)](self, node, left, alias)

    def expressions(self, fields: Sequence[Field]) -> ExpressionAnalyzer:
        return ExpressionAnalyzer(self.context, Scope(fields, self.outer), scalar=True)

    def error(self, name: str, message: str, node: Any) -> TrinoError:
        return self.context.error(name, message, node.at)

    # Named relations -----------------------------------------------------------------------

    def _table(self, node: nodes.Table, left: Sequence[Field], alias: str | None) -> Analyzed:
        parts = tuple(each.name for each in node.name)
        if len(parts) == 1 and parts[0] in self.outer.with_queries:
            return self._with_query(parts[0], alias)
        name = self._full_name(node, parts)
        found = self.context.metadata.relation(name)
        if found is None:
            raise self._missing(node, name)
        if isinstance(found, ViewMetadata):
            return self._view(node, found, parts, alias)
        return self._scan(node, found, parts, alias)

    def _with_query(self, name: str, alias: str | None) -> Analyzed:
        named = self.outer.with_queries[name]
        physical = self.context.names.unique(alias or name)
        relation = tree.CteReference(physical, named.physical)
        return relation, _fields(named.outputs, physical, (name,))

    def _full_name(self, node: nodes.Table, parts: tuple[str, ...]) -> TableName:
        session = self.context.session
        if len(parts) > 3:
            raise self.error(
                "SYNTAX_ERROR", f"Too many dots in table name: {'.'.join(parts)}", node
            )
        missing = (session.catalog.lower(), session.database.lower())[: 3 - len(parts)]
        return TableName(*missing, *parts)

    def _missing(self, node: nodes.Table, name: TableName) -> TrinoError:
        metadata = self.context.metadata
        if not metadata.catalog_exists(name.catalog):
            return self.error("CATALOG_NOT_FOUND", f"Catalog '{name.catalog}' not found", node)
        if not metadata.schema_exists(name.catalog, name.schema):
            return self.error("SCHEMA_NOT_FOUND", f"Schema '{name.schema}' does not exist", node)
        return self.error("TABLE_NOT_FOUND", f"Table '{name}' does not exist", node)

    def _scan(
        self, node: nodes.Table, table: TableMetadata, parts: tuple[str, ...], alias: str | None
    ) -> Analyzed:
        names = self.context.names
        physical = names.unique(alias or parts[-1])
        version = None
        if node.period is not None:
            kind, value = node.period
            typed = ExpressionAnalyzer(self.context, Scope()).analyze(value)
            self._check_pointer(node, kind, typed)
            version = tree.Version("TIMESTAMP" if kind == "TIMESTAMP" else "VERSION", typed)
        fields = [
            Field(
                each.name,
                each.type,
                tree.ColumnReference(physical, each.name, each.type),
                parts,
                each.hidden,
            )
            for each in table.columns
        ]
        return tree.TableScan(names.scan(), physical, table, version), fields

    def _view(
        self, node: nodes.Table, view: ViewMetadata, parts: tuple[str, ...], alias: str | None
    ) -> Analyzed:
        context = self.context
        if str(view.name) in context.views:
            raise self.error("VIEW_IS_RECURSIVE", "View is recursive", node)
        try:
            parsed = parse_query(view.text)
            inner = replace(
                context,
                source=parsed.source,
                session=replace(context.session, catalog=view.catalog, database=view.schema),
                views=(*context.views, str(view.name)),
                parameters=(),
            )
            query = context.query(inner, parsed.query, Scope())
        except TrinoError as failure:
            raise self.error(
                "INVALID_VIEW", f"Failed analyzing stored view '{view.name}': {failure}", node
            ) from failure
        physical = context.names.unique(alias or parts[-1])
        fields = _fields(query.outputs, physical, parts)
        if view.columns:
            stale = _stale(view, fields)
            if stale:
                message = f"View '{view.name}' is stale or in invalid state: {stale}"
                raise self.error("VIEW_IS_STALE", message, node)
            fields = [
                replace(f, label=c.name, type=c.type, value=coerce(f.value, c.type))
                for f, c in zip(fields, view.columns, strict=True)
            ]
        return tree.Derived(physical, query), fields

    def _subquery(
        self, node: nodes.TableSubquery, left: Sequence[Field], alias: str | None
    ) -> Analyzed:
        scope = Scope(left, self.outer) if node.lateral else self.outer
        query = self.context.query(self.context, node.query, scope)
        if node.lateral and is_refused(query, "LATERAL"):
            self.context.refuse_correlated(node.query.at)
        body = query.body
        if node.lateral and isinstance(body, tree.Select) and isinstance(body.source, tree.Unnest):
            query = replace(query, body=replace(body, source=replace(body.source, alone=True)))
        physical = self.context.names.unique(alias or "subquery")
        return tree.Derived(physical, query, node.lateral), _fields(query.outputs, physical, ())

    def _aliased(self, node: nodes.Aliased, left: Sequence[Field], _: str | None) -> Analyzed:
        relation, fields = self.analyze(node.relation, left, node.alias.name)
        if node.columns is None:
            return relation, renamed(fields, node.alias.name, None)
        visible = sum(not each.hidden for each in fields)
        if visible != len(node.columns):
            raise self.error(
                "MISMATCHED_COLUMN_ALIASES",
                f"Column alias list has {len(node.columns)} entries but '{node.alias.value}' has"
                f" {visible} columns available",
                node,
            )
        labels = [each.value for each in node.columns]
        return relation, renamed(fields, node.alias.name, labels)

    def _sampled(self, node: nodes.Sampled, left: Sequence[Field], alias: str | None) -> Analyzed:
        relation, fields = self.analyze(node.relation, left, alias)
        percentage = self._sample_percentage(node.percentage)
        if common_supertype(percentage.type, DOUBLE) != DOUBLE:
            raise self.error(
                "TYPE_MISMATCH", "Sample percentage should be a numeric expression", node.percentage
            )
        if isinstance(percentage, tree.Constant) and percentage.value is None:
            raise self.error(
                "INVALID_ARGUMENTS", "Sample percentage cannot be NULL", node.percentage
            )
        if isinstance(percentage, tree.Constant) and not 0 <= percentage.value <= 100:
            bound = (
                "less than or equal to 100"
                if percentage.value > 0
                else ("greater than or equal to 0")
            )
            raise self.error(
                "NUMERIC_VALUE_OUT_OF_RANGE", f"Sample percentage must be {bound}", node.percentage
            )
        return tree.Sample(relation, node.method, coerce(percentage, DOUBLE)), fields

    def _sample_percentage(self, node: nodes.Expression) -> tree.Expression:
        try:
            found = ExpressionAnalyzer(self.context, Scope()).analyze(node)
        except TrinoError as failure:
            if failure.name != "COLUMN_NOT_FOUND":
                raise
            raise self.error(
                "EXPRESSION_NOT_CONSTANT",
                "Sample percentage cannot contain column references",
                node,
            ) from None
        if any(isinstance(each, tree.Query) for each in tree.descendants(found)):
            raise self.error(
                "EXPRESSION_NOT_CONSTANT", "Constant expression cannot contain a subquery", node
            )
        return found

    # UNNEST --------------------------------------------------------------------------------

    def _unnest(self, node: nodes.Unnest, left: Sequence[Field], alias: str | None) -> Analyzed:
        analyzer = self.expressions(left)
        for each in node.arguments:
            refuse_calls(analyzer, "UNNEST", each)
        arguments = tuple(map(analyzer.analyze, node.arguments))
        columns: list[tuple[str | None, Any]] = []
        for argument, _written in zip(arguments, node.arguments, strict=True):
            of = argument.type
            if of.name == "array":
                columns += _element_columns(of.element)
            elif of.name == "map":
                columns += [(None, of.key), (None, of.value)]
            else:
                raise TrinoError("INVALID_FUNCTION_ARGUMENT", f"Cannot unnest type: {of}")
        if node.ordinality:
            columns.append((None, BIGINT))
        physical = self.context.names.unique(alias or "unnest")
        names = tuple(f"c{i}" for i in range(1, len(columns) + 1))
        fields = [
            Field(label, of, tree.ColumnReference(physical, name, of))
            for name, (label, of) in zip(names, columns, strict=True)
        ]
        return tree.Unnest(physical, arguments, names, node.ordinality), fields

    # Joins ---------------------------------------------------------------------------------

    def _check_pointer(self, node: nodes.Table, kind: str, pointer: tree.Expression) -> None:
        """What FOR TIMESTAMP and FOR VERSION take; that a moment lies in the past shows later."""
        of = pointer.type
        if kind == "TIMESTAMP" and of != UNKNOWN and of.name not in _POINTERS:
            raise self.error(
                "TYPE_MISMATCH",
                f"Type {of} invalid. Temporal pointers must be of type Timestamp, Timestamp with"
                " Time Zone, or Date.",
                node,
            )
        while isinstance(pointer, tree.Cast):
            pointer = pointer.value
        if isinstance(pointer, tree.Constant) and pointer.value is None:
            raise self.error("INVALID_ARGUMENTS", "Pointer value cannot be NULL", node)

    def _join(self, node: nodes.Join, left: Sequence[Field], _: str | None) -> Analyzed:
        if node.natural:
            raise self.error("NOT_SUPPORTED", "Natural join not supported", node)
        left_relation, left_fields = self.analyze(node.left, left)
        self._refuse_condition(node)
        self._refuse_full(node)
        beside = left_fields
        if node.kind in ("RIGHT", "FULL"):
            beside = _forbidden(
                left_fields,
                "INVALID_COLUMN_REFERENCE",
                f"LATERAL reference not allowed in {node.kind} JOIN",
            )
        right_relation, right_fields = self.analyze(node.right, [*left, *beside])
        self._refuse_lateral(node, right_relation)
        if node.using is not None:
            return self._using(node, left_relation, left_fields, right_relation, right_fields)
        fields = [*left_fields, *right_fields]
        if _is_lateral(node.right) and node.kind in ("RIGHT", "FULL"):
            relations = left_relation, right_relation
            return self._outer_lateral(node, relations, fields, len(left_fields))
        condition = None
        if node.on is not None:
            condition = self._condition(node.on, fields, outer=node.kind != "INNER")
            if node.kind == "LEFT" and always(condition) and is_one_row(right_relation):
                # Of such a row DuckDB's outer join loses the constants.
                return tree.Join("CROSS", left_relation, right_relation), fields
            if node.kind == "LEFT" and is_correlated(right_relation):
                right_relation = joins.filtered(right_relation, condition)
                condition = tree.Constant(True, BOOLEAN)
            elif node.kind != "INNER":
                left_relation, right_relation, condition = joins.beside(
                    self.context, left_relation, right_relation, condition
                )
        return tree.Join(_kind(node), left_relation, right_relation, condition), fields

    def _outer_lateral(
        self,
        node: nodes.Join,
        relations: tuple[tree.Relation, tree.Relation],
        fields: list[Field],
        count: int,
    ) -> Analyzed:
        """RIGHT and FULL JOIN with LATERAL, which Trino makes for each row on the left by itself.

        The first `count` of the fields are the left ones.
        """
        assert node.on is not None
        condition = self._condition(node.on, fields, outer=True)
        if node.kind == "FULL":
            return tree.Join("LEFT", *relations, condition), fields
        met = [
            replace(each, value=tree.Case(None, ((condition, each.value),), None, each.type))
            for each in fields[:count]
        ]
        return tree.Join("CROSS", *relations, None), [*met, *fields[count:]]

    def _refuse_condition(self, node: nodes.Join) -> None:
        """What is unnested is joined ON TRUE only."""
        right = node.right
        while isinstance(right, nodes.Aliased):
            right = right.relation
        what = {nodes.Unnest: "UNNEST", nodes.JsonTable: "JSON_TABLE"}.get(type(right))
        on = node.on
        plain = isinstance(on, nodes.Boolean) and on.value
        if what is None or node.kind == "CROSS" or plain:
            return
        raise self.error(
            "NOT_SUPPORTED",
            f"{node.kind} JOIN involving {what} is only supported with condition ON TRUE",
            node if on is None else on,
        )

    def _refuse_full(self, node: nodes.Join) -> None:
        """A FULL JOIN with LATERAL is joined ON TRUE only, whatever the query in it is."""
        on = node.on
        always = isinstance(on, nodes.Boolean) and on.value
        if node.kind == "FULL" and _is_lateral(node.right) and not always:
            raise self.error(
                "NOT_SUPPORTED",
                "FULL JOIN involving LATERAL relation is only supported with condition ON TRUE",
                node if on is None else on,
            )

    def _refuse_lateral(self, node: nodes.Join, right: tree.Relation) -> None:
        """What is correlated is joined ON TRUE only, but for a mere filter."""
        on = node.on
        if on is None or (isinstance(on, nodes.Boolean) and on.value):
            return
        written = node.right.relation if isinstance(node.right, nodes.Aliased) else node.right
        if (
            isinstance(written, nodes.TableSubquery)
            and is_correlated(right)
            and not (node.kind in ("INNER", "LEFT") and is_filter(right))
        ):
            self.context.refuse_correlated(written.query.at)

    def _condition(
        self, node: nodes.Expression, fields: Sequence[Field], *, outer: bool
    ) -> tree.Expression:
        analyzer = self.expressions(fields)
        if outer:
            message = "Reference to column '{}' from outer scope not allowed in this context"
            forbidden = _forbidden(fields, "NOT_SUPPORTED", message)
            analyzer.subquery_scope = Scope(forbidden, self.outer)
        refuse_calls(analyzer, "JOIN clause", node)
        value = analyzer.analyze(node)
        if value.type not in (BOOLEAN, UNKNOWN):
            raise self.error(
                "TYPE_MISMATCH",
                f"JOIN ON clause must evaluate to a boolean: actual type {value.type}",
                node,
            )
        return coerce(value, BOOLEAN)

    def _using(
        self,
        node: nodes.Join,
        left: tree.Relation,
        left_fields: list[Field],
        right: tree.Relation,
        right_fields: list[Field],
    ) -> Analyzed:
        assert node.using is not None
        analyzer = self.expressions(())
        joined, conditions = [], []
        seen: set[str] = set()
        for column in node.using:
            if column.value in seen:
                message = f"Column '{column.value}' appears multiple times in USING clause"
                raise self.error("DUPLICATE_COLUMN_NAME", message, column)
            seen.add(column.value)
            of_left = self._joined(column, left_fields, "left")
            of_right = self._joined(column, right_fields, "right")
            equal = analyzer.operator("=", (of_left.value, of_right.value), column, column.at)
            conditions.append(equal)
            left_value, right_value = equal.arguments
            value: tree.Expression = left_value
            if node.kind == "RIGHT":
                value = right_value
            elif node.kind == "FULL":
                value = tree.Coalesce((left_value, right_value), left_value.type)
            joined.append(Field(column.value, value.type, value))
        names = {each.name for each in node.using}
        rest = [f for f in (*left_fields, *right_fields) if f.name not in names]
        condition = (
            conditions[0] if len(conditions) == 1 else tree.Logical("AND", tuple(conditions))
        )
        return tree.Join(_kind(node), left, right, condition), [*joined, *rest]

    def _joined(self, column: nodes.Identifier, fields: list[Field], side: str) -> Field:
        found = [each for each in fields if each.name == column.name]
        if not found:
            raise self.error(
                "COLUMN_NOT_FOUND",
                f"Column '{column.value}' is missing from {side} side of join",
                column,
            )
        if len(found) > 1:
            raise self.error("AMBIGUOUS_NAME", f"Column '{column.value}' is ambiguous", column)
        return found[0]

    def _table_function(
        self, node: nodes.TableFunction, left: Sequence[Field], alias: str | None
    ) -> Analyzed:
        return table_functions.analyze(
            self.context, node, alias, self.expressions(()), lambda each: self.analyze(each)
        )

    def _json_table(
        self, node: nodes.JsonTable, left: Sequence[Field], alias: str | None
    ) -> Analyzed:
        physical = self.context.names.unique(alias or "json_table")
        scope = Scope(left, self.outer)
        return JsonTableAnalyzer(self.context, node, scope).analyze(physical)

    def _match_recognize(
        self, node: nodes.MatchRecognize, left: Sequence[Field], alias: str | None
    ) -> Analyzed:
        source, fields = self.analyze(node.relation, left)
        return row_patterns.match_recognize(self.context, node, self.outer, source, fields, alias)


def _stale(view: ViewMetadata, fields: Sequence[Field]) -> str:
    """Why a view's query no longer gives the columns that were stored with it; '' if it does."""
    if len(view.columns) != len(fields):
        return (
            f"stored view column count ({len(view.columns)}) does not match column count derived"
            f" from the view query analysis ({len(fields)})"
        )
    for position, (field, column) in enumerate(zip(fields, view.columns, strict=True)):
        given = f"column [{field.label}] of type {field.type} projected from query view"
        stored = f"column [{column.name}] of type {column.type} stored in view definition"
        if not can_coerce(field.type, column.type):
            return f"{given} at position {position} cannot be coerced to {stored}"
    return ""


def _forbidden(fields: Sequence[Field], name: str, message: str) -> list[Field]:
    """The fields such that a reference to one of them is refused."""
    refused: Any = Forbidden(name, message)
    return [replace(each, value=refused) for each in fields]


def _fields(outputs: Sequence[tree.Output], alias: str, qualifier: tuple[str, ...]) -> list[Field]:
    return [
        Field(
            each.name, each.type, tree.ColumnReference(alias, each.physical, each.type), qualifier
        )
        for each in outputs
    ]


def _element_columns(of: Any) -> list[tuple[str | None, Any]]:
    if of.name == "row":
        return list(zip(of.fields, of.arguments, strict=True))
    return [(None, of)]


def _is_lateral(node: nodes.Relation) -> bool:
    relation = node.relation if isinstance(node, nodes.Aliased) else node
    return isinstance(relation, nodes.TableSubquery) and relation.lateral


_KINDS: Final[dict[str, tree.JoinKind]] = {
    "CROSS": "CROSS",
    "INNER": "INNER",
    "LEFT": "LEFT",
    "RIGHT": "RIGHT",
    "FULL": "FULL",
}


def _kind(node: nodes.Join) -> tree.JoinKind:
    return _KINDS[node.kind]


_Analyze = Callable[[RelationAnalyzer, Any, Sequence[Field], str | None], Analyzed]
_ANALYZERS: Final[dict[type, _Analyze]] = {
    nodes.Table: RelationAnalyzer._table,
    nodes.TableSubquery: RelationAnalyzer._subquery,
    nodes.Aliased: RelationAnalyzer._aliased,
    nodes.Sampled: RelationAnalyzer._sampled,
    nodes.Unnest: RelationAnalyzer._unnest,
    nodes.Join: RelationAnalyzer._join,
    nodes.TableFunction: RelationAnalyzer._table_function,
    nodes.JsonTable: RelationAnalyzer._json_table,
    nodes.MatchRecognize: RelationAnalyzer._match_recognize,
}
