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
    is_refused,
)
from lakelet.sql.analyzer.dialects import leaves_rows_whole
from lakelet.sql.analyzer.expressions import ExpressionAnalyzer
from lakelet.sql.analyzer.json_tables import JsonTableAnalyzer
from lakelet.sql.analyzer.scopes import Field, Scope, renamed
from lakelet.sql.metadata import TableMetadata, TableName, ViewMetadata
from lakelet.sql.syntax import nodes, parse_query
from lakelet.sql.syntax.walking import descendants
from lakelet.types.coercion import can_coerce, common_supertype
from lakelet.types.model import BIGINT, DOUBLE, UNKNOWN

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
            raise TrinoError("SYNTAX_ERROR", f"Too many dots in table name: {'.'.join(parts)}")
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
            kind, value, at = node.period
            typed = ExpressionAnalyzer(self.context, Scope()).analyze(value)
            self._check_pointer(node, kind, typed)
            version = tree.Version("TIMESTAMP" if kind == "TIMESTAMP" else "VERSION", typed)
            table = self._versioned(table, version, at)
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
        if isinstance(node.relation, nodes.Unnest) and node.columns is not None:
            relation, fields = self._unnest(node.relation, left, node.alias.name, len(node.columns))
        else:
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
        if any(isinstance(each, nodes.Query) for each in descendants(node)):
            raise self.error(
                "EXPRESSION_NOT_CONSTANT", "Constant expression cannot contain a subquery", node
            )
        return found

    # UNNEST --------------------------------------------------------------------------------

    def _unnest(
        self,
        node: nodes.Unnest,
        left: Sequence[Field],
        alias: str | None,
        named: int | None = None,
    ) -> Analyzed:
        """UNNEST, `named` of whose columns an alias names."""
        analyzer = self.expressions(left)
        for each in node.arguments:
            refuse_calls(analyzer, "UNNEST", each)
        arguments = tuple(map(analyzer.analyze, node.arguments))
        least = sum(2 if each.type.name == "map" else 1 for each in arguments) + node.ordinality
        whole = leaves_rows_whole(least, named, self.context.session.dialect)
        columns: list[tuple[str | None, Any]] = []
        for argument in arguments:
            columns += _unnested(argument.type, whole=whole)
        if node.ordinality:
            columns.append((None, BIGINT))
        physical = self.context.names.unique(alias or "unnest")
        names = tuple(f"c{i}" for i in range(1, len(columns) + 1))
        fields = [
            Field(label, of, tree.ColumnReference(physical, name, of))
            for name, (label, of) in zip(names, columns, strict=True)
        ]
        return tree.Unnest(physical, arguments, names, node.ordinality, whole=whole), fields

    # Joins ---------------------------------------------------------------------------------

    def _versioned(self, table: TableMetadata, version: tree.Version, at: int) -> TableMetadata:
        """The table as it was; an error without a place of its own is that of FOR."""
        try:
            return self.context.metadata.versioned(table, version)
        except TrinoError as failure:
            if failure.name != "INVALID_ARGUMENTS" or "not in the past" not in failure.message:
                raise
            raise self.context.error(failure.name, failure.message, at) from failure

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


def _fields(outputs: Sequence[tree.Output], alias: str, qualifier: tuple[str, ...]) -> list[Field]:
    return [
        Field(
            each.name, each.type, tree.ColumnReference(alias, each.physical, each.type), qualifier
        )
        for each in outputs
    ]


def _unnested(of: Any, *, whole: bool) -> list[tuple[str | None, Any]]:
    """The names and types of the columns that an array or a map becomes."""
    if of.name == "map":
        return [(None, of.key), (None, of.value)]
    if of.name != "array":
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", f"Cannot unnest type: {of}")
    if of.element.name == "row" and not whole:
        return list(zip(of.element.fields, of.element.arguments, strict=True))
    return [(None, of.element)]


_Analyze = Callable[[RelationAnalyzer, Any, Sequence[Field], str | None], Analyzed]
_ANALYZERS: Final[dict[type, _Analyze]] = {
    nodes.Table: RelationAnalyzer._table,
    nodes.TableSubquery: RelationAnalyzer._subquery,
    nodes.Aliased: RelationAnalyzer._aliased,
    nodes.Sampled: RelationAnalyzer._sampled,
    nodes.Unnest: RelationAnalyzer._unnest,
    nodes.Join: joins.analyze,
    nodes.TableFunction: RelationAnalyzer._table_function,
    nodes.JsonTable: RelationAnalyzer._json_table,
    nodes.MatchRecognize: RelationAnalyzer._match_recognize,
}
